-- SPDX-License-Identifier: GPL-2.0
-- technique: T1071 T1573 T1029
-- severity: medium
-- tells: connects of one job to one destination outside of this host that come like clockwork
-- reading: Five connects or more whose pauses differ little from their mean: jitter is the mean difference, in per cent of it.
--   A job that connects at each run is as regular as its schedule, which is what a planted one uses; a long run is on record
--   once an hour, so an implant that sleeps for itself shows as one of an hour. Look at the destination, and at how many
--   other jobs have it. Time servers, monitoring and backups are the harmless ones. Jobs of packages are left out.
WITH frequent AS MATERIALIZED (
	SELECT d.job_number, d.destination, d.program, d.protocol, d.times
	FROM destinations d
	WHERE d.times >= 5 AND NOT d.local AND d.last_ns BETWEEN :since_ns AND :until_ns
	  AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id_number = d.job_number AND j.provenance = 'package')
), connects AS MATERIALIZED (
	SELECT e.acting_job_number AS job_number, e.destination, e.exe AS program, e.time_ns,
	       row_number() OVER (PARTITION BY e.acting_job_number, e.destination, e.exe ORDER BY e.time_ns DESC) AS nth
	FROM (SELECT DISTINCT f.job_number FROM frequent f) f
	     CROSS JOIN events e ON e.acting_job_number = f.job_number AND e.kind = 'net'
	WHERE e.action = 'connect' AND e.time_ns BETWEEN :since_ns AND :until_ns
), gaps AS MATERIALIZED (
	SELECT c.job_number, c.destination, c.program, c.time_ns,
	       c.time_ns - lag(c.time_ns) OVER (PARTITION BY c.job_number, c.destination, c.program ORDER BY c.time_ns) AS gap_ns
	FROM connects c
	WHERE c.nth <= 100
), means AS MATERIALIZED (
	SELECT g.job_number, g.destination, g.program, avg(g.gap_ns) AS mean_ns, count(g.gap_ns) AS n
	FROM gaps g
	GROUP BY g.job_number, g.destination, g.program
	HAVING count(g.gap_ns) >= 4 AND avg(g.gap_ns) >= 1000000000
), spread AS MATERIALIZED (
	SELECT m.job_number, m.destination, m.program, m.mean_ns, avg(abs(g.gap_ns - m.mean_ns)) / m.mean_ns AS jitter,
	       min(g.time_ns) AS first_ns, max(g.time_ns) AS last_ns
	FROM means m JOIN gaps g ON g.job_number = m.job_number AND g.destination = m.destination AND g.program = m.program
	GROUP BY m.job_number, m.destination, m.program
)
SELECT printf('%016x', s.job_number) AS job, s.destination, f.protocol, s.program, f.times AS connects,
       CAST(round(s.mean_ns / 1000000000) AS INTEGER) AS seconds, CAST(round(100 * s.jitter) AS INTEGER) AS jitter,
       strftime('%Y-%m-%dT%H:%M:%SZ', s.first_ns / 1000000000, 'unixepoch') AS first,
       strftime('%Y-%m-%dT%H:%M:%SZ', s.last_ns / 1000000000, 'unixepoch') AS last,
       (SELECT count(DISTINCT d.job_number) FROM destinations d WHERE d.destination = s.destination) - 1 AS other_jobs,
       j.owner, j.source_path AS source, j.command
FROM spread s CROSS JOIN frequent f ON f.job_number = s.job_number AND f.destination = s.destination AND f.program = s.program
     LEFT JOIN jobs j ON j.id_number = s.job_number
WHERE s.jitter <= 0.15
ORDER BY other_jobs, s.jitter, s.last_ns DESC, s.destination;
