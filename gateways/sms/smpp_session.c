/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/smpp_session.h"

#include <errno.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"

enum {
    INTERFACE_3_4 = 0x34,
    SEQUENCE_LAST = 0x7FFFFFFF /* §3.2 */
};

/* One row per state, one cell per permitted step; an empty cell changes nothing. */
static const uint8_t next_state[SMPP_STATE_COUNT][SMPP_STEP_COUNT] = {
    [SMPP_STATE_CLOSED] = {
        [SMPP_STEP_CONNECT] = SMPP_STATE_CONNECTING,
        [SMPP_STEP_STOP] = SMPP_STATE_CLOSED,
    },
    [SMPP_STATE_CONNECTING] = {
        [SMPP_STEP_CONNECTED] = SMPP_STATE_BINDING,
        [SMPP_STEP_LOST] = SMPP_STATE_CLOSED,
        [SMPP_STEP_STOP] = SMPP_STATE_CLOSED,
    },
    [SMPP_STATE_BINDING] = {
        [SMPP_STEP_BIND_OK] = SMPP_STATE_BOUND,
        [SMPP_STEP_BIND_REFUSED] = SMPP_STATE_CLOSED,
        [SMPP_STEP_LOST] = SMPP_STATE_CLOSED,
        [SMPP_STEP_STOP] = SMPP_STATE_CLOSED,
        [SMPP_STEP_PEER_UNBIND] = SMPP_STATE_CLOSED,
    },
    [SMPP_STATE_BOUND] = {
        [SMPP_STEP_LOST] = SMPP_STATE_CLOSED,
        [SMPP_STEP_STOP] = SMPP_STATE_UNBINDING,
        [SMPP_STEP_PEER_UNBIND] = SMPP_STATE_CLOSED,
    },
    [SMPP_STATE_UNBINDING] = {
        [SMPP_STEP_LOST] = SMPP_STATE_CLOSED,
        [SMPP_STEP_STOP] = SMPP_STATE_UNBINDING,
        [SMPP_STEP_UNBOUND] = SMPP_STATE_CLOSED,
        [SMPP_STEP_PEER_UNBIND] = SMPP_STATE_CLOSED,
    },
};

enum smpp_state smpp_state_next(enum smpp_state state, enum smpp_step step)
{
    REQUIRE(state < SMPP_STATE_COUNT && step < SMPP_STEP_COUNT);
    return (enum smpp_state)next_state[state][step];
}

const char *smpp_state_name(enum smpp_state state)
{
    static const char *const names[SMPP_STATE_COUNT] = { "-",       "closed", "connecting",
                                                         "binding", "bound",  "unbinding" };

    REQUIRE(state < SMPP_STATE_COUNT);
    return names[state];
}

const char *smpp_step_name(enum smpp_step step)
{
    static const char *const names[SMPP_STEP_COUNT] = { "connect",      "connected",  "bind_ok",
                                                        "bind_refused", "lost",       "stop",
                                                        "unbound",      "peer_unbind" };

    REQUIRE(step < SMPP_STEP_COUNT);
    return names[step];
}

/* ------------------------------------------------------------------------------- what is done */

static uint32_t sequence_take(struct smpp_session *session)
{
    session->next_sequence =
        session->next_sequence == SEQUENCE_LAST ? 1 : session->next_sequence + 1;
    return session->next_sequence;
}

static uint32_t send_bare(struct smpp_session *session, uint32_t command)
{
    struct smpp_pdu pdu = { .command = command, .sequence = sequence_take(session) };

    session->handlers->send(session->owner, &pdu);
    return pdu.sequence;
}

static void send_answer(struct smpp_session *session, uint32_t command, uint32_t sequence,
                        uint32_t status)
{
    struct smpp_pdu pdu = { .command = command, .sequence = sequence, .status = status };

    session->handlers->send(session->owner, &pdu);
}

static void send_bind(struct smpp_session *session)
{
    struct smpp_pdu pdu = { .command = SMPP_BIND_TRANSCEIVER,
                            .sequence = sequence_take(session),
                            .interface_version = INTERFACE_3_4 };

    (void)text_copy(pdu.system_id, sizeof pdu.system_id, session->settings.system_id);
    (void)text_copy(pdu.password, sizeof pdu.password, session->settings.password);
    (void)text_copy(pdu.system_type, sizeof pdu.system_type, session->settings.system_type);
    session->bind = pdu.sequence;
    session->handlers->send(session->owner, &pdu);
}

/* wait_ms ± 50 %. */
static void wait_before_connecting(struct smpp_session *session, uint64_t now_ms)
{
    uint64_t wait = session->wait_ms / 2 + prng_below(&session->prng, session->wait_ms + 1);

    session->due_ms = now_ms + wait;
    session->wait_ms *= 2;
    if (session->wait_ms > SMPP_RETRY_LAST_MS)
        session->wait_ms = SMPP_RETRY_LAST_MS;
}

/* The connection is over: nothing of it is waited for any longer. */
static void connection_forget(struct smpp_session *session)
{
    session->enquiry = 0;
    session->bind = 0;
    for (uint32_t i = 0; i < SMPP_WINDOW_MAX; i++) {
        struct smpp_flight *flight = &session->flights[i];

        if (flight->sequence == 0)
            continue;
        flight->sequence = 0;
        session->in_flight--;
        session->counts.unknown_outcomes++;
        session->handlers->unknown(session->owner, flight->parcel);
    }
    REQUIRE(session->in_flight == 0);
    session->handlers->ended(session->owner);
}

/* The only place that changes the state. */
static void session_step(struct smpp_session *session, enum smpp_step step, uint64_t now_ms)
{
    enum smpp_state from = session->state;
    enum smpp_state to = smpp_state_next(from, step);

    if (to == SMPP_STATE_NONE || to == from)
        return;
    session->state = to;
    switch (to) {
    case SMPP_STATE_CONNECTING:
        session->counts.connects++;
        session->due_ms = now_ms + SMPP_CONNECT_MS;
        session->connection++;
        session->handlers->connect(session->owner);
        return;
    case SMPP_STATE_BINDING:
        session->due_ms = now_ms + SMPP_CONNECT_MS;
        session->heard_ms = now_ms;
        send_bind(session);
        return;
    case SMPP_STATE_BOUND:
        session->counts.binds++;
        session->due_ms = UINT64_MAX;
        session->wait_ms = SMPP_RETRY_FIRST_MS;
        session->handlers->bound(session->owner);
        return;
    case SMPP_STATE_UNBINDING:
        session->due_ms = now_ms + SMPP_ANSWER_MS;
        session->bind = send_bare(session, SMPP_UNBIND);
        return;
    case SMPP_STATE_CLOSED:
        session->counts.losses += step == SMPP_STEP_LOST;
        session->counts.bind_refusals += step == SMPP_STEP_BIND_REFUSED;
        wait_before_connecting(session, now_ms);
        session->handlers->close(session->owner);
        connection_forget(session);
        return;
    case SMPP_STATE_NONE:
    case SMPP_STATE_COUNT:
        break;
    }
    REQUIRE(!"unknown state");
}

/* ------------------------------------------------------------------------------ what came in */

static struct smpp_flight *flight_of(struct smpp_session *session, uint32_t sequence)
{
    for (uint32_t i = 0; i < SMPP_WINDOW_MAX && sequence != 0; i++)
        if (session->flights[i].sequence == sequence)
            return &session->flights[i];
    return NULL;
}

/* Whether the same piece may be sent again. */
static enum piece_verdict verdict_of(uint32_t status)
{
    switch (status) {
    case SMPP_ROK:
        return PIECE_TAKEN;
    case SMPP_RTHROTTLED:
    case SMPP_RMSGQFUL:
        return PIECE_FULL;
    case SMPP_RSYSERR:
    case SMPP_RX_T_APPN:
        return PIECE_LATER;
    }
    return PIECE_REFUSED;
}

static uint32_t status_of(enum piece_verdict verdict)
{
    static const uint32_t statuses[PIECE_VERDICT_COUNT] = {
        [PIECE_NONE] = SMPP_RSYSERR,         [PIECE_TAKEN] = SMPP_ROK,
        [PIECE_LATER] = SMPP_RX_T_APPN,      [PIECE_FULL] = SMPP_RMSGQFUL,
        [PIECE_NO_NUMBER] = SMPP_RINVDSTADR, [PIECE_REFUSED] = SMPP_RX_P_APPN,
        [PIECE_ELSEWHERE] = SMPP_RINVDSTADR,
    };

    REQUIRE(verdict < PIECE_VERDICT_COUNT);
    return statuses[verdict];
}

static void take_submit_resp(struct smpp_session *session, const struct smpp_pdu *pdu,
                             uint64_t now_ms)
{
    struct smpp_flight *flight = flight_of(session, pdu->sequence);

    if (!flight) {
        session->counts.stray++;
        return;
    }
    flight->sequence = 0;
    session->in_flight--;
    session->counts.submit_refusals += pdu->status != SMPP_ROK;
    if (pdu->status == SMPP_RTHROTTLED || pdu->status == SMPP_RMSGQFUL) {
        session->counts.throttled++;
        bucket_throttle(&session->bucket, now_ms);
    }
    struct piece_answer answer = { .parcel = flight->parcel,
                                   .verdict = verdict_of(pdu->status),
                                   .status = pdu->status };
    (void)text_copy(answer.message_id, sizeof answer.message_id, pdu->message_id);
    session->handlers->answered(session->owner, &answer);
}

/* The centre could not read what we sent under this sequence: that is its answer. */
static void take_nack(struct smpp_session *session, const struct smpp_pdu *pdu, uint64_t now_ms)
{
    struct smpp_pdu refusal = *pdu;

    if (session->state == SMPP_STATE_BINDING && pdu->sequence == session->bind) {
        session_step(session, SMPP_STEP_BIND_REFUSED, now_ms);
        return;
    }
    if (refusal.status == SMPP_ROK)
        refusal.status = SMPP_RSYSERR;
    refusal.message_id[0] = '\0';
    take_submit_resp(session, &refusal, now_ms);
}

static bool piece_of(struct piece_in *in, const struct smpp_pdu *pdu)
{
    uint32_t reference = smpp_pdu_number(pdu, SMPP_TAG_SAR_MSG_REF_NUM, UINT32_MAX);
    uint32_t total = smpp_pdu_number(pdu, SMPP_TAG_SAR_TOTAL_SEGMENTS, 0);
    uint32_t index = smpp_pdu_number(pdu, SMPP_TAG_SAR_SEGMENT_SEQNUM, 0);

    in->coding = pdu->data_coding;
    in->protocol_id = pdu->protocol_id;
    in->has_header = pdu->esm_class & SMPP_ESM_UDHI;
    in->text = smpp_pdu_text(pdu);
    if (reference <= UINT16_MAX && total <= UINT8_MAX && index <= UINT8_MAX) {
        in->reference = (uint16_t)reference;
        in->total = (uint8_t)total;
        in->index = (uint8_t)index;
    }
    return text_copy(in->source, sizeof in->source, pdu->source) &&
           text_copy(in->dest, sizeof in->dest, pdu->dest);
}

static void take_deliver(struct smpp_session *session, const struct smpp_pdu *pdu,
                         struct octets raw)
{
    struct piece_in in = { .token = { .bind = session->bind_number,
                                      .connection = session->connection,
                                      .sequence = { 0, 0, pdu->sequence } },
                           .raw = raw };
    struct receipt receipt;

    if (session->state != SMPP_STATE_BOUND && session->state != SMPP_STATE_UNBINDING) {
        send_answer(session, SMPP_DELIVER_SM_RESP, pdu->sequence, SMPP_RINVBNDSTS);
        return;
    }
    session->counts.delivers++;
    session->counts.broken_options += pdu->tlvs_broken;
    if (!receipt_is(pdu) && piece_of(&in, pdu)) {
        session->handlers->letter(session->owner, &in);
        return;
    }
    if (receipt_is(pdu) && receipt_read(&receipt, pdu) == 0) {
        session->handlers->receipt(session->owner, &receipt, &in.token);
        return;
    }
    /* Again it would be no better: the centre shall forget it. */
    session->counts.bad_receipts++;
    send_answer(session, SMPP_DELIVER_SM_RESP, pdu->sequence, SMPP_ROK);
}

static void take_answer(struct smpp_session *session, const struct smpp_pdu *pdu, uint64_t now_ms)
{
    switch (pdu->command) {
    case SMPP_SUBMIT_SM_RESP:
        take_submit_resp(session, pdu, now_ms);
        return;
    case SMPP_GENERIC_NACK:
        take_nack(session, pdu, now_ms);
        return;
    case SMPP_ENQUIRE_LINK_RESP:
        if (pdu->sequence == session->enquiry)
            session->enquiry = 0;
        return;
    case SMPP_BIND_TRANSCEIVER_RESP:
        session->counts.stray += pdu->sequence != session->bind;
        if (pdu->sequence == session->bind)
            session_step(session,
                         pdu->status == SMPP_ROK ? SMPP_STEP_BIND_OK : SMPP_STEP_BIND_REFUSED,
                         now_ms);
        return;
    case SMPP_UNBIND_RESP:
        session_step(session, SMPP_STEP_UNBOUND, now_ms);
        return;
    }
    session->counts.stray++;
}

static void take_request(struct smpp_session *session, const struct smpp_pdu *pdu,
                         struct octets raw, uint64_t now_ms)
{
    switch (pdu->command) {
    case SMPP_DELIVER_SM:
        take_deliver(session, pdu, raw);
        return;
    case SMPP_ENQUIRE_LINK:
        send_answer(session, SMPP_ENQUIRE_LINK_RESP, pdu->sequence, SMPP_ROK);
        return;
    case SMPP_UNBIND:
        send_answer(session, SMPP_UNBIND_RESP, pdu->sequence, SMPP_ROK);
        session_step(session, SMPP_STEP_PEER_UNBIND, now_ms);
        return;
    }
    /* A request only a centre can take. */
    session->counts.unknown_commands++;
    send_answer(session, SMPP_GENERIC_NACK, pdu->sequence, SMPP_RINVCMDID);
}

void smpp_session_take(struct smpp_session *session, const uint8_t *bytes, size_t length,
                       uint64_t now_ms)
{
    struct smpp_pdu pdu;
    int status = smpp_pdu_read(&pdu, bytes, length);

    if (session->state < SMPP_STATE_BINDING)
        return;
    session->heard_ms = now_ms;
    if (status == 0 && pdu.command & SMPP_RESPONSE) {
        take_answer(session, &pdu, now_ms);
        return;
    }
    if (status == 0) {
        take_request(session, &pdu, (struct octets){ bytes, length }, now_ms);
        return;
    }
    session->counts.malformed += status == -EBADMSG;
    session->counts.unknown_commands += status == -ENOTSUP;
    if (pdu.command & SMPP_RESPONSE)
        return; /* never answer an answer; what waits for it runs into its time limit */
    send_answer(session, SMPP_GENERIC_NACK, pdu.sequence,
                status == -ENOTSUP ? SMPP_RINVCMDID : SMPP_RINVMSGLEN);
}

void smpp_session_garbage(struct smpp_session *session, uint64_t now_ms)
{
    if (session->state < SMPP_STATE_BINDING)
        return;
    session->counts.garbage++;
    send_answer(session, SMPP_GENERIC_NACK, 0, SMPP_RINVCMDLEN);
    session_step(session, SMPP_STEP_LOST, now_ms);
}

/* -------------------------------------------------------------------------------- the owner */

void smpp_session_init(struct smpp_session *session, const struct smpp_settings *settings,
                       const struct smpp_handlers *handlers, void *owner, uint64_t seed,
                       uint64_t now_ms)
{
    REQUIRE(settings->window >= 1 && settings->window <= SMPP_WINDOW_MAX);
    *session = (struct smpp_session){
        .state = SMPP_STATE_CLOSED,
        .settings = *settings,
        .handlers = handlers,
        .owner = owner,
        .wait_ms = SMPP_RETRY_FIRST_MS,
        .due_ms = now_ms,
    };
    prng_seed(&session->prng, seed);
    bucket_init(&session->bucket, now_ms);
}

static bool session_talks(const struct smpp_session *session)
{
    return session->state == SMPP_STATE_BOUND || session->state == SMPP_STATE_UNBINDING;
}

uint64_t smpp_session_due(const struct smpp_session *session)
{
    uint64_t due = session->due_ms;

    if (session->stopping && session->state == SMPP_STATE_CLOSED)
        return UINT64_MAX;
    if (!session_talks(session))
        return due;
    uint64_t enquiry = session->enquiry ? session->enquiry_ms : session->heard_ms + SMPP_ENQUIRE_MS;
    if (enquiry < due)
        due = enquiry;
    for (uint32_t i = 0; i < SMPP_WINDOW_MAX; i++)
        if (session->flights[i].sequence != 0 && session->flights[i].due_ms < due)
            due = session->flights[i].due_ms;
    return due;
}

static bool submit_is_late(const struct smpp_session *session, uint64_t now_ms)
{
    for (uint32_t i = 0; i < SMPP_WINDOW_MAX; i++)
        if (session->flights[i].sequence != 0 && session->flights[i].due_ms <= now_ms)
            return true;
    return false;
}

void smpp_session_tick(struct smpp_session *session, uint64_t now_ms)
{
    if (session->state == SMPP_STATE_CLOSED) {
        if (!session->stopping && session->due_ms <= now_ms)
            session_step(session, SMPP_STEP_CONNECT, now_ms);
        return;
    }
    if (session->due_ms <= now_ms) {
        session_step(session, SMPP_STEP_LOST, now_ms);
        return;
    }
    if (!session_talks(session))
        return;
    if ((session->enquiry && session->enquiry_ms <= now_ms) || submit_is_late(session, now_ms)) {
        session_step(session, SMPP_STEP_LOST, now_ms);
        return;
    }
    if (!session->enquiry && session->heard_ms + SMPP_ENQUIRE_MS <= now_ms) {
        session->counts.enquiries++;
        session->enquiry = send_bare(session, SMPP_ENQUIRE_LINK);
        session->enquiry_ms = now_ms + SMPP_ANSWER_MS;
    }
}

void smpp_session_connected(struct smpp_session *session, uint64_t now_ms)
{
    session_step(session, SMPP_STEP_CONNECTED, now_ms);
}

void smpp_session_lost(struct smpp_session *session, uint64_t now_ms)
{
    session_step(session, SMPP_STEP_LOST, now_ms);
}

void smpp_session_stop(struct smpp_session *session, uint64_t now_ms)
{
    session->stopping = true;
    session_step(session, SMPP_STEP_STOP, now_ms);
}

bool smpp_session_is_bound(const struct smpp_session *session)
{
    return session->state == SMPP_STATE_BOUND;
}

bool smpp_session_is_over(const struct smpp_session *session)
{
    return session->stopping && session->state == SMPP_STATE_CLOSED;
}

bool smpp_session_room(const struct smpp_session *session, uint64_t now_ms)
{
    return session->state == SMPP_STATE_BOUND && session->in_flight < session->settings.window &&
           bucket_due(&session->bucket, now_ms) <= now_ms;
}

static void address_set(uint8_t *ton, uint8_t *npi, char address[SMPP_ADDRESS_BYTES],
                        const char *number)
{
    *ton = number[0] == '+' ? 1 : 0; /* international, or as the centre knows it */
    *npi = 1;                        /* E.164 */
    (void)text_copy(address, SMPP_ADDRESS_BYTES, number[0] == '+' ? number + 1 : number);
}

/* scratch holds the parameters' values until the PDU was written. */
static void submit_of(struct smpp_pdu *pdu, const struct piece_out *piece, uint8_t scratch[6])
{
    *pdu = (struct smpp_pdu){ .command = SMPP_SUBMIT_SM,
                              .esm_class = piece->has_header ? SMPP_ESM_UDHI : 0,
                              .data_coding = piece->coding,
                              .registered_delivery = piece->receipt,
                              .priority = piece->urgent,
                              .short_message = piece->text };
    address_set(&pdu->source_ton, &pdu->source_npi, pdu->source, piece->source);
    address_set(&pdu->dest_ton, &pdu->dest_npi, pdu->dest, piece->dest);
    scratch[0] = (uint8_t)(piece->mark >> 8);
    scratch[1] = (uint8_t)piece->mark;
    (void)smpp_pdu_add(pdu, SMPP_TAG_USER_MESSAGE_REFERENCE, scratch, 2);
    if (!piece->beside)
        return;
    scratch[2] = (uint8_t)(piece->reference >> 8);
    scratch[3] = (uint8_t)piece->reference;
    scratch[4] = piece->total;
    scratch[5] = piece->index;
    (void)smpp_pdu_add(pdu, SMPP_TAG_SAR_MSG_REF_NUM, scratch + 2, 2);
    (void)smpp_pdu_add(pdu, SMPP_TAG_SAR_TOTAL_SEGMENTS, scratch + 4, 1);
    (void)smpp_pdu_add(pdu, SMPP_TAG_SAR_SEGMENT_SEQNUM, scratch + 5, 1);
}

int smpp_session_submit(struct smpp_session *session, const struct piece_out *piece,
                        uint64_t now_ms)
{
    struct smpp_pdu pdu;
    uint8_t scratch[6];

    if (session->state != SMPP_STATE_BOUND)
        return -ENOTCONN;
    if (session->in_flight >= session->settings.window || !bucket_take(&session->bucket, now_ms))
        return -EAGAIN;

    struct smpp_flight *flight = session->flights;
    while (flight->sequence != 0)
        flight++;
    REQUIRE(flight < session->flights + SMPP_WINDOW_MAX);
    submit_of(&pdu, piece, scratch);
    pdu.sequence = sequence_take(session);
    *flight = (struct smpp_flight){ pdu.sequence, now_ms + SMPP_SUBMIT_MS, piece->parcel };
    session->in_flight++;
    session->counts.submits++;
    session->handlers->send(session->owner, &pdu);
    return 0;
}

void smpp_session_answer(struct smpp_session *session, const struct piece_token *token,
                         enum piece_verdict verdict)
{
    if (session_talks(session) && token->connection == session->connection)
        send_answer(session, SMPP_DELIVER_SM_RESP, token->sequence[2], status_of(verdict));
}
