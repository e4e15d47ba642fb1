package clips

import (
	"path/filepath"
	"testing"
	"time"
)

const kineticsList = "\xef\xbb\xbf" + `label,youtube_id,time_start,time_end,split` + "\r\n" +
	`"riding a bike",abc-def_123,10,20,train` + "\r\n" +
	`"riding a bike","-bc_def-123",3,13,train` + "\r\n" +
	`archery,whole-video,7,17,train` + "\r\n" +
	`"shooting, goal",flat-file-1,0,10,train` + "\r\n" +
	`archery,missing-one,0,10,train` + "\r\n" +
	`archery,other-split,0,10,val` + "\r\n" +
	`archery,bad-times-1,x,10,train` + "\r\n" +
	`archery,abc-def_123,10,20,train` + "\r\n"

func kineticsTree(t *testing.T) string {
	return tree(t, map[string]string{
		"kinetics.csv": kineticsList, "other.csv": "name,size\na,1\n",
		"train/riding_a_bike/abc-def_123_000010_000020.mp4": mp4Head,
		"copies/abc-def_123_000010_000020.mkv":              mkvHead,
		"train/riding a bike/-bc_def-123_000003_000013.mp4": mp4Head,
		"train/archery/whole-video.webm":                    mkvHead,
		"flat-file-1_000000_000010.mp4":                     mp4Head,
		"val/archery/other-split_000000_000010.mp4":         mp4Head,
	})
}

func TestKinetics(t *testing.T) {
	root := kineticsTree(t)
	s := open(t, "kinetics", root, SourceOptions{Split: "train"})
	same(t, "samples", keys(s), []string{
		"train/riding_a_bike/abc-def_123_000010_000020.mp4=riding a bike", "train/riding a bike/-bc_def-123_000003_000013.mp4=riding a bike",
		"train/archery/whole-video.webm#7-17=archery", "flat-file-1_000000_000010.mp4=shooting, goal",
	})
	same(t, "classes", s.Classes(), []string{"archery", "riding a bike", "shooting, goal"})
	if whole := s.Sample(2); whole.Start != 7*time.Second || whole.End != 17*time.Second {
		t.Errorf("span of a whole video is %v to %v, want 7s to 17s", whole.Start, whole.End)
	}
	if cut := s.Sample(0); cut.Start != 0 || cut.End != 0 {
		t.Errorf("span of a file that was cut is %v to %v, want all of it", cut.Start, cut.End)
	}
	for path, want := range map[string]string{
		"missing-one_000000_000010": "no file of that name", "kinetics.csv:8": `time_start is "x", want seconds`, "abc-def_123_000010_000020": "listed twice",
	} {
		if got := reasons(s)[path]; got != want {
			t.Errorf("%s: left out as %q, want %q", path, got, want)
		}
	}
	if n := len(s.LeftOut()); n != 3 {
		t.Errorf("%d left out, want 3: %v", n, s.LeftOut())
	}
}

func TestKineticsSplits(t *testing.T) {
	root := kineticsTree(t)
	same(t, "validation", keys(open(t, "kinetics", root, SourceOptions{Split: "validate"})), []string{"val/archery/other-split_000000_000010.mp4=archery"})
	if n := open(t, "kinetics", root, SourceOptions{List: filepath.Join(root, "kinetics.csv")}).Len(); n != 5 {
		t.Errorf("all splits hold %d samples, want 5", n)
	}
	if _, err := OpenSource("kinetics", root, SourceOptions{Split: "holdout"}); err == nil {
		t.Error("a split that the list does not have was accepted")
	}
	// A list without the column is of the split in its name.
	old := tree(t, map[string]string{"k400_test.csv": "youtube_id,time_start,time_end\nabc,1,11\n", "abc_000001_000011.mp4": mp4Head})
	same(t, "test list", keys(open(t, "kinetics", old, SourceOptions{Split: "test"})), []string{"abc_000001_000011.mp4=-"})
}
