package catalogue

import (
	"fmt"

	"vssl/internal/golden"
	"vssl/methods/objective"
	"vssl/torch"
)

// choosing targets, neighbours and negatives; mixing and cutting pictures

func init() {
	register(Entry{
		Name: "contrastive.nat", About: "noise as targets, assigned one to one", Paper: "1704.05310",
		Inputs: []Input{{"features", "[B, D]", "any length"}, {"targets", "[B, D]", "rows of norm 1"}},
		Params: []Param{{"reduce", "sum", "sum, or half_mean as in the paper"}}, Outputs: "loss assignment",
		Evaluate: func(c *golden.Case) golden.Outputs {
			reduce := c.Text("reduce")
			if reduce != "sum" && reduce != "half_mean" {
				panic(fmt.Sprintf("parameter %q is %q, want sum or half_mean", "reduce", reduce))
			}
			loss, assignment := objective.NoiseAsTargets(c.In("features"), c.In("targets"), reduce == "half_mean")
			return golden.Outputs{"loss": loss, "assignment": numbers(assignment)}
		},
	}, Entry{
		Name: "contrastive.and", About: "anchor neighbourhoods against the whole bank", Paper: "1904.11567",
		Inputs: []Input{
			{"features", "[B, D]", "rows of norm 1"}, {"indices", "[B]", "int, bank row of each sample"},
			{"memory", "[N, D]", "rows of norm 1"}, {"position", "[N]", "int, row of neighbours; below 0 for none"},
			{"neighbours", "[A, K]", "int, bank rows"},
		},
		Params:  []Param{{"T", 0.1, "temperature, no unit, > 0"}, {"momentum", 0.5, "of the bank's rows, 0..1"}},
		Outputs: "loss memory",
		Evaluate: func(c *golden.Case) golden.Outputs {
			x, indices, memory := c.In("features"), c.In("indices"), c.In("memory")
			loss := objective.AND(x, indices, memory, c.In("position"), c.In("neighbours"), c.Number("T"))
			return golden.Outputs{"loss": loss, "memory": objective.UpdateRows(memory, indices, x, c.Number("momentum"))}
		},
	}, Entry{
		Name: "contrastive.and.select", About: "the anchors of a round, by entropy", Paper: "1904.11567",
		Inputs: []Input{{"memory", "[N, D]", "rows of norm 1"}},
		Params: []Param{
			{"T", 0.1, "temperature, no unit, > 0"}, {"select_rate", 0.25, "share that becomes anchors in a round"},
			{"round", nil, "whole, >= 0"}, {"neighbours", 1, "of each anchor, >= 1"},
		},
		Outputs: "entropy anchors neighbours position",
		Evaluate: func(c *golden.Case) golden.Outputs {
			r := objective.ANDSelect(c.In("memory"), objective.ANDConfig{
				Temperature: c.Number("T"), Rate: c.Number("select_rate"), Round: c.Int("round"), Neighbours: c.Int("neighbours"),
			})
			return golden.Outputs{"entropy": r.EntropyN, "anchors": r.AnchorsA, "neighbours": r.NeighboursAK, "position": r.PositionN}
		},
	}, Entry{
		Name: "contrastive.ring_ball", About: "negatives that are near, or near but not nearest", Paper: "2010.02037",
		Inputs: []Input{
			{"outputs1", "[B, D]", "any length, first view"}, {"outputs2", "[B, D]", "any length, second view"},
			{"queue", "[K, D]", "rows of norm 1"},
		},
		Params: []Param{
			{"kind", nil, "ring or ball"}, {"t", 0.07, "temperature, no unit, > 0"}, {"thres_outer", 0.1, "share of the queue, 0..1"},
			{"thres_inner", 0.1, "share, 0..1"}, {"dynamic_inner", true, "thres_inner is a share of the outer set"},
			{"neighbor_views", false, "the inner set are positives"}, {"logsumexp_inner", true, "else their mean"},
			{"self_negative", true, "the positive is a negative too"},
		},
		Outputs: "loss", Evaluate: evaluateRing,
	}, Entry{
		Name: "contrastive.negative_margin", About: "softmax with a margin below 0", Paper: "2003.12060",
		Inputs: []Input{{"features", "[B, D]", "any length"}, {"weight", "[C, D]", "any length"}, {"labels", "[B]", "int, classes"}},
		Params: []Param{
			{"kind", "cosine", "cosine or softmax"}, {"margin", nil, "subtracted at the label"},
			{"scale", nil, "of the logits; 30 for cosine and 5 for softmax where absent"},
		},
		Outputs: "loss logits", Evaluate: evaluateMargin,
	}, Entry{
		Name: "contrastive.unmix.mix", About: "pictures mixed with the batch read backwards", Paper: "2003.05438",
		Inputs: []Input{{"x", "[B, C, H, W]", "pictures"}},
		Params: []Param{
			{"mode", nil, "global or region"}, {"lam", nil, "share of the picture itself, 0..1"},
			{"cx", nil, "region: middle of the box along H"}, {"cy", nil, "region: middle of the box along W"},
		},
		Outputs: "mixed lam", Evaluate: evaluateUnMix,
	}, Entry{
		Name: "contrastive.jigsaw_patches", About: "patches of a picture, one a cell, shuffled", Paper: "1912.01991",
		Inputs: []Input{
			{"image", "[3, S, S]", "a picture"}, {"offset_y", "[G*G]", "int, pixels from the cell's corner, by patch"},
			{"offset_x", "[G*G]", "int, likewise"}, {"perm", "[G*G]", "int, the patch at each place"},
		},
		Params: []Param{
			{"grid", 3, "cells a side"}, {"crop", 64, "pixels, side of a patch"},
			{"order", "row", "row or column: how patches are numbered"},
		},
		Outputs: "patches",
		Evaluate: func(c *golden.Case) golden.Outputs {
			order := c.Text("order")
			if order != "row" && order != "column" {
				panic(fmt.Sprintf("parameter %q is %q, want row or column", "order", order))
			}
			g := objective.JigsawGrid{Cells: c.Int("grid"), Crop: c.Int("crop"), ByColumn: order == "column"}
			return golden.Outputs{
				"patches": objective.JigsawPatches(c.In("image"), c.Ints("offset_y"), c.Ints("offset_x"), c.Ints("perm"), g),
			}
		},
	})
}

func evaluateRing(c *golden.Case) golden.Outputs {
	config := objective.RingConfig{
		Temperature: c.Number("t"), Outer: c.Number("thres_outer"), Inner: c.Number("thres_inner"),
		DynamicInner: c.Bool("dynamic_inner"), NeighborViews: c.Bool("neighbor_views"),
		MeanOfViews: !c.Bool("logsumexp_inner"), SelfNegative: c.Bool("self_negative"),
	}
	x, y, queue := c.In("outputs1"), c.In("outputs2"), c.In("queue")
	switch kind := c.Text("kind"); kind {
	case "ring":
		return golden.Outputs{"loss": objective.Ring(x, y, queue, config)}
	case "ball":
		return golden.Outputs{"loss": objective.Ball(x, y, queue, config)}
	default:
		panic(fmt.Sprintf("parameter %q is %q, want ring or ball", "kind", kind))
	}
}

func evaluateMargin(c *golden.Case) golden.Outputs {
	form, scale := objective.NegativeMarginCosine, 30.0
	switch kind := c.Text("kind"); kind {
	case "cosine":
	case "softmax":
		form, scale = objective.NegativeMarginSoftmax, 5
	default:
		panic(fmt.Sprintf("parameter %q is %q, want cosine or softmax", "kind", kind))
	}
	if c.Params["scale"] != nil {
		scale = c.Number("scale")
	}
	loss, logits := form(c.In("features"), c.In("weight"), c.In("labels"), c.Number("margin"), scale)
	return golden.Outputs{"loss": loss, "logits": logits}
}

func evaluateUnMix(c *golden.Case) golden.Outputs {
	var mixed *torch.Tensor
	lam := c.Number("lam")
	switch mode := c.Text("mode"); mode {
	case "global":
		mixed = objective.UnMixGlobal(c.In("x"), lam)
	case "region": // the authors' x is along the height
		mixed, lam = objective.UnMixRegion(c.In("x"), lam, c.Int("cx"), c.Int("cy"))
	default:
		panic(fmt.Sprintf("parameter %q is %q, want global or region", "mode", mode))
	}
	return golden.Outputs{"mixed": mixed, "lam": one(lam)}
}
