package safetensors_test

import (
	"bytes"
	"fmt"

	"vssl/internal/safetensors"
)

func Example() {
	var b bytes.Buffer
	err := safetensors.Write(&b, map[string]string{"step": "7"}, []safetensors.Entry{{
		Name: "bias", DType: safetensors.I16, Shape: []int{2},
		Fill: func(dst []byte) error { copy(dst, []byte{1, 0, 2, 0}); return nil },
	}})
	if err != nil {
		panic(err)
	}
	f, err := safetensors.New(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		panic(err)
	}
	info, _ := f.Lookup("bias")
	data, err := f.Read(nil, info)
	fmt.Println(info.DType, info.Shape, data, f.Metadata()["step"], err)
	// Output: I16 [2] [1 0 2 0] 7 <nil>
}
