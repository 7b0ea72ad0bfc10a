/* layered_call.c - a camera with layers, the forwarder, and who watches it. */
#include <string.h>

#include "harness/tap.h"
#include "sfu/layered.h"

void layered_call_open(struct layered_call *c, const struct dd_template *svc)
{
	memset(c, 0, sizeof(*c));
	c->now = WORLD_START_US;
	world_peer_open(&c->alice, &c->counts);
	world_peer_open(&c->bob, &c->counts);
	layered_publish(&c->cam, &c->alice, 1000, svc);
	c->slot = world_slot(&c->bob, SFU_VIDEO, 10);
	layered_view_open(&c->view, &c->bob, 10);
	CHECK_OK(sfu_slot_watch(c->slot, c->cam.source, c->now));
}

void layered_call_close(struct layered_call *c)
{
	layered_view_close(&c->view);
	world_peer_close(&c->alice);
	world_peer_close(&c->bob);
}

void layered_call_run(struct layered_call *c, unsigned pictures)
{
	for (unsigned i = 0; i < pictures; i++) {
		layered_pictures(&c->cam, 1, &c->now);
		layered_view_take(&c->view);
	}
}

struct layered_frames layered_call_check(const struct layered_call *c)
{
	struct layered_frames f = layered_view_decode(&c->view,
	    c->cam.svc != NULL);

	CHECK_EQ(f.broken, 0);
	CHECK_EQ(f.holes, 0);
	CHECK_EQ(f.ids_wrong, 0);
	CHECK_EQ(f.times_wrong, 0);
	CHECK_EQ(f.markers_wrong, 0);
	return f;
}
