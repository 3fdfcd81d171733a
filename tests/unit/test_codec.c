/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What crosses a program's border comes out as it went in, or not at all. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "proto/codec.h"
#include "proto/format.h"

static struct codec *codec;
static struct frame sent, taken;
static uint8_t bytes[FRAME_MAX_BYTES];

static int open_codec(void **state)
{
    (void)state;
    codec = codec_open();
    return codec ? 0 : -1;
}

static int close_codec(void **state)
{
    (void)state;
    codec_close(codec);
    return 0;
}

static void a_submitted_call_arrives_whole(void **state)
{
    (void)state;
    memset(&sent, 0, sizeof sent);
    sent.kind = FRAME_SUBMIT;
    sent.submit.epoch = UINT64_MAX;
    sent.submit.seq = (1ULL << 53) + 1;
    sent.submit.has_command = true;
    sent.submit.command.kind = COMMAND_CONTACT_ARRIVE;
    sent.submit.command.contact_arrive.line = 119;
    sent.submit.command.contact_arrive.channel = CHANNEL_VOICE;
    strcpy(sent.submit.command.contact_arrive.trunk, "north");
    sent.submit.has_personal = true;
    strcpy(sent.submit.personal.text, "三楼厨房着火,有老人");

    int size = codec_pack(codec, SCHEMA_FRAME, &sent, bytes, sizeof bytes);
    assert_true(size > 0);
    memset(&taken, 0xA5, sizeof taken); /* what was there before must not shine through */
    assert_int_equal(codec_unpack(codec, SCHEMA_FRAME, bytes, (size_t)size, &taken), 0);
    assert_int_equal(taken.kind, FRAME_SUBMIT);
    assert_true(taken.submit.epoch == UINT64_MAX);
    assert_true(taken.submit.seq == (1ULL << 53) + 1);
    assert_true(taken.submit.has_command);
    assert_int_equal(taken.submit.command.contact_arrive.line, 119);
    assert_string_equal(taken.submit.command.contact_arrive.trunk, "north");
    assert_string_equal(taken.submit.personal.text, "三楼厨房着火,有老人");
    assert_string_equal(taken.submit.personal.number, "");
    assert_int_equal(taken.submit.token_size, 0);
}

static void lists_keep_their_order_and_their_maximum(void **state)
{
    (void)state;
    struct command command = { .kind = COMMAND_INCIDENT_DISPATCH };
    command.incident_dispatch.lead = 7;
    command.incident_dispatch.assists_count = 3;
    for (uint32_t i = 0; i < 3; i++)
        command.incident_dispatch.assists[i] = 10 + i;
    int size = codec_pack(codec, SCHEMA_COMMAND, &command, bytes, sizeof bytes);
    struct command back;
    assert_int_equal(codec_unpack(codec, SCHEMA_COMMAND, bytes, (size_t)size, &back), 0);
    assert_int_equal(back.incident_dispatch.assists_count, 3);
    assert_int_equal(back.incident_dispatch.assists[2], 12);

    /* Nine assisting departments where eight are the limit: field 3 of a hand-written body. */
    uint8_t many[] = { 0x92, 0x03, 11, 0x1A, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9 };
    assert_int_equal(codec_unpack(codec, SCHEMA_COMMAND, many, sizeof many, &back), -EBADMSG);
}

static void broken_words_are_refused(void **state)
{
    (void)state;
    struct personal personal;
    static const uint8_t latin1[] = { 0x12, 2, 0xE4, 'x' }; /* not UTF-8 */
    static const uint8_t bell[] = { 0x12, 2, 7, 'x' };      /* control character */
    static const uint8_t surrogate[] = { 0x12, 3, 0xED, 0xA0, 0x80 };
    uint8_t long_number[2 + 33] = { 0x0A, 33 };
    memset(long_number + 2, '1', 33);
    assert_int_equal(codec_unpack(codec, SCHEMA_PERSONAL, latin1, sizeof latin1, &personal),
                     -EBADMSG);
    assert_int_equal(codec_unpack(codec, SCHEMA_PERSONAL, bell, sizeof bell, &personal), -EBADMSG);
    assert_int_equal(codec_unpack(codec, SCHEMA_PERSONAL, surrogate, sizeof surrogate, &personal),
                     -EBADMSG);
    assert_int_equal(
        codec_unpack(codec, SCHEMA_PERSONAL, long_number, sizeof long_number, &personal), -EBADMSG);
}

static void unknown_enumeration_values_are_refused(void **state)
{
    (void)state;
    struct outcome outcome;
    static const uint8_t refusal_900[] = { 0x20, 0x84, 0x07 };
    assert_int_equal(codec_unpack(codec, SCHEMA_OUTCOME, refusal_900, sizeof refusal_900, &outcome),
                     -EBADMSG);
}

static void a_newer_programs_body_is_kind_none(void **state)
{
    (void)state;
    static const uint8_t future[] = { 0xFA, 0x3E, 0 }; /* field 1007, an empty message */
    assert_int_equal(
        codec_unpack(codec, SCHEMA_COMMAND, future, sizeof future, &sent.submit.command), 0);
    assert_int_equal(sent.submit.command.kind, COMMAND_NONE);
}

static void an_oversized_frame_is_not_even_read(void **state)
{
    (void)state;
    uint8_t *big = calloc(1, FRAME_MAX_BYTES + 1);
    assert_non_null(big);
    assert_int_equal(codec_unpack(codec, SCHEMA_FRAME, big, FRAME_MAX_BYTES + 1, &taken),
                     -EMSGSIZE);
    free(big);
}

static void an_event_reads_as_a_line(void **state)
{
    (void)state;
    char line[256];
    struct text text = text_into(line, sizeof line);
    struct event event = { .seq = 4, .contact = 9, .line = 110, .kind = EVENT_CONTACT_ARRIVED };
    event.contact_arrived.band = BAND_LIFE;
    strcpy(event.contact_arrived.trunk, "north");
    format_message(&text, SCHEMA_EVENT, &event);
    assert_string_equal(line, "contact_arrived seq=4 contact=9 line=110 band=life trunk=\"north\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_submitted_call_arrives_whole),
        cmocka_unit_test(lists_keep_their_order_and_their_maximum),
        cmocka_unit_test(broken_words_are_refused),
        cmocka_unit_test(unknown_enumeration_values_are_refused),
        cmocka_unit_test(a_newer_programs_body_is_kind_none),
        cmocka_unit_test(an_oversized_frame_is_not_even_read),
        cmocka_unit_test(an_event_reads_as_a_line),
    };
    return cmocka_run_group_tests_name("codec", tests, open_codec, close_codec);
}
