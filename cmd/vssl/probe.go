package main

import (
	"errors"
	"fmt"
	"math"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"vssl/decode"
)

func newProbe() *cobra.Command {
	var frames string
	var seek float64
	var count int
	var asJSON, quick bool
	cmd := &cobra.Command{
		Use:   "probe FILE",
		Short: "Say what is in a video file",
		Long: `Prints streams, rates, rotation, key frames and damage. With --frames md5 it prints a line a frame: index, pts in the
stream's time base and the MD5 of the pixels in the decoder's own format, as FFmpeg's framemd5 gives them; after --seek,
from the first frame at or after that time.`,
		Example: `  vssl probe clip.mp4
  vssl probe clip.mp4 --frames md5 --seek 2.5 --count 3`,
		Args: oneArg("a file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch frames {
			case "":
				return probeInfo(cmd, args[0], quick, asJSON)
			case "md5":
				return probeMD5(cmd, args[0], seek, count)
			default:
				return usagef("--frames %q is unknown; the only kind is md5", frames)
			}
		},
	}
	cmd.Flags().StringVar(&frames, "frames", "", "md5: print a line a frame")
	cmd.Flags().Float64Var(&seek, "seek", 0, "seconds to start from, with --frames")
	cmd.Flags().IntVar(&count, "count", 0, "frames to print, 0 for all, with --frames")
	cmd.Flags().BoolVar(&quick, "quick", false, "do not decode: faster, but damage inside of frames is not found")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func probeMD5(cmd *cobra.Command, path string, seek float64, count int) error {
	var from *time.Duration
	if cmd.Flags().Changed("seek") {
		if math.IsNaN(seek) || math.Abs(seek) > 1e9 {
			return usagef("--seek %v is no time in seconds", seek)
		}
		d := time.Duration(math.Round(seek * float64(time.Second)))
		from = &d
	}
	if count < 0 {
		return usagef("--count is %d, want 0 (all) or more", count)
	}
	return decode.FrameMD5(cmd.Context(), path, from, count, func(index int, pts int64, md5 string) error {
		_, err := fmt.Fprintf(cmd.OutOrStdout(), "%d\t%d\t%s\n", index, pts, md5)
		return err
	})
}

func probeInfo(cmd *cobra.Command, path string, quick, asJSON bool) error {
	info, err := decode.Probe(cmd.Context(), path, decode.ProbeOptions{Decode: !quick})
	if info == nil {
		return err
	}
	if asJSON {
		return errors.Join(printJSON(cmd.OutOrStdout(), info), err)
	}
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	for _, row := range info.Rows() {
		fmt.Fprintf(w, "%s\t%s\n", row[0], row[1])
	}
	return errors.Join(w.Flush(), err)
}
