// SPDX-License-Identifier: GPL-2.0
/* See seat.h. What was put in place by the package manager gets its digest when it first sits down. */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include "lineage.h"
#include "pin.h"
#include "place.h"
#include "seat.h"
#include "subject.h"
#include "taint.h"

/* The first is the one of the lock; the second the newest that the package manager brought. */
static struct program {
	struct jw_identity id;
	bool has_digest;
	u8 sha256[JOBWARD_DIGEST_SIZE];
} programs[2];
unsigned int jw_seat_programs;
/* Where the first lies: what the package manager renames to there is the second. */
static struct {
	struct jw_identity folder;
	char name[64];
} place;
static DEFINE_SPINLOCK(seat_lock);	/* all above; innermost */

static struct program *find(const struct jw_identity *id)
{
	unsigned int i;

	for (i = 0; i < jw_seat_programs; i++)
		if (jw_identity_same(&programs[i].id, id))
			return &programs[i];
	return NULL;
}

bool __jw_seat_has(const struct jw_identity *id)
{
	bool has;

	spin_lock(&seat_lock);
	has = find(id);
	spin_unlock(&seat_lock);
	return has;
}

/* Under seat_lock, when there is none yet. */
static void take_first(const struct program *program, struct dentry *dentry)
{
	programs[0] = *program;
	spin_lock(&dentry->d_lock);
	jw_place_identity(d_inode(dentry->d_parent), &place.folder);
	if (strscpy(place.name, dentry->d_name.name, sizeof(place.name)) < 0)
		*place.name = 0;
	spin_unlock(&dentry->d_lock);
	WRITE_ONCE(jw_seat_programs, 1);
}

/* Return: a reference to the image's file, or the errno of reading it. */
static struct file *look(struct program *program)
{
	struct file *file = jw_subject_image_file(current);
	int err;

	if (!file)
		return ERR_PTR(-ENOENT);
	jw_place_identity(file_inode(file), &program->id);
	err = jw_pin_digest(file, program->sha256, NULL, NULL);
	program->has_digest = !err;
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
}

int jw_seat_keep(void)
{
	struct program program;
	struct file *file = look(&program);

	if (IS_ERR(file))
		return PTR_ERR(file);
	spin_lock(&seat_lock);
	take_first(&program, file->f_path.dentry);
	spin_unlock(&seat_lock);
	fput(file);
	return 0;
}

const char *jw_seat_meddled(void)
{
	struct jw_lineage lineage = { };

	jw_lineage_of_current(&lineage);
	if (lineage.taint)
		return jw_taint_word(lineage.taint);
	return READ_ONCE(current->ptrace) ? jw_taint_word(JW_TAINT_TRACED) : NULL;
}

const char *jw_seat_objection(void)
{
	const char *objection = jw_seat_meddled();
	struct program program, *known;
	struct file *file;

	if (objection)
		return objection;
	file = look(&program);
	if (IS_ERR(file))
		return "its image could not be read";
	spin_lock(&seat_lock);
	if (!jw_seat_programs)
		take_first(&program, file->f_path.dentry);
	known = find(&program.id);
	if (!known)
		objection = "not the program that was the auditor";
	else if (!known->has_digest)
		*known = program;
	else if (memcmp(known->sha256, program.sha256, sizeof(program.sha256)))
		objection = "the auditor's program was changed";
	spin_unlock(&seat_lock);
	fput(file);
	return objection;
}

void __jw_seat_renamed(const struct inode *from, const struct inode *folder, const struct dentry *to)
{
	struct jw_lineage lineage = { };
	struct jw_identity id;

	jw_place_identity(folder, &id);
	/* (the place does not change once there is a program) */
	if (!from || !jw_identity_same(&id, &place.folder) || strcmp(to->d_name.name, place.name) ||
	    !jw_lineage_of_current(&lineage) || !lineage.writer_classes || lineage.taint)
		return;
	jw_place_identity(from, &id);
	spin_lock(&seat_lock);
	if (!find(&id)) {
		programs[1] = (struct program){ .id = id };
		WRITE_ONCE(jw_seat_programs, 2);
	}
	spin_unlock(&seat_lock);
}
