package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"vssl/pipelines/sink"
)

func weights(t *testing.T, run string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(run, "checkpoints", "last", "model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A run that is killed at random moments and resumed ends with the same bytes as one left alone, whatever the workers.
func TestKilledRunsEndWithTheSameWeights(t *testing.T) {
	const steps = "14"
	alone := filepath.Join(t.TempDir(), "alone")
	began := time.Now()
	if out, err := program(t, small(alone, "--steps", steps, "--workers", "1")...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	took := time.Since(began)
	want := weights(t, alone)

	rng := rand.New(rand.NewPCG(3, 1))
	for _, workers := range []int{2, 4} {
		run := filepath.Join(t.TempDir(), "killed")
		args := small(run, "--steps", steps, "--workers", strconv.Itoa(workers), "--resume")
		for range 3 {
			cmd := program(t, args...)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(took/4 + time.Duration(rng.Int64N(int64(took/2))))
			_ = cmd.Process.Kill() // it may have ended by itself
			_ = cmd.Wait()
		}
		if out, err := program(t, args...).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if !bytes.Equal(weights(t, run), want) {
			t.Errorf("%d workers, killed and resumed: other weights than the run left alone", workers)
		}
		checkSteps(t, run, 14)
	}
}

// checkSteps wants each step once in the metrics, in order.
func checkSteps(t *testing.T, run string, n int) {
	t.Helper()
	records, err := sink.ReadJSONL(filepath.Join(run, "metrics.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != n {
		t.Errorf("%d lines of metrics, want %d", len(records), n)
	}
	for i, r := range records {
		if r.Step != i+1 {
			t.Fatalf("line %d is of step %d", i+1, r.Step)
		}
	}
}

func TestSignalSavesAndStops(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	cmd := program(t, small(run, "--steps", "100000")...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	metrics := filepath.Join(run, "metrics.jsonl")
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if info, err := os.Stat(metrics); err == nil && info.Size() > 0 || time.Now().After(deadline) {
			break
		}
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := exitCode(cmd.Wait()); code != exitInterrupted {
		t.Fatalf("exit %d, want %d: %s", code, exitInterrupted, stderr.String())
	}
	weights(t, run)
	records, err := sink.ReadJSONL(metrics)
	if err != nil || len(records) == 0 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	done := records[len(records)-1].Step
	must(t, small(run, "--steps", strconv.Itoa(done+2), "--resume")...)
	checkSteps(t, run, done+2)
}

func TestDamagedCheckpointFallsBack(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	must(t, small(run, "--steps", "6")...)
	want := weights(t, run)
	last := filepath.Join(run, "checkpoints", "last", "model.safetensors")
	if err := os.Truncate(last, int64(len(want)/2)); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := vssl(t, small(run, "--steps", "6", "--resume")...)
	if code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if !bytes.Contains([]byte(stderr), []byte("step-00000006")) || !bytes.Contains([]byte(stderr), []byte("resumed from")) {
		t.Errorf("the damaged checkpoint is not named: %s", stderr)
	}
	if !bytes.Equal(weights(t, run), want) {
		t.Error("after the fall-back the run ends with other weights")
	}
}

func TestOtherMethodIsRefused(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	must(t, small(run, "--steps", "2")...)
	code, _, stderr := vssl(t, small(run, "--steps", "4", "--resume", "--method", "video-simclr")...)
	if code != exitUsage || !bytes.Contains([]byte(stderr), []byte("cvrl")) {
		t.Errorf("exit %d: %s", code, stderr)
	}
}
