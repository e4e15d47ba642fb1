package metrics_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"vssl/methods/metrics"
)

// labelling draws up to 60 labels from a few numbers, negative ones among them.
func labelling(n int) *rapid.Generator[[]int] {
	return rapid.SliceOfN(rapid.IntRange(-3, 4), n, n)
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-12 }

// measures are those of partitions: names of labels and the order of samples do not matter.
var measures = map[string]func(*metrics.Table) float64{
	"arithmetic NMI": (*metrics.Table).NMIArithmetic, "geometric NMI": (*metrics.Table).NMIGeometric, "AMI": (*metrics.Table).AMI,
	"ARI": (*metrics.Table).ARI, "Rand index": (*metrics.Table).RandIndex, "variation": (*metrics.Table).VariationOfInformation,
	"accuracy": (*metrics.Table).Accuracy, "purity": (*metrics.Table).Purity, "mean purity": (*metrics.Table).MeanPurity,
	"mean entropy": (*metrics.Table).MeanEntropy, "expected information": (*metrics.Table).ExpectedMutualInformation,
}

func TestNamesAndOrderDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "n")
		a, b := labelling(n).Draw(t, "a"), labelling(n).Draw(t, "b")
		order := rapid.Permutation(indices(n)).Draw(t, "order")
		renamed, moved := make([]int, n), make([]int, n)
		for i, from := range order {
			renamed[i], moved[i] = 1000-7*a[from], 3*b[from]
		}
		was, is := metrics.Count(a, b), metrics.Count(renamed, moved)
		for name, f := range measures {
			if x, y := f(was), f(is); !near(x, y) {
				t.Errorf("%s: %g, renamed and reordered %g", name, x, y)
			}
		}
	})
}

func TestBoundsAndSymmetry(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "n")
		a, b := labelling(n).Draw(t, "a"), labelling(n).Draw(t, "b")
		ab, ba := metrics.Count(a, b), metrics.Count(b, a)
		for _, name := range []string{"arithmetic NMI", "geometric NMI", "AMI", "ARI", "Rand index", "variation", "accuracy"} {
			if x, y := measures[name](ab), measures[name](ba); !near(x, y) {
				t.Errorf("%s: %g, exchanged %g", name, x, y)
			}
		}
		if v := ab.NMIGeometric(); v < ab.NMIArithmetic()-1e-12 || v > 1+1e-12 {
			t.Errorf("geometric NMI is %g, want between the arithmetic %g and 1", v, ab.NMIArithmetic())
		}
		if ab.Accuracy() > ab.Purity()+1e-12 {
			t.Errorf("accuracy %g is more than purity %g", ab.Accuracy(), ab.Purity())
		}
		if got := ab.EntropyA() + ab.EntropyB() - ab.JointEntropy(); math.Abs(got-ab.MutualInformation()) > 1e-12 {
			t.Errorf("information by entropies is %g, by its sum %g", got, ab.MutualInformation())
		}
		self := metrics.Count(a, a)
		if !near(self.AMI(), 1) || !near(self.ARI(), 1) || self.Accuracy() != 1 || self.MeanEntropy() != 0 {
			t.Errorf("a labelling does not equal itself: %v", a)
		}
	})
}

// TestExpectationByAllOrders takes the mean over every order of one labelling, which is what the hypergeometric model means.
func TestExpectationByAllOrders(t *testing.T) {
	for _, labels := range [][2][]int{
		{{0, 0, 1, 1, 2, 2}, {0, 1, 1, 1, 2, 2}}, {{0, 0, 0, 0, 0, 1}, {0, 0, 0, 1, 1, 1}}, {{0, 1, 2, 3, 4, 5}, {0, 0, 0, 1, 1, 1}},
		{{0, 0, 0, 0, 1, 1, 1}, {5, 5, 5, 5, 5, 6, 6}}, {{0, 0, 0, 0, 0, 0, 1}, {5, 5, 5, 5, 5, 5, 6}},
	} {
		a, b := labels[0], labels[1]
		sum, orders := 0.0, 0
		permute(b, 0, func(b []int) {
			sum += metrics.Count(a, b).MutualInformation()
			orders++
		})
		if got, want := metrics.Count(a, b).ExpectedMutualInformation(), sum/float64(orders); !near(got, want) {
			t.Errorf("%v, %v: expected information is %.15g, the mean of %d orders %.15g", a, b, got, orders, want)
		}
	}
}

// TestAccuracyByAllMaps tries every map of 5 clusters to 5 classes.
func TestAccuracyByAllMaps(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for range 20 {
		a, b := make([]int, 30), make([]int, 30)
		for i := range a {
			a[i], b[i] = rng.IntN(5), rng.IntN(5)
		}
		most := 0
		permute(indices(5), 0, func(class []int) {
			kept := 0
			for i := range a {
				if class[a[i]] == b[i] {
					kept++
				}
			}
			most = max(most, kept)
		})
		if got, want := metrics.Count(a, b).Accuracy(), float64(most)/30; got != want {
			t.Errorf("accuracy is %g, the best map keeps %g", got, want)
		}
	}
}

// TestDegeneratePartitions holds what scikit-learn 1.2.1 answers where the formulas say 0/0, and beside it.
func TestDegeneratePartitions(t *testing.T) {
	one, some, singles := []int{1, 1, 1, 1, 1, 1}, []int{0, 0, 1, 1, 2, 2}, []int{0, 1, 2, 3, 4, 5}
	for name, c := range map[string]struct {
		a, b                     []int
		nmi, ami, ari, randIndex float64
	}{
		"no sample":                {nil, nil, 1, 1, 1, 1},
		"one sample":               {[]int{3}, []int{7}, 1, 1, 1, 1},
		"one cluster twice":        {one, one, 1, 1, 1, 1},
		"one cluster against some": {one, some, 0, 0, 0, 0.2},
		"singles twice":            {singles, singles, 1, 1, 1, 1},
		"singles against one":      {singles, one, 0, 0, 0, 0},
		"singles against some":     {singles, some, 0.7601875334318686, 0, 0, 0.8},
		"independent":              {[]int{0, 0, 1, 1}, []int{0, 1, 0, 1}, 0, -0.5, -0.5, 1. / 3},
		"worse than chance":        {some, []int{0, 1, 2, 0, 1, 2}, 0.3690702464285424, -0.25, -0.25, 0.6},
	} {
		table := metrics.Count(c.a, c.b)
		got := []float64{table.NMIArithmetic(), table.AMI(), table.ARI(), table.RandIndex()}
		for i, want := range []float64{c.nmi, c.ami, c.ari, c.randIndex} {
			if !near(got[i], want) {
				t.Errorf("%s: NMI, AMI, ARI and Rand index are %v, want %v in place %d", name, got, want, i)
			}
		}
	}
}

func TestCountsMakeTheSameTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := rapid.SliceOfN(rapid.IntRange(0, 3), 12, 12).Draw(t, "counts")
		var a, b []int
		for i, n := range counts {
			for range n {
				a, b = append(a, i/4), append(b, i%4)
			}
		}
		x, y := metrics.Count(a, b), metrics.FromCounts(counts, 3, 4)
		for name, f := range measures {
			if f(x) != f(y) {
				t.Errorf("%s: %g of labels, %g of counts", name, f(x), f(y))
			}
		}
	})
}

func indices(n int) []int {
	at := make([]int, n)
	for i := range at {
		at[i] = i
	}
	return at
}

// permute calls f with every order of x from place i on.
func permute(x []int, i int, f func([]int)) {
	if i == len(x) {
		f(x)
		return
	}
	for j := i; j < len(x); j++ {
		x[i], x[j] = x[j], x[i]
		permute(x, i+1, f)
		x[i], x[j] = x[j], x[i]
	}
}

// BenchmarkAMI measures 1,000 by 1,000 labels of a million samples whose sizes all differ.
func BenchmarkAMI(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	const n = 1_000_000
	x, y := make([]int, n), make([]int, n)
	for i := range x {
		x[i], y[i] = int(1000*math.Sqrt(rng.Float64())), int(1000*math.Sqrt(rng.Float64()))
	}
	for b.Loop() {
		metrics.Count(x, y).AMI()
	}
}
