package pipelines

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"vssl/decode"
	"vssl/torch"
)

// Check is one thing that Doctor looked at.
type Check struct {
	Name  string `json:"name"`
	OK    bool   `json:"ok"`
	Found string `json:"found"`          // what is there
	Mend  string `json:"mend,omitempty"` // what to do, where OK is false
}

// Doctor measures and looks up what decides how fast this machine trains.
func Doctor(ctx context.Context) []Check {
	return []Check{engineCheck(), threadCheck(), blasCheck(), bf16Check(), deviceCheck(), codecCheck(ctx)}
}

func engineCheck() Check {
	return Check{Name: "engine", OK: true, Found: "libtorch " + torch.Version()}
}

func threadCheck() Check {
	have, cores := torch.Threads(), runtime.NumCPU()
	return Check{Name: "threads", OK: have >= cores, Found: fmt.Sprintf("%d intra-op threads on %d cores", have, cores),
		Mend: "unset OMP_NUM_THREADS, or set it to the number of cores"}
}

func blasCheck() Check {
	gflops := torch.MatMulSpeed()
	return Check{Name: "blas", OK: !torch.BLASIsReference(), Found: fmt.Sprintf("%s: %.0f GFLOP/s in a matrix product", torch.BLAS(), gflops),
		Mend: "install a tuned BLAS: apt-get install libopenblas0-pthread"}
}

func bf16Check() Check {
	if torch.CPUBF16() {
		return Check{Name: "bf16", OK: true, Found: "the processor computes in bfloat16; --precision auto uses it"}
	}
	return Check{Name: "bf16", OK: true, Found: "the processor does not compute in bfloat16; --precision auto is fp32"}
}

func deviceCheck() Check {
	if n := torch.CUDACount(); n > 0 {
		return Check{Name: "device", OK: true, Found: fmt.Sprintf("%d CUDA devices; --device auto takes the first", n)}
	}
	return Check{Name: "device", OK: true, Found: "no CUDA device; --device auto is the CPU (docs/gpu.md says how to build for CUDA)"}
}

// codecCheck encodes and decodes a few frames.
func codecCheck(ctx context.Context) Check {
	c := Check{Name: "codecs", Mend: "install FFmpeg's libraries with H.264 and AAC: apt-get install libavcodec59"}
	dir, err := os.MkdirTemp("", "vssl-doctor-")
	if err != nil {
		c.Found = err.Error()
		return c
	}
	defer os.RemoveAll(dir)
	n, err := roundTrip(ctx, filepath.Join(dir, "check.mp4"))
	if err != nil {
		c.Found = "H.264 and AAC: " + err.Error()
		return c
	}
	c.OK, c.Found = true, fmt.Sprintf("FFmpeg writes and reads H.264 and AAC (%d frames)", n)
	return c
}

func roundTrip(ctx context.Context, path string) (frames int, err error) {
	w, err := decode.Create(path, decode.WriteOptions{Width: 64, Height: 64, Rate: 25, SampleRate: 16000, Channels: 1})
	if err != nil {
		return 0, err
	}
	for range 5 {
		if err := w.WriteFrame(make([]uint8, 64*64*3)); err != nil {
			return 0, err
		}
		if err := w.WriteSound(make([]float32, 640)); err != nil {
			return 0, err
		}
	}
	if err := w.Close(); err != nil {
		return 0, err
	}
	err = decode.FrameMD5(ctx, path, nil, 0, func(int, int64, string) error { frames++; return nil })
	return frames, err
}
