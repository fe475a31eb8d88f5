// SPDX-License-Identifier: GPL-2.0
/* Who owns a path, by a dpkg database made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include "provenance/provenance.h"
#include "scratch.h"

#define ADMIN "var/lib/dpkg/"
/* md5sum of "content\n". */
#define MD5 "f75b8179e4bbe7e2b4a074dcef62de95"
#define MD5_OTHER "00000000000000000000000000000000"

static const char status[] =
	"Package: logrotate\n"
	"Status: install ok installed\n"
	"Architecture: amd64\n"
	"Version: 3.21.0-1\n"
	"Conffiles:\n"
	" /etc/cron.daily/logrotate " MD5 "\n"
	" /etc/logrotate old.conf " MD5_OTHER " obsolete\n"
	" /etc/logrotate.new newconffile\n"
	" /etc/gone.conf " MD5 " remove-on-upgrade\n"
	"Description: x\n"
	" Package: notapackage\n"
	"\n"
	"Package: libc6\n"
	"Status: install ok installed\n"
	"Multi-Arch: same\n"
	"Architecture: amd64\n"
	"Version: 2.36-9\n"
	"\n"
	"Package: libc6\n"
	"Status: install ok installed\n"
	"Multi-Arch: same\n"
	"Architecture: i386\n"
	"Version: 2.36-9\n"
	"\n"
	"Package: removed\n"
	"Status: deinstall ok config-files\n"
	"Version: 1\n"
	"Conffiles:\n"
	" /etc/removed.conf " MD5 "\n"
	"\n"
	"Package: half\n"
	"Status: install reinstreq half-installed\n"
	"Version: 1\n"
	"\n"
	"Package: unpacked\n"
	"Status: install ok unpacked\n"
	"Version: 2\n"
	"\n"
	"Package: dash\n"
	"Status: install ok installed\n"
	"Version: 0.5.12-2\n"
	"\n"
	"Package: wrapper\n"
	"Status: install ok triggers-pending\n"
	"Version: 1.0\n";

static const struct { const char *name, *content;
} database[] = {
	{ "status", status },
	{ "info/logrotate.list",
	  "/.\n/etc\n/etc/cron.daily\n/etc/cron.daily/logrotate\n/etc/logrotate old.conf\n/etc/logrotate.new\n"
	  "/etc/gone.conf\n/usr\n/usr/sbin\n/usr/sbin/logrotate\n/usr/share/a\n/usr/share/ab\n" },
	{ "info/logrotate.md5sums", MD5 "  usr/sbin/logrotate\n" MD5_OTHER "  usr/sbin/logrotate2\n" },
	{ "info/libc6:amd64.list", "/lib/x86_64-linux-gnu/libc.so.6\n/usr/share/doc/libc6/copyright\n" },
	{ "info/libc6:amd64.md5sums", MD5 "  lib/x86_64-linux-gnu/libc.so.6\n" },
	{ "info/libc6:i386.list", "/lib/i386-linux-gnu/libc.so.6\n/usr/share/doc/libc6/copyright\n" },
	{ "info/removed.list", "/etc/removed.conf\n/usr/bin/removed\n" },
	{ "info/half.list", "/usr/bin/half\n" },
	{ "info/unpacked.list", "/usr/bin/unpacked\n" },
	{ "info/dash.list", "/bin/sh\n/bin/dash\n/usr/bin/tool\n/usr/bin/local\n" },
	{ "info/dash.md5sums", MD5 "  bin/dash\n" MD5 "  usr/bin/tool\n" MD5_OTHER "  usr/bin/local\n" },
	{ "info/wrapper.list", "/usr/bin/tool\n" },
	{ "info/wrapper.md5sums", MD5_OTHER "  usr/bin/tool\n" },
	{ "diversions", "/usr/bin/tool\n/usr/bin/tool.real\nwrapper\n/usr/bin/local\n/usr/bin/local.distrib\n:\n" },
};

static void write_database(void)
{
	char name[128];
	size_t i;

	for (i = 0; i < sizeof(database) / sizeof(database[0]); i++) {
		snprintf(name, sizeof(name), ADMIN "%s", database[i].name);
		scratch_write(name, database[i].content);
	}
	/* A merged /usr, but for /lib: both kinds of host in one. */
	mkdir(scratch_path("usr"), 0755);
	mkdir(scratch_path("usr/bin"), 0755);
	assert_int_equal(symlink("usr/bin", scratch_path("bin")), 0);
	mkdir(scratch_path("lib"), 0755);
}

static void test_owner(void **state)
{
	static const struct { const char *path, *package, *version; bool conffile; const char *md5; } cases[] = {
		{ "/usr/sbin/logrotate", "logrotate", "3.21.0-1", false, MD5 },
		{ "/etc/cron.daily/logrotate", "logrotate", "3.21.0-1", true, MD5 },
		{ "/etc/logrotate old.conf", "logrotate", "3.21.0-1", true, MD5_OTHER },
		{ "/etc/logrotate.new", "logrotate", "3.21.0-1", true, NULL },
		{ "/etc/gone.conf", "logrotate", "3.21.0-1", true, MD5 },
		/* A path that another one begins with is a file all the same. */
		{ "/usr/share/a", "logrotate", "3.21.0-1", false, NULL },
		{ "/usr/share/ab", "logrotate", "3.21.0-1", false, NULL },
		/* Folders are nobody's. */
		{ "/etc/cron.daily", NULL, NULL, false, NULL },
		{ "/usr", NULL, NULL, false, NULL },
		{ "/etc/cron.daily/logrotat", NULL, NULL, false, NULL },
		{ "/etc/cron.daily/logrotate2", NULL, NULL, false, NULL },
		{ "", NULL, NULL, false, NULL },
		{ "usr/sbin/logrotate", NULL, NULL, false, NULL },
		{ "/lib/x86_64-linux-gnu/libc.so.6", "libc6", "2.36-9", false, MD5 },
		{ "/lib/i386-linux-gnu/libc.so.6", "libc6", "2.36-9", false, NULL },
		{ "/usr/share/doc/libc6/copyright", "libc6", "2.36-9", false, NULL },
		/* /lib is no link here. */
		{ "/usr/lib/x86_64-linux-gnu/libc.so.6", NULL, NULL, false, NULL },
		/* /bin is one: either spelling, whatever the list has. */
		{ "/bin/dash", "dash", "0.5.12-2", false, MD5 },
		{ "/usr/bin/dash", "dash", "0.5.12-2", false, MD5 },
		{ "/bin/unpacked", "unpacked", "2", false, NULL },
		{ "/binary", NULL, NULL, false, NULL },
		/* Not installed, or not whole. */
		{ "/etc/removed.conf", NULL, NULL, false, NULL },
		{ "/usr/bin/removed", NULL, NULL, false, NULL },
		{ "/usr/bin/half", NULL, NULL, false, NULL },
		/* Diverted: the wrapper's file is at the path, dash's own beside it. */
		{ "/usr/bin/tool", "wrapper", "1.0", false, MD5_OTHER },
		{ "/bin/tool", "wrapper", "1.0", false, MD5_OTHER },
		{ "/usr/bin/tool.real", "dash", "0.5.12-2", false, MD5 },
		/* By the administrator: what is at the path now is no package's. */
		{ "/usr/bin/local", NULL, NULL, false, NULL },
		{ "/usr/bin/local.distrib", "dash", "0.5.12-2", false, MD5_OTHER },
	};
	struct jw_provenance_db *db;
	struct jw_owner owner;
	size_t i;

	write_database();
	assert_int_equal(jw_provenance_open(&db, scratch), 0);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool owned = jw_provenance_owner(db, cases[i].path, &owner);

		if (owned != (cases[i].package != NULL))
			fail_msg("'%s' is %sowned", cases[i].path, owned ? "" : "not ");
		if (!owned)
			continue;
		if (strcmp(owner.package, cases[i].package) || strcmp(owner.version, cases[i].version) ||
		    owner.conffile != cases[i].conffile || owner.has_checksum != (cases[i].md5 != NULL) ||
		    (cases[i].md5 && strcmp(owner.md5, cases[i].md5)))
			fail_msg("'%s': %s %s, conffile %d, checksum %s", cases[i].path, owner.package, owner.version,
				 owner.conffile, owner.has_checksum ? owner.md5 : "none");
	}
	jw_provenance_close(db);
}

static void test_verify(void **state)
{
	struct jw_owner owner = { .has_checksum = true, .md5 = MD5 };
	int fd;

	assert_int_equal(jw_provenance_verify(&owner, "content\n", 8), 1);
	assert_int_equal(jw_provenance_verify(&owner, "content", 7), 0);
	assert_int_equal(jw_provenance_verify(&owner, "", 0), 0);
	scratch_write("good", "content\n");
	fd = open(scratch_path("good"), O_RDONLY);
	/* Wherever the descriptor stands, and twice. */
	assert_int_equal(lseek(fd, 3, SEEK_SET), 3);
	assert_int_equal(jw_provenance_verify_fd(&owner, fd), 1);
	assert_int_equal(jw_provenance_verify_fd(&owner, fd), 1);
	close(fd);
	assert_int_equal(jw_provenance_verify_fd(&owner, fd), -EBADF);
	fd = open(scratch, O_RDONLY);
	assert_int_equal(jw_provenance_verify_fd(&owner, fd), -EISDIR);
	close(fd);
	strcpy(owner.md5, "F75B8179E4BBE7E2B4A074DCEF62DE95");
	assert_int_equal(jw_provenance_verify(&owner, "content\n", 8), 1);
	owner.has_checksum = false;
	assert_int_equal(jw_provenance_verify(&owner, "content\n", 8), -ENODATA);
	assert_int_equal(jw_provenance_verify_fd(&owner, -1), -ENODATA);
}

static void test_no_dpkg(void **state)
{
	struct jw_provenance_db *db;
	struct jw_owner owner;

	assert_int_equal(jw_provenance_open(&db, scratch), 0);
	assert_false(jw_provenance_owner(db, "/usr/bin/env", &owner));
	assert_int_equal(jw_provenance_refresh(db), 0);
	jw_provenance_close(db);
	jw_provenance_close(NULL);
}

/* dpkg puts a new status in place by rename; that is all there is to see. */
static void test_refresh(void **state)
{
	struct jw_provenance_db *db;
	struct jw_owner owner;

	write_database();
	assert_int_equal(jw_provenance_open(&db, scratch), 0);
	assert_int_equal(jw_provenance_refresh(db), 0);
	assert_false(jw_provenance_owner(db, "/usr/bin/half", &owner));
	scratch_write(ADMIN "status-new", "Package: half\nStatus: install ok installed\nVersion: 2\n");
	assert_int_equal(rename(scratch_path(ADMIN "status-new"), scratch_path(ADMIN "status")), 0);
	assert_int_equal(jw_provenance_refresh(db), 1);
	assert_int_equal(jw_provenance_refresh(db), 0);
	assert_true(jw_provenance_owner(db, "/usr/bin/half", &owner));
	assert_string_equal(owner.version, "2");
	assert_false(jw_provenance_owner(db, "/usr/sbin/logrotate", &owner));
	/* A list alone, as when a file moves between packages. */
	scratch_write(ADMIN "info/half.list-new", "/usr/bin/other\n");
	assert_int_equal(rename(scratch_path(ADMIN "info/half.list-new"), scratch_path(ADMIN "info/half.list")), 0);
	assert_int_equal(jw_provenance_refresh(db), 1);
	assert_true(jw_provenance_owner(db, "/usr/bin/other", &owner));
	assert_false(jw_provenance_owner(db, "/usr/bin/half", &owner));
	/* Nothing there any more. */
	assert_int_equal(unlink(scratch_path(ADMIN "status")), 0);
	assert_int_equal(jw_provenance_refresh(db), 1);
	assert_false(jw_provenance_owner(db, "/usr/bin/other", &owner));
	jw_provenance_close(db);
}

/* What a broken database can hold must not do harm. */
static void test_broken_database(void **state)
{
	static const struct { const char *name, *content;
	} cases[] = {
		{ "status", "" },
		{ "status", "\n\n\n" },
		{ "status", "garbage without colon\n\xff\xfe\n" },
		{ "status",
		  "Package: x\nStatus: install ok installed\nConffiles:\n \n x\n  \n /a\n obsolete\n"
		  " /a obsolete obsolete\n" },
		{ "status", "Package: ../../../../etc/passwd\nStatus: install ok installed\n" },
		{ "status", "Package:\nStatus: install ok installed\n" },
		{ "status", "Package: x\nStatus:\n" },
		{ "info/dash.list", "" },
		{ "info/dash.list", "\n\n/\n//\n" },
		{ "info/dash.md5sums", "short\n\n" MD5 "  \n" MD5 "\n" },
		{ "diversions", "/a\n/b\n" },
		{ "diversions", "\n\n\n\n" },
	};
	struct jw_provenance_db *db;
	struct jw_owner owner;
	char name[128];
	size_t i;

	write_database();
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(name, sizeof(name), ADMIN "%s", cases[i].name);
		scratch_write(name, cases[i].content);
		assert_int_equal(jw_provenance_open(&db, scratch), 0);
		jw_provenance_owner(db, "/bin/dash", &owner);
		jw_provenance_owner(db, "/a", &owner);
		jw_provenance_owner(db, "/", &owner);
		jw_provenance_close(db);
		snprintf(name, sizeof(name), ADMIN "%s", "status");
		scratch_write(name, status);
	}
}

/* As many packages and paths as a desktop has: what is kept of them must be small. */
static void test_memory(void **state)
{
	struct jw_provenance_db *db;
	struct jw_owner owner;
	char name[128], *text = malloc(4 << 20), *p = text;
	int i, k;

	for (i = 0; i < 100; i++)
		p += sprintf(p, "Package: p%d\nStatus: install ok installed\nVersion: %d\n\n", i, i);
	scratch_write(ADMIN "status", text);
	for (i = 0; i < 100; i++) {
		p = text;
		for (k = 0; k < 1000; k++)
			p += sprintf(p, "/usr/share/package-%d/file-%d\n", i, k);
		snprintf(name, sizeof(name), ADMIN "info/p%d.list", i);
		scratch_write(name, text);
	}
	free(text);
	assert_int_equal(jw_provenance_open(&db, scratch), 0);
	for (i = 0; i < 100; i += 9) {
		snprintf(name, sizeof(name), "/usr/share/package-%d/file-%d", i, 999 - i);
		assert_true(jw_provenance_owner(db, name, &owner));
		snprintf(name, sizeof(name), "p%d", i);
		assert_string_equal(owner.package, name);
	}
	jw_provenance_close(db);
}

static void test_names(void **state)
{
	int kind;

	for (kind = JW_PROVENANCE_UNKNOWN; kind <= JW_PROVENANCE_GENERATED; kind++)
		assert_int_equal(jw_provenance_from_name(jw_provenance_name((enum jw_provenance_kind)kind)), kind);
	assert_null(jw_provenance_name((enum jw_provenance_kind)99));
	assert_int_equal(jw_provenance_from_name("dpkg"), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_owner),
		TEST(test_verify),
		TEST(test_no_dpkg),
		TEST(test_refresh),
		TEST(test_broken_database),
		TEST(test_memory),
		TEST(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
