// SPDX-License-Identifier: GPL-2.0
/* The table of schedulers as data: what must hold of its rows together. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "scheduler/table.h"

static bool is_ancestor(const char *path, size_t len)
{
	for (const char *const *a = jw_store_ancestors; *a; a++)
		if (strlen(*a) == len && !strncmp(*a, path, len))
			return true;
	return false;
}

static bool is_store(const char *path, size_t len)
{
	for (size_t i = 0; i < jw_n_schedulers; i++)
		for (const struct jw_store_row *s = jw_schedulers[i]->stores; s && s->path; s++)
			if (strlen(s->path) == len && !strncmp(s->path, path, len))
				return true;
	return false;
}

/* Whoever may move a folder above a store, or mount over it, has the store. */
static void test_all_above_a_store_is_watched(void **state)
{
	for (size_t i = 0; i < jw_n_schedulers; i++)
		for (const struct jw_store_row *s = jw_schedulers[i]->stores; s && s->path; s++)
			for (const char *slash = strchr(s->path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
				size_t len = slash - s->path;

				if (!is_ancestor(s->path, len) && !is_store(s->path, len))
					fail_msg("nothing watches %.*s, above %s", (int)len, s->path, s->path);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_all_above_a_store_is_watched) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
