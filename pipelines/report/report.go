package report

import (
	"bytes"
	_ "embed" // the page's template, style and script
	"fmt"
	"html/template"
	"io"
	"math"
	"net/url"
	"strconv"

	"github.com/google/renameio/v2"

	"vssl/clips"
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
	//go:embed page.js
	pageJS string

	page = template.Must(template.New("report").Parse(pageHTML))
)

// maxSkipped is the most rows of the table of skipped files; the others are counted.
const maxSkipped = 500

// Write makes the report at path, aside and then renamed, so that a reader finds the old one or the new one. The error
// names the path.
func Write(path string, d Data) error {
	var b bytes.Buffer
	if err := Render(&b, d); err != nil {
		return err
	}
	if err := renameio.WriteFile(path, b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// Render writes the page to w.
func Render(w io.Writer, d Data) error {
	v, err := viewOf(d)
	if err != nil {
		return err
	}
	if err := page.Execute(w, v); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// view is Data as the template needs it.
type view struct {
	Data
	CSS         template.CSS
	JS          template.JS
	Date        string
	Evaluations []bars
	Queries     []query
	Hits        string // share of neighbours of the query's class; "" when no labels are known
	Charts      []chart
	Clips       []clip
	Facts       []Fact
	Skipped     []clips.Skip
	SkippedAll  int
}

// What is what a reader calls a sample's film.
func (v view) What() string {
	if v.Still {
		return "picture"
	}
	return "clip"
}

// bars is an evaluation laid out. Widths are in percent of the whole.
type bars struct {
	Name, About string
	Gain        string // in points over the untrained network
	Worse       bool   // the gain is below 0
	Bars        []bar
}

type bar struct {
	Name, Value string
	Width       float64
	Kind        string // trained, random or chance
}

type query struct {
	Key, Label string
	Strip      strip
	Neighbours []neighbour
}

type neighbour struct {
	Key, Label string
	Strip      strip
	Similarity string
	Mark       string // right, wrong or "" when one of the labels is not known
}

type clip struct {
	Key, Label string
	Views      []namedStrip
}

type namedStrip struct {
	Name  string
	Strip strip
}

func viewOf(d Data) (view, error) {
	v := view{Data: d, CSS: template.CSS(pageCSS), JS: template.JS(pageJS), SkippedAll: len(d.Skipped)}
	if !d.Made.IsZero() {
		v.Date = d.Made.Format("2 January 2006, 15:04")
	}
	for _, e := range d.Evaluations {
		v.Evaluations = append(v.Evaluations, barsOf(e))
	}
	for _, c := range d.Curves {
		if laid, ok := layOut(c); ok {
			v.Charts = append(v.Charts, laid)
		}
	}
	for _, f := range d.Facts {
		if !isWeb(f.Link) {
			f.Link = ""
		}
		v.Facts = append(v.Facts, f)
	}
	v.Skipped = d.Skipped[:min(len(d.Skipped), maxSkipped)]
	if err := v.addQueries(d.Queries); err != nil {
		return view{}, err
	}
	return v, v.addClips(d.Clips)
}

// isWeb tells whether a link leads to a page of the web.
func isWeb(link string) bool {
	u, err := url.Parse(link)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https")
}

// barsOf lays out an evaluation: the numbers that are known.
func barsOf(e Evaluation) bars {
	b := bars{Name: e.Name, About: e.About}
	add := func(name, kind string, v float64) {
		if !math.IsNaN(v) {
			b.Bars = append(b.Bars, bar{name, percent(v), 100 * min(max(v, 0), 1), kind})
		}
	}
	add("after training", "trained", e.Trained)
	add("before training", "random", e.Random)
	add("chance", "chance", e.Chance)
	if gain := 100 * (e.Trained - e.Random); !math.IsNaN(gain) {
		b.Gain, b.Worse = fmt.Sprintf("%+.1f points", gain), gain < 0
	}
	return b
}

func percent(v float64) string { return strconv.FormatFloat(100*v, 'f', 1, 64) + " %" }

func (v *view) addQueries(queries []Query) error {
	right, judged := 0, 0
	for _, q := range queries {
		film, err := lay(q.Film)
		if err != nil {
			return err
		}
		out := query{Key: q.Key, Label: q.Label, Strip: film}
		for _, n := range q.Neighbours {
			film, err := lay(n.Film)
			if err != nil {
				return err
			}
			near := neighbour{Key: n.Key, Label: n.Label, Strip: film, Similarity: strconv.FormatFloat(n.Similarity, 'f', 2, 64)}
			if q.Label != "" && n.Label != "" {
				judged++
				near.Mark = "wrong"
				if q.Label == n.Label {
					right++
					near.Mark = "right"
				}
			}
			out.Neighbours = append(out.Neighbours, near)
		}
		v.Queries = append(v.Queries, out)
	}
	if judged > 0 {
		v.Hits = fmt.Sprintf("%d of %d neighbours shown here have the class of their query", right, judged)
	}
	return nil
}

func (v *view) addClips(samples []Clip) error {
	for _, c := range samples {
		out := clip{Key: c.Key, Label: c.Label}
		for _, w := range c.Views {
			film, err := lay(w.Film)
			if err != nil {
				return err
			}
			out.Views = append(out.Views, namedStrip{w.Name, film})
		}
		v.Clips = append(v.Clips, out)
	}
	return nil
}
