package clips

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"vssl/clips/shard"
)

// The bounds on members that hold labels, in bytes.
const (
	maxClassText = 4096
	maxClassJSON = 1 << 20
)

// labelOf returns the label of a sample, a number or a name, "" where it has none: the text of the member cls, else label, cls or
// class of the member json. Captions (txt) are no labels.
func labelOf(g *shard.Group, file io.ReaderAt) (string, error) {
	if m, ok := g.Find("cls"); ok {
		text, err := content(file, m, maxClassText)
		if err != nil {
			return "", fmt.Errorf("cls: %w", err)
		}
		return classText(string(text))
	}
	m, ok := g.Find("json")
	if !ok {
		return "", nil
	}
	text, err := content(file, m, maxClassJSON)
	if err != nil {
		return "", fmt.Errorf("json: %w", err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return "", fmt.Errorf("json: %w", err)
	}
	for _, key := range []string{"label", "cls", "class"} {
		if raw, ok := fields[key]; ok && string(raw) != "null" {
			return jsonLabel(key, raw)
		}
	}
	return "", nil
}

// jsonLabel reads a number without a fraction, or a string.
func jsonLabel(key string, raw json.RawMessage) (string, error) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return classText(text)
	}
	var number float64
	if err := json.Unmarshal(raw, &number); err != nil || number != float64(int64(number)) {
		return "", fmt.Errorf("json: %s is %.40s, want a number or a string", key, raw)
	}
	return classText(strconv.FormatInt(int64(number), 10))
}

// classText checks a label. Numbers below 0 say that there is none.
func classText(text string) (string, error) {
	text = strings.TrimSpace(text)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		if n < 0 {
			return "", nil
		}
		return strconv.FormatInt(n, 10), nil // +7 and 007 are 7
	}
	if len(text) > 256 || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' }) {
		return "", errors.New("the label is not a line of text")
	}
	return text, nil
}

// content reads a small member.
func content(file io.ReaderAt, m shard.Member, limit int64) ([]byte, error) {
	if m.Size > limit {
		return nil, fmt.Errorf("%d bytes, want %d at most", m.Size, limit)
	}
	b := make([]byte, m.Size)
	_, err := file.ReadAt(b, m.Offset)
	if errors.Is(err, io.EOF) {
		err = nil // the member ends where the file does
	}
	return b, err
}
