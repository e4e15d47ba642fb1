#include "av.h"

#include <stdio.h>

#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/frame.h>
#include <libavutil/pixdesc.h>

static int scale_graph(AVFilterGraph *g, const AVFrame *f, int w, int h, int format, AVFilterContext **in, AVFilterContext **out)
{
	AVFilterContext *scale, *fmt;
	char args[256];
	int ret;
	// One thread, and FFmpeg's command line's own flags: the result is to be the one it gives, byte for byte.
	g->nb_threads = 1;
	snprintf(args, sizeof(args), "video_size=%dx%d:pix_fmt=%d:time_base=1/1:pixel_aspect=%d/%d", f->width, f->height, f->format,
		 f->sample_aspect_ratio.num, FFMAX(f->sample_aspect_ratio.den, 1));
	if ((ret = avfilter_graph_create_filter(in, avfilter_get_by_name("buffer"), "in", args, NULL, g)) < 0)
		return ret;
	snprintf(args, sizeof(args), "%d:%d:flags=bicubic", w, h);
	if ((ret = avfilter_graph_create_filter(&scale, avfilter_get_by_name("scale"), "scale", args, NULL, g)) < 0)
		return ret;
	if ((ret = avfilter_graph_create_filter(&fmt, avfilter_get_by_name("format"), "format", av_get_pix_fmt_name(format), NULL, g)) < 0)
		return ret;
	if ((ret = avfilter_graph_create_filter(out, avfilter_get_by_name("buffersink"), "out", NULL, NULL, g)) < 0)
		return ret;
	if ((ret = avfilter_link(*in, 0, scale, 0)) < 0 || (ret = avfilter_link(scale, 0, fmt, 0)) < 0 ||
	    (ret = avfilter_link(fmt, 0, *out, 0)) < 0)
		return ret;
	return avfilter_graph_config(g, NULL);
}

// vd_frame_scale fills out with the frame in another size and format, as FFmpeg's command line does when the size of the
// pictures changes in the middle of a stream. Nothing is done, and 0 returned, when the frame has them already.
int vd_frame_scale(void *frame, int w, int h, int format, void *out)
{
	AVFrame *f = frame;
	AVFilterContext *src, *sink;
	AVFilterGraph *g;
	int ret;
	if (f->width == w && f->height == h && f->format == format)
		return 0;
	if (!(g = avfilter_graph_alloc()))
		return AVERROR(ENOMEM);
	ret = scale_graph(g, f, w, h, format, &src, &sink);
	if (ret >= 0)
		ret = av_buffersrc_add_frame_flags(src, f, AV_BUFFERSRC_FLAG_KEEP_REF | AV_BUFFERSRC_FLAG_PUSH);
	if (ret >= 0)
		ret = av_buffersink_get_frame(sink, out);
	avfilter_graph_free(&g);
	return ret < 0 ? ret : 1;
}
