package objective

import "vssl/torch"

// Distill is the distillation of SimCLRv2, 2006.10029, equation 2: the cross-entropy of the student's distribution under
// the teacher's.
//
//	studentBC, teacherBC  [B, C] float, logits
//	tau                   temperature, no unit, > 0
//	scale                 times tau squared, as the authors' code has it and the paper not
//
// It returns a scalar in nats, mean over B; the teacher's entropy stays in. Gradients go to the student alone. It panics if tau
// is not positive.
func Distill(studentBC, teacherBC *torch.Tensor, tau float64, scale bool) *torch.Tensor {
	checkTemperature(tau)
	loss := torch.CrossEntropy(studentBC.DivScalar(tau), teacherBC.Detach().DivScalar(tau).Softmax(1))
	if scale {
		return loss.MulScalar(tau * tau)
	}
	return loss
}
