package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Facts are what a store tells of a file.
type Facts struct {
	Size     int64     // bytes, -1 when it does not tell
	Version  string    // changes when the content does; "" when it does not tell
	Modified time.Time // zero when it does not tell
}

// Store reads files of one scheme. Its methods may be called from several goroutines.
type Store interface {
	// Stat asks what there is. An error that no repetition will mend is marked by Permanent.
	Stat(ctx context.Context, u *url.URL) (Facts, error)
	// Open begins to read at byte from, or before it when the store cannot begin there: at says where. It fails when the file is no
	// longer that of the facts. The body ends with io.EOF only where the file ends; the caller closes it.
	Open(ctx context.Context, u *url.URL, from int64, f Facts) (body io.ReadCloser, at int64, err error)
	// Close gives back what the store holds. No other method is called any more.
	Close() error
}

var (
	schemesMu sync.Mutex
	schemes   = map[string]func() Store{"http": newWeb, "https": newWeb}
)

// Register adds a scheme. It panics when the scheme is taken.
func Register(scheme string, open func() Store) {
	schemesMu.Lock()
	defer schemesMu.Unlock()
	if _, ok := schemes[scheme]; ok {
		panic("remote: scheme " + scheme + " is registered twice")
	}
	schemes[scheme] = open
}

// Schemes are those that can be fetched, in order.
func Schemes() []string {
	schemesMu.Lock()
	defer schemesMu.Unlock()
	var all []string
	for s := range schemes {
		all = append(all, s)
	}
	slices.Sort(all)
	return all
}

// permanent marks an error that no repetition will mend.
type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Permanent marks an error that no repetition will mend.
func Permanent(err error) error { return permanent{err} }

func isPermanent(err error) bool {
	var p permanent
	return errors.As(err, &p)
}

// Display is an address fit for messages: without the password and without the query, which may hold a signature.
func Display(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		before, _, _ := strings.Cut(address, "?")
		return before
	}
	u.RawQuery, u.Fragment = "", ""
	return u.Redacted()
}

// parse reads an address and finds out who may read it.
func parse(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || strings.Trim(u.Path, "/") == "" {
		return nil, fmt.Errorf("%s is not an address of a file: want scheme://host/path", Display(address))
	}
	schemesMu.Lock()
	_, known := schemes[u.Scheme]
	schemesMu.Unlock()
	if !known {
		return nil, fmt.Errorf("%s: addresses of scheme %q cannot be read here; known are %s", Display(address), u.Scheme,
			strings.Join(Schemes(), ", "))
	}
	return u, nil
}
