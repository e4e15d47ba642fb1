#define _GNU_SOURCE
#include "av.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>

struct vd_flag {
	atomic_int on;
};

vd_flag *vd_flag_new(void) { return av_mallocz(sizeof(vd_flag)); }
void vd_flag_set(vd_flag *f, int on) { atomic_store(&f->on, on); }
void vd_flag_free(vd_flag *f) { av_free(f); }

struct vd_source {
	AVFormatContext *fc;
	AVIOContext *io;
	int fd;
	int64_t max_pixels;
	vd_flag *stop; // not owned
};

enum { io_buffer = 32 << 10 };

static int source_stopped(void *opaque)
{
	vd_source *s = opaque;
	return atomic_load_explicit(&s->stop->on, memory_order_relaxed);
}

static int source_read(void *opaque, uint8_t *buf, int size)
{
	vd_source *s = opaque;
	ssize_t n;
	if (source_stopped(s))
		return AVERROR_EXIT;
	do {
		n = read(s->fd, buf, size);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return AVERROR(errno);
	return n ? (int)n : AVERROR_EOF;
}

static int64_t source_seek(void *opaque, int64_t offset, int whence)
{
	vd_source *s = opaque;
	struct stat st;
	off_t at;
	if (whence & AVSEEK_SIZE)
		return fstat(s->fd, &st) ? AVERROR(errno) : st.st_size;
	at = lseek(s->fd, offset, whence & ~AVSEEK_FORCE);
	return at < 0 ? AVERROR(errno) : at;
}

void vd_quiet(void)
{
	av_log_set_level(AV_LOG_QUIET);
	// A header that claims a billion samples shall fail, not take the machine.
	av_max_alloc(1 << 30);
}

static int source_file(vd_source *s, const char *path)
{
	struct stat st;
	uint8_t *buf;
	// O_NONBLOCK: a pipe without a writer must not hold the caller.
	s->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (s->fd < 0 || fstat(s->fd, &st))
		return AVERROR(errno);
	if (!S_ISREG(st.st_mode))
		return AVERROR(EINVAL);
	if (!(buf = av_malloc(io_buffer)))
		return AVERROR(ENOMEM);
	s->io = avio_alloc_context(buf, io_buffer, 0, s, source_read, NULL, source_seek);
	if (!s->io) {
		av_free(buf);
		return AVERROR(ENOMEM);
	}
	return 0;
}

// leads_elsewhere tells containers that are lists of other files: their readers wait for those for ever.
static int leads_elsewhere(const AVInputFormat *in)
{
	static const char *const lists[] = {"hls", "dash", "concat", "imf", "sdp", "rtsp", "webm_dash_manifest"};
	if (in->flags & AVFMT_NOFILE)
		return 1;
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		if (!strcmp(in->name, lists[i]))
			return 1;
	return 0;
}

int vd_open(vd_source **out, vd_flag *stop, const char *path, const char *name, const char *format, int64_t max_pixels)
{
	AVDictionary *opts = NULL;
	const AVInputFormat *in = *format ? av_find_input_format(format) : NULL;
	vd_source *s = av_mallocz(sizeof(*s));
	int ret;
	*out = s;
	if (!s)
		return AVERROR(ENOMEM);
	s->max_pixels = max_pixels;
	s->stop = stop;
	if ((ret = source_file(s, path)) < 0)
		return ret;
	if (!in && (ret = av_probe_input_buffer2(s->io, &in, name, NULL, 0, 0)) < 0)
		return ret;
	if (leads_elsewhere(in))
		return AVERROR_INVALIDDATA;
	if (!(s->fc = avformat_alloc_context()))
		return AVERROR(ENOMEM);
	s->fc->pb = s->io;
	s->fc->interrupt_callback = (AVIOInterruptCB){source_stopped, s};
	// No playlist or reference inside a file may open another one.
	av_dict_set(&opts, "protocol_whitelist", "none", 0);
	ret = avformat_open_input(&s->fc, name, in, &opts); // frees fc when it fails
	av_dict_free(&opts);
	return ret;
}

void vd_close(vd_source *s)
{
	if (!s)
		return;
	avformat_close_input(&s->fc);
	if (s->io) {
		av_freep(&s->io->buffer);
		avio_context_free(&s->io);
	}
	if (s->fd >= 0)
		close(s->fd);
	av_free(s);
}

void *vd_context(vd_source *s) { return s->fc; }
int64_t vd_start_time(vd_source *s) { return s->fc->start_time; }
int vd_format_flags(vd_source *s) { return s->fc->iformat->flags; }

int vd_find_streams(vd_source *s)
{
	unsigned n = s->fc->nb_streams;
	AVDictionary **opts = av_calloc(n ? n : 1, sizeof(*opts));
	int ret;
	if (!opts)
		return AVERROR(ENOMEM);
	for (unsigned i = 0; i < n; i++)
		av_dict_set_int(&opts[i], "max_pixels", s->max_pixels, 0);
	ret = avformat_find_stream_info(s->fc, opts);
	for (unsigned i = 0; i < n; i++)
		av_dict_free(&opts[i]);
	av_free(opts);
	return ret;
}

void vd_only(vd_source *s, int stream)
{
	for (unsigned i = 0; i < s->fc->nb_streams; i++)
		s->fc->streams[i]->discard = (int)i == stream ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
}

int vd_seek_time(vd_source *s, int stream, int64_t ts)
{
	return avformat_seek_file(s->fc, stream, INT64_MIN, ts, ts, 0);
}

int vd_seek_byte(vd_source *s, int64_t pos)
{
	if (s->fc->iformat->flags & AVFMT_NO_BYTE_SEEK)
		return AVERROR(ENOSYS);
	return avformat_seek_file(s->fc, -1, INT64_MIN, pos, pos, AVSEEK_FLAG_BYTE);
}

static int stream_kind(const AVStream *st)
{
	switch (st->codecpar->codec_type) {
	case AVMEDIA_TYPE_VIDEO: return VD_KIND_VIDEO;
	case AVMEDIA_TYPE_AUDIO: return VD_KIND_SOUND;
	case AVMEDIA_TYPE_SUBTITLE: return VD_KIND_SUBTITLE;
	default: return VD_KIND_OTHER;
	}
}

static void stream_rotation(const AVStream *st, vd_stream *out)
{
	size_t size = 0;
	const uint8_t *m = av_stream_get_side_data(st, AV_PKT_DATA_DISPLAYMATRIX, &size);
	if (!m || size < 9 * sizeof(int32_t))
		return;
	out->rotated = 1;
	out->rotation = av_display_rotation_get((const int32_t *)m);
}

void vd_stream_get(vd_source *s, int i, vd_stream *out)
{
	AVStream *st = s->fc->streams[i];
	const AVCodecParameters *p = st->codecpar;
	const AVCodecDescriptor *d = avcodec_descriptor_get(p->codec_id);
	AVRational guess = av_guess_frame_rate(s->fc, st, NULL);
	memset(out, 0, sizeof(*out));
	out->kind = stream_kind(st);
	out->codec_id = p->codec_id;
	out->format = p->format;
	out->width = p->width;
	out->height = p->height;
	out->delay = p->video_delay;
	out->sample_rate = p->sample_rate;
	out->channels = p->ch_layout.nb_channels;
	out->attached = !!(st->disposition & AV_DISPOSITION_ATTACHED_PIC);
	out->encrypted = !!av_stream_get_side_data(st, AV_PKT_DATA_ENCRYPTION_INIT_INFO, NULL);
	out->wrap_bits = st->pts_wrap_bits;
	out->intra_only = d && (d->props & AV_CODEC_PROP_INTRA_ONLY);
	out->tb_num = st->time_base.num, out->tb_den = st->time_base.den;
	out->rate_num = st->r_frame_rate.num, out->rate_den = st->r_frame_rate.den;
	out->avg_num = st->avg_frame_rate.num, out->avg_den = st->avg_frame_rate.den;
	out->guess_num = guess.num, out->guess_den = guess.den;
	out->sar_num = st->sample_aspect_ratio.num, out->sar_den = st->sample_aspect_ratio.den;
	out->space = p->color_space;
	out->range = p->color_range;
	out->start = st->start_time;
	out->duration = st->duration;
	out->frames = st->nb_frames;
	stream_rotation(st, out);
}

void vd_stream_delay(vd_source *s, int i, int delay) { s->fc->streams[i]->codecpar->video_delay = delay; }

int vd_parser_repeat(vd_source *s, int i)
{
	const AVCodecParserContext *p = av_stream_get_parser(s->fc->streams[i]);
	return p ? p->repeat_pict : -1;
}

int vd_packet_encrypted(void *packet)
{
	return !!av_packet_get_side_data(packet, AV_PKT_DATA_ENCRYPTION_INFO, NULL);
}

uint8_t *vd_packet_data(void *packet, int *size)
{
	const AVPacket *p = packet;
	*size = p->size;
	return p->data;
}

uint8_t *vd_stream_extradata(vd_source *s, int i, int *size)
{
	const AVCodecParameters *p = s->fc->streams[i]->codecpar;
	*size = p->extradata_size;
	return p->extradata;
}

void vd_decoder_setup(void *codec, int64_t max_pixels, int delay, const vd_stream *stream)
{
	AVCodecContext *c = codec;
	c->max_pixels = max_pixels;
	c->framerate = (AVRational){stream->avg_num, stream->avg_den};
	c->pkt_timebase = (AVRational){stream->tb_num, stream->tb_den}; // to move the time of sound whose beginning is cut
	if (c->has_b_frames < delay)
		c->has_b_frames = delay;
}

void vd_decoder_skip(void *codec, int nonref)
{
	((AVCodecContext *)codec)->skip_frame = nonref ? AVDISCARD_NONREF : AVDISCARD_DEFAULT;
}

void vd_decoder_opaque(void *codec, int64_t value) { ((AVCodecContext *)codec)->reordered_opaque = value; }
int vd_decoder_delay(void *codec) { return ((AVCodecContext *)codec)->has_b_frames; }
void vd_decoder_flush(void *codec) { avcodec_flush_buffers(codec); }

void vd_decoder_rate(void *codec, int *num, int *den, int *ticks)
{
	const AVCodecContext *c = codec;
	*num = c->framerate.num;
	*den = c->framerate.den;
	*ticks = c->ticks_per_frame;
}

// frame_planar tells whether the planes are 8-bit Y, Cb, Cr that a caller can read without a conversion.
static void frame_planar(const AVFrame *f, vd_frame *out)
{
	const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(f->format);
	if (!d || d->nb_components != 3 || !(d->flags & AV_PIX_FMT_FLAG_PLANAR) ||
	    d->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BE))
		return;
	for (int i = 0; i < 3; i++)
		if (d->comp[i].plane != i || d->comp[i].depth != 8 || d->comp[i].step != 1 || f->linesize[i] <= 0)
			return;
	out->planar8 = 1;
	out->chroma_w = d->log2_chroma_w;
	out->chroma_h = d->log2_chroma_h;
}

static int frame_full_range(const AVFrame *f)
{
	switch (f->format) {
	case AV_PIX_FMT_YUVJ420P:
	case AV_PIX_FMT_YUVJ422P:
	case AV_PIX_FMT_YUVJ444P:
	case AV_PIX_FMT_YUVJ440P:
	case AV_PIX_FMT_YUVJ411P:
		return 1;
	default:
		return f->color_range == AVCOL_RANGE_JPEG;
	}
}

void vd_frame_get(void *frame, vd_frame *out)
{
	const AVFrame *f = frame;
	memset(out, 0, sizeof(*out));
	out->width = f->width;
	out->height = f->height;
	out->format = f->format;
	out->space = f->colorspace;
	out->range = frame_full_range(f);
	out->key = f->key_frame;
	out->corrupt = (f->flags & AV_FRAME_FLAG_CORRUPT) || f->decode_error_flags;
	out->channels = f->ch_layout.nb_channels;
	out->samples = f->nb_samples;
	out->sample_rate = f->sample_rate;
	out->pts = f->pts;
	out->best = f->best_effort_timestamp;
	out->duration = f->pkt_duration;
	out->opaque = f->reordered_opaque;
	for (int i = 0; i < 4; i++) {
		out->data[i] = f->data[i];
		out->linesize[i] = f->linesize[i];
	}
	frame_planar(f, out);
}

int vd_frame_writable(void *frame) { return av_frame_make_writable(frame); }

int vd_frame_bytes(void *frame)
{
	const AVFrame *f = frame;
	return av_image_get_buffer_size(f->format, f->width, f->height, 1);
}

int vd_frame_copy(void *frame, uint8_t *dst, int size)
{
	const AVFrame *f = frame;
	return av_image_copy_to_buffer(dst, size, (const uint8_t *const *)f->data, f->linesize, f->format, f->width, f->height, 1);
}
