/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * smpp: SMPP v3.4 (and what centres of v5.0 say anyway) for a session: an ESME that binds as
 * transceiver, transmitter or receiver, or is called by outbind (§2.2). */
#include <errno.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "gateways/sms/bundle.h"
#include "gateways/sms/protocol.h"
#include "gateways/sms/smpp_pdu.h"

enum {
    INTERFACE_3_4 = 0x34,
    TON_INTERNATIONAL = 1,
    NPI_E164 = 1
};

/* As protocol_states_calling, and a centre that calls us with outbind. */
static const session_table states = {
    [SESSION_STATE_CLOSED] = {
        [SESSION_STEP_CONNECT] = SESSION_STATE_CONNECTING,
        [SESSION_STEP_LISTEN] = SESSION_STATE_LISTENING,
        [SESSION_STEP_STOP] = SESSION_STATE_CLOSED,
    },
    SESSION_ROWS_CONNECTING,
    [SESSION_STATE_LISTENING] = {
        [SESSION_STEP_ACCEPTED] = SESSION_STATE_GREETING,
        [SESSION_STEP_STOP] = SESSION_STATE_CLOSED,
    },
    [SESSION_STATE_GREETING] = {
        [SESSION_STEP_OUTBIND] = SESSION_STATE_BINDING,
        [SESSION_STEP_BIND_REFUSED] = SESSION_STATE_CLOSED,
        [SESSION_STEP_LOST] = SESSION_STATE_CLOSED,
        [SESSION_STEP_STOP] = SESSION_STATE_CLOSED,
        [SESSION_STEP_PEER_UNBIND] = SESSION_STATE_CLOSED,
    },
    SESSION_ROWS_BINDING,
};

/* --------------------------------------------------------------------------------- what we say */

static void send_answer(struct session *session, uint32_t command, uint32_t sequence,
                        uint32_t status)
{
    struct smpp_pdu pdu = { .command = command, .sequence = sequence, .status = status };

    session_write(session, &pdu);
}

/* §2.2.1: outbind asks for a receiver. */
static uint32_t bind_command(const struct session *session)
{
    static const uint32_t commands[] = {
        [SESSION_ROLE_BOTH] = SMPP_BIND_TRANSCEIVER,
        [SESSION_ROLE_SEND] = SMPP_BIND_TRANSMITTER,
        [SESSION_ROLE_RECEIVE] = SMPP_BIND_RECEIVER,
        [SESSION_ROLE_ANSWER] = SMPP_BIND_RECEIVER,
    };

    return commands[session->role];
}

static void smpp_bind(struct session *session)
{
    struct smpp_pdu pdu = { .command = bind_command(session),
                            .sequence = session_sequence(session),
                            .interface_version = INTERFACE_3_4 };

    (void)text_copy(pdu.system_id, sizeof pdu.system_id, session->centre->account);
    (void)text_copy(pdu.password, sizeof pdu.password, session->centre->password);
    (void)text_copy(pdu.system_type, sizeof pdu.system_type, session->centre->system_type);
    session->bind = pdu.sequence;
    session_write(session, &pdu);
}

static void smpp_unbind(struct session *session)
{
    struct smpp_pdu pdu = { .command = SMPP_UNBIND, .sequence = session_sequence(session) };

    session->bind = pdu.sequence;
    session_write(session, &pdu);
}

static void smpp_enquire(struct session *session, uint32_t sequence)
{
    struct smpp_pdu pdu = { .command = SMPP_ENQUIRE_LINK, .sequence = sequence };

    session_write(session, &pdu);
}

static bool address_set(uint8_t *ton, uint8_t *npi, char address[SMPP_DATA_ADDRESS_BYTES],
                        const char *number)
{
    *ton = number[0] == '+' ? TON_INTERNATIONAL : 0; /* or as the centre knows it */
    *npi = NPI_E164;
    return text_copy(address, SMPP_DATA_ADDRESS_BYTES, number[0] == '+' ? number + 1 : number);
}

/* §7.1.1: seconds from now as YYMMDDhhmmsst0pR. */
static void validity_set(char validity[17], uint32_t seconds)
{
    struct text text = text_into(validity, 17);

    if (seconds != 0)
        text_print(&text, "0000%02u%02u%02u%02u000R", seconds / 86400 % 31, seconds / 3600 % 24,
                   seconds / 60 % 60, seconds % 60);
}

static void addresses_set(struct smpp_pdu *pdu, const struct session *session, const char *source,
                          const char *dest)
{
    const char *from = source[0] != '\0' ? source : session->centre->number;

    (void)address_set(&pdu->source_ton, &pdu->source_npi, pdu->source, from);
    (void)address_set(&pdu->dest_ton, &pdu->dest_npi, pdu->dest, dest);
    (void)text_copy(pdu->service_type, sizeof pdu->service_type, session->centre->service);
}

/* scratch holds the parameters' values until the PDU was written. A bundle's texts have no mark in common. */
static void options_set(struct smpp_pdu *pdu, const struct piece_out *piece, uint8_t scratch[6])
{
    scratch[0] = (uint8_t)(piece->mark >> 8);
    scratch[1] = (uint8_t)piece->mark;
    if (!piece->bundle)
        (void)smpp_pdu_add(pdu, SMPP_TAG_USER_MESSAGE_REFERENCE, scratch, 2);
    if (piece->text.count > SMPP_SHORT_MESSAGE_MAX || pdu->command == SMPP_DATA_SM) {
        (void)smpp_pdu_add(pdu, SMPP_TAG_MESSAGE_PAYLOAD, piece->text.bytes, piece->text.count);
        pdu->short_message = (struct octets){ 0 };
    }
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

/* octets hold them until the PDU was written. */
static void dests_set(struct smpp_pdu *pdu, const struct bundle *bundle,
                      uint8_t octets[BUNDLE_MAX * SMPP_DEST_BYTES])
{
    char address[SMPP_DATA_ADDRESS_BYTES];
    size_t used = 0;

    for (uint32_t i = 0; bundle && i < bundle->count; i++) {
        uint8_t ton, npi;

        (void)address_set(&ton, &npi, address, bundle->numbers[i]);
        used += smpp_dest_write(octets + used, ton, npi, address);
    }
    pdu->dest_count = bundle ? (uint8_t)bundle->count : 0;
    pdu->dests = (struct octets){ octets, used };
}

static uint32_t submit_command(const struct session *session, const struct piece_out *piece)
{
    if (piece->bundle)
        return SMPP_SUBMIT_MULTI;
    return strcmp(session->centre->send_with, "data_sm") == 0 ? SMPP_DATA_SM : SMPP_SUBMIT_SM;
}

static int smpp_submit(struct session *session, const struct piece_out *piece, uint32_t sequence)
{
    struct smpp_pdu pdu = { .command = submit_command(session, piece),
                            .sequence = sequence,
                            .esm_class = piece->has_header ? SMPP_ESM_UDHI : 0,
                            .data_coding = piece->coding,
                            .registered_delivery = piece->receipt,
                            .priority = piece->urgent,
                            .short_message = piece->text };
    uint8_t scratch[6], dests[BUNDLE_MAX * SMPP_DEST_BYTES];

    dests_set(&pdu, piece->bundle, dests);
    addresses_set(&pdu, session, piece->source, piece->dest);
    validity_set(pdu.validity, piece->validity_s);
    options_set(&pdu, piece, scratch);
    return session_try_write(session, &pdu);
}

static int smpp_query(struct session *session, const char *message_id, const char *source,
                      uint32_t sequence)
{
    struct smpp_pdu pdu = { .command = SMPP_QUERY_SM, .sequence = sequence };

    addresses_set(&pdu, session, source, "");
    if (!text_copy(pdu.message_id, sizeof pdu.message_id, message_id))
        return -EINVAL;
    return session_try_write(session, &pdu);
}

static int smpp_cancel(struct session *session, const char *message_id,
                       const struct piece_out *piece, uint32_t sequence)
{
    struct smpp_pdu pdu = { .command = SMPP_CANCEL_SM, .sequence = sequence };

    addresses_set(&pdu, session, piece->source, piece->dest);
    if (!text_copy(pdu.message_id, sizeof pdu.message_id, message_id))
        return -EINVAL;
    return session_try_write(session, &pdu);
}

/* It has no data_coding and no header: the words must be in the letters of the first ones (outbox_correction.c). */
static int smpp_replace(struct session *session, const char *message_id,
                        const struct piece_out *piece, uint32_t sequence)
{
    struct smpp_pdu pdu = { .command = SMPP_REPLACE_SM,
                            .sequence = sequence,
                            .registered_delivery = piece->receipt,
                            .short_message = piece->text };

    addresses_set(&pdu, session, piece->source, "");
    validity_set(pdu.validity, piece->validity_s);
    if (!text_copy(pdu.message_id, sizeof pdu.message_id, message_id))
        return -EINVAL;
    return session_try_write(session, &pdu);
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

/* deliver_sm and data_sm share their low octet with nothing else a token is made for. */
static void smpp_answer(struct session *session, const struct piece_token *token,
                        enum piece_verdict verdict)
{
    bool is_data = token->command == (uint8_t)SMPP_DATA_SM;

    send_answer(session, SMPP_RESP(is_data ? SMPP_DATA_SM : SMPP_DELIVER_SM), token->sequence[2],
                status_of(verdict));
}

static void smpp_garbage(struct session *session)
{
    send_answer(session, SMPP_GENERIC_NACK, 0, SMPP_RINVCMDLEN);
}

/* ------------------------------------------------------------------------------ answers to us */

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

/* The centre could not read what we sent under this sequence: that is its answer. */
static void take_nack(struct session *session, const struct smpp_pdu *pdu)
{
    uint32_t status = pdu->status == SMPP_ROK ? SMPP_RSYSERR : pdu->status;

    if (session->state == SESSION_STATE_BINDING && pdu->sequence == session->bind) {
        session_step(session, SESSION_STEP_BIND_REFUSED);
        return;
    }
    session_answered(session, pdu->sequence, verdict_of(status), status, "");
}

static void take_query_resp(struct session *session, const struct smpp_pdu *pdu)
{
    struct piece_token nobody = { 0 };
    struct receipt receipt;

    if (pdu->status == SMPP_ROK &&
        receipt_of_state(&receipt, pdu->message_id, pdu->message_state, pdu->error_code) == 0)
        session_receipt(session, &receipt, &nobody);
    session_answered(session, pdu->sequence, PIECE_TAKEN, 0, "");
}

static void take_bind_resp(struct session *session, const struct smpp_pdu *pdu)
{
    if (pdu->sequence != session->bind || session->state != SESSION_STATE_BINDING) {
        session->counts.stray++;
        return;
    }
    session_step(session,
                 pdu->status == SMPP_ROK ? SESSION_STEP_BIND_OK : SESSION_STEP_BIND_REFUSED);
}

/* Centres differ in the status of an answer that names failures: with a message id some texts were taken. */
static void take_multi_resp(struct session *session, const struct smpp_pdu *pdu)
{
    struct piece_failures failures = { .count = pdu->failed_count };
    struct octets failed = pdu->failed;
    bool is_partial = pdu->failed_count > 0 && pdu->message_id[0] != '\0';

    for (uint32_t i = 0; i < failures.count; i++) {
        char address[SMPP_ADDRESS_BYTES];
        uint32_t status = SMPP_RSUBMITFAIL;

        (void)smpp_failed_next(&failed, address, &status);
        (void)text_copy(failures.items[i].number, sizeof failures.items[i].number, address);
        failures.items[i].status = status ? status : SMPP_RSUBMITFAIL;
    }
    session->failures = &failures;
    uint32_t status = is_partial ? SMPP_ROK : pdu->status;
    session_answered(session, pdu->sequence, verdict_of(status), status, pdu->message_id);
    session->failures = NULL;
}

static void take_answer(struct session *session, const struct smpp_pdu *pdu)
{
    switch (pdu->command & ~SMPP_RESPONSE) {
    case SMPP_SUBMIT_MULTI:
        take_multi_resp(session, pdu);
        return;
    case SMPP_SUBMIT_SM:
    case SMPP_DATA_SM:
    case SMPP_CANCEL_SM:
    case SMPP_REPLACE_SM:
        session_answered(session, pdu->sequence, verdict_of(pdu->status), pdu->status,
                         pdu->message_id);
        return;
    case SMPP_QUERY_SM:
        take_query_resp(session, pdu);
        return;
    case SMPP_GENERIC_NACK & ~SMPP_RESPONSE:
        take_nack(session, pdu);
        return;
    case SMPP_ENQUIRE_LINK:
        session_enquiry_answered(session, pdu->sequence);
        return;
    case SMPP_BIND_TRANSCEIVER:
    case SMPP_BIND_TRANSMITTER:
    case SMPP_BIND_RECEIVER:
        take_bind_resp(session, pdu);
        return;
    case SMPP_UNBIND:
        session_step(session, SESSION_STEP_UNBOUND);
        return;
    }
    session->counts.stray++;
}

/* ------------------------------------------------------------------------------ requests to us */

static bool piece_of(struct piece_in *in, const struct smpp_pdu *pdu)
{
    uint32_t reference = smpp_pdu_number(pdu, SMPP_TAG_SAR_MSG_REF_NUM, UINT32_MAX);
    uint32_t total = smpp_pdu_number(pdu, SMPP_TAG_SAR_TOTAL_SEGMENTS, 0);
    uint32_t index = smpp_pdu_number(pdu, SMPP_TAG_SAR_SEGMENT_SEQNUM, 0);

    in->coding = pdu->data_coding;
    in->protocol_id = pdu->protocol_id;
    in->has_header = pdu->esm_class & SMPP_ESM_UDHI;
    in->port = (uint16_t)smpp_pdu_number(pdu, SMPP_TAG_DESTINATION_PORT, 0);
    in->text = smpp_pdu_text(pdu);
    if (reference <= UINT16_MAX && total <= UINT8_MAX && index <= UINT8_MAX) {
        in->reference = (uint16_t)reference;
        in->total = (uint8_t)total;
        in->index = (uint8_t)index;
    }
    return text_copy(in->source, sizeof in->source, pdu->source) &&
           text_copy(in->dest, sizeof in->dest, pdu->dest);
}

static void take_deliver(struct session *session, const struct smpp_pdu *pdu, struct octets raw)
{
    struct piece_in in = { .token = session_token(session, pdu->command, pdu->sequence),
                           .raw = raw };
    struct receipt receipt;

    if (!session_talks(session)) {
        send_answer(session, SMPP_RESP(pdu->command), pdu->sequence, SMPP_RINVBNDSTS);
        return;
    }
    session->counts.broken_options += pdu->tlvs.broken;
    if (receipt_is(pdu)) {
        if (receipt_read(&receipt, pdu) == 0) {
            session_receipt(session, &receipt, &in.token);
            return;
        }
        /* Again it would be no better: the centre shall forget it. */
        session->counts.bad_receipts++;
        send_answer(session, SMPP_RESP(pdu->command), pdu->sequence, SMPP_ROK);
        return;
    }
    if (piece_of(&in, pdu)) {
        session_letter(session, &in);
        return;
    }
    session->counts.malformed++;
    send_answer(session, SMPP_RESP(pdu->command), pdu->sequence, SMPP_RINVSRCADR);
}

static void take_outbind(struct session *session, const struct smpp_pdu *pdu)
{
    bool is_ours = strcmp(pdu->system_id, session->centre->listen_account) == 0 &&
                   strcmp(pdu->password, session->centre->listen_password) == 0;

    session_step(session, is_ours ? SESSION_STEP_OUTBIND : SESSION_STEP_BIND_REFUSED);
}

static void take_request(struct session *session, const struct smpp_pdu *pdu, struct octets raw)
{
    switch ((enum smpp_command)pdu->command) {
    case SMPP_DELIVER_SM:
    case SMPP_DATA_SM:
        take_deliver(session, pdu, raw);
        return;
    case SMPP_ENQUIRE_LINK:
        send_answer(session, SMPP_RESP(SMPP_ENQUIRE_LINK), pdu->sequence, SMPP_ROK);
        return;
    case SMPP_UNBIND:
        send_answer(session, SMPP_RESP(SMPP_UNBIND), pdu->sequence, SMPP_ROK);
        session_step(session, SESSION_STEP_PEER_UNBIND);
        return;
    case SMPP_OUTBIND:
        take_outbind(session, pdu);
        return;
    case SMPP_ALERT_NOTIFICATION: /* has no answer (§4.12.1); what waits is tried again anyway */
        return;
    case SMPP_BIND_RECEIVER:
    case SMPP_BIND_TRANSMITTER:
    case SMPP_BIND_TRANSCEIVER:
    case SMPP_QUERY_SM:
    case SMPP_SUBMIT_SM:
    case SMPP_REPLACE_SM:
    case SMPP_CANCEL_SM:
    case SMPP_SUBMIT_MULTI:
    case SMPP_BROADCAST_SM:
    case SMPP_QUERY_BROADCAST_SM:
    case SMPP_CANCEL_BROADCAST_SM:
        break;
    }
    /* A request only a centre can take. */
    session->counts.misplaced++;
    send_answer(session, SMPP_RESP(pdu->command), pdu->sequence, SMPP_RINVBNDSTS);
}

static void smpp_take(struct session *session, const uint8_t *bytes, size_t length)
{
    struct smpp_pdu pdu;
    int status = smpp_pdu_read(&pdu, bytes, length);

    if (status == 0 && pdu.command & SMPP_RESPONSE) {
        take_answer(session, &pdu);
        return;
    }
    if (status == 0) {
        take_request(session, &pdu, (struct octets){ bytes, length });
        return;
    }
    session->counts.malformed += status == -EBADMSG;
    session->counts.unknown_commands += status == -ENOTSUP;
    if (pdu.command & SMPP_RESPONSE)
        return; /* never answer an answer; what waits for it runs into its time limit */
    send_answer(session, SMPP_GENERIC_NACK, pdu.sequence,
                status == -ENOTSUP ? SMPP_RINVCMDID : SMPP_RINVMSGLEN);
}

const struct protocol protocol_smpp = {
    .name = "smpp",
    .format = &smpp_format,
    .states = &states,
    .enquires = true,
    .bundles = true,
    .bind = smpp_bind,
    .unbind = smpp_unbind,
    .enquire = smpp_enquire,
    .submit = smpp_submit,
    .answer = smpp_answer,
    .take = smpp_take,
    .garbage = smpp_garbage,
    .query = smpp_query,
    .cancel = smpp_cancel,
    .replace = smpp_replace,
    .status_name = smpp_status_name,
};
