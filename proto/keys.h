/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keys: the secrets of a home, one file each below HOME/keys (mode 0600, folder 0700):
 *   NAME.secret, NAME.public   CURVE keys of each program on the bus, z85 (ZeroMQ RFC 26)
 *   NAME.before.public         the key before it, and on a second line until when it is admitted, UTC milliseconds
 *   NAME.next.secret, .public  the dispatcher's next pair: who has the public half goes on over the change
 *   vault.key, vault.next      32 bytes, hex: the root that wraps the per-incident sealing keys; overwritten where it
 *                              lies with every erasure, one file after the other, so that one is always whole
 *   orders.key                 32 bytes, hex: seals orders that wait for their gateway; signs sessions
 *   blind.key                  32 bytes, hex: blind index of telephone numbers
 *   originals.key              32 bytes, hex: seals the PDUs of texts at the message gateways
 *   sign.secret, sign.public   hex, of the home's suite (proto/suite.h): signs the trail's checkpoints; where there is a sealer it takes
 *                              the secret away (dispatcher/sealer), and the public one begins its line
 *   passwords                  LOGIN:ARGON2ID-STRING a line
 * The bus admits the programs whose NAME.public lies in HOME/keys; the file's name is the program's
 * name on the bus. */
#ifndef PROTO_KEYS_H
#define PROTO_KEYS_H

#include <stdint.h>

#include "proto/suite.h"

enum {
    KEYS_Z85_BYTES = 41,
    KEYS_NAME_BYTES = 32
};

struct curve_keys {
    char public_key[KEYS_Z85_BYTES];
    char secret_key[KEYS_Z85_BYTES];
};

/* Makes whatever of the standard keys is missing for these programs; touches nothing that exists.
 * suite: of
 * the key that signs. Returns 0 or a negative errno. */
int keys_make(const char *home, const struct suite *suite, const char *const *programs,
              unsigned count);

int keys_read_curve(const char *home, const char *program, struct curve_keys *keys);
int keys_read_public(const char *home, const char *program, char public_key[KEYS_Z85_BYTES]);

/* Makes a file of 32 random bytes in hex digits; one that exists stays. Returns 0 or a negative errno. */
int keys_make_bytes(const char *home, const char *file);

/* Reads a file of hex digits: size bytes exactly. */
int keys_read_bytes(const char *home, const char *file, uint8_t *bytes, unsigned size);

/* What wraps the per-incident sealing keys. As keys_read_bytes(). */
int keys_read_vault(const char *home, uint8_t root[32]);

/* Overwrites the root where it lies; durable when it returns 0. */
int keys_renew_vault(const char *home, const uint8_t root[32]);

/* Reads or makes a file of 32 bytes: `bytes` is what it becomes when it does not exist, and what it holds afterwards. */
int keys_settle_bytes(const char *home, const char *file, uint8_t bytes[32]);

/* The keys with which a home's journal is opened: what seals, and what signs (NULL: the sealer has that).
 * As keys_read_bytes(). */
static inline int keys_read_journal(const char *home, uint8_t vault_key[32],
                                    uint8_t sign_secret[64], uint8_t sign_public[32])
{
    int status = keys_read_vault(home, vault_key);
    if (status == 0 && sign_secret)
        status = keys_read_bytes(home, "sign.secret", sign_secret, 64);
    return status == 0 ? keys_read_bytes(home, "sign.public", sign_public, 32) : status;
}

/* Calls `each` for every public key in the home that a program may come with: its present one (until_ms 0)
 * and the one before it, whether it is over or not. */
typedef void keys_each(void *owner, const char *program, const char *public_key, uint64_t until_ms);
int keys_list(const char *home, keys_each *each, void *owner);

/* Gives the program another pair, the one that keys_announce() made if there is one; the former public key
 * stays admitted until then. Whoever watches the folder takes it up (keys_stamp()). -ENOENT: it has none. */
int keys_renew(const char *home, const char *program, uint64_t until_ms);

/* Makes the pair that the next keys_renew() brings; -EEXIST: there is one. */
int keys_announce(const char *home, const char *program);

/* No key of this program is admitted any more, and its secret is gone. -ENOENT: it has none. */
int keys_retire(const char *home, const char *program);

/* Changes when a file of the folder came, went or was replaced; 0: it cannot be read. */
uint64_t keys_stamp(const char *home);

#endif
