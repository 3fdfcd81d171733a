/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a PDU of FUZZ_PROTOCOLS (the first octet says which of them): refused, or written again into bytes that read back the same; and as what a bound session hears, which must
 * never fall over and never write a PDU its own format does not know. */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/require.h"
#include "gateways/sms/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum {
    RECORD_BYTES = 4096,
    PDU_BYTES = 16384
};

static const char *const names[] = { FUZZ_PROTOCOLS };

static void read_and_write(const struct format *format, const uint8_t *bytes, size_t size)
{
    static _Alignas(16) uint8_t record[RECORD_BYTES];
    static _Alignas(16) uint8_t again[RECORD_BYTES];
    static uint8_t first[PDU_BYTES];
    static uint8_t second[PDU_BYTES];
    size_t length = 0;
    size_t length_again = 0;

    REQUIRE(format->record_bytes <= RECORD_BYTES);
    if (size < format->header_bytes || size > format->pdu_max || size > PDU_BYTES / 2 ||
        format_read(format, record, bytes, size) != 0)
        return;
    REQUIRE(format_write(format, record, first, sizeof first, &length) == 0);
    REQUIRE(length <= size);
    REQUIRE(format_read(format, again, first, length) == 0);
    REQUIRE(format_write(format, again, second, sizeof second, &length_again) == 0);
    REQUIRE(length == length_again && memcmp(first, second, length) == 0);
}

/* ------------------------------------------------------------------------- a session that hears */

static struct session session;

static void on_bind(void *owner, uint16_t bind)
{
    (void)owner;
    (void)bind;
}

static void on_write(void *owner, uint16_t bind, const uint8_t *bytes, size_t length)
{
    static _Alignas(16) uint8_t record[RECORD_BYTES];

    (void)owner;
    (void)bind;
    REQUIRE(session_measure(&session, bytes, length) == (int)length);
    REQUIRE(format_read(session.protocol->format, record, bytes, length) == 0);
}

static void on_letter(void *owner, const struct piece_in *in)
{
    (void)owner;
    REQUIRE(memchr(in->source, 0, sizeof in->source) && memchr(in->dest, 0, sizeof in->dest));
    session_answer(&session, &in->token,
                   (enum piece_verdict)(in->text.count % PIECE_VERDICT_COUNT));
}

static void on_receipt(void *owner, const struct receipt *receipt, const struct piece_token *token)
{
    (void)owner;
    REQUIRE(receipt->message_id[0] != '\0' && receipt->state != RECEIPT_NONE);
    REQUIRE((receipt->state == RECEIPT_FAILED) == (receipt->error != 0));
    session_answer(&session, token, PIECE_TAKEN);
}

static void on_answered(void *owner, const struct piece_answer *answer)
{
    (void)owner;
    REQUIRE(answer->verdict != PIECE_NONE);
}

static void on_replaced(void *owner, const struct piece_answer *answer)
{
    (void)owner;
    REQUIRE(answer->verdict < PIECE_VERDICT_COUNT);
}

static void on_unknown(void *owner, struct parcel parcel)
{
    (void)owner;
    (void)parcel;
}

static const struct session_handlers handlers = {
    on_bind,   on_bind,    on_write,    on_bind,    on_bind,
    on_letter, on_receipt, on_answered, on_unknown, on_replaced,
};

/* A run of PDUs on a bound connection, with two pieces under way. */
static void session_hears(const char *name, const uint8_t *bytes, size_t size)
{
    static struct centre_settings centre;
    struct piece_out piece = { .dest = "13800138000", .text = { (const uint8_t *)"x", 1 } };
    size_t at = 0;

    centre = (struct centre_settings){ .window = 10, .enquire_s = 30, .send_with = "submit_sm" };
    memcpy(centre.protocol, name, strlen(name) + 1);
    session_init(&session,
                 &(struct session_bind){ &centre, 0, SESSION_ROLE_BOTH, 0, &handlers, NULL }, 1, 1);
    session.state = SESSION_STATE_BOUND;
    session.due_ms = UINT64_MAX;
    for (int i = 0; i < 2; i++)
        REQUIRE(session_submit(&session, &piece, 1) == 0);
    int replaced = session_replace(&session, "m-1", &piece, 1);
    REQUIRE(replaced == 0 || replaced == -ENOTSUP);
    while (session_is_connected(&session) && at < size) {
        int length = session_measure(&session, bytes + at, size - at);

        if (length < 0)
            session_garbage(&session, 1);
        if (length <= 0 || (size_t)length > size - at)
            break;
        session_take(&session, bytes + at, (size_t)length, 1);
        at += (size_t)length;
    }
    session_lost(&session, 1);
    REQUIRE(session.in_flight == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size < 1)
        return 0;
    const char *name = names[bytes[0] % (sizeof names / sizeof *names)];
    const struct protocol *protocol = protocol_find(name);

    REQUIRE(protocol);
    read_and_write(protocol->format, bytes + 1, size - 1);
    session_hears(name, bytes + 1, size - 1);
    return 0;
}
