package objective

import "vssl/internal/sinkhorn"

// elements are those of a block, row-major, in the one of these that is not nil.
type elements struct {
	single []float32
	double []float64
	half   []sinkhorn.Half
}

// sized returns memory for n numbers, that of e where it is large enough and of the type.
func (e elements) sized(double bool, n int) elements {
	if double {
		return elements{double: sized(e.double, n)}
	}
	return elements{single: sized(e.single, n)}
}

func sized[E any](buffer []E, n int) []E {
	if cap(buffer) < n {
		return make([]E, n)
	}
	return buffer[:n]
}

// at is one log-probability.
func (e elements) at(i int) float64 {
	if e.double != nil {
		return e.double[i]
	}
	return float64(e.single[i])
}

func (e elements) addTo(c sinkhorn.Columns, power float64) {
	if e.double != nil {
		sinkhorn.AddRows(c, e.double, power)
		return
	}
	sinkhorn.AddRows(c, e.single, power)
}

func (e elements) choose(label []int32, rate, shift []float64) {
	if e.double != nil {
		sinkhorn.Choose(label, e.double, rate, shift)
		return
	}
	sinkhorn.Choose(label, e.single, rate, shift)
}

func (e elements) products(row, rate, sums []float64) {
	switch {
	case e.double != nil:
		sinkhorn.Products(row, e.double, rate, sums)
	case e.single != nil:
		sinkhorn.Products(row, e.single, rate, sums)
	default:
		sinkhorn.Products(row, e.half, rate, sums)
	}
}

// lift returns e of x, of its type, in the memory of to where it can.
func (x elements) lift(to elements, peak []float64, power float64, base []float64) (e elements) {
	if x.double != nil {
		e.double = sized(to.double, len(x.double))
		sinkhorn.Lift(e.double, peak, x.double, power, base)
		return e
	}
	e.single = sized(to.single, len(x.single))
	sinkhorn.Lift(e.single, peak, x.single, power, base)
	return e
}

// pack rounds e, in the memory of half where it can.
func (e elements) pack(half []sinkhorn.Half) elements {
	if e.double != nil {
		half = sized(half, len(e.double))
		sinkhorn.Pack(half, e.double)
	} else {
		half = sized(half, len(e.single))
		sinkhorn.Pack(half, e.single)
	}
	return elements{half: half}
}
