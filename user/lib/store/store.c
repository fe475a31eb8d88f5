// SPDX-License-Identifier: GPL-2.0
/*
 * Opening and closing the store, and what is done about a damaged one: it is moved aside, a new one is begun, and what
 * can still be read of people's decisions goes over into it, since a bad page among the events must not take the
 * approvals of an enforcing host away.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "../cleanup.h"
#include "sql.h"

/*
 * Pages of a store up to this size are all checked when it is opened. A bigger one would keep the daemon, and with it
 * the answer to jobs, waiting for a minute at each boot; there damage is found by whoever meets it, and see MARK.
 */
#define CHECK_BYTES (64LL << 20)

/* A file beside the store: SQLite met damage while it was in use, so the next opening begins anew, whatever it finds.
 */
#define MARK "-damaged"

const char *jw_store_error(struct jw_store *store)
{
	return store->error;
}

static struct jw_store *store_free(struct jw_store *store)
{
	size_t i;

	if (!store)
		return NULL;
	for (i = 0; i < JW_STMT_MAX; i++)
		sqlite3_finalize(store->stmts[i]);
	sqlite3_close_v2(store->db);
	free(store->log_path);
	free(store->path);
	free(store);
	return NULL;
}

/* A new name is durable when its folder is. */
static int sync_folder(const char *path)
{
	_cleanup_free_ char *folder = strdup(path);
	_cleanup_fd_ int fd = -1;

	if (!folder)
		return -ENOMEM;
	fd = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

/* Creates it 0600 before SQLite would with the umask; log and index get the mode of the database. */
static int make_file(struct jw_store *store)
{
	struct stat st;
	int fd;

	if (lstat(store->path, &st) == 0) {
		if (!S_ISREG(st.st_mode))
			return jw_sql_fail(store, -EINVAL, "it is not a regular file");
		if ((st.st_mode & 0177) && chmod(store->path, 0600) < 0)
			return jw_sql_fail(store, -errno, "its mode can't be set to 0600: %s", strerror(errno));
		store->was_empty = st.st_size == 0;
		return 0;
	}
	/* Not opened when it is there: closing a second descriptor would drop SQLite's locks
	 * (sqlite.org/howtocorrupt.html). */
	fd = open(store->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return jw_sql_fail(store, -errno, "it can't be created: %s", strerror(errno));
	close(fd);
	return sync_folder(store->path);
}

static int open_db(struct jw_store *store)
{
	int flags = store->readonly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE, r;

	r = store->readonly ? 0 : make_file(store);
	if (r)
		return r;
	r = sqlite3_open_v2(store->path, &store->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	if (r != SQLITE_OK)
		return jw_sql_errno(store, r);
	sqlite3_busy_timeout(store->db, 5000);
	/*
	 * A database may hold expressions in its schema that run when it is read; ours has none beside plain SQL
	 * functions, a tampered one may.
	 */
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	/* Small on purpose: the daemon stays under 16 MiB. */
	return jw_sql_exec(store, "PRAGMA cache_size = -2048; PRAGMA mmap_size = 0");
}

/*
 * A copy of the store on a medium that can't be written: WAL needs its index file beside the database even to read.
 * Without a log there is nothing to miss, and the file may be taken as it is.
 */
static int open_immutable(struct jw_store *store)
{
	_cleanup_free_ char *uri = NULL, *log = NULL;
	const char *s;
	char *p;
	int r;

	if (asprintf(&log, "%s-wal", store->path) < 0)
		return -ENOMEM;
	if (access(log, F_OK) == 0)
		return jw_sql_fail(store, -EROFS, "it has a log (%s) and its folder can't be written", log);
	uri = malloc(3 * strlen(store->path) + sizeof("file:?immutable=1"));
	if (!uri)
		return -ENOMEM;
	p = stpcpy(uri, "file:");
	for (s = store->path; *s; s++)
		p += sprintf(p, strchr("%?#", *s) ? "%%%02x" : "%c", (unsigned char)*s);
	strcpy(p, "?immutable=1");
	sqlite3_close_v2(store->db);
	store->db = NULL;
	r = sqlite3_open_v2(uri, &store->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX |
			    SQLITE_OPEN_EXRESCODE, NULL);
	if (r == SQLITE_OK)
		sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	return jw_sql_errno(store, r);
}

static int open_readonly(struct jw_store *store)
{
	int r = open_db(store);

	if (!r)
		r = jw_schema_check(store);
	if ((r == -ENOENT || r == -EACCES || r == -EROFS) && access(store->path, R_OK) == 0) {
		r = open_immutable(store);
		if (!r)
			r = jw_schema_check(store);
	}
	return r ? r : jw_chain_check_end(store);
}

static int check_pages(struct jw_store *store)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	const char *s;
	int r;

	r = jw_sql_prepare(store, "PRAGMA quick_check(1)", &stmt);
	if (r)
		return r;
	r = jw_sql_step(store, stmt);
	if (r <= 0)
		return r;
	s = (const char *)sqlite3_column_text(stmt, 0);
	return s && !strcmp(s, "ok") ? 0 : jw_sql_fail(store, -EBADMSG, "%s", s ? s : "integrity check failed");
}

static int quick_check(struct jw_store *store)
{
	struct stat st;
	int r;

	if (stat(store->path, &st) == 0 && st.st_size > CHECK_BYTES)
		return 0;
	r = check_pages(store);
	/* Twice, before a store is given up: SQLite takes a lack of memory in the middle for a wrong index. */
	return r == -EBADMSG ? check_pages(store) : r;
}

/* -EBADMSG: the file is damaged. */
static int set_up(struct jw_store *store)
{
	int r = open_db(store);

	if (!r)
		r = jw_schema_migrate(store);
	if (!r)
		r = quick_check(store);
	if (!r)
		r = jw_chain_check_end(store);
	return r;
}

/* Is there a mark? It is taken away. */
static bool take_mark(const char *path)
{
	_cleanup_free_ char *mark = NULL;

	if (asprintf(&mark, "%s" MARK, path) < 0) {
		mark = NULL;
		return false;
	}
	return unlink(mark) == 0;
}

static void put_mark(const char *path)
{
	_cleanup_free_ char *mark = NULL;
	_cleanup_fd_ int fd = -1;

	if (asprintf(&mark, "%s" MARK, path) < 0) {
		mark = NULL;
		return;
	}
	fd = open(mark, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static int begin_anew(struct jw_store **store, struct jw_diags *diags)
{
	_cleanup_free_ char *path = NULL, *aside = NULL, *cause = NULL;
	int r;

	path = strdup((*store)->path);
	cause = strdup((*store)->error);
	*store = store_free(*store);
	if (!path || !cause)
		return -ENOMEM;
	r = jw_salvage_move_aside(path, &aside);
	if (r) {
		jw_diag_add(diags, JW_DIAG_ERROR, path, 0, 0, "the store is damaged (%s) and can't be moved aside: %s",
			    cause, strerror(-r));
		return r;
	}
	*store = calloc(1, sizeof(**store));
	if (!*store)
		return -ENOMEM;
	(*store)->path = path;
	path = NULL;
	r = set_up(*store);
	if (r)
		return r;
	r = jw_salvage_copy(*store, aside);
	if (r >= 0)
		return jw_diag_add(diags, JW_DIAG_ERROR, (*store)->path, 0, 0,
				   "the store was damaged (%s); it is kept as %s and"
				   " a new one was begun, with the decisions of the old one (%d rows)",
				   cause, aside, r);
	return jw_diag_add(diags, JW_DIAG_ERROR, (*store)->path, 0, 0,
			   "the store was damaged (%s); it is kept as %s and a new"
			   " one was begun; decisions could not be read from the old one and have to be made again",
			   cause, aside);
}

/* The log was written while the store was set up, and stays as long as it is open. */
static int remember_log(struct jw_store *store)
{
	struct stat st;

	if (asprintf(&store->log_path, "%s-wal", store->path) < 0) {
		store->log_path = NULL;
		return -ENOMEM;
	}
	if (!store->readonly && stat(store->log_path, &st) == 0) {
		store->log_dev = st.st_dev;
		store->log_ino = st.st_ino;
	}
	return 0;
}

int jw_store_open(struct jw_store **ret, const char *path, bool readonly, struct jw_diags *diags)
{
	struct jw_store *store;
	int r;

	*ret = NULL;
	store = calloc(1, sizeof(*store));
	if (!store)
		return -ENOMEM;
	store->path = strdup(path);
	store->readonly = readonly;
	if (!store->path) {
		store_free(store);
		return -ENOMEM;
	}
	if (readonly)
		r = open_readonly(store);
	else if (take_mark(path))
		r = jw_sql_fail(store, -EBADMSG, "damage was met while it was in use");
	else
		r = set_up(store);
	if (r == -EBADMSG && !readonly) {
		r = begin_anew(&store, diags);
		if (r && !store)
			return r;
	}
	if (!r && store->was_empty && diags)
		r = jw_diag_add(diags, JW_DIAG_WARNING, path, 0, 0, "the store was an empty file: what it had is lost");
	if (!r)
		r = remember_log(store);
	if (r) {
		if (diags)
			jw_diag_add(diags, JW_DIAG_ERROR, path, 0, 0, "the store can't be opened: %s",
				    store->error[0] ? store->error : strerror(-r));
		store_free(store);
		return r;
	}
	*ret = store;
	return 0;
}

void jw_store_close(struct jw_store *store)
{
	if (store && store->damaged && !store->readonly && !jw_store_is_gone(store))
		put_mark(store->path);
	store_free(store);
}

bool jw_store_is_gone(struct jw_store *store)
{
	struct stat st;
	int moved = 0;

	/* Compares the descriptor's inode with the path's; SQLite holds the file, so its number is not used again. */
	if (sqlite3_file_control(store->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved)
		return true;
	/* What was committed last is in the log and nowhere else. SQLite does not watch that file itself. */
	return store->log_ino &&
	       (stat(store->log_path, &st) < 0 || st.st_ino != store->log_ino || st.st_dev != store->log_dev);
}
