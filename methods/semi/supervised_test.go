package semi_test

import (
	"math"
	"testing"

	"vssl/clips"
	"vssl/methods"
	"vssl/methods/methodtest"
	_ "vssl/methods/semi" // registers what is tested
	"vssl/torch"
)

func TestSupervised(t *testing.T) {
	methodtest.Run(t, "supervised", methodtest.Options{Params: "label_smoothing: 0.1\nbackbone_rate: 0.5"})
}

func TestSupervisedPictures(t *testing.T) {
	methodtest.Run(t, "supervised", methodtest.Options{Model: "resnet18", Still: true})
}

// newSupervised makes the method for clips of 2 frames in 3 classes.
func newSupervised(t *testing.T, params string) methods.Method {
	t.Helper()
	return methodtest.Build(t, "supervised", params, methods.Env{
		ModelName: "tiny3d", Augment: clips.Contrastive(16), Clip: clips.Recipe{Frames: 2, Stride: 1}, Classes: 3})
}

// The loss by hand over the logits that the method reports: smoothed targets, and samples without a label left out.
func TestSupervisedLossPlainly(t *testing.T) {
	const epsilon = 0.1
	m := newSupervised(t, "label_smoothing: 0.1")
	torch.In(func(*torch.Scope) {
		views := []*torch.Tensor{torch.Randn([]int{4, 3, 2, 16, 16}, torch.Float32, torch.CPU)}
		labels := []int64{2, -1, 0, 1}
		l := m.Loss(methods.Step{}, methods.Batch{Views: views, Labels: torch.FromInt64(labels)})
		logits := m.(methods.Classifies).Logits(l.Features).Float64s()
		want, right := 0.0, 0.0
		for i, label := range labels {
			if label < 0 {
				continue
			}
			row, sum, best := logits[3*i:3*i+3], 0.0, 0
			for c, v := range row {
				sum += math.Exp(v)
				if v > row[best] {
					best = c
				}
			}
			for c, v := range row {
				target := epsilon / 3
				if c == int(label) {
					target += 1 - epsilon
				}
				want -= target * (v - math.Log(sum)) / 3
			}
			if best == int(label) {
				right += 1. / 3
			}
		}
		if got := l.Total.Float(); math.Abs(got-want) > 1e-4 {
			t.Errorf("loss is %g, want %g", got, want)
		}
		if got := l.Figures["train_accuracy"].Float(); math.Abs(got-right) > 1e-6 {
			t.Errorf("accuracy is %g, want %g", got, right)
		}
		none := m.Loss(methods.Step{}, methods.Batch{Views: views, Labels: torch.FromInt64([]int64{-1, -1, -1, -1})})
		none.Total.Backward()
		if got := none.Total.Float(); got != 0 {
			t.Errorf("without a label the loss is %g, want 0", got)
		}
		if g := m.Modules().ParamByName("head.weight").Tensor.Grad(); g == nil || g.Abs().Sum().Float() != 0 {
			t.Error("without a label there is a gradient")
		}
	})
}

func TestSupervisedRates(t *testing.T) {
	m := newSupervised(t, "backbone_rate: 0.1").(methods.ScalesRates)
	if got := m.RateScale("backbone.stem.0.weight"); got != 0.1 {
		t.Errorf("below the classifier the factor is %g, want 0.1", got)
	}
	if got := m.RateScale("head.weight"); got != 1 {
		t.Errorf("the classifier's factor is %g, want 1", got)
	}
}

func TestSupervisedRefuses(t *testing.T) {
	for params, classes := range map[string]int{"": 1, "label_smoothing: 1": 2, "backbone_rate: 0": 2} {
		if _, err := methods.New("supervised", []byte(params), methods.Env{Classes: classes}); err == nil {
			t.Errorf("%q with %d classes: no error", params, classes)
		}
	}
	if methods.Supervised() != "supervised" {
		t.Errorf("the supervised method is %q", methods.Supervised())
	}
}
