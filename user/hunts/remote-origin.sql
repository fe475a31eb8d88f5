-- SPDX-License-Identifier: GPL-2.0
-- technique: T1053 T1021.004
-- severity: medium
-- tells: writes into job stores from another host, from a container, or by a network service
-- reading: One row for each origin, user, program and file. An address that administrators do not come from, a container
--   that has no business with the host's jobs, and a service's account (www-data, postgres) that plants a job are what to
--   look for. What the machine's own services write as root with a right to is left out.
-- because: a container or a network service has no business with the host's jobs; a session by ssh is low, and told once
--   for each address and account
-- finding: from {origin} {address}, login {login}, uid {uid}: {file} written by {exe}
-- key: origin address login uid
-- mitigation: M1018 M1035 M1026
-- advice: Is this an address and an account that administrators use? If so, acknowledge it. If not, close the session,
--   deny the job and change the account's keys.
WITH writes AS (
	SELECT e.row FROM events e
	WHERE e.kind = 'write' AND e.origin IN ('ssh', 'container') AND e.time_ns BETWEEN :since_ns AND :until_ns
	UNION
	SELECT e.row FROM events e
	WHERE e.verdict IN ('audit', 'deny') AND +e.kind = 'write' AND +e.origin = 'service'
	  AND e.time_ns BETWEEN :since_ns AND :until_ns
	UNION
	SELECT e.row FROM jobs j CROSS JOIN plantings p ON p.job_number = j.id_number CROSS JOIN events e ON e.row = p.row
	WHERE j.uid <> 0 AND (j.scheduler = 'at' OR j.source_path GLOB '/var/spool/cron/*')
	  AND +e.origin = 'service' AND e.uid <> 0 AND +e.time_ns BETWEEN :since_ns AND :until_ns
)
SELECT e.origin, e.address, e.auid AS login, e.uid, e.exe, coalesce(e.target, e.object) AS file, count(*) AS writes,
       min(e.time) AS first, max(e.time) AS last, sum(e.verdict <> 'allow') AS not_allowed,
       group_concat(e.row, ' ') AS rows, CASE e.origin WHEN 'ssh' THEN 'low' ELSE 'medium' END AS severity
FROM writes w CROSS JOIN events e ON e.row = w.row
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY last DESC, file;
