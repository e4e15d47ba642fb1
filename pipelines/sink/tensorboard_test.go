package sink

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// event is an event file's record, parsed by the format's own rules and not by the code under test.
type event struct {
	wall    float64
	step    int64
	version string
	scalars map[string]float32
	session []byte
}

// readEvents splits the file into TFRecords, checks both CRCs of each and parses the events.
func readEvents(t *testing.T, path string) []event {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var events []event
	for len(data) > 0 {
		n := binary.LittleEndian.Uint64(data)
		body := data[12 : 12+n]
		if got := binary.LittleEndian.Uint32(data[8:]); got != maskedCRC(data[:8]) {
			t.Fatalf("CRC of the length is %x", got)
		}
		if got := binary.LittleEndian.Uint32(data[12+n:]); got != maskedCRC(body) {
			t.Fatalf("CRC of the data is %x", got)
		}
		events = append(events, parseEvent(t, body))
		data = data[16+n:]
	}
	return events
}

// fields calls fn for every field of a message; v holds numbers, b holds bytes.
func fields(t *testing.T, msg []byte, fn func(num protowire.Number, v uint64, b []byte)) {
	t.Helper()
	for len(msg) > 0 {
		num, typ, n := protowire.ConsumeTag(msg)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		msg = msg[n:]
		var v uint64
		var b []byte
		switch typ {
		case protowire.VarintType:
			v, n = protowire.ConsumeVarint(msg)
		case protowire.Fixed64Type:
			v, n = protowire.ConsumeFixed64(msg)
		case protowire.Fixed32Type:
			var v32 uint32
			v32, n = protowire.ConsumeFixed32(msg)
			v = uint64(v32)
		default:
			b, n = protowire.ConsumeBytes(msg)
		}
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		msg = msg[n:]
		fn(num, v, b)
	}
}

func parseEvent(t *testing.T, body []byte) event {
	e := event{scalars: map[string]float32{}}
	fields(t, body, func(num protowire.Number, v uint64, b []byte) {
		switch num {
		case 1:
			e.wall = math.Float64frombits(v)
		case 2:
			e.step = int64(v)
		case 3:
			e.version = string(b)
		case 5:
			fields(t, b, func(_ protowire.Number, _ uint64, value []byte) {
				var tag string
				var number float32
				fields(t, value, func(num protowire.Number, v uint64, b []byte) {
					if num == 1 {
						tag = string(b)
					} else {
						number = math.Float32frombits(uint32(v))
					}
				})
				e.scalars[tag] = number
			})
		case 7:
			e.session = bytes.Clone(b)
		}
	})
	return e
}

// The check value of CRC-32C (RFC 3720, B.4: 32 bytes of zeros), masked by hand.
func TestMaskedCRC(t *testing.T) {
	crc := uint32(0x8a9136aa)
	want := (crc>>15 | crc<<17) + 0xa282ead8
	if got := maskedCRC(make([]byte, 32)); got != want {
		t.Errorf("got %x, want %x", got, want)
	}
}

func TestTensorBoard(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tensorboard")
	for _, step := range []int{0, 1} { // the second session resumes after step 1
		s, err := OpenTensorBoard(dir, step)
		if err != nil {
			t.Fatal(err)
		}
		writeAll(t, s, at(step+1, map[string]float64{Loss: 2.5, LR: 0.25}), at(step+2, map[string]float64{Loss: math.NaN()}))
	}
	files, err := filepath.Glob(filepath.Join(dir, "events.out.tfevents.*"))
	if err != nil || len(files) != 2 {
		t.Fatalf("files %v, %v; want one a session", files, err)
	}

	first := readEvents(t, files[0])
	if len(first) != 3 || first[0].version != "brain.Event:2" {
		t.Fatalf("first session: %+v", first)
	}
	if e := first[1]; e.step != 1 || e.wall != 1_700_000_001 || e.scalars[Loss] != 2.5 || e.scalars[LR] != 0.25 || e.scalars["epoch"] != 0 {
		t.Errorf("first record: %+v", e)
	}
	if e := first[2]; e.step != 2 || !math.IsNaN(float64(e.scalars[Loss])) {
		t.Errorf("second record: %+v, want a loss of NaN at step 2", e)
	}

	second := readEvents(t, files[1])
	if len(second) != 4 || second[1].step != 2 || !bytes.Equal(second[1].session, []byte{1 << 3, 1}) {
		t.Errorf("second session does not begin with SessionLog START at step 2: %+v", second)
	}
}
