package methods

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"vssl/internal/keys"
)

// Status says how far a method can be relied on.
type Status string

// The states of a method.
const (
	Working      Status = "working"      // agrees with its golden cases, and beats its untrained network by a margin that a test states
	Experimental Status = "experimental" // agrees with its golden cases; not yet shown to beat its untrained network
)

// Medium is what a method learns from.
type Medium string

// The media.
const (
	Video Medium = "video" // clips of several frames
	Image Medium = "image" // pictures: clips of one frame
)

// Info describes a method in the table that `vssl methods` prints.
type Info struct {
	Name    string
	Medium  Medium // "" is Video
	Family  string // folder of the method's file
	Paper   string // arXiv id
	Title   string // of the paper
	Summary string // one line: what makes it that method
	Status  Status
	Default bool // taken where no method is named; one method of a medium has it
	// Supervised marks the method that learns from labels alone, which evaluation by finetuning trains; one method has it. It
	// has a backbone, Classifies, and its configuration has the keys label_smoothing and backbone_rate.
	Supervised bool
}

// Config is the configuration of a method: a struct with yaml tags that says what is wrong with its values.
type Config interface {
	Validate() error
}

// registration is an entry of the registry, the type of the configuration erased.
type registration struct {
	Info
	defaults func() any
	build    func(params []byte, env Env) (Method, error)
}

// registry is filled by the init functions of the methods' files and only read after that.
var registry = map[string]registration{}

// Register makes a method known; it is called from the init function of the method's file and nowhere else. defaults
// returns the paper's hyperparameters; build makes the method of a configuration that has been validated, in an open
// scope. It panics if the name is taken or a second method claims to be the default.
func Register[C Config](info Info, defaults func() C, build func(c C, env Env) (Method, error)) {
	if _, taken := registry[info.Name]; taken || info.Name == "" {
		panic(fmt.Sprintf("methods: %q is registered twice or empty", info.Name))
	}
	if info.Medium == "" {
		info.Medium = Video
	}
	if d := Default(info.Medium); info.Default && d != "" {
		panic(fmt.Sprintf("methods: both %q and %q are the default for %ss", info.Name, d, info.Medium))
	}
	if s := Supervised(); info.Supervised && s != "" {
		panic(fmt.Sprintf("methods: both %q and %q are the supervised method", info.Name, s))
	}
	registry[info.Name] = registration{
		Info:     info,
		defaults: func() any { return defaults() },
		build: func(params []byte, env Env) (Method, error) {
			c := defaults()
			if err := decode(params, &c); err != nil {
				return nil, err
			}
			if err := c.Validate(); err != nil {
				return nil, err
			}
			return build(c, env)
		},
	}
}

// New makes the method of that name. params is YAML with the method's own keys; those that it leaves out keep their
// defaults, and an unknown one is an error that names the nearest. Errors say which method they are about.
func New(name string, params []byte, env Env) (Method, error) {
	r, err := lookup(name)
	if err != nil {
		return nil, err
	}
	m, err := r.build(params, env)
	if err != nil {
		return nil, fmt.Errorf("method %s: %w", name, err)
	}
	return m, nil
}

// Defaults returns the default configuration of a method, a struct with yaml tags; nil if there is no such method.
func Defaults(name string) any {
	r, ok := registry[name]
	if !ok {
		return nil
	}
	return r.defaults()
}

// MediumOf is what the method of that name learns from, "" if there is no such method.
func MediumOf(name string) Medium { return registry[name].Medium }

// Default is the name of the method of that medium that is taken where none is named, "" if there is none.
func Default(m Medium) string {
	for name, r := range registry {
		if r.Default && r.Medium == m {
			return name
		}
	}
	return ""
}

// Supervised is the name of the method that learns from labels alone, "" if there is none.
func Supervised() string {
	for name, r := range registry {
		if r.Supervised {
			return name
		}
	}
	return ""
}

// All describes every method, by family and name.
func All() []Info {
	var infos []Info
	for _, r := range registry {
		infos = append(infos, r.Info)
	}
	slices.SortFunc(infos, func(a, b Info) int {
		if c := strings.Compare(a.Family, b.Family); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	return infos
}

// Names lists the names that New takes, in the order of All.
func Names() []string {
	var names []string
	for _, info := range All() {
		names = append(names, info.Name)
	}
	return names
}

func lookup(name string) (registration, error) {
	if r, ok := registry[name]; ok {
		return r, nil
	}
	if near := keys.Nearest(name, Names()); near != "" {
		return registration{}, fmt.Errorf("method %q is unknown; did you mean %q?", name, near)
	}
	return registration{}, fmt.Errorf("method %q is unknown; `vssl methods` lists them", name)
}

// decode reads params over the defaults that config holds. The keys are checked apart from the decoder's own check of
// fields, which would not say what was probably meant.
func decode(params []byte, config any) error {
	known, err := tree(config)
	if err != nil {
		return err
	}
	got := map[string]any{}
	if err := yaml.Unmarshal(params, &got); err != nil {
		return fmt.Errorf("parameters are not a YAML mapping: %w", err)
	}
	if err := keys.Check(got, known, ""); err != nil {
		return err
	}
	d := yaml.NewDecoder(bytes.NewReader(params))
	d.KnownFields(true)
	if err := d.Decode(config); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// tree turns a configuration into the map that its YAML is.
func tree(config any) (map[string]any, error) {
	text, err := yaml.Marshal(config)
	if err != nil {
		return nil, err
	}
	m := map[string]any{}
	return m, yaml.Unmarshal(text, &m)
}
