package models

import (
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/google/renameio/v2"

	"vssl/internal/safetensors"
	"vssl/models/nn"
	"vssl/torch"
)

// ErrMismatch is in the error of a file whose tensors are not those of the network.
var ErrMismatch = errors.New("weights do not fit the network")

// Save writes all parameters and buffers below n, under their names from n, and metadata (nil for none) to path as
// safetensors. The file appears whole or not at all.
func Save(path string, n *nn.Node, metadata map[string]string) error {
	return SaveTensors(path, metadata, Tensors(n))
}

// Tensors yields the tensors below n by name, in the order of the state dict.
func Tensors(n *nn.Node) iter.Seq2[string, *torch.Tensor] {
	return func(yield func(string, *torch.Tensor) bool) {
		for name, e := range n.All() {
			if !yield(name, e.Tensor) {
				return
			}
		}
	}
}

// SaveTensors writes named tensors to path as Save does. Equal tensors give equal files, byte for byte.
func SaveTensors(path string, metadata map[string]string, tensors iter.Seq2[string, *torch.Tensor]) error {
	entries, err := stored(tensors)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return writeFile(path, metadata, entries)
}

// writeFile writes safetensors aside and renames.
func writeFile(path string, metadata map[string]string, entries []safetensors.Entry) error {
	f, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o644))
	if err != nil {
		return err
	}
	if err := safetensors.Write(f, metadata, entries); err != nil {
		return fmt.Errorf("%s: %w", path, errors.Join(err, f.Cleanup()))
	}
	return f.CloseAtomicallyReplace()
}

// stored describes tensors for a file.
func stored(tensors iter.Seq2[string, *torch.Tensor]) ([]safetensors.Entry, error) {
	var entries []safetensors.Entry
	for name, t := range tensors {
		dtype, ok := storedType(t.DType())
		if !ok {
			return nil, fmt.Errorf("tensor %q: type %v cannot be stored", name, t.DType())
		}
		entries = append(entries, safetensors.Entry{Name: name, DType: dtype, Shape: t.Shape(),
			Fill: func(dst []byte) error {
				t.CopyBytes(dst)
				return nil
			}})
	}
	return entries, nil
}

// Load reads the file at path, safetensors or a PyTorch checkpoint, into the parameters and buffers below n by name;
// floating types are converted. With strict set, names and shapes must agree both ways, else ErrMismatch tells the first
// difference and nothing is changed. Without, what fits is read and the rest reported; ErrMismatch then means that nothing
// fits. Any other error of the content wraps the ErrFormat of internal/safetensors or internal/pytorch. An error of reading
// halfway leaves n partly loaded.
func Load(path string, n *nn.Node, strict bool) (*Loaded, error) {
	return LoadTensors(path, Tensors(n), strict)
}

// LoadTensors reads the file at path into the tensors given, as Load does.
func LoadTensors(path string, into iter.Seq2[string, *torch.Tensor], strict bool) (*Loaded, error) {
	return withWeights(path, func(f *weightsFile) (*Loaded, error) {
		report, matches, first := f.compare(into, "")
		switch {
		case strict && first != "":
			return nil, fmt.Errorf("%w: %s", ErrMismatch, first)
		case strict && len(report.Unexpected) > 0:
			return nil, fmt.Errorf("%w: the network has no %q", ErrMismatch, report.Unexpected[0])
		// counters are scalars of equal names everywhere; they are no sign of a network
		case !slices.ContainsFunc(matches, func(m match) bool { return m.to.DType().IsFloat() }) && len(report.Missing) > 0:
			return nil, fmt.Errorf("%w: none of its tensors is one of the network's", ErrMismatch)
		}
		return report, readAll(matches)
	})
}

// withWeights opens the file at path for load, whose error it completes with the path.
func withWeights(path string, load func(*weightsFile) (*Loaded, error)) (*Loaded, error) {
	f, err := openWeights(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	report, err := load(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return report, nil
}

// match is a tensor of the file and the one that it goes into.
type match struct {
	from storedTensor
	to   *torch.Tensor
}

// compare pairs the tensors given with those of the file whose names have prefix in front. first is the first difference,
// in words, "" where there is none but tensors that are in the file alone.
func (f *weightsFile) compare(into iter.Seq2[string, *torch.Tensor], prefix string) (
	report *Loaded, matches []match, first string) {
	report = &Loaded{Metadata: f.metadata, Prefix: prefix}
	stored := make(map[string]storedTensor, len(f.tensors))
	for _, s := range f.tensors {
		stored[s.Name] = s
	}
	matched, network := map[string]bool{}, map[string]bool{}
	for name, t := range into {
		network[name] = true
		s, ok := stored[prefix+name]
		if ok && fits(s, t) {
			matches = append(matches, match{s, t})
			matched[s.Name] = true
			continue
		}
		report.Missing = append(report.Missing, name)
		if first == "" {
			first = difference(name, s, ok, t)
		}
	}
	for _, s := range f.tensors {
		if !matched[s.Name] {
			report.Unexpected = append(report.Unexpected, s.Name)
		}
	}
	report.Read = len(matches)
	report.judge(f.tensors, network)
	return report, matches, first
}

func difference(name string, s storedTensor, found bool, t *torch.Tensor) string {
	if !found {
		return fmt.Sprintf("%q is missing", name)
	}
	return fmt.Sprintf("%q is %s %v, want %v %v", name, s.DType, s.Shape, t.DType(), t.Shape())
}

func readAll(matches []match) error {
	var scratch []byte
	for _, m := range matches {
		data, err := m.from.read(scratch)
		if err != nil {
			return err
		}
		scratch = data
		dtype, _ := loadedType(m.from.DType) // fits has seen to it
		torch.In(func(*torch.Scope) { m.to.Copy_(torch.FromBytes(dtype, data, m.from.Shape...)) })
	}
	return nil
}

// fits tells whether a stored tensor can be read into t: of its shape, and of its type or both floating.
func fits(s storedTensor, t *torch.Tensor) bool {
	dtype, ok := loadedType(s.DType)
	return ok && slices.Equal(s.Shape, t.Shape()) && (dtype == t.DType() || dtype.IsFloat() && t.DType().IsFloat())
}

// storedTypes pairs the element types. Bool is left out: its bytes would have to be checked, and no network has one.
var storedTypes = map[torch.DType]safetensors.DType{
	torch.Float64: safetensors.F64, torch.Float32: safetensors.F32, torch.Float16: safetensors.F16,
	torch.BFloat16: safetensors.BF16, torch.Int64: safetensors.I64, torch.Int32: safetensors.I32,
	torch.Int16: safetensors.I16, torch.Int8: safetensors.I8, torch.UInt8: safetensors.U8,
}

func storedType(d torch.DType) (safetensors.DType, bool) {
	s, ok := storedTypes[d]
	return s, ok
}

func loadedType(s safetensors.DType) (torch.DType, bool) {
	for d, stored := range storedTypes {
		if stored == s {
			return d, true
		}
	}
	return 0, false
}
