/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * sealer: it alone has the key that signs the trail. It signs a checkpoint only when that goes on from
 * the last one it signed (RFC 9162 consistency), and remembers it on its disk first. After each period
 * a new key follows (succession.h) and the old one is destroyed, so that a key stolen today signs
 * nothing of yesterday. No sockets, no clock.
 *
 * Its folder, readable for nobody else:
 *   memory        the number of the last succession, the last checkpoint signed (SealerMemory)
 *   key.N         32 bytes: the seed of the key that succession N began; 0: the city's first
 *   succession.N  packed Succession
 *   spare.secret  hex: signs the succession when this folder is lost. To be carried away and removed. */
#ifndef DISPATCHER_SEALER_SEALER_H
#define DISPATCHER_SEALER_SEALER_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/message.h"
#include "proto/suite.h"

struct sealer;

struct sealer_settings {
    const struct suite *suite; /* the city's, from its first key on; NULL: the default */
    const char *folder;        /* made when missing */
    /* The city's first key as `yihao keys make` left it; the file is destroyed when the key was taken in. */
    const char *first_secret;
    uint64_t period_ms;
    /* The spare key, which takes over when the memory is lost or the journal was put back by a person: the
     * next call that shows the journal's newest checkpoint and succession begins a new key. NULL: none. */
    const char *spare_secret;
};

/* Returns 0; -ENOENT: neither memory nor first key; -EBADMSG: a file is not as it was written;
 * -EKEYREJECTED: the keys are of another suite; another
 * negative errno. Close with sealer_close(), NULL is fine. */
int sealer_open(struct sealer **sealer, const struct sealer_settings *settings, uint64_t now_ms);
void sealer_close(struct sealer *sealer);

/* Answers a call. A negative errno: its disk failed, nothing was signed, and the caller ends the process. */
int sealer_answer(struct sealer *sealer, const struct sealer_call *call, uint64_t now_ms,
                  struct sealer_word *word);

/* A period may be over: then the next key follows. As above. */
int sealer_tick(struct sealer *sealer, uint64_t now_ms);

/* How it stands: the last succession, the last checkpoint, and whether it waits for the spare key's word. */
uint64_t sealer_number(const struct sealer *sealer);
uint64_t sealer_seq(const struct sealer *sealer);
bool sealer_waits(const struct sealer *sealer);

#endif
