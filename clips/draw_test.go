package clips

import (
	"image"
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

func TestDrawsLieInTheirRanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Contrastive(112)
		a.Scale = [2]float64{0.1, rapid.Float64Range(0.1, 1).Draw(t, "scale")}
		a.Solarize.P = 0.5
		w, h := rapid.IntRange(1, 2000).Draw(t, "width"), rapid.IntRange(1, 2000).Draw(t, "height")
		seed := rapid.Uint64().Draw(t, "seed")
		l := a.drawLook(RNG(seed, 0, 0, 1), w, h)
		if again := a.drawLook(RNG(seed, 0, 0, 1), w, h); !reflect.DeepEqual(l, again) {
			t.Fatalf("equal draws gave %+v and %+v", l, again)
		}
		if l.crop.Empty() || !l.crop.In(image.Rect(0, 0, w, h)) {
			t.Fatalf("crop %v of a picture of %d x %d", l.crop, w, h)
		}
		for s, f := range l.factor {
			lo, hi := 0.2, 1.8
			if s == 3 {
				lo, hi = -0.2, 0.2
			}
			if len(l.order) > 0 && (float64(f) < lo-1e-6 || float64(f) > hi+1e-6) {
				t.Fatalf("factor of step %d is %g", s, f)
			}
		}
		if l.sigma != 0 && (l.sigma < 0.1 || l.sigma > 2) {
			t.Fatalf("sigma is %g", l.sigma)
		}
	})
}

// Over many draws, probabilities come out and crops of a large picture have the area and aspect asked for.
func TestDrawsFollowTheirLaws(t *testing.T) {
	a := Contrastive(112)
	const n = 4000
	var flip, jitter, grey, blur int
	area, logAspect := 0.0, 0.0
	count := func(b bool, to *int) {
		if b {
			*to++
		}
	}
	for i := range n {
		l := a.drawLook(RNG(5, 0, i, 1), 10000, 10000)
		count(l.flip, &flip)
		count(len(l.order) > 0, &jitter)
		count(l.grey, &grey)
		count(l.sigma > 0, &blur)
		area += float64(l.crop.Dx()) * float64(l.crop.Dy()) / 1e8 / n
		logAspect += math.Log(float64(l.crop.Dx())/float64(l.crop.Dy())) / n
	}
	for _, c := range []struct {
		name string
		got  int
		want float64
	}{{"flip", flip, 0.5}, {"jitter", jitter, 0.8}, {"grey", grey, 0.2}, {"blur", blur, 0.5}} {
		if got := float64(c.got) / n; math.Abs(got-c.want) > 0.03 {
			t.Errorf("%s in %.3f of the draws, want %.2f", c.name, got, c.want)
		}
	}
	// Crops that do not fit are drawn again. One of area a fits a square when its aspect is within 1/a, so a is drawn with a weight of
	// min(1, -ln a / ln 2) from 0.3..1, which has the mean 0.535.
	if math.Abs(area-0.535) > 0.01 || math.Abs(logAspect) > 0.03 {
		t.Errorf("mean area %.3f, want 0.535; mean log of the aspect %.3f, want 0", area, logAspect)
	}
}

func TestCropsThatNeverFit(t *testing.T) {
	a := Augment{Size: 8, Scale: [2]float64{1, 1}, Ratio: [2]float64{1, 1}}
	if got, want := a.drawCrop(RNG(1, 0, 0, 0), 300, 100), image.Rect(100, 0, 200, 100); got != want {
		t.Errorf("crop %v, want the middle square %v", got, want)
	}
	a.CenterCrop = true
	if got, want := a.drawCrop(nil, 101, 300), image.Rect(0, 99, 101, 200); got != want {
		t.Errorf("centre crop %v, want %v", got, want)
	}
}

func TestScaledStaysInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dim := rapid.IntRange(1, 500)
		from := image.Pt(dim.Draw(t, "w"), dim.Draw(t, "h"))
		to := image.Pt(dim.Draw(t, "w2"), dim.Draw(t, "h2"))
		x, y := rapid.IntRange(0, from.X-1).Draw(t, "x"), rapid.IntRange(0, from.Y-1).Draw(t, "y")
		r := image.Rect(x, y, rapid.IntRange(x+1, from.X).Draw(t, "x1"), rapid.IntRange(y+1, from.Y).Draw(t, "y1"))
		if got := scaled(r, from, to); got.Empty() || !got.In(image.Rectangle{Max: to}) {
			t.Fatalf("%v of %v becomes %v of %v", r, from, got, to)
		}
	})
}

func TestRecipeValidation(t *testing.T) {
	good := Pair(16, 2, Contrastive(112))
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	if err := Plain(10, 8, 4, 224).Validate(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Recipe){
		"cuts": func(r *Recipe) { r.Cuts = 0 }, "frames": func(r *Recipe) { r.Frames = -1 }, "stride": func(r *Recipe) { r.Stride = 0 },
		"interval": func(r *Recipe) { r.Interval = "sometimes" }, "views": func(r *Recipe) { r.Views = nil }, "views[1].cut": func(r *Recipe) { r.Views[1].Cut = 2 },
		"size": func(r *Recipe) { r.Views[0].Augment.Size = 0 }, "scale": func(r *Recipe) { r.Views[0].Augment.Scale = [2]float64{0.5, 0.2} },
		"ratio": func(r *Recipe) { r.Views[0].Augment.Ratio = [2]float64{-1, 1} }, "flip": func(r *Recipe) { r.Views[0].Augment.Flip = math.NaN() },
		"jitter.hue": func(r *Recipe) { r.Views[0].Augment.Jitter.Hue = 0.6 }, "sigma": func(r *Recipe) { r.Views[0].Augment.Blur.SigmaMin = 0 },
		"kernel": func(r *Recipe) { r.Views[0].Augment.Blur.Kernel = 4 }, "threshold": func(r *Recipe) { r.Views[0].Augment.Solarize.Threshold = 300 },
		"sound": func(r *Recipe) { r.Sound = &SoundSpec{} },
	} {
		r := Pair(16, 2, Contrastive(112))
		spoil(&r)
		if err := r.Validate(); err == nil {
			t.Errorf("a recipe with spoilt %s was accepted", name)
		}
	}
}
