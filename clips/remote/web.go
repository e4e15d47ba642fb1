package remote

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// The bounds on web servers.
const (
	maxRedirects  = 10
	connectWithin = 30 * time.Second
	answerWithin  = time.Minute
)

// web is the store of http and https.
type web struct{ client *http.Client }

func newWeb() Store {
	dialer := &net.Dialer{Timeout: connectWithin}
	return &web{&http.Client{
		CheckRedirect: checkRedirect,
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, ForceAttemptHTTP2: true,
			TLSHandshakeTimeout: connectWithin, ResponseHeaderTimeout: answerWithin, MaxResponseHeaderBytes: 1 << 20,
			DisableCompression: true, // offsets are those of the file itself
			MaxIdleConns:       16, IdleConnTimeout: time.Minute,
		},
	}}
}

// checkRedirect keeps a server from leading to anything but another web server, or out of encryption.
func checkRedirect(next *http.Request, via []*http.Request) error {
	last := via[len(via)-1].URL
	switch to := next.URL.Scheme; {
	case to != "http" && to != "https":
		return Permanent(fmt.Errorf("the server redirects to an address of scheme %q, which is not followed", to))
	case last.Scheme == "https" && to == "http":
		return Permanent(errors.New("the server redirects from https to http, which is not followed"))
	case len(via) > maxRedirects:
		return Permanent(fmt.Errorf("the server redirects more than %d times", maxRedirects))
	}
	return nil
}

// get asks for bytes from on; to < 0 is the end of the file.
func (w *web) get(ctx context.Context, u *url.URL, from, to int64, version string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, Permanent(err)
	}
	req.Header.Set("User-Agent", "vssl")
	switch {
	case to >= 0:
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", from, to))
	case from > 0:
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
		req.Header.Set("If-Range", version)
	}
	res, err := w.client.Do(req)
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // without the address, which may hold a signature
	}
	if err != nil {
		return nil, hopeless(err)
	}
	if err := refused(res); err != nil {
		res.Body.Close()
		return nil, err
	}
	return res, nil
}

// hopeless marks failures of connecting that stay as they are.
func hopeless(err error) error {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	if errors.As(err, &name) && name.IsNotFound || errors.As(err, &certificate) {
		return Permanent(err)
	}
	return err
}

// refused is the error of an answer that brings no bytes of the file.
func refused(res *http.Response) error {
	switch code := res.StatusCode; {
	case code == http.StatusRequestedRangeNotSatisfiable && strings.HasSuffix(res.Header.Get("Content-Range"), "/0"):
		return Permanent(errors.New("the file is empty"))
	case code == http.StatusRequestTimeout || code == http.StatusTooManyRequests || code >= 500:
		return fmt.Errorf("the server answers %s", status(res))
	case code != http.StatusOK && code != http.StatusPartialContent:
		return Permanent(fmt.Errorf("the server answers %s", status(res)))
	}
	if coding := res.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return Permanent(fmt.Errorf("the server sends the file with the coding %.40q, which was not asked for", coding))
	}
	return nil
}

// status is the answer's code in the words of the standard, not of the server.
func status(res *http.Response) string {
	return strings.TrimSpace(strconv.Itoa(res.StatusCode) + " " + http.StatusText(res.StatusCode))
}

// Stat asks for one byte: servers of signed addresses allow nothing but GET. Those without ranges begin to send all of it.
func (w *web) Stat(ctx context.Context, u *url.URL) (Facts, error) {
	res, err := w.get(ctx, u, 0, 0, "")
	if err != nil {
		return Facts{}, err
	}
	defer res.Body.Close()
	f := Facts{Size: res.ContentLength, Version: res.Header.Get("ETag")}
	f.Modified, _ = http.ParseTime(res.Header.Get("Last-Modified")) // zero where there is none
	if f.Version == "" {
		f.Version = res.Header.Get("Last-Modified")
	}
	if res.StatusCode == http.StatusPartialContent {
		if _, f.Size, err = contentRange(res); err != nil {
			return Facts{}, err
		}
	}
	if f.Size == 0 {
		return Facts{}, Permanent(errors.New("the file is empty"))
	}
	return f, nil
}

// contentRange reads where the bytes of an answer begin and how many the file has, -1 when that is not told.
func contentRange(res *http.Response) (from, size int64, err error) {
	text := res.Header.Get("Content-Range")
	span, total, ok := strings.Cut(strings.TrimPrefix(text, "bytes "), "/")
	first, _, dash := strings.Cut(span, "-")
	from, fromErr := strconv.ParseInt(first, 10, 64)
	size = -1
	var sizeErr error
	if total != "*" {
		size, sizeErr = strconv.ParseInt(total, 10, 64)
	}
	if !ok || !dash || fromErr != nil || sizeErr != nil || from < 0 || size < -1 {
		return 0, 0, Permanent(fmt.Errorf("the server answers with the range %.60q, which is none", text))
	}
	return from, size, nil
}

// Open reads on from a byte where the server knows ranges and a version by which it can tell that the file is still the same.
func (w *web) Open(ctx context.Context, u *url.URL, from int64, f Facts) (io.ReadCloser, int64, error) {
	if f.Version == "" || strings.HasPrefix(f.Version, "W/") {
		from = 0
	}
	res, err := w.get(ctx, u, from, -1, f.Version)
	if err != nil {
		return nil, 0, err
	}
	at, size := int64(0), res.ContentLength
	if res.StatusCode == http.StatusPartialContent {
		at, size, err = contentRange(res)
	}
	switch {
	case err != nil:
	case res.StatusCode == http.StatusOK && size < 0 && res.ProtoMajor == 1 && len(res.TransferEncoding) == 0:
		err = Permanent(errors.New("the server tells neither how long the file is nor where it ends"))
	case at != from && at != 0:
		err = fmt.Errorf("the server sends from byte %d on, %d was asked for", at, from)
	case f.Size >= 0 && size >= 0 && size != f.Size:
		err = fmt.Errorf("the server now tells of %d bytes, and of %d before", size, f.Size)
	}
	if err != nil {
		res.Body.Close()
		return nil, 0, err
	}
	return res.Body, at, nil
}

func (w *web) Close() error {
	w.client.CloseIdleConnections()
	return nil
}
