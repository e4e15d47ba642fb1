package pipelines

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// writeFiles stands in for the tensor files of a checkpoint.
func writeFiles(content string) func(dir string) error {
	return func(dir string) error {
		return errors.Join(os.WriteFile(filepath.Join(dir, modelFile), []byte(content), 0o644),
			os.WriteFile(filepath.Join(dir, optimizerFile), []byte(content+"-optimizer"), 0o644))
	}
}

func saved(t *testing.T, c checkpoints, step int) string {
	t.Helper()
	if err := c.save(State{Version: stateVersion, Method: "m", Step: step}, writeFiles("weights")); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(c.dir, stepName(step))
}

func TestCheckpointKeepsTheNewestAndTheBest(t *testing.T) {
	c := checkpoints{dir: t.TempDir(), keep: 2}
	saved(t, c, 10)
	if err := c.best(10); err != nil {
		t.Fatal(err)
	}
	for _, step := range []int{20, 30, 40} {
		saved(t, c, step)
	}
	dirs, err := c.newest()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range dirs {
		got = append(got, filepath.Base(d))
	}
	want := []string{stepName(40), stepName(30), stepName(10)}
	if len(got) != len(want) || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("kept %v, want %v", got, want)
	}
	last, err := os.Readlink(filepath.Join(c.dir, "last"))
	if err != nil || last != stepName(40) {
		t.Errorf("last is %q (%v), want %q", last, err, stepName(40))
	}
	st, err := readState(filepath.Join(c.dir, "last"))
	if err != nil || st.Step != 40 {
		t.Errorf("state of last: step %d, %v", st.Step, err)
	}
}

func TestCheckpointOfTheSameStepIsReplaced(t *testing.T) {
	c := checkpoints{dir: t.TempDir(), keep: 2}
	saved(t, c, 5)
	dir := saved(t, c, 5)
	if _, err := readState(dir); err != nil {
		t.Error(err)
	}
}

func TestFailedSaveLeavesTheOneBefore(t *testing.T) {
	c := checkpoints{dir: t.TempDir(), keep: 2}
	before := saved(t, c, 1)
	full := errors.New("no space left on device")
	err := c.save(State{Version: stateVersion, Step: 2}, func(string) error { return full })
	if !errors.Is(err, full) {
		t.Fatalf("got %v, want the write's error", err)
	}
	if _, err := readState(before); err != nil {
		t.Errorf("the checkpoint before the failed one: %v", err)
	}
	entries, err := os.ReadDir(c.dir)
	if err != nil || len(entries) != 2 { // step-1 and the link
		t.Errorf("%d entries are left (%v), want 2", len(entries), err)
	}
}

func TestReadStateRefusesDamage(t *testing.T) {
	damage := map[string]func(dir string) error{
		"cut model":    func(dir string) error { return os.Truncate(filepath.Join(dir, modelFile), 3) },
		"other model":  func(dir string) error { return os.WriteFile(filepath.Join(dir, modelFile), []byte("wEights"), 0o644) },
		"no optimizer": func(dir string) error { return os.Remove(filepath.Join(dir, optimizerFile)) },
		"cut state":    func(dir string) error { return os.Truncate(filepath.Join(dir, stateFile), 40) },
		"no state":     func(dir string) error { return os.Remove(filepath.Join(dir, stateFile)) },
		"other version": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, stateFile), []byte(`{"version":99}`), 0o644)
		},
		"files unnamed": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, stateFile), []byte(`{"version":1}`), 0o644)
		},
	}
	for name, harm := range damage {
		t.Run(name, func(t *testing.T) {
			dir := saved(t, checkpoints{dir: t.TempDir(), keep: 2}, 7)
			if err := harm(dir); err != nil {
				t.Fatal(err)
			}
			if _, err := readState(dir); !errors.Is(err, ErrCheckpoint) {
				t.Errorf("got %v, want ErrCheckpoint", err)
			}
		})
	}
}

func TestPruneRemovesFailedAttempts(t *testing.T) {
	c := checkpoints{dir: t.TempDir(), keep: 2}
	left := filepath.Join(c.dir, ".writing-123")
	if err := os.MkdirAll(left, 0o755); err != nil {
		t.Fatal(err)
	}
	saved(t, c, 1)
	if exists(left) {
		t.Error("an attempt that a crash left behind is still there")
	}
}
