/*
 * secrettree_life.c - a long random life of a secret tree beside a model that
 * knows every key from the start and keeps a plain list of what is left.
 */
#include <string.h>

#include "harness/tap.h"
#include "secrettree_support.h"

enum { WIDTH = 4, FORWARD = 6, GENERATIONS = 120, STEPS = 6000 };

/* One ratchet of the model. */
struct model {
	uint32_t head;
	bool is_left[GENERATIONS]; /* skipped, and neither used nor dropped */
	struct mls_message_key keys[GENERATIONS];
};

static struct model models[WIDTH][2];

static uint32_t random_next(uint32_t *state)
{
	*state ^= *state << 13; /* xorshift: repeatable, not secret */
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void models_init(void)
{
	memset(models, 0, sizeof(models));
	for (uint32_t leaf = 0; leaf < WIDTH; leaf++) {
		for (uint32_t g = 0; g < GENERATIONS; g++) {
			secret_tree_model_key(WIDTH, leaf,
			    MLS_RATCHET_HANDSHAKE, g, &models[leaf][0].keys[g]);
			secret_tree_model_key(WIDTH, leaf,
			    MLS_RATCHET_APPLICATION, g,
			    &models[leaf][1].keys[g]);
		}
	}
}

static enum kk_err model_answer(const struct model *m, uint32_t generation)
{
	if (generation >= m->head)
		return generation - m->head > FORWARD ? KK_ELIMIT : KK_OK;
	return m->is_left[generation] ? KK_OK : KK_EREPLAY;
}

static void model_consume(struct model *m, uint32_t generation)
{
	uint32_t left = 0;

	for (; m->head <= generation; m->head++)
		m->is_left[m->head] = true;
	m->is_left[generation] = false;
	for (uint32_t g = m->head; g-- > 0;) {
		left += m->is_left[g];
		if (left > FORWARD)
			m->is_left[g] = false;
	}
}

static void step(struct mls_secret_tree *tree, uint32_t *state)
{
	const uint32_t leaf = random_next(state) % WIDTH;
	const enum mls_ratchet r = random_next(state) % 2 ?
	    MLS_RATCHET_APPLICATION :
	    MLS_RATCHET_HANDSHAKE;
	struct model *m = &models[leaf][r];
	const uint32_t back = m->head < 12 ? m->head : 12;
	const uint32_t generation = m->head - back +
	    random_next(state) % (back + FORWARD + 2);
	struct mls_message_key key;
	enum kk_err err;

	if (generation >= GENERATIONS)
		return;
	err = model_answer(m, generation);
	CHECK_ERR(mls_secret_tree_peek(tree, leaf, r, generation, &key), err);
	if (!err) {
		CHECK_MEM(key.key, m->keys[generation].key,
		    tree->suite->aead_key_bytes);
		CHECK_MEM(key.nonce, m->keys[generation].nonce,
		    sizeof(key.nonce));
	}
	if (random_next(state) % 4 == 0)
		return; /* a forged message: looked up, not consumed */
	CHECK_ERR(mls_secret_tree_consume(tree, leaf, r, generation), err);
	if (!err)
		model_consume(m, generation);
}

TEST(random_life_with_restores_agrees_with_a_model)
{
	struct mls_secret_tree *tree = secret_tree_new(WIDTH, FORWARD);
	uint32_t state = 20261121;

	models_init();
	for (int i = 0; i < STEPS; i++) {
		step(tree, &state);
		if (random_next(&state) % 50 == 0) {
			struct mls_secret_tree *copy = secret_tree_copy(tree);

			mls_secret_tree_free(tree);
			tree = copy;
		}
	}
	for (uint32_t leaf = 0; leaf < WIDTH; leaf++)
		CHECK(models[leaf][1].head > GENERATIONS / 2);
	mls_secret_tree_free(tree);
}
