// Package recipes holds the settings of every method as files, METHOD-NAME.yaml: `default` is the paper's, others
// fit smaller data or machines. Each file begins with its command and what to expect of it.
package recipes

import (
	"embed"
	"strings"
)

// Files are the recipe files, compiled into the binary.
//
//go:embed *.yaml
var Files embed.FS

// Of lists the names of the method's recipes, sorted.
func Of(method string) []string {
	entries, err := Files.ReadDir(".")
	if err != nil {
		panic(err) // an embedded folder is always there
	}
	var names []string
	for _, e := range entries {
		name, ok := strings.CutPrefix(strings.TrimSuffix(e.Name(), ".yaml"), method+"-")
		if ok && !strings.Contains(name, "-") {
			names = append(names, name)
		}
	}
	return names
}
