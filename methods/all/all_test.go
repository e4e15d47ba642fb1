package all_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"vssl/methods"
	_ "vssl/methods/all"
)

// root is the top of the repository, from this package.
const root = "../.."

// ownFile is where a method of that name and family is written.
func ownFile(info methods.Info) string {
	return filepath.Join("methods", info.Family, strings.ReplaceAll(info.Name, "-", "_")+".go")
}

func TestEveryMethodIsDescribed(t *testing.T) {
	all := methods.All()
	if len(all) == 0 {
		t.Fatal("no method is registered")
	}
	for _, info := range all {
		if info.Paper == "" || info.Title == "" || info.Summary == "" || info.Status == "" {
			t.Errorf("%s lacks a part of its description: %+v", info.Name, info)
		}
		if _, err := os.Stat(filepath.Join(root, ownFile(info))); err != nil {
			t.Errorf("%s: %v", info.Name, err)
		}
		tests, err := filepath.Glob(filepath.Join(root, "methods", info.Family, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		if !anyContains(t, tests, `methodtest.Run(t, "`+info.Name+`"`) {
			t.Errorf("%s: no test of its family puts it through methodtest.Run", info.Name)
		}
	}
	if methods.Default(methods.Video) == "" {
		t.Error("no method is the default")
	}
}

func anyContains(t *testing.T, files []string, text string) bool {
	t.Helper()
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(content), text) {
			return true
		}
	}
	return false
}

// TestOnlyItsFileNamesAMethod: a name in the trainer or the command line would be a seam in the wrong place. Recipes,
// documents and tests may name methods; code may not, except the file that registers it.
func TestOnlyItsFileNamesAMethod(t *testing.T) {
	names := map[string]string{} // to own file
	for _, info := range methods.All() {
		names[info.Name] = filepath.FromSlash(ownFile(info))
	}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "vendor") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		for _, found := range literals(t, path) {
			if own, ok := names[found.text]; ok && own != relative {
				t.Errorf("%s:%d names the method %q", relative, found.line, found.text)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

type literal struct {
	text string
	line int
}

// literals returns the strings of a Go file.
func literals(t *testing.T, path string) []literal {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var all []literal
	ast.Inspect(file, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			if text, err := strconv.Unquote(l.Value); err == nil {
				all = append(all, literal{text, files.Position(l.Pos()).Line})
			}
		}
		return true
	})
	return all
}
