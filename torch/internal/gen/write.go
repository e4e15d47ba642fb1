package main

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// each fills the text that pick takes from every parameter's kind and joins them.
func (o op) each(sep string, pick func(kind) string) string {
	var parts []string
	for _, p := range o.params {
		if text := pick(kinds[p.kind]); text != "" {
			parts = append(parts, strings.ReplaceAll(text, "%", p.name))
		}
	}
	return strings.Join(parts, sep)
}

// cResult is the C type that the operator's function returns.
func (o op) cResult() string {
	switch o.result {
	case "one":
		return "vt_one"
	case "many":
		return "vt_many"
	}
	return "vt_none"
}

// declaration is the C prototype.
func (o op) declaration() string {
	return fmt.Sprintf("%s %s(%s)", o.cResult(), o.cName(), o.each(", ", func(k kind) string { return k.c }))
}

func writeHeader(b *bytes.Buffer, ops []op) {
	b.WriteString("#pragma once\n\n#include \"shim.h\"\n\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n")
	for _, o := range ops {
		fmt.Fprintf(b, "%s;\n", o.declaration())
	}
	b.WriteString("\n#ifdef __cplusplus\n}\n#endif\n")
}

var called = regexp.MustCompile(`at::([a-z0-9_]+)\(`)

// headers names the headers of the operators that the expressions call: to read all of libtorch's takes twice as long.
func headers(ops []op) []string {
	seen := map[string]bool{}
	for _, o := range ops {
		for _, m := range called.FindAllStringSubmatch(o.expr, -1) {
			seen[m[1]] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

func writeShim(b *bytes.Buffer, ops []op) {
	b.WriteString("#include \"ops_gen.h\"\n\n")
	for _, header := range headers(ops) {
		fmt.Fprintf(b, "#include <ATen/ops/%s.h>\n", header)
	}
	b.WriteString("\n#include \"kernels.hpp\"\n#include \"shim.hpp\"\n\nusing namespace vssl;\n\n")
	for _, o := range ops {
		guard := map[string]string{"one": "one", "many": "many", "none": "silent", "self": "recorded"}[o.result]
		ret := "return "
		if o.result == "none" || o.result == "self" {
			ret = ""
		}
		fmt.Fprintf(b, "%s {\n  return %s([&] {\n    %s\n    %s%s;\n  });\n}\n\n",
			o.declaration(), guard, o.each("\n    ", func(k kind) string { return k.read }), ret, o.expr)
	}
}

func writeCalls(b *bytes.Buffer, ops []op) {
	b.WriteString("package libtorch\n\n/*\n#include \"ops_gen.h\"\n\n")
	for _, o := range ops {
		fmt.Fprintf(b, "#cgo noescape %s\n#cgo nocallback %s\n", o.cName(), o.cName())
	}
	b.WriteString("*/\nimport \"C\"\n\nimport \"unsafe\"\n\n")
	for _, o := range ops {
		goResult := map[string]string{"one": "One", "many": "Many"}[o.result]
		if goResult == "" {
			goResult = "None"
		}
		fmt.Fprintf(b, "// %s calls %s.\nfunc %s(%s) %s {\nres := C.%s(%s)\nreturn *(*%s)(unsafe.Pointer(&res))\n}\n\n",
			o.name, o.cName(), o.name, o.each(", ", func(k kind) string { return k.call }), goResult,
			o.cName(), o.each(", ", func(k kind) string { return k.cgo }), goResult)
	}
}

func writeMethods(b *bytes.Buffer, ops []op) {
	b.WriteString("package torch\n\nimport \"vssl/torch/internal/libtorch\"\n\n")
	for _, o := range ops {
		for _, d := range o.doc {
			fmt.Fprintf(b, "//%s\n", d)
		}
		fmt.Fprintf(b, "func %s {\nconst op = %q\n", o.signature(), o.shown())
		call := fmt.Sprintf("libtorch.%s(%s)", o.name, o.each(", ", func(k kind) string { return k.pass }))
		args := strings.Join(append([]string{"op", "res"}, o.operands()...), ", ")
		fmt.Fprintf(b, "res := %s\n%s\n}\n\n", call, o.finish(args))
	}
}

// signature is the Go declaration after the word func.
func (o op) signature() string {
	all := o.each(", ", func(k kind) string { return k.method })
	receiver := ""
	if o.method {
		var rest string
		receiver, rest, _ = strings.Cut(all, ", ")
		receiver, all = "("+receiver+") ", rest
	}
	results := map[string]string{"one": " *Tensor", "self": " *Tensor", "none": ""}[o.result]
	if o.result == "many" {
		results = " (" + strings.Join(o.names, ", ") + " *Tensor)"
	}
	return fmt.Sprintf("%s%s(%s)%s", receiver, o.name, all, results)
}

// operands are the Go expressions of the tensors to name in an error.
func (o op) operands() []string {
	var singles, spread []string
	for _, p := range o.params {
		switch text := strings.ReplaceAll(kinds[p.kind].operand, "%", p.name); {
		case strings.HasSuffix(text, "..."):
			spread = []string{text}
		case text != "":
			singles = append(singles, text)
		}
	}
	if spread != nil {
		return spread
	}
	return singles
}

// finish is the Go code that takes over what the call returned.
func (o op) finish(args string) string {
	switch o.result {
	case "one":
		return fmt.Sprintf("return adopt(%s)", args)
	case "self":
		return fmt.Sprintf("done(%s)\nreturn %s", args, o.params[0].name)
	case "none":
		return fmt.Sprintf("done(%s)", args)
	}
	var results []string
	for i := range o.names {
		results = append(results, fmt.Sprintf("ts[%d]", i))
	}
	return fmt.Sprintf("ts := adoptMany(%s)\nreturn %s", args, strings.Join(results, ", "))
}
