/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a browser sends becomes a command or a sentence that says why not; what the city answers
 * reads the same in both worlds. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/codec.h"
#include "proto/json.h"

static char complaint[JSON_COMPLAINT_BYTES];
static struct command command;

static int read_command(const char *words)
{
    complaint[0] = 0;
    json_t *object = json_read_object(words, strlen(words), complaint, sizeof complaint);
    if (!object)
        return -EBADMSG;
    int status = json_to_message(SCHEMA_COMMAND, object, &command, complaint, sizeof complaint);
    json_decref(object);
    return status;
}

static void expect_refused(const char *words, const char *sentence)
{
    assert_int_equal(read_command(words), -EBADMSG);
    assert_string_equal(complaint, sentence);
}

static void expect_written(enum schema_id id, const void *message, const char *expected)
{
    json_t *object = json_from_message(id, message);
    assert_non_null(object);
    char *words = json_dumps(object, JSON_COMPACT);
    assert_string_equal(words, expected);
    free(words);
    json_decref(object);
}

static void a_takers_word_becomes_a_command(void **state)
{
    (void)state;
    assert_int_equal(
        read_command("{\"key\":\"k1\",\"offer_accept\":{\"offer\":\"18446744073709551615\"}}"), 0);
    assert_int_equal(command.kind, COMMAND_OFFER_ACCEPT);
    assert_true(command.offer_accept.offer == UINT64_MAX);
    assert_string_equal(command.key, "k1");
    assert_true(command.at_ms == 0);

    assert_int_equal(read_command("{\"taker_away\":{\"reason\":\"meal\"}}"), 0);
    assert_int_equal(command.taker_away.reason, AWAY_REASON_MEAL);
    assert_int_equal(command.taker_away.taker, 0);

    assert_int_equal(read_command("{\"incident_dispatch\":{\"incident\":9007199254740992,"
                                  "\"lead\":3,\"assists\":[5,6]}}"),
                     0);
    assert_true(command.incident_dispatch.incident == 9007199254740992U);
    assert_int_equal(command.incident_dispatch.assists_count, 2);
    assert_int_equal(command.incident_dispatch.assists[1], 6);
}

static void every_refusal_names_the_member(void **state)
{
    (void)state;
    expect_refused("{\"offer_accept\":{\"ofer\":\"7\"}}", "offer_accept.ofer: no such member");
    expect_refused("{\"incident_register\":{\"category\":\"fire\"}}",
                   "incident_register.category: a number is wanted");
    expect_refused("{\"incident_register\":{\"category\":4294967296}}",
                   "incident_register.category: out of range");
    expect_refused("{\"incident_register\":{\"category\":-1}}",
                   "incident_register.category: out of range");
    expect_refused("{\"taker_away\":{\"reason\":\"fishing\"}}", "taker_away.reason: no such word");
    expect_refused("{\"taker_away\":{\"reason\":3}}", "taker_away.reason: a word is wanted");
    expect_refused("{\"incident_register\":{\"anonymous\":1}}",
                   "incident_register.anonymous: true or false is wanted");
    expect_refused("{\"incident_dispatch\":{\"assists\":[1,\"2\"]}}",
                   "incident_dispatch.assists[1]: a number is wanted");
    expect_refused("{\"incident_dispatch\":{\"assists\":[1,2,3,4,5,6,7,8,9]}}",
                   "incident_dispatch.assists: more than 8 elements");
    expect_refused("{\"incident_dispatch\":{\"assists\":4}}",
                   "incident_dispatch.assists: a list is wanted");
    expect_refused("{\"wrap_up_finish\":[]}", "wrap_up_finish: an object is wanted");
    expect_refused("{\"wrap_up_finish\":{},\"taker_ready\":{}}",
                   "taker_ready: only one of these members may be there");
    expect_refused("{\"key\":\"0123456789012345678901234567890123456789x\"}",
                   "key: longer than 40 bytes");
    expect_refused("{\"key\":\"a\\u0007\"}", "key: holds a control character");
    expect_refused("{\"city_load\":{\"digest\":\"00ff\"}}",
                   "city_load.digest: a wrong number of bytes");
    expect_refused("{\"city_load\":{\"digest\":\"zz\"}}",
                   "city_load.digest: a wrong number of bytes");
    expect_refused("{\"user_define\":{\"row\":{\"skills\":[{\"line\":110},{\"level\":true}]}}}",
                   "user_define.row.skills[1].level: a number is wanted");
}

static void numbers_beyond_exactness_must_be_strings(void **state)
{
    (void)state;
    static const char *const sentence =
        "offer_accept.offer: a decimal number (as a string) is wanted";
    expect_refused("{\"offer_accept\":{\"offer\":9007199254740993}}", sentence);
    expect_refused("{\"offer_accept\":{\"offer\":1.5}}", sentence);
    expect_refused("{\"offer_accept\":{\"offer\":\"18446744073709551616\"}}", sentence);
    expect_refused("{\"offer_accept\":{\"offer\":\"-1\"}}", sentence);
    expect_refused("{\"offer_accept\":{\"offer\":\" 1\"}}", sentence);
    expect_refused("{\"offer_accept\":{\"offer\":\"\"}}", sentence);
    assert_int_equal(read_command("{\"offer_accept\":{\"offer\":\"7\\u00007\"}}"), -EBADMSG);
}

static void what_is_no_object_is_refused(void **state)
{
    (void)state;
    assert_int_equal(read_command("[]"), -EBADMSG);
    assert_int_equal(read_command(""), -EBADMSG);
    assert_int_equal(read_command("{\"key\":\"a\",\"key\":\"b\"}"), -EBADMSG);
    assert_int_equal(read_command("{\"key\":\"\xE4\"}"), -EBADMSG);
    assert_int_equal(read_command("{\"key\":\"a\"} x"), -EBADMSG);
}

static void an_event_is_written_without_what_is_absent(void **state)
{
    (void)state;
    struct event event = { .seq = 169, .contact = 9, .line = 110, .kind = EVENT_CONTACT_ARRIVED };
    event.contact_arrived.band = BAND_LIFE;
    strcpy(event.contact_arrived.trunk, "北");
    expect_written(SCHEMA_EVENT, &event,
                   "{\"seq\":\"169\",\"contact\":\"9\",\"line\":110,"
                   "\"contact_arrived\":{\"band\":\"life\",\"trunk\":\"北\"}}");
    struct event empty = { .kind = EVENT_WRAP_UP_ENDED };
    expect_written(SCHEMA_EVENT, &empty, "{\"wrap_up_ended\":{}}");
    struct recording_row row = { .contact = 4 };
    memset(row.digest, 0xAB, sizeof row.digest);
    expect_written(SCHEMA_RECORDING_ROW, &row,
                   "{\"contact\":\"4\",\"digest\":"
                   "\"abababababababababababababababababababababababababababababababab\"}");
}

static void an_answer_comes_back_as_it_went_out(void **state)
{
    (void)state;
    static struct answer answer, again;
    static uint8_t first[FRAME_MAX_BYTES], second[FRAME_MAX_BYTES];
    answer.seq = 12;
    answer.more = true;
    answer.kind = ANSWER_USERS;
    answer.users.rows_count = 2;
    answer.users.rows[0].user = 1001;
    strcpy(answer.users.rows[0].name_zh, "张敏");
    answer.users.rows[0].skills_count = 1;
    answer.users.rows[0].skills[0].line = 119;
    answer.users.rows[1].retired = true;
    json_t *object = json_from_message(SCHEMA_ANSWER, &answer);
    assert_int_equal(json_to_message(SCHEMA_ANSWER, object, &again, complaint, sizeof complaint),
                     0);
    json_decref(object);
    struct codec *codec = codec_open();
    int size = codec_pack(codec, SCHEMA_ANSWER, &answer, first, sizeof first);
    assert_int_equal(codec_pack(codec, SCHEMA_ANSWER, &again, second, sizeof second), size);
    assert_memory_equal(first, second, (size_t)size);
    codec_close(codec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_takers_word_becomes_a_command),
        cmocka_unit_test(every_refusal_names_the_member),
        cmocka_unit_test(numbers_beyond_exactness_must_be_strings),
        cmocka_unit_test(what_is_no_object_is_refused),
        cmocka_unit_test(an_event_is_written_without_what_is_absent),
        cmocka_unit_test(an_answer_comes_back_as_it_went_out),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
