#include "av.h"

#include <string.h>

#include <libavutil/frame.h>
#include <libavutil/mem.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

enum { edge = 8 }; // chroma samples around a crop; swscale takes a shorter filter for pictures of a few pixels

struct vd_rgb {
	struct SwsContext *sws;
	uint8_t *row;
	unsigned room;
};

vd_rgb *vd_rgb_new(void) { return av_mallocz(sizeof(vd_rgb)); }

void vd_rgb_free(vd_rgb *c)
{
	if (!c)
		return;
	sws_freeContext(c->sws);
	av_free(c->row);
	av_free(c);
}

// plain_format: the yuvj formats are the yuv ones with the range said elsewhere.
static enum AVPixelFormat plain_format(int format, int *full)
{
	switch (format) {
	case AV_PIX_FMT_YUVJ420P: *full = 1; return AV_PIX_FMT_YUV420P;
	case AV_PIX_FMT_YUVJ422P: *full = 1; return AV_PIX_FMT_YUV422P;
	case AV_PIX_FMT_YUVJ444P: *full = 1; return AV_PIX_FMT_YUV444P;
	case AV_PIX_FMT_YUVJ440P: *full = 1; return AV_PIX_FMT_YUV440P;
	case AV_PIX_FMT_YUVJ411P: *full = 1; return AV_PIX_FMT_YUV411P;
	default: return format;
	}
}

// sws_matrix maps a colour space to swscale's coefficients; unspecified is BT.601, as swscale takes it.
static int sws_matrix(int space)
{
	switch (space) {
	case AVCOL_SPC_BT709: return SWS_CS_ITU709;
	case AVCOL_SPC_FCC: return SWS_CS_FCC;
	case AVCOL_SPC_SMPTE240M: return SWS_CS_SMPTE240M;
	case AVCOL_SPC_BT2020_NCL:
	case AVCOL_SPC_BT2020_CL: return SWS_CS_BT2020;
	default: return SWS_CS_DEFAULT;
	}
}

static int prepare(vd_rgb *c, int sw, int sh, enum AVPixelFormat src, enum AVPixelFormat dst, int space, int full, int dst_full)
{
	const int *k = sws_getCoefficients(sws_matrix(space));
	int flags = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP | SWS_BITEXACT;
	c->sws = sws_getCachedContext(c->sws, sw, sh, src, sw, sh, dst, flags, NULL, NULL, NULL);
	if (!c->sws)
		return AVERROR(EINVAL);
	// Fails for formats that have no range (grey, RGB); there is nothing to set then.
	sws_setColorspaceDetails(c->sws, k, full, k, dst_full, 0, 1 << 16, 1 << 16);
	return 0;
}

// vd_frame_convertible tells whether vd_rgb_convert can read the frame's format.
int vd_frame_convertible(void *frame)
{
	const AVFrame *f = frame;
	int full;
	enum AVPixelFormat src = plain_format(f->format, &full);
	const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(src);
	return d && !(d->flags & AV_PIX_FMT_FLAG_HWACCEL) && sws_isSupportedInput(src);
}

// vd_rgb_convert writes the rectangle [x, x+w) x [y, y+h) of the frame to dst, packed RGB, h rows of 3*w bytes.
// The source rectangle is widened to whole chroma samples, since a plane pointer can only move by those.
int vd_rgb_convert(vd_rgb *c, void *frame, int x, int y, int w, int h, uint8_t *dst)
{
	const AVFrame *f = frame;
	int full = f->color_range == AVCOL_RANGE_JPEG, ret;
	enum AVPixelFormat src = plain_format(f->format, &full);
	const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(src);
	int cw, ch, sx, sy, ex, ey, sw, sh;
	const uint8_t *data[4] = {0};
	uint8_t *out[4] = {0};
	int stride[4] = {0};
	cw = 1 << d->log2_chroma_w, ch = 1 << d->log2_chroma_h;
	// Some more chroma samples on each side, so that the interpolation at the edge sees what the whole picture has.
	sx = FFMAX(0, (x & -cw) - edge * cw), sy = FFMAX(0, (y & -ch) - edge * ch);
	ex = FFMIN(f->width, ((x + w + cw - 1) & -cw) + edge * cw), ey = FFMIN(f->height, ((y + h + ch - 1) & -ch) + edge * ch);
	if (d->flags & AV_PIX_FMT_FLAG_BITSTREAM) // pixels smaller than a byte: a pointer cannot reach them
		sx = sy = 0, ex = f->width, ey = f->height;
	sw = ex - sx, sh = ey - sy;
	if ((ret = prepare(c, sw, sh, src, AV_PIX_FMT_RGB24, f->colorspace, full, 1)) < 0)
		return ret;
	for (int i = 0; i < 4 && f->data[i]; i++)
		data[i] = f->data[i];
	for (int i = 0, seen = 0; i < d->nb_components; i++) {
		const AVComponentDescriptor *p = &d->comp[i];
		int chroma = (i == 1 || i == 2) && !(d->flags & AV_PIX_FMT_FLAG_RGB);
		if (seen & 1 << p->plane)
			continue;
		seen |= 1 << p->plane;
		data[p->plane] += (sy >> (chroma ? d->log2_chroma_h : 0)) * (ptrdiff_t)f->linesize[p->plane] +
				  (sx >> (chroma ? d->log2_chroma_w : 0)) * (ptrdiff_t)p->step;
	}
	if (sw == w && sh == h) {
		out[0] = dst, stride[0] = 3 * w;
		return FFMIN(0, sws_scale(c->sws, data, f->linesize, 0, sh, out, stride));
	}
	av_fast_malloc(&c->row, &c->room, (size_t)sw * sh * 3 + 64);
	if (!c->row)
		return AVERROR(ENOMEM);
	out[0] = c->row, stride[0] = 3 * sw;
	if ((ret = sws_scale(c->sws, data, f->linesize, 0, sh, out, stride)) < 0)
		return ret;
	for (int i = 0; i < h; i++)
		memcpy(dst + (size_t)i * w * 3, c->row + ((size_t)(y - sy + i) * sw + (x - sx)) * 3, (size_t)w * 3);
	return 0;
}

// vd_fill_yuv converts packed RGB [h, w, 3] into the frame's yuv420p planes, BT.709, limited range.
int vd_fill_yuv(void *frame, const uint8_t *rgb, int w, int h, vd_rgb *c)
{
	AVFrame *f = frame;
	const uint8_t *src[4] = {rgb};
	int stride[4] = {3 * w}, ret;
	const int *k = sws_getCoefficients(SWS_CS_ITU709);
	c->sws = sws_getCachedContext(c->sws, w, h, AV_PIX_FMT_RGB24, w, h, AV_PIX_FMT_YUV420P,
				      SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT, NULL, NULL, NULL);
	if (!c->sws)
		return AVERROR(EINVAL);
	sws_setColorspaceDetails(c->sws, k, 1, k, 0, 0, 1 << 16, 1 << 16);
	ret = sws_scale(c->sws, src, stride, 0, h, f->data, f->linesize);
	return FFMIN(0, ret);
}
