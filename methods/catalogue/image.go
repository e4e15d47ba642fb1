package catalogue

import (
	"fmt"
	"image"
	"slices"

	"vssl/clips"
	"vssl/internal/golden"
	"vssl/models/nn"
	"vssl/torch"
)

// transforms of pictures

var pictureInput = []Input{{"x", "[3, H, W]", "0 to 1"}}

var bytesInput = []Input{{"x", "[3, H, W]", "int, 0 to 255"}}

func init() {
	register(Entry{
		Name: "image.color_jitter", About: "brightness, contrast, saturation and hue in a given order", Paper: "torchvision ColorJitter",
		Inputs: pictureInput,
		Params: []Param{
			{"order", []any{"brightness", "contrast", "saturation", "hue"}, "names of the steps, each at most once"},
			{"brightness", 1.0, "factor, >= 0"},
			{"contrast", 1.0, "factor, >= 0"}, {"saturation", 1.0, "factor, >= 0"}, {"hue", 0.0, "turns, -0.5 to 0.5"},
		},
		Outputs: "y only_brightness only_contrast only_saturation only_hue", Evaluate: colorJitter,
	}, Entry{
		Name: "image.gaussian_blur", About: "Gaussian blur of a given number of taps", Paper: "torchvision GaussianBlur",
		Inputs: pictureInput, Params: []Param{{"kernel", nil, "taps, odd"}, {"sigma", nil, "pixels, > 0"}}, Outputs: "y",
		Evaluate: func(c *golden.Case) golden.Outputs {
			p := pictureOf(c)
			p.Blur(c.Int("kernel"), c.Number("sigma"))
			return golden.Outputs{"y": planesOf(p, 3)}
		},
	}, Entry{
		Name: "image.pil_gaussian_blur", About: "Pillow's Gaussian blur by three box blurs", Paper: "Pillow GaussianBlur",
		Inputs: bytesInput, Params: []Param{{"radius", nil, "standard deviation in pixels, >= 0"}}, Outputs: "y",
		Evaluate: func(c *golden.Case) golden.Outputs {
			p := bytesOf(c)
			p.BoxBlur(c.Number("radius"))
			return golden.Outputs{"y": torch.FromUint8(p.Values, 3, p.H, p.W)}
		},
	}, Entry{
		Name: "image.resized_crop", About: "a crop, resized bilinearly with and without antialiasing", Paper: "torchvision resized_crop",
		Inputs: pictureInput,
		Params: []Param{
			{"top", nil, "first row"}, {"left", nil, "first column"}, {"height", nil, "rows"}, {"width", nil, "columns"},
			{"out_height", nil, "rows of the result"}, {"out_width", nil, "columns of the result"},
		},
		Outputs: "y y_no_antialias", Evaluate: resizedCrop,
	}, Entry{
		Name: "image.grayscale", About: "the colours dropped", Paper: "torchvision rgb_to_grayscale",
		Inputs: pictureInput, Params: []Param{{"channels", 3, "equal planes of the result, 1 or 3"}}, Outputs: "y",
		Evaluate: func(c *golden.Case) golden.Outputs {
			p := pictureOf(c)
			p.Grey()
			return golden.Outputs{"y": planesOf(p, c.Int("channels"))}
		},
	}, Entry{
		Name: "image.sobel", About: "the fixed gradient filters before DeepCluster's network", Paper: "1807.05520",
		Inputs: []Input{{"x", "[B, 3, H, W]", "normalised pictures"}}, Outputs: "y",
		Evaluate: func(c *golden.Case) golden.Outputs {
			return golden.Outputs{"y": nn.Sobel.Forward(c.In("x"))}
		},
	}, Entry{
		Name: "image.randaugment_ops", About: "each operation of RandAugment alone, at one magnitude", Paper: "2104.07713",
		Inputs: bytesInput,
		Params: []Param{
			{"magnitude", nil, "0 to maximum"}, {"maximum", 10, "the greatest magnitude"}, {"negate", false, "the other direction"},
			{"pool", map[string]any{}, "by name of an operation: [max, bias]; the authors' where it is left out"},
		},
		Outputs: "AutoContrast Brightness Color Contrast Equalize Identity Posterize Rotate Sharpness ShearX ShearY Solarize " +
			"TranslateX TranslateY",
		Evaluate: randAugmentOps,
	})
}

// pictureOf copies the input of floats.
func pictureOf(c *golden.Case) clips.Picture {
	shape := c.Shape("x")
	return clips.Picture{H: shape[1], W: shape[2], Values: singles(c.Floats("x"))}
}

// planesOf makes an output of the first n planes of a picture.
func planesOf(p clips.Picture, n int) *torch.Tensor {
	if n != 1 && n != 3 {
		panic(fmt.Sprintf("%d channels, want 1 or 3", n))
	}
	return torch.FromFloat32(p.Values[:n*p.H*p.W], n, p.H, p.W)
}

// bytesOf copies the input of whole numbers.
func bytesOf(c *golden.Case) clips.Planes {
	shape := c.Shape("x")
	p := clips.Planes{T: 1, H: shape[1], W: shape[2]}
	for _, v := range c.Ints("x") {
		p.Values = append(p.Values, uint8(v))
	}
	return p
}

func colorJitter(c *golden.Case) golden.Outputs {
	var factor [4]float32
	for i, name := range clips.JitterSteps {
		factor[i] = float32(c.Number(name))
	}
	run := func(order ...string) *torch.Tensor {
		p := pictureOf(c)
		p.Jitter(order, factor)
		return planesOf(p, 3)
	}
	out := golden.Outputs{"y": run(c.Texts("order")...)}
	for _, name := range clips.JitterSteps {
		out["only_"+name] = run(name)
	}
	return out
}

func resizedCrop(c *golden.Case) golden.Outputs {
	top, left := c.Int("top"), c.Int("left")
	r := image.Rect(left, top, left+c.Int("width"), top+c.Int("height"))
	run := func(aliased bool) *torch.Tensor {
		return planesOf(pictureOf(c).Crop(r, c.Int("out_height"), c.Int("out_width"), aliased), 3)
	}
	return golden.Outputs{"y": run(false), "y_no_antialias": run(true)}
}

func randAugmentOps(c *golden.Case) golden.Outputs {
	pool, _ := c.Params["pool"].(map[string]any)
	picture := bytesOf(c)
	out := golden.Outputs{}
	for _, o := range clips.Operations() {
		o.Max, o.Bias = rangeOf(pool, o)
		p := picture
		p.Values = slices.Clone(picture.Values)
		o.Apply(p, o.Strength(c.Number("magnitude"), c.Number("maximum"), c.Bool("negate")))
		out[o.Name] = torch.FromUint8(p.Values, 3, p.H, p.W)
	}
	return out
}

// rangeOf is what the pool gives for an operation, or the authors' range where it says nothing.
func rangeOf(pool map[string]any, o clips.Operation) (most, bias float64) {
	given, _ := pool[o.Name].([]any)
	if len(given) != 2 {
		return o.Max, o.Bias
	}
	most, haveMost := given[0].(float64)
	bias, haveBias := given[1].(float64)
	if !haveMost || !haveBias {
		return o.Max, o.Bias
	}
	return most, bias
}
