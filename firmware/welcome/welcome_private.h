/* welcome_private.h - what the library's files share. */
#pragma once
#include "welcome/welcome.h"

enum welcome_button {
	BUTTON_NEXT,
	BUTTON_BACK,
	BUTTON_YES,
	BUTTON_TAKE,
	BUTTON_LEAVE, /* not this stick */
	BUTTON_WRITE,
	BUTTON_READ,
	BUTTON_LATER,
	BUTTON_ENOUGH, /* the text is typed */
	BUTTON_CANCEL,
	BUTTON_ERASE,
	BUTTON_SPACE,
	BUTTON_SHIFT,
	BUTTONS
};

enum welcome_word {
	WORD_ANCHORS, /* the certificates' row */
	WORD_NOTHING, /* said in a field */
	WORD_LINE, /* before a number */
	WORD_STICK_WRONG, /* what the stick's profile has is told behind it */
	WORD_STICK_ANCHORS, /* ca.pem alone */
	WORD_STICK_FAILED, /* after these, as acts fail */
	WORD_KEEP_FAILED,
	WORD_WRITE_FAILED,
	WORD_WRITTEN,
	WORD_NO_CHAIN,
	WORD_INSTALLED,
	WORD_INSTALL_FOREIGN,
	WORD_INSTALL_OVER,
	WORD_INSTALL_REVOKED,
	WORD_INSTALL_BUSY,
	WORD_INSTALL_FAILED,
	WORD_NO_KEYS, /* keyd does not answer */
	WORD_NO_TPM, /* and why, as enum welcome_trouble */
	WORD_NO_CURVE,
	WORD_NO_TOKEN,
	WORD_NO_PIN,
	WORD_NO_KEY,
	WORD_KEEPS,
	WORD_WRITES,
	WORD_READS,
	WORD_COUNTS_DOWN, /* before a number of seconds */
	WORD_SECONDS,
	WORD_NAME_IS, /* a verified one */
	WORD_KEY_IS,
	WORDS
};

const char *word_get(enum welcome_word word, bool is_german);
const char *word_button(enum welcome_button button, bool is_german);
const char *word_title(enum welcome_page page, bool is_german);
const char *word_hint(enum welcome_page page, bool is_german);

/* --- fields (fields.c) ---------------------------------------------------- */

enum field_keys { KEYS_TEXT, KEYS_ADDRESS, KEYS_NUMBER, KEYS_HEX };

struct field {
	enum profile_key key;
	enum welcome_page page;
	enum field_keys keys; /* on the screen */
	const char *label[2]; /* English, German */
	const char *options[2]; /* of a choice */
	const char *option_labels[2][2]; /* of each, English and German */
	const char
	    *needed; /* asked for only where needs is that; NULL: always */
	enum profile_key needs;
};

extern const struct field fields[];
extern const size_t field_count;
const struct field *field_get(enum profile_key key); /* NULL: none */

/* --- the whole ------------------------------------------------------------ */

struct welcome {
	struct profile said;
	struct kk_bytes stored, anchors; /* that said borrows from */
	struct kk_bytes kept; /* what is, or is to be, kept */
	struct profile offered; /* a stick's */
	struct kk_bytes offer; /* its text */
	bool is_offer_right, is_offer_anchors;
	enum welcome_page page, before_stick;
	bool is_editing, has_shift;
	enum profile_key edited;
	char typed[PROFILE_VALUE_MAX + 1];
	enum welcome_act busy;
	struct welcome_key key;
	char message[WELCOME_TEXT_BYTES]; /* stays until the next event */
	bool is_bad;
	bool is_attended, lacks_tpm;
	unsigned left_s;
	struct welcome_item focused; /* before something was done */
	struct welcome_view view;
};

bool welcome_is_german(const struct welcome *w);
bool welcome_is_shown(const struct welcome *w, const struct field *f);

/* Says something until the next event.  __attribute__ of printf. */
__attribute__((format(printf, 3, 4))) void welcome_say(struct welcome *w,
    bool is_bad, const char *format, ...);
void welcome_say_word(struct welcome *w, bool is_bad, enum welcome_word word);

/* Makes w->view anew; the focus is the item of such a kind and number, or of
 * the page's first where it has none. */
void view_make(struct welcome *w, enum welcome_kind kind, int number);
void view_refresh(struct welcome *w); /* the focus stays where it is, or was */

void page_go(struct welcome *w, enum welcome_page page);
/* Says so where a profile wants a TPM and there is none. */
void pages_tpm_check(struct welcome *w, const struct profile *p);
/* The next page, if what this one has is right; else says what is not. */
void page_next(struct welcome *w);
void page_back(struct welcome *w);

/* What the pages say as a profile's text, into w->kept; else says what is not
 * right, and goes where it is asked for. */
bool pages_keep(struct welcome *w);

/* --- typing (edit.c) ------------------------------------------------------ */

void edit_begin(struct welcome *w, enum profile_key key);
void edit_add(struct welcome *w, const char *text);
void edit_erase(struct welcome *w);
void edit_end(struct welcome *w, bool is_wanted);
/* Whether its key takes it; else says why not. */
bool edit_check(struct welcome *w);

enum { KEY_ROWS_MAX = 5 };
/* The rows of letters that a field wants; NULL after the last. */
const char *const *edit_rows(const struct welcome *w);
/* The next letter of a row, as the shift has it, with a final zero; its bytes,
 * or 0 at the end. */
size_t edit_letter(const struct welcome *w, const char *at, char out[8]);

/* --- a stick's profile (stick.c) ------------------------------------------ */

void stick_take(struct welcome *w); /* w->kept, or said's anchors */
