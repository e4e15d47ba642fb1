package methods_test

import (
	"errors"
	"math"
	"testing"

	"vssl/methods"
)

func TestRanges(t *testing.T) {
	type flavour string
	nan, inf := math.NaN(), math.Inf(1)
	for _, test := range []struct {
		err  error
		want string // "" for a value in its range
	}{
		{methods.AtLeast("queue", 1, 1), ""},
		{methods.AtLeast("queue", 0, 1), "queue is 0, want 1 or more"},
		{methods.AtLeast("crops[0].views", -3, 2), "crops[0].views is -3, want 2 or more"},
		{methods.Positive("temperature", 1e-9), ""},
		{methods.Positive("temperature", 0), "temperature is 0, want more than 0"},
		{methods.Positive("temperature", nan), "temperature is NaN, want more than 0"},
		{methods.Weight("weight", 0), ""},
		{methods.Weight("weight", -0.5), "weight is -0.5, want 0 (none) or more"},
		{methods.Weight("weight", nan), "weight is NaN, want 0 (none) or more"},
		{methods.Between("momentum", 0, 0, 1), ""},
		{methods.Between("momentum", 1, 0, 1), ""},
		{methods.Between("momentum", 1.5, 0, 1), "momentum is 1.5, want 0 to 1"},
		{methods.Between("momentum", -1, -0.5, 1), "momentum is -1, want -0.5 to 1"},
		{methods.Between("momentum", nan, 0, 1), "momentum is NaN, want 0 to 1"},
		{methods.BelowOne("dropout", 0), ""},
		{methods.BelowOne("dropout", 1), "dropout is 1, want 0 to less than 1"},
		{methods.BelowOne("dropout", nan), "dropout is NaN, want 0 to less than 1"},
		{methods.BelowOne("dropout", -0.1), "dropout is -0.1, want 0 to less than 1"},
		{methods.Share("final", 1), ""},
		{methods.Share("final", 0), ""},
		{methods.Share("final", inf), "final is +Inf, want a share, 0 to 1"},
		{methods.Share("final", nan), "final is NaN, want a share, 0 to 1"},
		{methods.Probabilities("blur", 0, 1), ""},
		{methods.Probabilities("blur", 0, 7), "blur[1] is 7, want a probability"},
		{methods.Probabilities("blur", -1, nan), "blur[0] is -1, want a probability\nblur[1] is NaN, want a probability"},
		{methods.OneOf[flavour]("loss", "nce", "nce", "softmax"), ""},
		{methods.OneOf[flavour]("loss", "nec", "nce", "softmax"), `loss is "nec", want nce or softmax`},
		{methods.OneOf[flavour]("loss", "", "nce", "softmax", "margin"), `loss is "", want nce, softmax or margin`},
	} {
		got := ""
		if test.err != nil {
			got = test.err.Error()
		}
		if got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
	if err := errors.Join(methods.Positive("t", 1), methods.AtLeast("k", 2, 2)); err != nil {
		t.Errorf("values in their ranges: %v", err)
	}
}
