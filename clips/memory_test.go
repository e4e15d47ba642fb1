package clips

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"testing"
)

var memoryClips = flag.Int("clips", 600, "clips that TestMemoryStaysFlat reads")

// resident is the memory of the process in RAM, in KiB.
func resident(t *testing.T) int {
	t.Helper()
	debug.FreeOSMemory()
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("no /proc/self/statm here: resident memory is not known")
	}
	var size, rss int
	if _, err := fmt.Sscan(string(data), &size, &rss); err != nil {
		t.Fatal(err)
	}
	return rss * os.Getpagesize() / 1024
}

// After a first third to fill pools and caches, reading clips must not cost memory, whether they can be read or not.
func TestMemoryStaysFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("short: reads hundreds of clips")
	}
	cfg := config(t, videoSource(t, 6))
	cfg.Workers = 2
	clips, first, warm := 0, 0, *memoryClips/3
	for cfg.Epoch = 0; clips < *memoryClips; cfg.Epoch++ {
		l := NewLoader(context.Background(), cfg)
		for {
			b, err := l.Next()
			if err != nil {
				break
			}
			clips += b.Size() * len(cfg.Recipe.Views)
			b.Release()
		}
		l.Close()
		if first == 0 && clips >= warm {
			first = resident(t)
		}
	}
	last := resident(t)
	t.Logf("%d KiB after %d clips, %d KiB after %d", first, warm, last, clips)
	if grown := last - first; grown > 12<<10 {
		t.Errorf("resident memory grew by %d KiB over %d clips", grown, clips-warm)
	}
}
