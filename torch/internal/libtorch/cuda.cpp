// Memory of CUDA devices. Current releases tell of it without CUDA's own headers; for older ones the tag cuda asks for them.
#include "shim.hpp"

#if VSSL_TORCH_AT_LEAST(2, 9)

#include <c10/core/CachingDeviceAllocator.h>

static auto allocator() { return c10::getDeviceAllocator(at::kCUDA); }

#elif defined(VSSL_CUDA)

#include <c10/cuda/CUDACachingAllocator.h>

namespace {
struct Allocator {
  static auto getDeviceStats(c10::DeviceIndex index) { return c10::cuda::CUDACachingAllocator::getDeviceStats(index); }
  static void emptyCache() { c10::cuda::CUDACachingAllocator::emptyCache(); }
};
} // namespace

static const Allocator *allocator() {
  static const Allocator a;
  return &a;
}

#else
#define VSSL_NO_DEVICE_MEMORY
#endif

#ifdef VSSL_NO_DEVICE_MEMORY

int64_t vt_cuda_bytes(int64_t) { return 0; }
void vt_cuda_release(void) {}

#else

int64_t vt_cuda_bytes(int64_t index) {
  if (!vt_cuda_used()) return 0;
  try {
    return allocator()->getDeviceStats(static_cast<c10::DeviceIndex>(index)).allocated_bytes[0].current;
  } catch (...) { // a lost device has no statistics
    return 0;
  }
}

void vt_cuda_release(void) {
  if (!vt_cuda_used()) return;
  try {
    allocator()->emptyCache();
  } catch (...) { // a lost device has nothing to give back
  }
}

#endif
