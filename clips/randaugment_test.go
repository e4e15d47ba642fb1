package clips

import (
	"bytes"
	"math"
	"testing"

	"pgregory.net/rapid"

	"vssl/internal/pixel"
)

// noisePlanes are the frames of a clip, all different, some of few colours.
func noisePlanes(t *rapid.T, frames int) Planes {
	p := Planes{T: frames, H: rapid.IntRange(1, 20).Draw(t, "H"), W: rapid.IntRange(1, 20).Draw(t, "W")}
	rng := RNG(rapid.Uint64().Draw(t, "pixels"), 0, 0, 0)
	colours := rapid.SampledFrom([]uint{1, 2, 100, 256}).Draw(t, "colours")
	for range p.clip().Len() {
		p.Values = append(p.Values, uint8(rng.UintN(colours)))
	}
	return p
}

func drawStrength(t *rapid.T, o Operation) float64 {
	return o.Strength(float64(rapid.IntRange(0, 10).Draw(t, "magnitude")), 10, rapid.Bool().Draw(t, "negate"))
}

// Equal frames stay equal under every look with RandAugment.
func TestRandAugmentHoldsOverTime(t *testing.T) {
	var s pixel.Scratch
	rapid.Check(t, func(t *rapid.T) {
		frame := noisePlanes(t, 1)
		const frames = 3
		a := Augment{Size: 8, RandAugment: RandAugment{Ops: 5, P: 0.8, Magnitude: 10}}
		l := a.drawLook(RNG(rapid.Uint64().Draw(t, "seed"), 0, 0, 1), frame.W, frame.H)
		clip := bytes.Repeat(frame.Values, frames)
		l.paint(clip, pixel.Clip{T: frames, H: frame.H, W: frame.W}, 3, &s)
		if !bytes.Equal(clip, bytes.Repeat(clip[:len(frame.Values)], frames)) {
			t.Fatalf("look %+v changed equal frames in different ways", l)
		}
	})
}

// Operations on values take a value to one other in all frames, so nothing flickers; those on places move every frame alike.
func TestOperationsDoNotFlicker(t *testing.T) {
	values := map[string]bool{
		"AutoContrast": true, "Brightness": true, "Contrast": true, "Equalize": true, "Identity": true, "Posterize": true, "Solarize": true,
	}
	for _, o := range Operations() {
		t.Run(o.Name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				p := noisePlanes(t, 2)
				before := bytes.Clone(p.Values)
				strength := drawStrength(t, o)
				o.Apply(p, strength)
				if values[o.Name] {
					oneTable(t, p, before)
					return
				}
				half := len(before) / 2
				for f := range 2 {
					frame := Planes{1, p.H, p.W, bytes.Clone(before[f*half : (f+1)*half])}
					if o.Apply(frame, strength); !bytes.Equal(frame.Values, p.Values[f*half:(f+1)*half]) {
						t.Fatalf("frame %d comes out otherwise in a clip than alone", f)
					}
				}
			})
		})
	}
}

// oneTable fails where a value of a channel became two different ones.
func oneTable(t *rapid.T, p Planes, before []uint8) {
	became := map[[2]int]uint8{}
	for i, v := range before {
		key := [2]int{i / (p.H * p.W) % 3, int(v)}
		if old, ok := became[key]; ok && old != p.Values[i] {
			t.Fatalf("value %d of channel %d became %d and %d", v, key[0], old, p.Values[i])
		}
		became[key] = p.Values[i]
	}
}

// The strengths that change nothing.
func TestOperationsAtRest(t *testing.T) {
	rest := map[string]float64{
		"Brightness": 1, "Color": 1, "Contrast": 1, "Identity": 0, "Posterize": 8, "Rotate": 0, "Sharpness": 1, "ShearX": 0, "ShearY": 0,
		"Solarize": 0, "TranslateX": 0, "TranslateY": 0,
	}
	rapid.Check(t, func(t *rapid.T) {
		p := noisePlanes(t, 2)
		for _, o := range Operations() {
			strength, ok := rest[o.Name]
			if !ok {
				continue
			}
			got := p
			got.Values = bytes.Clone(p.Values)
			if o.Apply(got, strength); !bytes.Equal(got.Values, p.Values) {
				t.Fatalf("%s at rest changed pixels", o.Name)
			}
		}
	})
}

// A turn by a quarter of a square picture moves its rows into columns; two of them are half a turn.
func TestQuarterTurn(t *testing.T) {
	p := Planes{T: 1, H: 5, W: 5}
	for i := range p.clip().Len() {
		p.Values = append(p.Values, uint8(3*i))
	}
	before := bytes.Clone(p.Values)
	for _, o := range Operations() {
		if o.Name == "Rotate" {
			o.Apply(p, 90)
		}
	}
	for y := range 5 {
		for x := range 5 {
			if got, want := p.Values[(4-x)*5+y], before[y*5+x]; got != want { // counter-clockwise: the right edge comes on top
				t.Fatalf("row %d, column %d is %d, want %d", 4-x, y, got, want)
			}
		}
	}
}

// Every operation is drawn equally often, applied with probability P, in either direction, and at all magnitudes
// below the greatest.
func TestRandAugmentDraws(t *testing.T) {
	r := RandAugment{Ops: 2, P: 0.5, Magnitude: 10}
	const n = 14000
	count := make([]int, len(operations))
	rotations := map[float64]int{}
	for i := range n {
		for _, s := range r.draw(RNG(1, 0, i, 0)) {
			count[s.which]++
			if operations[s.which].Name == "Rotate" {
				rotations[s.strength]++
			}
		}
	}
	for which, c := range count {
		if math.Abs(float64(c)-n/14) > 150 { // 5 standard deviations
			t.Errorf("%s was applied %d times, want about %d", operations[which].Name, c, n/14)
		}
	}
	if len(rotations) != 18 || rotations[27] == 0 || rotations[-3] == 0 || rotations[30] != 0 {
		t.Errorf("rotations are %v, want 3 to 27 degrees in both directions", rotations)
	}
	for _, s := range (RandAugment{Ops: 50, P: 1, Magnitude: 1, Fixed: true}).draw(RNG(1, 0, 0, 0)) {
		if o := operations[s.which]; math.Abs(s.strength) != o.Strength(1, 10, false) {
			t.Errorf("%s has the strength %g at a fixed magnitude of 1", o.Name, s.strength)
		}
	}
}

func TestNewFieldsAreValidated(t *testing.T) {
	good := Contrastive(32)
	good.RandAugment = RandAugment{Ops: 5, P: 0.5, Magnitude: 5}
	good.Blur.Kind = Box
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Augment){
		"ops": func(a *Augment) { a.RandAugment.Ops = -1 }, "p": func(a *Augment) { a.RandAugment.P = 1.5 },
		"magnitude":       func(a *Augment) { a.RandAugment.Magnitude = 11 },
		"least magnitude": func(a *Augment) { a.RandAugment.Magnitude = 1 },
		"kind":            func(a *Augment) { a.Blur.Kind = "motion" },
	} {
		a := good
		if spoil(&a); a.Validate() == nil {
			t.Errorf("a spoilt %s was accepted", name)
		}
	}
	if err := new(BlurKind).UnmarshalText([]byte("motion")); err == nil {
		t.Error("a blur of kind motion was read")
	}
}
