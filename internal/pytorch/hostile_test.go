package pytorch_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"strings"
	"testing"

	"vssl/internal/pytorch"
)

// entry is one file of a zip.
type entry struct{ name, content string }

// pack stores entries as torch.save does.
func pack(t testing.TB, method uint16, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		f, err := w.CreateHeader(&zip.FileHeader{Name: e.name, Method: method})
		if err == nil {
			_, err = f.Write([]byte(e.content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Parts of pickles, in protocol 2.
const (
	rebuild = "ctorch._utils\n_rebuild_tensor_v2\n"
	noHooks = "\x89ccollections\nOrderedDict\n)Rt"
)

func short(s string) string { return "U" + string(rune(len(s))) + s }

func int32s(n int64) string {
	return "J" + string(binary.LittleEndian.AppendUint32(nil, uint32(n)))
}

func int64s(n int64) string {
	return "\x8a\x08" + string(binary.LittleEndian.AppendUint64(nil, uint64(n)))
}

// storage refers to the entry data/0 of float32.
func storage(count string) string {
	return "(" + short("storage") + "ctorch\nFloatStorage\n" + short("0") + short("cpu") + count + "tQ"
}

// vector is a tensor of one dimension.
func vector(storage, offset, size, stride string) string {
	return rebuild + "(" + storage + offset + size + "\x85" + stride + "\x85" + noHooks + "R"
}

// named is a whole pickle: a dictionary with one entry.
func named(name, v string) string { return "\x80\x02}" + short(name) + v + "s." }

// sound is a checkpoint of the tensor w = [1, 2].
func sound() string { return named("w", vector(storage("K\x02"), "K\x00", "K\x02", "K\x01")) }

const block = "\x00\x00\x80\x3f\x00\x00\x00\x40"

func openBytes(data []byte) (*pytorch.File, error) {
	return pytorch.New(bytes.NewReader(data), int64(len(data)))
}

func TestSoundByHand(t *testing.T) {
	f, err := openBytes(pack(t, zip.Store, entry{"a/data.pkl", sound()}, entry{"a/data/0", block}))
	if err != nil {
		t.Fatal(err)
	}
	data, err := f.Read(nil, f.Tensors()[0])
	if err != nil || string(data) != block {
		t.Errorf("got %x, %v", data, err)
	}
}

// TestHostilePickles: each is refused with a sentence that says what is wrong, and takes no more than the file is worth.
func TestHostilePickles(t *testing.T) {
	two := storage("K\x02")
	laughs := "\x80\x02]q\x00" // each list holds the one before ten times
	for i := range 40 {
		laughs += "](" + strings.Repeat("h"+string([]byte{byte(i)}), 10) + "eq" + string([]byte{byte(i + 1)})
	}
	pairs := "\x80\x02(](" + strings.Repeat("K\x01K\x01\x86", 5000) + "eq\x00" +
		strings.Repeat("ccollections\nOrderedDict\nh\x00\x85R0", 20000) + "t."
	for name, c := range map[string]struct{ pickle, want string }{
		"system":        {"\x80\x02cos\nsystem\n" + short("true") + "\x85R.", "os.system"},
		"eval":          {"\x80\x02c__builtin__\neval\n" + short("1") + "\x85R.", "__builtin__.eval"},
		"stack global":  {"\x80\x04" + short("posix") + short("system") + "\x93" + short("true") + "\x85R.", "posix.system"},
		"through size":  {"\x80\x02ctorch\nSize\ncos\nsystem\n\x85R" + short("true") + "\x85R.", "os.system"},
		"as subclass":   {"\x80\x02ctorch._tensor\n_rebuild_from_type_v2\ncos\nsystem\nNN\x85\x87R.", "os.system"},
		"nested":        {"\x80\x02" + strings.Repeat("ctorch._tensor\n_rebuild_from_type_v2\n", 2) + "NN\x85\x87R.", "rebuild_from"},
		"instance":      {named("w", "(ios\nsystem\n"), "INST"},
		"extension":     {"\x80\x02\x82\x01.", "EXT1"},
		"unknown":       {"\x80\x02\xff.", "0xff"},
		"tensor away":   {named("w", "cos\nsystem\n"+vector(two, "K\x00", "K\x02", "K\x01")+"\x85\x81"), "os.system"},
		"call a result": {"\x80\x02cargparse\nNamespace\n)\x81)R.", "argparse.Namespace"},
		"protocol":      {"\x80\x09.", "protocol 9"},
		"no stop":       {"\x80\x02}", "too early"},
		"empty stack":   {"\x80\x02.", "missing on the stack"},
		"below a mark":  {"\x80\x02}(0.", "missing on the stack"},
		"no mark":       {"\x80\x02}u.", "mark is missing"},
		"odd pairs":     {"\x80\x02}(K\x01u.", "without its value"},
		"no memo":       {"\x80\x02j\xff\xff\xff\xff.", "4294967295"},
		"marks":         {"\x80\x02" + strings.Repeat("(", 5000) + ".", "nests"},
		"huge long":     {"\x80\x02\x8b\xff\xff\xff\x7f.", "length of 2147483647"},
		"negative long": {"\x80\x02\x8b\xff\xff\xff\xff.", "length of -1"},
		"huge text":     {"\x80\x02X\xff\xff\xff\x7fabc.", "length of 2147483647"},
		"huge bytes":    {"\x80\x04\x8e" + strings.Repeat("\xff", 8) + ".", "length of -1"},
		"long name":     {"\x80\x02c" + strings.Repeat("a", 10000) + "\n.", "more than"},
		"itself":        {"\x80\x02]q\x00h\x00a.", "deep"},
		"laughs":        {laughs + ".", "deep"},
		"pairs":         {pairs, "copied"},
		"no tensors":    {"\x80\x02}" + short("epoch") + "K\x01s.", "no tensors"},
		"two names":     {"\x80\x02}(" + strings.Repeat(short("w")+vector(two, "K\x00", "K\x02", "K\x01"), 2) + "u.", `named "w"`},
		"no name":       {named("", vector(two, "K\x00", "K\x02", "K\x01")), "no name"},

		"past the storage": {named("w", vector(two, "K\x00", "K\x03", "K\x01")), "past the 2 elements"},
		"offset past":      {named("w", vector(two, "K\x01", "K\x02", "K\x01")), "past the 2 elements"},
		"stride past":      {named("w", vector(two, "K\x00", "K\x02", "K\x02")), "past the 2 elements"},
		"negative size":    {named("w", vector(two, "K\x00", int32s(-1), "K\x01")), "0 or more"},
		"negative stride":  {named("w", vector(two, "K\x01", "K\x02", int32s(-1))), "0 or more"},
		"negative offset":  {named("w", vector(two, int32s(-1), "K\x01", "K\x01")), "0 or more"},
		"overflow":         {named("w", vector(two, "K\x00", int64s(math.MaxInt64), int64s(math.MaxInt64))), "too far"},
		"product":          {named("w", vector(two, "K\x00", int64s(math.MaxInt64), "K\x00")), "too many elements"},
		"repeated":         {named("w", vector(two, "K\x00", int64s(1<<40), "K\x00")), "times the file"},
		"storage short":    {named("w", vector(storage("K\x03"), "K\x00", "K\x03", "K\x01")), "has 8 bytes"},
		"storage huge":     {named("w", vector(storage(int64s(math.MaxInt64)), "K\x00", "K\x01", "K\x01")), "elements"},
		"storage negative": {named("w", vector(storage(int32s(-2)), "K\x00", "K\x01", "K\x01")), "size"},
		"storage kind": {named("w", vector(strings.Replace(two, "ctorch\nFloat", "cevil\nFloat", 1), "K\x00", "K\x01", "K\x01")),
			"evil.FloatStorage"},
		"a way out": {named("w", vector(strings.Replace(two, short("0"), short("../../0"), 1), "K\x00", "K\x01", "K\x01")), "../../0"},
	} {
		_, err := openBytes(pack(t, zip.Store, entry{"a/data.pkl", c.pickle}, entry{"a/data/0", block}))
		if !errors.Is(err, pytorch.ErrFormat) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

func TestHostileZips(t *testing.T) {
	pickle := entry{"a/data.pkl", sound()}
	whole := pack(t, zip.Store, pickle, entry{"a/data/0", block})
	spoilt := bytes.Replace(whole, []byte(block), []byte("spoiltXX"), 1)
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"compressed": {pack(t, zip.Deflate, pickle, entry{"a/data/0", strings.Repeat("\x00", 1<<20)}), "compressed"},
		"twice":      {pack(t, zip.Store, pickle, entry{"a/data/0", block}, entry{"a/data/0", block}), "two entries"},
		"two":        {pack(t, zip.Store, pickle, entry{"b/data.pkl", sound()}), "2 entries data.pkl"},
		"none":       {pack(t, zip.Store, entry{"hello.txt", "hello"}), "0 entries data.pkl"},
		"missing":    {pack(t, zip.Store, pickle), "no entry"},
		"big endian": {pack(t, zip.Store, pickle, entry{"a/data/0", block}, entry{"a/byteorder", "big"}), "byte order"},
		"script":     {pack(t, zip.Store, pickle, entry{"a/data/0", block}, entry{"a/constants.pkl", "\x80\x02)."}), "TorchScript"},
		"cut":        {whole[:len(whole)-10], "damaged"},
		"empty":      {nil, "too early"},
	} {
		if _, err := openBytes(c.data); !errors.Is(err, pytorch.ErrFormat) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
	f, err := openBytes(spoilt)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Read(nil, f.Tensors()[0]); !errors.Is(err, pytorch.ErrFormat) || !strings.Contains(err.Error(), "checksum") {
		t.Errorf("a spoilt block: got %v", err)
	}
}

// TestClaimedSizes: sizes in the directory of a zip that the file does not have.
func TestClaimedSizes(t *testing.T) {
	whole := pack(t, zip.Store, entry{"a/data.pkl", sound()}, entry{"a/data/0", block})
	sum := binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(block)))
	sizes := append(sum, "\x08\x00\x00\x00\x08\x00\x00\x00"...)
	at := bytes.LastIndex(whole, sizes)
	if at < 0 {
		t.Fatal("the directory does not look as this test expects")
	}
	copy(whole[at+4:], "\xf0\xff\xff\x7f\xf0\xff\xff\x7f")
	if _, err := openBytes(whole); !errors.Is(err, pytorch.ErrFormat) || !strings.Contains(err.Error(), "past the end") {
		t.Errorf("got %v", err)
	}
}

// legacyOf puts a legacy checkpoint together: the pickle, the keys, and what follows them.
func legacyOf(pickle, keys, blocks string) []byte {
	return []byte("\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}" + short("little_endian") + "\x88s." +
		pickle + "\x80\x02](" + keys + "e." + blocks)
}

func TestHostileLegacy(t *testing.T) {
	of := func(extra string, pickle ...string) string {
		s := strings.Replace(storage("K\x02"), "tQ", extra+"tQ", 1)
		return named("w", vector(s, "K\x00", "K\x02", "K\x01")+strings.Join(pickle, ""))
	}
	count := "\x02\x00\x00\x00\x00\x00\x00\x00"
	if _, err := openBytes(legacyOf(of("N"), short("0"), count+block)); err != nil {
		t.Fatal(err)
	}
	view := func(first, n string) string { return "(" + short("v") + first + n + "t" }
	if _, err := openBytes(legacyOf(of(view("K\x00", "K\x02")), short("0"), count+block)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"no magic":  {[]byte(sound()), "a storage where none may be"},
		"a pickle":  {[]byte(named("epoch", "K\x01")), "torch.save did not write"},
		"big":       {bytes.Replace(legacyOf(of("N"), "", ""), []byte("\x88s."), []byte("\x89s."), 1), "byte order"},
		"version":   {bytes.Replace(legacyOf(of("N"), "", ""), []byte("M\xe9\x03"), []byte("M\xea\x03"), 1), "1002"},
		"no keys":   {legacyOf(of("N"), "", ""), "not there"},
		"other key": {legacyOf(of("N"), short("1"), count+block), "no tensor"},
		"twice":     {legacyOf(of("N"), short("0")+short("0"), count+block+count+block), "twice"},
		"cut":       {legacyOf(of("N"), short("0"), count+block[:7]), "in 7 bytes"},
		"no block":  {legacyOf(of("N"), short("0"), ""), "ends before"},
		"count":     {legacyOf(of("N"), short("0"), "\x03"+count[1:]+block), "want 2"},
		"negative":  {legacyOf(of("N"), short("0"), strings.Repeat("\xff", 8)+block), "want 2"},
		"view past": {legacyOf(of(view("K\x01", "K\x02")), short("0"), count+block), "past its 2"},
		"view far":  {legacyOf(of(view(int64s(math.MaxInt64), int64s(math.MaxInt64))), short("0"), count+block), "past its 2"},
	} {
		if _, err := openBytes(c.data); !errors.Is(err, pytorch.ErrFormat) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

// TestUntyped: tensors of untyped storages, as newer PyTorch writes them, and parameters with attributes.
func TestUntyped(t *testing.T) {
	s := strings.Replace(storage("K\x08"), "ctorch\nFloat", "ctorch.storage\nUntyped", 1)
	v3 := func(s, dtype string) string {
		return "ctorch._utils\n_rebuild_tensor_v3\n(" + s +
			"K\x00K\x02\x85K\x01\x85\x89ccollections\nOrderedDict\n)Rctorch\n" + dtype + "\nNtR"
	}
	inner := strings.TrimSuffix(strings.TrimPrefix(v3(s, "float32"), "ctorch._utils\n_rebuild_tensor_v3\n"), "R")
	whole := "ctorch._tensor\n_rebuild_from_type_v2\n(ctorch._utils\n_rebuild_tensor_v3\n" +
		"ctorch.nn.parameter\nParameter\n" + inner + "}tR"
	for _, v := range []string{v3(s, "float32"), whole} {
		f, err := openBytes(pack(t, zip.Store, entry{"a/data.pkl", named("w", v)}, entry{"a/data/0", block}))
		if err != nil {
			t.Fatal(err)
		}
		if data, err := f.Read(nil, f.Tensors()[0]); err != nil || string(data) != block {
			t.Errorf("got %x, %v", data, err)
		}
	}
	for dtype, want := range map[string]string{"float64": "past the 1 elements", "complex64": "torch.complex64"} {
		_, err := openBytes(pack(t, zip.Store, entry{"a/data.pkl", named("w", v3(s, dtype))}, entry{"a/data/0", block}))
		if !errors.Is(err, pytorch.ErrFormat) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", dtype, err)
		}
	}
}

// TestUnknownCalls: a call of a function in no table is kept without content beside tensors, and is refused where a tensor
// could be lost with it or where only an attack makes such a call.
func TestUnknownCalls(t *testing.T) {
	w := vector(storage("K\x02"), "K\x00", "K\x02", "K\x01")
	member := "csome.package\nMode\nK\x01\x85R"
	beside := func(v string) string { return "\x80\x02}(" + short("w") + w + short("x") + v + "u." }
	for name, v := range map[string]string{
		"member": member, "of text": "csome.package\nMode\n" + short("fast") + "\x85R", "PyTorch's": "ctorch.fsdp\nMode\nK\x01\x85R",
		"nested class": "c__builtin__\ngetattr\ncsome.package\nConfig\n" + short("Mode") + "\x86RK\x01\x85R",
		"its object":   "c__builtin__\ngetattr\ncsome.package\nConfig\n" + short("Mode") + "\x86R)\x81",
		"with state":   "csome.package\nrestore\n)R}" + short("a") + "K\x01sb", "with items": "csome.package\nBag\n)R(K\x01K\x02e",
		"as a key": "}" + member + "K\x01s",
	} {
		f, err := openBytes(pack(t, zip.Store, entry{"a/data.pkl", beside(v)}, entry{"a/data/0", block}))
		if err != nil || len(f.Tensors()) != 1 {
			t.Errorf("%s: got %v", name, err)
		}
	}
	deep := "csome.package\nf\n"
	for name, c := range map[string]struct{ v, want string }{
		"given a tensor":  {deep + w + "\x85R", "some.package.f, which"},
		"given it inside": {deep + "](}" + short("a") + w + "\x85s" + "e\x85R", "some.package.f, which"},
		"given a storage": {deep + storage("K\x02") + "\x85R", "some.package.f, which"},
		"hidden deep":     {deep + strings.Repeat("(", 40) + strings.Repeat("t", 40) + "\x85R", "some.package.f, which"},
		"in its state":    {deep + ")R}" + short("a") + w + "sb", "some.package.f, which"},
		"in its items":    {deep + ")R(" + short("a") + w + "u", "some.package.f, which"},
		"below its name":  {"}" + member + w + "s", "some.package.Mode, which"},
		"as a tensor":     {"ctorch._utils\n_rebuild_parameter\n(" + member + "\x88NtR", "want a tensor"},
		"as a storage":    {rebuild + "(" + member + "K\x00K\x02\x85K\x01\x85" + noHooks + "R", "want a storage"},
		"PyTorch's":       {"ctorch._utils\n_rebuild_meta_tensor_no_storage\n(NK\x02\x85K\x01\x85\x89tR", "no_storage, which"},
		"PyTorch in it":   {"ctorch.storage\n_load_from_bytes\nC\x02ab\x85R", "_load_from_bytes, which"},
		"an attack":       {"cposix\nsystem\n" + short("true") + "\x85R", "posix.system, which"},
		"a call of text":  {short("f") + ")R", "it calls text"},
	} {
		_, err := openBytes(pack(t, zip.Store, entry{"a/data.pkl", beside(c.v)}, entry{"a/data/0", block}))
		if !errors.Is(err, pytorch.ErrFormat) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

// FuzzNew: no bytes make the reader panic, and what it lists it can read, whole or with an error.
func FuzzNew(f *testing.F) {
	for _, name := range []string{"layouts.pt", "layouts_legacy.pt", "layouts_protocol4.pt", "layouts_legacy4.pt", "module.pt"} {
		f.Add(fixture(f, name))
	}
	f.Add(pack(f, zip.Store, entry{"a/data.pkl", sound()}, entry{"a/data/0", block}))
	f.Add(legacyOf(sound(), short("0"), "\x02\x00\x00\x00\x00\x00\x00\x00"+block))
	f.Fuzz(func(t *testing.T, data []byte) { readAll(t, data) })
}

// FuzzPickle: the same with the zip around the pickle left whole, so that more than checksums is tried.
func FuzzPickle(f *testing.F) {
	f.Add([]byte(sound()))
	f.Add([]byte(named("w", "cargparse\nNamespace\n)\x81}"+short("a")+"K\x01sb")))
	f.Add([]byte(named("w", "csome.package\nMode\n(K\x01](K\x02etR}b")))
	f.Add([]byte("\x80\x04]\x94(K\x01\x8a\x01\xff\x8c\x01ae."))
	f.Fuzz(func(t *testing.T, pickle []byte) {
		readAll(t, pack(t, zip.Store, entry{"a/data.pkl", string(pickle)}, entry{"a/data/0", block}))
		readAll(t, legacyOf(string(pickle), short("0"), "\x02\x00\x00\x00\x00\x00\x00\x00"+block))
	})
}

func readAll(t *testing.T, data []byte) {
	t.Helper()
	file, err := openBytes(data)
	if err != nil {
		return
	}
	for _, info := range file.Tensors() {
		if info.Size > 1<<12 { // repeated elements: allowed, but slow
			continue
		}
		got, err := file.Read(nil, info)
		if err == nil && int64(len(got)) != info.Size {
			t.Fatal(fmt.Errorf("%s: %d bytes, want %d", info.Name, len(got), info.Size))
		}
	}
}
