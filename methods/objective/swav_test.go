package objective_test

import (
	"math"
	"testing"

	"vssl/methods/objective"
	"vssl/torch"
)

var swavTest = objective.SwAVConfig{Temperature: 0.1, Epsilon: 0.05, Iterations: 3, Crops: 3, Assign: []int{0, 1}}

// TestSwAVPlainly compares with equation 2 in loops over crops, samples and prototypes, with one assigning crop that is not the
// first; lengths of z do not matter.
func TestSwAVPlainly(t *testing.T) {
	const b, crops, k, d = 4, 3, 5, 6
	z := randomRows(crops*b, d)
	torch.In(func(*torch.Scope) {
		c := swavTest
		c.Assign = []int{1}
		prototypes := torch.FromFloat64(logProbs(6, k, d, 1), k, d).Normalize(1, 1e-12)
		got := objective.SwAV(matrix64(z), prototypes, nil, c)
		scores := matrix64(z).Normalize(1, 1e-12).MatMul(prototypes.T())
		codes := objective.SinkhornCodes(scores.Narrow(0, b, b), c.Epsilon, c.Iterations).Float64s()
		logs, want := scores.DivScalar(c.Temperature).LogSoftmax(1).Float64s(), 0.0
		for _, v := range []int{0, 2} {
			for i := range b * k {
				want -= codes[i] * logs[v*b*k+i] / b / 2
			}
		}
		allNear(t, "loss", []float64{got.Loss.Float()}, []float64{want}, 1e-9)
		long := objective.SwAV(matrix64(z).MulScalar(1000), prototypes, nil, c)
		allNear(t, "loss of long rows", []float64{long.Loss.Float()}, []float64{want}, 1e-9)
	})
}

// TestSwAVQueue: an empty queue changes nothing but fills; a full one enters the codes; the newest come first and the batch may
// fill it whole.
func TestSwAVQueue(t *testing.T) {
	const b, k, d = 2, 4, 3
	torch.In(func(*torch.Scope) {
		z := matrix64(randomRows(3*b, d))
		prototypes := torch.FromFloat64(logProbs(7, k, d, 1), k, d).Normalize(1, 1e-12)
		without := objective.SwAV(z, prototypes, nil, swavTest)
		queue := torch.Zeros([]int{2, 3, d}, torch.Float64, torch.CPU)
		first := objective.SwAV(z, prototypes, queue, swavTest)
		allNear(t, "loss with an empty queue", []float64{first.Loss.Float()}, []float64{without.Loss.Float()}, 1e-12)
		unit := z.Normalize(1, 1e-12)
		allNear(t, "queue of crop 1", first.Queue.Select(0, 1).Narrow(0, 0, b).Float64s(), unit.Narrow(0, b, b).Float64s(), 1e-12)

		second := objective.SwAV(z.Flip(0), prototypes, first.Queue, swavTest)
		allNear(t, "what was newest", second.Queue.Select(0, 0).Select(0, 2).Float64s(), unit.Select(0, 0).Float64s(), 1e-12)
		third := objective.SwAV(z, prototypes, second.Queue, swavTest)
		if d := third.Codes.Sub(without.Codes).Abs().Max().Float(); d < 1e-6 {
			t.Errorf("a full queue does not enter the codes: %g", d)
		}
	})
}

func TestSwAVRefuses(t *testing.T) {
	cases := map[string]struct {
		rows, queue int
		change      func(*objective.SwAVConfig)
	}{
		"a queue shorter than the batch": {6, 1, func(*objective.SwAVConfig) {}},
		"rows that are no crops":         {7, 0, func(*objective.SwAVConfig) {}},
		"one crop":                       {6, 0, func(c *objective.SwAVConfig) { c.Crops = 1 }},
		"a crop that is not there":       {6, 0, func(c *objective.SwAVConfig) { c.Assign = []int{3} }},
		"no temperature":                 {6, 0, func(c *objective.SwAVConfig) { c.Temperature = math.NaN() }},
		"no epsilon":                     {6, 0, func(c *objective.SwAVConfig) { c.Epsilon = 0 }},
	}
	for name, tc := range cases {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			torch.In(func(*torch.Scope) {
				c := swavTest
				tc.change(&c)
				var queue *torch.Tensor
				if tc.queue > 0 {
					queue = torch.Ones([]int{2, tc.queue, 3}, torch.Float64, torch.CPU)
				}
				objective.SwAV(matrix64(randomRows(tc.rows, 3)), torch.Eye(3, torch.Float64, torch.CPU), queue, c)
			})
		}()
	}
}
