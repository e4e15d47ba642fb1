package decode

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"time"
)

// Rational is a fraction: a frame rate in frames a second, or a time base in seconds a tick. Zero when not known.
type Rational struct{ Num, Den int64 }

// Float returns the value of the fraction, 0 when it is not known.
func (r Rational) Float() float64 {
	if r.Den == 0 {
		return 0
	}
	return float64(r.Num) / float64(r.Den)
}

// String returns "30000/1001".
func (r Rational) String() string { return fmt.Sprintf("%d/%d", r.Num, r.Den) }

func (r Rational) known() bool       { return r.Num > 0 && r.Den > 0 }
func (r Rational) inverse() Rational { return Rational{r.Den, r.Num} }

var (
	microseconds = Rational{1, 1e6}
	nanoseconds  = Rational{1, 1e9}
)

// rescale converts a time from one base to another, to the nearest tick, halves away from zero (as FFmpeg does).
func rescale(t int64, from, to Rational) int64 {
	if t == noPTS {
		return noPTS
	}
	num, over1 := mul(from.Num, to.Den)
	den, over2 := mul(from.Den, to.Num)
	if over1 || over2 || den <= 0 || num < 0 {
		return rescaleBig(t, from, to)
	}
	neg := t < 0
	u := uint64(t)
	if neg {
		u = -u
	}
	hi, lo := bits.Mul64(u, uint64(num))
	lo, carry := bits.Add64(lo, uint64(den)/2, 0)
	hi += carry
	if hi >= uint64(den) {
		return saturated(neg)
	}
	q, _ := bits.Div64(hi, lo, uint64(den))
	if q > math.MaxInt64 {
		return saturated(neg)
	}
	if neg {
		return -int64(q)
	}
	return int64(q)
}

func saturated(neg bool) int64 {
	if neg {
		return math.MinInt64 + 1
	}
	return math.MaxInt64
}

func mul(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(uint64(max(a, -a)), uint64(max(b, -b)))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, true
	}
	return a * b, false
}

func rescaleBig(t int64, from, to Rational) int64 {
	n := new(big.Int).Mul(big.NewInt(t), new(big.Int).Mul(big.NewInt(from.Num), big.NewInt(to.Den)))
	d := new(big.Int).Mul(big.NewInt(from.Den), big.NewInt(to.Num))
	if d.Sign() <= 0 {
		return noPTS
	}
	neg := n.Sign() < 0
	n.Abs(n).Add(n, new(big.Int).Rsh(d, 1)).Quo(n, d)
	if !n.IsInt64() {
		return saturated(neg)
	}
	if neg {
		return -n.Int64()
	}
	return n.Int64()
}

// duration converts ticks of a time base to a time.Duration.
func duration(ticks int64, tb Rational) time.Duration {
	return time.Duration(rescale(ticks, tb, nanoseconds))
}
