/* relay.c - the plan's TURN server, which is a real one. */
#include <stdlib.h>
#include <string.h>

#include "../pipelines/link/coturn.h"
#include "world.h"

/* The first box has no way but by coturn; the second one goes directly. */
static void call_start(struct world *w, struct coturn *turn,
    const char *password)
{
	coturn_start(turn, false);
	world_start(w);
	w->box[0].turn_port = turn->port;
	w->box[0].turn_password = password;
	box_run(&w->box[0]);
	box_run(&w->box[1]);
	epoch_next(w, 3);
}

TEST(box_sees_and_is_seen_by_the_turn_server_of_its_plan_alone)
{
	struct coturn turn;
	struct world w;

	call_start(&w, &turn, COTURN_PASSWORD);
	UNTIL(&w, sees(&w.box[0], 1) && sees(&w.box[1], 0));
	CHECK(w.box[0].peer->lowest_port >= COTURN_PORT_MIN);
	CHECK(w.box[0].peer->highest_port <= COTURN_PORT_MAX);
	CHECK(w.box[1].peer->lowest_port > COTURN_PORT_MAX);
	world_end(&w);
	coturn_stop(&turn);
}

static bool picture_has(const struct box *b, const char *words)
{
	char *text = file_text(b->json);
	bool has = strstr(text, words) != NULL;

	free(text);
	return has;
}

TEST(wrong_password_is_told_on_the_screen_and_mends_with_the_next_plan)
{
	struct coturn turn;
	struct world w;
	char *log;

	call_start(&w, &turn, "not the password");
	UNTIL(&w, picture_has(&w.box[0], "\"trouble\":\"no-relay\""));
	CHECK_STR(w.box[0].siblings.report.state, "lost");
	CHECK_EQ(w.box[0].peer->lowest_port, 0); /* nothing came from it */
	CHECK(picture_has(&w.box[1], "\"trouble\":\"\""));
	log = file_text(w.box[0].log);
	CHECK(strstr(log, "KK_EPOLICY") != NULL);
	CHECK(strstr(log, "password") == NULL);
	free(log);
	w.box[0].turn_password = COTURN_PASSWORD;
	generation_next(&w.box[0]);
	UNTIL(&w, sees(&w.box[0], 1) && sees(&w.box[1], 0));
	CHECK(picture_has(&w.box[0], "\"trouble\":\"\""));
	world_end(&w);
	coturn_stop(&turn);
}
