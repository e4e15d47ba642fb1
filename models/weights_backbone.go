package models

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"vssl/torch"
)

// LoadBackbone reads weights into b as Load does without strict, wherever in the file the network is: alone, as in a
// published file, under `backbone.` as in a run's model, or below dictionaries and prefixes such as
// `state_dict.module.encoder_q.`. It takes the prefix under which most of the network's floating tensors are found in
// their shapes; of several the shortest, and of those the first in the file. ErrMismatch means that not even half of them
// are there under any.
func LoadBackbone(path string, b Backbone) (*Loaded, error) {
	return withWeights(path, func(f *weightsFile) (*Loaded, error) { return f.loadNetwork(b, f.prefixes(b)) })
}

// LoadBackboneUnder is LoadBackbone for a prefix that the caller knows, with its last dot; "" for none.
func LoadBackboneUnder(path string, b Backbone, prefix string) (*Loaded, error) {
	return withWeights(path, func(f *weightsFile) (*Loaded, error) { return f.loadNetwork(b, []string{prefix}) })
}

// loadNetwork reads from under the first of the prefixes, none for a file that has nothing of the network.
func (f *weightsFile) loadNetwork(b Backbone, prefixes []string) (*Loaded, error) {
	if len(prefixes) == 0 {
		return nil, fmt.Errorf("%w: none of its tensors is one of the network's", ErrMismatch)
	}
	report, matches, first := f.compare(Tensors(b.Node()), prefixes[0])
	report.Alike = prefixes[1:]
	want, got := 0, 0
	for _, t := range Tensors(b.Node()) {
		if t.DType().IsFloat() {
			want++
		}
	}
	for _, m := range matches {
		if m.to.DType().IsFloat() {
			got++
		}
	}
	if 2*got < want {
		return nil, fmt.Errorf("%w: %d of its %d tensors are there under %q: %s; is it another network or stem?",
			ErrMismatch, got, want, prefixes[0], first)
	}
	return report, readAll(matches)
}

// prefixes lists those under which the most floating tensors of the network are found, the shortest first.
func (f *weightsFile) prefixes(b Backbone) []string {
	network := map[string]*torch.Tensor{}
	dots := 0 // most in a name of the network
	for name, t := range Tensors(b.Node()) {
		if t.DType().IsFloat() {
			network[name] = t
			dots = max(dots, strings.Count(name, "."))
		}
	}
	found := map[string]int{}
	var order []string
	for _, s := range f.tensors {
		for at, n := len(s.Name), 0; at >= 0 && n <= dots; n++ {
			at = strings.LastIndexByte(s.Name[:at], '.')
			t := network[s.Name[at+1:]]
			if t == nil || !fits(s, t) {
				continue
			}
			prefix := s.Name[:at+1]
			if found[prefix] == 0 {
				order = append(order, prefix)
			}
			found[prefix]++
		}
	}
	most := 0
	for _, n := range found {
		most = max(most, n)
	}
	order = slices.DeleteFunc(order, func(p string) bool { return found[p] < most })
	slices.SortStableFunc(order, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
	return order
}
