// SPDX-License-Identifier: GPL-2.0
/* Findings: what stands as wrong. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <jansson.h>
#include "finding.h"
#include "lib/control.h"

#define FINDINGS_MAX 64

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
	char *text;
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (r < 0)
		return;
	if (i < 0 || (findings[i].text && !strcmp(findings[i].text, text))) {
		free(text);
		return;
	}
	jw_log(LOG_WARNING, "%s", text);
	if (m->store)
		jw_store_put_finding(m->store, name, text, jw_now_ns());
	free(findings[i].text);
	snprintf(findings[i].name, sizeof(findings[i].name), "%s", name);
	findings[i].text = text;
	findings[i].since_ns = jw_now_ns();
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

/* What tells of the past stays for a day; what told of a state before this process is found again if it still holds. */
static int is_stale(const char *name, int64_t since_ns)
{
	static const char *const past[] = { "events-lost", "events-missing", "store-gone", "store-damaged" };

	for (size_t i = 0; i < sizeof(past) / sizeof(past[0]); i++)
		if (!strcmp(past[i], name))
			return jw_now_ns() - since_ns > 86400 * NS_PER_SEC;
	return true;
}

struct stale {
	char names[FINDINGS_MAX][32];
	size_t n;
};

static int collect_stale(void *ctx, const char *name, const char *text, int64_t since_ns)
{
	struct stale *stale = ctx;

	if (stale->n < FINDINGS_MAX && is_stale(name, since_ns))
		snprintf(stale->names[stale->n++], sizeof(stale->names[0]), "%s", name);
	return 0;
}

void jw_finding_store_opened(struct manager *m)
{
	struct stale stale = { .n = 0 };

	jw_store_findings(m->store, collect_stale, &stale);
	for (size_t i = 0; i < stale.n; i++)
		jw_store_clear_finding(m->store, stale.names[i]);
	/* findings from before the store was there */
	for (int i = 0; i < FINDINGS_MAX; i++)
		if (findings[i].text)
			jw_store_put_finding(m->store, findings[i].name, findings[i].text, jw_now_ns());
}
