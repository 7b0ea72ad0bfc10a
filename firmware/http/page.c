/* page.c - what people read when a request fails. */
#include <stdio.h>

#include "http/http.h"

struct page {
	unsigned status;
	const char *text[2]; /* English, German */
};

static const struct page *page_find(unsigned status)
{
	static const struct page pages[] = {
		{ 404,
		    { "This page does not exist. Perhaps the link was cut "
		      "short: open the whole link of your invitation.",
			"Diese Seite gibt es nicht. Vielleicht fehlt ein Teil "
			"des Links: Öffnen Sie den ganzen Link Ihrer "
			"Einladung." } },
		{ 405,
		    { "Pages can only be read here.",
			"Seiten können hier nur gelesen werden." } },
		{ 400,
		    { "The request was not understood.",
			"Die Anfrage war nicht zu verstehen." } },
		{ 500,
		    { "The box has a problem. Please try again in a moment.",
			"Das Gerät hat ein Problem. Bitte versuchen Sie es "
			"gleich noch einmal." } },
	};
	size_t i = 0;

	while (i + 1 < KK_ARRAY_LEN(pages) && pages[i].status != status)
		i++;
	return &pages[i];
}

size_t http_page_write(unsigned status, bool is_german,
    char out[HTTP_PAGE_BYTES])
{
	const struct page *page = page_find(status);
	int n = snprintf(out, HTTP_PAGE_BYTES,
	    "<!doctype html>\n<html lang=\"%s\">\n<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width\">\n"
	    "<title>Konklave</title>\n<h1>Konklave</h1>\n<p>%s</p>\n"
	    "<p><a href=\"/\">%s</a></p>\n</html>\n",
	    is_german ? "de" : "en", page->text[is_german],
	    is_german ? "Zur Startseite" : "To the start page");

	return n < 0 ? 0 : (size_t)n;
}
