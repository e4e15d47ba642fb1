package nn

import (
	"fmt"
	"iter"

	"vssl/torch"
)

// Entry is a tensor of the tree. Layers hold the entry, not the tensor: Tensor changes when the tree moves to a device.
type Entry struct {
	Tensor    *torch.Tensor
	IsBuffer  bool // running statistics and counters: saved, not trained
	Trainable bool // false for buffers and frozen parameters
}

// Node is one level of the tree of parameters and buffers. It is not for concurrent use.
type Node struct {
	path     string // dotted name from the root, "" at the root
	scope    *torch.Scope
	names    []string // of entries
	entries  []*Entry
	children []*Node
	taken    map[string]bool
	training bool
	groups   int // of the batch, in normalisations
}

// NewRoot returns an empty tree in training mode whose tensors will belong to scope.
func NewRoot(scope *torch.Scope) *Node {
	return &Node{scope: scope, taken: map[string]bool{}, training: true, groups: 1}
}

// Child adds a level below n; name may hold dots. It panics if n already has something of that name.
func (n *Node) Child(name string) *Node {
	n.claim(name)
	child := &Node{path: n.join(name), scope: n.scope, taken: map[string]bool{}, training: n.training, groups: n.groups}
	n.children = append(n.children, child)
	return child
}

// Param registers t as a trainable parameter that requires gradients; the tree owns it from here on. It panics if n
// already has something of that name.
func (n *Node) Param(name string, t *torch.Tensor) *Entry {
	e := n.add(name, &Entry{Tensor: t, Trainable: true})
	e.Tensor.RequireGrad(true)
	return e
}

// Buffer registers t as state that is saved but not trained; the tree owns it from here on. It panics if n already has
// something of that name.
func (n *Node) Buffer(name string, t *torch.Tensor) *Entry {
	return n.add(name, &Entry{Tensor: t, IsBuffer: true})
}

func (n *Node) add(name string, e *Entry) *Entry {
	n.claim(name)
	n.scope.Keep(e.Tensor)
	n.names = append(n.names, name)
	n.entries = append(n.entries, e)
	return e
}

func (n *Node) claim(name string) {
	if name == "" || n.taken[name] {
		panic(fmt.Sprintf("nn: %q is empty or already registered under %q", name, n.path))
	}
	n.taken[name] = true
}

func (n *Node) join(name string) string {
	if n.path == "" {
		return name
	}
	return n.path + "." + name
}

// All yields every tensor below n with its dotted name from n, in the order of torchvision's state dict: a level's own
// tensors before those of its children, each in order of registration.
func (n *Node) All() iter.Seq2[string, *Entry] {
	prefix := 0
	if n.path != "" {
		prefix = len(n.path) + 1
	}
	return func(yield func(string, *Entry) bool) {
		n.walk(func(path string, e *Entry) bool { return yield(path[prefix:], e) })
	}
}

// walk yields names from the root and tells whether to go on.
func (n *Node) walk(yield func(string, *Entry) bool) bool {
	for i, e := range n.entries {
		if !yield(n.join(n.names[i]), e) {
			return false
		}
	}
	for _, c := range n.children {
		if !c.walk(yield) {
			return false
		}
	}
	return true
}

// Path is the dotted name of n from the root, "" for the root itself.
func (n *Node) Path() string { return n.path }

// ParamByName finds a tensor below n by its dotted name from n; nil where there is none.
func (n *Node) ParamByName(name string) *Entry {
	for found, e := range n.All() {
		if found == name {
			return e
		}
	}
	return nil
}

// Training says whether layers below n use batch statistics and update their running ones.
func (n *Node) Training() bool { return n.training }

// SetTraining switches n and all below it between training (true) and evaluation.
func (n *Node) SetTraining(on bool) {
	n.training = on
	for _, c := range n.children {
		c.SetTraining(on)
	}
}

// SetNormGroups makes the batch normalisations below n, those that are there and those to come, take their statistics in
// training from each of groups equal parts of the batch alone, as if each part were on a device of its own. 1, the default, is
// the whole batch. It panics if groups is below 1.
func (n *Node) SetNormGroups(groups int) {
	if groups < 1 {
		panic(fmt.Sprintf("nn: %d groups, want 1 or more", groups))
	}
	n.groups = groups
	for _, c := range n.children {
		c.SetNormGroups(groups)
	}
}

// SetTrainable freezes (false) or frees the parameters below n. Frozen ones get no gradient; running statistics still
// follow the mode that SetTraining set.
func (n *Node) SetTrainable(on bool) {
	for _, e := range n.All() {
		if !e.IsBuffer {
			e.Trainable = on
			e.Tensor.RequireGrad(on)
		}
	}
}

// ToDevice moves all tensors below n to d. Gradients are dropped, so it belongs before the optimiser is made.
func (n *Node) ToDevice(d torch.Device) {
	n.replace(func(t *torch.Tensor) *torch.Tensor { return t.ToDevice(d) })
}

// ToType converts the parameters and floating buffers below n, which are created in float32; counters stay whole numbers.
// Gradients are dropped.
func (n *Node) ToType(dt torch.DType) {
	n.replace(func(t *torch.Tensor) *torch.Tensor {
		if !t.DType().IsFloat() {
			return t
		}
		return t.To(dt)
	})
}

// ChannelsLast lays the weights of 2D and 3D convolutions out as activations in channels-last are, which spares a copy a
// step on devices whose kernels want both alike. Values and saved bytes stay the same. Gradients are dropped.
func (n *Node) ChannelsLast() {
	n.replace(func(t *torch.Tensor) *torch.Tensor {
		if t.Rank() == 4 || t.Rank() == 5 {
			return t.ChannelsLast()
		}
		return t
	})
}

// replace puts f(t) in the place of every tensor t and frees those that f did not return.
func (n *Node) replace(f func(*torch.Tensor) *torch.Tensor) {
	old := torch.NewScope()
	defer old.Close()
	torch.In(func(*torch.Scope) {
		for _, e := range n.All() {
			var next *torch.Tensor
			torch.NoGrad(func() { next = f(e.Tensor) })
			if next == e.Tensor {
				continue
			}
			n.scope.Keep(next)
			old.Keep(e.Tensor)
			e.Tensor = next
			next.RequireGrad(!e.IsBuffer && e.Trainable)
		}
	})
}

// NumParams is the number of values in the parameters below n, buffers left out.
func (n *Node) NumParams() int {
	total := 0
	for _, e := range n.All() {
		if !e.IsBuffer {
			total += e.Tensor.Numel()
		}
	}
	return total
}
