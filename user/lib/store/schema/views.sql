-- SPDX-License-Identifier: GPL-2.0
-- Views for people and tools that query the store by hand. Their names and columns are stable; the tables below them
-- are not. Open the store read-only:
--
--   sqlite3 'file:/var/lib/jobward/jobward.db?mode=ro' "SELECT time, verdict, exe, object FROM events LIMIT 10"
--
-- Times are RFC 3339 in UTC, ids of jobs 16 hex digits as in `jobward jobs`; columns ending in _ns and _number are the
-- same as numbers, for comparing and sorting. Written anew whenever this text changes.

-- events: one row an event, oldest first by `row`.
--   row            number in the chain          boot, seq     the kernel's number in that boot
--   kind, action, verdict, reason, scheduler    the words of the contract
--   job            job about to run, or what the act is about; acting_job: the job that acts
--   rule           what decided ("policy.yaml:14")
--   exe, uid, auid who                           object, target  paths acted on
--   doc            the whole event as JSON: json_extract(doc, '$.subject.argv') and so on
DROP VIEW IF EXISTS events;
CREATE VIEW events AS
SELECT e.id AS row, b.uuid AS boot, e.seq AS seq,
       strftime('%Y-%m-%dT%H:%M:%S', e.time_ns / 1000000000, 'unixepoch')
	       || printf('.%09dZ', e.time_ns % 1000000000) AS time,
       e.time_ns AS time_ns, e.kind AS kind, e.action AS action, e.verdict AS verdict, e.reason AS reason,
       json_extract(e.doc, '$.rule') AS rule, e.scheduler AS scheduler,
       CASE WHEN e.job IS NOT NULL THEN printf('%016x', e.job) END AS job,
       CASE WHEN e.acting_job IS NOT NULL THEN printf('%016x', e.acting_job) END AS acting_job,
       e.job AS job_number, e.exe AS exe, e.uid AS uid, e.auid AS auid,
       e.object_path AS object, e.target_path AS target, e.doc AS doc
FROM event e LEFT JOIN boot b ON b.id = e.boot;

-- jobs: every job that was ever seen; present is 0 for those that are in no store any more.
--   source_path, line   where it stands          source       its text there
--   state, reason       approved, unknown, changed or denied, and why
--   provenance, package, version                 where it comes from
--   first_seen, changed, last_run, runs          history; changed is NULL while it never did
--   next_run            NULL: not known or never; at_boot is 1 for "when the machine starts"
DROP VIEW IF EXISTS jobs;
CREATE VIEW jobs AS
SELECT printf('%016x', id) AS id, id AS id_number, scheduler, owner, uid, name, path AS source_path, line, schedule,
       command, CAST(source AS TEXT) AS source, unreadable, state, reason, provenance, package,
       package_version AS version,
       strftime('%Y-%m-%dT%H:%M:%SZ', first_seen_ns / 1000000000, 'unixepoch') AS first_seen,
       CASE WHEN changed_ns > 0
	       THEN strftime('%Y-%m-%dT%H:%M:%SZ', changed_ns / 1000000000, 'unixepoch') END AS changed,
       CASE WHEN last_run_ns > 0
	       THEN strftime('%Y-%m-%dT%H:%M:%SZ', last_run_ns / 1000000000, 'unixepoch') END AS last_run,
       runs,
       CASE WHEN next_run_ns > 0
	       THEN strftime('%Y-%m-%dT%H:%M:%SZ', next_run_ns / 1000000000, 'unixepoch') END AS next_run,
       next_run_ns = -1 AS at_boot, gone_ns IS NULL AS present,
       CASE WHEN gone_ns IS NOT NULL THEN strftime('%Y-%m-%dT%H:%M:%SZ', gone_ns / 1000000000, 'unixepoch') END AS gone,
       lower(hex(fingerprint)) AS fingerprint
FROM job;

-- runs: one row for each run that was seen. seq is the event's number in its boot.
DROP VIEW IF EXISTS runs;
CREATE VIEW runs AS
SELECT printf('%016x', r.job) AS job, r.job AS job_number,
       strftime('%Y-%m-%dT%H:%M:%S', r.time_ns / 1000000000, 'unixepoch')
	       || printf('.%09dZ', r.time_ns % 1000000000) AS time,
       r.time_ns AS time_ns, r.seq AS seq, j.scheduler AS scheduler, j.owner AS owner, j.command AS command
FROM run r LEFT JOIN job j ON j.id = r.job;

-- decisions: who approved or denied what, when, until when and why. in_force is 0 for what was taken back, replaced or
-- has come to its end.
DROP VIEW IF EXISTS decisions;
CREATE VIEW decisions AS
SELECT d.id AS decision, printf('%016x', d.job) AS job, d.job AS job_number, d.state AS state,
       strftime('%Y-%m-%dT%H:%M:%SZ', d.time_ns / 1000000000, 'unixepoch') AS time,
       CASE WHEN d.until_ns > 0 THEN strftime('%Y-%m-%dT%H:%M:%SZ', d.until_ns / 1000000000, 'unixepoch') END AS until,
       d.by AS by, d.reason AS reason, lower(hex(d.fingerprint)) AS fingerprint,
       d.dropped_ns IS NULL AND (d.until_ns = 0 OR d.until_ns > CAST(strftime('%s', 'now') AS INTEGER) * 1000000000)
	       AND d.id = (SELECT max(n.id) FROM decision n WHERE n.job = d.job) AS in_force,
       CASE WHEN d.dropped_ns IS NOT NULL
	       THEN strftime('%Y-%m-%dT%H:%M:%SZ', d.dropped_ns / 1000000000, 'unixepoch') END AS taken_back,
       d.dropped_by AS taken_back_by, d.dropped_reason AS taken_back_reason,
       j.scheduler AS scheduler, j.owner AS owner, j.command AS command
FROM decision d LEFT JOIN job j ON j.id = d.job;

-- findings: what stood or stands as wrong; cleared is NULL while it stands.
DROP VIEW IF EXISTS findings;
CREATE VIEW findings AS
SELECT name, text, strftime('%Y-%m-%dT%H:%M:%SZ', since_ns / 1000000000, 'unixepoch') AS since,
       CASE WHEN cleared_ns IS NOT NULL
	       THEN strftime('%Y-%m-%dT%H:%M:%SZ', cleared_ns / 1000000000, 'unixepoch') END AS cleared
FROM finding;
