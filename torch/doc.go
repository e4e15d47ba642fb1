// Package torch binds libtorch, thinly: tensors, gradients, devices, random numbers, and the switches of the library.
//
// # Ownership
//
// A tensor is native memory, which Go's collector does not see, so it has an owner in sight: a [Scope]. The result of every
// operation belongs to the innermost scope that is open on the calling OS thread, and goes when that scope closes:
//
//	torch.In(func(s *torch.Scope) {
//		loss := model.Loss(batch)
//		loss.Backward()
//		total += loss.Float() // a number leaves the scope; the tensors do not
//	})
//
// What must outlive it is moved by name: state.Keep(t) with a scope from [NewScope], or with an outer one. There are no
// finalizers. [Live] counts the tensors that exist; a step ends with the number it began with.
//
// # Threads
//
// Scopes, [NoGrad] and [Autocast] belong to the OS thread, as libtorch's own modes do, so each locks the goroutine to its
// thread while its function runs. A goroutine started inside opens its own with [In]. A tensor may be read from several threads at
// once, and changed from one.
//
// # Errors
//
// A broken contract (shapes, types, use after close) panics with an [*Error] that names the operation and the shapes of
// its operands. Out of memory and a lost device panic with the same type, wrapping [ErrOutOfMemory] or [ErrDevice]. One place turns them
// into errors:
//
//	defer torch.Recover(&err, "step %d", n)
//
// # Operators
//
// The operators are listed in ops.list, one a line, and generated with go generate. Dimensions count from 0, or from the end with
// -1, -2 and so on. Unless said otherwise a result has the element type and device of its first operand.
package torch

//go:generate go run ./internal/gen
