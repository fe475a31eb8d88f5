-- SPDX-License-Identifier: GPL-2.0
-- Findings of rules stand beside those about jobward itself, in one table: key tells them apart. It is a digest over what
-- makes a finding the same one when it is seen again. They are never cleared; people acknowledge them.
ALTER TABLE finding ADD COLUMN key BLOB;
ALTER TABLE finding ADD COLUMN severity TEXT;
ALTER TABLE finding ADD COLUMN because TEXT;
ALTER TABLE finding ADD COLUMN technique TEXT;
ALTER TABLE finding ADD COLUMN mitigation TEXT;
ALTER TABLE finding ADD COLUMN advice TEXT;
ALTER TABLE finding ADD COLUMN job INTEGER;
ALTER TABLE finding ADD COLUMN last_ns INTEGER;
ALTER TABLE finding ADD COLUMN acknowledged_ns INTEGER;
ALTER TABLE finding ADD COLUMN acknowledged_by TEXT;
ALTER TABLE finding ADD COLUMN acknowledged_reason TEXT;

DROP INDEX finding_standing;
CREATE UNIQUE INDEX finding_standing ON finding(name) WHERE cleared_ns IS NULL AND key IS NULL;
CREATE UNIQUE INDEX finding_by_key ON finding(name, key) WHERE key IS NOT NULL;
CREATE INDEX finding_by_job ON finding(job) WHERE job IS NOT NULL;

-- The events behind them, by their number in the chain; retention may have deleted those.
CREATE TABLE finding_event (
	finding		INTEGER NOT NULL REFERENCES finding(id),
	row		INTEGER NOT NULL,
	PRIMARY KEY (finding, row)
) STRICT, WITHOUT ROWID;
