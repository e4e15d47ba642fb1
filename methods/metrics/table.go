package metrics

import (
	"fmt"
	"slices"
)

// Table counts how often each label of one labelling meets each of another: a contingency table that holds only the pairs
// that occur, so that its size is bounded by the samples as well as by labels times labels.
type Table struct {
	n            int
	a, b         []int  // labels that occur, ascending
	countA       []int  // samples of each label of a, > 0
	countB       []int  // samples of each label of b, > 0
	cells        []cell // ascending by row, then column
	firstOfRow   []int  // [len(a)+1] where the cells of each row begin
	largestCells []int  // [len(a)] largest count of each row
}

// cell is a pair of labels that occurs, by their places in a and b.
type cell struct{ row, col, count int }

// Count builds the table of two labellings of the same samples in one pass over them. It panics if their lengths differ.
func Count(a, b []int) *Table {
	if len(a) != len(b) {
		panic(fmt.Sprintf("metrics: %d labels and %d labels, want as many", len(a), len(b)))
	}
	type pair struct{ a, b int }
	counts := map[pair]int{}
	for i, label := range a {
		counts[pair{label, b[i]}]++
	}
	t := &Table{n: len(a)}
	for p := range counts {
		t.a, t.b = append(t.a, p.a), append(t.b, p.b)
	}
	t.a, t.b = distinct(t.a), distinct(t.b)
	placeA, placeB := places(t.a), places(t.b)
	for p, n := range counts {
		t.cells = append(t.cells, cell{placeA[p.a], placeB[p.b], n})
	}
	t.finish()
	return t
}

// FromCounts makes a table of counts given row by row. Rows and columns are numbered from 0; those that are empty are left
// out. It panics if a count is negative or their number is not rows times cols.
func FromCounts(counts []int, rows, cols int) *Table {
	if rows < 0 || cols < 0 || len(counts) != rows*cols {
		panic(fmt.Sprintf("metrics: %d counts for %d rows and %d columns, want %d", len(counts), rows, cols, rows*cols))
	}
	t := &Table{}
	for i, n := range counts {
		if n < 0 {
			panic(fmt.Sprintf("metrics: count of row %d and column %d is %d, want 0 or more", i/cols, i%cols, n))
		}
		if n > 0 {
			t.a, t.b = append(t.a, i/cols), append(t.b, i%cols)
			t.n += n
		}
	}
	t.a, t.b = distinct(t.a), distinct(t.b)
	placeA, placeB := places(t.a), places(t.b)
	for i, n := range counts {
		if n > 0 {
			t.cells = append(t.cells, cell{placeA[i/cols], placeB[i%cols], n})
		}
	}
	t.finish()
	return t
}

// distinct sorts labels and drops repetitions, in place.
func distinct(labels []int) []int {
	slices.Sort(labels)
	return slices.Clip(slices.Compact(labels))
}

// places maps each label to where it stands.
func places(labels []int) map[int]int {
	at := make(map[int]int, len(labels))
	for i, label := range labels {
		at[label] = i
	}
	return at
}

// finish sorts the cells and adds them up.
func (t *Table) finish() {
	slices.SortFunc(t.cells, func(x, y cell) int {
		if x.row != y.row {
			return x.row - y.row
		}
		return x.col - y.col
	})
	t.countA, t.countB = make([]int, len(t.a)), make([]int, len(t.b))
	t.largestCells = make([]int, len(t.a))
	t.firstOfRow = make([]int, len(t.a)+1)
	for _, c := range t.cells {
		t.countA[c.row] += c.count
		t.countB[c.col] += c.count
		t.largestCells[c.row] = max(t.largestCells[c.row], c.count)
		t.firstOfRow[c.row+1]++
	}
	for i := range t.a {
		t.firstOfRow[i+1] += t.firstOfRow[i]
	}
}

// same tells whether the two labellings are one up to names.
func (t *Table) same() bool { return len(t.cells) == len(t.a) && len(t.cells) == len(t.b) }
