/* loop.h - an sd_event inside a GMainLoop.  One thread. */
#pragma once
#include <systemd/sd-event.h>

#include "base/base.h"

/* Runs both until the sd_event has ended.  Errors: KK_ENOMEM; KK_EIO. */
MUST_CHECK enum kk_err loop_run(sd_event *event);
