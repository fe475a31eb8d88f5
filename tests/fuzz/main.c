// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a fuzz entry without a fuzzer: over every file below the given folders, over deterministic mutations of each,
 * and over much of what nests, repeats or never ends. A single input that takes longer than LIMIT_S is a failure: all
 * parsers are linear.
 *
 *   NAME [-n MUTATIONS] PATH...
 *
 * With clang -fsanitize=fuzzer this file is left out.
 */
#include <ftw.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIMIT_S 20
#define BIG ((size_t)1 << 18)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long mutations = 40, runs;
static const char *current = "";
static uint64_t seed;

static uint32_t draw(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 16) % below;
}

static void too_slow(int sig)
{
	(void)sig;
	(void)!write(2, "fuzz: one input took too long: ", 31);
	(void)!write(2, current, strlen(current));
	(void)!write(2, "\n", 1);
	abort();
}

/* In an allocation of just that size, so that the sanitizer sees a byte too far. */
static void run(const uint8_t *data, size_t size)
{
	uint8_t *exact = malloc(size ? size : 1);

	if (size)
		memcpy(exact, data, size);
	alarm(LIMIT_S);
	LLVMFuzzerTestOneInput(exact, size);
	alarm(0);
	free(exact);
	runs++;
}

static const char *const pieces[] = {
	"\n", "\r\n", "\0", "\\", "\\\n", "%", "\\%", "\"", "'", "`", "$(", ")", "$((", "))", "${", "}", "<<E\n", "=",
	"=\"", " ", "\t",
	"*", "*/0", "@reboot", "#", ";", "[Service]\n", "ExecStart=", "\xff", "\xc3", "\xed\xa0\x80", "{",
	"case x in ", "esac", "-",
	"4294967296", "-1", "\\x00", "\\u12345678", "root ", "[", "]", "&&", "|", "(", "\x1b[2J", "* * * * * root ",
	"sh -c '",
};

/* Changes up to 8 places: a byte, a piece put in, a part cut out or doubled. */
static size_t mutate(uint8_t *buf, size_t n, size_t room)
{
	uint32_t times = 1 + draw(8), at, len;

	for (; times; times--) {
		const char *piece = pieces[draw(sizeof(pieces) / sizeof(pieces[0]))];
		size_t piece_len = strlen(piece) ? strlen(piece) : 1;

		at = draw(n + 1);
		switch (draw(4)) {
		case 0:
			if (at < n)
				buf[at] ^= 1 << draw(8);
			break;
		case 1:
			if (n + piece_len > room)
				break;
			memmove(buf + at + piece_len, buf + at, n - at);
			memcpy(buf + at, piece, piece_len);
			n += piece_len;
			break;
		case 2:
			len = draw(n - at + 1);
			memmove(buf + at, buf + at + len, n - at - len);
			n -= len;
			break;
		case 3:
			len = draw(n - at + 1);
			if (n + len > room)
				break;
			memmove(buf + at + len, buf + at, n - at);
			n += len;
			break;
		}
	}
	return n;
}

static int run_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	size_t n, room = st->st_size + 4096;
	uint8_t *original, *buf;
	unsigned long i;
	FILE *f;

	(void)ftw;
	if (type != FTW_F || st->st_size > (off_t)BIG)
		return 0;
	current = path;
	f = fopen(path, "r");
	original = malloc(room);
	buf = malloc(room);
	if (!f || !original || !buf)
		return 1;
	n = fread(original, 1, st->st_size, f);
	fclose(f);
	run(original, n);
	seed = 88172645463325252u + n;
	for (i = 0; i < mutations; i++) {
		memcpy(buf, original, n);
		run(buf, mutate(buf, n, room));
	}
	free(original);
	free(buf);
	return 0;
}

static void run_big(void)
{
	uint8_t *buf = malloc(BIG);
	size_t i, j, len;

	for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		current = pieces[i];
		len = strlen(pieces[i]) ? strlen(pieces[i]) : 1;
		for (j = 0; j + len <= BIG; j += len)
			memcpy(buf + j, pieces[i], len);
		run(buf, j);
		/* The same as one entry of a table, and as one setting. */
		memcpy(buf, "1 5 x ", 6);
		run(buf, j);
		memcpy(buf, "A=", 2);
		run(buf, j);
	}
	free(buf);
}

int main(int argc, char **argv)
{
	int i = 1;

	signal(SIGALRM, too_slow);
	if (argc > 2 && !strcmp(argv[1], "-n")) {
		mutations = strtoul(argv[2], NULL, 10);
		i = 3;
	}
	run((const uint8_t *)"", 0);
	for (; i < argc; i++) {
		if (nftw(argv[i], run_file, 16, FTW_PHYS)) {
			fprintf(stderr, "fuzz: '%s' can't be read\n", argv[i]);
			return 1;
		}
	}
	run_big();
	printf("%lu inputs\n", runs);
	return 0;
}
