package catalogue

import (
	"vssl/internal/golden"
	"vssl/methods/objective"
)

// Online Deep Clustering

func init() {
	bank := []Input{
		{"feature_bank", "[N, D]", "length 1"}, {"label_bank", "[N]", "int, pseudo-labels"}, {"centroids", "[K, D]", "any length"},
	}
	read := func(c *golden.Case) objective.ODCBank {
		return objective.ODCBank{FeaturesND: c.In("feature_bank"), LabelsN: c.In("label_bank"), CentroidsKD: c.In("centroids")}
	}
	register(Entry{
		Name: "clustering.odc.update_samples", About: "ODC's update of a batch's bank rows and labels", Paper: "2006.10645",
		Inputs: append(bank[:3:3], Input{"indices", "[B]", "int, bank rows"}, Input{"features", "[B, D]", "any length"}),
		Params: []Param{{"momentum", 0.5, "weight of the new feature, 0..1"}}, Outputs: "feature_bank label_bank change_ratio",
		Evaluate: func(c *golden.Case) golden.Outputs {
			after, changed := objective.ODCUpdateSamples(read(c), c.In("indices"), c.In("features"), c.Number("momentum"))
			return golden.Outputs{"feature_bank": after.FeaturesND, "label_bank": after.LabelsN, "change_ratio": one(changed)}
		},
	}, Entry{
		Name: "clustering.odc.update_centroids", About: "ODC's update of the centroids", Paper: "2006.10645",
		Inputs: bank, Outputs: "centroids",
		Evaluate: func(c *golden.Case) golden.Outputs {
			return golden.Outputs{"centroids": objective.ODCUpdateCentroids(read(c))}
		},
	}, Entry{
		Name: "clustering.odc.reweight", About: "ODC's loss, in which rare clusters count more", Paper: "2006.10645",
		Inputs: []Input{
			{"label_bank", "[N]", "int, pseudo-labels"}, {"logits", "[B, K]", "of the clusters"}, {"targets", "[B]", "int, pseudo-labels"},
		},
		Params: []Param{{"reweight_pow", 0.5, "power of the inverse cluster sizes"}}, Outputs: "weight loss",
		Evaluate: func(c *golden.Case) golden.Outputs {
			w, loss := objective.ODCLoss(c.In("label_bank"), c.In("logits"), c.In("targets"), c.Number("reweight_pow"))
			return golden.Outputs{"weight": w, "loss": loss}
		},
	}, Entry{
		Name: "clustering.odc.small_clusters", About: "ODC's rule for small clusters", Paper: "2006.10645",
		Inputs: append(bank[:3:3], Input{
			"partitions", "[E, N]", "int, how the e-th cut went: 1 moves, 0 stays, -1 elsewhere; two-means where left out",
		}),
		Params: []Param{{"min_cluster", 20, "members below which a cluster is small"}}, Outputs: "label_bank centroids split_clusters",
		Double: noFloat32, Evaluate: evaluateSmallClusters,
	})
}

func evaluateSmallClusters(c *golden.Case) golden.Outputs {
	config := objective.ODCSmallConfig{MinCluster: c.Int("min_cluster")}
	labels := c.Ints("label_bank")
	if c.HasIn("partitions") {
		parts := c.Ints("partitions")
		config.Cut = func(e int, members []int) []bool {
			move := make([]bool, len(members))
			for at, i := range members {
				move[at] = parts[e*len(labels)+i] == 1
			}
			return move
		}
	}
	s := objective.ODCSmallClusters(c.Floats("feature_bank"), labels, c.Floats("centroids"), c.Shape("centroids")[1], config)
	return golden.Outputs{
		"label_bank": numbers(s.Labels), "centroids": likeCentroids(c, s.Centroids), "split_clusters": numbers(s.Split),
	}
}
