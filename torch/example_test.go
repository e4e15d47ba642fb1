package torch_test

import (
	"errors"
	"fmt"
	"strings"

	"vssl/torch"
)

// A number leaves a scope, the tensors do not; what shall outlive it is kept by name.
func ExampleIn() {
	state := torch.NewScope()
	defer state.Close()
	var weight *torch.Tensor
	torch.In(func(*torch.Scope) {
		weight = state.Keep(torch.Full([]int{3}, 2, torch.Float32, torch.CPU).RequireGrad(true))
	})

	var loss float64
	torch.In(func(*torch.Scope) {
		l := weight.Square().Sum()
		l.Backward()
		loss = l.Float()
	})
	fmt.Println(loss, torch.Live())
	// Output: 12 1
}

// One place turns the panics of tensor operations into errors.
func ExampleRecover() {
	step := func(n int) (err error) {
		defer torch.Recover(&err, "step %d", n)
		torch.In(func(*torch.Scope) {
			torch.Ones([]int{2, 3}, torch.Float32, torch.CPU).MatMul(torch.Ones([]int{2, 3}, torch.Float32, torch.CPU))
		})
		return nil
	}
	err := step(7)
	var e *torch.Error
	fmt.Println(errors.As(err, &e), e.Op, e.Shapes)
	fmt.Println(strings.HasPrefix(err.Error(), "step 7: matmul: shapes [2, 3] and [2, 3]: "))
	// Output:
	// true matmul [[2 3] [2 3]]
	// true
}

// Losses are computed in float32 inside a forward pass in bfloat16.
func ExampleAutocast() {
	torch.In(func(*torch.Scope) {
		x := torch.Ones([]int{2, 2}, torch.Float32, torch.CPU)
		torch.Autocast(torch.BFloat16, func() {
			features := x.MatMul(x)
			torch.NoAutocast(func() {
				fmt.Println(features.DType(), features.To(torch.Float32).Mean())
			})
		})
	})
	// Output: bfloat16 tensor([] float32 cpu [2])
}
