package sink

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"time"
)

// jsonLines is a file with one JSON object a record.
type jsonLines struct {
	path string
	file *os.File
	line []byte // reused from record to record
}

// OpenJSONL opens the file of JSON lines at path to go on after step, and makes it where it is missing. Lines of later
// steps, which an interrupted session wrote after its last checkpoint, are cut off together with a torn last line; so
// step 0 starts the file afresh. A record is one line, written at once:
//
//	{"step":7,"epoch":0,"time":"2024-05-01T10:00:00.123Z","loss":2.31,"lr":0.05}
//
// JSON has no NaN and no infinities: these are the strings "NaN", "+Inf" and "-Inf". Close syncs the file to disk.
func OpenJSONL(path string, step int) (Sink, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("figures: %w", err)
	}
	end, err := endOfStep(file, step)
	if err == nil {
		err = file.Truncate(end)
	}
	if err == nil {
		_, err = file.Seek(end, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("figures: %s: %w", path, err), file.Close())
	}
	return &jsonLines{path: path, file: file}, nil
}

// endOfStep returns the offset in bytes behind the last line of a step that is not after step.
func endOfStep(r io.Reader, step int) (int64, error) {
	var end int64
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return end, nil // what has no newline was torn by a crash
		}
		if err != nil {
			return 0, err
		}
		record, err := parseLine(line)
		if err != nil || record.Step > step {
			return end, nil
		}
		end += int64(len(line))
	}
}

func (s *jsonLines) Write(r Record) error {
	if s.file == nil {
		return fmt.Errorf("figures: %s: %w", s.path, os.ErrClosed)
	}
	s.line = appendLine(s.line[:0], r)
	if _, err := s.file.Write(s.line); err != nil {
		return fmt.Errorf("figures: step %d: %w", r.Step, err)
	}
	return nil
}

func (s *jsonLines) Close() error {
	if s.file == nil {
		return nil
	}
	err := errors.Join(s.file.Sync(), s.file.Close())
	s.file = nil
	if err != nil {
		return fmt.Errorf("figures: %w", err)
	}
	return nil
}

// appendLine appends the JSON line of r to b.
func appendLine(b []byte, r Record) []byte {
	when := r.Time
	if when.IsZero() {
		when = time.Now()
	}
	b = fmt.Appendf(b, `{"step":%d,"epoch":%d,"time":"%s"`, r.Step, r.Epoch, when.UTC().Format("2006-01-02T15:04:05.000Z07:00"))
	for _, name := range slices.Sorted(maps.Keys(r.Values)) {
		b = append(b, ',')
		b = appendString(b, name)
		b = append(b, ':')
		b = appendNumber(b, r.Values[name])
	}
	return append(b, '}', '\n')
}

func appendString(b []byte, s string) []byte {
	quoted, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always has a JSON form
	}
	return append(b, quoted...)
}

func appendNumber(b []byte, v float64) []byte {
	switch {
	case math.IsNaN(v):
		return append(b, `"NaN"`...)
	case math.IsInf(v, 0):
		return fmt.Appendf(b, `"%+f"`, v)
	}
	return strconv.AppendFloat(b, v, 'g', -1, 64)
}

// parseLine reads one line of a file of figures. Fields that are neither numbers nor such strings are left out.
func parseLine(line []byte) (Record, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(line, &fields); err != nil {
		return Record{}, err
	}
	r := Record{Values: make(map[string]float64, len(fields))}
	if err := json.Unmarshal(fields["step"], &r.Step); err != nil {
		return Record{}, fmt.Errorf("step: %w", err)
	}
	for name, raw := range fields {
		switch name {
		case "step":
		case "epoch":
			if err := json.Unmarshal(raw, &r.Epoch); err != nil {
				return Record{}, fmt.Errorf("epoch: %w", err)
			}
		case "time":
			if err := json.Unmarshal(raw, &r.Time); err != nil {
				return Record{}, fmt.Errorf("time: %w", err)
			}
		default:
			if v, err := strconv.ParseFloat(string(bytes.Trim(raw, `"`)), 64); err == nil {
				r.Values[name] = v
			}
		}
	}
	return r, nil
}

// ReadJSONL reads the records that OpenJSONL's sink wrote to path, in order. A last line without its end, which a
// running or killed session leaves, is not an error and not a record; any other line that is not a record is an error
// that names its number.
func ReadJSONL(path string) ([]Record, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("figures: %w", err)
	}
	var records []Record
	for number := 1; ; number++ {
		line, rest, whole := bytes.Cut(data, []byte{'\n'})
		if !whole {
			return records, nil
		}
		record, err := parseLine(line)
		if err != nil {
			return nil, fmt.Errorf("figures: %s: line %d: %w", path, number, err)
		}
		records = append(records, record)
		data = rest
	}
}
