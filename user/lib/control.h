/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the CLI asks of the daemon: /run/jobward/control, a stream socket (root only, checked by SO_PEERCRED), one JSON object a
 * line each way. Reading is not asked for: the CLI reads the store. A request is answered when it is in force in the kernel.
 *
 *   {"cmd":"approve","jobs":["ID",…]|"all":true,"until":NS|absent,"reason":"…"|absent}
 *   {"cmd":"revoke","jobs":["ID",…],"reason":…}     {"cmd":"deny","jobs":[…],"reason":…}
 *   {"cmd":"acknowledge","findings":[12,…],"reason":…}     findings of rules, by their numbers
 *   {"cmd":"learn"}            takes the jobs owned by packages into the allowlist, answers what is left to decide
 *   {"cmd":"mode","mode":"audit|hold|enforce","gate":"run|write|module"|absent}
 *   {"cmd":"lock","no_kexec":true|absent}   until the next boot
 *   {"cmd":"sync"}             reads all stores again, stores all events; answers when caught up
 *   {"cmd":"reload"}           reads the policy again
 *   {"cmd":"edit","path":"/etc/cron.d/x","content":"…"}   writes a store's file for `jobward edit`, atomically, through the
 *                              daemon, which is a writer; refused for paths outside the stores
 *   {"cmd":"canary"}           tries each gate with a harmless canary
 *
 *   {"ok":true,"generation":7,"jobs":[{"id":…,"state":…,"command":…}],…}
 *   {"ok":false,"error":"…","code":2|3|4}       code is the CLI's exit code
 */
#ifndef JOBWARD_CONTROL_H
#define JOBWARD_CONTROL_H

#include <jansson.h>

#define JW_CONTROL_PATH "/run/jobward/control"
/* What stands now, for when the store cannot take it (full, gone): an array of {"name", "text", "since"}, replaced whole. */
#define JW_FINDINGS_NAME "findings.json"	/* beside the socket */
#define JW_FINDINGS_PATH "/run/jobward/" JW_FINDINGS_NAME
#define JW_CONTROL_LINE_MAX (8u << 20)
#define JW_STORE_PATH "/var/lib/jobward/jobward.db"
#define JW_POLICY_FILE "/etc/jobward/policy.yaml"
#define JW_POLICY_FOLDER "/etc/jobward/policy.d"

/* One request and its answer, for the CLI. Return: 0 and *ret_reply (new reference); -ECONNREFUSED or -ENOENT: no daemon;
 * -EACCES; -EPROTO; -ENOMEM. */
int jw_control_call(const char *path, json_t *request, json_t **ret_reply);

#endif
