package audio

import "testing"

// perSecond reports how many seconds of sound at rate go through in a second.
func perSecond(b *testing.B, samples, rate int) {
	b.ReportMetric(float64(b.N)*float64(samples)/float64(rate)/b.Elapsed().Seconds(), "x-realtime")
}

func BenchmarkLogMel(b *testing.B) {
	x, p := noise(1, 48000), NewLogMel(SeLaViSound(48000))
	dst := make([]float32, 257*p.Frames(len(x)))
	for b.Loop() {
		p.Transform(dst, x)
	}
	perSecond(b, len(x), 48000)
}

func BenchmarkMel(b *testing.B) {
	x := noise(1, 16000)
	stft := STFTConfig{FFT: 400, Length: 400, Hop: 160, Window: Hann, Center: true}
	p := NewMel(MelConfig{STFT: stft, Rate: 16000, Mels: 80, Eps: 1e-6})
	dst := make([]float32, 80*p.Frames(len(x)))
	for b.Loop() {
		p.Transform(nil, dst, x)
	}
	perSecond(b, len(x), 16000)
}

func BenchmarkResample(b *testing.B) {
	for _, c := range []struct {
		name     string
		from, to int
	}{{"48to16", 48000, 16000}, {"44to48", 44100, 48000}} {
		b.Run(c.name, func(b *testing.B) {
			x, r := noise(1, c.from), NewResampler(c.from, c.to)
			y := make([]float32, 0, r.Len(len(x)))
			for b.Loop() {
				y = r.Resample(y[:0], x)
			}
			perSecond(b, len(x), c.from)
		})
	}
}
