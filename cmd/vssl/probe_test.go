package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

func someClip(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(shared.demo, "*", "*.mp4"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no clip in the demo set: %v", err)
	}
	return files[0]
}

// A line a frame: index, pts, MD5. After a seek the lines are those from the first frame at or after that time.
func TestProbeFrames(t *testing.T) {
	clip := someClip(t)
	all := strings.Split(strings.TrimSpace(must(t, "probe", clip, "--frames", "md5")), "\n")
	if len(all) != 100 { // 4 seconds of 25 frames
		t.Fatalf("%d lines, want 100", len(all))
	}
	for i, line := range all {
		fields := strings.Split(line, "\t")
		if len(fields) != 3 || len(fields[2]) != 32 {
			t.Fatalf("line %d is %q, want index TAB pts TAB md5", i, line)
		}
	}
	some := strings.Split(strings.TrimSpace(must(t, "probe", clip, "--frames", "md5", "--seek", "2.5", "--count", "3")), "\n")
	if got, want := strings.Join(some, "\n"), strings.Join(all[63:66], "\n"); got != want {
		t.Errorf("after --seek 2.5 at 25 frames a second:\n%s\nwant\n%s", got, want)
	}
}

func TestProbeSaysWhatIsThere(t *testing.T) {
	var info struct {
		Streams []struct {
			Kind, Codec   string
			Width, Height int
		}
	}
	if err := json.Unmarshal([]byte(must(t, "probe", someClip(t), "--json")), &info); err != nil {
		t.Fatal(err)
	}
	if len(info.Streams) != 2 || info.Streams[0].Codec != "h264" || info.Streams[0].Width != 128 || info.Streams[1].Codec != "aac" {
		t.Errorf("got %+v, want H.264 of 128x96 and AAC", info.Streams)
	}
}
