package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"vssl/torch"
)

// release is set by the Makefile from the newest tag.
var release = "dev"

// version names the program's build and the engine under it.
func version() string {
	revision := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				revision = " (" + s.Value[:12] + ")"
			}
		}
	}
	return fmt.Sprintf("vssl %s%s, libtorch %s, %s", release, revision, torch.Version(), runtime.Version())
}
