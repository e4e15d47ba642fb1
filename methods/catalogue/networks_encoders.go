package catalogue

import (
	"vssl/internal/golden"
	"vssl/models"
	"vssl/models/nn"
	"vssl/torch"
)

// encoders that belong to one method, and heads

func init() {
	in := func(about string) Param { return Param{"input", nil, about} }
	registerNetworks(
		network{name: "selavi_resnet9", about: "SeLaVi's network for sound", paper: "2006.13662", x: "[B, 1, F, T]",
			outputs: "features", build: spectrograms},
		network{name: "selavi_mlp", about: "a head of SeLaVi", paper: "2006.13662", x: "[B, input]", outputs: "logits",
			params: []Param{in("features"), {"hidden", 512, "values of the hidden layer"}, {"output", nil, "clusters"}},
			build:  selfLabelHead},
		network{name: "clusternet5g", about: "IIC's ResNet-34 with heads", paper: "1807.06653", x: "[B, channels, size, size]",
			params: clusterParams(), outputs: "probs features", build: clusterNet},
		network{name: "clusternet5g_trunk", about: "IIC's ResNet-34 alone; heads take no part", paper: "1807.06653",
			x: "[B, channels, size, size]", params: clusterParams(), outputs: "features", build: clusterTrunk},
		network{name: "dim_convnet", about: "the encoder of Deep InfoMax", paper: "1808.06670", x: "[B, 3, 32, 32]",
			params: []Param{{"units", 64, "global features"}}, outputs: "global local", build: infoMaxNet},
		network{name: "dim_mi_convnet", about: "Deep InfoMax's projection of each position", paper: "1808.06670",
			x: "[B, input, H, W]", params: []Param{in("channels"), {"units", nil, "channels that come out"}},
			outputs: "output", build: infoMaxProjection},
		network{name: "moco_mlp_head", about: "the head of MoCo v2", paper: "2003.04297", x: "[B, input]",
			params: []Param{in("features"), {"output", 128, "features that come out"}}, outputs: "normalized output", build: mocoHead},
		network{name: "simclr_head", about: "the head of SimCLR", paper: "2002.05709", x: "[B, input]",
			params: []Param{in("features"), {"output", 64, "features that come out"}}, outputs: "output", build: simclrHead},
		network{name: "cpc_encoder", about: "CPC's encoder for sound", paper: "1807.03748", x: "[B, 1, T]", outputs: "c z",
			build: waves},
	)
}

func clusterParams() []Param {
	return []Param{{"channels", 3, "of the picture"}, {"size", 96, "height and width: 32, 64 or 96"},
		{"outputs", 10, "clusters of a head"}, {"heads", 5, "heads"}}
}

// oneOutput answers what the layer returns under the given name.
func oneOutput(name string, l nn.Layer) golden.Forward {
	return func(x *torch.Tensor) golden.Outputs { return golden.Outputs{name: l.Forward(x)} }
}

func spectrograms(_ *golden.Case, n *nn.Node) (golden.Forward, error) {
	return oneOutput("features", models.NewSpectrogramNet(n)), nil
}

func selfLabelHead(c *golden.Case, n *nn.Node) (golden.Forward, error) {
	config := models.SelfLabelHeadConfig{In: c.Int("input"), Hidden: c.Int("hidden"), Out: c.Int("output")}
	return oneOutput("logits", models.NewSelfLabelHead(n, config)), nil
}

func newClusterNet(c *golden.Case, n *nn.Node) (*models.ClusterNet, error) {
	return models.NewClusterNet(n, models.ClusterNetConfig{Channels: c.Int("channels"), Size: c.Int("size"),
		Outputs: c.Int("outputs"), Heads: c.Int("heads")})
}

func clusterNet(c *golden.Case, n *nn.Node) (golden.Forward, error) {
	net, err := newClusterNet(c, n)
	return func(x *torch.Tensor) golden.Outputs {
		features := net.Trunk.Forward(x)
		return golden.Outputs{"features": features, "probs": net.Probabilities(features)}
	}, err
}

func clusterTrunk(c *golden.Case, n *nn.Node) (golden.Forward, error) {
	net, err := newClusterNet(c, n)
	if err != nil {
		return nil, err
	}
	return oneOutput("features", net.Trunk), nil
}

func infoMaxNet(c *golden.Case, n *nn.Node) (golden.Forward, error) {
	net := models.NewInfoMaxNet(n, c.Int("units"))
	return func(x *torch.Tensor) golden.Outputs {
		global, local := net.Both(x)
		return golden.Outputs{"global": global, "local": local}
	}, nil
}

func infoMaxProjection(c *golden.Case, n *nn.Node) (golden.Forward, error) {
	return oneOutput("output", models.NewInfoMaxProjection(n, c.Int("input"), c.Int("units"))), nil
}

func mocoHead(c *golden.Case, n *nn.Node) (golden.Forward, error) {
	in := c.Int("input")
	head := models.NewMLPHead(n.Child("fc"), models.HeadConfig{In: in, Hidden: in, Out: c.Int("output"), Layers: 2})
	return func(x *torch.Tensor) golden.Outputs {
		y := head.Forward(x)
		return golden.Outputs{"output": y, "normalized": y.Normalize(1, 1e-12)}
	}, nil
}

func simclrHead(c *golden.Case, n *nn.Node) (golden.Forward, error) {
	in := c.Int("input")
	config := models.HeadConfig{In: in, Hidden: in, Out: c.Int("output"), Layers: 2, NoBias: true}
	return oneOutput("output", models.NewMLPHead(n.Child("projector"), config)), nil
}

func waves(_ *golden.Case, n *nn.Node) (golden.Forward, error) {
	net := models.NewWaveNet(n)
	return func(x *torch.Tensor) golden.Outputs {
		z, c := net.Forward(x)
		return golden.Outputs{"z": z, "c": c}
	}, nil
}
