-- SPDX-License-Identifier: GPL-2.0
-- What looking back asks for: a profile of each job that outlives its events, and ways to the few events that people
-- made among the many that the machine made.

-- What a job has executed, one row a program, user and key; kept up with each event that is appended, from here on.
-- Events are deleted in time; what is normal for a job must not be forgotten with them. key is that of the run gate for
-- the job's own exec, and empty for what acted in the job's lineage later.
CREATE TABLE profile (
	job		INTEGER NOT NULL,
	program		TEXT NOT NULL,
	uid		INTEGER NOT NULL,
	key		BLOB NOT NULL,
	first_ns	INTEGER NOT NULL,
	last_ns		INTEGER NOT NULL,
	times		INTEGER NOT NULL,
	PRIMARY KEY (job, program, uid, key)
) STRICT, WITHOUT ROWID;

-- subject.origin.kind of doc. A column, since an index may not stand on json_extract(): the store is opened with
-- trusted_schema off.
ALTER TABLE event ADD COLUMN origin TEXT;
-- Writes alone, of those that are there: a row that is changed goes through the log as a whole, and runs are most of a big
-- store. Their origin stays in doc.
UPDATE event SET origin = json_extract(doc, '$.subject.origin.kind') WHERE kind = 'write';

-- Writes alone: what is asked of a run is whose job it is. kind is there for the planner, which has no statistics and would
-- rather look for one equal value among all writes than for a time among few.
CREATE INDEX event_write_by_origin ON event(origin, time_ns) WHERE kind = 'write' AND origin IS NOT NULL;
CREATE INDEX event_write_by_login ON event(kind, time_ns) WHERE kind = 'write' AND auid IS NOT NULL;
