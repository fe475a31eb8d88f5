// SPDX-License-Identifier: GPL-2.0
/* The one way in which a bundle's tar is written: no owners, no times, no padding at the end beyond tar's own. */
#include <archive_entry.h>
#include <stddef.h>
#include "bundle_tar.h"

struct archive *jw_bundle_new_tar(void)
{
	struct archive *tar = archive_write_new();

	if (!tar)
		return NULL;
	if (archive_write_set_format_ustar(tar) == ARCHIVE_OK && archive_write_add_filter_none(tar) == ARCHIVE_OK &&
	    archive_write_set_bytes_per_block(tar, 0) == ARCHIVE_OK)
		return tar;
	archive_write_free(tar);
	return NULL;
}

int jw_bundle_put_header(struct archive *tar, const char *name, uint64_t size)
{
	struct archive_entry *entry = archive_entry_new();
	int r;

	if (!entry)
		return ARCHIVE_FATAL;
	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0600);
	archive_entry_set_size(entry, (la_int64_t)size);
	/* The date of the epoch: when it was made stands in case.json, which is signed. */
	archive_entry_set_mtime(entry, 0, 0);
	r = archive_write_header(tar, entry);
	archive_entry_free(entry);
	return r;
}
