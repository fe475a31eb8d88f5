// SPDX-License-Identifier: GPL-2.0
/* A story is put together, printed, or turned into JSON. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "lib/control.h"
#include "story.h"
#include "word.h"

#define LABEL_COLUMNS 10
#define RULE_LINES_MAX 8

void jw_story_say(struct jw_story *story, const char *fmt, ...)
{
	va_list args;
	char *text;

	if (story->n_sentences == JW_STORY_MAX)
		return;
	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		jw_must(NULL);
	va_end(args);
	story->sentences[story->n_sentences++] = jw_showf("%s", text);
	free(text);
}

void jw_story_fact(struct jw_story *story, enum jw_style style, const char *label, const char *text)
{
	if (!text || !*text || story->n_facts == JW_STORY_MAX)
		return;
	story->facts[story->n_facts++] = (struct jw_fact){.label = label, .text = text, .style = style};
}

void jw_story_change(struct jw_story *story, const char *effect, const char *fmt, ...)
{
	va_list args;
	char *text;

	if (story->n_changes == JW_STORY_MAX)
		return;
	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		jw_must(NULL);
	va_end(args);
	story->changes[story->n_changes++] = (struct jw_change){.effect = effect, .command = jw_showf("%s", text)};
	free(text);
}

void jw_story_change_policy(struct jw_story *story, const char *effect, const char *yaml)
{
	if (story->n_changes == JW_STORY_MAX)
		return;
	story->changes[story->n_changes++] = (struct jw_change){
		.effect = effect, .command = "jobward reload", .file = JW_POLICY_FOLDER "/local.yaml", .yaml = yaml,
	};
}

/* ---- the rule as it reads now ---- */
static FILE *open_rule_file(const char *name, const char **ret_path)
{
	const char *base = strrchr(JW_POLICY_FILE, '/') + 1;

	/* Rules name files of the policy only; anything else in the store is not a path to open. */
	if (!*name || strchr(name, '/'))
		return NULL;
	*ret_path = !strcmp(name, base) ? JW_POLICY_FILE : jw_showf("%s/%s", JW_POLICY_FOLDER, name);
	return fopen(*ret_path, "re");
}

static size_t indent_of(const char *line)
{
	return strspn(line, " ");
}

/* From its "- " to the next item or what is indented less. */
static const char *rule_text(FILE *file, unsigned int number)
{
	size_t room = 0, depth = 0, taken = 0;
	const char *text = "";
	unsigned int at = 0;
	char *line = NULL;

	while (getline(&line, &room, file) > 0 && taken < RULE_LINES_MAX) {
		if (++at < number)
			continue;
		line[strcspn(line, "\n")] = '\0';
		if (at == number)
			depth = indent_of(line);
		else if (indent_of(line) <= depth || line[indent_of(line)] == '#')
			break;
		text = jw_showf("%s%s%s", text, taken++ ? "\n" : "",
				jw_show(line + (indent_of(line) < depth ? indent_of(line) : depth)));
	}
	free(line);
	return text;
}

void jw_story_rule(struct jw_story *story, const char *rule)
{
	const char *colon = rule ? strrchr(rule, ':') : NULL, *path = NULL, *text;
	char *name;
	FILE *file;

	if (!rule)
		return;
	name = jw_must(colon ? strndup(rule, (size_t)(colon - rule)) : strdup(""));
	file = open_rule_file(name, &path);
	free(name);
	if (!file) {
		jw_story_fact(story, JW_PLAIN, "rule", jw_show(rule));
		return;
	}
	text = rule_text(file, (unsigned int)strtoul(colon + 1, NULL, 10));
	fclose(file);
	jw_story_fact(story, JW_PLAIN, "rule",
		      jw_showf("%s%s%s%s", jw_show(path), jw_show(colon), *text ? ", which reads now\n" : "", text));
}

/* ---- for people ---- */
static void print_task(unsigned int depth, uint32_t pid, uint32_t uid, const char *name, const char *exe, bool is_self)
{
	const char *branch = jw_render_terminal()->utf8 ? "└─ " : "`- ";
	const char *line = jw_showf("%*s%s%s (%u) %s", (int)(depth ? 3 * (depth - 1) : 0), "", depth ? branch : "",
				    jw_show(name), pid, jw_cli_user(uid));

	if (exe)
		line = jw_showf("%s  %s", line, jw_show(exe));
	printf("    %s\n", jw_show_styled(is_self ? JW_STRONG : JW_PLAIN, line));
}

static void print_lineage(const struct jw_subject *subject)
{
	unsigned int i, depth = 0;

	printf("\n  %s\n", jw_show_styled(JW_DIM, "lineage"));
	for (i = subject->n_ancestors; i-- > 0; depth++) {
		const struct jw_ancestor *a = &subject->ancestors[i];

		print_task(depth, a->pid, a->uid, a->comm ? a->comm : a->exe, a->exe, false);
	}
	print_task(depth, subject->pid, subject->uid, subject->comm ? subject->comm : subject->exe, subject->exe, true);
}

static void print_change(const struct jw_change *change, const char *effect_before)
{
	const char *line, *end;

	/* Several commands to one effect stand below each other. */
	if (!effect_before || strcmp(change->effect, effect_before))
		printf("\n  %s:\n", change->effect);
	if (change->yaml) {
		printf("      in %s\n", change->file);
		for (line = change->yaml; *line; line = *end ? end + 1 : end) {
			end = strchrnul(line, '\n');
			printf("          %s\n", jw_show_styled(JW_STRONG, jw_showf("%.*s", (int)(end - line), line)));
		}
		fputs("      and then\n", stdout);
	}
	printf("      %s\n", jw_show_styled(JW_STRONG, change->command));
}

void jw_story_print(const struct jw_story *story)
{
	size_t i;

	printf("%s\n\n", jw_show_styled(story->style, story->title));
	for (i = 0; i < story->n_sentences; i++)
		jw_print_wrapped(2, story->sentences[i]);
	if (story->n_facts)
		putchar('\n');
	for (i = 0; i < story->n_facts; i++)
		jw_print_labelled(story->facts[i].label, LABEL_COLUMNS, story->facts[i].style, story->facts[i].text);
	if (story->subject && (story->subject->n_ancestors || story->subject->pid))
		print_lineage(story->subject);
	for (i = 0; i < story->n_changes; i++)
		print_change(&story->changes[i], i ? story->changes[i - 1].effect : NULL);
}

/* ---- JSON ---- */
void jw_story_json(const struct jw_story *story, json_t *root)
{
	json_t *sentences = jw_must(json_array()), *facts = jw_must(json_object()), *changes = jw_must(json_array());
	size_t i;

	for (i = 0; i < story->n_sentences; i++)
		jw_json_add(sentences, jw_json_text(story->sentences[i], strlen(story->sentences[i])));
	for (i = 0; i < story->n_facts; i++)
		jw_json_set_text(facts, story->facts[i].label, story->facts[i].text);
	for (i = 0; i < story->n_changes; i++) {
		json_t *change = jw_must(json_object());

		jw_json_set_text(change, "effect", story->changes[i].effect);
		jw_json_set_text(change, "file", story->changes[i].file);
		jw_json_set_text(change, "text", story->changes[i].yaml);
		jw_json_set_text(change, "command", story->changes[i].command);
		jw_json_add(changes, change);
	}
	jw_json_set(root, "explanation", sentences);
	jw_json_set(root, "facts", facts);
	jw_json_set(root, "change", changes);
}
