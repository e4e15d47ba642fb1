package clips

import "strings"

// naturalCompare orders names as people do: runs of digits by value, so that clip9 comes before clip10. Names that differ only in
// leading zeros are ordered by their bytes, so the order is total.
func naturalCompare(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		if isDigit(x[0]) && isDigit(y[0]) {
			var m, n string
			m, x = digits(x)
			n, y = digits(y)
			if len(m) != len(n) {
				return len(m) - len(n)
			}
			if c := strings.Compare(m, n); c != 0 {
				return c
			}
			continue
		}
		if x[0] != y[0] {
			// A folder's own files come before those of folders whose names it begins.
			return int(rank(x[0])) - int(rank(y[0]))
		}
		x, y = x[1:], y[1:]
	}
	if len(x) != len(y) {
		return len(x) - len(y)
	}
	return strings.Compare(a, b)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func rank(c byte) byte {
	if c == '/' {
		return 0
	}
	return c
}

// digits cuts the run of digits off the front of s and drops its leading zeros.
func digits(s string) (run, rest string) {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return strings.TrimLeft(s[:n], "0"), s[n:]
}
