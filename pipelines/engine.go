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

// groups splits the parameters by what the optimiser does with them: those that decay and those that do not, biases and
// normalisation scales, which are the 1-d ones; and by the factor of the rate, where the method has several.
func groups(m methods.Method, o OptimizerConfig) []optim.Group {
	type kind struct {
		plain bool
		scale float64
	}
	var order []kind
	all := map[kind]*optim.Group{}
	none := 0.0
	scaled, _ := m.(methods.ScalesRates)
	for name, p := range m.Modules().All() {
		if p.IsBuffer || !p.Trainable {
			continue
		}
		k := kind{plain: p.Tensor.Rank() <= 1, scale: 1}
		if scaled != nil {
			k.scale = scaled.RateScale(name)
		}
		g := all[k]
		if g == nil {
			g = &optim.Group{Scale: k.scale}
			if k.plain && !o.DecayNorms {
				g.WeightDecay = &none
			}
			all[k], order = g, append(order, k)
		}
		g.Names, g.Params = append(g.Names, name), append(g.Params, p.Tensor)
	}
	var out []optim.Group
	for _, k := range order {
		out = append(out, *all[k])
	}
	return out
}
