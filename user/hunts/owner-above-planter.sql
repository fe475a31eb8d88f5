-- SPDX-License-Identifier: GPL-2.0
-- technique: T1053 T1548
-- severity: medium
-- tells: jobs that run as another user than the one who planted them
-- reading: One row a job and planter, with the newest write. A login that is not the owner's is sudo or su, or a way
--   around them; a uid that is not the owner's got past the permissions of the store itself, and is the worse one. The
--   store's own tools take on an account of theirs (at: daemon), which counts for nothing. Jobs of packages are left out.
--   jobward why FILE tells the whole lineage of the write.
-- because: a lesser user wrote past the permissions of the store; a login that became root is for hunters, sudo does
--   that every day
-- finding: {owner}'s job in {source} was written by uid {uid}, login {login}, with {exe}
-- key: job login uid
-- mitigation: M1026 M1018 M1022
-- advice: Deny the job and find out how the account got there: permissions of the store, set-uid programs, a hole. Lock
--   the account until then.
WITH writes AS (
	SELECT e.row, e.object, e.target, e.uid, e.auid, e.reason
	FROM events e
	WHERE e.kind = 'write' AND e.auid IS NOT NULL AND e.verdict <> 'deny' AND e.time_ns BETWEEN :since_ns AND :until_ns
	UNION
	SELECT e.row, e.object, e.target, e.uid, e.auid, e.reason
	FROM events e
	WHERE e.verdict = 'audit' AND +e.kind = 'write' AND e.uid <> 0 AND e.time_ns BETWEEN :since_ns AND :until_ns
), found AS (
	SELECT j.id_number, w.auid, w.uid NOT IN (0, j.uid) AND ifnull(w.reason, '') NOT IN ('writer', 'writer-lineage')
		AS past_permissions, max(w.row) AS row, count(*) AS writes
	FROM writes w CROSS JOIN jobs j ON j.source_path IN (w.object, w.target)
	WHERE j.provenance <> 'package'
	GROUP BY 1, 2, 3
	HAVING past_permissions OR w.auid NOT IN (0, j.uid)
)
SELECT j.id AS job, j.owner, f.auid AS login, e.uid, f.past_permissions, f.writes, e.time,
       e.origin, e.address, e.exe, j.source_path AS source, j.command, f.row AS rows,
       f.past_permissions AS finding, 'high' AS severity
FROM found f CROSS JOIN events e ON e.row = f.row CROSS JOIN jobs j ON j.id_number = f.id_number
ORDER BY f.past_permissions DESC, e.time_ns DESC, j.id_number;
