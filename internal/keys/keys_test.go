package keys

import (
	"errors"
	"testing"
)

func TestCheckNamesTheNearestKey(t *testing.T) {
	known := map[string]any{
		"batch":     32,
		"optimizer": map[string]any{"name": "sgd", "weight_decay": 0.1},
		"open":      map[string]any{},
	}
	cases := []struct {
		got       map[string]any
		key, near string
	}{
		{map[string]any{"batch": 1, "optimizer": map[string]any{"name": "lars"}}, "", ""},
		{map[string]any{"open": map[string]any{"anything": 1}}, "", ""},
		{map[string]any{"bacth": 1}, "bacth", "batch"},
		{map[string]any{"optimizer": map[string]any{"weight_deacy": 1}}, "optimizer.weight_deacy", "optimizer.weight_decay"},
		{map[string]any{"zzzzzzzz": 1}, "zzzzzzzz", ""},
		{map[string]any{"optimizer": map[string]any{"weight": 1}}, "optimizer.weight", "optimizer.weight_decay"},
	}
	for _, c := range cases {
		err := Check(c.got, known, "")
		var unknown *UnknownError
		if !errors.As(err, &unknown) {
			if c.key != "" || err != nil {
				t.Errorf("%v: got %v, want unknown key %q", c.got, err, c.key)
			}
			continue
		}
		if unknown.Key != c.key || unknown.Near != c.near {
			t.Errorf("%v: got %q near %q, want %q near %q", c.got, unknown.Key, unknown.Near, c.key, c.near)
		}
	}
}

func TestNearest(t *testing.T) {
	if got := Nearest("cvlr", []string{"cvrl", "cpc-video"}); got != "cvrl" {
		t.Errorf("got %q, want cvrl", got)
	}
	if got := Nearest("sdg", []string{"sgd", "adam"}); got != "sgd" {
		t.Errorf("got %q, want sgd: two exchanged letters", got)
	}
	if got := Nearest("qqqqqq", []string{"cvrl", "dpc"}); got != "" {
		t.Errorf("got %q, want none", got)
	}
}
