/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * local: the city's own passwords, HOME/keys/passwords: a line LOGIN:ARGON2ID-STRING for each login, read
 * anew for each check. A login that does not exist costs the same work as one that does. */
#ifndef DISPATCHER_PROVIDER_LOCAL_H
#define DISPATCHER_PROVIDER_LOCAL_H

#include <stdbool.h>

#include "dispatcher/provider/provider.h"

enum {
    LOCAL_HASH_BYTES = 128 /* crypto_pwhash_STRBYTES */
};

/* A provider over this file; the path is borrowed. */
struct provider local_provider(const char *path);

/* The hash a password of this login is compared with. Returns false for an unknown login, which is
 * compared with somebody else's hash, at that one's cost: how long a refusal takes tells nobody who has
 * a login here. */
bool local_find_hash(const char *path, const char *login, char hash[LOCAL_HASH_BYTES]);

#endif
