-- SPDX-License-Identifier: GPL-2.0
-- technique: T1071 T1021
-- severity: medium
-- tells: whom a job connected to for the first time after a settled history, and how many other jobs know the destination
-- reading: A history is settled after a day and 20 executions. A destination that other jobs have as well is mostly a new
--   resolver, mirror or proxy; one that nobody has, outside of the host, is what to look at. A unix socket may be the way to a
--   service that does what the job may not (docker.sock, a manager's private one).
WITH settled AS MATERIALIZED (
	SELECT p.job_number, min(p.first_ns) AS first_ns
	FROM programs p
	GROUP BY p.job_number
	HAVING sum(p.times) >= 20
), found AS (
	SELECT d.job, d.job_number, d.destination, min(d.program) AS program, d.family, d.protocol, d.local, min(d.first) AS first,
	       min(d.first_ns) AS first_ns, sum(d.times) AS times
	FROM destinations d
	GROUP BY d.job_number, d.destination
)
SELECT f.job, f.destination, f.protocol, f.local, f.program, f.first, f.times,
       (SELECT count(DISTINCT o.job_number) FROM destinations o WHERE o.destination = f.destination) - 1 AS other_jobs,
       j.owner, j.source_path AS source, j.command
FROM settled s CROSS JOIN found f ON f.job_number = s.job_number LEFT JOIN jobs j ON j.id_number = f.job_number
WHERE f.first_ns - s.first_ns >= 86400000000000 AND f.first_ns BETWEEN :since_ns AND :until_ns
ORDER BY f.local, other_jobs, f.first_ns DESC, f.destination;
