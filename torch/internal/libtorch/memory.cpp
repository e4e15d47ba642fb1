// The CPU allocator. Training asks for the same large blocks step after step; malloc maps and unmaps each, and the page
// faults cost a third of a step. Here a large block that is freed is kept, on huge pages, for the next request of about its size.
#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <unordered_map>

#include "shim.hpp"

namespace {

constexpr size_t kHuge = size_t{2} << 20;  // a huge page; large blocks begin on one
constexpr size_t kLarge = kHuge / 4 * 3;   // from here on a block is large: smaller ones would waste most of a huge page
constexpr size_t kSlack = size_t{64} << 20; // kept beyond the share of the peak

// rounded makes size classes: whole huge pages, and from 16 MiB on eight classes for each doubling.
size_t rounded(size_t n) {
  size_t step = kHuge;
  while (step * 16 <= n) step *= 2;
  return (n + step - 1) / step * step;
}

void *map_huge(size_t size) {
  void *raw = mmap(nullptr, size + kHuge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (raw == MAP_FAILED) return nullptr;
  const uintptr_t start = reinterpret_cast<uintptr_t>(raw);
  const uintptr_t aligned = (start + kHuge - 1) / kHuge * kHuge;
  if (aligned > start) munmap(raw, aligned - start);
  if (start + kHuge > aligned) munmap(reinterpret_cast<void *>(aligned + size), start + kHuge - aligned);
  madvise(reinterpret_cast<void *>(aligned), size, MADV_HUGEPAGE); // without effect where the system has it off
  return reinterpret_cast<void *>(aligned);
}

class LargeBlocks {
 public:
  // take returns a block of at least n bytes, or nullptr when the system has none.
  void *take(size_t n) {
    const size_t size = rounded(n);
    const std::lock_guard<std::mutex> lock(mutex_);
    auto it = free_.lower_bound(size);
    if (it != free_.end() && it->first <= size + size / 4) {
      void *p = it->second.p;
      cached_ -= it->first;
      use(p, it->first);
      free_.erase(it);
      return p;
    }
    // Shapes that vary must not pile up blocks of sizes that are no longer asked for.
    const size_t limit = std::max(peak_, in_use_ + size) / 4 * 5 + kSlack;
    while (!free_.empty() && in_use_ + cached_ + size > limit) drop_oldest();
    void *p = map_huge(size);
    if (p == nullptr) {
      drop_all();
      p = map_huge(size);
    }
    if (p != nullptr) use(p, size);
    return p;
  }

  // give takes back a block; false when it is not one of take's.
  bool give(void *p) {
    const std::lock_guard<std::mutex> lock(mutex_);
    auto it = sizes_.find(p);
    if (it == sizes_.end()) return false;
    in_use_ -= it->second;
    cached_ += it->second;
    free_.emplace(it->second, Free{p, ++clock_});
    sizes_.erase(it);
    return true;
  }

  void release() {
    const std::lock_guard<std::mutex> lock(mutex_);
    drop_all();
    peak_ = in_use_;
  }

  int64_t cached() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return static_cast<int64_t>(cached_);
  }

  int64_t in_use() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return static_cast<int64_t>(in_use_);
  }

 private:
  struct Free {
    void *p;
    uint64_t since;
  };
  using Blocks = std::multimap<size_t, Free>; // by size

  void use(void *p, size_t size) {
    sizes_.emplace(p, size);
    in_use_ += size;
    peak_ = std::max(peak_, in_use_);
  }

  void drop(Blocks::iterator it) {
    munmap(it->second.p, it->first);
    cached_ -= it->first;
    free_.erase(it);
  }

  void drop_oldest() {
    auto oldest = free_.begin();
    for (auto it = free_.begin(); it != free_.end(); ++it) {
      if (it->second.since < oldest->second.since) oldest = it;
    }
    drop(oldest);
  }

  void drop_all() {
    while (!free_.empty()) drop(free_.begin());
  }

  std::mutex mutex_;
  Blocks free_;
  std::unordered_map<void *, size_t> sizes_; // of blocks in use
  size_t in_use_ = 0, cached_ = 0, peak_ = 0;
  uint64_t clock_ = 0;
};

// Never destroyed: tensors in static storage are freed after any destructor of ours.
LargeBlocks &blocks() {
  static auto *b = new LargeBlocks;
  return *b;
}

void free_any(void *p) {
  const bool aligned = reinterpret_cast<uintptr_t>(p) % kHuge == 0;
  if (!aligned || !blocks().give(p)) std::free(p);
}

// The signatures of c10::Allocator differ between releases (allocate lost its const, copy_data came): both forms are here,
// and each release overrides those that it has.
class CachingAllocator final : public c10::Allocator {
 public:
  at::DataPtr allocate(size_t n) const { return get(n); }
  at::DataPtr allocate(size_t n) { return get(n); }
  at::DeleterFnPtr raw_deleter() const { return free_any; }
  void copy_data(void *dst, const void *src, std::size_t n) const { std::memcpy(dst, src, n); }

 private:
  static at::DataPtr get(size_t n) {
    void *p = nullptr;
    if (n >= kLarge) {
      p = blocks().take(n);
    } else if (n > 0 && posix_memalign(&p, 64, n) != 0) {
      p = nullptr;
    }
    TORCH_CHECK_WITH(OutOfMemoryError, p != nullptr || n == 0, "out of memory: cannot allocate memory, ", n, " bytes");
    return {p, p, free_any, at::Device(at::kCPU)};
  }
};

} // namespace

void vt_memory_start(bool own_allocator) {
  if (!own_allocator) return;
  // Scratch memory of oneDNN comes from malloc: it shall keep what it got. 32 MiB is the most that glibc accepts.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
  mallopt(M_TOP_PAD, 64 << 20);
  // What is kept is kept in every arena: no more of them than cores, though Go calls from many threads.
  mallopt(M_ARENA_MAX, static_cast<int>(std::max(2L, sysconf(_SC_NPROCESSORS_ONLN))));
  c10::SetCPUAllocator(new CachingAllocator, /*priority=*/100);
}

int64_t vt_memory_cached(void) { return blocks().cached(); }
int64_t vt_memory_in_use(void) { return blocks().in_use(); }

void vt_memory_release(void) {
  blocks().release();
  malloc_trim(0);
  vt_cuda_release();
}
