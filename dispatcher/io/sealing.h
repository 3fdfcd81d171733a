/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * sealing: the dispatcher's side of the sealer (dispatcher/sealer). The journal's state goes to it when a
 * checkpoint is due, and what it signed is kept with the next turn; nothing of a call waits for it. A
 * sealer that is down, or refuses, is told by metrics, the log and, when it doubts, by an event. */
#ifndef DISPATCHER_IO_SEALING_H
#define DISPATCHER_IO_SEALING_H

#include <stdbool.h>
#include <stdint.h>

#include "dispatcher/journal/journal.h"
#include "proto/message.h"

enum {
    SEALING_MANIFESTS_MAX = 16,  /* on their way at once; the next question is refused as BUSY */
    SEALING_MANIFEST_MS = 3000,  /* longer nobody waits for one */
    SEALING_ANSWER_MS = 3000,    /* then the connection is made anew */
    SEALING_CONNECT_MS = 1000,   /* between tries */
    SEALING_KEEP_MS = 100,       /* so long what was signed waits for a turn that is open anyway */
    SEALING_DOUBT_MS = 10 * 1000 /* what it refused it is asked again */
};

struct sealing;

/* silent_ms: unsigned for so long is told. epoll: is given each connection to watch; -1: nobody watches.
 * Connects with the first sealing_ask(). Returns NULL when memory is short; close with sealing_close(),
 * NULL is fine. */
struct sealing *sealing_open(const char *socket, uint64_t silent_ms, int epoll);
void sealing_close(struct sealing *sealing);

/* Takes what it said. Returns true when a turn is to be opened and sealing_keep() to be called in it. */
bool sealing_hear(struct sealing *sealing, uint64_t mono_ms, bool turn_is_open);

/* Inside a turn: keeps what it signed. Returns 0 or the journal's final error. */
int sealing_keep(struct sealing *sealing, struct journal *journal);

/* Between turns: asks for what is due. */
void sealing_ask(struct sealing *sealing, struct journal *journal, uint64_t now_ms,
                 uint64_t mono_ms);

/* When sealing_ask() has something to do, by the wall clock; UINT64_MAX: nothing. */
uint64_t sealing_due_ms(const struct sealing *sealing, const struct journal *journal);

/* ---- manifests ------------------------------------------------------------------------------- */

enum {
    SEALING_ROUTE_BYTES = 5
};

/* Whose question a manifest answers. */
struct sealing_asker {
    uint8_t route[SEALING_ROUTE_BYTES];
    uint64_t id;
};

/* Sends it away to be signed; false: no sealer, or too many. */
bool sealing_manifest(struct sealing *sealing, const struct sealing_asker *asker,
                      const struct manifest *manifest, uint64_t mono_ms);

/* The next that is signed, or for which nobody waits any more (*is_signed false). */
bool sealing_take_manifest(struct sealing *sealing, uint64_t mono_ms, struct sealing_asker *asker,
                           struct manifest *manifest, bool *is_signed);

/* ---- what stands ----------------------------------------------------------------------------- */

struct sealing_figures {
    bool up;                 /* it answers */
    enum doubt_reason doubt; /* it refuses; NONE: it does not */
    uint64_t first, shown;   /* then: the last it signed, and what it was shown */
    uint64_t number;         /* of the key's last succession */
    uint64_t checkpoints;    /* signed for this process */
    uint64_t unsealed_ms;    /* how long the oldest event waits for its signature; 0: none waits */
};
void sealing_measure(const struct sealing *sealing, const struct journal *journal, uint64_t now_ms,
                     struct sealing_figures *figures);

/* Once for each doubt: true, and the figures say which. */
bool sealing_doubts_anew(struct sealing *sealing);

#endif
