package clips

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// synset is one class of ImageNet's meta.mat.
func synset(number float64, id, words string) []string {
	return []string{matDoubles("", number), matText(id), matText(words)}
}

// imageNetMeta has two classes of one name, numbered against the order of their WordNet numbers, and a group.
func imageNetMeta(t *testing.T) string {
	return matFile(t, matStructs("synsets", []string{"ILSVRC2012_ID", "WNID", "words"},
		synset(1, "n03126707", "crane"), synset(2, "n02012849", "crane"),
		synset(3, "n01440764", "tench, Tinca tinca"), synset(1001, "n00001740", "entity")))
}

func TestImageNet(t *testing.T) {
	tench, bird, machine := ramp{24, 24, 1}, ramp{24, 24, 2}, ramp{24, 24, 3}
	const data = "ILSVRC2012_devkit_t12/data/"
	files := map[string]string{
		"train/n03126707/n03126707_1.JPEG": machine.png(t), "train/n01440764/n01440764_10.JPEG": tench.png(t),
		"train/n01440764/n01440764_9.JPEG": tench.png(t),
		"train/other/x.JPEG":               tench.png(t), "train/n01440764/readme.txt": "hi",
		"val/ILSVRC2012_val_00000001.JPEG": machine.png(t), "val/ILSVRC2012_val_00000002.JPEG": bird.png(t),
		"val/ILSVRC2012_val_00000003.JPEG": tench.png(t),
	}
	kits := map[string]map[string]string{
		"kit": {data + "meta.mat": imageNetMeta(t), data + "ILSVRC2012_validation_ground_truth.txt": "1\n2\n3\n"},
		"archive": {"ILSVRC2012_devkit_t12.tar.gz": packTar(t, data+"meta.mat", imageNetMeta(t),
			data+"ILSVRC2012_validation_ground_truth.txt", "1\n2\n3\n")},
		"kaggle": {"LOC_synset_mapping.txt": "n01440764 tench, Tinca tinca\nn02012849 crane\nn03126707 crane\n",
			"LOC_val_solution.csv": "ImageId,PredictionString\nILSVRC2012_val_00000003,n01440764 1 2 3 4\n" +
				"ILSVRC2012_val_00000002,n02012849 1 2 3 4 n02012849 1 1 2 2\nILSVRC2012_val_00000001,n03126707 9 9 9 9\n"},
	}
	for name, kit := range kits {
		t.Run(name, func(t *testing.T) {
			all := map[string]string{}
			for _, m := range []map[string]string{files, kit} {
				for k, v := range m {
					all[k] = v
				}
			}
			root := tree(t, all)
			s := open(t, "imagenet", root, SourceOptions{})
			same(t, "classes", s.Classes(), []string{"tench, Tinca tinca", "crane"})
			same(t, "samples", keys(s), []string{"train/n01440764/n01440764_9.JPEG=tench, Tinca tinca",
				"train/n01440764/n01440764_10.JPEG=tench, Tinca tinca", "train/n03126707/n03126707_1.JPEG=crane"})
			checkRamp(t, s, 0, tench, false, 0)
			checkRamp(t, s, 2, machine, false, 1)
			if got := reasons(s); !strings.Contains(got["train/other/x.JPEG"], "not named like a class") ||
				got["train/n01440764/readme.txt"] != "not named like a picture" {
				t.Errorf("left out %v", got)
			}
			val := open(t, "imagenet", root, SourceOptions{Split: TestSplit("imagenet")})
			same(t, "val", keys(val), []string{"val/ILSVRC2012_val_00000001.JPEG=crane",
				"val/ILSVRC2012_val_00000003.JPEG=tench, Tinca tinca"})
			checkRamp(t, val, 0, machine, false, 1)
			if got := reasons(val)["val/ILSVRC2012_val_00000002.JPEG"]; got != "class n02012849 is none of the 2 of the training part" {
				t.Errorf("a class that is not in the training part is left out as %q", got)
			}
		})
	}
}

func TestImageNetWithoutKit(t *testing.T) {
	r := ramp{24, 24, 1}
	root := tree(t, map[string]string{"train/n00000002/a.jpg": r.png(t), "train/n00000001/a.jpg": r.png(t),
		"val/n00000002/b.jpg": r.png(t), "val/loose.jpg": r.png(t), "val/ILSVRC2012_val_00000001.JPEG": r.png(t)})
	same(t, "train", keys(open(t, "imagenet", root, SourceOptions{})),
		[]string{"train/n00000001/a.jpg=n00000001", "train/n00000002/a.jpg=n00000002"})
	val := open(t, "imagenet", root, SourceOptions{Split: "validate"})
	same(t, "val", keys(val), []string{"val/n00000002/b.jpg=n00000002"})
	if got := reasons(val); got["val/loose.jpg"] != "in no folder of a class" ||
		!strings.Contains(got["val/ILSVRC2012_val_00000001.JPEG"], "development kit") {
		t.Errorf("left out %v", got)
	}
	// The validation part alone, as published, has all classes of the kit, which tells two of a name apart.
	lone := tree(t, map[string]string{"val/ILSVRC2012_val_00000001.JPEG": r.png(t), "devkit/data/meta.mat": imageNetMeta(t),
		"devkit/data/ILSVRC2012_validation_ground_truth.txt": "1"})
	s := open(t, "imagenet", lone, SourceOptions{})
	same(t, "classes", s.Classes(), []string{"tench, Tinca tinca", "crane (n02012849)", "crane (n03126707)"})
	checkRamp(t, s, 0, r, false, 2)
	refused(t, "imagenet", t.TempDir(), SourceOptions{}, "holds neither train/WNID/ nor val/")
	refused(t, "imagenet", tree(t, map[string]string{"train/cat/1.jpg": "x"}), SourceOptions{}, "use --dataset imagefolder")
	bad := tree(t, map[string]string{"val/x.jpg": "", "devkit/data/meta.mat": imageNetMeta(t),
		"devkit/data/ILSVRC2012_validation_ground_truth.txt": "1\n1001\n"})
	refused(t, "imagenet", bad, SourceOptions{}, "line 2 is \"1001\"", "ground_truth")
	refused(t, "imagenet", tree(t, map[string]string{"val/x.jpg": "", "meta.mat": "x"}), SourceOptions{}, "meta.mat",
		"not a MATLAB 5 file")
}

func cubFiles(t *testing.T) map[string]string {
	return map[string]string{
		"images.txt":                     "2 002.Laysan/b.jpg\n1 001.Black/a.jpg\n3 002.Laysan/gone.jpg\n4 ../../evil.jpg\n5 001.Black/out.jpg\n6 001.Black/c.jpg\n",
		"classes.txt":                    "1 001.Black\n2 002.Laysan\n",
		"image_class_labels.txt":         "1 1\n2 2\n3 2\n4 2\n5 1\n6 1\n",
		"train_test_split.txt":           "1 1\n2 0\n3 1\n4 1\n5 1\n6 1\n",
		"images/001.Black/a.jpg":         ramp{24, 24, 1}.png(t),
		"images/001.Black/c.jpg":         ramp{24, 24, 3}.png(t),
		"images/002.Laysan/b.jpg":        ramp{24, 24, 2}.png(t),
		"images/002.Laysan/unlisted.jpg": "",
	}
}

func TestCUB(t *testing.T) {
	root := tree(t, cubFiles(t))
	outside := tree(t, map[string]string{"secret.jpg": "x"})
	if err := os.Symlink(filepath.Join(outside, "secret.jpg"), filepath.Join(root, "images/001.Black/out.jpg")); err != nil {
		t.Fatal(err)
	}
	s := open(t, "cub200", root, SourceOptions{})
	same(t, "samples", keys(s), []string{"images/001.Black/a.jpg=001.Black", "images/001.Black/c.jpg=001.Black"})
	checkRamp(t, s, 1, ramp{24, 24, 3}, false, 0)
	for name, want := range map[string]string{
		"images/002.Laysan/gone.jpg": "no such file", "images/../../evil.jpg": "path leaves the folder",
		"images/001.Black/out.jpg": "link that leaves the folder",
	} {
		if got := reasons(s)[name]; !strings.Contains(got, want) {
			t.Errorf("%s is left out as %q, want %q", name, got, want)
		}
	}
	checkRamp(t, open(t, "cub200", root, SourceOptions{Split: TestSplit("cub200")}), 0, ramp{24, 24, 2}, false, 1)
	for name, c := range map[string]struct{ content, want string }{
		"image_class_labels.txt": {"1 1\n2 3\n3 2\n4 2\n5 1\n6 1\n", `has "3" for picture 2, want a number of classes.txt`},
		"train_test_split.txt":   {"1 1\n", "want 0 or 1"},
		"images.txt":             {"1 a\n1 b\n", "number 1 is there twice"},
		"classes.txt":            {"one Black\n", "line 1 is \"one Black\", want a number and a value"},
	} {
		files := cubFiles(t)
		files[name] = c.content
		refused(t, "cub200", tree(t, files), SourceOptions{}, name, c.want)
		delete(files, name)
		refused(t, "cub200", tree(t, files), SourceOptions{}, name)
	}
	refused(t, "cub200", t.TempDir(), SourceOptions{}, "holds no images.txt: unpack CUB_200_2011.tgz there")
}

func TestDogs(t *testing.T) {
	pug, husky := ramp{24, 24, 1}, ramp{24, 24, 2}
	const a, b = "n02110958-pug/n02110958_1.jpg", "n02110185-Siberian_husky/n02110185_2.jpg"
	files := map[string]string{
		"Images/" + a: pug.png(t), "Images/" + b: husky.png(t),
		"lists/train_list.mat": matFile(t, matCells("file_list", a, b, "n02110958-pug/gone.jpg", "x-y/../../../evil.jpg"),
			matDoubles("labels", 104, 100, 104, 1)),
		"lists/test_list.mat": matFile(t, matCells("file_list", b), matDoubles("labels", 100)),
	}
	root := tree(t, files)
	s := open(t, "dogs", root, SourceOptions{})
	same(t, "samples", keys(s), []string{"Images/" + a + "=pug", "Images/" + b + "=Siberian_husky"})
	checkRamp(t, s, 0, pug, false, 103)
	checkRamp(t, open(t, "dogs", root, SourceOptions{Split: TestSplit("dogs")}), 0, husky, false, 99)
	if got := reasons(s); len(got) != 2 || got["Images/x-y/../../../evil.jpg"] != "path leaves the folder" {
		t.Errorf("left out %v", got)
	}
	for want, list := range map[string]string{
		"has the label 121, want 1 to 120":      matFile(t, matCells("file_list", a), matDoubles("labels", 121)),
		"has 1 files and 2 labels":              matFile(t, matCells("file_list", a), matDoubles("labels", 1, 2)),
		"want WNID-BREED/FILE":                  matFile(t, matCells("file_list", "loose.jpg"), matDoubles("labels", 1)),
		"no variables file_list and labels":     matFile(t, matDoubles("labels", 1)),
		"none of the pictures that are listed":  matFile(t, matCells("file_list", "x-y/z.jpg"), matDoubles("labels", 1)),
		"has no split \"val\": want train, tes": files["lists/test_list.mat"],
	} {
		files["lists/train_list.mat"] = list
		o := SourceOptions{}
		if strings.HasPrefix(want, "has no split") {
			o.Split = "val"
		}
		refused(t, "dogs", tree(t, files), o, want)
	}
	refused(t, "dogs", t.TempDir(), SourceOptions{}, "holds no Images/ with train_list.mat",
		"unpack images.tar and lists.tar there")
}
