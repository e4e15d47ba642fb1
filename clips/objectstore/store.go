// Package objectstore lets package remote read s3://, gs:// and azblob:// addresses through gocloud.dev/blob. Importing it is
// enough. It is a package of its own because the three clients are larger than the rest of the program.
//
// An address is scheme://bucket/key?options, where the options are those of gocloud.dev, for example region and endpoint of s3.
// Credentials come from where the providers' own tools take them.
package objectstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"sync"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/azureblob" // azblob://
	_ "gocloud.dev/blob/gcsblob"   // gs://
	_ "gocloud.dev/blob/s3blob"    // s3://
	"gocloud.dev/gcerrors"

	"vssl/clips/remote"
)

func init() {
	for _, scheme := range []string{"s3", "gs", "azblob"} {
		remote.Register(scheme, func() remote.Store { return newStore() })
	}
}

// checksums is the option of s3 that says when answers are checked against a checksum.
const checksums = "response_checksum_validation"

// store keeps the buckets that it opened.
type store struct {
	mu      sync.Mutex
	buckets map[string]*blob.Bucket // by address, without the key
}

var _ remote.Store = (*store)(nil)

func newStore() *store { return &store{buckets: map[string]*blob.Bucket{}} }

// bucket opens the bucket of an address, once, and cuts out the key.
func (s *store) bucket(ctx context.Context, u *url.URL) (b *blob.Bucket, key string, err error) {
	key = strings.TrimPrefix(u.Path, "/")
	options := u.Query()
	if u.Scheme == "s3" && !options.Has(checksums) {
		options.Set(checksums, "when_required") // else the client complains on stderr about every part of a file
	}
	root := url.URL{Scheme: u.Scheme, Host: u.Host, RawQuery: options.Encode()}
	s.mu.Lock()
	defer s.mu.Unlock()
	if b = s.buckets[root.String()]; b != nil {
		return b, key, nil
	}
	// The context of the first caller must not end a bucket that others use.
	if b, err = blob.OpenBucket(context.WithoutCancel(ctx), root.String()); err != nil {
		return nil, "", remote.Permanent(fmt.Errorf("the bucket cannot be opened: %s", oneLine(err)))
	}
	s.buckets[root.String()] = b
	return b, key, nil
}

// Stat asks for the attributes of the object.
func (s *store) Stat(ctx context.Context, u *url.URL) (remote.Facts, error) {
	b, key, err := s.bucket(ctx, u)
	if err != nil {
		return remote.Facts{}, err
	}
	a, err := b.Attributes(ctx, key)
	if err != nil {
		return remote.Facts{}, classed(err)
	}
	if a.Size <= 0 {
		return remote.Facts{}, remote.Permanent(errors.New("the object is empty"))
	}
	f := remote.Facts{Size: a.Size, Version: a.ETag, Modified: a.ModTime}
	if f.Version == "" && !a.ModTime.IsZero() {
		f.Version = a.ModTime.UTC().String()
	}
	return f, nil
}

// Open reads the object from a byte on.
func (s *store) Open(ctx context.Context, u *url.URL, from int64, f remote.Facts) (io.ReadCloser, int64, error) {
	b, key, err := s.bucket(ctx, u)
	if err != nil {
		return nil, 0, err
	}
	r, err := b.NewRangeReader(ctx, key, from, -1, nil)
	if err != nil {
		return nil, 0, classed(err)
	}
	if r.Size() != f.Size || !f.Modified.IsZero() && !r.ModTime().IsZero() && !r.ModTime().Equal(f.Modified) {
		r.Close()
		return nil, 0, remote.Permanent(errors.New("the object has changed while it was fetched: run again"))
	}
	return r, from, nil
}

// Close closes the buckets.
func (s *store) Close() (err error) {
	for _, b := range s.buckets {
		err = errors.Join(err, b.Close())
	}
	return err
}

// classed marks what no repetition will mend.
func classed(err error) error {
	short := errors.New(oneLine(err))
	switch gcerrors.Code(err) {
	case gcerrors.NotFound:
		return remote.Permanent(errors.New("no such object"))
	case gcerrors.PermissionDenied, gcerrors.InvalidArgument, gcerrors.Unimplemented, gcerrors.FailedPrecondition:
		return remote.Permanent(short)
	case gcerrors.Canceled, gcerrors.DeadlineExceeded:
		return err
	}
	return short
}

// oneLine is the text of an error without line breaks, and of bounded length.
func oneLine(err error) string {
	text := strings.Join(strings.Fields(err.Error()), " ")
	return fmt.Sprintf("%.400s", text)
}
