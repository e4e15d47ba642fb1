package golden

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"vssl/torch"
)

// Outputs are what an evaluation answers, by the names of the case without `out.`.
type Outputs map[string]*torch.Tensor

// Evaluate answers a case: the outputs by name, of the inputs that it takes with Case.In. It is called in an open scope.
type Evaluate func(c *Case) Outputs

// Check evaluates the case, differentiates the output `loss` where the case has gradients, and compares everything that it
// expects. It returns the largest error of any number as a share of what is allowed (1 is the limit), and an error that names
// what is off or missing. Whatever panics on the way is such an error too: a case is foreign data.
func (c *Case) Check(f Evaluate) (worst float64, err error) {
	defer func() {
		if p := recover(); p != nil {
			worst, err = math.Inf(1), fmt.Errorf("%v", p)
		}
	}()
	torch.In(func(*torch.Scope) {
		clear(c.made)
		outputs := f(c)
		if len(c.made) > 0 && outputs["loss"] != nil && outputs["loss"].RequiresGrad() {
			outputs["loss"].Sum().Backward() // a loss may come with shape [1] or []
		}
		for _, name := range slices.Sorted(maps.Keys(c.expected)) {
			share, e := c.checkOne(name, outputs)
			if worst = max(worst, share); e != nil && err == nil {
				err = e
			}
		}
	})
	return worst, err
}

func (c *Case) checkOne(name string, outputs Outputs) (share float64, err error) {
	got := outputs[strings.TrimPrefix(name, "out.")]
	if input, ok := strings.CutPrefix(name, "grad."); ok {
		if got = nil; c.made[input] != nil {
			got = c.made[input].Grad()
		}
	}
	if got == nil {
		return math.Inf(1), fmt.Errorf("%s is not answered", name)
	}
	return c.Compare(name, got.Detach().Float64s())
}

// Compare holds got against what the case expects under the full name, such as "grad.z1". share is the largest error as a
// share of what is allowed; err is set where that is more than 1 or the counts differ. NaN is never close.
func (c *Case) Compare(name string, got []float64) (share float64, err error) {
	want, ok := c.expected[name]
	if !ok {
		return math.Inf(1), fmt.Errorf("%s is not expected", name)
	}
	if len(got) != len(want) {
		return math.Inf(1), fmt.Errorf("%s has %d values, want %d", name, len(got), len(want))
	}
	largest := 0.0
	for _, w := range want {
		largest = max(largest, math.Abs(w))
	}
	limit := c.ATol + c.RTol*largest
	at := -1
	for i := range want {
		d := math.Abs(got[i] - want[i])
		switch {
		case got[i] == want[i]:
			continue
		case math.IsNaN(d):
			d = math.Inf(1)
		}
		if d/limit > share {
			share, at = d/limit, i
		}
	}
	if share > 1 {
		return share, fmt.Errorf("%s[%d] got %.9g want %.9g, allowed are %.3g", name, at, got[at], want[at], limit)
	}
	return share, nil
}

// Differentiated are the inputs that require a gradient, by the case's expectations or Put's word, in order.
func (c *Case) Differentiated() (names []string) {
	for _, name := range slices.Sorted(maps.Keys(c.inputs)) {
		if c.Has("grad."+name) || c.watch[name] {
			names = append(names, name)
		}
	}
	return names
}

// Gradients evaluates the case and returns its loss and the gradients with respect to Differentiated.
func (c *Case) Gradients(f Evaluate) (loss float64, gradients map[string][]float64) {
	gradients = map[string][]float64{}
	torch.In(func(*torch.Scope) {
		clear(c.made)
		total := f(c)["loss"].Sum()
		loss = total.Float()
		if len(c.made) > 0 {
			total.Backward()
		}
		for _, name := range c.Differentiated() {
			if g := c.made[name].Grad(); g != nil {
				gradients[name] = g.Detach().Float64s()
			} else {
				gradients[name] = make([]float64, len(c.Floats(name)))
			}
		}
	})
	return loss, gradients
}

// Loss evaluates the case's loss alone.
func (c *Case) Loss(f Evaluate) (loss float64) {
	torch.In(func(*torch.Scope) {
		clear(c.made)
		loss = f(c)["loss"].Sum().Float()
	})
	return loss
}
