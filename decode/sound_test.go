package decode

import (
	"math"
	"testing"
	"time"
)

// clicks is a track that is silent but for short bursts at the given times.
func writeClicks(t *testing.T, rate, channels int, at ...time.Duration) string {
	t.Helper()
	path := t.TempDir() + "/clicks.mp4"
	w, err := Create(path, WriteOptions{Width: 32, Height: 32, Rate: 25, SampleRate: rate, Channels: channels})
	if err != nil {
		t.Fatal(err)
	}
	s := newScene(32, 32)
	for i := range 75 {
		if err := w.WriteFrame(s.draw(i)); err != nil {
			t.Fatal(err)
		}
	}
	samples := make([]float32, 3*rate*channels)
	for _, d := range at {
		from := int(d.Seconds() * float64(rate))
		for i := range rate / 100 {
			for c := range channels {
				samples[(from+i)*channels+c] = float32(0.8 * math.Sin(2*math.Pi*1000*float64(i)/float64(rate)))
			}
		}
	}
	if err := w.WriteSound(samples); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// onsets returns when the sound starts to be loud after silence.
func onsets(samples []float32, channels, rate int) (out []time.Duration) {
	quiet := rate / 10
	for i := 0; i < len(samples)/channels; i++ {
		if v := samples[i*channels]; max(v, -v) < 0.25 {
			quiet++
			continue
		}
		if quiet > rate/20 {
			out = append(out, time.Duration(float64(i)/float64(rate)*1e9))
		}
		quiet = 0
	}
	return out
}

// Sound is heard when it should be, at any rate, from any start, before and after the file too.
func TestSoundIsOnTheTimeline(t *testing.T) {
	clicks := []time.Duration{500 * time.Millisecond, 1250 * time.Millisecond, 2400 * time.Millisecond}
	for _, c := range []struct{ rate, channels int }{{16000, 1}, {44100, 2}, {48000, 1}} {
		v := open(t, writeClicks(t, c.rate, c.channels, clicks...))
		for _, out := range []struct{ rate, channels int }{{16000, 1}, {44100, 1}, {c.rate, 2}, {8000, 2}} {
			for _, start := range []time.Duration{0, -time.Second, 700 * time.Millisecond, 2 * time.Second} {
				const length = 2500 * time.Millisecond
				got, err := v.Sound(t.Context(), start, length, out.rate, out.channels)
				if err != nil {
					t.Fatal(err)
				}
				if want := out.rate * out.channels * 5 / 2; len(got) != want {
					t.Fatalf("%d numbers, want %d", len(got), want)
				}
				var want []time.Duration
				for _, at := range clicks {
					if at >= start && at < start+length {
						want = append(want, at-start)
					}
				}
				heard := onsets(got, out.channels, out.rate)
				if len(heard) != len(want) {
					t.Errorf("%v from %v as %v: heard at %v, want %v", c, start, out, heard, want)
					continue
				}
				for i := range want {
					if d := heard[i] - want[i]; max(d, -d) > 2*time.Millisecond {
						t.Errorf("%v from %v as %v: heard at %v, want %v", c, start, out, heard, want)
					}
				}
			}
		}
	}
}

func TestSoundOfASilentFile(t *testing.T) {
	v := open(t, writeVideo(t, WriteOptions{Width: 32, Height: 32, Rate: 25}, 5))
	if v.Info().HasSound() {
		t.Error("a file without sound has some")
	}
	got, err := v.Sound(t.Context(), 0, time.Second, 8000, 2)
	if err != nil || len(got) != 16000 {
		t.Fatalf("%d numbers, %v", len(got), err)
	}
	for _, s := range got {
		if s != 0 {
			t.Fatal("silence is not silent")
		}
	}
	mustPanic(t, "a rate of 0", func() { v.Sound(t.Context(), 0, time.Second, 0, 1) }) //nolint:errcheck // it panics
}

// Pieces of sound that follow one another are joined without a gap, whatever the rounding of their times; a real gap stays.
func TestPlaceJoinsRoundedTimes(t *testing.T) {
	w := newSoundWindow(0, 1000, 1000, 1000, 1)
	ones := make([]float32, 100)
	for i := range ones {
		ones[i] = 1
	}
	for _, stamp := range []int{100, 203, 301, 402, 700, 799} {
		w.add(stamp, ones)
	}
	w.place()
	for i, v := range w.buf {
		want := float32(0)
		if i >= 100 && i < 500 || i >= 699 && i < 899 {
			want = 1
		}
		if v != want {
			t.Fatalf("sample %d is %v", i, v)
		}
	}
}
