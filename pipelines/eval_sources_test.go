package pipelines

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vssl/clips"
)

// writeMNIST writes one part of a set of digits: n pictures of 4 x 4 pixels, of the classes in turn.
func writeMNIST(t *testing.T, dir, part string, n int, classes ...byte) {
	t.Helper()
	images := binary.BigEndian.AppendUint32(nil, 0x803)
	for _, v := range []int{n, 4, 4} {
		images = binary.BigEndian.AppendUint32(images, uint32(v))
	}
	labels := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 0x801), uint32(n))
	for i := range n {
		labels = append(labels, classes[i%len(classes)])
	}
	images = append(images, make([]byte, 16*n)...)
	for name, data := range map[string][]byte{"-images-idx3-ubyte": images, "-labels-idx1-ubyte": labels} {
		if err := os.WriteFile(filepath.Join(dir, part+name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func setsOf(t *testing.T, e EvalConfig, testOnly bool) (evalSets, error) {
	t.Helper()
	return openSets(t.Context(), &Config{Dataset: e.Dataset, Data: e.Data, Eval: e}, testOnly, nil)
}

// The part that the makers hold out is taken where it is there; else a fifth, and a note says why.
func TestOfficialTestPart(t *testing.T) {
	dir := t.TempDir()
	writeMNIST(t, dir, "train", 20, 0, 1)
	e := EvalConfig{Dataset: "mnist", Data: dir}
	s, err := setsOf(t, e, false)
	if err != nil || s.train.Len() != 16 || s.test.Len() != 4 || !strings.Contains(s.about, "a fifth") || len(s.notes) != 1 {
		t.Fatalf("without a test part: %v, %+v", err, s)
	}
	writeMNIST(t, dir, "t10k", 9, 0, 1, 2)
	s, err = setsOf(t, e, false)
	if err != nil || s.train.Len() != 20 || s.test.Len() != 6 || !strings.Contains(s.about, "official split test") {
		t.Fatalf("with a test part: %v, %d and %d samples, %s", err, s.train.Len(), s.test.Len(), s.about)
	}
	if len(s.notes) != 1 || s.notes[0] != "3 test samples of 1 classes that the training part lacks are left out" {
		t.Errorf("notes %q", s.notes)
	}
	if s, err = setsOf(t, e, true); err != nil || s.test.Len() != 9 || s.train != s.test {
		t.Errorf("where nothing is learnt from labels: %v, %d samples, want all 9 of the test part", err, s.test.Len())
	}
	e.Split = "test"
	if s, err = setsOf(t, e, false); err != nil || s.train.Len()+s.test.Len() != 9 || !strings.Contains(s.about, "a fifth") {
		t.Errorf("learning from the test part itself: %v, %s", err, s.about)
	}
}

// A test folder with other classes keeps those that the training part knows, by name; none is an error that names both.
func TestTestPartOfOtherClasses(t *testing.T) {
	train, other := t.TempDir(), t.TempDir()
	writeMNIST(t, train, "train", 6, 3, 5)
	writeMNIST(t, other, "train", 8, 5, 7)
	s, err := setsOf(t, EvalConfig{Dataset: "mnist", Data: train, Test: other}, false)
	if err != nil || s.test.Len() != 4 {
		t.Fatalf("%v, %+v", err, s)
	}
	for i := range s.test.Len() {
		if c := s.test.Classes()[s.test.Sample(i).Label]; c != s.train.Classes()[s.train.Sample(1).Label] {
			t.Errorf("test sample %d is of class %s", i, c)
		}
	}
	strange := t.TempDir()
	writeMNIST(t, strange, "train", 4, 8, 9)
	if _, err := setsOf(t, EvalConfig{Dataset: "mnist", Data: train, Test: strange}, false); err == nil ||
		!strings.Contains(err.Error(), "no class of the test set") {
		t.Errorf("no class in common: %v", err)
	}
}

func TestPartlyLabelled(t *testing.T) {
	var samples []clips.Sample
	for i := range 12 {
		samples = append(samples, clips.Sample{Key: stepName(i), Label: i%3 - 1})
	}
	var s evalSets
	if err := s.fromOne(clips.NewSet("test", samples, []string{"a", "b"}, nil), false); err != nil || s.train.Len()+s.test.Len() != 8 {
		t.Fatalf("%v, %+v", err, s)
	}
	if len(s.notes) != 1 || s.notes[0] != "4 samples of the data have no label and are left out" {
		t.Errorf("notes %q", s.notes)
	}
}
