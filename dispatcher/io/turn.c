/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/require.h"
#include "dispatcher/io/dispatcher.h"
#include "dispatcher/io/orders.h"

/* Memory is ahead of the disk now and the disk lies: no way on but a restart from what is durable. */
void turn_check(int status, const char *step)
{
    if (status >= 0)
        return;
    log_error("journal failed at=%s error=%s: ending, a restart goes on from the last commit", step,
              strerror(-status));
    abort();
}

void turn_open(struct dispatcher *dispatcher)
{
    if (dispatcher->open)
        return;
    turn_check(journal_begin(dispatcher->journal), "begin");
    dispatcher->open = true;
    dispatcher->row_count = 0;
}

void turn_order(struct dispatcher *dispatcher, uint32_t number, struct order *order)
{
    const struct roster_gateway *gateway = roster_gateway(&dispatcher->roster, number);
    REQUIRE(gateway != NULL);
    turn_check(journal_order(dispatcher->journal, gateway->row.name, order), "order");
    dispatcher->figures.orders++;
    speech_order(dispatcher, gateway->row.name, order);
}

static void keep_orders(struct dispatcher *dispatcher, const struct event *event,
                        const struct personal *personal)
{
    static struct order order;
    uint32_t gateway = 0;
    if (event->kind == EVENT_NOTICE_STEPPED)
        notice_order(dispatcher, event);
    if (event->kind == EVENT_TEXT_RECALLED || event->kind == EVENT_NOTICE_MOVED)
        notice_recall(dispatcher, event);
    if (event->kind == EVENT_NOTICE_REPLACED)
        notice_correct(dispatcher, event);
    bool text = event->kind == EVENT_TEXT_ORDERED || event->kind == EVENT_TEXT_LEASED;
    bool typed = event->kind == EVENT_TEXT_TYPED;
    bool ordered = typed  ? (gateway = text_type(event, personal, &order)) != 0
                   : text ? (gateway = text_order(dispatcher, event, personal, &order)) != 0
                          : orders_of_call(&dispatcher->roster, event, &order, &gateway);
    if (ordered)
        turn_order(dispatcher, gateway, &order);
}

static void keep_event(struct dispatcher *dispatcher, const struct event *event,
                       const struct personal *personal)
{
    REQUIRE(dispatcher->row_count < TURN_ROWS_MAX);
    const struct stored_event **row = &dispatcher->rows[dispatcher->row_count];
    turn_check(
        journal_append(dispatcher->journal, event, event->has_personal ? personal : NULL, row),
        "append");
    dispatcher->row_count++;
    dispatcher->figures.events++;
    roster_apply(&dispatcher->roster, event);
    if (event->kind == EVENT_ERASED)
        search_forget(dispatcher, event->erased.subject);
}

void turn_step(struct dispatcher *dispatcher, struct command *command,
               const struct personal *personal)
{
    turn_open(dispatcher);
    returning_before(dispatcher, command);
    command->at_ms = dispatcher->now_ms;
    command->has_personal = personal != NULL;
    core_step(dispatcher->core, command, &dispatcher->verdict);
    dispatcher->figures.commands++;
    const struct verdict *verdict = &dispatcher->verdict;
    for (uint32_t i = 0; i < verdict->count; i++)
        keep_event(dispatcher, &verdict->events[i], personal);
    /* The orders see all that the command caused: the number of an incident it registered, too. */
    for (uint32_t i = 0; i < verdict->count; i++)
        keep_orders(dispatcher, &verdict->events[i], personal);
}

void turn_system(struct dispatcher *dispatcher, struct command *command)
{
    command->actor_kind = ACTOR_KIND_SYSTEM;
    command->actor = 0;
    turn_step(dispatcher, command, NULL);
    enum refusal refusal = dispatcher->verdict.refusal;
    /* ALREADY: the city's tables say again what stands. */
    if (refusal != REFUSAL_NONE && refusal != REFUSAL_ALREADY &&
        log_allowed(&dispatcher->log_refusals))
        log_warn("core refused command=%s refusal=%s", command_kind_name(command->kind),
                 refusal_name(refusal));
}

void turn_settle(struct dispatcher *dispatcher)
{
    static struct command command;
    for (uint32_t i = 0; i < dispatcher->failed_text_count; i++) {
        schema_clear(SCHEMA_COMMAND, &command);
        command.kind = COMMAND_TEXT_REPORT;
        command.text_report = (struct text_report){ .text = dispatcher->failed_texts[i].text,
                                                    .state = dispatcher->failed_texts[i].state };
        turn_system(dispatcher, &command);
    }
    dispatcher->failed_text_count = 0;
}

/* What is not spoken is as if it had not been: nothing is lost that anybody was told. */
void turn_may_speak(struct dispatcher *dispatcher)
{
    switch (turns_wait(dispatcher->turns)) {
    case TURNS_MAY_SPEAK:
        return;
    case TURNS_DEPOSED:
        log_error("the arbiter says that the twin leads: ending; restore a backup of it here and "
                  "start with --standby");
        _exit(EXIT_TWIN_LEADS);
    case TURNS_STOPPED:
        log_info("ending, cut off from the standby and the arbiter");
        _exit(0);
    }
}

void turn_commit(struct dispatcher *dispatcher)
{
    if (!dispatcher->open)
        return;
    uint64_t begun_ns = clock_mono_ns();
    turn_check(journal_commit(dispatcher->journal, dispatcher->now_ms), "commit");
    uint64_t took_us = (clock_mono_ns() - begun_ns) / 1000;
    dispatcher->open = false;
    turn_may_speak(dispatcher);
    dispatcher->figures.commits++;
    dispatcher->figures.commit_us_sum += took_us;
    if (took_us > dispatcher->figures.commit_us_max)
        dispatcher->figures.commit_us_max = took_us;
}

void turn_settle_journal(struct dispatcher *dispatcher)
{
    if (dispatcher->mono_ms - dispatcher->settled_ms < SETTLE_MS || bus_waits(dispatcher->bus))
        return;
    dispatcher->settled_ms = dispatcher->mono_ms;
    turn_check(journal_settle(dispatcher->journal), "settle");
}
