package pipelines

import (
	"fmt"

	"vssl/methods"
	"vssl/torch"
	"vssl/torch/optim"
)

// engine settles the device, the threads and the number type of the run.
func engine(cfg *Config) (torch.Device, torch.DType, error) {
	device, err := torch.ParseDevice(cfg.Device)
	if err != nil {
		return device, 0, &UsageError{fmt.Errorf("device: %w", err)}
	}
	if cfg.Threads > 0 {
		torch.SetThreads(cfg.Threads)
	}
	switch {
	case cfg.Precision == "bf16", cfg.Precision == "auto" && computesBF16(device):
		return device, torch.BFloat16, nil
	default:
		return device, torch.Float32, nil
	}
}

func computesBF16(d torch.Device) bool {
	return d.Kind == torch.CPU.Kind && torch.CPUBF16() || d.Kind != torch.CPU.Kind
}

// groups splits the parameters into those that decay and those that do not: biases and normalisation scales, which are
// the 1-d ones.
func groups(m methods.Method, o OptimizerConfig) []optim.Group {
	var decayed, plain optim.Group
	if !o.DecayNorms {
		none := 0.0
		plain.WeightDecay = &none
	}
	for name, p := range m.Modules().All() {
		if p.IsBuffer || !p.Trainable {
			continue
		}
		g := &decayed
		if p.Tensor.Rank() <= 1 {
			g = &plain
		}
		g.Names, g.Params = append(g.Names, name), append(g.Params, p.Tensor)
	}
	return []optim.Group{decayed, plain}
}
