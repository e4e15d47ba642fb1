#include "still.h"

#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>

struct vd_still {
	AVCodecContext *codec;
	AVPacket *packet;
	AVFrame *frame;
	AVBufferRef *bytes; // of the packet, with room behind
};

static const enum AVCodecID still_codecs[] = {
	[VD_JPEG] = AV_CODEC_ID_MJPEG, [VD_PNG] = AV_CODEC_ID_PNG, [VD_WEBP] = AV_CODEC_ID_WEBP, [VD_BMP] = AV_CODEC_ID_BMP,
	[VD_TIFF] = AV_CODEC_ID_TIFF, [VD_PBM] = AV_CODEC_ID_PBM, [VD_PGM] = AV_CODEC_ID_PGM, [VD_PPM] = AV_CODEC_ID_PPM,
};

// still_buffer clears what it hands out: a decoder that leaves a part of a picture unwritten must not show the picture before.
static int still_buffer(AVCodecContext *c, AVFrame *f, int flags)
{
	int ret = avcodec_default_get_buffer2(c, f, flags);
	for (int i = 0; ret >= 0 && i < AV_NUM_DATA_POINTERS && f->buf[i]; i++)
		memset(f->buf[i]->data, 0, f->buf[i]->size);
	return ret;
}

// vd_still_new opens a decoder; shrink halves the picture that often on the way, which only VD_JPEG can, 3 times at most.
int vd_still_new(vd_still **out, int format, int shrink, int64_t max_pixels)
{
	const AVCodec *codec = avcodec_find_decoder(still_codecs[format]);
	vd_still *s = av_mallocz(sizeof(*s));
	*out = s;
	if (!s)
		return AVERROR(ENOMEM);
	if (!codec)
		return AVERROR_DECODER_NOT_FOUND;
	s->packet = av_packet_alloc();
	s->frame = av_frame_alloc();
	s->codec = avcodec_alloc_context3(codec);
	if (!s->packet || !s->frame || !s->codec)
		return AVERROR(ENOMEM);
	s->codec->thread_count = 1;
	s->codec->max_pixels = max_pixels;
	s->codec->lowres = shrink;
	s->codec->get_buffer2 = still_buffer;
	// Damage is an error: a picture that is made up in part is no sample.
	s->codec->err_recognition = AV_EF_EXPLODE | AV_EF_CAREFUL;
	return avcodec_open2(s->codec, codec, NULL);
}

void vd_still_free(vd_still *s)
{
	if (!s)
		return;
	if (s->packet)
		s->packet->buf = NULL;
	av_packet_free(&s->packet);
	av_frame_free(&s->frame);
	avcodec_free_context(&s->codec);
	av_buffer_unref(&s->bytes);
	av_free(s);
}

// still_room makes a buffer of size bytes and FFmpeg's padding, the one before where it is large enough and nobody holds it.
static int still_room(vd_still *s, int64_t size)
{
	if (s->bytes && s->bytes->size >= (size_t)size + AV_INPUT_BUFFER_PADDING_SIZE && av_buffer_is_writable(s->bytes))
		return 0;
	av_buffer_unref(&s->bytes);
	s->bytes = av_buffer_alloc(size + size / 2 + AV_INPUT_BUFFER_PADDING_SIZE);
	return s->bytes ? 0 : AVERROR(ENOMEM);
}

static int still_run(vd_still *s)
{
	int ret = avcodec_send_packet(s->codec, s->packet);
	if (ret >= 0)
		ret = avcodec_receive_frame(s->codec, s->frame);
	if (ret == AVERROR(EAGAIN)) // it took the bytes and has no picture of them
		ret = AVERROR_INVALIDDATA;
	return ret;
}

// still_planar: alpha, of which nothing is kept, does not make planes unreadable.
static void still_planar(const AVFrame *f, vd_frame *out)
{
	const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(f->format);
	if (f->format != AV_PIX_FMT_YUVA420P && f->format != AV_PIX_FMT_YUVA422P && f->format != AV_PIX_FMT_YUVA444P)
		return;
	out->planar8 = 1;
	out->chroma_w = d->log2_chroma_w;
	out->chroma_h = d->log2_chroma_h;
}

// vd_still_decode decodes the picture whose bytes are the n spans of data, each a start and an end. What out points to is valid
// until the next call.
int vd_still_decode(vd_still *s, const uint8_t *data, const int64_t *spans, int n, vd_frame *out)
{
	int64_t size = 0;
	uint8_t *to;
	int ret;
	av_frame_unref(s->frame);
	for (int i = 0; i < n; i++)
		size += spans[2 * i + 1] - spans[2 * i];
	if (size < 1 || size > INT32_MAX / 2)
		return AVERROR_INVALIDDATA;
	if ((ret = still_room(s, size)) < 0)
		return ret;
	to = s->bytes->data;
	for (int i = 0; i < n; i++) {
		memcpy(to, data + spans[2 * i], spans[2 * i + 1] - spans[2 * i]);
		to += spans[2 * i + 1] - spans[2 * i];
	}
	memset(to, 0, AV_INPUT_BUFFER_PADDING_SIZE);
	s->packet->buf = s->bytes; // lent: the decoder's own reference ends with the packet
	s->packet->data = s->bytes->data;
	s->packet->size = (int)size;
	s->packet->flags = AV_PKT_FLAG_KEY;
	if ((ret = still_run(s)) < 0) {
		avcodec_flush_buffers(s->codec);
		return ret;
	}
	vd_frame_get(s->frame, out);
	still_planar(s->frame, out);
	return 0;
}

// still_bytes packs formats whose samples are whole bytes, or pairs of bytes, of which the high one is taken. It returns 0 for
// others.
static int still_bytes(const AVFrame *f, int x, int y, int w, int h, uint8_t *dst)
{
	const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(f->format);
	int grey = d->nb_components < 3;
	if (d->flags & (AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_FLOAT) ||
	    (!grey && !(d->flags & AV_PIX_FMT_FLAG_RGB)))
		return 0;
	for (int c = 0; c < (grey ? 1 : 3); c++)
		if ((d->comp[c].depth != 8 && d->comp[c].depth != 16) || d->comp[c].shift)
			return 0;
	for (int c = 0; c < 3; c++) {
		const AVComponentDescriptor *p = &d->comp[grey ? 0 : c];
		int high = p->depth == 16 && !(d->flags & AV_PIX_FMT_FLAG_BE), step = p->step;
		for (int row = 0; row < h; row++) {
			const uint8_t *line = f->data[p->plane] + (ptrdiff_t)(y + row) * f->linesize[p->plane];
			const uint8_t *from = line + (ptrdiff_t)x * step + p->offset + high;
			uint8_t *to = dst + (size_t)row * w * 3 + c;
			for (int i = 0; i < w; i++)
				to[3 * i] = from[(ptrdiff_t)i * step];
		}
	}
	return 1;
}

static void still_palette(const AVFrame *f, int x, int y, int w, int h, uint8_t *dst)
{
	uint32_t colours[256];
	memcpy(colours, f->data[1], sizeof(colours));
	for (int row = 0; row < h; row++) {
		const uint8_t *from = f->data[0] + (ptrdiff_t)(y + row) * f->linesize[0] + x;
		for (int i = 0; i < w; i++, dst += 3) {
			uint32_t v = colours[from[i]];
			dst[0] = v >> 16, dst[1] = v >> 8, dst[2] = v;
		}
	}
}

static void still_bits(const AVFrame *f, int x, int y, int w, int h, uint8_t *dst)
{
	int flip = f->format == AV_PIX_FMT_MONOWHITE;
	for (int row = 0; row < h; row++) {
		const uint8_t *from = f->data[0] + (ptrdiff_t)(y + row) * f->linesize[0];
		for (int i = x; i < x + w; i++, dst += 3)
			dst[0] = dst[1] = dst[2] = (from[i >> 3] >> (7 - (i & 7)) & 1) != flip ? 255 : 0;
	}
}

// vd_still_rgb writes the rectangle [x, x+w) x [y, y+h) of the decoded picture to dst, packed RGB, h rows of 3*w bytes. Alpha is
// dropped.
int vd_still_rgb(vd_still *s, vd_rgb *c, int x, int y, int w, int h, uint8_t *dst)
{
	const AVFrame *f = s->frame;
	const uint8_t *from;
	switch (f->format) {
	case AV_PIX_FMT_RGB24:
		from = f->data[0] + (ptrdiff_t)y * f->linesize[0] + 3 * (ptrdiff_t)x;
		av_image_copy_plane(dst, 3 * w, from, f->linesize[0], 3 * w, h);
		return 0;
	case AV_PIX_FMT_PAL8:
		still_palette(f, x, y, w, h, dst);
		return 0;
	case AV_PIX_FMT_MONOBLACK:
	case AV_PIX_FMT_MONOWHITE:
		still_bits(f, x, y, w, h, dst);
		return 0;
	}
	if (still_bytes(f, x, y, w, h, dst))
		return 0;
	if (!vd_frame_convertible(s->frame))
		return AVERROR(ENOSYS);
	return vd_rgb_convert(c, s->frame, x, y, w, h, dst);
}
