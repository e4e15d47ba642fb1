package clips

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"vssl/clips/shard"
)

// openWebDataset takes the pictures of tar shards, by local path, by URL or from an object store; shardsOf says how root names
// them. A sample is the members that share a name up to its first dot; its picture and its label are described at pictureOf and
// labelOf. Shards that lie elsewhere are brought into the cache folder of package remote before the call returns.
func openWebDataset(root string, opts SourceOptions) (Source, error) {
	ctx := opts.context()
	places, left, err := shardsOf(root, opts.Split)
	if err != nil {
		return nil, err
	}
	if err := fetchShards(ctx, places, opts); err != nil {
		return nil, err
	}
	scans := make([]scanned, len(places))
	if err := scanAll(ctx, places, scans); err != nil {
		return nil, err
	}
	s := &set{name: "webdataset", left: left}
	var labels []string
	for _, c := range scans {
		s.samples = append(s.samples, c.samples...)
		labels = append(labels, c.labels...)
		s.left = append(s.left, c.left...)
	}
	if len(s.samples) == 0 {
		return nil, fmt.Errorf("shards %s hold no sample with a picture%s: want members such as 0001.jpg and 0001.cls", shown(root),
			among(s.left))
	}
	return s, s.number(labels, "of the shards "+shown(root))
}

// scanned is what one shard gives.
type scanned struct {
	samples []Sample
	labels  []string // by sample, "" where there is none
	left    []Skip
}

// scanAll scans the shards, several at a time, and puts the results in their order.
func scanAll(ctx context.Context, places []*place, out []scanned) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	atOnce := min(4*runtime.GOMAXPROCS(0), 16, len(places))
	var wg sync.WaitGroup
	for g := range atOnce {
		wg.Go(func() {
			for i := g; i < len(places) && ctx.Err() == nil; i += atOnce {
				var err error
				if out[i], err = places[i].scan(ctx); err != nil {
					cancel(err)
				}
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// scan reads the headers of a shard, and the labels.
func (p *place) scan(ctx context.Context) (c scanned, err error) {
	file, info, err := openShard(p.path)
	if err != nil {
		return c, fmt.Errorf("shard %s cannot be read: %s", p.name, plainError(err))
	}
	defer file.Close()
	contents, err := shard.Scan(ctx, file, info.Size())
	switch {
	case ctx.Err() != nil:
		return c, ctx.Err()
	case err != nil:
		p.distrust()
		return c, fmt.Errorf("shard %s %w", p.name, err)
	}
	groups, others := contents.Groups()
	for _, l := range append(contents.Left, others...) {
		key := p.name
		if l.Name != "" {
			key += "/" + l.Name
		}
		c.left = append(c.left, Skip{Path: key, Reason: l.Reason, Aside: l.Aside})
	}
	t := &tarball{path: p.path, size: info.Size(), changed: info.ModTime()}
	for i := range groups {
		if i%1024 == 0 && ctx.Err() != nil {
			return c, ctx.Err()
		}
		p.sample(&c, t, file, &groups[i])
	}
	slices.SortStableFunc(c.left, func(a, b Skip) int { return naturalCompare(a.Path, b.Path) })
	return c, nil
}

// sample adds the sample of a group, or says why there is none.
func (p *place) sample(c *scanned, t *tarball, file io.ReaderAt, g *shard.Group) {
	key := p.name + "/" + g.Key
	picture, reason := pictureOf(g)
	if reason != "" {
		c.left = append(c.left, Skip{Path: key, Reason: reason})
		return
	}
	label, err := labelOf(g, file)
	if err != nil {
		c.left = append(c.left, Skip{Path: key, Reason: "taken without its label: " + err.Error(), Aside: true})
	}
	still := &memberStill{t, picture.Offset, picture.Size}
	c.samples = append(c.samples, Sample{Path: p.path, Key: key, Label: -1, Still: still})
	c.labels = append(c.labels, label)
}

// Extensions of the members that are pictures, the first that a sample has is its picture; and of those that are videos.
var (
	memberPictures = strings.Fields("jpg jpeg png webp gif bmp tif tiff ppm")
	memberVideos   = strings.Fields("mp4 m4v mov mkv webm avi mpg mpeg ts flv wmv ogv")
)

// pictureOf returns the member of a sample that is its picture, or says why there is none.
func pictureOf(g *shard.Group) (shard.Member, string) {
	for _, e := range memberPictures {
		if m, ok := g.Find(e); ok {
			if m.Size > maxFile {
				return m, fmt.Sprintf("picture of %d bytes, want %d MiB at most", m.Size, maxFile>>20)
			}
			return m, ""
		}
	}
	for _, e := range memberVideos {
		if _, ok := g.Find(e); ok {
			return shard.Member{}, "videos in shards are not read: unpack them and use the data set folder"
		}
	}
	const most = 4
	var found []string
	for _, part := range g.Members[:min(len(g.Members), most)] {
		found = append(found, fmt.Sprintf("%.40s", part.Extension))
	}
	if len(g.Members) > most {
		found = append(found, "...")
	}
	return shard.Member{}, "no picture among its members (" + strings.Join(found, ", ") + ")"
}

// tarball is a shard as it was when it was scanned.
type tarball struct {
	path    string
	size    int64
	changed time.Time
}

// memberStill is a picture in a shard.
type memberStill struct {
	in           *tarball
	offset, size int64
}

var _ Still = (*memberStill)(nil)

// Read reads the member alone. The shard is opened each time, which costs little beside the decoding: a source has no end at
// which it could close anything.
func (m *memberStill) Read(_ context.Context, scratch *[]byte) (Raw, error) {
	file, info, err := openShard(m.in.path)
	if err != nil {
		return Raw{}, err
	}
	defer file.Close()
	if info.Size() != m.in.size || !info.ModTime().Equal(m.in.changed) {
		return Raw{}, errors.New("the shard has changed since it was opened")
	}
	*scratch = grown(*scratch, int(m.size))
	if _, err := file.ReadAt(*scratch, m.offset); err != nil {
		return Raw{}, err
	}
	return Raw{Bytes: *scratch}, nil
}

// openShard opens a regular file; a pipe is not waited for.
func openShard(path string) (*os.File, os.FileInfo, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		return nil, nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	if info, err = file.Stat(); err != nil {
		file.Close()
		return nil, nil, err
	}
	return file, info, nil
}
