-- SPDX-License-Identifier: GPL-2.0
-- Views for people, hunts and tools that query the store. Their names and columns are stable; the tables below them
-- are not. Written anew into the store whenever this text changes. The comment before a view and the one behind each
-- column are what jobward-hunt(5) says about them: scripts/hunt-man reads them here.
--
-- No view joins where a look-up will do, and none is a UNION: what can't be flattened into the question around it
-- (sqlite.org/optoverview.html, section 14) is made as a whole, of all events for one.

-- One row an event, oldest first by row.
DROP VIEW IF EXISTS events;
CREATE VIEW events AS
SELECT
	e.id AS row, -- number in the chain
	(SELECT b.uuid FROM boot b WHERE b.id = e.boot) AS boot, -- boot that it is of
	e.seq AS seq, -- the kernel's number in that boot
	strftime('%Y-%m-%dT%H:%M:%S', e.time_ns / 1000000000, 'unixepoch')
		|| printf('.%09dZ', e.time_ns % 1000000000) AS time, -- when
	e.time_ns AS time_ns, -- the same
	e.kind AS kind, -- run, write, module, net, chain, tamper or admin
	e.action AS action, -- exec, create, modify, delete, rename and so on
	e.verdict AS verdict, -- allow, audit or deny
	e.reason AS reason, -- why that verdict
	json_extract(e.doc, '$.rule') AS rule, -- what decided: policy.yaml:14
	e.scheduler AS scheduler, -- whose job, or whose store
	CASE WHEN e.job IS NOT NULL THEN printf('%016x', e.job) END AS job, -- job about to run, or what the act is about
	e.job AS job_number, -- the same
	CASE WHEN e.acting_job IS NOT NULL THEN printf('%016x', e.acting_job) END AS acting_job, -- job that acts, itself or by descent
	e.acting_job AS acting_job_number, -- the same
	json_extract(e.doc, '$.job.owner') AS job_owner, -- owner of the job, as it stood then
	json_extract(e.doc, '$.job.command') AS job_command, -- its command, as it stood then
	json_extract(e.doc, '$.job.source') AS job_source, -- its place, as it stood then
	json_extract(e.doc, '$.subject.pid') AS pid, -- process that acts
	json_extract(e.doc, '$.subject.ppid') AS ppid, -- its parent
	json_extract(e.doc, '$.subject.comm') AS comm, -- its own word for itself
	e.exe AS exe, -- path of its image
	(SELECT group_concat(a.value, ' ') FROM json_each(e.doc, '$.subject.argv') a) AS argv, -- its arguments, with blanks between
	e.uid AS uid, -- its real user
	json_extract(e.doc, '$.subject.euid') AS euid, -- its effective user
	e.auid AS auid, -- user who logged in; NULL: nobody did
	json_extract(e.doc, '$.subject.session') AS session, -- session of that login
	json_extract(e.doc, '$.subject.tty') AS tty, -- terminal
	json_extract(e.doc, '$.subject.cgroup') AS cgroup, -- control group
	e.origin AS origin, -- ssh, console, container, job or service
	json_extract(e.doc, '$.subject.origin.address') AS address, -- where from, where that is known
	e.object_path AS object, -- path acted on
	e.target_path AS target, -- other end of a rename or link
	json_extract(e.doc, '$.object.uid') AS object_uid, -- owner of the object
	json_extract(e.doc, '$.object.mode') AS object_mode, -- its type and permissions, octal
	json_extract(e.doc, '$.object.sha256') AS object_sha256, -- its content, where the gate read it
	CASE json_extract(e.doc, '$.object.family') WHEN 'unix' THEN e.object_path
		WHEN 'ipv6' THEN '[' || json_extract(e.doc, '$.object.address') || ']:' || json_extract(e.doc, '$.object.port')
		ELSE json_extract(e.doc, '$.object.address') || ':' || json_extract(e.doc, '$.object.port')
		END AS destination, -- whom a job's process connects to: 192.0.2.1:443, [2001:db8::1]:443, a unix socket's path
	json_extract(e.doc, '$.object.family') AS family, -- ipv4, ipv6 or unix
	json_extract(e.doc, '$.object.protocol') AS protocol, -- tcp, udp, icmp, sctp, raw or other; of a unix socket stream, dgram or seqpacket
	json_extract(e.doc, '$.object.address') AS destination_address, -- address of the destination
	json_extract(e.doc, '$.object.port') AS destination_port, -- its port
	json_extract(e.doc, '$.root_seq') AS root_seq, -- number of the event at which the acting job started
	(SELECT group_concat(a.value, ' ') FROM json_each(e.doc, '$.argv') a) AS exec_argv, -- arguments of what is executed or loaded
	json_extract(e.doc, '$.key') AS key, -- key of what is executed
	json_extract(e.doc, '$.unit') AS unit, -- unit of the process
	json_extract(e.doc, '$.detail') AS detail, -- a word more
	(SELECT group_concat(a.value, ' ') FROM json_each(e.doc, '$.attack') a) AS attack, -- ATT&CK techniques
	e.doc AS doc -- the whole event, as *jobward log --json* has it
FROM event e;

-- One row for the process that acts in an event and one for each ancestor on record.
DROP VIEW IF EXISTS processes;
CREATE VIEW processes AS
SELECT
	e.id AS row, -- row of the event
	p.key AS depth, -- 0: who acts, 1: its parent, and so on
	json_extract(p.value, '$.pid') AS pid, -- process
	json_extract(p.value, '$.uid') AS uid, -- its real user
	json_extract(p.value, '$.comm') AS comm, -- its own word for itself
	json_extract(p.value, '$.exe') AS exe -- path of its image
FROM event e, json_each('[' || json_extract(e.doc, '$.subject')
	|| coalesce(',' || nullif(trim(json_extract(e.doc, '$.subject.ancestors'), '[]'), ''), '') || ']') p;

-- Every job that was ever seen.
DROP VIEW IF EXISTS jobs;
CREATE VIEW jobs AS
SELECT
	printf('%016x', j.id) AS id, -- id, as in *jobward jobs*
	j.id AS id_number, -- the same
	j.scheduler AS scheduler, -- cron, anacron, at, systemd, systemd-user or run-parts
	j.owner AS owner, -- user that it runs as
	j.uid AS uid, -- that user's number
	j.name AS name, -- unit, anacron's identifier or file of at
	j.path AS source_path, -- file that it stands in
	j.line AS line, -- line there; 0: the file as a whole
	j.schedule AS schedule, -- as written
	j.command AS command, -- what runs
	j.input AS input, -- text given on its standard input
	CAST(j.source AS TEXT) AS source, -- its text in the store
	(SELECT CAST(x.content AS TEXT) FROM job_exec x WHERE x.job = j.id AND x.content IS NOT NULL
		ORDER BY x.n LIMIT 1) AS script, -- a script that is itself the job: at's, or a file of a periodic directory
	j.unreadable AS unreadable, -- why the store can't be parsed
	j.state AS state, -- approved, unknown, changed or denied
	j.reason AS reason, -- why that state
	j.provenance AS provenance, -- package, modified, admin, job, generated or unknown
	j.package AS package, -- package that it is of
	j.package_version AS version, -- version of the package
	strftime('%Y-%m-%dT%H:%M:%SZ', j.first_seen_ns / 1000000000, 'unixepoch') AS first_seen, -- when it was first there
	j.first_seen_ns AS first_seen_ns, -- the same
	CASE WHEN j.changed_ns > 0
		THEN strftime('%Y-%m-%dT%H:%M:%SZ', j.changed_ns / 1000000000, 'unixepoch') END AS changed, -- NULL: it never did
	CASE WHEN j.last_run_ns > 0
		THEN strftime('%Y-%m-%dT%H:%M:%SZ', j.last_run_ns / 1000000000, 'unixepoch') END AS last_run, -- newest run seen
	nullif(j.last_run_ns, 0) AS last_run_ns, -- the same
	j.runs AS runs, -- how many were seen
	CASE WHEN j.next_run_ns > 0
		THEN strftime('%Y-%m-%dT%H:%M:%SZ', j.next_run_ns / 1000000000, 'unixepoch') END AS next_run, -- NULL: not known, or never
	CASE WHEN j.next_run_ns > 0 THEN j.next_run_ns END AS next_run_ns, -- the same
	j.next_run_ns = -1 AS at_boot, -- 1: when the machine starts
	j.gone_ns IS NULL AS present, -- 0: it is in no store any more
	CASE WHEN j.gone_ns IS NOT NULL
		THEN strftime('%Y-%m-%dT%H:%M:%SZ', j.gone_ns / 1000000000, 'unixepoch') END AS gone, -- when that was seen
	j.gone_ns AS gone_ns, -- the same
	lower(hex(j.fingerprint)) AS fingerprint -- digest over what an approval covers
FROM job j;

-- One row for each text or content that a job has had.
DROP VIEW IF EXISTS versions;
CREATE VIEW versions AS
SELECT
	v.id AS version, -- rises with time
	printf('%016x', v.job) AS job, -- job
	v.job AS job_number, -- the same
	strftime('%Y-%m-%dT%H:%M:%SZ', v.time_ns / 1000000000, 'unixepoch') AS time, -- when it was first seen
	v.time_ns AS time_ns, -- the same
	v.command AS command, -- what ran
	v.schedule AS schedule, -- when
	CAST(v.source AS TEXT) AS source, -- its text in the store
	lower(hex(v.fingerprint)) AS fingerprint, -- digest over what an approval covers
	(SELECT max(p.id) FROM job_version p WHERE p.job = v.job AND p.id < v.id) AS before -- the version before; NULL: the first
FROM job_version v;

-- The files that a job runs or reads, with what was in them.
DROP VIEW IF EXISTS files;
CREATE VIEW files AS
SELECT
	printf('%016x', p.job) AS job, -- job
	p.job AS job_number, -- the same
	p.path AS path, -- file
	CASE WHEN p.sha256 IS NOT NULL THEN lower(hex(p.sha256)) END AS sha256, -- its content; NULL: nothing is there
	p.size AS size, -- bytes
	p.package AS package, -- package that owns the path
	p.unmodified AS unmodified -- 1: as the package delivered it
FROM job_pin p;

-- What a job has executed, itself and by its processes: one row a program, user and key. A run counts once for each
-- program that its processes executed, however often.
DROP VIEW IF EXISTS programs;
CREATE VIEW programs AS
SELECT
	printf('%016x', p.job) AS job, -- job
	p.job AS job_number, -- the same
	p.program AS program, -- path
	p.uid AS uid, -- real user
	CASE WHEN length(p.key) > 0 THEN lower(hex(p.key)) END AS key, -- of the job's own exec; NULL: it acted in the job's lineage
	strftime('%Y-%m-%dT%H:%M:%SZ', p.first_ns / 1000000000, 'unixepoch') AS first, -- first time
	p.first_ns AS first_ns, -- the same
	strftime('%Y-%m-%dT%H:%M:%SZ', p.last_ns / 1000000000, 'unixepoch') AS last, -- newest time
	p.last_ns AS last_ns, -- the same
	p.times AS times -- how often
FROM profile p;

-- Whom a job's processes have connected to: one row a destination and program. A run counts once, a long one once an hour.
DROP VIEW IF EXISTS destinations;
CREATE VIEW destinations AS
SELECT
	printf('%016x', d.job) AS job, -- job
	d.job AS job_number, -- the same
	d.destination AS destination, -- 192.0.2.1:443, [2001:db8::1]:443, or the path of a unix socket
	d.program AS program, -- path of what connected
	d.family AS family, -- ipv4, ipv6 or unix
	d.protocol AS protocol, -- tcp, udp, icmp, sctp, raw or other; of a unix socket stream, dgram or seqpacket
	d.family = 'unix' OR d.destination GLOB '127.*' OR d.destination GLOB '[[]::1]:*' OR d.destination GLOB '0.0.0.0:*'
		OR d.destination GLOB '[[]::]:*' AS local, -- 1: on this host
	strftime('%Y-%m-%dT%H:%M:%SZ', d.first_ns / 1000000000, 'unixepoch') AS first, -- first time
	d.first_ns AS first_ns, -- the same
	strftime('%Y-%m-%dT%H:%M:%SZ', d.last_ns / 1000000000, 'unixepoch') AS last, -- newest time
	d.last_ns AS last_ns, -- the same
	d.times AS times -- how often
FROM destination d;

-- Programs that have a purpose in an intrusion, and are harmless in most other hands. Data: a row is added here, nowhere else.
DROP VIEW IF EXISTS tools;
CREATE VIEW tools AS
SELECT
	t.column1 AS purpose, -- discovery, credentials, download, lateral movement or clean-up
	t.column2 AS technique, -- of ATT&CK
	t.column3 AS name, -- pattern (GLOB) of the file's name
	t.column4 AS arguments -- pattern of the arguments with blanks between, where the name alone says little; NULL: any
FROM (VALUES
	('discovery', 'T1033', 'whoami', NULL), ('discovery', 'T1033', 'id', NULL), ('discovery', 'T1033', 'w', NULL),
	('discovery', 'T1033', 'who', NULL), ('discovery', 'T1033', 'last', NULL), ('discovery', 'T1033', 'lastlog', NULL),
	('discovery', 'T1082', 'uname', NULL), ('discovery', 'T1082', 'hostnamectl', NULL), ('discovery', 'T1082', 'lscpu', NULL),
	('discovery', 'T1082', 'dmidecode', NULL), ('discovery', 'T1082', 'systemd-detect-virt', NULL),
	('discovery', 'T1016', 'ip', NULL), ('discovery', 'T1016', 'ifconfig', NULL), ('discovery', 'T1016', 'route', NULL),
	('discovery', 'T1016', 'arp', NULL), ('discovery', 'T1016', 'resolvectl', NULL),
	('discovery', 'T1049', 'ss', NULL), ('discovery', 'T1049', 'netstat', NULL), ('discovery', 'T1049', 'lsof', NULL),
	('discovery', 'T1018', 'getent', '* hosts*'), ('discovery', 'T1018', 'arp-scan', NULL),
	('discovery', 'T1087.001', 'getent', '* passwd*'), ('discovery', 'T1069.001', 'getent', '* group*'),
	('discovery', 'T1069.001', 'groups', NULL), ('discovery', 'T1046', 'nmap', NULL), ('discovery', 'T1046', 'masscan', NULL),
	('discovery', 'T1057', 'ps', NULL), ('discovery', 'T1057', 'pgrep', NULL), ('discovery', 'T1518', 'dpkg', '* -l*'),
	('discovery', 'T1083', 'find', '*-perm*'), ('discovery', 'T1069', 'sudo', '* -l*'), ('discovery', 'T1082', 'env', NULL),
	('credentials', 'T1552.004', 'find', '*id_*'), ('credentials', 'T1552.004', 'find', '*.ssh*'),
	('credentials', 'T1552.004', 'find', '*.pem*'), ('credentials', 'T1552.004', 'find', '*.key*'),
	('credentials', 'T1552.004', 'cat', '*/.ssh/*'), ('credentials', 'T1552.004', 'cp', '*/.ssh/*'),
	('credentials', 'T1552.004', 'tar', '*.ssh*'), ('credentials', 'T1552.001', 'grep', '*passw*'),
	('credentials', 'T1003.008', 'cat', '*/etc/shadow*'), ('credentials', 'T1003.008', 'cp', '*/etc/shadow*'),
	('credentials', 'T1003.008', 'getent', '* shadow*'), ('credentials', 'T1003.008', 'unshadow', NULL),
	('download', 'T1105', 'curl', NULL), ('download', 'T1105', 'wget', NULL), ('download', 'T1105', 'ftp', NULL),
	('download', 'T1105', 'tftp', NULL), ('download', 'T1105', 'aria2c', NULL), ('download', 'T1105', 'fetch', NULL),
	('download', 'T1095', 'nc', NULL), ('download', 'T1095', 'nc.*', NULL), ('download', 'T1095', 'ncat', NULL),
	('download', 'T1095', 'socat', NULL), ('download', 'T1140', 'base64', '* -*d*'),
	('lateral movement', 'T1021.004', 'ssh', NULL), ('lateral movement', 'T1021.004', 'sshpass', NULL),
	('lateral movement', 'T1021.004', 'dbclient', NULL), ('lateral movement', 'T1570', 'scp', NULL),
	('lateral movement', 'T1570', 'sftp', NULL), ('lateral movement', 'T1570', 'rsync', NULL),
	('lateral movement', 'T1021.002', 'smbclient', NULL), ('lateral movement', 'T1021.002', 'mount.cifs', NULL),
	('lateral movement', 'T1021.002', 'impacket-*', NULL), ('lateral movement', 'T1021.002', 'smbexec*', NULL),
	('lateral movement', 'T1047', 'wmiexec*', NULL), ('lateral movement', 'T1021.006', 'evil-winrm*', NULL),
	('lateral movement', 'T1021.006', 'winrm*', NULL), ('lateral movement', 'T1021.006', 'pwsh', NULL),
	('lateral movement', 'T1021.001', 'xfreerdp*', NULL), ('lateral movement', 'T1021.001', 'rdesktop', NULL),
	('lateral movement', 'T1021', 'rsh', NULL), ('lateral movement', 'T1021', 'rlogin', NULL),
	('lateral movement', 'T1021', 'telnet', NULL), ('lateral movement', 'T1563.001', 'ssh-agent', NULL),
	('lateral movement', 'T1098.004', 'ssh-copy-id', NULL), ('lateral movement', 'T1572', 'chisel', NULL),
	('clean-up', 'T1070.004', 'shred', NULL), ('clean-up', 'T1070.002', 'rm', '*/var/log/*'),
	('clean-up', 'T1070.003', 'rm', '*history*'), ('clean-up', 'T1070', 'rm', '*cron*'), ('clean-up', 'T1070', 'rm', '*.timer*'),
	('clean-up', 'T1070.002', 'journalctl', '*--vacuum*'), ('clean-up', 'T1070.002', 'truncate', '*/var/log/*'),
	('clean-up', 'T1070.006', 'touch', '* -*[dtr]*'), ('clean-up', 'T1070', 'crontab', '* -r*'),
	('clean-up', 'T1070', 'atrm', NULL), ('clean-up', 'T1222.002', 'chattr', NULL)
) t;

-- Ports of other hosts that say more than that something is spoken there. Data, as *tools* is.
DROP VIEW IF EXISTS ports;
CREATE VIEW ports AS
SELECT
	p.column1 AS purpose, -- lateral movement or misused
	p.column2 AS technique, -- of ATT&CK
	p.column3 AS port -- number
FROM (VALUES
	('lateral movement', 'T1021.004', 22), ('lateral movement', 'T1021', 23), ('lateral movement', 'T1021.002', 139),
	('lateral movement', 'T1021.002', 445), ('lateral movement', 'T1021.001', 3389), ('lateral movement', 'T1021.005', 5900),
	('lateral movement', 'T1021.006', 5985), ('lateral movement', 'T1021.006', 5986), ('misused', 'T1571', 1337),
	('misused', 'T1571', 4444), ('misused', 'T1571', 5555), ('misused', 'T1571', 31337), ('misused', 'T1071', 6667),
	('misused', 'T1090.003', 9001), ('misused', 'T1090.003', 9050), ('misused', 'T1496', 3333)
) p;

-- One row for each run that was seen.
DROP VIEW IF EXISTS runs;
CREATE VIEW runs AS
SELECT
	printf('%016x', r.job) AS job, -- job
	r.job AS job_number, -- the same
	strftime('%Y-%m-%dT%H:%M:%S', r.time_ns / 1000000000, 'unixepoch')
		|| printf('.%09dZ', r.time_ns % 1000000000) AS time, -- when
	r.time_ns AS time_ns, -- the same
	r.seq AS seq, -- the event's number in its boot
	(SELECT j.scheduler FROM job j WHERE j.id = r.job) AS scheduler, -- of the job
	(SELECT j.owner FROM job j WHERE j.id = r.job) AS owner, -- of the job
	(SELECT j.command FROM job j WHERE j.id = r.job) AS command -- of the job
FROM run r;

-- Writes that went through into the file that a job stands in: one row a job and event. Who planted it is among them.
DROP VIEW IF EXISTS plantings;
CREATE VIEW plantings AS
SELECT
	printf('%016x', j.id) AS job, -- job
	j.id AS job_number, -- the same
	e.id AS row, -- row of the event
	e.time_ns AS time_ns, -- when
	e.action AS action, -- create, modify, rename and so on
	e.reason AS reason, -- why the write gate let it through
	e.exe AS exe, -- program that wrote
	e.uid AS uid, -- its real user
	e.auid AS auid -- user who logged in; NULL: nobody did
FROM job j, event e
WHERE (e.object_path = j.path OR e.target_path = j.path) AND +e.kind = 'write' AND +e.verdict <> 'deny';

-- Who approved or denied what, when, until when and why.
DROP VIEW IF EXISTS decisions;
CREATE VIEW decisions AS
SELECT
	d.id AS decision, -- rises with time
	printf('%016x', d.job) AS job, -- job
	d.job AS job_number, -- the same
	d.state AS state, -- approved or denied
	strftime('%Y-%m-%dT%H:%M:%SZ', d.time_ns / 1000000000, 'unixepoch') AS time, -- when
	d.time_ns AS time_ns, -- the same
	CASE WHEN d.until_ns > 0
		THEN strftime('%Y-%m-%dT%H:%M:%SZ', d.until_ns / 1000000000, 'unixepoch') END AS until, -- NULL: it does not end
	d.by AS by, -- who
	d.reason AS reason, -- their words
	lower(hex(d.fingerprint)) AS fingerprint, -- digest over what was decided about
	d.dropped_ns IS NULL AND (d.until_ns = 0 OR d.until_ns > CAST(strftime('%s', 'now') AS INTEGER) * 1000000000)
		AND d.id = (SELECT max(n.id) FROM decision n WHERE n.job = d.job) AS in_force, -- 0: taken back, replaced or at its end
	CASE WHEN d.dropped_ns IS NOT NULL
		THEN strftime('%Y-%m-%dT%H:%M:%SZ', d.dropped_ns / 1000000000, 'unixepoch') END AS taken_back, -- when
	d.dropped_by AS taken_back_by, -- who took it back
	d.dropped_reason AS taken_back_reason, -- their words
	(SELECT j.scheduler FROM job j WHERE j.id = d.job) AS scheduler, -- of the job
	(SELECT j.owner FROM job j WHERE j.id = d.job) AS owner, -- of the job
	(SELECT j.command FROM job j WHERE j.id = d.job) AS command -- of the job
FROM decision d;

-- What stood or stands as wrong with jobward itself, and what rules found in the record.
DROP VIEW IF EXISTS findings;
CREATE VIEW findings AS
SELECT
	f.name AS name, -- what; of a rule, its name
	f.text AS text, -- in words
	strftime('%Y-%m-%dT%H:%M:%SZ', f.since_ns / 1000000000, 'unixepoch') AS since, -- since when
	CASE WHEN f.cleared_ns IS NOT NULL
		THEN strftime('%Y-%m-%dT%H:%M:%SZ', f.cleared_ns / 1000000000, 'unixepoch') END AS cleared, -- NULL: it stands
	CASE WHEN f.key IS NOT NULL THEN 'F' || f.id END AS finding, -- its id; NULL from here on: about jobward itself
	f.id AS finding_number, -- the same
	f.severity AS severity, -- low, medium or high
	f.because AS because, -- why it is of that severity
	f.technique AS technique, -- of ATT&CK, with blanks between
	CASE WHEN f.job IS NOT NULL THEN printf('%016x', f.job) END AS job, -- job that it is about
	f.job AS job_number, -- the same
	f.since_ns AS since_ns, -- time of the first event behind it
	f.last_ns AS last_ns, -- of the newest
	f.mitigation AS mitigation, -- of ATT&CK, with blanks between
	f.advice AS advice, -- what to do
	CASE WHEN f.acknowledged_ns IS NOT NULL
		THEN strftime('%Y-%m-%dT%H:%M:%SZ', f.acknowledged_ns / 1000000000, 'unixepoch') END AS acknowledged, -- NULL: nobody has
	f.acknowledged_by AS acknowledged_by, -- who
	f.acknowledged_reason AS acknowledged_reason -- their words
FROM finding f;

-- The events behind the findings of rules.
DROP VIEW IF EXISTS finding_events;
CREATE VIEW finding_events AS
SELECT
	x.finding AS finding_number, -- finding
	x.row AS row -- row of the event; retention may have deleted it
FROM finding_event x;
