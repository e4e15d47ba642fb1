package torch

import (
	"runtime"
	"sync"
	"sync/atomic"

	"vssl/torch/internal/libtorch"
)

// Scope owns tensors. Closing it frees all of them at once. Its methods may be called from several goroutines.
type Scope struct {
	mu     sync.Mutex
	own    []*Tensor
	closed bool
}

var (
	liveCount, liveBytes atomic.Int64
	scopeIDs             atomic.Uint64
	openScopes           sync.Map // uint64 to *Scope: those that are, or were lately, innermost on some thread
)

// Live returns the number of tensors that exist: handles, so that a view counts as one.
func Live() int { return int(liveCount.Load()) }

// LiveBytes returns the bytes that the elements of the live tensors span; what several of them share counts several times,
// and what only a gradient graph holds not at all.
func LiveBytes() int64 { return liveBytes.Load() }

// NewScope returns an open scope that owns only what [Scope.Keep] moves to it: for parameters and state.
func NewScope() *Scope { return &Scope{} }

// In runs f with a new scope, innermost on this OS thread, and frees what the scope owns when f ends or panics. The goroutine
// stays locked to its thread meanwhile.
func In(f func(s *Scope)) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	s := &Scope{}
	id := scopeIDs.Add(1)
	openScopes.Store(id, s)
	previous := libtorch.ScopeEnter(id)
	defer func() {
		libtorch.ScopeLeave(previous)
		openScopes.Delete(id)
		s.Close()
	}()
	f(s)
}

// Close frees the tensors of s. Using one of them afterwards panics. Closing again does nothing.
func (s *Scope) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if len(s.own) == 0 {
		return
	}
	hs := make([]libtorch.H, len(s.own))
	for i, t := range s.own {
		hs[i] = t.h
		liveBytes.Add(-t.bytes)
		t.h, t.owner = nil, nil
	}
	s.own = nil
	liveCount.Add(-int64(len(hs)))
	libtorch.Free(hs)
}

// Len returns the number of tensors that s owns.
func (s *Scope) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.own)
}

// Keep moves t from its scope to s and returns it. It panics with an *Error when t or s is closed.
func (s *Scope) Keep(t *Tensor) *Tensor {
	t.handle("keep")
	if t.owner == s {
		return t
	}
	t.owner.remove(t)
	s.add("keep", t)
	return t
}

// add makes s the owner of t. When s is closed t is freed.
func (s *Scope) add(op string, t *Tensor) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		t.free()
		panic(&Error{Op: op, Message: "the scope is closed"})
	}
	t.owner, t.place = s, len(s.own)
	s.own = append(s.own, t)
}

// remove takes t out of s: the last tensor moves to its place.
func (s *Scope) remove(t *Tensor) {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := s.own[len(s.own)-1]
	s.own[t.place], last.place = last, t.place
	s.own[len(s.own)-1] = nil
	s.own = s.own[:len(s.own)-1]
}

// free releases the one handle of a tensor that no scope owns.
func (t *Tensor) free() {
	libtorch.Free([]libtorch.H{t.h})
	liveCount.Add(-1)
	liveBytes.Add(-t.bytes)
	t.h, t.owner = nil, nil
}
