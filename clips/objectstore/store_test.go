package objectstore

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/blob/memblob"

	"vssl/clips/remote"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	lentMu  sync.Mutex
	buckets = map[string]func() *blob.Bucket{} // by host
)

func init() {
	remote.Register("test", func() remote.Store {
		s := newStore()
		lentMu.Lock()
		defer lentMu.Unlock()
		for host, open := range buckets {
			s.buckets["test://"+host] = open()
		}
		return s
	})
}

func lend(t *testing.T, host string, open func() *blob.Bucket) {
	lentMu.Lock()
	defer lentMu.Unlock()
	buckets[host] = open
	t.Cleanup(func() { lentMu.Lock(); delete(buckets, host); lentMu.Unlock() })
}

func put(t *testing.T, b *blob.Bucket, key string, content []byte) {
	t.Helper()
	if err := b.WriteAll(t.Context(), key, content, nil); err != nil {
		t.Fatal(err)
	}
}

func config(t *testing.T) remote.Config {
	return remote.Config{Dir: t.TempDir(), Attempts: 2, Pause: time.Millisecond}
}

func TestSchemesAreKnown(t *testing.T) {
	for _, scheme := range []string{"s3", "gs", "azblob", "http", "https"} {
		if !slices.Contains(remote.Schemes(), scheme) {
			t.Errorf("%s is not among %v", scheme, remote.Schemes())
		}
	}
}

func TestFetchFromAFolderBucket(t *testing.T) {
	dir := t.TempDir()
	lend(t, "folder", func() *blob.Bucket {
		b, err := fileblob.OpenBucket(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		return b
	})
	want := map[string][]byte{}
	var addresses []string
	for i := range 3 {
		name := fmt.Sprintf("set/%03d.tar", i)
		want[name] = bytes.Repeat([]byte{byte(i + 1)}, 100_000+i)
		if err := os.MkdirAll(filepath.Join(dir, "set"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), want[name], 0o644); err != nil {
			t.Fatal(err)
		}
		addresses = append(addresses, "test://folder/"+name)
	}
	cfg := config(t)
	for range 2 {
		paths, err := remote.Fetch(t.Context(), addresses, cfg)
		if err != nil {
			t.Fatal(err)
		}
		for i, path := range paths {
			if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want[fmt.Sprintf("set/%03d.tar", i)]) {
				t.Errorf("%s: %d bytes, %v", addresses[i], len(got), err)
			}
		}
	}
	for address, reason := range map[string]string{"test://folder/none.tar": "no such object", "test://folder/set": "no such object", "s3://no_such bucket!/x": "not an address"} {
		if _, err := remote.Fetch(t.Context(), []string{address}, cfg); err == nil || !strings.Contains(err.Error(), reason) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want %q", address, err, reason)
		}
	}
}

func TestReadFromAByteOn(t *testing.T) {
	b := memblob.OpenBucket(nil)
	put(t, b, "a/b.tar", []byte("0123456789"))
	put(t, b, "empty.tar", nil)
	s := newStore()
	s.buckets["test://memory"] = b
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	u := &url.URL{Scheme: "test", Host: "memory", Path: "/a/b.tar"}
	facts, err := s.Stat(t.Context(), u)
	if err != nil || facts.Size != 10 || facts.Version == "" {
		t.Fatalf("%+v, %v", facts, err)
	}
	body, at, err := s.Open(t.Context(), u, 4, facts)
	if err != nil || at != 4 {
		t.Fatal(at, err)
	}
	var rest bytes.Buffer
	if _, err := rest.ReadFrom(body); err != nil || rest.String() != "456789" {
		t.Errorf("%q, %v", rest.String(), err)
	}
	if err := body.Close(); err != nil {
		t.Error(err)
	}
	put(t, b, "a/b.tar", []byte("0123456789ab"))
	if _, _, err := s.Open(t.Context(), u, 4, facts); err == nil || !strings.Contains(err.Error(), "has changed") {
		t.Errorf("a changed object: %v", err)
	}
	if _, err := s.Stat(t.Context(), &url.URL{Scheme: "test", Host: "memory", Path: "/empty.tar"}); err == nil || !strings.Contains(err.Error(), "is empty") {
		t.Errorf("an empty object: %v", err)
	}
}

// The client for S3 itself, against a server that speaks enough of its protocol.
func TestFetchFromS3(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "id")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	content := bytes.Repeat([]byte("shard"), 100_000)
	var mu sync.Mutex
	var asked []string
	cut := true
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, r.Method+" "+r.URL.Path+" "+r.Header.Get("Range"))
		if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256") || r.URL.Path != "/bucket/set/000.tar" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		w.Header().Set("ETag", `"v"`)
		if r.Method == http.MethodGet && cut {
			cut = false
			w.Header().Set("Content-Length", fmt.Sprint(len(content)))
			_, _ = w.Write(content[:200_000])
			panic(http.ErrAbortHandler)
		}
		http.ServeContent(w, r, "", time.Unix(1e9, 0), bytes.NewReader(content))
	}))
	defer server.Close()
	options := "?region=us-east-1&use_path_style=true&endpoint=" + url.QueryEscape(server.URL)
	paths, err := remote.Fetch(t.Context(), []string{"s3://bucket/set/000.tar" + options}, config(t))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(paths[0]); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	mu.Lock()
	last := asked[len(asked)-1]
	mu.Unlock()
	if !strings.HasPrefix(last, "GET /bucket/set/000.tar bytes=") || strings.HasSuffix(last, "=0-") {
		t.Errorf("the last request is %q", last)
	}
	_, err = remote.Fetch(t.Context(), []string{"s3://bucket/set/001.tar" + options}, config(t))
	if err == nil || !strings.HasPrefix(err.Error(), "shard s3://bucket/set/001.tar: ") || strings.ContainsAny(err.Error(), "\n") {
		t.Errorf("a forbidden object: %v", err)
	}
}
