package report

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"vssl/clips"
	"vssl/pipelines/sink"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// film returns n frames of one shade each, darker to lighter.
func film(n, width, height int) Film {
	f := Film{Every: 50 * time.Millisecond}
	for i := range n {
		frame := image.NewGray(image.Rect(3, 5, 3+width, 5+height)) // bounds need not begin at 0
		for j := range frame.Pix {
			frame.Pix[j] = uint8(255 * i / max(n-1, 1))
		}
		f.Frames = append(f.Frames, frame)
	}
	return f
}

// evil is text that must not become markup, in any context.
const evil = `"><script>alert('x')</script><!-- & </style> javascript:`

// sample is a report with all parts, each with hostile text.
func sample() Data {
	near := func(label string) Neighbour { return Neighbour{film(4, 32, 32), label, evil, 0.875} }
	return Data{
		Title: "run " + evil, Lead: evil, Made: time.Date(2024, 5, 1, 10, 0, 0, 0, time.UTC),
		Headline:    []Figure{{"kNN " + evil, evil, evil}},
		Evaluations: []Evaluation{{evil, evil, 0.75, 0.4, 0.125}, {"no chance known", "", 0.3, 0.4, math.NaN()}},
		Queries: []Query{
			{film(4, 32, 32), "slide", evil, []Neighbour{near("slide"), near("lift"), near("")}},
		},
		Curves:  []Curve{{Title: evil, About: evil, Points: []Point{{1, 2}, {2, math.NaN()}, {3, 1}}}, {Title: "never a number"}},
		Clips:   []Clip{{evil, evil, []View{{evil, film(8, 64, 48)}, {"empty", Film{}}}}},
		Facts:   []Fact{{"paper", "2008.03800", "https://example.org/abs?a=1&b=2"}, {evil, evil, "javascript:alert(1)"}},
		Skipped: []clips.Skip{{Path: evil, Reason: evil}},
		Config:  "key: " + evil,
	}
}

func render(t *testing.T, d Data) string {
	t.Helper()
	var b bytes.Buffer
	if err := Render(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// elements parses the page as strictly as XML is parsed (all tags closed but those that HTML leaves open) and calls fn
// for every element with its attributes.
func elements(t *testing.T, page string, fn func(name string, attributes map[string]string)) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("line %d: %v", 1+strings.Count(page[:d.InputOffset()], "\n"), err)
		}
		if e, ok := token.(xml.StartElement); ok {
			attributes := map[string]string{}
			for _, a := range e.Attr {
				attributes[a.Name.Local] = a.Value
			}
			fn(e.Name.Local, attributes)
		}
	}
}

// withoutScript takes our own script out: it is not XML.
func withoutScript(page string) string {
	head, tail, _ := strings.Cut(page, "<script>"+pageJS+"</script>")
	return head + tail
}

func TestEverythingIsEscaped(t *testing.T) {
	page := withoutScript(render(t, sample()))
	if strings.Contains(page, "<script") {
		t.Error("text of the data became a script")
	}
	films := 0
	elements(t, page, func(name string, attributes map[string]string) {
		for key, value := range attributes {
			if strings.HasPrefix(key, "on") || strings.HasPrefix(value, "javascript:") {
				t.Errorf("<%s %s=%q>", name, key, value)
			}
			if key == "style" && strings.Contains(value, "--strip") {
				films++
			}
		}
	})
	if films != 5 {
		t.Errorf("%d films with a picture, want 5", films)
	}
}

// Nothing of the page is loaded from anywhere: no address but data and the links that a reader may follow.
func TestSelfContained(t *testing.T) {
	page := withoutScript(render(t, sample()))
	elements(t, page, func(name string, attributes map[string]string) {
		for key, value := range attributes {
			outside := strings.Contains(value, "://") || strings.HasPrefix(value, "//")
			if key == "src" || outside && !(name == "a" && key == "href") {
				t.Errorf("<%s %s=%q> leads outside", name, key, value)
			}
		}
		if name == "link" || name == "iframe" || name == "img" {
			t.Errorf("<%s> is not needed", name)
		}
	})
	if strings.Contains(pageCSS, "@import") || strings.Contains(pageCSS, "url(") || strings.Contains(pageJS, "fetch") {
		t.Error("style or script loads something")
	}
}

func TestMarksAndNumbers(t *testing.T) {
	page := render(t, sample())
	for _, want := range []string{
		`class="near right"`, `class="near wrong"`, `class="near "`, "1 of 2 neighbours", "0.88",
		"75.0 %", "40.0 %", "12.5 %", "&#43;35.0 points", "-10.0 points", "1 May 2024",
		`href="https://example.org/abs?a=1&amp;b=2"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if strings.Contains(page, "never a number") || strings.Contains(page, "NaN") {
		t.Error("something that is not known is shown")
	}
}

func TestEmptyPartsAreLeftOut(t *testing.T) {
	page := render(t, Data{Title: "empty"})
	if strings.Contains(page, "<section") || strings.Contains(page, "<a ") {
		t.Errorf("a section of nothing:\n%s", page)
	}
}

func TestSkippedIsBounded(t *testing.T) {
	page := render(t, Data{Skipped: make([]clips.Skip, maxSkipped+7)})
	if rows := strings.Count(page, `<td class="key">`); rows != maxSkipped || !strings.Contains(page, "of 507") {
		t.Errorf("%d rows, want %d and a count of all", rows, maxSkipped)
	}
}

func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.html")
	if err := Write(path, sample()); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(path); err != nil || !bytes.HasPrefix(data, []byte("<!doctype html>")) {
		t.Errorf("%v: %.40q", err, data)
	}
	if err := Write(filepath.Join(path, "below a file"), sample()); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want one that names the path", err)
	}
}

// The frames of a film stand side by side in one picture, in order, and large ones are made smaller.
func TestStrip(t *testing.T) {
	s, err := lay(film(5, 200, 100))
	if err != nil {
		t.Fatal(err)
	}
	style := string(s.Style)
	if !strings.Contains(style, "--frames:5;--shape:128/64;--round:250ms") {
		t.Errorf("style %.20q...%q", style, style[len(style)-60:])
	}
	code := regexp.MustCompile(`base64,([^)]*)\)`).FindStringSubmatch(style)
	data, err := base64.StdEncoding.DecodeString(code[1])
	if err != nil {
		t.Fatal(err)
	}
	picture, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if size := picture.Bounds().Size(); size != image.Pt(5*128, 64) {
		t.Fatalf("picture of %v", size)
	}
	for i := range 5 {
		got := color.GrayModel.Convert(picture.At(i*128+64, 32)).(color.Gray).Y
		if want := 255 * i / 4; math.Abs(float64(got)-float64(want)) > 3 {
			t.Errorf("frame %d is of shade %d, want %d", i, got, want)
		}
	}
}

func TestCurves(t *testing.T) {
	curves := Curves([]sink.Record{
		{Step: 1, Values: map[string]float64{sink.Loss: 2, sink.Skipped: 0, "own": 5}},
		{Step: 2, Values: map[string]float64{sink.Loss: 1, sink.Skipped: 0, sink.KNN: 0.5}},
	})
	var titles []string
	for _, c := range curves {
		titles = append(titles, c.Title)
	}
	if got := strings.Join(titles, ", "); got != "Loss, kNN accuracy during training (online), own" {
		t.Errorf("curves %s", got)
	}
	if p := curves[0].Points; len(p) != 2 || p[1] != (Point{2, 1}) {
		t.Errorf("points of the loss: %v", p)
	}
}
