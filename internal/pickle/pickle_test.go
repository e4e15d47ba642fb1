package pickle_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"vssl/internal/pickle"
)

// written by Python: pickle.dumps({"a": [1, -2, 300, 1.5], "b": (True, None), "t": ()}, protocol)
var fromPython = map[string]string{
	"protocol 2": "\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01]q\x02(K\x01J\xfe\xff\xff\xffM,\x01" +
		"G?\xf8\x00\x00\x00\x00\x00\x00eX\x01\x00\x00\x00bq\x03\x88N\x86q\x04X\x01\x00\x00\x00tq\x05)u.",
	"protocol 4": "\x80\x04\x95-\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x01a\x94]\x94(K\x01J\xfe\xff\xff\xffM,\x01" +
		"G?\xf8\x00\x00\x00\x00\x00\x00e\x8c\x01b\x94\x88N\x86\x94\x8c\x01t\x94)u.",
}

func reader(data string) *pickle.Reader {
	return pickle.NewReader(strings.NewReader(data), 0, int64(len(data)))
}

func TestPlainData(t *testing.T) {
	want := &pickle.Dict{Keys: []any{"a", "b", "t"}, Values: []any{
		&pickle.List{Items: []any{int64(1), int64(-2), int64(300), 1.5}}, pickle.Tuple{true, nil}, pickle.Tuple{}}}
	for name, data := range fromPython {
		if v, err := reader(data).Next(); err != nil || !reflect.DeepEqual(v, want) {
			t.Errorf("%s: got %+v, %v", name, v, err)
		}
	}
}

// TestStrings: short ones are kept, long ones are where they lie; what Python 2 wrote may be either text or bytes.
func TestStrings(t *testing.T) {
	long := strings.Repeat("x", 5000)
	four := "\x88\x13\x00\x00" // 5000
	for data, want := range map[string]any{
		"U\x02ab.": "ab", "U\x02a\xff.": pickle.Bytes("a\xff"), "T\x01\x00\x00\x00a.": "a", "C\x02ab.": pickle.Bytes("ab"),
		"\x96\x01\x00\x00\x00\x00\x00\x00\x00a.": pickle.Bytes("a"), "X" + four + long + ".": pickle.Block{At: 5, Size: 5000},
		"T" + four + long + ".": pickle.Block{At: 5, Size: 5000}, "B" + four + long + ".": pickle.Block{At: 5, Size: 5000},
	} {
		// the pickle begins behind two bytes of something else, and another follows
		r := pickle.NewReader(strings.NewReader("??"+data+"N."), 2, int64(len(data))+2)
		got, err := r.Next()
		if b, ok := want.(pickle.Block); ok {
			want = pickle.Block{At: b.At + 2, Size: b.Size}
		}
		if err != nil || !reflect.DeepEqual(got, want) || r.Offset() != int64(len(data)) {
			t.Errorf("%.20q: got %v, %v, offset %d", data, got, err, r.Offset())
		}
		if next, err := r.Next(); next != nil || err != nil {
			t.Errorf("%.20q: then %v, %v", data, next, err)
		}
	}
}

func TestIntegers(t *testing.T) {
	for data, want := range map[string]any{
		"\x8a\x00.": int64(0), "\x8a\x01\xff.": int64(-1), "\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80.": int64(-1 << 63),
		"\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x80\x00.":          pickle.Integer("\x00\x00\x00\x00\x00\x00\x00\x80\x00"),
		"\x8b\x88\x13\x00\x00" + strings.Repeat("1", 5000) + ".": &pickle.Opaque{Of: "int"},
	} {
		if got, err := reader(data).Next(); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%.20q: got %v, %v, want %v", data, got, err, want)
		}
	}
}

// A call is handed over, and nothing else: this pickle would have Python remove a folder.
const removes = "\x80\x02cos\nsystem\nU\x05rm -r\x85R."

func TestNothingIsCalled(t *testing.T) {
	if v, err := reader(removes).Next(); err != nil || !reflect.DeepEqual(v, &pickle.Opaque{Of: "os.system"}) {
		t.Errorf("got %+v, %v", v, err)
	}
	r := reader(removes)
	r.Call = func(function any, args pickle.Tuple) (any, error) {
		return []any{function, args}, nil
	}
	want := []any{pickle.Global{Module: "os", Name: "system"}, pickle.Tuple{"rm -r"}}
	if v, err := r.Next(); err != nil || !reflect.DeepEqual(v, want) {
		t.Errorf("got %+v, %v", v, err)
	}
	wrong := errors.New("not that")
	r = reader(removes)
	r.Call = func(any, pickle.Tuple) (any, error) { return nil, wrong }
	if _, err := r.Next(); !errors.Is(err, wrong) || !strings.Contains(err.Error(), "byte 21") {
		t.Errorf("an error of the caller's: got %v", err)
	}
}

// object keeps what it is given.
type object struct {
	args         pickle.Tuple
	state, items []any
}

func (o *object) Build(state any) error  { o.state = append(o.state, state); return nil }
func (o *object) Add(items ...any) error { o.items = append(o.items, items...); return nil }

func TestObjects(t *testing.T) {
	r := reader("\x80\x02cm\nC\nK\x01\x85\x81K\x02b(K\x03K\x04eK\x05K\x06sN0.")
	r.New = func(_ any, args pickle.Tuple) (any, error) { return &object{args: args}, nil }
	want := &object{pickle.Tuple{int64(1)}, []any{int64(2)}, []any{int64(3), int64(4), int64(5), int64(6)}}
	if v, err := r.Next(); err != nil || !reflect.DeepEqual(v, want) {
		t.Errorf("got %+v, %v", v, err)
	}
	r = reader("U\x02idQ.")
	r.Persistent = func(id any) (any, error) { return fmt.Sprint("the one of ", id), nil }
	if v, err := r.Next(); err != nil || v != "the one of id" {
		t.Errorf("a reference: got %v, %v", v, err)
	}
}

func TestBrokenPickles(t *testing.T) {
	for data, want := range map[string]string{
		"": "too early", ".": "missing on the stack", "\x80": "too early", "T\xff\xff\xff\x7f": "too early",
		"T\xff\xff\xff\xff": "length of -1",
		"e":                 "mark is missing", "K\x01(e.": "takes none", "](K\x01K\x02u.": "takes none",
		"}(K\x01K\x02e.": "takes none",
		"h\x05":          "nothing is remembered", "\x86": "missing on the stack", "}(K\x01u.": "without its value", "cos": "too early",
		"\xff": "opcode 0xff", "i": "opcode INST", "NNb": "takes none", "q\x00": "missing on the stack",
		"NNR":                                  "want a tuple of arguments",
		"\x8d\xff\xff\xff\xff\xff\xff\xff\xff": "length of -1", "NQ.": "where none may be", "\x80\x09.": "protocol 9",
		"K\x01K\x02\x93.": "name is no text", "cos\x1b[2J\nsystem\n.": "name is no text", "c" + strings.Repeat("a", 5000): "more than",
		strings.Repeat("(", 5000):                   "nests",
		"]q\x00" + strings.Repeat("h\x00", 1<<20+1): "stacks", strings.Repeat("N0", 3<<20): "opcodes",
	} {
		var broken *pickle.Error
		if _, err := reader(data).Next(); !errors.As(err, &broken) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v, want %q", data, err, want)
		}
	}
}

func TestSpentWork(t *testing.T) {
	r := reader(strings.Repeat("cm\nf\n)R0", 100) + "N.")
	r.Call = func(any, pickle.Tuple) (any, error) { r.Spend(1 << 16); return nil, nil }
	if _, err := r.Next(); err == nil || !strings.Contains(err.Error(), "copied") {
		t.Errorf("got %v", err)
	}
}

// failing is a disk that fails behind its first bytes.
type failing struct{ head string }

var errDisk = errors.New("the disk fails")

func (f failing) ReadAt(b []byte, at int64) (int, error) {
	if at >= int64(len(f.head)) {
		return 0, errDisk
	}
	return copy(b, f.head[at:]), errDisk
}

// TestReading: an error of reading is none of the content, and a file that shrinks ends too early.
func TestReading(t *testing.T) {
	for _, head := range []string{"", "K", "X\xff\x00\x00\x00", "cos\n", "X\xff\xff\x00\x00abc"} {
		var broken *pickle.Error
		_, err := pickle.NewReader(failing{head}, 0, 1<<20).Next()
		if !errors.Is(err, errDisk) || errors.As(err, &broken) {
			t.Errorf("%q: got %v", head, err)
		}
		_, err = pickle.NewReader(strings.NewReader(head), 0, 1<<20).Next()
		if !errors.As(err, &broken) || errors.Is(err, io.EOF) || !strings.Contains(err.Error(), "too early") {
			t.Errorf("%q cut: got %v", head, err)
		}
	}
}

// FuzzNext: no bytes make the reader panic.
func FuzzNext(f *testing.F) {
	for _, data := range fromPython {
		f.Add([]byte(data))
	}
	f.Add([]byte(removes))
	f.Add([]byte("\x80\x02cnumpy\n_reconstruct\n)R(K\x01K\x02\x85cnumpy\ndtype\nU\x02u1\x85R\x89U\x02abtb."))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := pickle.NewReader(bytes.NewReader(data), 0, int64(len(data)))
		r.New = func(_ any, args pickle.Tuple) (any, error) { return &object{args: args}, nil }
		for {
			if _, err := r.Next(); err != nil {
				return
			}
		}
	})
}
