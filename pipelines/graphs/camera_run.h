/*
 * camera_run.h - keeps the camera going: pictures at an even pace and one size,
 * whatever the camera does; when it is gone, it is tried again each second.
 */
#pragma once
#include "base/base.h"
#include "drivers/camera/camera.h"
#include "pipelines/graphs/frames.h"

struct camera_run;

struct camera_run_config {
	/* number, width and height as in struct camera_config; copied. */
	struct camera_config camera;
	unsigned fps;
	const struct kk_log *log; /* borrowed; written on the camera's thread */
	/* A picture, given; on the camera's threads, one at a time. */
	void (*picture)(void *arg, GstSample *sample);
	void *arg;
};

/* Starts its thread.  config's texts outlive the object. */
struct camera_run *camera_run_new(const struct camera_run_config *config);
void camera_run_free(struct camera_run *run); /* waits; NULL is fine */

/* Do pictures come?  Any thread; NULL: none do. */
bool camera_run_is_on(struct camera_run *run);
