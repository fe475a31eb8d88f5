// SPDX-License-Identifier: GPL-2.0
/* What show and why both tell about a job: its decision, and what is not as it was decided about. */
#include <string.h>
#include "lib/names_gen.h"
#include "story.h"

const char *jw_detail_digest_whole(const uint8_t digest[JW_DIGEST_SIZE])
{
	return jw_show_hex(digest, JW_DIGEST_SIZE);
}

const char *jw_detail_digest(const uint8_t digest[JW_DIGEST_SIZE])
{
	return jw_showf("%.12s", jw_detail_digest_whole(digest));
}

int jw_detail_find_decision(struct jw_cli *cli, uint64_t job, struct jw_decision **ret_list, size_t *ret_n,
			    const struct jw_decision **ret)
{
	size_t i;
	int err = jw_store_get_decisions(cli->store, ret_list, ret_n);

	if (err)
		return jw_cli_store_failed(cli, "the decisions", err);
	*ret = NULL;
	for (i = 0; i < *ret_n; i++)
		if ((*ret_list)[i].job == job)
			*ret = &(*ret_list)[i];
	return JW_EXIT_YES;
}

const char *jw_detail_decision(const struct jw_decision *decision, int64_t now_ns)
{
	const char *text = jw_showf("%s by %s on %s, %s", jw_state_name(decision->state), jw_show(decision->by),
				    jw_show_time(decision->time_ns), jw_show_distance(decision->time_ns, now_ns));

	if (decision->until_ns)
		text = jw_showf("%s, %s %s", text, decision->until_ns > now_ns ? "until" : "ENDED on",
				jw_show_time(decision->until_ns));
	if (decision->reason && *decision->reason)
		text = jw_showf("%s: %s", text, jw_show(decision->reason));
	return text;
}

static bool has_key(const struct jw_decision *decision, const uint8_t key[JW_DIGEST_SIZE])
{
	size_t i;

	for (i = 0; i < decision->n_keys; i++)
		if (!memcmp(decision->keys[i], key, JW_DIGEST_SIZE))
			return true;
	return false;
}

static const struct jw_pin *find_pin(const struct jw_job *job, const char *path)
{
	size_t i;

	for (i = 0; i < job->n_pins; i++)
		if (!strcmp(job->pins[i].path, path))
			return &job->pins[i];
	return NULL;
}

static bool has_decided_pin(const struct jw_decision *decision, const char *path)
{
	size_t i;

	for (i = 0; i < decision->n_pins; i++)
		if (!strcmp(decision->pins[i].path, path))
			return true;
	return false;
}

/* NULL: as it was. */
static const char *pin_difference(const struct jw_job *job, const struct jw_decision_pin *then)
{
	const struct jw_pin *now = find_pin(job, then->path);
	const char *path = jw_show(then->path);

	if (!now)
		return jw_showf("%s is not run any more", path);
	if (then->present && !now->present)
		return jw_showf("%s is gone", path);
	if (!then->present && now->present)
		return jw_showf("%s is there now, and was not", path);
	if (then->present && memcmp(then->sha256, now->sha256, JW_DIGEST_SIZE))
		return jw_showf("the content of %s is another (%s, was %s)%s", path, jw_detail_digest(now->sha256),
				jw_detail_digest(then->sha256),
				now->package && now->unmodified ?
					jw_showf(", as package %s delivers it", jw_show(now->package)) :
					"");
	return NULL;
}

size_t jw_detail_differences(const struct jw_job *job, const struct jw_decision *decision,
			     void (*fn)(void *ctx, const char *shown), void *ctx)
{
	const char *text;
	size_t i, n = 0;

	if (!decision->n_keys && !decision->n_pins)
		return 0;
	for (i = 0; i < job->n_execs; i++)
		if (!has_key(decision, job->execs[i].key))
			n++, fn(ctx, jw_showf("the command, its environment or its user is another: %s",
					      jw_show_argv(job->execs[i].argv, job->execs[i].argv_len)));
	for (i = 0; i < decision->n_pins; i++) {
		text = pin_difference(job, &decision->pins[i]);
		if (text)
			n++, fn(ctx, text);
	}
	for (i = 0; i < job->n_pins; i++)
		if (!has_decided_pin(decision, job->pins[i].path))
			n++, fn(ctx, jw_showf("%s is run now, and was not", jw_show(job->pins[i].path)));
	return n;
}
