package pytorch_test

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vssl/internal/pytorch"
	"vssl/internal/safetensors"
)

// TestLayouts: every element type, and every way to lie in a storage, in both formats and two protocols, as PyTorch wrote
// them; the right values are PyTorch's own.
func TestLayouts(t *testing.T) {
	var want map[string]struct {
		Shape  []int
		Values []float64
	}
	if err := json.Unmarshal(fixture(t, "layouts.json"), &want); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"layouts.pt", "layouts_legacy.pt", "layouts_protocol4.pt", "layouts_legacy4.pt"} {
		if !pytorch.Recognise(fixture(t, name)[:8]) {
			t.Errorf("%s is not recognised", name)
		}
		f := open(t, name)
		if len(f.Tensors()) != len(want) {
			t.Errorf("%s: %d tensors, want %d", name, len(f.Tensors()), len(want))
		}
		var scratch []byte
		for _, info := range f.Tensors() {
			data, err := f.Read(scratch, info)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			scratch = data
			w := want[info.Name]
			if got := numbers(info.DType, data); !slices.Equal(got, w.Values) || !slices.Equal(info.Shape, w.Shape) {
				t.Errorf("%s: %s is %v %v, want %v %v", name, info.Name, info.Shape, got, w.Shape, w.Values)
			}
		}
	}
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func open(t *testing.T, name string) *pytorch.File {
	t.Helper()
	f, err := pytorch.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// numbers decodes elements by their definitions.
func numbers(d safetensors.DType, data []byte) []float64 {
	out := []float64{}
	for ; len(data) > 0; data = data[d.Size():] {
		bits := make([]byte, 8)
		copy(bits, data[:d.Size()])
		n := binary.LittleEndian.Uint64(bits)
		switch d {
		case safetensors.F64:
			out = append(out, math.Float64frombits(n))
		case safetensors.F32:
			out = append(out, float64(math.Float32frombits(uint32(n))))
		case safetensors.BF16:
			out = append(out, float64(math.Float32frombits(uint32(n)<<16)))
		case safetensors.F16: // normal numbers only
			v := math.Ldexp(float64(1<<10|n&(1<<10-1)), int(n>>10&31)-25)
			out = append(out, math.Copysign(v, float64(int16(n))))
		case safetensors.U8, safetensors.U16, safetensors.Bool:
			out = append(out, float64(n))
		default:
			shift := 64 - 8*d.Size()
			out = append(out, float64(int64(n<<shift)>>shift))
		}
	}
	return out
}

// TestNames: what lies beside the weights is passed over, and a tensor's name is the way to it.
func TestNames(t *testing.T) {
	for name, want := range map[string][]string{
		"encoders.pth.tar": {"state_dict.module.encoder_q.conv1.weight", "state_dict.module.encoder_k.fc.bias",
			"state_dict.module.queue",
			"optimizer.state.0.momentum_buffer"},
		"trainer.ckpt": {"state_dict.model.backbone.layer4.1.bn2.num_batches_tracked", "optimizer_states.0.state.0.exp_avg"},
		"resnet18.pth": {"conv1.weight", "fc.bias"},
	} {
		var got []string
		for _, info := range open(t, name).Tensors() {
			got = append(got, info.Name)
		}
		for _, w := range want {
			if !slices.Contains(got, w) {
				t.Errorf("%s: no tensor %q", name, w)
			}
		}
	}
}

// TestCurrent: what PyTorch writes today: parameters with attributes, storages without a type, an optimiser and its schedule.
func TestCurrent(t *testing.T) {
	for _, name := range []string{"current.pt", "current_legacy.pt"} {
		f := open(t, name)
		got := map[string][]float64{}
		for _, info := range f.Tensors() {
			data, err := f.Read(nil, info)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got[info.Name] = numbers(info.DType, data)
		}
		for key, want := range map[string][]float64{"model.parameter": {1.5, -2.5}, "model.transposed": {0, 3, 1, 4, 2, 5},
			"model.uint16": {7, 65535}, "optimizer.state.1.step": {1}} {
			if !slices.Equal(got[key], want) {
				t.Errorf("%s: %s is %v, want %v", name, key, got[key], want)
			}
		}
	}
}

// TestWholeModule: an object in place of weights is named, with what to do.
func TestWholeModule(t *testing.T) {
	_, err := pytorch.Open("testdata/module.pt")
	if !errors.Is(err, pytorch.ErrFormat) || !strings.Contains(err.Error(), "some_model.net.Net") ||
		!strings.Contains(err.Error(), "state_dict()") {
		t.Errorf("got %v", err)
	}
}
