package main

// kind says how a parameter type looks at each step of the way from torch to C++. In every text % stands for the name.
type kind struct {
	c       string // C parameters
	read    string // C++ that makes the variable of that name; the C parameter is %_
	call    string // Go parameter of internal/libtorch
	cgo     string // Go arguments of the C function
	method  string // Go parameter of torch
	pass    string // Go argument from torch to internal/libtorch
	operand string // Go expression that adds the tensors to those named in an error
}

var kinds = map[string]kind{
	"T": {
		c: "void *%_", read: "const at::Tensor &% = ref(%_);",
		call: "% H", cgo: "%", method: "% *Tensor", pass: "%.handle(op)", operand: "%",
	},
	"T?": {
		c: "void *%_", read: "at::Tensor % = maybe(%_);",
		call: "% H", cgo: "%", method: "% *Tensor", pass: "%.handleOrNil(op)", operand: "%",
	},
	"Ts": {
		c: "void *const *%_, int64_t %_n", read: "std::vector<at::Tensor> % = list(%_, %_n);",
		call: "% []H", cgo: "(*unsafe.Pointer)(unsafe.SliceData(%)), C.int64_t(len(%))",
		method: "% []*Tensor", pass: "handles(op, %)", operand: "%...",
	},
	"int": {
		c: "int64_t %_", read: "const int64_t % = %_;",
		call: "% int", cgo: "C.int64_t(%)", method: "% int", pass: "%",
	},
	"float": {
		c: "double %_", read: "const double % = %_;",
		call: "% float64", cgo: "C.double(%)", method: "% float64", pass: "%",
	},
	"bool": {
		c: "bool %_", read: "const bool % = %_;",
		call: "% bool", cgo: "C.bool(%)", method: "% bool", pass: "%",
	},
	"string": {
		c: "const char *%_, int64_t %_n", read: "const std::string %(%_, %_n);",
		call: "% string", cgo: "(*C.char)(unsafe.Pointer(unsafe.StringData(%))), C.int64_t(len(%))",
		method: "% string", pass: "%",
	},
	"ints": {
		c: "const int64_t *%_, int64_t %_n", read: "const at::IntArrayRef %(%_, %_n);",
		call: "% []int", cgo: "ints(%), C.int64_t(len(%))", method: "% []int", pass: "%",
	},
	"dtype": {
		c: "int64_t %_", read: "const at::ScalarType % = static_cast<at::ScalarType>(%_);",
		call: "% int", cgo: "C.int64_t(%)", method: "% DType", pass: "int(%)",
	},
	"device": {
		c: "int64_t %_", read: "const at::Device % = device(%_);",
		call: "% int", cgo: "C.int64_t(%)", method: "% Device", pass: "%.code()",
	},
	"reduction": {
		c: "int64_t %_", read: "const int64_t % = %_;",
		call: "% int", cgo: "C.int64_t(%)", method: "% Reduction", pass: "int(%)",
	},
}

// variadic makes the last-parameter form of a kind.
func variadic(k, goType string) kind {
	v := kinds[k]
	v.method = "% ..." + goType
	return v
}

func init() {
	kinds["ints..."] = variadic("ints", "int")
	kinds["Ts..."] = variadic("Ts", "*Tensor")
}
