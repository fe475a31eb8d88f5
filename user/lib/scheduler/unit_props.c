// SPDX-License-Identifier: GPL-2.0
/*
 * Units as the manager knows them (org.freedesktop.systemd1(5)). LoadUnit makes the manager read a unit that is not
 * loaded from its files, the way it would at start: search path, drop-ins and specifiers are then its answer and not
 * our guess. The unit is forgotten again when nothing else needs it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../cleanup.h"
#include "store_file.h"
#include "unit_props.h"

#define MANAGER "org.freedesktop.systemd1"
#define EXECS_MAX 128
#define LIST_MAX 4096		/* strings in one property */

static void strv_free(char **v)
{
	for (char **s = v; s && *s; s++)
		free(*s);
	free(v);
}

void jw_unit_props_done(struct jw_unit_props *props)
{
	free(props->id);
	free(props->fragment);
	free(props->load_state);
	free(props->active_state);
	free(props->triggers);
	free(props->schedule);
	free(props->user);
	strv_free(props->drop_ins);
	strv_free(props->pulls);
	strv_free(props->environment);
	strv_free(props->unset);
	strv_free(props->pass);
	strv_free(props->env_files);
	for (size_t i = 0; i < props->n_execs; i++) {
		free(props->execs[i].path);
		strv_free(props->execs[i].argv);
	}
	free(props->execs);
	*props = (struct jw_unit_props){ 0 };
}

/* ---- readers of one property; the message stands inside the variant ---- */

static int read_string(sd_bus_message *m, void *to)
{
	const char *s;
	int r = sd_bus_message_read(m, "s", &s);

	if (r < 0)
		return r;
	free(*(char **)to);
	*(char **)to = strdup(s);
	return *(char **)to ? 0 : -ENOMEM;
}

static int read_bool(sd_bus_message *m, void *to)
{
	int v, r = sd_bus_message_read(m, "b", &v);

	if (r >= 0)
		*(bool *)to = v;
	return r;
}

static int read_u64(sd_bus_message *m, void *to)
{
	return sd_bus_message_read(m, "t", to);
}

/* Takes @s over. */
static int append(char ***to, char *s)
{
	char **v;
	size_t n = 0;

	while (*to && (*to)[n])
		n++;
	v = s && n < LIST_MAX ? reallocarray(*to, n + 2, sizeof(*v)) : NULL;
	if (!v) {
		free(s);
		return -ENOMEM;
	}
	v[n] = s;
	v[n + 1] = NULL;
	*to = v;
	return 0;
}

/* Adds to what is there: several properties go into one list. */
static int read_strings(sd_bus_message *m, void *to)
{
	const char *s;
	int r = sd_bus_message_enter_container(m, 'a', "s");

	while (r >= 0 && (r = sd_bus_message_read(m, "s", &s)) > 0)
		r = append(to, strdup(s));
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_env_files(sd_bus_message *m, void *to)
{
	const char *path;
	char *entry;
	int optional, r = sd_bus_message_enter_container(m, 'a', "(sb)");

	while (r >= 0 && (r = sd_bus_message_read(m, "(sb)", &path, &optional)) > 0)
		r = append(to, asprintf(&entry, "%c%s", optional ? '-' : '+', path) < 0 ? NULL : entry);
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int add_schedule(char **to, char *more)
{
	char *both;

	if (!more)
		return -ENOMEM;
	if (!*to) {
		*to = more;
		return 0;
	}
	if (asprintf(&both, "%s %s", *to, more) < 0)
		both = NULL;
	free(more);
	if (!both)
		return -ENOMEM;
	free(*to);
	*to = both;
	return 0;
}

static int read_calendar(sd_bus_message *m, void *to)
{
	const char *base, *spec;
	char *text;
	uint64_t next;
	int r = sd_bus_message_enter_container(m, 'a', "(sst)");

	while (r >= 0 && (r = sd_bus_message_read(m, "(sst)", &base, &spec, &next)) > 0)
		r = add_schedule(to, asprintf(&text, "%s=%s", base, spec) < 0 ? NULL : text);
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* As systemd.time(7) writes spans, largest units first: "1d 2h", "15min". */
static char *format_span(const char *base, uint64_t usec)
{
	static const struct { const char *unit; uint64_t usec; } units[] = {
		{ "w", 604800000000 }, { "d", 86400000000 }, { "h", 3600000000 }, { "min", 60000000 }, { "s", 1000000 },
		{ "ms", 1000 }, { "us", 1 },
	};
	size_t stem = strlen(base) > 4 && !strcmp(base + strlen(base) - 4, "USec") ? strlen(base) - 4 : strlen(base);
	char text[160];
	int n = snprintf(text, sizeof(text), "%.*sSec=", (int)(stem > 64 ? 64 : stem), base);

	if (!usec)
		snprintf(text + n, sizeof(text) - n, "0");
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]) && usec; i++) {
		if (usec < units[i].usec)
			continue;
		n += snprintf(text + n, sizeof(text) - n, "%" PRIu64 "%s", usec / units[i].usec, units[i].unit);
		usec %= units[i].usec;
	}
	return strdup(text);
}

static int read_monotonic(sd_bus_message *m, void *to)
{
	const char *base;
	uint64_t value, next;
	int r = sd_bus_message_enter_container(m, 'a', "(stt)");

	while (r >= 0 && (r = sd_bus_message_read(m, "(stt)", &base, &value, &next)) > 0)
		r = add_schedule(to, format_span(base, value));
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_clock_change(sd_bus_message *m, void *to)
{
	int v, r = sd_bus_message_read(m, "b", &v);

	return r < 0 || !v ? r : add_schedule(to, strdup("OnClockChange=yes"));
}

static int read_timezone_change(sd_bus_message *m, void *to)
{
	int v, r = sd_bus_message_read(m, "b", &v);

	return r < 0 || !v ? r : add_schedule(to, strdup("OnTimezoneChange=yes"));
}

static void take_flags(char **flags, struct jw_unit_exec *exec)
{
	for (char **f = flags; f && *f; f++) {
		exec->ignore_failure |= !strcmp(*f, "ignore-failure");
		exec->no_env |= !strcmp(*f, "no-env-expand");
		/* systemd.service(5), special executable prefixes: the user is not changed to User= */
		exec->privileged |= !strcmp(*f, "privileged") || !strcmp(*f, "no-setuid");
	}
}

/*
 * a(sasasttttuii): path, arguments, flags, then when it ran last. @to is the whole struct: both list and length change.
 */
static int read_execs(sd_bus_message *m, void *to)
{
	struct jw_unit_props *props = to;
	int r = sd_bus_message_enter_container(m, 'a', "(sasasttttuii)");

	while (r >= 0 && (r = sd_bus_message_enter_container(m, 'r', "sasasttttuii")) > 0) {
		struct jw_unit_exec *v = props->n_execs < EXECS_MAX ?
			reallocarray(props->execs, props->n_execs + 1, sizeof(*v)) : NULL;
		char **flags = NULL;

		if (!v)
			return -ENOMEM;
		props->execs = v;
		v += props->n_execs++;
		*v = (struct jw_unit_exec){ 0 };
		r = read_string(m, &v->path);
		if (r >= 0)
			r = read_strings(m, &v->argv);
		if (r >= 0)
			r = read_strings(m, &flags);
		if (r >= 0)
			r = sd_bus_message_skip(m, "ttttuii");
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
		take_flags(flags, v);
		strv_free(flags);
	}
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* ---- interfaces ---- */

struct property {
	const char *name;
	int (*read)(sd_bus_message *m, void *to);
	size_t offset;
};
#define AT(member) offsetof(struct jw_unit_props, member)

static const struct property unit_properties[] = {
	{ "Id", read_string, AT(id) }, { "FragmentPath", read_string, AT(fragment) },
	{ "LoadState", read_string, AT(load_state) }, { "ActiveState", read_string, AT(active_state) },
	{ "DropInPaths", read_strings, AT(drop_ins) }, { "NeedDaemonReload", read_bool, AT(need_reload) },
	{ "Wants", read_strings, AT(pulls) }, { "Requires", read_strings, AT(pulls) },
	{ "BindsTo", read_strings, AT(pulls) }, { "Upholds", read_strings, AT(pulls) },
	{ "OnSuccess", read_strings, AT(pulls) }, { "OnFailure", read_strings, AT(pulls) }, { NULL }
};
static const struct property timer_properties[] = {
	{ "Unit", read_string, AT(triggers) }, { "TimersCalendar", read_calendar, AT(schedule) },
	{ "TimersMonotonic", read_monotonic, AT(schedule) }, { "OnClockChange", read_clock_change, AT(schedule) },
	{ "OnTimezoneChange", read_timezone_change, AT(schedule) },
	{ "NextElapseUSecRealtime", read_u64, AT(next_realtime) },
	{ "NextElapseUSecMonotonic", read_u64, AT(next_monotonic) }, { NULL }
};
static const struct property service_properties[] = {
	{ "User", read_string, AT(user) }, { "DynamicUser", read_bool, AT(dynamic_user) },
	{ "Environment", read_strings, AT(environment) }, { "UnsetEnvironment", read_strings, AT(unset) },
	{ "PassEnvironment", read_strings, AT(pass) }, { "EnvironmentFiles", read_env_files, AT(env_files) },
	{ "ExecConditionEx", read_execs, 0 }, { "ExecStartPreEx", read_execs, 0 }, { "ExecStartEx", read_execs, 0 },
	{ "ExecStartPostEx", read_execs, 0 }, { "ExecReloadEx", read_execs, 0 }, { "ExecStopEx", read_execs, 0 },
	{ "ExecStopPostEx", read_execs, 0 }, { NULL }
};

static int read_dict(sd_bus_message *m, const struct property *table, struct jw_unit_props *props)
{
	int r = sd_bus_message_enter_container(m, 'a', "{sv}");

	while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
		const struct property *p = table;
		const char *name, *contents;

		r = sd_bus_message_read(m, "s", &name);
		if (r < 0)
			return r;
		while (p->name && strcmp(p->name, name))
			p++;
		if (!p->name) {
			r = sd_bus_message_skip(m, "v");
		} else {
			r = sd_bus_message_peek_type(m, NULL, &contents);
			if (r >= 0)
				r = sd_bus_message_enter_container(m, 'v', contents);
			if (r >= 0)
				r = p->read(m, (char *)props + p->offset);
			if (r >= 0)
				r = sd_bus_message_exit_container(m);
		}
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
	}
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int get_all(sd_bus *bus, const char *path, const char *interface, const struct property *table,
		   struct jw_unit_props *props)
{
	sd_bus_message *reply = NULL;
	int r = sd_bus_call_method(bus, MANAGER, path, "org.freedesktop.DBus.Properties", "GetAll", NULL, &reply, "s",
				   interface);

	if (r >= 0)
		r = read_dict(reply, table, props);
	sd_bus_message_unref(reply);
	return r < 0 ? r : 0;
}

static bool has_suffix(const char *name, const char *suffix)
{
	size_t n = strlen(name), k = strlen(suffix);

	return n > k && !strcmp(name + n - k, suffix);
}

int jw_unit_props_read(sd_bus *bus, const char *name, struct jw_unit_props *ret)
{
	struct jw_unit_props props = { 0 };
	sd_bus_message *reply = NULL;
	const char *path;
	int r = sd_bus_call_method(bus, MANAGER, "/org/freedesktop/systemd1", MANAGER ".Manager", "LoadUnit", NULL,
				   &reply, "s", name);

	if (r >= 0)
		r = sd_bus_message_read(reply, "o", &path);
	if (r >= 0)
		r = get_all(bus, path, MANAGER ".Unit", unit_properties, &props);
	if (r >= 0 && has_suffix(name, ".timer"))
		r = get_all(bus, path, MANAGER ".Timer", timer_properties, &props);
	if (r >= 0 && has_suffix(name, ".service"))
		r = get_all(bus, path, MANAGER ".Service", service_properties, &props);
	sd_bus_message_unref(reply);
	if (r < 0) {
		jw_unit_props_done(&props);
		return r;
	}
	*ret = props;
	return 0;
}

int jw_manager_environment(sd_bus *bus, char ***ret)
{
	char **env = NULL;
	int r = sd_bus_get_property_strv(bus, MANAGER, "/org/freedesktop/systemd1", MANAGER ".Manager", "Environment",
					 NULL, &env);

	if (r >= 0)
		*ret = env;
	return r < 0 ? r : 0;
}

int jw_manager_loaded(sd_bus *bus, int (*fn)(void *ctx, const char *name, const char *state), void *ctx)
{
	sd_bus_message *reply = NULL;
	const char *name, *load;
	int r = sd_bus_call_method(bus, MANAGER, "/org/freedesktop/systemd1", MANAGER ".Manager", "ListUnits", NULL,
				   &reply, "");

	if (r >= 0)
		r = sd_bus_message_enter_container(reply, 'a', "(ssssssouso)");
	while (r >= 0 && (r = sd_bus_message_read(reply, "(ssssssouso)", &name, NULL, &load, NULL, NULL, NULL, NULL,
						  NULL, NULL, NULL)) > 0)
		r = fn(ctx, name, load);
	sd_bus_message_unref(reply);
	return r < 0 ? r : 0;
}

/*
 * The search path is asked for, the folders are listed here: ListUnitFiles makes the manager parse every file to tell
 * what is enabled, for seconds on a slow host, while it does nothing else.
 */
int jw_manager_files(sd_bus *bus, int (*fn)(void *ctx, const char *name, const char *state), void *ctx)
{
	char **folders = NULL;
	int r = sd_bus_get_property_strv(bus, MANAGER, "/org/freedesktop/systemd1", MANAGER ".Manager", "UnitPath",
					 NULL, &folders);

	for (char **f = folders; f && *f && r >= 0; f++) {
		char **names;
		size_t n;

		if (jw_store_folder_names(*f, &names, &n) < 0)
			continue;
		for (size_t i = 0; i < n && r >= 0; i++)
			r = fn(ctx, names[i], "");
		jw_store_names_free(names, n);
	}
	strv_free(folders);
	return r < 0 ? r : 0;
}
