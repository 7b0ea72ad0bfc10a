/* kinds.c - the kinds of official files. */
#include "kinds.h"

#include <string.h>

static const struct vec_kind kinds[] = {
	{ "tree-math", false, vec_run_tree_math },
	{ "crypto-basics", true, vec_run_crypto_basics },
	{ "deserialization", false, vec_run_deserialization },
	{ "key-schedule", true, vec_run_key_schedule },
	{ "psk_secret", true, vec_run_psk_secret },
	{ "transcript-hashes", true, vec_run_transcript_hashes },
	{ "secret-tree", true, vec_run_secret_tree },
	{ "welcome", true, vec_run_welcome },
	{ "message-protection", true, vec_run_message_protection },
	{ "tree-operations", true, vec_run_tree_operations },
	{ "tree-validation", true, vec_run_tree_validation },
	{ "treekem", true, vec_run_treekem },
	{ "messages", false, vec_run_messages },
};

/* The official files of this kind are passive-client-welcome, -random, ... */
static const struct vec_kind passive = { "passive-client", true,
	vec_run_passive_client };

const struct vec_kind *vec_kind_get(const char *name)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(kinds); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	if (!strncmp(name, passive.name, strlen(passive.name)))
		return &passive;
	return NULL;
}
