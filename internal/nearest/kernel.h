// The kernels for one element type and one instruction set; nearest.c includes this file once for each.
//
//   REAL, WHOLE  element type, and the signed integer of its size
//   LANES, MR    elements of a vector; rows of a tile. A panel has 2 vectors of columns
//   NAME(f)      the name of f in this version
//   TARGET       attribute that selects the instruction set
//   BELOW(v, t)  bit l is set where lane l of v is below the number t
//
// All but TARGET and MR are undefined again at the end.
//
// The tile [MR, 2*LANES] of products stays in registers, so scores never reach memory.

typedef REAL NAME(vec) __attribute__((vector_size(LANES * sizeof(REAL)), aligned(sizeof(REAL))));
typedef WHOLE NAME(ivec) __attribute__((vector_size(LANES * sizeof(REAL))));
// half a vector of elements, and as many doubles
typedef REAL NAME(hvec) __attribute__((vector_size(LANES / 2 * sizeof(REAL)), aligned(sizeof(REAL))));
typedef double NAME(dvec) __attribute__((vector_size(LANES / 2 * sizeof(double)), aligned(sizeof(double))));

enum { NAME(group) = 8 }; // tiles that share a panel while it is in the first cache

#define NR (2 * LANES)
#define INLINE static inline __attribute__((always_inline)) TARGET

// rows_to_tile lays up to MR rows out as [d, MR]; missing rows are zeros.
INLINE void NAME(rows_to_tile)(const REAL *x, int64_t rows, int64_t d, REAL *out) {
    if (rows < MR) memset(out, 0, sizeof(REAL) * MR * d);
    if (rows > MR) rows = MR;
    for (int64_t j = 0; j < d; j++)
        for (int64_t r = 0; r < rows; r++) out[j * MR + r] = x[r * d + j];
}

TARGET static void NAME(pack)(const REAL *rows, int64_t n, int64_t d, int squared, REAL *packed, REAL *bias) {
    for (int64_t p = 0; p < n; p += NR, packed += NR * d, bias += NR) {
        int64_t have = n - p < NR ? n - p : NR;
        if (have < NR) memset(packed, 0, sizeof(REAL) * NR * d);
        for (int64_t c = 0; c < NR; c++) {
            const REAL *row = rows + (p + c) * d;
            double length = 0;
            if (c >= have) {
                bias[c] = (REAL)INFINITY;
                continue;
            }
            for (int64_t j = 0; j < d; j++) {
                packed[j * NR + c] = row[j];
                length += (double)row[j] * (double)row[j];
            }
            bias[c] = squared ? (REAL)length : 0;
        }
    }
}

// multiply forms the products of a tile with a panel.
INLINE void NAME(multiply)(const REAL *a, const REAL *b, int64_t d, NAME(vec) acc[MR][2]) {
#pragma GCC unroll 16
    for (int r = 0; r < MR; r++) acc[r][0] = acc[r][1] = (NAME(vec)){0};
    for (int64_t j = 0; j < d; j++, a += MR, b += NR) {
        NAME(vec) b0 = *(const NAME(vec) *)b, b1 = *(const NAME(vec) *)(b + LANES);
#pragma GCC unroll 16
        for (int r = 0; r < MR; r++) {
            acc[r][0] += a[r] * b0;
            acc[r][1] += a[r] * b1;
        }
    }
}

// lower keeps for one row the least score of each lane and the number of the half panel it came from.
INLINE void NAME(lower)(NAME(vec) score, WHOLE half, NAME(vec) *best, NAME(ivec) *from) {
    NAME(ivec) less = score < *best;
    *best = (NAME(vec))((less & (NAME(ivec))score) | (~less & (NAME(ivec))*best));
    *from = (less & ((NAME(ivec)){0} + half)) | (~less & *from);
}

INLINE int32_t NAME(first_least)(const NAME(vec) *best, const NAME(ivec) *from) {
    REAL least = (*best)[0];
    int64_t at = (int64_t)(*from)[0] * LANES;
    for (int l = 1; l < LANES; l++) {
        int64_t id = (int64_t)(*from)[l] * LANES + l;
        if ((*best)[l] < least || ((*best)[l] == least && id < at)) {
            least = (*best)[l];
            at = id;
        }
    }
    return (int32_t)at;
}

TARGET static void NAME(argmin)(const REAL *x, int64_t n, int64_t d, const REAL *packed, const REAL *bias, int64_t k, REAL scale,
                                int32_t *label, REAL *work) {
    NAME(vec) best[NAME(group) * MR];
    NAME(ivec) from[NAME(group) * MR];
    for (int64_t start = 0; start < n; start += NAME(group) * MR) {
        int64_t rows = n - start < NAME(group) * MR ? n - start : NAME(group) * MR;
        int64_t tiles = (rows + MR - 1) / MR;
        for (int64_t t = 0; t < tiles; t++) NAME(rows_to_tile)(x + (start + t * MR) * d, rows - t * MR, d, work + t * MR * d);
        for (int64_t r = 0; r < tiles * MR; r++) {
            best[r] = (NAME(vec)){0} + (REAL)INFINITY;
            from[r] = (NAME(ivec)){0};
        }
        for (int64_t p = 0; p * NR < k; p++) {
            NAME(vec) bias0 = *(const NAME(vec) *)(bias + p * NR), bias1 = *(const NAME(vec) *)(bias + p * NR + LANES);
            for (int64_t t = 0; t < tiles; t++) {
                NAME(vec) acc[MR][2];
                NAME(multiply)(work + t * MR * d, packed + p * NR * d, d, acc);
#pragma GCC unroll 16
                for (int r = 0; r < MR; r++) {
                    NAME(lower)(bias0 + scale * acc[r][0], (WHOLE)(2 * p), best + t * MR + r, from + t * MR + r);
                    NAME(lower)(bias1 + scale * acc[r][1], (WHOLE)(2 * p + 1), best + t * MR + r, from + t * MR + r);
                }
            }
        }
        for (int64_t r = 0; r < rows; r++) label[start + r] = NAME(first_least)(best + r, from + r);
    }
}

// replace puts a score in the place of the worst of a heap: the largest score, and of equal ones the largest id.
__attribute__((noinline)) static void NAME(replace)(REAL *value, int32_t *id, int64_t k, REAL v, int32_t i) {
    int64_t at = 0;
    for (;;) {
        int64_t child = 2 * at + 1;
        if (child >= k) break;
        if (child + 1 < k && (value[child + 1] > value[child] || (value[child + 1] == value[child] && id[child + 1] > id[child])))
            child++;
        if (value[child] < v || (value[child] == v && id[child] < i)) break;
        value[at] = value[child];
        id[at] = id[child];
        at = child;
    }
    value[at] = v;
    id[at] = i;
}

// offer gives the heap of one row those scores of half a panel that are below its worst.
INLINE void NAME(offer)(NAME(vec) score, int64_t number, int64_t avoid, int64_t k, REAL *value, int32_t *id) {
    unsigned bits = BELOW(score, value[0]);
    if (__builtin_expect(bits == 0, 1)) return;
    REAL scores[LANES];
    memcpy(scores, &score, sizeof scores);
    for (; bits; bits &= bits - 1) {
        int l = __builtin_ctz(bits);
        if (number + l != avoid && scores[l] < value[0]) NAME(replace)(value, id, k, scores[l], (int32_t)(number + l));
    }
}

TARGET static void NAME(best)(const REAL *x, int64_t n, int64_t d, const REAL *packed, const REAL *bias, int64_t m, REAL scale,
                              int64_t first, int64_t self, int64_t k, REAL *value, int32_t *id, REAL *work) {
    for (int64_t start = 0; start < n; start += NAME(group) * MR) {
        int64_t rows = n - start < NAME(group) * MR ? n - start : NAME(group) * MR;
        int64_t tiles = (rows + MR - 1) / MR;
        for (int64_t t = 0; t < tiles; t++) NAME(rows_to_tile)(x + (start + t * MR) * d, rows - t * MR, d, work + t * MR * d);
        for (int64_t p = 0; p * NR < m; p++) {
            NAME(vec) bias0 = *(const NAME(vec) *)(bias + p * NR), bias1 = *(const NAME(vec) *)(bias + p * NR + LANES);
            for (int64_t t = 0; t < tiles; t++) {
                NAME(vec) acc[MR][2];
                NAME(multiply)(work + t * MR * d, packed + p * NR * d, d, acc);
#pragma GCC unroll 16
                for (int r = 0; r < MR; r++) {
                    int64_t row = start + t * MR + r;
                    if (row >= n) break;
                    int64_t avoid = self < 0 ? -1 : self + row;
                    NAME(offer)(bias0 + scale * acc[r][0], first + p * NR, avoid, k, value + row * k, id + row * k);
                    NAME(offer)(bias1 + scale * acc[r][1], first + p * NR + LANES, avoid, k, value + row * k, id + row * k);
                }
            }
        }
    }
}

// versus is the squared distance of two rows, or their product, formed in double; what does not fill vectors is added last. It
// adds the row x to sum unless that is null.
INLINE double NAME(versus)(const REAL *x, const REAL *y, int64_t d, int squared, double *sum) {
    enum { HALF_LANES = LANES / 2 };
    NAME(dvec) wide = {0};
    double total = 0;
    int64_t j = 0;
    for (; j + HALF_LANES <= d; j += HALF_LANES) {
        NAME(dvec) a = __builtin_convertvector(*(const NAME(hvec) *)(x + j), NAME(dvec));
        NAME(dvec) b = __builtin_convertvector(*(const NAME(hvec) *)(y + j), NAME(dvec));
        if (sum) *(NAME(dvec) *)(sum + j) += a;
        wide += squared ? (a - b) * (a - b) : a * b;
    }
    for (; j < d; j++) {
        double a = x[j], b = y[j];
        if (sum) sum[j] += a;
        total += squared ? (a - b) * (a - b) : a * b;
    }
    for (int l = 0; l < HALF_LANES; l++) total += wide[l];
    return total;
}

TARGET static void NAME(gather)(const REAL *x, int64_t n, int64_t d, const int32_t *label, int32_t lo, int32_t hi,
                                const REAL *centre, int squared, double *sum, int64_t *count, double *cost) {
    for (int64_t i = 0; i < n; i++) {
        int32_t k = label[i];
        if (k < lo || k >= hi) continue;
        count[k]++;
        cost[k] += NAME(versus)(x + i * d, centre + k * d, d, squared, sum + k * d);
    }
}

TARGET static void NAME(exact)(const REAL *x, int64_t n, int64_t d, const REAL *base, int64_t k, const int32_t *id, int squared,
                               double *out) {
    for (int64_t i = 0; i < n; i++)
        for (int64_t c = i * k; c < (i + 1) * k; c++)
            out[c] = id[c] < 0 ? INFINITY : NAME(versus)(x + i * d, base + id[c] * d, d, squared, 0);
}

TARGET static void NAME(pairs)(const REAL *x, int64_t n, int64_t d, const REAL *y, int squared, double *out) {
    for (int64_t i = 0; i < n; i++) out[i] = NAME(versus)(x + i * d, y, d, squared, 0);
}

#undef NR
#undef INLINE
#undef REAL
#undef WHOLE
#undef LANES
#undef NAME
#undef BELOW
