package catalogue

import (
	"vssl/audio"
	"vssl/internal/golden"
	"vssl/torch"
)

// sound: short-time spectra, mel energies, sample rates

func init() {
	register(Entry{
		Name: "audio.stft", About: "short-time Fourier transform, unscaled", Paper: "torch.stft",
		Inputs: []Input{{"x", "[T]", "sound, -1 to 1"}},
		Params: stftParams, Outputs: "real imag power",
		Evaluate: stft,
	}, Entry{
		Name: "audio.log_mel", About: "logarithmic mel energies of SeLaVi", Paper: "2006.13662",
		Inputs: []Input{{"x", "[T]", "sound in the scale of 16 bits, -32768 to 32767"}},
		Params: []Param{
			{"sample_rate", 48000, "samples a second"}, {"win_length", 0.02, "seconds of a frame"},
			{"hop", 0.01, "seconds between frames"},
			{"n_fft", 1024, "samples that a frame is filled up to"}, {"n_mels", 257, "filters; 40 for the authors' first kind"},
			{"preemphasis", 0.97, "share of the sample before that is taken away"}, {"window", "rect", "rect or hann"},
			{"normalize", false, "(v - mean) / std"}, {"mean", 1.93, "of log energies"}, {"std", 17.89, "of log energies, > 0"},
		},
		Outputs: "spec", Evaluate: logMel,
	}, Entry{
		Name: "audio.mel_spectrogram", About: "mel spectrogram, HTK scale, triangles not normalised", Paper: "torchaudio MelSpectrogram",
		Inputs: []Input{{"x", "[T]", "sound, -1 to 1"}},
		Params: append([]Param{
			{"sample_rate", 16000, "samples a second"}, {"n_mels", 128, "filters"}, {"f_min", 0.0, "hertz"},
			{"f_max", 0.0, "hertz; 0 is half the rate"}, {"eps", 1e-6, "added before the logarithm"},
			{"mel_scale", "htk", "htk alone"}, {"norm", "none", "none alone"},
		}, stftParams...),
		Outputs: "mel log_mel", Evaluate: melSpectrogram,
	}, Entry{
		Name: "audio.resample", About: "another sample rate through a Kaiser low-pass", Paper: "scipy.signal.resample_poly",
		Inputs: []Input{{"x", "[T]", "sound, any scale"}},
		Params: []Param{{"from_rate", nil, "samples a second"}, {"to_rate", nil, "samples a second"}}, Outputs: "y",
		Evaluate: func(c *golden.Case) golden.Outputs {
			y := audio.NewResampler(c.Int("from_rate"), c.Int("to_rate")).Resample(nil, singles(c.Floats("x")))
			return golden.Outputs{"y": torch.FromFloat32(y, len(y))}
		},
	})
}

// stftParams are the parameters of a short-time spectrum.
var stftParams = []Param{
	{"n_fft", 400, "samples of a frame"}, {"win_length", 400, "samples of the window, at most n_fft"},
	{"hop", 200, "samples between frames"}, {"window", "hann", "hann or rect"}, {"center", true, "mirror half a frame at both ends"},
}

func stftConfig(c *golden.Case) audio.STFTConfig {
	return audio.STFTConfig{
		FFT: c.Int("n_fft"), Length: c.Int("win_length"), Hop: c.Int("hop"),
		Window: audio.Window(c.Text("window")), Center: c.Bool("center"),
	}
}

func stft(c *golden.Case) golden.Outputs {
	p, x := audio.NewSTFT(stftConfig(c)), singles(c.Floats("x"))
	frames := p.Frames(len(x))
	n := p.Bins() * frames
	re, im, power := make([]float32, n), make([]float32, n), make([]float32, n)
	p.Transform(re, im, x)
	p.Power(power, x)
	shaped := func(v []float32) *torch.Tensor { return torch.FromFloat32(v, p.Bins(), frames) }
	return golden.Outputs{"real": shaped(re), "imag": shaped(im), "power": shaped(power)}
}

func logMel(c *golden.Case) golden.Outputs {
	cfg := audio.LogMelConfig{
		Rate: c.Int("sample_rate"), Length: c.Number("win_length"), Hop: c.Number("hop"), FFT: c.Int("n_fft"), Mels: c.Int("n_mels"),
		Preemphasis: c.Number("preemphasis"), Window: audio.Window(c.Text("window")),
		Normalize: c.Bool("normalize"), Mean: c.Number("mean"), Std: c.Number("std"),
	}
	p, x := audio.NewLogMel(cfg), singles(c.Floats("x"))
	frames := p.Frames(len(x))
	spec := make([]float32, cfg.Mels*frames)
	p.Transform(spec, x)
	return golden.Outputs{"spec": torch.FromFloat32(spec, 1, cfg.Mels, frames)}
}

func melSpectrogram(c *golden.Case) golden.Outputs {
	only(c, "mel_scale", "htk")
	only(c, "norm", "none")
	cfg := audio.MelConfig{
		STFT: stftConfig(c), Rate: c.Int("sample_rate"), Mels: c.Int("n_mels"),
		Low: c.Number("f_min"), High: c.Number("f_max"), Eps: c.Number("eps"),
	}
	p, x := audio.NewMel(cfg), singles(c.Floats("x"))
	frames := p.Frames(len(x))
	mel, logs := make([]float32, cfg.Mels*frames), make([]float32, cfg.Mels*frames)
	p.Transform(mel, logs, x)
	return golden.Outputs{"mel": torch.FromFloat32(mel, cfg.Mels, frames), "log_mel": torch.FromFloat32(logs, cfg.Mels, frames)}
}
