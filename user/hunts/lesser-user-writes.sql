-- SPDX-License-Identifier: GPL-2.0
-- technique: T1053 T1574
-- severity: high
-- tells: jobs of root that run or read what a lesser user can write, or has written
-- reading: Whoever can write the file is root at the job's next run. Two of the signs are certain: the mode or owner that
--   the file had when it was last executed, and a write by another user on record. A file in a folder of others (a home,
--   /tmp) is theirs to replace, whatever its own mode. Move the file to where root alone writes, and look at its content.
-- because: whoever may write the file is root at the next run; medium while only the folder is the reason
-- finding: root's job in {source} uses {file}: {sign} (uid {uid})
-- key: job sign file uid
-- mitigation: M1022 M1026 M1028
-- advice: Give the file and its folders to root, mode 755 at most, or move it to /usr/local/sbin. Compare its content
--   with what it should be before the job runs again.
WITH root_jobs AS MATERIALIZED (
	SELECT j.id, j.id_number, j.source_path, j.command,
	       (SELECT e.row FROM events e WHERE e.job_number = j.id_number AND +e.kind = 'run'
		ORDER BY e.row DESC LIMIT 1) AS last_run_row
	FROM jobs j
	WHERE j.present AND j.uid = 0
)
SELECT r.id AS job, 'it lies in a folder of others' AS sign, f.path AS file, NULL AS uid, NULL AS time, r.command,
       r.source_path AS source, NULL AS rows, 'medium' AS severity
FROM root_jobs r CROSS JOIN files f ON f.job_number = r.id_number
WHERE f.path GLOB '/home/*' OR f.path GLOB '/tmp/*' OR f.path GLOB '/var/tmp/*' OR f.path GLOB '/dev/shm/*'
   OR f.path GLOB '/run/user/*'
UNION ALL
SELECT r.id, 'another user wrote it', f.path, e.uid, max(e.time), r.command, r.source_path, max(e.row), 'high'
FROM root_jobs r CROSS JOIN files f ON f.job_number = r.id_number CROSS JOIN events e ON e.object = f.path
WHERE +e.kind = 'write' AND +e.verdict <> 'deny' AND e.uid <> 0 AND e.time_ns BETWEEN :since_ns AND :until_ns
GROUP BY r.id, f.path, e.uid
UNION ALL
SELECT r.id, CASE WHEN e.object_uid <> 0 THEN 'another user owns it' ELSE 'others may write it' END, e.object,
       e.object_uid, e.time, r.command, r.source_path, e.row, 'high'
FROM root_jobs r CROSS JOIN events e ON e.row = r.last_run_row
WHERE e.object_uid <> 0 OR substr(e.object_mode, -1) & 2
ORDER BY 1, 2, 3;
