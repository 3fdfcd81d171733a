/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The city's tables, and what outsiders saw. */
#include "tests/sim/auditor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/ledger.h"
#include "tests/sim/witness.h"

static const struct {
    const char *id, *words;
} promises[] = {
    { "I1", "what a citizen was promised is on the trail" },
    { "I2", "a contact has exactly one owner" },
    { "I4", "a taker has one contact, a contact one offer" },
    { "I5", "nobody is passed over whom the taker might take" },
    { "I6", "first come, first served; kept places" },
    { "I7", "an emergency that got lost is called back, and nobody is endangered" },
    { "I8", "every move is one of the list; told before closed" },
    { "I9", "a missed clock is reported, once, in time" },
    { "I10", "one lead, which does not assist" },
    { "I11", "a text goes out once, and at last, and wakes nobody" },
    { "I12", "rounds and ratings keep what was" },
    { "I13", "the trail is whole" },
    { "I14", "the trail is signed in time" },
    { "I15", "a second life is the same" },
    { "I16", "a key stands for one content" },
    { "I17", "numbers and times never go back" },
    { "I18", "nothing grows beyond its limit" },
    { "I19", "what was spooled arrives once" },
    { "I20", "every read is written down" },
    { "I21", "what takes two persons is done by two" },
    { "I22", "when the faults end, all comes to rest" },
    { "I23", "the counters and the figures are the trail's" },
    { "I26", "who is handed over is always with somebody" },
    { "I27", "a storm begins and ends by rule, and asks back only who paused" },
    { "I28", "a unit has one state and one incident" },
    { "I29", "a guide asks its own tree; answers only raise" },
    { "I30", "a family loses nobody; each citizen is told" },
    { "I31", "every millisecond has one owner; no pause and no extension loses time" },
    { "I32", "who is not heard is looked after, step by step" },
    { "I33", "a number is marked by two, for a time" },
    { "I34", "a language is waited for, and not for ever; rings open when it is time" },
    { "I35", "who shall be called is called: in their place, and never where it may kill" },
    { "I36", "what is asked for takes effect once, after it was asked and before the answer" },
    { "I37",
      "nobody is in two conversations; who takes part pauses meanwhile, and all ends with it" },
    { "I38", "who was answered without a dispatcher is told of once, as it was" },
    { "I39", "who looks into a secret was named by another, for a while" },
    { "I41", "three dispatchers write one trail, each turn once, and one that can leads" },
};

_Noreturn void auditor_broken(const char *id, const char *words)
{
    (void)fflush(stdout);
    (void)fprintf(stderr, "auditor: %s: %s\n", id, words);
    for (size_t i = 0; i < sizeof promises / sizeof promises[0]; i++)
        if (strcmp(promises[i].id, id) == 0)
            (void)fprintf(stderr, "%s promises: %s.\n", id, promises[i].words);
    abort(); /* where the witness is heard */
}

void auditor_open(struct auditor *auditor, const uint64_t initial[PARAMETER_COUNT])
{
    memset(auditor, 0, sizeof *auditor);
    memcpy(auditor->parameters, initial, sizeof auditor->parameters);
}

void auditor_close(struct auditor *auditor)
{
    for (uint32_t i = 0; i < auditor->contact_count; i++)
        free(auditor->contacts[i].guide);
    free(auditor->answers);
    free(auditor->contacts);
    free(auditor->incidents);
    free(auditor->tasks);
    free(auditor->callbacks);
    free(auditor->texts);
    free(auditor->petitions);
    free(auditor->marks);
    free(auditor->survivals);
    free(auditor->grants);
    free(auditor->papers);
    free(auditor->live_contacts);
    free(auditor->open_incidents);
    free(auditor->open_tasks);
    free(auditor->places);
    free(auditor->promised);
}

struct seen_taker *auditor_taker(struct auditor *auditor, uint32_t user)
{
    for (uint32_t i = 0; i < auditor->taker_count; i++)
        if (auditor->takers[i].row.user == user)
            return &auditor->takers[i];
    auditor_broken("I2", "a taker nobody defined");
}

const struct line_row *auditor_line(const struct auditor *auditor, uint32_t line)
{
    for (uint32_t i = 0; i < auditor->line_count; i++)
        if (auditor->lines[i].line == line)
            return &auditor->lines[i];
    auditor_broken("I2", "a line nobody defined");
}

/* ---- the city's tables ----------------------------------------------------------------------- */

static void see_line(struct auditor *auditor, const struct event *event)
{
    struct line_row *line = NULL;
    for (uint32_t i = 0; i < auditor->line_count; i++)
        if (auditor->lines[i].line == event->line_defined.row.line)
            line = &auditor->lines[i];
    PROMISE("I18", line || auditor->line_count < SEEN_LINES_MAX, "room for lines");
    if (!line)
        line = &auditor->lines[auditor->line_count++];
    *line = event->line_defined.row;
}

static void see_user(struct auditor *auditor, const struct event *event)
{
    struct seen_taker *taker = NULL;
    for (uint32_t i = 0; i < auditor->taker_count; i++)
        if (auditor->takers[i].row.user == event->user_defined.row.user)
            taker = &auditor->takers[i];
    PROMISE("I18", taker || auditor->taker_count < SEEN_TAKERS_MAX, "room for users");
    if (!taker)
        taker = &auditor->takers[auditor->taker_count++];
    taker->row = event->user_defined.row;
    taker->emergency = false;
    for (uint32_t i = 0; i < taker->row.skills_count; i++)
        taker->emergency |= auditor_line(auditor, taker->row.skills[i].line)->emergency;
}

static void see_gateway(struct auditor *auditor, uint32_t gateway, uint64_t epoch, bool down)
{
    PROMISE("I18", gateway < SEEN_GATEWAYS_MAX, "room for gateways");
    bool new_life = !down && auditor->gateway_epoch[gateway] != epoch;
    for (uint32_t i = 0; new_life && i < auditor->live_contact_count; i++) {
        struct seen_contact *contact = &auditor->contacts[auditor->live_contacts[i]];
        if (contact->gateway == gateway && contact->channel == CHANNEL_VOICE && !contact->dial)
            contact->stranded = true;
    }
    auditor->gateway_down[gateway] = down;
    auditor->gateway_fell_ms[gateway] = auditor->at_ms;
    auditor->gateway_epoch[gateway] = epoch;
}

static void see_kept(struct auditor *auditor, const struct event *event)
{
    struct seen_contact *contact = ledger_contact(auditor, event->contact);
    PROMISE("I2", contact && (contact->stranger || contact->stranded),
            "only a call of a former life is kept");
    contact->stranded = false;
}

static bool see_city(struct auditor *auditor, const struct event *event)
{
    switch ((uint32_t)event->kind) {
    case EVENT_LINE_DEFINED:
        see_line(auditor, event);
        return true;
    case EVENT_USER_DEFINED:
        see_user(auditor, event);
        return true;
    case EVENT_PARAMETER_CHANGED:
        auditor->parameters[event->parameter_changed.parameter] = event->parameter_changed.value;
        return true;
    case EVENT_CALLS_TURNED_AWAY:
        auditor->counted_away[event->calls_turned_away.gateway % SEEN_GATEWAYS_MAX] +=
            event->calls_turned_away.calls;
        return true;
    case EVENT_GATEWAY_ROSE:
        see_gateway(auditor, event->gateway_rose.gateway, event->gateway_rose.epoch, false);
        auditor->gateway_keep_ms[event->gateway_rose.gateway] = event->gateway_rose.keep_until_ms;
        auditor->gateway_hold_ms[event->gateway_rose.gateway] = event->gateway_rose.hold_until_ms;
        return true;
    case EVENT_CONTACT_KEPT:
        see_kept(auditor, event);
        return true;
    case EVENT_GATEWAY_SETTLED:
        auditor->gateway_keep_ms[event->gateway_settled.gateway] = 0;
        auditor->gateway_hold_ms[event->gateway_settled.gateway] = 0;
        return true;
    case EVENT_GATEWAY_FELL:
        see_gateway(auditor, event->gateway_fell.gateway, event->gateway_fell.epoch, true);
        return true;
    case EVENT_PERSONAL_WAS_READ:
        PROMISE("I20", event->actor && event->personal_was_read.reason, "who read, and why");
        auditor->reads++;
        return true;
    case EVENT_DEPARTMENT_DEFINED:
    case EVENT_CATEGORY_DEFINED:
    case EVENT_GATEWAY_DEFINED:
    case EVENT_LIMIT_DEFINED:
    case EVENT_CITY_LOADED:
    case EVENT_TEMPLATE_DEFINED:
    case EVENT_DISTRICT_DEFINED:
    case EVENT_SESSION_OPENED:
    case EVENT_SESSION_CLOSED:
    case EVENT_SESSION_REFUSED:
    case EVENT_SESSION_PROVED:
    case EVENT_EXPORT_BEGUN:
    case EVENT_WORDS_SEARCHED:
        return true;
    default:
        return false;
    }
}

/* What a newer core does to a thing makes it a stranger. */
static void see_stranger(struct auditor *auditor, const struct event *event)
{
    struct seen_contact *contact = ledger_contact(auditor, event->contact);
    struct seen_incident *incident = ledger_incident(auditor, event->incident);
    struct seen_task *task = ledger_task(auditor, event->task);
    if (contact)
        contact->stranger = true;
    if (incident)
        incident->stranger = true;
    if (task)
        task->stranger = true;
    for (uint32_t i = 0; event->taker && i < auditor->taker_count; i++)
        if (auditor->takers[i].row.user == event->taker)
            auditor->takers[i].stranger = true;
    auditor->strangers++;
}

void auditor_see(struct auditor *auditor, const struct event *event)
{
    witness_see(event);
    PROMISE("I17", event->seq == auditor->seq + 1, "events are numbered without a gap");
    PROMISE("I17", event->at_ms >= auditor->at_ms, "time goes back");
    PROMISE("I17", event->actor_kind != ACTOR_KIND_NONE, "somebody did it");
    auditor->seq = event->seq;
    auditor->at_ms = event->at_ms;
    if (!auditor_see_survival(auditor, event) && !auditor_see_party(auditor, event) &&
        !auditor_see_call(auditor, event) && !auditor_see_work(auditor, event) &&
        !auditor_see_unit(auditor, event) && !auditor_see_guide(auditor, event) &&
        !auditor_see_family(auditor, event) && !auditor_see_clock(auditor, event) &&
        !auditor_see_text(auditor, event) && !auditor_see_caller(auditor, event) &&
        !auditor_see_paper(auditor, event) && !auditor_see_exam(auditor, event) &&
        !see_city(auditor, event))
        see_stranger(auditor, event);
    struct seen_incident *incident = ledger_incident(auditor, event->incident);
    if (incident)
        auditor_pass_ball(auditor, incident);
}

/* ---- what the outside saw -------------------------------------------------------------------- */

void auditor_promised(struct auditor *auditor, uint32_t gateway, uint64_t call)
{
    auditor->promised = ledger_grow(auditor->promised, auditor->promised_count,
                                    &auditor->promised_room, sizeof *auditor->promised);
    auditor->promised[auditor->promised_count++] = (uint64_t)gateway << 56 | call;
}

/* A promise that could not be kept: the trail must tell how many there were. */
void auditor_turned_away(struct auditor *auditor, uint32_t gateway, uint64_t call)
{
    for (uint32_t i = 0; i < auditor->promised_count; i++)
        if (auditor->promised[i] == ((uint64_t)gateway << 56 | call))
            auditor->promised[i--] = auditor->promised[--auditor->promised_count];
    auditor->turned_away[gateway % SEEN_GATEWAYS_MAX]++;
}

/* The histories of all clients together: each command has its place in the one order between its question
 * and its answer, and no two have the same. */
static void check_history(struct auditor *auditor, uint64_t asked_seq,
                          const struct outcome *outcome)
{
    PROMISE("I36", outcome->event_seq > asked_seq, "it took effect before it was asked for");
    PROMISE(
        "I36", !asked_seq || !ledger_find(auditor, LEDGER_EFFECT, outcome->event_seq, 0),
        "two are told the same effect"); /* 0: asked by an earlier life, which may have heard it */
    ledger_put(auditor, LEDGER_EFFECT, outcome->event_seq, 0, 0);
}

void auditor_answered(struct auditor *auditor, uint64_t asked_seq, const struct outcome *outcome)
{
    PROMISE("I1", outcome->event_seq <= auditor->seq, "an answer before it was durable");
    if (outcome->refusal == REFUSAL_NONE && outcome->event_seq)
        check_history(auditor, asked_seq, outcome);
    if (outcome->refusal == REFUSAL_NONE && outcome->incident)
        PROMISE("I1", ledger_incident(auditor, outcome->incident), "an answer about nothing");
    if (outcome->refusal == REFUSAL_NONE && outcome->contact)
        PROMISE("I1", ledger_contact(auditor, outcome->contact), "an answer about nobody");
}
