package demo

import (
	"context"
	"fmt"
	"path/filepath"

	"vssl/clips"
)

func init() {
	clips.RegisterSource("demo", "moving, sounding shapes; made in the folder where they are not there yet", Open)
}

// Open opens the demo set in root as a source. Where there is none it is made first, which takes about a minute; to see
// the progress or to cancel it, call Ensure before. opts.Split is "train", "test" or "" for both.
func Open(root string, opts clips.SourceOptions) (clips.Source, error) {
	switch opts.Split {
	case "", "train", "test":
	default:
		return nil, fmt.Errorf("demo set: split is %q, want train, test or none for both", opts.Split)
	}
	if err := Ensure(context.Background(), root, nil); err != nil {
		return nil, err
	}
	m, err := readMarker(root)
	if err != nil {
		return nil, err
	}
	var samples []clips.Sample
	for i := range m.Config.Clips {
		if opts.Split != "" && m.Config.split(i) != opts.Split {
			continue
		}
		key := m.Config.path(i)
		samples = append(samples, clips.Sample{
			Path: filepath.Join(root, filepath.FromSlash(key)), Label: m.Config.label(i), Key: key,
		})
	}
	if len(samples) == 0 {
		return nil, fmt.Errorf("demo set: %s: no clip is of split %q; make a set of more clips", root, opts.Split)
	}
	return clips.NewSet("demo", samples, Classes(), nil), nil
}
