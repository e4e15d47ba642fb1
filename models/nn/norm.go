package nn

import "vssl/torch"

// PyTorch's defaults, which torchvision's networks use.
const (
	normEps      = 1e-5
	normMomentum = 0.1
)

// BatchNorm normalises each channel over the batch and all positions. Parameters: weight [C] (starts at 1) and bias [C]
// (0). Buffers: running_mean [C] (0), running_var [C] (1), num_batches_tracked (0).
type BatchNorm struct {
	node           *Node
	weight, bias   *Entry // bias is nil without a shift
	mean, variance *Entry
	count          *Entry
	eps, momentum  float64
	stateless      bool
}

// BatchNormConfig describes a batch normalisation.
type BatchNormConfig struct {
	Features int
	Eps      float64 // added to the variance; 0: 1e-5
	Momentum float64 // share of the new batch in the running statistics; 0: 0.1
	// Stateless has no buffers and takes the statistics of the batch in evaluation as well.
	Stateless bool
	NoShift   bool // without bias
}

// NewBatchNorm registers a batch normalisation in n. It follows the training mode of n.
func NewBatchNorm(n *Node, c BatchNormConfig) *BatchNorm {
	size := []int{c.Features}
	l := &BatchNorm{node: n, eps: c.Eps, momentum: c.Momentum, stateless: c.Stateless}
	if l.eps == 0 {
		l.eps = normEps
	}
	if l.momentum == 0 {
		l.momentum = normMomentum
	}
	l.weight = n.Param("weight", torch.Ones(size, torch.Float32, torch.CPU))
	if !c.NoShift {
		l.bias = n.Param("bias", torch.Zeros(size, torch.Float32, torch.CPU))
	}
	if c.Stateless {
		return l
	}
	l.mean = n.Buffer("running_mean", torch.Zeros(size, torch.Float32, torch.CPU))
	l.variance = n.Buffer("running_var", torch.Ones(size, torch.Float32, torch.CPU))
	l.count = n.Buffer("num_batches_tracked", torch.Zeros(nil, torch.Int64, torch.CPU))
	return l
}

// Forward normalises x [B, C, ...] and keeps its type and memory format; statistics are taken in float32 whatever the
// type. In training it also moves the running statistics towards the batch's, with the unbiased variance. It panics with a
// *torch.Error if B is no multiple of the groups that Node.SetNormGroups set.
func (l *BatchNorm) Forward(x *torch.Tensor) *torch.Tensor {
	if l.stateless {
		return l.normalise(x, nil, nil, true)
	}
	training := l.node.Training()
	if training {
		torch.NoGrad(func() { l.count.Tensor.Copy_(l.count.Tensor.AddScalar(1)) })
	}
	return l.normalise(x, l.mean.Tensor, l.variance.Tensor, training)
}

func (l *BatchNorm) normalise(x, mean, variance *torch.Tensor, training bool) *torch.Tensor {
	weight, bias := l.weight.Tensor, (*torch.Tensor)(nil)
	if l.bias != nil {
		bias = l.bias.Tensor
	}
	if groups := l.node.groups; groups > 1 && l.node.Training() {
		return torch.GroupedBatchNorm(x, weight, bias, mean, variance, groups, l.momentum, l.eps)
	}
	return torch.BatchNorm(x, weight, bias, mean, variance, training, l.momentum, l.eps)
}

// LayerNorm normalises over the last dimension. Parameters: weight [F] (starts at 1) and bias [F] (0).
type LayerNorm struct {
	weight, bias *Entry
	shape        []int
}

// NewLayerNorm registers a layer normalisation over features values in n.
func NewLayerNorm(n *Node, features int) *LayerNorm {
	shape := []int{features}
	return &LayerNorm{
		shape:  shape,
		weight: n.Param("weight", torch.Ones(shape, torch.Float32, torch.CPU)),
		bias:   n.Param("bias", torch.Zeros(shape, torch.Float32, torch.CPU)),
	}
}

// Forward normalises every row of x [..., F].
func (l *LayerNorm) Forward(x *torch.Tensor) *torch.Tensor {
	return torch.LayerNorm(x, l.shape, l.weight.Tensor, l.bias.Tensor, normEps)
}
