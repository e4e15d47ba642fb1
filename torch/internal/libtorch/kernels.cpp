#include "kernels.hpp"

#include <ATen/ops/adaptive_avg_pool1d.h>
#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/adaptive_avg_pool3d.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/div.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/grid_sampler.h>
#include <ATen/ops/masked_fill.h>
#include <ATen/ops/norm.h>
#include <ATen/ops/sort.h>
#include <ATen/ops/split.h>
#include <ATen/ops/upsample_bicubic2d.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <ATen/ops/upsample_linear1d.h>
#include <ATen/ops/upsample_nearest1d.h>
#include <ATen/ops/upsample_nearest2d.h>
#include <ATen/ops/upsample_nearest3d.h>
#include <ATen/ops/upsample_trilinear3d.h>

#include "shim.hpp"

namespace vssl {

at::Tensor normalize(const at::Tensor &x, int64_t d, double eps) {
  return at::div(x, at::norm(x, 2, d, true).clamp_min(eps));
}

at::Tensor channels_last(const at::Tensor &x) {
  TORCH_CHECK(x.dim() == 4 || x.dim() == 5, "wants 4 or 5 dimensions, got ", x.dim());
  return x.contiguous(x.dim() == 4 ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::ChannelsLast3d);
}

std::tuple<at::Tensor, at::Tensor> stable_sort(const at::Tensor &x, int64_t d, bool descending) {
  return at::sort(x, /*stable=*/true, d, descending);
}

at::Tensor mask_diagonal(const at::Tensor &x, double v) {
  TORCH_CHECK(x.dim() >= 2, "wants at least 2 dimensions, got ", x.dim());
  const at::Tensor eye = at::eye(x.size(-2), x.size(-1), x.options().dtype(at::kBool));
  return at::masked_fill(x, eye, num(x, v));
}

static int64_t place(const std::string &word, std::initializer_list<const char *> words, const char *what) {
  int64_t i = 0;
  for (const char *w : words) {
    if (word == w) return i;
    i++;
  }
  TORCH_CHECK(false, what, " \"", word, "\" is not known");
}

at::Tensor grid_sample(const at::Tensor &x, const at::Tensor &grid, const std::string &mode, const std::string &padding,
                       bool align_corners) {
  return at::grid_sampler(x, grid, place(mode, {"bilinear", "nearest", "bicubic"}, "mode"),
                          place(padding, {"zeros", "border", "reflection"}, "padding"), align_corners);
}

at::Tensor interpolate(const at::Tensor &x, at::IntArrayRef size, const std::string &mode, bool align_corners) {
  const int64_t n = x.dim() - 2;
  TORCH_CHECK(n >= 1 && n <= 3 && static_cast<int64_t>(size.size()) == n, "wants a size for each of the ", n,
              " dimensions after the second, got ", size);
  switch (place(mode, {"nearest", "linear", "bicubic", "area"}, "mode")) {
    case 0:
      return n == 1 ? at::upsample_nearest1d(x, size) : n == 2 ? at::upsample_nearest2d(x, size) : at::upsample_nearest3d(x, size);
    case 1:
      return n == 1   ? at::upsample_linear1d(x, size, align_corners)
             : n == 2 ? at::upsample_bilinear2d(x, size, align_corners)
                      : at::upsample_trilinear3d(x, size, align_corners);
    case 2:
      TORCH_CHECK(n == 2, "mode \"bicubic\" wants [B, C, H, W]");
      return at::upsample_bicubic2d(x, size, align_corners);
    default:
      return n == 1   ? at::adaptive_avg_pool1d(x, size)
             : n == 2 ? at::adaptive_avg_pool2d(x, size)
                      : at::adaptive_avg_pool3d(x, size);
  }
}

// The parts are cut by split, whose gradient is one concatenation; that of as many narrow views would be as many tensors
// of the size of x. Concatenation keeps the memory format that all parts have.
at::Tensor grouped_batch_norm(const at::Tensor &x, const at::Tensor &weight, const at::Tensor &bias, const at::Tensor &mean,
                              const at::Tensor &var, int64_t groups, double momentum, double eps) {
  TORCH_CHECK(groups >= 1 && x.dim() >= 2 && x.size(0) > 0 && x.size(0) % groups == 0, "cannot cut ", x.sizes(), " into ",
              groups, " equal groups");
  const bool running = mean.defined() && var.defined();
  std::vector<at::Tensor> parts = at::split(x, x.size(0) / groups, 0);
  at::Tensor means, vars; // [groups, C]: as each part alone would leave them
  if (running) {
    means = mean.detach().repeat({groups, 1});
    vars = var.detach().repeat({groups, 1});
  }
  for (int64_t g = 0; g < groups; g++) {
    parts[g] = at::batch_norm(parts[g], weight, bias, running ? means.select(0, g) : at::Tensor(),
                              running ? vars.select(0, g) : at::Tensor(), /*training=*/true, momentum, eps,
                              /*cudnn_enabled=*/true);
  }
  if (running) {
    mean.copy_(means.mean(0));
    var.copy_(vars.mean(0));
  }
  return at::cat(parts, 0);
}

} // namespace vssl
