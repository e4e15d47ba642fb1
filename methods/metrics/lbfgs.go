package metrics

import (
	"context"
	"math"
)

// minimum is where minimise stopped.
type minimum struct {
	x         []float64
	value     float64
	steps     int
	converged bool // the gradient fell below the limit; else rounding or the limit of steps ended it
}

// descent is a minimisation by L-BFGS (Nocedal and Wright, Numerical Optimization, algorithm 7.4) of a smooth convex function.
// It draws nothing, so it gives the same numbers each time.
type descent struct {
	f     func(x, gradient []float64) float64
	x, g  []float64
	value float64
	past  []move // the last moves, oldest first
}

// move is a step taken, how the gradient changed over it, and one over the product of the two.
type move struct {
	s, y []float64
	rho  float64
}

// memory is how many moves shape the next direction.
const memory = 20

// minimise starts at x, which it overwrites, and ends when no element of the gradient is larger than limit times the largest
// of the first, after most steps, where rounding hides every descent, or when ctx is done.
func minimise(ctx context.Context, f func(x, gradient []float64) float64, x []float64, limit float64, most int) minimum {
	d := &descent{f: f, x: x, g: make([]float64, len(x))}
	d.value = f(x, d.g)
	enough := limit * largest(d.g)
	for steps := 0; ; steps++ {
		if largest(d.g) <= enough {
			return minimum{x, d.value, steps, true}
		}
		if steps == most || ctx.Err() != nil || !d.step() {
			return minimum{x, d.value, steps, false}
		}
	}
}

// step goes to a lower place along the quasi-Newton direction; false where there is none.
func (d *descent) step() bool {
	direction := d.direction()
	slope := dot(d.g, direction)
	if !(slope < 0) { // rounding has spoilt the memory: begin again with the steepest descent
		d.past = nil
		direction = d.direction()
		slope = dot(d.g, direction)
	}
	first := 1.0
	if len(d.past) == 0 {
		first = 1 / math.Max(1, math.Sqrt(-slope))
	}
	at, ok := d.search(direction, slope, first)
	if !ok {
		again := len(d.past) > 0
		d.past = nil
		return again
	}
	m := move{make([]float64, len(d.x)), make([]float64, len(d.x)), 0}
	for i := range d.x {
		m.s[i], m.y[i] = at.x[i]-d.x[i], at.g[i]-d.g[i]
	}
	copy(d.x, at.x)
	copy(d.g, at.g)
	d.value = at.value
	if sy := dot(m.s, m.y); sy > 0 {
		m.rho = 1 / sy
		d.past = append(d.past, m)
		if len(d.past) > memory {
			d.past = d.past[1:]
		}
	}
	return true
}

// direction is minus the gradient times the estimate of the inverse Hessian: the two loops of algorithm 7.4.
func (d *descent) direction() []float64 {
	q := make([]float64, len(d.g))
	for i, v := range d.g {
		q[i] = -v
	}
	alpha := make([]float64, len(d.past))
	for i := len(d.past) - 1; i >= 0; i-- {
		m := d.past[i]
		alpha[i] = m.rho * dot(m.s, q)
		add(q, -alpha[i], m.y)
	}
	if n := len(d.past); n > 0 {
		scale := 1 / (d.past[n-1].rho * dot(d.past[n-1].y, d.past[n-1].y))
		for i := range q {
			q[i] *= scale
		}
	}
	for i, m := range d.past {
		add(q, alpha[i]-m.rho*dot(m.y, q), m.s)
	}
	return q
}

// place is a point on the line of a search, with its value and gradient.
type place struct {
	x, g  []float64
	value float64
}

// search finds a place along the direction that meets the strong Wolfe conditions: lower by a share of what the slope
// promises, and the slope flatter. As the function is convex, slopes grow along the line, so an interval that
// holds such a place is known from one evaluation. Rounding of the value is let pass, for slopes are exact for longer.
func (d *descent) search(direction []float64, slope, alpha float64) (place, bool) {
	const (
		sufficient = 1e-4
		flatter    = 0.9
		rounding   = 1e-14
		most       = 60
	)
	at := place{x: make([]float64, len(d.x)), g: make([]float64, len(d.x))}
	low, high := 0.0, math.Inf(1)
	for range most {
		copy(at.x, d.x)
		add(at.x, alpha, direction)
		at.value = d.f(at.x, at.g)
		here := dot(at.g, direction)
		allowed := d.value + sufficient*alpha*slope + rounding*math.Abs(d.value)
		switch {
		case !(at.value <= allowed) || here > -flatter*slope: // also NaN
			high = alpha
		case here < flatter*slope:
			low = alpha
		default:
			return at, true
		}
		if math.IsInf(high, 1) {
			alpha *= 2
		} else {
			alpha = (low + high) / 2
		}
	}
	return at, false
}

func dot(x, y []float64) (sum float64) {
	for i, v := range x {
		sum += v * y[i]
	}
	return sum
}

// add adds a*y to x.
func add(x []float64, a float64, y []float64) {
	for i, v := range y {
		x[i] += a * v
	}
}

// largest is the largest absolute value.
func largest(x []float64) (m float64) {
	for _, v := range x {
		m = math.Max(m, math.Abs(v))
	}
	return m
}
