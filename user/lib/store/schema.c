// SPDX-License-Identifier: GPL-2.0
/*
 * The schema: numbered migrations, each in a transaction of its own with the number it leads to, and the views, written
 * anew when their text changed. The SQL is embedded at build time (scripts/embed).
 */
#include <errno.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../cleanup.h"
#include "schema_gen.h"
#include "sql.h"

#define N_FILES (sizeof(jw_schema_files) / sizeof(jw_schema_files[0]))

/* "jwrd" in the database's header, so that another program's database is not taken for ours (and file(1) can tell). */
#define APPLICATION_ID 0x6a777264

/* Number of a migration, 0 for what is none ("views.sql"). */
static int number(const char *name)
{
	return atoi(name);
}

static int newest(void)
{
	int n = 0;
	size_t i;

	for (i = 0; i < N_FILES; i++)
		if (number(jw_schema_files[i].name) > n)
			n = number(jw_schema_files[i].name);
	return n;
}

static int get_pragma(struct jw_store *store, const char *sql, int *ret)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	int r;

	*ret = 0;
	r = jw_sql_prepare(store, sql, &stmt);
	if (r)
		return r;
	r = jw_sql_step(store, stmt);
	if (r > 0)
		*ret = sqlite3_column_int(stmt, 0);
	return r < 0 ? r : 0;
}

/* Return: version, 0 for an empty database, or negative errno. */
static int get_version(struct jw_store *store)
{
	int version, application, tables, r;

	r = get_pragma(store, "PRAGMA user_version", &version);
	if (!r)
		r = get_pragma(store, "PRAGMA application_id", &application);
	if (!r)
		r = get_pragma(store, "SELECT count(*) FROM sqlite_schema", &tables);
	if (r)
		return r;
	if (application != APPLICATION_ID && (application || version || tables))
		return jw_sql_fail(store, -EPROTO, "it is another program's database");
	if (version > newest())
		return jw_sql_fail(store, -EPROTO,
				   "it has schema %d, this program knows up to %d: a newer jobward has used it",
				   version, newest());
	return version;
}

int jw_schema_check(struct jw_store *store)
{
	int version = get_version(store);

	if (version < 0)
		return version;
	if (version < newest())
		return jw_sql_fail(store, -EPROTO,
				   "it has schema %d, this program needs %d: the daemon brings it up to date when"
				   " it starts",
				   version, newest());
	return 0;
}

static int apply(struct jw_store *store, const char *text, int version)
{
	char set[96];
	int r;

	snprintf(set, sizeof(set), "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION_ID, version);
	r = jw_sql_begin(store);
	if (r)
		return r;
	r = jw_sql_exec(store, text);
	if (!r)
		r = jw_sql_exec(store, set);
	if (!r)
		return jw_sql_commit(store);
	jw_sql_abort(store);
	return r;
}

const char *jw_schema_views(void)
{
	size_t i;

	for (i = 0; i < N_FILES; i++)
		if (!strcmp(jw_schema_files[i].name, "views.sql"))
			return jw_schema_files[i].text;
	return "";
}

static int put_views(struct jw_store *store, bool migrated)
{
	const char *text = jw_schema_views();
	_cleanup_free_ char *had = NULL;
	uint8_t sum[SHA256_DIGEST_LENGTH];
	char hex[2 * SHA256_DIGEST_LENGTH + 1];
	int r, i;

	SHA256((const uint8_t *)text, strlen(text), sum);
	for (i = 0; i < SHA256_DIGEST_LENGTH; i++)
		sprintf(hex + 2 * i, "%02x", sum[i]);
	r = jw_store_get(store, "store.views", &had);
	if (r && r != -ENOENT)
		return r;
	if (!r && !migrated && !strcmp(had, hex))
		return 0;
	r = apply(store, text, newest());
	return r ? r : jw_store_set(store, "store.views", hex);
}

static int set_modes(struct jw_store *store, bool empty)
{
	int r = 0;

	/* Counts in an empty database only; it lets retention give space back. */
	if (empty)
		r = jw_sql_exec(store, "PRAGMA auto_vacuum = INCREMENTAL");
	/* 16 MiB of log before it goes into the tables: indexes in random order make each page be written many times.
	 */
	if (!r)
		r = jw_sql_exec(store, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
				" PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 33554432");
	return r;
}

int jw_schema_migrate(struct jw_store *store)
{
	int version = get_version(store), r;
	bool migrated = false;
	size_t i;

	/* Before anything is written: a newer schema or another program's database stays as it is. */
	if (version < 0)
		return version;
	r = set_modes(store, version == 0);
	if (r)
		return r;
	/* embed is given the files in the shell's order: sorted, which three digits make the order of numbers. */
	for (i = 0; i < N_FILES; i++) {
		int to = number(jw_schema_files[i].name);

		if (to <= version)
			continue;
		r = apply(store, jw_schema_files[i].text, to);
		if (r)
			return r;
		migrated = true;
	}
	return put_views(store, migrated);
}
