// SPDX-License-Identifier: GPL-2.0
/*
 * The connection to jobward.ko. Two sockets: one for requests (attached, it is the auditor's: the kernel accepts tables
 * and acknowledgements from it alone), one that the multicast group wakes. Every request is acknowledged; the kernel
 * works in the sender's context, so an answer is there when send returns and nothing here waits for another process.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/netlink.h>
#include <netlink/netlink.h>
#include <netlink/genl/genl.h>
#include <netlink/genl/ctrl.h>
#include "genl.h"
#include "genl_read.h"

#define MESSAGE_MAX (32u << 10)		/* of a table: well below the default send buffer (net.core.wmem_default) */
#define WAKE_BUFFER (256 << 10)
#define DRAIN_MAX 4096			/* messages in one jw_genl_drain(), so that a flood leaves the loop its turn */

struct jw_genl {
	struct nl_sock *request, *listen;
	struct nl_cb *cb;
	int family;
	char error[256];
	/* the request under way */
	int result;
	bool finished;
	int (*reply)(void *ctx, struct nlattr **tb, int maxtype);
	int reply_maxtype;
	void *reply_ctx;
	/* the table under way */
	uint32_t txn, n_pins;
	struct nl_msg *batch;
};

static int from_nl(int nl)
{
	switch (-nl) {
	case NLE_SUCCESS: return 0;
	case NLE_NOMEM: return -ENOMEM;
	case NLE_OBJ_NOTFOUND: return -ENOENT;
	case NLE_PERM: case NLE_NOACCESS: return -EPERM;
	case NLE_AGAIN: return -EAGAIN;
	case NLE_MSG_TOOSHORT: case NLE_MSG_TRUNC: return -EBADMSG;
	default: return -EIO;
	}
}

/* ---- answers ---- */

/*
 * Extended ack: attributes behind the error, after the request unless the kernel capped it (netlink(7),
 * NETLINK_EXT_ACK).
 */
static void keep_words(struct jw_genl *genl, const struct nlmsghdr *hdr, const struct nlmsgerr *err)
{
	size_t off = NLMSG_LENGTH(sizeof(*err));
	struct nlattr *tb[NLMSGERR_ATTR_MAX + 1] = { 0 };

	genl->error[0] = 0;
	if (!(hdr->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(hdr->nlmsg_flags & NLM_F_CAPPED)) {
		if (err->msg.nlmsg_len < NLMSG_HDRLEN)
			return;
		off += NLMSG_ALIGN(err->msg.nlmsg_len) - NLMSG_HDRLEN;
	}
	if (off >= hdr->nlmsg_len ||
	    nla_parse(tb, NLMSGERR_ATTR_MAX, (struct nlattr *)((char *)hdr + off), hdr->nlmsg_len - off, NULL) < 0)
		return;
	if (tb[NLMSGERR_ATTR_MSG])
		nla_strlcpy(genl->error, tb[NLMSGERR_ATTR_MSG], sizeof(genl->error));
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *err, void *arg)
{
	struct jw_genl *genl = arg;

	keep_words(genl, (struct nlmsghdr *)((char *)err - NLMSG_HDRLEN), err);
	genl->result = err->error;
	genl->finished = true;
	return NL_STOP;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	struct jw_genl *genl = arg;

	genl->finished = true;
	return NL_STOP;
}

static int on_finish(struct nl_msg *msg, void *arg)
{
	struct jw_genl *genl = arg;
	struct nlmsghdr *hdr = nlmsg_hdr(msg);

	if (nlmsg_datalen(hdr) >= (int)sizeof(int)) {
		int code;

		memcpy(&code, nlmsg_data(hdr), sizeof(code));
		if (code < 0)
			genl->result = code;
	}
	genl->finished = true;
	return NL_STOP;
}

static int on_valid(struct nl_msg *msg, void *arg)
{
	struct jw_genl *genl = arg;
	struct nlattr *tb[64] = { 0 };
	int r;

	if (nlmsg_hdr(msg)->nlmsg_type != genl->family || !genl->reply || genl->result < 0)
		return NL_SKIP;
	if (nlmsg_get_src(msg)->nl_pid)
		return NL_SKIP;
	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, genl->reply_maxtype, NULL) < 0) {
		genl->result = -EBADMSG;
		return NL_SKIP;
	}
	r = genl->reply(genl->reply_ctx, tb, genl->reply_maxtype);
	if (r)
		genl->result = r;
	return NL_OK;
}

/* ---- requests ---- */

static struct nl_msg *new_request(struct jw_genl *genl, int cmd, int flags, size_t size)
{
	struct nl_msg *msg = size ? nlmsg_alloc_size(size) : nlmsg_alloc();

	if (msg && !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, genl->family, 0, flags, cmd, JOBWARD_FAMILY_VERSION)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

/* Sends @msg (which is freed) and reads until its acknowledgement or the end of its dump. */
static int transact(struct jw_genl *genl, struct nl_msg *msg, int maxtype,
		    int (*reply)(void *ctx, struct nlattr **tb, int maxtype), void *ctx)
{
	int r;

	genl->result = 0;
	genl->finished = false;
	genl->error[0] = 0;
	genl->reply = reply;
	genl->reply_maxtype = maxtype;
	genl->reply_ctx = ctx;
	r = nl_send_auto(genl->request, msg);
	nlmsg_free(msg);
	if (r < 0)
		return from_nl(r);
	while (!genl->finished) {
		r = nl_recvmsgs(genl->request, genl->cb);
		if (r == -NLE_DUMP_INTR)
			continue;
		if (r < 0 && !genl->finished)
			return from_nl(r);
	}
	return genl->result;
}

static int simple(struct jw_genl *genl, int cmd)
{
	struct nl_msg *msg = new_request(genl, cmd, 0, 0);

	return msg ? transact(genl, msg, 0, NULL, NULL) : -ENOMEM;
}

int jw_genl_open(struct jw_genl **ret)
{
	struct jw_genl *genl = calloc(1, sizeof(*genl));
	int r, on = 1;

	if (!genl)
		return -ENOMEM;
	genl->request = nl_socket_alloc();
	genl->cb = nl_cb_alloc(NL_CB_CUSTOM);
	r = -ENOMEM;
	if (!genl->request || !genl->cb)
		goto err_close;
	r = from_nl(genl_connect(genl->request));
	if (r < 0)
		goto err_close;
	setsockopt(nl_socket_get_fd(genl->request), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(nl_socket_get_fd(genl->request), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	genl->family = genl_ctrl_resolve(genl->request, JOBWARD_FAMILY_NAME);
	r = from_nl(genl->family < 0 ? genl->family : 0);
	if (r < 0)
		goto err_close;
	nl_cb_err(genl->cb, NL_CB_CUSTOM, on_error, genl);
	nl_cb_set(genl->cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, genl);
	nl_cb_set(genl->cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, genl);
	nl_cb_set(genl->cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, genl);
	*ret = genl;
	return 0;

err_close:
	jw_genl_close(genl);
	return r;
}

void jw_genl_close(struct jw_genl *genl)
{
	if (!genl)
		return;
	if (genl->batch)
		nlmsg_free(genl->batch);
	if (genl->cb)
		nl_cb_put(genl->cb);
	nl_socket_free(genl->listen);
	nl_socket_free(genl->request);
	free(genl);
}

const char *jw_genl_error(struct jw_genl *genl)
{
	return genl->error;
}

int jw_genl_attach(struct jw_genl *genl)
{
	return simple(genl, JOBWARD_CMD_ATTACH);
}

int jw_genl_set_mode(struct jw_genl *genl, int gate, enum jobward_mode mode, uint32_t hold_ms)
{
	struct nl_msg *msg = new_request(genl, JOBWARD_CMD_MODE_SET, 0, 0);

	if (!msg)
		return -ENOMEM;
	if ((gate >= 0 && nla_put_u32(msg, JOBWARD_A_CONTROL_GATE, gate) < 0) ||
	    nla_put_u32(msg, JOBWARD_A_CONTROL_MODE, mode) < 0 ||
	    (hold_ms && nla_put_u32(msg, JOBWARD_A_CONTROL_HOLD_MS, hold_ms) < 0)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	return transact(genl, msg, 0, NULL, NULL);
}

int jw_genl_lock(struct jw_genl *genl, bool no_kexec)
{
	struct nl_msg *msg = new_request(genl, JOBWARD_CMD_LOCK, 0, 0);

	if (!msg)
		return -ENOMEM;
	if (no_kexec && nla_put_flag(msg, JOBWARD_A_CONTROL_NO_KEXEC) < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	return transact(genl, msg, 0, NULL, NULL);
}

int jw_genl_ack(struct jw_genl *genl, uint64_t cursor)
{
	struct nl_msg *msg = new_request(genl, JOBWARD_CMD_EVENT_ACK, 0, 0);

	if (!msg)
		return -ENOMEM;
	if (nla_put_u64(msg, JOBWARD_A_CONTROL_CURSOR, cursor) < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	return transact(genl, msg, 0, NULL, NULL);
}

/* ---- events ---- */

struct event_reader {
	int (*fn)(void *ctx, struct jw_event *event);
	void *ctx;
};

static int take_event(void *ctx, struct nlattr **tb, int maxtype)
{
	struct event_reader *reader = ctx;
	struct jw_event event = { 0 };
	int r;

	if (!tb[JOBWARD_A_CONTROL_EVENT])
		return 0;
	r = jw_genl_read_event(tb[JOBWARD_A_CONTROL_EVENT], &event);
	if (!r)
		r = reader->fn(reader->ctx, &event);
	jw_event_done(&event);
	return r;
}

int jw_genl_events(struct jw_genl *genl, uint64_t cursor, int (*fn)(void *ctx, struct jw_event *event), void *ctx)
{
	struct event_reader reader = { fn, ctx };
	struct nl_msg *msg = new_request(genl, JOBWARD_CMD_EVENT_GET, NLM_F_DUMP, 0);

	if (!msg)
		return -ENOMEM;
	if (nla_put_u64(msg, JOBWARD_A_CONTROL_CURSOR, cursor) < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	return transact(genl, msg, JOBWARD_A_CONTROL_MAX, take_event, &reader);
}

int jw_genl_add_event(struct jw_genl *genl, const struct jw_event *event)
{
	struct nl_msg *msg = new_request(genl, JOBWARD_CMD_EVENT_ADD, 0, MESSAGE_MAX);
	struct nlattr *nest, *object;

	if (!msg)
		return -ENOMEM;
	nest = nla_nest_start(msg, JOBWARD_A_CONTROL_EVENT | NLA_F_NESTED);
	if (!nest || nla_put_u32(msg, JOBWARD_A_EVENT_KIND, event->kind) < 0 ||
	    nla_put_u32(msg, JOBWARD_A_EVENT_ACTION, event->action) < 0 ||
	    nla_put_u32(msg, JOBWARD_A_EVENT_VERDICT, event->verdict) < 0 ||
	    nla_put_u32(msg, JOBWARD_A_EVENT_REASON, event->reason) < 0 ||
	    (event->job && nla_put_u64(msg, JOBWARD_A_EVENT_JOB, event->job) < 0) ||
	    (event->detail && nla_put_string(msg, JOBWARD_A_EVENT_DETAIL, event->detail) < 0))
		goto err_free;
	if (event->object.path) {
		object = nla_nest_start(msg, JOBWARD_A_EVENT_OBJECT | NLA_F_NESTED);
		if (!object || nla_put_string(msg, JOBWARD_A_OBJECT_PATH, event->object.path) < 0)
			goto err_free;
		nla_nest_end(msg, object);
	}
	nla_nest_end(msg, nest);
	return transact(genl, msg, 0, NULL, NULL);

err_free:
	nlmsg_free(msg);
	return -EMSGSIZE;
}

int jw_genl_listen(struct jw_genl *genl, int *ret_fd)
{
	int group, r;

	if (genl->listen) {
		*ret_fd = nl_socket_get_fd(genl->listen);
		return 0;
	}
	group = genl_ctrl_resolve_grp(genl->request, JOBWARD_FAMILY_NAME, JOBWARD_MCGRP_EVENTS);
	if (group < 0)
		return from_nl(group);
	genl->listen = nl_socket_alloc();
	if (!genl->listen)
		return -ENOMEM;
	nl_socket_disable_seq_check(genl->listen);
	r = genl_connect(genl->listen);
	if (r == 0)
		r = nl_socket_set_buffer_size(genl->listen, WAKE_BUFFER, 0);
	if (r == 0)
		r = nl_socket_add_membership(genl->listen, group);
	if (r == 0)
		r = nl_socket_set_nonblocking(genl->listen);
	if (r < 0) {
		nl_socket_free(genl->listen);
		genl->listen = NULL;
		return from_nl(r);
	}
	*ret_fd = nl_socket_get_fd(genl->listen);
	return 0;
}

static int drain_unread(int fd)
{
	char byte;
	int missed = 0;

	for (int i = 0; i < DRAIN_MAX; i++) {
		if (recv(fd, &byte, 1, MSG_DONTWAIT | MSG_TRUNC) >= 0 || errno == EINTR)
			continue;
		if (errno == EAGAIN)
			break;
		if (errno != ENOBUFS)
			return -errno;
		missed = -ENOBUFS;
	}
	return missed;
}

static int on_live(struct nl_msg *msg, void *arg)
{
	struct jw_genl *genl = arg;
	struct nlattr *tb[JOBWARD_A_CONTROL_MAX + 1] = { 0 };
	int r;

	if (nlmsg_get_src(msg)->nl_pid || nlmsg_hdr(msg)->nlmsg_type != genl->family ||
	    genlmsg_parse(nlmsg_hdr(msg), 0, tb, JOBWARD_A_CONTROL_MAX, NULL) < 0)
		return NL_SKIP;
	r = take_event(genl->reply_ctx, tb, JOBWARD_A_CONTROL_MAX);
	if (r)
		genl->result = r;
	return r ? NL_STOP : NL_OK;
}

static int any_sequence(struct nl_msg *msg, void *arg)
{
	return NL_OK;
}

int jw_genl_drain(struct jw_genl *genl, int (*fn)(void *ctx, struct jw_event *event), void *ctx)
{
	struct event_reader reader = { fn, ctx };
	struct nl_cb *cb;
	int r = 0, missed = 0;

	if (!genl->listen)
		return -ENOTCONN;
	if (!fn)
		return drain_unread(nl_socket_get_fd(genl->listen));
	cb = nl_cb_alloc(NL_CB_DEFAULT);
	if (!cb)
		return -ENOMEM;
	genl->reply_ctx = &reader;
	genl->result = 0;
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_live, genl);
	nl_cb_set(cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, any_sequence, NULL);
	for (int i = 0; i < DRAIN_MAX && !genl->result; i++) {
		errno = 0;
		r = nl_recvmsgs(genl->listen, cb);
		if (r == 0)
			continue;
		/* libnl turns ENOBUFS into NLE_NOMEM (lib/error.c, nl_syserr2nlerr) */
		if (r == -NLE_NOMEM && errno == ENOBUFS)
			missed = -ENOBUFS;
		else
			break;
	}
	nl_cb_put(cb);
	if (genl->result)
		return genl->result;
	return r == 0 || r == -NLE_AGAIN || missed ? missed : from_nl(r);
}

/* ---- status ---- */

static int take_status(void *ctx, struct nlattr **tb, int maxtype)
{
	return jw_genl_read_status(tb, ctx);
}

int jw_genl_status(struct jw_genl *genl, struct jw_module_status *ret)
{
	struct jw_module_status status = { 0 };
	struct nl_msg *msg = new_request(genl, JOBWARD_CMD_STATUS_GET, 0, 0);
	int r = msg ? transact(genl, msg, JOBWARD_A_STATUS_MAX, take_status, &status) : -ENOMEM;

	if (r < 0) {
		jw_module_status_done(&status);
		return r;
	}
	*ret = status;
	return 0;
}

void jw_module_status_done(struct jw_module_status *status)
{
	free(status->version);
	free(status->srcversion);
	for (int i = 0; i <= JOBWARD_GATE_MAX; i++)
		free(status->gates[i].off);
	*status = (struct jw_module_status){ 0 };
}

/* ---- table ---- */

static int take_txn(void *ctx, struct nlattr **tb, int maxtype)
{
	const struct nlattr *txn = tb[JOBWARD_A_TABLE_TXN];

	if (!txn || nla_len(txn) < 4)
		return -EBADMSG;
	*(uint32_t *)ctx = nla_get_u32(txn);
	return 0;
}

static void drop_batch(struct jw_genl *genl)
{
	if (genl->batch)
		nlmsg_free(genl->batch);
	genl->batch = NULL;
}

int jw_genl_table_begin(struct jw_genl *genl)
{
	struct nl_msg *msg = new_request(genl, JOBWARD_CMD_TABLE_BEGIN, 0, 0);

	drop_batch(genl);
	genl->n_pins = 0;
	return msg ? transact(genl, msg, JOBWARD_A_TABLE_MAX, take_txn, &genl->txn) : -ENOMEM;
}

int jw_genl_table_flush(struct jw_genl *genl)
{
	struct nl_msg *msg = genl->batch;

	genl->batch = NULL;
	return msg ? transact(genl, msg, 0, NULL, NULL) : 0;
}

/*
 * Begins a row of the kind @attr with room for @need bytes of payload; the message before goes out if it is too full.
 */
static int row_begin(struct jw_genl *genl, int attr, size_t need, struct nlattr **ret)
{
	int r;

	need += 128;	/* headers and padding of a row's attributes */
	if (need > MESSAGE_MAX - 256)
		return -EMSGSIZE;
	if (genl->batch && nlmsg_hdr(genl->batch)->nlmsg_len + need > MESSAGE_MAX) {
		r = jw_genl_table_flush(genl);
		if (r < 0)
			return r;
	}
	if (!genl->batch) {
		genl->batch = new_request(genl, JOBWARD_CMD_TABLE_ADD, 0, MESSAGE_MAX);
		if (!genl->batch)
			return -ENOMEM;
		if (nla_put_u32(genl->batch, JOBWARD_A_TABLE_TXN, genl->txn) < 0) {
			drop_batch(genl);
			return -ENOMEM;
		}
	}
	*ret = nla_nest_start(genl->batch, attr | NLA_F_NESTED);
	return *ret ? 0 : -ENOMEM;
}

/*
 * @failed: one of the row's attributes had no room, which row_begin() makes impossible; the whole message is dropped.
 */
static int row_end(struct jw_genl *genl, struct nlattr *row, bool failed)
{
	if (failed) {
		drop_batch(genl);
		return -EMSGSIZE;
	}
	nla_nest_end(genl->batch, row);
	return 0;
}

int jw_genl_table_pin(struct jw_genl *genl, const char *path, int fd, const uint8_t sha256[32], uint64_t size,
		      uint64_t ctime_ns)
{
	struct nlattr *row;
	int r = row_begin(genl, JOBWARD_A_TABLE_PIN, strlen(path) + 1 + JOBWARD_DIGEST_SIZE, &row);

	if (r < 0)
		return r;
	r = row_end(genl, row, nla_put_string(genl->batch, JOBWARD_A_TABLE_PIN_PATH, path) < 0 ||
		    (fd >= 0 && (nla_put_s32(genl->batch, JOBWARD_A_TABLE_PIN_FD, fd) < 0 ||
				 nla_put(genl->batch, JOBWARD_A_TABLE_PIN_SHA256, JOBWARD_DIGEST_SIZE, sha256) < 0 ||
				 nla_put_u64(genl->batch, JOBWARD_A_TABLE_PIN_SIZE, size) < 0 ||
				 nla_put_u64(genl->batch, JOBWARD_A_TABLE_PIN_CTIME_NS, ctime_ns) < 0)));
	return r < 0 ? r : (int)genl->n_pins++;
}

int jw_genl_table_object(struct jw_genl *genl, const struct jw_table_object *object)
{
	struct nlattr *row;
	int r = row_begin(genl, JOBWARD_A_TABLE_OBJECT, 0, &row);

	if (r < 0)
		return r;
	return row_end(genl, row, nla_put_s32(genl->batch, JOBWARD_A_TABLE_OBJECT_FD, object->fd) < 0 ||
		       nla_put_u32(genl->batch, JOBWARD_A_TABLE_OBJECT_ROLES, object->roles) < 0 ||
		       (object->classes &&
			nla_put_u64(genl->batch, JOBWARD_A_TABLE_OBJECT_CLASSES, object->classes) < 0) ||
		       (object->scheduler &&
			nla_put_u32(genl->batch, JOBWARD_A_TABLE_OBJECT_SCHEDULER, object->scheduler) < 0) ||
		       (object->image && nla_put_u32(genl->batch, JOBWARD_A_TABLE_OBJECT_IMAGE, object->image) < 0));
}

int jw_genl_table_unit(struct jw_genl *genl, const char *name, uint32_t uid, enum jobward_unit_class class)
{
	struct nlattr *row;
	int r = row_begin(genl, JOBWARD_A_TABLE_UNIT, strlen(name) + 1, &row);

	if (r < 0)
		return r;
	return row_end(genl, row, nla_put_string(genl->batch, JOBWARD_A_TABLE_UNIT_NAME, name) < 0 ||
		       nla_put_u32(genl->batch, JOBWARD_A_TABLE_UNIT_UID, uid) < 0 ||
		       nla_put_u32(genl->batch, JOBWARD_A_TABLE_UNIT_CLASS, class) < 0);
}

int jw_genl_table_verdict(struct jw_genl *genl, const uint8_t key[32], const struct jw_table_verdict *verdict)
{
	size_t pins = verdict->n_pins * sizeof(*verdict->pins);
	struct nlattr *row;
	int r = row_begin(genl, JOBWARD_A_TABLE_VERDICT, JOBWARD_DIGEST_SIZE + pins, &row);

	if (r < 0)
		return r;
	return row_end(genl, row,
		       nla_put(genl->batch, JOBWARD_A_TABLE_VERDICT_KEY, JOBWARD_DIGEST_SIZE, key) < 0 ||
			       nla_put_u32(genl->batch, JOBWARD_A_TABLE_VERDICT_STATE, verdict->state) < 0 ||
			       nla_put_u64(genl->batch, JOBWARD_A_TABLE_VERDICT_JOB, verdict->job) < 0 ||
			       (verdict->may_plant &&
				nla_put_flag(genl->batch, JOBWARD_A_TABLE_VERDICT_MAY_PLANT) < 0) ||
			       (pins && nla_put(genl->batch, JOBWARD_A_TABLE_VERDICT_PINS, pins, verdict->pins) < 0));
}

int jw_genl_table_module(struct jw_genl *genl, const uint8_t sha256[32], enum jobward_state state)
{
	struct nlattr *row;
	int r = row_begin(genl, JOBWARD_A_TABLE_MODULE, JOBWARD_DIGEST_SIZE, &row);

	if (r < 0)
		return r;
	return row_end(genl, row,
		       nla_put(genl->batch, JOBWARD_A_TABLE_MODULE_SHA256, JOBWARD_DIGEST_SIZE, sha256) < 0 ||
			       nla_put_u32(genl->batch, JOBWARD_A_TABLE_MODULE_STATE, state) < 0);
}

static int take_generation(void *ctx, struct nlattr **tb, int maxtype)
{
	const struct nlattr *generation = tb[JOBWARD_A_TABLE_GENERATION];

	if (!generation || nla_len(generation) < 8)
		return -EBADMSG;
	*(uint64_t *)ctx = nla_get_u64(generation);
	return 0;
}

int jw_genl_table_commit(struct jw_genl *genl, uint64_t covers_seq, bool signed_modules, uint64_t *ret_generation)
{
	struct nl_msg *msg;
	uint64_t generation = 0;
	int r = jw_genl_table_flush(genl);

	if (r < 0)
		return r;
	msg = new_request(genl, JOBWARD_CMD_TABLE_COMMIT, 0, 0);
	if (!msg)
		return -ENOMEM;
	if (nla_put_u32(msg, JOBWARD_A_TABLE_TXN, genl->txn) < 0 ||
	    nla_put_u64(msg, JOBWARD_A_TABLE_COVERS_SEQ, covers_seq) < 0 ||
	    (signed_modules && nla_put_flag(msg, JOBWARD_A_TABLE_SIGNED_MODULES) < 0)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	r = transact(genl, msg, JOBWARD_A_TABLE_MAX, take_generation, &generation);
	if (r == 0 && ret_generation)
		*ret_generation = generation;
	return r;
}

void jw_genl_table_abort(struct jw_genl *genl)
{
	struct nl_msg *msg;
	char words[sizeof(genl->error)];

	drop_batch(genl);
	msg = new_request(genl, JOBWARD_CMD_TABLE_ABORT, 0, 0);
	if (!msg)
		return;
	/* the refusal that led here stays readable */
	memcpy(words, genl->error, sizeof(words));
	if (nla_put_u32(msg, JOBWARD_A_TABLE_TXN, genl->txn) < 0)
		nlmsg_free(msg);
	else
		transact(genl, msg, 0, NULL, NULL);
	memcpy(genl->error, words, sizeof(words));
}
