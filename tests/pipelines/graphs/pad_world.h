/* pad_world.h - a number pad and whoever presses its keys.  Checks end a test.
 */
#pragma once
#include "pipelines/graphs/pad.h"

enum { WIDTH = 1280, HEIGHT = 720, NOW = 1000 };

struct pad_world {
	struct pad *pad;
	struct pad_look look; /* after the last input */
	uint64_t now_ms;
};

void pad_look_at(struct pad_world *w);
struct pad_world pad_world_new(const char *book);
enum pad_action pad_event(struct pad_world *w, const struct input_event *event);
enum pad_action pad_command(struct pad_world *w, enum input_kind kind);
/* Each of them does nothing but stand there then. */
void pad_types(struct pad_world *w, const char *text);
/* In the middle of it. */
enum pad_action pad_touch(struct pad_world *w, enum pad_key k);
void pad_room_is(struct pad_world *w, enum view_call call, uint64_t line);
/* Below the number. */
void pad_says(struct pad_world *w, const struct view *v, const char *english,
    const char *german);
