-- SPDX-License-Identifier: GPL-2.0
-- The first schema. Words of enums are kept as words, so that a row can be read without this program; ids of jobs are
-- 64-bit numbers (people see them as 16 hex digits), times are nanoseconds since the epoch, digests are blobs.

-- One row a boot that events came from. last_seq survives the deletion of events, so that numbers are never used twice;
-- events up to cut_seq were deleted by retention and are not taken in again.
CREATE TABLE boot (
	id		INTEGER PRIMARY KEY,
	uuid		TEXT NOT NULL UNIQUE,
	last_seq	INTEGER NOT NULL DEFAULT 0,
	cut_seq		INTEGER NOT NULL DEFAULT 0
) STRICT;

-- One row a load of the kernel module; base is added to its sequence numbers.
CREATE TABLE instance (
	boot		INTEGER NOT NULL REFERENCES boot(id),
	instance	INTEGER NOT NULL,
	base		INTEGER NOT NULL,
	PRIMARY KEY (boot, instance)
) STRICT, WITHOUT ROWID;

-- The events. doc is the whole event as JSON, the other columns are there to find it. Rows are numbered without holes;
-- hash = SHA-256(hash of the row before, 32 zero bytes for the first || id as u64 big-endian || bytes of doc).
-- seq is NULL for what has no number from the kernel. acting_job is the job that acts by descent.
CREATE TABLE event (
	id		INTEGER PRIMARY KEY,
	boot		INTEGER REFERENCES boot(id),
	seq		INTEGER,
	time_ns		INTEGER NOT NULL,
	kind		TEXT NOT NULL,
	action		TEXT NOT NULL,
	verdict		TEXT NOT NULL,
	reason		TEXT,
	scheduler	TEXT,
	job		INTEGER,
	acting_job	INTEGER,
	object_path	TEXT,
	target_path	TEXT,
	exe		TEXT,
	uid		INTEGER,
	auid		INTEGER,
	doc		TEXT NOT NULL,
	hash		BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX event_by_seq ON event(boot, seq);
CREATE INDEX event_by_time ON event(time_ns);
CREATE INDEX event_by_kind ON event(kind);
CREATE INDEX event_by_action ON event(action);
CREATE INDEX event_by_verdict ON event(verdict);
CREATE INDEX event_by_scheduler ON event(scheduler) WHERE scheduler IS NOT NULL;
CREATE INDEX event_by_job ON event(job) WHERE job IS NOT NULL;
CREATE INDEX event_by_acting_job ON event(acting_job) WHERE acting_job IS NOT NULL;
CREATE INDEX event_by_object ON event(object_path) WHERE object_path IS NOT NULL;
CREATE INDEX event_by_target ON event(target_path) WHERE target_path IS NOT NULL;

-- What retention deleted: rows 1 to last_row are gone, the chain goes on from anchor, the hash of last_row. Each cut
-- also stands in the chain itself, as the event in row `record`.
CREATE TABLE cut (
	id		INTEGER PRIMARY KEY,
	time_ns		INTEGER NOT NULL,
	last_row	INTEGER NOT NULL,
	anchor		BLOB NOT NULL,
	record		INTEGER NOT NULL
) STRICT;

-- Every job that was ever seen. gone_ns is set while it is in no store. digest_full covers what belongs to the job
-- itself (execs and pins too), digest_light what changes from hour to hour: rows are written only where one of them
-- differs.
CREATE TABLE job (
	id		INTEGER PRIMARY KEY,
	scheduler	TEXT NOT NULL,
	owner		TEXT,
	uid		INTEGER NOT NULL,
	name		TEXT,
	path		TEXT,
	line		INTEGER NOT NULL,
	schedule	TEXT,
	command		TEXT,
	input		TEXT,
	source		BLOB,
	unreadable	TEXT,
	provenance	TEXT NOT NULL,
	package		TEXT,
	package_version	TEXT,
	state		TEXT NOT NULL,
	reason		TEXT,
	next_run_ns	INTEGER NOT NULL,
	fingerprint	BLOB NOT NULL,
	first_seen_ns	INTEGER NOT NULL,
	changed_ns	INTEGER NOT NULL DEFAULT 0,
	last_run_ns	INTEGER NOT NULL DEFAULT 0,
	runs		INTEGER NOT NULL DEFAULT 0,
	gone_ns		INTEGER,
	digest_full	BLOB NOT NULL,
	digest_light	BLOB NOT NULL
) STRICT;

CREATE INDEX job_by_path ON job(path, line);

CREATE TABLE job_exec (
	job		INTEGER NOT NULL REFERENCES job(id),
	n		INTEGER NOT NULL,
	argv		BLOB,
	program		TEXT,
	env		BLOB,
	content		BLOB,
	content_sha256	BLOB,
	failed_ok	INTEGER NOT NULL,
	key		BLOB NOT NULL,
	PRIMARY KEY (job, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE job_pin (
	job		INTEGER NOT NULL REFERENCES job(id),
	n		INTEGER NOT NULL,
	path		TEXT NOT NULL,
	sha256		BLOB,
	dev		INTEGER NOT NULL,
	ino		INTEGER NOT NULL,
	size		INTEGER NOT NULL,
	ctime_ns	INTEGER NOT NULL,
	package		TEXT,
	unmodified	INTEGER NOT NULL,
	PRIMARY KEY (job, n)
) STRICT, WITHOUT ROWID;

-- One row for each text or fingerprint that a job has had, the first one included.
CREATE TABLE job_version (
	id		INTEGER PRIMARY KEY,
	job		INTEGER NOT NULL REFERENCES job(id),
	time_ns		INTEGER NOT NULL,
	source		BLOB,
	command		TEXT,
	schedule	TEXT,
	fingerprint	BLOB NOT NULL
) STRICT;

CREATE INDEX job_version_by_job ON job_version(job);

CREATE TABLE run (
	job		INTEGER NOT NULL,
	time_ns		INTEGER NOT NULL,
	seq		INTEGER NOT NULL,
	PRIMARY KEY (job, time_ns, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX run_by_time ON run(time_ns);

-- People's decisions. In force is the newest of a job that was not taken back; the others stay on record.
CREATE TABLE decision (
	id		INTEGER PRIMARY KEY,
	job		INTEGER NOT NULL,
	state		TEXT NOT NULL,
	fingerprint	BLOB NOT NULL,
	time_ns		INTEGER NOT NULL,
	until_ns	INTEGER NOT NULL,
	by		TEXT,
	reason		TEXT,
	dropped_ns	INTEGER,
	dropped_by	TEXT,
	dropped_reason	TEXT
) STRICT;

CREATE INDEX decision_by_job ON decision(job);

-- What the job was made of when it was decided, so that it can be said later what changed.
CREATE TABLE decision_key (
	decision	INTEGER NOT NULL REFERENCES decision(id),
	n		INTEGER NOT NULL,
	key		BLOB NOT NULL,
	PRIMARY KEY (decision, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE decision_pin (
	decision	INTEGER NOT NULL REFERENCES decision(id),
	n		INTEGER NOT NULL,
	path		TEXT NOT NULL,
	sha256		BLOB,
	PRIMARY KEY (decision, n)
) STRICT, WITHOUT ROWID;

-- A finding stands until cleared_ns is set.
CREATE TABLE finding (
	id		INTEGER PRIMARY KEY,
	name		TEXT NOT NULL,
	text		TEXT NOT NULL,
	since_ns	INTEGER NOT NULL,
	cleared_ns	INTEGER
) STRICT;

CREATE UNIQUE INDEX finding_standing ON finding(name) WHERE cleared_ns IS NULL;

CREATE TABLE value (
	name		TEXT PRIMARY KEY,
	value		TEXT NOT NULL
) STRICT, WITHOUT ROWID;
