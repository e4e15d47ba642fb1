package matfile

import (
	"bytes"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
)

// The files in testdata were written by scipy.io.savemat, numbers.mat packed and cells.mat not.
func read(t *testing.T, name string) map[string]*Array {
	t.Helper()
	all, err := Read("testdata/"+name, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestNumbers(t *testing.T) {
	all := read(t, "numbers.mat")
	x := all["X"]
	pixels, ok := x.Uint8()
	if !ok || !reflect.DeepEqual(x.Dims, []int{2, 3, 3, 4}) || len(pixels) != 72 {
		t.Fatalf("X is %v, %v, %d bytes", ok, x.Dims, len(pixels))
	}
	// NumPy's X[r, c, k, n] is ((r*3+c)*3+k)*4+n; here the first axis runs fastest.
	for i, v := range pixels {
		r, c, k, n := i%2, i/2%3, i/6%3, i/18
		if want := ((r*3+c)*3+k)*4 + n; int(v) != want {
			t.Fatalf("value %d is %d, want %d", i, v, want)
		}
	}
	for name, want := range map[string][]float64{
		"y": {1, 10, 3, 4}, "d": {1.5, -2, 300}, "i": {70000, -5}, "f": {0.25}, "z": {1}, "h": {-7, 8}, "u": {1 << 40},
	} {
		if got := all[name].Numbers(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if _, ok := all["d"].Uint8(); ok {
		t.Error("an array of doubles passed for bytes")
	}
}

func TestCellsAndStructs(t *testing.T) {
	all := read(t, "cells.mat")
	cells := all["file_list"].Cells
	if len(cells) != 3 || cells[0].Text() != "n02085620-Chihuahua/n02085620_5927.jpg" || cells[1].Text() != "café" {
		t.Fatalf("cells: %d, %q, %q", len(cells), cells[0].Text(), cells[1].Text())
	}
	if got := cells[2].Numbers(); !reflect.DeepEqual(got, []float64{1, 2}) || cells[2].Text() != "" {
		t.Errorf("the third cell is %v", got)
	}
	f := all["synsets"].Fields
	if len(f) != 4 || f["WNID"][1].Text() != "n02100735" || f["words"][0].Text() != "kit fox, Vulpes macrotis" ||
		f["ID"][1].Numbers()[0] != 2 {
		t.Errorf("structs: %v", f)
	}
	if got := f["children"][1].Numbers(); !reflect.DeepEqual(got, []float64{4, 5}) || f["children"][0].Len() != 0 {
		t.Errorf("children %v, %d", got, f["children"][0].Len())
	}
}

func TestBrokenFiles(t *testing.T) {
	for _, name := range []string{"numbers.mat", "cells.mat"} {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		whole, _ := Decode(bytes.NewReader(data), int64(len(data)), 1<<20)
		for n := range data {
			// What is cut off between two variables is not missed.
			got, err := Decode(bytes.NewReader(data[:n]), int64(n), 1<<20)
			if err == nil && len(got) >= len(whole) {
				t.Fatalf("%s cut to %d bytes gave all variables", name, n)
			}
			if n < 128 && !errors.Is(err, ErrNot) {
				t.Fatalf("%s cut to %d bytes: %v", name, n, err)
			}
		}
		if _, err := Decode(bytes.NewReader(data), int64(len(data)), 100); !errors.Is(err, errTooMuch) {
			t.Errorf("%s beyond a limit of 100 bytes: %v", name, err)
		}
	}
	head := strings.Repeat(" ", 124) + "\x00\x01IM"
	for content, want := range map[string]string{
		strings.Repeat(" ", 128):                         "not a MATLAB 5 file",
		"MATLAB 7.3 MAT-file" + strings.Repeat(" ", 109): "save it with the option -v7",
		head + "\x0e\x00\x00\x00\xff\xff\xff\xff":        "wants 4294967295 bytes, 0 are left",
		head + "\x0f\x00\x00\x00\x02\x00\x00\x00ab":      "cannot be unpacked",
	} {
		if _, err := Decode(strings.NewReader(content), int64(len(content)), 1<<30); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v, want %q", content[max(0, len(content)-12):], err, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"numbers.mat", "cells.mat"} {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := Decode(bytes.NewReader(data), int64(len(data)), 1<<16)
		if err != nil {
			return
		}
		for _, a := range all {
			a.Numbers()
			a.Text()
			for _, values := range a.Fields {
				if len(values) != a.Len() {
					t.Errorf("%d values of a field of %v", len(values), a.Dims)
				}
			}
			if b, ok := a.Uint8(); ok && len(b) != a.Len() {
				t.Errorf("%d bytes for %v", len(b), a.Dims)
			}
		}
	})
}
