/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/mirror.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/require.h"
#include "gateways/link/mirror_socket.h"

enum {
    HEAD_BYTES = 17,   /* what, number, generation */
    RECORD_BYTES = 22, /* and kind and place */
    PLACES_MAX = 2048, /* of one kind */
    SEEN_WORDS = PLACES_MAX / 64
};

/* The first byte of a message. */
enum {
    ASK = 'A',   /* from who follows: everything, please */
    BEGIN = 'S', /* what follows is all there is; with the layouts of the records */
    END = 'E',   /* that was all */
    RECORD = 'R',
    CLEAR = 'C',
    BEAT = 'B'
};

struct mirror {
    struct mirror_socket *socket;
    struct kept *kept;
    bool leads;
    bool whole;   /* leads: the twin has asked and nothing was lost since; follows: all is here */
    bool filling; /* follows: between BEGIN and END */
    uint64_t number; /* of the last message */
    uint64_t generation;
    uint64_t beat_ms, asked_ms, heard_ms; /* monotonic */
    uint64_t seen[KEPT_KIND_COUNT][SEEN_WORDS];
    struct mirror_counts counts;
    struct log_limit refused;
};

_Static_assert((int)KEPT_BODY_MAX + (int)RECORD_BYTES <= (int)MIRROR_WORDS_MAX,
               "a record fits into a message");

static void put(uint8_t *at, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t get(const uint8_t *at, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = bytes; i > 0; i--)
        value = value << 8 | at[i - 1];
    return value;
}

/* ---- leading ----------------------------------------------------------------------------------- */

/* The body stands behind the head already. */
static void say(struct mirror *mirror, uint8_t what, uint8_t *bytes, size_t size)
{
    if (!mirror->whole)
        return;
    bytes[0] = what;
    put(bytes + 1, ++mirror->number, 8);
    put(bytes + 9, mirror->generation, 8);
    if (mirror_socket_send(mirror->socket, bytes, size) == 0)
        return;
    mirror->whole = false; /* it will see the gap, or ask because it hears nothing */
    log_warn("the twin does not follow");
}

static void tell(void *owner, enum kept_kind kind, uint32_t place, const uint8_t *body, size_t size)
{
    uint8_t bytes[MIRROR_WORDS_MAX];
    struct mirror *mirror = owner;
    bytes[HEAD_BYTES] = (uint8_t)kind;
    put(bytes + HEAD_BYTES + 1, place, 4);
    memcpy(bytes + RECORD_BYTES, body, size);
    mirror->counts.records++;
    say(mirror, size ? RECORD : CLEAR, bytes, RECORD_BYTES + size);
}

static void tell_all(struct mirror *mirror)
{
    uint8_t bytes[HEAD_BYTES + 8 * KEPT_KIND_COUNT], body[KEPT_BODY_MAX];
    mirror->whole = true;
    mirror->counts.snapshots++;
    for (int kind = 0; kind < KEPT_KIND_COUNT; kind++)
        put(bytes + HEAD_BYTES + 8 * kind,
            kept_shape_of(mirror->kept, (enum kept_kind)kind)->layout, 8);
    say(mirror, BEGIN, bytes, sizeof bytes);
    for (int kind = 0; kind < KEPT_KIND_COUNT; kind++)
        for (uint32_t i = 0; i < kept_shape_of(mirror->kept, (enum kept_kind)kind)->places; i++) {
            size_t size = kept_read(mirror->kept, (enum kept_kind)kind, i, body);
            if (size > 0)
                tell(mirror, (enum kept_kind)kind, i, body, size);
        }
    say(mirror, END, bytes, HEAD_BYTES);
    log_info("the twin follows generation=%" PRIu64, mirror->generation);
}

static void beat(struct mirror *mirror, uint64_t mono_ms, uint64_t wall_ms, uint64_t link_epoch)
{
    uint8_t bytes[HEAD_BYTES + 24];
    mirror->beat_ms = mono_ms;
    put(bytes + HEAD_BYTES, wall_ms, 8);
    put(bytes + HEAD_BYTES + 8, mono_ms, 8);
    put(bytes + HEAD_BYTES + 16, link_epoch, 8);
    say(mirror, BEAT, bytes, sizeof bytes);
}

/* ---- following --------------------------------------------------------------------------------- */

static bool begin(struct mirror *mirror, const uint8_t *bytes, size_t size)
{
    if (size != HEAD_BYTES + 8 * KEPT_KIND_COUNT)
        return false;
    for (int kind = 0; kind < KEPT_KIND_COUNT; kind++)
        if (get(bytes + HEAD_BYTES + 8 * kind, 8) !=
            kept_shape_of(mirror->kept, (enum kept_kind)kind)->layout) {
            if (log_allowed(&mirror->refused))
                log_error("the twin is of another build: its calls cannot be taken over");
            return false;
        }
    memset(mirror->seen, 0, sizeof mirror->seen);
    mirror->whole = false;
    mirror->filling = true;
    return true;
}

/* What was not named is no more. */
static void end(struct mirror *mirror)
{
    for (int kind = 0; kind < KEPT_KIND_COUNT; kind++)
        for (uint32_t i = 0; i < kept_shape_of(mirror->kept, (enum kept_kind)kind)->places; i++)
            if (!(mirror->seen[kind][i / 64] & 1ULL << i % 64))
                kept_clear(mirror->kept, (enum kept_kind)kind, i);
    mirror->filling = false;
    mirror->whole = true;
    mirror->counts.snapshots++;
}

static bool record(struct mirror *mirror, const uint8_t *bytes, size_t size)
{
    uint64_t kind = bytes[HEAD_BYTES], place = get(bytes + HEAD_BYTES + 1, 4);
    if (size < RECORD_BYTES || kind >= KEPT_KIND_COUNT)
        return false;
    const struct kept_shape *shape = kept_shape_of(mirror->kept, (enum kept_kind)kind);
    size -= RECORD_BYTES;
    if (place >= shape->places || size > shape->bytes || (bytes[0] == RECORD) != (size > 0))
        return false;
    mirror->seen[kind][place / 64] |= 1ULL << place % 64;
    mirror->counts.records++;
    if (size > 0)
        kept_write(mirror->kept, (enum kept_kind)kind, (uint32_t)place, bytes + RECORD_BYTES, size);
    else
        kept_clear(mirror->kept, (enum kept_kind)kind, (uint32_t)place);
    return true;
}

static bool hear_beat(struct mirror *mirror, const uint8_t *bytes, size_t size, uint64_t mono_ms)
{
    if (size != HEAD_BYTES + 24)
        return false;
    kept_beat(mirror->kept, get(bytes + HEAD_BYTES, 8));
    kept_note(mirror->kept,
              &(struct kept_origin){ .generation = mirror->generation,
                                     .link_epoch = get(bytes + HEAD_BYTES + 16, 8),
                                     .skew_ms = mono_ms - get(bytes + HEAD_BYTES + 8, 8) });
    return true;
}

static bool carry_out(struct mirror *mirror, const uint8_t *bytes, size_t size, uint64_t mono_ms)
{
    switch (bytes[0]) {
    case BEGIN:
        return begin(mirror, bytes, size);
    case END:
        if (mirror->filling)
            end(mirror);
        return true;
    case RECORD:
    case CLEAR:
        return (!mirror->filling && !mirror->whole) || size <= HEAD_BYTES
                   ? false
                   : record(mirror, bytes, size);
    case BEAT:
        return !mirror->whole || hear_beat(mirror, bytes, size, mono_ms);
    default:
        return false;
    }
}

bool mirror_hear(struct mirror *mirror, const uint8_t *bytes, size_t size, uint64_t mono_ms)
{
    uint64_t number = size >= HEAD_BYTES ? get(bytes + 1, 8) : 0;
    uint64_t generation = size >= HEAD_BYTES ? get(bytes + 9, 8) : 0;
    bool next = number == mirror->number + 1 && generation == mirror->generation;
    bool good =
        size >= HEAD_BYTES && generation >= mirror->generation && (next || bytes[0] == BEGIN);
    if (good) {
        mirror->number = number;
        mirror->generation = generation;
        mirror->heard_ms = mono_ms;
        good = carry_out(mirror, bytes, size, mono_ms);
    }
    if (good)
        return true;
    mirror->counts.refused++;
    mirror->whole = mirror->filling = false;
    return false;
}

static void ask(struct mirror *mirror, uint64_t mono_ms)
{
    static const uint8_t question[1] = { ASK };
    bool silent = mono_ms - mirror->heard_ms > 4 * MIRROR_BEAT_MS;
    if ((mirror->whole && !silent) || mono_ms - mirror->asked_ms < MIRROR_ASK_MS)
        return;
    mirror->asked_ms = mono_ms;
    (void)mirror_socket_send(mirror->socket, question, sizeof question);
}

/* ---- both -------------------------------------------------------------------------------------- */

void mirror_turn(struct mirror *mirror, uint64_t mono_ms, uint64_t wall_ms, uint64_t link_epoch)
{
    uint8_t bytes[MIRROR_WORDS_MAX];
    int size;
    mirror_socket_turn(mirror->socket);
    while ((size = mirror_socket_receive(mirror->socket, bytes)) >= 0) {
        if (!mirror->leads)
            (void)mirror_hear(mirror, bytes, (size_t)size, mono_ms);
        else if (size == 1 && bytes[0] == ASK)
            tell_all(mirror);
    }
    if (!mirror->leads)
        ask(mirror, mono_ms);
    else if (mono_ms - mirror->beat_ms >= MIRROR_BEAT_MS)
        beat(mirror, mono_ms, wall_ms, link_epoch);
}

struct mirror *mirror_alone(struct kept *kept)
{
    struct mirror *fresh = calloc(1, sizeof *fresh);
    for (int kind = 0; kind < KEPT_KIND_COUNT; kind++)
        REQUIRE(kept_shape_of(kept, (enum kept_kind)kind)->places <= PLACES_MAX);
    if (fresh)
        fresh->kept = kept;
    return fresh;
}

static int open(struct mirror **mirror, const struct mirror_settings *settings, bool leads)
{
    const struct mirror_socket_settings way = { settings->endpoint, settings->public_key,
                                                settings->secret_key };
    struct mirror *fresh = mirror_alone(settings->kept);
    if (!fresh)
        return -ENOMEM;
    fresh->leads = leads;
    int status = leads ? mirror_socket_listen(&fresh->socket, &way)
                       : mirror_socket_call(&fresh->socket, &way);
    if (status < 0)
        mirror_close(fresh);
    else
        *mirror = fresh;
    return status;
}

int mirror_lead(struct mirror **mirror, const struct mirror_settings *settings, uint64_t generation)
{
    int status = open(mirror, settings, true);
    if (status < 0)
        return status;
    (*mirror)->generation = generation;
    kept_watch(settings->kept, tell, *mirror);
    return 0;
}

int mirror_follow(struct mirror **mirror, const struct mirror_settings *settings)
{
    return open(mirror, settings, false);
}

void mirror_close(struct mirror *mirror)
{
    if (!mirror)
        return;
    kept_watch(mirror->kept, NULL, NULL);
    mirror_socket_close(mirror->socket);
    free(mirror);
}

int mirror_fd(const struct mirror *mirror)
{
    return mirror_socket_fd(mirror->socket);
}

void mirror_count(const struct mirror *mirror, uint64_t mono_ms, struct mirror_counts *counts)
{
    *counts = mirror->counts;
    counts->whole = mirror->whole;
    counts->silent_ms = mirror->heard_ms ? mono_ms - mirror->heard_ms : 0;
}
