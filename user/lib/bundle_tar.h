/* SPDX-License-Identifier: GPL-2.0 */
/* Between writing and reading a bundle: the one way in which its tar is written. */
#ifndef JOBWARD_BUNDLE_TAR_H
#define JOBWARD_BUNDLE_TAR_H

#include <archive.h>
#include <stdint.h>

/* Not yet open. NULL: no memory. */
struct archive *jw_bundle_new_tar(void);
/* The header of the next member: nothing in it but name and size differs between members. Return: ARCHIVE_OK or not. */
int jw_bundle_put_header(struct archive *tar, const char *name, uint64_t size);

#endif
