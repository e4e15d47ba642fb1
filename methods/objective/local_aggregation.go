package objective

import "vssl/torch"

// AggregationConfig holds the numbers of LocalAggregation. The authors' are 4096, 0.07 and 0.5.
type AggregationConfig struct {
	Background  int     // k, bank rows that a sample is held against; of a smaller bank all
	Temperature float64 // no unit, > 0
	Momentum    float64 // 0..1, weight of the old row in the new one
}

// LocalAggregation is the loss of 1903.12355, equation 4, and what becomes of the batch's bank rows.
//
//	xBD        [B, D] float, any length
//	indicesB   [B] int64, bank row of each sample, each once
//	bankND     [N, D] float, rows of norm 1
//	clusterMN  [M, N] int64, M clusterings of the bank
//
// The background of a sample are the k bank rows of highest score, its own row among them; close are those that share its
// cluster in one of the clusterings or more. loss is the mean over B of -log(P(close)/P(background) + 1e-7), in nats; a
// sample without close rows adds -log 1e-7 and no gradient. rowsBD are the new bank rows [B, D]. Gradients go to x; the
// choice of rows has none. It panics if the temperature is not positive.
func LocalAggregation(xBD, indicesB, bankND, clusterMN *torch.Tensor, c AggregationConfig) (loss, rowsBD *torch.Tensor) {
	checkTemperature(c.Temperature)
	zBD := xBD.Normalize(1, tiny)
	m, b, k := clusterMN.Dim(0), xBD.Dim(0), min(c.Background, bankND.Dim(0))
	sBK, placesBK := zBD.MatMul(bankND.Detach().T()).TopK(k, 1, true)
	theirsMBK := clusterMN.IndexSelect(1, placesBK.Reshape(-1)).Reshape(m, b, k)
	ownMB1 := clusterMN.IndexSelect(1, indicesB).Unsqueeze(2)
	closeBK := theirsMBK.Eq(ownMB1).To(xBD.DType()).AmaxDims(false, 0)
	const eps = 1e-7 // the authors'
	shareB := sBK.DivScalar(c.Temperature).Softmax(1).Mul(closeBK).SumDims(false, 1)
	return shareB.AddScalar(eps).Log().Mean().Neg(), BankRows(bankND, indicesB, zBD, c.Momentum)
}
