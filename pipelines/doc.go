// Package pipelines is what a user sets going: pretraining, evaluation, previews, reports, and the check of the machine. It
// holds the one trainer of all methods, the run folder with its checkpoints, and the layers of the configuration.
//
// Wrong settings and wrong input are a *UsageError, one sentence that says what to do. Everything is cancelled by its
// context; Pretrain then saves before it returns ErrInterrupted.
package pipelines
