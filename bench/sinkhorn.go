package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"vssl/methods/objective"
	"vssl/torch"
)

// sinkhornWork is one transport of SeLaVi: N samples of two modalities with D features each, labelled by heads with K clusters.
type sinkhornWork struct {
	n, k, d, passes int
	memory          int64  // bytes for blocks, ours only
	compact         bool   // blocks held in 16 bits; ours only
	double          bool   // probabilities in float64 as the peer's, not float32; ours only
	labels          string // file that labels are written to, int32
}

const sinkhornPower = 20

// sinkhornSide is what a side prints.
type sinkhornSide struct {
	Seconds float64 `json:"seconds"` // from features to labels
	Cost    float64 `json:"cost"`    // nats
	Peak    float64 `json:"peak"`    // MiB, VmHWM of its process
}

// sinkhorn runs both sides, each in a process of its own, and prints their times and peaks of memory.
func sinkhorn(ctx context.Context, args []string) error {
	var w sinkhornWork
	flags := flag.NewFlagSet("bench sinkhorn", flag.ContinueOnError)
	flags.IntVar(&w.n, "n", 1_000_000, "samples")
	flags.IntVar(&w.k, "k", 400, "clusters")
	flags.IntVar(&w.d, "d", 128, "features of a sample in each modality")
	flags.IntVar(&w.passes, "passes", 31, "passes over all samples")
	memory := flags.Int("memory", 2048, "MiB that our side may hold so as not to compute blocks anew")
	flags.BoolVar(&w.compact, "compact", false, "our side holds blocks in 16 bits")
	flags.BoolVar(&w.double, "double", false, "our softmax in float64, as the peer's")
	python := flags.String("python", "/usr/bin/python3", "with numpy; empty runs our side only")
	flags.StringVar(&w.labels, "labels", "", "run our side only, in this process, and write its labels to this file")
	if err := flags.Parse(args); err != nil {
		return err
	}
	w.memory = int64(*memory) << 20
	switch {
	case w.n < 1 || w.k < 1 || w.d < 1 || w.passes < 1 || *memory < 0:
		return fmt.Errorf("-n, -k, -d and -passes are %d, %d, %d and %d, want 1 or more of each", w.n, w.k, w.d, w.passes)
	case w.labels != "":
		return w.ours(ctx)
	default:
		return w.compare(ctx, args, *python)
	}
}

// compare runs this program again with the same arguments, and the peer.
func (w sinkhornWork) compare(ctx context.Context, args []string, python string) error {
	dir, err := os.MkdirTemp("", "bench-sinkhorn")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	self, err := os.Executable()
	if err != nil {
		return err
	}
	ourLabels, theirLabels := filepath.Join(dir, "ours"), filepath.Join(dir, "theirs")
	ours, err := runTransport(ctx, self, append([]string{"sinkhorn", "-labels", ourLabels}, args...))
	if err != nil {
		return err
	}
	fmt.Printf("%d samples, %d clusters, %d features, %d passes\n", w.n, w.k, w.d, w.passes)
	fmt.Printf("vssl   %8.2f s  %6.2f GiB  cost %.6f\n", ours.Seconds, ours.Peak/1024, ours.Cost)
	if python == "" {
		return nil
	}
	theirs, err := runTransport(ctx, python, []string{
		"bench/peer_sinkhorn.py", "--n", strconv.Itoa(w.n), "--k", strconv.Itoa(w.k), "--d", strconv.Itoa(w.d),
		"--passes", strconv.Itoa(w.passes), "--labels", theirLabels,
	})
	if err != nil {
		return err
	}
	fmt.Printf("NumPy  %8.2f s  %6.2f GiB  cost %.6f\n", theirs.Seconds, theirs.Peak/1024, theirs.Cost)
	same, err := equalLabels(ourLabels, theirLabels)
	fmt.Printf("NumPy takes %.2f times the seconds and %.2f times the memory; %.4f %% of the labels are the same\n",
		theirs.Seconds/ours.Seconds, theirs.Peak/ours.Peak, 100*same)
	return err
}

// runTransport runs one side and reads what it prints.
func runTransport(ctx context.Context, program string, args []string) (s sinkhornSide, err error) {
	command := exec.CommandContext(ctx, program, args...)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err == nil {
		err = json.Unmarshal(out, &s)
	}
	if err != nil {
		return s, fmt.Errorf("%s: %w", program, err)
	}
	return s, nil
}

// equalLabels is the share of equal int32 in two files.
func equalLabels(a, b string) (float64, error) {
	x, err := os.ReadFile(a)
	if err != nil {
		return 0, err
	}
	y, err := os.ReadFile(b)
	if err != nil {
		return 0, err
	}
	if len(x) != len(y) || len(x) == 0 {
		return 0, fmt.Errorf("labels of %d and %d bytes", len(x), len(y))
	}
	same := 0
	for i := 0; i < len(x); i += 4 {
		if binary.LittleEndian.Uint32(x[i:]) == binary.LittleEndian.Uint32(y[i:]) {
			same++
		}
	}
	return float64(same) / float64(len(x)/4), nil
}

// ours labels and prints a sinkhornSide.
func (w sinkhornWork) ours(ctx context.Context) (err error) {
	torch.In(func(s *torch.Scope) {
		head := func(seed uint64) objective.LogRows {
			return objective.HeadRows{
				FeaturesND: uniform(seed, 1, w.n, w.d), WeightKD: uniform(seed+1, 0.2, w.k, w.d), Single: !w.double,
			}
		}
		rows := objective.JointRows(head(1), head(3))
		var r objective.TransportResult
		start := time.Now()
		r, err = objective.Transport(ctx, rows, objective.TransportConfig{
			Power: sinkhornPower, Tolerance: -1, CheckEvery: 10, MaxPasses: w.passes, Memory: w.memory, Compact: w.compact,
		})
		if err != nil {
			return
		}
		seconds := time.Since(start).Seconds()
		labels := make([]byte, 0, 4*w.n)
		for _, l := range r.Labels {
			labels = binary.LittleEndian.AppendUint32(labels, uint32(l))
		}
		if err = os.WriteFile(w.labels, labels, 0o600); err != nil {
			return
		}
		var peak float64
		if peak, err = peakMiB(); err == nil {
			err = json.NewEncoder(os.Stdout).Encode(sinkhornSide{seconds, r.Cost, peak})
		}
	})
	return err
}

// uniform is a matrix of random numbers of deviation sd that peer_sinkhorn.py makes too: splitmix64 of the place. The innermost
// scope owns it.
func uniform(seed uint64, sd float64, rows, cols int) *torch.Tensor {
	scale := sd * 3.4641016151377544 / (1 << 24) // the square root of 12
	matrix := torch.Empty([]int{rows, cols}, torch.Float32, torch.CPU)
	const most = 128 // rows at a time: so few that the copy needs no second thread
	block := make([]float32, most*cols)
	for from := 0; from < rows; from += most {
		n := min(most, rows-from)
		for i := range n * cols {
			z := (uint64(from*cols+i) + seed<<40 + 1) * 0x9e3779b97f4a7c15
			z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
			z = (z ^ z>>27) * 0x94d049bb133111eb
			block[i] = float32((float64((z^z>>31)>>40) - 1<<23) * scale)
		}
		torch.In(func(*torch.Scope) { matrix.Narrow(0, from, n).Copy_(torch.FromFloat32(block[:n*cols], n, cols)) })
	}
	return matrix
}
