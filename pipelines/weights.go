package pipelines

import (
	"fmt"
	"io"

	"vssl/methods"
	"vssl/models"
)

// startFrom loads the weights that model.weights names into the method's backbone, and says on the terminal what was found
// and what was not.
func startFrom(cfg *Config, m methods.Method, terminal io.Writer) error {
	path := cfg.Model.Weights
	if path == "" {
		return nil
	}
	b, ok := m.(methods.HasBackbone)
	if !ok {
		return &UsageError{fmt.Errorf("model.weights: method %s has no backbone to load them into", cfg.MethodName())}
	}
	report, err := models.LoadBackbone(path, b.Backbone())
	if err != nil {
		return fmt.Errorf("model.weights: %w", err)
	}
	say(terminal, "weights of %s: %s", path, report)
	return nil
}
