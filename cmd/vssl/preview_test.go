package main

import (
	"bytes"
	"context"
	"image/png"
	"os"
	"strings"
	"testing"
)

// A command that is interrupted says so and exits with 130, also when it is not training.
func TestInterruptedCommand(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	code := execute(ctx, []string{"preview", "--dataset", "demo", "--data", shared.demo, "--recipe", "small", "--png", t.TempDir() + "/sheet.png"}, &stdout, &stderr)
	if code != exitInterrupted || !strings.Contains(stderr.String(), "interrupted") {
		t.Errorf("exit %d: %s", code, stderr.String())
	}
}

func TestPreviewWritesASheet(t *testing.T) {
	sheet := t.TempDir() + "/sheet.png"
	must(t, "preview", "--dataset", "demo", "--data", shared.demo, "--recipe", "small", "--png", sheet, "--samples", "2")
	checkPNG(t, sheet)
}

func checkPNG(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, err := png.DecodeConfig(f)
	if err != nil {
		t.Fatal(err)
	}
	if c.Width < 8*64 || c.Height < 4*64 {
		t.Errorf("the sheet is %dx%d, want room for 8 frames of 64 pixels in 4 rows", c.Width, c.Height)
	}
}
