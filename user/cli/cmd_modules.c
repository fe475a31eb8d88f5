// SPDX-License-Identifier: GPL-2.0
/* jobward modules: what is loaded, where it comes from, and what jobward saw of its loading. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>
#include <libkmod.h>
#include <openssl/evp.h>
#include "cli.h"
#include "lib/control.h"
#include "lib/names_gen.h"
#include "lib/policy.h"
#include "lib/provenance/provenance.h"
#include "story.h"
#include "word.h"

#define FINDINGS_MAX 4

struct loaded {
	char *name, *path, *signer, *package, *srcversion;
	bool has_sha256;
	uint8_t sha256[JW_DIGEST_SIZE];
	int package_match;	/* of jw_provenance_verify_fd() */
	const char *listed;	/* why the policy lists it; NULL: it does not */
	/* of the newest event about its loading; verdict -1: none on record */
	int verdict;
	int64_t loaded_ns;
	json_t *by;
	const char *findings[FINDINGS_MAX];
	size_t n_findings;
};

struct modules {
	struct loaded *v;
	size_t n;
};

/* ---- gathering ---- */
static bool digest_file(int fd, uint8_t out[JW_DIGEST_SIZE])
{
	EVP_MD_CTX *ctx = jw_must(EVP_MD_CTX_new());
	unsigned char buffer[65536];
	bool ok = EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;
	ssize_t n = 0;

	while (ok && (n = read(fd, buffer, sizeof(buffer))) > 0)
		ok = EVP_DigestUpdate(ctx, buffer, (size_t)n) == 1;
	ok = ok && !n && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

static void read_file(struct loaded *module, struct jw_provenance_db *db)
{
	int fd = module->path ? open(module->path, O_RDONLY | O_CLOEXEC) : -1;
	struct jw_owner owner;

	module->package_match = -ENODATA;
	if (fd < 0)
		return;
	module->has_sha256 = digest_file(fd, module->sha256);
	if (db && jw_provenance_owner(db, module->path, &owner)) {
		module->package = jw_must(strdup(owner.package));
		if (!lseek(fd, 0, SEEK_SET))
			module->package_match = jw_provenance_verify_fd(&owner, fd);
	}
	close(fd);
}

/* What the file says of itself. */
static void read_info(struct loaded *module, const struct kmod_module *file)
{
	struct kmod_list *list = NULL, *item;

	if (kmod_module_get_info(file, &list) < 0)
		return;
	kmod_list_foreach(item, list) {
		const char *key = kmod_module_info_get_key(item);
		char **value = !strcmp(key, "signer") ? &module->signer : !strcmp(key, "srcversion") ? &module->srcversion : NULL;

		if (!value)
			continue;
		free(*value);
		*value = jw_must(strdup(kmod_module_info_get_value(item)));
	}
	kmod_module_info_free_list(list);
}

/* Not every kernel has it for every module. */
static bool is_of_other_sources(const struct loaded *module)
{
	FILE *file = module->srcversion ? fopen(jw_showf("/sys/module/%s/srcversion", module->name), "re") : NULL;
	char line[64] = "";

	if (!file)
		return false;
	if (!fgets(line, sizeof(line), file))
		*line = '\0';
	fclose(file);
	line[strcspn(line, "\n")] = '\0';
	return *line && strcmp(line, module->srcversion);
}

static int list_loaded(struct modules *ret)
{
	struct kmod_ctx *ctx = kmod_new(NULL, NULL);
	struct jw_provenance_db *db = NULL;
	struct kmod_list *list = NULL, *item;
	int err;

	/* It would write to standard error by itself. */
	if (ctx)
		kmod_set_log_priority(ctx, LOG_EMERG);
	err = ctx ? kmod_module_new_from_loaded(ctx, &list) : -ENOMEM;

	if (!err && jw_provenance_open(&db, ""))
		db = NULL;
	kmod_list_foreach(item, list) {
		struct kmod_module *module = kmod_module_get_module(item);
		const char *path = kmod_module_get_path(module);
		struct loaded *one;

		ret->v = jw_must(reallocarray(ret->v, ret->n + 1, sizeof(*ret->v)));
		one = &ret->v[ret->n++];
		*one = (struct loaded){.verdict = -1, .name = jw_must(strdup(kmod_module_get_name(module)))};
		one->path = path ? jw_must(strdup(path)) : NULL;
		if (path)
			read_info(one, module);
		read_file(one, db);
		kmod_module_unref(module);
	}
	kmod_module_unref_list(list);
	if (db)
		jw_provenance_close(db);
	if (ctx)
		kmod_unref(ctx);
	return err;
}

/* Events come oldest first, so the newest load of a name stays. */
static int take_load(void *ctx, uint64_t row, const struct jw_event *event)
{
	struct modules *modules = ctx;
	json_t *json;
	size_t i;

	(void)row;
	for (i = 0; event->detail && i < modules->n; i++) {
		if (strcmp(modules->v[i].name, event->detail))
			continue;
		json = jw_must(jw_event_to_json(event));
		json_decref(modules->v[i].by);
		modules->v[i].by = json_incref(json_object_get(json, "subject"));
		json_decref(json);
		modules->v[i].verdict = (int)event->verdict;
		modules->v[i].loaded_ns = (int64_t)event->time_ns;
	}
	return 0;
}

static int read_events(struct jw_cli *cli, struct modules *modules)
{
	struct jw_event_filter filter = {
		.kind = JOBWARD_KIND_MODULE, .action = JOBWARD_ACTION_LOAD, .verdict = -1, .scheduler = -1,
	};
	int code = jw_cli_store(cli), err;

	if (code)
		return code;
	err = jw_store_events(cli->store, &filter, take_load, modules);
	return err < 0 ? jw_cli_store_failed(cli, "events", err) : JW_EXIT_YES;
}

static const char *listed_by(const struct loaded *module, const struct jw_policy *policy)
{
	size_t i;

	for (i = 0; i < policy->n_modules; i++) {
		const struct jw_policy_module *row = &policy->modules[i];

		if (row->has_sha256 ? module->has_sha256 && !memcmp(row->sha256, module->sha256, JW_DIGEST_SIZE) :
				      row->name && !strcmp(row->name, module->name))
			return jw_showf("%s:%u", jw_show(row->file), row->line);
	}
	/* It was loaded before there was a gate, and is what lists the others. */
	if (!strcmp(module->name, "jobward"))
		return "itself";
	if (module->signer && policy->modules_signed)
		return "signed";
	return policy->modules_package && module->package && module->package_match == 1 ? "package" : NULL;
}

static void find(struct loaded *module, const char *finding)
{
	if (module->n_findings < FINDINGS_MAX)
		module->findings[module->n_findings++] = finding;
}

static void judge(struct loaded *module, const struct jw_policy *policy)
{
	module->listed = policy ? listed_by(module, policy) : NULL;
	if (!module->path)
		find(module, "it is loaded, but no file of this name is where modules lie");
	if (module->package && !module->package_match)
		find(module, jw_showf("its file is not as package %s delivers it", jw_show(module->package)));
	if (is_of_other_sources(module))
		find(module, "what is loaded was built from other sources than its file");
	if (policy && !module->listed)
		find(module, "it is not on the allowlist");
	else if (!policy && !module->signer && !module->package)
		find(module, "it is in no package, and not signed");
	if (module->verdict > JOBWARD_VERDICT_ALLOW)
		find(module, jw_showf("its loading was judged '%s'", jw_verdict_name((unsigned int)module->verdict)));
}

static void judge_all(struct modules *modules)
{
	struct jw_diags diags = {0};
	struct jw_policy *policy = NULL;
	size_t i;

	/*
	 * A policy that cannot be read is the business of `policy check`; here it only means that nothing is listed
	 * by it.
	 */
	if (jw_policy_load(&policy, JW_POLICY_FILE, JW_POLICY_FOLDER, &diags))
		policy = NULL;
	for (i = 0; i < modules->n; i++)
		judge(&modules->v[i], policy);
	if (policy)
		jw_policy_free(policy);
	jw_diags_done(&diags);
}

static void modules_done(struct modules *modules)
{
	size_t i;

	for (i = 0; i < modules->n; i++) {
		free(modules->v[i].name);
		free(modules->v[i].path);
		free(modules->v[i].signer);
		free(modules->v[i].package);
		free(modules->v[i].srcversion);
		json_decref(modules->v[i].by);
	}
	free(modules->v);
}

/* ---- printing ---- */
static json_t *json_module(const struct loaded *module)
{
	json_t *object = jw_must(json_object()), *findings = jw_must(json_array());
	size_t i;

	jw_json_set_text(object, "name", module->name);
	jw_json_set_text(object, "path", module->path);
	if (module->has_sha256)
		jw_json_set_text(object, "sha256", jw_detail_digest_whole(module->sha256));
	jw_json_set_text(object, "signer", module->signer);
	jw_json_set_text(object, "package", module->package);
	jw_json_set_time(object, "loaded_at", module->loaded_ns);
	if (module->by)
		jw_json_set(object, "by", json_incref(module->by));
	if (module->verdict >= 0)
		jw_json_set_text(object, "verdict", jw_verdict_name((unsigned int)module->verdict));
	jw_json_set_text(object, "listed", module->listed);
	for (i = 0; i < module->n_findings; i++)
		jw_json_add(findings, jw_json_text(module->findings[i], strlen(module->findings[i])));
	jw_json_set(object, "findings", findings);
	return object;
}

static void print_json(const struct modules *modules)
{
	json_t *array = jw_must(json_array());
	size_t i;

	for (i = 0; i < modules->n; i++)
		jw_json_add(array, json_module(&modules->v[i]));
	jw_json_print(array);
}

static void print_table(const struct modules *modules)
{
	static const struct jw_column columns[] = {
		{"MODULE", 10, 0, false}, {"VERDICT", 0, 0, false}, {"LISTED", 0, 0, false}, {"PACKAGE", 10, 3, false},
		{"SIGNER", 10, 2, false}, {"SHA-256", 0, 1, false}, {"LOADED", 0, 4, false}, {"FILE", 20, 0, true},
	};
	struct jw_table *table = jw_table_new(columns, 8);
	size_t i;

	for (i = 0; i < modules->n; i++) {
		const struct loaded *m = &modules->v[i];

		jw_table_add(table, m->n_findings ? JW_BAD : JW_PLAIN, jw_show(m->name));
		jw_table_add(table, m->verdict < 0 ? JW_DIM : jw_word_verdict_style((enum jobward_verdict)m->verdict),
			     m->verdict < 0 ? "-" : jw_verdict_name((unsigned int)m->verdict));
		jw_table_add(table, m->listed ? JW_PLAIN : JW_WARN, m->listed ? m->listed : "no");
		jw_table_add(table, JW_PLAIN, m->package ? jw_show(m->package) : "-");
		jw_table_add(table, JW_PLAIN, m->signer ? jw_show(m->signer) : "-");
		jw_table_add(table, JW_DIM, m->has_sha256 ? jw_detail_digest(m->sha256) : "-");
		jw_table_add(table, JW_PLAIN, jw_show_time(m->loaded_ns));
		jw_table_add(table, JW_DIM, m->path ? jw_show(m->path) : "-");
	}
	jw_table_print(table, stdout);
	jw_table_free(table);
}

static void print_findings(const struct modules *modules)
{
	size_t i, f;

	for (i = 0; i < modules->n; i++)
		for (f = 0; f < modules->v[i].n_findings; f++)
			jw_complain("module %s: %s", jw_show(modules->v[i].name), modules->v[i].findings[f]);
}

int jw_cmd_modules(struct jw_cli *cli)
{
	struct modules modules = {0};
	int err = list_loaded(&modules), code;
	size_t i, findings = 0;

	if (err) {
		jw_complain("cannot list the loaded modules: %s", strerror(-err));
		modules_done(&modules);
		return JW_EXIT_UNREACHABLE;
	}
	/* Without a store the list is still worth having. */
	code = read_events(cli, &modules);
	judge_all(&modules);
	for (i = 0; i < modules.n; i++)
		findings += modules.v[i].n_findings;
	if (cli->json) {
		print_json(&modules);
	} else {
		print_table(&modules);
		print_findings(&modules);
	}
	modules_done(&modules);
	return code ? code : findings ? JW_EXIT_NO : JW_EXIT_YES;
}
