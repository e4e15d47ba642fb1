package main

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// op is one line of the list.
type op struct {
	name   string // Go name
	method bool
	doc    []string // lines, without the slashes
	params []param
	result string   // one, none, self or many
	names  []string // of the results, when there are many
	expr   string   // C++
}

// param is one parameter of an operator; kind is a key of kinds.
type param struct{ name, kind string }

// cName is the name of the operator in C.
func (o op) cName() string { return "vt_" + snake(o.name) }

// shown is the name in messages: snake case, as PyTorch spells operators.
func (o op) shown() string {
	if o.name == "MatMul" {
		return "matmul"
	}
	return snake(o.name)
}

var line = regexp.MustCompile(`^(func )?(\w+)\((.*?)\)\s*(T|self|\(.*?\))? = (.+)$`)

// parse reads the list. An error names the line.
func parse(list string) ([]op, error) {
	var ops []op
	var doc []string
	seen := map[string]bool{}
	for i, text := range strings.Split(list, "\n") {
		switch {
		case strings.HasPrefix(text, "//"):
			doc = append(doc, strings.TrimPrefix(text, "//"))
		case text == "" || strings.HasPrefix(text, "#"):
			doc = nil
		default:
			o, err := parseLine(text)
			if err != nil {
				return nil, fmt.Errorf("ops.list:%d: %w", i+1, err)
			}
			if seen[o.name] || len(doc) == 0 {
				return nil, fmt.Errorf("ops.list:%d: %s: twice, or without a comment", i+1, o.name)
			}
			seen[o.name] = true
			o.doc, doc = doc, nil
			ops = append(ops, o)
		}
	}
	return ops, nil
}

// parseLine reads one operator.
func parseLine(text string) (op, error) {
	m := line.FindStringSubmatch(text)
	if m == nil {
		return op{}, fmt.Errorf("not of the form Name(x T, ...) T = expression: %s", text)
	}
	o := op{method: m[1] == "", name: m[2], expr: m[5]}
	for _, field := range strings.Split(m[3], ", ") {
		name, kind, _ := strings.Cut(field, " ")
		if _, ok := kinds[kind]; !ok {
			return op{}, fmt.Errorf("%s: parameter %q is of no known type", o.name, field)
		}
		o.params = append(o.params, param{name, kind})
	}
	switch m[4] {
	case "T":
		o.result = "one"
	case "":
		o.result = "none"
	case "self":
		o.result = "self"
	default:
		o.result = "many"
		for _, field := range strings.Split(strings.Trim(m[4], "()"), ", ") {
			o.names = append(o.names, strings.TrimSuffix(field, " T"))
		}
	}
	if o.method && o.params[0].kind != "T" {
		return op{}, fmt.Errorf("%s: the receiver is not a tensor", o.name)
	}
	return o, nil
}

// snake turns MaxPool2d into max_pool2d and SVD into svd.
func snake(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if unicode.IsUpper(r) {
			afterLower := i > 0 && !unicode.IsUpper(runes[i-1])
			beforeLower := i > 0 && i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if afterLower || beforeLower {
				b.WriteByte('_')
			}
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}
