package clips

import "math/rand/v2"

// RNG returns the random numbers of one stream of one sample in one epoch. Equal arguments give equal numbers, on every machine;
// streams differ by any of the arguments. The loader draws a sample's cuts from stream 0 and its view v from stream v+1.
func RNG(seed uint64, epoch, sample, stream int) *rand.Rand {
	hi, lo := mix(seed), mix(seed^0x9e3779b97f4a7c15)
	for _, v := range []int{epoch, sample, stream} {
		hi = mix(hi ^ uint64(v))
		lo = mix(lo + uint64(v))
	}
	return rand.New(rand.NewPCG(hi, lo))
}

// mix is the finaliser of SplitMix64: every bit of x moves every bit of the result.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
