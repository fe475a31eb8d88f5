// SPDX-License-Identifier: GPL-2.0
/*
 * See pin.h. The path is resolved with the credentials of the job, whose way it is; the content is read with the kernel's own,
 * since a job may execute what it may not read.
 */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/namei.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "compat/compat.h"
#include "pin.h"
#include "place.h"

#define CHUNK 16384
#define CONTENT_MAX (256ll << 20)

static const struct cred *reader_cred;
static bool below_opened;	/* a block device, for writing: never taken back */

int jw_pin_digest(struct file *file, u8 digest[JOBWARD_DIGEST_SIZE], char *head, u32 *head_len)
{
	u8 *buf = kvmalloc(CHUNK, GFP_KERNEL);
	u32 room = head ? *head_len : 0;
	jw_sha256_state state;
	ssize_t n = -ENOMEM;
	loff_t pos = 0;

	if (!buf)
		return -ENOMEM;
	if (head)
		*head_len = 0;
	sha256_init(&state);
	while (pos < CONTENT_MAX) {
		n = kernel_read(file, buf, CHUNK, &pos);
		if (n <= 0)
			break;
		sha256_update(&state, buf, n);
		if (head && *head_len < room) {
			u32 take = min_t(u32, n, room - *head_len);

			memcpy(head + *head_len, buf, take);
			*head_len += take;
		}
		cond_resched();
	}
	kvfree(buf);
	if (n > 0)
		return -EFBIG;
	sha256_final(&state, digest);
	return n;
}

static bool same_content(const struct path *path, const struct jw_pin *pin)
{
	u8 digest[JOBWARD_DIGEST_SIZE];
	struct file *file;
	bool same;

	if (!S_ISREG(d_inode(path->dentry)->i_mode))
		return false;
	file = dentry_open(path, O_RDONLY | O_NONBLOCK | O_LARGEFILE, reader_cred);
	if (IS_ERR(file))
		return false;
	same = !jw_pin_digest(file, digest, NULL, NULL) && !memcmp(digest, pin->sha256, sizeof(digest));
	fput(file);
	return same;
}

void jw_pin_below_opened(void)
{
	if (!READ_ONCE(below_opened))
		WRITE_ONCE(below_opened, true);
}

/* Did the package manager, and nobody else, replace what was pinned here? */
static bool replaced_by_package(const struct jw_table *table, const struct jw_pin *pin)
{
	const struct jw_identity_object *object = jw_identity_find(&table->objects, &pin->id);

	return object && test_bit(JW_MARK_PACKAGE, &object->marks) && !test_bit(JW_MARK_TOUCHED, &object->marks);
}

static bool holds(const struct jw_table *table, const struct jw_pin *pin)
{
	const struct inode *inode;
	struct jw_identity id;
	struct path path;
	bool same;
	int err;

	err = kern_path(table->strings + pin->path, LOOKUP_FOLLOW, &path);
	if (err)
		return pin->absent ? err != -ENOMEM : replaced_by_package(table, pin);
	if (pin->absent) {
		path_put(&path);
		return false;
	}
	inode = d_inode(path.dentry);
	jw_place_identity(inode, &id);
	/* Who has it mapped for writing already changes it without a new ctime: then the content counts. */
	same = pin->ctime_ns && !READ_ONCE(below_opened) && atomic_read(&inode->i_writecount) <= 0 &&
	       jw_identity_same(&id, &pin->id) && jw_inode_ctime_ns(inode) == pin->ctime_ns && i_size_read(inode) == pin->size;
	if (!same)
		same = replaced_by_package(table, pin) || same_content(&path, pin);
	path_put(&path);
	return same;
}

const char *jw_pin_check(struct jw_table *table, const struct jw_verdict *verdict)
{
	u32 i;

	for (i = 0; i < verdict->n_pins; i++) {
		const struct jw_pin *pin = &table->pins[table->pin_refs[verdict->first_pin + i]];

		if (!holds(table, pin))
			return table->strings + pin->path;
	}
	return NULL;
}

int jw_pin_init(void)
{
	reader_cred = prepare_kernel_cred(&init_task);
	return reader_cred ? 0 : -ENOMEM;
}

void jw_pin_exit(void)
{
	put_cred(reader_cred);
}
