// SPDX-License-Identifier: GPL-2.0
/* Text into HTML: pieces of a template, and what strangers wrote in between, made harmless in this one place. */
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdarg.h>
#include <string.h>
#include "attack.h"
#include "lib/parse/utf8.h"
#include "report.h"

#define TEXTS_MAX 16
/* Columns of a text that the page shows; a job's line may have megabytes. */
#define TEXT_COLUMNS 4000

static void put_escaped(FILE *out, const char *text)
{
	size_t len, n;
	uint32_t c;

	text = jw_show_cut(text, TEXT_COLUMNS);
	for (len = strlen(text); len; text += n, len -= n) {
		n = jw_utf8_len(text, len, &c);
		if (!n) {
			/* A locale of another character set. */
			fputs("\xef\xbf\xbd", out);
			n = 1;
			continue;
		}
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '\'':
			fputs("&#39;", out);
			break;
		default:
			fwrite(text, 1, n, out);
		}
	}
}

/* The piece's first byte; it ends before the next line that begins with @. */
static const char *find_piece(const char *name, size_t *ret_len)
{
	const char *page = jw_report_file("page.html"), *mark = jw_showf("\n@%s\n", name), *begin, *end;

	begin = strstr(page, mark);
	if (!begin)
		return NULL;
	begin += strlen(mark);
	end = *begin == '@' ? begin : strstr(begin, "\n@");
	*ret_len = end ? (size_t)(end - begin) + (end != begin) : strlen(begin);
	return begin;
}

void jw_html_put(FILE *out, const char *piece, ...)
{
	const char *names[TEXTS_MAX], *texts[TEXTS_MAX], *p, *end, *close;
	size_t n = 0, i, len = 0;
	va_list args;

	va_start(args, piece);
	while (n < TEXTS_MAX && (names[n] = va_arg(args, const char *)))
		texts[n++] = va_arg(args, const char *);
	va_end(args);
	p = find_piece(piece, &len);
	for (end = p + len; p && p < end; p++) {
		close = *p == '{' ? memchr(p, '}', (size_t)(end - p)) : NULL;
		for (i = 0; close && i < n; i++)
			if (strlen(names[i]) == (size_t)(close - p - 1) && !memcmp(names[i], p + 1, strlen(names[i])))
				break;
		if (!close || i == n) {
			putc(*p, out);
			continue;
		}
		if (texts[i])
			put_escaped(out, texts[i]);
		p = close;
	}
}

void jw_html_put_style(FILE *out)
{
	fprintf(out, "<style>%s</style>\n", jw_report_file("report.css"));
}

const char *jw_html_style_digest(void)
{
	const char *style = jw_report_file("report.css");
	unsigned char sum[SHA256_DIGEST_LENGTH], base64[4 * ((SHA256_DIGEST_LENGTH + 2) / 3) + 1];

	SHA256((const unsigned char *)style, strlen(style), sum);
	EVP_EncodeBlock(base64, sum, sizeof(sum));
	return jw_showf("%s", (const char *)base64);
}

const char *jw_html_class(enum jw_style style)
{
	static const char *const classes[] = {
		[JW_PLAIN] = "", [JW_GOOD] = "good", [JW_WARN] = "warn", [JW_BAD] = "bad", [JW_DIM] = "dim",
		[JW_STRONG] = "strong",
	};

	return classes[style];
}
