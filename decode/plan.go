package decode

// start returns the packet at which decoding begins for a frame: the last one before it, in the file and on the clock,
// after which nothing needs what came before.
func (x *Index) start(frame int) int {
	for i := int(x.frames[frame].packet); i > 0; i-- {
		first := x.byPacket[i]
		if x.packets[i].flags&(flagSafe|flagPreroll) == 0 || first < 0 || int(first) > frame {
			continue
		}
		if x.packets[i].flags&flagPreroll != 0 {
			return x.before(i)
		}
		return i
	}
	return 0
}

// before returns the last packet before one at which decoding can begin.
func (x *Index) before(packet int) int {
	for i := packet - 1; i > 0; i-- {
		if x.packets[i].flags&(flagSafe|flagPreroll) != 0 {
			return i
		}
	}
	return 0
}

// stretch returns the end of the entries of want, from entry k on, that one pass serves: up to the first frame for which
// starting anew skips packets that need not be decoded.
func (x *Index) stretch(want []int, k int) int {
	last := x.frames[want[k]].sent
	for k++; k < len(want); k++ {
		if want[k] != want[k-1] && x.start(want[k]) > int(last) {
			break
		}
		last = max(last, x.frames[want[k]].sent)
	}
	return k
}

// lastPacket is the last one that must be sent for the frames.
func (x *Index) lastPacket(want []int) int {
	last := int32(0)
	for _, i := range want {
		last = max(last, x.frames[i].sent)
	}
	return int(last)
}

// distrust remembers that decoding from a packet did not give what it should.
func (v *Video) distrust(packet int) {
	if v.unsafe == nil {
		v.unsafe = map[int]bool{}
	}
	v.unsafe[packet] = true
}
