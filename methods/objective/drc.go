package objective

import "vssl/torch"

// DRCConfig holds the numbers of DRC.
type DRCConfig struct {
	Lambda                float64 // weight of the regulariser, no unit
	TemperatureFeature    float64 // of the contrast between samples, no unit, > 0
	TemperatureAssignment float64 // of the contrast between clusters, no unit, > 0
}

// DRCTerms is the loss of deep robust clustering and its three parts.
type DRCTerms struct {
	Loss       *torch.Tensor // scalar: Feature + Assignment + lambda * Regulariser
	Feature    *torch.Tensor // scalar in nats, mean over the N samples
	Assignment *torch.Tensor // scalar in nats, mean over the K clusters
	Balance    *torch.Tensor // scalar, N/K (equal sizes) to N: the squared cluster sizes over N
}

// DRC is the loss of 2008.03030, equations 5 to 9.
//
//	z1NK, z2NK  [N, K] float: logits of two views of N samples
//
// Feature contrasts rows of z, scaled to length 1 (the paper leaves that open), Assignment the columns of softmax(z), which
// are not scaled; both take view 1 as the anchor, and the same row or column of view 2 is the positive. Balance sees view 1
// alone. Gradients go to both inputs. It panics if a temperature is not positive, and with a *torch.Error if the shapes differ.
func DRC(z1NK, z2NK *torch.Tensor, cfg DRCConfig) DRCTerms {
	checkTemperature(cfg.TemperatureFeature)
	checkTemperature(cfg.TemperatureAssignment)
	p1NK, p2NK := z1NK.Softmax(1), z2NK.Softmax(1)
	sNN := z1NK.Normalize(1, tiny).MatMul(z2NK.Normalize(1, tiny).T())
	sKK := p1NK.T().MatMul(p2NK)
	terms := DRCTerms{
		Feature:    ownPlace(sNN.DivScalar(cfg.TemperatureFeature)),
		Assignment: ownPlace(sKK.DivScalar(cfg.TemperatureAssignment)),
		Balance:    p1NK.SumDims(false, 0).Square().Sum().DivScalar(float64(z1NK.Dim(0))),
	}
	terms.Loss = terms.Feature.Add(terms.Assignment).AddScaled(terms.Balance, cfg.Lambda)
	return terms
}

// ownPlace is the cross-entropy of logits [N, C], C >= N, whose row i wants column i, the mean over rows.
func ownPlace(logitsNC *torch.Tensor) *torch.Tensor {
	return torch.CrossEntropy(logitsNC, torch.Arange(logitsNC.Dim(0), logitsNC.Device()))
}
