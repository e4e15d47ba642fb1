// What the files of the shim share: handles, and the guards that turn exceptions into results.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/api/include/torch/version.h>

#include <string>
#include <tuple>
#include <vector>

#include "shim.h"

#define VSSL_TORCH_AT_LEAST(major, minor) \
  (TORCH_VERSION_MAJOR > (major) || (TORCH_VERSION_MAJOR == (major) && TORCH_VERSION_MINOR >= (minor)))

namespace vssl {

inline thread_local uint64_t scope = 0; // innermost scope of this thread, 0 for none

inline const at::Tensor &ref(void *h) { return *static_cast<at::Tensor *>(h); }
inline at::Tensor maybe(void *h) { return h == nullptr ? at::Tensor() : ref(h); }

inline std::vector<at::Tensor> list(void *const *hs, int64_t n) {
  std::vector<at::Tensor> out;
  out.reserve(n);
  for (int64_t i = 0; i < n; i++) out.push_back(ref(hs[i]));
  return out;
}

inline at::Device device(int64_t code) {
  return code < 0 ? at::Device(at::kCPU) : at::Device(at::kCUDA, static_cast<at::DeviceIndex>(code));
}

inline at::TensorOptions opts(at::ScalarType dtype, at::Device dev) { return at::TensorOptions().dtype(dtype).device(dev); }

// num keeps integer tensors integer: a Go float64 that is whole goes in as a whole number.
inline at::Scalar num(const at::Tensor &x, double v) {
  const bool whole = v == static_cast<double>(static_cast<int64_t>(v)) && v > -9e15 && v < 9e15;
  return whole && !x.is_floating_point() ? at::Scalar(static_cast<int64_t>(v)) : at::Scalar(v);
}

// Called in a catch block: describes the exception in flight.
void describe(char **err, int64_t *kind) noexcept;
void no_scope(char **err, int64_t *kind) noexcept;

inline void *own(at::Tensor &&t, int64_t *bytes) {
  *bytes = static_cast<int64_t>(t.numel() * t.element_size());
  return new at::Tensor(std::move(t));
}

// one runs f, which returns a tensor, and hands the tensor over to this thread's innermost scope.
template <class F>
vt_one one(F &&f) noexcept {
  vt_one r{};
  if ((r.scope = scope) == 0) {
    no_scope(&r.err, &r.kind);
    return r;
  }
  try {
    r.h = own(at::Tensor(f()), &r.bytes);
  } catch (...) {
    describe(&r.err, &r.kind);
  }
  return r;
}

// many is one for a tuple of two or three tensors.
template <class F>
vt_many many(F &&f) noexcept {
  vt_many r{};
  if ((r.scope = scope) == 0) {
    no_scope(&r.err, &r.kind);
    return r;
  }
  try {
    std::apply([&](auto &&...t) { int i = 0; ((r.h[i] = own(at::Tensor(t), &r.bytes[i]), i++), ...); }, f());
  } catch (...) {
    describe(&r.err, &r.kind);
  }
  return r;
}

// recorded runs f, which returns nothing.
template <class F>
vt_none recorded(F &&f) noexcept {
  vt_none r{};
  try {
    f();
  } catch (...) {
    describe(&r.err, &r.kind);
  }
  return r;
}

// silent runs f, which returns nothing, without a record for gradients.
template <class F>
vt_none silent(F &&f) noexcept {
  return recorded([&] {
    const c10::AutoGradMode off(false);
    f();
  });
}

} // namespace vssl
