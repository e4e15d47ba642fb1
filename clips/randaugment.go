package clips

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"vssl/internal/pixel"
)

// RandAugment applies operations drawn from [Operations] one after another, as FixMatch (2001.07685) and CLSA
// (2104.07713) do. Operations, strengths and directions are drawn once a clip.
type RandAugment struct {
	Ops       int     `yaml:"ops"`       // operations drawn, with replacement; 0 turns the step off
	P         float64 `yaml:"p"`         // probability with which a drawn operation is applied; the authors' 0.5
	Magnitude int     `yaml:"magnitude"` // 1 to 10; a magnitude of 1 to Magnitude - 1 is drawn for each operation, as the authors do
	Fixed     bool    `yaml:"fixed"`     // always Magnitude itself
}

const greatestMagnitude = 10

// operationStep is an operation of a look: its place in operations, and its strength.
type operationStep struct {
	which    int
	strength float64
}

// Validate returns an error that names each field outside its range, or nil.
func (r RandAugment) Validate() error {
	var errs []error
	if r.Ops < 0 || r.Ops > 100 {
		errs = append(errs, fmt.Errorf("rand_augment.ops is %d, want 0 to 100", r.Ops))
	}
	if !(r.P >= 0 && r.P <= 1) {
		errs = append(errs, fmt.Errorf("rand_augment.p is %g, want a probability, 0 to 1", r.P))
	}
	least := 2
	if r.Fixed {
		least = 1
	}
	if r.Ops > 0 && (r.Magnitude < least || r.Magnitude > greatestMagnitude) {
		errs = append(errs, fmt.Errorf("rand_augment.magnitude is %d, want %d to %d", r.Magnitude, least, greatestMagnitude))
	}
	return errors.Join(errs...)
}

// draw draws the operations that are applied. As many numbers are drawn for one that is not.
func (r RandAugment) draw(rng *rand.Rand) (steps []operationStep) {
	for range r.Ops {
		which, apply, negate := rng.IntN(len(operations)), rng.Float64() < r.P, rng.IntN(2) == 1
		magnitude := r.Magnitude
		if !r.Fixed {
			magnitude = 1 + rng.IntN(r.Magnitude-1)
		}
		if apply {
			steps = append(steps, operationStep{which, operations[which].Strength(float64(magnitude), greatestMagnitude, negate)})
		}
	}
	return steps
}

func (o operationStep) paint(clip []uint8, c pixel.Clip, s *pixel.Scratch) {
	operations[o.which].apply(clip, c, o.strength, s)
}
