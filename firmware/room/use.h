/*
 * use.h - whether somebody is in a box's meeting, by what roomd tells its faces
 * (io.konklave.Room, Plan and Status).  Zone: policy.  Pure.
 */
#pragma once
#include "call/call.h"

enum room_use {
	ROOM_IS_FREE,
	ROOM_IS_TAKEN, /* somebody is there, or calls */
	/* The room seeks its server: the others may still be there. */
	ROOM_IS_BETWEEN
};

/* told: a borrowed plan or status; NULL, or what cannot be read:
 * ROOM_IS_BETWEEN. Whoever cannot be read is somebody. */
enum room_use room_use_of(sd_json_variant *told);
