// SPDX-License-Identifier: GPL-2.0
/*
 * The environment that PAM hands to a scheduler's jobs: the lines of /etc/pam.d/SERVICE that name pam_env.so, in order,
 * each reading its pam_env.conf and then its envfile (Linux-PAM modules/pam_env/pam_env.c, handle_env). Included files
 * are not followed: Debian's common-* have no pam_env.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../cleanup.h"
#include "pam_env.h"
#include "store_file.h"

#define ENV_FILE_MAX (256u << 10)
#define ENV_MAX 512

void jw_env_free(char **env)
{
	for (char **e = env; e && *e; e++)
		free(*e);
	free(env);
}

int jw_env_set(char ***env, const char *assignment)
{
	size_t name = strcspn(assignment, "=") + 1, n = 0;
	char *copy = strdup(assignment), **v = *env;

	if (!copy)
		return -ENOMEM;
	for (; v && v[n]; n++) {
		if (strncmp(v[n], assignment, name))
			continue;
		free(v[n]);
		v[n] = copy;
		return 0;
	}
	v = n < ENV_MAX ? reallocarray(v, n + 2, sizeof(*v)) : NULL;
	if (!v) {
		free(copy);
		return -ENOMEM;
	}
	v[n] = copy;
	v[n + 1] = NULL;
	*env = v;
	return 0;
}

static void unset(char **env, const char *name)
{
	size_t len = strlen(name), n = 0;

	for (; env && env[n]; n++) {
		if (strncmp(env[n], name, len) || env[n][len] != '=')
			continue;
		free(env[n]);
		do
			env[n] = env[n + 1];
		while (env[n++]);
		return;
	}
}

/*
 * Quotes around a value are taken off and quotes inside it dropped when it begins with one: _parse_env_file() is "not
 * too smart".
 */
static void strip_quotes(char *value)
{
	char *to = value;

	if (*value != '"' && *value != '\'')
		return;
	for (const char *from = value + 1; *from; from++)
		if (*from != '"' && *from != '\'')
			*to++ = *from;
	*to = 0;
}

/* One line of an envfile (/etc/environment): _parse_env_file(). */
static int envfile_line(char *line, char ***env)
{
	char *key = line + strspn(line, " \t"), *end;
	size_t i;

	if (!*key || *key == '#')
		return 0;
	if (!strncmp(key, "export ", 7))
		key += 7;
	key[strcspn(key, "#")] = 0;
	for (end = key + strlen(key); end > key && isspace((unsigned char)end[-1]); )
		*--end = 0;
	for (i = 0; key[i] && key[i] != '='; i++)
		if (!isalnum((unsigned char)key[i]) && key[i] != '_')
			return 0;
	if (!i)
		return 0;
	if (!key[i]) {
		unset(*env, key);
		return 0;
	}
	strip_quotes(key + i + 1);
	return jw_env_set(env, key);
}

/* One line of pam_env.conf: NAME [DEFAULT=value] [OVERRIDE=value]; an override that is set and not empty wins. */
static int conf_line(char *line, const char *file, unsigned int number, char ***env, struct jw_diags *diags)
{
	char *save = NULL, *name, *word, *value = NULL;
	_cleanup_free_ char *assignment = NULL;

	line[strcspn(line, "#")] = 0;
	name = strtok_r(line, " \t", &save);
	if (!name)
		return 0;
	while ((word = strtok_r(NULL, " \t", &save))) {
		if (!strncmp(word, "DEFAULT=", 8) && !value)
			value = word + 8;
		else if (!strncmp(word, "OVERRIDE=", 9) && word[9])
			value = word + 9;
	}
	if (!value)
		return 0;
	if (strpbrk(value, "$@\\\""))
		return jw_diag_add(diags, JW_DIAG_NOTE, file, number, 0,
				   "the value of '%s' depends on the session and is not followed", name);
	if (asprintf(&assignment, "%s=%s", name, value) < 0) {
		assignment = NULL;
		return -ENOMEM;
	}
	return jw_env_set(env, assignment);
}

static int read_file(const char *root, const char *file, bool conf, char ***env, struct jw_diags *diags)
{
	_cleanup_free_ char *text = NULL, *path = NULL;
	unsigned int number = 0;
	char *line, *next;
	size_t len;
	int r = 0;

	if (asprintf(&path, "%s%s", root, file) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	if (jw_store_file_read(path, true, ENV_FILE_MAX, &text, &len, NULL) < 0)
		return 0;
	for (line = text; line && !r; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		number++;
		r = conf ? conf_line(line, file, number, env, diags) : envfile_line(line, env);
	}
	return r;
}

/* One line of /etc/pam.d/SERVICE. */
static int service_line(const char *root, char *line, char ***env, struct jw_diags *diags)
{
	const char *envfile = "/etc/environment", *conffile = "/etc/security/pam_env.conf";
	char *save = NULL, *word;
	bool read_env = true;
	int r;

	line[strcspn(line, "#")] = 0;
	word = strtok_r(line, " \t", &save);
	if (!word || (strcmp(word, "session") && strcmp(word, "-session")))
		return 0;
	while ((word = strtok_r(NULL, " \t", &save)))
		if (strlen(word) >= 10 && !strcmp(word + strlen(word) - 10, "pam_env.so"))
			break;
	if (!word)
		return 0;
	while ((word = strtok_r(NULL, " \t", &save))) {
		if (!strncmp(word, "envfile=", 8))
			envfile = word + 8;
		else if (!strncmp(word, "conffile=", 9))
			conffile = word + 9;
		else if (!strcmp(word, "readenv=0"))
			read_env = false;
	}
	r = read_file(root, conffile, true, env, diags);
	return r || !read_env ? r : read_file(root, envfile, false, env, diags);
}

int jw_pam_env(const char *root, const char *service, char ***ret, struct jw_diags *diags)
{
	_cleanup_free_ char *text = NULL, *path = NULL;
	char *line, *next, **env = NULL;
	size_t len;
	int r = 0;

	if (asprintf(&path, "%s/etc/pam.d/%s", root, service) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	*ret = NULL;
	if (jw_store_file_read(path, true, ENV_FILE_MAX, &text, &len, NULL) < 0)
		return 0;
	for (line = text; line && !r; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		r = service_line(root, line, &env, diags);
	}
	if (r < 0) {
		jw_env_free(env);
		return r;
	}
	*ret = env;
	return 0;
}
