// SPDX-License-Identifier: GPL-2.0
/* Coverage: techniques that the gates label, that hunts look for, and that events on record have. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "attack.h"
#include "lib/event_attack.h"
#include "lib/grow.h"
#include "lib/hunt.h"
#include "render.h"
#include "report_gen.h"

const char *jw_report_file(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(jw_report_files) / sizeof(jw_report_files[0]); i++)
		if (!strcmp(jw_report_files[i].name, name))
			return jw_report_files[i].text;
	return "";
}

/* The names, cut once: each line is an id, a tab and a name. */
const char *jw_attack_name(const char *id)
{
	static char *text;
	const size_t len = strlen(id);
	char *line, *p;

	if (!text) {
		text = jw_must(strdup(jw_report_file("techniques.tsv")));
		for (p = text; (p = strpbrk(p, "\t\n")); p++)
			*p = '\0';
	}
	for (line = text; *line; line += strlen(line) + 1)
		if (!strcmp(line, id))
			return line + len + 1;
	return "";
}

static int by_id(const void *a, const void *b)
{
	const struct jw_technique *x = a, *y = b;

	return strcmp(x->id, y->id);
}

static struct jw_technique *get(struct jw_attack_coverage *coverage, const char *id, size_t len)
{
	struct jw_technique wanted = {0}, *found;

	if (!len || len >= sizeof(wanted.id))
		return NULL;
	memcpy(wanted.id, id, len);
	found = coverage->n ? bsearch(&wanted, coverage->v, coverage->n, sizeof(wanted), by_id) : NULL;
	if (found)
		return found;
	wanted.name = jw_attack_name(wanted.id);
	coverage->v = jw_must(jw_grow(coverage->v, coverage->n, sizeof(*coverage->v)));
	coverage->v[coverage->n++] = wanted;
	qsort(coverage->v, coverage->n, sizeof(*coverage->v), by_id);
	return bsearch(&wanted, coverage->v, coverage->n, sizeof(wanted), by_id);
}

static void add_hunt(struct jw_attack_coverage *coverage, const struct jw_hunt *hunt)
{
	const char *p, *end;

	for (p = hunt->technique; *p; p = end + (*end == ' ')) {
		struct jw_technique *technique;
		char *hunts;

		end = strchrnul(p, ' ');
		technique = get(coverage, p, (size_t)(end - p));
		if (!technique)
			continue;
		if (asprintf(&hunts, "%s%s%s", technique->hunts ?: "", technique->hunts ? ", " : "", hunt->name) < 0)
			jw_must(NULL);
		free(technique->hunts);
		technique->hunts = hunts;
	}
}

void jw_attack_coverage_begin(struct jw_cli *cli, struct jw_attack_coverage *ret)
{
	struct jw_hunts hunts = {0};
	size_t i, n;
	const char *const *gated = jw_event_attacks(&n);

	*ret = (struct jw_attack_coverage){0};
	for (i = 0; i < n; i++)
		get(ret, gated[i], strlen(gated[i]))->is_gated = true;
	jw_cli_hunts(cli, &hunts);
	for (i = 0; i < hunts.n; i++)
		add_hunt(ret, &hunts.v[i]);
	jw_hunts_done(&hunts);
}

void jw_attack_coverage_take(struct jw_attack_coverage *coverage, const struct jw_event *event)
{
	const int64_t ns = (int64_t)event->time_ns;
	size_t i;

	for (i = 0; i < sizeof(event->attack) / sizeof(event->attack[0]) && event->attack[i]; i++) {
		struct jw_technique *technique = get(coverage, event->attack[i], strlen(event->attack[i]));

		if (!technique)
			continue;
		if (!technique->observed++ || ns < technique->first_ns)
			technique->first_ns = ns;
		if (ns > technique->last_ns)
			technique->last_ns = ns;
		technique->denied += event->verdict != JOBWARD_VERDICT_ALLOW;
	}
}

void jw_attack_coverage_done(struct jw_attack_coverage *coverage)
{
	size_t i;

	for (i = 0; i < coverage->n; i++)
		free(coverage->v[i].hunts);
	free(coverage->v);
	*coverage = (struct jw_attack_coverage){0};
}
