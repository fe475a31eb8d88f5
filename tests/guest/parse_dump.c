// SPDX-License-Identifier: GPL-2.0
/*
 * parse_dump KIND FILE...: what the parsers find in each file, one JSON object a line. KIND is system-12, system-13,
 * user-12, user-13 (then the file's name is the owner), anacron or at.
 */
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include "../corpus/dump.h"

static bool user_exists(void *ctx, const char *name)
{
	(void)ctx;
	return getpwnam(name);
}

static char *slurp(const char *path, size_t *len, struct stat *st)
{
	FILE *f = fopen(path, "r");
	char *buf;

	if (!f || fstat(fileno(f), st) < 0)
		return NULL;
	buf = malloc(st->st_size + 1);
	*len = buf ? fread(buf, 1, st->st_size, f) : 0;
	fclose(f);
	return buf;
}

static int parse(const char *kind, const char *path, const char *buf, size_t len, const struct stat *st,
		 struct jw_parse_out *out)
{
	const char *slash = strrchr(path, '/');
	struct jw_crontab_opts cron = { .path = path, .user_exists = user_exists };
	const struct passwd *pw;
	struct jw_at_opts at = { .path = path, .mode = st->st_mode, .uid = st->st_uid, .nlink = st->st_nlink };

	if (!strcmp(kind, "anacron"))
		return jw_parse_anacrontab(buf, len, path, out);
	if (!strcmp(kind, "at")) {
		pw = getpwuid(st->st_uid);
		at.owner = pw ? pw->pw_name : NULL;
		return jw_parse_at(buf, len, &at, out);
	}
	cron.flavour = strstr(kind, "13") ? JW_CRON_DEBIAN_13 : JW_CRON_DEBIAN_12;
	if (!strncmp(kind, "user", 4))
		cron.owner = slash ? slash + 1 : path;
	return jw_parse_crontab(buf, len, &cron, out);
}

int main(int argc, char **argv)
{
	int i;

	for (i = 2; i < argc; i++) {
		struct jw_parse_out out = { 0 };
		struct stat st;
		size_t len = 0;
		char *buf = slurp(argv[i], &len, &st);

		if (!buf || parse(argv[1], argv[i], buf, len, &st, &out) < 0) {
			fprintf(stderr, "parse_dump: '%s': %s\n", argv[i], strerror(errno));
			return 1;
		}
		dump_out(stdout, &out);
		jw_parse_out_done(&out);
		free(buf);
	}
	return 0;
}
