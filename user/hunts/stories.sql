-- SPDX-License-Identifier: GPL-2.0
-- technique: T1053 T1033 T1071 T1021 T1070
-- severity: medium
-- tells: what came of a planting, step by step: planted, ran, discovery, connection, lateral movement, further planting
-- reading: A story is all that one login planted, what those jobs planted in turn, and what the processes of all of them did.
--   It begins with the origin. Each program and each destination is one row, with its first time and how often; step names
--   come from the views tools and ports. A story is told only where a job did something of these, so plain administration
--   is not here, but a backup that an administrator made to use rsync is: look at who, from where and to whom. A planting
--   that no hook saw has no story. Where arguments matter they are looked at in the first day of a program in a job and in
--   its newest. Steps end with the retention of events; jobward log --job JOB has the rest.
WITH RECURSIVE written AS MATERIALIZED (
	-- The writes around each version of a job.
	SELECT v.job_number AS job, p.row, p.time_ns, e.boot, e.session, e.acting_job_number AS by_job
	FROM versions v CROSS JOIN jobs j ON j.id_number = v.job_number
	     CROSS JOIN plantings p ON p.job_number = v.job_number
	     AND p.time_ns BETWEEN v.time_ns - 600000000000 AND v.time_ns + 60000000000
	     CROSS JOIN events e ON e.row = p.row
	WHERE v.time_ns BETWEEN :since_ns AND :until_ns AND j.provenance NOT IN ('package', 'generated')
	  AND e.action NOT IN ('delete', 'rmdir')
), planted AS MATERIALIZED (
	-- Whoever was logged in, or the job that did it, says more than the manager or the spool's own program.
	SELECT w.job, w.row, w.time_ns, w.by_job,
	       CASE WHEN w.by_job IS NULL AND w.session IS NOT NULL THEN w.boot || ' ' || w.session ELSE 'job ' || w.job END AS key
	FROM (SELECT w.*, row_number() OVER (PARTITION BY w.job ORDER BY w.by_job IS NULL AND w.session IS NULL, w.row) AS nth
	      FROM written w) w
	WHERE w.nth = 1
), told(key, job, row, time_ns, by_job) AS (
	SELECT p.key, p.job, p.row, p.time_ns, NULL FROM planted p
	WHERE p.by_job IS NULL OR p.by_job = p.job OR p.by_job NOT IN (SELECT q.job FROM planted q)
	UNION
	SELECT t.key, p.job, p.row, p.time_ns, p.by_job FROM told t JOIN planted p ON p.by_job = t.job AND p.job <> t.job
), members AS MATERIALIZED (
	SELECT t.key, t.job, t.row, t.time_ns, t.by_job, j.id, j.source_path, j.command, j.scheduler, j.gone_ns
	FROM told t CROSS JOIN jobs j ON j.id_number = t.job
), used AS MATERIALIZED (
	SELECT m.key, m.job, p.program, p.first_ns, p.last_ns, p.times, t.purpose, t.technique, t.arguments
	FROM members m CROSS JOIN programs p ON p.job_number = m.job AND p.key IS NULL
	     CROSS JOIN tools t ON replace(p.program, rtrim(p.program, replace(p.program, '/', '')), '') GLOB t.name
), said AS MATERIALIZED (
	-- Arguments, where they matter: of the program's first day in the job and of its newest, or a month would be read.
	SELECT u.job, u.program, e.exec_argv, min(e.row) AS row
	FROM (SELECT DISTINCT u.job, u.program, u.first_ns, u.last_ns FROM used u WHERE u.arguments IS NOT NULL) u
	     CROSS JOIN (SELECT 1 AS newest UNION ALL SELECT 0) d
	     CROSS JOIN events e ON e.acting_job_number = u.job AND e.kind = 'chain' AND e.object = u.program
	     AND e.time_ns BETWEEN CASE WHEN d.newest THEN u.last_ns - 86400000000000 ELSE u.first_ns END
	     AND CASE WHEN d.newest THEN u.last_ns ELSE u.first_ns + 86400000000000 END
	GROUP BY u.job, u.program, e.exec_argv
), executed AS MATERIALIZED (
	SELECT u.key, u.job, u.program, u.purpose, u.technique, u.times,
	       CASE WHEN u.arguments IS NULL
		THEN (SELECT e.row FROM events e WHERE e.acting_job_number = u.job AND e.kind = 'chain' AND e.object = u.program
			ORDER BY e.time_ns LIMIT 1)
		ELSE (SELECT min(s.row) FROM said s WHERE s.job = u.job AND s.program = u.program AND s.exec_argv GLOB u.arguments)
		END AS row
	FROM used u
), connected AS MATERIALIZED (
	SELECT m.key, m.job, d.destination, d.protocol, d.program, d.first_ns AS time_ns, d.times,
	       coalesce((SELECT o.purpose FROM ports o WHERE d.destination GLOB '*:' || o.port), 'connection') AS purpose,
	       coalesce((SELECT o.technique FROM ports o WHERE d.destination GLOB '*:' || o.port), 'T1071') AS technique
	FROM members m CROSS JOIN destinations d ON d.job_number = m.job
	WHERE NOT d.local
), steps AS MATERIALIZED (
	SELECT m.key, m.job, m.time_ns, m.row, 1 AS place, CASE WHEN m.by_job IS NULL THEN 'planted' ELSE 'planted further' END AS step,
	       e.exe AS program, coalesce(e.argv || ': ', '') || coalesce(m.command, m.source_path) AS what, 1 AS times,
	       coalesce(e.attack, 'T1053') AS technique
	FROM members m CROSS JOIN events e ON e.row = m.row
	UNION ALL
	SELECT m.key, m.job, min(r.time_ns), NULL, 2, 'ran', NULL, m.scheduler || ': ' || coalesce(m.command, m.source_path), count(*), 'T1053'
	FROM members m CROSS JOIN runs r ON r.job_number = m.job
	GROUP BY m.key, m.job
	UNION ALL
	SELECT m.key, m.job, min(e.time_ns), min(e.row), 2, 'denied', NULL, m.scheduler || ': ' || coalesce(m.command, m.source_path), count(*),
	       'T1053'
	FROM members m CROSS JOIN events e ON e.job_number = m.job AND e.verdict = 'deny' AND +e.kind = 'run'
	GROUP BY m.key, m.job
	UNION ALL
	SELECT x.key, x.job, e.time_ns, x.row, 3, x.purpose, x.program, coalesce(e.exec_argv, x.program), x.times, x.technique
	FROM executed x CROSS JOIN events e ON e.row = x.row
	UNION ALL
	SELECT c.key, c.job, c.time_ns, NULL, 4, c.purpose, c.program, c.destination || ' (' || c.protocol || ')', c.times, c.technique
	FROM connected c
	UNION ALL
	SELECT m.key, m.job, m.gone_ns, NULL, 5, 'taken out', NULL, m.source_path || ': ' || coalesce(m.command, ''), 1, 'T1070'
	FROM members m
	WHERE m.gone_ns IS NOT NULL AND m.scheduler <> 'at'
), whole AS MATERIALIZED (
	SELECT s.key, min(s.time_ns) AS began_ns
	FROM steps s
	GROUP BY s.key
	HAVING sum(s.step NOT IN ('planted', 'ran', 'denied', 'taken out')) > 0
), begun AS MATERIALIZED (
	SELECT w.key, w.began_ns, dense_rank() OVER (ORDER BY w.began_ns, w.key) AS story,
	       (SELECT s.row FROM steps s WHERE s.key = w.key AND s.place = 1 ORDER BY s.time_ns, s.row LIMIT 1) AS row
	FROM whole w
)
SELECT b.story, 0 AS n, e.time, 'origin' AS step, NULL AS job, e.exe AS program,
       coalesce(e.origin, 'unknown') || coalesce(' from ' || e.address, '') || coalesce(', login ' || e.auid, '') || ', user ' || e.uid
	|| coalesce(', ' || e.tty, '') || coalesce(', session ' || e.session, '') AS what,
       1 AS times, CASE e.origin WHEN 'ssh' THEN 'T1021.004' ELSE 'T1078' END AS technique, b.row AS event
FROM begun b CROSS JOIN events e ON e.row = b.row
UNION ALL
SELECT b.story, row_number() OVER (PARTITION BY b.story ORDER BY s.time_ns, s.place, s.row, s.what),
       strftime('%Y-%m-%dT%H:%M:%S', s.time_ns / 1000000000, 'unixepoch') || printf('.%09dZ', s.time_ns % 1000000000),
       s.step, printf('%016x', s.job), s.program, s.what, s.times, s.technique, s.row
FROM begun b CROSS JOIN steps s ON s.key = b.key
ORDER BY 1, 2;
