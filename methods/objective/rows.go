package objective

import (
	"fmt"

	"vssl/torch"
)

// State that objectives read and renew: rows of a bank, keys of a queue, averages of weights. Functions whose names begin with
// Write change their first argument; the others return new values. None records gradients.

// BankRows returns what the rows of a batch become: n(m*row + (1-m)*x), brought to length 1.
//
//	bankND    [N, D] float
//	indicesB  [B] int64, rows of the bank
//	xBD       [B, D] float
//	momentum  m, 0..1
//
// It returns [B, D] without gradient and panics for a momentum outside 0..1.
func BankRows(bankND, indicesB, xBD *torch.Tensor, momentum float64) (rowsBD *torch.Tensor) {
	if !(momentum >= 0 && momentum <= 1) {
		panic(fmt.Sprintf("objective: momentum is %g, want 0..1", momentum))
	}
	torch.NoGrad(func() {
		oldBD := bankND.IndexSelect(0, indicesB)
		rowsBD = oldBD.Lerp(xBD.Detach().To(oldBD.DType()), 1-momentum).Normalize(1, tiny)
	})
	return rowsBD
}

// UpdateRows returns the bank [N, D] with the rows of the batch replaced by BankRows; all others stay. Each row may occur once.
func UpdateRows(bankND, indicesB, xBD *torch.Tensor, momentum float64) (nextND *torch.Tensor) {
	torch.NoGrad(func() {
		nextND = bankND.Detach().Clone()
		WriteRows(nextND, indicesB, xBD, momentum)
	})
	return nextND
}

// WriteRows is UpdateRows in place.
func WriteRows(bankND, indicesB, xBD *torch.Tensor, momentum float64) {
	rowsBD := BankRows(bankND, indicesB, xBD, momentum)
	bankND.IndexCopy_(0, indicesB, rowsBD)
}

// Enqueue returns a ring of keys after those of a batch were written from place ptr on, row 0 first, and the place after
// them.
//
//	queueKD  [K, D] float, one key a row
//	keysBD   [B, D] float; of more than K the last K remain
//	ptr      one int64, 0..K-1: the place of the oldest key
//
// It returns [K, D] and one int64, ptr + B modulo K, both without gradient.
func Enqueue(queueKD, keysBD, ptr *torch.Tensor) (nextKD, nextPtr *torch.Tensor) {
	torch.NoGrad(func() {
		nextKD, nextPtr = queueKD.Detach().Clone(), ptr.Clone()
		WriteKeys(nextKD, keysBD, nextPtr)
	})
	return nextKD, nextPtr
}

// WriteKeys is Enqueue in place: it changes the queue and ptr. Nothing is copied to the host.
func WriteKeys(queueKD, keysBD, ptr *torch.Tensor) {
	k, b := queueKD.Dim(0), keysBD.Dim(0)
	skip := max(0, b-k) // the batch itself would overwrite these, in an order that a GPU does not promise
	torch.NoGrad(func() {
		placesB := torch.Arange(b-skip, queueKD.Device()).AddScalar(float64(skip)).Add(ptr.Reshape(1)).RemainderScalar(float64(k))
		queueKD.IndexCopy_(0, placesB, keysBD.Detach().Narrow(0, skip, b-skip).To(queueKD.DType()))
		ptr.Copy_(ptr.AddScalar(float64(b)).RemainderScalar(float64(k)))
	})
}

// UnitRows returns x [B, D] with rows of length 1 and without gradient: what becomes of keys before they are kept.
func UnitRows(xBD *torch.Tensor) *torch.Tensor { return xBD.Detach().Normalize(1, tiny) }
