package demo

import (
	"math"
	"math/rand/v2"
)

// Lengths are in heights of the frame and positions are seen from its middle, x to the right and y down: the frame spans
// y from -1/2 to 1/2 and x from -aspect/2 to aspect/2. Times are in seconds from the first frame.

// stage is what a motion has to fit in.
type stage struct {
	aspect  float64 // width over height of the frame
	radius  float64 // of the shape
	seconds float64 // length of the clip
}

// pose is where and how the shape is at one time.
type pose struct {
	x, y  float64 // of its middle
	scale float64 // of its radius, 1 is as drawn
	angle float64 // turns
	swap  bool    // wears its other colours
}

// voice is how the shape sounds at one time.
type voice struct {
	pitch float64 // octaves above the pitch of the clip's voice
	tone  float64 // loudness of the tone, 0..1
	hiss  float64 // loudness of the noise, 0..1
}

// track is one drawn motion with its sound. at may be called for any time from 0 to the length of the clip.
type track struct {
	at func(t float64) (pose, voice)
}

// A class is one kind of motion.
type class struct {
	name  string
	about string
	draw  func(r *rand.Rand, s stage) track
}

// classes are in the order of their labels. No two of them are mirror images of each other.
var classes = []class{
	{"slide", "from side to side; the air hisses as it goes", drawSlide},
	{"lift", "up and down; the pitch follows the height", drawLift},
	{"orbit", "around a point; the pitch climbs once a round", drawOrbit},
	{"pulse", "grows and shrinks; the loudness follows the size", drawPulse},
	{"spin", "turns on the spot; purrs with the turning", drawSpin},
	{"blink", "changes its colours on the beat; two notes in turn", drawBlink},
	{"jump", "appears elsewhere at random times; plucked at each jump", drawJump},
	{"shake", "trembles in its place; rattles", drawShake},
}

// Classes returns the names of the classes by label.
func Classes() []string {
	var names []string
	for _, c := range classes {
		names = append(names, c.name)
	}
	return names
}

// between returns a number from low to high, evenly distributed.
func between(r *rand.Rand, low, high float64) float64 { return low + (high-low)*r.Float64() }

// either returns -1 or 1.
func either(r *rand.Rand) float64 { return float64(2*r.IntN(2) - 1) }

// wave is a sine of t seconds with frequency hz and phase in turns.
func wave(t, hz, phase float64) float64 { return math.Sin(2 * math.Pi * (hz*t + phase)) }

// home draws a resting place from which the shape can go dx and dy to all sides and stay in the frame. It keeps away from
// the edges, so that most crops of training hold the shape.
func (s stage) home(r *rand.Rand, dx, dy float64) pose {
	roomX := 0.7 * max(0, s.aspect/2-dx-s.radius)
	roomY := 0.7 * max(0, 0.5-dy-s.radius)
	return pose{x: between(r, -roomX, roomX), y: between(r, -roomY, roomY), scale: 1, angle: r.Float64()}
}

func drawSlide(r *rand.Rand, s stage) track {
	reach, hz, phase := between(r, 0.2, 0.4), between(r, 1.0, 1.9), r.Float64()
	home := s.home(r, reach, 0)
	return track{func(t float64) (pose, voice) {
		p := home
		p.x += reach * wave(t, hz, phase)
		speed := math.Abs(wave(t, hz, phase+0.25))
		return p, voice{tone: 0.12, hiss: 0.7 * speed}
	}}
}

func drawLift(r *rand.Rand, s stage) track {
	reach, hz, phase := between(r, 0.16, 0.3), between(r, 1.0, 1.9), r.Float64()
	home := s.home(r, 0, reach)
	return track{func(t float64) (pose, voice) {
		p := home
		height := wave(t, hz, phase)
		p.y -= reach * height
		return p, voice{pitch: height, tone: 0.6}
	}}
}

func drawOrbit(r *rand.Rand, s stage) track {
	reach, hz, phase := between(r, 0.15, 0.28), either(r)*between(r, 0.9, 1.7), r.Float64()
	home := s.home(r, reach, reach)
	return track{func(t float64) (pose, voice) {
		p := home
		p.x += reach * wave(t, hz, phase+0.25)
		p.y += reach * wave(t, hz, phase)
		turns := math.Abs(hz)*t + phase
		return p, voice{pitch: 1.5 * (turns - math.Floor(turns)), tone: 0.55}
	}}
}

func drawPulse(r *rand.Rand, s stage) track {
	depth, hz, phase := between(r, 0.35, 0.5), between(r, 1.1, 2.2), r.Float64()
	home := s.home(r, depth*s.radius, depth*s.radius)
	return track{func(t float64) (pose, voice) {
		p := home
		swell := wave(t, hz, phase)
		p.scale = 1 + depth*swell
		return p, voice{tone: 0.4 + 0.36*swell}
	}}
}

func drawSpin(r *rand.Rand, s stage) track {
	hz := either(r) * between(r, 0.8, 1.6)
	home := s.home(r, 0, 0)
	return track{func(t float64) (pose, voice) {
		p := home
		p.angle += hz * t
		purr := wave(t, 16*math.Abs(hz), 0)
		return p, voice{pitch: -0.5, tone: 0.4 + 0.35*purr, hiss: 0.06}
	}}
}

func drawBlink(r *rand.Rand, s stage) track {
	hz, phase := between(r, 1.6, 3.2), r.Float64()
	home := s.home(r, 0, 0)
	return track{func(t float64) (pose, voice) {
		p := home
		p.swap = wave(t, hz, phase) > 0
		v := voice{tone: 0.5}
		if p.swap {
			v.pitch = 7.0 / 12 // a fifth
		}
		return p, v
	}}
}

func drawJump(r *rand.Rand, s stage) track {
	beat := between(r, 0.2, 0.36)
	var times []float64
	var places []pose
	for t := -beat * r.Float64(); t < s.seconds; t += beat * between(r, 0.7, 1.3) {
		times = append(times, t)
		places = append(places, s.away(r, places))
	}
	return track{func(t float64) (pose, voice) {
		i := len(times) - 1
		for i > 0 && times[i] > t {
			i--
		}
		ring := math.Exp(-14 * (t - times[i]))
		return places[i], voice{pitch: 0.8 * (0.5 - places[i].y), tone: 0.8 * ring, hiss: 0.5 * ring * ring * ring}
	}}
}

// away draws a place that is far from the last of places, with the angle of the first.
func (s stage) away(r *rand.Rand, places []pose) pose {
	s.radius /= 2 // close to the edges as well: the shape is soon somewhere else
	p := s.home(r, 0, 0)
	if len(places) == 0 {
		return p
	}
	last := places[len(places)-1]
	for range 8 { // where there is no room, the last try has to do
		if math.Hypot(p.x-last.x, p.y-last.y) > 0.25 {
			break
		}
		p = s.home(r, 0, 0)
	}
	p.angle = places[0].angle
	return p
}

func drawShake(r *rand.Rand, s stage) track {
	reach := between(r, 0.05, 0.08)
	var hz, phase [4]float64
	for i := range hz {
		hz[i], phase[i] = between(r, 5, 9), r.Float64()
	}
	home := s.home(r, 2*reach, 2*reach)
	return track{func(t float64) (pose, voice) {
		p := home
		dx := wave(t, hz[0], phase[0]) + wave(t, hz[1], phase[1])
		dy := wave(t, hz[2], phase[2]) + wave(t, hz[3], phase[3])
		p.x += reach * dx
		p.y += reach * dy
		return p, voice{pitch: 0.12 * dy, tone: 0.2, hiss: 0.2 * math.Abs(dx)}
	}}
}
