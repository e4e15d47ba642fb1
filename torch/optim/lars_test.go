package optim

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"vssl/torch"
)

// golden is one case of the golden set: named float32 tensors, and the rule's numbers.
type golden struct {
	tensors map[string][]float32
	shapes  map[string][]int
	params  struct {
		LR          float64 `json:"lr"`
		Momentum    float64 `json:"momentum"`
		WeightDecay float64 `json:"weight_decay"`
		Eta         float64 `json:"eta"`
		Classic     bool    `json:"classic_momentum"`
		Nesterov    bool    `json:"nesterov"`
		Exclude1D   bool    `json:"exclude_1d"`
	}
}

func readGolden(t *testing.T, name string) golden {
	root := os.Getenv("VSSL_SHARED")
	if root == "" {
		t.Skip("VSSL_SHARED not set: no golden cases")
	}
	data, err := os.ReadFile(filepath.Join(root, "golden", "contrastive", name+".safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	size := binary.LittleEndian.Uint64(data)
	var header map[string]json.RawMessage
	if err := json.Unmarshal(data[8:8+size], &header); err != nil {
		t.Fatal(err)
	}
	g := golden{tensors: map[string][]float32{}, shapes: map[string][]int{}}
	for key, raw := range header {
		if key == "__metadata__" {
			var meta map[string]string
			if err := json.Unmarshal(raw, &meta); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(meta["params"]), &g.params); err != nil {
				t.Fatal(err)
			}
			continue
		}
		var info struct {
			Shape   []int  `json:"shape"`
			Offsets [2]int `json:"data_offsets"`
		}
		if err := json.Unmarshal(raw, &info); err != nil {
			t.Fatal(err)
		}
		values := make([]float32, (info.Offsets[1]-info.Offsets[0])/4)
		for i := range values {
			values[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[8+int(size)+info.Offsets[0]+4*i:]))
		}
		g.tensors[key], g.shapes[key] = values, info.Shape
	}
	return g
}

// The numbers come from the optimizer of SimCLR's authors; both ways through the native step must give them.
func TestLARSGolden(t *testing.T) {
	for _, name := range []string{"lars", "lars_zero_init"} {
		for _, dt := range []torch.DType{torch.Float32, torch.Float64} {
			t.Run(name+"/"+dt.String(), func(t *testing.T) { checkLARS(t, readGolden(t, name), dt) })
		}
	}
}

func checkLARS(t *testing.T, g golden, dt torch.DType) {
	p := g.params
	c := Config{
		Kind: LARS, Momentum: p.Momentum, WeightDecay: p.WeightDecay, Eta: p.Eta, LateTrust: !p.Classic,
		Nesterov: p.Nesterov, AdaptAll: !p.Exclude1D,
	}
	torch.In(func(*torch.Scope) {
		names := []string{"weight", "bias"}
		params := make([]*torch.Tensor, len(names))
		for i, n := range names {
			params[i] = torch.FromFloat32(g.tensors["in."+n], g.shapes["in."+n]...).To(dt).RequireGrad(true)
		}
		o := New(c, []Group{{Names: names, Params: params}})
		defer o.Close()
		for step := range g.shapes["out.weight"][0] {
			for i, n := range names {
				size := params[i].Numel()
				params[i].SetGrad(torch.FromFloat32(g.tensors["in.grads_"+n][step*size:(step+1)*size], params[i].Shape()...).To(dt))
			}
			o.Step(p.LR)
			for i, n := range names {
				size := params[i].Numel()
				want := g.tensors["out."+n][step*size : (step+1)*size]
				for k, got := range params[i].Float64s() {
					if math.Abs(got-float64(want[k])) > 1e-5 {
						t.Fatalf("step %d: %s[%d] is %g, want %g", step, n, k, got, want[k])
					}
				}
			}
		}
	})
}

// plainLARS is one step in plain loops; adapt says whether the tensor gets weight decay and the trust ratio.
func plainLARS(c Config, adapt bool, w, v, g []float64, lr float64) {
	decay := c.WeightDecay
	if !adapt {
		decay = 0
	}
	d, u := make([]float64, len(w)), make([]float64, len(w))
	for i := range w {
		d[i] = g[i] + decay*w[i]
	}
	scale := func(x []float64) {
		f := lr
		if adapt && length(w) > 0 && length(x) > 0 {
			f *= c.Eta * length(w) / length(x)
		}
		for i := range x {
			x[i] *= f
		}
	}
	if !c.LateTrust {
		scale(d)
	}
	for i := range w {
		v[i] = c.Momentum*v[i] + d[i]
		u[i] = v[i]
		if c.Nesterov {
			u[i] = c.Momentum*v[i] + d[i]
		}
	}
	if c.LateTrust {
		scale(u)
	}
	for i := range w {
		w[i] -= u[i]
	}
}

func length(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v * v
	}
	return math.Sqrt(sum)
}

// TestLARSPlainly goes through all settings, for a matrix, a bias, and a bias of zeros.
func TestLARSPlainly(t *testing.T) {
	torch.In(func(*torch.Scope) {
		torch.Seed(1)
		for setting := range 8 {
			late, nesterov, all := setting&1 != 0, setting&2 != 0, setting&4 != 0
			c := Config{
				Kind: LARS, Momentum: 0.9, WeightDecay: 0.05, Eta: 0.05, LateTrust: late, Nesterov: nesterov, AdaptAll: all,
			}
			for _, dt := range []torch.DType{torch.Float32, torch.Float64} {
				checkPlainLARS(t, c, torch.Randn([]int{7, 5}, dt, torch.CPU))
				checkPlainLARS(t, c, torch.Randn([]int{6}, dt, torch.CPU))
				checkPlainLARS(t, c, torch.Zeros([]int{6}, dt, torch.CPU))
			}
		}
	})
}

// checkPlainLARS makes four steps from w.
func checkPlainLARS(t *testing.T, c Config, w *torch.Tensor) {
	t.Helper()
	w.RequireGrad(true)
	o := New(c, []Group{{Names: []string{"w"}, Params: []*torch.Tensor{w}}})
	defer o.Close()
	want, v := w.Float64s(), make([]float64, w.Numel())
	for range 4 {
		g := torch.Randn(w.Shape(), w.DType(), torch.CPU)
		w.SetGrad(g)
		o.Step(0.5)
		plainLARS(c, w.Rank() > 1 || c.AdaptAll, want, v, g.Float64s(), 0.5)
	}
	for i, got := range w.Float64s() {
		if math.Abs(got-want[i]) > 1e-5 {
			t.Fatalf("%+v, %s, %v: weight %d is %g, want %g", c, w.DType(), w.Shape(), i, got, want[i])
		}
	}
}
