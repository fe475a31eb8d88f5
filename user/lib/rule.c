// SPDX-License-Identifier: GPL-2.0
/* Rules: from the rows of a hunt's answer to findings. What a row means stands in its file; here it is only read. */
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "grow.h"
#include "rule.h"
#include "store/store.h"

/* Of one rule in one go; who plants thousands of jobs is found by the first ones. */
#define FINDINGS_MAX 200
#define COLUMNS_MAX 64
/* Of a value that is put into words. */
#define VALUE_MAX 160

/* One rule's answer on its way in. */
struct asking {
	const struct jw_hunt *rule;
	const struct jw_rule_span *span;
	struct jw_rule_findings *list;
	size_t first;			/* where this rule's begin in the list */
	char *names[COLUMNS_MAX];
	size_t n_names;
	bool in_key[COLUMNS_MAX];
	int job, rows, severity, finding;	/* columns; -1: there is none */
	const char *wrong;		/* what the head asks for and the answer has not */
	size_t wrong_len;
	unsigned int wrong_line;
	bool full;
};

struct jw_rule_finding *jw_rule_findings_add(struct jw_rule_findings *list)
{
	struct jw_rule_finding *v = jw_grow(list->v, list->n, sizeof(*v));

	if (!v)
		return NULL;
	list->v = v;
	memset(&v[list->n], 0, sizeof(*v));
	return &v[list->n++];
}

void jw_rule_finding_done(struct jw_rule_finding *finding)
{
	free(finding->rule);
	free(finding->text);
	free(finding->because);
	free(finding->technique);
	free(finding->mitigation);
	free(finding->advice);
	free(finding->acknowledged_by);
	free(finding->acknowledged_reason);
	memset(finding, 0, sizeof(*finding));
}

void jw_rule_findings_done(struct jw_rule_findings *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		jw_rule_finding_done(&list->v[i]);
	free(list->v);
	memset(list, 0, sizeof(*list));
}

/* ---- columns ---- */

static int find_column(const struct asking *asking, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < asking->n_names; i++)
		if (strlen(asking->names[i]) == len && !memcmp(asking->names[i], name, len))
			return (int)i;
	return -1;
}

static int column(const struct asking *asking, const char *name)
{
	return find_column(asking, name, strlen(name));
}

static int no_column(struct asking *asking, const char *name, size_t len, unsigned int line)
{
	asking->wrong = name;
	asking->wrong_len = len;
	asking->wrong_line = line;
	return -EINVAL;
}

static int check_columns(struct asking *asking)
{
	const char *p, *end;
	int i;

	for (p = asking->rule->key; *p; p = end + strspn(end, " ")) {
		end = p + strcspn(p, " ");
		i = find_column(asking, p, (size_t)(end - p));
		if (i < 0)
			return no_column(asking, p, (size_t)(end - p), asking->rule->key_line);
		asking->in_key[i] = true;
	}
	for (p = asking->rule->finding; (p = strchr(p, '{')) && (end = strchr(p, '}')); p = end)
		if (find_column(asking, p + 1, (size_t)(end - p - 1)) < 0)
			return no_column(asking, p + 1, (size_t)(end - p - 1), asking->rule->finding_line);
	asking->job = column(asking, "job");
	asking->rows = column(asking, "rows");
	asking->severity = column(asking, "severity");
	asking->finding = column(asking, "finding");
	return 0;
}

static int take_columns(void *ctx, const char *const *names, size_t n)
{
	struct asking *asking = ctx;
	size_t i;

	if (n > COLUMNS_MAX)
		return -E2BIG;
	for (i = 0; i < n; i++) {
		asking->names[i] = strdup(names[i]);
		if (!asking->names[i])
			return -ENOMEM;
		asking->n_names++;
	}
	return check_columns(asking);
}

/* ---- a row ---- */

/* Caller frees. A long text is cut: the rest of it is in the record. */
static char *words_of(const struct jw_value *value)
{
	size_t len = value->len < VALUE_MAX ? value->len : VALUE_MAX;
	char *shown, *out = NULL;

	if (value->kind == JW_VALUE_INTEGER)
		return asprintf(&out, "%lld", (long long)value->integer) < 0 ? NULL : out;
	if (value->kind == JW_VALUE_REAL)
		return asprintf(&out, "%g", value->real) < 0 ? NULL : out;
	if (value->kind != JW_VALUE_TEXT || !value->len)
		return strdup("?");
	/* not within a character */
	while (len < value->len && len && (((const unsigned char *)value->bytes)[len] & 0xc0) == 0x80)
		len--;
	shown = jw_diag_visible(value->bytes, len);
	if (!shown || len == value->len)
		return shown;
	if (asprintf(&out, "%s...", shown) < 0)
		out = NULL;
	free(shown);
	return out;
}

static int make_text(const struct asking *asking, const struct jw_value *values, char **ret)
{
	const char *p = asking->rule->finding, *end;
	FILE *out;
	size_t len;
	int r = 0;

	*ret = NULL;
	out = open_memstream(ret, &len);
	if (!out)
		return -ENOMEM;
	while (*p && !r) {
		_cleanup_free_ char *words = NULL;

		end = *p == '{' ? strchr(p, '}') : NULL;
		if (!end) {
			putc(*p++, out);
			continue;
		}
		words = words_of(&values[find_column(asking, p + 1, (size_t)(end - p - 1))]);
		if (words)
			fputs(words, out);
		else
			r = -ENOMEM;
		p = end + 1;
	}
	if (fclose(out))
		r = -ENOMEM;
	return r;
}

/* Kind and length go in too: nothing that lies in one column can be taken for the next one's. */
static int make_key(const struct asking *asking, const struct jw_value *values, uint8_t out[JW_DIGEST_SIZE])
{
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	bool good = digest && EVP_DigestInit_ex(digest, EVP_sha256(), NULL);
	size_t i;

	for (i = 0; good && i < asking->n_names; i++) {
		const struct jw_value *value = &values[i];
		uint64_t head[3] = { value->kind, value->len, (uint64_t)value->integer };

		if (!asking->in_key[i])
			continue;
		good = EVP_DigestUpdate(digest, head, sizeof(head)) &&
		       EVP_DigestUpdate(digest, &value->real, sizeof(value->real)) &&
		       (!value->len || EVP_DigestUpdate(digest, value->bytes, value->len));
	}
	good = good && EVP_DigestFinal_ex(digest, out, NULL);
	EVP_MD_CTX_free(digest);
	return good ? 0 : -ENOMEM;
}

static void add_row(struct jw_rule_finding *finding, uint64_t row)
{
	size_t i;

	for (i = 0; i < finding->n_rows; i++)
		if (finding->rows[i] == row)
			return;
	if (row && finding->n_rows < JW_FINDING_ROWS_MAX)
		finding->rows[finding->n_rows++] = row;
}

static void add_rows(struct jw_rule_finding *finding, const struct jw_value *value)
{
	_cleanup_free_ char *text = value->kind == JW_VALUE_TEXT ? strndup(value->bytes, value->len) : NULL;
	char *p = text, *end;

	if (value->kind == JW_VALUE_INTEGER && value->integer > 0)
		add_row(finding, (uint64_t)value->integer);
	while (p && *p) {
		add_row(finding, strtoull(p, &end, 10));
		if (end == p)
			return;
		p = end;
	}
}

static uint64_t job_of(const struct jw_value *value)
{
	char text[JW_ID_HEX];

	if (value->kind != JW_VALUE_TEXT || value->len != JW_ID_HEX - 1)
		return 0;
	memcpy(text, value->bytes, JW_ID_HEX - 1);
	text[JW_ID_HEX - 1] = '\0';
	return strtoull(text, NULL, 16);
}

static enum jw_hunt_severity severity_of(const struct asking *asking, const struct jw_value *values)
{
	const struct jw_value *value = asking->severity < 0 ? NULL : &values[asking->severity];
	char word[8] = "";
	int severity;

	if (!value || value->kind != JW_VALUE_TEXT || value->len >= sizeof(word))
		return asking->rule->severity;
	memcpy(word, value->bytes, value->len);
	severity = jw_hunt_severity_from_name(word);
	return severity < 0 ? asking->rule->severity : (enum jw_hunt_severity)severity;
}

static int fill(const struct asking *asking, struct jw_rule_finding *finding, const struct jw_value *values)
{
	const struct jw_hunt *rule = asking->rule;

	finding->rule = strdup(rule->name);
	finding->because = strdup(rule->because);
	finding->technique = strdup(rule->technique);
	finding->mitigation = strdup(rule->mitigation);
	finding->advice = strdup(rule->advice);
	finding->severity = severity_of(asking, values);
	finding->job = asking->job < 0 ? 0 : job_of(&values[asking->job]);
	if (!finding->rule || !finding->because || !finding->technique || !finding->mitigation || !finding->advice)
		return -ENOMEM;
	return make_text(asking, values, &finding->text);
}

static int take_row(void *ctx, const struct jw_value *values, size_t n)
{
	struct asking *asking = ctx;
	struct jw_rule_finding *finding = NULL;
	uint8_t key[JW_DIGEST_SIZE];
	size_t i;
	int r;

	(void)n;
	if (asking->finding >= 0 && values[asking->finding].kind == JW_VALUE_INTEGER && !values[asking->finding].integer)
		return 0;
	r = make_key(asking, values, key);
	if (r)
		return r;
	for (i = asking->first; i < asking->list->n && !finding; i++)
		if (!memcmp(asking->list->v[i].key, key, sizeof(key)))
			finding = &asking->list->v[i];
	if (!finding && asking->list->n - asking->first >= FINDINGS_MAX) {
		asking->full = true;
		return 1;
	}
	if (!finding) {
		finding = jw_rule_findings_add(asking->list);
		if (!finding)
			return -ENOMEM;
		memcpy(finding->key, key, sizeof(key));
		r = fill(asking, finding, values);
		if (r)
			return r;
	}
	if (asking->rows >= 0)
		add_rows(finding, &values[asking->rows]);
	return 0;
}

/* ---- a rule ---- */

static int add_times(struct jw_store *store, const struct asking *asking)
{
	size_t i;
	int r = 0;

	for (i = asking->first; i < asking->list->n && !r; i++) {
		struct jw_rule_finding *finding = &asking->list->v[i];

		finding->since_ns = finding->last_ns = asking->span->until_ns;
		r = jw_store_span_of(store, finding->rows, finding->n_rows, &finding->since_ns, &finding->last_ns);
	}
	return r;
}

/* What is the rule's own fault is a diagnosis; else the error is handed on. */
static int blame(struct jw_store *store, const struct asking *asking, const struct jw_fault *fault, int err,
		 struct jw_diags *diags)
{
	const char *file = asking->rule->file;

	if (err == -EINVAL && asking->wrong)
		return jw_diag_add(diags, JW_DIAG_ERROR, file, asking->wrong_line, 0,
				   "the answer has no column '%.*s'", (int)asking->wrong_len, asking->wrong);
	if (err == -E2BIG)
		return jw_diag_add(diags, JW_DIAG_ERROR, file, 0, 0, "the answer has more than %d columns",
				   COLUMNS_MAX);
	if (err == -EINVAL || err == -EACCES || err == -ETIMEDOUT || (err == -ENOMEM && *jw_store_error(store)))
		return jw_diag_add(diags, JW_DIAG_ERROR, file, fault->line, fault->column, "%s", jw_store_error(store));
	return err;
}

static int ask(struct jw_store *store, const struct jw_hunt *rule, const struct jw_rule_span *span,
	       struct jw_rule_findings *list, struct jw_diags *diags)
{
	struct asking asking = { .rule = rule, .span = span, .list = list, .first = list->n };
	const struct jw_question question = {
		.sql = rule->sql,
		.since_ns = span->since_ns,
		.until_ns = span->until_ns,
		.timeout_ms = span->timeout_ms,
		.columns = take_columns,
		.row = take_row,
		.ctx = &asking,
	};
	struct jw_fault fault;
	size_t i;
	int r = jw_store_ask(store, &question, &fault);

	if (r < 0) {
		/* half an answer is none */
		while (list->n > asking.first)
			jw_rule_finding_done(&list->v[--list->n]);
		r = blame(store, &asking, &fault, r, diags);
	} else {
		r = add_times(store, &asking);
	}
	if (!r && asking.full)
		r = jw_diag_add(diags, JW_DIAG_WARNING, rule->file, 0, 0, "finds more than %d at once; the rest is left out",
				FINDINGS_MAX);
	for (i = 0; i < asking.n_names; i++)
		free(asking.names[i]);
	return r;
}

int jw_rules_ask(struct jw_store *store, const struct jw_hunts *hunts, const struct jw_rule_span *span,
		 struct jw_rule_findings *ret, struct jw_diags *diags)
{
	size_t i;
	int r = 0;

	for (i = 0; i < hunts->n && !r; i++)
		if (jw_rule_is(&hunts->v[i]))
			r = ask(store, &hunts->v[i], span, ret, diags);
	return r;
}
