-- SPDX-License-Identifier: GPL-2.0
-- technique: T1036.004 T1036.005
-- severity: high
-- tells: jobs whose file or unit is named almost like one of a package
-- reading: The names are the same once digits and letters that look alike (0 and o, 1 and l), case, and the marks - _ . and
--   blank are taken for one another, or one letter is doubled or of another alphabet. A folder of its own counts too:
--   the same name elsewhere than the package has it. Compare the two with jobward show.
-- because: a name that is taken for a package's is chosen to be overlooked
-- finding: the name of {owner}'s job in {source} {sign}
-- key: job sign
-- mitigation: M1018 M1022 M1047
-- advice: Compare the two jobs with jobward show. Where the name is no mistake of a person's, deny the job and look at
--   what else its planter wrote.
WITH names AS MATERIALIZED (
	SELECT j.id, j.id_number, j.provenance, j.package, j.source_path, j.owner, j.command, j.first_seen,
	       j.first_seen_ns, j.present, coalesce(j.name, replace(j.source_path, rtrim(j.source_path,
		replace(j.source_path, '/', '')), '')) AS name
	FROM jobs j
	WHERE j.name IS NOT NULL OR j.line <> 0
), folded AS MATERIALIZED (
	SELECT n.*, replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(lower(n.name),
		'0', 'o'), '1', 'l'), 'i', 'l'), '-', ''), '_', ''), '.', ''), ' ', ''), 'rn', 'm'), 'vv', 'w'), 'ss', 's'),
		'll', 'l') AS folded,
	       n.name GLOB '*[^' || char(1) || '-' || char(127) || ']*' AS foreign_letters
	FROM names n
), packaged AS MATERIALIZED (
	SELECT f.folded, f.name, min(f.package) AS package, min(f.source_path) AS source_path
	FROM folded f
	WHERE f.provenance = 'package'
	GROUP BY f.folded, f.name
)
SELECT f.id AS job, f.name, p.name AS like_name, p.package, f.owner, f.first_seen, f.present, f.source_path AS source,
       f.command, 'looks like ' || p.name || ' of package ' || coalesce(p.package, '?') AS sign
FROM folded f JOIN packaged p ON p.folded = f.folded AND (p.name <> f.name OR p.source_path <> f.source_path)
WHERE f.provenance NOT IN ('package', 'modified', 'generated')
  AND f.first_seen_ns BETWEEN :since_ns AND :until_ns
  AND NOT EXISTS (SELECT 1 FROM packaged s WHERE s.name = f.name AND s.source_path = f.source_path)
UNION ALL
SELECT f.id, f.name, NULL, NULL, f.owner, f.first_seen, f.present, f.source_path, f.command,
       'has letters of another alphabet'
FROM folded f
WHERE f.foreign_letters AND f.provenance NOT IN ('package', 'modified', 'generated')
  AND f.first_seen_ns BETWEEN :since_ns AND :until_ns
ORDER BY 6 DESC, 1;
