/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Notices to many: the supervisor writes one and its numbers, the director starts it; some are paused, corrected
 * or stopped on their way, some go out once more. */
#include <stdio.h>
#include <string.h>

#include "tests/sim/sim.h"

enum {
    NUMBERS_MAX = 40,
    NUMBER_LINE = 13,
    NOTICES_APART_MS = 5 * HOUR_MS
};

static bool chance(struct sim *sim, uint32_t permille)
{
    return kernel_chance(&sim->kernel, STREAM_NOTICE, permille);
}

static uint64_t between(struct sim *sim, uint64_t from, uint64_t to)
{
    return kernel_between(&sim->kernel, STREAM_NOTICE, from, to);
}

static void soon(struct sim *sim, uint64_t mean_ms, happening *happens, uint64_t what)
{
    kernel_plan(&sim->kernel, kernel_wait(&sim->kernel, STREAM_NOTICE, mean_ms), happens, sim,
                what);
}

static void say(struct sim *sim, const struct command *command, const char *words)
{
    (void)port_submit(&sim->console, command, SUPERVISOR, 1, words);
}

static void create(void *owner, uint64_t what)
{
    struct sim *sim = owner;
    (void)what;
    if (sim->healing)
        return;
    soon(sim, NOTICES_APART_MS, create, 0);
    struct command command = command_of(COMMAND_NOTICE_CREATE);
    command.notice_create.rate = (uint32_t)between(sim, 1, 5);
    if (chance(sim, 200))
        strcpy(command.notice_create.reason, "typhoon");
    say(sim, &command, "今夜停水");
}

static void add(void *owner, uint64_t notice)
{
    struct sim *sim = owner;
    char list[NUMBERS_MAX * NUMBER_LINE + 1] = "";
    struct command command = command_of(COMMAND_NOTICE_ADD);
    command.notice_add.notice = notice;
    command.notice_add.count = (uint32_t)between(sim, 1, NUMBERS_MAX);
    for (uint32_t i = 0; i < command.notice_add.count; i++)
        (void)snprintf(list + strlen(list), sizeof list - strlen(list), "139%08u\n",
                       (unsigned)between(sim, 1, 99999999));
    say(sim, &command, list);
}

/* How long until the quiet hours begin; 0: it would be more than so long, or they are on. */
static uint64_t until_quiet_ms(const struct sim *sim, uint64_t most_ms)
{
    const uint64_t *parameters = sim->auditor.parameters;
    uint64_t begin_ms = parameters[PARAMETER_TEXT_QUIET_BEGIN_MIN] * MINUTE_MS;
    uint64_t local_ms =
        (sim->auditor.at_ms + parameters[PARAMETER_UTC_OFFSET_MIN] * MINUTE_MS) % DAY_MS;
    return begin_ms > local_ms && begin_ms - local_ms < most_ms ? begin_ms - local_ms : 0;
}

static void start(void *owner, uint64_t notice)
{
    struct command command = command_of(COMMAND_NOTICE_START);
    command.notice_start.notice = notice;
    console_send(owner, DIRECTOR, &command);
}

/* Of an afternoon's notices some are started at the last moment: the night falls in their middle. */
static void start_sometime(struct sim *sim, uint64_t notice)
{
    uint64_t until_ms = until_quiet_ms(sim, NOTICES_APART_MS);
    uint64_t before_ms = between(sim, SECOND_MS, 10 * SECOND_MS);
    if (until_ms > before_ms)
        kernel_plan(&sim->kernel, until_ms - before_ms, start, sim, notice);
    else
        soon(sim, 2 * MINUTE_MS, start, notice);
}

static void disturb(void *owner, uint64_t notice)
{
    struct sim *sim = owner;
    struct command command = command_of(COMMAND_NOTICE_PAUSE);
    command.notice_pause.notice = notice;
    if (chance(sim, 200)) {
        command = command_of(COMMAND_NOTICE_STOP);
        command.notice_stop.notice = notice;
    } else if (chance(sim, 400)) {
        command = command_of(COMMAND_NOTICE_CORRECT);
        command.notice_correct.notice = notice;
        say(sim, &command, "今夜不停水");
        return;
    }
    console_send(sim, SUPERVISOR, &command);
}

static void go_on(void *owner, uint64_t notice)
{
    struct command command = command_of(COMMAND_NOTICE_GO_ON);
    command.notice_go_on.notice = notice;
    console_send(owner, DIRECTOR, &command);
}

static void again(void *owner, uint64_t notice)
{
    struct command command = command_of(COMMAND_NOTICE_AGAIN);
    command.notice_again.notice = notice;
    console_send(owner, DIRECTOR, &command);
}

static void moved(struct sim *sim, const struct event *event)
{
    switch ((uint32_t)event->notice_moved.to) {
    case NOTICE_STATE_RUNNING:
        if (!sim->healing && chance(sim, 300))
            soon(sim, 5 * SECOND_MS, disturb, event->notice);
        break;
    case NOTICE_STATE_PAUSED:
        soon(sim, 10 * MINUTE_MS, go_on, event->notice);
        break;
    case NOTICE_STATE_DONE:
        if (!sim->healing && chance(sim, 300))
            soon(sim, HOUR_MS, chance(sim, 500) ? disturb : again, event->notice);
        break;
    default:
        break;
    }
}

void notices_wake(struct sim *sim)
{
    soon(sim, NOTICES_APART_MS, create, 0);
}

void notices_see(struct sim *sim, const struct event *event)
{
    if (event->kind == EVENT_NOTICE_CREATED)
        soon(sim, MINUTE_MS, add, event->notice);
    else if (event->kind == EVENT_NOTICE_ADDED)
        start_sometime(sim, event->notice);
    else if (event->kind == EVENT_NOTICE_MOVED)
        moved(sim, event);
}
