package nn_test

import (
	"testing"

	"vssl/models/nn"
	"vssl/torch"
)

// A ramp that rises by 1 a column: the change across is the same everywhere inside, 4 steps on each side of the
// middle, and there is none downwards. A clip is filtered frame by frame.
func TestSobelOfARamp(t *testing.T) {
	torch.In(func(*torch.Scope) {
		const h, w, frames = 5, 6, 3
		var ramp []float64
		for range 3 * frames * h {
			for x := range w {
				ramp = append(ramp, float64(x))
			}
		}
		clip := torch.FromFloat64(ramp, 1, 3, frames, h, w)
		y := nn.Sobel.Forward(clip)
		picture := nn.Sobel.Forward(clip.Select(2, 1))
		if d := y.Select(2, 1).Sub(picture).Abs().Max().Float(); d != 0 {
			t.Errorf("a frame of a clip differs from the picture by %g", d)
		}
		v := picture.Float64s()
		for r := 1; r < h-1; r++ {
			for x := 1; x < w-1; x++ {
				if across, down := v[r*w+x], v[(h+r)*w+x]; across != -8 || down != 0 {
					t.Errorf("row %d, column %d: %g across, %g down, want -8 and 0", r, x, across, down)
				}
			}
		}
	})
}
