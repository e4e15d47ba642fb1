package methods_test

import (
	"errors"
	"strings"
	"testing"

	"vssl/clips"
	"vssl/methods"
	"vssl/models/nn"
)

// toy is a method that is nothing but its configuration.
type toy struct{ config toyConfig }

type toyConfig struct {
	Temperature float64 `yaml:"temperature"`
	Keys        []int   `yaml:"keys"`
}

func (c toyConfig) Validate() error {
	if c.Temperature <= 0 {
		return errors.New("temperature must be positive")
	}
	return nil
}

func (*toy) Recipe() clips.Recipe                                { return clips.Recipe{} }
func (*toy) Modules() *nn.Node                                   { return nil }
func (*toy) Loss(methods.Step, methods.Batch) (l methods.Losses) { return l }

func register(name string) {
	methods.Register(methods.Info{Name: name, Family: "test"},
		func() toyConfig { return toyConfig{Temperature: 0.5, Keys: []int{1, 2}} },
		func(c toyConfig, _ methods.Env) (methods.Method, error) { return &toy{c}, nil })
}

func TestNew(t *testing.T) {
	register("toy-new")
	for _, test := range []struct {
		params string
		want   float64
		err    string
	}{
		{"", 0.5, ""},
		{"temperature: 2", 2, ""},
		{"temperture: 2", 0, `method toy-new: unknown key "temperture"; did you mean "temperature"?`},
		{"temperature: -1", 0, "method toy-new: temperature must be positive"},
		{"temperature: hot", 0, "method toy-new: "},
		{"temperature: {a: 1}", 0, "method toy-new: "},
		{"[", 0, "method toy-new: parameters are not a YAML mapping"},
	} {
		m, err := methods.New("toy-new", []byte(test.params), methods.Env{})
		if test.err != "" {
			if err == nil || !strings.HasPrefix(err.Error(), test.err) {
				t.Errorf("%q: got %v, want %s", test.params, err, test.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", test.params, err)
			continue
		}
		if got := m.(*toy).config.Temperature; got != test.want {
			t.Errorf("%q: temperature is %g, want %g", test.params, got, test.want)
		}
	}
	if _, err := methods.New("toy-now", nil, methods.Env{}); err == nil || !strings.Contains(err.Error(), `did you mean "toy-new"?`) {
		t.Errorf("unknown method: got %v", err)
	}
}

// TestDefaultsAreNotShared: what one run changes, the next does not see.
func TestDefaultsAreNotShared(t *testing.T) {
	register("toy-defaults")
	methods.Defaults("toy-defaults").(toyConfig).Keys[0] = 9
	if got := methods.Defaults("toy-defaults").(toyConfig).Keys[0]; got != 1 {
		t.Errorf("got %d, want 1", got)
	}
	if methods.Defaults("absent") != nil {
		t.Error("an unknown method has defaults")
	}
}

func TestRegisterTwice(t *testing.T) {
	register("toy-twice")
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	register("toy-twice")
}
