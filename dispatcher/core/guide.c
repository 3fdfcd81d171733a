/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/guide.h"

#include "base/require.h"
#include "dispatcher/core/clock.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/plan.h"
#include "dispatcher/core/queue.h"
#include "dispatcher/core/registration.h"

/* NONE is the least urgent of all. */
static bool more_urgent(enum priority a, enum priority b)
{
    return a != PRIORITY_NONE && (b == PRIORITY_NONE || a < b);
}

/* ---- what the answers say ------------------------------------------------------------------ */

/* One answer more. `raised` is the most urgent that any answer asked for: none behind it goes below. */
static void weigh(struct guidance *guidance, const struct tree_answer *answer,
                  enum priority *raised, bool emergency)
{
    if (more_urgent(answer->raise, *raised))
        *raised = answer->raise;
    if (more_urgent(*raised, guidance->priority)) {
        guidance->priority = *raised;
        guidance->lowered = false;
    }
    if (answer->lower && !more_urgent(*raised, answer->lower)) {
        if (emergency) {
            guidance->proposed = answer->lower;
        } else {
            guidance->priority = answer->lower;
            guidance->lowered = true;
        }
    }
    if (more_urgent(*raised, guidance->proposed))
        guidance->proposed = PRIORITY_NONE;
    if (answer->category)
        guidance->category = answer->category;
    if (answer->secrecy > guidance->secrecy)
        guidance->secrecy = answer->secrecy;
    guidance->risks |= answer->risks;
}

static bool is_emergency(const struct core *core, const struct contact *contact)
{
    const struct incident *incident = core ? core_incident(core, contact->incident) : NULL;
    return contact->line->row.emergency || (incident && incident->emergency);
}

/* All answers given and, in the same breath, one more. */
static struct guidance weigh_all(const struct guide *guide, const struct tree_answer *more,
                                 bool emergency)
{
    const struct guide_brought *brought = &guide->brought;
    struct guidance guidance = { .priority = brought->priority,
                                 .secrecy = brought->secrecy,
                                 .risks = brought->risks };
    enum priority raised = brought->priority;
    for (uint32_t i = 0; i < guide->count; i++) {
        const struct tree_question *question =
            edition_question(guide->edition, guide->given[i].question);
        weigh(&guidance, question_answer(question, guide->given[i].answer), &raised, emergency);
    }
    if (more)
        weigh(&guidance, more, &raised, emergency);
    return guidance;
}

struct guidance contact_guidance(const struct contact *contact)
{
    if (!contact || !contact->guide)
        return (struct guidance){ .priority = PRIORITY_NONE };
    return weigh_all(contact->guide, NULL, is_emergency(NULL, contact));
}

/* ---- what follows from it ------------------------------------------------------------------ */

void guide_fill(const struct contact *contact, bool open, struct incident_registered *row)
{
    struct guidance guidance = contact_guidance(contact);
    bool lowers = guidance.lowered && open && !row->emergency;
    if (lowers || more_urgent(guidance.priority, row->priority))
        row->priority = guidance.priority;
    if (guidance.secrecy > row->secrecy)
        row->secrecy = guidance.secrecy;
    if (guidance.risks & 1U << RISK_TEXT_UNSAFE)
        row->text_unsafe = true;
}

static void raised_event(struct decision *decision, const struct incident *incident,
                         const struct incident_raised *raised)
{
    incident_event(decision, EVENT_INCIDENT_RAISED, incident)->incident_raised = *raised;
}

void incident_raise(struct decision *decision, const struct incident *incident,
                    const struct guidance *guidance, uint64_t because)
{
    bool urgent = more_urgent(guidance->priority, incident->priority);
    bool secret = guidance->secrecy > incident->secrecy;
    uint32_t risks = incident->risks | guidance->risks;
    if (!urgent && !secret && risks == incident->risks)
        return;
    enum priority priority = urgent ? guidance->priority : incident->priority;
    enum sla_class sla = incident->emergency ? emergency_class(priority) : incident->sla;
    struct incident_raised raised = { .priority = priority,
                                      .sla = sla,
                                      .secrecy = secret ? guidance->secrecy : incident->secrecy,
                                      .risks = risks,
                                      .due_ms = clock_sooner(decision, incident, sla),
                                      .because = because };
    raised_event(decision, incident, &raised);
    if (sla != incident->sla)
        clock_reclass(decision, incident, sla);
    struct incident now = *incident;
    now.priority = priority;
    now.risks = risks;
    plan_learnt(decision, incident, &now);
}

void guide_registered(struct decision *decision, const struct contact *contact,
                      const struct incident *incident)
{
    struct guidance guidance = contact_guidance(contact);
    if (guidance.risks == 0)
        return;
    struct incident_raised raised = { .priority = incident->priority,
                                      .sla = incident->sla,
                                      .secrecy = incident->secrecy,
                                      .risks = guidance.risks,
                                      .because = contact->id };
    raised_event(decision, incident, &raised);
}

static enum band band_of(enum priority priority)
{
    static const enum band bands[PRIORITY_COUNT] = {
        [PRIORITY_P0] = BAND_LIFE, [PRIORITY_P1] = BAND_EMERGENCY, [PRIORITY_P2] = BAND_URGENT
    };
    return bands[priority];
}

/* A contact that waits for a further conversation stands ahead by what it told. */
static void raise_contact(struct decision *decision, const struct contact *contact,
                          enum priority priority)
{
    enum band band = band_of(priority);
    if (contact->state != CONTACT_STATE_WAITING || band == BAND_NONE || band >= contact->band)
        return;
    contact_event(decision, EVENT_CONTACT_RAISED, contact)->contact_raised.band = band;
}

/* ---- asking -------------------------------------------------------------------------------- */

static enum refusal find_contact(struct decision *decision, uint64_t id,
                                 const struct contact **contact)
{
    *contact = core_contact(decision->core, id);
    if (!*contact)
        return REFUSAL_NO_SUCH_CONTACT;
    if (((*contact)->taker != decision->user || !decision->user) && !decision_forces(decision))
        return REFUSAL_NOT_YOURS;
    decision->verdict->contact = id;
    return REFUSAL_NONE;
}

/* The same tree once more begins as it began; another one takes along what this one found out. */
static struct guide_brought brings(const struct contact *contact, uint32_t tree)
{
    const struct guide *guide = contact->guide;
    if (!guide || guide->edition->tree == tree)
        return guide ? guide->brought : (struct guide_brought){ 0 };
    struct guidance guidance = contact_guidance(contact);
    return (struct guide_brought){ .priority = guidance.lowered ? PRIORITY_NONE : guidance.priority,
                                   .secrecy = guidance.secrecy,
                                   .risks = guidance.risks };
}

enum refusal decide_guide_begin(struct decision *decision)
{
    const struct guide_begin *asked = &decision->command->guide_begin;
    const struct tree *tree = core_tree(decision->core, asked->tree);
    const struct contact *contact;
    enum refusal refusal = find_contact(decision, asked->contact, &contact);
    if (refusal)
        return refusal;
    if (!tree || !tree->current || tree->retired)
        return REFUSAL_NO_SUCH_TREE;
    const struct guide *guide = contact->guide;
    if (guide && guide->asked && guide->edition->tree == asked->tree)
        return REFUSAL_ALREADY;
    struct event *event = contact_event(decision, EVENT_GUIDE_BEGUN, contact);
    event->guide_begun.tree = asked->tree;
    event->guide_begun.version = tree->current->version;
    event->guide_begun.question = tree->current->first;
    struct guide_brought brought = brings(contact, asked->tree);
    event->guide_begun.priority = brought.priority;
    event->guide_begun.secrecy = brought.secrecy;
    event->guide_begun.risks = brought.risks;
    return REFUSAL_NONE;
}

static const struct tree_answer *answer_asked(const struct tree_question *question,
                                              const struct guide_answer *asked)
{
    if (question->kind == QUESTION_KIND_NUMBER)
        return question_answer_of(question, asked->value);
    if (question->kind == QUESTION_KIND_TEXT)
        return question->answers;
    return question_answer(question, asked->answer);
}

static void answered(struct decision *decision, const struct contact *contact,
                     const struct tree_question *question, const struct tree_answer *answer,
                     const struct guidance *guidance)
{
    struct event *event = contact_event(decision, EVENT_GUIDE_ANSWERED, contact);
    struct guide_answered *row = &event->guide_answered;
    row->tree = contact->guide->edition->tree;
    row->version = contact->guide->edition->version;
    row->question = question->question;
    row->answer = answer->answer;
    if (question->kind == QUESTION_KIND_NUMBER)
        row->value = decision->command->guide_answer.value;
    row->fills = question->fills;
    row->next = answer->next;
    row->priority = guidance->priority;
    row->proposed = guidance->proposed;
    row->category = guidance->category;
    row->secrecy = guidance->secrecy;
    row->risks = guidance->risks;
}

enum refusal decide_guide_answer(struct decision *decision)
{
    const struct core *core = decision->core;
    const struct guide_answer *asked = &decision->command->guide_answer;
    const struct contact *contact;
    enum refusal refusal = find_contact(decision, asked->contact, &contact);
    if (refusal)
        return refusal;
    const struct guide *guide = contact->guide;
    if (!guide)
        return REFUSAL_NO_GUIDE;
    if (!guide->asked || guide->asked != asked->question)
        return REFUSAL_NO_SUCH_QUESTION;
    const struct tree_question *question = edition_question(guide->edition, guide->asked);
    const struct tree_answer *answer = answer_asked(question, asked);
    if (!answer)
        return REFUSAL_NO_SUCH_ANSWER;
    struct guidance guidance = weigh_all(guide, answer, is_emergency(core, contact));
    answered(decision, contact, question, answer, &guidance);
    const struct incident *incident = core_incident(core, contact->incident);
    if (incident && !incident_is_closed(incident->state))
        incident_raise(decision, incident, &guidance, contact->id);
    raise_contact(decision, contact, guidance.priority);
    return REFUSAL_NONE;
}

enum refusal decide_guide_undo(struct decision *decision)
{
    const struct contact *contact;
    enum refusal refusal = find_contact(decision, decision->command->guide_undo.contact, &contact);
    if (refusal)
        return refusal;
    const struct guide *guide = contact->guide;
    if (!guide || guide->count == 0)
        return REFUSAL_NO_GUIDE;
    struct event *event = contact_event(decision, EVENT_GUIDE_UNDONE, contact);
    event->guide_undone.tree = guide->edition->tree;
    event->guide_undone.version = guide->edition->version;
    event->guide_undone.question = guide->given[guide->count - 1].question;
    return REFUSAL_NONE;
}

/* ---- what becomes of it -------------------------------------------------------------------- */

void guide_forget(struct core *core, struct contact *contact)
{
    if (!contact->guide)
        return;
    edition_leave(core, contact->guide->edition);
    pool_give(&core->guides, contact->guide);
    contact->guide = NULL;
}

void apply_guide_begun(struct core *core, const struct event *event)
{
    const struct guide_begun *begun = &event->guide_begun;
    struct contact *contact = core_contact(core, event->contact);
    const struct tree *tree = core_tree(core, begun->tree);
    REQUIRE(contact && tree && tree->current && tree->current->version == begun->version);
    guide_forget(core, contact);
    struct guide *guide = pool_take(&core->guides);
    guide->contact = contact->id;
    guide->edition = tree->current;
    guide->asked = begun->question;
    guide->brought = (struct guide_brought){ begun->priority, begun->secrecy, begun->risks };
    contact->guide = guide;
    edition_follow(guide->edition);
}

void apply_guide_answered(struct core *core, const struct event *event)
{
    const struct guide_answered *answered = &event->guide_answered;
    const struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact && contact->guide && contact->guide->asked == answered->question);
    struct guide *guide = contact->guide;
    REQUIRE(guide->count < TREE_PATH_MAX);
    guide->given[guide->count++] =
        (struct guide_answer_given){ answered->question, answered->answer, answered->value };
    guide->asked = answered->next;
}

void apply_guide_undone(struct core *core, const struct event *event)
{
    const struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact && contact->guide && contact->guide->count > 0);
    struct guide *guide = contact->guide;
    guide->count--;
    REQUIRE(guide->given[guide->count].question == event->guide_undone.question);
    guide->given[guide->count] = (struct guide_answer_given){ 0 };
    guide->asked = event->guide_undone.question;
}

void apply_incident_raised(struct core *core, const struct event *event)
{
    const struct incident_raised *raised = &event->incident_raised;
    struct incident *incident = core_incident(core, event->incident);
    REQUIRE(incident && raised->secrecy >= incident->secrecy);
    REQUIRE((raised->risks & incident->risks) == incident->risks);
    incident->priority = raised->priority;
    incident->sla = raised->sla;
    incident->secrecy = raised->secrecy;
    incident->risks = raised->risks;
    if (raised->risks & 1U << RISK_TEXT_UNSAFE)
        incident->text_unsafe = true;
    if (raised->due_ms)
        incident->promise.due_ms = raised->due_ms;
    incident_refile(core, incident);
}

void apply_contact_raised(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact && event->contact_raised.band < contact->band);
    contact->band = event->contact_raised.band;
    queue_file(core, contact);
}
