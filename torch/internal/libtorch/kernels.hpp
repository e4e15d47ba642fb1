// Operators that are more than one call of libtorch.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <tuple>

namespace vssl {

at::Tensor normalize(const at::Tensor &x, int64_t d, double eps);
at::Tensor channels_last(const at::Tensor &x);
std::tuple<at::Tensor, at::Tensor> stable_sort(const at::Tensor &x, int64_t d, bool descending);
at::Tensor mask_diagonal(const at::Tensor &x, double v);
at::Tensor grid_sample(const at::Tensor &x, const at::Tensor &grid, const std::string &mode, const std::string &padding,
                       bool align_corners);
at::Tensor interpolate(const at::Tensor &x, at::IntArrayRef size, const std::string &mode, bool align_corners);
at::Tensor grouped_batch_norm(const at::Tensor &x, const at::Tensor &weight, const at::Tensor &bias, const at::Tensor &mean,
                              const at::Tensor &var, int64_t groups, double momentum, double eps);

} // namespace vssl
