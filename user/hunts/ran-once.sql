-- SPDX-License-Identifier: GPL-2.0
-- technique: T1053.002 T1053.003 T1053.006 T1070
-- severity: medium
-- tells: jobs that ran once and are gone: at jobs, transient timers, cron lines taken out after they ran
-- reading: One execution behind a trusted process, with nothing left in the store. At jobs are like this by nature, so ask
--   who uses at here at all; a cron line that ran and was gone within the day is rare on any host. What the job did in
--   its time: jobward log --job JOB.
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
       g.command
FROM planted g LEFT JOIN events e ON e.row = g.row
ORDER BY g.last_run_ns DESC, g.id_number;
