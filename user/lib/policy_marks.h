/* SPDX-License-Identifier: GPL-2.0 */
/* The first reading of a policy file; see policy_marks.c. */
#ifndef JOBWARD_POLICY_MARKS_H
#define JOBWARD_POLICY_MARKS_H

#include <stdbool.h>
#include "policy_yaml.h"

/* Return: 0 with the marks; -EINVAL with errors in @diags; -ENOMEM. */
int jw_yaml_read_marks(const char *file, const char *buf, size_t len, struct jw_yaml_marks *marks, bool *ret_empty,
		       struct jw_diags *diags);

#endif
