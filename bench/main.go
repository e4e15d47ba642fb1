// Command bench runs the project's own side of the benchmarks that bench/run.sh pairs with a peer.
//
//	bench videos DIR             write the videos that both sides read
//	bench clips DIR KIND N       read N random clips and print clips per second
//	bench stages DIR KIND N      the same, and print where the time went
//	bench jpegs DIR              write the pictures that both sides read
//	bench pictures DIR SIZE N    read N pictures, two views of SIZE each, print where the time went and pictures per second
//	bench raw SIZE N             the same of pixels in memory
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
	case len(args) == 2 && args[0] == "jpegs":
		return writePictures(args[1])
	case len(args) == 3 && args[0] == "raw":
		n, err := count(args[2])
		if err != nil {
			return err
		}
		return readRaw(ctx, args[1], n)
	case len(args) > 0 && args[0] == "cluster":
		return cluster(ctx, args[1:])
	case len(args) > 0 && args[0] == "sinkhorn":
		return sinkhorn(ctx, args[1:])
	case len(args) != 4:
		return errUsage
	}
	n, err := count(args[3])
	if err != nil {
		return err
	}
	switch args[0] {
	case "clips":
		return readClips(ctx, args[1], args[2], n)
	case "stages":
		return showStages(ctx, args[1], args[2], n)
	case "pictures":
		return readPictures(ctx, args[1], args[2], n)
	case "step":
		return trainStep(args[1], args[2], n)
	default:
		return errUsage
	}
}

func count(arg string) (int, error) {
	n, err := strconv.Atoi(arg)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%q is no count", arg)
	}
	return n, nil
}

var errUsage = errors.New("usage: bench videos|jpegs DIR | bench clips|stages DIR KIND N | bench pictures DIR SIZE N | bench raw SIZE N | bench step MODEL PRECISION N | bench cluster|sinkhorn [FLAGS]")
