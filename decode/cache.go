package decode

import (
	"container/list"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"sync"
)

// indexCache keeps the indices used last in memory, so that a file opened again and again costs no read of its index.
var indexCache = newMemory(64 << 20)

// memory is a cache that drops what was used longest ago.
type memory struct {
	mu    sync.Mutex
	room  int // bytes
	used  int
	order *list.List // of *memoryEntry, the one used last in front
	byKey map[string]*list.Element
}

type memoryEntry struct {
	dir   string
	key   fileKey
	index *Index
	size  int
}

func newMemory(room int) *memory {
	return &memory{room: room, order: list.New(), byKey: map[string]*list.Element{}}
}

func (m *memory) get(dir string, key fileKey) *Index {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.byKey[dir+"\x00"+key.path]
	if e == nil || e.Value.(*memoryEntry).key != key {
		return nil
	}
	m.order.MoveToFront(e)
	return e.Value.(*memoryEntry).index
}

func (m *memory) put(dir string, key fileKey, x *Index) {
	m.mu.Lock()
	defer m.mu.Unlock()
	name := dir + "\x00" + key.path
	if old := m.byKey[name]; old != nil {
		m.remove(old)
	}
	entry := &memoryEntry{dir, key, x, 56*len(x.packets) + 24*len(x.frames) + 2048}
	m.byKey[name] = m.order.PushFront(entry)
	m.used += entry.size
	for m.used > m.room && m.order.Len() > 1 {
		m.remove(m.order.Back())
	}
}

func (m *memory) remove(e *list.Element) {
	entry := m.order.Remove(e).(*memoryEntry)
	delete(m.byKey, entry.dir+"\x00"+entry.key.path)
	m.used -= entry.size
}

// indexPath is the file of an index; "" when none shall be kept.
func indexPath(dir string, key fileKey) string {
	switch dir {
	case "-":
		return ""
	case "":
		user, err := os.UserCacheDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(user, "vssl", "index")
	}
	path, err := filepath.Abs(key.path)
	if err != nil {
		return ""
	}
	h := sha256.New()
	h.Write([]byte(path))
	binary.Write(h, binary.LittleEndian, [2]int64{key.size, key.mtime}) // a Hash never fails
	return filepath.Join(dir, hex.EncodeToString(h.Sum(nil)[:16])+".idx")
}

// loadIndex returns the stored index of this state of a file, or nil. An index on disk that is broken, or of another
// version, is as good as none.
func loadIndex(dir string, key fileKey) *Index {
	if x := indexCache.get(dir, key); x != nil {
		return x
	}
	path := indexPath(dir, key)
	if path == "" {
		return nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	x, err := unmarshalIndex(data)
	if err != nil {
		return nil
	}
	indexCache.put(dir, key, x)
	return x
}

// storeIndex keeps an index in memory and on disk. A disk that is full or read-only costs time later, and is no error:
// the index is at hand.
func storeIndex(dir string, key fileKey, x *Index) {
	indexCache.put(dir, key, x)
	path := indexPath(dir, key)
	if path == "" {
		return
	}
	if err := writeWhole(path, marshalIndex(x)); errors.Is(err, os.ErrNotExist) && os.MkdirAll(filepath.Dir(path), 0o755) == nil {
		_ = writeWhole(path, marshalIndex(x)) // see above
	}
}

// writeWhole writes a file that readers see either whole or not at all. It is not synced: what a crash leaves is caught by
// the checksum.
func writeWhole(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".part-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
