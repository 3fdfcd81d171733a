/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * cmpp: China Mobile's CMPP 2.0 and 3.0 for a session: an SP (service provider) on a long connection
 * to an ISMG, texts both ways on it. A Msg_Id is known to the dispatcher as it stands in bills. */
#include <errno.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "gateways/sms/cmpp_pdu.h"
#include "gateways/sms/domestic.h"
#include "gateways/sms/protocol.h"

enum {
    VERSION_2 = 0x20,
    VERSION_3 = 0x30,
    FEE_BY_SP = 2
};

static bool is_3(const struct session *session)
{
    return session->protocol == &protocol_cmpp3;
}

static void send_bare(struct session *session, uint32_t command, uint32_t sequence)
{
    struct cmpp_pdu pdu = { .command = command, .sequence = sequence };

    session_write(session, &pdu);
}

/* AuthenticatorSource = MD5(Source_Addr, 9 octets of 0, shared secret, stamp), §7.4.1.1. */
static void cmpp_bind(struct session *session)
{
    static const uint8_t zeros[9];
    struct cmpp_pdu pdu = { .command = CMPP_CONNECT,
                            .sequence = session_sequence(session),
                            .version = is_3(session) ? VERSION_3 : VERSION_2,
                            .stamp = domestic_stamp(session->wall_ms) };
    const char *account = session->centre->account;
    const char *secret = session->centre->password;
    char stamp[16];
    struct text text = text_into(stamp, sizeof stamp);

    text_print(&text, "%010u", pdu.stamp);
    struct octets octets[] = { { (const uint8_t *)account, strlen(account) },
                               { zeros, sizeof zeros },
                               { (const uint8_t *)secret, strlen(secret) },
                               { (const uint8_t *)stamp, text.length } };
    domestic_proof(session->proof, octets, 4);
    (void)text_copy(pdu.source_addr, sizeof pdu.source_addr, account);
    memcpy(pdu.authenticator, session->proof, sizeof pdu.authenticator);
    session->bind = pdu.sequence;
    session_write(session, &pdu);
}

static void cmpp_unbind(struct session *session)
{
    session->bind = session_sequence(session);
    send_bare(session, CMPP_TERMINATE, session->bind);
}

static void cmpp_enquire(struct session *session, uint32_t sequence)
{
    send_bare(session, CMPP_ACTIVE_TEST, sequence);
}

static int cmpp_submit(struct session *session, const struct piece_out *piece, uint32_t sequence)
{
    const struct centre_settings *centre = session->centre;
    const char *source = piece->source[0] != '\0' ? piece->source : centre->number;
    const char *enterprise = centre->enterprise[0] != '\0' ? centre->enterprise : centre->account;
    struct cmpp_pdu pdu = { .command = CMPP_SUBMIT,
                            .sequence = sequence,
                            .pk_total = piece->total > 0 ? piece->total : 1,
                            .pk_number = piece->index > 0 ? piece->index : 1,
                            .registered_delivery = piece->receipt,
                            .msg_level = piece->urgent ? 9 : 0,
                            .fee_user_type = FEE_BY_SP,
                            .fee_type = "01", /* the citizen pays nothing */
                            .fee_code = "000000",
                            .tp_udhi = piece->has_header };
    char dest[PIECE_ADDRESS_BYTES];
    uint8_t receiver[PIECE_ADDRESS_BYTES] = { 0 };
    struct domestic_text text;

    if (!domestic_number(dest, piece->dest) || !domestic_text(&text, piece) ||
        strlen(dest) > (is_3(session) ? 32 : 21))
        return -EINVAL;
    memcpy(receiver, dest, strlen(dest));
    pdu.receivers = (struct octets){ receiver, is_3(session) ? 32 : 21 };
    pdu.msg_fmt = text.coding;
    pdu.content = (struct octets){ text.octets, text.count };
    domestic_validity(pdu.valid_time, piece->validity_s);
    (void)text_copy(pdu.service_id, sizeof pdu.service_id, centre->service);
    if (!text_copy(pdu.msg_src, sizeof pdu.msg_src, enterprise) ||
        !text_copy(pdu.source, sizeof pdu.source, source[0] == '+' ? source + 1 : source))
        return -EINVAL;
    return session_try_write(session, &pdu);
}

static int cmpp_cancel(struct session *session, const char *message_id,
                       const struct piece_out *piece, uint32_t sequence)
{
    struct cmpp_pdu pdu = { .command = CMPP_CANCEL,
                            .sequence = sequence,
                            .msg_id = cmpp_id_read(message_id) };

    (void)piece;
    return pdu.msg_id == 0 ? -EINVAL : session_try_write(session, &pdu);
}

static void deliver_answer(struct session *session, uint32_t sequence, uint64_t msg_id,
                           uint32_t result)
{
    struct cmpp_pdu pdu = {
        .command = CMPP_RESP(CMPP_DELIVER), .sequence = sequence, .msg_id = msg_id, .result = result
    };

    session_write(session, &pdu);
}

static void cmpp_answer(struct session *session, const struct piece_token *token,
                        enum piece_verdict verdict)
{
    uint32_t result = verdict == PIECE_TAKEN  ? CMPP_RESULT_OK
                      : verdict == PIECE_FULL ? CMPP_RESULT_FLOW
                                              : CMPP_RESULT_NOT_MINE;

    deliver_answer(session, token->sequence[2], fields_number(token->id, 8), result);
}

/* ------------------------------------------------------------------------------- answers to us */

/* AuthenticatorISMG = MD5(Status, AuthenticatorSource, shared secret), §7.4.1.2. Without the check
 * anybody who got between could take the citizens' texts. */
static bool is_our_centre(const struct session *session, const struct cmpp_pdu *pdu)
{
    return domestic_is_proved(pdu->authenticator, pdu->result, session->proof,
                              session->centre->password);
}

static void take_connect_resp(struct session *session, const struct cmpp_pdu *pdu)
{
    if (pdu->sequence != session->bind || session->state != SESSION_STATE_BINDING) {
        session->counts.stray++;
        return;
    }
    session_step(session, pdu->result == 0 && is_our_centre(session, pdu)
                              ? SESSION_STEP_BIND_OK
                              : SESSION_STEP_BIND_REFUSED);
}

static enum piece_verdict verdict_of(const struct session *session, uint32_t result)
{
    switch (result) {
    case CMPP_RESULT_OK:
        return PIECE_TAKEN;
    case CMPP_RESULT_REPEATED:
        return PIECE_LATER;
    case CMPP_RESULT_FLOW:
        return PIECE_FULL;
    case CMPP_RESULT_NOT_MINE:
        return is_3(session) ? PIECE_ELSEWHERE : PIECE_LATER;
    }
    return PIECE_REFUSED;
}

static void take_answer(struct session *session, const struct cmpp_pdu *pdu)
{
    char id[CMPP_ID_BYTES];

    switch (pdu->command & ~FORMAT_RESPONSE) {
    case CMPP_CONNECT:
        take_connect_resp(session, pdu);
        return;
    case CMPP_SUBMIT:
        cmpp_id_print(id, pdu->msg_id);
        session_answered(session, pdu->sequence, verdict_of(session, pdu->result), pdu->result,
                         pdu->result == 0 ? id : "");
        return;
    case CMPP_CANCEL:
        session_answered(session, pdu->sequence, PIECE_TAKEN, 0, "");
        return;
    case CMPP_ACTIVE_TEST:
        session_enquiry_answered(session, pdu->sequence);
        return;
    case CMPP_TERMINATE:
        session_step(session, SESSION_STEP_UNBOUND);
        return;
    }
    session->counts.stray++;
}

/* ------------------------------------------------------------------------------ requests to us */

static void take_report(struct session *session, const struct cmpp_pdu *pdu,
                        const struct piece_token *token)
{
    struct cmpp_report report;
    struct receipt receipt;
    char id[CMPP_ID_BYTES];

    if (cmpp_report_read(&report, pdu->content) == 0) {
        cmpp_id_print(id, report.msg_id);
        if (receipt_of_word(&receipt, id, report.stat) == 0) {
            (void)text_copy(receipt.number, sizeof receipt.number, report.dest);
            session_receipt(session, &receipt, token);
            return;
        }
    }
    session->counts.bad_receipts++; /* again it would be no better */
    deliver_answer(session, pdu->sequence, pdu->msg_id, CMPP_RESULT_OK);
}

static void take_deliver(struct session *session, const struct cmpp_pdu *pdu, struct octets raw)
{
    struct piece_in in = { .token = session_token(session, pdu->command, pdu->sequence),
                           .coding = domestic_coding(pdu->msg_fmt),
                           .protocol_id = pdu->tp_pid,
                           .has_header = pdu->tp_udhi & 1,
                           .text = pdu->content,
                           .raw = raw };

    if (!session_talks(session)) {
        deliver_answer(session, pdu->sequence, pdu->msg_id, CMPP_RESULT_NOT_MINE);
        return;
    }
    for (int i = 0; i < 8; i++)
        in.token.id[i] = (uint8_t)(pdu->msg_id >> 8 * (7 - i));
    if (pdu->registered_delivery == 1) {
        take_report(session, pdu, &in.token);
        return;
    }
    (void)domestic_number(in.source, pdu->source);
    (void)text_copy(in.dest, sizeof in.dest, pdu->dest);
    session_letter(session, &in);
}

static void take_request(struct session *session, const struct cmpp_pdu *pdu, struct octets raw)
{
    struct cmpp_pdu answer = { .command = CMPP_RESP(pdu->command),
                               .sequence = pdu->sequence,
                               .result = CMPP_RESULT_COMMAND };

    switch ((enum cmpp_command)pdu->command) {
    case CMPP_DELIVER:
        take_deliver(session, pdu, raw);
        return;
    case CMPP_ACTIVE_TEST:
        send_bare(session, CMPP_RESP(CMPP_ACTIVE_TEST), pdu->sequence);
        return;
    case CMPP_TERMINATE:
        send_bare(session, CMPP_RESP(CMPP_TERMINATE), pdu->sequence);
        session_step(session, SESSION_STEP_PEER_UNBIND);
        return;
    case CMPP_CONNECT:
    case CMPP_SUBMIT:
    case CMPP_QUERY:
    case CMPP_CANCEL:
        break;
    }
    /* A request only an ISMG can take. */
    session->counts.misplaced++;
    session_write(session, &answer);
}

static void cmpp_take(struct session *session, const uint8_t *bytes, size_t length)
{
    struct cmpp_pdu pdu;
    int status = format_read(session->protocol->format, &pdu, bytes, length);

    session->counts.malformed += status == -EBADMSG;
    session->counts.unknown_commands += status == -ENOTSUP; /* CMPP has no answer to them */
    if (status == 0 && pdu.command & FORMAT_RESPONSE)
        take_answer(session, &pdu);
    else if (status == 0)
        take_request(session, &pdu, (struct octets){ bytes, length });
    else if (pdu.command == CMPP_DELIVER)
        deliver_answer(session, pdu.sequence, 0, CMPP_RESULT_STRUCTURE);
}

static const char *cmpp_status_name(uint32_t status)
{
    static const char *const names[] = { "ok",
                                         "message structure",
                                         "command word",
                                         "sequence repeated",
                                         "message length",
                                         "tariff code",
                                         "text too long",
                                         "service code",
                                         "flow control",
                                         "not this gateway's number",
                                         "Src_Id",
                                         "Msg_src",
                                         "Fee_terminal_Id",
                                         "Dest_terminal_Id" };

    return status < sizeof names / sizeof *names ? names[status] : "status";
}

/* Versions 2.0 and 3.0 differ in the widths of their fields alone. */
#define CMPP_PROTOCOL(words, pdus)                                                                 \
    {                                                                                              \
        .name = (words), .format = &(pdus), .states = &protocol_states_calling, .enquires = true,  \
        .bind = cmpp_bind, .unbind = cmpp_unbind, .enquire = cmpp_enquire, .submit = cmpp_submit,  \
        .answer = cmpp_answer, .take = cmpp_take, .cancel = cmpp_cancel,                           \
        .status_name = cmpp_status_name,                                                           \
    }
const struct protocol protocol_cmpp2 = CMPP_PROTOCOL("cmpp2", cmpp2_format);
const struct protocol protocol_cmpp3 = CMPP_PROTOCOL("cmpp3", cmpp3_format);
