package report

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Any curve stays inside of its chart, and its paths hold nothing but numbers.
func TestChartStaysInside(t *testing.T) {
	number := regexp.MustCompile(`-?[0-9.]+`)
	rapid.Check(t, func(rt *rapid.T) {
		value := rapid.OneOf(rapid.Float64Range(-1e12, 1e12), rapid.Float64Range(-1, 1), rapid.SampledFrom([]float64{0, math.NaN(), math.Inf(1), 1e-12}))
		var points []Point
		for i, v := range rapid.SliceOfN(value, 0, 600).Draw(rt, "values") {
			points = append(points, Point{3 * i, v})
		}
		c, ok := layOut(Curve{Points: points, Percent: rapid.Bool().Draw(rt, "percent")})
		if !ok {
			for _, p := range points {
				if !math.IsNaN(p.Value) && !math.IsInf(p.Value, 0) {
					rt.Fatalf("%v is a number and is not drawn", p)
				}
			}
			return
		}
		path := c.Line + c.Band
		if strings.Trim(path, "MLZ-. 0123456789") != "" {
			rt.Fatalf("path %q", path)
		}
		numbers := number.FindAllString(path, -1)
		for i, text := range numbers {
			v, err := strconv.ParseFloat(text, 64)
			low, high := float64(marginLeft), float64(plotRight)
			if i%2 == 1 {
				low, high = marginTop, plotFoot
			}
			if err != nil || v < low-0.1 || v > high+0.1 {
				rt.Fatalf("%s is not within %g and %g", text, low, high)
			}
		}
		if len(c.YTicks) > 12 || len(c.XTicks) > 12 {
			rt.Fatalf("%d and %d ticks", len(c.XTicks), len(c.YTicks))
		}
	})
}

// 1000 points are joined to a line of means and a band of their range; a gap parts the line.
func TestGather(t *testing.T) {
	var points []Point
	for i := range 1000 {
		points = append(points, Point{i, float64(i % 2)})
	}
	points[500].Value = math.NaN()
	runs := gather(points, 100)
	if len(runs) != 2 {
		t.Fatalf("%d runs, want 2", len(runs))
	}
	first := runs[0][0]
	if first.count != 10 || first.low != 0 || first.high != 1 || first.mean != 0.5 || first.step != 4.5 {
		t.Errorf("first bucket %+v", first)
	}
}

func TestTicksAreRound(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		want      string
	}{
		{0, 4.2, "0 1 2 3 4"},
		{0.31, 0.72, "0.4 0.5 0.6 0.7"},
		{-150, 40, "-150 -100 -50 0"},
		{0, 0.0000012, "0 5e-07 1e-06"},
	} {
		unit := unitOf(false, scale{low: c.low, high: c.high})
		var got []string
		for _, v := range ticks(c.low, c.high, 5) {
			got = append(got, unit(v))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%g to %g: %v, want %s", c.low, c.high, got, c.want)
		}
	}
}
