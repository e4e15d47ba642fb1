package clips

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"vssl/clips/remote"
	"vssl/clips/shard"
)

// place is where a shard is.
type place struct {
	path    string // usable from the working directory; "" until it is fetched
	address string // of a shard that lies elsewhere
	name    string // unique among the shards of a source
}

// shardsOf lists the shards that a root names, in order: folders (their *.tar), tar files, patterns with braces such as
// train-{000000..000146}.tar, and addresses of web servers and object stores with or without braces; several of these with ::
// between them. A split picks, of a folder, the subfolder of that name or the shards with that word in their names.
func shardsOf(root, split string) (places []*place, left []Skip, err error) {
	if root == "" {
		return nil, nil, errors.New("no shards are given: name a folder of .tar files, a pattern or an address with --data")
	}
	for _, part := range roots(root) {
		some, others, err := partOf(part, split)
		if err != nil {
			return nil, nil, err
		}
		if places, left = append(places, some...), append(left, others...); len(places) > shard.MaxShards {
			return nil, nil, fmt.Errorf("%s names more than %d shards", shown(root), shard.MaxShards)
		}
	}
	return places, left, nameShards(places)
}

// roots cuts at the double colons, unless there is a file of that very name.
func roots(root string) []string {
	if _, err := os.Stat(root); err == nil {
		return []string{root}
	}
	return strings.Split(root, "::")
}

func partOf(part, split string) (places []*place, left []Skip, err error) {
	if local, ok := strings.CutPrefix(part, "file://"); ok {
		if part, err = url.PathUnescape(local); err != nil || !filepath.IsAbs(part) {
			return nil, nil, fmt.Errorf("file://%s is no local address: want file:///folder/shard.tar", local)
		}
	}
	if info, err := os.Stat(part); err == nil && info.IsDir() {
		return folderShards(part, split)
	} else if err == nil {
		return []*place{{path: part, name: filepath.ToSlash(part)}}, nil, ungzipped(part, split)
	}
	names, err := shard.Expand(part)
	if err != nil {
		return nil, nil, err
	}
	for _, n := range names {
		p := &place{path: n, name: filepath.ToSlash(n)}
		if strings.Contains(n, "://") {
			p = &place{address: n, name: remote.Display(n)}
		} else if _, err := os.Stat(n); err != nil {
			return nil, nil, fmt.Errorf("shard %s cannot be opened: %s: name a folder of .tar files, a pattern such as "+
				"train-{000..146}.tar or an address with --data", n, plainError(err))
		}
		if err := ungzipped(p.name, split); err != nil {
			return nil, nil, err
		}
		places = append(places, p)
	}
	return places, nil, nil
}

// ungzipped refuses what cannot be a shard by its name, before it is fetched.
func ungzipped(name, split string) error {
	lower := strings.ToLower(name)
	for _, end := range []string{".gz", ".tgz", ".zst", ".xz", ".bz2"} {
		if strings.HasSuffix(lower, end) {
			return fmt.Errorf("shard %s %w", name, shard.ErrCompressed)
		}
	}
	if split != "" {
		return fmt.Errorf("a split picks shards of a folder: leave %q out and name the shards of that split with --data", split)
	}
	return nil
}

// folderShards lists the tar files that lie in a folder, in natural order.
func folderShards(folder, split string) (places []*place, left []Skip, err error) {
	if sub := filepath.Join(folder, split); split != "" && filepath.IsLocal(split) {
		if info, err := os.Stat(sub); err == nil && info.IsDir() {
			folder, split = sub, ""
		}
	}
	real, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return nil, nil, fmt.Errorf("folder %s cannot be opened: %s", folder, plainError(err))
	}
	entries, err := os.ReadDir(real)
	if err != nil {
		return nil, nil, fmt.Errorf("folder %s cannot be read: %s", folder, plainError(err))
	}
	for _, e := range entries {
		name := e.Name()
		info, reason := resolveInside(real, filepath.Join(real, name))
		switch {
		case strings.HasPrefix(name, "."):
			reason = hidden
		case reason != "":
		case info.IsDir() || split != "" && !hasWord(name, split):
			continue
		case !info.Mode().IsRegular():
			reason = "not a regular file"
		case ungzipped(name, "") != nil:
			reason = shard.ErrCompressed.Error()
		case !strings.EqualFold(filepath.Ext(name), ".tar"):
			reason = "no .tar file"
		default:
			places = append(places, &place{path: filepath.Join(folder, name), name: filepath.ToSlash(filepath.Join(folder, name))})
			continue
		}
		left = append(left, Skip{Path: name, Reason: reason, Aside: reason == hidden || reason == "no .tar file"})
	}
	if len(places) == 0 && split != "" {
		return nil, nil, fmt.Errorf("folder %s has no folder %q and no .tar file with that word in its name: leave the split out to "+
			"take all of it", folder, split)
	}
	if len(places) == 0 {
		return nil, nil, fmt.Errorf("folder %s holds no .tar file%s: name a folder of shards with --data", folder, among(left))
	}
	slices.SortFunc(places, func(a, b *place) int { return naturalCompare(a.name, b.name) })
	return places, left, nil
}

// hasWord reports whether a word stands in a name between marks: train in imagenet-train-0001.tar.
func hasWord(name, word string) bool {
	parts := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return slices.ContainsFunc(parts, func(p string) bool { return strings.EqualFold(p, word) })
}

// nameShards shortens the names to their last elements where those are distinct. No shard may come twice.
func nameShards(places []*place) error {
	seen, short := map[string]bool{}, map[string]bool{}
	for _, p := range places {
		where := p.address + "\x00" + p.path
		if seen[where] {
			return fmt.Errorf("shard %s is named twice", p.name)
		}
		seen[where] = true
		short[path.Base(p.name)] = true
	}
	if len(short) == len(places) {
		for _, p := range places {
			p.name = path.Base(p.name)
		}
		return nil
	}
	for i, p := range places {
		if short[p.name] { // addresses that differ behind the question mark alone
			p.name = fmt.Sprintf("%s#%d", p.name, i)
		}
		short[p.name] = true
	}
	return nil
}

// fetchShards brings the shards that lie elsewhere into the cache folder.
func fetchShards(ctx context.Context, places []*place, opts SourceOptions) error {
	var far []*place
	var addresses []string
	for _, p := range places {
		if p.address != "" {
			far, addresses = append(far, p), append(addresses, p.address)
		}
	}
	if len(far) == 0 {
		return nil
	}
	var cfg remote.Config
	if opts.Progress != nil {
		cfg.Progress = opts.Progress("MB of shards")
	}
	paths, err := remote.Fetch(ctx, addresses, cfg)
	for i := range paths {
		far[i].path = paths[i]
	}
	return err
}

// distrust removes a fetched shard that turned out to be broken, so that it is fetched again the next time.
func (p *place) distrust() {
	if p.address != "" {
		os.Remove(p.path)
	}
}

// shown is a root fit for messages.
func shown(root string) string {
	parts := roots(root)
	for i, part := range parts {
		if strings.Contains(part, "://") {
			parts[i] = remote.Display(part)
		}
	}
	return strings.Join(parts, "::")
}
