package pipelines

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"vssl/clips"
	"vssl/methods"
	_ "vssl/methods/all" // the supervised method
	"vssl/models"
	"vssl/torch"
)

// stripes is a picture whose class is the direction of its stripes; place and strength are drawn, and there is noise.
type stripes struct{ class, number int }

const stripesSide = 16

func (s stripes) Read(context.Context, *[]byte) (clips.Raw, error) {
	rng := rand.New(rand.NewPCG(uint64(s.class), uint64(s.number)))
	raw := clips.Raw{Bytes: make([]byte, 3*stripesSide*stripesSide), Layout: clips.Packed, Width: stripesSide, Height: stripesSide}
	phase, strength := rng.IntN(6), 20+rng.IntN(30)
	colour := [3]int{60 + rng.IntN(130), 60 + rng.IntN(130), 60 + rng.IntN(130)}
	for y := range stripesSide {
		for x := range stripesSide {
			along := [3]int{x, y, x + y}[s.class]
			sign := 1 - 2*((along+phase)/3%2)
			for c := range 3 {
				v := colour[c] + sign*strength + rng.IntN(61) - 30
				raw.Bytes[3*(y*stripesSide+x)+c] = uint8(max(0, min(255, v)))
			}
		}
	}
	return raw, nil
}

func init() {
	clips.RegisterSource("stripes", "pictures of this test; the root is the number a class", func(root string, opts clips.SourceOptions) (clips.Source, error) {
		n := len(root)
		var samples []clips.Sample
		for i := range 3 * n {
			at := i
			if opts.Split == "test" {
				at += 100000
			}
			label := i % 3
			if opts.Split == "unlabelled" {
				label = -1
			}
			samples = append(samples, clips.Sample{Key: "picture" + stepName(at), Label: label, Still: stripes{i % 3, at}})
		}
		return clips.NewSet("stripes", samples, []string{"across", "down", "slanted"}, nil), nil
	})
}

// pictureRun trains a run with the labels of many pictures for some steps, and returns its folder.
func pictureRun(t *testing.T, steps string, set ...string) string {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	dir := filepath.Join(t.TempDir(), "run")
	words := append([]string{"method.name=" + methods.Supervised(), "recipe=small", "dataset=stripes", "data=" + strings.Repeat("x", 60), "out=" + dir,
		"model.name=tiny2d", "model.stem=small", "augment.size=16", "augment.scale=[0.8, 1]", "augment.flip=0", "batch=16", "optimizer.lr=0.1",
		"schedule.steps=" + steps, "schedule.warmup=0", "precision=fp32", "checkpoint.every=1000", "eval.k=5", "eval.clips=1"}, set...)
	tree, err := ParseSet(words)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := Resolve(Layers{Set: tree})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Pretrain(t.Context(), cfg, Options{}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// evalOf are the options of an evaluation on other pictures than those that the run was trained on.
func evalOf(run, kind string) EvalOptions {
	o := DefaultEval()
	o.Run, o.Kind = run, kind
	o.Set = map[string]any{"eval": map[string]any{"data": strings.Repeat("x", 40), "test_split": "test"}}
	return o
}

func score(t *testing.T, e *Evaluation, name string) Score {
	t.Helper()
	at := slices.IndexFunc(e.Scores, func(s Score) bool { return s.Name == name })
	if at < 0 {
		t.Fatalf("no score %s in %+v", name, e.Scores)
	}
	return e.Scores[at]
}

// A network that knows the classes beats itself before training, by every measure, and with one label a class where untrained weights
// cannot learn them.
func TestEveryKindOnPictures(t *testing.T) {
	run := pictureRun(t, "30")
	for _, kind := range Kinds() {
		o := evalOf(run, kind)
		o.FewShot.Ways, o.FewShot.Episodes = 3, 30
		o.Finetune.Fractions, o.Finetune.Epochs, o.Finetune.Steps = []float64{0.025}, 1, 12
		o.Linear.C = []float64{0.1, 1}
		e, err := Eval(t.Context(), o)
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		s := score(t, e, e.Main)
		t.Logf("%s: %.3f in %.3f..%.3f, untrained %.3f", e.Main, s.Trained.Value, s.Trained.Low, s.Trained.High, s.Random.Value)
		if s.Trained.Value < 0.8 || s.Trained.Value < s.Random.Value+0.05 {
			t.Errorf("%s: trained %+v, untrained %+v", kind, s.Trained, s.Random)
		}
		if !(s.Trained.Low <= s.Trained.Value && s.Trained.Value <= s.Trained.High && s.Trained.High-s.Trained.Low < 0.3) {
			t.Errorf("%s: interval %+v", kind, s.Trained)
		}
		checkKept(t, run, kind, s)
	}
	// crops and flips that are read anew in every epoch, and several seeds
	o := evalOf(run, linearKind)
	o.Linear.Solver, o.Linear.Augment, o.Linear.Epochs, o.Linear.Rates = sgdSolver, true, 2, []float64{0.1, 1}
	e, err := Eval(t.Context(), o)
	if err != nil || len(e.Sweeps) != 2 || len(e.Sweeps[1].Held) != 2 || score(t, e, linearKind).Trained.Value < 0.8 {
		t.Errorf("augmented: %v, %+v", err, e)
	}
	o = evalOf(run, finetuneKind)
	o.Finetune.Fractions, o.Finetune.Seeds, o.Finetune.Epochs, o.Finetune.Steps = []float64{0.025}, 2, 1, 2
	e, err = Eval(t.Context(), o)
	if err != nil || !strings.Contains(e.Interval, "2 seeds") {
		t.Fatalf("two seeds: %v, %+v", err, e)
	}
	for _, name := range []string{"labels-seed-1.csv", "labels-seed-2.csv", "seed-2/config.yaml", "seed-2-untrained/config.yaml"} {
		if !exists(filepath.Join(run, evalDir, "finetune-0.025", name)) {
			t.Errorf("%s is missing", name)
		}
	}
}

// checkKept reads the result that was kept in the run folder.
func checkKept(t *testing.T, run, kind string, s Score) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(run, evalDir, kind+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	settings, _ := m["settings"].(map[string]any)
	if m[kind] != s.Trained.Value || m[kind+"_random"] != s.Random.Value || m["test"] != 120. || m["step"] != 30. ||
		settings["test_part"] != "split test of "+strings.Repeat("x", 40) {
		t.Errorf("%s: kept %v", kind, m)
	}
}

// contentsOf are the tensors of a file by name.
func contentsOf(t *testing.T, path string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	scope := torch.NewScope()
	defer scope.Close()
	torch.In(func(*torch.Scope) {
		m, err := methods.New(methods.Supervised(), nil, methods.Env{Scope: scope, ModelName: "tiny2d", Model: models.Config{Stem: "small"},
			Augment: clips.Contrastive(16), Clip: clips.Recipe{Frames: 1, Stride: 1}, Classes: 3})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := models.Load(path, m.Modules(), true); err != nil {
			t.Fatal(err)
		}
		for name, e := range m.Modules().All() {
			all[name] = e.Tensor.Bytes()
		}
	})
	return all
}

// A finetuning that is stopped goes on with the same command and ends with the same weights and the same numbers; one of other
// settings begins afresh.
func TestFinetuneGoesOn(t *testing.T) {
	whole, stopped := pictureRun(t, "4"), pictureRun(t, "4")
	options := func(run string) EvalOptions {
		o := evalOf(run, finetuneKind)
		o.Finetune.Fractions, o.Finetune.Epochs, o.Finetune.Steps = []float64{0.1}, 1, 8
		return o
	}
	want, err := Eval(t.Context(), options(whole))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	o := options(stopped)
	o.Progress = func(what string) func(done, total int) {
		return func(done, _ int) {
			if strings.HasPrefix(what, "steps of finetuning the trained") && done == 3 {
				cancel()
			}
		}
	}
	_, err = Eval(ctx, o)
	if !errors.Is(err, ErrInterrupted) || !strings.Contains(err.Error(), "the same command goes on") {
		t.Fatalf("interrupted: %v", err)
	}
	folder := filepath.Join(evalDir, "finetune-0.1", "seed-1", "checkpoints", "last")
	if st, err := readState(filepath.Join(stopped, folder)); err != nil || st.Step < 3 || st.Step >= 8 {
		t.Fatalf("stopped at step %d (%v), want 3 or a little more", st.Step, err)
	}
	got, err := Eval(t.Context(), options(stopped))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Scores, want.Scores) {
		t.Errorf("after the interruption %+v, without %+v", got.Scores, want.Scores)
	}
	if !maps.EqualFunc(contentsOf(t, filepath.Join(stopped, folder, modelFile)), contentsOf(t, filepath.Join(whole, folder, modelFile)), bytes.Equal) {
		t.Error("the weights differ")
	}
	other := options(stopped)
	other.Finetune.LR = 0.01
	other.Finetune.Steps = 5
	if _, err := Eval(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	if st, err := readState(filepath.Join(stopped, folder)); err != nil || st.Step != 5 {
		t.Errorf("with other settings it ends at step %d (%v), want 5", st.Step, err)
	}
}

func TestBalancedSubset(t *testing.T) {
	var labels []int
	for i := range 100 {
		labels = append(labels, min(i/45, 2)) // 45, 45 and 10
	}
	count := func(places []int) (n [3]int) {
		for _, p := range places {
			n[labels[p]]++
		}
		return n
	}
	for fraction, want := range map[float64][3]int{0.001: {1, 1, 1}, 0.12: {4, 4, 4}, 0.6: {20, 20, 10}, 1: {45, 45, 10}} {
		if got := count(balanced(labels, fraction, 1)); got != want {
			t.Errorf("%g: %v of each class, want %v", fraction, got, want)
		}
	}
	small, large := balanced(labels, 0.12, 1), balanced(labels, 0.6, 1)
	for _, p := range small {
		if !slices.Contains(large, p) {
			t.Errorf("sample %d is in the smaller part only", p)
		}
	}
	if slices.Equal(small, balanced(labels, 0.12, 2)) {
		t.Error("another seed draws the same samples")
	}
}

func TestFinetuneRefuses(t *testing.T) {
	for _, change := range []func(o *FinetuneOptions){
		func(o *FinetuneOptions) { o.Fractions = nil }, func(o *FinetuneOptions) { o.Fractions = []float64{1.5} },
		func(o *FinetuneOptions) { o.Seeds = 0 }, func(o *FinetuneOptions) { o.Epochs = 0 }, func(o *FinetuneOptions) { o.Steps = -1 },
		func(o *FinetuneOptions) { o.LR = 0 }, func(o *FinetuneOptions) { o.BackboneRate = 0 },
		func(o *FinetuneOptions) { o.WeightDecay = -1 }, func(o *FinetuneOptions) { o.LabelSmoothing = 1 },
	} {
		o := DefaultFinetune()
		change(&o)
		if o.Validate() == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
}

// Data that nothing can be measured on is one sentence that says what to do.
func TestEvalOnWrongData(t *testing.T) {
	run := pictureRun(t, "2")
	for say, set := range map[string]map[string]any{
		"--split":                        {"data": "xxxx", "split": "unlabelled"},
		"is the training part itself":    {"data": "xxxx", "split": "test", "test_split": "test"},
		"unknown data set \"nothing\"":   {"dataset": "nothing"},
		"no labelled sample is left for": {"data": "x"},
	} {
		o := evalOf(run, knnKind)
		o.Set = map[string]any{"eval": set}
		if _, err := Eval(t.Context(), o); err == nil || !strings.Contains(err.Error(), say) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v: %v, want a sentence with %q", set, err, say)
		}
	}
	o := evalOf(run, "knnn")
	if _, err := Eval(t.Context(), o); err == nil || !strings.Contains(err.Error(), `"knn"`) {
		t.Errorf("unknown kind: %v", err)
	}
}
