/* libs: call ring conference */
/* files: pipelines/member/plan.c pipelines/member/plan_parts.c */
/* files: pipelines/graphs/view.c */
/* member_plan.c - fuzzes roomd's plan, as mediad and mixd read it. */
#include <stdlib.h>
#include <string.h>

#include "call/call.h"
#include "pipelines/member/plan.h"

enum { TEXT_MAX_BYTES = 65536 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

/* Nothing is counted that has no place. */
static void look(const struct plan *p)
{
	const struct view *v = &p->view;

	must(p->meeting_bytes <= PLAN_MEETING_BYTES);
	must(p->slot_count <= STUDIO_SLOTS_MAX);
	must(p->other_count <= SFRAME_SENDERS_MAX);
	must(p->lane_count <= PLAN_LANES_MAX);
	must(p->transport.candidate_count <= PLAN_CANDIDATES_MAX);
	must(p->transport.server_count <= LINK_SERVERS_MAX);
	must(v->people_count <= VIEW_PEOPLE_MAX);
	must(v->line_count + v->waiting_count <= VIEW_LINES_MAX);
	for (size_t i = 0; i < p->lane_count; i++)
		must(p->lanes[i].lane < RING_LINES_MAX);
	for (size_t i = 0; i < v->waiting_count && i < VIEW_WAITING_MAX; i++)
		must(memchr(v->waiting[i].label, 0, VIEW_LABEL_BYTES) != NULL);
	must(memchr(v->label, 0, VIEW_LABEL_BYTES) != NULL);
	must(memchr(v->code, 0, VIEW_TEXT_BYTES) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static struct plan plan;
	sd_json_variant *v = NULL;
	char *text;

	if (bytes > TEXT_MAX_BYTES)
		return 0;
	text = kk_calloc(1, bytes + 1);
	if (!text)
		return 0;
	if (bytes > 0)
		memcpy(text, data, bytes);
	if (sd_json_parse(text, 0, &v, NULL, NULL) >= 0) {
		memset(&plan, 0, sizeof(plan));
		plan.generation = UINT64_MAX;
		if (plan_parse(&plan, v))
			must(plan.generation == UINT64_MAX); /* left alone */
		else
			look(&plan);
	}
	sd_json_variant_unref(v);
	kk_free(text);
	return 0;
}
