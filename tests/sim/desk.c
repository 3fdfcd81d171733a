/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/desk.h"

#include "tests/sim/sim.h"

enum {
    SHIFTS = 3,
    PHONES_PERMILLE = 200, /* seats whose phone registers itself */
    RECORDS_PERMILLE = 700 /* conversations that become an incident */
};

static struct kernel *kernel_of(struct desk *desk)
{
    return &desk->sim->kernel;
}

static bool chance(struct desk *desk, uint32_t permille)
{
    return kernel_chance(kernel_of(desk), STREAM_PEOPLE, permille);
}

static uint64_t between(struct desk *desk, uint64_t from, uint64_t to)
{
    return kernel_between(kernel_of(desk), STREAM_PEOPLE, from, to);
}

static void say(struct desk *desk, enum command_kind kind)
{
    struct command command = command_of(kind);
    if (kind == COMMAND_TAKER_AWAY)
        command.taker_away.reason = AWAY_REASON_BREAK;
    console_send(desk->sim, desk->user, &command);
}

static void plan(struct desk *desk, uint64_t in_ms, happening *happens, uint64_t what)
{
    kernel_plan(kernel_of(desk), in_ms, happens, desk, what);
}

/* ---- shifts ---------------------------------------------------------------------------------- */

static void come_back(void *owner, uint64_t what)
{
    struct desk *desk = owner;
    (void)what;
    if (desk->on && desk->away)
        say(desk, COMMAND_TAKER_READY);
}

static void take_seat(void *owner, uint64_t what)
{
    struct desk *desk = owner;
    (void)what;
    if (!desk->on)
        say(desk, COMMAND_TAKER_SIGN_ON);
    if (chance(desk, PHONES_PERMILLE))
        trunk_register(&desk->sim->trunks[0], desk->user);
    plan(desk, between(desk, 5 * SECOND_MS, MINUTE_MS), come_back, 0);
}

static void go_home(void *owner, uint64_t what)
{
    struct desk *desk = owner;
    if (!desk->on || desk->sim->healing)
        return;
    say(desk, COMMAND_TAKER_SIGN_OFF);
    if (what < 60) /* in a conversation: a little later */
        plan(desk, 2 * MINUTE_MS, go_home, what + 1);
}

/* A third of the takers each: night (a sixth), day, evening. */
static void begin_day(void *owner, uint64_t place)
{
    static const uint64_t starts_h[SHIFTS] = { 8, 16, 0 };
    struct desk *desk = owner;
    uint64_t shift = place % 12 < 6 ? 0 : place % 12 < 10 ? 1 : 2;
    uint64_t start_ms = starts_h[shift] * HOUR_MS + between(desk, 0, 10 * MINUTE_MS);
    plan(desk, start_ms, take_seat, 0);
    plan(desk, start_ms + 8 * HOUR_MS + between(desk, 0, 20 * MINUTE_MS), go_home, 0);
    plan(desk, DAY_MS, begin_day, place);
}

/* ---- a conversation -------------------------------------------------------------------------- */

static const uint32_t categories[2][3] = { { 10100, 10200, 10300 }, { 20100, 20200, 20300 } };

static void write_record(void *owner, uint64_t contact)
{
    struct desk *desk = owner;
    const struct seen_contact *seen = auditor_contact(&desk->sim->auditor, contact);
    if (!seen || seen->taker != desk->user)
        return;
    struct command command = command_of(COMMAND_INCIDENT_REGISTER);
    command.incident_register.contact = contact;
    command.incident_register.category = categories[seen->line == 12345][between(desk, 0, 2)];
    command.incident_register.text_unsafe = chance(desk, 30);
    command.incident_register.anonymous = chance(desk, 40);
    if (chance(desk, 50))
        command.incident_register.secrecy = (enum secrecy)between(desk, 1, SECRECY_COUNT - 1);
    console_send(desk->sim, desk->user, &command);
    if (!chance(desk, 100))
        return;
    struct command read = command_of(COMMAND_PERSONAL_READ);
    read.personal_read.subject = contact;
    read.personal_read.reason = READ_REASON_ANSWERING;
    console_send(desk->sim, desk->user, &read);
}

static void finish_text(void *owner, uint64_t contact)
{
    struct desk *desk = owner;
    struct command command = command_of(COMMAND_CONTACT_FINISH);
    if (desk->contact != contact)
        return;
    command.contact_finish.contact = contact;
    console_send(desk->sim, desk->user, &command);
}

static void accept(void *owner, uint64_t offer)
{
    struct command command = command_of(COMMAND_OFFER_ACCEPT);
    command.offer_accept.offer = offer;
    console_send(((struct desk *)owner)->sim, ((struct desk *)owner)->user, &command);
}

static void decline(void *owner, uint64_t offer)
{
    struct command command = command_of(COMMAND_OFFER_DECLINE);
    command.offer_decline.offer = offer;
    console_send(((struct desk *)owner)->sim, ((struct desk *)owner)->user, &command);
}

static void leave(void *owner, uint64_t what)
{
    struct desk *desk = owner;
    say(desk, what ? COMMAND_TAKER_AWAY : COMMAND_TAKER_SIGN_OFF);
    plan(desk, between(desk, MINUTE_MS, 20 * MINUTE_MS), take_seat, 0);
}

static void offered(struct desk *desk, const struct event *event)
{
    const struct swarm *swarm = &desk->sim->swarm;
    bool text = event->offer_made.phone[0] == 0;
    if (chance(desk, swarm->leaves_offered)) {
        plan(desk, between(desk, 100, 5000), leave, between(desk, 0, 1));
        return;
    }
    if (chance(desk, swarm->declines)) {
        plan(desk, between(desk, 500, 8000), decline, event->offer);
        return;
    }
    /* A text has no phone that could answer it. */
    if ((text && !chance(desk, swarm->misses)) || (!text && chance(desk, swarm->accepts / 2)))
        plan(desk, between(desk, 300, 6000), accept, event->offer);
}

static void connected(struct desk *desk, const struct event *event)
{
    const struct seen_contact *contact = auditor_contact(&desk->sim->auditor, event->contact);
    desk->contact = event->contact;
    if (chance(desk, RECORDS_PERMILLE))
        plan(desk, between(desk, 20 * SECOND_MS, 2 * MINUTE_MS), write_record, event->contact);
    if (contact && contact->channel == CHANNEL_SMS)
        plan(desk, kernel_wait(kernel_of(desk), STREAM_PEOPLE, 3 * MINUTE_MS), finish_text,
             event->contact);
}

/* Handed over: a text goes on with whoever has it now. */
static void took_over(struct desk *desk, const struct event *event)
{
    const struct seen_contact *contact = auditor_contact(&desk->sim->auditor, event->contact);
    if (event->transfer_ended.outcome != TRANSFER_OUTCOME_TAKEN || !contact)
        return;
    desk->contact = event->contact;
    if (contact->channel == CHANNEL_SMS)
        plan(desk, kernel_wait(kernel_of(desk), STREAM_TRADE, 3 * MINUTE_MS), finish_text,
             event->contact);
}

static void finish_wrap_up(void *owner, uint64_t what)
{
    (void)what;
    say(owner, COMMAND_WRAP_UP_FINISH);
}

static void wraps_up(struct desk *desk)
{
    if (chance(desk, 300))
        plan(desk, between(desk, 2 * SECOND_MS, 20 * SECOND_MS), finish_wrap_up, 0);
    if (!chance(desk, desk->sim->swarm.wanders))
        return;
    plan(desk, between(desk, SECOND_MS, MINUTE_MS), leave, 1);
}

static void went_away(struct desk *desk)
{
    desk->away = true;
    plan(desk, between(desk, 20 * SECOND_MS, 10 * MINUTE_MS), come_back, 0);
}

static void see(struct desk *desk, const struct event *event)
{
    switch ((uint32_t)event->kind) {
    case EVENT_TAKER_SIGNED_ON:
        desk->on = desk->away = true;
        plan(desk, between(desk, 2 * SECOND_MS, 30 * SECOND_MS), come_back, 0);
        break;
    case EVENT_TAKER_SIGNED_OFF:
        desk->on = false;
        desk->contact = 0;
        break;
    case EVENT_TAKER_BECAME_READY:
        desk->away = false;
        break;
    case EVENT_TAKER_WENT_AWAY:
        went_away(desk);
        break;
    case EVENT_OFFER_MADE:
        offered(desk, event);
        break;
    case EVENT_CONTACT_CONNECTED:
        connected(desk, event);
        break;
    case EVENT_TRANSFER_ENDED:
        took_over(desk, event);
        break;
    case EVENT_CONTACT_ENDED:
        if (desk->contact == event->contact)
            desk->contact = 0;
        break;
    case EVENT_WRAP_UP_STARTED:
        wraps_up(desk);
        break;
    default:
        break;
    }
}

void desks_see(struct sim *sim, const struct event *event)
{
    if (event->taker >= FIRST_TAKER && event->taker < FIRST_TAKER + sim->swarm.takers)
        see(&sim->desks[event->taker - FIRST_TAKER], event);
}

void desk_open(struct desk *desk, struct sim *sim, uint32_t user, uint32_t place)
{
    *desk = (struct desk){ .sim = sim, .user = user };
    begin_day(desk, place);
}

/* Again and again: a sign-on, or the end of a text's conversation, may have been lost with a console. */
static void do_duty(void *owner, uint64_t what)
{
    struct desk *desk = owner;
    const struct seen_contact *contact = auditor_contact(&desk->sim->auditor, desk->contact);
    (void)what;
    if (contact && contact->channel == CHANNEL_SMS)
        finish_text(desk, desk->contact);
    if (!desk->on)
        take_seat(desk, 0);
    else if (desk->away)
        come_back(desk, 0);
    plan(desk, 5 * MINUTE_MS, do_duty, 0);
}

void desks_heal(struct sim *sim)
{
    for (uint32_t i = 0; i < sim->swarm.takers; i++)
        do_duty(&sim->desks[i], 0);
}
