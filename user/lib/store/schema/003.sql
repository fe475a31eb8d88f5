-- SPDX-License-Identifier: GPL-2.0
-- What a job's processes do: whom they connect to outlives the events, as what they execute does (profile), and ways to
-- the few of a job's events that are about one program or about the network.

-- One row a job, destination and program. destination is 192.0.2.1:443, [2001:db8::1]:443 or the path of a unix socket.
CREATE TABLE destination (
	job		INTEGER NOT NULL,
	destination	TEXT NOT NULL,
	program		TEXT NOT NULL,
	family		TEXT NOT NULL,
	protocol	TEXT NOT NULL,
	first_ns	INTEGER NOT NULL,
	last_ns		INTEGER NOT NULL,
	times		INTEGER NOT NULL,
	PRIMARY KEY (job, destination, program)
) STRICT, WITHOUT ROWID;

CREATE INDEX event_chain_by_job ON event(acting_job, object_path, time_ns) WHERE kind = 'chain';
CREATE INDEX event_net_by_job ON event(acting_job, time_ns) WHERE kind = 'net';
