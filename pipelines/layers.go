package pipelines

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"vssl/internal/keys"
	"vssl/methods"
	"vssl/recipes"
)

// Layers are the sources of a configuration, weakest first: the defaults, the method's recipe, a file, the user's own words.
type Layers struct {
	Medium methods.Medium // whose default method is taken where no layer names one; "" is video
	File   string         // path of a YAML file (--config), "" for none
	Set    map[string]any // what flags and --set say, as a tree
}

// Resolve builds the configuration of a run, refuses keys that nothing reads (naming the nearest), and validates the values.
func Resolve(l Layers) (*Config, error) {
	file, err := readTree(l.File)
	if err != nil {
		return nil, err
	}
	name, recipe := pick(map[string]any{"method": map[string]any{"name": methods.Default(l.medium())}, "recipe": "default"}, file, l.Set)
	if err := oneOf("method", name, methods.Names()...); err != nil {
		return nil, err
	}
	tree, err := toTree(Defaults(methods.MediumOf(name)))
	if err != nil {
		return nil, err
	}
	method, err := toTree(methods.Defaults(name))
	if err != nil {
		return nil, err
	}
	method["name"] = name
	tree["method"] = method
	tree["recipe"] = recipe
	known := clone(tree)
	layer, err := recipeTree(name, recipe)
	if err != nil {
		return nil, err
	}
	for _, from := range []struct {
		tree map[string]any
		name string
	}{{layer, "recipe " + recipe}, {file, l.File}, {l.Set, ""}} {
		if err := keys.Check(from.tree, known, ""); err != nil {
			return nil, &UsageError{prefix(from.name, err)}
		}
		merge(tree, from.tree)
	}
	return toConfig(tree)
}

func (l Layers) medium() methods.Medium {
	if l.Medium == "" {
		return methods.Video
	}
	return l.Medium
}

func prefix(name string, err error) error {
	if name == "" {
		return err
	}
	return fmt.Errorf("%s: %w", name, err)
}

// pick finds the method and the recipe that the strongest layer names.
func pick(layers ...map[string]any) (method, recipe string) {
	for _, l := range layers {
		if m, ok := l["method"].(map[string]any); ok {
			if s, ok := m["name"].(string); ok {
				method = s
			}
		}
		if s, ok := l["recipe"].(string); ok {
			recipe = s
		}
	}
	return method, recipe
}

// recipeTree reads recipes/METHOD-RECIPE.yaml; a method without a `default` file has only the defaults.
func recipeTree(method, recipe string) (map[string]any, error) {
	data, err := fs.ReadFile(recipes.Files, method+"-"+recipe+".yaml")
	if errors.Is(err, fs.ErrNotExist) {
		if recipe == "default" {
			return map[string]any{}, nil
		}
		return nil, oneOf("recipe", recipe, recipes.Of(method)...)
	}
	if err != nil {
		return nil, err
	}
	return parseTree("recipe "+recipe, bytes.NewReader(data))
}

func readTree(path string) (map[string]any, error) {
	if path == "" {
		return map[string]any{}, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, &UsageError{fmt.Errorf("config %s cannot be read: %w", path, reason(err))}
	}
	defer f.Close()
	return parseTree(path, io.LimitReader(f, 1<<20))
}

func parseTree(name string, r io.Reader) (map[string]any, error) {
	tree := map[string]any{}
	if err := yaml.NewDecoder(r).Decode(&tree); err != nil && !errors.Is(err, io.EOF) {
		return nil, &UsageError{fmt.Errorf("%s is not a YAML mapping of keys to values: %s", name, oneLine(err))}
	}
	return tree, nil
}

// toConfig turns the merged tree into a Config; a value of the wrong type is named by its key.
func toConfig(tree map[string]any) (*Config, error) {
	data, err := yaml.Marshal(tree)
	if err != nil {
		return nil, err
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	var c Config
	if err := d.Decode(&c); err != nil {
		return nil, &UsageError{valueError(data, err)}
	}
	read, err := toTree(c)
	if err != nil {
		return nil, err
	}
	if err := checkWhole(tree, read, ""); err != nil {
		return nil, &UsageError{err}
	}
	return &c, c.Validate()
}

// checkWhole refuses a fraction that was read as a whole number: the YAML library cuts it off in silence.
func checkWhole(written, read map[string]any, at string) error {
	for key, value := range written {
		if below, ok := value.(map[string]any); ok {
			got, _ := read[key].(map[string]any)
			if err := checkWhole(below, got, at+key+"."); err != nil {
				return err
			}
		}
		f, isFloat := value.(float64)
		if whole, isInt := read[key].(int); isFloat && isInt && f != float64(whole) {
			return fmt.Errorf("%s%s is %g, want int", at, key, f)
		}
	}
	return nil
}

// wrongType is how the YAML library says that a value has the wrong type.
var wrongType = regexp.MustCompile("line ([0-9]+): cannot unmarshal !!\\w+ `(.*)` into (.*)")

// valueError names the key whose value does not fit, which the library knows only as a line of the merged text.
func valueError(text []byte, err error) error {
	m := wrongType.FindStringSubmatch(err.Error())
	if m == nil {
		return fmt.Errorf("configuration: %s", oneLine(err))
	}
	n, _ := strconv.Atoi(m[1]) // digits, by the expression
	return fmt.Errorf("%s is %s, want %s", keyAtLine(strings.Split(string(text), "\n"), n-1), m[2], m[3])
}

// keyAtLine follows the indentation of block-style YAML from a line up to the top and joins the keys it meets.
func keyAtLine(lines []string, n int) string {
	var parts []string
	indent := 1 << 20
	for ; n >= 0 && n < len(lines) && indent > 0; n-- {
		key, _, isKey := strings.Cut(lines[n], ":")
		depth := len(lines[n]) - len(strings.TrimLeft(lines[n], " "))
		if isKey && depth < indent {
			parts = append([]string{strings.TrimSpace(key)}, parts...)
			indent = depth
		}
	}
	return strings.Join(parts, ".")
}

// ParseSet reads `key=value` words into a tree; dots in a key go one level down and the value is YAML.
func ParseSet(words []string) (map[string]any, error) {
	tree := map[string]any{}
	for _, word := range words {
		key, value, ok := strings.Cut(word, "=")
		if !ok || key == "" {
			return nil, &UsageError{fmt.Errorf("--set %q: write key=value, for example --set optimizer.lr=0.1", word)}
		}
		var v any
		if err := yaml.Unmarshal([]byte(value), &v); err != nil {
			return nil, &UsageError{fmt.Errorf("--set %s: %q is not a value: %s", key, value, oneLine(err))}
		}
		if err := Put(tree, key, v); err != nil {
			return nil, err
		}
	}
	return tree, nil
}

// Put sets the value at a dotted key, making the levels between.
func Put(tree map[string]any, key string, value any) error {
	parts := strings.Split(key, ".")
	for _, part := range parts[:len(parts)-1] {
		below, ok := tree[part].(map[string]any)
		if !ok {
			if _, taken := tree[part]; taken {
				return &UsageError{fmt.Errorf("key %q: %q is a value, not a section", key, part)}
			}
			below = map[string]any{}
			tree[part] = below
		}
		tree = below
	}
	tree[parts[len(parts)-1]] = value
	return nil
}

func merge(into, from map[string]any) {
	for k, v := range from {
		sub, isMap := v.(map[string]any)
		below, ok := into[k].(map[string]any)
		if isMap && ok {
			merge(below, sub)
			continue
		}
		into[k] = v
	}
}

func clone(tree map[string]any) map[string]any {
	out := make(map[string]any, len(tree))
	for k, v := range tree {
		if sub, ok := v.(map[string]any); ok {
			v = clone(sub)
		}
		out[k] = v
	}
	return out
}

func toTree(v any) (map[string]any, error) {
	data, err := yaml.Marshal(v)
	if err != nil {
		return nil, err
	}
	tree := map[string]any{}
	return tree, yaml.Unmarshal(data, &tree)
}

// reason is the cause inside a file error, without the path that the caller's sentence already names.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func oneLine(err error) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(err.Error(), "yaml: ", "")), " ")
}

// ResolveRun is Resolve for a command that trains: a run that resumes starts from its own config.yaml where no other file is given.
func ResolveRun(l Layers, resume bool) (*Config, error) {
	if out, ok := l.Set["out"].(string); ok && resume && l.File == "" {
		if own := filepath.Join(out, configFile); exists(own) {
			l.File = own
			if err := sameMethod(own, l.Set); err != nil {
				return nil, err
			}
		}
	}
	return Resolve(l)
}

// sameMethod refuses to resume a run with another method than the one it was begun with.
func sameMethod(file string, set map[string]any) error {
	tree, err := readTree(file)
	if err != nil {
		return err
	}
	was, _ := pick(tree)
	now, _ := pick(tree, set)
	if was != now {
		return &UsageError{fmt.Errorf("%s is a run of method %s and cannot go on with %s: leave --method out, or choose another --out", filepath.Dir(file), was, now)}
	}
	return nil
}
