package clips

import "testing"

func TestSTL10(t *testing.T) {
	bird, truck, some := ramp{96, 96, 1}, ramp{96, 96, 2}, ramp{96, 96, 3}
	root := tree(t, map[string]string{
		"stl10_binary/train_X.bin": string(bird.bytes(Columns)) + string(truck.bytes(Columns)), "stl10_binary/train_y.bin": "\x02\x0a",
		"stl10_binary/test_X.bin": string(truck.bytes(Columns)), "stl10_binary/test_y.bin": "\x0a",
		"stl10_binary/unlabeled_X.bin": string(some.bytes(Columns)),
	})
	s := open(t, "stl10", root, SourceOptions{})
	same(t, "samples", keys(s), []string{"train_X.bin#0=bird", "train_X.bin#1=truck"})
	checkRamp(t, s, 0, bird, false, 1)
	checkRamp(t, s, 1, truck, false, 9)
	checkRamp(t, open(t, "stl10", root, SourceOptions{Split: TestSplit("stl10")}), 0, truck, false, 9)
	both := open(t, "stl10", root, SourceOptions{Split: "train+unlabeled"})
	same(t, "train+unlabeled", keys(both), []string{"train_X.bin#0=bird", "train_X.bin#1=truck", "unlabeled_X.bin#0=-"})
	checkRamp(t, both, 2, some, false, -1)
}

func TestSTL10Refusals(t *testing.T) {
	one := string(ramp{96, 96, 1}.bytes(Columns))
	refused(t, "stl10", tree(t, map[string]string{"train_X.bin": one[:100]}), SourceOptions{},
		"train_X.bin is 100 bytes long, want 138240000")
	refused(t, "stl10", tree(t, map[string]string{"train_X.bin": one, "train_y.bin": "\x01\x01"}), SourceOptions{},
		"train_y.bin is 2 bytes long, want a label for each of 1")
	refused(t, "stl10", tree(t, map[string]string{"train_X.bin": one, "train_y.bin": "\x00"}), SourceOptions{},
		"train_y.bin", "the label 0, want 1 to 10")
	refused(t, "stl10", t.TempDir(), SourceOptions{}, "holds neither train_X.bin nor unlabeled_X.bin")
	s := open(t, "stl10", tree(t, map[string]string{"train_X.bin": one}), SourceOptions{})
	same(t, "without labels", keys(s), []string{"train_X.bin#0=-"})
	if got := reasons(s)["train_y.bin"]; got == "" {
		t.Errorf("missing labels are not told: %v", s.LeftOut())
	}
}
