// SPDX-License-Identifier: GPL-2.0
/*
 * Who is at the other end of the control socket, in words for the record: the kernel's credentials of the connection,
 * and the login that the audit system remembers through su and sudo (/proc/PID/loginuid).
 */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include "peer.h"

static const char *name_of(uid_t uid, char *buf, size_t size)
{
	struct passwd *pw = getpwuid(uid);

	if (pw)
		snprintf(buf, size, "%s", pw->pw_name);
	else
		snprintf(buf, size, "%u", uid);
	return buf;
}

static bool read_login(pid_t pid, uid_t *ret)
{
	char path[64];
	unsigned int uid;
	FILE *f;
	bool set;

	snprintf(path, sizeof(path), "/proc/%d/loginuid", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	set = fscanf(f, "%u", &uid) == 1 && uid != (uid_t)-1;
	fclose(f);
	*ret = uid;
	return set;
}

/* proc(5): the seventh field of stat is the terminal's device; the second may hold anything up to its last ")". */
static bool read_tty(pid_t pid, char *out, size_t size)
{
	char path[64], line[1024], *p;
	int tty = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	p = fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
	fclose(f);
	if (!p || sscanf(p + 1, " %*c %*d %*d %*d %d", &tty) != 1 || !tty)
		return false;
	/* Documentation/admin-guide/devices.txt: 136 to 143 are pseudo terminals, 4 virtual and serial ones */
	if (major(tty) >= 136 && major(tty) <= 143)
		snprintf(out, size, "pts/%u", minor(tty) + (major(tty) - 136) * 256);
	else if (major(tty) == 4)
		snprintf(out, size, minor(tty) < 64 ? "tty%u" : "ttyS%u",
			 minor(tty) < 64 ? minor(tty) : minor(tty) - 64);
	else
		snprintf(out, size, "terminal %u:%u", major(tty), minor(tty));
	return true;
}

int jw_peer_of(int fd, struct jw_peer *ret)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);
	char user[64], login[64], tty[64];
	uid_t auid = 0;
	int n;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return -errno;
	ret->uid = cred.uid;
	ret->pid = cred.pid;
	n = snprintf(ret->words, sizeof(ret->words), "%s (uid %u", name_of(cred.uid, user, sizeof(user)), cred.uid);
	if (read_login(cred.pid, &auid))
		n += snprintf(ret->words + n, sizeof(ret->words) - n, ", login %s",
			      name_of(auid, login, sizeof(login)));
	if (read_tty(cred.pid, tty, sizeof(tty)))
		n += snprintf(ret->words + n, sizeof(ret->words) - n, ", %s", tty);
	snprintf(ret->words + n, sizeof(ret->words) - n, ")");
	return 0;
}
