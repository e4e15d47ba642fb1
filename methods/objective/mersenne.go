package objective

// Mersenne is MT19937, the 32-bit Mersenne twister of Matsumoto and Nishimura (1998): the generator whose numbers faiss draws.
type Mersenne struct {
	state [624]uint32
	next  int
}

// NewMersenne starts the generator from a seed, as C++'s std::mt19937 does.
func NewMersenne(seed uint32) *Mersenne {
	m := &Mersenne{next: len(Mersenne{}.state)}
	m.state[0] = seed
	for i := 1; i < len(m.state); i++ {
		last := m.state[i-1]
		m.state[i] = 1812433253*(last^last>>30) + uint32(i)
	}
	return m
}

// Uint32 is the next number.
func (m *Mersenne) Uint32() uint32 {
	if m.next == len(m.state) {
		m.twist()
	}
	y := m.state[m.next]
	m.next++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

// twist makes the next 624 numbers of the state.
func (m *Mersenne) twist() {
	const n, middle = 624, 397
	for i := range m.state {
		y := m.state[i]&0x80000000 | m.state[(i+1)%n]&0x7fffffff
		m.state[i] = m.state[(i+middle)%n] ^ y>>1 ^ (y&1)*0x9908b0df
	}
	m.next = 0
}

// Float32 is the next number divided by the largest, in 0..1, both included.
func (m *Mersenne) Float32() float32 { return float32(m.Uint32()) / float32(0xffffffff) }

// Perm puts 0..n-1 in random order as faiss does: the number at each place in turn is exchanged with a later one, or itself.
func (m *Mersenne) Perm(n int) []int32 {
	p := make([]int32, n)
	for i := range p {
		p[i] = int32(i)
	}
	for i := range n - 1 {
		j := i + int(m.Uint32()%uint32(n-i))
		p[i], p[j] = p[j], p[i]
	}
	return p
}
