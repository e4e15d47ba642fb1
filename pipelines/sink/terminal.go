package sink

import (
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// TerminalConfig says what a Terminal shows.
type TerminalConfig struct {
	Out    io.Writer     // where to; nil is standard error
	Start  int           // steps done before this sitting
	Total  int           // steps of the whole run; 0 where it is not known
	Every  time.Duration // between two lines where there is no terminal; 0 is 10 s
	Always bool          // draw the bar even where Out is not a terminal
}

// A Terminal is the Sink that a person watches: a bar with loss, clips/s, the share of time waiting and what was
// skipped on a terminal, a plain line now and then elsewhere, so that a log file stays readable.
type Terminal struct {
	config TerminalConfig
	bar    *progressbar.ProgressBar // nil where plain lines are written
	began  time.Time
	told   time.Time // of the last plain line
	last   Record
	untold bool // last has not been shown
	closed bool
}

// NewTerminal returns a sink that writes to c.Out.
func NewTerminal(c TerminalConfig) *Terminal {
	if c.Out == nil {
		c.Out = os.Stderr
	}
	if c.Every == 0 {
		c.Every = 10 * time.Second
	}
	t := &Terminal{config: c, began: time.Now()}
	if c.Always || isTerminal(c.Out) {
		t.bar = newBar(c.Out, c.Total)
	}
	return t
}

// isTerminal tells whether w is a terminal that can redraw a line.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd())) && os.Getenv("TERM") != "dumb"
}

// barWidth is the length of the bar itself in characters.
const barWidth = 12

// newBar returns a bar without the library's own forecast: that one starts from zero steps, also after a resume.
func newBar(w io.Writer, total int) *progressbar.ProgressBar {
	if total <= 0 {
		total = -1 // a spinner
	}
	return progressbar.NewOptions(total,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetWidth(barWidth),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionShowDescriptionAtLineEnd(),
		progressbar.OptionSetSpinnerChangeInterval(0), // no goroutine of its own: it turns when a record comes
		progressbar.OptionSetTheme(progressbar.Theme{
			Saucer: "=", SaucerHead: ">", SaucerPadding: " ", BarStart: "[", BarEnd: "]",
		}),
	)
}

// Write shows r now, or with the next line that is due.
func (t *Terminal) Write(r Record) error {
	if t.closed {
		return fmt.Errorf("terminal: %w", os.ErrClosed)
	}
	if r.Time.IsZero() {
		r.Time = time.Now()
	}
	r.Values = keepShown(t.last.Values, r.Values)
	t.last, t.untold = r, true
	if t.bar != nil {
		t.bar.Describe(t.fit(r))
		return t.bar.Set(r.Step)
	}
	if t.told.IsZero() || r.Time.Sub(t.told) >= t.config.Every {
		return t.tell()
	}
	return nil
}

// keepShown returns a copy of now in which figures that are not known on every step keep their last value.
func keepShown(last, now map[string]float64) map[string]float64 {
	merged := make(map[string]float64, len(now)+2)
	for _, name := range []string{KNN, Linear, Skipped} {
		if v, ok := last[name]; ok {
			merged[name] = v
		}
	}
	maps.Copy(merged, now)
	return merged
}

// tell writes the last record as a plain line.
func (t *Terminal) tell() error {
	t.told, t.untold = t.last.Time, false
	_, err := fmt.Fprintln(t.config.Out, t.line(t.last))
	return err
}

// Say writes a line of text of its own between the figures, without tearing the bar.
func (t *Terminal) Say(format string, args ...any) error {
	if t.bar != nil && !t.closed {
		if err := t.bar.Clear(); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(t.config.Out, format+"\n", args...)
	return err
}

// Close shows the last record where it has not been shown and ends the line of the bar.
func (t *Terminal) Close() error {
	if t.closed {
		return nil
	}
	t.closed = true
	if !t.untold {
		return nil
	}
	if t.bar != nil {
		if err := t.bar.Clear(); err != nil {
			return err
		}
	}
	return t.tell()
}

// fit is the line of r behind the bar, made shorter where it would not fit: a bar that wraps cannot be redrawn.
func (t *Terminal) fit(r Record) string {
	room := columns(t.config.Out) - barWidth - len("  100% []  ") - 1
	text := t.line(r)
	if len(text) > room {
		text = t.line(r, "epoch", LR, KNN, Linear)
	}
	for len(text) > max(room, 0) {
		text = text[:max(strings.LastIndex(text, "  "), 0)] // a whole figure less
	}
	return text
}

// columns is the width of the terminal in characters.
func columns(w io.Writer) int {
	if file, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return 160 // no terminal, so nothing wraps
}

// line is r in words: steps, the known figures in a fixed order but for those of without, and the time left.
func (t *Terminal) line(r Record, without ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "step %d", r.Step)
	if t.config.Total > 0 {
		fmt.Fprintf(&b, "/%d", t.config.Total)
	}
	if !slices.Contains(without, "epoch") {
		fmt.Fprintf(&b, "  epoch %d", r.Epoch)
	}
	for _, f := range shown {
		if v, ok := r.Values[f.name]; ok && !(f.hideZero && v == 0) && !slices.Contains(without, f.name) {
			fmt.Fprintf(&b, "  "+f.format, v*f.scale)
		}
	}
	if left, ok := t.left(r); ok {
		fmt.Fprintf(&b, "  %s left", left)
	}
	return b.String()
}

// shown are the figures that have a place on the line.
var shown = []struct {
	name, format string
	scale        float64
	hideZero     bool
}{
	{Loss, "loss %.3f", 1, false},
	{LR, "lr %.3g", 1, false},
	{KNN, "knn %.1f%%", 100, false},
	{Linear, "linear %.1f%%", 100, false},
	{ClipsPerSecond, "%.1f clips/s", 1, false},
	{DataWait, "wait %.0f%%", 100, false},
	{Skipped, "skipped %.0f", 1, true},
}

// left forecasts the time to the last step from the steps of this sitting.
func (t *Terminal) left(r Record) (time.Duration, bool) {
	done := r.Step - t.config.Start
	todo := t.config.Total - r.Step
	if done <= 0 || todo <= 0 {
		return 0, false
	}
	seconds := r.Time.Sub(t.began).Seconds() / float64(done) * float64(todo)
	return time.Duration(math.Ceil(seconds)) * time.Second, true
}
