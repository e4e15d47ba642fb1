package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func TestSnake(t *testing.T) {
	for name, want := range map[string]string{
		"Add": "add", "MaxPool2d": "max_pool2d", "SVD": "svd", "BCEWithLogits": "bce_with_logits", "T": "t", "Copy_": "copy_", "LogSumExp": "log_sum_exp",
	} {
		if got := snake(name); got != want {
			t.Errorf("%s becomes %s, want %s", name, got, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{
		"Add(x T, o T) T = at::add(x, o)",                                  // no comment
		"// Add adds.\nAdd(x Tensor) T = at::add(x, x)",                    // unknown type
		"// Add adds.\nAdd(n int) T = at::add(n, n)",                       // receiver is no tensor
		"// Add adds.\nAdd x = at::add(x, x)",                              // no parentheses
		"// A.\nNeg(x T) T = at::neg(x)\n// A.\nNeg(x T) T = at::neg(x)\n", // twice
	} {
		if ops, err := parse(text); err == nil {
			t.Errorf("%q is taken as %+v", text, ops)
		} else if !strings.Contains(err.Error(), "ops.list:") {
			t.Errorf("%q: error %q names no line", text, err)
		}
	}
}

// The generated files belong to the list as it stands.
func TestGeneratedIsCurrent(t *testing.T) {
	list, err := os.ReadFile("../../ops.list")
	if err != nil {
		t.Fatal(err)
	}
	ops, err := parse(string(list))
	if err != nil {
		t.Fatal(err)
	}
	for _, out := range outputs {
		want, err := out.text(ops)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile("../../" + out.path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what ops.list gives; run go generate ./torch", out.path)
		}
	}
}
