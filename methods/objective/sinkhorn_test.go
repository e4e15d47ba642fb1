package objective_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"vssl/methods/objective"
	"vssl/torch"
)

// logProbs are the logarithms of softmaxes of n normal rows of k, times the sharpness.
func logProbs(seed uint64, n, k int, sharpness float64) []float64 {
	rng := rand.New(rand.NewPCG(seed, 1))
	rows := make([]float64, n*k)
	for i := range n {
		row, sum := rows[i*k:(i+1)*k], 0.0
		for j := range row {
			row[j] = sharpness * rng.NormFloat64()
			sum += math.Exp(row[j])
		}
		for j := range row {
			row[j] -= math.Log(sum)
		}
	}
	return rows
}

// plainTransport is algorithm 1 of SeLa in loops, with probabilities and not with logarithms.
func plainTransport(logNK []float64, n int, c objective.TransportConfig) (plan []float64, passes int) {
	k := len(logNK) / n
	a := make([]float64, n*k)
	for i, v := range logNK {
		a[i] = math.Pow(math.Exp(v), c.Power)
	}
	scale, r := slices.Repeat([]float64{1 / float64(n)}, n), make([]float64, k)
	change := math.Inf(1)
	for change > c.Tolerance && (c.MaxPasses == 0 || passes < c.MaxPasses) {
		for j := range k {
			sum := 0.0
			for i := range n {
				sum += a[i*k+j] * scale[i]
			}
			r[j] = c.Target[j] / sum
		}
		moved := 0.0
		for i := range n {
			sum := 0.0
			for j := range k {
				sum += a[i*k+j] * r[j]
			}
			moved += math.Abs(scale[i]*sum*float64(n) - 1)
			scale[i] = 1 / (float64(n) * sum)
		}
		if passes%c.CheckEvery == 0 {
			change = moved
		}
		passes++
	}
	for i := range a {
		a[i] *= scale[i/k] * r[i%k]
	}
	return a, passes
}

// TestTransportPlainly compares passes, plan, column sums, labels and cost with the loops, over targets, powers and limits.
func TestTransportPlainly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, k := rapid.IntRange(1, 30).Draw(t, "n"), rapid.IntRange(1, 6).Draw(t, "k")
		logNK := logProbs(rapid.Uint64().Draw(t, "seed"), n, k, 1)
		c := objective.TransportConfig{
			Power:      rapid.Float64Range(0.5, 12).Draw(t, "power"),
			Tolerance:  rapid.SampledFrom([]float64{1e-4, 0.01, 0.1, 10}).Draw(t, "tolerance"),
			CheckEvery: rapid.IntRange(1, 10).Draw(t, "every"), MaxPasses: rapid.SampledFrom([]int{1, 7, 100}).Draw(t, "most"),
			BlockRows: rapid.IntRange(0, 12).Draw(t, "rows"), Memory: rapid.SampledFrom([]int64{0, 500, 1 << 20}).Draw(t, "memory"),
		}
		total := 0.0
		for range k {
			c.Target = append(c.Target, rapid.Float64Range(0.2, 1).Draw(t, "target"))
			total += c.Target[len(c.Target)-1]
		}
		for i := range c.Target {
			c.Target[i] /= total
		}
		want, passes := plainTransport(logNK, n, c)
		torch.In(func(*torch.Scope) {
			rows := objective.MatrixRows(torch.FromFloat64(logNK, n, k))
			got, err := objective.Transport(context.Background(), rows, c)
			if err != nil || got.Passes != passes {
				t.Fatalf("%d passes (%v), want %d", got.Passes, err, passes)
			}
			allNear(t, "plan", got.Plan(rows, 0, n).Float64s(), want, 1e-9)
			mass, cost := make([]float64, k), 0.0
			for i, p := range want {
				mass[i%k] += p
			}
			for i, l := range got.Labels {
				cost -= logNK[i*k+l] / float64(n)
				if row := want[i*k : (i+1)*k]; row[l] < slices.Max(row)*(1-1e-9) {
					t.Fatalf("row %d: label %d of %v", i, l, row)
				}
			}
			allNear(t, "mass", got.Mass, mass, 1e-9)
			allNear(t, "cost", []float64{got.Cost}, []float64{cost}, 1e-9)
		})
	})
}

type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

func allNear(t failer, what string, got, want []float64, limit float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range want {
		if d := math.Abs(got[i] - want[i]); !(d <= limit) {
			t.Fatalf("%s[%d]: got %g, want %g", what, i, got[i], want[i])
		}
	}
}

// TestTransportInBlocks: read in blocks, computed from features at each pass or held in part, in float32 or float64, the labels
// are those of the matrix in memory.
func TestTransportInBlocks(t *testing.T) {
	const n, k, d = 700, 23, 8
	rng := rand.New(rand.NewPCG(2, 2))
	normal := func(count int) []float64 {
		values := make([]float64, count)
		for i := range values {
			values[i] = rng.NormFloat64()
		}
		return values
	}
	before := torch.Live()
	torch.In(func(*torch.Scope) {
		head := objective.HeadRows{
			FeaturesND: torch.FromFloat64(normal(n*d), n, d).To(torch.Float32),
			WeightKD:   torch.FromFloat64(normal(k*d), k, d).MulScalar(0.5),
			BiasK:      torch.FromFloat64(normal(k)).MulScalar(2),
		}
		single := head
		single.Single = true
		c := objective.TransportConfig{Power: 10, Tolerance: 0.01, CheckEvery: 10}
		want, err := objective.Transport(context.Background(), objective.MatrixRows(head.Block(0, n)), c)
		if err != nil {
			t.Fatal(err)
		}
		allNear(t, "mass", want.Mass, slices.Repeat([]float64{1. / k}, k), 1e-4)
		for _, memory := range []int64{0, 64 << 10, 1 << 30} {
			for name, rows := range map[string]objective.LogRows{"double": head, "single": single} {
				c.Memory, c.BlockRows = memory, 64
				got, err := objective.Transport(context.Background(), rows, c)
				if err != nil || !slices.Equal(got.Labels, want.Labels) || got.Passes != want.Passes {
					t.Errorf("%s, %d bytes: other labels, or %d passes and not %d (%v)", name, memory, got.Passes, want.Passes, err)
				}
				allNear(t, name, got.ColumnLog, want.ColumnLog, 1e-3)
				compact := c
				compact.Compact = true
				packed, err := objective.Transport(context.Background(), rows, compact)
				if same := equalShare(packed.Labels, want.Labels); err != nil || same < 0.995 {
					t.Errorf("%s, %d bytes, 16 bits an entry: %g of the labels are the same (%v)", name, memory, same, err)
				}
				allNear(t, name+" in 16 bits", packed.Mass, want.Mass, 1e-4)
			}
		}
	})
	if live := torch.Live() - before; live != 0 {
		t.Errorf("%d tensors outlive the transport", live)
	}
}

func equalShare(a, b []int) float64 {
	same := 0
	for i := range a {
		if a[i] == b[i] {
			same++
		}
	}
	return float64(same) / float64(len(b))
}

// TestTransportOfConfidentRows: where every probability to the power underflows float64 and all rows prefer one cluster, the plan
// is still finite and balanced.
func TestTransportOfConfidentRows(t *testing.T) {
	const n, k = 60, 4
	logNK := logProbs(3, n, k, 0.3)
	for i := range logNK {
		if i%k > 0 {
			logNK[i] -= 40
		}
	}
	for _, dt := range []torch.DType{torch.Float32, torch.Float64} {
		for _, memory := range []int64{0, 1 << 20} {
			torch.In(func(*torch.Scope) {
				rows := objective.MatrixRows(torch.FromFloat64(logNK, n, k).To(dt))
				c := objective.TransportConfig{Power: 25, Tolerance: 0.01, CheckEvery: 10, Memory: memory, BlockRows: 2}
				got, err := objective.Transport(context.Background(), rows, c)
				if err != nil {
					t.Fatal(err)
				}
				allNear(t, dt.String(), got.Mass, slices.Repeat([]float64{1. / k}, k), 1e-3)
			})
		}
	}
}

// TestTransportOfAnOddSample: the rows that scales are guessed from favour two clusters, others none, by more than fits float32,
// and one cluster is favoured by a single row; the answer is that of a transport that holds nothing.
func TestTransportOfAnOddSample(t *testing.T) {
	const n, k, rows = 320, 5, 4 // one block of 8 is in the sample
	logNK := logProbs(6, n, k, 1)
	for i := range logNK {
		row, column := i/k, i%k
		if odd := row/rows%8 == 0; odd && column >= 2 {
			logNK[i] -= 15
		}
		if column == k-1 && row != 9 {
			logNK[i] -= 9
		}
	}
	torch.In(func(*torch.Scope) {
		matrix := objective.MatrixRows(torch.FromFloat64(logNK, n, k).To(torch.Float32))
		c := objective.TransportConfig{Power: 8, Tolerance: -1, CheckEvery: 10, MaxPasses: 40, BlockRows: rows}
		want, err := objective.Transport(context.Background(), matrix, c)
		if err != nil {
			t.Fatal(err)
		}
		for _, c.Memory = range []int64{5000, 1 << 20} {
			got, err := objective.Transport(context.Background(), matrix, c)
			if err != nil || !slices.Equal(got.Labels, want.Labels) {
				t.Errorf("%d bytes: %g of the labels are the same (%v)", c.Memory, equalShare(got.Labels, want.Labels), err)
			}
			allNear(t, "columns", got.ColumnLog, want.ColumnLog, 1e-4)
			allNear(t, "rows", got.RowLog, want.RowLog, 1e-4)
			allNear(t, "cost", []float64{got.Cost}, []float64{want.Cost}, 1e-6)
		}
	})
}

// TestTransportOnAnyNumberOfCores gives the same bits, in part held and in 16 bits too.
func TestTransportOnAnyNumberOfCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	const n, k = 600, 9
	torch.In(func(*torch.Scope) {
		rows := objective.MatrixRows(torch.FromFloat64(logProbs(7, n, k, 2), n, k).To(torch.Float32))
		for _, c := range []objective.TransportConfig{{}, {Memory: 9000}, {Memory: 9000, Compact: true}, {Memory: 1 << 20}} {
			c.Power, c.MaxPasses, c.CheckEvery, c.BlockRows = 10, 20, 10, 5
			var first objective.TransportResult
			for _, cores := range []int{1, 2, 5} {
				runtime.GOMAXPROCS(cores)
				got, err := objective.Transport(context.Background(), rows, c)
				if cores == 1 {
					first = got
				}
				if err != nil || !reflect.DeepEqual(got, first) {
					t.Errorf("%+v: %d cores give other results (%v)", c, cores, err)
				}
			}
		}
	})
}

func TestTransportStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	last := objective.TransportProgress{Pass: -9}
	torch.In(func(*torch.Scope) {
		rows := objective.MatrixRows(torch.FromFloat64(logProbs(4, 40, 3, 1), 40, 3))
		_, err := objective.Transport(ctx, rows, objective.TransportConfig{
			Power: 10, Tolerance: 0, CheckEvery: 10, BlockRows: 10,
			Progress: func(p objective.TransportProgress) {
				if last = p; p.Pass == 2 && p.Rows == 10 {
					cancel()
				}
			},
		})
		if !errors.Is(err, context.Canceled) || last.Pass != 2 || last.All != 40 || math.IsInf(last.Change, 1) {
			t.Errorf("got %v after %+v", err, last)
		}
	})
}

func TestTransportOfRowsWithoutNumbers(t *testing.T) {
	torch.In(func(*torch.Scope) {
		rows := objective.MatrixRows(torch.Full([]int{3, 2}, math.Inf(-1), torch.Float64, torch.CPU))
		for _, c := range []objective.TransportConfig{{}, {Memory: 1 << 20}, {Memory: 1 << 20, Compact: true}} {
			c.Power, c.CheckEvery = 1, 1
			if _, err := objective.Transport(context.Background(), rows, c); err == nil {
				t.Errorf("%+v: no error", c)
			}
		}
	})
}

// TestSinkhornCodes: rows sum to 1, columns come to B/K, and neither a batch of one nor a small epsilon is a special case.
func TestSinkhornCodes(t *testing.T) {
	torch.In(func(*torch.Scope) {
		scores := torch.FromFloat64(logProbs(5, 12, 5, 1), 12, 5).Clamp(-1, 1)
		codes := objective.SinkhornCodes(scores, 0.05, 500)
		allNear(t, "rows", codes.SumDims(false, 1).Float64s(), slices.Repeat([]float64{1}, 12), 1e-9)
		allNear(t, "columns", codes.SumDims(false, 0).Float64s(), slices.Repeat([]float64{12. / 5}, 5), 1e-3)
		none := objective.SinkhornCodes(scores, 0.05, 0)
		allNear(t, "sum of all without iterations", []float64{none.Sum().Float()}, []float64{12}, 1e-9)

		hard := objective.SinkhornCodes(scores.To(torch.Float32), 1e-4, 3)
		allNear(t, "rows of hard codes", hard.SumDims(false, 1).Float64s(), slices.Repeat([]float64{1}, 12), 1e-3)
		single := objective.SinkhornCodes(scores.Narrow(0, 0, 1), 0.05, 3)
		allNear(t, "a batch of one", single.Float64s(), slices.Repeat([]float64{1. / 5}, 5), 1e-9)
	})
}
