package clips

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Sample is one entry of a data set: a file, or a span of one.
type Sample struct {
	Path  string        // of the file, usable from the working directory
	Start time.Duration // of the span, from the first frame of the file
	End   time.Duration // of the span; 0: to the end of the file
	Label int           // index into the source's classes, -1 when unknown
	Key   string        // unique in the source: the path relative to the root, with slashes
	Still Still         // the picture that is the sample; nil: the video at Path
}

// Skip is something left out, and why.
type Skip struct {
	Path   string `json:"path"` // the key of the sample, or the path below the root
	Reason string `json:"reason"`
	Aside  bool   `json:"aside,omitempty"` // never meant as a sample: a picture, an archive, a text, a hidden file
}

// Source is a data set. It does not change once it is opened, and its methods may be called from several goroutines.
type Source interface {
	Name() string        // of the kind, e.g. "folder"
	Len() int            // samples, > 0
	Sample(i int) Sample // panics unless 0 <= i < Len()
	Classes() []string   // names by label; empty when there are no labels
	LeftOut() []Skip     // files and entries that are not samples, in a fixed order
}

// SourceOptions are what the kinds of sources understand beyond a root. Each kind says what it uses.
type SourceOptions struct {
	Split string // "train", "validate", "test"...: only entries of that split; "" takes all
	List  string // path of the list file, for kinds that have one; "" looks in the root

	Context  context.Context                         // ends an opening that takes long, such as a download; nil: nothing does
	Progress func(what string) func(done, total int) // makes a counter for what takes a while; nil: none is shown
}

// context is the one that ends the opening.
func (o SourceOptions) context() context.Context {
	if o.Context == nil {
		return context.Background()
	}
	return o.Context
}

// OpenFunc opens one kind of source.
type OpenFunc func(root string, opts SourceOptions) (Source, error)

var (
	kindsMu sync.Mutex
	kinds   = map[string]kind{
		"folder":      {about: "any tree of video files, or of pictures alone; the class is the first folder below the root", open: openFolder},
		"imagefolder": {about: "any tree of pictures; the class is the first folder below the root", open: openImageFolder},
		"kinetics":    {about: "the official CSV lists (label, youtube_id, time_start, time_end, split) beside the files", open: openKinetics},
		"list":        {about: "a text or CSV file of paths and labels", open: openList},
		"webdataset":  {about: "tar shards of pictures: a folder, a pattern (train-{000..146}.tar), URLs, s3://...", open: openWebDataset},

		"cifar10":  {about: "CIFAR-10: binary or Python version, its archive, or train/CLASS/", open: cifar10.open, test: "test"},
		"cifar100": {about: "CIFAR-100, as cifar10; the 100 fine classes", open: cifar100.open, test: "test"},
		"cub200":   {about: "Caltech-UCSD Birds 200 (2011): images/ and its lists", open: openCUB, test: "test"},
		"dogs":     {about: "Stanford Dogs: Images/, train_list.mat, test_list.mat", open: openDogs, test: "test"},
		"imagenet": {about: "ImageNet or some of its classes: train/WNID/, val/ with folders or devkit", open: openImageNet, test: "val"},
		"mnist":    {about: "MNIST, Fashion-MNIST, KMNIST, EMNIST: IDX files, packed (.gz) or not", open: openMNIST, test: "test"},
		"stl10":    {about: "STL-10, the binary version; split train+unlabeled to learn from", open: openSTL10, test: "test"},
		"svhn":     {about: "Street View House Numbers, cropped: train_32x32.mat and so on", open: openSVHN, test: "test"},
	}
)

type kind struct {
	about string
	open  OpenFunc
	test  string // split that the data set's makers hold out for tests; "" where there is none
}

// RegisterSource adds a kind of source under a name, with a line that says what it is. It panics when the name is taken.
func RegisterSource(name, about string, open OpenFunc) {
	kindsMu.Lock()
	defer kindsMu.Unlock()
	if _, ok := kinds[name]; ok {
		panic("clips: source " + name + " is registered twice")
	}
	kinds[name] = kind{about: about, open: open}
}

// SourceKind describes a kind of source.
type SourceKind struct{ Name, About string }

// SourceKinds lists what OpenSource knows, by name.
func SourceKinds() []SourceKind {
	kindsMu.Lock()
	defer kindsMu.Unlock()
	var all []SourceKind
	for name, k := range kinds {
		all = append(all, SourceKind{name, k.about})
	}
	slices.SortFunc(all, func(a, b SourceKind) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// TestSplit is the split that the makers of a kind of data set hold out for tests, "" where there is none. Without a split in
// its options such a kind opens the training part.
func TestSplit(name string) string {
	kindsMu.Lock()
	defer kindsMu.Unlock()
	return kinds[name].test
}

// OpenSource opens the data set of the given kind under root. The error says in one sentence what is missing and what to do.
func OpenSource(name, root string, opts SourceOptions) (Source, error) {
	kindsMu.Lock()
	k, ok := kinds[name]
	kindsMu.Unlock()
	if !ok {
		var names []string
		for _, k := range SourceKinds() {
			names = append(names, k.Name)
		}
		return nil, fmt.Errorf("unknown data set %q; known are %s", name, strings.Join(names, ", "))
	}
	return k.open(root, opts)
}

// set is the source behind all kinds here: everything is known once it is opened.
type set struct {
	name    string
	samples []Sample
	classes []string
	left    []Skip
}

var _ Source = (*set)(nil)

func (s *set) Name() string        { return s.name }
func (s *set) Len() int            { return len(s.samples) }
func (s *set) Sample(i int) Sample { return s.samples[i] }
func (s *set) Classes() []string   { return s.classes }
func (s *set) LeftOut() []Skip     { return s.left }

// NewSet returns a source of the given samples: for data sets that are made rather than found, and for parts of others.
// It panics when samples is empty.
func NewSet(name string, samples []Sample, classes []string, left []Skip) Source {
	if len(samples) == 0 {
		panic("clips: a set of no samples")
	}
	return &set{name, samples, classes, left}
}
