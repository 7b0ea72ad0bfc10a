/* plan_private.h - the parts of a plan.  Not for others. */
#pragma once
#include "pipelines/member/plan.h"

/* Fill in a part of *plan.  Errors: those of plan_parse(). */
MUST_CHECK enum kk_err plan_transport_parse(struct plan *plan,
    sd_json_variant *in);
MUST_CHECK enum kk_err plan_publish_parse(struct plan *plan,
    sd_json_variant *in);
MUST_CHECK enum kk_err plan_slots_parse(struct plan *plan, sd_json_variant *in);
MUST_CHECK enum kk_err plan_people_parse(struct plan *plan,
    sd_json_variant *in);
MUST_CHECK enum kk_err plan_lanes_parse(struct plan *plan, sd_json_variant *in);
MUST_CHECK enum kk_err plan_conference_parse(struct plan *plan,
    sd_json_variant *in);
