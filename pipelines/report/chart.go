package report

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Sizes of a chart in the units of its own coordinates.
const (
	chartWidth  = 560
	chartHeight = 220
	marginLeft  = 48
	marginRight = 14
	marginTop   = 12
	marginFoot  = 26
	plotRight   = chartWidth - marginRight
	plotFoot    = chartHeight - marginFoot
)

// chart is a curve laid out for the template.
type chart struct {
	Title, About string
	Last         string // the last value that is a number
	Line         string // path of the means
	Band         string // path around lowest and highest values where points were joined; "" where none were
	Dots         []dot  // in place of a line where there are few points
	XTicks       []tick
	YTicks       []tick
	Data         string // JSON for the pointer: [[x, y, step, text], ...]
}

type tick struct {
	At    float64
	Label string
}

type dot struct{ X, Y float64 }

// bucket is the points that fall on one place of the x axis.
type bucket struct {
	step            float64 // mean of the steps
	low, mean, high float64
	count           int
}

// layOut returns the chart of a curve, and false when no point of it is a number.
func layOut(c Curve) (chart, bool) {
	runs := gather(c.Points, 240)
	if len(runs) == 0 {
		return chart{}, false
	}
	x, y := scales(runs)
	unit := unitOf(c.Percent, y)
	out := chart{Title: c.Title, About: c.About}
	for _, v := range ticks(x.low, x.high, 6) {
		// there are no half steps, and the right end says what the axis is
		if v == math.Trunc(v) && x.at(v) < plotRight-50 {
			out.XTicks = append(out.XTicks, tick{round(x.at(v)), strconv.FormatFloat(v, 'f', -1, 64)})
		}
	}
	for _, v := range ticks(y.low, y.high, 5) {
		out.YTicks = append(out.YTicks, tick{round(y.at(v)), unit(v)})
	}
	var marks [][4]any
	var line, band strings.Builder
	for _, run := range runs {
		drawRun(&line, &band, run, x, y)
		for _, b := range run {
			marks = append(marks, [4]any{round(x.at(b.step)), round(y.at(b.mean)), math.Round(b.step), unit(b.mean)})
			if len(run) == 1 || len(c.Points) <= 24 {
				out.Dots = append(out.Dots, dot{round(x.at(b.step)), round(y.at(b.mean))})
			}
		}
	}
	out.Line, out.Band = line.String(), band.String()
	out.Last = marks[len(marks)-1][3].(string)
	data, err := json.Marshal(marks)
	if err != nil {
		panic(err) // numbers and strings always have a JSON form
	}
	out.Data = string(data)
	return out, true
}

// gather joins points into at most limit buckets by step and splits them where a value is not a number.
func gather(points []Point, limit int) [][]bucket {
	per := max(1, (len(points)+limit-1)/limit)
	var runs [][]bucket
	open := false
	var now bucket
	flush := func() {
		if now.count == 0 {
			return
		}
		if !open {
			runs, open = append(runs, nil), true
		}
		now.step /= float64(now.count)
		now.mean /= float64(now.count)
		runs[len(runs)-1] = append(runs[len(runs)-1], now)
		now = bucket{}
	}
	for _, p := range points {
		if math.IsNaN(p.Value) || math.IsInf(p.Value, 0) {
			flush()
			open = false
			continue
		}
		if now.count == 0 {
			now.low, now.high = p.Value, p.Value
		}
		now.low, now.high = min(now.low, p.Value), max(now.high, p.Value)
		now.mean += p.Value
		now.step += float64(p.Step)
		if now.count++; now.count == per {
			flush()
		}
	}
	flush()
	return runs
}

// scale maps values to places.
type scale struct{ low, high, from, to float64 }

func (s scale) at(v float64) float64 { return s.from + (v-s.low)/(s.high-s.low)*(s.to-s.from) }

// scales fits the axes around all buckets. The y axis starts at 0 where the values come near it.
func scales(runs [][]bucket) (x, y scale) {
	x = scale{math.Inf(1), math.Inf(-1), marginLeft, plotRight}
	y = scale{math.Inf(1), math.Inf(-1), plotFoot, marginTop}
	for _, run := range runs {
		for _, b := range run {
			x.low, x.high = min(x.low, b.step), max(x.high, b.step)
			y.low, y.high = min(y.low, b.low), max(y.high, b.high)
		}
	}
	if y.low > 0 && y.low < 0.5*y.high {
		y.low = 0
	}
	for _, s := range []*scale{&x, &y} {
		if s.high-s.low < 1e-9*math.Abs(s.high) || s.high == s.low {
			room := max(math.Abs(s.high)/2, 1e-3)
			s.low, s.high = s.low-room, s.high+room
		}
	}
	if y.low != 0 {
		y.low -= 0.05 * (y.high - y.low)
	}
	y.high += 0.05 * (y.high - y.low)
	return x, y
}

// drawRun appends the paths of one run without gaps.
func drawRun(line, band *strings.Builder, run []bucket, x, y scale) {
	joined := false
	for i, b := range run {
		op := "L"
		if i == 0 {
			op = "M"
		}
		fmt.Fprintf(line, "%s%.1f %.1f", op, x.at(b.step), y.at(b.mean))
		joined = joined || b.count > 1
	}
	if !joined {
		return
	}
	for i, b := range run {
		op := "L"
		if i == 0 {
			op = "M"
		}
		fmt.Fprintf(band, "%s%.1f %.1f", op, x.at(b.step), y.at(b.high))
	}
	for i := len(run) - 1; i >= 0; i-- {
		fmt.Fprintf(band, "L%.1f %.1f", x.at(run[i].step), y.at(run[i].low))
	}
	band.WriteString("Z")
}

// ticks returns up to about n round numbers from low to high.
func ticks(low, high float64, n int) []float64 {
	raw := (high - low) / float64(n)
	base := math.Pow(10, math.Floor(math.Log10(raw)))
	step := base
	for _, m := range []float64{1, 2, 5, 10} {
		if step = m * base; step >= raw {
			break
		}
	}
	var all []float64
	for k := math.Ceil(low / step); k*step <= high; k++ {
		all = append(all, k*step)
	}
	return all
}

// unitOf returns how values of an axis are written: enough digits to tell its ends apart, and no more.
func unitOf(percent bool, y scale) func(float64) string {
	factor, suffix := 1.0, ""
	if percent {
		factor, suffix = 100, " %"
	}
	span := factor * (y.high - y.low)
	digits := int(min(max(2-math.Floor(math.Log10(span)), 0), 9))
	if large := factor * max(math.Abs(y.low), math.Abs(y.high)); large < 1e-3 || large >= 1e6 {
		return func(v float64) string { return strconv.FormatFloat(factor*v, 'g', 3, 64) + suffix }
	}
	return func(v float64) string {
		text := strconv.FormatFloat(factor*v, 'f', digits, 64)
		if strings.Contains(text, ".") {
			text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
		}
		return text + suffix
	}
}

func round(v float64) float64 { return math.Round(10*v) / 10 }
