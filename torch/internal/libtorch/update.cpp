#include "update.hpp"

#include <cmath>

// Vector loops; no fused multiply-add, so that every vector width gives the same bits.
#pragma GCC optimize("O3,no-math-errno,no-trapping-math,fp-contract=off")

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
  for (int64_t i = 0; i < s.n; i++) {
    const float d = g[i] + coupled * w[i];
    m[i] += rest1 * (d - m[i]);
    v[i] = beta2 * v[i] + rest2 * d * d;
    w[i] = keep * w[i] - step * m[i] / (std::sqrt(v[i]) / root + eps);
  }
}

WIDE void update_rmsprop(Span s, float lr, float decay, float alpha, float eps, float momentum) {
  float *__restrict w = s.w, *__restrict v = s.a, *__restrict b = s.b;
  const float *__restrict g = s.g;
  for (int64_t i = 0; i < s.n; i++) {
    const float d = g[i] + decay * w[i];
    v[i] = alpha * v[i] + (1.0f - alpha) * d * d;
    b[i] = momentum * b[i] + d / (std::sqrt(v[i]) + eps);
    w[i] -= lr * b[i];
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
