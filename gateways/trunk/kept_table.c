/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/kept_table.h"

#include <string.h>

#include "base/fnv.h"
#include "base/require.h"
#include "gateways/trunk/call.h"

/* clang-format off */
#define SIZE_OF(record, member) sizeof(((struct record *)0)->member)
#define ROW(record, member, type, limit) \
    { #member, type, SIZE_OF(record, member), offsetof(struct record, member), limit }
#define NUMBER(record, member) ROW(record, member, KEPT_NUMBER, 0)
#define BELOW(record, member, limit) ROW(record, member, KEPT_NUMBER, limit)
#define FLAG(record, member) ROW(record, member, KEPT_NUMBER, 2)
#define TEXT(record, member) ROW(record, member, KEPT_TEXT, 0)

/* The connection it came by is closed: a TCP peer is called anew. */
#define DIALOG(record) \
    TEXT(record, dialog.call_id), \
    TEXT(record, dialog.local_uri), \
    TEXT(record, dialog.local_tag), \
    TEXT(record, dialog.remote_uri), \
    TEXT(record, dialog.remote_tag), \
    TEXT(record, dialog.target), \
    BELOW(record, dialog.route_count, SIP_ROUTES_MAX + 1), \
    TEXT(record, dialog.routes[0]), \
    TEXT(record, dialog.routes[1]), \
    TEXT(record, dialog.routes[2]), \
    TEXT(record, dialog.routes[3]), \
    TEXT(record, dialog.routes[4]), \
    TEXT(record, dialog.routes[5]), \
    TEXT(record, dialog.routes[6]), \
    TEXT(record, dialog.routes[7]), \
    NUMBER(record, dialog.local_cseq), \
    NUMBER(record, dialog.remote_cseq), \
    FLAG(record, dialog.has_remote_cseq), \
    FLAG(record, dialog.secure), \
    FLAG(record, dialog.peer.tcp), \
    FLAG(record, dialog.peer.tls), \
    TEXT(record, dialog.peer.ip), \
    NUMBER(record, dialog.peer.port)

#define SOUND(record) \
    TEXT(record, theirs.ip), \
    NUMBER(record, theirs.port), \
    FLAG(record, theirs.ipv6), \
    NUMBER(record, theirs.a_law), \
    NUMBER(record, theirs.mu_law), \
    NUMBER(record, theirs.g722), \
    NUMBER(record, theirs.opus), \
    NUMBER(record, theirs.events), \
    NUMBER(record, theirs.ptime_ms), \
    FLAG(record, theirs.secured), \
    NUMBER(record, theirs.crypto.tag), \
    BELOW(record, theirs.crypto.suite, CRYPTO_SUITE_COUNT), \
    TEXT(record, theirs.crypto.key), \
    BELOW(record, theirs.way, CODECS_SILENT + 1), \
    BELOW(record, theirs.media_count, CODECS_MEDIA_MAX + 1), \
    NUMBER(record, theirs.audio_at), \
    TEXT(record, theirs.media[0]), \
    TEXT(record, theirs.media[1]), \
    TEXT(record, theirs.media[2]), \
    TEXT(record, theirs.media[3]), \
    TEXT(record, theirs.media[4]), \
    TEXT(record, theirs.media[5]), \
    TEXT(record, theirs.media[6]), \
    TEXT(record, theirs.media[7]), \
    NUMBER(record, media.port), \
    NUMBER(record, media.session), \
    NUMBER(record, media.version), \
    NUMBER(record, media.clock.ssrc), \
    NUMBER(record, media.clock.stamp), \
    NUMBER(record, media.clock.sequence), \
    NUMBER(record, media.clock.step), \
    NUMBER(record, media.clock.at_ms), \
    FLAG(record, media.secured), \
    NUMBER(record, media.own.tag), \
    BELOW(record, media.own.suite, CRYPTO_SUITE_COUNT), \
    TEXT(record, media.own.key), \
    FLAG(record, theirs.dtls), \
    FLAG(record, theirs.mux), \
    BELOW(record, theirs.setup, CODECS_PASSIVE + 1), \
    TEXT(record, theirs.print), \
    FLAG(record, media.dtls), \
    FLAG(record, media.texts), \
    NUMBER(record, media.text_port), \
    NUMBER(record, theirs.text_at), \
    NUMBER(record, theirs.text_port), \
    TEXT(record, theirs.text_ip), \
    NUMBER(record, theirs.t140), \
    NUMBER(record, theirs.red), \
    FLAG(record, media.client), \
    FLAG(record, life.quiet), \
    FLAG(record, life.sounded), \
    FLAG(record, life.answered), \
    NUMBER(record, life.failures)

#define SESSION(record) \
    NUMBER(record, session.expires_s), \
    FLAG(record, session.ours), \
    FLAG(record, session.timer), \
    FLAG(record, session.updates), \
    NUMBER(record, session.due_ms)

_Static_assert(SIP_ROUTES_MAX == 8 && CODECS_MEDIA_MAX == 8, "every element has its row");

const struct kept_field kept_call_fields[] = {
    NUMBER(call, number),
    BELOW(call, state, CALLER_STATE_COUNT),
    NUMBER(call, line.number),
    FLAG(call, line.emergency),
    FLAG(call, line.header_language),
    BELOW(call, line.language, LANGUAGE_COUNT),
    DIALOG(call),
    FLAG(call, has_offer),
    SOUND(call),
    FLAG(call, recording),
    NUMBER(call, recorded_ms),
    NUMBER(call, recorded_part),
    FLAG(call, test),
    FLAG(call, asked),
    NUMBER(call, resume_ms),
    NUMBER(call, leave_ms),
    NUMBER(call, phone_offer),
    FLAG(call, transferring),
    FLAG(call, held),
    FLAG(call, muted),
    FLAG(call, parked),
    FLAG(call, sender_gone),
    NUMBER(call, refer_cseq),
    FLAG(call, refer_runs),
    FLAG(call, phone_lost),
    BELOW(call, language, LANGUAGE_COUNT),
    BELOW(call, cause, END_CAUSE_COUNT),
    NUMBER(call, deny_status),
    NUMBER(call, tries),
    NUMBER(call, arrived_ms),
    TEXT(call, trunk),
    TEXT(call, called),
    TEXT(call, caller),
    FLAG(call, early.wanted),
    FLAG(call, early.acknowledged),
    FLAG(call, early.settled),
    NUMBER(call, early.rseq),
    NUMBER(call, early.cseq),
    SESSION(call),
    { NULL, KEPT_END, 0, 0, 0 },
};

const struct kept_field kept_phone_fields[] = {
    NUMBER(phone, offer),
    NUMBER(phone, user),
    NUMBER(phone, answered_ms),
    BELOW(phone, state, PHONE_STATE_COUNT),
    BELOW(phone, role, ROOM_ROLE_COUNT),
    FLAG(phone, holds),
    NUMBER(phone, call_number),
    DIALOG(phone),
    TEXT(phone, branch),
    NUMBER(phone, invite_cseq),
    NUMBER(phone, line),
    FLAG(phone, auto_answer),
    FLAG(phone, reported),
    SOUND(phone),
    BELOW(phone, fail_cause, OFFER_END_COUNT),
    NUMBER(phone, give_up_ms),
    SESSION(phone),
    NUMBER(phone, rseq),
    FLAG(phone, answered_early),
    FLAG(phone, elsewhere),
    BELOW(phone, referral.state, REFERRAL_STATE_COUNT),
    NUMBER(phone, referral.event),
    FLAG(phone, referral.silent),
    NUMBER(phone, referral.taker),
    TEXT(phone, referral.replaces.call_id),
    TEXT(phone, referral.replaces.to_tag),
    TEXT(phone, referral.replaces.from_tag),
    FLAG(phone, referral.replaces.early_only),
    TEXT(phone, uri),
    { NULL, KEPT_END, 0, 0, 0 },
};

const struct kept_field kept_gone_fields[] = {
    NUMBER(gone, call),
    NUMBER(gone, line),
    FLAG(gone, emergency),
    BELOW(gone, language, LANGUAGE_COUNT),
    NUMBER(gone, arrived_ms),
    TEXT(gone, trunk),
    TEXT(gone, called),
    TEXT(gone, number),
    TEXT(gone, position),
    TEXT(gone, address),
    TEXT(gone, text),
    BELOW(gone, cause, END_CAUSE_COUNT),
    NUMBER(gone, user),
    NUMBER(gone, answered_ms),
    TEXT(gone, phone),
    { NULL, KEPT_END, 0, 0, 0 },
};
/* clang-format on */

uint32_t kept_table_bytes(const struct kept_field *fields)
{
    uint32_t bytes = 0;
    for (; fields->type; fields++)
        bytes += fields->type == KEPT_TEXT ? fields->size + 1 : fields->size;
    return bytes;
}

uint64_t kept_table_layout(const struct kept_field *fields)
{
    uint64_t hash = FNV_BASIS;
    for (; fields->type; fields++) {
        hash = fnv_add(hash, fields->name, strlen(fields->name));
        hash = fnv_word(fnv_word(fnv_word(hash, fields->type), fields->size), fields->limit);
    }
    return hash;
}

static size_t put(uint8_t *at, uint64_t value, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        at[i] = (uint8_t)(value >> 8 * i);
    return size;
}

static uint64_t get(const uint8_t *at, uint32_t size)
{
    uint64_t value = 0;
    for (uint32_t i = size; i > 0; i--)
        value = value << 8 | at[i - 1];
    return value;
}

static uint64_t load(const void *member, uint32_t size)
{
    uint8_t one;
    uint16_t two;
    uint32_t four;
    uint64_t eight;
    switch (size) {
    case 1:
        memcpy(&one, member, size);
        return one;
    case 2:
        memcpy(&two, member, size);
        return two;
    case 4:
        memcpy(&four, member, size);
        return four;
    case 8:
        memcpy(&eight, member, size);
        return eight;
    }
    REQUIRE(!"a number of another size");
    return 0;
}

static void store(void *member, uint64_t value, uint32_t size)
{
    uint8_t one = (uint8_t)value;
    uint16_t two = (uint16_t)value;
    uint32_t four = (uint32_t)value;
    const void *const from[9] = { [1] = &one, [2] = &two, [4] = &four, [8] = &value };
    REQUIRE(size <= 8 && from[size]);
    memcpy(member, from[size], size);
}

size_t kept_pack(const struct kept_field *fields, const void *record, uint8_t body[KEPT_BODY_MAX])
{
    size_t at = 0;
    for (; fields->type; fields++) {
        const char *member = (const char *)record + fields->offset;
        if (fields->type == KEPT_TEXT) {
            size_t length = strlen(member);
            at += put(body + at, length, 2);
            memcpy(body + at, member, length);
            at += length;
        } else {
            at += put(body + at, load(member, fields->size), fields->size);
        }
    }
    REQUIRE(at <= KEPT_BODY_MAX);
    return at;
}

/* Returns what it took, 0: it is none. */
static size_t get_text(char *member, uint32_t bytes, const uint8_t *body, size_t size)
{
    size_t length = size >= 2 ? get(body, 2) : bytes;
    if (length >= bytes || length > size - 2 || memchr(body + 2, 0, length))
        return 0;
    memcpy(member, body + 2, length);
    member[length] = 0;
    return 2 + length;
}

static size_t get_number(const struct kept_field *field, void *member, const uint8_t *body,
                         size_t size)
{
    uint64_t value = size >= field->size ? get(body, field->size) : 0;
    if (size < field->size || (field->limit && value >= field->limit))
        return 0;
    store(member, value, field->size);
    return field->size;
}

bool kept_unpack(const struct kept_field *fields, void *record, const uint8_t *body, size_t size)
{
    size_t at = 0;
    for (; fields->type; fields++) {
        char *member = (char *)record + fields->offset;
        size_t taken = fields->type == KEPT_TEXT
                           ? get_text(member, fields->size, body + at, size - at)
                           : get_number(fields, member, body + at, size - at);
        if (taken == 0)
            return false;
        at += taken;
    }
    return at == size;
}
