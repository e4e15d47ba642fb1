package objective_test

import (
	"context"
	"fmt"

	"vssl/methods/objective"
	"vssl/torch"
)

// Two clusters shall have two samples each, though three samples prefer the first one: the least certain of them goes over.
func ExampleTransport() {
	torch.In(func(*torch.Scope) {
		probabilities := torch.FromFloat64([]float64{
			0.9, 0.1,
			0.8, 0.2,
			0.6, 0.4,
			0.1, 0.9,
		}, 4, 2)
		r, err := objective.Transport(context.Background(), objective.MatrixRows(probabilities.Log()), objective.TransportConfig{
			Power: 10, Tolerance: 0.01, CheckEvery: 10,
		})
		fmt.Println(r.Labels, err)
	})
	// Output: [0 0 1 1] <nil>
}

// Which row takes which column, so that the costs sum to the least; there are more rows than columns.
func ExampleAssign() {
	fmt.Println(objective.Assign([]float64{
		4, 1,
		2, 8,
		3, 9,
	}, 3, 2))
	// Output: [1 0 -1]
}
