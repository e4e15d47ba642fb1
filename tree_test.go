package vssl_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// below says which folders of the house each one may import, besides itself and internal. Arrows point down only.
var below = map[string]string{
	"cmd":       "pipelines methods models clips audio decode torch recipes",
	"pipelines": "methods models clips audio decode torch recipes",
	"methods":   "models clips audio torch",
	"models":    "torch",
	"clips":     "decode",
	"audio":     "decode",
	"decode":    "",
	"torch":     "",
	"recipes":   "",
	"internal":  "torch", // internal/golden answers in tensors
	"bench":     "pipelines methods models clips audio decode torch recipes",
}

// bindings are the packages that reach native code, and who may import them.
var bindings = map[string][]string{
	"github.com/asticode/go-astiav": {"decode"},
	"C":                             {"torch/internal/libtorch", "internal/pixel", "internal/nearest", "internal/sinkhorn", "decode"},
	"vssl/torch/internal/libtorch":  {"torch"},
}

// source is a Go file of the repository.
type source struct {
	path string // from the root, with slashes
	file *ast.File
}

// sources parses every Go file, up to the imports.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "vendor") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		all = append(all, source{filepath.ToSlash(name), file})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestImportsPointDown(t *testing.T) {
	for _, s := range sources(t) {
		folder, _, nested := strings.Cut(s.path, "/")
		if !nested {
			continue // this file
		}
		allowed, known := below[folder]
		if !known {
			t.Errorf("%s: folder %s is not in the house", s.path, folder)
			continue
		}
		may := append(strings.Fields(allowed), folder, "internal")
		for _, spec := range s.file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if ours, ok := strings.CutPrefix(imported, "vssl/"); ok {
				if top, _, _ := strings.Cut(ours, "/"); !slices.Contains(may, top) {
					t.Errorf("%s imports %s: %s may import %s", s.path, imported, folder, strings.Join(may, ", "))
				}
			}
			if who, bound := bindings[imported]; bound && !slices.Contains(who, path.Dir(s.path)) {
				t.Errorf("%s imports %s: only %s may", s.path, imported, strings.Join(who, ", "))
			}
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	documented := map[string]bool{}
	for _, s := range sources(t) {
		if strings.HasSuffix(s.path, "_test.go") {
			continue
		}
		folder := path.Dir(s.path)
		documented[folder] = documented[folder] || s.file.Doc != nil
	}
	for folder, ok := range documented {
		if !ok {
			t.Errorf("%s has no package comment", folder)
		}
	}
}
