package golden

import (
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"testing"
)

func TestCheck(t *testing.T) {
	c := &Case{Name: "c", RTol: 0.01, ATol: 0.001, expected: map[string][]float64{"out.y": {10, 0}}}
	for _, test := range []struct {
		got []float64
		ok  bool
	}{
		{[]float64{10, 0}, true},
		{[]float64{10.1, -0.1}, true}, // the tolerance follows the largest value
		{[]float64{10, 0.102}, false},
		{[]float64{10}, false},
		{[]float64{10, math.NaN()}, false},
		{[]float64{math.Inf(1), 0}, false},
	} {
		if _, err := c.Compare("out.y", test.got); (err == nil) != test.ok {
			t.Errorf("%v: got %v", test.got, err)
		}
	}
	if _, err := c.Compare("out.z", nil); err == nil {
		t.Error("an output that the case does not expect passed")
	}
}

func TestWeights(t *testing.T) {
	unit := func(name string, i uint64) float64 {
		h := (uint64(crc32.ChecksumIEEE([]byte(name))) + i*2654435761) % (1 << 32)
		return float64(h)/(1<<32) - 0.5
	}
	for _, test := range []struct {
		name  string
		shape []int
		want  func(u float64) float64
	}{
		{"fc.weight", []int{2, 12}, func(u float64) float64 { return u * 2 * math.Sqrt(3.0/12) }},
		{"bn1.weight", []int{5}, func(u float64) float64 { return 1 + 0.1*u }},
		{"bn1.bias", []int{5}, func(u float64) float64 { return 0.1 * u }},
		{"gru.bias_ih_l0", []int{5}, func(u float64) float64 { return 0.1 * u }},
		{"gru.weight_hh_l0", []int{3, 3}, func(u float64) float64 { return u * 2 }},
		{"bn1.running_mean", []int{5}, func(u float64) float64 { return 0.1 * u }},
		{"bn1.running_var", []int{5}, func(u float64) float64 { return 1 + 0.5*u }},
		{"bn1.num_batches_tracked", nil, func(float64) float64 { return 0 }},
	} {
		for i, got := range Weights(test.name, test.shape) {
			if want := float32(test.want(unit(test.name, uint64(i)))); got != want {
				t.Fatalf("%s[%d]: got %v, want %v", test.name, i, got, want)
			}
		}
	}
}

// FuzzLoad: whatever the bytes, Load returns a case or an error.
func FuzzLoad(f *testing.F) {
	for _, name := range []string{"nt_xent", "kmeans.empty", "metrics.nmi"} {
		if data, err := os.ReadFile("../../methods/catalogue/testdata/" + name + ".safetensors"); err == nil {
			f.Add(data)
		}
	}
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"))
	path := filepath.Join(f.TempDir(), "case.safetensors")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if c, err := Load(path); (c == nil) == (err == nil) {
			t.Errorf("case %v and error %v", c, err)
		}
	})
}
