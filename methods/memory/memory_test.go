package memory_test

import (
	"math"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"vssl/methods/memory"
	"vssl/models"
	"vssl/models/nn"
	"vssl/torch"
)

// inTree runs f with an empty tree, in an open scope, and fails where a tensor outlives both.
func inTree(t *testing.T, f func(root *nn.Node)) {
	t.Helper()
	before := torch.Live()
	torch.In(func(s *torch.Scope) {
		torch.Seed(1)
		f(nn.NewRoot(s))
	})
	if d := torch.Live() - before; d != 0 {
		t.Errorf("%d tensors outlive their scope", d)
	}
}

// numbered are b rows of length 1 in the plane; row i is at an angle that from+i alone has.
func numbered(from, b int) (rows [][]float64) {
	for i := range b {
		a := float64(from+i) * 0.01
		rows = append(rows, []float64{math.Cos(a), math.Sin(a)})
	}
	return rows
}

func matrix(rows [][]float64) *torch.Tensor {
	return torch.FromFloat64(slices.Concat(rows...), len(rows), len(rows[0])).To(torch.Float32)
}

func near(t interface{ Fatalf(string, ...any) }, what string, got, want []float64) {
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= 1e-6) {
			t.Fatalf("%s: value %d is %g, want %g", what, i, got[i], want[i])
		}
	}
}

// TestQueueIsARing compares with a ring in Go, for batches that divide the queue, that do not, and that are larger.
func TestQueueIsARing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(1, 7).Draw(t, "keys")
		batches := rapid.SliceOfN(rapid.IntRange(1, 10), 1, 6).Draw(t, "batches")
		torch.In(func(s *torch.Scope) {
			q := memory.NewQueue(nn.NewRoot(s), k, 2)
			keys := q.Keys().Float64s()
			ring := make([][]float64, k)
			for i := range ring {
				ring[i] = keys[2*i : 2*i+2]
			}
			pushed := 0
			for _, b := range batches {
				rows := numbered(pushed, b)
				q.Push(matrix(rows).MulScalar(3)) // of any length
				for i, r := range rows {
					ring[(pushed+i)%k] = r
				}
				pushed += b
				near(t, "keys", q.Keys().Float64s(), slices.Concat(ring...))
			}
		})
	})
}

// TestPushBeforeBackward: a loss over the keys can be differentiated after they were replaced.
func TestPushBeforeBackward(t *testing.T) {
	inTree(t, func(root *nn.Node) {
		q := memory.NewQueue(root, 4, 2)
		query := matrix(numbered(0, 2)).RequireGrad(true)
		want := slices.Repeat(q.Keys().SumDims(false, 0).Float64s(), 2)
		loss := query.MatMul(q.Keys().T()).Sum()
		q.Push(query) // a key with a gradient leaves none in the queue
		loss.Backward()
		near(t, "gradient", query.Grad().Float64s(), want)
		if q.Keys().RequiresGrad() {
			t.Error("the queue records gradients")
		}
	})
}

func TestBankRenewsTheBatchAlone(t *testing.T) {
	inTree(t, func(root *nn.Node) {
		bank := memory.NewBank(root, 6, 2)
		want := bank.Rows().Float64s()
		x := numbered(7, 2)
		bank.Update(torch.FromInts([]int{4, 1}, 2), matrix(x), 0.25)
		for i, row := range []int{4, 1} {
			r := want[2*row : 2*row+2]
			r[0], r[1] = 0.25*r[0]+0.75*x[i][0], 0.25*r[1]+0.75*x[i][1]
			length := math.Hypot(r[0], r[1])
			r[0], r[1] = r[0]/length, r[1]/length
		}
		near(t, "bank", bank.Rows().Float64s(), want)
		idx := torch.FromInts([]int{5, 5, 0, 4}, 2, 2)
		near(t, "rows looked up", bank.Lookup(idx).Float64s(), slices.Concat(want[10:12], want[10:12], want[0:2], want[8:10]))
	})
}

func TestNoiseIsEvenAndRepeatable(t *testing.T) {
	inTree(t, func(root *nn.Node) {
		bank := memory.NewBank(root, 5, 2)
		state := torch.RNGState()
		first := bank.Noise(100, 50)
		counts := first.Reshape(-1).Bincount(5).Float64s()
		for row, n := range counts {
			if math.Abs(n-1000) > 150 { // five standard deviations
				t.Errorf("row %d drawn %g times of 5000, want about 1000", row, n)
			}
		}
		if len(counts) != 5 {
			t.Errorf("rows up to %d drawn, want up to 4", len(counts)-1)
		}
		if err := torch.SetRNGState(state); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(first.Int64s(), bank.Noise(100, 50).Int64s()) {
			t.Error("the same state of the generator draws other noise")
		}
	})
}

func TestBankKeepsZ(t *testing.T) {
	inTree(t, func(root *nn.Node) {
		bank := memory.NewBank(root, 2, 2)
		if bank.Z() >= 0 {
			t.Errorf("Z is %g before the first step, want less than 0", bank.Z())
		}
		bank.KeepZ(torch.Full(nil, 12, torch.Float64, torch.CPU))
		if bank.Z() != 12 {
			t.Errorf("Z is %g, want 12", bank.Z())
		}
	})
}

// remembered is a queue, a bank and a target in one tree.
type remembered struct {
	root, online *nn.Node
	queue        *memory.Queue
	bank         *memory.Bank
	target       *memory.Target
}

func network(n *nn.Node) {
	n.Param("weight", torch.Randn([]int{2, 3}, torch.Float32, torch.CPU))
	n.Buffer("mean", torch.Randn([]int{2}, torch.Float32, torch.CPU))
	n.Buffer("seen", torch.Zeros([]int{1}, torch.Int64, torch.CPU))
}

func remember(root *nn.Node, buffers bool) remembered {
	online, target := root.Child("online"), root.Child("target")
	network(online)
	network(target)
	return remembered{
		root: root, online: online,
		queue: memory.NewQueue(root.Child("queue"), 5, 2), bank: memory.NewBank(root.Child("bank"), 6, 2),
		target: memory.NewTarget(target, online, memory.TargetConfig{Base: 0.5, Final: 1, Buffers: buffers}),
	}
}

// step changes all of it, by the number of the step and random draws.
func (r remembered) step(n int) {
	torch.In(func(*torch.Scope) {
		x := torch.Randn([]int{3, 2}, torch.Float32, torch.CPU)
		r.queue.Push(x)
		r.bank.Update(r.bank.Noise(1, 1).Reshape(1), x.Narrow(0, 0, 1), 0.5)
		r.bank.KeepZ(x.Sum())
		torch.NoGrad(func() {
			for _, e := range r.online.All() {
				e.Tensor.Add_(e.Tensor.OnesLike(), float64(n+1))
			}
		})
		r.target.Update(float64(n) / 8)
	})
}

func (r remembered) bytes() (all []byte) {
	for _, e := range r.root.All() {
		all = append(all, e.Tensor.Bytes()...)
	}
	return all
}

// TestResume: saved, restored into other memories and carried on, all bits are those of a run that was never stopped. Steps leave
// no tensors behind.
func TestResume(t *testing.T) {
	file := filepath.Join(t.TempDir(), "memory.safetensors")
	var want []byte
	var rng []byte
	inTree(t, func(root *nn.Node) {
		r := remember(root, true)
		r.step(0)
		r.step(1)
		if err := models.Save(file, root, nil); err != nil {
			t.Fatal(err)
		}
		rng = torch.RNGState()
		live := torch.Live()
		r.step(2)
		r.step(3)
		if d := torch.Live() - live; d != 0 {
			t.Errorf("%d tensors outlive two steps", d)
		}
		want = r.bytes()
	})
	inTree(t, func(root *nn.Node) {
		torch.Seed(99)
		r := remember(root, true)
		if _, err := models.Load(file, root, true); err != nil {
			t.Fatal(err)
		}
		if err := torch.SetRNGState(rng); err != nil {
			t.Fatal(err)
		}
		r.step(2)
		r.step(3)
		if !slices.Equal(r.bytes(), want) {
			t.Error("a resumed memory ends elsewhere")
		}
	})
}

func TestTargetFollows(t *testing.T) {
	for _, buffers := range []bool{false, true} {
		inTree(t, func(root *nn.Node) {
			r := remember(root, buffers)
			value := func(name string) float64 { return root.ParamByName(name).Tensor.Reshape(-1).Select(0, 0).Float() }
			weight, mean := value("online.weight"), value("online.mean")
			if value("target.weight") != weight || value("target.mean") != mean {
				t.Error("the target does not begin as the network")
			}
			r.step(0)
			r.step(1) // online went up by 1, then by 2
			tau := 1 - 0.5*(math.Cos(math.Pi/8)+1)/2
			moved := tau*0.5 + (1-tau)*3
			wantMean, wantSeen := mean, 0.0
			if buffers {
				wantMean, wantSeen = mean+moved, 3
			}
			near(t, "target", []float64{value("target.weight"), value("target.mean"), value("target.seen")},
				[]float64{weight + moved, wantMean, wantSeen})
			if root.ParamByName("target.weight").Tensor.RequiresGrad() || !root.ParamByName("online.weight").Tensor.RequiresGrad() {
				t.Error("the target has to be frozen, and the network not")
			}
			r.target.Reset()
			near(t, "after a reset", []float64{value("target.weight"), value("target.mean")}, []float64{weight + 3, mean + 3})
			near(t, "tau", []float64{r.target.Tau(0), r.target.Tau(0.5), r.target.Tau(1), r.target.Tau(1.1)}, []float64{0.5, 0.75, 1, 1})
		})
	}
}

func TestImpossible(t *testing.T) {
	good := memory.TargetConfig{Base: 0.9, Final: 1}
	for name, f := range map[string]func(root *nn.Node){
		"no keys":     func(root *nn.Node) { memory.NewQueue(root, 0, 2) },
		"no features": func(root *nn.Node) { memory.NewBank(root, 2, 0) },
		"key width": func(root *nn.Node) {
			memory.NewQueue(root, 3, 2).Push(torch.Ones([]int{1, 3}, torch.Float32, torch.CPU))
		},
		"bank row": func(root *nn.Node) {
			memory.NewBank(root, 3, 2).Update(torch.FromInts([]int{3}, 1), matrix(numbered(0, 1)), 0.5)
		},
		"share": func(root *nn.Node) {
			memory.NewTarget(root, root, memory.TargetConfig{Base: 1.1, Final: 1})
		},
		"network lacks": func(root *nn.Node) {
			a := root.Child("a")
			network(a)
			memory.NewTarget(a, root.Child("b"), good)
		},
		"target has less": func(root *nn.Node) {
			a := root.Child("a")
			network(a)
			memory.NewTarget(root.Child("b"), a, good)
		},
	} {
		inTree(t, func(root *nn.Node) {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f(root)
		})
	}
}
