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
	c.ground(s, t)
	for _, b := range s.pebbles {
		colour := b.dye.at(t)
		c.stamp(stamp{b.x, b.y, b.radius, b.angle, b.outline, nil, colour, colour})
	}
	body, mark := s.wears(t, p.swap)
	blend := s.blend(t)
	edge := func(x, y float64) float64 { return s.from(x, y) + blend*(s.to(x, y)-s.from(x, y)) }
	c.stamp(stamp{p.x, p.y, p.scale * s.radius, p.angle, edge, s.mark, body, mark})
	c.shade(s, t, grain)
}

// ground fills the canvas with the scene's pattern.
func (c *canvas) ground(s *scene, t float64) {
	a, b := s.under[0].at(t), s.under[1].at(t)
	step := tileSize / float64(c.height)
	for y := range c.height {
		row := c.pixels[y*c.width:][:c.width]
		v := (float64(y) + s.scroll[1]*t*float64(c.height)) * step
		for x := range row {
			m := s.ground.at((float64(x)+s.scroll[0]*t*float64(c.height))*step, v)
			for i := range row[x] {
				row[x][i] = a[i] + m*(b[i]-a[i])
			}
		}
	}
}

// stamp is a shape in its place.
type stamp struct {
	x, y, radius float64 // as in a pose
	angle        float64 // turns
	outline      outline
	marking      marking // nil: one colour
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
			second := 0.0
			if s.marking != nil {
				second = cover(-radius * s.marking(u, v))
			}
			pixel := &c.pixels[y*c.width+x]
			for i := range pixel {
				colour := s.body[i] + second*(s.mark[i]-s.body[i])
				pixel[i] += alpha * (colour - pixel[i])
			}
		}
	}
}

// shade applies light and noise to the canvas.
func (c *canvas) shade(s *scene, t float64, grain []float64) {
	light := s.light(t)
	i := 0
	for y := range c.height {
		down := float64(y)/float64(c.height) - 0.5
		for x := range c.width {
			right := (float64(x) - float64(c.width)/2) / float64(c.height)
			gain := light * (1 + s.sheen[0]*right + s.sheen[1]*down)
			pixel := &c.pixels[y*c.width+x]
			for k := range pixel {
				pixel[k] = pixel[k]*gain + s.noise*grain[i%len(grain)]
				i++
			}
		}
	}
}

// bytes writes the canvas to dst, packed RGB [height, width, 3].
func (c *canvas) bytes(dst []uint8) {
	for i, pixel := range c.pixels {
		for k, v := range pixel {
			dst[3*i+k] = uint8(255*min(max(v, 0), 1) + 0.5)
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
