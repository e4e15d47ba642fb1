package torch

import (
	"errors"
	"strings"
	"sync"
	"testing"
)

// mustFail runs f and returns the *Error that it must panic with.
func mustFail(t *testing.T, f func()) (e *Error) {
	t.Helper()
	defer func() {
		t.Helper()
		var ok bool
		if e, ok = recover().(*Error); !ok {
			t.Fatal("no *Error panic")
		}
	}()
	f()
	return nil
}

// keepsCount checks that f leaves as many tensors as it found.
func keepsCount(t *testing.T, f func()) {
	t.Helper()
	tensors, bytes := Live(), LiveBytes()
	f()
	if Live() != tensors || LiveBytes() != bytes {
		t.Errorf("%d tensors, %d bytes live, want %d and %d", Live(), LiveBytes(), tensors, bytes)
	}
}

func TestScopesNest(t *testing.T) {
	keepsCount(t, func() {
		In(func(outer *Scope) {
			a := Ones([]int{2, 3}, Float32, CPU)
			var b *Tensor
			In(func(inner *Scope) {
				a.AddScalar(1)
				b = outer.Keep(a.AddScalar(2))
				if inner.Len() != 1 || outer.Len() != 2 {
					t.Errorf("scopes own %d and %d, want 1 and 2", inner.Len(), outer.Len())
				}
			})
			if got := b.Sum().Float(); got != 18 {
				t.Errorf("kept tensor sums to %g, want 18", got)
			}
		})
	})
}

func TestPanicFreesScope(t *testing.T) {
	keepsCount(t, func() {
		e := mustFail(t, func() {
			In(func(*Scope) {
				Ones([]int{8, 128}, Float32, CPU).MatMul(Ones([]int{64, 8}, Float32, CPU))
			})
		})
		const want = "matmul: shapes [8, 128] and [64, 8]: "
		if !strings.HasPrefix(e.Error(), want) {
			t.Errorf("error is %q, want it to begin with %q", e, want)
		}
	})
}

func TestNoScope(t *testing.T) {
	e := mustFail(t, func() { Ones([]int{1}, Float32, CPU) })
	if e.Op != "ones" || !strings.Contains(e.Message, "torch.In") {
		t.Errorf("error is %q", e)
	}
}

func TestUseAfterClose(t *testing.T) {
	var gone *Tensor
	In(func(*Scope) { gone = Ones([]int{1}, Float32, CPU) })
	if e := mustFail(t, func() { gone.Relu() }); e.Op != "relu" || !strings.Contains(e.Message, "closed") {
		t.Errorf("error is %q", e)
	}
	if !gone.Closed() || gone.String() != "tensor(closed)" {
		t.Errorf("closed tensor shows as %s", gone)
	}
}

func TestKeepAndClose(t *testing.T) {
	keepsCount(t, func() {
		state := NewScope()
		In(func(*Scope) {
			for range 5 {
				state.Keep(Ones([]int{3}, Float32, CPU))
			}
		})
		if state.Len() != 5 {
			t.Errorf("scope owns %d, want 5", state.Len())
		}
		state.Close()
		state.Close()
		mustFail(t, func() {
			In(func(*Scope) { state.Keep(Ones([]int{3}, Float32, CPU)) })
		})
	})
}

func TestRecover(t *testing.T) {
	run := func(f func()) (err error) {
		defer Recover(&err, "byol: step %d", 7)
		In(func(*Scope) { f() })
		return nil
	}
	err := run(func() { Ones([]int{2}, Float32, CPU).Add(Ones([]int{3}, Float32, CPU)) })
	var e *Error
	if !errors.As(err, &e) || !strings.HasPrefix(err.Error(), "byol: step 7: add: shapes [2] and [3]: ") {
		t.Errorf("error is %v", err)
	}
	if err := run(func() {}); err != nil {
		t.Errorf("error is %v, want none", err)
	}
	err = run(func() { Empty([]int{1 << 50}, Float32, CPU) })
	if !errors.Is(err, ErrOutOfMemory) {
		t.Errorf("error is %v, want out of memory", err)
	}
	defer func() {
		if recover() != "other" {
			t.Error("a panic that is no *Error did not pass")
		}
	}()
	_ = run(func() { panic("other") })
}

// Two threads have scopes, gradients and random data of their own.
func TestConcurrentScopes(t *testing.T) {
	keepsCount(t, func() {
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				for range 50 {
					In(func(*Scope) {
						x := Full([]int{16, 16}, float64(i+1), Float32, CPU).RequireGrad(true)
						x.MatMul(x).Sum().Backward()
						if got, want := x.Grad().Float32s()[0], float32(32*(i+1)); got != want {
							t.Errorf("gradient is %g, want %g", got, want)
						}
					})
				}
			})
		}
		wg.Wait()
	})
}
