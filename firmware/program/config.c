/* config.c - options from a file, a line each. */
#include <string.h>

#include "base/text.h"
#include "options.h"

static const char dashes[] = "--";

enum { DASHES = sizeof(dashes) - 1 };

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct kk_view trim(struct kk_view line)
{
	while (line.bytes > 0 && is_space(line.data[0])) {
		line.data++;
		line.bytes--;
	}
	while (line.bytes > 0 && is_space(line.data[line.bytes - 1]))
		line.bytes--;
	return line;
}

/* NAME or NAME=VALUE, nothing that the command line would read otherwise. */
static bool is_option(struct kk_view line)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	size_t at = 0;

	while (at < line.bytes && line.data[at] &&
	    strchr(letters, line.data[at]))
		at++;
	return at > 0 && line.data[0] != '-' &&
	    (at == line.bytes || line.data[at] == '=') &&
	    !memchr(line.data, '\0', line.bytes);
}

/* *atp has room for all that lines can become. */
static enum kk_err line_add(struct program_config *c, struct kk_view line,
    char **atp)
{
	if (line.bytes == 0 || line.data[0] == '#')
		return KK_OK;
	if (!is_option(line))
		return KK_EFORMAT;
	if (c->argc > PROGRAM_CONFIG_ARGS)
		return KK_ELIMIT;
	c->argv[c->argc++] = *atp;
	memcpy(*atp, dashes, DASHES);
	memcpy(*atp + DASHES, line.data, line.bytes);
	*atp += DASHES + line.bytes + 1; /* zeroed before */
	return KK_OK;
}

static enum kk_err lines_add(struct program_config *c, struct kk_view rest,
    size_t *line)
{
	char *at = c->text;

	for (*line = 1; rest.bytes > 0; ++*line) {
		enum kk_err err = line_add(c, trim(kk_text_line_take(&rest)),
		    &at);

		if (err)
			return err;
	}
	*line = 0;
	return KK_OK;
}

enum kk_err program_config_parse(struct program_config *c, struct kk_view file,
    int argc, char **argv, size_t *line)
{
	enum kk_err err;

	*line = 0;
	if (argc < 1 || file.bytes > PROGRAM_CONFIG_BYTES)
		return KK_ELIMIT;
	/* A line of a letter and its line feed becomes three and a zero. */
	*c = (struct program_config){
		.text = kk_calloc(file.bytes + 1, 1 + DASHES),
		.argv = kk_calloc(PROGRAM_CONFIG_ARGS + (size_t)argc + 1,
		    sizeof(*c->argv)),
	};
	if (!c->text || !c->argv) {
		program_config_clear(c);
		return KK_ENOMEM;
	}
	c->argv[c->argc++] = argv[0];
	err = lines_add(c, file, line);
	if (err) {
		program_config_clear(c);
		return err;
	}
	for (int i = 1; i < argc; i++)
		c->argv[c->argc++] = argv[i];
	return KK_OK;
}

void program_config_clear(struct program_config *c)
{
	kk_free(c->text);
	kk_free(c->argv);
	*c = (struct program_config){ 0 };
}
