package demo

import (
	"math"
	"math/rand/v2"
)

// canvas is a frame being painted: colours of 0..1 before they are rounded.
type canvas struct {
	width, height int
	pixels        []rgb // [height*width]
}

func newCanvas(width, height int) *canvas {
	return &canvas{width, height, make([]rgb, width*height)}
}

// paint paints the scene at t seconds with its shape in pose p. grain are random numbers of standard deviation 1.
func (c *canvas) paint(s *scene, p pose, t float64, grain []float64) {
	from, to, share := s.at(t)
	c.ground(s, from, to, share, t)
	pair := 0
	if s.dark != p.swap {
		pair = 1
	}
	c.stamp(stamp{
		x: p.x, y: p.y, radius: p.scale * s.radius, angle: p.angle,
		outline: func(x, y float64) float64 { return lerp(from.outline(x, y), to.outline(x, y), share) },
		marking: func(x, y float64) float64 { return lerp(from.marking(x, y), to.marking(x, y), share) },
		body:    from.wear[pair][0].mix(to.wear[pair][0], share),
		mark:    from.wear[pair][1].mix(to.wear[pair][1], share),
	})
	sheen := [2]float64{lerp(from.sheen[0], to.sheen[0], share), lerp(from.sheen[1], to.sheen[1], share)}
	c.shade(lerp(from.light, to.light, share), sheen, grain)
}

func lerp(a, b, share float64) float64 { return a + share*(b-a) }

// ground fills the canvas with the patterns of two looks. All blending is linear, so a pixel is one colour and a share of
// each look's contrast.
func (c *canvas) ground(s *scene, from, to *look, share, t float64) {
	base := from.under[0].mix(to.under[0], share)
	var a, b rgb
	for i := range base {
		a[i] = (1 - share) * (from.under[1][i] - from.under[0][i])
		b[i] = share * (to.under[1][i] - to.under[0][i])
	}
	step := tileSize / float64(c.height)
	offsetX, offsetY := s.scroll[0]*t*tileSize, s.scroll[1]*t*tileSize
	for y := range c.height {
		row := c.pixels[y*c.width:][:c.width]
		v := float64(y)*step + offsetY
		for x := range row {
			u := float64(x)*step + offsetX
			m, n := from.ground.at(u, v), to.ground.at(u, v)
			row[x] = rgb{base[0] + m*a[0] + n*b[0], base[1] + m*a[1] + n*b[1], base[2] + m*a[2] + n*b[2]}
		}
	}
}

// stamp is a shape in its place.
type stamp struct {
	x, y, radius float64 // as in a pose
	angle        float64 // turns
	outline      outline
	marking      marking
	body, mark   rgb
}

// stamp paints one shape with smooth edges.
func (c *canvas) stamp(s stamp) {
	size := float64(c.height)
	middleX, middleY := float64(c.width)/2+s.x*size, size/2+s.y*size
	radius := s.radius * size // pixels
	reach := 1.15*radius + 1  // no outline goes farther
	sin, cos := math.Sincos(2 * math.Pi * s.angle)
	for y := max(0, int(middleY-reach)); y < min(c.height, int(middleY+reach)+1); y++ {
		for x := max(0, int(middleX-reach)); x < min(c.width, int(middleX+reach)+1); x++ {
			dx, dy := (float64(x)+0.5-middleX)/radius, (float64(y)+0.5-middleY)/radius
			u, v := cos*dx+sin*dy, cos*dy-sin*dx
			alpha := cover(radius * s.outline(u, v))
			if alpha == 0 {
				continue
			}
			colour := s.body.mix(s.mark, cover(-radius*s.marking(u, v)))
			pixel := &c.pixels[y*c.width+x]
			*pixel = pixel.mix(colour, alpha)
		}
	}
}

// noise is the standard deviation of the grain in parts of full white.
const noise = 0.012

// shade applies light, which grows along sheen, and grain to the canvas.
func (c *canvas) shade(light float64, sheen [2]float64, grain []float64) {
	i := 0
	for y := range c.height {
		down := float64(y)/float64(c.height) - 0.5
		for x := range c.width {
			right := (float64(x) - float64(c.width)/2) / float64(c.height)
			gain := light * (1 + sheen[0]*right + sheen[1]*down)
			pixel := &c.pixels[y*c.width+x]
			for k := range pixel {
				pixel[k] = pixel[k]*gain + noise*grain[i%len(grain)]
				i++
			}
		}
	}
}

// bytes writes the canvas to dst, packed RGB [height, width, 3].
func (c *canvas) bytes(dst []uint8) {
	for i, pixel := range c.pixels {
		for k, v := range pixel {
			level := 255*v + 0.5
			switch { // min and max would also look for NaN, in every pixel
			case level < 0:
				level = 0
			case level > 255:
				level = 255
			}
			dst[3*i+k] = uint8(level)
		}
	}
}

// drawGrain draws n random numbers of standard deviation 1.
func drawGrain(r *rand.Rand, n int) []float64 {
	grain := make([]float64, n)
	for i := range grain {
		grain[i] = r.NormFloat64()
	}
	return grain
}
