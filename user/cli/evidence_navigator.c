// SPDX-License-Identifier: GPL-2.0
/*
 * The case as a layer of ATT&CK Navigator (layer format 4.5): techniques that were observed, by how often, and those
 * that the gates and hunts cover and that were not.
 */
#include <stdlib.h>
#include "attack.h"
#include "evidence.h"
#include "render.h"

#define COVERED_COLOUR "#d6e4f0"

static int take_event(void *ctx, uint64_t row, const struct jw_event *event)
{
	jw_attack_coverage_take(ctx, event);
	return 0;
}

static const char *comment(const struct jw_technique *technique)
{
	const char *text = technique->is_gated ? "decided by the gates" : "";

	if (technique->hunts)
		text = jw_showf("%s%slooked for by %s", text, *text ? "; " : "", technique->hunts);
	if (technique->observed)
		text = jw_showf("%llu on record, %llu of them denied or to be denied%s%s",
				(unsigned long long)technique->observed, (unsigned long long)technique->denied, *text ? "; " : "",
				text);
	return text;
}

static json_t *to_json(const struct jw_technique *technique)
{
	json_t *object = jw_must(json_object());

	jw_json_set_text(object, "techniqueID", technique->id);
	jw_json_set(object, "enabled", json_true());
	jw_json_set_text(object, "comment", comment(technique));
	jw_json_set(object, "showSubtechniques", json_true());
	if (technique->observed)
		jw_json_set(object, "score", json_integer((json_int_t)technique->observed));
	else
		jw_json_set_text(object, "color", COVERED_COLOUR);
	return object;
}

/* Most often seen. */
static uint64_t most(const struct jw_attack_coverage *coverage)
{
	uint64_t n = 1;
	size_t i;

	for (i = 0; i < coverage->n; i++)
		if (coverage->v[i].observed > n)
			n = coverage->v[i].observed;
	return n;
}

int jw_evidence_navigator(struct jw_case *the_case, FILE *out)
{
	struct jw_attack_coverage coverage;
	json_t *layer, *techniques = jw_must(json_array());
	char *text;
	size_t i;
	int code;

	jw_attack_coverage_begin(the_case->cli, &coverage);
	code = jw_case_events(the_case, take_event, &coverage);
	for (i = 0; i < coverage.n; i++)
		jw_json_add(techniques, to_json(&coverage.v[i]));
	layer = jw_must(json_pack(
		"{s:s, s:{s:s, s:s, s:s}, s:s, s:s, s:{s:[s]}, s:i, s:b, s:{s:[s,s], s:i, s:I}, s:[{s:s, s:s}, {s:s, s:s}],"
		" s:o}",
		"name", jw_showf("jobward: %s", jw_show(the_case->host)),
		"versions", "attack", "15", "navigator", "5.1.0", "layer", "4.5", "domain", "enterprise-attack",
		"description", the_case->note ? jw_show(the_case->note) : "Scheduled jobs: what was observed and what is covered",
		"filters", "platforms", "Linux", "sorting", 3, "hideDisabled", 0,
		"gradient", "colors", "#fde0c5", "#c0392b", "minValue", 1, "maxValue", (json_int_t)most(&coverage),
		"legendItems", "label", "observed, by number of events", "color", "#c0392b", "label",
		"covered, not observed", "color", COVERED_COLOUR, "techniques", techniques));
	text = jw_must(json_dumps(layer, JSON_INDENT(1) | JSON_ENSURE_ASCII));
	fprintf(out, "%s\n", text);
	free(text);
	json_decref(layer);
	jw_attack_coverage_done(&coverage);
	return code;
}
