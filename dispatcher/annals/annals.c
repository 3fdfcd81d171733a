/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/annals/annals.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "dispatcher/annals/kind.h"

struct annals {
    const struct annals_kind *kind;
    void *own;
    uint8_t *bytes; /* of a turn that came in pieces */
    size_t room;
};

static const struct annals_kind *const kinds[] = { &annals_lmdb, &annals_postgresql };

int annals_open(struct annals **annals, const char *place)
{
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strncmp(place, kinds[i]->scheme, strlen(kinds[i]->scheme)) != 0)
            continue;
        struct annals *fresh = calloc(1, sizeof *fresh);
        if (!fresh)
            return -ENOMEM;
        fresh->kind = kinds[i];
        int status = fresh->kind->open(&fresh->own, place);
        if (status < 0)
            free(fresh);
        else
            *annals = fresh;
        return status;
    }
    return -EINVAL;
}

void annals_close(struct annals *annals)
{
    if (!annals)
        return;
    annals->kind->close(annals->own);
    free(annals->bytes);
    free(annals);
}

int annals_stand(struct annals *annals, struct annals_stand *stand)
{
    *stand = (struct annals_stand){ .epoch = 0 };
    return annals->kind->stand(annals->own, stand);
}

int annals_look(struct annals *annals, struct annals_stand *stand)
{
    *stand = (struct annals_stand){ .epoch = 0 };
    return annals->kind->look(annals->own, stand);
}

int annals_rise(struct annals *annals, const struct annals_stand *stand, const char *holder,
                uint64_t *epoch)
{
    REQUIRE(strlen(holder) < ANNALS_HOLDER_BYTES);
    int status = annals->kind->rise(annals->own, stand, holder);
    if (status == 0)
        *epoch = stand->epoch + 1;
    return status;
}

enum annals_outcome annals_beat(struct annals *annals, uint64_t epoch)
{
    return annals->kind->beat(annals->own, epoch);
}

/* ---- writing ------------------------------------------------------------------------------- */

uint32_t annals_pieces(size_t size)
{
    return size == 0 ? 1 : (uint32_t)((size + ANNALS_PIECE_BYTES - 1) / ANNALS_PIECE_BYTES);
}

struct slice annals_piece(struct slice changes, uint32_t number)
{
    size_t at = (size_t)number * ANNALS_PIECE_BYTES;
    size_t left = changes.size - at;
    return (struct slice){ (const uint8_t *)changes.data + at,
                           left < ANNALS_PIECE_BYTES ? left : ANNALS_PIECE_BYTES };
}

enum annals_outcome annals_append(struct annals *annals, uint64_t epoch,
                                  const struct store_mark *before, const struct annals_turn *turns,
                                  uint32_t count)
{
    REQUIRE(count > 0 && count <= ANNALS_BATCH_MAX);
    for (uint32_t i = 0; i < count; i++) {
        REQUIRE(turns[i].changes.size <= ANNALS_TURN_BYTES_MAX);
        REQUIRE(turns[i].after.turn == before->turn + 1 + i);
    }
    return annals->kind->append(annals->own, epoch, before, turns, count);
}

static bool is_same(const struct store_mark *a, const struct store_mark *b)
{
    return a->turn == b->turn && memcmp(a->digest, b->digest, sizeof a->digest) == 0;
}

/* What a turn without an answer came to; UNKNOWN: it may be tried again. */
static enum annals_outcome find_out(struct annals *annals, uint64_t epoch,
                                    const struct annals_turn *turn)
{
    struct annals_stand stand;
    if (annals_stand(annals, &stand) < 0)
        return ANNALS_UNKNOWN;
    if (stand.epoch != epoch)
        return ANNALS_DEPOSED; /* also when the turn is there: who took the epoch speaks of it */
    if (is_same(&stand.last, &turn->after))
        return ANNALS_WRITTEN;
    return stand.last.turn >= turn->after.turn ? ANNALS_REFUSED : ANNALS_UNKNOWN;
}

enum annals_outcome annals_keep(struct annals *annals, uint64_t epoch,
                                const struct store_mark *before, const struct annals_turn *turn,
                                annals_goes_on *goes_on, void *owner)
{
    enum annals_outcome outcome = annals_append(annals, epoch, before, turn, 1);
    while (outcome == ANNALS_UNKNOWN || outcome == ANNALS_REFUSED) {
        bool refused = outcome == ANNALS_REFUSED;
        if (goes_on && !goes_on(owner))
            return ANNALS_UNKNOWN;
        outcome = find_out(annals, epoch, turn);
        if (outcome != ANNALS_UNKNOWN)
            return outcome;
        if (refused)
            return ANNALS_REFUSED; /* they stand elsewhere */
        if (!goes_on || !goes_on(owner))
            return ANNALS_UNKNOWN;
        outcome = annals_append(annals, epoch, before, turn, 1);
    }
    return outcome;
}

/* ---- reading ------------------------------------------------------------------------------- */

struct reading {
    struct annals *annals;
    struct store_mark at;
    struct annals_piece whole; /* of the turn that is being put together */
    size_t size;
    int count;
    annals_take *take;
    void *owner;
};

static int make_room(struct annals *annals, size_t size)
{
    if (size <= annals->room)
        return 0;
    uint8_t *bytes = realloc(annals->bytes, size);
    if (!bytes)
        return -ENOMEM;
    annals->bytes = bytes;
    annals->room = size;
    return 0;
}

static int take_turn(struct reading *reading, struct slice changes)
{
    struct annals_turn turn = { reading->whole.after, reading->whole.at_ms, changes };
    if (!store_follows(&reading->at, changes, &turn.after))
        return -EBADMSG;
    reading->at = turn.after;
    reading->count++;
    reading->whole.size = reading->size = 0;
    return reading->take(reading->owner, &turn);
}

static int take_piece(void *owner, const struct annals_piece *piece)
{
    struct reading *reading = owner;
    if (reading->size == 0)
        reading->whole = *piece;
    bool good = piece->after.turn == reading->at.turn + 1 && piece->bytes.size > 0 &&
                piece->size <= ANNALS_TURN_BYTES_MAX && piece->size == reading->whole.size &&
                is_same(&piece->after, &reading->whole.after) &&
                piece->bytes.size <= piece->size - reading->size;
    if (!good)
        return -EBADMSG;
    if (piece->bytes.size == piece->size)
        return take_turn(reading, piece->bytes);
    int status = make_room(reading->annals, piece->size);
    if (status < 0)
        return status;
    memcpy(reading->annals->bytes + reading->size, piece->bytes.data, piece->bytes.size);
    reading->size += piece->bytes.size;
    if (reading->size < piece->size)
        return 0;
    return take_turn(reading, (struct slice){ reading->annals->bytes, piece->size });
}

int annals_read(struct annals *annals, const struct store_mark *after, uint32_t max,
                annals_take *take, void *owner)
{
    struct reading reading = { .annals = annals, .at = *after, .take = take, .owner = owner };
    int status =
        annals->kind->read(annals->own, after->turn + 1, after->turn + max, take_piece, &reading);
    if (status == 0 && reading.size > 0)
        status = -EBADMSG; /* a turn's end is missing */
    return status < 0 ? status : reading.count;
}
