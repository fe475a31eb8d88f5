-- SPDX-License-Identifier: GPL-2.0
-- technique: T1053 T1554
-- severity: medium
-- tells: jobs whose text or content changed while no package was installed, as a difference between jobs
-- reading: What differs is said of the job, not of bytes: comments and order are no change. The writer is the newest write
--   into the job's file in the ten minutes before; none means that a file behind the job changed, or that no hook saw it
--   (an edited disk). A writer in the package manager's lineage is left out.
WITH changes AS (
	SELECT v.job, v.job_number, v.time, v.time_ns,
	       rtrim(CASE WHEN v.command IS NOT b.command THEN 'command, ' ELSE '' END
		     || CASE WHEN v.schedule IS NOT b.schedule THEN 'schedule, ' ELSE '' END
		     || CASE WHEN v.command IS b.command AND v.fingerprint <> b.fingerprint THEN 'content, ' ELSE '' END,
		     ', ') AS what,
	       CASE WHEN v.command IS NOT b.command THEN b.command WHEN v.schedule IS NOT b.schedule THEN b.schedule END
		AS before,
	       CASE WHEN v.command IS NOT b.command THEN v.command WHEN v.schedule IS NOT b.schedule THEN v.schedule END
		AS after,
	       (SELECT max(p.row) FROM plantings p WHERE p.job_number = v.job_number
		AND p.time_ns BETWEEN v.time_ns - 600000000000 AND v.time_ns + 60000000000) AS row
	FROM versions v JOIN versions b ON b.version = v.before
	WHERE v.time_ns BETWEEN :since_ns AND :until_ns
)
SELECT c.job, c.time, c.what, c.before, c.after, e.exe AS writer, e.auid AS login, e.uid,
       e.origin, e.address, j.owner, j.provenance, j.source_path AS source
FROM changes c CROSS JOIN jobs j ON j.id_number = c.job_number LEFT JOIN events e ON e.row = c.row
WHERE c.what <> ''
  AND NOT EXISTS (SELECT 1 FROM processes a WHERE a.row = c.row AND a.exe IN ('/usr/bin/dpkg', '/usr/bin/apt',
	'/usr/bin/apt-get', '/usr/bin/aptitude', '/usr/bin/unattended-upgrade', '/usr/bin/rpm', '/usr/bin/dnf', '/usr/bin/yum',
	'/usr/bin/zypper', '/usr/libexec/packagekitd'))
  AND NOT (c.row IS NULL AND j.provenance = 'package')
ORDER BY c.time_ns DESC, c.job;
