/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The auditor's books on guided questions: which tree in which edition asks what on which contact. The
 * record names them; what the answers say makes a matter more urgent, more dangerous, more secret, and
 * nothing less, but for what a person chose. (I29) */
#include <stdlib.h>

#include "tests/sim/ledger.h"

/* NONE is the least urgent of all. */
static bool more_urgent(enum priority a, enum priority b)
{
    return a != PRIORITY_NONE && (b == PRIORITY_NONE || a < b);
}

/* ---- trees ----------------------------------------------------------------------------------- */

static struct seen_tree *tree_of(struct auditor *auditor, uint32_t number)
{
    for (uint32_t i = 0; i < auditor->tree_count; i++)
        if (auditor->trees[i].tree == number)
            return &auditor->trees[i];
    return NULL;
}

static const struct seen_answer *answer_of(const struct auditor *auditor, uint32_t tree,
                                           uint32_t version, uint32_t question, uint32_t answer)
{
    for (uint32_t i = 0; i < auditor->answer_count; i++) {
        const struct seen_answer *row = &auditor->answers[i];
        if (row->tree == tree && row->version == version && row->question == question &&
            row->answer == answer)
            return row;
    }
    return NULL;
}

static void see_tree(struct auditor *auditor, const struct event *event)
{
    const struct tree_row *row = &event->tree_defined.row;
    struct seen_tree *tree = tree_of(auditor, row->tree);
    PROMISE("I18", tree || auditor->tree_count < SEEN_TREES_MAX, "room for trees");
    if (!tree) {
        tree = &auditor->trees[auditor->tree_count++];
        tree->tree = row->tree;
    }
    tree->coming = row->retired ? 0 : row->version;
    tree->coming_first = row->first;
}

static void see_answer_row(struct auditor *auditor, const struct event *event)
{
    const struct answer_row *row = &event->answer_defined.row;
    struct seen_answer *answer = LEDGER_ADD(auditor, answer);
    *answer = (struct seen_answer){ .tree = row->tree,
                                    .version = row->version,
                                    .question = row->question,
                                    .answer = row->answer,
                                    .next = row->next,
                                    .raise = row->raise,
                                    .lower = row->lower };
    for (uint32_t i = 0; i < row->risks_count; i++)
        answer->risks |= 1U << row->risks[i];
}

static void see_release(struct auditor *auditor, const struct event *event)
{
    const struct tree_released *released = &event->tree_released;
    struct seen_tree *tree = tree_of(auditor, released->tree);
    PROMISE("I29", tree && tree->coming && tree->coming == released->version,
            "an edition nobody wrote");
    PROMISE("I29", tree->coming > tree->current, "an older edition is released");
    tree->current = tree->coming;
    tree->first = tree->coming_first;
    tree->coming = 0;
}

/* ---- asking ------------------------------------------------------------------------------------ */

static struct seen_contact *asked_contact(struct auditor *auditor, const struct event *event)
{
    struct seen_contact *contact = ledger_contact(auditor, event->contact);
    PROMISE("I29", contact, "nobody is asked");
    return contact;
}

static void see_begun(struct auditor *auditor, const struct event *event)
{
    const struct guide_begun *begun = &event->guide_begun;
    struct seen_contact *contact = asked_contact(auditor, event);
    const struct seen_tree *tree = tree_of(auditor, begun->tree);
    PROMISE("I29", tree && tree->current && tree->current == begun->version,
            "a guide of another edition than the one in force");
    PROMISE("I29", begun->question == tree->first, "a guide does not begin at its beginning");
    if (!contact->guide)
        contact->guide = calloc(1, sizeof *contact->guide);
    PROMISE("I18", contact->guide, "memory");
    *contact->guide = (struct seen_guide){ .tree = begun->tree,
                                           .version = begun->version,
                                           .asked = begun->question };
}

/* What all answers come to: nothing goes below the most urgent of them; for an emergency no answer
 * lowers at all. */
static void weigh(const struct auditor *auditor, struct seen_guide *guide, bool emergency)
{
    enum priority raised = PRIORITY_NONE;
    guide->priority = PRIORITY_NONE;
    guide->risks = 0;
    for (uint32_t i = 0; i < guide->count; i++) {
        const struct seen_answer *answer = answer_of(
            auditor, guide->tree, guide->version, guide->given[i].question, guide->given[i].answer);
        if (more_urgent(answer->raise, raised))
            raised = answer->raise;
        if (more_urgent(raised, guide->priority))
            guide->priority = raised;
        if (answer->lower && !emergency && !more_urgent(raised, answer->lower))
            guide->priority = answer->lower;
        guide->risks |= answer->risks;
    }
}

static void see_answered(struct auditor *auditor, const struct event *event)
{
    const struct guide_answered *row = &event->guide_answered;
    struct seen_contact *contact = asked_contact(auditor, event);
    struct seen_incident *incident = ledger_incident(auditor, contact->incident);
    struct seen_guide *guide = contact->guide;
    const struct seen_answer *answer =
        answer_of(auditor, row->tree, row->version, row->question, row->answer);
    PROMISE("I29", guide && guide->tree == row->tree && guide->version == row->version,
            "an answer to another edition than its guide's");
    PROMISE("I29", guide->asked && guide->asked == row->question,
            "an answer to what was not asked");
    PROMISE("I29", answer && answer->next == row->next, "an answer that leads elsewhere");
    PROMISE("I18", guide->count < sizeof guide->given / sizeof guide->given[0],
            "questions without end");
    guide->given[guide->count].question = row->question;
    guide->given[guide->count++].answer = row->answer;
    guide->asked = row->next;
    bool emergency =
        auditor_line(auditor, contact->line)->emergency || (incident && incident->emergency);
    weigh(auditor, guide, emergency);
    PROMISE("I29", row->priority == guide->priority, "the answers come to another priority");
    PROMISE("I29", row->risks == guide->risks, "a danger that was told is forgotten");
    if (incident && !incident->stranger && !auditor_incident_is_closed(incident->state) &&
        more_urgent(guide->priority, incident->priority))
        incident->owed_priority = guide->priority;
}

static void see_undone(struct auditor *auditor, const struct event *event)
{
    const struct guide_undone *undone = &event->guide_undone;
    const struct seen_contact *contact = asked_contact(auditor, event);
    struct seen_guide *guide = contact->guide;
    PROMISE("I29",
            guide && guide->count && guide->tree == undone->tree &&
                guide->version == undone->version &&
                guide->given[guide->count - 1].question == undone->question,
            "an answer nobody gave is taken back");
    guide->count--;
    guide->asked = undone->question;
    weigh(auditor, guide, auditor_line(auditor, contact->line)->emergency);
}

/* ---- what follows ------------------------------------------------------------------------------ */

static void see_raised(struct auditor *auditor, const struct event *event)
{
    const struct incident_raised *raised = &event->incident_raised;
    struct seen_incident *incident = ledger_incident(auditor, event->incident);
    PROMISE("I29", incident, "nothing is raised");
    if (!incident->stranger) {
        PROMISE("I29", !more_urgent(incident->priority, raised->priority),
                "answers make a matter less urgent");
        PROMISE("I29", raised->secrecy >= incident->secrecy, "answers make a secret open");
        PROMISE("I29", (raised->risks & incident->risks) == incident->risks,
                "a danger that was known is forgotten");
        PROMISE("I29", !raised->due_ms || raised->due_ms < incident->clock_due_ms,
                "more urgent, and later");
    }
    incident->priority = raised->priority;
    incident->sla = raised->sla;
    incident->secrecy = raised->secrecy;
    incident->risks = raised->risks;
    incident->unsafe |= (raised->risks & 1U << RISK_TEXT_UNSAFE) != 0;
    if (raised->due_ms) {
        incident->clock_due_ms = raised->due_ms;
        incident->promise = (struct seen_clock){ 0 };
    }
    if (!more_urgent(incident->owed_priority, incident->priority))
        incident->owed_priority = PRIORITY_NONE;
}

static void see_ahead(struct auditor *auditor, const struct event *event)
{
    struct seen_contact *contact = asked_contact(auditor, event);
    PROMISE("I29",
            contact->stranger || (contact->state == CONTACT_STATE_WAITING &&
                                  event->contact_raised.band < contact->band),
            "answers put somebody back");
    contact->band = event->contact_raised.band;
}

bool auditor_see_guide(struct auditor *auditor, const struct event *event)
{
    switch ((uint32_t)event->kind) {
    case EVENT_TREE_DEFINED:
        see_tree(auditor, event);
        return true;
    case EVENT_QUESTION_DEFINED:
        return true;
    case EVENT_ANSWER_DEFINED:
        see_answer_row(auditor, event);
        return true;
    case EVENT_TREE_RELEASED:
        see_release(auditor, event);
        return true;
    case EVENT_GUIDE_BEGUN:
        see_begun(auditor, event);
        return true;
    case EVENT_GUIDE_ANSWERED:
        see_answered(auditor, event);
        return true;
    case EVENT_GUIDE_UNDONE:
        see_undone(auditor, event);
        return true;
    case EVENT_INCIDENT_RAISED:
        see_raised(auditor, event);
        return true;
    case EVENT_CONTACT_RAISED:
        see_ahead(auditor, event);
        return true;
    default:
        return false;
    }
}

void auditor_check_guided(const struct auditor *auditor, const struct seen_contact *contact,
                          const struct incident_registered *row)
{
    (void)auditor;
    const struct seen_guide *guide = contact ? contact->guide : NULL;
    PROMISE("I29", !guide || !more_urgent(guide->priority, row->priority),
            "registered less urgent than the answers say");
    PROMISE("I29", !guide || !(guide->risks & 1U << RISK_TEXT_UNSAFE) || row->text_unsafe,
            "a text could endanger, and the record does not say so");
}
