package clustering_test

import (
	"maps"
	"strings"
	"testing"

	"vssl/methods"
	_ "vssl/methods/clustering" // registers what is tested
	"vssl/methods/methodtest"
	"vssl/models/nn"
)

const (
	smallSwAV = `{crops: [{views: 2, scale: [0.2, 1]}, {views: 2, size: 16, scale: [0.05, 0.2]}],
hidden: 32, output: 16, prototypes: 8, queue: 8, queue_epoch: 1, freeze: 0}`
	smallDeepCluster = `{clusters: 3, components: 4, iterations: 5, hidden: [], sobel: false}`
)

func TestSwAV(t *testing.T) {
	methodtest.Run(t, "swav", methodtest.Options{Params: smallSwAV, Model: "tiny2d", Still: true,
		Golden: []string{"clustering/swav", "clustering/swav_queue", "clustering/sinkhorn_swav"}})
}

func TestDeepCluster(t *testing.T) {
	methodtest.Run(t, "deepcluster", methodtest.Options{Params: smallDeepCluster, Model: "tiny2d", Still: true,
		Golden: []string{"clustering/deepcluster.preprocess", "clustering/kmeans", "clustering/kmeans.split_empty", "clustering/pic"}})
}

// TestDeepClusterAsInThePaper goes through the same with hidden layers, dropout, gradients of pictures and the other clustering.
func TestDeepClusterAsInThePaper(t *testing.T) {
	methodtest.Run(t, "deepcluster", methodtest.Options{Model: "tiny2d", Still: true,
		Params: `{clusters: 5, components: 4, clustering: pic, hidden: [24, 16], dropout: 0.2, sobel: true}`})
}

// build makes a method for n samples, with views of 32 pixels.
func build(t *testing.T, name, params string, n, batch int) methods.Method {
	t.Helper()
	return methodtest.Build(t, name, params, methodtest.Pictures(32, n, batch))
}

// contents are the bytes of every tensor below n by name.
func contents(n *nn.Node) map[string]string {
	all := map[string]string{}
	for name, e := range n.All() {
		all[name] = string(e.Tensor.Bytes())
	}
	return all
}

func same(a, b map[string]string) bool { return maps.Equal(a, b) }

func TestBadParameters(t *testing.T) {
	for _, c := range []struct{ name, params, want string }{
		{"swav", "temprature: 1", `unknown key "temprature"; did you mean "temperature"?`},
		{"swav", "epsilon: 0", "epsilon is 0, want more than 0"},
		{"swav", "prototypes: 1", "prototypes is 1, want 2 or more"},
		{"swav", "crops: [{views: 1, scale: [0.1, 1]}]", "number of crops is 1, want 2 or more"},
		{"swav", "crops: [{views: 2, scale: [0.5, 0.1]}]", "crops[0].scale is [0.5 0.1], want 0 < low <= high <= 1"},
		{"swav", "crops: [{views: 2, scael: [0.1, 1]}]", "scael"},
		{"swav", "assign: [0, 8]", "assign has crop 8 of 8, want 0 to 7"},
		{"swav", "queue: 3", "queue is 3, want 0 (none) or no fewer than the batch of 4"},
		{"deepcluster", "clustering: kmedoids", `clustering is "kmedoids", want kmeans or pic`},
		{"deepcluster", "dropout: 1", "dropout is 1, want 0 to less than 1"},
		{"deepcluster", "hidden: [16, 0]", "hidden[1] is 0, want 1 or more"},
		{"deepcluster", "{hidden: [16], components: 17}", "components is 17, want no more than the 16 features that are clustered"},
	} {
		_, err := methodtest.Try(t, c.name, c.params, methodtest.Pictures(32, 20, 4))
		if err == nil || !strings.Contains(err.Error(), "method "+c.name+": ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, %s: got %v, want %s", c.name, c.params, err, c.want)
		}
	}
}
