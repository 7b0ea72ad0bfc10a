/*
 * name.h - what a member's name says of it.  Zone: policy.  Pure.
 */
#pragma once
#include "base/base.h"

/* Members that telephones are behind are called "Lines of " and their room's
 * name (docs/protocol.md): they are nobody in the meeting. */
bool room_name_is_lines(const char *name);
