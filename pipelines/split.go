package pipelines

import (
	"fmt"
	"math/rand/v2"
)

// testShare is the part of each class that is held out where no test set is given, at least one of two.
const testShare = 0.2

// splitSeed starts the generator of the split, so that every run and every method is measured on the same parts.
const splitSeed = 20

// splitByLabel divides positions into training and test parts, class by class, by the stated seed. Rows without a label
// are in neither part.
func splitByLabel(labels []int) (train, test []int) { return holdOut(labels, splitSeed) }

// holdOut is splitByLabel by another seed.
func holdOut(labels []int, seed uint64) (rest, held []int) {
	byClass := map[int][]int{}
	classes := 0
	for i, label := range labels {
		if label >= 0 {
			byClass[label] = append(byClass[label], i)
			classes = max(classes, label+1)
		}
	}
	rng := rand.New(rand.NewPCG(seed, seed))
	for c := range classes {
		at := byClass[c]
		rng.Shuffle(len(at), func(i, j int) { at[i], at[j] = at[j], at[i] })
		n := int(testShare*float64(len(at)) + 0.5)
		if len(at) > 1 {
			n = max(n, 1)
		}
		held = append(held, at[:n]...)
		rest = append(rest, at[n:]...)
	}
	return rest, held
}

// countClasses is the number of different labels and the largest label plus one.
func countClasses(labels []int) (different, size int) {
	seen := map[int]bool{}
	for _, l := range labels {
		if l >= 0 {
			seen[l] = true
			size = max(size, l+1)
		}
	}
	return len(seen), size
}

// chance is the accuracy of always naming the commonest class of the test rows.
func chance(labels []int) float64 {
	counts := map[int]int{}
	most := 0
	for _, l := range labels {
		counts[l]++
		most = max(most, counts[l])
	}
	return float64(most) / float64(len(labels))
}

func checkParts(train, test *features) error { return checkLabels(train.labels, test.labels) }

// checkLabels says what is missing for a measure that learns from the first labels and is tested on the second.
func checkLabels(train, test []int) error {
	if n, _ := countClasses(train); n < 2 {
		return &UsageError{fmt.Errorf("evaluation needs labelled samples of two classes or more, found %d: "+
			"put each class in a folder of its own, use a list with labels, or name the labelled part with --split", n)}
	}
	if len(test) == 0 {
		return &UsageError{fmt.Errorf("no labelled sample is left for the test: give --test, or more samples a class")}
	}
	return nil
}
