package objective

import (
	"fmt"

	"vssl/torch"
)

// LoCoStage is a part of the network, h to ReLU(W h + b), with the head that judges it.
type LoCoStage struct {
	W, B   *torch.Tensor // [out, in] and [out]
	W0, W1 *torch.Tensor // [P, out] and [P, P] of the head g(h) = W1 ReLU(W0 h); nil in the first stage
}

// LoCo is local contrastive learning after 2008.01342: stages overlap, so each middle one is trained by its own loss and by the
// one above.
//
//	x1ND, x2ND  [N, D] two views of N samples
//	stages      S >= 2 stages from the input on
//	tau         temperature, no unit, > 0; the authors' 0.1
//
// Loss s = 1..S-1 is NTXent of g_s(stage_s(stage_{s-1}(h))), where h is the output of stage s-2, detached, or the
// input, not detached, for s = 1. It returns their sum and each, in nats. It panics with fewer than two stages, and as NTXent
// does.
func LoCo(x1ND, x2ND *torch.Tensor, stages []LoCoStage, tau float64) LocalTerms {
	if len(stages) < 2 {
		panic(fmt.Sprintf("objective: LoCo has %d stages, want at least 2", len(stages)))
	}
	forward := func(s LoCoStage, h *torch.Tensor) *torch.Tensor { return torch.Linear(h, s.W, s.B).Relu() }
	h := torch.Cat([]*torch.Tensor{x1ND, x2ND}, 0) // both views go through the same weights
	n := x1ND.Dim(0)
	var losses []*torch.Tensor
	for s := 1; s < len(stages); s++ {
		below := forward(stages[s-1], h)
		out := forward(stages[s], below)
		zNP := torch.Linear(torch.Linear(out, stages[s].W0, nil).Relu(), stages[s].W1, nil)
		losses = append(losses, NTXent(zNP.Narrow(0, 0, n), zNP.Narrow(0, n, n), tau))
		h = below.Detach()
	}
	return sumOf(losses)
}
