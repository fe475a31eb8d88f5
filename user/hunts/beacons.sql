-- SPDX-License-Identifier: GPL-2.0
-- technique: T1071 T1573 T1029
-- severity: medium
-- tells: connects of one job to one destination outside of this host that come like clockwork
-- reading: Five connects or more whose pauses differ little: seconds is the usual pause (the median), jitter the usual
--   difference from it in per cent, so that a few pauses of a host that was off do not count.
--   A job that connects at each run is as regular as its schedule, which is what a planted one uses; a long run is on record
--   once an hour, so an implant that sleeps for itself shows as one of an hour. Look at the destination, and at how many
--   other jobs have it. Time servers, monitoring and backups are the harmless ones. Jobs of packages are left out.
WITH frequent AS MATERIALIZED (
	SELECT d.job_number, d.destination, d.program, d.protocol, d.times, d.first, d.last, d.last_ns,
	       -- Where about the last hundred begin.
	       max(:since_ns, d.last_ns - (d.last_ns - d.first_ns) / d.times * 200) AS from_ns
	FROM destinations d
	WHERE d.times >= 5 AND NOT d.local AND d.last_ns BETWEEN :since_ns AND :until_ns
	  AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id_number = d.job_number AND j.provenance = 'package')
), connects AS MATERIALIZED (
	SELECT f.job_number, f.destination, f.program, e.time_ns,
	       row_number() OVER (PARTITION BY f.job_number, f.destination, f.program ORDER BY e.time_ns DESC) AS nth
	FROM frequent f CROSS JOIN events e ON e.acting_job_number = f.job_number AND e.kind = 'net'
	     AND e.time_ns BETWEEN f.from_ns AND f.last_ns
	WHERE e.exe = f.program AND e.action = 'connect' AND e.destination = f.destination
), gaps AS MATERIALIZED (
	SELECT c.job_number, c.destination, c.program, c.time_ns,
	       c.time_ns - lag(c.time_ns) OVER (PARTITION BY c.job_number, c.destination, c.program ORDER BY c.time_ns) AS gap_ns
	FROM connects c
	WHERE c.nth <= 100
), sorted AS (
	SELECT g.*, row_number() OVER (PARTITION BY g.job_number, g.destination, g.program ORDER BY g.gap_ns) AS nth,
	       count(*) OVER (PARTITION BY g.job_number, g.destination, g.program) AS n
	FROM gaps g
	WHERE g.gap_ns IS NOT NULL
), usual AS MATERIALIZED (
	SELECT s.job_number, s.destination, s.program, s.gap_ns AS usual_ns
	FROM sorted s
	WHERE s.n >= 4 AND s.nth = (s.n + 1) / 2 AND s.gap_ns >= 1000000000
), differing AS (
	SELECT u.job_number, u.destination, u.program, u.usual_ns, abs(g.gap_ns - u.usual_ns) AS off_ns,
	       row_number() OVER (PARTITION BY u.job_number, u.destination, u.program ORDER BY abs(g.gap_ns - u.usual_ns)) AS nth,
	       count(*) OVER (PARTITION BY u.job_number, u.destination, u.program) AS n
	FROM usual u JOIN gaps g ON g.job_number = u.job_number AND g.destination = u.destination AND g.program = u.program
	WHERE g.gap_ns IS NOT NULL
), spread AS MATERIALIZED (
	SELECT d.job_number, d.destination, d.program, d.usual_ns, CAST(d.off_ns AS REAL) / d.usual_ns AS jitter
	FROM differing d
	WHERE d.nth = (d.n + 1) / 2
)
SELECT printf('%016x', s.job_number) AS job, s.destination, f.protocol, s.program, f.times AS connects,
       CAST(round(s.usual_ns / 1000000000) AS INTEGER) AS seconds, CAST(round(100 * s.jitter) AS INTEGER) AS jitter,
       f.first, f.last,
       (SELECT count(DISTINCT d.job_number) FROM destinations d WHERE d.destination = s.destination) - 1 AS other_jobs,
       j.owner, j.source_path AS source, j.command
FROM spread s CROSS JOIN frequent f ON f.job_number = s.job_number AND f.destination = s.destination AND f.program = s.program
     LEFT JOIN jobs j ON j.id_number = s.job_number
WHERE s.jitter <= 0.1
ORDER BY other_jobs, s.jitter, f.last DESC, s.destination;
