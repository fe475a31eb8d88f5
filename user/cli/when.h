/* SPDX-License-Identifier: GPL-2.0 */
/* Times as people type them. */
#ifndef JOBWARD_CLI_WHEN_H
#define JOBWARD_CLI_WHEN_H

#include <stdbool.h>
#include <stdint.h>

/* "90s", "30m", "2h", "3d", "1w", also put together: "1h30m". Return: 0 or -EINVAL. */
int jw_when_duration(const char *text, int64_t *ret_ns);
/*
 * RFC 3339, "2026-11-24 08:00", "2026-11-24", "08:00", "now", "today", "yesterday", "tomorrow", "-2h", "+2h",
 * "@SECONDS". A duration without a sign lies ahead when @ahead, else back. What has no zone is local. Return: 0 or
 * -EINVAL.
 */
int jw_when_parse(const char *text, int64_t now_ns, bool ahead, int64_t *ret_ns);

#endif
