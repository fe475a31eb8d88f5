/* SPDX-License-Identifier: GPL-2.0 */
/* Between event.c and event_json.c: small values ↔ JSON, each in one place for both directions. */
#ifndef JOBWARD_EVENT_JSON_H
#define JOBWARD_EVENT_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Setters. What does not apply is left out: NULL texts always, numbers where @put says so. A failure is remembered in
 * *err and makes the others do nothing, so that a run of them is checked once. Bytes that are no UTF-8, and NUL, which
 * C readers of the JSON would stumble over, become U+FFFD.
 */
void jw_json_put_text(json_t *object, const char *key, const char *s, int *err);
void jw_json_put_bytes(json_t *object, const char *key, const char *s, size_t len, int *err);
void jw_json_put_number(json_t *object, const char *key, uint64_t v, bool put, int *err);
void jw_json_put_true(json_t *object, const char *key, bool put, int *err);
void jw_json_put_hex(json_t *object, const char *key, const uint8_t *p, size_t len, bool put, int *err);
/* Strings that end with a NUL byte each (the last may lack it), as an array. */
void jw_json_put_strings(json_t *object, const char *key, const char *s, size_t len, int *err);
/* Takes @value over; an empty object or array is left out. */
void jw_json_put(json_t *object, const char *key, json_t *value, int *err);

/*
 * Getters. A key that is absent leaves what is there; one of the wrong type is -EINVAL in *err.
 */
void jw_json_get_text(const json_t *object, const char *key, char **ret, int *err);
void jw_json_get_bytes(const json_t *object, const char *key, char **ret, size_t *ret_len, int *err);
/* Return: is the key there? */
bool jw_json_get_number(const json_t *object, const char *key, uint64_t max, uint64_t *ret, int *err);
bool jw_json_get_u32(const json_t *object, const char *key, uint32_t *ret, int *err);
bool jw_json_get_true(const json_t *object, const char *key, int *err);
bool jw_json_get_hex(const json_t *object, const char *key, uint8_t *p, size_t len, int *err);
void jw_json_get_strings(const json_t *object, const char *key, char **ret, size_t *ret_len, int *err);

#endif
