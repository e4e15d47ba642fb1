package pipelines

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"vssl/methods/metrics"
	"vssl/torch"
)

// FewShotOptions say how episodes are drawn.
type FewShotOptions struct {
	Ways       int    // classes an episode, >= 2
	Shots      []int  // labelled samples a class that an episode learns from, each >= 1
	Queries    int    // samples a class that it is tested on, at most, >= 1
	Episodes   int    // >= 1
	Classifier string // centroid or logistic
}

// DefaultFewShot is the usual protocol: 600 episodes of five classes with one and five shots, 15 queries a class.
func DefaultFewShot() FewShotOptions {
	return FewShotOptions{Ways: 5, Shots: []int{1, 5}, Queries: 15, Episodes: 600, Classifier: centroidClassifier}
}

// The classifiers of an episode.
const (
	centroidClassifier = "centroid" // the class whose mean is nearest by cosine
	logisticClassifier = "logistic" // logistic regression on features of length 1, as in 2003.11539
)

// Validate says in one sentence what is wrong.
func (o FewShotOptions) Validate() error {
	switch {
	case o.Ways < 2:
		return &UsageError{fmt.Errorf("--ways is %d, want 2 or more", o.Ways)}
	case len(o.Shots) == 0 || slices.Min(o.Shots) < 1:
		return &UsageError{fmt.Errorf("--shots is %v, want numbers of 1 or more", o.Shots)}
	case o.Queries < 1:
		return &UsageError{fmt.Errorf("--queries is %d, want 1 or more", o.Queries)}
	case o.Episodes < 1:
		return &UsageError{fmt.Errorf("--episodes is %d, want 1 or more", o.Episodes)}
	}
	return oneOf("--classifier", o.Classifier, centroidClassifier, logisticClassifier)
}

// episodes draws from the rows of a test part.
type episodes struct {
	opts    FewShotOptions
	shots   int
	seed    uint64
	rows    []float32 // of length 1, [N, dim]
	dim     int
	classes [][]int // rows by class, of the classes that have enough
}

// newEpisodes says so where there are too few classes with a query beside the shots.
func newEpisodes(f *features, o FewShotOptions, shots int, seed uint64) (*episodes, error) {
	byClass := map[int][]int{}
	size := 0
	for i, label := range f.labels {
		byClass[label] = append(byClass[label], i)
		size = max(size, label+1)
	}
	e := &episodes{opts: o, shots: shots, seed: seed, rows: f.unit(), dim: f.dim}
	for c := range size {
		if len(byClass[c]) > shots {
			e.classes = append(e.classes, byClass[c])
		}
	}
	if len(e.classes) < o.Ways {
		return nil, &UsageError{fmt.Errorf("%d-way %d-shot episodes need %d classes of %d samples or more in the test part, found %d: "+
			"give more data, or set --ways or --shots lower", o.Ways, shots, o.Ways, shots+1, len(e.classes))}
	}
	return e, nil
}

// accuracy is the mean over the episodes of the share of queries whose class is found. The same seed draws the same episodes,
// whatever the features. The error is ctx's.
func (e *episodes) accuracy(ctx context.Context, show func(done, total int)) (Estimate, error) {
	rng := rand.New(rand.NewPCG(e.seed, uint64(e.shots)))
	shares := make([]float64, e.opts.Episodes)
	for n := range shares {
		if err := ctx.Err(); err != nil {
			return Estimate{}, err
		}
		support, queries := e.draw(rng)
		var err error
		if shares[n], err = e.play(ctx, support, queries); err != nil {
			return Estimate{}, err
		}
		show(n+1, len(shares))
	}
	return meanOfMany(shares), nil
}

// draw chooses classes, and of each the rows to learn from and those to ask for, without repetition.
func (e *episodes) draw(rng *rand.Rand) (support, queries [][]int) {
	for _, c := range rng.Perm(len(e.classes))[:e.opts.Ways] {
		rows := e.classes[c]
		n := min(len(rows), e.shots+e.opts.Queries)
		drawn := make([]int, n)
		for i, p := range rng.Perm(len(rows))[:n] {
			drawn[i] = rows[p]
		}
		support, queries = append(support, drawn[:e.shots]), append(queries, drawn[e.shots:])
	}
	return support, queries
}

// play is the share of queries that are given their class.
func (e *episodes) play(ctx context.Context, support, queries [][]int) (float64, error) {
	name := e.byCentroid(support)
	if e.opts.Classifier == logisticClassifier {
		var err error
		if name, err = e.byRegression(ctx, support); err != nil {
			return 0, err
		}
	}
	right, asked := 0, 0
	for class, rows := range queries {
		asked += len(rows)
		for _, got := range name(rows) {
			if got == class {
				right++
			}
		}
	}
	return float64(right) / float64(asked), nil
}

func (e *episodes) row(i int) []float32 { return e.rows[i*e.dim : (i+1)*e.dim] }

// byCentroid names rows by the most similar mean of the support.
func (e *episodes) byCentroid(support [][]int) func(rows []int) []int {
	centroids := &features{dim: e.dim, rows: make([]float32, len(support)*e.dim)}
	for class, rows := range support {
		mean := centroids.rows[class*e.dim : (class+1)*e.dim]
		for _, i := range rows {
			for d, v := range e.row(i) {
				mean[d] += v
			}
		}
	}
	units := centroids.unit()
	return func(rows []int) []int {
		names := make([]int, len(rows))
		for n, i := range rows {
			best := -2.0
			for class := range support {
				similarity := 0.0
				for d, v := range e.row(i) {
					similarity += float64(v) * float64(units[class*e.dim+d])
				}
				if similarity > best {
					best, names[n] = similarity, class
				}
			}
		}
		return names
	}
}

// byRegression fits a classifier to the support.
func (e *episodes) byRegression(ctx context.Context, support [][]int) (func(rows []int) []int, error) {
	var rows, labels []int
	for class, own := range support {
		for _, i := range own {
			rows, labels = append(rows, i), append(labels, class)
		}
	}
	var probe *metrics.Probe
	var err error
	torch.In(func(*torch.Scope) {
		probe, err = metrics.FitProbe(ctx, e.tensor(rows), labels, metrics.ProbeConfig{C: 1, Intercept: true, Tolerance: 1e-3})
	})
	if err != nil {
		return nil, err
	}
	return func(rows []int) (names []int) {
		torch.In(func(*torch.Scope) { names = probe.Predict(e.tensor(rows)) })
		return names
	}, nil
}

// tensor is the given rows, [len(rows), dim].
func (e *episodes) tensor(rows []int) *torch.Tensor {
	var data []float32
	for _, i := range rows {
		data = append(data, e.row(i)...)
	}
	return torch.FromFloat32(data, len(rows), e.dim)
}
