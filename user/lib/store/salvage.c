// SPDX-License-Identifier: GPL-2.0
/* What is done with a damaged store: aside with it, and what can be read of the small tables goes over into the new
 * one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "../cleanup.h"
#include "sql.h"

static int move(const char *path, const char *aside, const char *suffix)
{
	_cleanup_free_ char *from = NULL, *to = NULL;

	if (asprintf(&from, "%s%s", path, suffix) < 0)
		from = NULL;
	if (asprintf(&to, "%s%s", aside, suffix) < 0)
		to = NULL;
	if (!from || !to)
		return -ENOMEM;
	return rename(from, to) < 0 ? -errno : 0;
}

int jw_salvage_move_aside(const char *path, char **ret_aside)
{
	_cleanup_free_ char *aside = NULL;
	char stamp[32];
	struct tm tm;
	time_t now = time(NULL);
	int n, r;

	gmtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
	for (n = 0; n < 100; n++) {
		free(aside);
		aside = NULL;
		if (n ? asprintf(&aside, "%s.damaged-%s.%d", path, stamp, n) < 0 :
			asprintf(&aside, "%s.damaged-%s", path, stamp) < 0) {
			aside = NULL;
			return -ENOMEM;
		}
		if (access(aside, F_OK) < 0)
			break;
	}
	/* The log first: a database without its log is an old one, a log beside a new database would be replayed into
	 * it. */
	r = move(path, aside, "-wal");
	if (r && r != -ENOENT)
		return r;
	r = move(path, aside, "-shm");
	if (r && r != -ENOENT)
		return r;
	r = move(path, aside, "");
	if (!r) {
		*ret_aside = aside;
		aside = NULL;
	}
	return r;
}

/* Each by itself: a page that can't be read takes one table away, not all. */
static int copy(struct jw_store *store, const char *sql)
{
	int r = jw_sql_begin(store);

	if (r)
		return r;
	r = jw_sql_exec(store, sql);
	if (r) {
		jw_sql_abort(store);
		return r;
	}
	r = sqlite3_changes(store->db);
	return jw_sql_commit(store) ? -EIO : r;
}

int jw_salvage_copy(struct jw_store *store, const char *aside)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	int r, decisions;

	r = jw_sql_prepare(store, "ATTACH DATABASE ?1 AS old", &stmt);
	if (r)
		return r;
	jw_sql_bind_text(stmt, 1, aside);
	r = jw_sql_run(store, stmt);
	if (r)
		return r;
	/* A decision without its keys and pins still decide; they only can't say what changed. */
	decisions = copy(store, "INSERT OR IGNORE INTO decision SELECT * FROM old.decision");
	copy(store, "INSERT OR IGNORE INTO decision_key SELECT * FROM old.decision_key");
	copy(store, "INSERT OR IGNORE INTO decision_pin SELECT * FROM old.decision_pin");
	copy(store, "INSERT OR IGNORE INTO value SELECT * FROM old.value WHERE name NOT LIKE 'store.%'");
	copy(store, "INSERT OR IGNORE INTO boot SELECT id, uuid, last_seq, last_seq FROM old.boot");
	copy(store, "INSERT OR IGNORE INTO instance SELECT * FROM old.instance");
	jw_sql_exec(store, "DETACH DATABASE old");
	store->error[0] = '\0';
	return decisions;
}
