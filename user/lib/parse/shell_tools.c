// SPDX-License-Identifier: GPL-2.0
/* Tables of programs; facts from the man page of each. */
#include <stddef.h>
#include <string.h>
#include "shell_tools.h"

#define WRAPPER(n, v, l, s) { .name = n, .kind = JW_TOOL_WRAPPER, .values = v, .long_values = l, .skip = s }
#define SHELL(n) { .name = n, .kind = JW_TOOL_SHELL, .values = "oO", .long_values = " rcfile init-file ", .code = "c" }
#define INTERPRETER(n, v, l, f, c) \
	{ .name = n, .kind = JW_TOOL_INTERPRETER, .values = v, .long_values = l, .files = f, .code = c }

static const struct jw_shell_tool tools[] = {
	SHELL("sh"), SHELL("dash"), SHELL("bash"), SHELL("rbash"),
	SHELL("ash"), SHELL("ksh"), SHELL("mksh"), SHELL("zsh"),
	WRAPPER("nice", "n", " adjustment ", 0),
	WRAPPER("ionice", "cnpPu", " class classdata pid pgid uid ", 0),
	WRAPPER("nohup", "", " ", 0),
	WRAPPER("setsid", "", " ", 0),
	{ .name = "env", .kind = JW_TOOL_WRAPPER, .values = "uCS", .long_values = " unset chdir split-string ",
	  .code = "S", .assignments = true },
	{ .name = "sudo", .kind = JW_TOOL_WRAPPER, .values = "CDghpRrTtUu", .assignments = true,
	  .long_values = " user group host prompt chdir chroot role type close-from command-timeout other-user " },
	WRAPPER("doas", "uC", " ", 0),
	WRAPPER("timeout", "ks", " kill-after signal ", 1),
	WRAPPER("chrt", "TPDp", " sched-runtime sched-period sched-deadline ", 1),
	WRAPPER("taskset", "", " ", 1),
	WRAPPER("stdbuf", "ioe", " input output error ", 0),
	{ .name = "flock", .kind = JW_TOOL_WRAPPER, .values = "wE", .long_values = " timeout wait conflict-exit-code ",
	  .code = "c", .skip = 1 },
	WRAPPER("xargs", "aEdILnPs", " arg-file delimiter max-lines max-args max-procs max-chars process-slot-var ", 0),
	WRAPPER("chroot", "", " ", 1),
	WRAPPER("unshare", "SGRw", " setuid setgid root wd ", 0),
	WRAPPER("nsenter", "tSG", " target setuid setgid ", 0),
	WRAPPER("setpriv", "",
		" ruid euid reuid rgid egid regid groups inh-caps ambient-caps bounding-set securebits pdeathsig ", 0),
	WRAPPER("systemd-run", "uptMHE",
		" unit property description slice uid gid nice working-directory setenv service-type"
		" on-active on-boot on-startup on-unit-active on-unit-inactive on-calendar timer-property path-property"
		" socket-property host machine ", 0),
	WRAPPER("systemd-cat", "tp", " identifier priority stderr-priority level-prefix ", 0),
	WRAPPER("systemd-inhibit", "", " what who why mode ", 0),
	WRAPPER("time", "fo", " format output ", 0),
	WRAPPER("chronic", "", " ", 0),
	WRAPPER("ifne", "", " ", 0),
	WRAPPER("watch", "nq", " interval equexit ", 0),
	WRAPPER("strace", "abeopsuEIOPSUX", " output attach trace user env ", 0),
	WRAPPER("prlimit", "o", " output ", 0),
	WRAPPER("cgexec", "g", " ", 0),
	WRAPPER("busybox", "", " ", 0),
	WRAPPER("fakeroot", "lsib", " lib faked ", 0),
	WRAPPER("faketime", "p", " ", 1),
	WRAPPER("dbus-run-session", "", " config-file dbus-daemon ", 0),
	WRAPPER("xvfb-run", "enfpsw", " error-file server-num auth-file server-args xauth-protocol wait ", 0),
	WRAPPER("parallel", "aIjNSP", " arg-file jobs max-args ", 0),
	WRAPPER("ld-linux-x86-64.so", "", " library-path inhibit-rpath audit preload argv0 ", 0),
	{ .name = "su", .kind = JW_TOOL_WRAPPER, .values = "gGsw", .code = "c", .skip = -1,
	  .long_values = " shell group supp-group whitelist-environment " },
	{ .name = "runuser", .kind = JW_TOOL_WRAPPER, .values = "gGsuw", .code = "c", .skip = -1,
	  .long_values = " shell group supp-group user whitelist-environment " },
	{ .name = "script", .kind = JW_TOOL_WRAPPER, .values = "BEIOTmo", .code = "c", .skip = -1, .long_values = " " },
	INTERPRETER("python", "WX", " ", "", "cm"),
	INTERPRETER("pypy", "WX", " ", "", "cm"),
	INTERPRETER("perl", "IMm", " ", "", "eE"),
	INTERPRETER("ruby", "IrCE", " ", "", "e"),
	INTERPRETER("node", "C", " conditions ", "r", "ep"),
	INTERPRETER("nodejs", "C", " conditions ", "r", "ep"),
	INTERPRETER("php", "dz", " define ", "fFc", "rRB"),
	INTERPRETER("lua", "l", " ", "", "e"),
	INTERPRETER("luajit", "lj", " ", "", "e"),
	INTERPRETER("tclsh", "", " ", "", ""),
	INTERPRETER("expect", "", " ", "f", "c"),
	INTERPRETER("Rscript", "", " ", "", "e"),
	INTERPRETER("guile", "lL", " ", "s", "c"),
	INTERPRETER("pwsh", "", " ", "", ""),
	{ .name = "awk", .kind = JW_TOOL_PROGRAM_TEXT, .values = "vF", .files = "f",
	  .long_values = " assign field-separator " },
	{ .name = "gawk", .kind = JW_TOOL_PROGRAM_TEXT, .values = "vF", .files = "fi",
	  .long_values = " assign field-separator " },
	{ .name = "mawk", .kind = JW_TOOL_PROGRAM_TEXT, .values = "vF", .files = "f", .long_values = " assign " },
	{ .name = "sed", .kind = JW_TOOL_PROGRAM_TEXT, .values = "el", .files = "f",
	  .long_values = " expression line-length " },
	{ .name = "make", .kind = JW_TOOL_PROGRAM_TEXT, .values = "CIWo", .files = "f", .long_values = " directory " },
	{ .name = "at", .kind = JW_TOOL_PROGRAM_TEXT, .values = "qt", .files = "f", .long_values = " " },
	{ .name = "batch", .kind = JW_TOOL_PROGRAM_TEXT, .values = "qt", .files = "f", .long_values = " " },
};

/* dash(1) and bash(1). What only one of them has counts as builtin; the other then finds no such program. */
static const char builtins[] =
	" . : [ alias bg bind break builtin caller cd chdir command compgen complete compopt continue declare dirs"
	" disown echo enable eval exec exit export false fc fg getopts hash help history jobs kill let local logout"
	" mapfile popd printf pushd pwd read readarray readonly return set shift shopt source suspend test times trap"
	" true type typeset ulimit umask unalias unset wait ";

static const char keywords[] = " { } ! if then else elif fi while until do done esac coproc ";

/* ld.so(8), bash(1), dash(1), python3(1) */
static const char loaders[] = " LD_PRELOAD LD_AUDIT BASH_ENV ENV PYTHONSTARTUP ";

static bool in_list(const char *list, const char *word, size_t len)
{
	const char *p = list;

	if (!len || memchr(word, ' ', len))
		return false;
	while ((p = strchr(p, ' ')) && *++p)
		if (!strncmp(p, word, len) && p[len] == ' ')
			return true;
	return false;
}

const struct jw_shell_tool *jw_shell_tool_find(const char *program)
{
	const char *slash = strrchr(program, '/'), *name = slash ? slash + 1 : program;
	size_t len = strlen(name), i;

	while (len && strchr("0123456789.-", name[len - 1]))
		len--;
	for (i = 0; i < sizeof(tools) / sizeof(tools[0]); i++)
		if (strlen(tools[i].name) == len && !memcmp(tools[i].name, name, len))
			return &tools[i];
	return NULL;
}

bool jw_shell_is_builtin(const char *name)
{
	return in_list(builtins, name, strlen(name));
}

bool jw_shell_is_keyword(const char *name)
{
	return in_list(keywords, name, strlen(name));
}

bool jw_shell_loads_file(const char *name, unsigned long len)
{
	return in_list(loaders, name, len);
}
