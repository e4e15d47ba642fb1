// What the Go binding of FFmpeg leaves out, as plain C over the AV structures.
// Every function that can fail returns 0 or a negative AVERROR code.
#ifndef VSSL_DECODE_AV_H
#define VSSL_DECODE_AV_H

#include <stdint.h>

#define VD_KIND_OTHER 0
#define VD_KIND_VIDEO 1
#define VD_KIND_SOUND 2
#define VD_KIND_SUBTITLE 3

// A source: one opened file with its own reader, which no protocol or playlist can leave.
typedef struct vd_source vd_source;

// A flag that makes every read of the sources that share it return at once.
typedef struct vd_flag vd_flag;
vd_flag *vd_flag_new(void);
void vd_flag_set(vd_flag *f, int on);
void vd_flag_free(vd_flag *f);

int vd_open(vd_source **out, vd_flag *stop, const char *path, const char *name, const char *format, int64_t max_pixels);
void vd_close(vd_source *s);
void *vd_context(vd_source *s);
int vd_find_streams(vd_source *s);
void vd_only(vd_source *s, int stream);
int vd_seek_time(vd_source *s, int stream, int64_t ts);
int vd_seek_byte(vd_source *s, int64_t pos);
int64_t vd_start_time(vd_source *s);
int vd_format_flags(vd_source *s);

typedef struct vd_stream {
	int kind, codec_id, format, width, height, delay, sample_rate, channels;
	int attached, encrypted, wrap_bits, rotated, intra_only;
	int tb_num, tb_den, rate_num, rate_den, avg_num, avg_den, guess_num, guess_den, sar_num, sar_den;
	int space, range;
	int64_t start, duration, frames;
	double rotation;
} vd_stream;

void vd_stream_get(vd_source *s, int i, vd_stream *out);
void vd_stream_delay(vd_source *s, int i, int delay);
int vd_parser_repeat(vd_source *s, int i);
int vd_packet_encrypted(void *packet);
uint8_t *vd_packet_data(void *packet, int *size);
uint8_t *vd_stream_extradata(vd_source *s, int i, int *size);

void vd_decoder_setup(void *codec, int64_t max_pixels, int delay, const vd_stream *stream);
void vd_decoder_skip(void *codec, int nonref);
void vd_decoder_opaque(void *codec, int64_t value);
int vd_decoder_delay(void *codec);
void vd_decoder_rate(void *codec, int *num, int *den, int *ticks);
void vd_decoder_flush(void *codec);

typedef struct vd_frame {
	int width, height, format, space, range, key, corrupt, channels, samples, sample_rate;
	int64_t pts, best, duration, opaque;
	uint8_t *data[4];
	int linesize[4];
	int planar8, chroma_w, chroma_h; // 8-bit planar Y, Cb, Cr without alpha; log2 of the chroma subsampling
} vd_frame;

void vd_frame_get(void *frame, vd_frame *out);
int vd_frame_bytes(void *frame);
int vd_frame_writable(void *frame);
int vd_frame_scale(void *frame, int w, int h, int format, void *out);
int vd_frame_convertible(void *frame);
int vd_frame_copy(void *frame, uint8_t *dst, int size);

// A converter to packed RGB, kept between calls.
typedef struct vd_rgb vd_rgb;
vd_rgb *vd_rgb_new(void);
void vd_rgb_free(vd_rgb *c);
int vd_rgb_convert(vd_rgb *c, void *frame, int x, int y, int w, int h, uint8_t *dst);

// A resampler to interleaved float.
typedef struct vd_sound vd_sound;
int vd_sound_new(vd_sound **out, void *frame, int channels, int rate);
int vd_sound_from_float(vd_sound **out, int channels, int in_rate, int out_rate);
int vd_sound_matches(vd_sound *s, void *frame);
int vd_sound_frame(vd_sound *s, void *frame, float *dst, int room);
int vd_sound_run(vd_sound *s, const float *src, int n, float *dst, int room);
void vd_sound_free(vd_sound *s);

int vd_fill_yuv(void *frame, const uint8_t *rgb, int w, int h, vd_rgb *c);
int vd_fill_sound(void *frame, const float *src, int n, int channels);
void vd_encoder_bt709(void *codec, int full_delay);
void vd_quiet(void);

#endif
