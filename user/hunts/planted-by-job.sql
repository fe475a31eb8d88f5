-- SPDX-License-Identifier: GPL-2.0
-- technique: T1053 T1053.003 T1053.006
-- severity: medium
-- tells: jobs that wrote into job stores, or tried to
-- reading: One row for each job that acts, program and file. A job that plants another one is how an intruder comes back
--   after the first is found. What a package manager does within a job (unattended-upgrades) is left out; a configuration
--   tool that runs from a timer is the harmless case.
-- because: few jobs have reason to plant others; those of packages are left to hunters
-- finding: the job {command} of {owner} wrote {file} with {exe}, uid {uid}
-- key: job exe file uid
-- mitigation: M1018 M1022 M1047
-- advice: Read both jobs with jobward show. Where no tool of yours explains it, deny both and look for what else the
--   first one wrote: jobward log --job JOB.
SELECT e.acting_job AS job, e.exe, coalesce(e.target, e.object) AS file, e.uid, count(*) AS writes, min(e.time) AS first,
       max(e.time) AS last, sum(e.verdict = 'deny') AS denied, j.owner, j.source_path AS source, j.command,
       group_concat(e.row, ' ') AS rows, j.provenance <> 'package' AS finding
FROM events e JOIN jobs j ON j.id_number = e.acting_job_number
WHERE e.kind = 'write' AND e.origin = 'job' AND e.time_ns BETWEEN :since_ns AND :until_ns
  AND NOT EXISTS (SELECT 1 FROM processes a WHERE a.row = e.row AND a.exe IN ('/usr/bin/dpkg', '/usr/bin/apt',
	'/usr/bin/apt-get', '/usr/bin/aptitude', '/usr/bin/unattended-upgrade', '/usr/bin/rpm', '/usr/bin/dnf', '/usr/bin/yum',
	'/usr/bin/zypper', '/usr/libexec/packagekitd'))
GROUP BY e.acting_job_number, e.exe, coalesce(e.target, e.object), e.uid
ORDER BY last DESC, file;
