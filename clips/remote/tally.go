package remote

import "sync"

// tally counts what all downloads brought.
type tally struct {
	mu          sync.Mutex
	done, total int64
	shown       int64
}

func (t *tally) expect(n int64) { t.total += n }

// add counts n bytes, negative ones where a file begins anew, and shows it when a megabyte has come. The total is rounded up, so
// that done is equal to it at the end alone.
func (t *tally) add(n int64, show func(done, total int)) {
	const mega = 1_000_000
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done += n
	t.total = max(t.total, t.done)
	done, total := t.done/mega, (t.total+mega-1)/mega
	if t.done == t.total {
		done = total
	}
	if show != nil && done != t.shown {
		t.shown = done
		show(int(done), int(total))
	}
}
