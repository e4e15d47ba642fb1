package objective

import "vssl/torch"

// machineEpsilon is the authors' floor for probabilities under a logarithm: the spacing of float64 at 1.
const machineEpsilon = 0x1p-52

// IICTerms is the loss of invariant information clustering and what it is computed from.
type IICTerms struct {
	Loss   *torch.Tensor // scalar in nats: the negative mutual information of the two labels, with entropies weighted by lambda
	NoLamb *torch.Tensor // scalar in nats: the same with lambda 1, to compare runs by
	Joint  *torch.Tensor // [K, K], or [T, T, K, K] where offsets are kept apart: symmetric, sums to 1
}

// IIC is equation 3 of 1807.06653 with the symmetrised joint of its section 3.1.
//
//	xBK, yBK  [B, K] float, probabilities of a sample and of its transform; rows sum to 1
//	lamb      weight of the two entropies, no unit; 1 gives the mutual information
//
// The joint is the mean over B of the products of the two rows. Probabilities below 2.2e-16 count as that under logarithms
// and get no gradient there. Loss and NoLamb are sums over the K by K cells, with gradients to both inputs. It panics with a
// *torch.Error if the shapes differ.
func IIC(xBK, yBK *torch.Tensor, lamb float64) IICTerms {
	pKK := xBK.T().MatMul(yBK)
	pKK = symmetric(pKK)
	pKK = pKK.Div(atLeast(pKK.Sum()))
	return informationLoss(pKK, lamb)
}

// symmetric is the mean of the last two dimensions and their transpose.
func symmetric(pKK *torch.Tensor) *torch.Tensor {
	return pKK.Add(pKK.Transpose(-1, -2)).MulScalar(0.5)
}

// atLeast keeps a total that nothing contributed to from dividing zero by zero.
func atLeast(total *torch.Tensor) *torch.Tensor { return total.ClampMin(machineEpsilon) }

// informationLoss is -sum P_ij (log P_ij - lambda log P_i - lambda log P_j) over the last two dimensions of the joint, the
// mean over those before.
func informationLoss(pKK *torch.Tensor, lamb float64) IICTerms {
	rows := pKK.SumDims(true, -1).ClampMin(machineEpsilon).Log()
	columns := pKK.SumDims(true, -2).ClampMin(machineEpsilon).Log()
	marginals := rows.Add(columns)
	floored := pKK.ClampMin(machineEpsilon)
	loss := func(lamb float64) *torch.Tensor {
		cells := floored.Mul(floored.Log().AddScaled(marginals, -lamb))
		return cells.SumDims(false, -1, -2).Mean().Neg()
	}
	return IICTerms{Loss: loss(lamb), NoLamb: loss(1), Joint: pKK}
}
