package demo

import (
	"crypto/sha256"
	"math"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"vssl/clips"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// render paints the wanted frames of clip i.
func render(c Config, i int, frames ...int) [][]uint8 {
	f, canvas := c.draw(i), newCanvas(c.Width, c.Height)
	var all [][]uint8
	for _, k := range frames {
		pixels := make([]uint8, 3*c.Width*c.Height)
		f.frame(canvas, k, pixels)
		all = append(all, pixels)
	}
	return all
}

// A clip is a function of the seed and its number, and of nothing else: not of the frames painted before.
func TestSeedTellsAll(t *testing.T) {
	c := Config{Seed: 3}.withDefaults()
	later := render(c, 5, 2, 40)[1]
	if !slices.Equal(render(c, 5, 40)[0], later) {
		t.Error("a frame depends on what was painted before")
	}
	if !slices.Equal(c.draw(5).sound(), c.draw(5).sound()) {
		t.Error("two renderings of one sound differ")
	}
	seen := map[[32]byte]string{sha256.Sum256(later): "clip 5, frame 40"}
	for name, frames := range map[string][][]uint8{
		"another clip": render(c, 6, 40), "another frame": render(c, 5, 41),
		"another seed": render(Config{Seed: 4}.withDefaults(), 5, 40),
	} {
		sum := sha256.Sum256(frames[0])
		if same, ok := seen[sum]; ok {
			t.Errorf("%s is the same as %s", name, same)
		}
		seen[sum] = name
	}
}

// The shape stays in the frame: its middle always, and nearly all of it nearly always.
func TestShapeStaysInTheFrame(t *testing.T) {
	c := Defaults()
	aspect := float64(c.Width) / float64(c.Height)
	cut := make([]int, len(classes))
	const clipsEach = 200
	for i := range clipsEach {
		radius := drawScene(clips.RNG(c.Seed, 0, i, streamScene), c.Seconds).radius
		for label, class := range classes {
			track := class.draw(clips.RNG(c.Seed, 0, i, streamMotion), stage{aspect, radius, c.Seconds})
			for k := range c.frames() {
				p, v := track.at(float64(k) / float64(c.Rate))
				if math.Abs(p.x) > aspect/2 || math.Abs(p.y) > 0.5 || p.scale < 0.4 || p.scale > 1.6 {
					t.Fatalf("%s %d, frame %d: %+v", class.name, i, k, p)
				}
				if v.tone < 0 || v.tone > 1 || v.hiss < 0 || v.hiss > 1 || math.Abs(v.pitch) > 2 {
					t.Fatalf("%s %d, frame %d: %+v", class.name, i, k, v)
				}
				if reach := 0.7 * p.scale * radius; math.Abs(p.x)+reach > aspect/2 || math.Abs(p.y)+reach > 0.5 {
					cut[label]++
				}
			}
		}
	}
	for label, class := range classes {
		if share := float64(cut[label]) / float64(clipsEach*c.frames()); share > 0.15 {
			t.Errorf("%s: cut off in %.0f%% of the frames", class.name, 100*share)
		}
	}
}

// small is a frame in 16x12 shades of grey.
func small(c Config, pixels []uint8) []float64 {
	out := make([]float64, 16*12)
	for y := range c.Height {
		for x := range c.Width {
			at := 3 * (y*c.Width + x)
			out[y*12/c.Height*16+x*16/c.Width] += float64(pixels[at]) + float64(pixels[at+1]) + float64(pixels[at+2])
		}
	}
	return out
}

// nearest is the share of rows whose nearest other row has their label.
func nearest(rows [][]float64, labels []int) float64 {
	right := 0
	for i, a := range rows {
		best, label := math.Inf(1), -1
		for j, b := range rows {
			distance := 0.0
			for k := range a {
				distance += (a[k] - b[k]) * (a[k] - b[k])
			}
			if j != i && distance < best {
				best, label = distance, labels[j]
			}
		}
		if label == labels[i] {
			right++
		}
	}
	return float64(right) / float64(len(rows))
}

// One still frame does not tell the class, and the motion does: what the nearest neighbour says from the picture is
// chance (1/8 over 400 clips; 4 standard deviations are 7 points), from a few numbers of the motion it is mostly right.
func TestMotionAloneTellsTheClass(t *testing.T) {
	c := Config{Seed: 1}.withDefaults()
	var stills, motions [][]float64
	var labels []int
	for i := range c.Clips {
		stills = append(stills, small(c, render(c, i, i%c.frames())[0]))
		motions = append(motions, describe(c, i))
		labels = append(labels, c.label(i))
	}
	chance := 1 / float64(len(classes))
	if share := nearest(stills, labels); share > chance+0.07 {
		t.Errorf("one frame tells the class of %.1f%% of the clips, chance is %.1f%%", 100*share, 100*chance)
	}
	if share := nearest(motions, labels); share < 0.9 {
		t.Errorf("the motion tells the class of %.1f%% of the clips", 100*share)
	}
}

// describe measures a motion over half a second from a time of the clip's own: how far the shape goes to the side and
// up, how much of that is in a single frame, and by how much size, angle and colours change.
func describe(c Config, i int) []float64 {
	track := c.draw(i).track
	var xs, ys, scales []float64
	var turned, swaps, fastest, length float64
	first := i * 7 % (c.frames() - 13)
	last, _ := track.at(float64(first) / float64(c.Rate))
	for k := range 13 {
		p, _ := track.at(float64(first+k) / float64(c.Rate))
		xs, ys, scales = append(xs, p.x), append(ys, p.y), append(scales, p.scale)
		step := math.Hypot(p.x-last.x, p.y-last.y)
		fastest, length = max(fastest, step), length+step
		turned += math.Abs(p.angle - last.angle)
		if p.swap != last.swap {
			swaps++
		}
		last = p
	}
	spread := func(v []float64) float64 { return slices.Max(v) - slices.Min(v) }
	return []float64{spread(xs), spread(ys), spread(scales), turned, swaps, 2 * fastest, length / (spread(xs) + spread(ys) + 0.05) / 5}
}

// The sound goes with the motion: the loudness of a pulsing shape follows its size.
func TestSoundFollowsMotion(t *testing.T) {
	c := Config{Seed: 1}.withDefaults()
	const window = audioRate / 25
	for i := range c.Clips {
		if classes[c.label(i)].name != "pulse" {
			continue
		}
		f := c.draw(i)
		sound := f.sound()
		var sizes, louds []float64
		for k := range len(sound) / window {
			p, _ := f.track.at((float64(k) + 0.5) * window / audioRate)
			sizes = append(sizes, p.scale)
			power := 0.0
			for _, s := range sound[k*window : (k+1)*window] {
				power += float64(s) * float64(s)
			}
			louds = append(louds, math.Sqrt(power/window))
		}
		if r := correlation(sizes, louds); r < 0.8 {
			t.Errorf("clip %d: size and loudness correlate by %.2f", i, r)
		}
	}
}

func correlation(a, b []float64) float64 {
	n := float64(len(a))
	var sa, sb, saa, sbb, sab float64
	for i := range a {
		sa, sb, saa, sbb, sab = sa+a[i], sb+b[i], saa+a[i]*a[i], sbb+b[i]*b[i], sab+a[i]*b[i]
	}
	return (n*sab - sa*sb) / math.Sqrt((n*saa-sa*sa)*(n*sbb-sb*sb))
}

// Every clip can be heard, and none is clipped for long.
func TestLoudness(t *testing.T) {
	c := Config{Seed: 2}.withDefaults()
	for i := range 40 {
		power, full := 0.0, 0
		sound := c.draw(i).sound()
		for _, s := range sound {
			power += float64(s) * float64(s)
			if s >= 1 || s <= -1 {
				full++
			}
		}
		if rms := math.Sqrt(power / float64(len(sound))); rms < 0.01 || full > len(sound)/1000 {
			t.Errorf("clip %d, %s: loudness %.4f, %d samples at the limit", i, classes[c.label(i)].name, rms, full)
		}
	}
}

func BenchmarkFrame(b *testing.B) {
	c := Defaults()
	f, canvas, pixels := c.draw(3), newCanvas(c.Width, c.Height), make([]uint8, 3*c.Width*c.Height)
	frames := 0
	for b.Loop() {
		f.frame(canvas, frames%c.frames(), pixels)
		frames++
	}
	b.ReportMetric(float64(frames)/b.Elapsed().Seconds(), "frames/s")
}
