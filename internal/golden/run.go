package golden

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"vssl/torch"
)

// Test is the part of testing.TB that this package needs; the interface keeps package testing out of the program.
type Test interface {
	Helper()
	Skip(args ...any)
	Fatal(args ...any)
	Error(args ...any)
}

// Shared returns the path of a case in the folder golden/ of $VSSL_SHARED and skips the test where that is not set.
func Shared(t Test, name string) string {
	t.Helper()
	root := os.Getenv("VSSL_SHARED")
	if root == "" {
		t.Skip("VSSL_SHARED not set: no golden cases to compare with")
	}
	return filepath.Join(root, "golden", filepath.FromSlash(name)+".safetensors")
}

// Evaluate answers a case: the outputs by name, of the inputs that it takes with Case.In. It is called in an open scope.
type Evaluate func(c *Case) map[string]*torch.Tensor

// Run is RunFile on the shared case of that name.
func Run(t Test, name string, f Evaluate) {
	t.Helper()
	RunFile(t, Shared(t, name), f)
}

// RunFile loads the case at path, evaluates it, and reports every output and gradient that is off or missing.
func RunFile(t Test, path string, f Evaluate) {
	t.Helper()
	c, err := Load(path)
	if err != nil {
		t.Fatal(err)
		return
	}
	torch.In(func(*torch.Scope) {
		for _, err := range c.compare(f(c)) {
			t.Error(err)
		}
	})
}

// compare checks outputs and then, where the case has gradients, differentiates outputs["loss"].
func (c *Case) compare(outputs map[string]*torch.Tensor) (errs []error) {
	note := func(err error) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	if len(c.made) > 0 && outputs["loss"] != nil {
		outputs["loss"].Backward()
	}
	for name := range c.expected {
		if input, ok := strings.CutPrefix(name, "grad."); ok {
			note(c.checkGradient(input))
			continue
		}
		got := outputs[strings.TrimPrefix(name, "out.")]
		if got == nil {
			note(fmt.Errorf("%s: %s is not answered", c.Name, name))
			continue
		}
		note(c.Check(name, numbersOf(got)))
	}
	return errs
}

func (c *Case) checkGradient(input string) error {
	if c.made[input] == nil || c.made[input].Grad() == nil {
		return fmt.Errorf("%s: grad.%s: no gradient reached the input", c.Name, input)
	}
	return c.Check("grad."+input, numbersOf(c.made[input].Grad()))
}

func numbersOf(t *torch.Tensor) []float64 { return t.Detach().Float64s() }
