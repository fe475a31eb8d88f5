-- SPDX-License-Identifier: GPL-2.0
-- technique: T1053.003 T1053.002
-- severity: medium
-- tells: the same command in the jobs of three users or more
-- reading: Somebody who holds several accounts plants the same line in each, so that one survives. Jobs of packages are
--   left out; a configuration tool that gives each user the same job is the harmless case.
-- because: an intruder who holds several accounts plants the line in each; a configuration tool does too
-- finding: {owners} users have the same job: {command} ({who})
-- key: command
-- mitigation: M1018 M1026 M1047
-- advice: Ask one of the users. Where nobody knows the job, deny all of them and take the accounts for lost.
SELECT j.command, count(DISTINCT j.owner) AS owners,
       (SELECT group_concat(o.owner, ' ') FROM
	(SELECT DISTINCT a.owner FROM jobs a WHERE a.command = j.command ORDER BY a.owner) o) AS who,
       count(*) AS jobs, min(j.first_seen) AS first, max(j.first_seen) AS last, sum(j.present) AS present,
       min(printf('%016x', j.id_number)) AS job
FROM jobs j
WHERE j.provenance NOT IN ('package', 'generated') AND j.command <> ''
GROUP BY j.command
HAVING count(DISTINCT j.owner) >= 3 AND max(j.first_seen_ns) BETWEEN :since_ns AND :until_ns
ORDER BY owners DESC, j.command;
