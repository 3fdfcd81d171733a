/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What takers do in a conversation besides talking: they hand it over to somebody who is ready or to
 * another line, take it back, hang up too soon; and they ask the questions of a tree. */
#include <stdio.h>

#include "tests/sim/ledger.h"
#include "tests/sim/luck.h"
#include "tests/sim/sim.h"

enum {
    TREE = 7,
    QUESTIONS = 4, /* each with three answers */
    ANSWERS = 3
};

static void later(struct sim *sim, uint64_t in_ms, happening *happens, uint64_t what)
{
    kernel_plan(&sim->kernel, in_ms, happens, sim, what);
}

/* ---- the tree -------------------------------------------------------------------------------- */

static void answer_row(struct answer_row *row, uint32_t question, uint32_t answer)
{
    static const enum priority raises[ANSWERS] = { PRIORITY_NONE, PRIORITY_P1, PRIORITY_NONE };
    *row = (struct answer_row){ .tree = TREE, .question = question, .answer = answer };
    row->next = question < QUESTIONS && answer < ANSWERS ? question + 1 : 0;
    row->raise = question == QUESTIONS ? PRIORITY_P0 : raises[answer - 1];
    row->lower = answer == ANSWERS ? PRIORITY_P4 : PRIORITY_NONE;
    row->risks_count = answer == 2;
    row->risks[0] = question == 2 ? RISK_TEXT_UNSAFE : RISK_FIRE;
    (void)snprintf(row->text_zh, sizeof row->text_zh, "%u", answer);
}

void talk_rows(struct sim *sim, void (*define)(struct sim *sim, struct command *command),
               uint64_t edition)
{
    struct command tree = command_of(COMMAND_TREE_DEFINE);
    struct tree_row *row = &tree.tree_define.row;
    tree.tree_define.has_row = true;
    row->tree = TREE;
    row->first = 1;
    row->questions = QUESTIONS;
    row->answers = QUESTIONS * ANSWERS;
    row->fingerprint = edition;
    (void)snprintf(row->name_zh, sizeof row->name_zh, "%u", (unsigned)edition);
    define(sim, &tree);
    for (uint32_t question = 1; question <= QUESTIONS; question++) {
        struct command command = command_of(COMMAND_QUESTION_DEFINE);
        command.question_define.has_row = true;
        command.question_define.row.tree = TREE;
        command.question_define.row.question = question;
        command.question_define.row.kind = QUESTION_KIND_CHOICE;
        define(sim, &command);
    }
    for (uint32_t question = 1; question <= QUESTIONS; question++)
        for (uint32_t answer = 1; answer <= ANSWERS; answer++) {
            struct command command = command_of(COMMAND_ANSWER_DEFINE);
            command.answer_define.has_row = true;
            answer_row(&command.answer_define.row, question, answer);
            define(sim, &command);
        }
}

static void begin_guide(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_contact *contact = auditor_contact(&sim->auditor, id);
    struct command command = command_of(COMMAND_GUIDE_BEGIN);
    command.guide_begin.contact = id;
    command.guide_begin.tree = TREE;
    if (contact && contact->taker)
        console_send(sim, contact->taker, &command);
}

static void answer(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_contact *contact = auditor_contact(&sim->auditor, id);
    if (!contact || !contact->guide || !contact->taker)
        return;
    struct command command = command_of(COMMAND_GUIDE_ANSWER);
    command.guide_answer.contact = id;
    command.guide_answer.question = contact->guide->asked;
    command.guide_answer.answer = (uint32_t)between(sim, 1, ANSWERS);
    if (chance(sim, 100)) {
        command = command_of(COMMAND_GUIDE_UNDO);
        command.guide_undo.contact = id;
    }
    console_send(sim, contact->taker, &command);
}

/* ---- handing over ------------------------------------------------------------------------------ */

static uint32_t somebody_ready(struct sim *sim)
{
    const struct auditor *auditor = &sim->auditor;
    uint64_t first = between(sim, 0, auditor->taker_count - 1);
    for (uint32_t i = 0; i < auditor->taker_count; i++) {
        const struct seen_taker *taker = &auditor->takers[(first + i) % auditor->taker_count];
        if (taker->on && !taker->away && !taker->contact && !taker->wrap_up_ms && !taker->rest_ms)
            return taker->row.user;
    }
    return 0;
}

static void hand_over(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_contact *contact = auditor_contact(&sim->auditor, id);
    if (!contact || contact->state != CONTACT_STATE_CONNECTED)
        return;
    struct command command = command_of(COMMAND_CONTACT_TRANSFER);
    struct contact_transfer *asked = &command.contact_transfer;
    asked->contact = id;
    if (chance(sim, 100)) { /* by their carrier, to somebody outside */
        asked->department = (uint32_t)between(sim, 1, 4);
        console_send(sim, contact->taker, &command);
        return;
    }
    asked->kind = chance(sim, 300) ? TRANSFER_KIND_BLIND : TRANSFER_KIND_WARM;
    if (chance(sim, 600))
        asked->taker = somebody_ready(sim);
    if (!asked->taker)
        asked->line =
            chance(sim, 200) ? contact->line : line_numbers[between(sim, 0, LINE_COUNT - 1)];
    console_send(sim, contact->taker, &command);
}

/* A gateway speaks of the phone it holds. */
static void phone_says(struct sim *sim, const struct seen_contact *contact, struct command *command)
{
    if (contact->gateway <= TRUNKS_MAX)
        (void)port_submit(&sim->trunks[contact->gateway - 1].port, command, 0, 0, NULL);
}

static void finish(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_contact *contact = auditor_contact(&sim->auditor, id);
    if (!contact || !contact->transfer.kind)
        return;
    struct command command = command_of(COMMAND_TRANSFER_FINISH);
    command.transfer_finish.contact = id;
    uint64_t how = between(sim, 0, 9);
    if (how >= 8)
        command.kind = COMMAND_TRANSFER_CANCEL; /* both name contact and call alike */
    if (how == 0) {
        command.transfer_finish.contact = 0;
        command.transfer_finish.call = contact->call;
        phone_says(sim, contact, &command);
        return;
    }
    console_send(
        sim, how == 9 && contact->transfer.receiver ? contact->transfer.receiver : contact->taker,
        &command);
}

static void asked(struct sim *sim, const struct event *event)
{
    if (chance(sim, 850))
        return;
    later(sim, between(sim, SECOND_MS, 12 * SECOND_MS), finish, event->contact);
}

/* The other phone rings; whoever is meant answers mostly. */
void talk_ring(struct sim *sim, struct port *port, uint64_t offer)
{
    struct command ring = command_of(COMMAND_OFFER_RING);
    struct command answer_it = command_of(COMMAND_OFFER_ANSWER);
    ring.offer_ring.offer = answer_it.offer_answer.offer = offer;
    (void)port_submit(port, &ring, 0, 0, NULL);
    if (chance(sim, 750))
        (void)port_submit(port, &answer_it, 0, 0, NULL);
}

void talk_see(struct sim *sim, const struct event *event)
{
    const struct swarm *swarm = &sim->swarm;
    switch ((uint32_t)event->kind) {
    case EVENT_CONTACT_CONNECTED:
        if (!sim->healing && chance(sim, swarm->transfers))
            later(sim, between(sim, 5 * SECOND_MS, 60 * SECOND_MS), hand_over, event->contact);
        if (chance(sim, swarm->guides))
            later(sim, between(sim, SECOND_MS, 10 * SECOND_MS), begin_guide, event->contact);
        break;
    case EVENT_TRANSFER_ASKED:
        asked(sim, event);
        break;
    case EVENT_TRANSFER_ANSWERED:
        later(sim, between(sim, 3 * SECOND_MS, 20 * SECOND_MS), finish, event->contact);
        break;
    case EVENT_TRANSFER_ENDED:
        if (!sim->healing && chance(sim, swarm->transfers))
            later(sim, between(sim, 5 * SECOND_MS, 30 * SECOND_MS), hand_over, event->contact);
        break;
    case EVENT_GUIDE_BEGUN:
    case EVENT_GUIDE_ANSWERED:
    case EVENT_GUIDE_UNDONE:
        later(sim, between(sim, 2 * SECOND_MS, 12 * SECOND_MS), answer, event->contact);
        break;
    default:
        break;
    }
}
