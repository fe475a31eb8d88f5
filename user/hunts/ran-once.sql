-- SPDX-License-Identifier: GPL-2.0
-- technique: T1053.002 T1053.003 T1053.006 T1070
-- severity: medium
-- tells: jobs that ran once and are gone: at jobs, transient timers, cron lines taken out after they ran
-- reading: One execution behind a trusted process, with nothing left in the store. At jobs are like this by nature, so ask
--   who uses at here at all; a cron line that ran and was gone within the day is rare on any host. What the job did in
--   its time: jobward log --job JOB.
SELECT j.id AS job,
       CASE WHEN j.scheduler = 'at' THEN 'at job'
	    WHEN j.scheduler = 'cron' THEN 'cron line taken out after it ran'
	    ELSE 'transient timer' END AS sign,
       j.owner, j.first_seen, j.last_run, j.gone, j.runs, p.exe AS planted_by, p.auid AS login, j.source_path AS source,
       j.command
FROM jobs j LEFT JOIN plantings p ON p.job_number = j.id_number
     AND p.row = (SELECT max(n.row) FROM plantings n
		  WHERE n.job_number = j.id_number AND n.time_ns <= j.first_seen_ns + 60000000000)
WHERE NOT j.present AND j.last_run_ns BETWEEN :since_ns AND :until_ns
  AND (j.scheduler = 'at'
       OR (j.source_path GLOB '/run/*systemd/transient/*' AND j.runs = 1)
       OR (j.scheduler = 'cron' AND j.runs <= 3 AND j.gone_ns - j.first_seen_ns < 86400000000000))
ORDER BY j.last_run_ns DESC, j.id_number;
