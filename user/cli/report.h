/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of the report in HTML, and the way in which text comes into it. */
#ifndef JOBWARD_CLI_REPORT_H
#define JOBWARD_CLI_REPORT_H

#include <stdio.h>
#include "cli.h"
#include "lib/event.h"
#include "render.h"

/* ---- html.c ---- */
/*
 * Writes a piece of user/report/page.html with its texts: name and text in turn, then NULL. Each text is escaped, bytes
 * that are no UTF-8 become U+FFFD, and it is cut when it is very long; it has to be shown text, as what comes from
 * jw_show(). A NULL text is empty.
 */
void jw_html_put(FILE *out, const char *piece, ...) __attribute__((sentinel));
/* The style sheet, in its element. */
void jw_html_put_style(FILE *out);
/* Its digest, as a content security policy has it. */
const char *jw_html_style_digest(void);
/* "good", "warn", "bad", "dim", "strong" or "". */
const char *jw_html_class(enum jw_style style);

/* ---- report_svg.c ---- */
/* Who acts and its ancestors, the oldest above. */
void jw_svg_tree(FILE *out, const struct jw_subject *subject);

#define JW_BARS 84
/* Events of one stretch of time, by verdict. */
struct jw_bar {
	uint64_t n[JOBWARD_VERDICT_MAX + 1];
};
void jw_svg_bars(FILE *out, const struct jw_bar *bars, int64_t from_ns, int64_t to_ns);

#define JW_LANE_DOTS 64
struct jw_dot {
	int64_t ns;
	enum jobward_verdict verdict;	/* allow: the write that planted it */
};
struct jw_lane {
	const char *label;		/* shown text */
	struct jw_dot dots[JW_LANE_DOTS];
	size_t n;
};
/* The lane of story n, from 1, is the one at n - 1. */
void jw_svg_lanes(FILE *out, const struct jw_lane *const *lanes, size_t n, int64_t from_ns, int64_t to_ns);

/* ---- cmd_status.c ---- */
/* What status says, a line at a time; the first, without a label, is whether all is well. Return: its exit code. */
int jw_status_tell(struct jw_cli *cli, void (*line)(void *ctx, const char *label, enum jw_style style, const char *text),
		   void *ctx);

#endif
