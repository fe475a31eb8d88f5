-- SPDX-License-Identifier: GPL-2.0
-- technique: T1053 T1546
-- severity: medium
-- tells: writes into job stores by programs that no store belongs to: editors, shells, interpreters, cp and tee
-- reading: One row for each program, user and file; the write gate denied them or, in audit, would have. An administrator
--   with an editor looks like this, and has jobward edit for it. An interpreter, or a program in a home or in /tmp, does
--   not look like one.
-- because: a store that is written past its own tools is how a job gets in that its scheduler never checked;
--   administrators with an editor do it too
-- finding: {file} was written past the scheduler's own tools by {exe}, uid {uid}, login {login}, from {origin}
--   {address}; {denied} of {writes} denied
-- key: exe uid login file
-- mitigation: M1022 M1018 M1047
-- advice: Ask who is behind the login. Use jobward edit, or name the program as a writer in the policy when it is a tool
--   of yours.
SELECT e.exe, e.uid, e.auid AS login, e.origin, e.address, coalesce(e.target, e.object) AS file, count(*) AS writes,
       min(e.time) AS first, max(e.time) AS last, sum(e.verdict = 'deny') AS denied, max(e.argv) AS argv,
       group_concat(e.row, ' ') AS rows
FROM events e
WHERE e.verdict IN ('audit', 'deny') AND +e.kind = 'write' AND e.time_ns BETWEEN :since_ns AND :until_ns
GROUP BY e.exe, e.uid, e.auid, e.origin, e.address, coalesce(e.target, e.object)
ORDER BY last DESC, file;
