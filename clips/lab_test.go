package clips_test

import (
	"math"
	"testing"

	"vssl/clips"
)

// TestRGBToLab holds well-known colours against the values that colour tables give for them.
func TestRGBToLab(t *testing.T) {
	for name, c := range map[string]struct{ rgb, lab [3]float64 }{
		"black": {[3]float64{0, 0, 0}, [3]float64{0, 0, 0}},
		"white": {[3]float64{1, 1, 1}, [3]float64{100, 0, 0}},
		"grey":  {[3]float64{0.5, 0.5, 0.5}, [3]float64{53.39, 0, 0}},
		"red":   {[3]float64{1, 0, 0}, [3]float64{53.24, 80.09, 67.20}},
		"blue":  {[3]float64{0, 0, 1}, [3]float64{32.30, 79.19, -107.86}},
	} {
		var planes [3][]float32
		for i, v := range c.rgb {
			planes[i] = []float32{float32(v)}
		}
		clips.RGBToLab(planes)
		for i, want := range c.lab {
			if got := float64(planes[i][0]); math.Abs(got-want) > 0.02 {
				t.Errorf("%s: %c is %.3f, want %.2f", name, "Lab"[i], got, want)
			}
			if v := (float64(planes[i][0]) - clips.LabMean[i]) / clips.LabStd[i]; math.Abs(v) > 1.0001 {
				t.Errorf("%s: %c comes to %g, want -1..1", name, "Lab"[i], v)
			}
		}
	}
}

func TestRGBToLabOfUnevenPlanes(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	clips.RGBToLab([3][]float32{{0}, {0}, {0, 1}})
}
