package objective

import "vssl/torch"

// PIRLBatch is what PIRL compares.
type PIRLBatch struct {
	Patches *torch.Tensor // [B, D] float, any length: features of the transformed image
	Images  *torch.Tensor // [B, D] float, any length
	Bank    *torch.Tensor // [N, D] float, rows of norm 1, features of images

	Indices      *torch.Tensor // [B] int64, bank row of each sample, each once
	NoisePatches *torch.Tensor // [B, K] int64, bank rows drawn for the patches
	NoiseImages  *torch.Tensor // [B, K] int64, bank rows drawn for the images
}

// PIRLConfig holds the numbers of PIRL. The authors' are 0.07, 0.5, -1, 0.5, 0.5 and NCE.
type PIRLConfig struct {
	Temperature   float64 // no unit, > 0
	Momentum      float64 // 0..1, weight of the old row in the new one
	Z             float64 // > 0: the constant of both terms; < 0: to be estimated
	PatchesWeight float64 // the paper's lambda
	ImagesWeight  float64 // the paper's 1 - lambda
	Softmax       bool    // cross-entropy over the candidates rather than NCE; Z is then not used
}

// PIRLTerms is what PIRL answers for a batch.
type PIRLTerms struct {
	Loss *torch.Tensor // scalar in nats
	Z    *torch.Tensor // scalar without gradient, nil with softmax
	Bank *torch.Tensor // [N, D], renewed with the images
}

// PIRL is the loss of 1912.01991, equation 5, as its authors train it: the features of patches and those of images, each brought
// to length 1, are held against the bank of images. Each term is the mean over B, summed over the noise with NCE, and the two are
// summed by their weights.
//
// Code and paper differ: the paper's h normalises over the drawn negatives, the code has NCE with a constant Z, taken from the
// patches' scores where it is estimated. Gradients go to patches and images. It panics if the temperature is not positive
// or, without Softmax, Z is 0.
func PIRL(b PIRLBatch, c PIRLConfig) PIRLTerms {
	checkTemperature(c.Temperature)
	imagesBD := b.Images.Normalize(1, tiny)
	patchesBK := b.scores(b.Patches.Normalize(1, tiny), b.NoisePatches, c.Temperature)
	imagesBK := b.scores(imagesBD, b.NoiseImages, c.Temperature)
	terms := PIRLTerms{Bank: UpdateRows(b.Bank, b.Indices, imagesBD, c.Momentum)}
	var patches, images *torch.Tensor
	if c.Softmax {
		patches, images = CandidateEntropy(patchesBK), CandidateEntropy(imagesBK)
	} else {
		n := b.Bank.Dim(0)
		logZ := logConstant(patchesBK, c.Z, n)
		patches, images = NCE(patchesBK.Sub(logZ), n), NCE(imagesBK.Sub(logZ), n)
		terms.Z = logZ.Exp()
	}
	terms.Loss = patches.MulScalar(c.PatchesWeight).Add(images.MulScalar(c.ImagesWeight))
	return terms
}

// scores are those of x against its own row and its noise, over the temperature, [B, 1+K].
func (b PIRLBatch) scores(xBD, noiseBK *torch.Tensor, tau float64) *torch.Tensor {
	idxBK := torch.Cat([]*torch.Tensor{b.Indices.Unsqueeze(1), noiseBK}, 1)
	return BankScores(xBD, b.Bank, idxBK).DivScalar(tau)
}
