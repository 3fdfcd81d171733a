/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * kind: what a kind of annals does. Private to dispatcher/annals; the calls are annals.h's, whose checks are done before. */
#ifndef DISPATCHER_ANNALS_KIND_H
#define DISPATCHER_ANNALS_KIND_H

#include "dispatcher/annals/annals.h"

/* A piece of a turn, in order: the first of a turn says how long the whole is. */
struct annals_piece {
    struct store_mark after;
    uint64_t at_ms;
    uint64_t size;
    struct slice bytes;
};

typedef int annals_take_piece(void *owner, const struct annals_piece *piece);

struct annals_kind {
    const char *scheme; /* its places begin with it */
    int (*open)(void **own, const char *place);
    void (*close)(void *own);
    int (*stand)(void *own, struct annals_stand *stand);
    int (*look)(void *own, struct annals_stand *stand);
    int (*rise)(void *own, const struct annals_stand *stand, const char *holder);
    enum annals_outcome (*beat)(void *own, uint64_t epoch);
    enum annals_outcome (*append)(void *own, uint64_t epoch, const struct store_mark *before,
                                  const struct annals_turn *turns, uint32_t count);
    /* All pieces of the turns first to last. */
    int (*read)(void *own, uint64_t first, uint64_t last, annals_take_piece *take, void *owner);
};

extern const struct annals_kind annals_lmdb, annals_postgresql;

/* How many pieces so many bytes are, at least one, and the piece of that number. */
uint32_t annals_pieces(size_t size);
struct slice annals_piece(struct slice changes, uint32_t number);

#endif
