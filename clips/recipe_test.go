package clips

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// A recipe survives the configuration of a run.
func TestRecipeAsYAML(t *testing.T) {
	want := Pair(16, 2, Contrastive(112))
	want.Interval = "power-2"
	want.Sound = &SoundSpec{Rate: 16000, Channels: 1, Length: 1500 * time.Millisecond}
	text, err := yaml.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Recipe
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if n := got.Sound.Samples(); n != 24000 {
		t.Errorf("1.5 s at 16 kHz are %d samples", n)
	}
	if err := yaml.Unmarshal([]byte("interval: lineal"), &got); err == nil {
		t.Error("an unknown law was read")
	}
}

func TestRNGStreamsDiffer(t *testing.T) {
	base := RNG(1, 2, 3, 4).Uint64()
	if RNG(1, 2, 3, 4).Uint64() != base {
		t.Error("equal arguments gave different numbers")
	}
	seen := map[uint64]bool{base: true}
	for _, r := range [][4]int{{2, 2, 3, 4}, {1, 3, 3, 4}, {1, 2, 4, 4}, {1, 2, 3, 5}, {1, 3, 2, 4}, {1, 2, 4, 3}, {0, 0, 0, 0}, {0, 1, 0, 0}, {1, 0, 0, 0}} {
		v := RNG(uint64(r[0]), r[1], r[2], r[3]).Uint64()
		if seen[v] {
			t.Errorf("%v repeats the numbers of another stream", r)
		}
		seen[v] = true
	}
}
