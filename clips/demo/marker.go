package demo

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/google/renameio/v2"
	"golang.org/x/sys/unix"
)

// version counts the changes of what is drawn from a configuration.
const version = 1

const (
	markerFile = "demo.json"
	labelsFile = "labels.csv"
)

// ErrOtherSet says that the folder holds a demo set made with another configuration.
var ErrOtherSet = errors.New("another demo set is there: name another folder, or remove this one")

// ErrForeign says that the folder holds things that are not of a demo set.
var ErrForeign = errors.New("not empty and not a demo set: name an empty or a new folder")

// marker is what demo.json holds.
type marker struct {
	Version int    `json:"version"`
	Config  Config `json:"config"`
	Whole   bool   `json:"whole"`
}

// readMarker reads the marker of the set in dir. The error is os.ErrNotExist where there is none.
func readMarker(dir string) (marker, error) {
	name := filepath.Join(dir, markerFile)
	data, err := os.ReadFile(name)
	if err != nil {
		return marker{}, fmt.Errorf("demo set: %w", err)
	}
	var m marker
	if err := json.Unmarshal(data, &m); err != nil {
		return marker{}, fmt.Errorf("demo set: %s: %w; remove the folder to make the set afresh", name, err)
	}
	return m, nil
}

func writeMarker(dir string, m marker) error {
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("demo set: %w", err)
	}
	return writeAtomic(filepath.Join(dir, markerFile), append(data, '\n'))
}

func writeAtomic(name string, data []byte) error {
	if err := renameio.WriteFile(name, data, 0o644); err != nil {
		return fmt.Errorf("demo set: %w", err)
	}
	return nil
}

// check tells whether dir holds the whole set of config. The error says why it cannot be made there.
func check(dir string, config Config) (whole bool, err error) {
	m, err := readMarker(dir)
	if errors.Is(err, os.ErrNotExist) {
		return false, checkEmpty(dir)
	}
	if err != nil {
		return false, err
	}
	config.Workers = 0
	if m.Version != version || m.Config != config {
		return false, fmt.Errorf("%s: %w", dir, ErrOtherSet)
	}
	return m.Whole && len(missing(dir, config)) == 0, nil
}

// checkEmpty returns an error when dir exists and holds anything.
func checkEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("demo set: %w", err)
	case len(entries) > 0:
		return fmt.Errorf("%s: %w", dir, ErrForeign)
	}
	return nil
}

// missing lists the clips of config that are not in dir.
func missing(dir string, config Config) []int {
	var todo []int
	for i := range config.Clips {
		info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(config.path(i))))
		if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
			todo = append(todo, i)
		}
	}
	return todo
}

// writeLabels writes the list of all clips.
func writeLabels(dir string, config Config) error {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	rows := [][]string{{"path", "label", "split"}}
	for i := range config.Clips {
		rows = append(rows, []string{config.path(i), classes[config.label(i)].name, config.split(i)})
	}
	if err := w.WriteAll(rows); err != nil {
		return fmt.Errorf("demo set: %w", err)
	}
	return writeAtomic(filepath.Join(dir, labelsFile), b.Bytes())
}

// lock keeps other processes from working on dir until the returned function is called. The lock is the kernel's and
// ends with the process, so nothing is left behind.
func lock(ctx context.Context, dir string) (unlock func(), err error) {
	folder, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("demo set: %w", err)
	}
	for {
		err := unix.Flock(int(folder.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return func() { folder.Close() }, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			return nil, errors.Join(fmt.Errorf("demo set: locking %s: %w", dir, err), folder.Close())
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), folder.Close())
		case <-time.After(100 * time.Millisecond):
		}
	}
}
