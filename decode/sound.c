#include "av.h"

#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavutil/channel_layout.h>
#include <libavutil/frame.h>
#include <libavutil/mem.h>
#include <libswresample/swresample.h>

struct vd_sound {
	SwrContext *swr;
	AVChannelLayout in;
	int format, rate;
};

void vd_sound_free(vd_sound *s)
{
	if (!s)
		return;
	swr_free(&s->swr);
	av_channel_layout_uninit(&s->in);
	av_free(s);
}

static int sound_open(vd_sound **out, const AVChannelLayout *in, int format, int in_rate, int channels, int out_rate)
{
	AVChannelLayout to;
	vd_sound *s = av_mallocz(sizeof(*s));
	int ret;
	if (!s)
		return AVERROR(ENOMEM);
	*out = s;
	s->format = format;
	s->rate = in_rate;
	av_channel_layout_default(&to, channels);
	if (in->order == AV_CHANNEL_ORDER_UNSPEC)
		av_channel_layout_default(&s->in, in->nb_channels);
	else if ((ret = av_channel_layout_copy(&s->in, in)) < 0)
		return ret;
	ret = swr_alloc_set_opts2(&s->swr, &to, AV_SAMPLE_FMT_FLT, out_rate, &s->in, format, in_rate, 0, NULL);
	return ret < 0 ? ret : swr_init(s->swr);
}

int vd_sound_new(vd_sound **out, void *frame, int channels, int rate)
{
	const AVFrame *f = frame;
	return sound_open(out, &f->ch_layout, f->format, f->sample_rate, channels, rate);
}

int vd_sound_from_float(vd_sound **out, int channels, int in_rate, int out_rate)
{
	AVChannelLayout l;
	av_channel_layout_default(&l, channels);
	return sound_open(out, &l, AV_SAMPLE_FMT_FLT, in_rate, channels, out_rate);
}

int vd_sound_matches(vd_sound *s, void *frame)
{
	const AVFrame *f = frame;
	return s->format == f->format && s->rate == f->sample_rate && s->in.nb_channels == f->ch_layout.nb_channels;
}

int vd_sound_frame(vd_sound *s, void *frame, float *dst, int room)
{
	const AVFrame *f = frame;
	uint8_t *out[1] = {(uint8_t *)dst};
	return swr_convert(s->swr, out, room, (const uint8_t **)f->extended_data, f->nb_samples);
}

// vd_sound_run converts n samples (n = 0: what is left in the filter) into at most room samples.
int vd_sound_run(vd_sound *s, const float *src, int n, float *dst, int room)
{
	uint8_t *out[1] = {(uint8_t *)dst};
	const uint8_t *in[1] = {(const uint8_t *)src};
	return swr_convert(s->swr, out, room, n ? in : NULL, n);
}

// vd_fill_sound spreads n interleaved samples over the planes of a float-planar frame; the rest is silence.
int vd_fill_sound(void *frame, const float *src, int n, int channels)
{
	AVFrame *f = frame;
	for (int c = 0; c < channels; c++) {
		float *to = (float *)f->extended_data[c];
		for (int i = 0; i < n; i++)
			to[i] = src[i * channels + c];
		for (int i = n; i < f->nb_samples; i++)
			to[i] = 0;
	}
	return 0;
}

void vd_encoder_bt709(void *codec, int b_frames)
{
	AVCodecContext *c = codec;
	c->colorspace = AVCOL_SPC_BT709;
	c->color_primaries = AVCOL_PRI_BT709;
	c->color_trc = AVCOL_TRC_BT709;
	c->color_range = AVCOL_RANGE_MPEG;
	c->max_b_frames = b_frames;
}
