package sink

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func at(step int, values map[string]float64) Record {
	return Record{Step: step, Epoch: step / 10, Time: time.UnixMilli(1_700_000_000_000 + int64(step)*1000), Values: values}
}

func writeAll(t *testing.T, s Sink, records ...Record) {
	t.Helper()
	for _, r := range records {
		if err := s.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
	if err := s.Write(at(99, nil)); err == nil {
		t.Error("Write after Close: no error")
	}
}

func open(t *testing.T, path string, step int) Sink {
	t.Helper()
	s, err := OpenJSONL(path, step)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sameRecord(a, b Record) bool {
	equal := func(x, y float64) bool { return x == y || math.IsNaN(x) && math.IsNaN(y) }
	return a.Step == b.Step && a.Epoch == b.Epoch && a.Time.Equal(b.Time) && maps.EqualFunc(a.Values, b.Values, equal)
}

// Any figures under any names come back as they were written, NaN and infinities too.
func TestJSONLRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "metrics.jsonl")
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.String().Filter(func(s string) bool { return s != "step" && s != "epoch" && s != "time" })
		value := rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, 1e-320}))
		want := at(rapid.IntRange(1, 1e9).Draw(rt, "step"), rapid.MapOf(name, value).Draw(rt, "values"))
		writeAll(t, open(t, path, 0), want)
		got, err := ReadJSONL(path)
		if err != nil || len(got) != 1 || !sameRecord(got[0], want) {
			rt.Fatalf("read %v, %v; wrote %v", got, err, want)
		}
	})
}

// A resumed session cuts off what came after its checkpoint, a torn line too, and goes on from there.
func TestJSONLResume(t *testing.T) {
	path := filepath.Join(t.TempDir(), "metrics.jsonl")
	s := open(t, path, 0)
	for step := 1; step <= 7; step++ {
		if err := s.Write(at(step, map[string]float64{Loss: float64(step)})); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(`{"step":8,"ep`); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(file.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	if records, err := ReadJSONL(path); err != nil || len(records) != 7 {
		t.Fatalf("with a torn line: %d records, %v", len(records), err)
	}

	writeAll(t, open(t, path, 5), at(6, map[string]float64{Loss: 60}))
	records, err := ReadJSONL(path)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range records {
		got = append(got, fmt.Sprint(r.Step, ":", r.Values[Loss]))
	}
	if want := "1:1 2:2 3:3 4:4 5:5 6:60"; strings.Join(got, " ") != want {
		t.Errorf("after the resume: %v, want %s", got, want)
	}

	writeAll(t, open(t, path, 0), at(1, nil))
	if records, err := ReadJSONL(path); err != nil || len(records) != 1 {
		t.Errorf("started afresh: %d records, %v", len(records), err)
	}
}

func TestReadJSONLNamesTheBadLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "metrics.jsonl")
	if err := os.WriteFile(path, []byte("{\"step\":1}\nnonsense\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadJSONL(path); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("error %v, want one that names line 2", err)
	}
}

func TestPlainLines(t *testing.T) {
	var out bytes.Buffer
	s := NewTerminal(TerminalConfig{Out: &out, Total: 40})
	s.began = at(0, nil).Time
	var records []Record
	for step := 1; step <= 25; step++ {
		records = append(records, at(step, map[string]float64{Loss: 3 - float64(step)/10, LR: 0.05, ClipsPerSecond: 41.26, DataWait: 0.034}))
	}
	records[2].Values[Skipped] = 2
	records[11].Values[KNN] = 0.5
	writeAll(t, s, records...)
	want := strings.Join([]string{
		"step 1/40  epoch 0  loss 2.900  lr 0.05  41.3 clips/s  wait 3%  39s left",
		"step 11/40  epoch 1  loss 1.900  lr 0.05  41.3 clips/s  wait 3%  skipped 2  29s left",
		"step 21/40  epoch 2  loss 0.900  lr 0.05  knn 50.0%  41.3 clips/s  wait 3%  skipped 2  19s left",
		"step 25/40  epoch 2  loss 0.500  lr 0.05  knn 50.0%  41.3 clips/s  wait 3%  skipped 2  15s left",
	}, "\n") + "\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

// After a resume the time left is forecast from the steps of this sitting alone.
func TestTimeLeftAfterResume(t *testing.T) {
	s := NewTerminal(TerminalConfig{Out: new(bytes.Buffer), Start: 100, Total: 120})
	s.began = at(100, nil).Time
	if left, ok := s.left(at(110, nil)); !ok || left != 10*time.Second {
		t.Errorf("left %v, %v; want 10s", left, ok)
	}
}

func TestBar(t *testing.T) {
	var out bytes.Buffer
	s := NewTerminal(TerminalConfig{Out: &out, Total: 3, Always: true})
	if err := s.Write(at(1, map[string]float64{Loss: 2})); err != nil {
		t.Fatal(err)
	}
	if err := s.Say("checkpoint %d", 1); err != nil {
		t.Fatal(err)
	}
	writeAll(t, s, at(3, map[string]float64{Loss: 1}))
	got := out.String()
	for _, want := range []string{"[", "loss 2.000", "checkpoint 1\n", "step 3/3  epoch 0  loss 1.000\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in %q", want, got)
		}
	}
}

// What does not fit beside the bar is left out, the least important first.
func TestBarFits(t *testing.T) {
	s := NewTerminal(TerminalConfig{Out: new(bytes.Buffer), Total: 3, Always: true})
	r := at(2, map[string]float64{Loss: 2, LR: 0.123456, KNN: 0.5, "own": 1})
	if got := s.fit(r); !strings.Contains(got, "lr 0.123") {
		t.Errorf("with room for it, no learning rate in %q", got)
	}
	if got := s.line(r, LR, KNN); strings.Contains(got, "lr") || strings.Contains(got, "knn") || !strings.Contains(got, "loss") {
		t.Errorf("without learning rate and kNN: %q", got)
	}
}

func TestCounter(t *testing.T) {
	var out bytes.Buffer
	show := Counter(&out, "clips")
	for i := 1; i <= 4; i++ {
		show(i, 4)
	}
	if want := "1/4 clips\n4/4 clips\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

type failing struct{ wrote int }

func (f *failing) Write(Record) error { f.wrote++; return os.ErrClosed }
func (f *failing) Close() error       { return os.ErrInvalid }

func TestMultiGoesOnAfterAnError(t *testing.T) {
	a, b := &failing{}, &failing{}
	s := Multi(a, b)
	if err := s.Write(Record{}); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Write: %v", err)
	}
	if err := s.Close(); !errors.Is(err, os.ErrInvalid) {
		t.Errorf("Close: %v", err)
	}
	if a.wrote != 1 || b.wrote != 1 {
		t.Errorf("wrote %d and %d records, want 1 and 1", a.wrote, b.wrote)
	}
}

func TestNames(t *testing.T) {
	got := Names([]Record{at(1, map[string]float64{"zeta": 1, LR: 1}), at(2, map[string]float64{Loss: 1, "alpha": 1})})
	if want := "[loss lr alpha zeta]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}
