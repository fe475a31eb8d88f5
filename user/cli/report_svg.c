// SPDX-License-Identifier: GPL-2.0
/* The report's drawings: where things stand is computed here, what they look like is in user/report. */
#include <string.h>
#include <time.h>
#include "report.h"
#include "word.h"

static const char *number(double value)
{
	return jw_showf("%.1f", value);
}

static const char *clock_text(int64_t ns, int64_t span_ns)
{
	time_t t = (time_t)(ns / 1000000000);
	char text[64];
	struct tm tm;

	if (!localtime_r(&t, &tm))
		return "";
	strftime(text, sizeof(text), span_ns > 3 * 86400 * 1000000000LL ? "%d %b" : "%d %b %H:%M", &tm);
	return jw_showf("%s", text);
}

/* ---- process tree ---- */
#define TASK_STEP_X 26
#define TASK_STEP_Y 44
#define TASK_WIDTH 380
#define TASK_COLUMNS 56

static void put_task(FILE *out, unsigned int depth, uint32_t pid, uint32_t uid, const char *comm, const char *exe, bool is_self)
{
	const unsigned int x = 2 + TASK_STEP_X * depth, y = 2 + TASK_STEP_Y * depth;
	const char *name = comm ? jw_show(comm) : exe ? jw_word_base(exe) : "?";

	if (depth)
		jw_html_put(out, "tree-link", "x1", jw_showf("%u", x - TASK_STEP_X + 12), "y1", jw_showf("%u", y - TASK_STEP_Y + 34),
			    "y2", jw_showf("%u", y + 17), "x2", jw_showf("%u", x), NULL);
	jw_html_put(out, "tree-task", "class", is_self ? "self" : "", "x", jw_showf("%u", x), "top", jw_showf("%u", y), "width",
		    jw_showf("%u", TASK_WIDTH), "text_x", jw_showf("%u", x + 9), "name_y", jw_showf("%u", y + 14), "more_y",
		    jw_showf("%u", y + 28), "name",
		    jw_showf("%s (%u), %s", jw_show_cut(name, 24), pid, jw_show_cut(jw_cli_user(uid), 16)), "more",
		    exe ? jw_show_cut_left(jw_show(exe), TASK_COLUMNS) : "", NULL);
}

void jw_svg_tree(FILE *out, const struct jw_subject *subject)
{
	unsigned int i, depth = 0, n = subject->n_ancestors + 1;

	jw_html_put(out, "tree", "width", jw_showf("%u", 4 + TASK_STEP_X * (n - 1) + TASK_WIDTH), "height",
		    jw_showf("%u", 4 + TASK_STEP_Y * (n - 1) + 34), NULL);
	for (i = subject->n_ancestors; i-- > 0; depth++) {
		const struct jw_ancestor *a = &subject->ancestors[i];

		put_task(out, depth, a->pid, a->uid, a->comm, a->exe, false);
	}
	put_task(out, depth, subject->pid, subject->uid, subject->comm, subject->exe, true);
	jw_html_put(out, "svg-end", NULL);
}

/* ---- bars ---- */
#define BARS_LEFT 44.0
#define BARS_WIDTH 946.0
#define BARS_TOP 12.0
#define BARS_HEIGHT 150.0
#define TICKS 7

static uint64_t total(const struct jw_bar *bar)
{
	return bar->n[JOBWARD_VERDICT_ALLOW] + bar->n[JOBWARD_VERDICT_AUDIT] + bar->n[JOBWARD_VERDICT_DENY];
}

/* 1, 2 or 5 with zeros, and not less. */
static uint64_t round_up(uint64_t n)
{
	static const uint64_t steps[] = { 1, 2, 5 };
	uint64_t ten;
	size_t i;

	for (ten = 1; ten <= UINT64_MAX / 50; ten *= 10)
		for (i = 0; i < 3; i++)
			if (steps[i] * ten >= n)
				return steps[i] * ten;
	return n;
}

static void put_bar(FILE *out, const struct jw_bar *bar, size_t i, uint64_t most, int64_t at_ns)
{
	static const enum jobward_verdict order[] = { JOBWARD_VERDICT_ALLOW, JOBWARD_VERDICT_AUDIT, JOBWARD_VERDICT_DENY };
	static const char *const classes[] = { "allow", "audit", "deny" };
	const double width = BARS_WIDTH / JW_BARS;
	double bottom = BARS_TOP + BARS_HEIGHT;
	size_t k;

	for (k = 0; k < 3; k++) {
		double height = BARS_HEIGHT * (double)bar->n[order[k]] / (double)most;

		if (!bar->n[order[k]])
			continue;
		/* One denial among thousands of runs is seen all the same. */
		if (height < 2)
			height = 2;
		bottom -= height;
		jw_html_put(out, "bar", "class", classes[k], "x", number(BARS_LEFT + width * (double)i + 1), "y", number(bottom),
			    "width", number(width - 2), "height", number(height), "title",
			    jw_showf("from %s: %llu allowed, %llu would be denied, %llu denied", jw_show_time(at_ns),
				     (unsigned long long)bar->n[JOBWARD_VERDICT_ALLOW],
				     (unsigned long long)bar->n[JOBWARD_VERDICT_AUDIT],
				     (unsigned long long)bar->n[JOBWARD_VERDICT_DENY]), NULL);
	}
}

void jw_svg_bars(FILE *out, const struct jw_bar *bars, int64_t from_ns, int64_t to_ns)
{
	const int64_t span_ns = to_ns - from_ns;
	uint64_t most = 1, sum = 0;
	size_t i;

	for (i = 0; i < JW_BARS; i++) {
		sum += total(&bars[i]);
		if (total(&bars[i]) > most)
			most = total(&bars[i]);
	}
	most = round_up(most);
	jw_html_put(out, "bars", "caption", jw_showf("Runs, writes and loads of modules; a bar is %s.", jw_show_duration(span_ns / JW_BARS)),
		    "label", jw_showf("%llu events between %s and %s", (unsigned long long)sum, jw_show_time(from_ns),
				      jw_show_time(to_ns)), NULL);
	for (i = 0; i <= 2; i++) {
		double y = BARS_TOP + BARS_HEIGHT * (double)(2 - i) / 2;

		/* There is no half of an event. */
		if (i == 1 && most % 2)
			continue;
		jw_html_put(out, "bars-scale", "y", number(y), "text_y", number(y + 4), "text",
			    jw_showf("%g", (double)most * (double)i / 2), NULL);
	}
	for (i = 0; i < JW_BARS; i++)
		put_bar(out, &bars[i], i, most, from_ns + span_ns / JW_BARS * (int64_t)i);
	for (i = 0; i <= TICKS; i++)
		jw_html_put(out, "bars-tick", "x", number(BARS_LEFT + BARS_WIDTH * (double)i / TICKS), "anchor",
			    !i ? "start" : i == TICKS ? "end" : "middle", "text",
			    clock_text(from_ns + span_ns / TICKS * (int64_t)i, span_ns), NULL);
	jw_html_put(out, "svg-end", NULL);
	jw_html_put(out, "legend", NULL);
}

/* ---- lanes ---- */
#define LANE_LEFT 240.0
#define LANE_WIDTH 745.0
#define LANE_STEP 22.0
#define LANE_LABEL_COLUMNS 33

static void put_dot(FILE *out, const struct jw_dot *dot, double y, int64_t from_ns, int64_t to_ns)
{
	static const char *const pieces[] = {
		[JOBWARD_VERDICT_ALLOW] = "dot-allow", [JOBWARD_VERDICT_AUDIT] = "dot-audit", [JOBWARD_VERDICT_DENY] = "dot-deny",
	};
	static const char *const words[] = {
		[JOBWARD_VERDICT_ALLOW] = "written", [JOBWARD_VERDICT_AUDIT] = "would be denied", [JOBWARD_VERDICT_DENY] = "denied",
	};
	double x = LANE_LEFT + LANE_WIDTH * (double)(dot->ns - from_ns) / (double)(to_ns - from_ns);

	if (dot->ns < from_ns || dot->ns > to_ns || (unsigned int)dot->verdict > JOBWARD_VERDICT_MAX)
		return;
	jw_html_put(out, pieces[dot->verdict], "x", number(x), "y", number(y), "left", number(x - 4.5), "top",
		    number(dot->verdict == JOBWARD_VERDICT_DENY ? y - 4.5 : y - 5.5), "title",
		    jw_showf("%s, %s", words[dot->verdict], jw_show_time(dot->ns)), NULL);
}

void jw_svg_lanes(FILE *out, const struct jw_lane *const *lanes, size_t n, int64_t from_ns, int64_t to_ns)
{
	const double bottom = 14 + LANE_STEP * (double)n;
	size_t i, k;

	jw_html_put(out, "lanes", "height", number(bottom + 22), NULL);
	for (i = 0; i <= 5; i++)
		jw_html_put(out, "tick", "x", number(LANE_LEFT + LANE_WIDTH * (double)i / 5), "y", number(bottom), "text_y",
			    number(bottom + 15), "anchor", !i ? "start" : i == 5 ? "end" : "middle", "text",
			    clock_text(from_ns + (to_ns - from_ns) / 5 * (int64_t)i, to_ns - from_ns), NULL);
	jw_html_put(out, "axis", "y", number(bottom), NULL);
	for (i = 0; i < n; i++) {
		double y = 18 + LANE_STEP * (double)i;

		jw_html_put(out, "lane", "n", jw_showf("%zu", i + 1), "label", jw_show_cut(lanes[i]->label, LANE_LABEL_COLUMNS),
			    "y", number(y), "text_y", number(y + 4), NULL);
		for (k = 0; k < lanes[i]->n; k++)
			put_dot(out, &lanes[i]->dots[k], y, from_ns, to_ns);
	}
	jw_html_put(out, "svg-end", NULL);
}
