// Package sink writes a run's figures to where they are read: a file of JSON lines, TensorBoard event files, and the
// terminal. A trainer writes one Record a step to one Sink; Multi joins several.
package sink

import (
	"errors"
	"maps"
	"slices"
	"time"
)

// Names of the figures that every run has. A method's own figures stand beside them under names of its own.
const (
	Loss           = "loss"             // objective, in the method's unit (nats for contrastive ones)
	LR             = "lr"               // learning rate of the step
	ClipsPerSecond = "clips_per_second" // samples trained on a second of wall time
	DataWait       = "data_wait"        // share of the time spent waiting for data, 0..1
	Skipped        = "skipped"          // samples left out since the run began
	FeatureStd     = "feature_std"      // collapse meter: std of normalised features times sqrt(D), 1 spread, 0 collapsed
	EffectiveRank  = "effective_rank"   // collapse meter: exp of the entropy of the singular values, 1..D
	KNN            = "knn"              // accuracy of nearest neighbours, 0..1, in records of evaluations
	Linear         = "linear"           // accuracy of a linear classifier, 0..1, in records of evaluations
)

// A Record is what is known after one optimiser step. An evaluation after a step has a record of its own, without the loss.
type Record struct {
	Step   int                // optimiser steps done, counted from 1 over all sessions of a run
	Epoch  int                // epoch of the step, from 0
	Time   time.Time          // when the step ended; the zero time means now
	Values map[string]float64 // figures by name, any but step, epoch and time; written in the order of their names. May hold NaN and infinities
}

// A Sink takes the records of one session in ascending order of steps. It is used by one goroutine at a time.
type Sink interface {
	// Write takes one record, and keeps neither it nor its map. An error names the file and leaves the sink usable.
	Write(Record) error
	// Close writes what is buffered and lets go of the sink's files. A second Close does nothing.
	Close() error
}

// multi hands each record to several sinks in order.
type multi []Sink

// Multi returns a sink that writes to all of sinks in order. A sink that fails does not keep the others from their
// record; the errors are joined.
func Multi(sinks ...Sink) Sink { return multi(sinks) }

func (m multi) Write(r Record) error {
	if r.Time.IsZero() {
		r.Time = time.Now() // one time for all of them
	}
	var errs []error
	for _, s := range m {
		errs = append(errs, s.Write(r))
	}
	return errors.Join(errs...)
}

func (m multi) Close() error {
	var errs []error
	for _, s := range m {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// Names returns the names of all figures in records, those with a constant here first, the others in order.
func Names(records []Record) []string {
	seen := map[string]bool{}
	for _, r := range records {
		for name := range r.Values {
			seen[name] = true
		}
	}
	var names []string
	for _, name := range []string{Loss, LR, FeatureStd, EffectiveRank, KNN, Linear, DataWait, ClipsPerSecond, Skipped} {
		if seen[name] {
			names = append(names, name)
			delete(seen, name)
		}
	}
	return append(names, slices.Sorted(maps.Keys(seen))...)
}
