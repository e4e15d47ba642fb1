package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

const (
	block    = 256 << 10 // bytes read at a time
	lookEach = 64 << 20  // bytes after which the free space is looked at again
	gain     = 1 << 20   // new bytes that make an attempt count as one that helped
)

func (o *object) part() string { return o.path + ".part" }

// whole reports whether the object lies in the folder.
func (o *object) whole() bool {
	info, err := os.Stat(o.path)
	return err == nil && info.Mode().IsRegular() && info.Size() > 0 && (o.facts.Size < 0 || info.Size() == o.facts.Size)
}

// fetch brings one object into the folder.
func (f *fetcher) fetch(ctx context.Context, o *object) error {
	file, err := lockPart(ctx, o.part())
	if err != nil {
		return explain(ctx, o, err)
	}
	defer file.Close() // and gives the lock back
	if o.whole() {     // another program fetched it meanwhile
		os.Remove(o.part())
		return nil
	}
	d := &download{fetcher: f, object: o, file: file}
	if d.have, err = file.Seek(0, io.SeekEnd); err != nil {
		return explain(ctx, o, err)
	}
	d.best = d.have
	if err := f.again(ctx, d.attempt); err != nil {
		return explain(ctx, o, err)
	}
	if err := errors.Join(file.Sync(), os.Rename(o.part(), o.path)); err != nil {
		return explain(ctx, o, err)
	}
	return nil
}

// lockPart opens the file aside for this process alone, and waits while another one writes it.
func lockPart(ctx context.Context, path string) (*os.File, error) {
	for {
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o644)
		if err != nil {
			return nil, Permanent(err)
		}
		err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return file, nil
		}
		file.Close()
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return nil, Permanent(fmt.Errorf("%s cannot be locked: %w", path, err))
		}
		if !sleep(ctx, 200*time.Millisecond) {
			return nil, ctx.Err()
		}
	}
}

// download is the fetching of one object.
type download struct {
	*fetcher
	*object
	file *os.File
	have int64 // bytes in the file
	best int64 // the most there ever were
	told int64 // to the tally
}

// attempt opens one connection and reads until the end or an error. It reports whether more is there than ever before.
func (d *download) attempt(ctx context.Context) (progress bool, err error) {
	before := d.best
	defer func() {
		d.best = max(d.best, d.have)
		progress = d.best-before >= gain
	}()
	if d.facts.Size >= 0 && d.have > d.facts.Size {
		d.have = 0
	}
	if d.facts.Size >= 0 && d.have == d.facts.Size {
		return false, nil
	}
	if d.facts.Size < 0 || d.facts.Version == "" {
		d.have = 0 // nothing says that what is there belongs to this file
	}
	ctx, alive, stop := watch(ctx, d.cfg.Stall)
	defer stop()
	body, at, err := d.store.Open(ctx, d.url, d.have, d.facts)
	if err != nil {
		return false, cause(ctx, err)
	}
	defer body.Close()
	if at != d.have {
		d.have = 0 // the store begins at the beginning
	}
	if at > d.have {
		return false, fmt.Errorf("the store begins at byte %d", at)
	}
	if err := d.file.Truncate(d.have); err != nil {
		return false, Permanent(err)
	}
	return false, cause(ctx, d.copy(body, alive))
}

// copy appends the body to the file.
func (d *download) copy(body io.Reader, alive func()) error {
	buf := make([]byte, block)
	for look := int64(0); ; {
		if look <= 0 {
			if err := d.room(); err != nil {
				return err
			}
			look = lookEach
		}
		n, readErr := body.Read(buf) // not io.ReadFull, which would hide whether the end came too early
		alive()
		look -= int64(n)
		if err := d.append(buf[:n]); err != nil {
			return err
		}
		switch {
		case readErr == nil:
			continue
		case !errors.Is(readErr, io.EOF):
			return readErr
		case d.facts.Size >= 0 && d.have != d.facts.Size:
			return fmt.Errorf("%d of %d bytes came", d.have, d.facts.Size)
		case d.have == 0:
			return Permanent(errors.New("the file is empty"))
		}
		return nil
	}
}

// append writes what came, within the bounds.
func (d *download) append(b []byte) error {
	end := d.have + int64(len(b))
	switch {
	case d.facts.Size >= 0 && end > d.facts.Size:
		d.have = 0
		return fmt.Errorf("more than the %d bytes that were announced came", d.facts.Size)
	case end > d.cfg.MaxSize:
		return Permanent(errors.Join(fmt.Errorf("more than %d bytes came: too large for a shard", d.cfg.MaxSize), d.file.Truncate(0)))
	}
	if _, err := d.file.WriteAt(b, d.have); err != nil {
		return Permanent(err)
	}
	d.have = end
	d.tally.add(d.have-d.told, d.cfg.Progress)
	d.told = d.have
	return nil
}

// room makes sure that the disk is not filled up.
func (d *download) room() error {
	free, err := d.free(d.cfg.Dir)
	if err != nil {
		return Permanent(err)
	}
	if free < d.cfg.Reserve {
		return Permanent(fmt.Errorf("the disk of the cache folder %s has %d MB free, want %d: set the environment variable VSSL_CACHE "+
			"to a folder on a larger disk", d.cfg.Dir, free/1e6, d.cfg.Reserve/1e6))
	}
	return nil
}

func freeSpace(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}
