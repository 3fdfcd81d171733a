/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The ladder of each class, the starters' percents and the owner of each state, as text that people
 * read and sign: tests/golden/ladder.txt. A changed line is a changed promise. Print it anew with
 *     build/dev/tests/test_ladder --print > tests/golden/ladder.txt */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "dispatcher/core/clock.h"
#include "dispatcher/core/ladder.h"
#include "proto/owner.h"
#include "tests/golden/golden_text.h"

static char written[32768];

static const char *const whens[] = {
    [RUNG_PERCENT] = "at percent",      [RUNG_YELLOW] = "at the class's",
    [RUNG_ORANGE] = "at the class's",   [RUNG_PARAMETER] = "at percent of",
    [RUNG_AFTER] = "behind by",         [RUNG_ROUND] = "in a further round",
    [RUNG_RETURNS] = "sent back, of",   [RUNG_CALLERS] = "contacts, of",
    [RUNG_MISSED] = "missed demand of",
};

static void write_value(struct text *out, const struct rung *rung)
{
    switch (rung->when) {
    case RUNG_PERCENT:
        text_print(out, " %u", rung->value);
        break;
    case RUNG_YELLOW:
    case RUNG_ORANGE:
        text_print(out, " %s_percent", rung->when == RUNG_YELLOW ? "yellow" : "orange");
        break;
    case RUNG_MISSED:
        text_print(out, " %s", ladder_level_name((enum ladder_level)rung->value));
        break;
    case RUNG_ROUND:
        break;
    case RUNG_PARAMETER:
    case RUNG_AFTER:
    case RUNG_RETURNS:
    case RUNG_CALLERS:
        text_print(out, " %s", parameter_name((enum parameter)rung->value));
        break;
    }
}

static void write_rung(struct text *out, const struct rung *rung)
{
    static const char *const untils[] = { [RUNG_NEVER] = "",
                                          [RUNG_DUE] = "by the due time",
                                          [RUNG_ANSWER] = "by urge_answer_ms",
                                          [RUNG_CLASS_V] = "by the reply limit of class v" };
    text_print(out, "  %-12s %-9s %s", ladder_level_name(rung->level), clock_kind_name(rung->clock),
               whens[rung->when]);
    write_value(out, rung);
    if (rung->demand)
        text_print(out, "; asks %s %s", demand_name(rung->demand), untils[rung->until]);
    text_print(out, "; tells");
    for (enum recipient who = RECIPIENT_NONE; who < RECIPIENT_COUNT; who++)
        if (rung->told & 1U << who)
            text_print(out, " %s", recipient_name(who));
    text_add_char(out, '\n');
}

static void write_classes(struct text *out, const struct core *core)
{
    text_print(out, "class: yellow and orange percent of the reply clock, as a city starts\n");
    for (enum sla_class sla = SLA_CLASS_E0; sla < SLA_CLASS_COUNT; sla++)
        text_print(out, "  %-2s %2u %2u\n", sla_class_name(sla),
                   ladder_percent(core, sla, RUNG_YELLOW), ladder_percent(core, sla, RUNG_ORANGE));
}

static void write_ladder(struct text *out, const char *title, enum sla_class sla)
{
    uint32_t count;
    const struct rung *rungs = ladder_rungs(sla, &count);
    text_print(out, "\n%s\n", title);
    for (uint32_t i = 0; i < count; i++)
        write_rung(out, &rungs[i]);
}

static void write_owners(struct text *out)
{
    text_print(out, "\nwho has the ball: state, owner, and owner while a return is asked\n");
    for (enum incident_state state = INCIDENT_STATE_REGISTERED; state < INCIDENT_STATE_COUNT;
         state++)
        text_print(out, "  %-16s %-10s %s\n", incident_state_name(state),
                   owner_name(owner_of(state, OVERLAY_NONE)),
                   owner_name(owner_of(state, OVERLAY_RETURN_ASKED)));
}

static void write_all(void)
{
    struct core_limits limits = core_limits_default();
    limits.contacts = limits.incidents = limits.tasks = 16;
    void *memory = calloc(1, core_size(&limits));
    struct core *core = core_init(memory, core_size(&limits), &limits);
    struct text out = text_into(written, sizeof written);
    write_classes(&out, core);
    write_ladder(&out, "work orders (u l g c q s r v)", SLA_CLASS_G);
    write_ladder(&out, "emergencies (e0 e1 e2 e3)", SLA_CLASS_E0);
    write_ladder(&out, "system and invalid (x): none", SLA_CLASS_X);
    write_owners(&out);
    free(memory);
}

static void the_ladder_is_the_one_that_was_signed(void **state)
{
    (void)state;
    assert_golden("tests/golden/ladder.txt", written);
}

static void every_class_of_an_open_order_has_its_ladder(void **state)
{
    uint32_t count;
    (void)state;
    for (enum sla_class sla = SLA_CLASS_E0; sla < SLA_CLASS_X; sla++) {
        (void)ladder_rungs(sla, &count);
        assert_true(count > 0);
    }
    (void)ladder_rungs(SLA_CLASS_X, &count);
    assert_int_equal(count, 0);
}

/* Closed is nobody's; everything else is exactly one's, whatever lies over it. */
static void every_state_has_one_owner(void **state)
{
    (void)state;
    for (enum incident_state at = INCIDENT_STATE_REGISTERED; at < INCIDENT_STATE_COUNT; at++) {
        bool closed = at == INCIDENT_STATE_CLOSED || at == INCIDENT_STATE_DIRECT ||
                      at == INCIDENT_STATE_VOID || at == INCIDENT_STATE_WITHDRAWN ||
                      at == INCIDENT_STATE_ARCHIVED || at == INCIDENT_STATE_NOT_ACCEPTED ||
                      at == INCIDENT_STATE_MERGED;
        for (enum owner_overlay overlay = OVERLAY_NONE; overlay < OVERLAY_COUNT; overlay++)
            assert_int_equal(owner_of(at, overlay) == OWNER_NONE, closed);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ladder_is_the_one_that_was_signed),
        cmocka_unit_test(every_class_of_an_open_order_has_its_ladder),
        cmocka_unit_test(every_state_has_one_owner),
    };
    write_all();
    if (argc > 1 && strcmp(argv[1], "--print") == 0)
        return fputs(written, stdout) < 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
