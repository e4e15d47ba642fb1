package clips

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// repickled is a batch that Python 3 wrote; testdata/cifar/make.py says what is in it.
func repickled(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "cifar", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Batches that Python 3 read and wrote again have the pictures and labels of those they came from.
func TestCIFAROfPython3(t *testing.T) {
	batches := map[string]string{"renamed modules": strings.ReplaceAll(repickled(t, "batch2"), "numpy.core", "numpy._core")}
	for _, name := range []string{"batch2", "batch3", "batch4", "batch5", "text4"} {
		batches[name] = repickled(t, name)
	}
	for name, batch := range batches {
		t.Run(name, func(t *testing.T) {
			s := open(t, "cifar10", tree(t, map[string]string{"data_batch_1": batch}), SourceOptions{})
			same(t, "samples", keys(s), []string{"data_batch_1#0=frog", "data_batch_1#1=ship"})
			checkRamp(t, s, 0, ramp{32, 32, 1}, false, 6)
			checkRamp(t, s, 1, ramp{32, 32, 200}, false, 8)
		})
	}
}

// A picture alone is short enough to be kept as a string while it is read, and a black one is a text too.
func TestCIFAROfOnePicture(t *testing.T) {
	colours, black := string(ramp{32, 32, 255}.bytes(Planar)), strings.Repeat("\x00", cifarPixels)
	for name, pixels := range map[string]string{"bytes": colours, "text": black} {
		got, labels, err := readPythonBatch([]byte(pythonBatch("labels", []byte{6}, pixels)), "labels")
		if err != nil || string(got) != pixels || len(labels) != 1 || labels[0] != 6 {
			t.Errorf("%s: %d bytes, labels %v, %v", name, len(got), labels, err)
		}
	}
}

func TestCIFARPickleRefusals(t *testing.T) {
	whole := pythonBatch("labels", []byte{6}, strings.Repeat("\x00", cifarPixels))
	latin := "\x80\x02}U\x04datacnumpy\n_reconstruct\n)R(K\x01)cnumpy\ndtype\nU\x02u1\x85R\x89"
	for want, batch := range map[string]string{
		"no array of NumPy":    "\x80\x02}U\x04datacos\nsystem\nU\x05rm -r\x85Rs.",
		"order of C":           strings.Replace(whole, "tb\x89T", "tb\x88T", 1),
		`type "u2"`:            strings.Replace(whole, "u1", "u2", 1),
		"not a plain one":      latin + "c_codecs\nencode\nX\x02\x00\x00\x00\xc4\x80U\x06latin1\x86Rtbs.",
		"without content":      "\x80\x02}U\x04datacnumpy\n_reconstruct\n)RNbs.",
		"items for an array":   "\x80\x02cnumpy\n_reconstruct\n)R(K\x01e.",
		"more for its shape":   strings.Replace(whole, "M\x00\x0c\x86", "M\x00\x7f\x86", 1),
		"label 0 is a float64": strings.Replace(whole, "(K\x06e", "(G\x00\x00\x00\x00\x00\x00\x00\x00e", 1),
		"3072 for its shape":   strings.Replace(whole, "T\x00\x0c\x00\x00", "T\x01\x0c\x00\x00\x00", 1),
	} {
		if _, _, err := readPythonBatch([]byte(batch), "labels"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// FuzzPythonBatch: no bytes make the reader panic, and what it gives is whole.
func FuzzPythonBatch(f *testing.F) {
	for _, name := range []string{"batch2", "batch3", "batch4", "batch5", "text4"} {
		f.Add([]byte(repickled(f, name)))
	}
	f.Add([]byte(pythonBatch("labels", []byte{6}, strings.Repeat("\x01", cifarPixels))))
	f.Add([]byte("\x80\x02cnumpy\n_reconstruct\n)R(K\x01K\x02\x85cnumpy\ndtype\nU\x02u1\x85R\x89U\x02abtb."))
	f.Fuzz(func(t *testing.T, data []byte) {
		pixels, labels, err := readPythonBatch(data, "labels")
		if err == nil && (len(labels) == 0 || len(pixels) != len(labels)*cifarPixels) {
			t.Errorf("%d bytes for %d labels", len(pixels), len(labels))
		}
	})
}
