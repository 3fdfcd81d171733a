/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The command line without a dispatcher: words, verbs, layout, passwords. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "consoles/ctl/field.h"
#include "consoles/ctl/password.h"
#include "consoles/ctl/request.h"
#include "consoles/ctl/session.h"
#include "consoles/ctl/sheet.h"
#include "consoles/ctl/verb.h"
#include "consoles/ctl/words.h"
#include "dispatcher/journal/pace.h"

#define WORDS(...) ((const char *const[]){ __VA_ARGS__ })
#define READ(request, ...)                                                                         \
    request_read(request, (int)(sizeof WORDS(__VA_ARGS__) / sizeof(char *)), WORDS(__VA_ARGS__))

static void a_chinese_character_takes_two_columns(void **state)
{
    (void)state;
    assert_int_equal(width_of("taker"), 5);
    assert_int_equal(width_of("话务员"), 6);
    assert_int_equal(width_of("e\xCC\x81"), 1); /* a combining accent */
    assert_int_equal(width_of("\xFF\xFE"), 2);  /* no UTF-8 */
}

static void columns_stand_under_their_heads(void **state)
{
    (void)state;
    static const char *const heads[] = { "号线", "STATE", "WAITING" };
    static const char *const cells[] = { "110", "等待", "7", "12345", "ready", "12" };
    char shown[512] = "";
    FILE *to = fmemopen(shown, sizeof shown, "w");
    struct sheet *sheet = sheet_open(heads, 3);
    for (unsigned i = 0; i < 6; i++)
        assert_true(sheet_add(sheet, cells[i]));
    assert_int_equal(sheet_rows(sheet), 2);
    sheet_print(sheet, to);
    (void)fclose(to);
    sheet_close(sheet);
    assert_string_equal(shown, " 号线  STATE  WAITING\n"
                               "  110  等待         7\n"
                               "12345  ready       12\n");
}

/* The last of the sheets: from then on they all are. */
static void other_programs_get_csv(void **state)
{
    (void)state;
    static const char *const heads[] = { "line", "text" };
    static const char *const cells[] = {
        "110", "a, b", "120", "he said \"fire\"", "119", "火,\n烟"
    };
    static const char *const list[] = { "queue", "-o", "csv" };
    static const char *const many[] = { "status", "-o", "csv" };
    char shown[512] = "";
    struct request request;
    assert_int_equal(request_read(&request, 3, many), EXIT_USAGE); /* more than one list */
    assert_false(sheets_are_csv());
    assert_int_equal(request_read(&request, 3, list), EXIT_DONE);
    assert_true(sheets_are_csv());
    FILE *to = fmemopen(shown, sizeof shown, "w");
    struct sheet *sheet = sheet_open(heads, 2);
    for (unsigned i = 0; i < 6; i++)
        assert_true(sheet_add(sheet, cells[i]));
    sheet_print(sheet, to);
    (void)fclose(to);
    sheet_close(sheet);
    assert_string_equal(shown, "line,text\r\n110,\"a, b\"\r\n120,\"he said \"\"fire\"\"\"\r\n"
                               "119,\"火,\n烟\"\r\n");
}

static void a_moment_is_a_day_a_time_or_a_span_ago(void **state)
{
    (void)state;
    const uint64_t now_ms = 1795334400000;
    uint64_t at_ms = 0, later_ms = 0;
    assert_true(moment_read("90m", now_ms, &at_ms));
    assert_int_equal(at_ms, now_ms - 90 * 60000);
    assert_true(moment_read("2026-11-22", now_ms, &at_ms));
    assert_true(moment_read("2026-11-22 08:00", now_ms, &later_ms));
    assert_int_equal(later_ms - at_ms, 8 * 3600000);
    assert_true(moment_read("2026-11-22 08:00:01", now_ms, &at_ms));
    assert_int_equal(at_ms - later_ms, 1000);
    static const char *const wrong[] = { "", "yesterday", "2026-13-01", "12", "9x", "99999d" };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(moment_read(wrong[i], now_ms, &at_ms));
}

static void a_verb_is_found_wherever_the_options_stand(void **state)
{
    (void)state;
    struct request request;
    assert_int_equal(READ(&request, "--home", "/h", "incident", "list", "--open", "-o", "json"), 0);
    assert_string_equal(request.verb->name, "incident list");
    assert_string_equal(request.home, "/h");
    assert_true(request.json);
    assert_string_equal(request_option(&request, "open"), "yes");

    assert_int_equal(READ(&request, "queue", "--as=2001"), 0);
    assert_string_equal(request.as, "2001");
    assert_int_equal(READ(&request, "events", "-f", "--after", "7"), 0);
    assert_string_equal(request_option(&request, "after"), "7");
    assert_non_null(request_option(&request, "follow"));
    assert_int_equal(READ(&request, "task", "sign", "--help"), 0);
    assert_true(request.help);
}

static void bad_words_are_refused_before_anything_happens(void **state)
{
    (void)state;
    struct request request;
    assert_int_equal(READ(&request, "dance"), EXIT_USAGE);
    assert_int_equal(READ(&request, "incident"), EXIT_USAGE);
    assert_int_equal(READ(&request, "seat", "ready"), EXIT_USAGE);             /* which? */
    assert_int_equal(READ(&request, "seat", "ready", "1", "2"), EXIT_USAGE);   /* too much */
    assert_int_equal(READ(&request, "incident", "dispatch", "5"), EXIT_USAGE); /* to whom? */
    assert_int_equal(READ(&request, "queue", "--colour"), EXIT_USAGE);
    assert_int_equal(READ(&request, "queue", "-o", "yaml"), EXIT_USAGE);
    assert_int_equal(READ(&request, "queue", "--as"), EXIT_USAGE);
    assert_int_equal(READ(&request, "task", "reply", "5", "--text"), EXIT_USAGE);
}

static void words_become_the_fields_of_the_command(void **state)
{
    (void)state;
    struct request request;
    static struct command command;
    static struct personal personal;
    assert_int_equal(READ(&request, "incident", "dispatch", "5", "--lead", "3", "--assists=4,6"),
                     0);
    assert_int_equal(field_fill(&request, &command, &personal), 0);
    assert_int_equal(command.kind, COMMAND_INCIDENT_DISPATCH);
    assert_int_equal(command.incident_dispatch.incident, 5);
    assert_int_equal(command.incident_dispatch.lead, 3);
    assert_int_equal(command.incident_dispatch.assists_count, 2);
    assert_int_equal(command.incident_dispatch.assists[1], 6);

    assert_int_equal(READ(&request, "incident", "register", "110100", "--contact", "9",
                          "--text-unsafe", "--priority", "p0", "--text", "三楼着火"),
                     0);
    assert_int_equal(field_fill(&request, &command, &personal), 0);
    assert_int_equal(command.incident_register.contact, 9);
    assert_int_equal(command.incident_register.priority, PRIORITY_P0);
    assert_true(command.incident_register.text_unsafe);
    assert_string_equal(personal.text, "三楼着火");

    assert_int_equal(
        READ(&request, "person", "reveal", "7", "handling", "visit", "--fields", "number,position"),
        0);
    assert_int_equal(field_fill(&request, &command, &personal), 0);
    assert_int_equal(command.personal_read.fields,
                     1U << PERSONAL_FIELD_NUMBER | 1U << PERSONAL_FIELD_POSITION);

    assert_int_equal(READ(&request, "task", "rule", "8", "no"), 0);
    assert_int_equal(field_fill(&request, &command, &personal), 0);
    assert_int_equal(command.task_rule_return.task, 8);
    assert_false(command.task_rule_return.accept);
}

static void a_word_out_of_its_field_is_named(void **state)
{
    (void)state;
    struct request request;
    static struct command command;
    static struct personal personal;
    assert_int_equal(READ(&request, "task", "send-back", "5", "boredom"), 0);
    assert_int_equal(field_fill(&request, &command, &personal), EXIT_USAGE);
    assert_int_equal(READ(&request, "task", "sign", "five"), 0);
    assert_int_equal(field_fill(&request, &command, &personal), EXIT_USAGE);
    assert_int_equal(READ(&request, "task", "sign", "99999999999999999999"), 0);
    assert_int_equal(field_fill(&request, &command, &personal), EXIT_USAGE);
    assert_int_equal(
        READ(&request, "person", "reveal", "7", "handling", "visit", "--fields", "number,all"), 0);
    assert_int_equal(field_fill(&request, &command, &personal), EXIT_USAGE);
    assert_int_equal(READ(&request, "incident", "dispatch", "5", "--lead", "4294967296"), 0);
    assert_int_equal(field_fill(&request, &command, &personal), EXIT_USAGE);
}

static void every_verb_that_commands_names_fields_that_exist(void **state)
{
    (void)state;
    struct verb_word word;
    for (size_t i = 0; i < verb_count; i++) {
        char values[512];
        assert_ptr_equal(
            verb_find(verbs[i].name, NULL) ? verb_find(verbs[i].name, NULL) : &verbs[i], &verbs[i]);
        for (const char *list = verbs[i].arguments;
             verbs[i].command && (list = verb_word(list, &word));) {
            field_describe(verbs[i].command, word.name, values, sizeof values);
            assert_true(values[0]);
        }
        for (const char *list = verbs[i].options;
             verbs[i].command && (list = verb_word(list, &word));) {
            field_describe(verbs[i].command, word.name, values, sizeof values);
            assert_true(values[0]);
        }
    }
}

/* A new refusal without words for people or a code for scripts fails here. */
static void every_refusal_has_its_exit_code(void **state)
{
    (void)state;
    assert_int_equal(session_refused(REFUSAL_NONE), EXIT_DONE);
    assert_int_equal(session_refused(REFUSAL_NO_SUCH_TASK), EXIT_NOT_FOUND);
    assert_int_equal(session_refused(REFUSAL_NOT_ALLOWED), EXIT_DENIED);
    assert_int_equal(session_refused(REFUSAL_WRONG_STATE), EXIT_CONFLICT);
    for (int i = 1; i < REFUSAL_COUNT; i++)
        assert_in_range(session_refused((enum refusal)i), EXIT_FAILED, EXIT_CONFLICT);
}

static void a_stored_password_is_the_one_that_was_handed_out(void **state)
{
    (void)state;
    char home[] = "/tmp/yihao-ctl-XXXXXX";
    char path[64];
    char line[256];
    char password[PASSWORD_BYTES];
    char made[PASSWORD_LETTERS + 1];
    struct stat about;
    assert_non_null(mkdtemp(home));
    (void)snprintf(path, sizeof path, "%s/keys", home);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_false(password_exists(home, "1001"));
    assert_int_equal(password_store(home, "10010", "a neighbour's"), 0);
    assert_int_equal(password_hand_out(home, "1001", "the old one"), 0);
    password_make(made);
    assert_int_equal(password_hand_out(home, "1001", made), 0);
    assert_int_equal(password_store(home, "1001", "the old one"), 0);
    assert_int_equal(password_store(home, "1001", made), 0);
    assert_true(password_signs_in(home, "1001", password));
    assert_string_equal(password, made);
    assert_true(password_exists(home, "10010"));

    (void)snprintf(path, sizeof path, "%s/keys/passwords", home);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    FILE *file = fopen(path, "r");
    unsigned lines = 0;
    while (fgets(line, sizeof line, file)) {
        lines++;
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "1001:", 5) == 0)
            assert_int_equal(crypto_pwhash_str_verify(line + 5, made, strlen(made)), 0);
    }
    (void)fclose(file);
    assert_int_equal(lines, 2);
    (void)snprintf(line, sizeof line, "rm -r %s", home);
    assert_int_equal(system(line), 0);
}

/* Help and man page are a table of words; the number is the code's. */
static void help_names_the_pace_that_a_backup_keeps(void **state)
{
    (void)state;
    char pace[32];
    (void)snprintf(pace, sizeof pace, "at most (%d)", PACE_MB_PER_S);
    assert_non_null(strstr(verb_find("backup", NULL)->english, pace));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chinese_character_takes_two_columns),
        cmocka_unit_test(columns_stand_under_their_heads),
        cmocka_unit_test(a_moment_is_a_day_a_time_or_a_span_ago),
        cmocka_unit_test(a_verb_is_found_wherever_the_options_stand),
        cmocka_unit_test(bad_words_are_refused_before_anything_happens),
        cmocka_unit_test(words_become_the_fields_of_the_command),
        cmocka_unit_test(a_word_out_of_its_field_is_named),
        cmocka_unit_test(every_verb_that_commands_names_fields_that_exist),
        cmocka_unit_test(every_refusal_has_its_exit_code),
        cmocka_unit_test(a_stored_password_is_the_one_that_was_handed_out),
        cmocka_unit_test(help_names_the_pace_that_a_backup_keeps),
        cmocka_unit_test(other_programs_get_csv),
    };
    words_open();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
