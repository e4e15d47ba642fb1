package demo

import (
	"math"
	"math/rand/v2"
)

// instrument is the timbre of a clip's voice. It is drawn without regard to the class.
type instrument struct {
	hz       float64    // pitch of the voice at rest
	partials [5]float64 // loudness of the tone and its overtones, in sum 1
	duller   float64    // 0..1: how much of the noise's high end is taken away
	gain     float64
}

func drawInstrument(r *rand.Rand) instrument {
	v := instrument{hz: 180 * math.Exp2(between(r, 0, 1.3)), duller: between(r, 0.1, 0.7), gain: between(r, 0.4, 0.8)}
	sum := 0.0
	for i := range v.partials {
		v.partials[i] = r.Float64() / float64(1+i)
		sum += v.partials[i]
	}
	for i := range v.partials {
		v.partials[i] /= sum
	}
	return v
}

// play renders n samples of the track's sound at rate samples a second: mono, -1..1.
func (v instrument) play(r *rand.Rand, tr track, n, rate int) []float32 {
	sound := make([]float32, n)
	phase, hiss := 0.0, 0.0 // turns of the tone; the filtered noise
	var now voice
	for i := range sound {
		t := float64(i) / float64(rate)
		_, want := tr.at(t)
		now.glide(want, 0.02*16000/float64(rate))
		phase += v.hz * math.Exp2(now.pitch) / float64(rate)
		phase -= math.Floor(phase)
		tone := 0.0
		for k, loud := range v.partials {
			tone += loud * math.Sin(2*math.Pi*float64(k+1)*phase)
		}
		hiss += (1 - v.duller) * (2*r.Float64() - 1 - hiss)
		sample := v.gain * (now.tone*tone + now.hiss*hiss)
		sound[i] = float32(min(max(sample, -1), 1))
	}
	return sound
}

// glide moves v a step towards want, so that no edge clicks that the motion does not ask for.
func (v *voice) glide(want voice, step float64) {
	v.pitch += step * (want.pitch - v.pitch)
	v.tone += step * (want.tone - v.tone)
	v.hiss += step * (want.hiss - v.hiss)
}
