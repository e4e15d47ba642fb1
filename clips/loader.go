package clips

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"time"

	"vssl/decode"
)

// LoaderConfig says what a loader reads and how.
type LoaderConfig struct {
	Source Source
	Recipe Recipe
	Batch  int // samples a batch, >= 1

	Seed     uint64
	Epoch    int // >= 0
	Position int // entries of the epoch's order to pass over: the Position of the last batch that was used, to go on behind it

	Shuffle     bool
	Order       []int // samples of the epoch in order, which may repeat; nil: each sample once, in an order of (seed, epoch) if Shuffle
	DropLast    bool  // leave out a last batch that is not full
	Rank, World int   // this process takes every World-th entry from Rank on; World 0 is 1

	Workers     int            // goroutines that decode; 0 is the number of processors. Batches do not depend on it
	ClipTimeout time.Duration  // a sample that takes longer is left out; 0 is 60 s. The only way in which speed can change a batch
	IndexDir    string         // folder of cached indices; "" is the user's cache
	Broken      map[int]string // samples known to fail, with the reason: left out unread and not reported again
}

// ErrConfig marks a configuration of a loader that cannot work.
var ErrConfig = errors.New("loader cannot be set up")

// check fills in defaults.
func (c *LoaderConfig) check() error {
	if c.World == 0 {
		c.World = 1
	}
	if c.Workers == 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	if c.ClipTimeout == 0 {
		c.ClipTimeout = time.Minute
	}
	switch {
	case c.Source == nil:
		return fmt.Errorf("%w: there is no source", ErrConfig)
	case c.Batch < 1:
		return fmt.Errorf("%w: batch is %d, want at least 1", ErrConfig, c.Batch)
	case c.Workers < 0:
		return fmt.Errorf("%w: workers is %d, want 0 or more", ErrConfig, c.Workers)
	case c.Rank < 0 || c.Rank >= c.World:
		return fmt.Errorf("%w: rank is %d of %d", ErrConfig, c.Rank, c.World)
	case c.Epoch < 0 || c.Position < 0:
		return fmt.Errorf("%w: epoch is %d, position %d, want 0 or more", ErrConfig, c.Epoch, c.Position)
	}
	for _, i := range c.Order {
		if i < 0 || i >= c.Source.Len() {
			return fmt.Errorf("%w: order has sample %d of %d", ErrConfig, i, c.Source.Len())
		}
	}
	if err := c.Recipe.Validate(); err != nil {
		return fmt.Errorf("%w: recipe: %w", ErrConfig, err)
	}
	return nil
}

// Loader reads one epoch of batches ahead of their use. Its queues are bounded: it holds the samples of about two batches.
//
// Samples that fail are left out and reported; the batch is filled with those that follow. So a batch is a function of the source,
// the recipe, (seed, epoch, position) and the files, whatever the number of workers.
type Loader struct {
	cfg    LoaderConfig
	ctx    context.Context
	cancel context.CancelFunc
	done   sync.WaitGroup
	out    chan *Batch // closed behind the last batch
	free   chan *Batch
	clips  chan *clip
	meter  meter
	err    error  // of the configuration; set before any goroutine starts
	tail   []Skip // behind the last batch; set before out is closed
	ended  bool
}

// NewLoader starts to read. Close must be called. A configuration that cannot work is reported by the first Next, as ErrConfig.
func NewLoader(ctx context.Context, cfg LoaderConfig) *Loader {
	l := &Loader{cfg: cfg}
	l.ctx, l.cancel = context.WithCancel(ctx)
	if l.err = l.cfg.check(); l.err != nil {
		return l
	}
	l.cfg.Broken = maps.Clone(l.cfg.Broken)
	ahead := max(2*l.cfg.Batch, 2*l.cfg.Workers)
	l.out, l.free = make(chan *Batch, 1), make(chan *Batch, 3)
	l.clips = make(chan *clip, ahead+l.cfg.Workers)
	// Jobs travel twice: to whichever worker is free, and to the collector in the order of the epoch.
	jobs, queue := make(chan *job), make(chan *job, ahead)
	l.done.Go(func() { l.deal(jobs, queue) })
	for range l.cfg.Workers {
		l.done.Go(func() { l.work(jobs) })
	}
	l.done.Go(func() { l.collect(queue) })
	return l
}

// Next returns the next batch, io.EOF behind the last one, the context's error once that is done, or ErrConfig.
// It is for one goroutine; the batch may be released by any.
func (l *Loader) Next() (*Batch, error) {
	if l.err != nil {
		return nil, l.err
	}
	began := time.Now()
	select {
	case b, ok := <-l.out:
		if !ok && l.ctx.Err() != nil {
			return nil, l.ctx.Err()
		}
		if !ok {
			l.ended = true
			return nil, io.EOF
		}
		b.Wait = time.Since(began)
		l.meter.wait.Add(int64(b.Wait))
		return b, nil
	case <-l.ctx.Done():
		return nil, l.ctx.Err()
	}
}

// Skipped returns the samples that failed behind the last batch of the epoch, once Next has returned io.EOF; the others are reported
// by the batches.
func (l *Loader) Skipped() []Skip {
	if !l.ended {
		return nil
	}
	return l.tail
}

// Stats says where the time went so far.
func (l *Loader) Stats() Stats { return l.meter.stats() }

// Close stops all reading and waits until the last goroutine is gone. It may be called more than once.
func (l *Loader) Close() {
	l.cancel()
	l.done.Wait()
}

// job is one entry of the epoch's order.
type job struct {
	position, index int
	draw            int   // what the random numbers are drawn by beside seed and epoch
	clip            *clip // nil when it failed
	skip            *Skip // why, where that is to be reported
	ready           chan struct{}
}

// deal hands out the entries in order.
func (l *Loader) deal(jobs, queue chan<- *job) {
	defer close(jobs)
	defer close(queue)
	c := l.cfg
	o := l.order()
	for p := c.Position; p < o.len(); p++ {
		j := &job{position: p, index: o.at(p), draw: o.at(p), ready: make(chan struct{})}
		if c.Order != nil { // a sample that comes again is augmented anew
			j.draw = c.Source.Len() + p*c.World + c.Rank
		}
		if !send(l.ctx, queue, j) {
			return
		}
		if _, broken := c.Broken[j.index]; broken {
			close(j.ready)
			continue
		}
		if !send(l.ctx, jobs, j) {
			return
		}
	}
}

// order is the sequence of the epoch.
func (l *Loader) order() order {
	c := l.cfg
	if c.Order != nil {
		return givenOrder(c.Order, c.Rank, c.World)
	}
	return newOrder(c.Seed, c.Epoch, c.Source.Len(), c.Shuffle, c.Rank, c.World)
}

func send[T any](ctx context.Context, to chan<- T, v T) bool {
	select {
	case to <- v:
		return true
	case <-ctx.Done():
		return false
	}
}

// work reads samples until there are no more.
func (l *Loader) work(jobs <-chan *job) {
	rd := newReader(l.cfg.Recipe, decode.Options{IndexDir: l.cfg.IndexDir, Threads: 1}, &l.meter)
	defer rd.close()
	for j := range jobs {
		l.read(rd, j)
		if l.ctx.Err() != nil && j.clip == nil {
			return // never ready: a batch must not be filled without it
		}
		close(j.ready)
	}
}

// read fills in the clip of a job, or why it failed.
func (l *Loader) read(rd *reader, j *job) {
	ctx, cancel := context.WithTimeout(l.ctx, l.cfg.ClipTimeout)
	defer cancel()
	s := l.cfg.Source.Sample(j.index)
	rng := func(stream int) *rand.Rand { return RNG(l.cfg.Seed, l.cfg.Epoch, j.draw, stream) }
	c := l.takeClip()
	err := rd.read(ctx, s, rng, c)
	if err == nil {
		l.meter.samples.Add(1)
		j.clip = c
		return
	}
	l.giveClip(c)
	if l.ctx.Err() != nil {
		return // the loader is being closed; nothing is wrong with the sample
	}
	l.meter.skipped.Add(1)
	j.skip = &Skip{Path: s.Key, Reason: l.reason(s, err)}
}

// reason says why a sample was left out; its path stands beside it already.
func (l *Loader) reason(s Sample, err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Sprintf("took longer than %s", l.cfg.ClipTimeout)
	}
	return strings.ReplaceAll(cutPath(err.Error(), s.Path), "\n", ": ")
}

func (l *Loader) takeClip() *clip {
	select {
	case c := <-l.clips:
		return c
	default:
		return newClip(l.cfg.Recipe)
	}
}

func (l *Loader) giveClip(c *clip) {
	select {
	case l.clips <- c:
	default:
	}
}
