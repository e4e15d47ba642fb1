package sink_test

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"vssl/pipelines/sink"
)

// A run that was interrupted after step 2 and goes on from its checkpoint of step 1 leaves one record a step.
func ExampleOpenJSONL() {
	dir, err := os.MkdirTemp("", "run")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "metrics.jsonl")
	session := func(resumed int, losses ...float64) {
		lines, err := sink.OpenJSONL(path, resumed)
		if err != nil {
			panic(err)
		}
		for i, loss := range losses {
			r := sink.Record{Step: resumed + i + 1, Time: time.Unix(1_700_000_000, 0), Values: map[string]float64{sink.Loss: loss}}
			if err := lines.Write(r); err != nil {
				panic(err)
			}
		}
		if err := lines.Close(); err != nil {
			panic(err)
		}
	}
	session(0, 3.5, 3.25)
	session(1, 3.125, 3)
	data, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	fmt.Print(string(data))
	// Output:
	// {"step":1,"epoch":0,"time":"2023-11-14T22:13:20.000Z","loss":3.5}
	// {"step":2,"epoch":0,"time":"2023-11-14T22:13:20.000Z","loss":3.125}
	// {"step":3,"epoch":0,"time":"2023-11-14T22:13:20.000Z","loss":3}
}
