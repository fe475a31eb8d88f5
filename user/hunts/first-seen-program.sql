-- SPDX-License-Identifier: GPL-2.0
-- technique: T1053 T1059
-- severity: medium
-- tells: what a job executed for the first time after a settled history, with its rarity in numbers
-- reading: A history is settled after a day and 20 executions. New is the program, the user that it runs as, or what the
--   run gate knows it by (arguments, or the content of a script). Once in ten thousand is news, once in thirty may be
--   the monthly task. Program and user are what the gate saw; the key of a job that was edited is new as well, see
--   changed-outside-packages.
-- because: a settled job that does something new was changed or is used; a new release of its program looks the same. It
--   is high when another user's job acts as root
-- finding: a first {new} for the settled job {command}: {program} as uid {uid}, {rarity} of its executions
-- key: job new program uid
-- mitigation: M1038 M1026 M1047
-- advice: Ask what put the program there (jobward why FILE, dpkg -S) and why the job runs it now. Where a release
--   explains it, acknowledge it; where nothing does, revoke the job and keep the program as evidence.
WITH profile AS (
	SELECT p.*,
	       sum(p.times) OVER before AS times_before,
	       min(p.first_ns) OVER all_of_job AS job_first_ns,
	       sum(p.times) OVER all_of_job AS job_times,
	       row_number() OVER (PARTITION BY p.job_number, p.program ORDER BY p.first_ns) AS nth_of_program,
	       row_number() OVER (PARTITION BY p.job_number, p.program, p.uid ORDER BY p.first_ns) AS nth_of_user
	FROM programs p
	WINDOW before AS (PARTITION BY p.job_number ORDER BY p.first_ns ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
	       all_of_job AS (PARTITION BY p.job_number)
)
SELECT p.job, CASE WHEN p.nth_of_program = 1 THEN 'program' WHEN p.nth_of_user = 1 THEN 'user' ELSE 'key' END AS new,
       p.program, p.uid, p.first, p.times, p.job_times AS of, '1 in ' || (p.job_times / p.times) AS rarity, j.owner,
       j.source_path AS source, j.command,
       (SELECT e.row FROM events e WHERE e.time_ns = p.first_ns
	AND p.job_number IN (e.job_number, e.acting_job_number) LIMIT 1) AS rows,
       -- A new key is a changed job, and a file that the approval covers is no news.
       (p.nth_of_program = 1 OR p.nth_of_user = 1)
	AND NOT EXISTS (SELECT 1 FROM files f WHERE f.job_number = p.job_number AND f.path = p.program AND f.unmodified)
	AS finding,
       CASE WHEN p.uid = 0 AND p.nth_of_user = 1 AND j.uid <> 0 THEN 'high' END AS severity
FROM profile p LEFT JOIN jobs j ON j.id_number = p.job_number
WHERE p.times_before >= 20 AND p.first_ns - p.job_first_ns >= 86400000000000
  AND p.first_ns BETWEEN :since_ns AND :until_ns
ORDER BY p.nth_of_program = 1 DESC, p.nth_of_user = 1 DESC, CAST(p.times AS REAL) / p.job_times, p.first_ns DESC;
