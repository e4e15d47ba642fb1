package clips

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"math"
	"testing"
)

// Variables of MATLAB files, as MATLAB writes them.

// element is an element of a file with its tag, filled up to 8 bytes.
func element(kind uint32, data string) string {
	var b []byte
	b = binary.LittleEndian.AppendUint32(b, kind)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	b = append(b, data...)
	for len(b)%8 != 0 {
		b = append(b, 0)
	}
	return string(b)
}

func int32s(values ...int) string {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	return string(b)
}

// matrix is a variable of a class, with its content.
func matrix(name string, class int, dims []int, content string) string {
	return element(14, element(6, int32s(class, 0))+element(5, int32s(dims...))+element(1, name)+content)
}

func matBytes(name, data string, dims ...int) string { return matrix(name, 9, dims, element(2, data)) }

func matDoubles(name string, values ...float64) string {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return matrix(name, 6, []int{len(values), 1}, element(9, string(b)))
}

func matText(text string) string {
	return matrix("", 4, []int{1, len(text)}, element(16, text))
}

func matCells(name string, texts ...string) string {
	content := ""
	for _, s := range texts {
		content += matText(s)
	}
	return matrix(name, 1, []int{len(texts), 1}, content)
}

// matStructs is a column of structs with the fields in the given order; rows hold one matrix a field.
func matStructs(name string, fields []string, rows ...[]string) string {
	names, content := "", ""
	for _, f := range fields {
		names += f + string(make([]byte, 32-len(f)))
	}
	for _, r := range rows {
		for _, v := range r {
			content += v
		}
	}
	return matrix(name, 2, []int{len(rows), 1}, element(5, int32s(32))+element(1, names)+content)
}

// matFile packs variables as version 7 does.
func matFile(t testing.TB, variables ...string) string {
	file := append(bytes.Repeat([]byte(" "), 124), 0, 1, 'I', 'M')
	for _, v := range variables {
		var b bytes.Buffer
		z := zlib.NewWriter(&b)
		if _, err := z.Write([]byte(v)); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		file = binary.LittleEndian.AppendUint32(file, 15)
		file = binary.LittleEndian.AppendUint32(file, uint32(b.Len()))
		file = append(file, b.Bytes()...)
	}
	return string(file)
}
