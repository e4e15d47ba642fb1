package objective_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"vssl/methods/objective"
	"vssl/torch"
)

// TestNTXentPlainly compares with equation 1 written out in loops.
func TestNTXentPlainly(t *testing.T) {
	const b, d, tau = 5, 7, 0.3
	z := randomRows(2*b, d)
	want := plainNTXent(z, tau)
	torch.In(func(*torch.Scope) {
		z1, z2 := matrix(z[:b]), matrix(z[b:])
		if got := objective.NTXent(z1, z2, tau).Float(); math.Abs(got-want) > 1e-5 {
			t.Errorf("NTXent: got %g, want %g", got, want)
		}
		if got := objective.CVRL(z1, z2, tau, true).Loss.Float(); math.Abs(got-2*want) > 1e-5 {
			t.Errorf("CVRL: got %g, want %g", got, 2*want)
		}
	})
}

// TestGradientByDifferences checks the gradients of both losses in float64 against central differences.
func TestGradientByDifferences(t *testing.T) {
	const b, d, tau, h = 3, 4, 0.5, 1e-5
	losses := map[string]func(z1, z2 *torch.Tensor) *torch.Tensor{
		"NTXent":   func(z1, z2 *torch.Tensor) *torch.Tensor { return objective.NTXent(z1, z2, tau) },
		"CVRL":     func(z1, z2 *torch.Tensor) *torch.Tensor { return objective.CVRL(z1, z2, tau, true).Loss },
		"CVRL raw": func(z1, z2 *torch.Tensor) *torch.Tensor { return objective.CVRL(z1, z2, tau, false).Loss },
	}
	for name, loss := range losses {
		z := randomRows(2*b, d)
		at := func() (v float64) {
			torch.In(func(*torch.Scope) { v = loss(matrix64(z[:b]), matrix64(z[b:])).Float() })
			return v
		}
		torch.In(func(*torch.Scope) {
			z1, z2 := matrix64(z[:b]).RequireGrad(true), matrix64(z[b:]).RequireGrad(true)
			loss(z1, z2).Backward()
			grads := append(z1.Grad().Float64s(), z2.Grad().Float64s()...)
			for i, got := range grads {
				p := &z[i/d][i%d]
				v := *p
				*p = v + h
				up := at()
				*p = v - h
				down := at()
				*p = v
				if want := (up - down) / (2 * h); math.Abs(got-want) > 1e-7 {
					t.Errorf("%s: gradient %d: got %g, want %g", name, i, got, want)
				}
			}
		})
	}
}

func TestTemperatureMustBePositive(t *testing.T) {
	for _, tau := range []float64{0, -1, math.NaN()} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("temperature %g: no panic", tau)
				}
			}()
			torch.In(func(*torch.Scope) {
				z := torch.Ones([]int{2, 2}, torch.Float32, torch.CPU)
				objective.NTXent(z, z, tau)
			})
		}()
	}
}

func plainNTXent(z [][]float64, tau float64) float64 {
	n := len(z)
	cosine := func(a, b []float64) float64 {
		var ab, aa, bb float64
		for k := range a {
			ab, aa, bb = ab+a[k]*b[k], aa+a[k]*a[k], bb+b[k]*b[k]
		}
		return ab / math.Sqrt(aa*bb)
	}
	total := 0.0
	for i := range z {
		sum := 0.0
		for j := range z {
			if j != i {
				sum += math.Exp(cosine(z[i], z[j]) / tau)
			}
		}
		total -= cosine(z[i], z[(i+n/2)%n])/tau - math.Log(sum)
	}
	return total / float64(n)
}

func randomRows(n, d int) [][]float64 {
	rng := rand.New(rand.NewPCG(1, 1))
	rows := make([][]float64, n)
	for i := range rows {
		for range d {
			rows[i] = append(rows[i], rng.NormFloat64())
		}
	}
	return rows
}

func matrix64(rows [][]float64) *torch.Tensor {
	var flat []float64
	for _, r := range rows {
		flat = append(flat, r...)
	}
	return torch.FromFloat64(flat, len(rows), len(rows[0]))
}

func matrix(rows [][]float64) *torch.Tensor { return matrix64(rows).To(torch.Float32) }

func ExampleNTXent() {
	torch.In(func(*torch.Scope) {
		// two samples at right angles to each other, the two views of each alike: -log(e / (e + 1 + 1))
		z := torch.Eye(2, torch.Float32, torch.CPU)
		fmt.Printf("%.4f\n", objective.NTXent(z, z, 1).Float())
	})
	// Output: 0.5514
}
