-- SPDX-License-Identifier: GPL-2.0
-- technique: T1053 T1554
-- severity: medium
-- tells: jobs whose text or content changed while no package was installed, as a difference between jobs
-- reading: What differs is said of the job, not of bytes: comments and order are no change. The writer is the newest write
--   into the job's file in the ten minutes before; none means that a file behind the job changed, or that no hook saw it
--   (an edited disk). A writer in the package manager's lineage is left out.
-- because: no package run explains the change and nobody approved it, but it may be unfinished administration
-- finding: {what} of {owner}'s job in {source} changed outside of package runs, nobody approved it: {before} became
--   {after}; written by {writer}, login {login}
-- key: job time
-- mitigation: M1018 M1022 M1047
-- advice: Compare the versions with jobward show, ask who is behind the login, then approve the job or deny it and put
--   the old text back. Let only the accounts that need it write job stores and the files that jobs run.
WITH changes AS MATERIALIZED (
	SELECT v.job, v.job_number, v.time, v.time_ns, v.fingerprint,
	       rtrim(CASE WHEN v.command IS NOT b.command THEN 'command, ' ELSE '' END
		     || CASE WHEN v.schedule IS NOT b.schedule THEN 'schedule, ' ELSE '' END
		     || CASE WHEN v.command IS b.command AND v.fingerprint <> b.fingerprint THEN 'content, ' ELSE '' END,
		     ', ') AS what,
	       CASE WHEN v.command IS NOT b.command THEN b.command WHEN v.schedule IS NOT b.schedule THEN b.schedule END
		AS before,
	       CASE WHEN v.command IS NOT b.command THEN v.command WHEN v.schedule IS NOT b.schedule THEN v.schedule END
		AS after,
	       -- Rows that lie between the two times: the index on a path leads to them, not to all of the file's years.
	       (SELECT e.row FROM events e WHERE e.time_ns >= v.time_ns - 600000000000 ORDER BY e.time_ns LIMIT 1) AS from_row,
	       (SELECT e.row FROM events e WHERE e.time_ns <= v.time_ns + 60000000000 ORDER BY e.time_ns DESC LIMIT 1) AS to_row
	FROM versions v CROSS JOIN versions b ON b.version = v.before
	WHERE v.time_ns BETWEEN :since_ns AND :until_ns
), written AS MATERIALIZED (
	SELECT c.*, j.owner, j.provenance, j.source_path,
	       max(ifnull((SELECT max(e.row) FROM events e WHERE e.object = j.source_path
		AND e.row BETWEEN c.from_row AND c.to_row AND +e.kind = 'write' AND +e.verdict <> 'deny'), 0),
	       ifnull((SELECT max(e.row) FROM events e WHERE e.target = j.source_path
		AND e.row BETWEEN c.from_row AND c.to_row AND +e.kind = 'write' AND +e.verdict <> 'deny'), 0)) AS row
	FROM changes c CROSS JOIN jobs j ON j.id_number = c.job_number
	WHERE c.what <> ''
)
SELECT c.job, c.time, c.what, c.before, c.after, e.exe AS writer, e.auid AS login, e.uid,
       e.origin, e.address, c.owner, c.provenance, c.source_path AS source, nullif(c.row, 0) AS rows,
       -- Who made the change has half an hour to approve it.
       c.provenance <> 'generated' AND c.time_ns <= :until_ns - 1800000000000
	AND NOT EXISTS (SELECT 1 FROM decisions d WHERE d.job_number = c.job_number AND d.fingerprint = c.fingerprint
		AND d.state = 'approved') AS finding
FROM written c LEFT JOIN events e ON e.row = c.row
WHERE NOT EXISTS (SELECT 1 FROM processes a WHERE a.row = c.row AND a.exe IN ('/usr/bin/dpkg', '/usr/bin/apt',
	'/usr/bin/apt-get', '/usr/bin/aptitude', '/usr/bin/unattended-upgrade', '/usr/bin/rpm', '/usr/bin/dnf', '/usr/bin/yum',
	'/usr/bin/zypper', '/usr/libexec/packagekitd'))
  AND NOT (c.row = 0 AND c.provenance = 'package')
ORDER BY c.time_ns DESC, c.job;
