package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"vssl/clips"
	"vssl/methods"
)

// data hands out the batches of a run in order, epoch after epoch. The loader of the coming epoch starts near the end of
// the current one, so that its workers fill the queue while the last batches are trained on.
type data struct {
	ctx    context.Context
	t      *trainer
	loader *clips.Loader // nil before the first batch
	ahead  *clips.Loader // of epoch+1, nil until the end of the epoch is near
	epoch  int
	empty  int // epochs in a row that gave no batch
	wait   time.Duration
}

func (t *trainer) openData(ctx context.Context) *data {
	return &data{ctx: ctx, t: t, epoch: t.state.Epoch}
}

// begin prepares the epoch and opens its loader, unless that runs ahead already.
func (d *data) begin(epoch, position int) error {
	if err := d.t.beginEpoch(d.ctx, epoch); err != nil {
		return err
	}
	d.epoch = epoch
	d.loader, d.ahead = d.ahead, nil
	if d.loader == nil {
		d.loader = d.open(epoch, position)
	}
	return nil
}

func (d *data) open(epoch, position int) *clips.Loader {
	c := d.t.cfg
	l := c.loader(d.t.source, d.t.method.Recipe(), c.Batch)
	l.Epoch, l.Position, l.Shuffle, l.DropLast, l.Broken = epoch, position, true, true, d.t.unreadable()
	if m, ok := d.t.method.(methods.OrdersEpochs); ok {
		l.Order = m.Order(epoch)
	}
	return clips.NewLoader(d.ctx, l)
}

// unreadable are the samples that have failed in this run, with the reason: nobody reads them again.
func (t *trainer) unreadable() map[int]string {
	broken := map[int]string{}
	for _, s := range t.run.skips[t.run.before:] {
		if i, ok := t.number[s.Path]; ok {
			broken[i] = s.Reason
		}
	}
	return broken
}

func (d *data) close() {
	for _, l := range []*clips.Loader{d.loader, d.ahead} {
		if l != nil {
			l.Close()
		}
	}
}

// waited is the time that the last call of next spent waiting for the loader.
func (d *data) waited() time.Duration { return d.wait }

// next returns n batches, which may span two epochs.
func (d *data) next(n int) ([]*clips.Batch, error) {
	d.wait = 0
	var batches []*clips.Batch
	for len(batches) < n {
		b, err := d.one()
		if err != nil {
			return nil, err
		}
		batches = append(batches, b)
	}
	return batches, nil
}

func (d *data) one() (*clips.Batch, error) {
	if d.loader == nil {
		if err := d.begin(d.epoch, d.t.state.Position); err != nil {
			return nil, err
		}
	}
	for {
		began := time.Now()
		b, err := d.loader.Next()
		d.wait += time.Since(began)
		if errors.Is(err, io.EOF) {
			if err := d.turn(); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		d.empty = 0
		if d.ahead == nil && !d.last() && !d.ordered() && b.Position+2*d.t.cfg.Batch >= d.t.source.Len() {
			d.ahead = d.open(d.epoch+1, 0)
		}
		return b, d.t.run.noteSkipped(b.Skipped)
	}
}

// last says whether no epoch follows the current one.
func (d *data) last() bool {
	return d.t.cfg.Schedule.Steps == 0 && d.epoch+1 >= d.t.cfg.Schedule.Epochs
}

// turn goes to the next epoch, or returns io.EOF after the last. An epoch without a single batch means that too little
// of the data is usable.
func (d *data) turn() error {
	d.loader.Close()
	if err := d.t.run.noteSkipped(d.loader.Skipped()); err != nil {
		return err
	}
	if d.empty++; d.empty > 1 || d.last() && d.t.state.Step == 0 {
		return d.tooFew()
	}
	if d.last() {
		return io.EOF
	}
	return d.begin(d.epoch+1, 0)
}

// ordered says whether the order of an epoch is known only once the method has prepared it.
func (d *data) ordered() bool {
	_, ok := d.t.method.(methods.OrdersEpochs)
	return ok
}

func (d *data) tooFew() error {
	usable := d.t.source.Len() - d.t.run.broken()
	if usable <= 0 {
		return fmt.Errorf("%s: %w; %s has a reason for each file", d.t.cfg.Data, ErrNothingUsable, filepath.Join(d.t.run.dir, skippedFile))
	}
	return fmt.Errorf("%s: %d usable samples do not fill a batch of %d; set --batch lower", d.t.cfg.Data, usable, d.t.cfg.Batch)
}

func release(batches []*clips.Batch) {
	for _, b := range batches {
		b.Release()
	}
}
