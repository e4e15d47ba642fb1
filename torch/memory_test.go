package torch

import (
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
)

// resident is the memory of this process in bytes.
func resident(t *testing.T) int64 {
	t.Helper()
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skipf("no /proc: %v", err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(data))[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

// trainStep is a small step whose shapes the caller varies.
func trainStep(w *Tensor, batch, size int) {
	In(func(*Scope) {
		x := Randn([]int{batch, 3, 4, size, size}, Float32, CPU).ChannelsLast()
		var y *Tensor
		Autocast(BFloat16, func() { y = Conv3d(x, w, nil, []int{1}, []int{1}, []int{1}, 1).Relu() })
		y.To(Float32).Square().Mean().Backward()
		w.ZeroGrad()
	})
}

// Steps of many shapes must not pile up memory: neither tensors, nor cached blocks, nor pages of the process.
func TestMemoryIsFlat(t *testing.T) {
	state := NewScope()
	defer state.Close()
	var w *Tensor
	In(func(*Scope) { w = state.Keep(Randn([]int{8, 3, 3, 3, 3}, Float32, CPU).RequireGrad(true)) })
	rng := rand.New(rand.NewPCG(1, 1))
	step := func() { trainStep(w, 1+rng.IntN(4), 40+8*rng.IntN(3)) }
	for range 30 {
		step()
	}
	tensors, before := Live(), resident(t)
	for range 60 {
		step()
	}
	if Live() != tensors {
		t.Errorf("%d tensors live, want %d", Live(), tensors)
	}
	if grown := resident(t) - before; grown > 48<<20 {
		t.Errorf("60 steps grew the process by %d MiB", grown>>20)
	}
}

func TestCacheIsBounded(t *testing.T) {
	if os.Getenv("VSSL_ALLOCATOR") == "system" {
		t.Skip("VSSL_ALLOCATOR=system: no cache")
	}
	ReleaseCache()
	var peak int64
	for mib := 4; mib <= 256; mib = mib*3/2 + 1 {
		In(func(*Scope) {
			Empty([]int{mib << 20}, UInt8, CPU)
			peak = max(peak, LargeBytes())
		})
		if limit := peak/4*5 + 64<<20; CachedBytes() > limit {
			t.Errorf("after %d MiB the cache holds %d MiB, limit %d MiB", mib, CachedBytes()>>20, limit>>20)
		}
	}
	if CachedBytes() == 0 {
		t.Error("nothing is cached")
	}
	ReleaseCache()
	if CachedBytes() != 0 {
		t.Errorf("%d bytes are cached after the release", CachedBytes())
	}
}

// A block that comes back from the cache must not bring the old numbers where zeros are asked for.
func TestCachedBlocksAreFresh(t *testing.T) {
	In(func(*Scope) {
		for range 3 {
			In(func(*Scope) { Full([]int{1 << 20}, 7, Float32, CPU) })
			In(func(*Scope) {
				if got := Zeros([]int{1 << 20}, Float32, CPU).Sum().Float(); got != 0 {
					t.Errorf("zeros sum to %g", got)
				}
			})
		}
	})
}
