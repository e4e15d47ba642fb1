package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"
	"unsafe"

	"vssl/methods/objective"
)

// clusterSizes is a job for all sides.
type clusterSizes struct {
	N, D, K, Iterations    int
	Queries, Neighbours    int
	Rounds                 int
	dir, python, side, job string
}

// clusterAnswer is what a side prints, beside the files that it writes.
type clusterAnswer struct {
	Seconds float64 `json:"seconds"`
	Peak    float64 `json:"peak_mib"` // the process's largest resident size
}

// cluster compares k-means and the search for neighbours with scikit-learn and faiss. It writes the features, then runs one side
// after the other, each in a process of its own, several times over.
func cluster(ctx context.Context, args []string) error {
	var s clusterSizes
	f := flag.NewFlagSet("bench cluster", flag.ContinueOnError)
	f.IntVar(&s.N, "n", 1_000_000, "rows")
	f.IntVar(&s.D, "d", 128, "numbers a row")
	f.IntVar(&s.K, "k", 1000, "clusters")
	f.IntVar(&s.Iterations, "iterations", 20, "of k-means")
	f.IntVar(&s.Queries, "queries", 10_000, "rows whose neighbours are searched among all")
	f.IntVar(&s.Neighbours, "neighbours", 20, "of each query")
	f.IntVar(&s.Rounds, "rounds", 3, "times that each side runs")
	f.StringVar(&s.dir, "dir", filepath.Join(os.TempDir(), "vssl-bench"), "folder for what the sides exchange")
	f.StringVar(&s.python, "python", "python3", "interpreter that has scikit-learn and perhaps faiss")
	f.StringVar(&s.side, "side", "", "for the benchmark itself: run only this side")
	f.StringVar(&s.job, "job", "", "for the benchmark itself: kmeans or neighbours")
	if err := f.Parse(args); err != nil {
		return err
	}
	if min(s.K, s.D, s.Iterations, s.Queries, s.Neighbours, s.Rounds) < 1 || max(s.K, s.Queries, s.Neighbours) > s.N {
		return fmt.Errorf("sizes do not fit: %+v", s)
	}
	if s.side != "" {
		return s.ours(ctx)
	}
	if err := s.writeFeatures(); err != nil {
		return err
	}
	for _, job := range []string{"kmeans", "neighbours"} {
		if err := s.compare(ctx, job); err != nil {
			return err
		}
	}
	return nil
}

func (s *clusterSizes) file(name string) string { return filepath.Join(s.dir, "cluster-"+name) }

// writeFeatures draws rows around K random centres, so close together that k-means neither settles within its iterations nor
// empties a cluster, where the sides have different rules.
func (s *clusterSizes) writeFeatures() error {
	rng := rand.New(rand.NewPCG(1, 1))
	centres := make([]float32, s.K*s.D)
	for i := range centres {
		centres[i] = float32(0.3 * rng.NormFloat64())
	}
	features := make([]float32, s.N*s.D)
	for i := range s.N {
		c := rng.IntN(s.K)
		for j := range s.D {
			features[i*s.D+j] = centres[c*s.D+j] + float32(rng.NormFloat64())
		}
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(s.file("features.f32"), asBytes(features), 0o644)
}

// compare runs all sides and prints times, ratios, memory and how far the results differ.
func (s *clusterSizes) compare(ctx context.Context, job string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	flags := []string{
		"-n", strconv.Itoa(s.N), "-d", strconv.Itoa(s.D), "-k", strconv.Itoa(s.K), "-iterations", strconv.Itoa(s.Iterations),
		"-queries", strconv.Itoa(s.Queries), "-neighbours", strconv.Itoa(s.Neighbours), "-dir", s.dir, "-job", job,
	}
	answers := map[string][]clusterAnswer{}
	sides := []string{"vssl", "scikit-learn", "faiss"}
	for range s.Rounds {
		for _, side := range sides {
			command := append([]string{self, "cluster"}, flags...)
			if side != "vssl" {
				command = append([]string{s.python, filepath.Join("bench", "peer_cluster.py")}, flags...)
			}
			a, err := runSide(ctx, append(command, "-side", side))
			if err != nil {
				return fmt.Errorf("%s: %s: %w", job, side, err)
			}
			if a != nil {
				answers[side] = append(answers[side], *a)
			}
		}
	}
	if job == "kmeans" {
		fmt.Printf("k-means, %d rows of %d, %d clusters, %d iterations\n", s.N, s.D, s.K, s.Iterations)
	} else {
		fmt.Printf("%d neighbours of %d queries among %d rows of %d, Euclidean\n", s.Neighbours, s.Queries, s.N, s.D)
	}
	for _, side := range sides {
		if len(answers[side]) > 0 {
			s.report(job, side, answers["vssl"], answers[side])
		}
	}
	return nil
}

// runSide runs one process; its answer is nil where the side says that it is not installed.
func runSide(ctx context.Context, command []string) (*clusterAnswer, error) {
	c := exec.CommandContext(ctx, command[0], command[1:]...)
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(out, []byte("missing")) {
		return nil, nil
	}
	a := &clusterAnswer{}
	return a, json.Unmarshal(out, a)
}

func (s *clusterSizes) report(job, side string, ours, theirs []clusterAnswer) {
	var seconds, ratios []float64
	peak := 0.0
	for round, a := range theirs {
		seconds, peak = append(seconds, a.Seconds), max(peak, a.Peak)
		ratios = append(ratios, a.Seconds/ours[round].Seconds)
	}
	line := fmt.Sprintf("  %-13s %s s, %s times ours, peak %.0f MiB", side, middle(seconds), middle(ratios), peak)
	difference := s.differentNeighbours
	if job == "kmeans" {
		difference = s.differentObjective
	}
	said, err := difference(side)
	if err != nil {
		said = err.Error()
	}
	fmt.Println(line + "; " + said)
}

// middle prints the median and the range.
func middle(v []float64) string {
	v = slices.Sorted(slices.Values(v))
	return fmt.Sprintf("%.2f (%.2f to %.2f)", v[len(v)/2], v[0], v[len(v)-1])
}

// differentObjective computes the objective of a side from its labels and centroids, and how far it is from ours.
func (s *clusterSizes) differentObjective(side string) (string, error) {
	features, err := readNumbers[float32](s.file("features.f32"), s.N*s.D)
	if err != nil {
		return "", err
	}
	value := func(side string) (total float64, err error) {
		labels, err := readNumbers[int32](s.file(side+"-labels.i32"), s.N)
		if err != nil {
			return 0, err
		}
		centroids, err := readNumbers[float32](s.file(side+"-centroids.f32"), s.K*s.D)
		if err != nil {
			return 0, err
		}
		for i, k := range labels {
			for j := range s.D {
				d := float64(features[i*s.D+j]) - float64(centroids[int(k)*s.D+j])
				total += d * d
			}
		}
		return total, nil
	}
	ours, err := value("vssl")
	if err != nil {
		return "", err
	}
	theirs, err := value(side)
	return fmt.Sprintf("objective %.8g, %.1e of ours away", theirs, math.Abs(theirs-ours)/ours), err
}

// differentNeighbours counts neighbours that are not in ours at the same place.
func (s *clusterSizes) differentNeighbours(side string) (string, error) {
	n := s.Queries * s.Neighbours
	ours, err := readNumbers[int32](s.file("vssl-neighbours.i32"), n)
	if err != nil {
		return "", err
	}
	theirs, err := readNumbers[int32](s.file(side+"-neighbours.i32"), n)
	if err != nil {
		return "", err
	}
	other := 0
	for i := range ours {
		if ours[i] != theirs[i] {
			other++
		}
	}
	return fmt.Sprintf("%d of %d places differ from ours", other, n), nil
}

// ours runs one job of this project and prints its answer.
func (s *clusterSizes) ours(ctx context.Context) error {
	features, err := readNumbers[float32](s.file("features.f32"), s.N*s.D)
	if err != nil {
		return err
	}
	start := time.Now()
	var write func() error
	switch s.job {
	case "kmeans":
		r, err := objective.KMeans(ctx, features, features[:s.K*s.D], s.D, objective.KMeansConfig{Iterations: s.Iterations})
		if err != nil {
			return err
		}
		write = func() error {
			if err := os.WriteFile(s.file("vssl-labels.i32"), asBytes(r.Labels), 0o644); err != nil {
				return err
			}
			return os.WriteFile(s.file("vssl-centroids.f32"), asBytes(r.Centroids), 0o644)
		}
	case "neighbours":
		config := objective.NeighbourConfig{K: s.Neighbours, Metric: objective.Euclidean}
		r, err := objective.Neighbours(ctx, features[:s.Queries*s.D], features, s.D, config)
		if err != nil {
			return err
		}
		write = func() error { return os.WriteFile(s.file("vssl-neighbours.i32"), asBytes(r.Rows), 0o644) }
	default:
		return fmt.Errorf("job %q: unknown; kmeans or neighbours", s.job)
	}
	a := clusterAnswer{Seconds: time.Since(start).Seconds()}
	if a.Peak, err = peakMiB(); err != nil {
		return err
	}
	if err := write(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(a)
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peakMiB is the largest resident size that this process has had.
func peakMiB() (float64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	found := highWater.FindSubmatch(status)
	if found == nil {
		return 0, fmt.Errorf("/proc/self/status names no VmHWM")
	}
	kib, err := strconv.ParseFloat(string(found[1]), 64)
	return kib / 1024, err
}

// asBytes is the memory of numbers, not copied.
func asBytes[T float32 | int32](v []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), 4*len(v))
}

// readNumbers reads a file of n numbers in this machine's order of bytes.
func readNumbers[T float32 | int32](path string, n int) ([]T, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	v := make([]T, n)
	if _, err := io.ReadFull(f, asBytes(v)); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return v, nil
}
