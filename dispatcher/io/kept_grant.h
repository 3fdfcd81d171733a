/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * kept_grant: codes of the sign-in provider that were redeemed while the person's one-time code was missing
 * or wrong. A provider takes each code once; ours may be asked for afterwards. Two minutes, three tries, the
 * same code with the same verifier and nonce, nothing else. */
#ifndef DISPATCHER_IO_KEPT_GRANT_H
#define DISPATCHER_IO_KEPT_GRANT_H

#include <stdbool.h>
#include <stdint.h>

#include "dispatcher/provider/provider.h"

enum {
    KEPT_GRANTS_MAX = 64, /* then the oldest goes */
    KEPT_GRANT_MS = 2 * 60 * 1000,
    KEPT_GRANT_TRIES = 3
};

struct kept_grants {
    uint32_t next;
    struct {
        uint8_t hash[32];
        uint64_t until_ms;
        uint32_t tries; /* left; 0: free */
        struct identified identified;
    } rows[KEPT_GRANTS_MAX];
};

/* Keeps what the provider said of it. A grant that is kept already keeps its time and tries. */
void kept_grants_add(struct kept_grants *kept, const struct sign_in *asked,
                     const struct identified *identified, uint64_t mono_ms);

/* Takes one try. False: it is not kept, or no longer. */
bool kept_grants_take(struct kept_grants *kept, const struct sign_in *asked,
                      struct identified *identified, uint64_t mono_ms);

/* The sign-in is over. */
void kept_grants_drop(struct kept_grants *kept, const struct sign_in *asked);

#endif
