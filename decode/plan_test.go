package decode

import "testing"

// planned is an index of packets in the order of the file: pts and flags.
func planned(packets ...packet) *Index {
	x := &Index{packets: packets, tb: Rational{1, 25}}
	x.plainFrames()
	x.number()
	return x
}

func TestWhereAPassStarts(t *testing.T) {
	// Display:  0 1 2 | 3 4 [5 6] | 8; the picture at 5 is a key frame that is decoded before those at 3 and 4.
	x := planned(
		packet{pts: 0, flags: flagKey | flagSafe}, packet{pts: 1}, packet{pts: 2},
		packet{pts: 5, flags: flagKey | flagSafe}, packet{pts: 3}, packet{pts: 4}, packet{pts: 6},
		packet{pts: 7, flags: flagKey | flagPreroll}, packet{pts: 8})
	if !x.plain || x.Frames() != 9 {
		t.Fatalf("plain %v, %d frames", x.plain, x.Frames())
	}
	for frame, want := range []int{0, 0, 0, 0, 0, 3, 3, 3, 3} {
		if got := x.start(frame); got != want {
			t.Errorf("for frame %d decoding starts at packet %d, want %d", frame, got, want)
		}
	}
	for _, c := range []struct {
		want []int
		end  int
	}{{[]int{0, 1, 5}, 2}, {[]int{0, 4, 5}, 3}, {[]int{5, 6, 8}, 3}, {[]int{1, 1, 1}, 3}} {
		if got := x.stretch(c.want, 0); got != c.end {
			t.Errorf("%v: one pass serves %d entries, want %d", c.want, got, c.end)
		}
	}
	if got := x.lastPacket([]int{3, 4}); got != 5 {
		t.Errorf("frames 3 and 4 need packets up to %d, want 5", got)
	}
}

// Where packets do not tell the frames, nothing is guessed: the file is decoded to list them.
func TestPacketsThatDoNotTell(t *testing.T) {
	key := packet{pts: 0, flags: flagKey | flagSafe}
	far := []packet{key}
	for i := range int64(50) {
		far = append(far, packet{pts: 100 + i})
	}
	for i := range int64(50) {
		far = append(far, packet{pts: 10 + i})
	}
	for name, packets := range map[string][]packet{
		"no time":               {key, {pts: noPTS}},
		"one time twice":        {key, {pts: 1}, {pts: 1}},
		"begins in the middle":  {{pts: 0}, {pts: 1}},
		"shown before the key":  {{pts: 2, flags: flagKey | flagSafe}, {pts: 0}, {pts: 1}},
		"a clock that jumps":    far,
		"two files in one, say": {key, {pts: 1}, key, {pts: 1}},
	} {
		if planned(packets...).plain {
			t.Errorf("%s: taken as plain", name)
		}
	}
}
