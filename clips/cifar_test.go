package clips

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
)

// cifarRecord is one picture of the binary version.
func cifarRecord(r ramp, labels ...byte) string { return string(labels) + string(r.bytes(Planar)) }

// pythonBatch is a batch as Python 2 pickled it.
func pythonBatch(key string, labels []byte, pixels string) string {
	s := "\x80\x02}q\x01(U\x0bbatch_labelq\x02U\x01xU" + string(rune(len(key))) + key + "q\x04]q\x05("
	for _, l := range labels {
		s += "K" + string(rune(l))
	}
	n := len(pixels)
	return s + "eU\x04dataq\x06cnumpy.core.multiarray\n_reconstruct\nq\x07cnumpy\nndarray\nq\x08K\x00\x85U\x01b\x87R(K\x01K" + string(rune(len(labels))) +
		"M\x00\x0c\x86cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T" +
		string([]byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)}) + pixels + "tbu."
}

func TestCIFAR10(t *testing.T) {
	frog, ship, cat := ramp{32, 32, 1}, ramp{32, 32, 2}, ramp{32, 32, 3}
	one, two, test := cifarRecord(frog, 6)+cifarRecord(ship, 8), cifarRecord(ship, 8), cifarRecord(cat, 3)
	binary := map[string]string{"cifar-10-batches-bin/data_batch_1.bin": one, "cifar-10-batches-bin/data_batch_2.bin": two,
		"cifar-10-batches-bin/test_batch.bin": test}
	python := map[string]string{
		"data_batch_1": pythonBatch("labels", []byte{6, 8}, string(frog.bytes(Planar))+string(ship.bytes(Planar))),
		"data_batch_2": pythonBatch("labels", []byte{8}, string(ship.bytes(Planar))), "test_batch": pythonBatch("labels",
			[]byte{3}, string(cat.bytes(Planar))),
	}
	archive := packTar(t, "a/data_batch_2.bin", two, "a/data_batch_1.bin", one, "../test_batch.bin", "evil",
		"a/test_batch.bin", test, "a/readme.html", "x")
	packed := tree(t, map[string]string{"cifar-10-binary.tar.gz": archive, "cifar-10-python.tar.gz": "not looked at"})
	for form, root := range map[string]string{
		"binary": tree(t, binary), "python": tree(t,
			python), "folder of the archive": packed, "archive": filepath.Join(packed, "cifar-10-binary.tar.gz"),
	} {
		t.Run(form, func(t *testing.T) {
			s := open(t, "cifar10", root, SourceOptions{})
			ext := ".bin"
			if form == "python" {
				ext = ""
			}
			same(t, "samples", keys(s), []string{"data_batch_1" + ext + "#0=frog", "data_batch_1" + ext + "#1=ship",
				"data_batch_2" + ext + "#0=ship"})
			checkRamp(t, s, 0, frog, false, 6)
			checkRamp(t, s, 2, ship, false, 8)
			if got := reasons(s); len(got) != 3 || got["data_batch_5"] != "this file of the data set is missing" {
				t.Errorf("left out %v", got)
			}
			held := open(t, "cifar10", root, SourceOptions{Split: TestSplit("cifar10")})
			same(t, "test", keys(held), []string{"test_batch" + ext + "#0=cat"})
			checkRamp(t, held, 0, cat, false, 3)
			if n := open(t, "cifar10", root, SourceOptions{Split: "all"}).Len(); n != 4 {
				t.Errorf("all: %d samples, want 4", n)
			}
			refused(t, "cifar10", root, SourceOptions{Split: "validate"}, `has no split "validate": want train, test or all`)
		})
	}
}

func TestCIFAR100(t *testing.T) {
	wolf, apple := ramp{32, 32, 7}, ramp{32, 32, 8}
	for _, files := range []map[string]string{
		{"train.bin": cifarRecord(wolf, 1, 97), "test.bin": cifarRecord(apple, 4, 0)},
		{"cifar-100-python/train": pythonBatch("fine_labels", []byte{97}, string(wolf.bytes(Planar))),
			"cifar-100-python/test": pythonBatch("fine_labels", []byte{0}, string(apple.bytes(Planar)))},
	} {
		root := tree(t, files)
		s := open(t, "cifar100", root, SourceOptions{Split: "train"})
		if n := len(s.Classes()); n != 100 || s.Classes()[97] != "wolf" || s.Classes()[99] != "worm" {
			t.Errorf("%d classes: %q", n, s.Classes())
		}
		checkRamp(t, s, 0, wolf, false, 97)
		checkRamp(t, open(t, "cifar100", root, SourceOptions{Split: "test"}), 0, apple, false, 0)
	}
}

// Pictures as files have the labels of the binary version, whichever classes are there, packed or not.
func TestCIFARPictures(t *testing.T) {
	truck, deer := ramp{32, 32, 1}.png(t), ramp{32, 32, 2}.png(t)
	unpacked := tree(t, map[string]string{
		"train/truck/10.png": truck, "train/truck/9.png": truck, "train/deer/a.png": deer, "train/unicorn/x.png": deer,
		"train/notes.txt": "hi", "test/deer/b.png": deer,
	})
	packed := tree(t, map[string]string{
		"train.tar.gz": packTar(t, "x/train/truck/10.png", truck, "x/train/truck/9.png", truck, "x/train/deer/a.png", deer,
			"train/loose.png", deer, "train/truck/.hidden.png", deer, "y/train/truck/9.png", deer),
		"cifar10-test.tgz":   packTar(t, "test/deer/b.png", deer),
		"cifar100-train.tar": "of another set",
	})
	for _, root := range []string{unpacked, packed} {
		s := open(t, "cifar10", root, SourceOptions{})
		same(t, "samples", keys(s), []string{"train/deer/a.png=deer", "train/truck/9.png=truck", "train/truck/10.png=truck"})
		if l := s.Sample(2).Label; l != 9 {
			t.Errorf("truck has the label %d, want 9", l)
		}
		checkRamp(t, s, 0, ramp{32, 32, 2}, false, 4)
		checkRamp(t, s, 2, ramp{32, 32, 1}, false, 9)
		same(t, "test", keys(open(t, "cifar10", root, SourceOptions{Split: "test"})), []string{"test/deer/b.png=deer"})
	}
	if got := reasons(open(t, "cifar10", packed, SourceOptions{})); len(got) != 1 || got["train/truck/9.png"] != "there twice" {
		t.Errorf("of the archives, left out %v", got)
	}
	if got := reasons(open(t, "cifar10", unpacked,
		SourceOptions{}))["train/unicorn/x.png"]; got != `folder "unicorn" is no class of CIFAR-10` {
		t.Errorf("an unknown class is left out as %q", got)
	}
}

func TestCIFARRefusals(t *testing.T) {
	whole := cifarRecord(ramp{32, 32, 1}, 6)
	cut := tree(t, map[string]string{"data_batch_1.bin": whole[:3000], "test_batch.bin": cifarRecord(ramp{32, 32, 1}, 10)})
	refused(t, "cifar10", cut, SourceOptions{}, "data_batch_1.bin", "3000 bytes, want 30730000")
	refused(t, "cifar10", cut, SourceOptions{Split: "test"}, "test_batch.bin", "picture 0 has the label 10, want 0 to 9")
	refused(t, "cifar10", t.TempDir(), SourceOptions{}, "holds neither data_batch_1.bin nor train/CLASS/",
		"unpack the binary version there")
	refused(t, "cifar10", filepath.Join(cut, "nowhere"), SourceOptions{}, "cannot be opened", "--data")
	refused(t, "cifar10", "", SourceOptions{}, "no folder is given")
	broken := tree(t, map[string]string{"cifar-10-binary.tar.gz": packTar(t, "data_batch_1.bin", whole)[:200]})
	refused(t, "cifar10", broken, SourceOptions{}, "cifar-10-binary.tar.gz", "cut short")
	for name, batch := range map[string]string{
		"ends too early": pythonBatch("labels", []byte{1}, "")[:90], "no list \"labels\"": pythonBatch("fine_labels",
			[]byte{1}, whole[1:]), "want more for its shape": pythonBatch("labels", []byte{1}, "abc"),
		"opcode": "\x80\x02i",
	} {
		refused(t, "cifar10", tree(t, map[string]string{"data_batch_1": batch}), SourceOptions{}, name,
			"fetch the binary version instead")
	}
	// The only part there is taken, but does not pass for a test of itself.
	lone := tree(t, map[string]string{"test_batch.bin": whole})
	if n := open(t, "cifar10", lone, SourceOptions{}).Len(); n != 1 {
		t.Errorf("%d samples", n)
	}
	if _, err := OpenSource("cifar10", lone, SourceOptions{Split: "test"}); !errors.Is(err, ErrNoTest) {
		t.Errorf("the only part as its own test: %v, want ErrNoTest", err)
	}
}

func TestRealCIFARArchives(t *testing.T) {
	s := open(t, "cifar10", sharedPictures(t), SourceOptions{Split: "test"})
	count := readAll(t, s)
	if s.Len() != 5000 || len(count) != 10 {
		t.Errorf("%d pictures of %s, want 5000 of 10 classes", s.Len(), fmt.Sprint(count))
	}
}
