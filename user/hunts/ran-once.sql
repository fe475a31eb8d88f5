-- SPDX-License-Identifier: GPL-2.0
-- technique: T1053.002 T1053.003 T1053.006 T1070
-- severity: medium
-- tells: jobs that ran once and are gone: at jobs, transient timers, cron lines taken out after they ran
-- reading: One execution behind a trusted process, with nothing left in the store. At jobs are like this by nature, so ask
--   who uses at here at all; a cron line that ran and was gone within the day is rare on any host. What the job did in
--   its time: jobward log --job JOB.
-- because: one execution behind a trusted process with nothing left to see; at jobs and transient timers, which are like
--   this by nature, are low and told at an owner's first
-- finding: {sign} of {owner}: {command}, {runs} runs, last {last_run}, gone {gone}
-- key: job
-- mitigation: M1018 M1026 M1047
-- advice: Ask the owner. See what it did with jobward log --job JOB; let only accounts that need it use at (at.allow)
--   and cron (cron.allow).
WITH gone AS MATERIALIZED (
	SELECT j.*,
	       -- Rows of the ten minutes before it was seen: the index on a path leads to them, not to all of the file's years.
	       (SELECT e.row FROM events e WHERE e.time_ns >= j.first_seen_ns - 600000000000 ORDER BY e.time_ns LIMIT 1)
		AS from_row,
	       (SELECT e.row FROM events e WHERE e.time_ns <= j.first_seen_ns + 60000000000 ORDER BY e.time_ns DESC LIMIT 1)
		AS to_row
	FROM jobs j
	WHERE NOT j.present AND j.last_run_ns BETWEEN :since_ns AND :until_ns
	  AND (j.scheduler = 'at'
	       OR (j.source_path GLOB '/run/*systemd/transient/*' AND j.runs = 1)
	       OR (j.scheduler = 'cron' AND j.runs <= 3 AND j.gone_ns - j.first_seen_ns < 86400000000000))
), planted AS MATERIALIZED (
	SELECT g.*,
	       max(ifnull((SELECT max(e.row) FROM events e WHERE e.object = g.source_path
		AND e.row BETWEEN g.from_row AND g.to_row AND +e.kind = 'write' AND +e.verdict <> 'deny'), 0),
	       ifnull((SELECT max(e.row) FROM events e WHERE e.target = g.source_path
		AND e.row BETWEEN g.from_row AND g.to_row AND +e.kind = 'write' AND +e.verdict <> 'deny'), 0)) AS row
	FROM gone g
)
SELECT g.id AS job,
       CASE WHEN g.scheduler = 'at' THEN 'at job'
	    WHEN g.scheduler = 'cron' THEN 'cron line taken out after it ran'
	    ELSE 'transient timer' END AS sign,
       g.owner, g.first_seen, g.last_run, g.gone, g.runs, e.exe AS planted_by, e.auid AS login, g.source_path AS source,
       g.command, nullif(g.row, 0) AS rows, CASE WHEN g.scheduler = 'cron' THEN 'medium' ELSE 'low' END AS severity,
       -- Who uses at every week is no news; the first time of an owner is.
       g.scheduler = 'cron' OR NOT EXISTS (SELECT 1 FROM jobs o WHERE o.owner = g.owner AND o.scheduler = g.scheduler
	AND (o.scheduler = 'at' OR o.source_path GLOB '/run/*systemd/transient/*') AND o.first_seen_ns < g.first_seen_ns)
	AS finding
FROM planted g LEFT JOIN events e ON e.row = g.row
ORDER BY g.last_run_ns DESC, g.id_number;
