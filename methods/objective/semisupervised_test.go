package objective_test

import (
	"math"
	"testing"

	"vssl/methods/objective"
	"vssl/torch"
)

func TestS4LExemplarDoesNotDependOnNamesAndLengths(t *testing.T) {
	torch.In(func(*torch.Scope) {
		z, logits, labels := drawn(1, 6, 4), drawn(2, 6, 3), torch.FromInts([]int{2, 0})
		length := drawn(3, 6, 1).Abs().AddScalar(0.1)
		for name, loss := range exemplarLosses {
			want := loss(logits, labels, z, torch.FromInts([]int{0, 0, 0, 1, 1, 1})).Loss.Float()
			got := loss(logits, labels, z.Mul(length), torch.FromInts([]int{9, 9, 9, -4, -4, -4})).Loss.Float()
			if math.Abs(got-want) > 1e-12 {
				t.Errorf("%s: %g with other names and lengths, %g before", name, got, want)
			}
		}
	})
}

var exemplarLosses = map[string]func(logits, labels, z, instance *torch.Tensor) objective.S4LTerms{
	"hard": func(logits, labels, z, instance *torch.Tensor) objective.S4LTerms {
		return objective.S4LExemplarHard(logits, labels, z, instance, 1)
	},
	"semihard": func(logits, labels, z, instance *torch.Tensor) objective.S4LTerms {
		return objective.S4LExemplarSemihard(logits, labels, z, instance, 1, 0.5)
	},
}

// TestS4LExemplarAtTheEdge: without pairs or without negatives there is nothing to learn; equal features give finite gradients.
func TestS4LExemplarAtTheEdge(t *testing.T) {
	for name, loss := range exemplarLosses {
		torch.In(func(*torch.Scope) {
			logits, labels := drawn(2, 4, 3), torch.FromInts([]int{1})
			for _, instances := range [][]int{{0, 0, 0, 0}, {0, 1, 2, 3}} {
				if got := loss(logits, labels, drawn(1, 4, 2), torch.FromInts(instances)).Self.Float(); got != 0 {
					t.Errorf("%s: instances %v give %g, want 0", name, instances, got)
				}
			}
			alike := torch.FromInts([]int{0, 0, 1, 1})
			for _, v := range []float64{0, 1} {
				g := slope(torch.Full([]int{4, 2}, v, torch.Float64, torch.CPU), func(z *torch.Tensor) *torch.Tensor {
					return loss(logits, labels, z, alike).Loss
				})
				if !near(g, make([]float64, 8), 1e-6) {
					t.Errorf("%s: features that are all %g have the gradient %v, want 0", name, v, g)
				}
			}
		})
	}
	panics(t, "labels that do not fit", func() {
		objective.S4LRotation(drawn(1, 6, 2), torch.FromInts([]int{0, 1, 0, 1}), 1, drawn(2, 4, 4))
	})
	panics(t, "no rotations", func() { objective.S4LRotation(drawn(1, 4, 2), torch.FromInts([]int{0}), 1) })
	panics(t, "five rotations", func() { objective.S4LRotation(drawn(1, 4, 2), torch.FromInts([]int{0}), 1, drawn(2, 5, 4)) })
}

// TestVATOfALine: logits (w.x, 0) change most along w, so the perturbation must be that direction, to the noise's side, also
// where S4L's short trial step leaves short gradients.
func TestVATOfALine(t *testing.T) {
	const eps = 1.5
	for from, xi := range map[bool]float64{false: 1, true: 1e-3} {
		torch.In(func(*torch.Scope) {
			w := torch.FromFloat64([]float64{3, -4}, 1, 2).To(torch.Float32)
			network := func(x *torch.Tensor) *torch.Tensor {
				z := x.MatMul(w.T())
				return torch.Cat([]*torch.Tensor{z, z.ZerosLike()}, 1)
			}
			x := torch.FromFloat64([]float64{0.1, 0.2}, 1, 2).To(torch.Float32)
			noise := torch.FromFloat64([]float64{0.3, -0.1}, 1, 2).To(torch.Float32)
			c := objective.VATConfig{Xi: xi, Eps: eps, Iterations: 1, FromPerturbed: from}
			got := objective.VAT(network, x, noise, c).Float()
			p, q := logistic(3*0.1-4*0.2), logistic(3*0.1-4*0.2+5*eps) // w has length 5
			if from {
				p, q = q, p
			}
			if want := p*math.Log(p/q) + (1-p)*math.Log((1-p)/(1-q)); math.Abs(got-want) > 1e-3*want {
				t.Errorf("FromPerturbed %t: %g, want %g", from, got, want)
			}
			if still := objective.VAT(network, x, noise.ZerosLike(), c).Float(); math.Abs(still) > 1e-6 {
				t.Errorf("FromPerturbed %t: no direction gives %g, want 0", from, still)
			}
		})
	}
	panics(t, "a step of 0", func() { objective.VAT(nil, drawn(1, 1, 1), drawn(1, 1, 1), objective.VATConfig{Eps: 1}) })
}

func logistic(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

func TestEntropyAndPseudoLabels(t *testing.T) {
	torch.In(func(*torch.Scope) {
		even := torch.Zeros([]int{2, 5}, torch.Float64, torch.CPU)
		if got := objective.EntropyMinimisation(even).Float(); math.Abs(got-math.Log(5)) > 1e-12 {
			t.Errorf("entropy of 5 equal classes is %g", got)
		}
		logits, teacher := drawn(1, 6, 5), drawn(2, 6, 5)
		all := objective.PseudoLabel(logits, teacher, 0).Loss
		same(t, "without a threshold", all.Float64s(), torch.CrossEntropy(logits, teacher.ArgMax(1)).Float64s())
		own := slope(logits, func(z *torch.Tensor) *torch.Tensor { return objective.PseudoLabel(z, z, 2).Loss })
		if !near(own, make([]float64, 30), 0) {
			t.Error("nobody is sure enough, and yet something is learnt")
		}
	})
}
