-- SPDX-License-Identifier: GPL-2.0
-- technique: T1053.002 T1053.003 T1053.006
-- severity: low
-- tells: writes into job stores by somebody who was logged in: utility, arguments, user, terminal, origin
-- reading: Administration looks like this too. Read the utility first: crontab, at and an editor are the usual ways, an
--   interpreter or cp is not. A login other than the user means sudo or su. What systemctl has its manager write is
--   written by PID 1, which nobody logged in to, and is not here. The job is the newest one that stands in the file now;
--   jobward show tells what it was before.
SELECT e.time, e.auid AS login, e.uid, e.tty, e.origin, e.address, e.exe AS utility, e.argv, e.action,
       coalesce(e.target, e.object) AS file, e.verdict, e.reason,
       (SELECT j.id FROM jobs j WHERE j.source_path = coalesce(e.target, e.object)
	ORDER BY j.first_seen_ns DESC, j.id_number LIMIT 1) AS job
FROM events e
WHERE e.kind = 'write' AND e.auid IS NOT NULL AND e.time_ns BETWEEN :since_ns AND :until_ns
ORDER BY e.time_ns DESC;
