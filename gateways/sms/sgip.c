/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * sgip: China Unicom's SGIP 1.2 for a session. Two directions are two connections: we bind to the
 * SMG to submit, the SMG binds to us to deliver and report. There is no enquiry; a side that is idle
 * may hang up, which is no fault (§3.3). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "gateways/sms/domestic.h"
#include "gateways/sms/protocol.h"
#include "gateways/sms/sgip_pdu.h"

enum {
    FEE_FREE = 1,
    REPORT_ALWAYS = 1,
    REPORT_NEVER = 2,
    STATE_DELIVERED = 0,
    STATE_WAITING = 1
};

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
        [SESSION_STEP_PEER_BIND] = SESSION_STATE_BOUND,
        [SESSION_STEP_BIND_REFUSED] = SESSION_STATE_CLOSED,
        [SESSION_STEP_LOST] = SESSION_STATE_CLOSED,
        [SESSION_STEP_STOP] = SESSION_STATE_CLOSED,
        [SESSION_STEP_PEER_UNBIND] = SESSION_STATE_CLOSED,
    },
    SESSION_ROWS_BINDING,
};

static void id_print(char id[SGIP_ID_BYTES], uint32_t node, uint32_t stamp, uint32_t sequence)
{
    (void)snprintf(id, SGIP_ID_BYTES, "%010u%010u%010u", (unsigned)node, (unsigned)stamp,
                   (unsigned)sequence);
}

/* A request of ours. */
static struct sgip_pdu request(const struct session *session, enum sgip_command command,
                               uint32_t sequence)
{
    return (struct sgip_pdu){ .command = command,
                              .node = session->centre->node,
                              .stamp = domestic_stamp(session->wall_ms),
                              .sequence = sequence };
}

static void send_answer(struct session *session, const struct sgip_pdu *asked,
                        enum sgip_result result)
{
    struct sgip_pdu pdu = { .command = SGIP_RESP(asked->command),
                            .node = asked->node,
                            .stamp = asked->stamp,
                            .sequence = asked->sequence,
                            .result = (uint8_t)result };

    session_write(session, &pdu);
}

static void sgip_bind(struct session *session)
{
    struct sgip_pdu pdu = request(session, SGIP_BIND, session_sequence(session));

    pdu.login_type = SGIP_LOGIN_SP;
    (void)text_copy(pdu.login_name, sizeof pdu.login_name, session->centre->account);
    (void)text_copy(pdu.login_password, sizeof pdu.login_password, session->centre->password);
    session->bind = pdu.sequence;
    session_write(session, &pdu);
}

static void sgip_unbind(struct session *session)
{
    struct sgip_pdu pdu = request(session, SGIP_UNBIND, session_sequence(session));

    session->bind = pdu.sequence;
    session_write(session, &pdu);
}

/* SGIP wants the country's code before the number. */
static bool receiver_of(uint8_t receiver[SGIP_RECEIVER_BYTES + 1], const char *number)
{
    char national[PIECE_ADDRESS_BYTES];
    char *to = (char *)receiver;
    struct text text = text_into(to, SGIP_RECEIVER_BYTES + 1);

    memset(receiver, 0, SGIP_RECEIVER_BYTES + 1);
    if (!domestic_number(national, number))
        return false;
    if (strlen(national) == 11 && national[0] == '1')
        text_add(&text, "86");
    text_add(&text, national);
    return !text.cut;
}

static int sgip_submit(struct session *session, const struct piece_out *piece, uint32_t sequence)
{
    const struct centre_settings *centre = session->centre;
    const char *source = piece->source[0] != '\0' ? piece->source : centre->number;
    struct sgip_pdu pdu = request(session, SGIP_SUBMIT, sequence);
    uint8_t receiver[SGIP_RECEIVER_BYTES + 1];
    struct domestic_text text;

    if (!receiver_of(receiver, piece->dest) || !domestic_text(&text, piece))
        return -EINVAL;
    pdu.receivers = (struct octets){ receiver, SGIP_RECEIVER_BYTES };
    (void)text_copy(pdu.charge_number, sizeof pdu.charge_number, "000000000000000000000");
    (void)text_copy(pdu.fee_value, sizeof pdu.fee_value, "0");
    (void)text_copy(pdu.given_value, sizeof pdu.given_value, "0");
    pdu.fee_type = FEE_FREE;
    pdu.priority = piece->urgent ? 9 : 0;
    pdu.report_flag = piece->receipt ? REPORT_ALWAYS : REPORT_NEVER;
    pdu.tp_udhi = piece->has_header;
    if (piece->validity_s != 0)
        domestic_deadline(pdu.expire_time, session->wall_ms + (uint64_t)piece->validity_s * 1000);
    pdu.coding = text.coding;
    pdu.content = (struct octets){ text.octets, text.count };
    (void)text_copy(pdu.service_type, sizeof pdu.service_type, centre->service);
    if (!text_copy(pdu.corp_id, sizeof pdu.corp_id, centre->enterprise) ||
        !text_copy(pdu.sp_number, sizeof pdu.sp_number, source[0] == '+' ? source + 1 : source))
        return -EINVAL;
    return session_try_write(session, &pdu);
}

static void sgip_own_id(const struct session *session, uint32_t sequence, char id[PIECE_ID_BYTES])
{
    struct sgip_pdu sent = request(session, SGIP_SUBMIT, sequence);

    id_print(id, sent.node, sent.stamp, sent.sequence);
}

static void sgip_answer(struct session *session, const struct piece_token *token,
                        enum piece_verdict verdict)
{
    static const uint8_t results[PIECE_VERDICT_COUNT] = {
        [PIECE_NONE] = SGIP_RESULT_BUSY,        [PIECE_TAKEN] = SGIP_RESULT_OK,
        [PIECE_LATER] = SGIP_RESULT_BUSY,       [PIECE_FULL] = SGIP_RESULT_BUSY,
        [PIECE_NO_NUMBER] = SGIP_RESULT_NUMBER, [PIECE_REFUSED] = SGIP_RESULT_FORMAT,
        [PIECE_ELSEWHERE] = SGIP_RESULT_NUMBER,
    };
    struct sgip_pdu asked = { .command = token->command,
                              .node = token->sequence[0],
                              .stamp = token->sequence[1],
                              .sequence = token->sequence[2] };

    REQUIRE(verdict < PIECE_VERDICT_COUNT);
    send_answer(session, &asked, (enum sgip_result)results[verdict]);
}

/* ------------------------------------------------------------------------------- answers to us */

static enum piece_verdict verdict_of(uint8_t result)
{
    switch (result) {
    case SGIP_RESULT_OK:
        return PIECE_TAKEN;
    case SGIP_RESULT_BUSY:
        return PIECE_FULL;
    case SGIP_RESULT_UNREACHABLE:
    case SGIP_RESULT_SEQUENCE:
        return PIECE_LATER;
    case SGIP_RESULT_ROUTE:
    case SGIP_RESULT_NO_ROUTE:
        return PIECE_ELSEWHERE;
    }
    return PIECE_REFUSED;
}

static void take_answer(struct session *session, const struct sgip_pdu *pdu)
{
    char id[SGIP_ID_BYTES];

    switch (pdu->command & ~FORMAT_RESPONSE) {
    case SGIP_BIND:
        if (pdu->sequence != session->bind || session->state != SESSION_STATE_BINDING)
            break;
        session_step(session, pdu->result == SGIP_RESULT_OK ? SESSION_STEP_BIND_OK
                                                            : SESSION_STEP_BIND_REFUSED);
        return;
    case SGIP_SUBMIT:
        if (pdu->node != session->centre->node)
            break;
        id_print(id, pdu->node, pdu->stamp, pdu->sequence);
        session_answered(session, pdu->sequence, verdict_of(pdu->result), pdu->result,
                         pdu->result == SGIP_RESULT_OK ? id : "");
        return;
    case SGIP_UNBIND:
        session_step(session, SESSION_STEP_UNBOUND);
        return;
    }
    session->counts.stray++;
}

/* ------------------------------------------------------------------------------ requests to us */

static struct piece_token token_of(const struct session *session, const struct sgip_pdu *pdu)
{
    struct piece_token token = session_token(session, pdu->command, pdu->sequence);

    token.sequence[0] = pdu->node;
    token.sequence[1] = pdu->stamp;
    return token;
}

static void take_bind(struct session *session, const struct sgip_pdu *pdu)
{
    const struct centre_settings *centre = session->centre;
    bool is_centre = pdu->login_type == SGIP_LOGIN_SMG &&
                     strcmp(pdu->login_name, centre->listen_account) == 0 &&
                     strcmp(pdu->login_password, centre->listen_password) == 0;

    if (session->state == SESSION_STATE_BOUND) {
        send_answer(session, pdu, SGIP_RESULT_TWICE);
        return;
    }
    send_answer(session, pdu, is_centre ? SGIP_RESULT_OK : SGIP_RESULT_LOGIN);
    session_step(session, is_centre ? SESSION_STEP_PEER_BIND : SESSION_STEP_BIND_REFUSED);
}

static void take_deliver(struct session *session, const struct sgip_pdu *pdu, struct octets raw)
{
    struct piece_in in = { .token = token_of(session, pdu),
                           .coding = domestic_coding(pdu->coding),
                           .protocol_id = pdu->tp_pid,
                           .has_header = pdu->tp_udhi & 1,
                           .text = pdu->content,
                           .raw = raw };

    (void)domestic_number(in.source, pdu->user_number);
    (void)text_copy(in.dest, sizeof in.dest, pdu->sp_number);
    session_letter(session, &in);
}

static void take_report(struct session *session, const struct sgip_pdu *pdu)
{
    struct piece_token token = token_of(session, pdu);
    struct receipt receipt = { .state = pdu->state == STATE_DELIVERED ? RECEIPT_DELIVERED
                                        : pdu->state == STATE_WAITING ? RECEIPT_UNDER_WAY
                                                                      : RECEIPT_FAILED };

    id_print(receipt.message_id, pdu->submit_node, pdu->submit_stamp, pdu->submit_sequence);
    (void)text_copy(receipt.number, sizeof receipt.number, pdu->user_number);
    if (receipt.state == RECEIPT_FAILED)
        receipt.error = pdu->error_code != 0 ? pdu->error_code : RECEIPT_UNKNOWN_ERROR;
    session_receipt(session, &receipt, &token);
}

static void take_request(struct session *session, const struct sgip_pdu *pdu, struct octets raw)
{
    bool may_bind =
        session->state == SESSION_STATE_GREETING || session->state == SESSION_STATE_BOUND;

    switch ((enum sgip_command)pdu->command) {
    case SGIP_BIND:
        if (session->role != SESSION_ROLE_ANSWER || !may_bind)
            break;
        take_bind(session, pdu);
        return;
    case SGIP_UNBIND:
        send_answer(session, pdu, SGIP_RESULT_OK);
        session_step(session, SESSION_STEP_PEER_UNBIND);
        return;
    case SGIP_DELIVER:
        if (!session_talks(session))
            break;
        take_deliver(session, pdu, raw);
        return;
    case SGIP_REPORT:
        if (!session_talks(session))
            break;
        take_report(session, pdu);
        return;
    case SGIP_SUBMIT:
        break;
    }
    session->counts.misplaced++;
    send_answer(session, pdu, SGIP_RESULT_OPERATION);
}

static void sgip_take(struct session *session, const uint8_t *bytes, size_t length)
{
    struct sgip_pdu pdu;
    int status = format_read(&sgip_format, &pdu, bytes, length);

    session->counts.malformed += status == -EBADMSG;
    session->counts.unknown_commands += status == -ENOTSUP; /* SGIP has no answer to them */
    if (status == 0 && pdu.command & FORMAT_RESPONSE)
        take_answer(session, &pdu);
    else if (status == 0)
        take_request(session, &pdu, (struct octets){ bytes, length });
    else if (status == -EBADMSG && !(pdu.command & FORMAT_RESPONSE))
        send_answer(session, &pdu, SGIP_RESULT_FORMAT);
}

static const char *sgip_status_name(uint32_t status)
{
    static const char *const names[] = {
        [SGIP_RESULT_OK] = "ok",
        [SGIP_RESULT_LOGIN] = "login",
        [SGIP_RESULT_TWICE] = "bound twice",
        [SGIP_RESULT_MANY] = "too many connections",
        [SGIP_RESULT_TYPE] = "login type",
        [SGIP_RESULT_FORMAT] = "parameter format",
        [SGIP_RESULT_NUMBER] = "telephone number",
        [SGIP_RESULT_MESSAGE_ID] = "message id",
        [SGIP_RESULT_LENGTH] = "message length",
        [SGIP_RESULT_SEQUENCE] = "sequence number",
        [SGIP_RESULT_OPERATION] = "operation",
        [SGIP_RESULT_BUSY] = "node is busy",
        [SGIP_RESULT_UNREACHABLE] = "destination unreachable",
        [SGIP_RESULT_ROUTE] = "route error",
        [SGIP_RESULT_NO_ROUTE] = "no route",
    };

    return status < sizeof names / sizeof *names && names[status] ? names[status] : "status";
}

const struct protocol protocol_sgip = {
    .name = "sgip",
    .format = &sgip_format,
    .states = &states,
    .bind = sgip_bind,
    .unbind = sgip_unbind,
    .submit = sgip_submit,
    .answer = sgip_answer,
    .take = sgip_take,
    .own_id = sgip_own_id,
    .status_name = sgip_status_name,
};
