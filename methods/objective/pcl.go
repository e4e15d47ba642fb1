package objective

import (
	"fmt"

	"vssl/torch"
)

// Clustering is one clustering of the data set, as PCL contrasts with it.
type Clustering struct {
	CentroidsKD *torch.Tensor // [K, D] float, unit rows
	DensityK    *torch.Tensor // [K] float, > 0: the temperature of each prototype, from ClusterDensity
	ClusterN    *torch.Tensor // [N] int64: the cluster of each sample of the data set
	NegativesR  *torch.Tensor // [R] int64: clusters drawn as negatives, none of which the batch should belong to
}

// PCLBatch is what PCL is computed on.
type PCLBatch struct {
	QueryBD, KeyBD *torch.Tensor // [B, D] float, any length; the key comes from the momentum encoder
	QueueDR        *torch.Tensor // [D, R] float, unit columns
	IndexB         *torch.Tensor // [B] int64: places in the data set
}

// PCLTerms is the loss of prototypical contrastive learning, its parts and the queue afterwards.
type PCLTerms struct {
	Loss       *torch.Tensor   // scalar in nats: Instance + Prototype
	Instance   *torch.Tensor   // scalar in nats, mean over the batch
	Prototype  *torch.Tensor   // scalar in nats, mean over clusterings and batch; 0 without clusterings
	LogitsBC   []*torch.Tensor // for each clustering [B, B+R], divided by the densities
	QueueAfter *torch.Tensor   // [D, R]: the first B columns hold the unit keys
}

// PCL is ProtoNCE, equation 11 of 2005.04966, as its authors compute it.
//
// Query and key are scaled to length 1. The instance part is that of MoCo: the own key against the queue, by temperature tau.
// For each clustering the candidates are the prototypes of the B samples of the batch, then the drawn negatives; sample b
// wants candidate b. So the prototypes of the other samples are negatives, also where two samples share one (the paper has
// only the drawn ones). A candidate's logits are divided by its density. Only the query gets a gradient.
//
// It panics if tau is not positive or the batch is larger than the queue, and with a *torch.Error if shapes do not fit.
func PCL(batch PCLBatch, clusterings []Clustering, tau float64) PCLTerms {
	checkTemperature(tau)
	b, r := batch.QueryBD.Dim(0), batch.QueueDR.Dim(1)
	if b > r {
		panic(fmt.Sprintf("objective: the batch has %d keys, want at most the %d places of the queue", b, r))
	}
	qBD := batch.QueryBD.Normalize(1, tiny)
	kBD := batch.KeyBD.Detach().Normalize(1, tiny)
	queueDR := batch.QueueDR.Detach()
	positiveB1 := qBD.Mul(kBD).SumDims(true, 1)
	logitsBC := torch.Cat([]*torch.Tensor{positiveB1, qBD.MatMul(queueDR)}, 1).DivScalar(tau)
	terms := PCLTerms{
		Instance:   torch.CrossEntropy(logitsBC, torch.Zeros([]int{b}, torch.Int64, qBD.Device())),
		Prototype:  torch.Zeros(nil, qBD.DType(), qBD.Device()),
		QueueAfter: torch.Cat([]*torch.Tensor{kBD.T(), queueDR.Narrow(1, b, r-b)}, 1),
	}
	for _, c := range clusterings {
		logitsBC := c.logits(qBD, batch.IndexB)
		terms.LogitsBC = append(terms.LogitsBC, logitsBC)
		own := ownPlace(logitsBC)
		terms.Prototype = terms.Prototype.AddScaled(own, 1/float64(len(clusterings)))
	}
	terms.Loss = terms.Instance.Add(terms.Prototype)
	return terms
}

// logits compares queries with the prototypes of the batch and of the negatives.
func (c Clustering) logits(qBD, indexB *torch.Tensor) *torch.Tensor {
	candidatesC := torch.Cat([]*torch.Tensor{c.ClusterN.IndexSelect(0, indexB), c.NegativesR}, 0)
	prototypesCD := c.CentroidsKD.Detach().IndexSelect(0, candidatesC)
	return qBD.MatMul(prototypesCD.T()).Div(c.DensityK.Detach().IndexSelect(0, candidatesC))
}
