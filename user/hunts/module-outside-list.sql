-- SPDX-License-Identifier: GPL-2.0
-- technique: T1547.006 T1014
-- severity: high
-- tells: kernel modules that were loaded, or would have been, past the allowlist
-- reading: A module can hide whatever a job leaves behind, jobward too. A driver that was built on this host and not signed
--   is the harmless case: jobward modules has its hash for the policy.
-- because: code in the kernel can hide everything else from this record
-- finding: the module {module} ({reason}) was loaded by {exe}, uid {uid}, login {login}: {verdict}
-- key: module reason uid login
-- mitigation: M1026 M1038 M1047
-- advice: Where it was loaded, take the host for lost: examine its disk from outside. Where it was denied, keep the file
--   as evidence and ask who is behind the login.
SELECT e.object AS module, e.exec_argv AS argv, e.verdict, e.reason, e.uid, e.auid AS login, e.origin, e.address, e.exe,
       count(*) AS loads, min(e.time) AS first, max(e.time) AS last, group_concat(e.row, ' ') AS rows
FROM events e
WHERE e.verdict IN ('audit', 'deny') AND +e.kind = 'module' AND +e.action = 'load' AND e.time_ns BETWEEN :since_ns AND :until_ns
GROUP BY e.object, e.exec_argv, e.verdict, e.reason, e.uid, e.auid, e.origin, e.address, e.exe
ORDER BY last DESC, module;
