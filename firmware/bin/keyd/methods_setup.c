/* methods_setup.c - the box's certificate, for its own setup. */
#include "base/text.h"
#include "keyd.h"

static const char *store_name(const struct keyd *k)
{
	const char *where = k->options.keystore;

	return *where == 'p' ? "token" : *where == 't' ? "tpm" : "file";
}

static enum kk_err end_put(const struct keyd_identity *who,
    sd_json_variant **out)
{
	int64_t days;
	bool is_near = keyd_expiry_is_near(who->until_s, keyd_now_s(), &days);
	enum kk_err err = KK_OK;

	if (who->until_s > 0)
		err = call_put_u64(out, "until", (uint64_t)who->until_s);
	return err ? err : call_put_bool(out, "endsSoon", is_near);
}

enum kk_err keyd_enrolment(void *arg, struct call_request *rq)
{
	struct keyd *k = arg;
	struct keyd_identity *who = NULL;
	struct keyd_member m = { .is_verified = false };
	char blocks[KEYD_FINGERPRINT_BYTES];
	enum kk_err err = keyd_get_identity(k, rq->in, &who);

	if (!err)
		err = keyd_identity_look(k, who, &m);
	kk_text_blocks(m.fingerprint, blocks, sizeof(blocks));
	if (!err)
		err = call_put_u64(&rq->out, "suite", who->suite->id);
	if (!err)
		err = call_put_text(&rq->out, "name", m.name);
	if (!err)
		err = call_put_bool(&rq->out, "verified", m.is_verified);
	if (!err)
		err = call_put_text(&rq->out, "fingerprint", blocks);
	if (!err)
		err = call_put_text(&rq->out, "keystore", store_name(k));
	if (!err)
		err = end_put(who, &rq->out);
	return err ? err : keyd_put_trouble(k, who, &rq->out);
}

enum kk_err keyd_make_request(void *arg, struct call_request *rq)
{
	struct keyd *k = arg;
	struct keyd_identity *who = NULL;
	char blocks[KEYD_FINGERPRINT_BYTES];
	struct kk_bytes pem = { 0 };
	enum kk_err err = keyd_get_identity(k, rq->in, &who);

	if (!err)
		err = keyd_enrol_ask(k, who->suite->id, &pem, blocks);
	if (!err)
		err = call_put_bytes(&rq->out, "request", kk_bytes_view(&pem));
	kk_bytes_clear(&pem);
	return err ? err : call_put_text(&rq->out, "fingerprint", blocks);
}

static enum kk_err chain_take(struct keyd *k, struct call_request *rq,
    bool rejoins)
{
	const struct keyd_identity *who = NULL;
	struct kk_bytes pem;
	enum kk_err err = call_needed(call_get_bytes(rq->in, "chain",
	    KEYD_CHAIN_MAX_BYTES, &pem));

	if (!err)
		err = keyd_enrol_take(k, kk_bytes_view(&pem), rejoins, &who);
	kk_bytes_clear(&pem);
	return err || !who ? err :
			     call_put_u64(&rq->out, "suite", who->suite->id);
}

enum kk_err keyd_install_chain(void *arg, struct call_request *rq)
{
	return chain_take(arg, rq, false);
}

enum kk_err keyd_replace_chain(void *arg, struct call_request *rq)
{
	return chain_take(arg, rq, true);
}

enum kk_err keyd_check_chain(void *arg, struct call_request *rq)
{
	struct keyd *k = arg;
	const struct keyd_identity *who = NULL;
	struct keyd_member m = { .is_verified = false };
	struct kk_bytes pem;
	enum kk_err err = call_needed(call_get_bytes(rq->in, "chain",
	    KEYD_CHAIN_MAX_BYTES, &pem));

	if (!err)
		err = keyd_enrol_look(k, kk_bytes_view(&pem), &who, &m);
	kk_bytes_clear(&pem);
	if (!err)
		err = call_put_u64(&rq->out, "suite", who->suite->id);
	if (!err)
		err = call_put_text(&rq->out, "name", m.name);
	return err ? err : call_put_u64(&rq->out, "until", (uint64_t)m.until_s);
}
