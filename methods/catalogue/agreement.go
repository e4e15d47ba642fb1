package catalogue

import (
	"fmt"

	"vssl/internal/golden"
	"vssl/methods/objective"
)

// clusters learnt by the agreement of two views: IIC, PICA, DRC, SCAN, PCL

func init() {
	pixels := []Input{
		{"x1", "[B, K, H, W]", "probabilities over K at each pixel, view 1"},
		{"x2", "[B, K, H, W]", "probabilities, view 2"},
		{"affine2_to_1", "[B, 2, 3]", "from places of view 1 to places of view 2, x first, -1..1"},
		{"mask", "[B, H, W]", "0 or 1, pixels of view 1 that count"},
		{"shift", "[2]", "int, pixels (x, y) that view 2 is moved by"},
	}
	offsets := []Param{
		{"lamb", 1.0, "weight of the entropies, no unit"},
		{"half_T_side_dense", nil, "pixels, offsets run from minus this to this"},
		{"align_corners", true, "-1 and 1 are the centres of the border pixels"},
	}
	register(Entry{
		Name: "clustering.iic", About: "Mutual information of the clusters of two views", Paper: "1807.06653",
		Inputs:  []Input{{"x", "[B, K]", "probabilities"}, {"x_tf", "[B, K]", "probabilities of the transforms"}},
		Params:  []Param{{"lamb", 1.0, "weight of the entropies, no unit"}},
		Outputs: "loss loss_no_lamb joint",
		Evaluate: func(c *golden.Case) golden.Outputs {
			r := objective.IIC(c.In("x"), c.In("x_tf"), c.Number("lamb"))
			return golden.Outputs{"loss": r.Loss, "loss_no_lamb": r.NoLamb, "joint": r.Joint}
		},
	}, Entry{
		Name: "clustering.iic.segmentation", About: "IIC of pixels, one joint over all offsets", Paper: "1807.06653",
		Inputs: pixels, Params: offsets, Outputs: "loss loss_no_lamb", Constant: "the total of the joint",
		Evaluate: func(c *golden.Case) golden.Outputs { return segmentation(c, false) },
	}, Entry{
		Name: "clustering.iic.segmentation_uncollapsed", About: "IIC of pixels, one joint an offset", Paper: "1807.06653",
		Inputs: pixels, Params: offsets, Outputs: "loss loss_no_lamb",
		Evaluate: func(c *golden.Case) golden.Outputs { return segmentation(c, true) },
	}, Entry{
		Name: "clustering.pica", About: "Partition confidence maximisation", Paper: "CVPR 2020, Huang et al.",
		Inputs:  []Input{{"x", "[N, K]", "probabilities"}, {"y", "[N, K]", "probabilities of the perturbed copies"}},
		Params:  []Param{{"lamda", 2.0, "weight of the balance of sizes, no unit"}},
		Outputs: "loss loss_pui loss_ne",
		Evaluate: func(c *golden.Case) golden.Outputs {
			r := objective.PICA(c.In("x"), c.In("y"), c.Number("lamda"))
			return golden.Outputs{"loss": r.Loss, "loss_pui": r.PUI, "loss_ne": r.Balance}
		},
	}, Entry{
		Name: "clustering.drc", About: "Deep robust clustering: contrast of samples and of clusters", Paper: "2008.03030",
		Inputs: []Input{{"z1", "[N, K]", "logits of view 1"}, {"z2", "[N, K]", "logits of view 2"}},
		Params: []Param{
			{"lambda_", nil, "weight of the regulariser, no unit"},
			{"temperature_af", nil, "between samples, no unit, > 0"},
			{"temperature_ap", nil, "between clusters, no unit, > 0"},
		},
		Outputs: "loss loss_af loss_ap loss_reg",
		Evaluate: func(c *golden.Case) golden.Outputs {
			r := objective.DRC(c.In("z1"), c.In("z2"), objective.DRCConfig{
				Lambda: c.Number("lambda_"), TemperatureFeature: c.Number("temperature_af"),
				TemperatureAssignment: c.Number("temperature_ap"),
			})
			return golden.Outputs{"loss": r.Loss, "loss_af": r.Feature, "loss_ap": r.Assignment, "loss_reg": r.Balance}
		},
	})
}

func segmentation(c *golden.Case, uncollapsed bool) golden.Outputs {
	pair := objective.SegmentationPair{X1BKHW: c.In("x1"), X2BKHW: c.In("x2")}
	if c.HasIn("affine2_to_1") {
		pair.Affine2To1B23 = c.In("affine2_to_1")
	}
	if c.HasIn("mask") {
		pair.MaskBHW = c.In("mask").To(c.Float)
	}
	if c.HasIn("shift") {
		shift := c.Ints("shift")
		pair.ShiftX, pair.ShiftY = shift[0], shift[1]
	}
	r := objective.IICSegmentation(pair, objective.SegmentationConfig{
		Lamb: c.Number("lamb"), HalfSide: c.Int("half_T_side_dense"), AlignCorners: c.Bool("align_corners"),
		Uncollapsed: uncollapsed,
	})
	return golden.Outputs{"loss": r.Loss, "loss_no_lamb": r.NoLamb}
}

func init() {
	register(Entry{
		Name: "clustering.scan", About: "SCAN: neighbours in one cluster, clusters of equal size", Paper: "2005.12320",
		Inputs:  []Input{{"anchors", "[B, K]", "logits"}, {"neighbors", "[B, K]", "logits of a mined neighbour"}},
		Params:  []Param{{"entropy_weight", 5.0, "no unit; 2 in the authors' class"}},
		Outputs: "loss consistency entropy",
		Evaluate: func(c *golden.Case) golden.Outputs {
			r := objective.SCAN(c.In("anchors"), c.In("neighbors"), c.Number("entropy_weight"))
			return golden.Outputs{"loss": r.Loss, "consistency": r.Consistency, "entropy": r.Entropy}
		},
	}, Entry{
		Name: "clustering.scan.selflabel", About: "SCAN's training on its confident labels", Paper: "2005.12320",
		Inputs: []Input{{"weak", "[B, K]", "logits of weak views"}, {"strong", "[B, K]", "logits of strong views"}},
		Params: []Param{
			{"threshold", 0.99, "a larger probability is confident, 0..1"},
			{"apply_class_balancing", true, "weigh classes by the inverse of their share"},
		},
		Outputs: "loss mask targets",
		Evaluate: func(c *golden.Case) golden.Outputs {
			r := objective.SCANSelfLabel(c.In("weak"), c.In("strong"), c.Number("threshold"), c.Bool("apply_class_balancing"))
			return golden.Outputs{"loss": r.Loss, "mask": r.MaskB, "targets": r.TargetsB}
		},
	}, Entry{
		Name: "clustering.pcl", About: "Prototypical contrastive learning, ProtoNCE", Paper: "2005.04966",
		Inputs: []Input{
			{"q", "[B, D]", "queries, any length"}, {"k", "[B, D]", "keys, any length"},
			{"queue", "[D, R]", "unit columns"}, {"index", "[B]", "int, places in the data set"},
			{"im2cluster", "[M, N]", "int, cluster of each sample in each clustering"},
			{"negatives", "[M, R]", "int, negative clusters of each clustering"},
			{"centroids{m}", "[K, D]", "of clustering m, unit rows"}, {"density{m}", "[K]", "temperatures of clustering m, > 0"},
		},
		Params:   []Param{{"temperature", 0.2, "of the instances, no unit, > 0"}, {"clusterings", 3, "M"}},
		Outputs:  "loss loss_instance loss_proto queue proto_logits{m}",
		Evaluate: prototypical,
	}, Entry{
		Name: "clustering.pcl.density", About: "PCL's concentration of each cluster", Paper: "2005.04966",
		Inputs:  []Input{{"features", "[N, D]", "of the data set"}, {"centroids", "[K, D]", "of k-means, any length"}},
		Params:  []Param{{"temperature", 0.2, "mean of the densities, > 0"}, {"alpha", 10, "added to the count, > -1"}},
		Outputs: "im2cluster density centroids",
		Evaluate: func(c *golden.Case) golden.Outputs {
			d := objective.ClusterDensity(c.In("features"), c.In("centroids"), c.Number("temperature"), c.Number("alpha"))
			return golden.Outputs{"im2cluster": d.ClusterN, "density": d.DensityK, "centroids": d.CentroidsKD}
		},
	})
}

func prototypical(c *golden.Case) golden.Outputs {
	var clusterings []objective.Clustering
	for m := range c.Int("clusterings") {
		clusterings = append(clusterings, objective.Clustering{
			CentroidsKD: c.In(fmt.Sprintf("centroids%d", m)), DensityK: c.In(fmt.Sprintf("density%d", m)),
			ClusterN: c.In("im2cluster").Select(0, m), NegativesR: c.In("negatives").Select(0, m),
		})
	}
	r := objective.PCL(objective.PCLBatch{
		QueryBD: c.In("q"), KeyBD: c.In("k"), QueueDR: c.In("queue"), IndexB: c.In("index"),
	}, clusterings, c.Number("temperature"))
	out := golden.Outputs{"loss": r.Loss, "loss_instance": r.Instance, "loss_proto": r.Prototype, "queue": r.QueueAfter}
	for m, logits := range r.LogitsBC {
		out[fmt.Sprintf("proto_logits%d", m)] = logits
	}
	return out
}
