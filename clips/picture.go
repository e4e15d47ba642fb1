package clips

import (
	"fmt"
	"image"

	"vssl/internal/pixel"
)

// Picture is one picture of floats from 0 to 1. Its methods run the arithmetic that the loader runs on pixels of 8
// bits, without the rounding: the same kernels, compiled for another type of pixel. They are there to be compared
// with other implementations.
type Picture struct {
	H, W   int
	Values []float32 // [3, H, W] R, G, B
}

func (p Picture) clip() pixel.Clip { return pixel.Clip{T: 1, H: p.H, W: p.W} }

// JitterSteps are the names of the steps of a Jitter, in the order in which their factors are given.
var JitterSteps = [4]string{"brightness", "contrast", "saturation", "hue"}

// Jitter runs the named colour steps in order, each at most once, with the factors that drawing a [Jitter] gives: of
// brightness, contrast and saturation, and the shift of the hue in turns. It panics where a name is none of
// JitterSteps.
func (p Picture) Jitter(order []string, factor [4]float32) {
	var steps []pixel.Step
	for _, name := range order {
		steps = append(steps, jitterStep(name))
	}
	pixel.JitterFloats(p.Values, p.clip(), steps, factor, &pixel.Scratch{})
}

func jitterStep(name string) pixel.Step {
	for i, n := range JitterSteps {
		if n == name {
			return pixel.Step(i)
		}
	}
	panic(fmt.Sprintf("clips: colour step %q, want one of %v", name, JitterSteps))
}

// Grey drops the colours.
func (p Picture) Grey() { pixel.GreyFloats(p.Values, p.clip()) }

// Blur smooths with a Gaussian of standard deviation sigma > 0 in pixels, cut to kernel taps, odd and less than twice
// the shorter side.
func (p Picture) Blur(kernel int, sigma float64) { pixel.BlurFloats(p.Values, p.clip(), kernel, sigma) }

// Crop returns the part inside r, resized to h x w pixels. It panics if r is empty or not inside the picture.
func (p Picture) Crop(r image.Rectangle, h, w int, aliased bool) Picture {
	out := Picture{h, w, make([]float32, 3*h*w)}
	pixel.ResizeFloats(out.Values, p.Values, p.clip(), r, h, w, aliased)
	return out
}

// Planes are the pictures of a clip as the loader works on them.
type Planes struct {
	T, H, W int
	Values  []uint8 // [T, 3, H, W] R, G, B
}

func (p Planes) clip() pixel.Clip { return pixel.Clip{T: p.T, H: p.H, W: p.W} }

// BoxBlur is the blur of kind [Box] with standard deviation sigma >= 0 in pixels.
func (p Planes) BoxBlur(sigma float64) { pixel.Box(p.Values, p.clip(), sigma, &pixel.Scratch{}) }
