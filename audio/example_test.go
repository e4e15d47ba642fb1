package audio_test

import (
	"fmt"

	"vssl/audio"
)

// A worker makes its plans once and uses them for every clip.
func Example() {
	resampler := audio.NewResampler(48000, 16000)
	mel := audio.NewMel(audio.MelConfig{
		STFT: audio.STFTConfig{FFT: 400, Length: 400, Hop: 160, Window: audio.Hann, Center: true},
		Rate: 16000, Mels: 64, Eps: 1e-6,
	})
	clip := make([]float32, 96000) // two seconds

	sound := resampler.Resample(nil, clip)
	frames := mel.Frames(len(sound))
	logMel := make([]float32, 64*frames)
	mel.Transform(nil, logMel, sound)
	fmt.Println(len(sound), "samples,", frames, "frames")
	// Output: 32000 samples, 201 frames
}
