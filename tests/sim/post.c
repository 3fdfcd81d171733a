/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/post.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/require.h"
#include "tests/sim/sim.h"

enum {
    REPLIES_PERMILLE = 400,
    SURVEY_DIGITS = 3
};

static struct kernel *kernel_of(struct post *post)
{
    return &post->sim->kernel;
}

static bool chance(struct post *post, uint32_t permille)
{
    return kernel_chance(kernel_of(post), STREAM_PEOPLE, permille);
}

void post_text(struct post *post, uint32_t line, uint32_t citizen, const char *words)
{
    if (!post->port.alive)
        return;
    struct command command = command_of(COMMAND_CONTACT_ARRIVE);
    command.contact_arrive.call = post->next_call++;
    command.contact_arrive.line = line;
    command.contact_arrive.channel = CHANNEL_SMS;
    command.contact_arrive.arrived_ms = MONDAY_MIDNIGHT_MS + kernel_of(post)->now_ms;
    if (post->sim->swarm.depth == DEPTH_BARE && words[0] >= '1' && words[0] <= '3') {
        command.contact_arrive.contacted = (enum degree)(words[0] - '0');
        command.contact_arrive.solved = (enum degree)(words[1] - '0');
        command.contact_arrive.satisfied = (enum degree)(words[2] - '0');
    }
    (void)port_submit(&post->port, &command, 0, citizen, words);
    post->sim->texts++;
}

/* ---- the message centre ---------------------------------------------------------------------- */

static uint64_t report(struct post *post, uint64_t text, enum text_state state)
{
    struct command command = command_of(COMMAND_TEXT_REPORT);
    command.text_report.text = text;
    command.text_report.state = state;
    command.text_report.cause = state == TEXT_STATE_FAILED ? 88 : 0;
    return port_submit(&post->port, &command, 0, 0, NULL);
}

static void delivered(void *owner, uint64_t text)
{
    (void)report(owner, text, TEXT_STATE_DELIVERED);
}

static void failed(void *owner, uint64_t text)
{
    (void)report(owner, text, TEXT_STATE_FAILED);
}

static void hand_over(struct post *post, struct posted *posted)
{
    const struct swarm *swarm = &post->sim->swarm;
    struct kernel *kernel = kernel_of(post);
    uint64_t text = posted->text;
    if (chance(post, swarm->receipt_failed / 3)) { /* the centre does not take it */
        posted->reported = report(post, text, TEXT_STATE_FAILED);
        return;
    }
    posted->reported = report(post, text, TEXT_STATE_SENT);
    if (chance(post, swarm->receipt_lost))
        return;
    happening *receipt = chance(post, swarm->receipt_failed) ? failed : delivered;
    uint64_t late_ms = kernel_wait(kernel, STREAM_PEOPLE, swarm->receipt_ms);
    kernel_plan(kernel, late_ms, receipt, post, text);
    if (chance(post, swarm->receipt_twice))
        kernel_plan(kernel, late_ms * 2, chance(post, 900) ? receipt : failed, post, text);
}

/* ---- orders ---------------------------------------------------------------------------------- */

/* NULL: it has the order already. */
static struct posted *posted_add(struct post *post, uint64_t text, uint32_t citizen)
{
    for (uint32_t i = post->posted_count; i-- > 0;)
        if (post->posted[i].text == text && !(post->posted[i].settled && !post->posted[i].sent))
            return NULL; /* what another post was to send may come back */
    if (post->posted_count == post->posted_room) {
        post->posted_room = post->posted_room ? post->posted_room * 2 : 256;
        post->posted = realloc(post->posted, post->posted_room * sizeof *post->posted);
        REQUIRE(post->posted);
    }
    struct posted *posted = &post->posted[post->posted_count++];
    *posted = (struct posted){ .text = text, .citizen = citizen };
    return posted;
}

static void ask(struct post *post, struct posted *posted)
{
    struct command command = command_of(COMMAND_TEXT_SEND);
    command.text_send.texts_count = 1;
    command.text_send.texts[0] = posted->text;
    posted->asked = port_submit(&post->port, &command, 0, 0, NULL);
}

/* Many answer the question how it was, some write something else. */
static void citizen_replies(void *owner, uint64_t citizen)
{
    struct post *post = owner;
    const struct swarm *swarm = &post->sim->swarm;
    char digits[SURVEY_DIGITS + 1] = "111";
    if (post->sim->closing)
        return;
    if (chance(post, swarm->unsolved))
        digits[1] = '3';
    else if (chance(post, 200))
        digits[2] = '2';
    post_text(post, 12345, (uint32_t)citizen, chance(post, 900) ? digits : "谢谢");
}

static void send_text(struct post *post, struct posted *posted)
{
    posted->sent = true;
    auditor_sent(&post->sim->auditor, posted->text);
    hand_over(post, posted);
    if (posted->citizen && chance(post, REPLIES_PERMILLE))
        kernel_plan(kernel_of(post), kernel_wait(kernel_of(post), STREAM_PEOPLE, HOUR_MS),
                    citizen_replies, post, posted->citizen);
}

static void take_order(void *owner, const struct order *order)
{
    struct post *post = owner;
    unsigned citizen = 0;
    if (order->kind == ORDER_TEXT) {
        (void)sscanf(order->text.number, "138%u", &citizen);
        struct posted *posted = posted_add(post, order->text.text, citizen);
        if (posted && auditor_is_notice(&post->sim->auditor, posted->text))
            send_text(post, posted); /* nobody else ever sends it */
        else if (posted)
            ask(post, posted);
    }
    port_done(&post->port, order->seq);
}

static void take_outcome(void *owner, uint64_t ticket, const struct outcome *outcome)
{
    struct post *post = owner;
    for (uint32_t i = post->posted_count; i-- > 0 && ticket;) {
        struct posted *posted = &post->posted[i];
        if (posted->settled || (posted->asked != ticket && posted->reported != ticket))
            continue;
        if (posted->reported == ticket || posted->sent)
            posted->settled = posted->reported == ticket;
        else if (outcome->refusal == REFUSAL_NONE)
            send_text(post, posted);
        else
            posted->settled = true;
        return;
    }
}

/* ---- life ------------------------------------------------------------------------------------ */

void post_open(struct post *post, struct sim *sim, uint32_t gateway)
{
    static const struct port_handlers handlers = { .outcome = take_outcome, .order = take_order };
    char name[16];
    *post = (struct post){ .sim = sim, .next_call = 1 };
    (void)snprintf(name, sizeof name, "sms-%u", gateway);
    port_open(&post->port, sim, gateway, name, &handlers, post);
}

void post_close(struct post *post)
{
    port_close(&post->port);
    free(post->posted);
}

static void rise(void *owner, uint64_t what)
{
    struct post *post = owner;
    (void)what;
    port_rise(&post->port);
    for (uint32_t i = 0; i < post->posted_count; i++) {
        struct posted *posted = &post->posted[i];
        if (!posted->settled && posted->sent)
            posted->reported = report(post, posted->text, TEXT_STATE_SENT);
        else if (!posted->settled)
            ask(post, posted);
    }
}

void post_crash(struct post *post, uint64_t for_ms)
{
    if (!post->port.alive)
        return;
    port_die(&post->port);
    kernel_plan(kernel_of(post), for_ms, rise, post, 0);
}
