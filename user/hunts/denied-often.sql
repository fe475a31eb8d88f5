-- SPDX-License-Identifier: GPL-2.0
-- technique: T1053 T1547.006
-- severity: medium
-- tells: whoever was denied five acts or more: writes into job stores, module loads
-- reading: One row for each origin, address and account. Somebody who tries one way after the other is denied again and
--   again; a tool that nobody made a writer is denied in the same place each time, see how many files there are.
-- because: one denial is a mistake, many are an attempt; a tool that was forgotten in the policy gives many too
-- finding: {denials} acts denied to {origin} {address}, login {login}, uid {uid}: {objects} objects, {programs} programs
-- key: origin address login uid
-- mitigation: M1018 M1026 M1047
-- advice: See what was tried with jobward log --verdict deny. Close the session and lock the account where nobody can
--   explain it.
SELECT e.origin, e.address, e.auid AS login, e.uid, count(*) AS denials, count(DISTINCT e.object) AS objects,
       count(DISTINCT e.exe) AS programs, min(e.time) AS first, max(e.time) AS last, max(e.exe) AS exe,
       group_concat(e.row, ' ') AS rows
FROM events e
WHERE e.verdict = 'deny' AND +e.kind IN ('write', 'module') AND e.time_ns BETWEEN :since_ns AND :until_ns
GROUP BY e.origin, e.address, e.auid, e.uid
HAVING count(*) >= 5
ORDER BY denials DESC, last DESC;
