/* index.c - the acts of a CA, as text and in memory.  No file, no clock. */
#define _GNU_SOURCE /* timegm() */
#include "tools/pki/index.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "program/options.h"

enum { VERSION = 1, GROW = 64 };

static const char *const kind_names[PKI_KINDS] = { "box", "person", "recorder",
	"server", "update", "network" };
static const char *const act_names[PKI_ACTS] = { "begun", "issued", "revoked",
	"crl" };
static const struct {
	enum pki_reason reason;
	const char *name;
} reasons[] = { { PKI_UNSPECIFIED, "unspecified" },
	{ PKI_KEY_COMPROMISE, "keyCompromise" },
	{ PKI_AFFILIATION_CHANGED, "affiliationChanged" },
	{ PKI_SUPERSEDED, "superseded" },
	{ PKI_CESSATION, "cessationOfOperation" } };

const char *pki_kind_name(enum pki_kind kind)
{
	return kind_names[kind];
}

bool pki_kind_of(const char *name, enum pki_kind *kind)
{
	for (int i = 0; i < PKI_KINDS; i++) {
		if (strcmp(kind_names[i], name) != 0)
			continue;
		*kind = (enum pki_kind)i;
		return true;
	}
	return false;
}

const char *pki_reason_name(enum pki_reason reason)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(reasons); i++)
		if (reasons[i].reason == reason)
			return reasons[i].name;
	return reasons[0].name;
}

bool pki_reason_of(const char *name, enum pki_reason *reason)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(reasons); i++) {
		if (strcmp(reasons[i].name, name) != 0)
			continue;
		*reason = reasons[i].reason;
		return true;
	}
	return false;
}

void pki_time_text(int64_t at_s, char text[PKI_TIME_TEXT])
{
	const time_t at = (time_t)at_s;
	struct tm tm = { 0 };

	(void)gmtime_r(&at, &tm);
	if (!strftime(text, PKI_TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm))
		text[0] = '\0';
}

/* Exactly that many digits. */
static bool digits_take(const char *text, int count, int *n)
{
	*n = 0;
	for (int i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		*n = *n * 10 + (text[i] - '0');
	}
	return true;
}

bool pki_time_of(struct kk_view text, int64_t *at_s)
{
	char in[PKI_TIME_TEXT] = "", again[PKI_TIME_TEXT];
	struct tm tm = { 0 };
	int64_t at;

	if (text.bytes != PKI_TIME_TEXT - 1)
		return false;
	memcpy(in, text.data, text.bytes);
	if (!digits_take(in, 4, &tm.tm_year) ||
	    !digits_take(in + 5, 2, &tm.tm_mon) ||
	    !digits_take(in + 8, 2, &tm.tm_mday) ||
	    !digits_take(in + 11, 2, &tm.tm_hour) ||
	    !digits_take(in + 14, 2, &tm.tm_min) ||
	    !digits_take(in + 17, 2, &tm.tm_sec) || tm.tm_year < 1970)
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	at = timegm(&tm);
	pki_time_text(at, again); /* 31 February is 3 March there */
	if (strcmp(in, again) != 0)
		return false;
	*at_s = at;
	return true;
}

/*
 * The line's next word; the rest moves behind the space after it.  Empty where
 * there is none.
 */
static struct kk_view word_take(struct kk_view *rest)
{
	const uint8_t *end = rest->bytes ?
	    memchr(rest->data, ' ', rest->bytes) :
	    NULL;
	struct kk_view word = *rest;

	if (!end) {
		*rest = (struct kk_view){ 0 };
		return word;
	}
	word.bytes = (size_t)(end - word.data);
	*rest = kk_view_of(end + 1, rest->bytes - word.bytes - 1);
	return word;
}

static bool text_take(struct kk_view word, char *text, size_t room)
{
	if (word.bytes == 0 || word.bytes >= room ||
	    memchr(word.data, 0, word.bytes))
		return false;
	memcpy(text, word.data, word.bytes);
	text[word.bytes] = '\0';
	return true;
}

/* Hexadecimal digits, as many as fill text. */
static bool hex_take(struct kk_view word, char *text, size_t room)
{
	return word.bytes == room - 1 && text_take(word, text, room) &&
	    strspn(text, "0123456789abcdef") == word.bytes;
}

static bool name_take(struct kk_view rest, char *name)
{
	return kk_text_is_shown(rest) &&
	    text_take(rest, name, PKI_NAME_BYTES + 1);
}

static bool number_take(struct kk_view word, uint64_t *n)
{
	char text[24];
	const char *at = text;

	return text_take(word, text, sizeof(text)) && text[0] != '0' &&
	    program_number_take(&at, 1, INT64_MAX, n) && !*at;
}

static bool issued_take(struct kk_view rest, struct pki_event *e)
{
	char kind[16];
	struct kk_view renewed;

	if (!hex_take(word_take(&rest), e->serial, sizeof(e->serial)) ||
	    !text_take(word_take(&rest), kind, sizeof(kind)) ||
	    !pki_kind_of(kind, &e->kind) ||
	    !pki_time_of(word_take(&rest), &e->until_s) ||
	    !hex_take(word_take(&rest), e->key, sizeof(e->key)))
		return false;
	renewed = word_take(&rest);
	if (!kk_view_equal(renewed, kk_view_text("-")) &&
	    !hex_take(renewed, e->renewed, sizeof(e->renewed)))
		return false;
	return name_take(rest, e->name);
}

static bool revoked_take(struct kk_view rest, struct pki_event *e)
{
	char reason[32];

	return hex_take(word_take(&rest), e->serial, sizeof(e->serial)) &&
	    text_take(rest, reason, sizeof(reason)) &&
	    pki_reason_of(reason, &e->reason);
}

static bool act_take(struct kk_view word, enum pki_act *act)
{
	for (int i = 0; i < PKI_ACTS; i++) {
		if (!kk_view_equal(word, kk_view_text(act_names[i])))
			continue;
		*act = (enum pki_act)i;
		return true;
	}
	return false;
}

static bool line_take(struct kk_view line, struct pki_event *e)
{
	*e = (struct pki_event){ 0 };
	if (!pki_time_of(word_take(&line), &e->at_s) ||
	    !act_take(word_take(&line), &e->act))
		return false;
	switch (e->act) {
	case PKI_BEGUN:
		return number_take(word_take(&line), &e->number) &&
		    name_take(line, e->name);
	case PKI_ISSUED:
		return issued_take(line, e);
	case PKI_REVOKED:
		return revoked_take(line, e);
	case PKI_CRL:
		return number_take(word_take(&line), &e->number) &&
		    pki_time_of(line, &e->until_s);
	case PKI_ACTS:
		break;
	}
	return false;
}

void pki_index_line(const struct pki_event *e, char line[PKI_LINE_BYTES])
{
	char at[PKI_TIME_TEXT], until[PKI_TIME_TEXT];
	const char *act = act_names[e->act];
	const char *kind = pki_kind_name(e->kind);
	const char *renewed = e->renewed[0] ? e->renewed : "-";

	pki_time_text(e->at_s, at);
	pki_time_text(e->until_s, until);
	switch (e->act) {
	case PKI_BEGUN:
		(void)snprintf(line, PKI_LINE_BYTES, "%s %s %d %s\n", at, act,
		    VERSION, e->name);
		break;
	case PKI_ISSUED:
		(void)snprintf(line, PKI_LINE_BYTES,
		    "%s %s %s %s %s %s %s %s\n", at, act, e->serial, kind,
		    until, e->key, renewed, e->name);
		break;
	case PKI_REVOKED:
		(void)snprintf(line, PKI_LINE_BYTES, "%s %s %s %s\n", at, act,
		    e->serial, pki_reason_name(e->reason));
		break;
	case PKI_CRL:
	case PKI_ACTS:
		(void)snprintf(line, PKI_LINE_BYTES, "%s %s %llu %s\n", at, act,
		    (unsigned long long)e->number, until);
		break;
	}
}

static const struct pki_event *event_find(const struct pki_index *index,
    enum pki_act act, const char *serial)
{
	for (size_t i = 0; i < index->count; i++)
		if (index->events[i].act == act &&
		    !strcmp(index->events[i].serial, serial))
			return &index->events[i];
	return NULL;
}

const struct pki_event *pki_index_issued(const struct pki_index *index,
    const char *serial)
{
	return event_find(index, PKI_ISSUED, serial);
}

const struct pki_event *pki_index_revoked(const struct pki_index *index,
    const char *serial)
{
	return event_find(index, PKI_REVOKED, serial);
}

const struct pki_event *pki_index_crl(const struct pki_index *index)
{
	for (size_t i = index->count; i > 0; i--)
		if (index->events[i - 1].act == PKI_CRL)
			return &index->events[i - 1];
	return NULL;
}

int64_t pki_index_last_s(const struct pki_index *index)
{
	int64_t last_s = 0;

	for (size_t i = 0; i < index->count; i++)
		if (index->events[i].at_s > last_s)
			last_s = index->events[i].at_s;
	return last_s;
}

static enum kk_err event_check(const struct pki_index *index,
    const struct pki_event *e)
{
	const struct pki_event *crl;

	if ((e->act == PKI_BEGUN) != (index->count == 0))
		return KK_ESTATE;
	switch (e->act) {
	case PKI_BEGUN:
		return e->number == VERSION ? KK_OK : KK_EUNSUP;
	case PKI_ISSUED:
		if (pki_index_issued(index, e->serial))
			return KK_EEXIST;
		return e->renewed[0] && !pki_index_issued(index, e->renewed) ?
		    KK_ENOENT :
		    KK_OK;
	case PKI_REVOKED:
		if (!pki_index_issued(index, e->serial))
			return KK_ENOENT;
		return pki_index_revoked(index, e->serial) ? KK_EREVOKED :
							     KK_OK;
	case PKI_CRL:
		crl = pki_index_crl(index);
		return crl && crl->number >= e->number ? KK_ESTATE : KK_OK;
	case PKI_ACTS:
		break;
	}
	return KK_ESTATE;
}

enum kk_err pki_index_add(struct pki_index *index,
    const struct pki_event *event)
{
	enum kk_err err = event_check(index, event);
	struct pki_event *grown;

	if (err)
		return err;
	if (index->count == PKI_EVENTS_MAX)
		return KK_ELIMIT;
	if (index->count == index->room) {
		grown = kk_regrow(index->events, index->room,
		    index->room + GROW + index->room / 2, sizeof(*grown));
		if (!grown)
			return KK_ENOMEM;
		index->events = grown;
		index->room += GROW + index->room / 2;
	}
	index->events[index->count++] = *event;
	return KK_OK;
}

static enum kk_err line_add(struct pki_index *index, struct kk_view line)
{
	struct pki_event e;
	enum kk_err err;

	if (!line_take(line, &e))
		return KK_EFORMAT;
	err = pki_index_add(index, &e);
	/* What does not go together is as wrong as what cannot be read. */
	if (err == KK_ESTATE || err == KK_EEXIST || err == KK_ENOENT ||
	    err == KK_EREVOKED)
		err = KK_EFORMAT;
	return err;
}

static enum kk_err lines_add(struct pki_index *index, struct kk_view text,
    size_t *line)
{
	enum kk_err err = text.bytes ? KK_OK : KK_ETRUNC;

	for (*line = 1; !err && text.bytes; ++*line) {
		const uint8_t *end = memchr(text.data, '\n', text.bytes);
		size_t bytes;

		if (!end)
			return KK_ETRUNC;
		bytes = (size_t)(end - text.data);
		err = line_add(index, kk_view_of(text.data, bytes));
		if (err)
			return err;
		text = kk_view_of(end + 1, text.bytes - bytes - 1);
	}
	return err;
}

enum kk_err pki_index_parse(struct pki_index *index, struct kk_view text,
    size_t *line)
{
	enum kk_err err = KK_ELIMIT;

	*index = (struct pki_index){ 0 };
	*line = 0;
	if (text.bytes <= PKI_INDEX_MAX_BYTES)
		err = lines_add(index, text, line);
	if (err)
		pki_index_clear(index);
	return err;
}

void pki_index_clear(struct pki_index *index)
{
	kk_free(index->events);
	*index = (struct pki_index){ 0 };
}
