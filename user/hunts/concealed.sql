-- SPDX-License-Identifier: GPL-2.0
-- technique: T1564 T1564.001 T1027
-- severity: high
-- tells: jobs whose text hides something: control characters, padding to the far right, hidden files
-- reading: Control characters move the cursor so that cat and crontab -l show something else than what runs; characters
--   without width or that turn the direction of writing do the same in an editor; a hundred blanks push the command out
--   of the window. There is no honest reason for either in a job. A hidden file or folder is less: home folders have
--   them too.
-- because: there is no honest reason for characters that hide text in a job; a hidden file alone is low, home folders
--   have them too
-- finding: {owner}'s job in {source} hides something: {signs}
-- key: job signs
-- mitigation: M1018 M1022 M1047
-- advice: Read the text with jobward show, never with cat. Deny the job until it is understood, and look at what else
--   its planter wrote.
WITH texts AS (
	SELECT j.*, coalesce(j.source, '') || coalesce(j.command, '') || coalesce(j.script, '') || coalesce(j.name, '')
		|| coalesce(j.source_path, '') AS text
	FROM jobs j
), signs AS (
	SELECT t.*,
	       -- Texts end at a NUL byte for GLOB; what lies behind it is hidden from more readers than this one.
	       CASE WHEN instr(CAST(t.text AS BLOB), x'00') THEN 'NUL byte, ' ELSE '' END
	       || CASE WHEN t.text GLOB '*[' || char(1) || '-' || char(8) || char(11) || char(12) || char(14) || '-' || char(31)
			|| char(127) || '-' || char(159) || ']*' THEN 'control characters, ' ELSE '' END
	       || CASE WHEN t.text GLOB '*' || char(13) || '[^' || char(10) || ']*' THEN 'carriage return, ' ELSE '' END
	       || CASE WHEN t.text GLOB '*[' || char(173, 1564, 6158) || char(8203) || '-' || char(8207) || char(8232) || '-'
			|| char(8238) || char(8288) || '-' || char(8303) || char(65279) || ']*'
		       THEN 'invisible characters, ' ELSE '' END
	       || CASE WHEN instr(replace(t.text, char(9), '        '), printf('%100s', '')) THEN 'padding, ' ELSE '' END
	       || CASE WHEN coalesce(t.command, '') || ' ' || coalesce(t.script, '') GLOB '*/.[a-zA-Z0-9_]*'
			OR coalesce(t.command, '') GLOB '*/...*' OR t.source_path GLOB '*/.[^./]*'
		       THEN 'hidden file, ' ELSE '' END AS sign
	FROM texts t
)
SELECT s.id AS job, rtrim(s.sign, ', ') AS signs, s.owner, s.state, s.first_seen, s.present, s.source_path AS source,
       s.command, (SELECT group_concat(p.row, ' ') FROM
	(SELECT t.row FROM plantings t WHERE t.job_number = s.id_number ORDER BY t.row DESC LIMIT 8) p) AS rows,
       CASE s.sign WHEN 'hidden file, ' THEN 'low' ELSE 'high' END AS severity
FROM signs s
WHERE s.sign <> '' AND s.first_seen_ns BETWEEN :since_ns AND :until_ns
ORDER BY s.first_seen_ns DESC, s.id_number;
