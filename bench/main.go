// Command bench runs the project's own side of the benchmarks that bench/run.sh pairs with a peer.
//
//	bench videos DIR             write the videos that both sides read
//	bench clips DIR KIND N       read N random clips and print clips per second and where the time went
package main

import (
	"context"
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
	case len(args) == 4 && args[0] == "clips":
		n, err := strconv.Atoi(args[3])
		if err != nil {
			return fmt.Errorf("number of clips: %w", err)
		}
		return readClips(ctx, args[1], args[2], n)
	default:
		return fmt.Errorf("usage: bench videos DIR | bench clips DIR KIND N")
	}
}
