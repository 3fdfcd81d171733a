/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * token: proof of a signed-in user, 32 bytes: user, when the session opened, a random part, and a MAC
 * under a key that only the dispatcher has. Nothing is stored, so sessions outlive a restart of the
 * dispatcher; a sign-out is an event, and tokens from before it are void (docs/decisions/0004-link.md). */
#ifndef DISPATCHER_IO_TOKEN_H
#define DISPATCHER_IO_TOKEN_H

#include <stdint.h>

enum {
    TOKEN_BYTES = 32,
    TOKEN_KEY_BYTES = 32,
    TOKEN_LIFE_MS = 16 * 60 * 60 * 1000 /* a double shift */
};

/* Derives the MAC's key from that of orders. */
void token_key(const uint8_t orders_key[32], uint8_t key[TOKEN_KEY_BYTES]);

void token_make(const uint8_t key[TOKEN_KEY_BYTES], uint32_t user, uint64_t opened_ms,
                uint8_t token[TOKEN_BYTES]);

/* Returns the user and when the session opened, or 0 for a token that is not ours, or too old. */
uint32_t token_read(const uint8_t key[TOKEN_KEY_BYTES], const uint8_t *token, uint32_t size,
                    uint64_t now_ms, uint64_t *opened_ms);

#endif
