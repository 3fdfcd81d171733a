/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * token: proof of a signed-in user, 32 bytes: user, when the session opened, when its user last proved
 * with password and code who they are, a random part, and a MAC under a key that only the dispatcher
 * has. Nothing is stored, so sessions outlive a restart of the dispatcher; a sign-out is an event, and
 * tokens from before it are void (docs/decisions/0004-link.md). */
#ifndef DISPATCHER_IO_TOKEN_H
#define DISPATCHER_IO_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

enum {
    TOKEN_BYTES = 32,
    TOKEN_KEY_BYTES = 32,
    TOKEN_LIFE_MS = 12 * 60 * 60 * 1000 /* whatever was proved in between */
};

struct token {
    uint32_t user;
    uint64_t opened_ms;
    uint64_t proved_ms; /* kept in whole seconds since it opened; never before that */
};

/* Derives the MAC's key from that of orders. */
void token_key(const uint8_t orders_key[32], uint8_t key[TOKEN_KEY_BYTES]);

void token_make(const uint8_t key[TOKEN_KEY_BYTES], const struct token *token,
                uint8_t bytes[TOKEN_BYTES]);

/* False for what is not ours, or too old. */
bool token_read(const uint8_t key[TOKEN_KEY_BYTES], const uint8_t *bytes, uint32_t size,
                uint64_t now_ms, struct token *token);

#endif
