#include "update.hpp"

#include <algorithm>
#include <cmath>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Vector loops; no fused multiply-add, so that every vector width gives the same bits.
#pragma GCC optimize("O3,no-trapping-math,fp-contract=off")

#if defined(__x86_64__)
#define WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDE
#endif

namespace vssl {

namespace {

// Sum adds in 16 lanes, which the compiler keeps in vectors, in an order that no vector width changes.
struct Sum {
  double lane[16] = {};
  double total() const {
    double t = 0;
    for (double l : lane) t += l;
    return t;
  }
};

// Root holds square roots of a few weights at a time. The compiler does not put std::sqrt into vectors, because of errno.
struct Root {
  static constexpr int64_t kMost = 256;
  alignas(64) float of[kMost];

  void take(const float *v, int64_t n) {
    int64_t i = 0;
#if defined(__x86_64__)
    for (; i + 4 <= n; i += 4) _mm_storeu_ps(of + i, _mm_sqrt_ps(_mm_loadu_ps(v + i)));
#endif
    for (; i < n; i++) of[i] = std::sqrt(v[i]);
  }
};

} // namespace

WIDE void update_plain(Span s, float lr, float decay) {
  float *__restrict w = s.w;
  const float *__restrict g = s.g;
  for (int64_t i = 0; i < s.n; i++) w[i] -= lr * (g[i] + decay * w[i]);
}

WIDE void update_sgd(Span s, float lr, float decay, float momentum, bool nesterov) {
  float *__restrict w = s.w, *__restrict v = s.a;
  const float *__restrict g = s.g;
  const float look = nesterov ? momentum : 1.0f, add = nesterov ? 1.0f : 0.0f;
  for (int64_t i = 0; i < s.n; i++) {
    const float d = g[i] + decay * w[i];
    v[i] = momentum * v[i] + d;
    w[i] -= lr * (add * d + look * v[i]);
  }
}

WIDE void update_adam(Span s, float step, float coupled, float decoupled, float beta1, float beta2, float eps, float root) {
  float *__restrict w = s.w, *__restrict m = s.a, *__restrict v = s.b;
  const float *__restrict g = s.g;
  const float rest1 = 1.0f - beta1, rest2 = 1.0f - beta2, keep = 1.0f - decoupled;
  Root r;
  for (int64_t at = 0; at < s.n; at += Root::kMost) {
    const int64_t end = std::min(at + Root::kMost, s.n);
    for (int64_t i = at; i < end; i++) {
      const float d = g[i] + coupled * w[i];
      m[i] += rest1 * (d - m[i]);
      v[i] = beta2 * v[i] + rest2 * d * d;
    }
    r.take(v + at, end - at);
    for (int64_t i = at; i < end; i++) w[i] = keep * w[i] - step * m[i] / (r.of[i - at] / root + eps);
  }
}

WIDE void update_rmsprop(Span s, float lr, float decay, float alpha, float eps, float momentum) {
  float *__restrict w = s.w, *__restrict v = s.a, *__restrict b = s.b;
  const float *__restrict g = s.g;
  Root r;
  for (int64_t at = 0; at < s.n; at += Root::kMost) {
    const int64_t end = std::min(at + Root::kMost, s.n);
    for (int64_t i = at; i < end; i++) {
      const float d = g[i] + decay * w[i];
      v[i] = alpha * v[i] + (1.0f - alpha) * d * d;
    }
    r.take(v + at, end - at);
    for (int64_t i = at; i < end; i++) {
      b[i] = momentum * b[i] + (g[i] + decay * w[i]) / (r.of[i - at] + eps);
      w[i] -= lr * b[i];
    }
  }
}

WIDE void lengths_lars_classic(Span s, float decay, double *w2, double *g2) {
  const float *__restrict w = s.w, *__restrict g = s.g;
  Sum a, b;
  int64_t i = 0;
  for (; i + 16 <= s.n; i += 16) {
    for (int k = 0; k < 16; k++) {
      const double x = w[i + k], d = g[i + k] + decay * w[i + k];
      a.lane[k] += x * x;
      b.lane[k] += d * d;
    }
  }
  for (; i < s.n; i++) {
    const double x = w[i], d = g[i] + decay * w[i];
    a.lane[0] += x * x;
    b.lane[0] += d * d;
  }
  *w2 = a.total();
  *g2 = b.total();
}

WIDE void update_lars_classic(Span s, float rate, float decay, float momentum, bool nesterov) {
  float *__restrict w = s.w, *__restrict v = s.a;
  const float *__restrict g = s.g;
  const float look = nesterov ? momentum : 1.0f, add = nesterov ? 1.0f : 0.0f;
  for (int64_t i = 0; i < s.n; i++) {
    const float d = rate * (g[i] + decay * w[i]);
    v[i] = momentum * v[i] + d;
    w[i] -= add * d + look * v[i];
  }
}

WIDE void lengths_lars_scaled(Span s, float decay, float momentum, bool nesterov, double *w2, double *u2) {
  float *__restrict v = s.a;
  const float *__restrict w = s.w, *__restrict g = s.g;
  const float look = nesterov ? momentum : 1.0f, add = nesterov ? 1.0f : 0.0f;
  for (int64_t i = 0; i < s.n; i++) v[i] = momentum * v[i] + (g[i] + decay * w[i]);
  Sum a, b;
  int64_t i = 0;
  for (; i + 16 <= s.n; i += 16) {
    for (int k = 0; k < 16; k++) {
      const double x = w[i + k], u = add * (g[i + k] + decay * w[i + k]) + look * v[i + k];
      a.lane[k] += x * x;
      b.lane[k] += u * u;
    }
  }
  for (; i < s.n; i++) {
    const double x = w[i], u = add * (g[i] + decay * w[i]) + look * v[i];
    a.lane[0] += x * x;
    b.lane[0] += u * u;
  }
  *w2 = a.total();
  *u2 = b.total();
}

WIDE void update_lars_scaled(Span s, float rate, float decay, float momentum, bool nesterov) {
  float *__restrict w = s.w;
  const float *__restrict g = s.g, *__restrict v = s.a;
  const float look = nesterov ? momentum : 1.0f, add = nesterov ? 1.0f : 0.0f;
  for (int64_t i = 0; i < s.n; i++) w[i] -= rate * (add * (g[i] + decay * w[i]) + look * v[i]);
}

WIDE double sum_squares(const float *x, int64_t n) {
  Sum a;
  int64_t i = 0;
  for (; i + 16 <= n; i += 16) {
    for (int k = 0; k < 16; k++) a.lane[k] += static_cast<double>(x[i + k]) * x[i + k];
  }
  for (; i < n; i++) a.lane[0] += static_cast<double>(x[i]) * x[i];
  return a.total();
}

WIDE void scale(float *x, int64_t n, float factor) {
  for (int64_t i = 0; i < n; i++) x[i] *= factor;
}

} // namespace vssl
