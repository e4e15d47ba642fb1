package remote

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// payload is n bytes that differ from place to place.
func payload(n int) []byte {
	var b []byte
	for i := 0; len(b) < n; i++ {
		sum := sha256.Sum256([]byte{byte(i), byte(i >> 8), byte(i >> 16)})
		b = append(b, sum[:]...)
	}
	return b[:n]
}

// quick has a folder of its own and no patience.
func quick(t *testing.T) Config {
	return Config{Dir: t.TempDir(), Attempts: 3, Pause: time.Millisecond, Stall: 5 * time.Second}
}

// server answers every request by the handler, and keeps what was asked for.
type server struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string // PATH RANGE
}

func serve(t *testing.T, handle http.HandlerFunc) *server {
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.URL.Path+" "+r.Header.Get("Range"))
		s.mu.Unlock()
		handle(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.asked...)
}

// content serves b with ranges and a version.
func content(b []byte, etag string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if etag != "" {
			w.Header().Set("ETag", etag)
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
	}
}

func fetched(t *testing.T, cfg Config, addresses ...string) []string {
	t.Helper()
	paths, err := Fetch(t.Context(), addresses, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func holds(t *testing.T, path string, want []byte) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes (%v), want the %d that were served", len(got), err, len(want))
	}
}

// files lists the names in the cache folder.
func files(t *testing.T, cfg Config) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(cfg.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestFetchOnceInOrder(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		content(payload(1000+len(r.URL.Path)), `"v`+r.URL.Path+`"`)(w, r)
	})
	var addresses []string
	for i := range 12 {
		addresses = append(addresses, s.URL+"/"+strings.Repeat("x", i+1))
	}
	cfg := quick(t)
	var shown string
	cfg.Progress = func(done, total int) { shown = fmt.Sprint(done, total) }
	for range 2 {
		for i, path := range fetched(t, cfg, append(addresses, addresses[0])...) {
			holds(t, path, payload(1000+i%12+2))
		}
	}
	whole := 0
	for _, r := range s.requests() {
		if strings.HasSuffix(r, " ") {
			whole++
		}
	}
	if whole != 12 || len(files(t, cfg)) != 12 || shown != "1 1" {
		t.Errorf("%d bodies and %d files of 12, progress %q", whole, len(files(t, cfg)), shown)
	}
}

// A file that changed is fetched again.
func TestFetchSeesNewVersion(t *testing.T) {
	b, etag := payload(500), `"1"`
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { content(b, etag)(w, r) })
	cfg := quick(t)
	holds(t, fetched(t, cfg, s.URL+"/a")[0], b)
	b, etag = bytes.ToUpper(b), `"2"`
	holds(t, fetched(t, cfg, s.URL+"/a")[0], b)
}

// A connection that is cut again and again costs no byte twice where the server knows ranges.
func TestFetchGoesOnAfterACut(t *testing.T) {
	b := payload(10 << 20)
	var mu sync.Mutex
	sent := 0
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") == "bytes=0-0" {
			content(b, `"v"`)(w, r)
			return
		}
		content(b, `"v"`)(&cutting{ResponseWriter: w, left: 3 << 20, count: func(n int) { mu.Lock(); sent += n; mu.Unlock() }}, r)
	})
	cfg := quick(t)
	holds(t, fetched(t, cfg, s.URL+"/a")[0], b)
	mu.Lock()
	defer mu.Unlock()
	if sent > len(b)+4*(1<<20) || len(s.requests()) < 4 {
		t.Errorf("%d bytes were sent in %d requests", sent, len(s.requests()))
	}
}

// cutting ends the connection after some bytes.
type cutting struct {
	http.ResponseWriter
	left  int
	count func(n int)
}

func (c *cutting) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p[:min(len(p), c.left)])
	c.count(n)
	if c.left -= n; c.left == 0 {
		c.ResponseWriter.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	return n, err
}

// What one call left aside, the next one goes on from.
func TestFetchGoesOnInAnotherCall(t *testing.T) {
	b := payload(4 << 20)
	broken := true
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if broken && r.Header.Get("Range") != "bytes=0-0" {
			w = &cutting{ResponseWriter: w, left: 700 << 10, count: func(int) {}}
		}
		content(b, `"v"`)(w, r)
	})
	cfg := quick(t)
	cfg.Attempts = 1
	if _, err := Fetch(t.Context(), []string{s.URL + "/a"}, cfg); err == nil || !strings.Contains(err.Error(), "run again") {
		t.Fatalf("got %v", err)
	}
	broken = false
	holds(t, fetched(t, cfg, s.URL+"/a")[0], b)
	last := s.requests()[len(s.requests())-1]
	if last == "/a " || last == "/a bytes=0-0" {
		t.Errorf("asked for %q, want the rest alone", last)
	}
	if names := files(t, cfg); len(names) != 1 || !strings.HasSuffix(names[0], ".tar") {
		t.Errorf("the folder holds %v", names)
	}
}

// Without ranges, or without a version to hold on to, a cut file begins anew.
func TestFetchWithoutRanges(t *testing.T) {
	b := payload(3 << 20)
	for name, version := range map[string]string{"no ranges": `"v"`, "no version": ""} {
		cuts := 2
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if version == "" {
				content(b, "")(w, r)
				return
			}
			w.Header().Set("ETag", version)
			w.Header().Set("Content-Length", fmt.Sprint(len(b)))
			if cuts--; cuts == 0 {
				_, _ = w.Write(b[:2<<20])
				panic(http.ErrAbortHandler)
			}
			_, _ = w.Write(b) // fails where only the headers are wanted
		})
		cfg := quick(t)
		t.Log(name)
		holds(t, fetched(t, cfg, s.URL+"/a")[0], b)
	}
}

// A body of unknown length ends where the transfer says so.
func TestFetchOfUnknownLength(t *testing.T) {
	b := payload(300_000)
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(b); i += 100_000 {
			_, _ = w.Write(b[i : i+100_000]) // as above
			w.(http.Flusher).Flush()
		}
	})
	holds(t, fetched(t, quick(t), s.URL+"/a")[0], b)
}

func TestFetchRefuses(t *testing.T) {
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	redirect := func(to string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusFound)
		}
	}
	header := func(pairs ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(pairs); i += 2 {
				w.Header().Set(pairs[i], pairs[i+1])
			}
			if w.Header().Get("Content-Range") != "" {
				w.WriteHeader(http.StatusPartialContent)
			}
			_, _ = io.WriteString(w, "twenty bytes of text")
		}
	}
	for _, c := range []struct {
		name     string
		handle   http.HandlerFunc
		want     string
		requests int // 0: any number
	}{
		{"404", status(404), "answers 404 Not Found", 1}, {"403", status(403), "answers 403 Forbidden", 1}, {"odd code", status(299), "answers 299", 1},
		{"500", status(500), "answers 500 Internal Server Error (tried 3 times)", 3}, {"429", status(429), "429", 3},
		{"to a file", redirect("file:///etc/passwd"), `scheme "file", which is not followed`, 1}, {"to ftp", redirect("ftp://host/x"), `scheme "ftp"`, 1},
		{"for ever", redirect("/again"), "redirects more than 10 times", 0}, {"empty", func(http.ResponseWriter, *http.Request) {}, "is empty", 0},
		{"gzip", header("Content-Encoding", "gzip"), "coding", 1}, {"bad range", header("Content-Range", "bytes x-y/z"), "which is none", 1},
		{"negative", header("Content-Range", "bytes 0-0/-7"), "which is none", 1}, {"lies", header("Content-Range", "bytes 0-0/1000"), "(tried 3 times)", 0},
		{"too large", header("Content-Range", "bytes 0-0/9223372036854775807"), "at most", 1},
		{"too long", header("Content-Range", "bytes 0-0/7"), "more than the 7 bytes", 0}, {"short", header("Content-Length", "1000"), "unexpected EOF (tried 3 times)", 0},
	} {
		s := serve(t, c.handle)
		cfg := quick(t)
		_, err := Fetch(t.Context(), []string{s.URL + "/a.tar?signature=secret"}, cfg)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.ContainsAny(err.Error(), "\n") || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), s.URL+"/a.tar") {
			t.Errorf("%s: got %v, want one line with %q", c.name, err, c.want)
		}
		if n := len(s.requests()); c.requests != 0 && n != c.requests {
			t.Errorf("%s: %d requests, want %d", c.name, n, c.requests)
		}
		for _, name := range files(t, cfg) {
			if !strings.HasSuffix(name, ".part") {
				t.Errorf("%s: %s was kept", c.name, name)
			}
		}
	}
}

// A body without an end is given up at the bound, and does not stay on the disk.
func TestFetchOfAnEndlessBody(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	})
	cfg := quick(t)
	cfg.MaxSize = 5 << 20
	_, err := Fetch(t.Context(), []string{s.URL + "/a"}, cfg)
	if err == nil || !strings.Contains(err.Error(), "too large for a shard") {
		t.Fatalf("got %v", err)
	}
	for _, name := range files(t, cfg) {
		if info, err := os.Stat(filepath.Join(cfg.Dir, name)); err != nil || info.Size() != 0 {
			t.Errorf("%s has %d bytes", name, info.Size())
		}
	}
}

// A server that falls silent is given up, and the context ends everything at once.
func TestFetchStallsAndIsCancelled(t *testing.T) {
	release := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") == "bytes=0-0" {
			content(payload(1000), `"v"`)(w, r)
			return
		}
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write(payload(10))
		w.(http.Flusher).Flush()
		select {
		case <-r.Context().Done():
		case <-release:
		}
	})
	defer close(release)
	cfg := quick(t)
	cfg.Stall = 50 * time.Millisecond
	if _, err := Fetch(t.Context(), []string{s.URL + "/a"}, cfg); err == nil || !strings.Contains(err.Error(), "nothing came for too long") {
		t.Errorf("a silent server: %v", err)
	}
	cfg.Stall = time.Hour
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := Fetch(ctx, []string{s.URL + "/a", s.URL + "/b", s.URL + "/c"}, cfg); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 10*time.Second {
		t.Errorf("cancelled: %v after %v", err, time.Since(began))
	}
}

func TestFetchLeavesRoomOnTheDisk(t *testing.T) {
	s := serve(t, content(payload(5000), `"v"`))
	cfg := quick(t)
	f := &fetcher{cfg: cfg.withDefaults(), stores: map[string]Store{}, free: func(string) (int64, error) { return 1<<30 + 4000, nil }}
	if _, err := f.all(t.Context(), []string{s.URL + "/a"}); err == nil || !strings.Contains(err.Error(), "set the environment variable VSSL_CACHE") {
		t.Errorf("too little room: %v", err)
	}
	looks := 0
	f = &fetcher{cfg: cfg.withDefaults(), stores: map[string]Store{}, free: func(string) (int64, error) { looks++; return int64(4-2*looks) << 30, nil }}
	if _, err := f.all(t.Context(), []string{s.URL + "/a"}); err == nil || !strings.Contains(err.Error(), "MB free") {
		t.Errorf("a disk that fills up: %v", err)
	}
}

// Two callers at a time fetch a file once.
func TestFetchTwiceAtATime(t *testing.T) {
	b := payload(2 << 20)
	s := serve(t, content(b, `"v"`))
	cfg := quick(t)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			paths, err := Fetch(t.Context(), []string{s.URL + "/a"}, cfg)
			if err != nil {
				t.Error(err)
				return
			}
			holds(t, paths[0], b)
		})
	}
	wg.Wait()
	whole := 0
	for _, r := range s.requests() {
		if r == "/a " {
			whole++
		}
	}
	if whole != 1 || len(files(t, cfg)) != 1 {
		t.Errorf("%d bodies, files %v", whole, files(t, cfg))
	}
}

func TestAddresses(t *testing.T) {
	for address, want := range map[string]string{"ftp://host/x": "known are", "http:///x": "want scheme://host/path", "http://host": "want scheme://host/path", "::": "want scheme"} {
		if _, err := Fetch(t.Context(), []string{address}, quick(t)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", address, err, want)
		}
	}
	if got := Display("https://user:secret@host/a.tar?X-Signature=secret#f"); strings.Contains(got, "secret") || !strings.Contains(got, "host/a.tar") {
		t.Errorf("shown as %s", got)
	}
}
