#include "shim.h"

#include <ATen/ops/empty.h>
#include <ATen/Parallel.h>
#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <new>

#include "shim.hpp"

using namespace vssl;

namespace vssl {

static char *text(const std::string &s) noexcept { return strdup(s.c_str()); }

static bool has(const std::string &s, const char *part) { return s.find(part) != std::string::npos; }

// Older releases throw the plain c10::Error where newer ones have classes, so the text decides too.
static int64_t sort_of(const std::string &message) {
  if (has(message, "out of memory") || has(message, "allocate memory") || has(message, "ALLOC_FAILED")) return VT_MEMORY;
  if (has(message, "CUDA error") || has(message, "cuDNN error") || has(message, "CUDA driver")) return VT_DEVICE;
  return VT_CONTRACT;
}

void describe(char **err, int64_t *kind) noexcept {
  try {
    try {
      throw;
    } catch (const c10::OutOfMemoryError &e) {
      *kind = VT_MEMORY;
      *err = text(e.what_without_backtrace());
    } catch (const c10::Error &e) {
      const std::string message = e.what_without_backtrace();
      *kind = sort_of(message);
      *err = text(message);
    } catch (const std::bad_alloc &) {
      *kind = VT_MEMORY;
      *err = text("out of memory");
    } catch (const std::exception &e) {
      *kind = sort_of(e.what());
      *err = text(e.what());
    }
  } catch (...) { // not a standard exception, or no memory for its text
    *kind = VT_CONTRACT;
    *err = strdup("unknown exception");
  }
}

void no_scope(char **err, int64_t *kind) noexcept {
  *kind = VT_NO_SCOPE;
  *err = strdup("no scope is open on this thread; call it inside torch.In");
}

} // namespace vssl

void vt_text_free(char *text) { free(text); }

// OpenMP keeps the number of threads by calling thread: a thread takes over the common number when it enters a scope.
static std::atomic<int64_t> threads{0};
static thread_local int64_t threads_here = 0;

// OpenBLAS with threads of its own takes no number from OpenMP: one common number, unless the environment sets it.
static void blas_threads(int64_t n) {
  using set = void (*)(int);
  static const set f = getenv("OPENBLAS_NUM_THREADS") != nullptr
      ? nullptr
      : reinterpret_cast<set>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
  if (f != nullptr) f(static_cast<int>(n));
}

uint64_t vt_scope_enter(uint64_t id) {
  const int64_t n = threads.load(std::memory_order_relaxed);
  if (n > 0 && n != threads_here) {
    at::set_num_threads(static_cast<int>(n));
    threads_here = n;
  }
  const uint64_t previous = scope;
  scope = id;
  return previous;
}

void vt_scope_leave(uint64_t previous) { scope = previous; }

void vt_set_threads(int64_t n) {
  threads.store(n);
  at::set_num_threads(static_cast<int>(n));
  blas_threads(n);
  threads_here = n;
}

int64_t vt_threads(void) {
  const int64_t n = threads.load();
  return n > 0 ? n : at::get_num_threads();
}

void vt_free(void *const *handles, int64_t n) {
  for (int64_t i = 0; i < n; i++) delete static_cast<at::Tensor *>(handles[i]);
}

int64_t vt_rank(void *x) { return ref(x).dim(); }

void vt_shape(void *x, int64_t *sizes) {
  const at::IntArrayRef s = ref(x).sizes();
  std::copy(s.begin(), s.end(), sizes);
}

int64_t vt_numel(void *x) { return ref(x).numel(); }
int64_t vt_dtype(void *x) { return static_cast<int64_t>(ref(x).scalar_type()); }
int64_t vt_device(void *x) { return ref(x).is_cuda() ? ref(x).device().index() : -1; }
bool vt_is_contiguous(void *x) { return ref(x).is_contiguous(); }

bool vt_is_channels_last(void *x) {
  const at::Tensor &t = ref(x);
  return t.dim() == 4   ? t.is_contiguous(at::MemoryFormat::ChannelsLast)
         : t.dim() == 5 ? t.is_contiguous(at::MemoryFormat::ChannelsLast3d)
                        : false;
}

bool vt_same_memory(void *a, void *b) { return ref(a).data_ptr() == ref(b).data_ptr(); }

vt_one vt_from(const void *data, int64_t bytes, const int64_t *shape, int64_t rank, int64_t dtype) {
  return one([&] {
    at::Tensor t = at::empty(at::IntArrayRef(shape, rank), static_cast<at::ScalarType>(dtype));
    const int64_t want = static_cast<int64_t>(t.numel() * t.element_size());
    TORCH_CHECK(want == bytes, "the shape takes ", want, " bytes, the data has ", bytes);
    if (bytes > 0) std::memcpy(t.data_ptr(), data, bytes);
    return t;
  });
}

vt_none vt_read(void *x, int64_t dtype, void *dst, int64_t bytes) {
  return silent([&] {
    const at::Tensor t = ref(x).detach().to(at::Device(at::kCPU), static_cast<at::ScalarType>(dtype)).contiguous();
    const int64_t have = static_cast<int64_t>(t.numel() * t.element_size());
    TORCH_CHECK(have == bytes, "the tensor has ", have, " bytes, the destination ", bytes);
    if (bytes > 0) std::memcpy(dst, t.data_ptr(), bytes);
  });
}

vt_number vt_item(void *x) {
  vt_number r{};
  try {
    r.value = ref(x).item().toDouble();
  } catch (...) {
    describe(&r.err, &r.kind);
  }
  return r;
}
