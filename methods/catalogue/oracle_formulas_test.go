package catalogue_test

import (
	"math"

	"gorgonia.org/gorgonia"
)

// oracle is an objective written out from its paper or its authors' code, apart from the program's own tensor code.
type oracle struct {
	params map[string]any
	build  func(p *problem) node // draws the inputs and returns the loss
}

var oracles = map[string]oracle{
	"contrastive.nt_xent":        {map[string]any{"temperature": 0.5}, oracleNTXent},
	"contrastive.info_nce_queue": {map[string]any{"T": 0.3}, oracleQueue},
	"contrastive.supcon":         {map[string]any{"temperature": 0.4, "base_temperature": 0.2, "contrast_mode": "all"}, oracleSupCon},
	"contrastive.nce":            {map[string]any{"K": 5.0, "T": 0.5, "Z": -1.0, "momentum": 0.5}, oracleNCE},
	"contrastive.byol":           {map[string]any{}, oracleBYOL},
	"contrastive.negative_margin": {
		map[string]any{"kind": "cosine", "margin": -0.3, "scale": 4.0}, oracleNegativeMargin,
	},
	"clustering.swav": {map[string]any{
		"temperature": 0.5, "epsilon": 0.3, "iterations": 3.0, "crops_for_assign": []any{0.0, 1.0}, "global_crops": 2.0, "local_crops": 1.0,
	}, oracleSwAV},
	"clustering.iic":       {map[string]any{"lamb": 1.3}, oracleIIC},
	"predictive.cpc":       {map[string]any{"steps": 2.0}, oracleCPC},
	"predictive.dim_local": {map[string]any{"mode": "fd", "measure": "JSD", "scale": 1.0, "act_penalty": 0.0}, oracleDIM},
	"predictive.entmin":    {map[string]any{}, oracleEntropy},
	"predictive.vat": {
		map[string]any{"xi": 0.5, "eps": 0.8, "iterations": 1.0, "direction": "clean||perturbed"}, oracleVAT,
	},
}

// oracleNTXent is equation 1 of 2002.05709 over the blocks of the similarity matrix.
func oracleNTXent(p *problem) node {
	const b, d, tau = 4, 3, 0.5
	z1, z2 := p.unit(p.variable("z1", b, d, nil)), p.unit(p.variable("z2", b, d, nil))
	others := p.filled(b, b, func(i, j int) float64 { return indicator(i != j) })
	half := func(x, y node) node {
		cross := p.scale(p.mm(x, p.t_(y)), 1/tau)
		within := p.scale(p.mm(x, p.t_(x)), 1/tau)
		denominator := p.plus(p.rowSums(p.exp(cross)), p.rowSums(p.times(p.exp(within), others)))
		return p.sum(p.minus(p.log(denominator), p.rowSums(p.times(cross, p.eye(b)))))
	}
	return p.mean(p.add2(half(z1, z2), half(z2, z1)), 2*b)
}

// oracleQueue is equation 1 of 1911.05722.
func oracleQueue(p *problem) node {
	const b, d, k, tau = 3, 4, 6, 0.3
	q := p.unit(p.variable("q", b, d, nil))
	_, keys := p.constant("k", b, d, nil)
	queue := p.given("queue", unitRows(p.draw(k*d, nil), d), k, d)
	p.c.PutInts("ptr", []int64{3}, 1)
	unitKeys := unitRows(keys, d)
	positive := p.scale(p.rowSums(p.times(q, p.filled(b, d, func(i, j int) float64 { return unitKeys[i*d+j] }))), 1/tau)
	negative := p.exp(p.scale(p.mm(q, p.t_(queue)), 1/tau))
	return p.mean(p.sum(p.minus(p.log(p.plus(p.exp(positive), p.rowSums(negative))), positive)), b)
}

// oracleSupCon is L_out of 2004.11362, times temperature over base temperature.
func oracleSupCon(p *problem) node {
	const b, v, d, tau, base = 4, 2, 3, 0.4, 0.2
	f := p.variable("features", b*v, d, nil, b, v, d)
	labels := p.whole("labels", 2, b)
	same := func(i, j int) float64 { return indicator(i != j && labels[i/v] == labels[j/v]) }
	s := p.scale(p.mm(f, p.t_(f)), 1/tau)
	others := p.filled(b*v, b*v, func(i, j int) float64 { return indicator(i != j) })
	logProb := p.minus(s, p.spread(p.log(p.rowSums(p.times(p.exp(s), others))), b*v))
	weights := p.filled(b*v, b*v, func(i, j int) float64 {
		count := 0.0
		for k := range b * v {
			count += same(i, k)
		}
		return same(i, j) / count // every anchor has its own other view
	})
	return p.mean(p.sum(p.scale(p.times(logProb, weights), -tau/base)), b*v)
}

// oracleNCE is equation 7 of 1805.01978 with the constant Z estimated from the batch.
func oracleNCE(p *problem) node {
	const b, d, n, k, tau, eps = 3, 4, 9, 5, 0.5, 1e-7
	f := p.variable("features", b, d, nil)
	p.c.PutInts("indices", []int64{2, 7, 4}, b)
	noise := p.whole("noise", n, b*k, b, k)
	_, memory := p.constant("memory", n, d, nil)
	candidate := func(row int) int { // bank row of candidate row, sample-major
		if i := row % (1 + k); i > 0 {
			return noise[row/(1+k)*k+i-1]
		}
		return []int{2, 7, 4}[row/(1+k)]
	}
	const rows = b * (1 + k)
	bank := p.filled(rows, d, func(i, j int) float64 { return memory[candidate(i)*d+j] })
	sample := p.filled(rows, b, func(i, j int) float64 { return indicator(i/(1+k) == j) })
	e := p.exp(p.scale(p.rowSums(p.times(p.mm(sample, f), bank)), 1/tau))
	features := p.c.Floats("features")
	mean := 0.0
	for r := range rows {
		dot := 0.0
		for j := range d {
			dot += features[r/(1+k)*d+j] * memory[candidate(r)*d+j]
		}
		mean += math.Exp(dot/tau) / rows
	}
	const c = float64(k) / n
	probs := p.scale(e, 1/(mean*n))
	positive := p.filled(rows, 1, func(i, _ int) float64 { return indicator(i%(1+k) == 0) })
	negative := p.filled(rows, 1, func(i, _ int) float64 { return indicator(i%(1+k) != 0) })
	noisy := p.log(p.shift(probs, c+eps))
	terms := p.plus(p.times(p.minus(p.log(probs), noisy), positive), p.times(p.shift(p.scale(noisy, -1), math.Log(c)), negative))
	return p.sum(p.scale(terms, -1.0/b))
}

// oracleBYOL is equation 2 of 2006.07733, both directions.
func oracleBYOL(p *problem) node {
	const b, d = 4, 3
	p1, p2 := p.unit(p.variable("p1", b, d, nil)), p.unit(p.variable("p2", b, d, nil))
	_, z1 := p.constant("z1", b, d, nil)
	_, z2 := p.constant("z2", b, d, nil)
	z1, z2 = unitRows(z1, d), unitRows(z2, d)
	cosine := func(x node, y []float64) node {
		return p.rowSums(p.times(x, p.filled(b, d, func(i, j int) float64 { return y[i*d+j] })))
	}
	return p.sum(p.scale(p.shift(p.scale(p.plus(cosine(p1, z2), cosine(p2, z1)), -2), 4), 1.0/b))
}

// oracleNegativeMargin is the cosine softmax of 2003.12060.
func oracleNegativeMargin(p *problem) node {
	const b, d, c, margin, scale = 4, 3, 3, -0.3, 4
	z := p.mm(p.unit(p.variable("features", b, d, nil)), p.t_(p.unit(p.variable("weight", c, d, nil))))
	labels := p.whole("labels", c, b)
	z = p.minus(z, p.filled(b, c, func(i, j int) float64 { return margin * indicator(labels[i] == j) }))
	return p.crossEntropy(p.scale(z, scale), labels)
}

// oracleSwAV is the swapped prediction of 2006.09882 with two global crops and a local one; the codes come from plain loops.
func oracleSwAV(p *problem) node {
	const b, d, k, crops, tau, eps, iterations = 4, 3, 3, 3, 0.5, 0.3, 3
	z := p.variable("z", crops*b, d, nil)
	raw := p.draw(k*d, nil)
	p.c.Put("prototypes", true, unitRows(raw, d), k, d)
	prototypes := p.dense("prototypes", unitRows(raw, d), k, d)
	p.wrt, p.names = append(p.wrt, prototypes), append(p.names, "prototypes")
	x, w := unitRows(p.c.Floats("z"), d), p.c.Floats("prototypes")
	scores := p.mm(p.unit(z), p.t_(prototypes))
	var total node
	for assign := range 2 {
		codes := plainSinkhorn(product(x[assign*b*d:(assign+1)*b*d], w, b, k, d), b, k, eps, iterations)
		for crop := range crops {
			if crop == assign {
				continue
			}
			logP := p.logSoftmax(p.scale(p.mm(p.selection(b, crops*b, crop*b, 1), scores), 1/tau))
			term := p.sum(p.scale(p.times(logP, p.filled(b, k, func(i, j int) float64 { return codes[i*k+j] })), -1.0/(b*(crops-1)*2)))
			total = p.add2(total, term)
		}
	}
	return total
}

// oracleIIC is equation 5 of 1807.06653 with the exponent lamb on the marginals.
func oracleIIC(p *problem) node {
	const b, k, lamb = 5, 3, 1.3
	uniform := func() float64 { return 0.2 + p.rng.Float64() }
	joint := p.mm(p.t_(p.variable("x", b, k, uniform)), p.variable("x_tf", b, k, uniform))
	joint = p.plus(joint, p.t_(joint))
	total := p.mm(p.full(k, 1, 1), p.mm(p.mm(p.full(1, k, 1), p.rowSums(joint)), p.full(1, k, 1)))
	joint = p.over(joint, total)
	marginal := p.log(p.spread(p.rowSums(joint), k)) // symmetric: columns have the same sums
	inner := p.minus(p.log(joint), p.scale(p.plus(marginal, p.t_(marginal)), lamb))
	return p.sum(p.scale(p.times(joint, inner), -1))
}

// oracleCPC scores each future step by a log-bilinear model, equation 3 of 1807.03748, softmax over the contexts.
func oracleCPC(p *problem) node {
	const b, length, d, h, steps, at = 3, 5, 4, 2, 2, 1
	z := p.variable("z", b*length, d, nil, b, length, d)
	c := p.variable("c", b*length, h, nil, b, length, h)
	w := p.variable("w", steps*d, h, nil, steps, d, h)
	bias := p.variable("b", steps, d, nil)
	p.c.PutInts("t", []int64{at}, 1)
	context := p.mm(p.selection(b, b*length, at, length), c)
	var total node
	for k := range steps {
		future := p.mm(p.selection(b, b*length, at+k+1, length), z)
		predictor := p.mm(p.selection(d, steps*d, k*d, 1), w)
		predicted := p.plus(p.mm(context, p.t_(predictor)), p.repeat(p.mm(p.selection(1, steps, k, 1), bias), b))
		logP := p.logSoftmax(p.mm(future, p.t_(predicted)))
		total = p.add2(total, p.sum(p.scale(p.times(logP, p.eye(b)), -1.0/(b*steps))))
	}
	return total
}

// oracleDIM is the Jensen-Shannon estimator of 1808.06670 between global and local features, the mean over pairs.
func oracleDIM(p *problem) node {
	const n, u, places, globals = 3, 4, 5, 2
	l := p.variable("l", n*u, places, nil, n, u, places)
	m := p.variable("m", n*u, globals, nil, n, u, globals)
	var total node
	for i := range n {
		mi := p.mm(p.selection(u, n*u, i*u, 1), m)
		for j := range n {
			scores := p.mm(p.t_(mi), p.mm(p.selection(u, n*u, j*u, 1), l))
			soft := p.softplus(p.scale(scores, -1))
			if i == j { // -E+: softplus(-u) - log 2
				total = p.add2(total, p.sum(p.scale(p.shift(soft, -math.Ln2), 1.0/(n*places*globals))))
			} else { // E-: softplus(-u) + u - log 2
				e := p.shift(p.plus(soft, scores), -math.Ln2)
				total = p.add2(total, p.sum(p.scale(e, 1.0/(n*(n-1)*places*globals))))
			}
		}
	}
	return total
}

// oracleEntropy is the mean entropy of the predictions.
func oracleEntropy(p *problem) node {
	const b, c = 4, 3
	logP := p.logSoftmax(p.variable("logits", b, c, nil))
	return p.sum(p.scale(p.times(p.exp(logP), logP), -1.0/b))
}

// oracleVAT is the divergence of 1704.03976, equations 5 and 11 to 13, for a network of two layers.
func oracleVAT(p *problem) node {
	const b, d, h, c, xi, eps = 3, 4, 5, 3, 0.5, 0.8
	_, x := p.constant("x", b, d, nil)
	_, noise := p.constant("noise", b, d, nil)
	w1, b1 := p.variable("w1", h, d, nil), p.variable("b1", 1, h, nil, h)
	w2, b2 := p.variable("w2", c, h, nil), p.variable("b2", 1, c, nil, c)
	weights := [4]node{w1, b1, w2, b2}

	var clean []float64 // softmax f(x), and then the direction, in graphs of their own: both are constant for the weights
	inner := newGraph(p.t)
	own := copies(inner, p, weights)
	out := inner.logSoftmax(network(inner, inner.dense("x", x, b, d), own))
	inner.solve(inner.sum(out), own[0])
	for _, v := range out.Value().Data().([]float64) {
		clean = append(clean, math.Exp(v))
	}
	direction := almostUnit(noise, d)
	inner = newGraph(p.t)
	move := inner.dense("d", direction, b, d)
	moved := inner.plus(inner.dense("x", x, b, d), inner.scale(move, xi))
	_, g := inner.solve(divergence(inner, clean, network(inner, moved, copies(inner, p, weights)), b, c), move)
	direction = almostUnit(g[0], d)

	perturbed := p.filled(b, d, func(i, j int) float64 { return x[i*d+j] + eps*direction[i*d+j] })
	return divergence(p.graph, clean, network(p.graph, perturbed, weights), b, c)
}

// network is w2 tanh(w1 x + b1) + b2 for rows x.
func network(g *graph, x node, w [4]node) node {
	rows := x.Shape()[0]
	hidden := g.tanh(g.plus(g.mm(x, g.t_(w[0])), g.repeat(w[1], rows)))
	return g.plus(g.mm(hidden, g.t_(w[2])), g.repeat(w[3], rows))
}

// copies puts the problem's weights into another graph.
func copies(g *graph, p *problem, of [4]node) (own [4]node) {
	for i, n := range of {
		own[i] = g.dense(n.Name(), p.c.Floats(n.Name()), n.Shape()[0], n.Shape()[1])
	}
	return own
}

// divergence is the mean over rows of KL(clean || softmax logits).
func divergence(g *graph, clean []float64, logits node, b, c int) node {
	kl := g.filled(b, c, func(i, j int) float64 { return clean[i*c+j] * math.Log(clean[i*c+j]) })
	p := g.filled(b, c, func(i, j int) float64 { return clean[i*c+j] })
	return g.sum(g.scale(g.minus(kl, g.times(p, g.logSoftmax(logits))), 1/float64(b)))
}

// add2 is a + b for scalars, b where a is nil.
func (g *graph) add2(a, b node) node {
	if a == nil {
		return b
	}
	return g.plus(a, b)
}

// mean divides a scalar by n.
func (g *graph) mean(a node, n int) node {
	return gorgonia.Must(gorgonia.Mul(a, gorgonia.NewConstant(1/float64(n))))
}

func unitRows(x []float64, d int) []float64 { return divideRows(x, d, 0) }

// almostUnit divides every row by its length plus 1e-8, as the authors of VAT's code do.
func almostUnit(x []float64, d int) []float64 { return divideRows(x, d, 1e-8) }

func divideRows(x []float64, d int, eps float64) []float64 {
	y := append([]float64(nil), x...)
	for at := 0; at < len(y); at += d {
		length := 0.0
		for _, v := range y[at : at+d] {
			length += v * v
		}
		for j := range d {
			y[at+j] /= math.Sqrt(length) + eps
		}
	}
	return y
}

// product is x [b, d] times the transpose of w [k, d].
func product(x, w []float64, b, k, d int) []float64 {
	var s []float64
	for i := range b {
		for j := range k {
			dot := 0.0
			for l := range d {
				dot += x[i*d+l] * w[j*d+l]
			}
			s = append(s, dot)
		}
	}
	return s
}

// plainSinkhorn alternates columns and rows as SwAV's authors do.
func plainSinkhorn(s []float64, b, k int, eps float64, iterations int) []float64 {
	q := make([]float64, len(s))
	for i, v := range s {
		q[i] = math.Exp(v / eps)
	}
	for range iterations {
		for j := range k {
			sum := 0.0
			for i := range b {
				sum += q[i*k+j]
			}
			for i := range b {
				q[i*k+j] /= sum * float64(k)
			}
		}
		for i := range b {
			sum := 0.0
			for j := range k {
				sum += q[i*k+j]
			}
			for j := range k {
				q[i*k+j] /= sum * float64(b)
			}
		}
	}
	for i := range q {
		q[i] *= float64(b)
	}
	return q
}
