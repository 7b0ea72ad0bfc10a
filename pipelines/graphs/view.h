/* view.h - what the room's screen tells of the meeting.  Plain data. */
#pragma once
#include "base/base.h"

enum {
	VIEW_PEOPLE_MAX = 64,
	VIEW_TILES_MAX = 16, /* that many are shown */
	VIEW_LINES_MAX = 256, /* telephone lines of a meeting */
	VIEW_NAME_BYTES = 256,
	VIEW_TEXT_BYTES = 64,
	VIEW_LABEL_BYTES = 65,
	VIEW_WAITING_MAX = 3 /* that are named */
};

/* The phases of io.konklave.Room's Plan. */
enum view_phase {
	VIEW_OFF,
	VIEW_CONNECTING,
	VIEW_JOINING,
	VIEW_IN,
	VIEW_REFUSED,
	VIEW_PHASE_COUNT
};

/* How the room's own call stands, as Call of io.konklave.Room has it. */
enum view_call {
	VIEW_CALL_NONE,
	VIEW_CALL_PLACING,
	VIEW_CALL_RINGING,
	VIEW_CALL_EARLY,
	VIEW_CALL_TALKING,
	VIEW_CALL_BUSY,
	VIEW_CALL_NO_ANSWER,
	VIEW_CALL_UNKNOWN,
	VIEW_CALL_UNREACHABLE,
	VIEW_CALL_REFUSED,
	VIEW_CALL_FAILED,
	VIEW_CALL_ENDED,
	VIEW_CALL_COUNT
};

struct view_person {
	uint32_t leaf;
	char name[VIEW_NAME_BYTES];
	bool is_verified, is_self;
	bool has_microphone, has_camera, is_speaking;
	uint64_t screen; /* that it shares: the newer the higher; 0: none */
};

/* A caller whom a host has to let in. */
struct view_waiting {
	char label[VIEW_LABEL_BYTES]; /* "": not known */
	bool is_claimed; /* the caller says so, and nobody has checked it */
};

struct view {
	enum view_phase phase;
	uint64_t epoch; /* of the people */
	bool is_disconnected; /* in, but no media comes or goes */
	bool has_no_relay; /* ... for no TURN server let us in */
	char trouble[VIEW_TEXT_BYTES]; /* an error's name, or "" */
	char code[VIEW_TEXT_BYTES]; /* the security code, or "" */
	struct view_person people[VIEW_PEOPLE_MAX];
	size_t people_count;
	/* Telephone lines: the leaf behind which each is, rising. */
	uint32_t lines[VIEW_LINES_MAX];
	size_t line_count;
	struct view_waiting waiting[VIEW_WAITING_MAX];
	size_t waiting_count; /* also of those who are not named */
	bool is_locked, forbids_lines;
	char label[VIEW_LABEL_BYTES]; /* the classification, or "" */
	enum view_call call;
	uint64_t call_line; /* for HangUp(), where there is a call */
	bool call_has_tones; /* they can be sent to it */
	bool call_is_long; /* answered long ago: nothing is said of it */
};

/* What people are told is wrong: an error's name, or "". */
const char *view_trouble(const struct view *view);
bool view_has_media(const struct view *view); /* others can be shown */
uint64_t view_screen(const struct view *view); /* the newest; 0: none */
const char *view_phase_name(enum view_phase phase); /* never NULL */
enum view_call view_call_of(const char *name); /* VIEW_CALL_NONE: no such */
