// Command bench runs the project's own side of the benchmarks that bench/run.sh pairs with a peer.
//
//	bench videos DIR             write the videos that both sides read
//	bench clips DIR KIND N       read N random clips and print clips per second
//	bench stages DIR KIND N      the same, and print where the time went
//	bench step MODEL PRECISION N time N training steps and print the median in seconds
//	bench cluster [FLAGS]        time k-means and the search for neighbours beside scikit-learn and faiss; -h lists the flags
//	bench sinkhorn [FLAGS]       label N samples by optimal transport, here and in NumPy, and print both
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	switch {
	case len(args) == 2 && args[0] == "videos":
		return writeVideos(args[1])
	case len(args) > 0 && args[0] == "cluster":
		return cluster(ctx, args[1:])
	case len(args) > 0 && args[0] == "sinkhorn":
		return sinkhorn(ctx, args[1:])
	case len(args) != 4:
		return errUsage
	}
	n, err := strconv.Atoi(args[3])
	if err != nil || n < 1 {
		return fmt.Errorf("%q is no count", args[3])
	}
	switch args[0] {
	case "clips":
		return readClips(ctx, args[1], args[2], n)
	case "stages":
		return showStages(ctx, args[1], args[2], n)
	case "step":
		return trainStep(args[1], args[2], n)
	default:
		return errUsage
	}
}

var errUsage = errors.New("usage: bench videos DIR | bench clips|stages DIR KIND N | bench step MODEL PRECISION N | bench cluster|sinkhorn [FLAGS]")
