package remote

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Config says how files are fetched. The zero value is ready for use.
type Config struct {
	Dir      string                // the cache folder; "" is what Dir returns
	AtOnce   int                   // files at a time; 0 is 4
	MaxSize  int64                 // bytes of a file; 0 is 64 GiB
	Reserve  int64                 // bytes of the disk that stay free; 0 is 1 GiB
	Attempts int                   // attempts in a row that bring nothing new before a file is given up; 0 is 5
	Pause    time.Duration         // before the second attempt, doubled before each further one up to 30 s; 0 is 1 s
	Stall    time.Duration         // without a byte after which a connection is given up; 0 is 1 min
	Progress func(done, total int) // megabytes (10^6 bytes) fetched; called by one goroutine at a time; nil: none
}

func (c Config) withDefaults() Config {
	c.AtOnce = orDefault(c.AtOnce, 4)
	c.MaxSize = orDefault(c.MaxSize, 64<<30)
	c.Reserve = orDefault(c.Reserve, 1<<30)
	c.Attempts = orDefault(c.Attempts, 5)
	c.Pause = orDefault(c.Pause, time.Second)
	c.Stall = orDefault(c.Stall, time.Minute)
	return c
}

func orDefault[T int | int64 | time.Duration](v, otherwise T) T {
	if v <= 0 {
		return otherwise
	}
	return v
}

// Dir is the folder that files are kept in: shards below the folder of the environment variable VSSL_CACHE, or below vssl in the
// user's cache folder.
func Dir() (string, error) {
	if dir := os.Getenv("VSSL_CACHE"); dir != "" {
		return filepath.Join(dir, "shards"), nil
	}
	user, err := os.UserCacheDir()
	if err != nil {
		return "", errors.New("no folder to keep shards in is known: set the environment variable VSSL_CACHE to one")
	}
	return filepath.Join(user, "vssl", "shards"), nil
}

// object is a file to be had.
type object struct {
	url   *url.URL
	store Store
	facts Facts
	path  string // where it lies when it is whole
}

func (o *object) String() string { return Display(o.url.String()) }

// name is made of the address and of what tells one version from another.
func (o *object) name() string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%d\n%s\n", o.url, o.facts.Size, o.facts.Version)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Fetch brings the files of the addresses into the cache folder, those that are not there yet, and returns their paths in the
// same order. What was fetched before an interruption is not fetched again where the server knows ranges. The error is one
// sentence that names the address, or the context's.
func Fetch(ctx context.Context, addresses []string, cfg Config) (paths []string, err error) {
	f := &fetcher{cfg: cfg.withDefaults(), stores: map[string]Store{}, free: freeSpace}
	return f.all(ctx, addresses)
}

// fetcher is one call of Fetch.
type fetcher struct {
	cfg    Config
	stores map[string]Store
	free   func(dir string) (int64, error)
	tally  tally
}

func (f *fetcher) all(ctx context.Context, addresses []string) (paths []string, err error) {
	if f.cfg.Dir == "" {
		if f.cfg.Dir, err = Dir(); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(f.cfg.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("cache folder: %w; set the environment variable VSSL_CACHE to a folder that can be written", err)
	}
	defer func() {
		for _, s := range f.stores {
			err = errors.Join(err, s.Close())
		}
	}()
	objects, err := f.objects(addresses)
	if err != nil {
		return nil, err
	}
	if err := f.each(ctx, objects, f.stat); err != nil {
		return nil, err
	}
	missing, err := f.missing(objects)
	if err != nil {
		return nil, err
	}
	if err := f.each(ctx, missing, f.fetch); err != nil {
		return nil, err
	}
	for _, o := range objects {
		paths = append(paths, o.path)
	}
	return paths, nil
}

func (f *fetcher) objects(addresses []string) (objects []*object, err error) {
	for _, a := range addresses {
		u, err := parse(a)
		if err != nil {
			return nil, err
		}
		if f.stores[u.Scheme] == nil {
			schemesMu.Lock()
			f.stores[u.Scheme] = schemes[u.Scheme]()
			schemesMu.Unlock()
		}
		objects = append(objects, &object{url: u, store: f.stores[u.Scheme]})
	}
	return objects, nil
}

// each runs do on all objects, AtOnce at a time. The first error ends the others and is returned.
func (f *fetcher) each(ctx context.Context, objects []*object, do func(context.Context, *object) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	jobs := make(chan *object)
	var wg sync.WaitGroup
	for range min(f.cfg.AtOnce, len(objects)) {
		wg.Go(func() {
			for o := range jobs {
				if err := do(ctx, o); err != nil {
					cancel(err)
				}
			}
		})
	}
	for _, o := range objects {
		select {
		case jobs <- o:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(jobs)
	wg.Wait()
	return context.Cause(ctx)
}

// stat asks the store about an object.
func (f *fetcher) stat(ctx context.Context, o *object) error {
	err := f.again(ctx, func(ctx context.Context) (progress bool, err error) {
		o.facts, err = o.store.Stat(ctx, o.url)
		return false, err
	})
	if err != nil {
		return explain(ctx, o, err)
	}
	if o.facts.Size > f.cfg.MaxSize {
		return explain(ctx, o, fmt.Errorf("has %d bytes, want %d at most", o.facts.Size, f.cfg.MaxSize))
	}
	o.path = filepath.Join(f.cfg.Dir, o.name()+".tar")
	return nil
}

// missing are the objects that are not in the folder, each once, and makes sure that the disk has room for them.
func (f *fetcher) missing(objects []*object) (missing []*object, err error) {
	seen := map[string]bool{}
	need := int64(0)
	for _, o := range objects {
		if o.whole() || seen[o.path] {
			continue
		}
		seen[o.path] = true
		missing = append(missing, o)
		size := max(o.facts.Size, 0)
		f.tally.expect(size)
		if info, err := os.Stat(o.part()); err == nil {
			size = max(0, size-info.Size())
		}
		need += size
	}
	free, err := f.free(f.cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("cache folder %s: %w", f.cfg.Dir, err)
	}
	if len(missing) > 0 && need > free-f.cfg.Reserve {
		return nil, fmt.Errorf("the shards need %d MB more, and the disk of the cache folder %s has %d MB free, of which %d stay "+
			"free: set the environment variable VSSL_CACHE to a folder on a larger disk", need/1e6, f.cfg.Dir, free/1e6, f.cfg.Reserve/1e6)
	}
	return missing, nil
}

// explain names the object in an error; an end that the caller wanted stays what it is.
func explain(ctx context.Context, o *object, err error) error {
	if ctx.Err() != nil && !isPermanent(err) {
		return context.Cause(ctx)
	}
	return fmt.Errorf("shard %s: %w", o, err)
}
