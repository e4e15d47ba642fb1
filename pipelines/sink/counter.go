package sink

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// Counter returns a function that shows how many of total things, named by what, are done: a bar on a terminal, a line
// every 10 s and at the end elsewhere. It has the form of the progress functions of this project and is used by one
// goroutine at a time.
func Counter(out io.Writer, what string) func(done, total int) {
	if isTerminal(out) {
		var bar *progressbar.ProgressBar
		return func(done, total int) {
			if bar == nil {
				bar = newBar(out, total)
			}
			bar.Describe(fmt.Sprintf("%d/%d %s", done, total, what))
			_ = bar.Set(done) // a bar that cannot be drawn must not stop the work
			if done == total {
				fmt.Fprintln(out)
			}
		}
	}
	var told time.Time
	return func(done, total int) {
		if now := time.Now(); done == total || now.Sub(told) >= 10*time.Second {
			told = now
			fmt.Fprintf(out, "%d/%d %s\n", done, total, what)
		}
	}
}
