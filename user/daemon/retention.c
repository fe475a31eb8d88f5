// SPDX-License-Identifier: GPL-2.0
/* Age and size of the store, by the policy; once an hour, the first time soon after start, and on until all is done. */
#include <errno.h>
#include <string.h>
#include <syslog.h>
#include "retention.h"

#define FIRST_USEC (120 * UINT64_C(1000000))
#define HOUR_USEC (3600 * UINT64_C(1000000))
#define MORE_USEC (5 * UINT64_C(1000000))	/* events come in between; a step takes some two seconds */
#define DAY_NS (86400 * NS_PER_SEC)

static int on_retention(sd_event_source *source, uint64_t usec, void *ctx)
{
	struct manager *m = ctx;
	uint64_t now, deleted = 0;
	int64_t before = 0;
	int r;

	sd_event_now(m->event, CLOCK_MONOTONIC, &now);
	sd_event_source_set_time(source, now + HOUR_USEC);
	if (!m->store || !m->policy)
		return 0;
	if (m->policy->retention_days)
		before = jw_now_ns() - m->policy->retention_days * DAY_NS;
	/* a clock that stands before what is on record must not delete it */
	r = jw_store_retain(m->store, before < 0 ? 0 : before, (uint64_t)m->policy->retention_size_mib << 20, &deleted);
	if (r < 0)
		jw_manager_store_failed(m, r, "delete old events from");
	else if (deleted)
		jw_log(LOG_INFO, "%llu old events deleted", (unsigned long long)deleted);
	if (r > 0)
		sd_event_source_set_time(source, now + MORE_USEC);
	return 0;
}

int jw_retention_init(struct manager *m)
{
	int r = sd_event_add_time_relative(m->event, &m->retention_timer, CLOCK_MONOTONIC, FIRST_USEC, 1000000,
					   on_retention, m);

	if (r >= 0)
		r = sd_event_source_set_enabled(m->retention_timer, SD_EVENT_ON);
	return r < 0 ? r : 0;
}
