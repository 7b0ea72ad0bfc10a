/* build.c - pipelines from their description. */
#include "pipelines/graphs/build.h"

enum kk_err build_pipeline(GstElement **pipelinep, const char *launch)
{
	g_autoptr(GError) error = NULL;
	GstElement *pipeline;

	/* In a pipeline with a part missing nothing would flow. */
	pipeline = gst_parse_launch_full(launch, NULL,
	    GST_PARSE_FLAG_FATAL_ERRORS, &error);
	if (pipeline && !error) {
		*pipelinep = gst_object_ref_sink(pipeline);
		return KK_OK;
	}
	g_clear_pointer(&pipeline, gst_object_unref);
	return error && error->code == GST_PARSE_ERROR_NO_SUCH_ELEMENT ?
	    KK_EUNSUP :
	    KK_EINVAL;
}
