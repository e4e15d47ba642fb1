package clips

import (
	"errors"
	"path/filepath"
	"testing"
)

// idxFile is an array of bytes in the IDX format.
func idxFile(body string, dims ...byte) string {
	s := "\x00\x00\x08" + string([]byte{byte(len(dims))})
	for _, d := range dims {
		s += string([]byte{0, 0, 0, d})
	}
	return s + body
}

func TestMNIST(t *testing.T) {
	a, b := ramp{20, 20, 0}, ramp{20, 20, 0}
	pixels := string(a.bytes(Grey)) + string(b.bytes(Grey))
	images, labels := idxFile(pixels, 2, 20, 20), idxFile("\x07\x02", 2)
	for name, root := range map[string]string{
		"packed": tree(t, map[string]string{"train-images-idx3-ubyte.gz": packGzip(t, images),
			"train-labels-idx1-ubyte.gz": packGzip(t,
				labels), "t10k-images-idx3-ubyte": images, "t10k-labels-idx1-ubyte": labels}),
		"dots": tree(t, map[string]string{"train-images.idx3-ubyte": images, "train-labels.idx1-ubyte": labels,
			"t10k-images.idx3-ubyte": images, "t10k-labels.idx1-ubyte": labels}),
		"torchvision": tree(t, map[string]string{"MNIST/raw/train-images-idx3-ubyte": images,
			"MNIST/raw/train-labels-idx1-ubyte": labels, "MNIST/raw/t10k-images-idx3-ubyte": images,
			"MNIST/raw/t10k-labels-idx1-ubyte": labels}),
	} {
		s := open(t, "mnist", root, SourceOptions{})
		if s.Len() != 2 || len(s.Classes()) != 10 || s.Classes()[7] != "7" || len(s.LeftOut()) != 0 {
			t.Errorf("%s: %d samples of %q, left out %v", name, s.Len(), s.Classes(), s.LeftOut())
		}
		checkRamp(t, s, 0, a, true, 7)
		checkRamp(t, s, 1, b, true, 2)
		if all := open(t, "mnist", root, SourceOptions{Split: "train+test"}); all.Len() != 4 || len(readAll(t, all)) != 2 {
			t.Errorf("%s: both parts hold %d samples", name, all.Len())
		}
	}
}

// EMNIST has several sets in a folder, more labels, and pictures by columns.
func TestEMNIST(t *testing.T) {
	r := ramp{12, 12, 0}
	sideways := idxFile(string(onItsSide(r)), 1, 12, 12)
	files := map[string]string{}
	for _, set := range []string{"letters", "digits"} {
		for _, part := range []string{"train", "test"} {
			files["emnist-"+set+"-"+part+"-images-idx3-ubyte"] = sideways
			files["emnist-"+set+"-"+part+"-labels-idx1-ubyte"] = idxFile("\x1a", 1)
		}
	}
	root := tree(t, files)
	refused(t, "mnist", root, SourceOptions{}, "several sets", "emnist-digits-train-images-idx3-ubyte", "name one file")
	s := open(t, "mnist", filepath.Join(root, "emnist-letters-train-images-idx3-ubyte"), SourceOptions{Split: "test"})
	same(t, "samples", keys(s), []string{"emnist-letters-test-images-idx3-ubyte#0=26"})
	checkRamp(t, s, 0, r, true, 26)
}

// onItsSide is a square grey picture by columns.
func onItsSide(r ramp) []byte {
	upright := r.bytes(Grey)
	side := make([]byte, len(upright))
	for i, v := range upright {
		side[i%r.w*r.h+i/r.w] = v
	}
	return side
}

func TestMNISTRefusals(t *testing.T) {
	images, labels := idxFile("abcdefgh", 2, 2, 2), idxFile("\x01\x02", 2)
	for _, c := range []struct{ images, labels, want string }{
		{images[:20], labels, "train-images-idx3-ubyte: 20 bytes, want 24"},
		{images[:9], labels, "want a header of 16"},
		{"\x01" + images[1:], labels, "not an IDX file"},
		{idxFile("0123456789abcdef", 16), labels, "IDX type 0x8 with 1 axes, want 0x8 (bytes) with 3"},
		{"\x00\x00\x0d\x03" + images[4:], labels, "IDX type 0xd"},
		{"\x00\x00\x08\x03\xff\xff\xff\xff\x00\x00\x00\x02\x00\x00\x00\x02", labels, "want more for an array of 4294967295"},
		{idxFile("", 0, 2, 2), labels, "holds no picture"},
		{idxFile("", 2, 0, 2), labels, "a side of 0"},
		{images, idxFile("\x01", 1), "has 1 labels, want one for each of 2 pictures"},
	} {
		refused(t, "mnist", tree(t, map[string]string{"train-images-idx3-ubyte": c.images,
			"train-labels-idx1-ubyte": c.labels}), SourceOptions{}, c.want)
	}
	refused(t, "mnist", t.TempDir(), SourceOptions{}, "put the four files there")
	refused(t, "mnist", tree(t, map[string]string{"train-images-idx3-ubyte.gz": "\x1f\x8b\x08"}), SourceOptions{},
		"train-images-idx3-ubyte.gz")
	lone := tree(t, map[string]string{"my-images-idx3-ubyte": images})
	s := open(t, "mnist", lone, SourceOptions{})
	same(t, "without labels", keys(s), []string{"my-images-idx3-ubyte#0=-", "my-images-idx3-ubyte#1=-"})
	if got := reasons(s)["my-images-idx3-ubyte"]; got == "" {
		t.Errorf("missing labels are not told: %v", s.LeftOut())
	}
}

func TestRealMNIST(t *testing.T) {
	root := filepath.Join(sharedPictures(t), "mnist")
	s := open(t, "mnist", root, SourceOptions{})
	count := readAll(t, s)
	if s.Len() != 10000 || count[7] != 1028 || count[0] != 980 || s.Sample(0).Label != 7 {
		t.Errorf("%d pictures, labels %v, the first a %d; want 10000, 980 zeros, 1028 sevens, a 7", s.Len(), count,
			s.Sample(0).Label)
	}
	if _, err := OpenSource("mnist", root, SourceOptions{Split: "test"}); !errors.Is(err, ErrNoTest) {
		t.Errorf("the only part as its own test: %v, want ErrNoTest", err)
	}
}

func FuzzIDX(f *testing.F) {
	f.Add([]byte(idxFile("abcdefgh", 2, 2, 2)))
	f.Add([]byte(idxFile("\x01\x02", 2)))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, axes := range []int{1, 3} {
			dims, head, err := parseIDX(data, axes)
			if err != nil {
				continue
			}
			size := 1
			for _, d := range dims {
				size *= d
			}
			if size != len(data)-head {
				t.Errorf("accepted %d bytes for %v", len(data), dims)
			}
		}
	})
}
