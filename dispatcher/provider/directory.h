/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * directory: the city's directory over LDAP (RFC 4511), by libldap. A login is looked for as the one
 * who may look (RFC 4515 filter, escaped), then the server itself is asked whether the password is that
 * entry's (a simple bind), over TLS with a proved name or not at all. It says who somebody is; groups only
 * confirm roles that users.csv gave already, they give none. An unknown login takes the same questions
 * as a known one. Each check has a connection of its own: nothing is shared between the checker's threads,
 * and nothing waits longer than wait_ms for one answer. */
#ifndef DISPATCHER_PROVIDER_DIRECTORY_H
#define DISPATCHER_PROVIDER_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "dispatcher/provider/provider.h"
#include "proto/settings.h"

enum {
    DIRECTORY_FILTER_BYTES = 512,
    DIRECTORY_SECRET_BYTES = 129
};

struct directory;

/* Reads HOME/keys/directory (the looker's password) and, where it is, HOME/keys/directory.pem (who signs
 * the server's certificate; else the machine's own list). Connects to nobody. Returns 0 and *directory
 * (NULL: the settings name none), or a negative errno after a log line that says what to do. */
int directory_open(struct directory **directory, const char *home,
                   const struct directory_settings *settings);
void directory_close(struct directory *directory);

/* It lives as long as the directory. */
struct provider directory_provider(struct directory *directory);

/* Can it be asked? Returns 0, -EHOSTUNREACH (nobody answers, or under another name), or -EACCES: it does not
 * let the looker in. */
int directory_look(struct directory *directory);

/* The pattern with the login in the place of {login}, escaped. False when it has no place or no room. */
bool directory_filter(const char *pattern, const char *login, char *filter, size_t room);

/* "taker supervisor" as in user_row.roles; false for a word that is no role. */
bool directory_roles(const char *words, uint32_t *roles);

#endif
