package shard

import (
	"fmt"
	"strconv"
	"strings"
)

// MaxShards is how many names a pattern may stand for.
const MaxShards = 100_000

// Expand returns the names that a pattern with braces stands for, in order, as shells expand it: {000..146} counts with as many
// digits as the ends have when one begins with 0, {0..8..2} in steps, and {train,val} lists. Other braces stand for themselves.
// The error is about a pattern of more than MaxShards names.
func Expand(pattern string) ([]string, error) {
	open, end := braces(pattern)
	if end < 0 {
		return []string{pattern}, nil
	}
	rest, err := Expand(pattern[end+1:])
	if err != nil {
		return nil, err
	}
	inner, err := alternatives(pattern[open+1 : end])
	if err != nil {
		return nil, err
	}
	if len(inner)*len(rest) > MaxShards {
		return nil, fmt.Errorf("pattern %q stands for more than %d names", pattern, MaxShards)
	}
	all := make([]string, 0, len(inner)*len(rest))
	for _, a := range inner {
		for _, b := range rest {
			all = append(all, pattern[:open]+a+b)
		}
	}
	return all, nil
}

// braces returns the places of the first opening brace and of the brace that closes it, end -1 when there is no such pair.
func braces(s string) (open, end int) {
	depth, open := 0, strings.IndexByte(s, '{')
	for i := max(open, 0); open >= 0 && i < len(s); i++ {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return open, i
			}
		}
	}
	return open, -1
}

// alternatives expands what stands between two braces.
func alternatives(s string) ([]string, error) {
	var all []string
	depth, from := 0, 0
	for i := 0; i <= len(s); i++ {
		switch {
		case i < len(s) && s[i] == '{':
			depth++
		case i < len(s) && s[i] == '}':
			depth--
		case i == len(s) && from == 0: // no comma
			return counted(s)
		case i == len(s) || s[i] == ',' && depth == 0:
			some, err := Expand(s[from:i])
			if err != nil {
				return nil, err
			}
			if all = append(all, some...); len(all) > MaxShards {
				return nil, fmt.Errorf("pattern {%s} stands for more than %d names", s, MaxShards)
			}
			from = i + 1
		}
	}
	return all, nil
}

// counted expands FIRST..LAST and FIRST..LAST..STEP.
func counted(s string) ([]string, error) {
	ends := strings.Split(s, "..")
	step := 1
	if len(ends) == 3 {
		step, _ = strconv.Atoi(ends[2]) // 0 where it is no number
	}
	if len(ends) < 2 || len(ends) > 3 || step < 1 || !digitsOnly(ends[0]) || !digitsOnly(ends[1]) {
		inner, err := Expand(s)
		for i := range inner {
			inner[i] = "{" + inner[i] + "}"
		}
		return inner, err
	}
	first, err1 := strconv.Atoi(ends[0])
	last, err2 := strconv.Atoi(ends[1])
	down := first > last
	count := max(first-last, last-first)/step + 1
	if err1 != nil || err2 != nil || count > MaxShards {
		return nil, fmt.Errorf("pattern {%s} stands for more than %d names", s, MaxShards)
	}
	width := 0
	if ends[0][0] == '0' || ends[1][0] == '0' {
		width = max(len(ends[0]), len(ends[1]))
	}
	all := make([]string, count)
	for i := range all {
		n := first + i*step
		if down {
			n = first - i*step
		}
		all[i] = fmt.Sprintf("%0*d", width, n)
	}
	return all, nil
}

func digitsOnly(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" && len(s) < 19 }
