package clips

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"
)

// rawStill is a picture that is there already.
type rawStill Raw

func (s rawStill) Read(context.Context, *[]byte) (Raw, error) { return Raw(s), nil }

// corner is a grey picture of w x h pixels with one bright pixel of each colour: red at the top left, green at the top right, blue at the
// bottom left.
func corner(w, h int, l Layout) Raw {
	at := func(c, x, y int) int {
		switch l {
		case Planar:
			return (c*h+y)*w + x
		case Columns:
			return (c*w+x)*h + y
		default:
			return 3*(y*w+x) + c
		}
	}
	r := Raw{Bytes: make([]byte, 3*w*h), Layout: l, Width: w, Height: h}
	r.Bytes[at(0, 0, 0)], r.Bytes[at(1, w-1, 0)], r.Bytes[at(2, 0, h-1)] = 255, 255, 255
	return r
}

func TestLayouts(t *testing.T) {
	const w, h = 5, 3
	want := corner(w, h, Packed).Bytes
	for _, l := range []Layout{Packed, Planar, Columns} {
		got, err := corner(w, h, l).packed(nil)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("layout %d: %v, %v, want %v", l, got, err, want)
		}
	}
	grey, err := Raw{Bytes: []byte{1, 2, 3, 4, 5, 6}, Layout: Grey, Width: 3, Height: 2}.packed(make([]byte, 2))
	if err != nil || !slices.Equal(grey, []byte{1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6}) {
		t.Errorf("grey: %v, %v", grey, err)
	}
	for _, bad := range []Raw{
		{Bytes: make([]byte, 5), Layout: Grey, Width: 3, Height: 2},
		{Bytes: make([]byte, 6), Layout: Planar, Width: 3, Height: 2},
		{Bytes: nil, Layout: Packed}, {Bytes: make([]byte, 6), Layout: Grey, Width: -3, Height: -2},
	} {
		if _, err := bad.packed(nil); err == nil {
			t.Errorf("%d bytes for %d x %d: no error", len(bad.Bytes), bad.Width, bad.Height)
		}
	}
}

// stillSource is n pictures of noise in classes 0 and 1.
func stillSource(n int) Source {
	var samples []Sample
	for i := range n {
		rng := RNG(1, 0, i, 0)
		raw := Raw{Bytes: make([]byte, 3*16*16), Layout: Planar, Width: 16, Height: 16}
		for k := range raw.Bytes {
			raw.Bytes[k] = uint8(rng.IntN(256))
		}
		samples = append(samples, Sample{Key: string(rune('a' + i)), Label: i % 2, Still: rawStill(raw)})
	}
	return NewSet("stills", samples, []string{"0", "1"}, nil)
}

// A picture is a clip of one frame; where more are asked for, all are that picture.
func TestStillsAreClips(t *testing.T) {
	recipe := Plain(1, 2, 1, 16)
	l := NewLoader(context.Background(), LoaderConfig{Source: stillSource(3), Recipe: recipe, Batch: 3, Workers: 2})
	defer l.Close()
	b, err := l.Next()
	if err != nil {
		t.Fatal(err)
	}
	v := b.Views[0]
	one := v.H * v.W * 3
	for i := range 3 {
		raw := Raw(stillSource(3).Sample(i).Still.(rawStill))
		want, err := raw.packed(nil)
		if err != nil {
			t.Fatal(err)
		}
		for f := range 2 {
			if !slices.Equal(v.Pixels[(2*i+f)*one:][:one], want) {
				t.Errorf("picture %d, frame %d: other pixels than the source's", i, f)
			}
		}
	}
}

// An epoch whose samples were chosen shows them in that order, and augments anew what comes again.
func TestOrder(t *testing.T) {
	order := []int{2, 0, 2, 2, 1, 0}
	cfg := LoaderConfig{Source: stillSource(4), Recipe: Pair(1, 1, Contrastive(16)), Batch: 2, Seed: 3, Order: order, Shuffle: true, Workers: 2}
	digests, _, samples := epoch(t, cfg)
	if !slices.Equal(samples, order) {
		t.Errorf("samples %v, want %v", samples, order)
	}
	if p := pixels(t, cfg); slices.Equal(p[0], p[2]) || slices.Equal(p[2], p[3]) {
		t.Error("a sample that comes again is augmented as before")
	}
	cfg.Batch, cfg.Position = 2, 2
	if resumed, _, _ := epoch(t, cfg); !slices.Equal(resumed, digests[1:]) {
		t.Error("from a position on, the epoch is another one")
	}
	cfg.Order = []int{4}
	l := NewLoader(context.Background(), cfg)
	defer l.Close()
	if _, err := l.Next(); !errors.Is(err, ErrConfig) {
		t.Errorf("a sample that is not there: %v", err)
	}
}

// pixels are those of the first view of every sample.
func pixels(t *testing.T, cfg LoaderConfig) (all [][]uint8) {
	t.Helper()
	cfg.Batch = 1
	l := NewLoader(context.Background(), cfg)
	defer l.Close()
	for {
		b, err := l.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, slices.Clone(b.Views[0].Pixels))
		b.Release()
	}
}

func TestOrderIsDealtToRanks(t *testing.T) {
	cfg := LoaderConfig{Source: stillSource(4), Recipe: Plain(1, 1, 1, 8), Batch: 1, Order: []int{3, 3, 0, 1}, World: 2, Workers: 1}
	var got []int
	for cfg.Rank = range 2 {
		l := NewLoader(context.Background(), cfg)
		for {
			b, err := l.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, b.Index...)
		}
		l.Close()
	}
	if !slices.Equal(got, []int{3, 0, 3, 1}) {
		t.Errorf("ranks read %v, want 3 0 and 3 1", got)
	}
}
