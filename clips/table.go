package clips

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// table is a CSV file with a header: quotes, a byte order mark, CRLF line ends and rows of uneven length are allowed.
type table struct {
	header []string // lower case
	rows   [][]string
	lines  []int // of the file, from 1, by row
}

// maxList bounds the size of a list: ten times that of Kinetics-700.
const maxList = 512 << 20

// readList reads a list as UTF-8 without byte order mark and with plain line ends.
func readList(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("list %s cannot be opened: %s; name an existing list", path, plainError(err))
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("list %s is not a regular file: name a text or CSV file", path)
	}
	if info.Size() > maxList {
		return nil, fmt.Errorf("list %s is %d bytes long, want at most %d", path, info.Size(), maxList)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("list %s cannot be read: %s", path, plainError(err))
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(data, []byte("\r"), []byte("\n")), nil
}

func readTable(path string) (*table, error) {
	data, err := readList(path)
	if err != nil {
		return nil, err
	}
	t := &table{}
	if err := t.parse(data, ','); err != nil {
		return nil, fmt.Errorf("list %s: %w", path, err)
	}
	if len(t.rows) == 0 {
		return nil, fmt.Errorf("list %s is empty: want a header and a row a video", path)
	}
	t.takeHeader()
	return t, nil
}

// parse reads all rows; the header is not told apart yet.
func (t *table) parse(data []byte, comma rune) error {
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma = comma
	r.FieldsPerRecord = -1
	r.LazyQuotes = true
	r.TrimLeadingSpace = true
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		line, _ := r.FieldPos(0)
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
		t.rows = append(t.rows, row)
		t.lines = append(t.lines, line)
	}
}

// takeHeader makes the first row the header.
func (t *table) takeHeader() {
	for _, h := range t.rows[0] {
		t.header = append(t.header, strings.ToLower(h))
	}
	t.rows, t.lines = t.rows[1:], t.lines[1:]
}

// column returns the index of the column of that name, or -1.
func (t *table) column(name string) int { return slices.Index(t.header, name) }

// cell returns the cell of row i in the column of that name, "" where either is missing.
func (t *table) cell(i int, name string) string {
	c := t.column(name)
	if c < 0 || c >= len(t.rows[i]) {
		return ""
	}
	return t.rows[i][c]
}
