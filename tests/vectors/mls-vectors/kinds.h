/* kinds.h - the check of each kind of file.  One case a call. */
#pragma once
#include "vec.h"

/* basics.c */
void vec_run_tree_math(struct vec *v, const struct json *c);
void vec_run_crypto_basics(struct vec *v, const struct json *c);
void vec_run_deserialization(struct vec *v, const struct json *c);

/* schedule.c */
void vec_run_key_schedule(struct vec *v, const struct json *c);
void vec_run_psk_secret(struct vec *v, const struct json *c);
void vec_run_transcript_hashes(struct vec *v, const struct json *c);

/* secrettree.c */
void vec_run_secret_tree(struct vec *v, const struct json *c);

/* messages.c */
void vec_run_messages(struct vec *v, const struct json *c);

/* tree.c */
void vec_run_tree_operations(struct vec *v, const struct json *c);
void vec_run_tree_validation(struct vec *v, const struct json *c);

/* treekem.c */
void vec_run_treekem(struct vec *v, const struct json *c);

/* welcome.c */
void vec_run_welcome(struct vec *v, const struct json *c);

/* protect.c */
void vec_run_message_protection(struct vec *v, const struct json *c);

/* passive.c */
void vec_run_passive_client(struct vec *v, const struct json *c);
