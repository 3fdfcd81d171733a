/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What citizens do besides talking and hanging up: they speak another language, say nothing and press
 * keys, hang up to be called when it is their turn, are a nuisance; and what takers and supervisors do
 * about it. A chain of its own dice (STREAM_CALLERS). */
#include <string.h>

#include "tests/sim/ledger.h"
#include "tests/sim/sim.h"

static bool chance(struct sim *sim, uint32_t permille)
{
    return kernel_chance(&sim->kernel, STREAM_CALLERS, permille);
}

static uint64_t between(struct sim *sim, uint64_t from, uint64_t to)
{
    return kernel_between(&sim->kernel, STREAM_CALLERS, from, to);
}

static void soon(struct sim *sim, uint64_t mean_ms, happening *happens, uint64_t what)
{
    kernel_plan(&sim->kernel, kernel_wait(&sim->kernel, STREAM_CALLERS, mean_ms), happens, sim,
                what);
}

/* ---- the city's rows --------------------------------------------------------------------------- */

/* Two languages are spoken here and there, and a third one by nobody. */
static enum language some_language(struct sim *sim)
{
    return (enum language)between(sim, LANGUAGE_ENGLISH, LANGUAGE_UYGHUR);
}

void caller_tongues(struct sim *sim, struct user_row *row)
{
    for (enum language language = LANGUAGE_ENGLISH; language < LANGUAGE_UYGHUR; language++)
        if (sim->swarm.callers && chance(sim, 250))
            row->languages |= 1U << language;
}

void caller_rings(struct sim *sim, struct line_row *row)
{
    if (row->emergency || !sim->swarm.callers || chance(sim, 500))
        return;
    row->rings_count = 2;
    row->rings[0] = (struct ring){ .after_ms = 0, .level = 1 };
    row->rings[1] = (struct ring){ .after_ms = between(sim, 5, 60) * SECOND_MS, .level = 9 };
}

void caller_arrive(struct sim *sim, struct contact_arrive *arrive)
{
    if (!chance(sim, sim->swarm.callers / 4))
        return;
    arrive->undiallable = chance(sim, 200);
    arrive->language = some_language(sim);
}

/* ---- at the telephone --------------------------------------------------------------------------- */

static const struct seen_contact *talking(struct sim *sim, uint64_t id)
{
    const struct seen_contact *contact = auditor_contact(&sim->auditor, id);
    bool talks = contact && contact->state == CONTACT_STATE_CONNECTED && !contact->dial;
    return talks && contact->channel == CHANNEL_VOICE ? contact : NULL;
}

static void gateway_says(struct sim *sim, const struct seen_contact *contact,
                         struct command *command)
{
    if (contact->gateway <= TRUNKS_MAX)
        (void)port_submit(&sim->trunks[contact->gateway - 1].port, command, 0, 0, NULL);
}

static void fall_silent(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_contact *contact = talking(sim, id);
    struct command command = command_of(COMMAND_CONTACT_SILENT);
    if (!contact || sim->healing)
        return;
    command.contact_silent.call = contact->call;
    gateway_says(sim, contact, &command);
}

enum {
    TYPES_ONE_IN = 23,
    ANY_CITIZEN = 7 /* only that there are words */
};

static void type_back(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_contact *contact = talking(sim, id);
    struct command command = command_of(COMMAND_CONTACT_WRITE);
    command.contact_write.contact = id;
    if (contact && contact->taker)
        (void)port_submit(&sim->console, &command, contact->taker, ANY_CITIZEN, "WHERE GA");
}

/* A text telephone; more often than in life. */
static void type(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_contact *contact = talking(sim, id);
    struct command command = command_of(COMMAND_CONTACT_TYPE);
    if (!contact || contact->gateway > TRUNKS_MAX)
        return;
    command.contact_type.call = contact->call;
    command.contact_type.typing = TYPING_BAUDOT_45;
    (void)port_submit(&sim->trunks[contact->gateway - 1].port, &command, 0, ANY_CITIZEN, "HELP GA");
    soon(sim, 8 * SECOND_MS, type_back, id);
}

static void press(struct sim *sim, const struct seen_contact *contact, const char *digits)
{
    struct command command = command_of(COMMAND_CONTACT_DIGITS);
    command.contact_digits.call = contact->call;
    memcpy(command.contact_digits.digits, digits, strlen(digits) + 1);
    gateway_says(sim, contact, &command);
}

static void react(void *owner, uint64_t id)
{
    static const char *const keys[] = { "1", "5", "55", "", "", "5" };
    struct sim *sim = owner;
    const struct seen_contact *contact = talking(sim, id);
    const char *pressed = keys[between(sim, 0, 5)];
    if (contact && pressed[0])
        press(sim, contact, pressed);
}

static void hold(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_contact *contact = talking(sim, id);
    struct command command = command_of(COMMAND_CONTACT_HOLD);
    if (!contact)
        return;
    command.contact_hold.contact = id;
    if (contact->held_ms)
        command.kind = COMMAND_CONTACT_RESUME; /* both name it alike */
    else
        soon(sim, 10 * SECOND_MS, hold, id);
    console_send(sim, contact->taker, &command);
}

static void mute(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_contact *contact = talking(sim, id);
    struct command command = command_of(COMMAND_CONTACT_MUTE);
    if (!contact)
        return;
    command.contact_mute.contact = id;
    if (contact->muted_ms)
        command.kind = COMMAND_CONTACT_UNMUTE; /* both name it alike */
    else
        soon(sim, 8 * SECOND_MS, mute, id);
    console_send(sim, contact->taker, &command);
}

/* Whoever parked it asks for it mostly; somebody else now and then, and sometimes nobody. */
static void take_back(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_contact *contact = auditor_contact(&sim->auditor, id);
    struct command command = command_of(COMMAND_CONTACT_UNPARK);
    if (!contact || !contact->parked_ms)
        return;
    command.contact_unpark.contact = id;
    const struct seen_taker *any =
        &sim->auditor.takers[between(sim, 0, sim->auditor.taker_count - 1)];
    console_send(sim, chance(sim, 600) ? contact->parker : any->row.user, &command);
}

static void park(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_contact *contact = talking(sim, id);
    struct command command = command_of(COMMAND_CONTACT_PARK);
    if (!contact)
        return;
    command.contact_park.contact = id;
    console_send(sim, contact->taker, &command);
    if (chance(sim, 700))
        soon(sim, 30 * SECOND_MS, take_back, id);
}

static void need(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_contact *contact = auditor_contact(&sim->auditor, id);
    struct command command = command_of(COMMAND_CONTACT_NEED);
    if (!contact || sim->healing)
        return;
    command.contact_need.language = some_language(sim);
    command.contact_need.call = contact->call;
    gateway_says(sim, contact, &command);
}

/* ---- who is not heard ---------------------------------------------------------------------------- */

static void look_after(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_contact *contact = auditor_contact(&sim->auditor, id);
    struct command command = command_of(COMMAND_SILENCE_CHECK);
    if (!contact || !auditor_is_unheard(contact))
        return;
    command.silence_check.contact = id;
    command.silence_check.item = (enum silence_check_item)between(sim, 1, 3);
    command.silence_check.found = chance(sim, 100);
    if (contact->checks >= 3 || chance(sim, 300)) {
        command = command_of(COMMAND_SILENCE_RULE);
        command.silence_rule.contact = id;
        command.silence_rule.ruling = (enum silence_ruling)between(sim, 1, 3);
    } else if (chance(sim, 100)) {
        command = command_of(COMMAND_CONTACT_SPEAK);
        command.contact_speak.contact = id;
    }
    console_send(sim, SUPERVISOR, &command);
    if (!sim->closing)
        soon(sim, MINUTE_MS, look_after, id);
}

static void silence_moved(struct sim *sim, const struct event *event)
{
    if (event->silence_moved.to == SILENCE_STATE_PROMPTED ||
        event->silence_moved.to == SILENCE_STATE_CONFIRMED)
        soon(sim, 20 * SECOND_MS, react, event->contact);
    if (event->silence_moved.to == SILENCE_STATE_CHECKLIST ||
        event->silence_moved.to == SILENCE_STATE_DURESS)
        soon(sim, 30 * SECOND_MS, look_after, event->contact);
}

/* ---- called when it is their turn ------------------------------------------------------------------ */

static void send_home(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    struct command command = command_of(COMMAND_CALLBACK_QUEUE);
    command.callback_queue.contact = id;
    if (!sim->closing)
        console_send(sim, SUPERVISOR, &command);
}

static void agree(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_contact *contact = auditor_contact(&sim->auditor, id);
    if (contact && contact->state == CONTACT_STATE_WAITING && !sim->closing)
        press(sim, contact, "1");
}

static void dial(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_contact *contact = auditor_contact(&sim->auditor, id);
    struct command command = command_of(COMMAND_CALLBACK_TRY);
    if (!contact || contact->state != CONTACT_STATE_OFFERED)
        return;
    command.callback_try.contact = id;
    command.callback_try.result =
        sim->healing || chance(sim, 500) ? TRY_RESULT_REACHED : (enum try_result)between(sim, 2, 3);
    console_send(sim, contact->offers[0].taker, &command);
}

static void finish_dialled(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_contact *contact = auditor_contact(&sim->auditor, id);
    struct command command = command_of(COMMAND_CONTACT_FINISH);
    if (!contact || contact->state != CONTACT_STATE_CONNECTED)
        return;
    command.contact_finish.contact = id;
    console_send(sim, contact->taker, &command);
    soon(sim, MINUTE_MS, finish_dialled, id);
}

/* A lost emergency is dialled; who finishes it stands in office.c. */
static void dial_back(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    struct command command = command_of(COMMAND_CALLBACK_TRY);
    command.callback_try.callback = id;
    command.callback_try.result = (enum try_result)between(sim, 1, 3);
    if (!sim->healing)
        console_send(sim, SUPERVISOR, &command);
}

/* ---- marks ---------------------------------------------------------------------------------------- */

static void ask_mark(void *owner, uint64_t id)
{
    static const uint32_t days[] = { 7, 30, 90 };
    struct sim *sim = owner;
    struct command command = command_of(COMMAND_MARK_ASK);
    struct mark_ask *asked = &command.mark_ask;
    asked->contact = id;
    asked->kind = chance(sim, 700) ? MARK_KIND_NUISANCE : MARK_KIND_HEARING;
    asked->days = asked->kind == MARK_KIND_NUISANCE ? days[between(sim, 0, 2)] : 0;
    if (!sim->healing)
        console_send(sim, chance(sim, 800) ? SUPERVISOR : DIRECTOR, &command);
}

static void judge_mark(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    struct command command = command_of(COMMAND_MARK_CONFIRM);
    command.mark_confirm.mark = id;
    if (chance(sim, 250)) {
        command = command_of(COMMAND_MARK_END);
        command.mark_end.mark = id;
        command.mark_end.reason = MARK_END_REASON_MISTAKE;
    }
    console_send(sim, DIRECTOR, &command);
}

/* ---- all of it ---------------------------------------------------------------------------------- */

static void connected(struct sim *sim, const struct event *event)
{
    const struct seen_contact *contact = auditor_contact(&sim->auditor, event->contact);
    if (contact && contact->dial)
        soon(sim, 2 * MINUTE_MS, finish_dialled, event->contact);
    else if (chance(sim, sim->swarm.callers / 2))
        soon(sim, 4 * SECOND_MS, fall_silent, event->contact);
    else if (chance(sim, sim->swarm.callers / 4))
        soon(sim, 15 * SECOND_MS, chance(sim, 500) ? hold : need, event->contact);
    else if (contact && contact->channel == CHANNEL_VOICE && event->contact % TYPES_ONE_IN == 1)
        soon(sim, 6 * SECOND_MS, chance(sim, 500) ? mute : park, event->contact);
    else if (contact && contact->channel == CHANNEL_VOICE && event->contact % TYPES_ONE_IN == 0)
        soon(sim, 3 * SECOND_MS, type, event->contact);
}

static void arrived(struct sim *sim, const struct event *event)
{
    if (event->line == 12345 && chance(sim, sim->swarm.callers / 4))
        soon(sim, 5 * SECOND_MS, send_home, event->contact);
    if (chance(sim, sim->swarm.callers / 8))
        soon(sim, 10 * SECOND_MS, ask_mark, event->contact);
    if (chance(sim, sim->swarm.callers / 8))
        soon(sim, 5 * SECOND_MS, need, event->contact);
}

void caller_see(struct sim *sim, const struct event *event)
{
    const struct seen_contact *contact = auditor_contact(&sim->auditor, event->contact);
    switch ((uint32_t)event->kind) {
    case EVENT_CONTACT_ARRIVED:
        arrived(sim, event);
        break;
    case EVENT_CONTACT_CONNECTED:
        connected(sim, event);
        break;
    case EVENT_SILENCE_MOVED:
        silence_moved(sim, event);
        break;
    case EVENT_WAIT_ESTIMATED:
        if (event->wait_estimated.announcement == ANNOUNCEMENT_CALLBACK_OFFER && chance(sim, 600))
            soon(sim, 8 * SECOND_MS, agree, event->contact);
        break;
    case EVENT_OFFER_ACCEPTED:
        if (contact && contact->dial)
            soon(sim, 6 * SECOND_MS, dial, event->contact);
        break;
    case EVENT_CALLBACK_OPENED:
        if (chance(sim, sim->swarm.callers))
            soon(sim, 20 * SECOND_MS, dial_back, event->callback_opened.callback);
        break;
    case EVENT_MARK_ASKED:
        if (event->mark_asked.kind == MARK_KIND_NUISANCE)
            soon(sim, 10 * MINUTE_MS, judge_mark, event->mark_asked.mark);
        break;
    default:
        break;
    }
}
