// The blur, once for each form of pixel. BLUR names the function; PIXEL, MID, SUM and WEIGHT are the types of a
// pixel, of a row between the two passes, of a sum and of a weight; HALF and DOWN round a sum by a number of bits,
// where there are any.
CLONES void BLUR(PIXEL *v, int32_t planes, int32_t w, int32_t h, const WEIGHT *weight, int32_t radius,
	PIXEL *copy, MID *mid, SUM *acc) {
	for (int32_t p = 0; p < planes; p++, v += (int64_t)w * h) {
		memcpy(copy, v, (int64_t)w * h * sizeof(PIXEL));
		for (int32_t y = 0; y < h; y++) {
			for (int32_t x = 0; x < w; x++) acc[x] = HALF(WEIGHT_BITS - MID_BITS);
			for (int32_t k = -radius; k <= radius; k++) {
				const SUM f = weight[k + radius];
				const PIXEL *restrict row = copy + (int64_t)reflect(y + k, h) * w;
				for (int32_t x = 0; x < w; x++) acc[x] += f * row[x];
			}
			MID *line = mid + radius;
			for (int32_t x = 0; x < w; x++) line[x] = (MID)DOWN(acc[x], WEIGHT_BITS - MID_BITS);
			for (int32_t k = 1; k <= radius; k++) {
				line[-k] = line[reflect(-k, w)];
				line[w - 1 + k] = line[reflect(w - 1 + k, w)];
			}
			for (int32_t x = 0; x < w; x++) acc[x] = HALF(WEIGHT_BITS + MID_BITS);
			for (int32_t k = 0; k <= 2 * radius; k++) {
				const SUM f = weight[k];
				const MID *restrict from = mid + k;
				for (int32_t x = 0; x < w; x++) acc[x] += f * from[x];
			}
			PIXEL *restrict out = v + (int64_t)y * w;
			for (int32_t x = 0; x < w; x++) out[x] = (PIXEL)DOWN(acc[x], WEIGHT_BITS + MID_BITS);
		}
	}
}

#undef BLUR
#undef PIXEL
#undef MID
#undef SUM
#undef WEIGHT
#undef HALF
#undef DOWN
