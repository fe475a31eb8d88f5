// SPDX-License-Identifier: GPL-2.0
/*
 * One act on a file, by the plain system call, so that the process's image is this program and nothing else. Exit code: errno.
 * Before it, words that change where it happens: `ns` (mount namespace of its own), `bind FROM TO`, `chroot DIR`,
 * `overlay LOWER UPPER WORK AT`, `fork` (twice, with a session of its own). Or who does it: `wait FILE` (until that is there),
 * `image FILE` (the process says from then on that it runs FILE), `thread` (the rest is done by a thread that is there already).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE 2
#endif

static int openat2_(const char *path, int flags)
{
	struct open_how how = { .flags = flags };

	return syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
}

static int by_handle(const char *path)
{
	struct { struct file_handle h; char room[128]; } f = { .h.handle_bytes = 128 };
	int id, at = open(path, O_RDONLY);

	if (name_to_handle_at(AT_FDCWD, path, &f.h, &id, 0))
		return -1;
	return open_by_handle_at(at, &f.h, O_WRONLY);
}

/* One IORING_OP_OPENAT, taken by a worker thread (IOSQE_ASYNC). */
static int by_uring(const char *path)
{
	struct io_uring_params p = { 0 };
	int ring = syscall(SYS_io_uring_setup, 4, &p);
	struct io_uring_sqe *sqe;
	struct io_uring_cqe *cqe;
	char *sq, *cq;

	if (ring < 0)
		return -1;
	sq = mmap(0, p.sq_off.array + p.sq_entries * 4, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQ_RING);
	cq = mmap(0, p.cq_off.cqes + p.cq_entries * sizeof(*cqe), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_CQ_RING);
	sqe = mmap(0, p.sq_entries * sizeof(*sqe), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);
	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = IORING_OP_OPENAT;
	sqe->flags = IOSQE_ASYNC;
	sqe->fd = AT_FDCWD;
	sqe->addr = (unsigned long)path;
	sqe->open_flags = O_WRONLY;
	((unsigned *)(sq + p.sq_off.array))[0] = 0;
	__atomic_store_n((unsigned *)(sq + p.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		return -1;
	cqe = (struct io_uring_cqe *)(cq + p.cq_off.cqes);
	if (cqe->res < 0) {
		errno = -cqe->res;
		return -1;
	}
	return cqe->res;
}

static int copy_range(const char *from, const char *to)
{
	int a = open(from, O_RDONLY), b = open(to, O_WRONLY);

	return b < 0 ? -1 : copy_file_range(a, NULL, b, NULL, 10, 0) < 0 ? -1 : 0;
}

static int splice_(const char *from, const char *to)
{
	int a = open(from, O_RDONLY), b = open(to, O_WRONLY), pipe_[2];

	if (b < 0 || pipe(pipe_))
		return -1;
	return splice(a, NULL, pipe_[1], NULL, 10, 0) < 0 ? -1 : splice(pipe_[0], NULL, b, NULL, 10, 0) < 0 ? -1 : 0;
}

static int mmap_(const char *path)
{
	int fd = open(path, O_RDWR);

	return fd < 0 ? -1 : mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0;
}

static int fallocate_(const char *path)
{
	int fd = open(path, O_RDWR);

	return fd < 0 ? -1 : fallocate(fd, 0, 0, 8192);
}

static int tmpfile_link(const char *dir, const char *to, int proc)
{
	int fd = open(dir, O_TMPFILE | O_RDWR, 0644);
	char path[64];

	if (fd < 0)
		return -1;
	if (!proc)
		return linkat(fd, "", AT_FDCWD, to, AT_EMPTY_PATH);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, path, AT_FDCWD, to, AT_SYMLINK_FOLLOW);
}

static int reopen(const char *path)
{
	int fd = open(path, O_PATH);
	char proc[64];

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	return open(proc, O_WRONLY);
}

/* user::rw- user:1234:rw- group::r-- mask::rw- other::r-- */
static int acl(const char *path)
{
	static const struct { unsigned version; struct { short tag, perm; unsigned id; } e[5]; } v = {
		2, { { 1, 6, -1 }, { 2, 6, 1234 }, { 4, 4, -1 }, { 16, 6, -1 }, { 32, 4, -1 } } };

	return setxattr(path, "system.posix_acl_access", &v, sizeof(v), 0);
}

static int move_mount_(const char *from, const char *to)
{
	int fd = syscall(SYS_open_tree, AT_FDCWD, from, 1 /* OPEN_TREE_CLONE */ | O_CLOEXEC);

	return fd < 0 ? -1 : syscall(SYS_move_mount, fd, "", AT_FDCWD, to, 4 /* MOVE_MOUNT_F_EMPTY_PATH */);
}

static int act(const char *what, const char *a, const char *b)
{
	static const struct timespec times[2] = { { 1, 0 }, { 1, 0 } };
#define IS(w) !strcmp(what, w)
	if (IS("read")) return open(a, O_RDONLY);
	if (IS("path")) return open(a, O_PATH);
	if (IS("write")) return open(a, O_WRONLY);
	if (IS("rdwr")) return open(a, O_RDWR);
	if (IS("append")) return open(a, O_WRONLY | O_APPEND);
	if (IS("rdonly-trunc")) return open(a, O_RDONLY | O_TRUNC);
	if (IS("write-trunc")) return open(a, O_WRONLY | O_TRUNC);
	if (IS("creat")) return creat(a, 0644);
	if (IS("create-rdonly")) return open(a, O_RDONLY | O_CREAT | O_EXCL, 0644);
	if (IS("openat2")) return openat2_(a, O_WRONLY);
	if (IS("handle")) return by_handle(a);
	if (IS("uring")) return by_uring(a);
	if (IS("reopen")) return reopen(a);
	if (IS("truncate")) return truncate(a, 3);
	if (IS("fallocate")) return fallocate_(a);
	if (IS("mmap")) return mmap_(a);
	if (IS("copy-range")) return copy_range(a, b);
	if (IS("splice")) return splice_(a, b);
	if (IS("rename")) return rename(a, b);
	if (IS("exchange")) return renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
	if (IS("link")) return link(a, b);
	if (IS("symlink")) return symlink(a, b);
	if (IS("fifo")) return mkfifo(a, 0644);
	if (IS("mkdir")) return mkdir(a, 0755);
	if (IS("tmpfile")) return open(a, O_TMPFILE | O_RDWR, 0644);
	if (IS("tmpfile-link")) return tmpfile_link(a, b, 0);
	if (IS("tmpfile-proc")) return tmpfile_link(a, b, 1);
	if (IS("unlink")) return unlink(a);
	if (IS("rmdir")) return rmdir(a);
	if (IS("chmod")) return chmod(a, 0777);
	if (IS("chown")) return chown(a, 1234, -1);
	if (IS("utimes")) return utimensat(AT_FDCWD, a, times, 0);
	if (IS("setxattr")) return setxattr(a, "user.x", "y", 1, 0);
	if (IS("removexattr")) return removexattr(a, "user.have");
	if (IS("acl")) return acl(a);
	if (IS("mount")) return mount(a, b, NULL, MS_BIND, NULL);
	if (IS("tmpfs")) return mount("none", a, "tmpfs", 0, NULL);
	if (IS("remount")) return mount(NULL, a, NULL, MS_REMOUNT | MS_BIND, NULL);
	if (IS("umount")) return umount2(a, MNT_DETACH);
	if (IS("move-mount")) return move_mount_(a, b);
	fprintf(stderr, "acts: no such act: %s\n", what);
	exit(125);
}

static void need(int ret, const char *what)
{
	if (ret < 0) {
		perror(what);
		exit(126);
	}
}

static void child(void)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		return;
	waitpid(pid, &status, 0);
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 127);
}

/* Nothing of the old image may be mapped (kernel/fork.c, replace_mm_exe_file()): each piece of it gives way to a copy of itself. */
static void image(const char *path)
{
	char line[512], self[256];
	FILE *maps = fopen("/proc/self/maps", "r");
	struct { char *from, *to; int prot; } pieces[32];
	int i, n = 0, fd = open(path, O_RDONLY);
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[len > 0 ? len : 0] = 0;
	while (fgets(line, sizeof(line), maps) && n < 32) {
		char prot[5];

		if (!strstr(line, self) || sscanf(line, "%p-%p %4s", &pieces[n].from, &pieces[n].to, prot) != 3)
			continue;
		pieces[n++].prot = (prot[0] == 'r') * PROT_READ | (prot[1] == 'w') * PROT_WRITE | (prot[2] == 'x') * PROT_EXEC;
	}
	fclose(maps);
	for (i = 0; i < n; i++) {
		size_t size = pieces[i].to - pieces[i].from;
		void *copy = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		memcpy(copy, pieces[i].from, size);
		mprotect(copy, size, pieces[i].prot);
		mremap(copy, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, pieces[i].from);
	}
	need(fd, path);
	need(prctl(PR_SET_MM, PR_SET_MM_EXE_FILE, fd, 0, 0), "PR_SET_MM_EXE_FILE");
}

static char **rest;
static pthread_mutex_t ready = PTHREAD_MUTEX_INITIALIZER;

static void *in_thread(void *unused)
{
	pthread_mutex_lock(&ready);
	errno = 0;
	_exit(act(rest[0], rest[1], rest[1] ? rest[2] : NULL) < 0 ? errno : 0);
}

int main(int argc, char **argv)
{
	char **a = argv + 1;
	pthread_t thread = 0;
	char opts[1024];

	for (; *a; a++) {
		if (!strcmp(*a, "ns") || !strcmp(*a, "shared-ns")) {
			need(unshare(CLONE_NEWNS), "unshare");
			need(mount(NULL, "/", NULL, MS_REC | (**a == 'n' ? MS_PRIVATE : MS_SHARED), NULL), "propagation");
		} else if (!strcmp(*a, "bind")) {
			need(mount(a[1], a[2], NULL, MS_BIND, NULL), "bind");
			a += 2;
		} else if (!strcmp(*a, "chroot")) {
			need(chroot(a[1]), "chroot");
			need(chdir("/"), "chdir");
			a++;
		} else if (!strcmp(*a, "overlay")) {
			snprintf(opts, sizeof(opts), "lowerdir=%s,upperdir=%s,workdir=%s", a[1], a[2], a[3]);
			need(mount("o", a[4], "overlay", 0, opts), "overlay");
			a += 4;
		} else if (!strcmp(*a, "fork")) {
			child();
			setsid();
			child();
		} else if (!strcmp(*a, "wait")) {
			for (a++; access(*a, F_OK);)
				usleep(10000);
		} else if (!strcmp(*a, "image")) {
			image(*++a);
		} else if (!strcmp(*a, "thread")) {
			pthread_mutex_lock(&ready);
			need(-pthread_create(&thread, NULL, in_thread, NULL), "thread");
		} else {
			break;
		}
	}
	if (!*a)
		return 125;
	if (thread) {
		rest = a;
		pthread_mutex_unlock(&ready);
		pause();
	}
	errno = 0;
	return act(a[0], a[1], a[0] && a[1] ? a[2] : NULL) < 0 ? errno : 0;
}
