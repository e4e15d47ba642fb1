package pipelines

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/google/renameio/v2"
)

// Names inside checkpoints/step-N/.
const (
	modelFile     = "model.safetensors"
	optimizerFile = "optimizer.safetensors"
	stateFile     = "state.json"
)

// ErrCheckpoint is wrapped by errors about a checkpoint that cannot be used.
var ErrCheckpoint = errors.New("checkpoint is not usable")

// checkpoints is the folder of a run that holds its saved states, newest kept ones and the best.
type checkpoints struct {
	dir  string
	keep int
}

// save writes a checkpoint aside, syncs it, and renames it into place, so that a crash at any moment or a full disk
// leaves the one before whole. write puts the tensor files into the folder it is given.
func (c checkpoints) save(st State, write func(dir string) error) error {
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return err
	}
	name := stepName(st.Step)
	final := filepath.Join(c.dir, name)
	aside, err := os.MkdirTemp(c.dir, ".writing-")
	if err != nil {
		return fmt.Errorf("checkpoint %s: %w", name, err)
	}
	defer os.RemoveAll(aside) // gone after the rename; what is left is a failed attempt
	if err := c.fill(aside, st, write); err != nil {
		return fmt.Errorf("checkpoint %s is not written, the one before stays: %w", name, err)
	}
	if err := os.Chmod(aside, 0o755); err != nil {
		return err
	}
	if err := replaceDir(aside, final); err != nil {
		return fmt.Errorf("checkpoint %s: %w", name, err)
	}
	if err := renameio.Symlink(name, filepath.Join(c.dir, "last")); err != nil {
		return err
	}
	return errors.Join(syncDir(c.dir), c.prune())
}

func (c checkpoints) fill(dir string, st State, write func(dir string) error) error {
	if err := write(dir); err != nil {
		return err
	}
	st.Files = map[string]fileSum{}
	for _, name := range []string{modelFile, optimizerFile} {
		sum, err := syncAndSum(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		st.Files[name] = sum
	}
	data, err := json.MarshalIndent(st, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, stateFile)
	if err := os.WriteFile(path, append(data, '\n'), 0o644); err != nil {
		return err
	}
	if _, err := syncAndSum(path); err != nil {
		return err
	}
	return syncDir(dir)
}

// replaceDir renames aside to final; a checkpoint of the same step, left by an earlier sitting, makes room first.
func replaceDir(aside, final string) error {
	err := os.Rename(aside, final)
	if err == nil || !errors.Is(err, fs.ErrExist) {
		return err
	}
	old := final + ".old"
	if err := errors.Join(os.RemoveAll(old), os.Rename(final, old)); err != nil {
		return err
	}
	return errors.Join(os.Rename(aside, final), os.RemoveAll(old))
}

// best points the link of that name at the checkpoint of the step.
func (c checkpoints) best(step int) error {
	return renameio.Symlink(stepName(step), filepath.Join(c.dir, "best"))
}

// newest lists the folders of checkpoints, highest step first.
func (c checkpoints) newest() ([]string, error) {
	entries, err := os.ReadDir(c.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var steps []int
	for _, e := range entries {
		if n, ok := stepOf(e.Name()); ok && e.IsDir() {
			steps = append(steps, n)
		}
	}
	slices.Sort(steps)
	slices.Reverse(steps)
	dirs := make([]string, len(steps))
	for i, n := range steps {
		dirs[i] = filepath.Join(c.dir, stepName(n))
	}
	return dirs, nil
}

// prune removes what is older than the kept ones, but never the best, and attempts that a crash left behind.
func (c checkpoints) prune() error {
	dirs, err := c.newest()
	if err != nil {
		return err
	}
	best, _ := os.Readlink(filepath.Join(c.dir, "best"))
	var errs []error
	for i, dir := range dirs {
		if i >= c.keep && filepath.Base(dir) != best {
			errs = append(errs, os.RemoveAll(dir))
		}
	}
	left, _ := filepath.Glob(filepath.Join(c.dir, ".writing-*"))
	old, _ := filepath.Glob(filepath.Join(c.dir, "step-*.old"))
	for _, dir := range append(left, old...) {
		errs = append(errs, os.RemoveAll(dir))
	}
	return errors.Join(errs...)
}

// readState reads and verifies a checkpoint: its state, and that the tensor files are those it was written with.
// The error wraps ErrCheckpoint and names the file.
func readState(dir string) (State, error) {
	var st State
	path := filepath.Join(dir, stateFile)
	data, err := os.ReadFile(path)
	if err != nil {
		return st, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	if err := json.Unmarshal(data, &st); err != nil {
		return st, fmt.Errorf("%w: %s is cut or damaged: %w", ErrCheckpoint, path, err)
	}
	if st.Version != stateVersion {
		return st, fmt.Errorf("%w: %s has version %d, this program reads %d", ErrCheckpoint, path, st.Version, stateVersion)
	}
	for _, name := range []string{modelFile, optimizerFile} {
		want, ok := st.Files[name]
		if !ok {
			return st, fmt.Errorf("%w: %s does not list %s", ErrCheckpoint, path, name)
		}
		got, err := sum(filepath.Join(dir, name))
		if err != nil {
			return st, fmt.Errorf("%w: %w", ErrCheckpoint, err)
		}
		if got != want {
			return st, fmt.Errorf("%w: %s is cut or damaged (%d bytes, want %d)", ErrCheckpoint, filepath.Join(dir, name), got.Bytes, want.Bytes)
		}
	}
	return st, nil
}

func sum(path string) (fileSum, error) {
	f, err := os.Open(path)
	if err != nil {
		return fileSum{}, err
	}
	defer f.Close()
	return sumOf(f)
}

func sumOf(r io.Reader) (fileSum, error) {
	h := sha256.New()
	n, err := io.Copy(h, r)
	return fileSum{Bytes: n, SHA256: hex.EncodeToString(h.Sum(nil))}, err
}

func syncAndSum(path string) (fileSum, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fileSum{}, err
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return fileSum{}, err
	}
	return sumOf(f)
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func stepName(step int) string { return fmt.Sprintf("step-%08d", step) }

func stepOf(name string) (int, bool) {
	digits, ok := strings.CutPrefix(name, "step-")
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil && stepName(n) == name
}
