/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/amendment.h"

#include <string.h>

#include "base/require.h"

enum amendment_state amendment_next(enum amendment_state from, enum amendment_step step)
{
    static const enum amendment_state next[AMENDMENT_STATE_COUNT][AMENDMENT_STEP_COUNT] = {
        [AMENDMENT_STATE_DRAFT] = { [AMENDMENT_STEP_SUBMIT] = AMENDMENT_STATE_WAITING,
                                    [AMENDMENT_STEP_APPLY] = AMENDMENT_STATE_APPLIED,
                                    [AMENDMENT_STEP_WITHDRAW] = AMENDMENT_STATE_WITHDRAWN },
        [AMENDMENT_STATE_WAITING] = { [AMENDMENT_STEP_APPLY] = AMENDMENT_STATE_APPLIED,
                                      [AMENDMENT_STEP_REJECT] = AMENDMENT_STATE_REJECTED,
                                      [AMENDMENT_STEP_WITHDRAW] = AMENDMENT_STATE_WITHDRAWN },
    };
    return next[from][step];
}

/* Where it lies among those that have not ended; a free place has the number 0. AMENDMENTS_OPEN_MAX:
 * nowhere. */
static uint32_t place_of(const struct core *core, uint32_t number)
{
    uint32_t place = 0;
    while (place < AMENDMENTS_OPEN_MAX && core->amendments[place].number != number)
        place++;
    return place;
}

static struct amendment *open_amendment(struct core *core, uint32_t number)
{
    uint32_t place = place_of(core, number);
    REQUIRE(place < AMENDMENTS_OPEN_MAX);
    return &core->amendments[place];
}

/* An amendment in a state in which the step is possible. */
static enum refusal find(struct decision *decision, uint32_t number, enum amendment_step step,
                         const struct amendment **amendment)
{
    if (number == 0 || number > decision->core->amendment_count)
        return REFUSAL_NO_SUCH_AMENDMENT;
    decision->verdict->amendment = number;
    uint32_t place = place_of(decision->core, number);
    if (place == AMENDMENTS_OPEN_MAX)
        return REFUSAL_WRONG_STATE; /* it has ended */
    *amendment = &decision->core->amendments[place];
    return amendment_next((*amendment)->state, step) ? REFUSAL_NONE : REFUSAL_WRONG_STATE;
}

/* One's own. */
static enum refusal find_own(struct decision *decision, uint32_t number, enum amendment_step step,
                             const struct amendment **amendment)
{
    enum refusal refusal = find(decision, number, step, amendment);
    if (refusal)
        return refusal;
    return (*amendment)->author == decision->actor ? REFUSAL_NONE : REFUSAL_NOT_YOURS;
}

enum refusal decide_amendment_draft(struct decision *decision)
{
    const struct amendment_draft *asked = &decision->command->amendment_draft;
    if (!asked->words[0])
        return REFUSAL_REASON_MISSING;
    if (asked->undoes > decision->core->amendment_count)
        return REFUSAL_NO_SUCH_AMENDMENT;
    if (place_of(decision->core, 0) == AMENDMENTS_OPEN_MAX)
        return REFUSAL_LIMIT;
    struct event *event = decision_event(decision, EVENT_AMENDMENT_DRAFTED);
    event->amendment_drafted.amendment = decision->core->amendment_count + 1;
    event->amendment_drafted.undoes = asked->undoes;
    memcpy(event->amendment_drafted.words, asked->words, sizeof asked->words);
    decision->verdict->amendment = event->amendment_drafted.amendment;
    return REFUSAL_NONE;
}

enum refusal decide_amendment_write(struct decision *decision)
{
    const struct amendment_write *asked = &decision->command->amendment_write;
    const struct amendment *amendment;
    enum refusal refusal = find_own(decision, asked->amendment, AMENDMENT_STEP_SUBMIT, &amendment);
    if (refusal)
        return refusal;
    if (asked->row == 0 || asked->row > amendment->rows + 1 || asked->file == CITY_FILE_NONE)
        return REFUSAL_MALFORMED;
    if (asked->row > AMENDMENT_ROWS_MAX)
        return REFUSAL_LIMIT;
    struct event *event = decision_event(decision, EVENT_AMENDMENT_WRITTEN);
    event->amendment_written.amendment = asked->amendment;
    event->amendment_written.row = asked->row;
    event->amendment_written.file = asked->file;
    event->amendment_written.after = asked->after;
    memcpy(event->amendment_written.cells, asked->cells, sizeof asked->cells);
    return REFUSAL_NONE;
}

static struct amendment_moved *move(struct decision *decision, const struct amendment *amendment,
                                    enum amendment_step step)
{
    struct amendment_moved *moved =
        &decision_event(decision, EVENT_AMENDMENT_MOVED)->amendment_moved;
    moved->amendment = amendment->number;
    moved->step = step;
    moved->from = amendment->state;
    moved->to = amendment_next(amendment->state, step);
    moved->grave = amendment->grave;
    REQUIRE(moved->to != AMENDMENT_STATE_NONE);
    return moved;
}

enum refusal decide_amendment_submit(struct decision *decision)
{
    const struct amendment_submit *asked = &decision->command->amendment_submit;
    const struct amendment *amendment;
    enum refusal refusal = find_own(decision, asked->amendment, AMENDMENT_STEP_SUBMIT, &amendment);
    if (refusal)
        return refusal;
    if (amendment->rows == 0)
        return REFUSAL_INCOMPLETE;
    struct amendment_moved *moved =
        move(decision, amendment, asked->grave ? AMENDMENT_STEP_SUBMIT : AMENDMENT_STEP_APPLY);
    moved->grave = asked->grave;
    memcpy(moved->digest, asked->digest, sizeof asked->digest);
    return REFUSAL_NONE;
}

enum refusal decide_amendment_rule(struct decision *decision)
{
    const struct amendment_rule *asked = &decision->command->amendment_rule;
    enum amendment_step step = asked->agree ? AMENDMENT_STEP_APPLY : AMENDMENT_STEP_REJECT;
    const struct amendment *amendment;
    enum refusal refusal = find(decision, asked->amendment, step, &amendment);
    if (refusal)
        return refusal;
    if (amendment->state != AMENDMENT_STATE_WAITING)
        return REFUSAL_WRONG_STATE;
    if (amendment->author == decision->actor)
        return REFUSAL_SAME_PERSON;
    if (!asked->agree && !asked->words[0])
        return REFUSAL_REASON_MISSING;
    struct amendment_moved *moved = move(decision, amendment, step);
    memcpy(moved->words, asked->words, sizeof asked->words);
    if (asked->agree)
        memcpy(moved->digest, asked->digest, sizeof asked->digest);
    return REFUSAL_NONE;
}

enum refusal decide_amendment_withdraw(struct decision *decision)
{
    const struct amendment_withdraw *asked = &decision->command->amendment_withdraw;
    const struct amendment *amendment;
    enum refusal refusal =
        find_own(decision, asked->amendment, AMENDMENT_STEP_WITHDRAW, &amendment);
    if (refusal)
        return refusal;
    struct amendment_moved *moved = move(decision, amendment, AMENDMENT_STEP_WITHDRAW);
    memcpy(moved->words, asked->words, sizeof asked->words);
    return REFUSAL_NONE;
}

/* ---- applying --------------------------------------------------------------------------------- */

void apply_amendment_drafted(struct core *core, const struct event *event)
{
    struct amendment *amendment = open_amendment(core, 0);
    REQUIRE(event->amendment_drafted.amendment == core->amendment_count + 1);
    *amendment = (struct amendment){ .number = ++core->amendment_count,
                                     .author = event->actor,
                                     .state = AMENDMENT_STATE_DRAFT };
}

void apply_amendment_written(struct core *core, const struct event *event)
{
    struct amendment *amendment = open_amendment(core, event->amendment_written.amendment);
    REQUIRE(event->amendment_written.row <= amendment->rows + 1);
    if (event->amendment_written.row > amendment->rows)
        amendment->rows = event->amendment_written.row;
}

void apply_amendment_moved(struct core *core, const struct event *event)
{
    const struct amendment_moved *moved = &event->amendment_moved;
    struct amendment *amendment = open_amendment(core, moved->amendment);
    REQUIRE(amendment_next(moved->from, moved->step) == moved->to);
    amendment->state = moved->to;
    amendment->grave = moved->grave;
    if (moved->to != AMENDMENT_STATE_WAITING)
        *amendment = (struct amendment){ 0 };
}
