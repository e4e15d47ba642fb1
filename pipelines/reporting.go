package pipelines

import (
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"vssl/clips"
	"vssl/methods"
	"vssl/pipelines/report"
	"vssl/pipelines/sink"
	"vssl/torch"
)

// What a report shows of a large data set.
const (
	reportSamples    = 512 // drawn by the run's seed, for kNN and neighbours
	reportQueries    = 6
	reportNeighbours = 5
	reportClips      = 4 // samples whose augmented views are shown
)

// Report writes a run's report.html from what its folder holds and returns the file's path.
func Report(ctx context.Context, dir string, set map[string]any, version string) (path string, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer torch.Recover(&err, "report")
	cfg, err := LoadConfig(dir, set)
	if err != nil {
		return "", err
	}
	source, err := OpenSource(ctx, cfg, nil)
	if err != nil {
		return "", err
	}
	owner := torch.NewScope()
	defer owner.Close()
	device, compute, err := engine(cfg)
	if err != nil {
		return "", err
	}
	method, _, err := untrained(cfg, source, device, owner)
	if err != nil {
		return "", err
	}
	if _, err := loadRun(dir, "last", cfg, method); err != nil {
		return "", err
	}
	skips, err := readSkipped(filepath.Join(dir, skippedFile))
	if err != nil {
		return "", err
	}
	r := reporter{cfg: cfg, dir: dir, source: source, method: method, device: device, compute: compute, skips: skips, version: version}
	return filepath.Join(dir, reportFile), r.write(ctx)
}

// report writes the report of the run that just ended.
func (t *trainer) report(ctx context.Context, opts Options) error {
	r := reporter{cfg: t.cfg, dir: t.run.dir, source: t.source, method: t.method, device: t.device, compute: t.compute,
		skips: t.run.skips, version: opts.Version}
	return r.write(ctx)
}

// reporter gathers what a report shows.
type reporter struct {
	cfg     *Config
	dir     string
	source  clips.Source
	method  methods.Method
	device  torch.Device
	compute torch.DType
	skips   []clips.Skip
	version string
}

func (r reporter) write(ctx context.Context) error {
	config, err := os.ReadFile(filepath.Join(r.dir, configFile))
	if err != nil {
		return err
	}
	records, err := sink.ReadJSONL(filepath.Join(r.dir, metricsFile))
	if err != nil {
		return err
	}
	info := describe(r.cfg.MethodName())
	d := report.Data{
		Title:   filepath.Base(r.dir),
		Lead:    fmt.Sprintf("%s on %s learnt from %d unlabelled %ss of %s.", info.Title, r.cfg.Model.Name, r.source.Len(), r.sample(), r.cfg.Data),
		Still:   r.still(),
		Made:    time.Now(),
		Curves:  report.Curves(records),
		Skipped: r.skips,
		Config:  string(config),
		Facts:   r.facts(info),
	}
	d.Headline = headline(records, r)
	if d.Clips, err = r.trainingClips(ctx); err != nil {
		return err
	}
	if err := r.neighbours(ctx, &d); err != nil {
		return err
	}
	if err := r.evaluations(&d); err != nil {
		return err
	}
	return report.Write(filepath.Join(r.dir, reportFile), d)
}

// still says whether samples are pictures, or single frames, which look the same.
func (r reporter) still() bool { return r.method.Recipe().Frames == 1 }

// sample is what a reader calls a sample.
func (r reporter) sample() string {
	if r.source.Sample(0).Still != nil {
		return "picture"
	}
	return "video"
}

func (r reporter) facts(info methods.Info) []report.Fact {
	c := r.cfg
	return []report.Fact{
		{Name: "Method", Value: info.Title, Link: "https://arxiv.org/abs/" + info.Paper},
		{Name: "Network", Value: c.Model.Name},
		{Name: "Data set", Value: c.Dataset + ", " + c.Data},
		{Name: "Views", Value: r.views()},
		{Name: "Batch", Value: fmt.Sprint(c.Batch * c.Accumulate)},
		{Name: "Optimiser", Value: fmt.Sprintf("%s, peak rate %g", c.Optimizer.Name, c.Optimizer.LR)},
		{Name: "Precision", Value: r.compute.String()},
		{Name: "Device", Value: r.device.String()},
		{Name: "Seed", Value: fmt.Sprint(c.Seed)},
		{Name: "Program", Value: r.version},
	}
}

// views says how many views a sample has, and of what size.
func (r reporter) views() string {
	recipe := r.method.Recipe()
	sizes := map[int]int{}
	for _, v := range recipe.Views {
		sizes[v.Augment.Size]++
	}
	var parts []string
	for _, size := range slices.Backward(slices.Sorted(maps.Keys(sizes))) {
		parts = append(parts, fmt.Sprintf("%d of %d x %d pixels", sizes[size], size, size))
	}
	all := strings.Join(parts, ", ")
	if r.still() {
		return all
	}
	return fmt.Sprintf("%s, %d frames at stride %d", all, recipe.Frames, recipe.Stride)
}

func headline(records []sink.Record, r reporter) []report.Figure {
	var out []report.Figure
	records = slices.DeleteFunc(slices.Clone(records), func(rec sink.Record) bool { // those of evaluations
		_, trained := rec.Values[sink.Loss]
		return !trained
	})
	if len(records) == 0 {
		return out
	}
	last := records[len(records)-1]
	out = append(out, report.Figure{Name: "Steps", Value: fmt.Sprint(last.Step)},
		report.Figure{Name: "Loss", Value: fmt.Sprintf("%.3f", last.Values[sink.Loss]), Note: fmt.Sprintf("from %.3f", records[0].Values[sink.Loss])})
	var speed, wait float64
	tail := records[len(records)/2:]
	for _, rec := range tail {
		speed += rec.Values[sink.ClipsPerSecond] / float64(len(tail))
		wait += rec.Values[sink.DataWait] / float64(len(tail))
	}
	return append(out, report.Figure{Name: "Speed", Value: fmt.Sprintf("%.1f clips/s", speed), Note: fmt.Sprintf("%.1f %% waiting for data", 100*wait)},
		report.Figure{Name: "Skipped", Value: fmt.Sprint(len(r.skips)), Note: fmt.Sprintf("of %d files", r.source.Len())})
}

// trainingClips are the views of a few samples as the first batch held them.
func (r reporter) trainingClips(ctx context.Context) ([]report.Clip, error) {
	var out []report.Clip
	err := r.eachBatch(ctx, r.source, r.method.Recipe(), true, func(b *clips.Batch) bool {
		for i := range b.Size() {
			c := report.Clip{Key: b.Keys[i], Label: r.class(b.Labels[i])}
			for v, view := range b.Views {
				c.Views = append(c.Views, report.View{Name: fmt.Sprintf("view %d", v+1), Film: r.film(view, i)})
			}
			out = append(out, c)
		}
		return len(out) < reportClips
	})
	return out[:min(len(out), reportClips)], err
}

// neighbours adds nearest neighbours and, where there are labels, the kNN accuracy before and after training.
func (r reporter) neighbours(ctx context.Context, d *report.Data) error {
	has, ok := r.method.(methods.HasBackbone)
	if !ok {
		return nil
	}
	part := r.part()
	ex := extractor{cfg: r.cfg, net: has.Backbone(), device: r.device, amp: r.compute}
	ex.net.Node().SetTraining(false)
	all, err := ex.run(ctx, part)
	if err != nil {
		return err
	}
	if d.Queries, err = r.queries(ctx, part, all); err != nil {
		return err
	}
	if n, _ := countClasses(all.labels); n < 2 {
		return nil
	}
	owner := torch.NewScope()
	defer owner.Close()
	_, net, err := untrained(r.cfg, r.source, r.device, owner)
	if err != nil {
		return err
	}
	ex.net = net
	net.Node().SetTraining(false)
	before, err := ex.run(ctx, part)
	if err != nil {
		return err
	}
	knn, err := r.knn(ctx, before, all)
	if err != nil {
		return err
	}
	d.Evaluations = append(d.Evaluations, knn)
	return nil
}

func (r reporter) knn(ctx context.Context, before, after *features) (report.Evaluation, error) {
	e := report.Evaluation{Name: "kNN accuracy", Trained: math.NaN(), Random: math.NaN(), Chance: math.NaN(),
		About: fmt.Sprintf("A fifth of each class is held out and named by its %d nearest neighbours; the labels were not used in training.", r.cfg.Eval.K)}
	for share, f := range map[*float64]*features{&e.Trained: after, &e.Random: before} {
		fit, held := splitByLabel(f.labels)
		p := parts{train: f.pick(fit), test: f.pick(held)}
		if checkParts(p.train, p.test) != nil {
			return report.Evaluation{Name: e.Name, Trained: math.NaN(), Random: math.NaN(), Chance: math.NaN()}, nil
		}
		got, err := knnAccuracy(ctx, p.train, p.test, vote{r.cfg.Eval.K, r.cfg.Eval.Temperature, p.size()}, nil, 1)
		if err != nil {
			return report.Evaluation{}, err
		}
		*share, e.Chance = got[0].Value, chance(p.test.labels)
	}
	return e, nil
}

// evaluations are the results that `vssl eval` left in the run folder.
func (r reporter) evaluations(d *report.Data) error {
	scores, err := kept(r.dir)
	for _, s := range scores {
		d.Evaluations = append(d.Evaluations, report.Evaluation{Name: "eval " + s.kind,
			About:   fmt.Sprintf("Measured offline on the checkpoint of step %.0f; the test part is %s.", s.step, s.test),
			Trained: s.trained, Random: s.random, Chance: s.chance})
	}
	return err
}

// part is the source, or as much of it as a report looks at.
func (r reporter) part() clips.Source {
	n := r.source.Len()
	if n <= reportSamples {
		return r.source
	}
	at := rand.New(rand.NewPCG(r.cfg.Seed, 1)).Perm(n)[:reportSamples]
	slices.Sort(at)
	var samples []clips.Sample
	for _, i := range at {
		samples = append(samples, r.source.Sample(i))
	}
	return clips.NewSet(r.source.Name(), samples, r.source.Classes(), nil)
}

// queries are a few clips, as different in class as there are classes, and what is nearest to each.
func (r reporter) queries(ctx context.Context, part clips.Source, f *features) ([]report.Query, error) {
	if len(f.labels) < 2 {
		return nil, nil
	}
	near, err := neighbours(ctx, f, f, reportNeighbours, true, nil)
	if err != nil {
		return nil, err
	}
	at := spread(f.labels, reportQueries)
	wanted := map[int]bool{}
	for _, q := range at {
		wanted[f.index[q]] = true
		for _, n := range near.Index[q*near.K : (q+1)*near.K] {
			wanted[f.index[n]] = true
		}
	}
	films, err := r.films(ctx, part, wanted)
	if err != nil {
		return nil, err
	}
	var out []report.Query
	for _, q := range at {
		s := part.Sample(f.index[q])
		query := report.Query{Film: films[f.index[q]], Label: r.class(s.Label), Key: s.Key}
		for j, n := range near.Index[q*near.K : (q+1)*near.K] {
			nearby := part.Sample(f.index[n])
			query.Neighbours = append(query.Neighbours, report.Neighbour{Film: films[f.index[n]], Label: r.class(nearby.Label), Key: nearby.Key,
				Similarity: near.Similarity[q*near.K+j]})
		}
		out = append(out, query)
	}
	return out, nil
}

// spread picks n rows, one a class before a second of any.
func spread(labels []int, n int) []int {
	var out []int
	taken := make([]bool, len(labels))
	for len(out) < min(n, len(labels)) {
		seen := map[int]bool{}
		for i, l := range labels {
			if len(out) < n && !taken[i] && !seen[l] {
				seen[l], taken[i] = true, true
				out = append(out, i)
			}
		}
	}
	return out
}

func (r reporter) class(label int) string {
	if label < 0 || label >= len(r.source.Classes()) {
		return ""
	}
	return strings.ReplaceAll(r.source.Classes()[label], "_", " ")
}

// describe finds the method's row of the table.
func describe(name string) methods.Info {
	for _, info := range methods.All() {
		if info.Name == name {
			return info
		}
	}
	return methods.Info{Name: name, Title: name}
}
