package clips

import "testing"

func TestSVHN(t *testing.T) {
	one, zero := ramp{32, 32, 1}, ramp{32, 32, 2}
	x := matBytes("X", string(one.bytes(Columns))+string(zero.bytes(Columns)), 32, 32, 3, 2)
	root := tree(t, map[string]string{
		"train_32x32.mat": matFile(t, x, matDoubles("y", 1, 10)),
		"test_32x32.mat":  matFile(t, matBytes("X", string(zero.bytes(Columns)), 32, 32, 3), matBytes("y", "\x0a", 1, 1)),
		"extra_32x32.mat": matFile(t, x, matBytes("y", "\x09\x02", 2, 1)),
	})
	s := open(t, "svhn", root, SourceOptions{})
	same(t, "samples", keys(s), []string{"train_32x32.mat#0=1", "train_32x32.mat#1=0"})
	checkRamp(t, s, 0, one, false, 1)
	checkRamp(t, s, 1, zero, false, 0)
	checkRamp(t, open(t, "svhn", root, SourceOptions{Split: TestSplit("svhn")}), 0, zero, false, 0)
	both := open(t, "svhn", root, SourceOptions{Split: "train+extra"})
	same(t, "train+extra", keys(both), []string{"train_32x32.mat#0=1", "train_32x32.mat#1=0", "extra_32x32.mat#0=9",
		"extra_32x32.mat#1=2"})
}

func TestSVHNRefusals(t *testing.T) {
	x := matBytes("X", string(ramp{32, 32, 1}.bytes(Columns)), 32, 32, 3, 1)
	good := matFile(t, x, matDoubles("y", 1))
	for want, file := range map[string]string{
		"want one for each of 1 pictures":     matFile(t, x, matDoubles("y", 1, 2)),
		"has the label 11, want 1 to 10":      matFile(t, x, matDoubles("y", 11)),
		"has the label 1.5, want 1 to 10":     matFile(t, x, matDoubles("y", 1.5)),
		"has no variables X and y":            matFile(t, x),
		"want bytes of [height, width, 3, pi": matFile(t, matBytes("X", "abcdefgh", 2, 2, 2), matDoubles("y", 1)),
		"want 8 for an array of [2 2 2]":      matFile(t, matBytes("X", "abc", 2, 2, 2), matDoubles("y", 1)),
		"cut short":                           good[:len(good)/2],
		"not a MATLAB 5 file":                 "<html>",
	} {
		refused(t, "svhn", tree(t, map[string]string{"train_32x32.mat": file}), SourceOptions{}, want, "train_32x32.mat")
	}
	refused(t, "svhn", t.TempDir(), SourceOptions{}, "holds neither train_32x32.mat nor", "put them there")
	refused(t, "svhn", tree(t, map[string]string{"train_32x32.mat": good}), SourceOptions{Split: "extra"},
		`holds no part "extra", but train`)
}
