/* gain.c - telephones near and far, at one level. */
#include <math.h>

#include "mix/mix_private.h"

#define VOICE_DB (-23.0f) /* where a voice is to be while it speaks */
#define GAIN_MOST_DB 15.0f
#define GAIN_LEAST_DB (-15.0f)
#define STEP_UP_DB 0.1f /* a tick: 5 dB a second */
#define STEP_DOWN_DB 0.4f
#define VOICE_PART 0.05f /* a tick: half a second */

void mix_gain_init(struct mix_gain *g)
{
	*g = (struct mix_gain){ .voice_db = VOICE_DB };
}

void mix_gain_learn(struct mix_gain *g, float level_db)
{
	float wanted;

	g->voice_db += (level_db - g->voice_db) * VOICE_PART;
	wanted = fminf(fmaxf(VOICE_DB - g->voice_db, GAIN_LEAST_DB),
	    GAIN_MOST_DB);
	g->db += fminf(fmaxf(wanted - g->db, -STEP_DOWN_DB), STEP_UP_DB);
}
