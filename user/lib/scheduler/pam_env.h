/* SPDX-License-Identifier: GPL-2.0 */
/* The environment that PAM hands to a scheduler's jobs. */
#ifndef JOBWARD_PAM_ENV_H
#define JOBWARD_PAM_ENV_H

#include "../diag.h"

/*
 * What pam_env(8) gives to a session of @service: "NAME=VALUE" in *ret, NULL-terminated, each name once, caller frees
 * with jw_env_free(). Values that need PAM's own variables are left out with a diagnosis. Return: 0 or -ENOMEM.
 */
int jw_pam_env(const char *root, const char *service, char ***ret, struct jw_diags *diags);
void jw_env_free(char **env);
/* Sets "NAME=VALUE" in a list of the kind above (may be NULL). Return: 0 or -ENOMEM. */
int jw_env_set(char ***env, const char *assignment);

#endif
