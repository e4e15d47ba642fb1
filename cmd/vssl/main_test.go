package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vssl/clips/demo"
)

// asProgram makes the test binary behave as vssl itself, so that tests can kill a real process.
const asProgram = "VSSL_TEST_AS_PROGRAM"

// shared is what TestMain makes once for all tests: a small demo set.
var shared struct{ demo string }

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(withDemo(m))
}

func withDemo(m *testing.M) int {
	dir, err := os.MkdirTemp("", "vssl-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	shared.demo = filepath.Join(dir, "demo")
	cfg := demo.Defaults()
	cfg.Clips = 32
	if err := demo.Prepare(context.Background(), shared.demo, cfg, nil); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// vssl runs one command line within the test's process.
func vssl(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = execute(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

// must runs a command line that has to succeed and returns its stdout.
func must(t *testing.T, args ...string) string {
	t.Helper()
	code, stdout, stderr := vssl(t, args...)
	if code != 0 {
		t.Fatalf("vssl %s: exit %d: %s", strings.Join(args, " "), code, stderr)
	}
	return stdout
}

// program is a command line as a process of its own.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

func exitCode(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return 0
}

// small are the settings of a run that takes seconds.
func small(out string, more ...string) []string {
	return append([]string{"pretrain", "--dataset", "demo", "--data", shared.demo, "--method", "cvrl", "--recipe", "small", "--out", out,
		"--batch", "4", "--precision", "fp32",
		"--set", "clip.frames=4", "--set", "augment.size=32", "--set", "checkpoint.every=2", "--set", "eval.clips=1"}, more...)
}
