package catalogue

import (
	"context"
	"fmt"

	"vssl/internal/golden"
	"vssl/methods/objective"
	"vssl/torch"
)

// SeLaVi: labels that two modalities share

var (
	sdParam      = Param{"gauss_sd", 0.1, "deviation of the cluster sizes as a share of the mean size"}
	perHeadParam = Param{"per_head_sizes", true, "sizes drawn for each head, else once for all"}
	formParam    = Param{"marginal_form", "code", "code: as the authors' program; paper: sorted by mass, target proportional"}
	selaviParams = []Param{
		{"lamb", 20, "power of the mean log-probability, no unit, > 0"},
		{"distribution", "default", "of the cluster sizes: default (uniform), gauss, or zipf (uniform in the form of the code)"},
		sdParam, perHeadParam, formParam, {"zipf_exponent", 1.0, "of the rank, no unit; only for zipf in the paper's form"},
		{"tol", 0.1, "sum of relative changes to stop at"}, checkParam, {"max_iterations", 2000, "passes at most; 0 has no limit"},
	}
	videoLogits = Input{"logits_v", "[H, N, K]", "of the video heads"}
	audioLogits = Input{"logits_a", "[H, N, K]", "of the audio heads"}
	drawsInput  = Input{"draws", "[H, K] or [1, K]", "standard normal; only for gauss"}
)

func init() {
	register(Entry{
		Name: "clustering.selavi.marginals", About: "SeLaVi's target for the sizes of clusters", Paper: "2006.13662",
		Inputs: []Input{{"mass", "[H, K]", "sums over samples of the product of both probabilities"}, drawsInput},
		Params: []Param{{"N", nil, "samples"}, sdParam, perHeadParam, formParam}, Outputs: "sizes target",
		Evaluate: func(c *golden.Case) golden.Outputs {
			h, k := c.Shape("mass")[0], c.Shape("mass")[1]
			sizes := newHeadSizes(c, c.Int("N"), k)
			var allSizes, allTargets []float64
			for head := range h {
				arranged, target := sizes.next(head, c.Floats("mass")[head*k:(head+1)*k])
				allSizes, allTargets = append(allSizes, arranged...), append(allTargets, target...)
			}
			return golden.Outputs{"sizes": torch.FromFloat64(allSizes, h, k), "target": torch.FromFloat64(allTargets, h, k)}
		},
	}, Entry{
		Name: "clustering.selavi.sinkhorn", About: "SeLaVi's labels by optimal transport", Paper: "2006.13662",
		Inputs: []Input{videoLogits, audioLogits, drawsInput}, Params: selaviParams,
		Outputs: "labels cost iterations target mass", Evaluate: selaviSinkhorn,
	}, Entry{
		Name: "clustering.selavi.assign", About: "labels of decorrelated heads, group by group", Paper: "2006.13662",
		Inputs: []Input{
			{"features_v", "[G, N, D]", "video, a pass over the data for each group"}, {"features_a", "[G, N, D]", "audio"},
			{"weight_v", "[H, K, D]", "linear heads of the video"}, {"bias_v", "[H, K]", "theirs"},
			{"weight_a", "[H, K, D]", "linear heads of the audio"}, {"bias_a", "[H, K]", "theirs"},
			{"order", "[H]", "int, the heads in random order"}, drawsInput,
		},
		Params:  append([]Param{{"ind_groups", 1, "groups of heads; each is clustered from its own pass"}}, selaviParams...),
		Outputs: "labels", Evaluate: selaviAssign,
	}, Entry{
		Name: "clustering.selavi.align", About: "the audio head's clusters in the order of the video head's", Paper: "2006.13662",
		Inputs: []Input{
			{"logits_v", "[N, K]", "of the video head"}, {"logits_a", "[N, K]", "of the audio head"},
			{"swaps", "[T, 2]", "int, proposed exchanges"},
			{"weight", "[K, D]", "of the audio head"}, {"bias", "[K]", "of the audio head"},
		},
		Params:  []Param{{"steps", 50000, "proposals in a try"}, {"restarts", 2, "tries"}, {"patience", 1000, "refused in a row"}},
		Outputs: "perm initial_cost cost weight bias", Evaluate: selaviAlign,
	}, Entry{
		Name: "clustering.selavi.loss", About: "SeLaVi's cross-entropies of both modalities", Paper: "2006.13662",
		Inputs: []Input{
			{"logits_v", "[H, B, K]", "of the video heads"}, {"logits_a", "[H, B, K]", "of the audio heads"},
			{"labels", "[B, H]", "int, 0..K-1"},
		},
		Outputs: "loss loss_v loss_a",
		Evaluate: func(c *golden.Case) golden.Outputs {
			r := objective.SeLaViLoss(c.In("logits_v"), c.In("logits_a"), c.In("labels"))
			return golden.Outputs{"loss": r.Loss, "loss_v": r.Video, "loss_a": r.Audio}
		},
	}, Entry{
		Name: "clustering.selavi.schedule", About: "when SeLaVi computes its labels", Paper: "2006.13662",
		Inputs:  []Input{{"iterations_per_epoch", "[1]", "int"}},
		Params:  []Param{{"epochs", nil, "of training"}, noptsParam, {"schedulepower", 1.5, "above 1 is more often at first"}},
		Outputs: "schedule steps",
		Evaluate: func(c *golden.Case) golden.Outputs {
			s := objective.NewSeLaViSchedule(c.Ints("iterations_per_epoch")[0], c.Int("epochs"), c.Int("nopts"), c.Number("schedulepower"))
			return golden.Outputs{"schedule": numbers(s.Times), "steps": numbers(s.At())}
		},
	})
}

// headSizes hands out cluster sizes head by head; a shared vector goes on as the head before arranged it.
type headSizes struct {
	objective.SizesConfig
	draws []float64 // [H, K] or [1, K]
	k     int
	now   []float64 // shared sizes, once drawn
}

func newHeadSizes(c *golden.Case, n, k int) *headSizes {
	return &headSizes{
		SizesConfig: objective.SizesConfig{
			Samples: n, Deviation: c.Number("gauss_sd"), Shared: !c.Bool("per_head_sizes"), Paper: paperForm(c),
		},
		draws: c.Floats("draws"), k: k,
	}
}

func (s *headSizes) next(head int, mass []float64) (sizes, target []float64) {
	if s.now == nil || !s.Shared {
		if s.Shared {
			head = 0
		}
		s.now = s.GaussSizes(s.draws[head*s.k : (head+1)*s.k])
	}
	s.now = s.Arrange(s.now, mass)
	return s.now, s.Target(s.now)
}

func paperForm(c *golden.Case) bool {
	switch form := c.Text("marginal_form"); form {
	case "code", "paper":
		return form == "paper"
	default:
		panic(fmt.Sprintf("marginal_form is %q, want code or paper", form))
	}
}

// headTargets returns what answers each head's target; nil is the uniform one.
func headTargets(c *golden.Case, n, k int) func(head int, rows objective.LogRows) []float64 {
	massOf := func(rows objective.LogRows) []float64 {
		mass, err := objective.ColumnMass(context.Background(), rows, 2)
		if err != nil {
			panic(fmt.Sprint(err))
		}
		return mass
	}
	switch d := c.Text("distribution"); {
	case d == "gauss":
		sizes := newHeadSizes(c, n, k)
		return func(head int, rows objective.LogRows) []float64 {
			_, target := sizes.next(head, massOf(rows))
			return target
		}
	case d == "zipf" && paperForm(c):
		s, zipf := objective.SizesConfig{Samples: n, Paper: true}, objective.ZipfSizes(n, k, c.Number("zipf_exponent"))
		return func(_ int, rows objective.LogRows) []float64 { return s.Target(s.Arrange(zipf, massOf(rows))) }
	case d == "default" || d == "zipf":
		return func(int, objective.LogRows) []float64 { return nil }
	default:
		panic(fmt.Sprintf("distribution is %q, want default, gauss or zipf", d))
	}
}

// selaviTransport labels the rows of one head.
func selaviTransport(c *golden.Case, rows objective.LogRows, target []float64) objective.TransportResult {
	return transported(rows, objective.TransportConfig{
		Power: c.Number("lamb"), Target: target, Tolerance: c.Number("tol"),
		CheckEvery: c.Int("check_every"), MaxPasses: c.Int("max_iterations"),
	})
}

func selaviSinkhorn(c *golden.Case) golden.Outputs {
	shape := c.Shape("logits_v")
	h, n, k := shape[0], shape[1], shape[2]
	targetOf := headTargets(c, n, k)
	labels := make([][]int, h)
	var cost, passes, targets, mass []float64
	for head := range h {
		rows := objective.JointRows(
			objective.MatrixRows(c.In("logits_v").Select(0, head).To(torch.Float64).LogSoftmax(1)),
			objective.MatrixRows(c.In("logits_a").Select(0, head).To(torch.Float64).LogSoftmax(1)))
		target := targetOf(head, rows)
		r := selaviTransport(c, rows, target)
		for i := 0; target == nil && i < k; i++ {
			targets = append(targets, 1/float64(k))
		}
		labels[head] = r.Labels
		cost, passes = append(cost, r.Cost), append(passes, float64(r.Passes))
		targets, mass = append(targets, target...), append(mass, r.Mass...)
	}
	return golden.Outputs{
		"labels": headLabels(labels), "cost": numbers(cost), "iterations": numbers(passes),
		"target": torch.FromFloat64(targets, h, k), "mass": torch.FromFloat64(mass, h, k),
	}
}

// headLabels puts labels of H heads into [N, H].
func headLabels(labels [][]int) *torch.Tensor {
	var perHead []*torch.Tensor
	for _, l := range labels {
		perHead = append(perHead, torch.FromInts(l))
	}
	return torch.Stack(perHead, 1)
}

func selaviAssign(c *golden.Case) golden.Outputs {
	n, k := c.Shape("features_v")[1], c.Shape("weight_v")[1]
	groups, order := c.Int("ind_groups"), c.Ints("order")
	if passes := c.Shape("features_v")[0]; groups < 1 || groups > len(order) || groups > passes {
		panic(fmt.Sprintf("ind_groups is %d, want 1 to the number of heads (%d) and of passes (%d)", groups, len(order), passes))
	}
	targetOf := headTargets(c, n, k)
	labels := make([][]int, len(order))
	for group := range groups {
		for i := group; i < len(order); i += groups {
			head := order[i]
			rows := objective.JointRows(assignRows(c, "v", group, head), assignRows(c, "a", group, head))
			labels[head] = selaviTransport(c, rows, targetOf(head, rows)).Labels
		}
	}
	return golden.Outputs{"labels": headLabels(labels)}
}

// assignRows are what one modality's head says of one pass over the data.
func assignRows(c *golden.Case, modality string, group, head int) objective.LogRows {
	return objective.HeadRows{
		FeaturesND: c.In("features_"+modality).Select(0, group),
		WeightKD:   c.In("weight_"+modality).Select(0, head), BiasK: c.In("bias_"+modality).Select(0, head),
	}
}

func selaviAlign(c *golden.Case) golden.Outputs {
	video := objective.MatrixRows(c.In("logits_v").To(torch.Float64).LogSoftmax(1))
	audio := objective.MatrixRows(c.In("logits_a").To(torch.Float64).LogSoftmax(1))
	distances, err := objective.HeadDistances(context.Background(), video, audio)
	if err != nil {
		panic(fmt.Sprint(err))
	}
	var swaps [][2]int
	for flat := c.Ints("swaps"); len(flat) > 0; flat = flat[2:] {
		swaps = append(swaps, [2]int{flat[0], flat[1]})
	}
	a := objective.AlignHeads(distances, c.Shape("logits_v")[1], swaps, objective.AlignConfig{
		Steps: c.Int("steps"), Restarts: c.Int("restarts"), Patience: c.Int("patience"),
	})
	order := torch.FromInts(a.Order)
	return golden.Outputs{
		"perm": order, "initial_cost": one(a.Initial), "cost": one(a.Cost),
		"weight": c.In("weight").IndexSelect(0, order), "bias": c.In("bias").IndexSelect(0, order),
	}
}
