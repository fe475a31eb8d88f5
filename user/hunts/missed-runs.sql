-- SPDX-License-Identifier: GPL-2.0
-- technique: T1489 T1562
-- severity: low
-- tells: jobs that should have run and did not
-- reading: Overdue by the time that was foreseen for the next run, or by the job's own rhythm: more than twice the longest
--   pause between its newest runs. The clock is the newest event on record, so a host that was off, and a copy of a
--   store, show nothing for that alone. A denial means that jobward stopped it: jobward why JOB. Else look at the
--   scheduler. A backup or scan that stays away is worth a look.
-- because: a backup or scan that stays away is worth a look, and most often is a fault
-- finding: {owner}'s job {command} last ran {last_run}, {minutes_since} min ago; its longest pause was {minutes_usual}
--   min
-- key: job last_run
-- mitigation: M1047 M1053
-- advice: Look at the scheduler (systemctl status, journalctl) and at who stopped or masked it.
WITH clock AS MATERIALIZED (
	SELECT max(e.time_ns) AS now_ns FROM events e WHERE e.time_ns <= :until_ns
), denied AS MATERIALIZED (
	SELECT e.job_number, max(e.time_ns) AS time_ns FROM events e
	WHERE e.verdict = 'deny' AND +e.kind = 'run' AND e.job_number IS NOT NULL
	GROUP BY e.job_number
), rhythm AS MATERIALIZED (
	SELECT j.*,
	       CASE WHEN j.runs >= 5 THEN
		(SELECT max(g.gap_ns) FROM
		 (SELECT t.time_ns - lag(t.time_ns) OVER (ORDER BY t.time_ns) AS gap_ns FROM
		  (SELECT r.time_ns FROM runs r WHERE r.job_number = j.id_number ORDER BY r.time_ns DESC LIMIT 20) t) g)
	       END AS longest_ns
	FROM jobs j
	WHERE j.present AND j.scheduler <> 'at' AND NOT j.at_boot
)
SELECT r.id AS job, r.owner, r.last_run, r.next_run AS was_due,
       CASE WHEN r.last_run_ns IS NOT NULL THEN (c.now_ns - r.last_run_ns) / 60000000000 END AS minutes_since,
       r.longest_ns / 60000000000 AS minutes_usual, r.state,
       strftime('%Y-%m-%dT%H:%M:%SZ', d.time_ns / 1000000000, 'unixepoch') AS denied, r.source_path AS source, r.command,
       -- Others ran while it should have: the host was up, and its clock did not just step.
       d.time_ns IS NULL AND c.now_ns - r.last_run_ns > 2 * r.longest_ns + 600000000000
	AND EXISTS (SELECT 1 FROM runs o WHERE o.time_ns BETWEEN r.last_run_ns + r.longest_ns AND c.now_ns - r.longest_ns)
	AS finding
FROM clock c CROSS JOIN rhythm r LEFT JOIN denied d ON d.job_number = r.id_number
     AND d.time_ns > coalesce(r.last_run_ns, 0)
WHERE c.now_ns - r.last_run_ns > 2 * r.longest_ns + 600000000000
   OR (r.next_run_ns < c.now_ns - 3600000000000 AND coalesce(r.last_run_ns, 0) < r.next_run_ns)
ORDER BY minutes_since DESC, r.id_number;
