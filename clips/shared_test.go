package clips

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"

	"vssl/internal/safetensors"
)

// goldenCase reads the tensors of a golden case, integers and floats alike, as float64. Skips where VSSL_SHARED is not set.
func goldenCase(t *testing.T, name string) func(tensor string) []float64 {
	t.Helper()
	shared := os.Getenv("VSSL_SHARED")
	if shared == "" {
		t.Skip("VSSL_SHARED not set: the golden case " + name + " is not compared")
	}
	f, err := safetensors.Open(filepath.Join(shared, "golden", name+".safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return func(tensor string) []float64 {
		info, ok := f.Lookup(tensor)
		if !ok {
			t.Fatalf("%s has no %s", name, tensor)
		}
		raw, err := f.Read(nil, info)
		if err != nil {
			t.Fatal(err)
		}
		size := info.DType.Size()
		v := make([]float64, len(raw)/size)
		for i := range v {
			if info.DType == safetensors.I64 {
				v[i] = float64(int64(binary.LittleEndian.Uint64(raw[i*size:])))
			} else {
				v[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(raw[i*size:])))
			}
		}
		return v
	}
}
