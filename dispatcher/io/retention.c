/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/retention.h"

#include <inttypes.h>

#include "base/log.h"
#include "dispatcher/io/dispatcher.h"
#include "dispatcher/journal/vault.h"
#include "dispatcher/views/views.h"

enum {
    NIGHT_MS = 1000, /* between two looks whether the night's are due */
    BITE_MS = 50,
    MINUTE_MS = 60000
};

/* Goes through contacts, then through cases. False: there are no more. */
static bool next_kept(struct dispatcher *dispatcher, bool *incidents, uint64_t *after,
                      struct retention_step *kept)
{
    struct views *views = journal_views(dispatcher->journal);
    if (views_kept_next(views, *incidents, after, kept) == 0)
        return true;
    if (*incidents)
        return false;
    *incidents = true;
    *after = 0;
    return views_kept_next(views, true, after, kept) == 0;
}

static enum refusal judge(struct dispatcher *dispatcher, const struct retention_step *kept,
                          uint32_t *rule, uint64_t *preservation)
{
    const struct retention_subject subject = { kept->incident, kept->contact,  kept->caller,
                                               kept->line,     kept->category, kept->since_ms,
                                               kept->sound };
    return core_retention_judge(dispatcher->core, &subject, dispatcher->now_ms, rule, preservation);
}

/* Is there sound that did not go before? A case's lies in its contacts, too: its trail tells, once. */
static bool has_sound(struct dispatcher *dispatcher, const struct retention_step *kept)
{
    uint64_t subject = vault_sound_of(kept->incident ? kept->incident : kept->contact);
    return (kept->incident || journal_has_sealed(dispatcher->journal, subject)) &&
           !journal_is_erased(dispatcher->journal, subject);
}

/* The whole of it, or, where that is not over yet, its sound. */
static enum refusal judge_either(struct dispatcher *dispatcher, struct retention_step *kept,
                                 uint32_t *rule, uint64_t *preservation)
{
    enum refusal refusal = judge(dispatcher, kept, rule, preservation);
    if (refusal != REFUSAL_NOT_EXPIRED)
        return refusal;
    kept->sound = true;
    refusal = judge(dispatcher, kept, rule, preservation);
    return refusal == REFUSAL_NOT_EXPIRED || has_sound(dispatcher, kept) ? refusal
                                                                         : REFUSAL_NOT_EXPIRED;
}

/* ---- the night ------------------------------------------------------------------------------- */

static struct command *command_of(enum command_kind kind)
{
    static struct command command;
    schema_clear(SCHEMA_COMMAND, &command);
    command.kind = kind;
    return &command;
}

static void finish(struct dispatcher *dispatcher, const struct retaining *retaining)
{
    struct command *command = command_of(COMMAND_RETENTION_STEP);
    command->retention_step.over = true;
    command->retention_step.preserved = retaining->preserved;
    command->retention_step.open = retaining->open;
    turn_system(dispatcher, command);
    log_info("retention=%" PRIu64 " done preserved=%" PRIu64 " open=%" PRIu64, retaining->run,
             retaining->preserved, retaining->open);
}

/* True: it is being erased from here on. */
static bool erase(struct dispatcher *dispatcher, const struct retention_step *kept)
{
    struct command *command = command_of(COMMAND_RETENTION_STEP);
    command->retention_step = *kept;
    turn_system(dispatcher, command);
    if (dispatcher->verdict.refusal != REFUSAL_NONE)
        return false;
    erasure_begin(dispatcher, dispatcher->verdict.erasure, kept);
    return true;
}

/* Looks until something goes, or for one bite. */
static void bite(struct dispatcher *dispatcher, struct retaining *retaining)
{
    struct retention_step kept;
    for (int looked = 0, judged = 0; looked < RETENTION_LOOK && judged < RETENTION_JUDGED;
         looked++) {
        uint32_t rule;
        uint64_t preservation;
        if (!next_kept(dispatcher, &retaining->incidents, &retaining->after, &kept)) {
            finish(dispatcher, retaining);
            return;
        }
        enum refusal refusal = judge_either(dispatcher, &kept, &rule, &preservation);
        judged += refusal != REFUSAL_NOT_EXPIRED;
        retaining->preserved += refusal == REFUSAL_PRESERVED;
        retaining->open += refusal == REFUSAL_STILL_OPEN;
        if (refusal == REFUSAL_NONE && erase(dispatcher, &kept)) {
            retaining->erased_ms = dispatcher->mono_ms;
            return;
        }
    }
}

static void begin(struct dispatcher *dispatcher)
{
    if (core_retention_is_due(dispatcher->core, dispatcher->now_ms))
        turn_system(dispatcher, command_of(COMMAND_RETENTION_RUN));
}

void retention_turn(struct dispatcher *dispatcher)
{
    struct retaining *retaining = &dispatcher->retaining;
    uint64_t run = core_retention(dispatcher->core), mono_ms = dispatcher->mono_ms;
    uint64_t pace_ms = MINUTE_MS / core_parameter(dispatcher->core, PARAMETER_RETENTION_RATE);
    if (mono_ms - retaining->looked_ms < (run ? BITE_MS : NIGHT_MS) || bus_waits(dispatcher->bus))
        return;
    retaining->looked_ms = mono_ms;
    if (run != retaining->run)
        *retaining = (struct retaining){ .run = run, .looked_ms = mono_ms };
    if (run == 0) {
        begin(dispatcher);
        return;
    }
    bool paced = retaining->erased_ms && mono_ms - retaining->erased_ms < pace_ms;
    bool others = dispatcher->erasing.erasure || dispatcher->erasing.looked_ms == 0;
    if (!paced && !others && core_is_quiet(dispatcher->core))
        bite(dispatcher, retaining);
}

uint64_t retention_wait_ms(const struct dispatcher *dispatcher)
{
    return core_retention(dispatcher->core) ? BITE_MS : UINT64_MAX;
}

/* ---- the dry run ----------------------------------------------------------------------------- */

static struct retention_due_row *row_of(struct retention_due *due, uint32_t rule,
                                        const struct retention_step *kept)
{
    enum retention_thing thing = kept->sound      ? RETENTION_THING_SOUND
                                 : kept->incident ? RETENTION_THING_CASE
                                                  : RETENTION_THING_CONTACT;
    for (uint32_t i = 0; i < due->rows_count; i++)
        if (due->rows[i].rule == rule)
            return &due->rows[i];
    if (due->rows_count == sizeof due->rows / sizeof due->rows[0])
        return NULL;
    due->rows[due->rows_count] = (struct retention_due_row){ .rule = rule, .thing = thing };
    return &due->rows[due->rows_count++];
}

static void count(struct retention_due *due, const struct retention_step *kept,
                  enum refusal refusal, uint32_t rule, uint64_t preservation)
{
    struct retention_due_row *row = refusal == REFUSAL_NOT_EXPIRED ? NULL : row_of(due, rule, kept);
    if (!row)
        return;
    row->due += refusal == REFUSAL_NONE;
    row->open += refusal == REFUSAL_STILL_OPEN;
    row->preserved += refusal == REFUSAL_PRESERVED;
    if (refusal == REFUSAL_PRESERVED && !row->preservation)
        row->preservation = preservation;
    if (refusal == REFUSAL_NONE && (!row->oldest_ms || kept->since_ms < row->oldest_ms))
        row->oldest_ms = kept->since_ms;
}

void retention_answer(struct dispatcher *dispatcher, const struct retention_query *query,
                      struct answer *answer)
{
    bool incidents = query->after & 1; /* contacts first, then cases */
    uint64_t after = query->after >> 1;
    struct retention_due *due = &answer->retention_due;
    schema_clear(SCHEMA_RETENTION_DUE, due);
    answer->kind = ANSWER_RETENTION_DUE;
    answer->seq = core_seq(dispatcher->core);
    int judged = 0;
    answer->more = true;
    while (due->looked < RETENTION_LOOK && judged < RETENTION_JUDGED) {
        struct retention_step kept;
        uint32_t rule;
        uint64_t preservation;
        answer->more = next_kept(dispatcher, &incidents, &after, &kept);
        if (!answer->more)
            break;
        due->looked++;
        enum refusal refusal = judge_either(dispatcher, &kept, &rule, &preservation);
        judged += refusal != REFUSAL_NOT_EXPIRED;
        count(due, &kept, refusal, rule, preservation);
    }
    answer->next = answer->more ? after << 1 | incidents : 0;
}
