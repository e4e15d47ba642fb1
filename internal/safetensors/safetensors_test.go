package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// container builds a file from a header and its data.
func container(header string, data ...byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), data...)
}

func fill(data ...byte) func([]byte) error {
	return func(dst []byte) error {
		copy(dst, data)
		return nil
	}
}

func TestWriteThenRead(t *testing.T) {
	entries := []Entry{
		{Name: "bytes", DType: U8, Shape: []int{3}, Fill: fill(1, 2, 3)},
		{Name: "scalar \"quoted\" é", DType: I64, Shape: nil, Fill: fill(7, 0, 0, 0, 0, 0, 0, 0)},
		{Name: "none", DType: F32, Shape: []int{2, 0}, Fill: fill()},
		{Name: "half", DType: BF16, Shape: []int{1, 2}, Fill: fill(9, 8, 7, 6)},
	}
	var first, second bytes.Buffer
	metadata := map[string]string{"b": "2", "a": "<1>"}
	for _, w := range []*bytes.Buffer{&first, &second} {
		if err := Write(w, metadata, entries); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Fatal("two writes of one content differ")
	}
	path := filepath.Join(t.TempDir(), "x.safetensors")
	if err := os.WriteFile(path, first.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if len(f.Tensors()) != len(entries) || f.Metadata()["a"] != "<1>" || f.Metadata()["b"] != "2" {
		t.Fatalf("read %v, %v", f.Tensors(), f.Metadata())
	}
	for _, e := range entries {
		info, ok := f.Lookup(e.Name)
		if !ok {
			t.Fatalf("%q is missing", e.Name)
		}
		if info.Offset%int64(info.DType.Size()) != 0 {
			t.Errorf("%q begins at %d, not aligned", e.Name, info.Offset)
		}
		want := make([]byte, info.Size)
		if err := e.Fill(want); err != nil {
			t.Fatal(err)
		}
		got, err := f.Read(nil, info)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%q: got %v, %v, want %v", e.Name, got, err, want)
		}
	}
	if _, ok := f.Lookup("absent"); ok {
		t.Error("found a tensor that is not there")
	}
}

func TestHostileHeaders(t *testing.T) {
	const four = `"dtype":"F32","shape":[1],"data_offsets":[0,4]`
	tests := map[string][]byte{
		"too short":          {1, 0, 0},
		"header beyond file": binary.LittleEndian.AppendUint64(nil, 9),
		"header of 2^64-1":   bytes.Repeat([]byte{255}, 64),
		"no object":          container(`[]`),
		"no JSON":            container(`hello`),
		"cut JSON":           container(`{"a":{` + four),
		"two values":         container(`{}{}`),
		"not UTF-8":          container("{\"\xff\":{" + four + "}}"),
		"deep":               container(strings.Repeat("[", 1<<16)),
		"name twice":         container(`{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"a":{`+four+`}}`, 0, 0, 0, 0),
		"field twice":        container(`{"a":{"dtype":"F32",`+four+`}}`, 0, 0, 0, 0),
		"metadata twice":     container(`{"__metadata__":{},"__metadata__":{}}`),
		"metadata key twice": container(`{"__metadata__":{"a":"1","a":"2"}}`),
		"metadata number":    container(`{"__metadata__":{"a":1}}`),
		"unknown field":      container(`{"a":{"x":1,`+four+`}}`, 0, 0, 0, 0),
		"missing shape":      container(`{"a":{"dtype":"F32","data_offsets":[0,4]}}`, 0, 0, 0, 0),
		"unknown type":       container(`{"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}`, 0, 0, 0, 0),
		"negative size":      container(`{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}`, 0, 0, 0, 0),
		"fraction":           container(`{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}`, 0, 0, 0, 0),
		"exponent":           container(`{"a":{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}}`, 0, 0, 0, 0),
		"product overflows":  container(`{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`),
		"overflow, then 0":   container(`{"a":{"dtype":"F32","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}}`),
		"0, then overflow":   container(`{"a":{"dtype":"F32","shape":[0,4294967296,4294967296],"data_offsets":[0,0]}}`),
		"shape over bytes":   container(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, 0, 0, 0, 0),
		"offsets reversed":   container(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}`, 0, 0, 0, 0),
		"three offsets":      container(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}`, 0, 0, 0, 0),
		"past the end":       container(`{"a":{` + four + `}}`),
		"overlap":            container(`{"a":{`+four+`},"b":{`+four+`}}`, 0, 0, 0, 0),
		"gap":                container(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 0, 0, 0, 0, 0, 0, 0, 0),
		"bytes left over":    container(`{"a":{`+four+`}}`, 0, 0, 0, 0, 0),
		"many dimensions":    container(`{"a":{"dtype":"F32","shape":[1` + strings.Repeat(",1", maxRank) + `],"data_offsets":[0,4]}}`),
	}
	for name, content := range tests {
		if _, err := New(bytes.NewReader(content), int64(len(content))); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: got %v, want ErrFormat", name, err)
		}
	}
}

func TestFileThatShrinks(t *testing.T) {
	content := container(`{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}`, 1, 2, 3, 4)
	f, err := New(bytes.NewReader(content[:len(content)-2]), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	info, _ := f.Lookup("a")
	if _, err := f.Read(nil, info); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v, want io.ErrUnexpectedEOF", err)
	}
}

func TestWriteRefuses(t *testing.T) {
	ok := Entry{Name: "a", DType: U8, Shape: []int{1}, Fill: fill(1)}
	tests := map[string][]Entry{
		"name twice":   {ok, ok},
		"empty name":   {{DType: U8, Fill: fill()}},
		"reserved":     {{Name: "__metadata__", DType: U8, Fill: fill()}},
		"unknown type": {{Name: "a", DType: "X", Fill: fill()}},
		"overflow":     {{Name: "a", DType: U8, Shape: []int{1 << 62, 4}, Fill: fill()}},
		"negative":     {{Name: "a", DType: U8, Shape: []int{-1}, Fill: fill()}},
		"fill fails":   {{Name: "a", DType: U8, Fill: func([]byte) error { return io.ErrClosedPipe }}},
	}
	for name, entries := range tests {
		if err := Write(io.Discard, nil, entries); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// FuzzNew: what is accepted can be read in full, and a rewrite of it holds the same tensors.
func FuzzNew(f *testing.F) {
	f.Add(container(`{}`))
	f.Add(container(`{"__metadata__":{"a":"b"},"x":{"dtype":"I16","shape":[2],"data_offsets":[0,4]}}`, 1, 2, 3, 4))
	f.Add(container(`{"a":{"dtype":"U8","shape":[],"data_offsets":[1,2]},"b":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}}  `, 0, 1))
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := New(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return
		}
		var entries []Entry
		for _, info := range file.Tensors() {
			data, err := file.Read(nil, info)
			if err != nil {
				t.Fatalf("accepted, then: %v", err)
			}
			entries = append(entries, Entry{Name: info.Name, DType: info.DType, Shape: info.Shape, Fill: fill(data...)})
			if info.Name == "" {
				return // readable, but not a name that is written
			}
		}
		var out bytes.Buffer
		if err := Write(&out, file.Metadata(), entries); err != nil {
			t.Fatalf("cannot write what was read: %v", err)
		}
		again, err := New(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil || len(again.Tensors()) != len(entries) {
			t.Fatalf("rewritten: %v", err)
		}
	})
}
