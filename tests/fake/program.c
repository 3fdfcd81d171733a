/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fake/program.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/require.h"
#include "proto/codec.h"

static void take_outcome(void *owner, uint64_t ticket, const struct outcome *outcome)
{
    struct program *program = owner;
    if (program->on_outcome)
        program->on_outcome(program->owner, ticket, outcome);
    if (ticket != 0 && ticket == program->ticket) {
        REQUIRE(!program->has_outcome);
        program->has_outcome = true;
        program->outcome = *outcome;
    }
}

static void take_spooled(void *owner, uint64_t ticket)
{
    (void)ticket;
    ((struct program *)owner)->spooled++;
}

static void take_order(void *owner, const struct order *order)
{
    struct program *program = owner;
    program->orders[program->order_count % PROGRAM_ORDERS_MAX] = *order;
    program->order_count++;
    if (program->on_order)
        program->on_order(program->owner, order);
}

static void take_reply(void *owner, uint64_t id, const struct answer *answer)
{
    struct program *program = owner;
    if (id == program->id) {
        program->has_answer = true;
        program->answer = *answer;
    }
}

static void take_signed_in(void *owner, const struct signed_in *signed_in)
{
    struct program *program = owner;
    if (signed_in->id == program->id) {
        program->has_signed_in = true;
        program->signed_in = *signed_in;
    }
}

static void take_event(void *owner, uint64_t epoch, uint64_t seq, const struct stored_event *row)
{
    struct program *program = owner;
    (void)epoch;
    program->told_last = seq;
    if (!row)
        return;
    program->event_gaps += row->seq != program->event_last + 1;
    program->event_last = row->seq;
    program->event_count++;
    if (!program->on_event)
        return;
    static struct codec *codec;
    static struct record record;
    codec = codec ? codec : codec_open();
    REQUIRE(codec_unpack(codec, SCHEMA_RECORD, row->record, row->record_size, &record) == 0);
    program->on_event(program->owner, row, &record.event);
}

static void take_setup(void *owner, const struct setup *setup)
{
    (void)setup;
    ((struct program *)owner)->setups++;
}

struct program *program_open(const struct home *home, const char *name, const char *spool_path,
                             bool subscribe, uint64_t after)
{
    static const struct link_handlers handlers = {
        .outcome = take_outcome,
        .spooled = take_spooled,
        .order = take_order,
        .reply = take_reply,
        .signed_in = take_signed_in,
        .event = take_event,
        .setup = take_setup,
    };
    struct program *program = calloc(1, sizeof *program);
    REQUIRE(program != NULL);
    home_link(home, name, &program->settings);
    program->settings.home = home->folder;
    program->settings.spool_path = spool_path;
    program->settings.subscribe = subscribe;
    program->settings.after = program->event_last = after;
    REQUIRE(link_open(&program->link, &program->settings, &handlers, program) == 0);
    return program;
}

void program_close(struct program *program)
{
    if (program)
        link_close(program->link);
    free(program);
}

static void turn(struct program *program)
{
    struct pollfd fd = { .fd = link_fd(program->link), .events = POLLIN };
    int wait_ms = link_turn(program->link, clock_mono_ms());
    (void)poll(&fd, 1, wait_ms < 10 ? wait_ms : 10);
}

void program_turn(struct program *program)
{
    (void)link_turn(program->link, clock_mono_ms());
}

void program_run(struct program *program, uint64_t for_ms)
{
    uint64_t until_ms = clock_mono_ms() + for_ms;
    while (clock_mono_ms() < until_ms)
        turn(program);
}

void program_wait_anew(struct program *program)
{
    uint64_t until_ms = clock_mono_ms() + PROGRAM_WAIT_MS;
    struct link_counts counts = { 0 };
    while (counts.reconnects == program->reconnects || !link_is_up(program->link)) {
        turn(program);
        link_count(program->link, &counts);
        REQUIRE(clock_mono_ms() < until_ms);
    }
    program->reconnects = counts.reconnects;
}

static void wait_for(struct program *program, const bool *what)
{
    uint64_t until_ms = clock_mono_ms() + PROGRAM_WAIT_MS;
    while (!*what) {
        turn(program);
        REQUIRE(clock_mono_ms() < until_ms);
    }
}

void program_wait_up(struct program *program)
{
    uint64_t until_ms = clock_mono_ms() + PROGRAM_WAIT_MS;
    while (!link_is_up(program->link)) {
        turn(program);
        REQUIRE(clock_mono_ms() < until_ms);
    }
}

const struct outcome *program_submit(struct program *program, const struct command *command,
                                     const struct personal *personal, const uint8_t *token)
{
    program->has_outcome = false;
    program->ticket = UINT64_MAX;
    REQUIRE(link_submit(program->link, command, personal, token, token ? 32 : 0,
                        &program->ticket) == 0);
    wait_for(program, &program->has_outcome);
    return &program->outcome;
}

const struct answer *program_ask(struct program *program, const struct query *query,
                                 const uint8_t *token)
{
    program->has_answer = false;
    REQUIRE(link_ask(program->link, query, token, token ? 32 : 0, &program->id) == 0);
    wait_for(program, &program->has_answer);
    return &program->answer;
}

enum refusal program_sign_in(struct program *program, const char *login, const char *password,
                             uint8_t token[32])
{
    program->has_signed_in = false;
    REQUIRE(link_sign_in(program->link, login, password, "", &program->id) == 0);
    wait_for(program, &program->has_signed_in);
    memcpy(token, program->signed_in.token, 32);
    return program->signed_in.refusal;
}

enum refusal program_prove(struct program *program, const char *password, uint8_t token[32])
{
    program->has_signed_in = false;
    REQUIRE(link_prove(program->link, token, 32, password, "", &program->id) == 0);
    wait_for(program, &program->has_signed_in);
    if (program->signed_in.refusal == REFUSAL_NONE)
        memcpy(token, program->signed_in.token, 32);
    return program->signed_in.refusal;
}

void program_wait_orders(struct program *program, uint32_t count)
{
    uint64_t until_ms = clock_mono_ms() + PROGRAM_WAIT_MS;
    while (program->order_count < count) {
        turn(program);
        REQUIRE(clock_mono_ms() < until_ms);
    }
}
