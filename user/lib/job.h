/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A scheduled job as the auditor knows it. Parsers fill what the store says; reconcile fills who runs it and what is
 * behind it; the judge fills the state. The words are those of the contract.
 */
#ifndef JOBWARD_JOB_H
#define JOBWARD_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <linux/jobward.h>

#define JW_DIGEST_SIZE 32
#define JW_KEY_HEX (2 * JW_DIGEST_SIZE + 1)
#define JW_ID_HEX 17

/* One exec that belongs to the job: what the run gate will see, to the byte. */
struct jw_exec {
	char *argv;		/* arguments, each with its final NUL byte */
	size_t argv_len;
	char *program;		/* path given to execve; NULL: argv[0] */
	char **env;		/* "NAME=VALUE" that the store assigns for this exec, NULL-terminated; may be NULL */
	char *content;		/* bytes whose digest is part of the key (at script, file of run-parts); NULL: none */
	size_t content_len;
	bool has_content;	/* content counts even when it is empty */
	uint8_t content_sha256[JW_DIGEST_SIZE];	/* filled by whoever sets has_content */
	bool failed_ok;		/* systemd's "-" prefix; for people */
	uint8_t key[JW_DIGEST_SIZE];	/* filled by jw_job_key() */
};

/* A file that the job runs or reads; its content is covered by the approval. */
struct jw_pin {
	char *path;
	uint8_t sha256[JW_DIGEST_SIZE];
	bool present;		/* false: nothing was there */
	uint64_t dev, ino, size, ctime_ns;
	char *package;		/* owner of the path; NULL: none */
	bool unmodified;	/* the package's own checksum agrees */
};

enum jw_provenance_kind {
	JW_PROVENANCE_UNKNOWN,
	JW_PROVENANCE_PACKAGE,		/* in a package, unmodified */
	JW_PROVENANCE_MODIFIED,		/* in a package, but changed since */
	JW_PROVENANCE_ADMIN,		/* written by a person */
	JW_PROVENANCE_JOB,		/* planted by another job */
	JW_PROVENANCE_GENERATED,	/* made by a generator or a package's script */
};

struct jw_provenance {
	enum jw_provenance_kind kind;
	char *package, *version;	/* may be NULL */
};

struct jw_job {
	uint64_t id;			/* 0: not yet given; see jw_job_set_id() */
	enum jobward_scheduler scheduler;
	char *owner;			/* user name as the store has it; NULL: nobody known */
	uid_t uid;			/* (uid_t)-1 when the name does not resolve */
	char *name;			/* unit, anacron's job identifier or file name of at; NULL: none. Part of the id */
	char *path;			/* the store's file */
	unsigned int line;		/* from 1; 0: the file as a whole */
	char *schedule;			/* as written, blanks normalised: "17 * * * *", "@reboot", "OnCalendar=daily", "7 5" (anacron) */
	char *command;			/* for people: the command that runs, after the store's own unescaping */
	char *input;			/* text given on standard input (cron's %), NUL-terminated; NULL: none */
	struct jw_exec *execs;
	size_t n_execs;
	char *source;			/* the text of the job in the store, for show and for versions */
	size_t source_len;
	char *unreadable;		/* why the store can't be parsed; then there are no execs and no approval can be given */
	/* below: not the parsers' */
	struct jw_pin *pins;
	size_t n_pins;
	struct jw_provenance provenance;
	enum jobward_state state;
	bool may_plant;			/* jobs, where it is approved: a planter of the policy */
	char *reason;			/* of the state, for people: "approved by policy.yaml:9", … */
	int64_t next_run_ns;		/* since the epoch; 0: not known or never; -1: at boot */
	int64_t first_seen_ns, changed_ns, last_run_ns;
	uint64_t runs;
};

/* A growing list; zero-initialised is empty. Owns its jobs. */
struct jw_jobs {
	struct jw_job *v;
	size_t n;
};

/* Appends a zeroed job (uid set to -1). Return: it, valid until the next append; NULL when out of memory. */
struct jw_job *jw_jobs_add(struct jw_jobs *list);
/* Appends a zeroed exec to the job. Return: as above. */
struct jw_exec *jw_job_add_exec(struct jw_job *job);
/* Sets argv from strings, NULL-terminated list of the remaining arguments. Return: 0 or -ENOMEM. */
int jw_exec_set_argv(struct jw_exec *exec, ...) __attribute__((sentinel));
/* Copies @data as the content that the key covers and fills its digest. Return: 0 or -ENOMEM. */
int jw_exec_set_content(struct jw_exec *exec, const void *data, size_t len);
/* Moves all of @from to the end of @to. Return: 0 or -ENOMEM (then nothing moved). */
int jw_jobs_move(struct jw_jobs *to, struct jw_jobs *from);
void jw_job_done(struct jw_job *job);
void jw_jobs_done(struct jw_jobs *list);

/*
 * Gives the id: short, the same over reboots and over edits to comments or order. From scheduler, owner, path and, where
 * there is one, name, else command, input and @ordinal (to tell equal lines of one file apart). Never 0.
 */
void jw_job_set_id(struct jw_job *job, unsigned int ordinal);
/* Id as people write it: 16 hex digits, no prefix. */
void jw_job_id_format(uint64_t id, char out[JW_ID_HEX]);
/*
 * Computes exec->key as the run gate does (include/jobward/job_key.h). @unit is the service unit for systemd's jobs, ""
 * else. Variables that the key does not cover are passed over. Return: 0 or -ENOMEM.
 */
int jw_exec_set_key(struct jw_exec *exec, enum jobward_scheduler scheduler, uid_t uid, const char *unit);
/* Digest over everything that an approval covers: keys of all execs and pins with their digests. */
void jw_job_fingerprint(const struct jw_job *job, uint8_t out[JW_DIGEST_SIZE]);

#endif
