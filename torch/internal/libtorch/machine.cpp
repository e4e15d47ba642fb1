// Random numbers, devices, and what the library is.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/ops/zeros.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <dlfcn.h>

#include <climits>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "shim.hpp"

using namespace vssl;

static at::Generator generator(int64_t dev) {
  if (dev < 0) return at::detail::getDefaultCPUGenerator();
  return at::globalContext().defaultGenerator(device(dev));
}

vt_none vt_seed(uint64_t seed) {
  return recorded([&] {
    at::manual_seed(seed);
  });
}

vt_one vt_rng_state(int64_t dev) {
  return one([&] {
    at::Generator g = generator(dev);
    const std::lock_guard<std::mutex> lock(g.mutex());
    return g.get_state();
  });
}

vt_none vt_set_rng_state(int64_t dev, void *state) {
  return recorded([&] {
    at::Generator g = generator(dev);
    const std::lock_guard<std::mutex> lock(g.mutex());
    g.set_state(ref(state));
  });
}

static bool has_cuda() {
  try {
    return at::globalContext().hasCUDA();
  } catch (...) { // a driver that fails to load counts as none
    return false;
  }
}

bool vt_cuda_used(void) { return has_cuda() && at::detail::getCUDAHooks().hasPrimaryContext(0); }

const char *vt_version(void) { return TORCH_VERSION; }

int64_t vt_cuda_count(void) { return has_cuda() ? at::detail::getCUDAHooks().getNumGPUs() : 0; }

vt_none vt_cuda_wait(int64_t index) {
  return recorded([&] {
    // Reading one number waits for all that was queued before it, whatever the release calls its wait.
    at::zeros({1}, opts(at::kFloat, device(index))).item();
  });
}

char *vt_blas(void) {
  Dl_info info{};
  void *sgemm = dlsym(RTLD_DEFAULT, "sgemm_");
  if (sgemm == nullptr || dladdr(sgemm, &info) == 0 || info.dli_fname == nullptr) return strdup("built in");
  if (strstr(info.dli_fname, "libtorch") != nullptr) return strdup("built in");
  char *path = realpath(info.dli_fname, nullptr);
  return path != nullptr ? path : strdup(info.dli_fname);
}
