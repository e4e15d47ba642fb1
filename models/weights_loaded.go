package models

import (
	"fmt"
	"strings"
)

// Loaded says what a Load did.
type Loaded struct {
	Metadata   map[string]string // of the file, nil if it has none
	Prefix     string            // in front of the network's names in the file, with its last dot; "" for none
	Alike      []string          // other prefixes under which as many tensors fit: LoadBackbone takes one of them
	Read       int               // tensors that were read
	Missing    []string          // tensors of the network that the file lacks or has in another shape
	Unexpected []string          // tensors of the file that the network lacks or has in another shape, by their names there
	Under      int               // tensors of the file under Prefix
	Larger     bool              // the file seems to be of a larger network, of which the names in common were read
}

// judge sets Under and Larger. A head or a second network has names of its own, but a larger network goes on where a smaller
// one ends: more than a tenth of the file's tensors under Prefix lie unexpectedly below levels that network has, such as layer1.
func (l *Loaded) judge(file []storedTensor, network map[string]bool) {
	levels := map[string]bool{}
	for name := range network {
		level, _, _ := strings.Cut(name, ".")
		levels[level] = true
	}
	beyond := 0
	for _, s := range file {
		name, under := strings.CutPrefix(s.Name, l.Prefix)
		if !under {
			continue
		}
		l.Under++
		if level, _, _ := strings.Cut(name, "."); levels[level] && !network[name] {
			beyond++
		}
	}
	l.Larger = 10*beyond > l.Under
}

// String is one sentence about all of it, without the path.
func (l *Loaded) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d tensors of the network", l.Read, l.Read+len(l.Missing))
	if l.Prefix != "" {
		fmt.Fprintf(&b, ", under %q", l.Prefix)
	}
	if len(l.Alike) > 0 {
		fmt.Fprintf(&b, " (as many fit under %s)", some(quoted(l.Alike)))
	}
	if len(l.Missing) > 0 {
		fmt.Fprintf(&b, "; not in the file, left as they were: %s", some(l.Missing))
	}
	if l.Larger {
		fmt.Fprintf(&b, "; %d of %d tensors of the file have no place in the network: is it of a larger one?", l.Under-l.Read, l.Under)
	}
	if len(l.Unexpected) > 0 {
		fmt.Fprintf(&b, "; in the file alone: %s", some(l.Unexpected))
	}
	return b.String()
}

func quoted(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = fmt.Sprintf("%q", n)
	}
	return out
}

// some lists a few names and counts the rest.
func some(names []string) string {
	const shown = 4
	if len(names) <= shown+1 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:shown], ", "), len(names)-shown)
}
