/* build.h - pipelines from their description. */
#pragma once
#include <gst/gst.h>

#include "base/base.h"

/* *pipelinep is the caller's, in state NULL.  Errors: KK_EUNSUP an element is
 * not installed, KK_EINVAL the description is wrong. */
MUST_CHECK enum kk_err build_pipeline(GstElement **pipelinep,
    const char *launch);
