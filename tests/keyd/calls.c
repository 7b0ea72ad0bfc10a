/* calls.c - what tests ask of a box. */
#include <stdio.h>
#include <string.h>

#include "world.h"

static const char *call(sd_varlink *link, const char *method,
    sd_json_variant *in, sd_json_variant **out)
{
	char name[64];
	const char *error = NULL;
	int r;

	(void)snprintf(name, sizeof(name), "io.konklave.Keys.%s", method);
	*out = NULL;
	r = sd_varlink_call(link, name, in, out, &error);
	sd_json_variant_unref(in);
	CHECK(r >= 0);
	return error;
}

sd_json_variant *ask(struct world *w, sd_varlink *link, const char *method,
    sd_json_variant *in)
{
	sd_json_variant *out;
	const char *error = call(link, method, in, &out);

	if (error)
		tap_diag("%s: %s", method, error);
	CHECK(error == NULL);
	CHECK(w->kept_count < WORLD_KEPT);
	w->kept[w->kept_count++] = sd_json_variant_ref(out);
	return out;
}

const char *ask_fails(sd_varlink *link, const char *method, sd_json_variant *in)
{
	sd_json_variant *out;
	const char *error = call(link, method, in, &out);

	CHECK(error != NULL);
	return strrchr(error, '.') + 1;
}

sd_json_variant *in_meeting(void)
{
	sd_json_variant *in = NULL;

	CHECK_OK(call_put_text(&in, "meeting", MEETING));
	return in;
}

sd_json_variant *in_with(const char *name, const char *text)
{
	sd_json_variant *in = in_meeting();

	CHECK_OK(call_put_text(&in, name, text));
	return in;
}

sd_json_variant *in_handle(sd_json_variant *of)
{
	sd_json_variant *in = in_meeting();

	CHECK_OK(call_put_u64(&in, "handle", number_of(of, "handle")));
	return in;
}

sd_json_variant *in_open(void)
{
	return in_with("secret", SECRET);
}

static sd_json_variant *field(sd_json_variant *v, const char *name)
{
	sd_json_variant *f = sd_json_variant_by_key(v, name);

	if (!f)
		tap_diag("there is no %s", name);
	CHECK(f != NULL);
	return f;
}

const char *text_of(sd_json_variant *v, const char *name)
{
	CHECK(sd_json_variant_is_string(field(v, name)));
	return sd_json_variant_string(field(v, name));
}

uint64_t number_of(sd_json_variant *v, const char *name)
{
	CHECK(sd_json_variant_is_unsigned(field(v, name)));
	return sd_json_variant_unsigned(field(v, name));
}

bool is_true(sd_json_variant *v, const char *name)
{
	CHECK(sd_json_variant_is_boolean(field(v, name)));
	return sd_json_variant_boolean(field(v, name));
}

void meeting_create(struct world *w, struct box *b)
{
	sd_json_variant *made = ask(w, b->link[POLICY], "CreateMeeting",
	    in_open());

	CHECK_EQ(number_of(made, "epoch"), 0);
	CHECK_EQ(number_of(made, "ownLeaf"), 0);
}

static bool is_inside(struct box *b)
{
	sd_json_variant *out;

	return b->pid &&
	    !call(b->link[POLICY], "SecurityCode", in_meeting(), &out);
}

void spread(struct world *w, struct box *by, const char *message)
{
	for (size_t i = 0; i < WORLD_BOXES; i++) {
		struct box *b = &w->box[i];
		sd_json_variant *seen;

		if (b == by || !is_inside(b))
			continue;
		seen = ask(w, b->link[POLICY], "Process",
		    in_with("message", message));
		CHECK_STR(text_of(seen, "kind"), "commit");
		(void)ask(w, b->link[POLICY], "Apply", in_handle(seen));
	}
}

sd_json_variant *commit(struct world *w, struct box *by, sd_json_variant *in)
{
	sd_json_variant *made = ask(w, by->link[POLICY], "Commit", in);

	spread(w, by, text_of(made, "commit"));
	(void)ask(w, by->link[POLICY], "Apply", in_handle(made));
	return made;
}

void meeting_join(struct world *w, struct box *by, struct box *b)
{
	sd_json_variant *kp, *in = in_meeting(), *list = NULL, *made;

	(void)ask(w, b->link[POLICY], "OpenMeeting", in_open());
	kp = ask(w, b->link[POLICY], "NewKeyPackage", in_meeting());
	CHECK_OK(call_list_add(&list, field(kp, "keyPackage")));
	CHECK_OK(call_put_value(&in, "adds", list));
	sd_json_variant_unref(list);
	made = commit(w, by, in);
	(void)ask(w, b->link[POLICY], "JoinByWelcome",
	    in_with("welcome", text_of(made, "welcome")));
}

const char *code_of(struct world *w, struct box *b)
{
	return text_of(ask(w, b->link[POLICY], "SecurityCode", in_meeting()),
	    "code");
}

void agree(struct world *w, size_t count)
{
	const char *code = code_of(w, &w->box[0]);

	CHECK_EQ(strlen(code), 35);
	for (size_t i = 1; i < count; i++)
		CHECK_STR(code_of(w, &w->box[i]), code);
}

static int note(sd_varlink *link, sd_json_variant *in, const char *error,
    sd_varlink_reply_flags_t flags, void *arg)
{
	struct seen *s = arg;

	(void)link;
	if (error || !(flags & SD_VARLINK_REPLY_CONTINUES))
		s->is_over = true;
	else if (s->count < SEEN_MAX)
		s->v[s->count++] = sd_json_variant_ref(in);
	return 0;
}

void subscribe(sd_varlink *link, struct seen *s)
{
	*s = (struct seen){ 0 };
	sd_varlink_set_userdata(link, s);
	CHECK(sd_varlink_bind_reply(link, note) >= 0);
	CHECK(sd_varlink_observe(link, "io.konklave.Keys.EpochKeys", NULL) >=
	    0);
}

sd_json_variant *await(sd_varlink *link, struct seen *s, size_t count)
{
	while (s->count < count) {
		int r = sd_varlink_process(link);

		CHECK(r >= 0 && !s->is_over);
		if (r == 0)
			CHECK(sd_varlink_wait(link, UINT64_MAX) >= 0);
	}
	return s->v[count - 1];
}

void seen_clear(struct seen *s)
{
	while (s->count > 0)
		sd_json_variant_unref(s->v[--s->count]);
}
