package pickle

import (
	"reflect"
	"strings"
	"testing"
)

// written by Python: pickle.dumps({"a": [1, -2, 300, 1.5], "b": (True, None), "t": ()}, protocol)
var fromPython = map[string]string{
	"protocol 2": "\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01]q\x02(K\x01J\xfe\xff\xff\xffM,\x01G?\xf8\x00\x00\x00\x00\x00\x00eX\x01\x00\x00\x00bq\x03\x88N\x86q\x04X\x01\x00\x00\x00tq\x05)u.",
	"protocol 4": "\x80\x04\x95-\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x01a\x94]\x94(K\x01J\xfe\xff\xff\xffM,\x01G?\xf8\x00\x00\x00\x00\x00\x00e\x8c\x01b\x94\x88N\x86\x94\x8c\x01t\x94)u.",
}

func TestPlainData(t *testing.T) {
	for name, data := range fromPython {
		v, err := Load([]byte(data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		d := v.(*Dict)
		if got, want := d.Get("a").(*List).Items, []any{int64(1), int64(-2), int64(300), 1.5}; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: list %v, want %v", name, got, want)
		}
		if got := d.Get("b"); !reflect.DeepEqual(got, Tuple{true, nil}) {
			t.Errorf("%s: tuple %v", name, got)
		}
		if d.Get("x") != nil || len(d.Get("t").(Tuple)) != 0 {
			t.Errorf("%s: dict %v", name, d)
		}
	}
}

// A call is described, and nothing else: this pickle would have Python remove a folder.
func TestNothingIsCalled(t *testing.T) {
	v, err := Load([]byte("\x80\x02cos\nsystem\nU\x05rm -r\x85R."))
	if err != nil {
		t.Fatal(err)
	}
	want := &Call{Func: Global{"os", "system"}, Args: Tuple{Text("rm -r")}}
	if !reflect.DeepEqual(v, want) {
		t.Errorf("got %+v, want %+v", v, want)
	}
	if _, _, err := Bytes(v); err == nil {
		t.Error("it passed for an array")
	}
}

func TestBrokenPickles(t *testing.T) {
	for data, want := range map[string]string{
		"": "ends too early", ".": "stack is empty", "\x80": "ends too early", "T\xff\xff\xff\xff": "ends too early",
		"e": "no mark", "K\x01(e.": "takes none",
		"h\x05": "nothing was remembered", "N)R": "", "\x86": "too short", "](K\x01K\x02u.": "takes none",
		"}(K\x01u.": "takes none", "cos": "ends too early", "\xff": "opcode 0xff",
		"NNb": "takes none", "q\x00": "nothing to remember", "NNR": "without a tuple",
		"\x8d\xff\xff\xff\xff\xff\xff\xff\xff": "ends too early",
	} {
		if _, err := Load([]byte(data)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", data, err, want)
		}
	}
}

func FuzzLoad(f *testing.F) {
	for _, data := range fromPython {
		f.Add([]byte(data))
	}
	f.Add([]byte("\x80\x02cnumpy\n_reconstruct\n)R(K\x01K\x02\x85cnumpy\ndtype\nU\x02u1\x85R\x89U\x02abtb."))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := Load(data)
		if err != nil {
			return
		}
		if content, shape, err := Bytes(v); err == nil {
			n := 1
			for _, d := range shape {
				n *= d
			}
			if n != len(content) {
				t.Errorf("%d bytes of shape %v", len(content), shape)
			}
		}
	})
}
