// The C face of libtorch. Plain types only; one function an operation. A function that can fail returns its message in its
// result: err is NULL, or a text for vt_text_free, and kind says of what sort the failure is. Nothing throws.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  VT_OK = 0,
  VT_CONTRACT = 1, // shapes, types or values that the operation does not take
  VT_MEMORY = 2,   // out of memory, on the host or a device
  VT_DEVICE = 3,   // the device or its driver failed
  VT_NO_SCOPE = 4, // no scope is open on this thread
};

// One tensor: a handle that the caller owns, the bytes its elements span, and the id of this thread's innermost scope.
typedef struct {
  char *err;
  int64_t kind;
  uint64_t scope;
  void *h;
  int64_t bytes;
} vt_one;

// Up to three tensors.
typedef struct {
  char *err;
  int64_t kind;
  uint64_t scope;
  void *h[3];
  int64_t bytes[3];
} vt_many;

typedef struct {
  char *err;
  int64_t kind;
} vt_none;

typedef struct {
  char *err;
  int64_t kind;
  double value;
} vt_number;

void vt_text_free(char *text);

// Scopes. vt_scope_enter makes id the innermost scope of this thread, and returns the one that was.
uint64_t vt_scope_enter(uint64_t id);
void vt_scope_leave(uint64_t previous);

// Tensors. vt_free releases n handles.
void vt_free(void *const *handles, int64_t n);
int64_t vt_rank(void *x);
void vt_shape(void *x, int64_t *sizes); // sizes has room for vt_rank(x)
int64_t vt_numel(void *x);
int64_t vt_dtype(void *x);
int64_t vt_device(void *x); // -1 for the CPU, else the index of the CUDA device
bool vt_is_contiguous(void *x);
bool vt_is_channels_last(void *x);
bool vt_same_memory(void *a, void *b);
vt_one vt_from(const void *data, int64_t bytes, const int64_t *shape, int64_t rank, int64_t dtype);
vt_none vt_read(void *x, int64_t dtype, void *dst, int64_t bytes); // converted to dtype, row-major
vt_number vt_item(void *x);

// Gradients.
vt_none vt_require_grad(void *x, bool on);
bool vt_requires_grad(void *x);
vt_one vt_grad(void *x); // h is NULL where there is none
vt_none vt_set_grad(void *x, void *grad); // grad may be NULL
void vt_zero_grads(void *const *xs, int64_t n);
vt_none vt_backward(void *x, bool keep_graph);
// Fills grads with n handles, NULL where an input does not matter, and bytes with their sizes.
vt_one vt_gradients(void *const *outputs, int64_t n_outputs, void *const *inputs, int64_t n, bool create_graph,
                    void **grads, int64_t *bytes);
bool vt_set_grad_mode(bool on); // returns what was set
bool vt_grad_mode(void);

// Autocast: dtype of both CPU and CUDA, or -1 for off. The state that was set comes back for vt_autocast_leave.
typedef struct {
  bool cpu, cuda, cache;
  int64_t cpu_dtype, cuda_dtype;
} vt_autocast;
vt_autocast vt_autocast_enter(int64_t dtype);
void vt_autocast_leave(vt_autocast previous);

// Random numbers.
vt_none vt_seed(uint64_t seed);
vt_one vt_rng_state(int64_t device);                // uint8 tensor
vt_none vt_set_rng_state(int64_t device, void *state);
bool vt_cuda_used(void); // whether CUDA has been started in this process

// The machine.
const char *vt_version(void);
int64_t vt_cuda_count(void);
vt_none vt_cuda_wait(int64_t index);
void vt_set_threads(int64_t n);
int64_t vt_threads(void);
// The file that the BLAS functions come from, for vt_text_free; "built in" where libtorch carries its own.
char *vt_blas(void);

// Memory.
void vt_memory_start(bool own_allocator);
int64_t vt_memory_cached(void);
int64_t vt_memory_in_use(void);
void vt_memory_release(void); // on the host, and on all CUDA devices that have been used
// The bytes of live tensors on a CUDA device; 0 in a build without CUDA.
int64_t vt_cuda_bytes(int64_t index);
void vt_cuda_release(void);

// Optimisers: one call a step. states has per_param tensors for each parameter.
typedef struct {
  int64_t kind; // 0 sgd, 1 adam, 2 adamw, 3 lars, 4 rmsprop
  double lr, momentum, beta1, beta2, eps, alpha, eta;
  bool nesterov, classic;
} vt_rule;
// decay and scale hold a weight decay and a factor of the rate for each parameter, adapt whether LARS's trust ratio holds for it;
// steps counts the updates of each parameter, and is counted up for those that have a gradient.
vt_none vt_optim_step(vt_rule rule, void *const *params, int64_t n, void *const *states, int64_t per_param,
                      const double *decay, const double *scale, const bool *adapt, int64_t *steps);
// The 2-norm of all gradients together; they are scaled down to max where max > 0 and the norm is above it.
vt_number vt_grad_norm(void *const *params, int64_t n, double max);

#ifdef __cplusplus
}
#endif
