-- SPDX-License-Identifier: GPL-2.0
-- technique: T1059.004 T1059.006 T1105 T1140
-- severity: high
-- tells: jobs with code in the line itself: decoded, downloaded, or handed to an interpreter
-- reading: Nothing is left on the disk to look at, so the line is all there is: decode it, do not run it. A download that
--   goes straight to a shell is whatever the other side sends tonight. Jobs of packages are left out.
-- because: code that is decoded, fetched or sent by the line itself leaves no file to judge; an interpreter with a line
--   of code alone is low, people write that too
-- finding: {owner}'s job in {source} {signs}: {command}
-- key: job signs
-- mitigation: M1038 M1026 M1047
-- advice: Decode the line by hand and do not run it. Deny the job, look for the address in the logs of the network, and
--   let jobs run files that root alone writes instead of code in the line.
WITH texts AS (
	SELECT j.*, lower(coalesce(j.command, '') || ' ' || coalesce(j.script, '') || ' ' || coalesce(j.input, '')) AS text
	FROM jobs j
	WHERE j.provenance <> 'package'
), signs AS (
	SELECT t.*,
	       CASE WHEN t.text GLOB '*base64 *-d*' OR t.text GLOB '*base64 --decode*' OR t.text GLOB '*base32 *-d*'
			OR t.text GLOB '*openssl *-d *' OR t.text GLOB '*xxd *-r*' OR t.text GLOB '*b64decode*'
		       THEN 'decodes, ' ELSE '' END
	       || CASE WHEN t.text GLOB '*curl *|*sh*' OR t.text GLOB '*wget *|*sh*' OR t.text GLOB '*curl *|*python*'
			OR t.text GLOB '*wget *|*python*' OR t.text GLOB '*curl *|*perl*' OR t.text GLOB '*[(`<]curl *'
			OR t.text GLOB '*[(`<]wget *' OR t.text GLOB '*urlopen(*' THEN 'downloads and runs, ' ELSE '' END
	       || CASE WHEN t.text GLOB '*/dev/[tu][cd]p/*' OR t.text GLOB '*nc *-e *' OR t.text GLOB '*socket.socket*'
		       THEN 'connects, ' ELSE '' END
	       || CASE WHEN t.text GLOB '*python* -c *' OR t.text GLOB '*perl* -e*' OR t.text GLOB '*ruby* -e*'
			OR t.text GLOB '*php* -r *' OR t.text GLOB '*node* -e *' OR t.text GLOB '*lua* -e *'
		       THEN 'interpreter, ' ELSE '' END
	       || CASE WHEN t.text GLOB '* eval *' OR t.text GLOB 'eval *' THEN 'eval, ' ELSE '' END AS sign
	FROM texts t
)
SELECT s.id AS job, rtrim(s.sign, ', ') AS signs, s.owner, s.state, s.first_seen, s.present, s.source_path AS source,
       s.command, (SELECT group_concat(p.row, ' ') FROM
	(SELECT t.row FROM plantings t WHERE t.job_number = s.id_number ORDER BY t.row DESC LIMIT 8) p) AS rows,
       CASE WHEN s.sign GLOB '*decodes*' OR s.sign GLOB '*runs*' OR s.sign GLOB '*connects*' THEN 'high' ELSE 'low' END
	AS severity
FROM signs s
WHERE s.sign <> '' AND s.first_seen_ns BETWEEN :since_ns AND :until_ns
ORDER BY s.first_seen_ns DESC, s.id_number;
