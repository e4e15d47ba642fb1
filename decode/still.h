// Decoders of single pictures that lie in memory, without a container.
// Every function that can fail returns 0 or a negative AVERROR code.
#ifndef VSSL_DECODE_STILL_H
#define VSSL_DECODE_STILL_H

#include "av.h"

// The formats, each with a decoder of FFmpeg.
enum { VD_JPEG, VD_PNG, VD_WEBP, VD_BMP, VD_TIFF, VD_PBM, VD_PGM, VD_PPM };

// An open decoder of one format, used for one picture after the other.
typedef struct vd_still vd_still;

int vd_still_new(vd_still **out, int format, int shrink, int64_t max_pixels);
void vd_still_free(vd_still *s);
int vd_still_decode(vd_still *s, const uint8_t *data, const int64_t *spans, int n, vd_frame *out);
int vd_still_rgb(vd_still *s, vd_rgb *c, int x, int y, int w, int h, uint8_t *dst);

#endif
