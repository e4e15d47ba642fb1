package catalogue

import (
	"context"
	"fmt"
	"slices"

	"vssl/internal/golden"
	"vssl/methods/objective"
	"vssl/torch"
)

// k-means and what trains on its labels

// noFloat32 is why entries that end in a choice read their inputs in float64 whatever type is asked for.
const noFloat32 = "labels are chosen in float64"

func init() {
	start := []Input{
		{"features", "[N, D]", "samples"}, {"centroids", "[K, D]", "where to start"}, {"uniforms", "[U]", "draws where clusters empty"},
	}
	kmeans := func(name, about string, params []Param) Entry {
		return Entry{
			Name: "clustering." + name, About: about, Paper: "facebookresearch/faiss", Inputs: start, Params: params,
			Outputs: "labels centroids objective", Double: noFloat32, Evaluate: evaluateKMeans,
		}
	}
	iterations := Param{"iterations", 20, "assignments, each with an update"}
	euclidean := []Param{iterations, {"metric", "euclidean", "or inner_product"}, {"spherical", false, "centroids of length 1"}}
	spherical := []Param{iterations, {"metric", "inner_product", "or euclidean"}, {"spherical", true, "centroids of length 1"}}
	register(
		kmeans("kmeans", "k-means as faiss runs it", euclidean),
		kmeans("kmeans.empty", "k-means in which a cluster empties", euclidean),
		kmeans("kmeans.spherical", "k-means on the sphere", spherical),
		Entry{
			Name: "clustering.kmeans.split_empty", About: "faiss's rule for empty clusters", Paper: "facebookresearch/faiss",
			Inputs: []Input{
				{"centroids", "[K, D]", "means of the clusters"}, {"counts", "[K]", "int, members"},
				{"uniforms", "[U]", "draws in 0..1, in order; faiss's where left out"},
			},
			Params: []Param{
				{"eps", objective.FaissEpsilon, "by how much halves move apart"}, {"n", nil, "points; where left out, the sum of the counts"},
			},
			Outputs: "centroids counts", Double: noFloat32, Evaluate: evaluateSplit,
		},
		Entry{
			Name: "clustering.deepercluster.kmeans", About: "DeeperCluster's k-means", Paper: "1905.01278",
			Inputs: []Input{
				{"features", "[N, D]", "length 1"}, {"centroids", "[K, D]", "where to start"},
				{"donors", "[E]", "int, for each empty cluster met a place in the list of those that are not"},
			},
			Params:  []Param{{"iterations", 10, "updates, and one assignment more"}, {"batch_size", 10, "has no effect on the result"}},
			Outputs: "labels centroids", Double: noFloat32, Evaluate: evaluateDeeperKMeans,
		},
		Entry{
			Name: "clustering.deepcluster.preprocess", About: "DeepCluster's whitening, as products of all rows", Paper: "1807.05520",
			Inputs: []Input{{"features", "[N, D]", "any length"}}, Params: []Param{{"pca", 256, "components, at most N - 1 and D"}},
			Outputs: "gram", Double: "small variances are lost in float32",
			Evaluate: func(c *golden.Case) golden.Outputs {
				xND := must(objective.Whiten(c.In("features"), c.Int("pca")))
				return golden.Outputs{"gram": xND.MatMul(xND.T())}
			},
		},
		Entry{
			Name: "clustering.deepercluster", About: "DeeperCluster's hierarchical loss", Paper: "1905.01278",
			Inputs: []Input{
				{"features", "[B, D]", "trunk before its ReLU"}, {"sub_labels", "[B]", "int, clusters within it"},
				{"super_weight", "[S, D]", "head of the super-classes"},
				{"super_bias", "[S]", "its bias"}, {"sub_weight", "[K, D]", "head of this super-class"}, {"sub_bias", "[K]", "its bias"},
			},
			Params: []Param{{"super_class", nil, "of the whole batch, 0..S-1"}}, Outputs: "loss loss_super loss_sub",
			Evaluate: func(c *golden.Case) golden.Outputs {
				heads := objective.DeeperHeads{
					SuperWeightSD: c.In("super_weight"), SuperBiasS: c.In("super_bias"),
					SubWeightKD: c.In("sub_weight"), SubBiasK: c.In("sub_bias"),
				}
				t := objective.DeeperCluster(c.In("features"), c.In("sub_labels"), c.Int("super_class"), heads)
				return golden.Outputs{"loss": t.Loss, "loss_super": t.Super, "loss_sub": t.Sub}
			},
		},
		Entry{
			Name: "clustering.clusterfit", About: "cross-entropy to the clusters of another network's features", Paper: "1912.03330",
			Inputs: []Input{
				{"features", "[N, D]", "of the first network"}, {"centroids", "[K, D]", "where to start"},
				{"logits", "[N, K]", "of the second network"},
			},
			Params: []Param{{"iterations", 20, "of k-means"}}, Outputs: "labels centroids loss", Evaluate: evaluateClusterFit,
		},
	)
}

// must gives up the evaluation for an error, which inputs from a file can only cause by their values.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err.Error())
	}
	return v
}

func evaluateKMeans(c *golden.Case) golden.Outputs {
	config := objective.KMeansConfig{
		Iterations: c.Int("iterations"), Metric: metric(c.Text("metric")), Spherical: c.Bool("spherical"),
	}
	if c.HasIn("uniforms") {
		config.Uniforms = func() func() float32 { return inOrder(c.Floats("uniforms")) }
	}
	r := must(objective.KMeans(context.Background(), c.Floats("features"), c.Floats("centroids"), c.Shape("features")[1], config))
	return golden.Outputs{"labels": numbers(r.Labels), "centroids": likeCentroids(c, r.Centroids), "objective": numbers(r.Objective)}
}

// likeCentroids makes an output of the shape of the input centroids.
func likeCentroids[N number](c *golden.Case, values []N) *torch.Tensor {
	return numbers(values).Reshape(c.Shape("centroids")...)
}

func metric(name string) objective.Metric {
	for _, m := range []objective.Metric{objective.Euclidean, objective.InnerProduct} {
		if m.String() == name {
			return m
		}
	}
	panic(fmt.Sprintf("metric is %q, want euclidean or inner_product", name))
}

// inOrder hands out given draws; it panics when they are used up.
func inOrder(uniforms []float64) func() float32 {
	next := 0
	return func() float32 {
		if next == len(uniforms) {
			panic(fmt.Sprintf("%d uniforms are too few", len(uniforms)))
		}
		next++
		return float32(uniforms[next-1])
	}
}

func evaluateSplit(c *golden.Case) golden.Outputs {
	counts, n := make([]float32, len(c.Ints("counts"))), 0
	for k, count := range c.Ints("counts") {
		counts[k] = float32(count)
		n += count
	}
	if _, given := c.Params["n"]; given {
		n = c.Int("n")
	}
	uniform := objective.FaissUniforms()
	if c.HasIn("uniforms") {
		uniform = inOrder(c.Floats("uniforms"))
	}
	centroids := singles(c.Floats("centroids"))
	objective.SplitEmpty(centroids, counts, objective.SplitConfig{Points: n, Epsilon: c.Number("eps"), Uniform: uniform})
	return golden.Outputs{"centroids": likeCentroids(c, centroids), "counts": numbers(counts)}
}

func evaluateDeeperKMeans(c *golden.Case) golden.Outputs {
	var donors []int
	if c.HasIn("donors") {
		donors = slices.Clone(c.Ints("donors"))
	}
	donor := func(int) int {
		if len(donors) == 0 {
			panic(fmt.Sprintf("%d donors are too few", len(c.Ints("donors"))))
		}
		d := donors[0]
		donors = donors[1:]
		return d
	}
	d := c.Shape("features")[1]
	config := objective.DeeperKMeansConfig{Iterations: c.Int("iterations"), Donor: donor}
	r := must(objective.DeeperKMeans(context.Background(), c.Floats("features"), c.Floats("centroids"), d, config))
	return golden.Outputs{"labels": numbers(r.Labels), "centroids": likeCentroids(c, r.Centroids)}
}

func evaluateClusterFit(c *golden.Case) golden.Outputs {
	d := c.Shape("features")[1]
	config := objective.KMeansConfig{Iterations: c.Int("iterations")}
	r := must(objective.KMeans(context.Background(), c.Floats("features"), c.Floats("centroids"), d, config))
	return golden.Outputs{
		"loss": objective.ClusterFit(r.Labels, c.In("logits")), "labels": numbers(r.Labels), "centroids": likeCentroids(c, r.Centroids),
	}
}
