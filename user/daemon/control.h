/* SPDX-License-Identifier: GPL-2.0 */
/* What the CLI asks for, on the control socket; see lib/control.h for the words. */
#ifndef JOBWARD_DAEMON_CONTROL_H
#define JOBWARD_DAEMON_CONTROL_H

#include <jansson.h>
#include "manager.h"

/* Who asks, for the record: "root (uid 0, login alice, pts/0)". */
struct jw_peer {
	uid_t uid;
	pid_t pid;
	char words[256];
};

int jw_control_init(struct manager *m);
void jw_control_free(struct jw_control *control);

/* One request → its answer (new reference); NULL when out of memory. */
json_t *jw_request(struct manager *m, const json_t *request, const struct jw_peer *peer);
/* Appends {id, state, command, source, reason}. */
void jw_reply_add_job(json_t *list, const struct jw_job *job);
json_t *jw_reply_error(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The requests that are more than a few lines. */
json_t *jw_request_edit(struct manager *m, const json_t *request, const struct jw_peer *peer);
json_t *jw_request_canary(struct manager *m, const struct jw_peer *peer);

#endif
