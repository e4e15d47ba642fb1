// One step of an optimiser in one call: float32 on the CPU in one pass over memory, the rest through libtorch's operators on
// lists of tensors.
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_addcdiv.h>
#include <ATen/ops/_foreach_addcmul.h>
#include <ATen/ops/_foreach_div.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_sqrt.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/norm.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>
#include <ATen/Parallel.h>

#include <cmath>
#include <map>

#include "shim.hpp"
#include "update.hpp"

using namespace vssl;

namespace {

enum Kind { kSGD, kAdam, kAdamW, kLARS, kRMSProp };

constexpr int64_t kPiece = 1 << 16; // elements that one thread works on at a time

// Job is the update of one parameter.
struct Job {
  Span span;
  double lr, decay;
  bool adapt;
  int64_t steps;
  double w2 = 0, d2 = 0; // LARS: sums of squares
};

// Piece is a part of a job, small enough to share out evenly.
struct Piece {
  size_t job;
  Span span;
  double w2 = 0, d2 = 0;
};

bool plain(const at::Tensor &t) { return t.is_cpu() && t.scalar_type() == at::kFloat && t.is_non_overlapping_and_dense(); }

float *data(const at::Tensor &t) { return static_cast<float *>(t.data_ptr()); }

std::vector<Piece> cut(const std::vector<Job> &jobs) {
  std::vector<Piece> pieces;
  for (size_t j = 0; j < jobs.size(); j++) {
    const Span &s = jobs[j].span;
    for (int64_t at = 0; at < s.n; at += kPiece) {
      const auto shift = [at](auto *p) { return p == nullptr ? p : p + at; };
      pieces.push_back({j, Span{s.w + at, s.g + at, shift(s.a), shift(s.b), std::min(kPiece, s.n - at)}});
    }
  }
  return pieces;
}

template <class F>
void each(std::vector<Piece> &pieces, F f) {
  at::parallel_for(0, static_cast<int64_t>(pieces.size()), 1, [&](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; i++) f(pieces[i]);
  });
}

double trust(const vt_rule &r, const Job &j) {
  return j.adapt && j.w2 > 0 && j.d2 > 0 ? r.eta * std::sqrt(j.w2) / std::sqrt(j.d2) : 1.0;
}

void step_lars(const vt_rule &r, std::vector<Job> &jobs, std::vector<Piece> &pieces) {
  const auto momentum = static_cast<float>(r.momentum);
  each(pieces, [&](Piece &p) {
    const auto decay = static_cast<float>(jobs[p.job].decay);
    if (r.classic) {
      lengths_lars_classic(p.span, decay, &p.w2, &p.d2);
    } else {
      lengths_lars_scaled(p.span, decay, momentum, r.nesterov, &p.w2, &p.d2);
    }
  });
  for (const Piece &p : pieces) { // in order, so that the sums do not depend on the threads
    jobs[p.job].w2 += p.w2;
    jobs[p.job].d2 += p.d2;
  }
  each(pieces, [&](Piece &p) {
    const Job &j = jobs[p.job];
    const auto rate = static_cast<float>(j.lr * trust(r, j));
    (r.classic ? update_lars_classic : update_lars_scaled)(p.span, rate, static_cast<float>(j.decay), momentum, r.nesterov);
  });
}

void step_piece(const vt_rule &r, const Job &j, Span s) {
  const auto lr = static_cast<float>(j.lr), decay = static_cast<float>(j.decay), momentum = static_cast<float>(r.momentum);
  switch (r.kind) {
    case kSGD:
      return s.a == nullptr ? update_plain(s, lr, decay) : update_sgd(s, lr, decay, momentum, r.nesterov);
    case kRMSProp:
      return update_rmsprop(s, lr, decay, static_cast<float>(r.alpha), static_cast<float>(r.eps), momentum);
    default: {
      const auto t = static_cast<double>(j.steps);
      const double step = j.lr / (1 - std::pow(r.beta1, t)), root = std::sqrt(1 - std::pow(r.beta2, t));
      const bool apart = r.kind == kAdamW;
      update_adam(s, static_cast<float>(step), apart ? 0.0f : decay, apart ? static_cast<float>(j.lr * j.decay) : 0.0f,
                  static_cast<float>(r.beta1), static_cast<float>(r.beta2), static_cast<float>(r.eps), static_cast<float>(root));
    }
  }
}

void step_fused(const vt_rule &r, std::vector<Job> &jobs) {
  std::vector<Piece> pieces = cut(jobs);
  if (r.kind == kLARS) return step_lars(r, jobs, pieces);
  each(pieces, [&](Piece &p) { step_piece(r, jobs[p.job], p.span); });
}

// Batch holds the parameters that share all numbers, for the operators on lists.
struct Batch {
  std::vector<at::Tensor> w, g, a, b;
};
using Key = std::tuple<double, double, bool, int64_t, int>; // lr, decay, adapt, steps, device

void batch_lars(const vt_rule &r, double lr, double decay, bool adapt, const Batch &l) {
  for (size_t i = 0; i < l.w.size(); i++) {
    const at::Tensor &w = l.w[i], &v = l.a[i];
    const auto rate = [&](const at::Tensor &direction) {
      const at::Tensor wn = w.norm(), dn = direction.norm();
      const at::Tensor one = at::ones_like(wn);
      return adapt ? at::where(wn.gt(0).logical_and(dn.gt(0)), wn.div(dn).mul(r.eta), one).mul(lr) : one.mul(lr);
    };
    at::Tensor d = l.g[i].add(w, decay);
    if (r.classic) {
      d = d.mul(rate(d));
      v.mul_(r.momentum).add_(d);
      w.sub_(r.nesterov ? d.add(v, r.momentum) : v);
    } else {
      v.mul_(r.momentum).add_(d);
      const at::Tensor u = r.nesterov ? d.add(v, r.momentum) : v;
      w.sub_(u.mul(rate(u)));
    }
  }
}

void batch_adam(const vt_rule &r, double lr, double decay, int64_t steps, const Batch &l) {
  const auto t = static_cast<double>(steps);
  std::vector<at::Tensor> g = l.g;
  if (decay != 0 && r.kind == kAdamW) at::_foreach_mul_(l.w, 1 - lr * decay);
  if (decay != 0 && r.kind == kAdam) g = at::_foreach_add(g, l.w, decay);
  at::_foreach_mul_(l.a, r.beta1);
  at::_foreach_add_(l.a, g, 1 - r.beta1);
  at::_foreach_mul_(l.b, r.beta2);
  at::_foreach_addcmul_(l.b, g, g, 1 - r.beta2);
  std::vector<at::Tensor> root = at::_foreach_sqrt(l.b);
  at::_foreach_div_(root, std::sqrt(1 - std::pow(r.beta2, t)));
  at::_foreach_add_(root, r.eps);
  at::_foreach_addcdiv_(l.w, l.a, root, -lr / (1 - std::pow(r.beta1, t)));
}

void step_batch(const vt_rule &r, const Key &key, const Batch &l) {
  const auto [lr, decay, adapt, steps, dev] = key;
  if (r.kind == kLARS) return batch_lars(r, lr, decay, adapt, l);
  if (r.kind == kAdam || r.kind == kAdamW) return batch_adam(r, lr, decay, steps, l);
  std::vector<at::Tensor> g = l.g;
  if (decay != 0) g = at::_foreach_add(g, l.w, decay);
  if (r.kind == kRMSProp) {
    at::_foreach_mul_(l.a, r.alpha);
    at::_foreach_addcmul_(l.a, g, g, 1 - r.alpha);
    std::vector<at::Tensor> root = at::_foreach_sqrt(l.a);
    at::_foreach_add_(root, r.eps);
    at::_foreach_mul_(l.b, r.momentum);
    at::_foreach_addcdiv_(l.b, g, root, 1);
    at::_foreach_add_(l.w, l.b, -lr);
    return;
  }
  if (!l.a.empty()) {
    at::_foreach_mul_(l.a, r.momentum);
    at::_foreach_add_(l.a, g, 1);
    g = r.nesterov ? at::_foreach_add(g, l.a, r.momentum) : l.a;
  }
  at::_foreach_add_(l.w, g, -lr);
}

} // namespace

vt_none vt_optim_step(vt_rule r, void *const *params, int64_t n, void *const *states, int64_t per_param, const double *decay,
                      const double *scale, const bool *adapt, int64_t *steps) {
  return silent([&] {
    std::vector<Job> jobs;
    std::vector<at::Tensor> held; // gradients that were brought into their parameter's layout
    std::map<Key, Batch> batches;
    for (int64_t i = 0; i < n; i++) {
      const at::Tensor &w = ref(params[i]);
      at::Tensor g = w.grad();
      if (!g.defined()) continue;
      steps[i]++;
      const at::Tensor a = per_param > 0 ? ref(states[i * per_param]) : at::Tensor();
      const at::Tensor b = per_param > 1 ? ref(states[i * per_param + 1]) : at::Tensor();
      const auto fits = [&](const at::Tensor &t) { return !t.defined() || (plain(t) && t.strides() == w.strides()); };
      if (!plain(w) || !fits(a) || !fits(b) || !g.is_cpu()) {
        Batch &l = batches[{r.lr * scale[i], decay[i], adapt[i], steps[i], w.is_cuda() ? w.device().index() : -1}];
        l.w.push_back(w);
        l.g.push_back(g.to(w.scalar_type()));
        if (a.defined()) l.a.push_back(a);
        if (b.defined()) l.b.push_back(b);
        continue;
      }
      if (!fits(g)) {
        g = at::empty_like(w).copy_(g);
        held.push_back(g);
      }
      jobs.push_back({Span{data(w), data(g), a.defined() ? data(a) : nullptr, b.defined() ? data(b) : nullptr, w.numel()},
                      r.lr * scale[i], decay[i], adapt[i], steps[i]});
    }
    step_fused(r, jobs);
    for (const auto &[key, batch] : batches) step_batch(r, key, batch);
  });
}

vt_number vt_grad_norm(void *const *params, int64_t n, double max) {
  vt_number r{};
  try {
    const c10::AutoGradMode off(false);
    std::vector<Job> jobs;
    std::vector<at::Tensor> others, squares;
    for (int64_t i = 0; i < n; i++) {
      const at::Tensor g = ref(params[i]).grad();
      if (!g.defined()) continue;
      if (plain(g)) {
        jobs.push_back({Span{data(g), data(g), nullptr, nullptr, g.numel()}, 0, 0, false, 0});
      } else {
        others.push_back(g);
        squares.push_back(g.norm().to(at::kFloat).square().cpu());
      }
    }
    std::vector<Piece> pieces = cut(jobs);
    each(pieces, [](Piece &p) { p.w2 = sum_squares(p.span.g, p.span.n); });
    double total = squares.empty() ? 0.0 : at::stack(squares).sum().item().toDouble();
    for (const Piece &p : pieces) total += p.w2;
    r.value = std::sqrt(total);
    if (max > 0 && r.value > max) {
      const auto factor = static_cast<float>(max / (r.value + 1e-6)); // the 1e-6 is PyTorch's
      each(pieces, [factor](Piece &p) { vssl::scale(p.span.w, p.span.n, factor); });
      for (const at::Tensor &g : others) g.mul_(factor);
    }
  } catch (...) {
    describe(&r.err, &r.kind);
  }
  return r;
}
