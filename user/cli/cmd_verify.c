// SPDX-License-Identifier: GPL-2.0
/* jobward verify: walks the store's hash chain. */
#include <errno.h>
#include "cli.h"
#include "render.h"

int jw_cmd_verify(struct jw_cli *cli)
{
	uint64_t checked = 0, bad_row = 0;
	int code = jw_cli_store(cli), err;
	json_t *root;

	if (code)
		return code;
	err = jw_store_verify(cli->store, &checked, &bad_row);
	if (err && err != -EBADMSG)
		return jw_cli_store_failed(cli, "the chain", err);
	if (cli->json) {
		root = jw_must(json_object());
		jw_json_set(root, "ok", json_boolean(!err));
		jw_json_set(root, "checked", json_integer((json_int_t)checked));
		if (err)
			jw_json_set(root, "bad_row", json_integer((json_int_t)bad_row));
		jw_json_print(root);
	} else if (err) {
		printf("%s: the record in row %llu is not what was written; %llu before it hold\n",
		       jw_show_styled(JW_BAD, "altered"), (unsigned long long)bad_row, (unsigned long long)checked);
	} else {
		printf("%s: %llu records, each holds the hash of the one before\n",
		       jw_show_styled(JW_GOOD, "unaltered"), (unsigned long long)checked);
	}
	return err ? JW_EXIT_NO : JW_EXIT_YES;
}
