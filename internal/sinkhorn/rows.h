// The kernels for one type of element; kernel.h includes this file once for each.
//
//   TYPE, REAL  the type's name and the type
//   DEGREE      of the polynomial that exponentials need; undefined for halves, which are only multiplied

#define PASTE2(f, type) f##_##type
#define PASTE(f, type) PASTE2(f, type)
#define TYPED(f) NAME_OF(PASTE(f, TYPE))
#define NAME_OF(f) NAME(f)
#define LOAD TYPED(load)

TARGET static void TYPED(products)(const REAL *e, int64_t n, int64_t k, const double *rate, double *row, double *sum) {
    for (int64_t i = 0; i < n; i++, e += k) {
        VEC acc[PARTS] = {0};
        double lanes[STEP], total = 0;
        int64_t j = 0;
        for (; j + STEP <= k; j += STEP)
#pragma GCC unroll 8
            for (int u = 0; u < PARTS; u++) acc[u] += LOAD(e + j + u * LANES) * NAME(load_f64)(rate + j + u * LANES);
        for (; j < k; j++) total += TYPED(number)(e[j]) * rate[j];
        memcpy(lanes, acc, sizeof lanes);
        for (int half = STEP / 2; half > 0; half /= 2)
            for (int l = 0; l < half; l++) lanes[l] += lanes[l + half];
        row[i] = total += lanes[0];
        double weight = 1 / total;
        for (j = 0; j + LANES <= k; j += LANES)
            NAME(store_f64)(sum + j, NAME(load_f64)(sum + j) + LOAD(e + j) * weight);
        for (; j < k; j++) sum[j] += TYPED(number)(e[j]) * weight;
    }
}

#ifdef DEGREE
#define STORE TYPED(store)

// part loads the last count elements of a row, and other in the lanes behind them.
INLINE VEC TYPED(part)(const REAL *p, int64_t count, REAL other) {
    REAL lanes[LANES];
    for (int l = 0; l < LANES; l++) lanes[l] = l < count ? p[l] : other;
    return LOAD(lanes);
}

// highest is the largest lane.
INLINE double TYPED(highest)(VEC v) {
    double most = v[0];
    for (int l = 1; l < LANES; l++) most = v[l] > most ? v[l] : most;
    return most;
}

TARGET static void TYPED(lift)(const REAL *x, int64_t n, int64_t k, double power, const double *base, REAL *e, double *peak) {
    int64_t whole = k / LANES * LANES, rest = k - whole;
    for (int64_t i = 0; i < n; i++, x += k, e += k) {
        VEC most = (VEC){0} - INFINITY, sum = {0}, last = {0};
        for (int64_t j = 0; j < whole; j += LANES)
            most = NAME(larger)(LOAD(x + j) * power + NAME(load_f64)(base + j), most);
        if (rest) {
            last = TYPED(part)(x + whole, rest, (REAL)-INFINITY) * power + NAME(part_f64)(base + whole, rest, 0);
            most = NAME(larger)(last, most);
        }
        double top = TYPED(highest)(most);
        for (int64_t j = 0; j < whole; j += LANES) {
            VEC y = NAME(exponential)(LOAD(x + j) * power + NAME(load_f64)(base + j) - top, DEGREE);
            STORE(e + j, y);
            sum += y;
        }
        if (rest) {
            REAL lanes[LANES];
            VEC y = NAME(exponential)(last - top, DEGREE);
            STORE(lanes, y);
            memcpy(e + whole, lanes, sizeof(REAL) * rest);
            sum += y;
        }
        int number = 1;
        for (int l = 0; l < LANES; l++) number &= sum[l] == sum[l];
        peak[i] = number ? top : NAN;
    }
}

// grow moves the sums of some columns to what is now their most.
INLINE void TYPED(grow)(double *most, double *sum, const double *work, int64_t k) {
    for (int64_t j = 0; j < k; j++) {
        if (work[j] > most[j]) {
            sum[j] *= NAME(exponential)((VEC){0} + (most[j] - work[j]), 13)[0];
            most[j] = work[j];
        }
    }
}

TARGET static void TYPED(columns)(const REAL *x, int64_t n, int64_t k, double power, double *most, double *sum, double *work) {
    int64_t whole = k / LANES * LANES, rest = k - whole;
    memcpy(work, most, sizeof(double) * k);
    for (int64_t i = 0; i < n; i++) {
        const REAL *row = x + i * k;
        for (int64_t j = 0; j < whole; j += LANES)
            NAME(store_f64)(work + j, NAME(larger)(LOAD(row + j) * power, NAME(load_f64)(work + j)));
        for (int64_t j = whole; j < k; j++) work[j] = row[j] * power > work[j] ? row[j] * power : work[j];
    }
    TYPED(grow)(most, sum, work, k);
    for (int64_t j = 0; j < k; j++) work[j] = most[j] == -INFINITY ? 0 : most[j];
    for (int64_t i = 0; i < n; i++) {
        const REAL *row = x + i * k;
        for (int64_t j = 0; j < whole; j += LANES) {
            VEC y = NAME(exponential)(LOAD(row + j) * power - NAME(load_f64)(work + j), DEGREE);
            NAME(store_f64)(sum + j, NAME(load_f64)(sum + j) + y);
        }
        if (rest) {
            VEC y = TYPED(part)(row + whole, rest, 0) * power - NAME(part_f64)(work + whole, rest, 0);
            y = NAME(exponential)(y, DEGREE);
            for (int l = 0; l < rest; l++) sum[whole + l] += y[l];
        }
    }
}

TARGET static void TYPED(choose)(const REAL *x, int64_t n, int64_t k, const double *rate, const double *shift, int32_t *label) {
    int64_t whole = k / LANES * LANES;
    for (int64_t i = 0; i < n; i++, x += k) {
        VEC most = (VEC){0} - INFINITY;
        for (int64_t j = 0; j < whole; j += LANES)
            most = NAME(larger)(LOAD(x + j) * NAME(load_f64)(rate + j) + NAME(load_f64)(shift + j), most);
        double top = TYPED(highest)(most);
        for (int64_t j = whole; j < k; j++) top = x[j] * rate[j] + shift[j] > top ? x[j] * rate[j] + shift[j] : top;
        label[i] = 0;
        for (int64_t j = 0; j < k; j++) {
            if (x[j] * rate[j] + shift[j] == top) {
                label[i] = (int32_t)j;
                break;
            }
        }
    }
}

TARGET static void TYPED(pack)(const REAL *e, int64_t n, uint16_t *half) {
    for (int64_t i = 0; i < n; i++) {
        union { float f; uint32_t bits; } u = {(float)e[i]};
        half[i] = (uint16_t)((u.bits + (1 << 13)) >> 14);
    }
}
#undef STORE
#undef DEGREE
#endif

#undef PASTE
#undef PASTE2
#undef TYPED
#undef NAME_OF
#undef LOAD
#undef TYPE
#undef REAL
