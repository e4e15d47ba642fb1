package objective_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vssl/methods/objective"
)

// TestAssignAgainstAllPairings compares with the best of all pairings, with many equal costs, wide and tall.
func TestAssignAgainstAllPairings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(0, 6).Draw(t, "rows"), rapid.IntRange(0, 6).Draw(t, "cols")
		whole := rapid.SliceOfN(rapid.IntRange(-4, 4), rows*cols, rows*cols).Draw(t, "cost")
		cost := make([]float64, len(whole))
		for i, w := range whole {
			cost[i] = float64(w)
		}
		least, most := allPairings(cost, rows, cols, 0, 0)
		if got := pairsCost(t, objective.Assign(cost, rows, cols), cost, rows, cols); got != least {
			t.Fatalf("Assign costs %g, the least is %g", got, least)
		}
		if got := pairsCost(t, objective.AssignMax(cost, rows, cols), cost, rows, cols); got != most {
			t.Fatalf("AssignMax gains %g, the most is %g", got, most)
		}
	})
}

// allPairings tries every way to pair the rows from i on with columns not yet used; min(rows, cols) pairs in all.
func allPairings(cost []float64, rows, cols, i, used int) (least, most float64) {
	if i == rows {
		return 0, 0
	}
	least, most = math.Inf(1), math.Inf(-1)
	take := func(pair float64, used int) {
		l, m := allPairings(cost, rows, cols, i+1, used)
		least, most = min(least, pair+l), max(most, pair+m)
	}
	left := cols
	for j := range cols {
		if used>>j&1 == 1 {
			left--
			continue
		}
		take(cost[i*cols+j], used|1<<j)
	}
	if rows-i > left { // a row may stay without
		take(0, used)
	}
	return least, most
}

// pairsCost checks that pairs are one to one and as many as can be, and adds up their costs.
func pairsCost(t *rapid.T, pairs []int, cost []float64, rows, cols int) (sum float64) {
	if len(pairs) != rows {
		t.Fatalf("%d answers for %d rows", len(pairs), rows)
	}
	var used []int
	for i, j := range pairs {
		if j < 0 {
			continue
		}
		if slices.Contains(used, j) {
			t.Fatalf("column %d twice in %v", j, pairs)
		}
		used = append(used, j)
		sum += cost[i*cols+j]
	}
	if len(used) != min(rows, cols) {
		t.Fatalf("%d pairs of %d rows and %d columns", len(used), rows, cols)
	}
	return sum
}

// TestAssignLarge: counts as of two labellings with 1,000 classes are paired in a second or two.
func TestAssignLarge(t *testing.T) {
	const n = 1000
	rng := rand.New(rand.NewPCG(1, 1))
	hidden := rng.Perm(n)
	gain := make([]float64, n*n)
	for range 200_000 {
		i := rng.IntN(n)
		j := hidden[i]
		if rng.IntN(2) == 0 {
			j = rng.IntN(n)
		}
		gain[i*n+j]++
	}
	start := time.Now()
	if got := objective.AssignMax(gain, n, n); !slices.Equal(got, hidden) {
		t.Error("the hidden map is not found")
	}
	for i := range gain {
		gain[i] = rng.Float64()
	}
	objective.Assign(gain, n, n)
	t.Logf("both took %v", time.Since(start))
}

func TestAssignStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	// both rows want column 0, so that a path has to be searched
	if _, err := objective.AssignContext(ctx, []float64{0, 1, 0, 2}, 2, 2); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestAssignRefusesWhatIsNoNumber(t *testing.T) {
	for _, cost := range [][]float64{{0, math.NaN(), 1, 2}, {0, math.Inf(1), 1, 2}, {0, 1, 2}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v: no panic", cost)
				}
			}()
			objective.Assign(cost, 2, 2)
		}()
	}
}
