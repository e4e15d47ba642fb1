package golden

import (
	"fmt"
	"os"
	"path/filepath"

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

// RunFile loads the case at path and reports the first output or gradient of f that is off or missing, in float64 and then in
// float32, the type of a training step.
func RunFile(t Test, path string, f Evaluate) {
	t.Helper()
	c, err := Load(path)
	if err != nil {
		t.Fatal(err)
		return
	}
	for _, c.Float = range []torch.DType{torch.Float64, torch.Float32} {
		if _, err := c.Check(f); err != nil {
			t.Error(fmt.Errorf("%s: %s: %w", c.Name, c.Float, err))
		}
	}
}
