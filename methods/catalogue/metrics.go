package catalogue

import (
	"context"
	"fmt"

	"vssl/internal/golden"
	"vssl/methods/metrics"
	"vssl/methods/objective"
)

// measures of clusterings against classes, and of frozen features

var (
	twoLabellings = []Input{{"a", "[N]", "int, any labels"}, {"b", "[N]", "int, any labels"}}
	predicted     = []Input{{"predictions", "[N]", "int, any clusters"}, {"targets", "[N]", "int, any classes"}}
)

const (
	informationPaper = "Vinh, Epps and Bailey, JMLR 2010"
	randPaper        = "Hubert and Arabie, 1985"
	selaviPaper      = "2006.13662"
)

func init() {
	register(Entry{
		Name: "clustering.metrics.nmi", About: "Normalised and adjusted mutual information, in nats", Paper: informationPaper,
		Inputs: twoLabellings, Outputs: "nmi_geometric nmi_arithmetic ami_arithmetic mi entropy_a entropy_b",
		Evaluate: func(c *golden.Case) golden.Outputs {
			t := metrics.Count(c.Ints("a"), c.Ints("b"))
			return golden.Outputs{
				"nmi_geometric": one(t.NMIGeometric()), "nmi_arithmetic": one(t.NMIArithmetic()), "ami_arithmetic": one(t.AMI()),
				"mi": one(t.MutualInformation()), "entropy_a": one(t.EntropyA()), "entropy_b": one(t.EntropyB()),
			}
		},
	}, Entry{
		Name: "clustering.metrics.ari", About: "Rand index, plain and adjusted for chance", Paper: randPaper,
		Inputs: twoLabellings, Outputs: "ari rand_index",
		Evaluate: func(c *golden.Case) golden.Outputs {
			t := metrics.Count(c.Ints("a"), c.Ints("b"))
			return golden.Outputs{"ari": one(t.ARI()), "rand_index": one(t.RandIndex())}
		},
	}, Entry{
		Name: "clustering.metrics.acc_hungarian", About: "Accuracy under the best one-to-one map", Paper: selaviPaper,
		Inputs: predicted, Params: []Param{{"num_clusters", nil, "at least both label counts"}}, Outputs: "accuracy",
		Evaluate: func(c *golden.Case) golden.Outputs {
			t := metrics.Count(c.Ints("predictions"), c.Ints("targets"))
			t.CheckClusters(c.Int("num_clusters"))
			return golden.Outputs{"accuracy": one(t.Accuracy())}
		},
	}, Entry{
		Name: "clustering.metrics.purity", About: "Share of samples of their cluster's commonest class", Paper: selaviPaper,
		Inputs: predicted, Outputs: "purity",
		Evaluate: func(c *golden.Case) golden.Outputs {
			return golden.Outputs{"purity": one(metrics.Count(c.Ints("predictions"), c.Ints("targets")).Purity())}
		},
	}, Entry{
		Name: "clustering.metrics.mean_entropy", About: "Entropy of classes within clusters, plain mean", Paper: selaviPaper,
		Inputs: predicted, Outputs: "mean_entropy entropies",
		Evaluate: func(c *golden.Case) golden.Outputs {
			t := metrics.Count(c.Ints("predictions"), c.Ints("targets"))
			return golden.Outputs{"mean_entropy": one(t.MeanEntropy()), "entropies": numbers(t.Entropies())}
		},
	}, Entry{
		Name: "clustering.metrics.mean_max_purity", About: "Largest class share within clusters, plain mean", Paper: selaviPaper,
		Inputs: predicted, Outputs: "mean_max_purity purities",
		Evaluate: func(c *golden.Case) golden.Outputs {
			t := metrics.Count(c.Ints("predictions"), c.Ints("targets"))
			return golden.Outputs{"mean_max_purity": one(t.MeanPurity()), "purities": numbers(t.Purities())}
		},
	}, Entry{
		Name: "clustering.mutual_information", About: "Entropies and information of a contingency table, in nats",
		Paper:  informationPaper,
		Inputs: []Input{{"contingency", "[A, B]", "int, counts, 0 or more"}},
		Params: []Param{{"base", "e", "of the logarithm; the only one"}},
		Outputs: "mutual_information entropy_a entropy_b entropy_joint conditional_a_given_b conditional_b_given_a " +
			"variation_of_information",
		Evaluate: func(c *golden.Case) golden.Outputs {
			if base := c.Text("base"); base != "e" {
				panic(fmt.Sprintf("base is %q, want \"e\"", base))
			}
			shape := c.Shape("contingency")
			t := metrics.FromCounts(c.Ints("contingency"), shape[0], shape[1])
			return golden.Outputs{
				"mutual_information": one(t.MutualInformation()),
				"entropy_a":          one(t.EntropyA()), "entropy_b": one(t.EntropyB()), "entropy_joint": one(t.JointEntropy()),
				"conditional_a_given_b":    one(t.ConditionalEntropyAB()),
				"conditional_b_given_a":    one(t.ConditionalEntropyBA()),
				"variation_of_information": one(t.VariationOfInformation()),
			}
		},
	})
}

func init() {
	register(Entry{
		Name: "clustering.metrics.selavi", About: "SeLaVi's measures of the head nearest to the classes", Paper: selaviPaper,
		Inputs: []Input{
			{"logits_v", "[H, N, K]", "of the video heads"}, {"logits_a", "[H, N, K]", "of the audio heads"},
			{"targets", "[N]", "int, any classes"},
		},
		Params:   []Param{{"num_clusters", nil, "K of the heads; the map of clusters to classes need not be square"}},
		Outputs:  "labels best_head head_nmi nmi ami ari accuracy mean_entropy mean_max_purity",
		Evaluate: bestOfHeads,
	}, Entry{
		Name: "clustering.metrics.knn", About: "Weighted vote of the nearest rows of a bank", Paper: "1805.01978",
		Inputs: []Input{
			{"bank", "[N, D]", "unit rows"}, {"features", "[B, D]", "unit rows"},
			{"labels", "[N]", "int, classes of the bank"}, {"targets", "[B]", "int, classes of the features"},
		},
		Params: []Param{
			{"k", 20, "neighbours"}, {"temperature", 0.07, "no unit, > 0"}, {"num_classes", nil, "more than the largest label"},
		},
		Outputs:  "votes predictions top1 top5",
		Evaluate: votes,
	}, Entry{
		Name: "clustering.metrics.linear_probe_lbfgs", About: "Multinomial logistic regression, exact",
		Paper:   "scikit-learn, LogisticRegression",
		Inputs:  []Input{{"features", "[N, D]", "as they are"}, {"labels", "[N]", "int, any classes"}},
		Params:  []Param{{"C", 1.0, "weight of the data, > 0"}, {"fit_intercept", true, "whether classes have biases"}},
		Outputs: "objective mean_nll accuracy weight bias predictions",
		Evaluate: func(c *golden.Case) golden.Outputs {
			x, labels := c.In("features"), c.Ints("labels")
			p, err := metrics.FitProbe(context.Background(), x, labels,
				metrics.ProbeConfig{C: c.Number("C"), Intercept: c.Bool("fit_intercept")})
			if err != nil {
				panic(err)
			}
			predictions := p.Predict(x)
			return golden.Outputs{
				"objective": one(p.Objective), "mean_nll": one(p.MeanNLL), "accuracy": one(metrics.Share(predictions, labels)),
				"weight": numbers(p.Weight), "bias": numbers(p.Bias), "predictions": numbers(predictions),
			}
		},
	})
}

func bestOfHeads(c *golden.Case) golden.Outputs {
	heads := metrics.JointLabels(c.In("logits_v"), c.In("logits_a"))
	targets := c.Ints("targets")
	best, nmi := metrics.BestHead(heads, targets)
	t := metrics.Count(heads[best], targets)
	return golden.Outputs{
		"labels": numbers(heads[best]), "best_head": one(best), "head_nmi": numbers(nmi),
		"nmi": one(t.NMIArithmetic()), "ami": one(t.AMI()), "ari": one(t.ARI()), "accuracy": one(t.Accuracy()),
		"mean_entropy": one(t.MeanEntropy()), "mean_max_purity": one(t.MeanPurity()),
	}
}

func votes(c *golden.Case) golden.Outputs {
	k, classes := min(c.Int("k"), c.Shape("bank")[0]), c.Int("num_classes")
	lists, err := objective.Neighbours(context.Background(), c.Floats("features"), c.Floats("bank"), c.Shape("bank")[1],
		objective.NeighbourConfig{K: k, Metric: objective.InnerProduct})
	if err != nil {
		panic(err)
	}
	n := metrics.Neighbours{K: k, Index: lists.Rows, Similarity: lists.Near}
	labels, targets, tau := c.Ints("labels"), c.Ints("targets"), c.Number("temperature")
	var all []float64
	var predictions []int
	for query := range targets {
		row := n.Vote(make([]float64, classes), query, labels, tau)
		all, predictions = append(all, row...), append(predictions, metrics.Winner(row))
	}
	return golden.Outputs{
		"votes": numbers(all), "predictions": numbers(predictions),
		"top1": one(100 * n.Accuracy(labels, targets, tau, classes, 1)),
		"top5": one(100 * n.Accuracy(labels, targets, tau, classes, min(5, k))),
	}
}
