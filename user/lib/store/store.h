/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The store: SQLite in WAL mode, schema by numbered migrations, events chained by SHA-256. The daemon is the only
 * writer; the CLI opens it read-only, also a copy of it. All functions: one thread; return 0 or negative errno
 * (-EBADMSG: the database is damaged, -ENOSPC: full, -EROFS: opened read-only); a write that fails leaves nothing half
 * done.
 */
#ifndef JOBWARD_STORE_H
#define JOBWARD_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include "../diag.h"
#include "../event.h"
#include "../job.h"
#include "../judge.h"
#include "../rule.h"

struct jw_store;

/*
 * Opens, creates (0600, when !@readonly), migrates, checks integrity (pages of a small store, the end of the chain). A
 * store that fails the check, or was found damaged before it was closed, is moved aside (NAME.damaged-TIME) with a
 * diagnosis and a new one is begun, with what can be read of the decisions; read-only it is an error.
 * -EPROTO: a newer jobward has used it, or it is another program's; it is not touched.
 */
int jw_store_open(struct jw_store **ret, const char *path, bool readonly, struct jw_diags *diags);
void jw_store_close(struct jw_store *store);
/* Last error in words, for messages. Valid until the next call. */
const char *jw_store_error(struct jw_store *store);
/* Has the file been deleted or replaced under us? */
bool jw_store_is_gone(struct jw_store *store);

/* ---- events ---- */
/* Appends all in one transaction, durable on return; (boot, seq) that are there already are passed over (counted in
 * *ret_new), so that a batch can be given again after a crash. @ret_new may be NULL. */
int jw_store_append(struct jw_store *store, struct jw_event *events, size_t n, size_t *ret_new);
/* Highest seq of this boot; 0 when none. */
int jw_store_last_seq(struct jw_store *store, const char *boot, uint64_t *ret);
/*
 * Numbers of the kernel start at 1 with each load of the module. The first load of a boot keeps them; a later one
 * continues after the last on record. Gives (and records at first sight) what to add for @instance.
 */
int jw_store_seq_base(struct jw_store *store, const char *boot, uint64_t instance, uint64_t *ret_base);

struct jw_event_filter {
	int64_t since_ns, until_ns;	/* 0: no limit; until is exclusive */
	int kind, verdict, scheduler, action;	/* -1: any */
	uint64_t job;			/* 0: any; matches the job about to run and the job that acts */
	uint64_t after_id;		/* only rows after this row id (for --follow); 0: all */
	const char *path;		/* object or target path; NULL: any */
	uint64_t seq;			/* 0: any */
	const char *boot;		/* NULL: any */
	size_t limit;			/* newest N; 0: all */
};
/* Calls @fn for each in order, oldest first; @fn returns non-zero to stop (handed on). @row is the row id. */
int jw_store_events(struct jw_store *store, const struct jw_event_filter *filter,
		    int (*fn)(void *ctx, uint64_t row, const struct jw_event *event), void *ctx);
/* Walks the chain. Return: 0, -EBADMSG with the first row that does not hold, or another errno. */
int jw_store_verify(struct jw_store *store, uint64_t *ret_checked, uint64_t *ret_bad_row);

/* ---- the chain as it was written (record.c), for evidence ---- */
#define JW_CHAIN_SIZE 32

/* A row and its hash; row 0 has 32 zero bytes. */
struct jw_chain_tip {
	uint64_t row;
	uint8_t hash[JW_CHAIN_SIZE];
};
/* The next link: moves @tip on by one row. Needs no store. */
void jw_chain_link(struct jw_chain_tip *tip, const char *doc, size_t len);

/* One row: its document, byte by byte, its hash as it stands there, and what it says it follows on. */
struct jw_record {
	uint64_t row;
	const char *doc;
	size_t len;
	uint8_t before[JW_CHAIN_SIZE], hash[JW_CHAIN_SIZE];
};

/* All that is read between hold and release is of one moment, whatever the daemon writes meanwhile. */
int jw_store_hold(struct jw_store *store);
void jw_store_release(struct jw_store *store);
/* Where the chain begins (row 0, or the last one that was deleted) and its last row. */
int jw_store_chain_ends(struct jw_store *store, struct jw_chain_tip *ret_anchor, struct jw_chain_tip *ret_head);
/* Boots that there are events of, oldest first. */
int jw_store_boots(struct jw_store *store, int (*fn)(void *ctx, const char *boot, uint64_t last_seq), void *ctx);
/* Rows that any of the filters chooses, each once, in order; without filters all. @fn as for jw_store_events(). */
int jw_store_records(struct jw_store *store, const struct jw_event_filter *filters, size_t n,
		     int (*fn)(void *ctx, const struct jw_record *record), void *ctx);

/* ---- jobs ---- */
/*
 * Puts the whole inventory on record in one transaction: new jobs, changed ones (a version is kept for each new source
 * text, fingerprint or pin), gone ones (marked, never deleted). Reads first_seen, changed, last_run, runs back into
 * @jobs.
 */
int jw_store_put_jobs(struct jw_store *store, struct jw_jobs *jobs, int64_t now_ns);
/* Present jobs, or with @gone also those that are no longer there. Pins, execs' argv and keys included. */
int jw_store_get_jobs(struct jw_store *store, bool gone, struct jw_jobs *ret);
/* A run of a job was seen. */
int jw_store_put_run(struct jw_store *store, uint64_t job, int64_t time_ns, uint64_t seq);

struct jw_job_version {
	int64_t time_ns;
	char *source;
	size_t source_len;
	char *command, *schedule;
	uint8_t fingerprint[JW_DIGEST_SIZE];
};
int jw_store_get_versions(struct jw_store *store, uint64_t job, struct jw_job_version **ret, size_t *ret_n);
void jw_job_versions_free(struct jw_job_version *versions, size_t n);

/* ---- decisions ---- */
/* All of them or none. */
int jw_store_put_decisions(struct jw_store *store, const struct jw_decision *decisions, size_t n);
int jw_store_put_decision(struct jw_store *store, const struct jw_decision *decision);

/* Who takes decisions back, and why. */
struct jw_decision_end {
	int64_t time_ns;
	const char *by, *reason;	/* reason may be NULL */
};
/*
 * Takes the decisions about jobs back, all of them or none; they stay on record. Return: -ENOENT when there is none
 * about jobs[*ret_missing].
 */
int jw_store_drop_decisions(struct jw_store *store, const uint64_t *jobs, size_t n, const struct jw_decision_end *end,
			    size_t *ret_missing);
/* Newest decisions in force, one a job. Caller frees with jw_decisions_free(). */
int jw_store_get_decisions(struct jw_store *store, struct jw_decision **ret, size_t *ret_n);
void jw_decisions_free(struct jw_decision *decisions, size_t n);

/* ---- questions of strangers (ask.c) ---- */
enum jw_value_kind { JW_VALUE_NULL, JW_VALUE_INTEGER, JW_VALUE_REAL, JW_VALUE_TEXT, JW_VALUE_BLOB };

/* One cell of an answer; bytes (of a text or blob) are anybody's, and valid until the callback returns. */
struct jw_value {
	enum jw_value_kind kind;
	int64_t integer;
	double real;
	const void *bytes;
	size_t len;
};

struct jw_question {
	const char *sql;		/* one statement that reads */
	int64_t since_ns, until_ns;	/* what :since_ns and :until_ns in it stand for */
	uint64_t timeout_ms;		/* 0: no limit */
	/* Called once before the rows, then for each; non-zero stops (handed on). @row NULL: only checked, not asked. */
	int (*columns)(void *ctx, const char *const *names, size_t n);
	int (*row)(void *ctx, const struct jw_value *values, size_t n);
	void *ctx;
};

/* Where in the question an error is; line 0: not known. */
struct jw_fault {
	unsigned int line, column;
};

/*
 * Asks a store that was opened read-only, over the views of jobward-hunt(5). Return: 0; -EINVAL the question is wrong,
 * -EACCES it wants more than to read, -ETIMEDOUT, -ENOMEM it wants too much; jw_store_error() says it in words; another
 * negative errno is the store's, anything else @columns' or @row's.
 */
int jw_store_ask(struct jw_store *store, const struct jw_question *question, struct jw_fault *ret_fault);

/* All rows of one of those views, with all its columns, as jw_store_ask() has them. @view: a word of the program's own. */
int jw_store_tell(struct jw_store *store, const char *view, int (*columns)(void *ctx, const char *const *names, size_t n),
		  int (*row)(void *ctx, const struct jw_value *values, size_t n), void *ctx);
/* ---- findings of rules (finding.c) ---- */
/*
 * Puts in what is not there yet and sets is_new; of what is, the words and the newest time are kept up. id is filled.
 * *ret_left_out: new ones that were not taken, since thousands wait for somebody to acknowledge them.
 */
int jw_store_put_rule_findings(struct jw_store *store, struct jw_rule_findings *findings, size_t *ret_left_out);

struct jw_finding_filter {
	bool all;		/* acknowledged ones too */
	uint64_t id, job, row;	/* only this one, about this job, with this event behind it; 0: any */
};
/* Oldest first. */
int jw_store_rule_findings(struct jw_store *store, const struct jw_finding_filter *filter, struct jw_rule_findings *ret);
/* All or none. Return: -ENOENT when there is no finding ids[*ret_missing]. */
int jw_store_acknowledge(struct jw_store *store, const uint64_t *ids, size_t n, const struct jw_decision_end *end,
			 size_t *ret_missing);
/* Times of the first and newest of these events; leaves both alone when none of them is on record any more. */
int jw_store_span_of(struct jw_store *store, const uint64_t *rows, size_t n, int64_t *first_ns, int64_t *last_ns);

/* ---- the rest ---- */
/* Small named values ("mode.run", …). get: -ENOENT when absent; caller frees. */
int jw_store_set(struct jw_store *store, const char *name, const char *value);
int jw_store_get(struct jw_store *store, const char *name, char **ret);
/*
 * Deletes the oldest acknowledged events past the limits (0: none); the chain is re-anchored by a record of what went.
 * Return: 0; 1 when it stopped after some two seconds and there is more to do; negative errno.
 */
int jw_store_retain(struct jw_store *store, int64_t before_ns, uint64_t max_bytes, uint64_t *ret_deleted);

/* A finding that stands (store damaged, policy broken, gap, gate off …): shown in status until it is cleared. */
int jw_store_put_finding(struct jw_store *store, const char *name, const char *text, int64_t now_ns);
int jw_store_clear_finding(struct jw_store *store, const char *name);
int jw_store_findings(struct jw_store *store,
		      int (*fn)(void *ctx, const char *name, const char *text, int64_t since_ns), void *ctx);

#endif
