package clips

import (
	"errors"
	"fmt"
)

// Augment holds the augmentations of one view, in the order in which they are applied. Each is drawn once a clip and held over its
// frames, so that motion stays motion; PerFrame draws anew for every frame, for ablations. A probability of 0 turns a step off.
type Augment struct {
	Size        int         `yaml:"size"`        // height and width of the result in pixels, >= 1
	CenterCrop  bool        `yaml:"center_crop"` // the largest square in the middle instead of a random crop
	Scale       [2]float64  `yaml:"scale"`       // area of the random crop as a share of the picture, 0 < low <= high <= 1; [0, 0] is [1, 1]
	Ratio       [2]float64  `yaml:"ratio"`       // width / height of the random crop, 0 < low <= high; [0, 0] is [1, 1]
	Aliased     bool        `yaml:"aliased"`     // resize without antialiasing, as interpolation on tensors does by default
	Flip        float64     `yaml:"flip"`        // probability of a horizontal mirror image
	RandAugment RandAugment `yaml:"rand_augment"`
	Jitter      Jitter      `yaml:"jitter"`
	Grey        float64     `yaml:"grey"` // probability of dropping the colours
	Blur        Blur        `yaml:"blur"`
	Solarize    Solarize    `yaml:"solarize"`
	Mean        [3]float64  `yaml:"mean"`      // R, G, B in 0..1; applied on the device: (x/255 - Mean) / Std
	Std         [3]float64  `yaml:"std"`       // R, G, B; all zero stands for 1
	PerFrame    bool        `yaml:"per_frame"` // draw anew for every frame
}

// Jitter changes colours as torchvision's ColorJitter does: the four steps run in an order drawn at random.
type Jitter struct {
	P          float64 `yaml:"p"`          // probability of the whole
	Brightness float64 `yaml:"brightness"` // factor drawn from 1-b..1+b, not below 0; 0 leaves the step out
	Contrast   float64 `yaml:"contrast"`   // likewise
	Saturation float64 `yaml:"saturation"` // likewise
	Hue        float64 `yaml:"hue"`        // shift drawn from -h..h in turns of the colour circle, 0 <= h <= 0.5; 0 leaves the step out
}

// Blur smooths with a Gaussian whose standard deviation is drawn from SigmaMin..SigmaMax.
type Blur struct {
	Kind     BlurKind `yaml:"kind"` // "" is gaussian
	P        float64  `yaml:"p"`
	SigmaMin float64  `yaml:"sigma_min"` // pixels of the result, > 0
	SigmaMax float64  `yaml:"sigma_max"` // pixels of the result, >= SigmaMin
	Kernel   int      `yaml:"kernel"`    // taps of kind gaussian, odd; 0 is a tenth of Size, made odd, at least 3
}

// BlurKind is how a blur is computed.
type BlurKind string

// The kinds of blur.
const (
	Gaussian BlurKind = "gaussian" // Kernel taps, edges reflected: torchvision's
	Box      BlurKind = "box"      // three box blurs along each axis, edges repeated: Pillow's, which CLSA used
)

// Validate returns an error that lists the kinds when k is none of them.
func (k BlurKind) Validate() error {
	switch k {
	case "", Gaussian, Box:
		return nil
	}
	return fmt.Errorf("blur.kind is %q, want gaussian or box", string(k))
}

// UnmarshalText refuses what is no kind.
func (k *BlurKind) UnmarshalText(text []byte) error {
	*k = BlurKind(text)
	return k.Validate()
}

// Solarize turns values at or above Threshold into 255 less the value.
type Solarize struct {
	P         float64 `yaml:"p"`
	Threshold float64 `yaml:"threshold"` // grey level 0..255; 0 with P > 0 is 128
}

// Contrastive is the augmentation of SimCLR and CVRL at the given size: crops of 0.3 to 1 of the area at aspects 1/2 to 2, flip,
// colour jitter 0.8/0.8/0.8/0.2 with probability 0.8, grey with 0.2, blur with 0.5.
func Contrastive(size int) Augment {
	a := Augment{Size: size, Scale: [2]float64{0.3, 1}, Ratio: [2]float64{0.5, 2}, Flip: 0.5, Grey: 0.2}
	a.Jitter = Jitter{P: 0.8, Brightness: 0.8, Contrast: 0.8, Saturation: 0.8, Hue: 0.2}
	a.Blur = Blur{P: 0.5, SigmaMin: 0.1, SigmaMax: 2}
	a.Mean, a.Std = ImageMean, ImageStd
	return a
}

// Centre is the augmentation of evaluation: the largest square in the middle, resized to size, nothing random.
func Centre(size int) Augment {
	return Augment{Size: size, CenterCrop: true, Mean: ImageMean, Std: ImageStd}
}

// ImageMean and ImageStd are the mean and standard deviation of the pixels of ImageNet, R, G, B in 0..1, with which most published
// weights were trained.
var (
	ImageMean = [3]float64{0.485, 0.456, 0.406}
	ImageStd  = [3]float64{0.229, 0.224, 0.225}
)

// Validate returns an error that names each field outside its range, or nil.
func (a Augment) Validate() error {
	var errs []error
	want := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	for _, p := range []struct {
		name string
		v    float64
	}{{"flip", a.Flip}, {"jitter.p", a.Jitter.P}, {"grey", a.Grey}, {"blur.p", a.Blur.P}, {"solarize.p", a.Solarize.P}} {
		want(p.v >= 0 && p.v <= 1, "%s is %g, want a probability, 0 to 1", p.name, p.v)
	}
	want(a.Size >= 1 && a.Size <= maxSize, "size is %d, want 1 to %d pixels", a.Size, maxSize)
	s := a.scale()
	want(s[0] > 0 && s[0] <= s[1] && s[1] <= 1, "scale is %v, want 0 < low <= high <= 1", a.Scale)
	r := a.ratio()
	want(r[0] > 0 && r[0] <= r[1], "ratio is %v, want 0 < low <= high", a.Ratio)
	j := a.Jitter
	want(j.Brightness >= 0 && j.Contrast >= 0 && j.Saturation >= 0, "jitter is %+v, want no negative strength", j)
	want(j.Hue >= 0 && j.Hue <= 0.5, "jitter.hue is %g, want 0 to 0.5 turns", j.Hue)
	b := a.Blur
	want(b.P == 0 || (b.SigmaMin > 0 && b.SigmaMin <= b.SigmaMax), "blur sigma is %g to %g, want 0 < min <= max", b.SigmaMin, b.SigmaMax)
	want(b.Kernel == 0 || (b.Kernel > 0 && b.Kernel%2 == 1), "blur.kernel is %d, want an odd number of taps or 0", b.Kernel)
	want(b.P == 0 || b.Kind == Box || a.kernel()/2 < a.Size, "blur.kernel is %d, want less than twice the size %d", b.Kernel, a.Size)
	errs = append(errs, b.Kind.Validate(), a.RandAugment.Validate())
	t := a.Solarize.Threshold
	want(t >= 0 && t <= 255, "solarize.threshold is %g, want a grey level, 0 to 255", t)
	return errors.Join(errs...)
}

const maxSize = 4096 // a typing mistake in a size should not ask for hundreds of gigabytes

func (a Augment) scale() [2]float64 { return orOnes(a.Scale) }

func (a Augment) ratio() [2]float64 { return orOnes(a.Ratio) }

func orOnes(v [2]float64) [2]float64 {
	if v == ([2]float64{}) {
		return [2]float64{1, 1}
	}
	return v
}

// kernel is the number of taps of the blur, odd.
func (a Augment) kernel() int {
	if a.Blur.Kernel > 0 {
		return a.Blur.Kernel
	}
	return max(3, a.Size/10|1)
}
