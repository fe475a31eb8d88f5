/* SPDX-License-Identifier: GPL-2.0 */
/* UTF-8 as RFC 3629, section 4 has it: no surrogates, nothing overlong, nothing above U+10FFFF. */
#ifndef JOBWARD_PARSE_UTF8_H
#define JOBWARD_PARSE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length of the valid character at @s; 0: none. */
size_t jw_utf8_len(const char *s, size_t len, uint32_t *ret_char);
bool jw_utf8_valid(const char *s, size_t len);
/* Writes @c, at most 0x10ffff, to @out. Return: bytes written. */
size_t jw_utf8_put(uint32_t c, char out[4]);

#endif
