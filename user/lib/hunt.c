// SPDX-License-Identifier: GPL-2.0
/* Hunts: their files and what stands at the head of them. The SQL itself is judged by whoever asks it. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "cleanup.h"
#include "hunt.h"

#define SUFFIX ".sql"
#define FILE_MAX (1 << 20)
#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789-"

static const char *const severities[] = { "low", "medium", "high" };
_Static_assert(sizeof(severities) / sizeof(severities[0]) == JW_HUNT_HIGH + 1, "a word for each");

const char *jw_hunt_severity_name(enum jw_hunt_severity severity)
{
	return severities[severity];
}

int jw_hunt_severity_from_name(const char *name)
{
	int i;

	for (i = 0; i <= JW_HUNT_HIGH; i++)
		if (!strcmp(name, severities[i]))
			return i;
	return -1;
}

/* The keys of a head and where their values go. The last five are there together or not at all. */
enum key { TECHNIQUE, SEVERITY, TELLS, READING, BECAUSE, FINDING, KEY, MITIGATION, ADVICE, N_KEYS };

#define FIRST_OF_RULES BECAUSE

static const char *const keys[N_KEYS] = {
	"technique", "severity", "tells", "reading", "because", "finding", "key", "mitigation", "advice",
};

static const char *const lacks[N_KEYS] = {
	"the head lacks its 'technique:'", "the head lacks its 'severity:'", "the head lacks its 'tells:'",
	"the head lacks its 'reading:'", "a rule lacks its 'because:'", "a rule lacks its 'finding:'",
	"a rule lacks its 'key:'", "a rule lacks its 'mitigation:'", "a rule lacks its 'advice:'",
};

/* The head on its way in. */
struct head {
	char *values[N_KEYS];
	unsigned int lines[N_KEYS];
	char **open;		/* value that the next line may go on with; NULL: none */
};

static char **find_key(struct head *head, const char *name, size_t len, unsigned int line)
{
	size_t i;

	for (i = 0; i < N_KEYS; i++)
		if (strlen(keys[i]) == len && !memcmp(name, keys[i], len)) {
			if (!head->values[i])
				head->lines[i] = line;
			return &head->values[i];
		}
	return NULL;
}

/* Adds to the open value, with one blank between. */
static int go_on(struct head *head, const char *text, size_t len)
{
	size_t had = *head->open ? strlen(*head->open) : 0;
	char *more;

	while (len && isblank((unsigned char)text[len - 1]))
		len--;
	if (!len)
		return 0;
	more = realloc(*head->open, had + len + 2);
	if (!more)
		return -ENOMEM;
	if (had)
		more[had++] = ' ';
	memcpy(more + had, text, len);
	more[had + len] = '\0';
	*head->open = more;
	return 0;
}

/* One line of the head, behind its "--". Return: 0, -EINVAL with *ret_cause, -ENOMEM. */
static int take_line(struct head *head, const char *p, size_t len, unsigned int line,
		     const char **ret_cause)
{
	size_t blanks = 0, key;

	while (blanks < len && isblank((unsigned char)p[blanks]))
		blanks++;
	p += blanks;
	len -= blanks;
	if (!len) {
		head->open = NULL;
		return 0;
	}
	if (blanks >= 3 && head->open)
		return go_on(head, p, len);
	for (key = 0; key < len && p[key] != ':'; key++)
		;
	if (key < len && key >= 4 && !memcmp(p, "SPDX", 4)) {
		head->open = NULL;
		return 0;
	}
	head->open = key < len ? find_key(head, p, key, line) : NULL;
	if (!head->open) {
		*ret_cause = "neither a key of the head (technique, severity, tells, reading, because, finding, key, mitigation,"
			     " advice) nor, with three blanks in front, more of one";
		return -EINVAL;
	}
	if (*head->open) {
		*ret_cause = "this key was there already";
		return -EINVAL;
	}
	for (key++; key < len && isblank((unsigned char)p[key]); key++)
		;
	return go_on(head, p + key, len - key);
}

/* T1053 or T1053.003, one or more with blanks between. */
static bool is_technique(const char *s)
{
	while (true) {
		if (*s != 'T' || strspn(s + 1, "0123456789") != 4)
			return false;
		s += 5;
		if (*s == '.') {
			if (strspn(s + 1, "0123456789") != 3)
				return false;
			s += 4;
		}
		if (!*s)
			return true;
		if (*s++ != ' ')
			return false;
	}
}

static int bad(struct jw_diags *diags, const struct jw_hunt *hunt, unsigned int line, const char *cause)
{
	int r = jw_diag_add(diags, JW_DIAG_ERROR, hunt->file, line, 0, "%s", cause);

	return r ? r : -EINVAL;
}

/* M1018, one or more with blanks between. */
static bool is_mitigation(const char *s)
{
	for (; *s == 'M' && strspn(s + 1, "0123456789") == 4; s += 6) {
		if (!s[5])
			return true;
		if (s[5] != ' ')
			return false;
	}
	return false;
}

static int check_head(struct jw_hunt *hunt, const struct head *head, struct jw_diags *diags)
{
	bool is_rule = false;
	int i;

	for (i = FIRST_OF_RULES; i < N_KEYS; i++)
		is_rule |= head->values[i] != NULL;
	for (i = 0; i < (is_rule ? N_KEYS : FIRST_OF_RULES); i++)
		if (!head->values[i])
			return bad(diags, hunt, 1, lacks[i]);
	if (!is_technique(head->values[TECHNIQUE]))
		return bad(diags, hunt, head->lines[TECHNIQUE], "a technique is written T1053 or T1053.003");
	if (is_rule && !is_mitigation(head->values[MITIGATION]))
		return bad(diags, hunt, head->lines[MITIGATION], "a mitigation is written M1018");
	i = jw_hunt_severity_from_name(head->values[SEVERITY]);
	if (i < 0)
		return bad(diags, hunt, head->lines[SEVERITY], "a severity is low, medium or high");
	hunt->severity = (enum jw_hunt_severity)i;
	return 0;
}

/* Gives the values over, also those of a head that is wrong: jw_hunt_done() drops them. */
static void take_values(struct jw_hunt *hunt, const struct head *head)
{
	free(head->values[SEVERITY]);
	hunt->technique = head->values[TECHNIQUE];
	hunt->tells = head->values[TELLS];
	hunt->reading = head->values[READING];
	hunt->because = head->values[BECAUSE];
	hunt->finding = head->values[FINDING];
	hunt->finding_line = head->lines[FINDING];
	hunt->key = head->values[KEY];
	hunt->key_line = head->lines[KEY];
	hunt->mitigation = head->values[MITIGATION];
	hunt->advice = head->values[ADVICE];
}

static int parse(struct jw_hunt *hunt, struct head *head, struct jw_diags *diags)
{
	const char *p = hunt->sql, *cause = NULL;
	unsigned int line = 1;
	int r;

	for (; !strncmp(p, "--", 2); line++) {
		size_t len = strcspn(p, "\n");

		r = take_line(head, p + 2, len - 2, line, &cause);
		if (r)
			return r == -EINVAL ? bad(diags, hunt, line, cause) : r;
		p += len + (p[len] == '\n');
	}
	return check_head(hunt, head, diags);
}

int jw_hunt_parse(struct jw_hunt *ret, const char *name, const char *file, const char *text, size_t len,
		  struct jw_diags *diags)
{
	struct jw_hunt hunt = { .name = strdup(name), .file = strdup(file), .sql = strndup(text, len) };
	struct head head = { 0 };
	int r = hunt.name && hunt.file && hunt.sql ? 0 : -ENOMEM;

	if (!r && (!*name || name[strspn(name, NAME_LETTERS)]))
		r = bad(diags, &hunt, 0, "the name of a hunt has letters a to z, digits and - only");
	if (!r && memchr(text, '\0', len))
		r = bad(diags, &hunt, 0, "there is a NUL byte in it");
	if (!r)
		r = parse(&hunt, &head, diags);
	take_values(&hunt, &head);
	if (r)
		jw_hunt_done(&hunt);
	else
		*ret = hunt;
	return r;
}

void jw_hunt_done(struct jw_hunt *hunt)
{
	free(hunt->name);
	free(hunt->file);
	free(hunt->technique);
	free(hunt->tells);
	free(hunt->reading);
	free(hunt->because);
	free(hunt->finding);
	free(hunt->key);
	free(hunt->mitigation);
	free(hunt->advice);
	free(hunt->sql);
	memset(hunt, 0, sizeof(*hunt));
}

/* ---- folders ---- */

/* Return: 0; -EINVAL: no regular file; -EFBIG: too long; another errno. Caller frees, also then. */
static int read_file(int folder, const char *name, char **ret, size_t *ret_len)
{
	_cleanup_fd_ int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	ssize_t n = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	*ret = malloc(FILE_MAX + 1);
	if (!*ret)
		return -ENOMEM;
	*ret_len = 0;
	while (*ret_len <= FILE_MAX && (n = read(fd, *ret + *ret_len, FILE_MAX + 1 - *ret_len)) > 0)
		*ret_len += (size_t)n;
	if (n < 0)
		return -errno;
	return *ret_len > FILE_MAX ? -EFBIG : 0;
}

static int put(struct jw_hunts *list, struct jw_hunt *hunt)
{
	struct jw_hunt *v;
	size_t at = 0;
	int order = 1;

	while (at < list->n && (order = strcmp(hunt->name, list->v[at].name)) > 0)
		at++;
	if (at < list->n && !order) {
		jw_hunt_done(&list->v[at]);
		list->v[at] = *hunt;
		return 0;
	}
	v = reallocarray(list->v, list->n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	list->v = v;
	memmove(v + at + 1, v + at, (list->n - at) * sizeof(*v));
	v[at] = *hunt;
	list->n++;
	return 0;
}

static int load(struct jw_hunts *list, int folder_fd, const char *folder, const char *name, struct jw_diags *diags)
{
	_cleanup_free_ char *file = NULL, *text = NULL, *stem = strndup(name, strlen(name) - strlen(SUFFIX));
	struct jw_hunt hunt;
	size_t len = 0;
	int r;

	if (asprintf(&file, "%s/%s", folder, name) < 0)
		file = NULL;
	if (!file || !stem)
		return -ENOMEM;
	r = read_file(folder_fd, name, &text, &len);
	if (r == -EINVAL)
		return jw_diag_add(diags, JW_DIAG_ERROR, file, 0, 0, "is no regular file");
	if (r && r != -ENOMEM)
		return jw_diag_add(diags, JW_DIAG_ERROR, file, 0, 0, "can't be read: %s", strerror(-r));
	if (!r)
		r = jw_hunt_parse(&hunt, stem, file, text, len, diags);
	if (r)
		return r == -EINVAL ? 0 : r;
	r = put(list, &hunt);
	if (r)
		jw_hunt_done(&hunt);
	return r;
}

/* Also leaves out what editors and dpkg put beside a file: x.sql~, .x.sql, x.sql.dpkg-old. */
static int is_hunt(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > strlen(SUFFIX) &&
	       !strcmp(entry->d_name + len - strlen(SUFFIX), SUFFIX);
}

int jw_hunts_load(struct jw_hunts *list, const char *folder, struct jw_diags *diags)
{
	_cleanup_fd_ int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent **entries;
	int n, i, r = 0;

	n = fd < 0 ? -1 : scandirat(fd, ".", &entries, is_hunt, alphasort);
	if (n < 0)
		return -errno;
	for (i = 0; i < n; i++) {
		if (!r)
			r = load(list, fd, folder, entries[i]->d_name, diags);
		free(entries[i]);
	}
	free(entries);
	return r;
}

const struct jw_hunt *jw_hunts_find(const struct jw_hunts *list, const char *name)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (!strcmp(list->v[i].name, name))
			return &list->v[i];
	return NULL;
}

void jw_hunts_done(struct jw_hunts *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		jw_hunt_done(&list->v[i]);
	free(list->v);
	memset(list, 0, sizeof(*list));
}
