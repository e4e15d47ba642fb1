package clustering

// Deep Clustering for Unsupervised Learning of Visual Features, Caron et al., 1807.05520.
//
// Before every epoch the features of the whole set are clustered; during the epoch the network learns to tell to which cluster
// a picture belongs. Pictures are drawn evenly from the clusters, and the last layer starts afresh, since the numbers of
// clusters mean nothing from one clustering to the next.
//
// The defaults are those of the authors' code (facebookresearch/deepcluster) for AlexNet. Like there, the layer before the last
// gives the features without its ReLU. They are held in memory while they are clustered: 4 bytes a number, which for ImageNet
// and 4096 features is 21 GB, and the principal components of all beside them.

import (
	"context"
	"errors"
	"fmt"

	"vssl/clips"
	"vssl/methods"
	"vssl/methods/encoder"
	"vssl/methods/objective"
	"vssl/models"
	"vssl/models/nn"
	"vssl/torch"
)

// DeepClusterConfig holds the hyperparameters of DeepCluster.
type DeepClusterConfig struct {
	Clustering Clustering `yaml:"clustering"`  // kmeans, the paper's choice, or pic
	Clusters   int        `yaml:"clusters"`    // kmeans: K; pic: the largest that are kept, others wait for the next epoch; 10000
	Components int        `yaml:"components"`  // principal components that are clustered; the paper's 256
	Iterations int        `yaml:"iterations"`  // of k-means; the authors' 20
	Hidden     []int      `yaml:"hidden,flow"` // features of the layers between backbone and last layer; AlexNet's 4096, 4096
	Dropout    float64    `yaml:"dropout"`     // probability before each of them, 0 to less than 1; AlexNet's 0.5
	Sobel      bool       `yaml:"sobel"`       // show the network gradients in place of colours, as the paper does
}

// Clustering is how features are clustered.
type Clustering string

// The clusterings.
const (
	ByKMeans         Clustering = "kmeans"
	ByPowerIteration Clustering = "pic" // of a graph of neighbours, which finds the number of clusters itself
)

// Validate returns an error that names every value outside its range.
func (c DeepClusterConfig) Validate() error {
	errs := []error{methods.OneOf("clustering", c.Clustering, ByKMeans, ByPowerIteration), methods.BelowOne("dropout", c.Dropout),
		methods.AtLeast("clusters", c.Clusters, 2), methods.AtLeast("components", c.Components, 1),
		methods.AtLeast("iterations", c.Iterations, 1)}
	for i, size := range c.Hidden {
		errs = append(errs, methods.AtLeast(fmt.Sprintf("hidden[%d]", i), size, 1))
	}
	return errors.Join(errs...)
}

func deepClusterDefaults() DeepClusterConfig {
	return DeepClusterConfig{Clustering: ByKMeans, Clusters: 10000, Components: 256, Iterations: 20,
		Hidden: []int{4096, 4096}, Dropout: 0.5, Sobel: true}
}

func init() {
	methods.Register(methods.Info{
		Name: "deepcluster", Medium: methods.Image, Family: "clustering", Paper: "1807.05520", Status: methods.Working,
		Title:   "Deep Clustering for Unsupervised Learning of Visual Features",
		Summary: "the clusters of last epoch's features are this epoch's classes",
	}, deepClusterDefaults, newDeepCluster)
}

// layerDeviation is the standard deviation of the initial weights of the head, the authors' choice.
const layerDeviation = 0.01

type deepCluster struct {
	*encoder.Encoder
	hidden nn.Layer
	width  int      // features of the last hidden layer, or of the backbone
	last   *nn.Node // `top_layer`, an output for every cluster
	top    *nn.Linear

	assignments *nn.Entry // [Samples] int64, -1 for samples that could not be read; in turn before the first clustering
	found       *nn.Entry // [1] int64, clusters that the last layer has to tell apart, 0 before the first clustering
	agreement   *nn.Entry // [1] float32, see agree; below 0 before the second clustering

	config  DeepClusterConfig
	recipe  clips.Recipe
	plain   clips.Recipe // what is clustered
	samples int
	seed    uint64
}

var (
	_ methods.Method       = (*deepCluster)(nil)
	_ methods.HasBackbone  = (*deepCluster)(nil)
	_ methods.BeginsEpochs = (*deepCluster)(nil)
	_ methods.OrdersEpochs = (*deepCluster)(nil)
)

func newDeepCluster(c DeepClusterConfig, env methods.Env) (methods.Method, error) {
	e, err := encoder.Bare(env)
	if err != nil {
		return nil, err
	}
	m := &deepCluster{Encoder: e, config: c, recipe: encoder.OneView(env), samples: env.Samples, seed: env.Seed}
	if c.Sobel {
		e.Wrap(func(b models.Backbone) models.Backbone { return outlined{b} })
	}
	m.addHead()
	if c.Components > m.width {
		return nil, fmt.Errorf("components is %d, want no more than the %d features that are clustered", c.Components, m.width)
	}
	m.addBuffers()
	m.plain = clips.Plain(1, env.Clip.Frames, env.Clip.Stride, env.Augment.Size)
	seen := &m.plain.Views[0].Augment
	seen.Mean, seen.Std = env.Augment.Mean, env.Augment.Std
	return m, nil
}

// addHead registers the hidden layers under the names that they have in torchvision's AlexNet, and the last layer.
func (m *deepCluster) addHead() {
	classifier := m.Modules().Child("classifier")
	var hidden nn.Sequential
	m.width = m.Backbone().Features()
	for i, size := range m.config.Hidden {
		if i > 0 {
			hidden = append(hidden, nn.ReLUInPlace)
		}
		linear := nn.LinearConfig{In: m.width, Out: size, Bias: true, Normal: layerDeviation}
		hidden = append(hidden, nn.NewDropout(classifier, m.config.Dropout), nn.NewLinear(classifier.Child(fmt.Sprint(3*i+1)), linear))
		m.width = size
	}
	m.hidden, m.last = hidden, m.Modules().Child("top_layer")
	m.top = nn.NewLinear(m.last, nn.LinearConfig{In: m.width, Out: m.config.Clusters, Bias: true, Normal: layerDeviation})
}

func (m *deepCluster) addBuffers() {
	inTurn := make([]int64, m.samples)
	for i := range inTurn {
		inTurn[i] = int64(i % m.config.Clusters)
	}
	m.assignments = m.Modules().Buffer("assignments", torch.FromInt64(inTurn))
	m.found = m.Modules().Buffer("found", torch.Zeros([]int{1}, torch.Int64, torch.CPU))
	m.agreement = m.Modules().Buffer("agreement", torch.Full([]int{1}, -1, torch.Float32, torch.CPU))
}

// Recipe is one cut with one view.
func (m *deepCluster) Recipe() clips.Recipe { return m.recipe }

// Loss is equation 1 of the paper for the clusters of the batch's samples.
func (m *deepCluster) Loss(_ methods.Step, b methods.Batch) (l methods.Losses) {
	zBD := m.embed(b.Views[0])
	xBD := zBD
	if len(m.config.Hidden) > 0 {
		xBD = zBD.Relu()
	}
	logitsBK := m.top.Forward(xBD).To(torch.Float32)
	if found := int(m.found.Tensor.Float()); found > 0 {
		logitsBK = logitsBK.Narrow(1, 0, found)
	}
	torch.NoAutocast(func() {
		targetB := m.assignments.Tensor.IndexSelect(0, b.Index)
		right := logitsBK.Detach().ArgMax(1).Eq(targetB).To(torch.Float32).Mean()
		l = methods.Losses{Total: torch.CrossEntropy(logitsBK, targetB), Features: zBD.Detach().To(torch.Float32),
			Figures: map[string]*torch.Tensor{"cluster_accuracy": right}}
		if nmi := m.agreement.Tensor.Select(0, 0); nmi.Float() >= 0 {
			l.Figures["cluster_nmi"] = nmi
		}
	})
	return l
}

// embed returns what is clustered, [B, D]: the features before the last ReLU.
func (m *deepCluster) embed(view *torch.Tensor) *torch.Tensor {
	return m.hidden.Forward(m.Features(view))
}

// BeginEpoch clusters the set and starts the last layer afresh. All that can fail comes before the first change.
func (m *deepCluster) BeginEpoch(ctx context.Context, s methods.Step, run methods.Run) error {
	rowsND, index, err := m.read(ctx, run)
	if err != nil {
		return err
	}
	labels, found, err := m.cluster(ctx, rowsND, s.Epoch)
	if err != nil {
		return err
	}
	next := make([]int64, m.samples)
	for i := range next {
		next[i] = -1
	}
	for i, sample := range index {
		next[sample] = int64(labels[i])
	}
	if m.found.Tensor.Float() > 0 {
		m.agreement.Tensor.Fill_(agree(m.assignments.Tensor.Int64s(), next))
	}
	m.assignments.Tensor.Copy_(torch.FromInt64(next))
	m.found.Tensor.Fill_(float64(found))
	weight, bias := m.last.ParamByName("weight").Tensor, m.last.ParamByName("bias").Tensor
	weight.Copy_(torch.Randn(weight.Shape(), torch.Float32, torch.CPU).MulScalar(layerDeviation))
	bias.Zero_()
	run.Forget(m.last)
	return nil
}

// read returns the features of the samples that can be read, [N, D] float32 on the CPU, and which samples these are.
func (m *deepCluster) read(ctx context.Context, run methods.Run) (rowsND *torch.Tensor, index []int64, err error) {
	rows := torch.Empty([]int{m.samples, m.width}, torch.Float32, torch.CPU)
	err = run.Each(ctx, m.plain, func(b methods.Batch) error {
		z := m.embed(b.Views[0])
		rows.Narrow(0, len(index), z.Dim(0)).Copy_(z)
		index = append(index, b.Index.Int64s()...)
		return nil
	})
	return rows.Narrow(0, 0, len(index)), index, err
}

// neighbours is how many a row has in the graph of power iteration clustering.
const neighbours = 5

// cluster returns the cluster of each row, -1 for none, and how many clusters there are.
func (m *deepCluster) cluster(ctx context.Context, rowsND *torch.Tensor, epoch int) (labels []int, found int, err error) {
	c := m.config
	n, least := rowsND.Dim(0), c.Components+1
	if c.Clustering == ByKMeans {
		least = max(least, c.Clusters)
	} else {
		least = max(least, neighbours+1)
	}
	if n < least {
		return nil, 0, fmt.Errorf("%d samples can be read, want %d or more for %d clusters of %d components",
			n, least, c.Clusters, c.Components)
	}
	white, err := objective.Whiten(rowsND, c.Components)
	if err != nil {
		return nil, 0, err
	}
	if c.Clustering == ByPowerIteration {
		found, err := objective.PIC(ctx, white.Float64s(), c.Components,
			objective.PICConfig{Sigma: 0.2, Alpha: 0.001, Neighbours: neighbours, Iterations: 200, Distribute: true})
		if err != nil {
			return nil, 0, err
		}
		labels, kept := largest(found.Labels, c.Clusters)
		return labels, kept, nil
	}
	x := white.Float32s()
	seed := clips.RNG(m.seed, epoch, -1, streamOfStart).Uint32()
	clusters, err := objective.KMeans(ctx, x, objective.SampleRows(x, c.Components, c.Clusters, seed), c.Components,
		objective.KMeansConfig{Iterations: c.Iterations, Metric: objective.Euclidean})
	if err != nil {
		return nil, 0, err
	}
	for _, k := range clusters.Labels {
		labels = append(labels, int(k))
	}
	return labels, c.Clusters, nil
}

// Streams of random numbers that no sample has, beside the loader's -1.
const (
	streamOfStart = -2
	streamOfOrder = -3
)

// Order draws the samples of an epoch evenly from the clusters.
func (m *deepCluster) Order(epoch int) []int {
	return evenly(m.assignments.Tensor.Int64s(), m.config.Clusters, clips.RNG(m.seed, epoch, -1, streamOfOrder))
}
