package objective

import (
	"fmt"
	"math"

	"vssl/torch"
)

// SeLaLoss is the cross-entropy with the present self-labels, the mean over several heads: section 3.2 of 1911.05371.
//
//	logitsHBK  [H, B, K] float, of each head
//	labelsHB   [H, B] int64, the cluster of each sample under each head, 0..K-1
//
// It returns a scalar in nats, the mean over heads of the mean over samples, with a gradient to the logits. Because every
// head sees the same batch, that is the mean over all H*B rows.
func SeLaLoss(logitsHBK, labelsHB *torch.Tensor) *torch.Tensor {
	if h, b := logitsHBK.Dim(0), logitsHBK.Dim(1); labelsHB.Rank() != 2 || labelsHB.Dim(0) != h || labelsHB.Dim(1) != b {
		panic(fmt.Sprintf("objective: labels %v, want [%d, %d] as the logits %v", labelsHB.Shape(), h, b, logitsHBK.Shape()))
	}
	return torch.CrossEntropy(logitsHBK.Flatten(0, 1), labelsHB.Reshape(-1))
}

// SeLaViTerms is what SeLaVi computes for a batch.
type SeLaViTerms struct {
	Loss  *torch.Tensor // scalar in nats: the mean of the two
	Video *torch.Tensor // scalar in nats: mean over heads and samples
	Audio *torch.Tensor // the same of the other modality
}

// SeLaViLoss trains both modalities on the self-labels that they share: equation 1 of 2006.13662.
//
//	videoHBK, audioHBK  [H, B, K] float, logits
//	labelsBH            [B, H] int64, 0..K-1
//
// Gradients go to both logits. It panics as [SeLaLoss] does.
func SeLaViLoss(videoHBK, audioHBK, labelsBH *torch.Tensor) SeLaViTerms {
	labelsHB := labelsBH.T()
	t := SeLaViTerms{Video: SeLaLoss(videoHBK, labelsHB), Audio: SeLaLoss(audioHBK, labelsHB)}
	t.Loss = t.Video.Add(t.Audio).DivScalar(2)
	return t
}

// LabelSchedule tells when self-labels are computed anew.
type LabelSchedule struct {
	Times []float64 // a stack: the next time is the last element; the first is never reached
	Unit  float64   // what one iteration adds to the clock that Times are read on
	Steps int       // iterations of the whole training
}

// NewSeLaSchedule spaces nopts times quadratically, in images seen, as the authors of 1911.05371 do: often at first. Training
// lasts epochs + 1 epochs of images/batch iterations, rounded down.
func NewSeLaSchedule(images, batch, epochs, nopts int) LabelSchedule {
	if batch < 1 {
		panic(fmt.Sprintf("objective: batch is %d, want 1 or more", batch))
	}
	n, e := float64(images), float64(epochs)
	return LabelSchedule{
		Times: append([]float64{(e + 2) * n}, falling(nopts, (e+1.01)*n, 2)...),
		Unit:  float64(batch), Steps: (epochs + 1) * (images / batch),
	}
}

// NewSeLaViSchedule spaces nopts times by a power (the authors of 2006.13662: 1.5), in iterations. Training lasts epochs
// epochs of perEpoch iterations.
func NewSeLaViSchedule(perEpoch, epochs, nopts int, power float64) LabelSchedule {
	n, e := float64(perEpoch), float64(epochs)
	return LabelSchedule{
		Times: append([]float64{(e + 2) * n}, falling(nopts, e*n, power)...),
		Unit:  1, Steps: epochs * perEpoch,
	}
}

// At lists the iterations at which labels are computed: where the clock has reached the next time, at most once each.
func (s LabelSchedule) At() (steps []int) {
	next := 0 // a step relabels at most once
	for left := len(s.Times); left > 0; left-- {
		due := func(i int) bool { return float64(i)*s.Unit >= s.Times[left-1] }
		if first := math.Ceil(s.Times[left-1] / s.Unit); first < float64(s.Steps) {
			next = max(next, int(first)-1) // the quotient may be rounded to either side
		} else {
			next = max(next, s.Steps-1)
		}
		for next < s.Steps && !due(next) {
			next++
		}
		if next >= s.Steps {
			return steps
		}
		steps = append(steps, next)
		next++
	}
	return steps
}

// falling is scale * t^power at n places t that fall evenly from 1 to 0; a single one is at 0.
func falling(n int, scale, power float64) []float64 {
	times := make([]float64, n)
	step := 1 / float64(max(1, n-1))
	for i := range times {
		t := float64(n-1-i) * step
		if n > 1 && i == 0 {
			t = 1 // whatever the step rounds to
		}
		times[i] = scale * math.Pow(t, power)
	}
	return times
}
