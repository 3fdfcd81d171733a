/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The sample city is whole; a broken one is refused with file, line and cure. Each broken case is
 * the sample with one edit. */
#include <errno.h>
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

#include "dispatcher/city/cell.h"
#include "dispatcher/city/city.h"
#include "dispatcher/city/parameter.h"
#include "dispatcher/core/city.h"
#include "proto/settings.h"

#define SAMPLE "ops/city"

static const char *const files[] = {
    "parameters.csv",   "lines.csv",     "departments.csv", "districts.csv",  "limits.csv",
    "days.csv",         "templates.csv", "gateways.csv",    "categories.csv", "users.csv",
    "city.csv",         "settings.conf", "units.csv",       "trees.csv",      "questions.csv",
    "answers.csv",      "runcards.csv",  "coverage.csv",    "forecast.csv",   "wishes.csv",
    "dispositions.csv", "retention.csv",
};
enum {
    FILES = sizeof files / sizeof *files
};

static char folder[] = "/tmp/yihao-city-XXXXXX";
static char said[8192];

static void hear(void *owner, const char *sentence)
{
    (void)owner;
    strncat(said, sentence, sizeof said - strlen(said) - 2);
    strncat(said, "\n", sizeof said - strlen(said) - 1);
}

static char *slurp(const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *text = calloc(1, 1 << 20);
    assert_non_null(text);
    assert_true(fread(text, 1, (1 << 20) - 1, file) > 0);
    fclose(file);
    return text;
}

static void spill(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void copy_file(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, SAMPLE "/%s", name);
    char *text = slurp(path);
    spill(name, text);
    free(text);
}

static void copy_sample(void)
{
    for (int i = 0; i < FILES; i++)
        copy_file(files[i]);
}

/* Replaces the first `from` in the copied file by `to`. */
static void edit(const char *name, const char *from, const char *to)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    char *text = slurp(path), *at = strstr(text, from);
    assert_non_null(at);
    char *fresh = calloc(1, strlen(text) + strlen(to) + 1);
    assert_non_null(fresh);
    memcpy(fresh, text, (size_t)(at - text));
    strcat(fresh, to);
    strcat(fresh, at + strlen(from));
    spill(name, fresh);
    free(fresh);
    free(text);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    for (int i = 0; i < FILES; i++) {
        char path[256];
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        (void)unlink(path);
    }
    return rmdir(folder);
}

static unsigned count_kind(const struct city *city, enum command_kind kind)
{
    unsigned count = 0;
    for (uint32_t i = 0; i < city_count(city); i++)
        count += city_command(city, i)->kind == kind;
    return count;
}

static void linjiang_is_a_whole_city(void **state)
{
    (void)state;
    struct city *city = NULL;
    said[0] = 0;
    assert_int_equal(city_open(&city, SAMPLE, hear, NULL), 0);
    assert_string_equal(said, "");
    assert_int_equal(count_kind(city, COMMAND_LINE_DEFINE), 7);
    assert_true(count_kind(city, COMMAND_DEPARTMENT_DEFINE) >= 30);
    assert_true(count_kind(city, COMMAND_UNIT_DEFINE) >= 60);
    assert_true(count_kind(city, COMMAND_RUN_CARD_DEFINE) >= 40);
    assert_true(count_kind(city, COMMAND_COVERAGE_DEFINE) >= 15);
    assert_true(count_kind(city, COMMAND_CATEGORY_DEFINE) >= 217);
    assert_true(count_kind(city, COMMAND_DAY_DEFINE) >= 72); /* 28 + 5 of 2025, 33 + 6 of 2026 */
    assert_int_equal(city_command(city, city_count(city) - 1)->kind, COMMAND_CITY_LOAD);

    unsigned takers = 0;
    for (uint32_t i = 0; i < city_count(city); i++) {
        const struct command *command = city_command(city, i);
        if (command->kind == COMMAND_USER_DEFINE &&
            command->user_define.row.roles == 1U << ROLE_TAKER) {
            assert_true(command->user_define.row.skills_count >= 3);
            takers++;
        }
    }
    assert_int_equal(takers, 40);
    city_close(city);
}

static void the_digest_knows_rows_not_layout(void **state)
{
    (void)state;
    struct city *sample = NULL, *copy = NULL;
    copy_sample();
    edit("city.csv", "name_zh,name_en,south,west\n临江市,Linjiang,",
         "name_en,name_zh,south,west\r\n\"Linjiang\",临江市,");
    assert_int_equal(city_open(&sample, SAMPLE, NULL, NULL), 0);
    assert_int_equal(city_open(&copy, folder, NULL, NULL), 0);
    assert_memory_equal(city_digest(sample), city_digest(copy), 32);
    city_close(copy);
    edit("lines.csv", "10s", "9s");
    assert_int_equal(city_open(&copy, folder, NULL, NULL), 0);
    assert_memory_not_equal(city_digest(sample), city_digest(copy), 32);
    city_close(copy);
    city_close(sample);
}

struct broken {
    const char *file, *from, *to, *expected;
};

static const struct broken broken_cities[] = {
    { "lines.csv", "line,name_zh", "lien,name_zh", "lines.csv:1: there is no column \"lien\"" },
    { "lines.csv", "name_zh,name_en", "name_zh,name_zh", "column \"name_zh\" stands twice" },
    { "lines.csv", ",yes,life,10s", ",maybe,life,10s", "lines.csv:2: emergency \"maybe\"" },
    { "lines.csv", ",yes,life,10s", ",yes,soon,10s", "band \"soon\" cannot be read" },
    { "lines.csv", ",yes,life,10s", ",yes,ordinary,10s", "stands in band ordinary" },
    { "lines.csv", ",yes,life,10s", ",yes,life,ten", "write a duration such as 15s" },
    { "lines.csv", ",yes,life,10s", ",yes,life,", "has no answer_target_ms" },
    { "lines.csv", "\n119,", "\n110,", "lines.csv:3: 110 stands in line 2 too" },
    { "lines.csv", "\n119,", "\n-119,", "line \"-119\" cannot be read" },
    { "lines.csv", "\n119,", "\n4294967296,", "whole number up to 4294967295" },
    { "departments.csv", "\n2,JJ", "\n2,", "a department needs number, code" },
    { "departments.csv", "\n2,JJ", "\n2,JIAOJING-ZHIDUI", "the text is too long" },
    { "departments.csv", "\n2,JJ", "\n2,\"JJ", "quote" },
    { "districts.csv", "望江区", "\xCD\xFB\xBD\xAD", "save the table as UTF-8" },
    { "categories.csv", ",x,RX,GA", ",x,RX,QQ", "\"QQ\" is no code of departments.csv" },
    { "categories.csv", ",x,RX,GA", ",x,QQ,GA", "lead \"QQ\" is no code" },
    { "categories.csv", ",x,RX,GA", ",x,GA,GA", "leads and assists" },
    { "categories.csv", "\n100100,", "\n1001,", "has not six digits" },
    { "categories.csv", "wsdh,0,p1", "wsdh,114,p1", "line 114 is not in lines.csv" },
    { "categories.csv", "wsdh,0,p1", "wsdh,0,p9", "priority \"p9\"" },
    { "categories.csv", ",x,RX,GA", ",x,RX", "8 cells instead of 9" },
    { "categories.csv", ",x,RX,GA", ",x,RX,GA,GA", "more cells than columns" },
    { "retention.csv", "\n1,contact,,,730", "\n1,contact,,,0",
      "case or sound, days, and its basis" },
    { "retention.csv", "\n2,contact,110", "\n2,contact,111", "line 111 is not in lines.csv" },
    { "retention.csv", "\n3,contact,119", "\n3,contact,110", "rule 2 is about the same" },
    { "retention.csv", "\n4,contact,120,,", "\n4,contact,120,20100,", "has no category" },
    { "users.csv", "taker,0", "boss,0", "roles are taker" },
    { "users.csv", "110:1 119:1", "110-1 119:1", "write LINE:LEVEL" },
    { "users.csv", "110:1 119:1", "114:1 119:1", "skill line 114" },
    { "users.csv", "\n1002,1002", "\n1002,1001", "login \"1001\" stands in line 2 too" },
    { "users.csv", "auditor,0", "auditor taker,0",
      "operator, security and auditor are three people" },
    { "users.csv", "department_head,1,", "department_head,999,", "department 999 is not in" },
    { "units.csv", ",ambulance,", ",,", "a unit needs number, kind" },
    { "units.csv", ",1,", ",99,", "department 99 is not in departments.csv" },
    { "units.csv", ",320901", ",320999", "district 320999 is not in districts.csv" },
    { "units.csv", "\n102,", "\n101,", "units.csv:3: 101 stands in line 2 too" },
    { "units.csv", ",common,100,100,2", ",common,100,,2", "fill both or none" },
    { "units.csv", ",common,100,100,2", ",lorry,100,100,2", "machine \"lorry\"" },
    { "runcards.csv", "engine:2 ladder:1", "engine ladder:1", "write KIND:COUNT" },
    { "runcards.csv", "engine:2 ladder:1", "engine:0 ladder:1", "write KIND:COUNT" },
    { "runcards.csv", "engine:2 ladder:1", "tram:2 ladder:1", "runcards.csv:2: no unit of" },
    { "runcards.csv", "engine:2 ladder:1", "engine:2 engine:1", "stands twice" },
    { "runcards.csv", "engine:2 ladder:1", "engine:16 ladder:1", "sends 1 to 16 units" },
    { "runcards.csv", ",150100,", ",150199,", "category 150199 is neither" },
    { "runcards.csv", ",150300,320904,", ",150300,320999,", "district 320999 is not in" },
    { "runcards.csv", ",trapped,", ",asleep,", "flags \"asleep\"" },
    { "runcards.csv", ",104,101,500,", ",104,101,,", "fill all or none" },
    { "runcards.csv", "2200,600", "2260,600", "are hhmm" },
    { "runcards.csv", "\n102,", "\n104,", "has no level below it; add" },
    { "runcards.csv", "\n102,", "\n100,", "card × 10 + level" },
    { "runcards.csv", "second alarm\",,", "second alarm\",150100,", "leave those columns empty" },
    { "forecast.csv", "\n110,1,", "\n111,1,", "no line 111; write one of lines.csv" },
    { "forecast.csv", "\n110,7,", "\n110,8,", "a weekday is 1 (Monday) to 7 (Sunday)" },
    { "forecast.csv", "\n110,1,40 36 ", "\n110,1,40 ", "47 values of calls" },
    { "forecast.csv", "\n110,2,", "\n110,1,", "stands in line 2 too" },
    { "coverage.csv", ",engine,320901,1", ",tram,320901,1", "is of kind \"tram\"" },
    { "coverage.csv", ",engine,320901,1", ",engine,320999,1", "district 320999 is not in" },
    { "coverage.csv", ",engine,320901,1", ",engine,320901,0", "a minimum from 1" },
    { "users.csv", "department,3,,no,,301", "department,4,,no,,301", "unit 301 is not one of" },
    { "limits.csv", "e0,45s,30s", "e0,45s,", "class e0 lacks a limit" },
    { "limits.csv", "\ne1,", "\ne0,", "stands in line 2 too" },
    { "days.csv", "20250101", "20251301", "20251301 is no day" },
    { "templates.csv", "编号{number}答复", "编号答复", "does not tell the {number}" },
    { "templates.csv", "\nduress,", "\nduress,{number}", "does not belong there" },
    { "templates.csv", "{text},24h", "{text},1m", "template result is valid for less than" },
    { "templates.csv", "\nredo,", "\nresult,", "template redo is missing" },
    { "gateways.csv", "1,trunk-1,trunk", "1,trunk-1,", "a gateway needs number, name and kind" },
    { "parameters.csv", "offer_lease_ms", "offer_lease", "parameter \"offer_lease\"" },
    { "parameters.csv", "survey_wait_ms,72h", "survey_wait_ms,1s",
      "60000 to 2592000000 are taken" },
    { "trees.csv", "1,火灾,Fire,15,10", "1,火灾,Fire,15,11", "first question 11 is not in" },
    { "trees.csv", "1,火灾,Fire,15,10", "1,火灾,Fire,777,10", "no category begins with \"777\"" },
    { "trees.csv", "1,火灾,Fire,15,10", "11,火灾,Fire,15,10", "first question 10 is not in" },
    { "questions.csv", "\n1,20,choice", "\n1,25,text,孤问,Alone,\n1,20,choice",
      "questions.csv:3: no answer leads to question 25" },
    { "questions.csv", "\n1,30,yes_no", "\n1,31,yes_no", "answers.csv:3: the next question 30" },
    { "questions.csv", "\n1,30,yes_no", "\n1,30,text", "words have one answer row, not 3" },
    { "questions.csv", "\n1,30,yes_no", "\n1,30,maybe", "kind \"maybe\"" },
    { "answers.csv", "\n1,30,3,", "\n1,30,2,", "stands in line 12 too" },
    { "answers.csv", "\n1,10,1,已记下,Noted,20", "\n1,10,1,已记下,Noted,10",
      "answers.csv:2: question 10 follows after 20 others, or in a circle" },
    { "answers.csv", "Third to ninth floor,60,3,9", "Third to ninth floor,60,4,9", "begin at 3" },
    { "answers.csv", "\n1,20,1,住宅,A dwelling,30,,,p0,", "\n1,20,1,住宅,A dwelling,30,,,p0,p1",
      "raises and lowers" },
    { "answers.csv", "blow\",60,,,,", "blow\",60,,,p0,",
      "it never lowers: every way to question 60" },
    { "answers.csv", "150100,,", "150199,,", "category 150199 is not in categories.csv" },
    { "answers.csv", "150100,,", "150100,,luck", "docs/operating.md" },
    { "city.csv", "\n临江市,Linjiang,30.0000,115.0000", "", "the city's names are missing" },
};

static void every_broken_city_is_refused_with_its_place(void **state)
{
    (void)state;
    copy_sample();
    for (size_t i = 0; i < sizeof broken_cities / sizeof *broken_cities; i++) {
        const struct broken *broken = &broken_cities[i];
        struct city *city = NULL;
        edit(broken->file, broken->from, broken->to);
        said[0] = 0;
        int status = city_open(&city, folder, hear, NULL);
        if (status != -EINVAL || !strstr(said, broken->expected) || !strstr(said, broken->file))
            fail_msg("%s with \"%s\": status %d, said: %s", broken->file, broken->to, status, said);
        copy_file(broken->file);
    }
}

static void a_missing_table_is_named(void **state)
{
    (void)state;
    struct city *city = NULL;
    char path[256];
    copy_sample();
    snprintf(path, sizeof path, "%s/users.csv", folder);
    assert_int_equal(unlink(path), 0);
    said[0] = 0;
    assert_int_equal(city_open(&city, folder, hear, NULL), -EINVAL);
    assert_non_null(strstr(said, "users.csv:0:"));
}

/* The core may not be included by dispatcher/city, so its bounds stand twice; here they meet. */
static void a_city_founded_before_retention_keeps_everything(void **state)
{
    struct city *city;
    char path[512];
    (void)state;
    copy_sample();
    (void)snprintf(path, sizeof path, "%s/retention.csv", folder);
    assert_int_equal(unlink(path), 0);
    said[0] = 0;
    assert_int_equal(city_open(&city, folder, hear, NULL), 0);
    assert_string_equal(said, "");
    assert_false(city_has(city, COMMAND_RETENTION_DEFINE, 1));
    city_close(city);
}

static void a_parameter_is_checked_as_the_core_will(void **state)
{
    (void)state;
    for (enum parameter parameter = PARAMETER_NONE + 1; parameter < PARAMETER_COUNT; parameter++) {
        const struct parameter_rule *rule = parameter_rule(parameter);
        struct parameter_bounds bounds = parameter_bounds(parameter);
        assert_true(bounds.least == rule->least);
        assert_true(bounds.most == rule->most);
        assert_true(rule->initial >= bounds.least && rule->initial <= bounds.most);
    }
}

static const struct broken broken_settings[] = {
    { "settings.conf", "sip_port = 5060", "sip_port = 0", ":13: sip_port is out of bounds" },
    { "settings.conf", "http://localhost:8110", "http://yihao.city.example",
      "authenticator_origin" },
    { "settings.conf", "http://localhost:8110", "https://yihao.city.example/desk",
      "without a path" },
    { "settings.conf", "http://localhost:8110\"",
      "https://desk.yihao.city\"\n    authenticator_party = \"other.city\"", "a domain over it" },
    { "settings.conf", "http://localhost:8110\"",
      "https://desk.yihao.city\"\n    authenticator_party = \"hao.city\"", "a domain over it" },
    { "settings.conf", "sip_port = 5060", "sip_prt = 5060", ":13: no such option 'sip_prt'" },
    { "settings.conf", "sip_port = 5060", "sip_port = 5o60", "invalid integer" },
    { "settings.conf", "sip_port = 5060", "sip_port = 5070", "is taken by trunk-1" },
    { "settings.conf", "rtp_low = 20000", "rtp_low = 20001", "must be even" },
    { "settings.conf", "rtp_high = 21999", "rtp_high = 22500", "is taken by trunk-1 (rtp) too" },
    { "settings.conf", "\"trunk-2\"", "\"trunk-1\"", "duplicate title" },
    { "settings.conf", "\"trunk-2\"", "\"Trunk 2\"", "take 1 to 31 of a-z" },
    { "settings.conf", "tcp://127.0.0.1:7110", "udp://here", "is no endpoint" },
    { "settings.conf", "tcp://127.0.0.1:7110\"",
      "tcp://127.0.0.1:7110\"\n    annals = \"oracle://somewhere\"", "annals: write it as" },
    { "settings.conf", "tcp://127.0.0.1:7110\"",
      "tcp://127.0.0.1:7110\"\n    turns = \"tcp://127.0.0.1:7112\"\n    annals = \"lmdb:/a\"",
      "annals: keep either" },
    { "settings.conf", "map_gib = 64", "map_gib = 64x", "write a plain whole number" },
    { "settings.conf", "address = \"127.0.0.1\"", "address = \"console.local\"", "give the IPv4" },
    { "settings.conf", "centre_port = 2775", "password = \"longer-than-8\"",
      "SMPP 3.4 allows 1 to 8" },
    { "settings.conf", "city = \"city\"", "suite = \"sm4\"", "give blake2b-ed25519 or sm3-sm2" },
    { "settings.conf", "sms \"sms-1\" {", "sms \"sms-1\" ", "settings.conf:" },
};

static void every_broken_setting_is_refused_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof broken_settings / sizeof *broken_settings; i++) {
        const struct broken *broken = &broken_settings[i];
        static struct settings settings;
        copy_sample();
        edit(broken->file, broken->from, broken->to);
        said[0] = 0;
        int status = settings_read(&settings, folder, hear, NULL);
        if (status != -EINVAL || !strstr(said, broken->expected))
            fail_msg("%s with \"%s\": status %d, said: %s", broken->file, broken->to, status, said);
    }
}

static void the_sample_settings_are_the_fixed_defaults(void **state)
{
    (void)state;
    static struct settings settings;
    said[0] = 0;
    assert_int_equal(settings_read(&settings, SAMPLE, hear, NULL), 0);
    assert_string_equal(said, "");
    assert_int_equal(settings.trunk_count, 2);
    assert_int_equal(settings_trunk(&settings, "trunk-2")->sip_port, 5070);
    assert_int_equal(settings_trunk(&settings, "trunk-2")->rtp_high, 23999);
    assert_int_equal(settings_sms(&settings, "sms-2")->centre_port, 2775);
    assert_int_equal(settings_console(&settings, "console")->port, 8110);
    assert_null(settings_trunk(&settings, "trunk-3"));
}

static void durations_are_read_as_people_write_them(void **state)
{
    (void)state;
    uint64_t ms = 0;
    assert_true(cell_duration_ms("5wd", &ms) && ms == 5ULL * 8 * 3600 * 1000);
    assert_true(cell_duration_ms("90s", &ms) && ms == 90000);
    assert_true(cell_duration_ms("250", &ms) && ms == 250);
    assert_false(cell_duration_ms("", &ms));
    assert_false(cell_duration_ms("s", &ms));
    assert_false(cell_duration_ms("1.5h", &ms));
    assert_false(cell_duration_ms("99999999999999d", &ms));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linjiang_is_a_whole_city),
        cmocka_unit_test(the_digest_knows_rows_not_layout),
        cmocka_unit_test(every_broken_city_is_refused_with_its_place),
        cmocka_unit_test(a_missing_table_is_named),
        cmocka_unit_test(a_city_founded_before_retention_keeps_everything),
        cmocka_unit_test(a_parameter_is_checked_as_the_core_will),
        cmocka_unit_test(every_broken_setting_is_refused_with_its_line),
        cmocka_unit_test(the_sample_settings_are_the_fixed_defaults),
        cmocka_unit_test(durations_are_read_as_people_write_them),
    };
    return cmocka_run_group_tests_name("city", tests, make_folder, remove_folder);
}
