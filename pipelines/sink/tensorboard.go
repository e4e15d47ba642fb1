package sink

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Field numbers of TensorFlow's event.proto and summary.proto, as far as scalars need them.
const (
	eventWallTime    = 1 // double, seconds since 1970
	eventStep        = 2 // int64
	eventFileVersion = 3 // string, first event of a file only
	eventSummary     = 5 // message Summary
	eventSession     = 7 // message SessionLog
	summaryValue     = 1 // repeated message Summary.Value
	valueTag         = 1 // string
	valueSimple      = 2 // float
	sessionStatus    = 1 // enum SessionLog.SessionStatus
	sessionStart     = 1 // of that enum: readers drop events of this step and later from earlier files
	fileVersion      = "brain.Event:2"
)

// tensorBoard is one event file.
type tensorBoard struct {
	path string
	file *os.File
	out  *bufio.Writer // flushed with every record, so that a killed run has all its steps here too
	buf  []byte        // event being built, reused
}

// OpenTensorBoard begins a new event file in the folder dir, which is made where it is missing. TensorBoard reads all
// files of a folder as one run, so each session has its own file. After a resume at step (more than 0) the file begins
// with the mark that makes TensorBoard forget what earlier sessions wrote for later steps.
func OpenTensorBoard(dir string, step int) (Sink, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("tensorboard: %w", err)
	}
	now := time.Now()
	file, err := createEventFile(dir, now)
	if err != nil {
		return nil, fmt.Errorf("tensorboard: %w", err)
	}
	s := &tensorBoard{path: file.Name(), file: file, out: bufio.NewWriter(file)}
	s.begin(now, 0)
	s.buf = protowire.AppendTag(s.buf, eventFileVersion, protowire.BytesType)
	s.buf = protowire.AppendString(s.buf, fileVersion)
	err = s.writeEvent()
	if err == nil && step > 0 {
		s.begin(now, step+1)
		session := protowire.AppendTag(nil, sessionStatus, protowire.VarintType)
		session = protowire.AppendVarint(session, sessionStart)
		s.buf = protowire.AppendTag(s.buf, eventSession, protowire.BytesType)
		s.buf = protowire.AppendBytes(s.buf, session)
		err = s.writeEvent()
	}
	if err == nil {
		err = s.flush()
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return s, nil
}

// createEventFile makes a file that no other session has. Its name sorts by time: TensorBoard reads files in the order
// of their names, and two sessions may begin within one second.
func createEventFile(dir string, now time.Time) (*os.File, error) {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost" // the name tells machines apart for people; nothing depends on it
	}
	for n := 0; ; n++ {
		name := fmt.Sprintf("events.out.tfevents.%010d.%s.%06d.%d", now.Unix(), filepath.Base(host), now.Nanosecond()/1000, n)
		file, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if !errors.Is(err, os.ErrExist) {
			return file, err
		}
	}
}

func (s *tensorBoard) Write(r Record) error {
	if s.file == nil {
		return fmt.Errorf("tensorboard: %s: %w", s.path, os.ErrClosed)
	}
	when := r.Time
	if when.IsZero() {
		when = time.Now()
	}
	s.begin(when, r.Step)
	s.buf = protowire.AppendTag(s.buf, eventSummary, protowire.BytesType)
	s.buf = protowire.AppendBytes(s.buf, summary(r))
	if err := s.writeEvent(); err != nil {
		return err
	}
	return s.flush()
}

func (s *tensorBoard) Close() error {
	if s.file == nil {
		return nil
	}
	err := errors.Join(s.out.Flush(), s.file.Sync(), s.file.Close())
	s.file = nil
	if err != nil {
		return fmt.Errorf("tensorboard: %w", err)
	}
	return nil
}

// begin starts an event in s.buf.
func (s *tensorBoard) begin(when time.Time, step int) {
	s.buf = protowire.AppendTag(s.buf[:0], eventWallTime, protowire.Fixed64Type)
	s.buf = protowire.AppendFixed64(s.buf, math.Float64bits(float64(when.UnixNano())/1e9))
	s.buf = protowire.AppendTag(s.buf, eventStep, protowire.VarintType)
	s.buf = protowire.AppendVarint(s.buf, uint64(step))
}

// summary encodes the figures of r and its epoch as scalars.
func summary(r Record) []byte {
	b := appendScalar(nil, "epoch", float64(r.Epoch))
	for _, name := range slices.Sorted(maps.Keys(r.Values)) {
		b = appendScalar(b, name, r.Values[name])
	}
	return b
}

func appendScalar(b []byte, tag string, v float64) []byte {
	value := protowire.AppendTag(nil, valueTag, protowire.BytesType)
	value = protowire.AppendString(value, tag)
	value = protowire.AppendTag(value, valueSimple, protowire.Fixed32Type)
	value = protowire.AppendFixed32(value, math.Float32bits(float32(v)))
	b = protowire.AppendTag(b, summaryValue, protowire.BytesType)
	return protowire.AppendBytes(b, value)
}

// writeEvent writes s.buf as one TFRecord: length, masked CRC of the length, data, masked CRC of the data, all little
// endian.
func (s *tensorBoard) writeEvent() error {
	var head [12]byte
	binary.LittleEndian.PutUint64(head[:], uint64(len(s.buf)))
	binary.LittleEndian.PutUint32(head[8:], maskedCRC(head[:8]))
	var foot [4]byte
	binary.LittleEndian.PutUint32(foot[:], maskedCRC(s.buf))
	for _, part := range [][]byte{head[:], s.buf, foot[:]} {
		if _, err := s.out.Write(part); err != nil {
			return fmt.Errorf("tensorboard: %w", err)
		}
	}
	return nil
}

func (s *tensorBoard) flush() error {
	if err := s.out.Flush(); err != nil {
		return fmt.Errorf("tensorboard: %w", err)
	}
	return nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// maskedCRC is CRC-32C, rotated and shifted as TFRecord wants it, so that a CRC over data with CRCs in it stays sound.
func maskedCRC(data []byte) uint32 {
	crc := crc32.Checksum(data, castagnoli)
	return (crc>>15 | crc<<17) + 0xa282ead8
}
