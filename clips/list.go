package clips

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// openList opens a list of paths of videos and pictures with labels. A line is a path, or a path and a label behind a comma, a tab or the last blank; lines
// that begin with # are comments. A first row that names a column path (or file, video, image) is a header, and may name label, start, end
// (seconds) and split too. Labels are numbers from 0, or names; a name is any label that is no number.
//
// opts.List names the list; else root is the list itself, or holds list.csv or list.txt. Paths are relative to root, or to the
// folder of the list where root is the list or "". A relative path that leaves that folder, by .. or through a link, is left out;
// an absolute path is taken as it stands, since whoever wrote it meant it.
func openList(root string, opts SourceOptions) (Source, error) {
	list, base, err := locateList(root, opts.List)
	if err != nil {
		return nil, err
	}
	t, err := readEntries(list, base)
	if err != nil {
		return nil, err
	}
	real, err := filepath.EvalSymlinks(base)
	if err != nil {
		return nil, fmt.Errorf("folder %s cannot be opened: %w; name an existing folder with --data", base, err)
	}
	s := &set{name: "list"}
	var labels []string
	taken := map[string]bool{}
	entries := 0
	for i := range t.rows {
		if opts.Split != "" && !sameSplit(t.cell(i, "split"), opts.Split) {
			continue
		}
		entries++
		sample, reason := t.entry(i, base, real)
		if reason == "" && taken[sample.Key] {
			reason = "listed twice"
		}
		if reason != "" {
			s.left = append(s.left, Skip{Path: t.cell(i, "path"), Reason: fmt.Sprintf("line %d: %s", t.lines[i], reason)})
			continue
		}
		taken[sample.Key] = true
		s.samples = append(s.samples, sample)
		labels = append(labels, t.cell(i, "label"))
	}
	if len(s.samples) == 0 {
		return nil, listError(list, base, opts.Split, entries, s.left)
	}
	return s, s.number(labels, list)
}

func listError(list, base, split string, entries int, left []Skip) error {
	if entries == 0 && split != "" {
		return fmt.Errorf("list %s has no entry of the split %q: leave the split out to take all", list, split)
	}
	if entries == 0 {
		return fmt.Errorf("list %s is empty: want a line a video or picture, its path and its label", list)
	}
	return fmt.Errorf("list %s names %d files, none of which can be used (the first, %q: %s): its paths are taken relative to %s, give the right folder with --data",
		list, entries, left[0].Path, left[0].Reason, base)
}

// locateList returns the path of the list and the folder that its paths are relative to.
func locateList(root, list string) (path, base string, err error) {
	if list != "" {
		base = root
		if base == "" {
			base = filepath.Dir(list)
		}
		return list, base, nil
	}
	info, err := os.Stat(root)
	if err != nil {
		return "", "", fmt.Errorf("list %s cannot be opened: %s; name an existing list with --data", root, plainError(err))
	}
	if !info.IsDir() {
		return root, filepath.Dir(root), nil
	}
	for _, name := range []string{"list.csv", "list.txt"} {
		path = filepath.Join(root, name)
		if _, err := os.Stat(path); err == nil {
			return path, root, nil
		}
	}
	return "", "", fmt.Errorf("folder %s holds no list.csv or list.txt: name the list itself with --data", root)
}

// readEntries reads a list into a table that has at least the columns path and label.
func readEntries(list, base string) (*table, error) {
	data, err := readList(list)
	if err != nil {
		return nil, err
	}
	t := &table{header: []string{"path", "label"}}
	if comma := separator(list, string(data)); comma != 0 {
		if err := t.parse(data, comma); err != nil {
			return nil, fmt.Errorf("list %s: %w", list, err)
		}
	} else {
		t.parseLines(string(data), base)
	}
	t.dropComments()
	if len(t.rows) > 0 && slices.Contains([]string{"path", "file", "video", "image", "filename"}, strings.ToLower(t.rows[0][0])) {
		t.header = nil
		t.takeHeader()
		t.header[0] = "path"
	}
	return t, nil
}

// separator tells how a list is written: a comma, a tab, or 0 for blanks. CSV files and files whose first entry holds a comma have
// commas.
func separator(list, data string) rune {
	for line := range strings.SplitSeq(data, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
			continue
		case strings.Contains(line, "\t"):
			return '\t'
		case strings.Contains(line, ",") || strings.EqualFold(filepath.Ext(list), ".csv"):
			return ','
		}
		return 0
	}
	return 0
}

// parseLines reads lines of a path and perhaps a label behind the last blank. A line that names a file as a whole has no label,
// so that paths with blanks work.
func (t *table) parseLines(data, base string) {
	n := 0
	for line := range strings.SplitSeq(data, "\n") {
		n++
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		row := []string{line}
		if cut := strings.LastIndexByte(line, ' '); cut > 0 {
			if _, err := os.Stat(join(base, line)); err != nil {
				row = []string{strings.TrimSpace(line[:cut]), line[cut+1:]}
			}
		}
		t.rows = append(t.rows, row)
		t.lines = append(t.lines, n)
	}
}

func (t *table) dropComments() {
	kept := 0
	for i, row := range t.rows {
		if len(row) == 0 || row[0] == "" || strings.HasPrefix(row[0], "#") {
			continue
		}
		t.rows[kept], t.lines[kept] = row, t.lines[i]
		kept++
	}
	t.rows, t.lines = t.rows[:kept], t.lines[:kept]
}

// join resolves a path of a list: absolute ones stand as they are.
func join(base, path string) string {
	path = filepath.FromSlash(path)
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(base, path)
}

// entry makes a sample of row i, or says why it cannot be used. real is base without links.
func (t *table) entry(i int, base, real string) (Sample, string) {
	name := t.cell(i, "path")
	s := Sample{Path: join(base, name), Key: filepath.ToSlash(filepath.Clean(name))}
	if !filepath.IsAbs(name) {
		if !filepath.IsLocal(name) {
			return s, "path leaves the folder: give an absolute path if that is meant"
		}
		if _, err := os.Lstat(s.Path); err != nil {
			return s, plainError(err)
		}
		if _, reason := resolveInside(real, s.Path); reason != "" {
			return s, reason
		}
	}
	info, err := os.Stat(s.Path)
	if err != nil {
		return s, plainError(err)
	}
	if !info.Mode().IsRegular() {
		return s, "not a regular file"
	}
	switch reason := notVideo(s.Path); {
	case reason == "":
		return t.span(i, s)
	case notPicture(s.Path) != "":
		return s, reason
	}
	s.Still = FileStill(s.Path)
	return s, ""
}

// span adds the columns start and end, in seconds.
func (t *table) span(i int, s Sample) (Sample, string) {
	start, end := t.cell(i, "start"), t.cell(i, "end")
	if start == "" && end == "" {
		return s, ""
	}
	for _, c := range []struct {
		name, text string
		set        func(sec float64)
	}{{"start", start, func(v float64) { s.Start = seconds(v) }}, {"end", end, func(v float64) { s.End = seconds(v) }}} {
		if c.text == "" {
			continue
		}
		v, err := strconv.ParseFloat(c.text, 64)
		if err != nil || !(v >= 0 && v < 1e6) {
			return s, fmt.Sprintf("%s is %q, want seconds", c.name, c.text)
		}
		c.set(v)
	}
	if s.End != 0 && s.End <= s.Start {
		return s, fmt.Sprintf("end %s is not after start %s", end, start)
	}
	s.Key += "#" + start + "-" + end
	return s, ""
}

// maxClasses bounds numeric labels: a label of a billion is a mistake, and would make a billion class names.
const maxClasses = 1 << 20

// number turns the labels into numbers: all of them numbers, or all of them names.
func (s *set) number(labels []string, list string) error {
	top, numeric := -1, true
	for _, l := range labels {
		n, err := strconv.Atoi(l)
		if l != "" && (err != nil || n < 0) {
			numeric = false
		}
		top = max(top, n)
	}
	if !numeric {
		var label map[string]int
		s.classes, label = classesOf(labels)
		for i, l := range labels {
			s.samples[i].Label = label[l]
		}
		return nil
	}
	if top >= maxClasses {
		return fmt.Errorf("list %s: label %d is too large, want 0 to %d", list, top, maxClasses-1)
	}
	seen := false
	for i, l := range labels {
		s.samples[i].Label = -1
		if l != "" {
			s.samples[i].Label, _ = strconv.Atoi(l)
			seen = true
		}
	}
	for c := 0; seen && c <= top; c++ {
		s.classes = append(s.classes, strconv.Itoa(c))
	}
	return nil
}
