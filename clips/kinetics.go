package clips

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// openKinetics opens a data set in the layout of Kinetics: official CSV lists with the columns label, youtube_id, time_start,
// time_end and split (others are ignored, label and split may be absent), and video files named ID_000010_000020.mp4 or ID.mp4
// with any video extension, in any folders: by label (with spaces or underscores), by split, or flat.
//
// opts.List names the CSV file; else all CSV files in root and beside it in "annotations" are read whose header fits.
// opts.Split keeps the rows of one split. A file named ID.mp4 is taken for the whole video, and the row's span is cut from it; where
// the file is too short to reach that span it is taken for the part that was already cut out.
func openKinetics(root string, opts SourceOptions) (Source, error) {
	if err := checkFolder(root); err != nil {
		return nil, err
	}
	lists, err := kineticsLists(root, opts.List)
	if err != nil {
		return nil, err
	}
	rows, left, err := readKinetics(lists, opts.Split)
	if err != nil {
		return nil, err
	}
	videos, _, err := walkVideos(root)
	if err != nil {
		return nil, err
	}
	byStem := map[string][]file{}
	for _, v := range videos {
		base := path.Base(v.rel)
		stem := strings.TrimSuffix(base, path.Ext(base))
		byStem[stem] = append(byStem[stem], v)
	}
	s := &set{name: "kinetics", left: left}
	names := make([]string, 0, len(rows))
	taken := map[string]bool{}
	for _, r := range rows {
		sample, reason := r.find(byStem)
		if reason == "" && taken[sample.Key] {
			reason = "listed twice"
		}
		if reason != "" {
			s.left = append(s.left, Skip{Path: r.name(), Reason: reason})
			continue
		}
		taken[sample.Key] = true
		s.samples = append(s.samples, sample)
		names = append(names, r.label)
	}
	if len(s.samples) == 0 {
		return nil, fmt.Errorf("%s lists %d videos, none of which lies in %s: put files named like %s.mp4 there or name the folder that holds them with --data",
			strings.Join(lists, ", "), len(rows), root, kineticsExample(rows))
	}
	// Classes come from all rows, so that a label means the same whatever files are missing.
	all := make([]string, len(rows))
	for i, r := range rows {
		all[i] = r.label
	}
	classes, label := classesOf(all)
	s.classes = classes
	for i, n := range names {
		s.samples[i].Label = label[n]
	}
	return s, nil
}

// kineticsRow is one line of a list.
type kineticsRow struct {
	label, id, split string
	start, end       float64 // seconds
}

func (r kineticsRow) name() string {
	return fmt.Sprintf("%s_%06d_%06d", r.id, int(r.start), int(r.end))
}

func kineticsExample(rows []kineticsRow) string {
	if len(rows) == 0 {
		return "ID_000010_000020"
	}
	return rows[0].name()
}

// find picks the file of a row, the one in the folder of its label and split where there are several, and says why there is none.
func (r kineticsRow) find(byStem map[string][]file) (Sample, string) {
	if f, ok := r.best(byStem[r.name()]); ok {
		return Sample{Path: f.path, Key: f.rel}, ""
	}
	f, ok := r.best(byStem[r.id])
	if !ok {
		return Sample{}, "no file of that name"
	}
	s := Sample{Path: f.path, Key: f.rel}
	if r.end > r.start {
		s.Start, s.End = seconds(r.start), seconds(r.end)
		s.Key += fmt.Sprintf("#%d-%d", int(r.start), int(r.end))
	}
	return s, ""
}

func (r kineticsRow) best(files []file) (file, bool) {
	if len(files) == 0 {
		return file{}, false
	}
	score := func(f file) int {
		n := 0
		for part := range strings.SplitSeq(path.Dir(f.rel), "/") {
			if r.label != "" && foldLabel(part) == foldLabel(r.label) {
				n += 2
			}
			if part == r.split && r.split != "" {
				n++
			}
		}
		return n
	}
	// The first of equals: MaxFunc keeps it, and files come in natural order.
	return slices.MaxFunc(files, func(a, b file) int { return score(a) - score(b) }), true
}

// foldLabel makes the spellings of a label in lists and in folder names equal.
func foldLabel(s string) string { return strings.ToLower(strings.ReplaceAll(s, "_", " ")) }

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// kineticsLists returns the lists to read.
func kineticsLists(root, list string) ([]string, error) {
	if list != "" {
		if _, err := os.Stat(list); err != nil {
			return nil, fmt.Errorf("list %s cannot be opened: %s; name an existing CSV list", list, plainError(err))
		}
		return []string{list}, nil
	}
	var lists []string
	for _, dir := range []string{root, filepath.Join(root, "annotations")} {
		found, err := filepath.Glob(filepath.Join(globEscape(dir), "*.csv"))
		if err != nil {
			return nil, fmt.Errorf("folder %s: %w", dir, err)
		}
		for _, f := range found {
			if t, err := readTable(f); err == nil && t.column("youtube_id") >= 0 {
				lists = append(lists, f)
			}
		}
	}
	if len(lists) == 0 {
		return nil, fmt.Errorf("folder %s holds no Kinetics list (a CSV file with the column youtube_id): put the official CSV there, or use --dataset folder", root)
	}
	slices.SortFunc(lists, naturalCompare)
	return lists, nil
}

// globEscape makes a folder's name mean itself in a pattern.
func globEscape(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(s)
}

// readKinetics reads the rows of a split ("" takes all) and what cannot be understood in them.
func readKinetics(lists []string, split string) (rows []kineticsRow, left []Skip, err error) {
	splits := map[string]bool{}
	for _, list := range lists {
		t, err := readTable(list)
		if err != nil {
			return nil, nil, err
		}
		if t.column("youtube_id") < 0 {
			return nil, nil, fmt.Errorf("list %s has no column youtube_id (it has %s): want label,youtube_id,time_start,time_end,split", list, strings.Join(t.header, ","))
		}
		for i := range t.rows {
			r, err := t.kinetics(i, list)
			if err != nil {
				left = append(left, Skip{Path: fmt.Sprintf("%s:%d", filepath.Base(list), t.lines[i]), Reason: err.Error()})
				continue
			}
			splits[r.split] = true
			if split == "" || sameSplit(r.split, split) {
				rows = append(rows, r)
			}
		}
	}
	if len(rows) == 0 {
		var known []string
		for s := range splits {
			known = append(known, strconv.Quote(s))
		}
		slices.Sort(known)
		return nil, nil, fmt.Errorf("no row of %s is of the split %q: its splits are %s", strings.Join(lists, ", "), split, strings.Join(known, ", "))
	}
	return rows, left, nil
}

// sameSplit also takes the two names in use for the validation split for one.
func sameSplit(a, b string) bool {
	fold := func(s string) string {
		s = strings.ToLower(s)
		if s == "val" || s == "valid" || s == "validation" {
			return "validate"
		}
		return s
	}
	return fold(a) == fold(b)
}

// kinetics reads row i of a table. A list without a split column is of the split that its name ends in: kinetics_400_train.csv.
func (t *table) kinetics(i int, list string) (kineticsRow, error) {
	r := kineticsRow{id: t.cell(i, "youtube_id"), label: t.cell(i, "label"), split: t.cell(i, "split")}
	if r.split == "" {
		stem := strings.TrimSuffix(filepath.Base(list), filepath.Ext(list))
		r.split = stem[strings.LastIndexAny(stem, "_-")+1:]
	}
	if r.id == "" {
		return r, fmt.Errorf("no youtube_id")
	}
	for _, c := range []struct {
		name string
		to   *float64
	}{{"time_start", &r.start}, {"time_end", &r.end}} {
		v := t.cell(i, c.name)
		if v == "" {
			continue
		}
		n, err := strconv.ParseFloat(v, 64)
		if err != nil || !(n >= 0 && n < 1e6) {
			return r, fmt.Errorf("%s is %q, want seconds", c.name, v)
		}
		*c.to = n
	}
	return r, nil
}
