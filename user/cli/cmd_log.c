// SPDX-License-Identifier: GPL-2.0
/* jobward log: the events, one a line, and with --follow those that come. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>
#include "cli.h"
#include "lib/names_gen.h"
#include "lib/scheduler/table.h"
#include "render.h"
#include "word.h"

#define TERMINAL_LIMIT 200
#define FOLLOW_LIMIT 10
#define MEASURE_MAX 1000
#define WHAT_COLUMNS_MIN 12
/* A store on a file system without inotify, or a change that was missed, is seen after so long. */
#define POLL_MS 1000

/*
 * At each reload systemd empties the folders of its generators and has them filled again: dozens of allowed writes that
 * say one thing. So do the programs that one run of a job executes and the destinations that it connects to. A row of
 * them is one line. What enforce denies or would deny always has its own.
 */
struct fold {
	size_t n, n_connects;	/* n 0: none is open */
	uint64_t root_seq;	/* run of a job; 0: generators' writes */
	uint64_t first_seq, last_seq, time_ns;
	enum jobward_verdict verdict;
	char *who;
	char *what;		/* of the first event: alone, it is as good as the line */
};

struct view {
	struct jw_cli *cli;
	size_t shown;
	uint64_t last_row;
	int day;		/* of the newest line, to say when another begins */
	size_t who_columns;	/* on a terminal: what the longest of them takes, within bounds */
	struct fold fold;
};

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

static const char *clock_words(struct view *view, int64_t ns)
{
	time_t t = (time_t)(ns / 1000000000);
	char text[64];
	struct tm tm;

	if (!localtime_r(&t, &tm))
		return "?";
	if (!jw_render_terminal()->is_terminal) {
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
		return jw_showf("%s.%03lld", text, (long long)(ns / 1000000 % 1000));
	}
	/* On a terminal the day is said once, so that the line has room for what happened. */
	if (view->day != tm.tm_year * 400 + tm.tm_yday) {
		view->day = tm.tm_year * 400 + tm.tm_yday;
		strftime(text, sizeof(text), "%a %Y-%m-%d", &tm);
		printf("%s\n", jw_show_styled(JW_DIM, text));
	}
	strftime(text, sizeof(text), "%H:%M:%S", &tm);
	return jw_showf("%s", text);
}

static size_t who_columns_max(size_t columns)
{
	return columns >= 160 ? 40 : columns / 4;
}

/* The column is as wide as what is in it: mostly it says "root". */
static int measure_who(void *ctx, uint64_t row, const struct jw_event *event)
{
	struct view *view = ctx;
	size_t width = jw_show_width(jw_word_who_short(&event->subject)),
	       most = who_columns_max(jw_render_terminal()->columns);

	(void)row;
	if (width > view->who_columns)
		view->who_columns = width < most ? width : most;
	jw_show_reset();
	return 0;
}

static const char *who_words(const struct jw_event *event)
{
	return jw_render_terminal()->columns ? jw_word_who_short(&event->subject) : jw_word_who(&event->subject);
}

static const char *why_words(const struct jw_event *event)
{
	size_t columns = jw_render_terminal()->columns;

	if (!event->reason)
		return "";
	/* The reason is short and always wanted; what was done gives way. */
	if (!event->rule || (columns && columns < 110))
		return jw_showf(" (%s)", jw_reason_name(event->reason));
	return jw_showf(" (%s, %s)", jw_reason_name(event->reason), jw_show(event->rule));
}

struct line {
	uint64_t seq, time_ns;
	enum jobward_verdict verdict;
	const char *who, *what, *why;	/* shown text */
};

static void print_line(struct view *view, const struct line *line)
{
	size_t columns = jw_render_terminal()->columns, room;
	const char *when = clock_words(view, (int64_t)line->time_ns), *verdict = jw_verdict_name(line->verdict);
	const char *who = line->who, *what = line->what, *why = line->why;

	if (columns) {
		size_t fixed = 6 + 1 + 8 + 2 + 5 + 2 + view->who_columns + 2;

		who = jw_show_pad(jw_show_cut(who, view->who_columns), view->who_columns);
		if (columns < fixed + jw_show_width(why) + WHAT_COLUMNS_MIN)
			why = "";
		room = columns > fixed + WHAT_COLUMNS_MIN ? columns - fixed - jw_show_width(why) : WHAT_COLUMNS_MIN;
		what = jw_show_cut(what, room);
	}
	printf("%6llu %s  %s  %s  %s%s\n", (unsigned long long)line->seq, when,
	       jw_show_styled(jw_word_verdict_style(line->verdict), jw_show_pad(jw_show(verdict), 5)), who, what,
	       jw_show_styled(JW_DIM, why));
}

/* ---- folding ---- */
static bool is_of_generator(const struct jw_event *event)
{
	return event->kind == JOBWARD_KIND_WRITE && event->object.path && jw_path_is_generated(event->object.path) &&
	       (!event->target.present || (event->target.path && jw_path_is_generated(event->target.path)));
}

/* Who asks for these by name wants to see them. */
static bool is_of_descendant(const struct view *view, const struct jw_event *event)
{
	return (event->kind == JOBWARD_KIND_CHAIN || event->kind == JOBWARD_KIND_NET) && event->root_seq &&
	       event->action != JOBWARD_ACTION_LIMIT && !jw_cli_option(view->cli, "kind") &&
	       !jw_cli_option(view->cli, "job");
}

static bool is_foldable(const struct view *view, const struct jw_event *event)
{
	return !jw_cli_option(view->cli, "all") && event->verdict == JOBWARD_VERDICT_ALLOW &&
	       (is_of_generator(event) || is_of_descendant(view, event));
}

static const char *fold_words(const struct fold *fold)
{
	if (!fold->root_seq)
		return jw_showf("systemd's generators: %s, events %llu to %llu", jw_show_count(fold->n, "write", "writes"),
				(unsigned long long)fold->first_seq, (unsigned long long)fold->last_seq);
	if (fold->n == 1)
		return fold->what;
	return jw_showf("the job that began at %llu: %s, %s, events %llu to %llu", (unsigned long long)fold->root_seq,
			jw_show_count(fold->n - fold->n_connects, "program", "programs"),
			jw_show_count(fold->n_connects, "connect", "connects"), (unsigned long long)fold->first_seq,
			(unsigned long long)fold->last_seq);
}

static void close_fold(struct view *view)
{
	struct fold *fold = &view->fold;

	if (!fold->n)
		return;
	print_line(view, &(struct line){
		.seq = fold->first_seq, .time_ns = fold->time_ns, .verdict = fold->verdict, .who = fold->who,
		.what = fold_words(fold), .why = fold->root_seq && fold->n == 1 ? "" : " (all of them: --all)" });
	free(fold->who);
	free(fold->what);
	*fold = (struct fold){0};
}

static void fold_event(struct view *view, const struct jw_event *event)
{
	const uint64_t root_seq = event->kind == JOBWARD_KIND_WRITE ? 0 : event->root_seq;
	struct fold *fold = &view->fold;
	const char *who = who_words(event);

	if (fold->n && (strcmp(fold->who, who) || fold->root_seq != root_seq))
		close_fold(view);
	fold->n_connects += event->kind == JOBWARD_KIND_NET;
	if (!fold->n++) {
		fold->root_seq = root_seq;
		fold->what = jw_must(strdup(jw_word_what(event)));
		fold->first_seq = event->seq;
		fold->time_ns = event->time_ns;
		fold->verdict = event->verdict;
		fold->who = jw_must(strdup(who));
	}
	fold->last_seq = event->seq;
}

static void print_event(struct view *view, const struct jw_event *event)
{
	close_fold(view);
	print_line(view, &(struct line){
		.seq = event->seq, .time_ns = event->time_ns, .verdict = event->verdict, .who = who_words(event),
		.what = jw_word_what(event), .why = why_words(event) });
}

static int take_event(void *ctx, uint64_t row, const struct jw_event *event)
{
	struct view *view = ctx;

	view->last_row = row;
	view->shown++;
	if (view->cli->json)
		jw_json_print_line(jw_must(jw_event_to_json(event)));
	else if (is_foldable(view, event))
		fold_event(view, event);
	else
		print_event(view, event);
	jw_show_reset();
	return ferror(stdout) || interrupted;
}

static int newest_row(void *ctx, uint64_t row, const struct jw_event *event)
{
	(void)event;
	*(uint64_t *)ctx = row;
	return 0;
}

/* ---- what is wanted ---- */
static int take_limit(struct jw_cli *cli, struct jw_event_filter *filter)
{
	const char *text = jw_cli_option(cli, "n");
	char *end;
	long n;

	if (!text) {
		filter->limit = jw_cli_option(cli, "follow") ? FOLLOW_LIMIT :
				jw_render_terminal()->is_terminal && !filter->since_ns ? TERMINAL_LIMIT : 0;
		return JW_EXIT_YES;
	}
	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || end == text || *end || n < 0)
		return jw_cli_usage(cli, "-n takes a number, not '%s'", jw_show(text));
	filter->limit = (size_t)n;
	return JW_EXIT_YES;
}

/* Events outlive their job: a whole id is taken even when the inventory has it no more. */
static int take_job(struct jw_cli *cli, uint64_t *ret_job)
{
	const char *name = jw_cli_option(cli, "job");
	const struct jw_job *job;
	struct jw_jobs jobs = {0};
	char *end;
	int code;

	if (!name)
		return JW_EXIT_YES;
	code = jw_cli_jobs(cli, true, &jobs);
	if (code)
		return code;
	if (!jw_cli_matches(&jobs, name, NULL) && strlen(name) == 16) {
		*ret_job = strtoull(name, &end, 16);
		code = *end || !*ret_job ? JW_EXIT_NO : JW_EXIT_YES;
	} else {
		code = JW_EXIT_NO;
	}
	if (code) {
		code = jw_cli_pick(&jobs, name, &job);
		if (!code)
			*ret_job = job->id;
	}
	jw_jobs_done(&jobs);
	return code;
}

static int take_filter(struct jw_cli *cli, struct jw_event_filter *filter)
{
	int code = jw_time_option(cli, "since", &filter->since_ns);

	if (!code)
		code = jw_time_option(cli, "until", &filter->until_ns);
	if (!code)
		code = jw_word_option(cli, "kind", jw_kind_from_name, &filter->kind);
	if (!code)
		code = jw_word_option(cli, "verdict", jw_verdict_from_name, &filter->verdict);
	if (!code)
		code = jw_word_option(cli, "scheduler", jw_scheduler_from_name, &filter->scheduler);
	if (!code)
		code = take_limit(cli, filter);
	if (!code)
		code = jw_cli_store(cli);
	if (!code)
		code = take_job(cli, &filter->job);
	filter->action = -1;
	return code;
}

static bool is_narrowed(const struct jw_event_filter *filter)
{
	return filter->since_ns || filter->until_ns || filter->kind >= 0 || filter->verdict >= 0 ||
	       filter->scheduler >= 0 || filter->job;
}

/* ---- following ---- */
/* The daemon writes into NAME-wal beside the store; a checkpoint or a new store shows in the folder too. */
static int watch_folder(const char *store_path)
{
	char *folder = jw_must(strdup(store_path)), *slash = strrchr(folder, '/');
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (slash)
		*slash = '\0';
	if (fd >= 0 &&
	    inotify_add_watch(fd, slash ? *folder ? folder : "/" : ".", IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0) {
		close(fd);
		fd = -1;
	}
	free(folder);
	return fd;
}

static void wait_for_change(int watch)
{
	struct pollfd poll_fds[] = {{.fd = watch, .events = POLLIN}, {.fd = STDOUT_FILENO, .events = 0}};
	char buffer[4096] __attribute__((aligned(8)));

	poll(poll_fds, 2, POLL_MS);
	/* Who reads has gone: nothing would be written for a long time to tell us. */
	if (poll_fds[1].revents & (POLLERR | POLLHUP))
		interrupted = 1;
	while (watch >= 0 && read(watch, buffer, sizeof(buffer)) > 0)
		;
}

static int reopen(struct view *view, struct jw_event_filter *filter)
{
	jw_store_close(view->cli->store);
	view->cli->store = NULL;
	filter->after_id = view->last_row = 0;
	jw_complain("the store was replaced; going on with the new one");
	return jw_cli_store(view->cli);
}

static int follow(struct view *view, struct jw_event_filter *filter)
{
	struct sigaction action = {.sa_handler = interrupt};
	int watch = watch_folder(view->cli->store_path), err, code = JW_EXIT_YES;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	filter->limit = 0;
	while (!interrupted && !ferror(stdout)) {
		fflush(stdout);
		wait_for_change(watch);
		if (interrupted)
			break;
		if (jw_store_is_gone(view->cli->store)) {
			code = reopen(view, filter);
			if (code)
				break;
		}
		err = jw_store_events(view->cli->store, filter, take_event, view);
		if (err < 0) {
			code = jw_cli_store_failed(view->cli, "events", err);
			break;
		}
		/* A burst comes in pieces; it is over when nothing comes. */
		if (view->last_row == filter->after_id || !view->last_row)
			close_fold(view);
		else
			filter->after_id = view->last_row;
	}
	close_fold(view);
	if (watch >= 0)
		close(watch);
	return code;
}

int jw_cmd_log(struct jw_cli *cli)
{
	struct jw_event_filter filter = {0},
			       any = {.kind = -1, .verdict = -1, .scheduler = -1, .action = -1, .limit = 1};
	struct view view = {.cli = cli};
	int code = take_filter(cli, &filter), err;

	if (code)
		return code;
	/* Read before the events are, so that none falls between. */
	if (jw_cli_option(cli, "follow"))
		jw_store_events(cli->store, &any, newest_row, &filter.after_id);
	any.after_id = filter.after_id;
	filter.after_id = 0;
	if (jw_cli_option(cli, "follow"))
		view.who_columns = who_columns_max(jw_render_terminal()->columns) / 2;
	/* Twice over a screenful costs nothing; over a year of events it would. */
	if (!cli->json && jw_render_terminal()->is_terminal && filter.limit && filter.limit <= MEASURE_MAX)
		jw_store_events(cli->store, &filter, measure_who, &view);
	if (!view.who_columns)
		view.who_columns = who_columns_max(jw_render_terminal()->columns) / 2;
	err = jw_store_events(cli->store, &filter, take_event, &view);
	close_fold(&view);
	if (err < 0)
		return jw_cli_store_failed(cli, "events", err);
	if (jw_cli_option(cli, "follow")) {
		filter.after_id = view.last_row > any.after_id ? view.last_row : any.after_id;
		view.last_row = 0;
		return follow(&view, &filter);
	}
	if (!view.shown && !cli->json)
		jw_complain(is_narrowed(&filter) ? "no event matches" : "there are no events on record");
	if (filter.limit == TERMINAL_LIMIT && view.shown == TERMINAL_LIMIT && !jw_cli_option(cli, "n"))
		jw_advise("the newest %d; all of them: jobward log -n 0", TERMINAL_LIMIT);
	return view.shown || !is_narrowed(&filter) ? JW_EXIT_YES : JW_EXIT_NO;
}
