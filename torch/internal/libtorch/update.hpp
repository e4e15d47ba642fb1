// The update rules on plain float arrays, without libtorch: compiled once for each vector width and chosen at run time.
#pragma once

#include <cstdint>

namespace vssl {

// Span is a piece of a parameter with what belongs to it.
struct Span {
  float *w;        // parameter
  const float *g;  // gradient
  float *a, *b;    // state tensors, nullptr where the rule has fewer
  int64_t n;       // elements
};

void update_sgd(Span s, float lr, float decay, float momentum, bool nesterov);
void update_plain(Span s, float lr, float decay); // SGD without momentum
// coupled and decoupled are the two places of weight decay: into the gradient (Adam), or as w *= 1 - decoupled (AdamW).
void update_adam(Span s, float step, float coupled, float decoupled, float beta1, float beta2, float eps, float root);
void update_rmsprop(Span s, float lr, float decay, float alpha, float eps, float momentum);
// LARS in two passes, since the trust ratio needs lengths: the sums of squares of w and of the direction come first.
void lengths_lars_classic(Span s, float decay, double *w2, double *g2);
void update_lars_classic(Span s, float rate, float decay, float momentum, bool nesterov);
void lengths_lars_scaled(Span s, float decay, float momentum, bool nesterov, double *w2, double *u2);
void update_lars_scaled(Span s, float rate, float decay, float momentum, bool nesterov);

double sum_squares(const float *x, int64_t n);
void scale(float *x, int64_t n, float factor);

} // namespace vssl
