/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * password: where they come from and where their hashes go.
 *   HOME/keys/passwords  LOGIN:ARGON2ID-STRING a line; what the dispatcher checks
 *   HOME/keys/phones     USER:HA1-MD5:HA1-SHA256 a line; what the trunk gateways check
 *   HOME/keys/sign-in    LOGIN PASSWORD a line; first passwords, to be handed out and deleted */
#ifndef CONSOLES_CTL_PASSWORD_H
#define CONSOLES_CTL_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PASSWORD_BYTES = 129,
    PASSWORD_LETTERS = 16, /* of a made one: 80 bits */
    PASSWORD_LEAST = 8,
    PASSWORD_OPERATIONS = 2, /* argon2id, OWASP's choice: 19 MiB, two passes */
    PASSWORD_MEMORY = 19 * 1024 * 1024
};

/* The password of a login: first line of $YIHAO_PASSWORD_FILE, else sign-in, else asked at the
 * terminal. Returns an exit code after telling why there is none. */
int password_find(const char *home, const char *login, char password[PASSWORD_BYTES]);

/* Asks at the terminal, without echo. Returns false when there is no terminal. */
bool password_prompt(const char *prompt, char password[PASSWORD_BYTES]);

/* The login's line in sign-in. Returns false when there is none. */
bool password_signs_in(const char *home, const char *login, char password[PASSWORD_BYTES]);

/* Does HOME/keys/passwords have a line for the login? */
bool password_exists(const char *home, const char *login);

/* Hashes and stores. A login that has a line gets another: the file is written anew and renamed.
 * Returns 0 or a negative errno. */
int password_store(const char *home, const char *login, const char *password);

/* A new random one. */
void password_make(char password[PASSWORD_LETTERS + 1]);

/* Adds "LOGIN PASSWORD" to sign-in. */
int password_hand_out(const char *home, const char *login, const char *password);

/* Hashes and stores the secret with which the phone of a user's seat registers, for digest access
 * authentication in this realm (RFC 7616 §3.4.2, RFC 8760). The user's line before it is replaced. */
int password_store_phone(const char *home, uint32_t user, const char *realm, const char *secret);

/* The login's second factor: BASE32[:HASH,HASH…], empty: none any more (dispatcher/io/second_factor.h). */
int password_store_factor(const char *home, const char *login, const char *rest);

/* Makes what these wrote durable. */
int password_sync(const char *home);

#endif
