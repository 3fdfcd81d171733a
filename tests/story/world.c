/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/story/world.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "base/require.h"
#include "proto/format.h"
#include "tests/golden/journal_file.h"

enum {
    JOURNALED_MAX = 400 /* events; a story of a multitude is no example */
};

#define HISTORY_BYTES     (sizeof(struct event) * EVENTS_MAX)
#define MONDAY_MORNING_MS 1772413200000ULL /* 2026-03-02 01:00 UTC, 09:00 in the city */

struct command from_system(enum command_kind kind)
{
    return (struct command){ .actor_kind = ACTOR_KIND_SYSTEM, .kind = kind };
}

struct command from_gateway(uint32_t gateway, enum command_kind kind)
{
    return (struct command){ .actor_kind = ACTOR_KIND_GATEWAY, .actor = gateway, .kind = kind };
}

struct command from_user(uint32_t user, enum command_kind kind)
{
    return (struct command){ .actor_kind = ACTOR_KIND_USER, .actor = user, .kind = kind };
}

/* "name_ms=1772413215000" reads as "name=15.0": seconds since the world's start. */
static void add_words(struct text *out, const char *line, uint64_t start_ms)
{
    for (const char *at = line; *at;) {
        uint64_t ms;
        int taken = 0;
        if (sscanf(at, "_ms=%" SCNu64 "%n", &ms, &taken) == 1 && taken && ms >= start_ms) {
            text_print(out, "=%.1f", (double)(ms - start_ms) / 1000);
            at += taken;
        } else {
            text_add_bytes(out, at++, 1);
        }
    }
}

static void note(struct world *w, const struct event *event)
{
    char words[4096];
    struct event shown = *event;
    REQUIRE(w->history_count < EVENTS_MAX);
    w->history[w->history_count++] = *event;
    shown.seq = shown.at_ms = shown.actor_kind = shown.actor = 0;
    struct text line = text_into(words, sizeof words);
    format_message(&line, SCHEMA_EVENT, &shown);
    text_print(&w->lines, "[%.1f] ", (double)(event->at_ms - w->start_ms) / 1000);
    add_words(&w->lines, words, w->start_ms);
    text_add_char(&w->lines, '\n');
    REQUIRE(!w->lines.cut);
}

enum refusal world_send(struct world *w, struct command command)
{
    command.at_ms = w->now_ms;
    uint64_t seq = core_seq(w->core);
    core_step(w->core, &command, &w->verdict);
    core_check(w->core);
    assert_int_equal(core_seq(w->core), seq + w->verdict.count);
    for (uint32_t i = 0; i < w->verdict.count; i++) {
        assert_int_equal(w->verdict.events[i].seq, seq + 1 + i);
        note(w, &w->verdict.events[i]);
    }
    return w->verdict.refusal;
}

void world_wait(struct world *w, uint64_t ms)
{
    uint64_t until_ms = w->now_ms + ms;
    while (core_next_deadline_ms(w->core) <= until_ms) {
        uint64_t due_ms = core_next_deadline_ms(w->core);
        if (due_ms > w->now_ms)
            w->now_ms = due_ms;
        assert_int_equal(world_send(w, from_system(COMMAND_TICK)), REFUSAL_NONE);
    }
    w->now_ms = until_ms;
}

void world_skip(struct world *w)
{
    w->lines = text_into(w->buffer, LINES_MAX_BYTES);
}

/* Stories say ids as they are counted from 1. */
static void add_counted(struct text *line, const char *actual, size_t length, uint64_t base)
{
    for (size_t i = 0; i < length; i++) {
        text_add_char(line, actual[i]);
        if (base == 0 || actual[i] != '=')
            continue;
        char *end;
        uint64_t id = strtoull(actual + i + 1, &end, 10);
        if (id <= base || id - base > INT32_MAX)
            continue;
        text_print(line, "%" PRIu64, id - base);
        i = (size_t)(end - actual) - 1;
    }
}

/* Every word of the expected line stands in the actual one; the first two at their place. */
static bool line_matches(const char *expected, size_t expected_length, const char *actual,
                         size_t actual_length, uint64_t base)
{
    char padded[8192];
    struct text line = text_into(padded, sizeof padded);
    text_add_char(&line, ' ');
    add_counted(&line, actual, actual_length, base);
    text_add_char(&line, ' ');
    const char *at = padded;
    for (size_t i = 0, n = 0; i < expected_length; n++) {
        size_t length = strcspn(expected + i, " \n");
        char word[512];
        struct text one = text_into(word, sizeof word);
        text_add_char(&one, ' ');
        text_add_bytes(&one, expected + i, length);
        text_add_char(&one, ' ');
        const char *found = strstr(n < 2 ? at : padded, word);
        if (!found || (n < 2 && found != at))
            return false;
        if (n < 2)
            at = found + length + 1;
        i += length + 1;
    }
    return true;
}

void world_expect(struct world *w, const char *expected)
{
    const char *want = expected;
    const char *got = w->buffer;
    while (*want && *got) {
        size_t want_length = strcspn(want, "\n");
        size_t got_length = strcspn(got, "\n");
        if (!line_matches(want, want_length, got, got_length, w->base))
            break;
        want += want_length + (want[want_length] == '\n');
        got += got_length + (got[got_length] == '\n');
    }
    if (*want || *got)
        fail_msg("expected\n%s\nhappened\n%s\nthey part at\n%.200s", expected, w->buffer, got);
    world_skip(w);
}

/* ---- the city ------------------------------------------------------------------------------- */

static void define_line(struct world *w, uint32_t number, bool emergency, enum band band,
                        uint64_t target_ms)
{
    struct command command = from_system(COMMAND_LINE_DEFINE);
    command.line_define.has_row = true;
    command.line_define.row = (struct line_row){
        .line = number, .emergency = emergency, .band = band, .answer_target_ms = target_ms
    };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

static void define_department(struct world *w, uint32_t number, bool force)
{
    struct command command = from_system(COMMAND_DEPARTMENT_DEFINE);
    command.department_define.has_row = true;
    command.department_define.row = (struct department_row){ .department = number, .force = force };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

static void define_user(struct world *w, struct user_row row)
{
    struct command command = from_system(COMMAND_USER_DEFINE);
    command.user_define.has_row = true;
    command.user_define.row = row;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

static void define_taker(struct world *w, uint32_t number, uint32_t skills, const uint32_t *lines,
                         uint32_t level)
{
    struct user_row row = { .user = number, .roles = 1U << ROLE_TAKER, .skills_count = skills };
    (void)snprintf(row.phone, sizeof row.phone, "sip:%u@phones", number);
    for (uint32_t i = 0; i < skills; i++)
        row.skills[i] = (struct skill){ .line = lines[i], .level = level };
    define_user(w, row);
}

static void define_category(struct world *w, uint32_t number, enum priority priority,
                            enum sla_class sla)
{
    struct command command = from_system(COMMAND_CATEGORY_DEFINE);
    command.category_define.has_row = true;
    command.category_define.row =
        (struct category_row){ .category = number, .priority = priority, .sla = sla };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

static void define_gateway(struct world *w, uint32_t number, enum gateway_kind kind)
{
    struct command command = from_system(COMMAND_GATEWAY_DEFINE);
    command.gateway_define.has_row = true;
    command.gateway_define.row = (struct gateway_row){ .gateway = number, .kind = kind };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    struct command rise = from_gateway(number, COMMAND_GATEWAY_RISE);
    rise.gateway_rise.epoch = 1;
    assert_int_equal(world_send(w, rise), REFUSAL_NONE);
}

static void build_city(struct world *w)
{
    define_line(w, 110, true, BAND_LIFE, 10 * SECOND);
    define_line(w, 120, true, BAND_LIFE, 10 * SECOND);
    define_line(w, 12345, false, BAND_ORDINARY, 15 * SECOND);
    for (uint32_t i = 1; i <= 4; i++) {
        define_department(w, i, i == 1);
        define_user(w, (struct user_row){
                           .user = 2000 + i, .roles = 1U << ROLE_DEPARTMENT, .department = i });
    }
    define_taker(w, 1001, 2, (const uint32_t[]){ 110, 12345 }, 1);
    define_taker(w, 1002, 1, (const uint32_t[]){ 12345 }, 1);
    define_taker(w, 1003, 3, (const uint32_t[]){ 110, 120, 12345 }, 2);
    define_user(w, (struct user_row){ .user = 3001, .roles = 1U << ROLE_SUPERVISOR });
    define_user(w, (struct user_row){ .user = 3002, .roles = 1U << ROLE_AUDITOR });
    define_user(w, (struct user_row){ .user = 3003, .roles = 1U << ROLE_OPERATOR });
    define_category(w, 10100, PRIORITY_P0, SLA_CLASS_E0);
    define_category(w, 20100, PRIORITY_P3, SLA_CLASS_G);
    define_category(w, 20200, PRIORITY_P3, SLA_CLASS_L);
    define_gateway(w, 1, GATEWAY_KIND_TRUNK);
    define_gateway(w, 2, GATEWAY_KIND_TRUNK);
    define_gateway(w, 3, GATEWAY_KIND_SMS);
    world_skip(w);
}

void world_restart(struct world *w, const struct core_limits *limits)
{
    free(w->memory);
    w->limits = *limits;
    w->memory = calloc(1, core_size(limits));
    REQUIRE(w->memory);
    w->core = core_init(w->memory, core_size(limits), limits);
    core_count_from(w->core, w->base, w->base + 1);
    w->start_ms = w->now_ms = MONDAY_MORNING_MS;
    w->history_count = 0;
    w->next_call = w->base + 1;
    world_skip(w);
    build_city(w);
}

int world_setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    const char *base = getenv("WORLD_BASE");
    REQUIRE(w);
    w->base = base ? strtoull(base, NULL, 10) : 0;
    w->buffer = malloc(LINES_MAX_BYTES);
    /* Room for the longest story; not from malloc(): the sanitizers would mark all of it for each story. */
    w->history = mmap(NULL, HISTORY_BYTES, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    REQUIRE(w->buffer && w->history != MAP_FAILED);
    const struct core_limits limits = { .lines = 4,
                                        .departments = 8,
                                        .users = 16,
                                        .categories = 8,
                                        .gateways = 4,
                                        .contacts = 256,
                                        .incidents = 64,
                                        .tasks = 128,
                                        .callbacks = 256,
                                        .texts = 64,
                                        .petitions = 16 };
    world_restart(w, &limits);
    *state = w;
    return 0;
}

/* Live running and recovery run the same apply: the digests must agree. */
static void check_replay(const struct world *w)
{
    void *memory = calloc(1, core_size(&w->limits));
    REQUIRE(memory);
    struct core *core = core_init(memory, core_size(&w->limits), &w->limits);
    core_count_from(core, w->base, w->base + 1);
    for (uint32_t i = 0; i < w->history_count; i++)
        core_apply(core, &w->history[i]);
    assert_int_equal(core_seq(core), core_seq(w->core));
    assert_true(core_digest(core) == core_digest(w->core));
    free(memory);
}

int world_teardown(void **state)
{
    struct world *w = *state;
    check_replay(w);
    if (getenv("WORLD_JOURNAL") && w->history_count <= JOURNALED_MAX)
        journal_file_append(getenv("WORLD_JOURNAL"), w->history, w->history_count);
    return world_drop(state);
}

int world_drop(void **state)
{
    struct world *w = *state;
    free(w->memory);
    munmap(w->history, HISTORY_BYTES);
    free(w->buffer);
    free(w);
    return 0;
}
