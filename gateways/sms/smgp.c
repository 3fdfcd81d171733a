/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * smgp: China Telecom's SMGP 3.0 for a session: an SP logged in to a gateway to send, to receive or
 * both. A receipt is a Deliver whose text begins with the message's id in ten raw octets. */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "gateways/sms/domestic.h"
#include "gateways/sms/protocol.h"
#include "gateways/sms/smgp_pdu.h"

enum {
    VERSION_3 = 0x30,
    MSG_TYPE_MT = 6,
    PRIORITY_USUAL = 1,
    PRIORITY_URGENT = 3
};

static void send_bare(struct session *session, uint32_t command, uint32_t sequence)
{
    struct smgp_pdu pdu = { .command = command, .sequence = sequence };

    session_write(session, &pdu);
}

static uint8_t login_mode(const struct session *session)
{
    return session->role == SESSION_ROLE_SEND ? 0 : session->role == SESSION_ROLE_RECEIVE ? 1 : 2;
}

/* AuthenticatorClient = MD5(ClientID, 7 octets of 0, shared secret, stamp), §7.2.1.1. */
static void smgp_bind(struct session *session)
{
    static const uint8_t zeros[7];
    struct smgp_pdu pdu = { .command = SMGP_LOGIN,
                            .sequence = session_sequence(session),
                            .login_mode = login_mode(session),
                            .version = VERSION_3,
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
    (void)text_copy(pdu.client_id, sizeof pdu.client_id, account);
    memcpy(pdu.authenticator, session->proof, sizeof pdu.authenticator);
    session->bind = pdu.sequence;
    session_write(session, &pdu);
}

static void smgp_unbind(struct session *session)
{
    session->bind = session_sequence(session);
    send_bare(session, SMGP_EXIT, session->bind);
}

static void smgp_enquire(struct session *session, uint32_t sequence)
{
    send_bare(session, SMGP_ACTIVE_TEST, sequence);
}

/* Values outlive the writing: they lie in the piece and in constants. */
static void options_set(struct smgp_pdu *pdu, const struct piece_out *piece,
                        const struct centre_settings *centre)
{
    static const uint8_t one = 1;

    if (piece->has_header)
        (void)tlvs_add(&pdu->tlvs, SMGP_TAG_TP_UDHI, &one, 1);
    if (piece->total > 1) {
        (void)tlvs_add(&pdu->tlvs, SMGP_TAG_PK_TOTAL, &piece->total, 1);
        (void)tlvs_add(&pdu->tlvs, SMGP_TAG_PK_NUMBER, &piece->index, 1);
    }
    if (centre->enterprise[0] != '\0')
        (void)tlvs_add(&pdu->tlvs, SMGP_TAG_MSG_SRC, (const uint8_t *)centre->enterprise,
                       sizeof centre->enterprise - 1);
}

static int smgp_submit(struct session *session, const struct piece_out *piece, uint32_t sequence)
{
    const struct centre_settings *centre = session->centre;
    const char *source = piece->source[0] != '\0' ? piece->source : centre->number;
    struct smgp_pdu pdu = { .command = SMGP_SUBMIT,
                            .sequence = sequence,
                            .msg_type = MSG_TYPE_MT,
                            .need_report = piece->receipt,
                            .priority = piece->urgent ? PRIORITY_URGENT : PRIORITY_USUAL,
                            .fee_type = "00", /* the citizen pays nothing */
                            .fee_code = "000000",
                            .fixed_fee = "000000" };
    char dest[PIECE_ADDRESS_BYTES];
    uint8_t receiver[PIECE_ADDRESS_BYTES] = { 0 };
    struct domestic_text text;

    if (!domestic_number(dest, piece->dest) || strlen(dest) > SMGP_RECEIVER_BYTES ||
        !domestic_text(&text, piece))
        return -EINVAL;
    memcpy(receiver, dest, strlen(dest));
    pdu.receivers = (struct octets){ receiver, SMGP_RECEIVER_BYTES };
    pdu.format = text.coding;
    pdu.content = (struct octets){ text.octets, text.count };
    domestic_validity(pdu.valid_time, piece->validity_s);
    options_set(&pdu, piece, centre);
    (void)text_copy(pdu.service_id, sizeof pdu.service_id, centre->service);
    if (!text_copy(pdu.source, sizeof pdu.source, source[0] == '+' ? source + 1 : source))
        return -EINVAL;
    return session_try_write(session, &pdu);
}

static void deliver_answer(struct session *session, uint32_t sequence, const uint8_t *msg_id,
                           enum smgp_status status)
{
    struct smgp_pdu pdu = { .command = SMGP_RESP(SMGP_DELIVER),
                            .sequence = sequence,
                            .status = status };

    memcpy(pdu.msg_id, msg_id, sizeof pdu.msg_id);
    session_write(session, &pdu);
}

static void smgp_answer(struct session *session, const struct piece_token *token,
                        enum piece_verdict verdict)
{
    enum smgp_status status = verdict == PIECE_TAKEN ? SMGP_STATUS_OK
                              : verdict == PIECE_NO_NUMBER || verdict == PIECE_ELSEWHERE
                                  ? SMGP_STATUS_DEST
                              : verdict == PIECE_REFUSED ? SMGP_STATUS_STRUCTURE
                                                         : SMGP_STATUS_BUSY;

    deliver_answer(session, token->sequence[2], token->id, status);
}

/* ------------------------------------------------------------------------------- answers to us */

/* AuthenticatorServer = MD5(Status, AuthenticatorClient, shared secret), §7.2.1.2. */
static void take_login_resp(struct session *session, const struct smgp_pdu *pdu)
{
    if (pdu->sequence != session->bind || session->state != SESSION_STATE_BINDING) {
        session->counts.stray++;
        return;
    }
    bool is_ours = domestic_is_proved(pdu->authenticator, pdu->status, session->proof,
                                      session->centre->password);
    session_step(session, pdu->status == SMGP_STATUS_OK && is_ours ? SESSION_STEP_BIND_OK
                                                                   : SESSION_STEP_BIND_REFUSED);
}

static enum piece_verdict verdict_of(uint32_t status)
{
    switch (status) {
    case SMGP_STATUS_OK:
        return PIECE_TAKEN;
    case SMGP_STATUS_BUSY:
    case SMGP_STATUS_MANY:
        return PIECE_FULL;
    case SMGP_STATUS_REPEATED:
        return PIECE_LATER;
    case SMGP_STATUS_ROUTE:
    case SMGP_STATUS_NO_ROUTE:
        return PIECE_ELSEWHERE;
    }
    return PIECE_REFUSED;
}

static void take_answer(struct session *session, const struct smgp_pdu *pdu)
{
    char id[SMGP_ID_BYTES];

    switch (pdu->command & ~FORMAT_RESPONSE) {
    case SMGP_LOGIN:
        take_login_resp(session, pdu);
        return;
    case SMGP_SUBMIT:
        smgp_id_print(id, pdu->msg_id);
        session_answered(session, pdu->sequence, verdict_of(pdu->status), pdu->status,
                         pdu->status == SMGP_STATUS_OK ? id : "");
        return;
    case SMGP_ACTIVE_TEST:
        session_enquiry_answered(session, pdu->sequence);
        return;
    case SMGP_EXIT:
        session_step(session, SESSION_STEP_UNBOUND);
        return;
    }
    session->counts.stray++;
}

/* ------------------------------------------------------------------------------ requests to us */

/* "id:" and ten raw octets; some centres write them as twenty digits. */
static int report_read(struct receipt *receipt, struct octets content)
{
    static const char key[] = "id:";
    size_t head = sizeof key - 1;
    size_t raw = head + SMGP_ID_OCTETS;
    size_t digits = head + 2 * SMGP_ID_OCTETS;
    char id[SMGP_ID_BYTES] = "";

    if (content.count < raw || memcmp(content.bytes, key, head) != 0)
        return -EBADMSG;
    if (content.count > digits && content.bytes[digits] == ' ') {
        memcpy(id, content.bytes + head, 2 * SMGP_ID_OCTETS);
        raw = digits;
    } else {
        smgp_id_print(id, content.bytes + head);
    }
    return receipt_of_text(receipt, id,
                           (struct octets){ content.bytes + raw, content.count - raw });
}

static void take_report(struct session *session, const struct smgp_pdu *pdu,
                        const struct piece_token *token)
{
    struct receipt receipt;

    if (report_read(&receipt, pdu->content) == 0) {
        (void)text_copy(receipt.number, sizeof receipt.number, pdu->source);
        session_receipt(session, &receipt, token);
        return;
    }
    session->counts.bad_receipts++; /* again it would be no better */
    deliver_answer(session, pdu->sequence, pdu->msg_id, SMGP_STATUS_OK);
}

static void take_deliver(struct session *session, const struct smgp_pdu *pdu, struct octets raw)
{
    struct piece_in in = {
        .token = session_token(session, pdu->command, pdu->sequence),
        .coding = domestic_coding(pdu->format),
        .protocol_id = (uint8_t)tlvs_number(&pdu->tlvs, SMGP_TAG_TP_PID, 0),
        .has_header = tlvs_number(&pdu->tlvs, SMGP_TAG_TP_UDHI, 0) == 1,
        .text = pdu->content,
        .raw = raw,
    };

    if (!session_talks(session)) {
        deliver_answer(session, pdu->sequence, pdu->msg_id, SMGP_STATUS_BUSY);
        return;
    }
    session->counts.broken_options += pdu->tlvs.broken;
    memcpy(in.token.id, pdu->msg_id, sizeof in.token.id);
    if (pdu->is_report == 1) {
        take_report(session, pdu, &in.token);
        return;
    }
    (void)domestic_number(in.source, pdu->source);
    (void)text_copy(in.dest, sizeof in.dest, pdu->dest);
    session_letter(session, &in);
}

static void take_request(struct session *session, const struct smgp_pdu *pdu, struct octets raw)
{
    struct smgp_pdu answer = { .command = SMGP_RESP(pdu->command),
                               .sequence = pdu->sequence,
                               .status = SMGP_STATUS_COMMAND };

    switch ((enum smgp_command)pdu->command) {
    case SMGP_DELIVER:
        take_deliver(session, pdu, raw);
        return;
    case SMGP_ACTIVE_TEST:
        send_bare(session, SMGP_RESP(SMGP_ACTIVE_TEST), pdu->sequence);
        return;
    case SMGP_EXIT:
        send_bare(session, SMGP_RESP(SMGP_EXIT), pdu->sequence);
        session_step(session, SESSION_STEP_PEER_UNBIND);
        return;
    case SMGP_LOGIN:
    case SMGP_SUBMIT:
    case SMGP_QUERY:
        break;
    }
    /* A request only a gateway of the operator can take. */
    session->counts.misplaced++;
    session_write(session, &answer);
}

static void smgp_take(struct session *session, const uint8_t *bytes, size_t length)
{
    static const uint8_t nobody[SMGP_ID_OCTETS];
    struct smgp_pdu pdu;
    int status = format_read(&smgp_format, &pdu, bytes, length);

    session->counts.malformed += status == -EBADMSG;
    session->counts.unknown_commands += status == -ENOTSUP; /* SMGP has no answer to them */
    if (status == 0 && pdu.command & FORMAT_RESPONSE)
        take_answer(session, &pdu);
    else if (status == 0)
        take_request(session, &pdu, (struct octets){ bytes, length });
    else if (pdu.command == SMGP_DELIVER)
        deliver_answer(session, pdu.sequence, nobody, SMGP_STATUS_STRUCTURE);
}

static const char *smgp_status_name(uint32_t status)
{
    static const char *const names[] = {
        [SMGP_STATUS_OK] = "ok",
        [SMGP_STATUS_BUSY] = "busy",
        [SMGP_STATUS_MANY] = "too many connections",
        [SMGP_STATUS_STRUCTURE] = "message structure",
        [SMGP_STATUS_COMMAND] = "command word",
        [SMGP_STATUS_REPEATED] = "sequence repeated",
        [SMGP_STATUS_ADDRESS] = "IP address",
        [SMGP_STATUS_LOGIN] = "login",
        [SMGP_STATUS_VERSION] = "version too high",
        [SMGP_STATUS_FORMAT] = "message format",
        [SMGP_STATUS_LENGTH] = "message length",
        [SMGP_STATUS_ROUTE] = "route",
        [SMGP_STATUS_SOURCE] = "SrcTermID",
        [SMGP_STATUS_DEST] = "DestTermID",
        [SMGP_STATUS_NO_ROUTE] = "no route",
    };

    return status < sizeof names / sizeof *names && names[status] ? names[status] : "status";
}

const struct protocol protocol_smgp = {
    .name = "smgp",
    .format = &smgp_format,
    .states = &protocol_states_calling,
    .enquires = true,
    .bind = smgp_bind,
    .unbind = smgp_unbind,
    .enquire = smgp_enquire,
    .submit = smgp_submit,
    .answer = smgp_answer,
    .take = smgp_take,
    .status_name = smgp_status_name,
};
