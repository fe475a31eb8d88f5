// SPDX-License-Identifier: GPL-2.0
/* Values of an event as JSON and back. The keys and their order are event.c's. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "event_json.h"
#include "parse/utf8.h"

static json_t *clean_string(const char *s, size_t len)
{
	_cleanup_free_ char *out = malloc(3 * len + 1);
	char *p = out;
	uint32_t c;
	size_t i, n;

	if (!out)
		return NULL;
	for (i = 0; i < len; i += n ? n : 1) {
		n = s[i] ? jw_utf8_len(s + i, len - i, &c) : 0;
		if (n)
			p = mempcpy(p, s + i, n);
		else
			p = mempcpy(p, "\xef\xbf\xbd", 3);
	}
	return json_stringn_nocheck(out, p - out);
}

static bool empty(const json_t *value)
{
	return (json_is_object(value) && !json_object_size(value)) || (json_is_array(value) && !json_array_size(value));
}

void jw_json_put(json_t *object, const char *key, json_t *value, int *err)
{
	if (!*err && !value)
		*err = -ENOMEM;
	if (*err || empty(value)) {
		json_decref(value);
		return;
	}
	if (json_object_set_new_nocheck(object, key, value))
		*err = -ENOMEM;
}

void jw_json_put_bytes(json_t *object, const char *key, const char *s, size_t len, int *err)
{
	if (s && !*err)
		jw_json_put(object, key, clean_string(s, len), err);
}

void jw_json_put_text(json_t *object, const char *key, const char *s, int *err)
{
	jw_json_put_bytes(object, key, s, s ? strlen(s) : 0, err);
}

void jw_json_put_number(json_t *object, const char *key, uint64_t v, bool put, int *err)
{
	char text[24];

	if (!put || *err)
		return;
	/* JSON libraries of this kind have 63 bits; overlayfs gives inode numbers that have the 64th. */
	if (v > INT64_MAX) {
		snprintf(text, sizeof(text), "%" PRIu64, v);
		jw_json_put(object, key, json_string(text), err);
		return;
	}
	jw_json_put(object, key, json_integer((json_int_t)v), err);
}

void jw_json_put_true(json_t *object, const char *key, bool put, int *err)
{
	if (put && !*err)
		jw_json_put(object, key, json_true(), err);
}

void jw_json_put_hex(json_t *object, const char *key, const uint8_t *p, size_t len, bool put, int *err)
{
	_cleanup_free_ char *hex = NULL;
	size_t i;

	if (!put || *err)
		return;
	hex = malloc(2 * len + 1);
	if (!hex) {
		*err = -ENOMEM;
		return;
	}
	for (i = 0; i < len; i++)
		sprintf(hex + 2 * i, "%02x", p[i]);
	jw_json_put(object, key, json_string(hex), err);
}

void jw_json_put_strings(json_t *object, const char *key, const char *s, size_t len, int *err)
{
	json_t *array;
	size_t at, n;

	if (!s || *err)
		return;
	array = json_array();
	for (at = 0; array && at < len; at += n + 1) {
		n = strnlen(s + at, len - at);
		if (json_array_append_new(array, clean_string(s + at, n))) {
			json_decref(array);
			array = NULL;
		}
	}
	jw_json_put(object, key, array, err);
}

static const json_t *get(const json_t *object, const char *key, const int *err)
{
	return *err ? NULL : json_object_get(object, key);
}

void jw_json_get_bytes(const json_t *object, const char *key, char **ret, size_t *ret_len, int *err)
{
	const json_t *value = get(object, key, err);
	size_t len;

	if (!value)
		return;
	if (!json_is_string(value)) {
		*err = -EINVAL;
		return;
	}
	len = json_string_length(value);
	free(*ret);
	*ret = malloc(len + 1);
	if (!*ret) {
		*err = -ENOMEM;
		return;
	}
	memcpy(*ret, json_string_value(value), len);
	(*ret)[len] = '\0';
	*ret_len = len;
}

void jw_json_get_text(const json_t *object, const char *key, char **ret, int *err)
{
	size_t len;

	jw_json_get_bytes(object, key, ret, &len, err);
}

bool jw_json_get_number(const json_t *object, const char *key, uint64_t max, uint64_t *ret, int *err)
{
	const json_t *value = get(object, key, err);
	uint64_t v = 0;
	char *end = "";

	if (!value)
		return false;
	errno = 0;
	if (json_is_integer(value) && json_integer_value(value) >= 0)
		v = (uint64_t)json_integer_value(value);
	else if (json_is_string(value) && strspn(json_string_value(value), "0123456789"))
		v = strtoull(json_string_value(value), &end, 10);
	else
		*err = -EINVAL;
	if (errno || *end || v > max)
		*err = -EINVAL;
	if (*err)
		return false;
	*ret = v;
	return true;
}

bool jw_json_get_u32(const json_t *object, const char *key, uint32_t *ret, int *err)
{
	uint64_t v;

	if (!jw_json_get_number(object, key, UINT32_MAX, &v, err))
		return false;
	*ret = (uint32_t)v;
	return true;
}

bool jw_json_get_true(const json_t *object, const char *key, int *err)
{
	const json_t *value = get(object, key, err);

	if (value && !json_is_boolean(value))
		*err = -EINVAL;
	return value && json_is_true(value);
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *p = c ? strchr(digits, c) : NULL;

	return p ? (int)(p - digits) : -1;
}

bool jw_json_get_hex(const json_t *object, const char *key, uint8_t *p, size_t len, int *err)
{
	const json_t *value = get(object, key, err);
	const char *s = json_string_value(value);
	size_t i;

	if (!value)
		return false;
	if (!s || json_string_length(value) != 2 * len)
		*err = -EINVAL;
	for (i = 0; !*err && i < len; i++) {
		int high = hex_digit(s[2 * i]), low = hex_digit(s[2 * i + 1]);

		if (high < 0 || low < 0)
			*err = -EINVAL;
		else
			p[i] = (uint8_t)(high << 4 | low);
	}
	return !*err;
}

void jw_json_get_strings(const json_t *object, const char *key, char **ret, size_t *ret_len, int *err)
{
	const json_t *array = get(object, key, err), *item;
	size_t len = 0, i;
	char *p;

	if (!array)
		return;
	if (!json_is_array(array)) {
		*err = -EINVAL;
		return;
	}
	json_array_foreach(array, i, item) {
		if (!json_is_string(item)) {
			*err = -EINVAL;
			return;
		}
		len += json_string_length(item) + 1;
	}
	free(*ret);
	*ret = p = malloc(len ? len : 1);
	if (!p) {
		*err = -ENOMEM;
		return;
	}
	json_array_foreach(array, i, item)
		p = (char *)mempcpy(p, json_string_value(item), json_string_length(item) + 1);
	*ret_len = len;
}
