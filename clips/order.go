package clips

// order is the sequence in which one rank goes through the samples of an epoch.
type order struct {
	perm        []int // nil: as they come
	n           int   // entries in all
	rank, world int
}

// newOrder makes the order of an epoch: a permutation of (seed, epoch), dealt out to the ranks in turn. All ranks get equally many
// entries, so up to world-1 samples at the end of the permutation are left for another epoch.
func newOrder(seed uint64, epoch, n int, shuffle bool, rank, world int) order {
	o := order{n: n, rank: rank, world: world}
	if shuffle {
		// A stream that no sample has.
		o.perm = RNG(seed, epoch, -1, -1).Perm(n)
	}
	return o
}

// givenOrder is the order of an epoch whose samples were chosen: entries may repeat.
func givenOrder(samples []int, rank, world int) order {
	return order{perm: samples, n: len(samples), rank: rank, world: world}
}

// len is the number of entries of this rank.
func (o order) len() int { return o.n / o.world }

// at is the sample at position p, 0 <= p < len().
func (o order) at(p int) int {
	i := p*o.world + o.rank
	if o.perm == nil {
		return i
	}
	return o.perm[i]
}
