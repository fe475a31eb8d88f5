/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Job keys that kernel and auditor must agree on, byte for byte: tests/kunit/digest_kunit.c and
 * tests/unit/job_key_vectors_test.c read the same table. The keys were not computed by the code under test: they are
 * SHA-256 over the layout that include/jobward/job_key.h describes, spelled a second time by hand.
 *
 * env is what the process would have, in the order in which it has it: what a key does not cover must be left out, and
 * what it covers be sorted, before the key comes out right. Two vectors with one key are meant so.
 */
#ifndef JOBWARD_TESTS_JOB_KEY_VECTORS_H
#define JOBWARD_TESTS_JOB_KEY_VECTORS_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#endif
#include <linux/jobward.h>

struct job_key_bytes {
	const char *p;
	size_t n;
};

/* Arguments: the literal's own NUL byte ends the last one. */
#define BYTES(s) { (s), sizeof(s) }
#define TEXT(s) { (s), sizeof(s) - 1 }
#define NO_BYTES { "", 0 }
#define TEN "xxxxxxxxxx"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

struct job_key_vector {
	const char *name;
	uint32_t scheduler, uid;
	const char *unit;
	struct job_key_bytes argv;
	const char *env[32];		/* up to a NULL */
	bool has_content;
	struct job_key_bytes content;	/* not its digest */
	const char *key;		/* hex */
};

static const struct job_key_vector job_key_vectors[] = {
	{
		.name = "command",
		.scheduler = JOBWARD_SCHEDULER_CRON,
		.unit = "",
		.argv = BYTES("/bin/sh\0-c\0echo hi"),
		.key = "f82a2057235ed70966558939191f638cccf20817b27359016bfb20518404e73e",
	},
	{
		.name = "other uid",
		.scheduler = JOBWARD_SCHEDULER_CRON,
		.uid = 1000,
		.unit = "",
		.argv = BYTES("/bin/sh\0-c\0echo hi"),
		.key = "33dd3ece9b6743b48acd2133f552048bc89e1c5f53dba8f6aefc11457360fd85",
	},
	{
		.name = "largest uid",
		.scheduler = JOBWARD_SCHEDULER_CRON,
		.uid = 4294967295u,
		.unit = "",
		.argv = BYTES("/bin/sh\0-c\0echo hi"),
		.key = "d1d6df5420e888918ccf857919c7df471b921d4c6ed4461906fb2585c01f879a",
	},
	{
		.name = "other scheduler",
		.scheduler = JOBWARD_SCHEDULER_ANACRON,
		.unit = "",
		.argv = BYTES("/bin/sh\0-c\0echo hi"),
		.key = "a09df8fc017f620776158877d17e5948941fc3498964016befd19b459a67f336",
	},
	{
		.name = "no scheduler",
		.scheduler = JOBWARD_SCHEDULER_NONE,
		.unit = "",
		.argv = BYTES("/usr/bin/true"),
		.key = "6326b974f2d75caf0b1ea04cde01097f35400025330adc2b76c15b8015d0530d",
	},
	{
		.name = "no arguments",
		.scheduler = JOBWARD_SCHEDULER_CRON,
		.unit = "",
		.argv = NO_BYTES,
		.key = "0d7cdc77d2404c0f49c06d559e20cacb216f86ba3dfef6ed7df6a96575b3375f",
	},
	{
		.name = "one empty argument",
		.scheduler = JOBWARD_SCHEDULER_CRON,
		.unit = "",
		.argv = BYTES(""),
		.key = "45abe8b0e27501be36cff5fbb6e844847f7727ad47de7d3c7c2f3907aa12cca8",
	},
	{
		.name = "empty arguments between",
		.scheduler = JOBWARD_SCHEDULER_CRON,
		.unit = "",
		.argv = BYTES("a\0\0\0b"),
		.key = "09ecddbc8cbe7816c8804c58e9ed2bca0927b65e03d4f5c81b0ea103e5e8ad94",
	},
	{
		.name = "bytes that are no UTF-8",
		.scheduler = JOBWARD_SCHEDULER_CRON,
		.uid = 33,
		.unit = "",
		.argv = BYTES("/bin/sh\0-c\0printf \377\376\200"),
		.key = "5665e0b18b530b79184ff5d820373f55e5e94ffeedf23549e03dedd66ba80c3e",
	},
	{
		.name = "blanks and newline",
		.scheduler = JOBWARD_SCHEDULER_CRON,
		.unit = "",
		.argv = BYTES("/bin/sh\0-c\0a \t\n\r b"),
		.key = "f000cc0535a8d3006f9a624d82f0f9018f4c21aa1455e1b9e73137cbd76f88fc",
	},
	{
		.name = "argument of 300 bytes",
		.scheduler = JOBWARD_SCHEDULER_CRON,
		.unit = "",
		.argv = BYTES("/bin/sh\0-c\0" HUNDRED HUNDRED HUNDRED),
		.key = "38a5347e6a3c1314c6b33c726a1941fdbc5f627c8204ac105582e64854410967",
	},
	{
		.name = "variables out of order",
		.scheduler = JOBWARD_SCHEDULER_CRON,
		.unit = "",
		.argv = BYTES("/bin/sh\0-c\0job"),
		.env = { "PATH=/opt/bin:/bin", "HOME=/root", "BASH_ENV=/etc/x", "SHELL=/bin/sh" },
		.key = "f08bfafdd9d609d28f1b15d254cf8b569f28afeddfcb88aeba81a59c486cb82d",
	},
	{
		.name = "variables in order",
		.scheduler = JOBWARD_SCHEDULER_CRON,
		.unit = "",
		.argv = BYTES("/bin/sh\0-c\0job"),
		.env = { "BASH_ENV=/etc/x", "PATH=/opt/bin:/bin" },
		.key = "f08bfafdd9d609d28f1b15d254cf8b569f28afeddfcb88aeba81a59c486cb82d",
	},
	{
		.name = "variables by unsigned bytes",
		.scheduler = JOBWARD_SCHEDULER_CRON,
		.unit = "",
		.argv = BYTES("/bin/sh\0-c\0job"),
		.env = { "LD_\303\251=1", "LD_z=1", "LD_A=1", "ENV=", "ENV=a", "ENV=\001" },
		.key = "b7fe1bb184994db0a1842d600ea4657861087f887b3547f53d605728ec06f224",
	},
	{
		.name = "variable given twice",
		.scheduler = JOBWARD_SCHEDULER_CRON,
		.unit = "",
		.argv = BYTES("/bin/sh\0-c\0job"),
		.env = { "PATH=/a", "PATH=/b", "PATH=/a" },
		.key = "5e43b902baebd818303a847e9198eaac2dc78b0a049919128547cb0efe796105",
	},
	{
		.name = "exported function",
		.scheduler = JOBWARD_SCHEDULER_CRON,
		.unit = "",
		.argv = BYTES("/bin/sh\0-c\0job"),
		.env = { "BASH_FUNC_job%%=() { evil; }" },
		.key = "563d200d5519f0c8817c382cb62c7690a921032e1a152e9a9dcb2bfdfeafb554",
	},
	{
		.name = "names that only begin so",
		.scheduler = JOBWARD_SCHEDULER_CRON,
		.unit = "",
		.argv = BYTES("/bin/sh\0-c\0job"),
		.env = { "ENVIRON=1", "PATHS=1", "MY_LD_PRELOAD=1", "PERL5LIBS=1", "ld_preload=1", "ENV" },
		.key = "2a2dfa2cf97c133ebc4cfe615771c302338cbed09cfd318957231fb5753dc342",
	},
	{
		.name = "every kind of variable",
		.scheduler = JOBWARD_SCHEDULER_CRON,
		.unit = "",
		.argv = BYTES("/bin/sh\0-c\0job"),
		.env = { "BASH_ENV=v", "ENV=v", "SHELLOPTS=v", "BASHOPTS=v", "IFS=v", "PS4=v",
			"PROMPT_COMMAND=v", "GCONV_PATH=v", "GLIBC_TUNABLES=v", "PYTHONPATH=v", "PYTHONHOME=v",
			"PYTHONSTARTUP=v", "PYTHONINSPECT=v", "PERL5LIB=v", "PERL5OPT=v", "PERL5DB=v",
			"PERLLIB=v", "RUBYOPT=v", "RUBYLIB=v", "NODE_OPTIONS=v", "NODE_PATH=v",
			"LD_PRELOAD=/x.so", "LD_AUDIT=/y.so" },
		.key = "7a3bc36adc41151ff54b71a468e949bdee81408ee27dcd8e461f387b06a67741",
	},
	{
		.name = "PATH of a unit does not count",
		.scheduler = JOBWARD_SCHEDULER_SYSTEMD,
		.unit = "backup.service",
		.argv = BYTES("/usr/bin/backup\0--all"),
		.env = { "PATH=/x", "LD_PRELOAD=/x.so" },
		.key = "6d7666fd16bf99fc04ac3b3a314d3434f1721c0be6e9e52bbc5530d52ac27764",
	},
	{
		.name = "unit of a user manager",
		.scheduler = JOBWARD_SCHEDULER_SYSTEMD_USER,
		.uid = 1000,
		.unit = "sync@home.service",
		.argv = BYTES("/usr/bin/sync"),
		.key = "d950357707b80fbe451032cc3631950a87c72c41c3d861f325e35de013a3074e",
	},
	{
		.name = "unit ends later",
		.scheduler = JOBWARD_SCHEDULER_SYSTEMD,
		.unit = "ab",
		.argv = BYTES("c"),
		.key = "429405d6d4a95a187fcf88d3b27b4faf1cb450b3a237dbe1603cac78290e5041",
	},
	{
		.name = "unit ends sooner",
		.scheduler = JOBWARD_SCHEDULER_SYSTEMD,
		.unit = "a",
		.argv = BYTES("bc"),
		.key = "44b90bc35468d8a4d52f7503bf44c582d354ca5e6c88c70f19ac9afee658c721",
	},
	{
		.name = "script of an at job",
		.scheduler = JOBWARD_SCHEDULER_AT,
		.uid = 1000,
		.unit = "",
		.argv = BYTES("/bin/sh"),
		.has_content = true,
		.content = TEXT("#!/bin/sh\n# atrun uid=1000\necho hi\n"),
		.key = "598130492a1d974d3de4880098aeb024f1b9d2370099eaf2fd86e36836d2f5c0",
	},
	{
		.name = "empty script",
		.scheduler = JOBWARD_SCHEDULER_AT,
		.uid = 1000,
		.unit = "",
		.argv = BYTES("/bin/sh"),
		.has_content = true,
		.content = NO_BYTES,
		.key = "3a153579b1756f99b456db5496cee61996f4bd76fbb48a6bab6a1293c92fc892",
	},
	{
		.name = "no script",
		.scheduler = JOBWARD_SCHEDULER_AT,
		.uid = 1000,
		.unit = "",
		.argv = BYTES("/bin/sh"),
		.key = "c6301fbfa209e3efbe11c875b5c2c511a83517679d0c6e2b78c33bde46eac27a",
	},
	{
		.name = "content with NUL bytes",
		.scheduler = JOBWARD_SCHEDULER_RUN_PARTS,
		.unit = "",
		.argv = BYTES("/etc/cron.daily/x"),
		.has_content = true,
		.content = TEXT("\177ELF\000\000\001\000"),
		.key = "23d3a7e926c212e449f64f3bfa789cf986fc475fda141595803cb253e73767e2",
	},
};

#undef BYTES
#undef TEXT
#undef NO_BYTES
#undef TEN
#undef HUNDRED

#endif
