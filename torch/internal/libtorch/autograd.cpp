// Gradients and the switches that belong to a thread.
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include "shim.hpp"

using namespace vssl;

vt_none vt_require_grad(void *x, bool on) {
  return recorded([&] { ref(x).requires_grad_(on); });
}

bool vt_requires_grad(void *x) { return ref(x).requires_grad(); }

vt_one vt_grad(void *x) {
  vt_one r{};
  r.scope = scope;
  if (!ref(x).grad().defined()) return r;
  return one([&] { return ref(x).grad(); });
}

vt_none vt_set_grad(void *x, void *grad) {
  return silent([&] {
    const at::Tensor g = maybe(grad);
    TORCH_CHECK(!g.defined() || g.sizes() == ref(x).sizes(), "the gradient's shape is ", g.sizes(), ", the tensor's ",
                ref(x).sizes());
    ref(x).mutable_grad() = g;
  });
}

void vt_zero_grads(void *const *xs, int64_t n) {
  for (int64_t i = 0; i < n; i++) ref(xs[i]).mutable_grad().reset();
}

// Autocast is for the forward pass: the formulas of the backward pass already have their types.
class NoAutocast {
 public:
  NoAutocast() : previous_(vt_autocast_enter(-1)) {}
  ~NoAutocast() { vt_autocast_leave(previous_); }
  NoAutocast(const NoAutocast &) = delete;
  NoAutocast &operator=(const NoAutocast &) = delete;

 private:
  vt_autocast previous_;
};

vt_none vt_backward(void *x, bool keep_graph) {
  return recorded([&] {
    const NoAutocast guard;
    torch::autograd::backward({ref(x)}, {}, keep_graph);
  });
}

vt_one vt_gradients(void *const *outputs, int64_t n_outputs, void *const *inputs, int64_t n, bool create_graph,
                    void **grads, int64_t *bytes) {
  vt_one r{};
  if ((r.scope = scope) == 0) {
    no_scope(&r.err, &r.kind);
    return r;
  }
  try {
    const NoAutocast guard;
    auto found = torch::autograd::grad(list(outputs, n_outputs), list(inputs, n), {}, create_graph, create_graph,
                                       /*allow_unused=*/true);
    for (int64_t i = 0; i < n; i++) grads[i] = found[i].defined() ? own(std::move(found[i]), &bytes[i]) : nullptr;
  } catch (...) {
    describe(&r.err, &r.kind);
  }
  return r;
}

bool vt_set_grad_mode(bool on) {
  const bool previous = c10::GradMode::is_enabled();
  c10::GradMode::set_enabled(on);
  return previous;
}

bool vt_grad_mode(void) { return c10::GradMode::is_enabled(); }

namespace {

#if VSSL_TORCH_AT_LEAST(2, 4)
bool enabled(at::DeviceType d) { return at::autocast::is_autocast_enabled(d); }
void enable(at::DeviceType d, bool on) { at::autocast::set_autocast_enabled(d, on); }
at::ScalarType type(at::DeviceType d) { return at::autocast::get_autocast_dtype(d); }
void set_type(at::DeviceType d, at::ScalarType t) { at::autocast::set_autocast_dtype(d, t); }
#else
bool enabled(at::DeviceType d) { return d == at::kCPU ? at::autocast::is_cpu_enabled() : at::autocast::is_enabled(); }
void enable(at::DeviceType d, bool on) { d == at::kCPU ? at::autocast::set_cpu_enabled(on) : at::autocast::set_enabled(on); }
at::ScalarType type(at::DeviceType d) {
  return d == at::kCPU ? at::autocast::get_autocast_cpu_dtype() : at::autocast::get_autocast_gpu_dtype();
}
void set_type(at::DeviceType d, at::ScalarType t) {
  d == at::kCPU ? at::autocast::set_autocast_cpu_dtype(t) : at::autocast::set_autocast_gpu_dtype(t);
}
#endif

} // namespace

vt_autocast vt_autocast_enter(int64_t dtype) {
  vt_autocast previous{};
  previous.cpu = enabled(at::kCPU);
  previous.cuda = enabled(at::kCUDA);
  previous.cache = at::autocast::is_autocast_cache_enabled();
  previous.cpu_dtype = static_cast<int64_t>(type(at::kCPU));
  previous.cuda_dtype = static_cast<int64_t>(type(at::kCUDA));
  at::autocast::increment_nesting();
  enable(at::kCPU, dtype >= 0);
  enable(at::kCUDA, dtype >= 0);
  if (dtype >= 0) {
    set_type(at::kCPU, static_cast<at::ScalarType>(dtype));
    set_type(at::kCUDA, static_cast<at::ScalarType>(dtype));
  }
  at::autocast::set_autocast_cache_enabled(true);
  return previous;
}

void vt_autocast_leave(vt_autocast previous) {
  // The cache holds converted weights; they are stale once an optimiser has written the weights.
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  enable(at::kCPU, previous.cpu);
  enable(at::kCUDA, previous.cuda);
  set_type(at::kCPU, static_cast<at::ScalarType>(previous.cpu_dtype));
  set_type(at::kCUDA, static_cast<at::ScalarType>(previous.cuda_dtype));
  at::autocast::set_autocast_cache_enabled(previous.cache);
}
