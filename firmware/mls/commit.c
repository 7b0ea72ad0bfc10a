/* commit.c - commits and update paths in messages (RFC 9420, 7.6, 12.4). */
#include "mls/proposal.h"

void mls_hpke_ciphertext_read(struct kk_reader *r,
    struct mls_hpke_ciphertext *c)
{
	c->kem_output = kk_read_vec(r);
	c->ciphertext = kk_read_vec(r);
}

void mls_hpke_ciphertext_write(struct kk_writer *w,
    const struct mls_hpke_ciphertext *c)
{
	kk_write_vec(w, c->kem_output);
	kk_write_vec(w, c->ciphertext);
}

void mls_path_node_read(struct kk_reader *r, struct mls_path_node *n)
{
	struct mls_hpke_ciphertext unused;
	struct kk_reader sub;

	n->encryption_key = kk_read_vec(r);
	sub = kk_read_sub(r);
	n->ciphertexts = kk_view_of(sub.p, sub.left_bytes);
	while (kk_reader_more(&sub))
		mls_hpke_ciphertext_read(&sub, &unused);
	kk_read_sub_end(r, &sub);
}

void mls_path_node_write(struct kk_writer *w, const struct mls_path_node *n)
{
	kk_write_vec(w, n->encryption_key);
	kk_write_vec(w, n->ciphertexts);
}

void mls_update_path_read(struct kk_reader *r, struct mls_update_path *p)
{
	struct mls_path_node unused;
	struct kk_reader sub;

	*p = (struct mls_update_path){ 0 };
	mls_leaf_read(r, &p->leaf);
	sub = kk_read_sub(r);
	p->nodes = kk_view_of(sub.p, sub.left_bytes);
	while (kk_reader_more(&sub)) {
		mls_path_node_read(&sub, &unused);
		p->node_count++;
	}
	kk_read_sub_end(r, &sub);
}

void mls_update_path_write(struct kk_writer *w, const struct mls_update_path *p)
{
	mls_leaf_write(w, &p->leaf);
	kk_write_vec(w, p->nodes);
}

void mls_commit_read(struct kk_reader *r, struct mls_commit *c)
{
	struct mls_proposal_or_ref unused;
	struct kk_reader sub = kk_read_sub(r);

	*c = (struct mls_commit){ 0 };
	c->proposals = kk_view_of(sub.p, sub.left_bytes);
	while (kk_reader_more(&sub)) {
		mls_proposal_or_ref_read(&sub, &unused);
		c->proposal_count++;
	}
	kk_read_sub_end(r, &sub);
	c->has_path = kk_read_present(r);
	if (c->has_path)
		mls_update_path_read(r, &c->path);
}

void mls_commit_write(struct kk_writer *w, const struct mls_commit *c)
{
	kk_write_vec(w, c->proposals);
	kk_write_u8(w, c->has_path);
	if (c->has_path)
		mls_update_path_write(w, &c->path);
}
