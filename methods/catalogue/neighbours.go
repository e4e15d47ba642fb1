package catalogue

import (
	"context"
	"slices"

	"vssl/internal/golden"
	"vssl/methods/objective"
)

// what follows nearest neighbours

func init() {
	register(Entry{
		Name: "clustering.pic", About: "power iteration clustering on a graph of neighbours", Paper: "1807.05520",
		Inputs: []Input{{"features", "[N, D]", "length 1"}},
		Params: []Param{
			{"sigma", 0.2, "of the affinity, > 0"}, {"alpha", 0.001, "weight of the graph, > 0"}, {"nnn", 5, "neighbours of each sample"},
			{"iterations", 200, "of the walk"}, {"distribute_singletons", true, "clusters of one member join a neighbour's"},
		},
		Outputs: "neighbors distances contrast raw_labels labels", Double: noFloat32, Evaluate: evaluatePIC,
	}, Entry{
		Name: "clustering.pic_icml10", About: "the original power iteration clustering", Paper: "ICML 2010",
		Inputs: []Input{{"affinity", "[N, N]", "symmetric, zero diagonal"}},
		Params: []Param{
			{"clusters", nil, "K, 1 or more"}, {"epsilon", 1e-5, "stop where speed changes by this over N"},
			{"max_iterations", 1000, "products at most"}, {"kmeans_iterations", 50, "passes over the embedding"},
		},
		Outputs: "embedding iterations labels", Double: noFloat32,
		Evaluate: func(c *golden.Case) golden.Outputs {
			r := objective.PowerIteration(c.Floats("affinity"), objective.PowerConfig{
				Clusters: c.Int("clusters"), Epsilon: c.Number("epsilon"),
				MaxIterations: c.Int("max_iterations"), KMeans: c.Int("kmeans_iterations"),
			})
			return golden.Outputs{"embedding": numbers(r.Embedding), "iterations": one(r.Iterations), "labels": numbers(r.Labels)}
		},
	}, Entry{
		Name: "clustering.scan.neighbors", About: "the neighbours that SCAN mines", Paper: "2005.12320",
		Inputs:  []Input{{"features", "[N, D]", "length 1"}, {"targets", "[N]", "int, for the accuracy"}},
		Params:  []Param{{"topk", 20, "neighbours beside the sample itself"}},
		Outputs: "indices accuracy", Double: noFloat32,
		Evaluate: func(c *golden.Case) golden.Outputs {
			k := c.Int("topk")
			m := must(objective.MineNeighbours(context.Background(), c.Floats("features"), c.Shape("features")[1], c.Ints("targets"), k))
			return golden.Outputs{"indices": numbers(slices.Concat(m.Rows...)).Reshape(-1, k+1), "accuracy": one(m.Accuracy)}
		},
	})
}

func evaluatePIC(c *golden.Case) golden.Outputs {
	config := objective.PICConfig{
		Sigma: c.Number("sigma"), Alpha: c.Number("alpha"), Neighbours: c.Int("nnn"), Iterations: c.Int("iterations"),
		Distribute: c.Bool("distribute_singletons"),
	}
	r := must(objective.PIC(context.Background(), c.Floats("features"), c.Shape("features")[1], config))
	width := config.Neighbours + 1
	return golden.Outputs{
		"neighbors": numbers(slices.Concat(r.Neighbours...)).Reshape(-1, width),
		"distances": numbers(slices.Concat(r.Distances...)).Reshape(-1, width),
		"contrast":  numbers(r.Contrast), "raw_labels": numbers(r.Raw), "labels": numbers(r.Labels),
	}
}
