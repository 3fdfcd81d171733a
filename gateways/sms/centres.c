/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/centres.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "gateways/sms/protocol.h"

enum {
    TRY_MS = 1000 /* one try to connect, on the average */
};

struct centres {
    const struct sms_settings *settings;
    uint64_t mono_ms;
    uint64_t tries_ms; /* as if this many milliseconds of tries were left in hand */
    uint64_t tried_ms; /* when that was reckoned */
    uint32_t turn;     /* the bind that is asked first next time */
    uint32_t count;
    struct session sessions[PIECE_BINDS_MAX];
};

_Static_assert((int)PIECE_CENTRES_MAX == (int)SETTINGS_CENTRES_MAX, "each centre has its place");

/* ---------------------------------------------------------------------------------- opening */

struct opening {
    struct centres *centres;
    const struct session_handlers *handlers;
    void *owner;
    uint64_t seed;
};

static int bind_add(struct opening *opening, uint32_t centre, enum session_role role)
{
    struct centres *centres = opening->centres;

    if (centres->count == PIECE_BINDS_MAX)
        return -E2BIG;
    uint16_t number = (uint16_t)centres->count++;
    struct session_bind bind = { &centres->settings->centres[centre],
                                 (uint8_t)centre,
                                 role,
                                 number,
                                 opening->handlers,
                                 opening->owner };
    session_init(&centres->sessions[number], &bind, opening->seed + number, centres->mono_ms);
    return 0;
}

/* The connections of one centre, as its settings want them. */
static int binds_add(struct opening *opening, uint32_t centre)
{
    const struct centre_settings *settings = &opening->centres->settings->centres[centre];
    bool is_sgip = strcmp(settings->protocol, "sgip") == 0;
    bool is_outbind = strcmp(settings->bind, "outbind") == 0;
    bool is_split = strcmp(settings->bind, "split") == 0;
    enum session_role role = strcmp(settings->bind, "transmitter") == 0 || is_split || is_sgip
                                 ? SESSION_ROLE_SEND
                             : strcmp(settings->bind, "receiver") == 0 ? SESSION_ROLE_RECEIVE
                             : is_outbind                              ? SESSION_ROLE_ANSWER
                                                                       : SESSION_ROLE_BOTH;
    int status = 0;

    for (uint32_t i = 0; i < settings->binds && status == 0; i++) {
        status = bind_add(opening, centre, role);
        if (status == 0 && is_split)
            status = bind_add(opening, centre, SESSION_ROLE_RECEIVE);
        if (status == 0 && settings->listen_port != 0 && !is_outbind)
            status = bind_add(opening, centre, SESSION_ROLE_ANSWER);
    }
    return status;
}

int centres_open(struct centres **centres, const struct sms_settings *settings,
                 const struct session_handlers *handlers, void *owner, uint64_t seed,
                 uint64_t now_ms)
{
    struct centres *fresh = calloc(1, sizeof *fresh);
    struct opening opening = { fresh, handlers, owner, seed };
    int status = 0;

    if (!fresh)
        return -ENOMEM;
    fresh->settings = settings;
    fresh->mono_ms = now_ms;
    for (uint32_t i = 0; i < settings->centre_count && status == 0; i++)
        status = binds_add(&opening, i);
    if (status != 0) {
        free(fresh);
        return status;
    }
    fresh->tries_ms = (uint64_t)fresh->count * TRY_MS;
    fresh->tried_ms = now_ms;
    *centres = fresh;
    return 0;
}

void centres_close(struct centres *centres)
{
    free(centres);
}

void centres_clock(struct centres *centres, uint64_t mono_ms, uint64_t wall_ms)
{
    centres->mono_ms = mono_ms;
    for (uint32_t i = 0; i < centres->count; i++)
        centres->sessions[i].wall_ms = wall_ms;
}

/* ---------------------------------------------------------------------------------- centres */

uint32_t centres_count(const struct centres *centres)
{
    return centres->settings->centre_count;
}

const struct centre_settings *centres_centre(const struct centres *centres, uint32_t centre)
{
    REQUIRE(centre < centres_count(centres));
    return &centres->settings->centres[centre];
}

uint8_t centres_find(const struct centres *centres, const char *name)
{
    uint8_t centre = 0;

    while (centre < centres_count(centres) &&
           strcmp(centres->settings->centres[centre].name, name) != 0)
        centre++;
    return centre < centres_count(centres) ? centre : PIECE_CENTRES_MAX;
}

bool centres_is_up(const struct centres *centres, uint32_t centre)
{
    for (uint32_t i = 0; i < centres->count; i++)
        if (centres->sessions[i].centre_index == centre && session_sends(&centres->sessions[i]))
            return true;
    return false;
}

/* The next bind in turn that takes a piece for the centre; NULL when none does. */
static struct session *bind_with_room(struct centres *centres, uint32_t centre, bool urgent)
{
    for (uint32_t i = 0; i < centres->count; i++) {
        uint32_t number = (centres->turn + i) % centres->count;
        struct session *session = &centres->sessions[number];

        if (session->centre_index != centre || !session_room(session, urgent, centres->mono_ms))
            continue;
        centres->turn = number + 1;
        return session;
    }
    return NULL;
}

bool centres_room(const struct centres *centres, uint32_t centre, bool urgent)
{
    for (uint32_t i = 0; i < centres->count; i++)
        if (centres->sessions[i].centre_index == centre &&
            session_room(&centres->sessions[i], urgent, centres->mono_ms))
            return true;
    return false;
}

uint64_t centres_room_due(const struct centres *centres, uint32_t centre, bool urgent)
{
    uint64_t due = UINT64_MAX;

    for (uint32_t i = 0; i < centres->count; i++) {
        const struct session *session = &centres->sessions[i];

        uint64_t allowed = session->centre_index == centre
                               ? session_room_due(session, urgent, centres->mono_ms)
                               : UINT64_MAX;
        if (allowed < due)
            due = allowed;
    }
    return due;
}

/* The bind that takes the most texts in a bundle; NULL: none takes one now. */
static struct session *bind_for_bundle(struct centres *centres, uint32_t centre, uint32_t *room)
{
    struct session *best = NULL;

    *room = 0;
    for (uint32_t i = 0; i < centres->count; i++) {
        struct session *session = &centres->sessions[i];
        uint32_t one =
            session->centre_index == centre ? session_bundle_room(session, centres->mono_ms) : 0;

        if (one <= *room)
            continue;
        best = session;
        *room = one;
    }
    return best;
}

uint32_t centres_bundle_room(struct centres *centres, uint32_t centre)
{
    uint32_t room;

    (void)bind_for_bundle(centres, centre, &room);
    return room;
}

int centres_submit(struct centres *centres, uint32_t centre, const struct piece_out *piece,
                   char own_id[PIECE_ID_BYTES])
{
    uint32_t room;
    struct session *session = piece->bundle ? bind_for_bundle(centres, centre, &room)
                                            : bind_with_room(centres, centre, piece->urgent);

    if (!session)
        return centres_is_up(centres, centre) ? -EAGAIN : -ENOTCONN;
    int status = session_submit(session, piece, centres->mono_ms);
    session_own_id(session, own_id);
    return status;
}

int centres_query(struct centres *centres, uint32_t centre, const char *message_id,
                  const char *source)
{
    struct session *session = bind_with_room(centres, centre, false);

    if (!session)
        return centres_is_up(centres, centre) ? -EAGAIN : -ENOTCONN;
    return session_query(session, message_id, source, centres->mono_ms);
}

int centres_cancel(struct centres *centres, uint32_t centre, const char *message_id,
                   const struct piece_out *piece)
{
    struct session *session = bind_with_room(centres, centre, false);

    if (!session)
        return centres_is_up(centres, centre) ? -EAGAIN : -ENOTCONN;
    return session_cancel(session, message_id, piece, centres->mono_ms);
}

int centres_replace(struct centres *centres, uint32_t centre, const char *message_id,
                    const struct piece_out *piece)
{
    struct session *session = bind_with_room(centres, centre, false);

    if (!session)
        return centres_is_up(centres, centre) ? -EAGAIN : -ENOTCONN;
    return session_replace(session, message_id, piece, centres->mono_ms);
}

void centres_answer(struct centres *centres, const struct piece_token *token,
                    enum piece_verdict verdict)
{
    REQUIRE(token->bind < PIECE_BINDS_MAX);
    if (token->bind < centres->count) /* the settings may have shrunk since */
        session_answer(&centres->sessions[token->bind], token, verdict);
}

const char *centres_status_name(const struct centres *centres, uint32_t centre, uint32_t status)
{
    return protocol_find(centres_centre(centres, centre)->protocol)->status_name(status);
}

/* ------------------------------------------------------------------------------------ binds */

uint32_t centres_binds(const struct centres *centres)
{
    return centres->count;
}

const struct session *centres_bind(const struct centres *centres, uint32_t bind)
{
    REQUIRE(bind < centres->count);
    return &centres->sessions[bind];
}

static struct session *session_of(struct centres *centres, uint32_t bind)
{
    REQUIRE(bind < centres->count);
    return &centres->sessions[bind];
}

void centres_connected(struct centres *centres, uint32_t bind)
{
    session_connected(session_of(centres, bind), centres->mono_ms);
}

void centres_lost(struct centres *centres, uint32_t bind)
{
    session_lost(session_of(centres, bind), centres->mono_ms);
}

uint16_t centres_accepted(struct centres *centres, uint32_t centre)
{
    for (uint32_t i = 0; i < centres->count; i++)
        if (centres->sessions[i].centre_index == centre &&
            session_accepted(&centres->sessions[i], centres->mono_ms))
            return (uint16_t)i;
    return PIECE_BINDS_MAX;
}

size_t centres_bytes(struct centres *centres, uint32_t bind, const uint8_t *bytes, size_t count)
{
    struct session *session = session_of(centres, bind);
    uint32_t connection = session->connection;
    size_t at = 0;

    while (session_is_connected(session) && session->connection == connection) {
        int length = session_measure(session, bytes + at, count - at);

        if (length < 0) {
            session_garbage(session, centres->mono_ms);
            return count;
        }
        if (length == 0 || (size_t)length > count - at)
            return at;
        session_take(session, bytes + at, (size_t)length, centres->mono_ms);
        at += (size_t)length;
    }
    return count; /* the connection is over: what else came is nobody's */
}

/* Whether one more try to connect is due to the centres. */
static bool may_try(const struct centres *centres)
{
    return centres->tries_ms + (centres->mono_ms - centres->tried_ms) >= TRY_MS;
}

static bool is_to_connect(const struct session *session)
{
    return session->state == SESSION_STATE_CLOSED && session->role != SESSION_ROLE_ANSWER;
}

uint64_t centres_due(const struct centres *centres)
{
    uint64_t due = UINT64_MAX;
    uint64_t held = centres->tries_ms < TRY_MS ? TRY_MS - centres->tries_ms : 0;
    uint64_t pace = centres->tried_ms + held;

    for (uint32_t i = 0; i < centres->count; i++) {
        uint64_t one = session_due(&centres->sessions[i]);

        if (one != UINT64_MAX && one < pace && is_to_connect(&centres->sessions[i]))
            one = pace;
        if (one < due)
            due = one;
    }
    return due;
}

static void try_note(struct centres *centres)
{
    uint64_t most = (uint64_t)centres->count * TRY_MS;

    centres->tries_ms += centres->mono_ms - centres->tried_ms;
    centres->tried_ms = centres->mono_ms;
    if (centres->tries_ms > most)
        centres->tries_ms = most;
    centres->tries_ms -= TRY_MS;
}

void centres_tick(struct centres *centres)
{
    for (uint32_t i = 0; i < centres->count; i++) {
        struct session *session = &centres->sessions[i];

        if (session_due(session) > centres->mono_ms)
            continue;
        if (is_to_connect(session)) {
            if (!may_try(centres))
                continue;
            try_note(centres);
        }
        session_tick(session, centres->mono_ms);
    }
}

void centres_stop(struct centres *centres)
{
    for (uint32_t i = 0; i < centres->count; i++)
        session_stop(&centres->sessions[i], centres->mono_ms);
}

bool centres_is_over(const struct centres *centres)
{
    for (uint32_t i = 0; i < centres->count; i++)
        if (!session_is_over(&centres->sessions[i]))
            return false;
    return true;
}
