/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/session.h"

#include <errno.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "gateways/sms/bundle.h"
#include "gateways/sms/protocol.h"

enum {
    BIND_SHIFT =
        26 /* numbers have the bind's above; SMPP has 31 bits of them (v3.4 §3.2), the others more */
};

_Static_assert(PIECE_BINDS_MAX <= 1 << (31 - BIND_SHIFT), "each bind has its range of numbers");

const struct protocol *protocol_find(const char *name)
{
    static const struct protocol *const all[] = { &protocol_smpp, &protocol_cmpp2, &protocol_cmpp3,
                                                  &protocol_sgip, &protocol_smgp };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    return NULL;
}

const session_table protocol_states_calling = {
    [SESSION_STATE_CLOSED] = {
        [SESSION_STEP_CONNECT] = SESSION_STATE_CONNECTING,
        [SESSION_STEP_STOP] = SESSION_STATE_CLOSED,
    },
    SESSION_ROWS_CONNECTING,
    SESSION_ROWS_BINDING,
};

const char *session_state_name(enum session_state state)
{
    static const char *const names[SESSION_STATE_COUNT] = { "-",         "closed",   "connecting",
                                                            "listening", "greeting", "binding",
                                                            "bound",     "unbinding" };

    REQUIRE(state < SESSION_STATE_COUNT);
    return names[state];
}

const char *session_step_name(enum session_step step)
{
    static const char *const names[SESSION_STEP_COUNT] = {
        "connect", "connected",    "listen", "accepted", "outbind", "peer_bind",
        "bind_ok", "bind_refused", "lost",   "stop",     "unbound", "peer_unbind"
    };

    REQUIRE(step < SESSION_STEP_COUNT);
    return names[step];
}

/* ------------------------------------------------------------------------------- what is done */

/* No two connections of a gateway count alike: an answer that comes on another one is nobody's there, not another
 * text's. */
uint32_t session_sequence(struct session *session)
{
    uint32_t first = (uint32_t)session->number << BIND_SHIFT;
    uint32_t last = first + (1U << BIND_SHIFT) - 1;
    bool begins = session->last_sequence < first || session->last_sequence >= last;

    session->last_sequence = begins ? first + 1 : session->last_sequence + 1;
    return session->last_sequence;
}

int session_try_write(struct session *session, const void *record)
{
    uint8_t bytes[SESSION_PDU_OUT_MAX];
    size_t length = 0;
    int status = format_write(session->protocol->format, record, bytes, sizeof bytes, &length);

    if (status != 0)
        return -EINVAL;
    session->handlers->write(session->owner, session->number, bytes, length);
    return 0;
}

void session_write(struct session *session, const void *record)
{
    int status = session_try_write(session, record);

    REQUIRE(status == 0);
}

/* wait_ms ± 50 %; who waits for the centre to call listens again at once. */
static void wait_before_connecting(struct session *session)
{
    uint64_t wait = session->wait_ms / 2 + prng_below(&session->prng, session->wait_ms + 1);

    session->due_ms =
        session->role == SESSION_ROLE_ANSWER ? session->now_ms : session->now_ms + wait;
    session->wait_ms *= 2;
    if (session->wait_ms > SESSION_RETRY_LAST_MS)
        session->wait_ms = SESSION_RETRY_LAST_MS;
}

static struct session_flight flight_take(struct session *session, struct session_flight *flight)
{
    struct session_flight taken = *flight;

    *flight = (struct session_flight){ 0 };
    REQUIRE(session->in_flight > 0);
    session->in_flight--;
    return taken;
}

static void replaced(struct session *session, const struct session_flight *flight,
                     enum piece_verdict verdict, uint32_t status)
{
    struct piece_answer answer = { .parcel = flight->parcel,
                                   .verdict = verdict,
                                   .status = status,
                                   .centre = session->centre_index,
                                   .raw = session->raw };

    session->handlers->replaced(session->owner, &answer);
}

/* The connection is over: nothing of it is waited for any longer. */
static void connection_forget(struct session *session)
{
    session->enquiry = 0;
    session->bind = 0;
    for (uint32_t i = 0; i < SESSION_WINDOW_MAX; i++) {
        if (session->flights[i].sequence == 0)
            continue;
        struct session_flight flight = flight_take(session, &session->flights[i]);
        if (flight.replaces)
            replaced(session, &flight, PIECE_NONE, 0);
        if (flight.is_question)
            continue;
        session->counts.unknown_outcomes++;
        session->handlers->unknown(session->owner, flight.parcel);
    }
    REQUIRE(session->in_flight == 0);
    session->handlers->ended(session->owner, session->number);
}

static void connection_end(struct session *session, enum session_state from, enum session_step step)
{
    session->counts.losses += step == SESSION_STEP_LOST && from != SESSION_STATE_LISTENING;
    session->counts.bind_refusals += step == SESSION_STEP_BIND_REFUSED;
    wait_before_connecting(session);
    session->handlers->close(session->owner, session->number);
    connection_forget(session);
}

static void session_enter(struct session *session, enum session_state from, enum session_step step)
{
    switch (session->state) {
    case SESSION_STATE_CONNECTING:
        session->counts.connects++;
        session->connection++;
        session->due_ms = session->now_ms + SESSION_CONNECT_MS;
        session->handlers->connect(session->owner, session->number);
        return;
    case SESSION_STATE_LISTENING:
        session->due_ms = UINT64_MAX;
        return;
    case SESSION_STATE_GREETING:
        session->connection++;
        session->due_ms = session->now_ms + SESSION_CONNECT_MS;
        session->heard_ms = session->now_ms;
        return;
    case SESSION_STATE_BINDING:
        session->due_ms = session->now_ms + SESSION_CONNECT_MS;
        session->heard_ms = session->now_ms;
        session->protocol->bind(session);
        return;
    case SESSION_STATE_BOUND:
        session->counts.binds++;
        session->due_ms = UINT64_MAX;
        session->wait_ms = SESSION_RETRY_FIRST_MS;
        session->handlers->bound(session->owner, session->number);
        return;
    case SESSION_STATE_UNBINDING:
        session->due_ms = session->now_ms + SESSION_ANSWER_MS;
        session->protocol->unbind(session);
        return;
    case SESSION_STATE_CLOSED:
        connection_end(session, from, step);
        return;
    case SESSION_STATE_NONE:
    case SESSION_STATE_COUNT:
        break;
    }
    REQUIRE(!"unknown state");
}

/* The only place that changes the state. */
void session_step(struct session *session, enum session_step step)
{
    enum session_state from = session->state;
    enum session_state to = (enum session_state)(*session->protocol->states)[from][step];

    if (to == SESSION_STATE_NONE || to == from)
        return;
    session->state = to;
    session_enter(session, from, step);
}

/* ------------------------------------------------------------------- what the protocol tells us */

static struct session_flight *flight_of(struct session *session, uint32_t sequence)
{
    for (uint32_t i = 0; i < SESSION_WINDOW_MAX && sequence != 0; i++)
        if (session->flights[i].sequence == sequence)
            return &session->flights[i];
    return NULL;
}

void session_enquiry_answered(struct session *session, uint32_t sequence)
{
    if (sequence == session->enquiry)
        session->enquiry = 0;
}

void session_answered(struct session *session, uint32_t sequence, enum piece_verdict verdict,
                      uint32_t status, const char *message_id)
{
    struct session_flight *waiting = flight_of(session, sequence);

    if (!waiting) {
        session->counts.stray++;
        return;
    }
    struct session_flight flight = flight_take(session, waiting);
    if (verdict == PIECE_FULL) {
        session->counts.throttled++;
        bucket_throttle(&session->bucket, session->now_ms);
    }
    if (flight.replaces)
        replaced(session, &flight, verdict, status);
    if (flight.is_question)
        return;
    session->counts.submit_refusals += verdict != PIECE_TAKEN;
    struct piece_answer answer = { .parcel = flight.parcel,
                                   .verdict = verdict,
                                   .status = status,
                                   .centre = session->centre_index,
                                   .raw = session->raw,
                                   .failures = session->failures };
    (void)text_copy(answer.message_id, sizeof answer.message_id, message_id);
    session->handlers->answered(session->owner, &answer);
}

struct piece_token session_token(const struct session *session, uint32_t command, uint32_t sequence)
{
    return (struct piece_token){ .bind = session->number,
                                 .centre = session->centre_index,
                                 .command = (uint8_t)command,
                                 .connection = session->connection,
                                 .sequence = { 0, 0, sequence } };
}

void session_letter(struct session *session, const struct piece_in *in)
{
    session->counts.delivers++;
    session->handlers->letter(session->owner, in);
}

void session_receipt(struct session *session, const struct receipt *receipt,
                     const struct piece_token *token)
{
    struct receipt whole = *receipt;

    session->counts.receipts++;
    whole.raw = session->raw;
    session->handlers->receipt(session->owner, &whole, token);
}

/* ------------------------------------------------------------------------------ what came in */

int session_measure(const struct session *session, const uint8_t *bytes, size_t count)
{
    return format_measure(session->protocol->format, bytes, count);
}

void session_take(struct session *session, const uint8_t *bytes, size_t length, uint64_t now_ms)
{
    if (!session_is_connected(session))
        return;
    session->now_ms = now_ms;
    session->heard_ms = now_ms;
    session->raw = (struct octets){ bytes, length };
    session->protocol->take(session, bytes, length);
    session->raw = (struct octets){ 0 };
}

void session_garbage(struct session *session, uint64_t now_ms)
{
    if (!session_is_connected(session))
        return;
    session->now_ms = now_ms;
    session->counts.garbage++;
    if (session->protocol->garbage)
        session->protocol->garbage(session);
    session_step(session, SESSION_STEP_LOST);
}

/* -------------------------------------------------------------------------------- the owner */

void session_init(struct session *session, const struct session_bind *bind, uint64_t seed,
                  uint64_t now_ms)
{
    REQUIRE(bind->centre->window >= 1 && bind->centre->window <= SESSION_WINDOW_MAX);
    *session = (struct session){
        .protocol = protocol_find(bind->centre->protocol),
        .centre = bind->centre,
        .centre_index = bind->centre_index,
        .role = bind->role,
        .number = bind->number,
        .state = SESSION_STATE_CLOSED,
        .handlers = bind->handlers,
        .owner = bind->owner,
        .wait_ms = SESSION_RETRY_FIRST_MS,
        .due_ms = now_ms,
        .now_ms = now_ms,
    };
    REQUIRE(session->protocol);
    prng_seed(&session->prng, seed);
    bucket_init(&session->bucket, bind->centre->rate, now_ms);
}

bool session_talks(const struct session *session)
{
    return session->state == SESSION_STATE_BOUND || session->state == SESSION_STATE_UNBINDING;
}

static uint64_t enquire_due(const struct session *session)
{
    if (!session->protocol->enquires)
        return UINT64_MAX;
    return session->enquiry ? session->enquiry_ms
                            : session->heard_ms + (uint64_t)session->centre->enquire_s * 1000;
}

uint64_t session_due(const struct session *session)
{
    uint64_t due = session->due_ms;

    if (session->stopping && session->state == SESSION_STATE_CLOSED)
        return UINT64_MAX;
    if (!session_talks(session))
        return due;
    if (enquire_due(session) < due)
        due = enquire_due(session);
    for (uint32_t i = 0; i < SESSION_WINDOW_MAX && session->in_flight > 0; i++)
        if (session->flights[i].sequence != 0 && session->flights[i].due_ms < due)
            due = session->flights[i].due_ms;
    return due;
}

/* A question without answer hurts nobody; a piece without one is a dead connection. */
static bool answers_are_late(struct session *session)
{
    for (uint32_t i = 0; i < SESSION_WINDOW_MAX && session->in_flight > 0; i++) {
        struct session_flight *flight = &session->flights[i];

        if (flight->sequence == 0 || flight->due_ms > session->now_ms)
            continue;
        if (!flight->is_question)
            return true;
        struct session_flight late = flight_take(session, flight);
        if (late.replaces)
            replaced(session, &late, PIECE_NONE, 0);
    }
    return false;
}

static void enquire(struct session *session)
{
    session->counts.enquiries++;
    session->enquiry = session_sequence(session);
    session->enquiry_ms = session->now_ms + SESSION_ANSWER_MS;
    session->protocol->enquire(session, session->enquiry);
}

void session_tick(struct session *session, uint64_t now_ms)
{
    session->now_ms = now_ms;
    if (session->state == SESSION_STATE_CLOSED) {
        if (!session->stopping && session->due_ms <= now_ms)
            session_step(session, session->role == SESSION_ROLE_ANSWER ? SESSION_STEP_LISTEN
                                                                       : SESSION_STEP_CONNECT);
        return;
    }
    if (session->due_ms <= now_ms) {
        session_step(session, SESSION_STEP_LOST);
        return;
    }
    if (!session_talks(session))
        return;
    bool is_silent = session->enquiry && session->enquiry_ms <= now_ms;
    if (is_silent || answers_are_late(session))
        session_step(session, SESSION_STEP_LOST);
    else if (!session->enquiry && enquire_due(session) <= now_ms)
        enquire(session);
}

void session_connected(struct session *session, uint64_t now_ms)
{
    session->now_ms = now_ms;
    session_step(session, SESSION_STEP_CONNECTED);
}

bool session_accepted(struct session *session, uint64_t now_ms)
{
    if (session->state != SESSION_STATE_LISTENING)
        return false;
    session->now_ms = now_ms;
    session_step(session, SESSION_STEP_ACCEPTED);
    return session->state == SESSION_STATE_GREETING;
}

void session_lost(struct session *session, uint64_t now_ms)
{
    session->now_ms = now_ms;
    session_step(session, SESSION_STEP_LOST);
}

void session_stop(struct session *session, uint64_t now_ms)
{
    session->now_ms = now_ms;
    session->stopping = true;
    session_step(session, SESSION_STEP_STOP);
}

bool session_is_bound(const struct session *session)
{
    return session->state == SESSION_STATE_BOUND;
}

bool session_is_connected(const struct session *session)
{
    return session->state >= SESSION_STATE_GREETING;
}

bool session_is_over(const struct session *session)
{
    return session->stopping && session->state == SESSION_STATE_CLOSED;
}

bool session_sends(const struct session *session)
{
    return session->state == SESSION_STATE_BOUND &&
           (session->role == SESSION_ROLE_BOTH || session->role == SESSION_ROLE_SEND);
}

/* Who is in danger finds a place however many others wait for their answers. */
static bool has_place(const struct session *session, bool urgent)
{
    uint32_t window = session->centre->window;

    return session->in_flight + (!urgent && window >= SESSION_RESERVE_FROM) < window;
}

uint64_t session_room_due(const struct session *session, bool urgent, uint64_t now_ms)
{
    bool is_possible = session_sends(session) && has_place(session, urgent);

    return is_possible ? bucket_due(&session->bucket, urgent, now_ms) : UINT64_MAX;
}

bool session_room(const struct session *session, bool urgent, uint64_t now_ms)
{
    return session_room_due(session, urgent, now_ms) <= now_ms;
}

/* A place in the window; NULL when the centre must not be bothered now. */
static struct session_flight *flight_begin(struct session *session, bool urgent, uint64_t now_ms)
{
    struct session_flight *flight = session->flights;

    session->now_ms = now_ms;
    if (!has_place(session, urgent) || !bucket_take(&session->bucket, urgent, now_ms))
        return NULL;
    while (flight->sequence != 0)
        flight++;
    REQUIRE(flight < session->flights + SESSION_WINDOW_MAX);
    session->in_flight++;
    *flight = (struct session_flight){ .sequence = session_sequence(session),
                                       .due_ms = now_ms + SESSION_SUBMIT_MS };
    return flight;
}

uint32_t session_bundle_room(struct session *session, uint64_t now_ms)
{
    if (strcmp(session->centre->submit_multi, "yes") != 0 || !session->protocol->bundles ||
        !session_room(session, false, now_ms))
        return 0;
    for (uint32_t i = 0; i < SESSION_WINDOW_MAX; i++)
        if (session->flights[i].sequence != 0 && session->flights[i].parcel.part == PARCEL_BUNDLE)
            return 0;
    uint32_t count = bucket_count(&session->bucket, now_ms);
    return count < BUNDLE_MAX ? count : BUNDLE_MAX;
}

/* flight_begin() took the first one's worth. */
static void bundle_weigh(struct session *session, const struct bundle *bundle, uint64_t now_ms)
{
    for (uint32_t i = 1; bundle && i < bundle->count; i++)
        (void)bucket_take(&session->bucket, false, now_ms);
}

int session_submit(struct session *session, const struct piece_out *piece, uint64_t now_ms)
{
    if (!session_sends(session))
        return -ENOTCONN;
    struct session_flight *flight = flight_begin(session, piece->urgent, now_ms);
    if (!flight)
        return -EAGAIN;
    flight->parcel = piece->parcel;
    bundle_weigh(session, piece->bundle, now_ms);
    int status = session->protocol->submit(session, piece, flight->sequence);
    if (status != 0)
        (void)flight_take(session, flight);
    else
        session->counts.submits += piece->bundle ? piece->bundle->count : 1;
    return status;
}

void session_own_id(const struct session *session, char id[PIECE_ID_BYTES])
{
    id[0] = '\0';
    if (session->protocol->own_id)
        session->protocol->own_id(session, session->last_sequence, id);
}

/* A place for a question about a piece sent before; NULL when *status says why not. */
static struct session_flight *question_begin(struct session *session, bool known, uint64_t now_ms,
                                             int *status)
{
    *status = !known ? -ENOTSUP : !session_sends(session) ? -ENOTCONN : 0;
    struct session_flight *flight = *status ? NULL : flight_begin(session, false, now_ms);
    if (!flight) {
        *status = *status ? *status : -EAGAIN;
        return NULL;
    }
    flight->is_question = true;
    session->counts.queries++;
    return flight;
}

static int question_end(struct session *session, struct session_flight *flight, int status)
{
    if (status != 0)
        (void)flight_take(session, flight);
    return status;
}

int session_query(struct session *session, const char *message_id, const char *source,
                  uint64_t now_ms)
{
    const struct protocol *protocol = session->protocol;
    int status;
    struct session_flight *flight =
        question_begin(session, protocol->query != NULL, now_ms, &status);
    return flight ? question_end(session, flight,
                                 protocol->query(session, message_id, source, flight->sequence))
                  : status;
}

int session_cancel(struct session *session, const char *message_id, const struct piece_out *piece,
                   uint64_t now_ms)
{
    const struct protocol *protocol = session->protocol;
    int status;
    struct session_flight *flight =
        question_begin(session, protocol->cancel != NULL, now_ms, &status);
    return flight ? question_end(session, flight,
                                 protocol->cancel(session, message_id, piece, flight->sequence))
                  : status;
}

int session_replace(struct session *session, const char *message_id, const struct piece_out *piece,
                    uint64_t now_ms)
{
    const struct protocol *protocol = session->protocol;
    int status;
    struct session_flight *flight =
        question_begin(session, protocol->replace != NULL, now_ms, &status);
    if (!flight)
        return status;
    flight->replaces = true;
    flight->parcel = piece->parcel;
    return question_end(session, flight,
                        protocol->replace(session, message_id, piece, flight->sequence));
}

void session_answer(struct session *session, const struct piece_token *token,
                    enum piece_verdict verdict)
{
    if (session_talks(session) && token->connection == session->connection && token->command != 0)
        session->protocol->answer(session, token, verdict);
}
