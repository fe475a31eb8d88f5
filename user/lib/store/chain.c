// SPDX-License-Identifier: GPL-2.0
/*
 * The chain over the events: hash(n) = SHA-256(hash(n - 1) || n as u64 big-endian || bytes of the document), hash(0) =
 * 32 zero bytes. Rows are numbered without holes, so a row that was taken out, put in, moved or altered breaks it.
 * Where retention has cut the beginning off, the table `cut` says from which hash the chain goes on, and an event in
 * the chain says the same.
 *
 *	cut: last_row 2, anchor h2, record 5
 *	                    row 3      row 4      row 5
 *	[row 1] [row 2] h2 ──▶ h3 ───────▶ h4 ───────▶ h5: "rows 1 to 2 were deleted …, the chain goes on from h2"
 */
#include <errno.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>
#include "sql.h"

/* So many rows are checked each time the store is opened: a write that was torn is at the end. */
#define END_ROWS 64

int jw_chain_get_tip(struct jw_store *store, struct jw_chain_tip *ret)
{
	sqlite3_stmt *stmt;
	int r;

	memset(ret, 0, sizeof(*ret));
	r = jw_sql_stmt(store, JW_STMT_TIP, "SELECT id, hash FROM event ORDER BY id DESC LIMIT 1", &stmt);
	if (r)
		return r;
	r = jw_sql_step(store, stmt);
	if (r <= 0)
		return r;
	ret->row = (uint64_t)sqlite3_column_int64(stmt, 0);
	r = jw_sql_digest(stmt, 1, ret->hash) ? 0 : jw_sql_fail(store, -EBADMSG, "the last event has no hash");
	sqlite3_reset(stmt);
	return r;
}

/* One-shot SHA256() needs all bytes in one place; these low-level functions stay in libcrypto 3 and never allocate. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
void jw_chain_link(struct jw_chain_tip *tip, const char *doc, size_t len)
{
	uint8_t be[8];
	SHA256_CTX ctx;
	int i;

	tip->row++;
	for (i = 0; i < 8; i++)
		be[i] = (uint8_t)(tip->row >> (56 - 8 * i));
	SHA256_Init(&ctx);
	SHA256_Update(&ctx, tip->hash, sizeof(tip->hash));
	SHA256_Update(&ctx, be, sizeof(be));
	SHA256_Update(&ctx, doc, len);
	SHA256_Final(tip->hash, &ctx);
}
#pragma GCC diagnostic pop

/* Does the statement's row (id, doc, hash) follow on the tip? Moves it on. */
static bool follows(sqlite3_stmt *stmt, struct jw_chain_tip *tip)
{
	const char *doc = (const char *)sqlite3_column_text(stmt, 1);
	uint8_t hash[JW_CHAIN_SIZE];

	if (!doc || (uint64_t)sqlite3_column_int64(stmt, 0) != tip->row + 1)
		return false;
	jw_chain_link(tip, doc, sqlite3_column_bytes(stmt, 1));
	return jw_sql_digest(stmt, 2, hash) && !memcmp(hash, tip->hash, sizeof(hash));
}

int jw_chain_check_end(struct jw_store *store)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	struct jw_chain_tip tip = { 0 };
	int r;

	r = jw_sql_prepare(store,
			   "SELECT id, doc, hash FROM event WHERE id > (SELECT max(id) FROM event) - ?1 ORDER BY id",
			   &stmt);
	if (r)
		return r;
	sqlite3_bind_int64(stmt, 1, END_ROWS);
	r = jw_sql_step(store, stmt);
	if (r <= 0)
		return r;
	/* The first of them is taken as it is: what it follows on is jw_store_verify()'s business. */
	tip.row = (uint64_t)sqlite3_column_int64(stmt, 0);
	if (!jw_sql_digest(stmt, 2, tip.hash))
		return jw_sql_fail(store, -EBADMSG, "event row %llu has no hash", (unsigned long long)tip.row);
	while ((r = jw_sql_step(store, stmt)) > 0)
		if (!follows(stmt, &tip))
			return jw_sql_fail(store, -EBADMSG, "the chain of events breaks at row %llu",
					   (unsigned long long)tip.row);
	return r;
}

/* Is there an event in row @record that says that the chain goes on from @anchor after @last_row? */
static int check_record(struct jw_store *store, int64_t record, uint64_t last_row, const uint8_t *anchor)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	char needle[128], *p = needle;
	int r, i;

	p += sprintf(p, "rows 1 to %llu deleted, the chain goes on from ", (unsigned long long)last_row);
	for (i = 0; i < JW_CHAIN_SIZE; i++)
		p += sprintf(p, "%02x", anchor[i]);
	r = jw_sql_prepare(store, "SELECT 1 FROM event WHERE id = ?1 AND kind = 'admin' AND instr(doc, ?2) > 0", &stmt);
	if (r)
		return r;
	sqlite3_bind_int64(stmt, 1, record);
	jw_sql_bind_text(stmt, 2, needle);
	r = jw_sql_step(store, stmt);
	if (r < 0)
		return r;
	return r ? 0 : jw_sql_fail(store, -EBADMSG, "no event says that the rows before %llu were deleted",
				   (unsigned long long)last_row + 1);
}

int jw_chain_get_anchor(struct jw_store *store, struct jw_chain_tip *ret)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	int r;

	memset(ret, 0, sizeof(*ret));
	r = jw_sql_prepare(store, "SELECT last_row, anchor, record FROM cut ORDER BY id DESC LIMIT 1", &stmt);
	if (r)
		return r;
	r = jw_sql_step(store, stmt);
	if (r <= 0)
		return r;
	ret->row = (uint64_t)sqlite3_column_int64(stmt, 0);
	if (!jw_sql_digest(stmt, 1, ret->hash))
		return jw_sql_fail(store, -EBADMSG, "the note of a cut has no hash");
	return check_record(store, sqlite3_column_int64(stmt, 2), ret->row, ret->hash);
}

int jw_store_verify(struct jw_store *store, uint64_t *ret_checked, uint64_t *ret_bad_row)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	struct jw_chain_tip tip;
	uint64_t row, checked = 0;
	int r;

	r = jw_chain_get_anchor(store, &tip);
	if (r == -EBADMSG && ret_bad_row)
		*ret_bad_row = tip.row + 1;
	if (r)
		return r;
	r = jw_sql_prepare(store, "SELECT id, doc, hash FROM event ORDER BY id", &stmt);
	while (!r && (r = jw_sql_step(store, stmt)) > 0) {
		row = (uint64_t)sqlite3_column_int64(stmt, 0);
		if (!follows(stmt, &tip)) {
			if (ret_bad_row)
				*ret_bad_row = row;
			r = jw_sql_fail(store, -EBADMSG, "the chain of events breaks at row %llu",
					(unsigned long long)row);
			break;
		}
		checked++;
		r = 0;
	}
	if (ret_checked)
		*ret_checked = checked;
	return r;
}
