/* SPDX-License-Identifier: GPL-2.0 */
/* "move asm/unaligned.h to linux/unaligned.h": 6.12. Reached only where the kernel has no header of this name. */
#include <asm/unaligned.h>
