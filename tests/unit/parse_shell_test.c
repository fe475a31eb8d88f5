// SPDX-License-Identifier: GPL-2.0
/*
 * What a shell command runs. Expectations as one text: "c:" a command, "s:" a script, "d:" dynamic, "g:" a glob, in
 * the order in which they are found.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "parse/parse.h"

struct shell_case {
	const char *command, *words;
};

static const struct shell_case debian[] = {
	{ "cd / && run-parts --report /etc/cron.hourly", "c:run-parts" },
	{ "test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }", "c:run-parts" },
	{ "test -x /usr/sbin/anacron || ( cd / && run-parts --report /etc/cron.daily )", "c:run-parts" },
	{ "command -v debian-sa1 > /dev/null && debian-sa1 1 1", "c:debian-sa1" },
	{ "if [ -x /usr/share/mdadm/checkarray ] && [ $(date +%d) -le 7 ]; then "
	  "/usr/share/mdadm/checkarray --cron --all; fi",
	  "c:date c:/usr/share/mdadm/checkarray" },
	{ "[ -x /usr/lib/php/sessionclean ] && if [ ! -d /run/systemd/system ]; then /usr/lib/php/sessionclean; fi",
	  "c:/usr/lib/php/sessionclean" },
	{ "test -e /run/systemd/system || SERVICE_MODE=1 /usr/lib/x86_64-linux-gnu/e2fsprogs/e2scrub_all_cron",
	  "c:/usr/lib/x86_64-linux-gnu/e2fsprogs/e2scrub_all_cron" },
	{ "test -x /usr/bin/certbot -a \\! -d /run/systemd/system && perl -e 'sleep int(rand(43200))' && "
	  "certbot -q renew",
	  "c:perl c:certbot" },
	{ "[ -x /etc/init.d/anacron ] && if [ ! -d /run/systemd/system ]; then "
	  "/usr/sbin/invoke-rc.d anacron start >/dev/null; fi",
	  "c:/usr/sbin/invoke-rc.d" },
	{ "   test -x /etc/cron.daily/popularity-contest && /etc/cron.daily/popularity-contest --crond",
	  "c:/etc/cron.daily/popularity-contest" },
};

static const struct shell_case scripts[] = {
	{ "sh /opt/x.sh arg", "c:sh s:/opt/x.sh" },
	{ "/bin/bash -eo pipefail /opt/x.sh", "c:/bin/bash s:/opt/x.sh" },
	{ "bash --rcfile /tmp/rc -i", "c:bash s:/tmp/rc d:bash" },
	{ "sh < /opt/x.sh", "c:sh s:/opt/x.sh" },
	{ "sort < /var/log/x > /tmp/y", "c:sort" },
	{ "curl -s http://x/y | sh", "c:curl c:sh d:sh" },
	{ "bash -s arg", "c:bash d:-s s:arg" },
	{ ". /etc/profile; cmd", "s:/etc/profile c:cmd" },
	{ "source ./env && exec -a name /opt/x", "s:./env c:/opt/x" },
	{ "python3 -u /opt/x.py", "c:python3 s:/opt/x.py" },
	{ "python3.11 -W ignore -c 'import x' /opt/x.py", "c:python3.11" },
	{ "python3 -m http.server", "c:python3 d:-m" },
	{ "perl -MTime::HiRes -w /opt/x.pl", "c:perl s:/opt/x.pl" },
	{ "perl -lne 'print' /var/log/x", "c:perl" },
	{ "node -r ./hook.js app.js", "c:node s:./hook.js s:app.js" },
	{ "php -d a=b -f /opt/x.php", "c:php s:/opt/x.php" },
	{ "java -Xmx1g -jar /opt/x.jar", "c:java s:/opt/x.jar" },
	{ "awk -f /opt/x.awk -v a=b /var/log/x", "c:awk s:/opt/x.awk" },
	{ "sed -n -f /opt/x.sed /var/log/x", "c:sed s:/opt/x.sed" },
	{ "awk '{print}' /var/log/x", "c:awk" },
	{ "BASH_ENV=/tmp/x bash -c true", "s:/tmp/x c:bash" },
	{ "LD_PRELOAD=/tmp/x.so cmd", "s:/tmp/x.so c:cmd" },
	{ "export PATH=/tmp:$PATH; cmd", "d:PATH=/tmp:$PATH c:cmd" },
};

static const struct shell_case wrappers[] = {
	{ "nice -n 19 ionice -c3 /usr/local/bin/backup", "c:nice c:ionice c:/usr/local/bin/backup" },
	{ "nice -19 /x", "c:nice c:/x" },
	{ "nice --adjustment 19 /x", "c:nice c:/x" },
	{ "env A=b -i /x", "c:env c:-i" },	/* env(1): options stand before assignments */
	{ "env -i A=b LD_PRELOAD=/y /x", "c:env s:/y c:/x" },
	{ "env -S 'foo bar'", "c:env c:foo" },
	{ "sudo -u bob -- /x", "c:sudo c:/x" },
	{ "timeout -k 5 10 sh /x", "c:timeout c:sh s:/x" },
	{ "find / -name x | xargs -0 -I{} rm {}", "c:find c:xargs c:rm" },
	{ "find / -exec sh -c 'foo' \\; -o -exec bar {} +", "c:find c:sh c:foo c:bar" },
	{ "flock -n /run/x -c 'foo bar'", "c:flock c:foo" },
	{ "flock -w 5 /run/x foo bar", "c:flock c:foo" },
	{ "su - bob -c 'foo bar'", "c:su c:foo" },
	{ "runuser -u bob -- foo", "c:runuser c:foo" },
	{ "nohup setsid /x & y", "c:nohup c:setsid c:/x c:y" },
	{ "chroot /mnt /x", "c:chroot c:/x" },
	{ "systemd-run --unit x --on-active 5 /x", "c:systemd-run c:/x" },
	{ "start-stop-daemon --start --exec /x -- y", "c:start-stop-daemon c:/x" },
	{ "command -p foo", "c:foo" },
	{ "eval 'foo; bar'", "c:foo c:bar" },
	{ "trap 'foo' EXIT", "c:foo" },
	{ "alias ll='foo'", "c:foo" },
};

static const struct shell_case syntax[] = {
	{ "", "" },
	{ "   # nothing", "" },
	{ "a#b # c", "c:a#b" },
	{ "a;b&c&&d||e|f\n g", "c:a c:b c:c c:d c:e c:f c:g" },
	{ "'/opt/a b' \"c\"; \"/opt/\"d\\ e", "c:/opt/a b c:/opt/d e" },
	{ "a `b \"c\" \\`d\\`` \"$(e $(f))\" ${x:-$(g)} $((1 + $(h)))", "c:d c:b c:f c:e c:g c:h c:a" },
	{ "$((echo a); b)", "c:b d:$((echo a); b)" },
	{ "case $x in a|b) foo;; (c) bar;& *) baz; esac; qux", "c:foo c:bar c:baz c:qux" },
	{ "f() { g; }; function h { i; }; for x in 1 2; do j; done", "c:g c:i c:j" },
	{ "while ! a; do b; done < /list", "c:a c:b" },
	{ "A=1 B=2 cmd; C=3", "c:cmd" },
	{ "A=(x $(y) z) cmd", "c:y c:cmd" },
	{ "time -p a; ! b; { c; }", "c:a c:b c:c" },
	{ "[[ -f /x && -n $y ]] && real", "c:real" },
	{ "[[ a || b", "c:b" },
	{ "cat <<E\nfoo\nE\nbar", "d:E c:cat c:bar" },
	{ "cat <<-'E F' | a\n\tfoo\n\tE F\nbar", "d:'E F' c:cat c:a c:bar" },
	{ "a 2>&1 >x <y >>z &>w 3<>v; b", "c:a c:b" },
	{ "a <(b) <<< c", "c:b c:a" },
	{ "$CMD x; \"$D\"/y; ~/bin/z; {e,f}", "d:$CMD d:\"$D\"/y d:~/bin/z d:{e,f}" },
	{ "/opt/*.sh; sh /opt/?.sh; [a", "g:/opt/*.sh c:sh g:/opt/?.sh c:[a" },
	{ "sh -c \"$X\"", "c:sh d:\"$X\"" },
	{ "$'a'", "d:$'a'" },
	{ "$'a\\'b' ; evil '", "d:'a\\'b' ; evil ' d:$'a\\'b' ; evil '" },
	{ "a\\\n b", "c:a" },
	{ "x\r", "c:x\r" },
	{ "a ) b", "c:a c:b" },
	{ "a 'b", "c:a" },
	{ "bash -c 'nested; . /x'", "c:bash c:nested s:/x" },
	{ "bash -c \"sh -c 'a'\"", "c:bash c:sh c:a" },
};

static char *found(const char *command)
{
	static const char letters[] = { 'c', 's', 'd', 'g' };
	struct jw_shell_words words = { 0 };
	char *text = NULL;
	size_t n, i;
	FILE *f = open_memstream(&text, &n);

	assert_int_equal(jw_parse_shell_command(command, &words), 0);
	for (i = 0; i < words.n; i++)
		fprintf(f, "%s%c:%s", i ? " " : "", letters[words.v[i].kind], words.v[i].text);
	fclose(f);
	jw_shell_words_done(&words);
	return text;
}

static void check(const struct shell_case *cases, size_t n)
{
	int failures = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		char *text = found(cases[i].command);

		if (strcmp(text, cases[i].words)) {
			print_error("%s\n  expected %s\n  found    %s\n", cases[i].command, cases[i].words, text);
			failures++;
		}
		free(text);
	}
	assert_int_equal(failures, 0);
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void test_debian(void **state)
{
	(void)state;
	check(debian, COUNT(debian));
}

static void test_scripts(void **state)
{
	(void)state;
	check(scripts, COUNT(scripts));
}

static void test_wrappers(void **state)
{
	(void)state;
	check(wrappers, COUNT(wrappers));
}

static void test_syntax(void **state)
{
	(void)state;
	check(syntax, COUNT(syntax));
}

/* What nests deeper than anybody writes is reported, and ends. */
static void test_depth(void **state)
{
	static const char *const pieces[] = {
		"$(", "(", "nice ", "${a:-", "eval ", "$((", "case x in a) ", "`", "sh -c ",
	};
	size_t i, j, len;
	char *text, *out;

	(void)state;
	for (i = 0; i < COUNT(pieces); i++) {
		len = strlen(pieces[i]);
		text = malloc(1000 * len + 5);
		for (j = 0; j < 1000; j++)
			memcpy(text + j * len, pieces[i], len);
		strcpy(text + 1000 * len, "evil");
		out = found(text);
		assert_true(strlen(out) < 100000);
		free(out);
		free(text);
	}
	out = found("nice nice nice nice nice nice nice nice nice nice nice nice nice nice nice nice nice /evil");
	assert_non_null(strstr(out, "d:nice"));
	free(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_debian),
		cmocka_unit_test(test_scripts),
		cmocka_unit_test(test_wrappers),
		cmocka_unit_test(test_syntax),
		cmocka_unit_test(test_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
