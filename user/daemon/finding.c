// SPDX-License-Identifier: GPL-2.0
/* Findings: what stands as wrong. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <jansson.h>
#include "finding.h"
#include "lib/cleanup.h"
#include "lib/control.h"

#define FINDINGS_MAX 64
#define DAY_NS (86400 * NS_PER_SEC)

/* In the journal once, whatever becomes of the store; the store and a file in /run have them for the CLI. */
static struct { char name[32]; char *text; int64_t since_ns; } findings[FINDINGS_MAX];

static int slot_of_finding(const char *name, bool make)
{
	for (int i = 0; i < FINDINGS_MAX; i++)
		if (findings[i].text && !strcmp(findings[i].name, name))
			return i;
	for (int i = 0; i < FINDINGS_MAX && make; i++)
		if (!findings[i].text)
			return i;
	return -1;
}

/* Takes @text over. */
static void set_slot(int i, const char *name, char *text, int64_t since_ns)
{
	free(findings[i].text);
	snprintf(findings[i].name, sizeof(findings[i].name), "%s", name);
	findings[i].text = text;
	findings[i].since_ns = since_ns;
}

/* What happened and is over, and should be read once; all else ends when it no longer holds. */
static bool tells_of_the_past(const char *name)
{
	static const char *const past[] = { "events-lost", "events-missing", "store-gone", "store-damaged" };

	for (size_t i = 0; i < sizeof(past) / sizeof(past[0]); i++)
		if (!strcmp(past[i], name))
			return true;
	return false;
}

/* A store that is full cannot take the finding that says so: /run can. */
static void write_findings(void)
{
	json_auto_t *list = json_array();

	for (int i = 0; i < FINDINGS_MAX; i++)
		if (findings[i].text)
			json_array_append_new(list, json_pack("{s:s, s:s, s:I}", "name", findings[i].name, "text",
							      findings[i].text, "since",
							      (json_int_t)findings[i].since_ns));
	if (json_dump_file(list, JW_FINDINGS_PATH ".new", JSON_COMPACT) || rename(JW_FINDINGS_PATH ".new", JW_FINDINGS_PATH))
		jw_log(LOG_DEBUG, "no findings in " JW_FINDINGS_PATH);
}

void jw_finding(struct manager *m, const char *name, const char *fmt, ...)
{
	int i = slot_of_finding(name, true);
	int64_t now_ns = jw_now_ns();
	bool known;
	char *text;
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (r < 0)
		return;
	known = i >= 0 && findings[i].text && !strcmp(findings[i].text, text);
	if (i < 0 || (known && !tells_of_the_past(name))) {
		free(text);
		return;
	}
	if (!known)
		jw_log(LOG_WARNING, "%s", text);
	/* what happened again has its day from now on */
	if (m->store && tells_of_the_past(name))
		jw_store_clear_finding(m->store, name);
	if (m->store)
		jw_store_put_finding(m->store, name, text, now_ns);
	set_slot(i, name, text, now_ns);
	write_findings();
}

void jw_finding_clear(struct manager *m, const char *name)
{
	int i = slot_of_finding(name, false);

	if (i >= 0) {
		jw_log(LOG_NOTICE, "no longer: %s", findings[i].text);
		free(findings[i].text);
		findings[i].text = NULL;
		write_findings();
	}
	if (i >= 0 && m->store)
		jw_store_clear_finding(m->store, name);
}

static bool is_over(const char *name, int64_t since_ns, int64_t now_ns)
{
	return tells_of_the_past(name) && now_ns - since_ns > DAY_NS;
}

void jw_finding_expire(struct manager *m, int64_t now_ns)
{
	for (int i = 0; i < FINDINGS_MAX; i++)
		if (findings[i].text && is_over(findings[i].name, findings[i].since_ns, now_ns))
			jw_finding_clear(m, findings[i].name);
}

void jw_finding_from_diags(struct manager *m, const char *name, const struct jw_diags *diags)
{
	bool stands = false;

	for (size_t i = 0; i < diags->n; i++) {
		_cleanup_free_ char *text = jw_diag_format(&diags->v[i]);

		if (!text)
			continue;
		if (diags->v[i].severity == JW_DIAG_ERROR && !stands)
			jw_finding(m, name, "%s", text);
		else
			jw_log(diags->v[i].severity == JW_DIAG_ERROR ? LOG_ERR : LOG_WARNING, "%s", text);
		stands |= diags->v[i].severity == JW_DIAG_ERROR;
	}
}

/* ---- the store's, when it is opened ---- */

/* Names that the store has and that do not stand any more. */
struct stale {
	char names[FINDINGS_MAX][sizeof(findings[0].name)];
	size_t n;
};

static int take_over(void *ctx, const char *name, const char *text, int64_t since_ns)
{
	struct stale *stale = ctx;
	int i;

	if (slot_of_finding(name, false) >= 0)
		return 0;
	i = tells_of_the_past(name) && !is_over(name, since_ns, jw_now_ns()) ? slot_of_finding(name, true) : -1;
	if (i >= 0)
		set_slot(i, name, strdup(text), since_ns);
	else if (stale->n < FINDINGS_MAX)
		snprintf(stale->names[stale->n++], sizeof(stale->names[0]), "%s", name);
	return 0;
}

void jw_finding_store_opened(struct manager *m)
{
	struct stale stale = { .n = 0 };

	jw_store_findings(m->store, take_over, &stale);
	for (size_t i = 0; i < stale.n; i++)
		jw_store_clear_finding(m->store, stale.names[i]);
	for (int i = 0; i < FINDINGS_MAX; i++)
		if (findings[i].text)
			jw_store_put_finding(m->store, findings[i].name, findings[i].text, findings[i].since_ns);
	write_findings();
}
