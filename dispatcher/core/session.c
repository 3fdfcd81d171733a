/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/session.h"

#include <string.h>

#include "dispatcher/core/callback.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/fix.h"
#include "dispatcher/core/glass.h"
#include "dispatcher/core/handover.h"
#include "dispatcher/core/number.h"
#include "dispatcher/core/secret.h"
#include "dispatcher/core/task.h"
#include "proto/identity.h"

/* What the read is about, as far as it is still in memory. */
struct subject {
    const struct contact *contact;
    const struct incident *incident;
    const struct fix *fix;
    const struct handover *handover;
};

/* The telephone's place is read by whoever has, or had last, a contact of its number. */
static bool is_own_fix(const struct decision *decision, const struct fix *fix)
{
    for (const struct contact *contact = number_newest(decision->core, fix->caller); contact;
         contact = contact->same_older)
        if (contact_is_with(contact, decision->user))
            return true;
    const struct contact *last = number_last(decision->core, fix->caller);
    return last && contact_is_with(last, decision->user);
}

static bool is_own_contact(const struct decision *decision, const struct subject *subject)
{
    if (subject->contact)
        return contact_is_with(subject->contact, decision->user);
    if (subject->fix)
        return is_own_fix(decision, subject->fix);
    /* The incident of the contact in hand, or the one the taker wrote down. */
    const struct contact *current = decision->user->contact;
    return subject->incident &&
           (subject->incident->taker == decision->user->row.user ||
            (current && (current->incident == subject->incident->id ||
                         (current->caller && current->caller == subject->incident->caller))));
}

/* The department's own task on it, NULL: none that it may read for. */
static const struct task *handles(const struct decision *decision, const struct incident *incident)
{
    const struct task *task = incident ? task_of(incident, decision->user->row.department) : NULL;
    bool works = task && task->state != TASK_STATE_RETURNED && task->state != TASK_STATE_RECALLED;
    return works ? task : NULL;
}

static bool waits_for_callback(const struct decision *decision, const struct subject *subject)
{
    uint64_t caller = subject->contact ? subject->contact->caller
                      : subject->fix   ? subject->fix->caller
                                       : 0;
    return caller && callback_of(decision->core, caller);
}

/* The incident that says how the citizen is sheltered, also for what was said before there was one. */
static const struct incident *incident_about(const struct decision *decision,
                                             const struct subject *subject)
{
    const struct incident *about = subject->incident;
    if (!about && subject->contact)
        about = core_incident(decision->core, subject->contact->incident);
    return about ? about : core_incident(decision->core, decision->command->personal_read.incident);
}

static const struct grant *grant_of(const struct decision *decision, const struct subject *subject)
{
    const struct incident *about = incident_about(decision, subject);
    return about ? core_grant(decision->core, about->id, decision->user->row.user) : NULL;
}

static bool may_read(const struct decision *decision, const struct subject *subject,
                     enum read_reason reason)
{
    const struct incident *incident = subject->incident;
    if (!decision->user)
        return true;
    switch (reason) {
    case READ_REASON_ANSWERING:
        return decision_may(decision, ROLE_TAKER) && is_own_contact(decision, subject);
    case READ_REASON_HANDLING:
        return decision_may(decision, ROLE_DEPARTMENT) && handles(decision, incident) != NULL;
    case READ_REASON_CALLBACK:
        return decision_may(decision, ROLE_TAKER) && waits_for_callback(decision, subject);
    case READ_REASON_REVISIT:
        return decision_may(decision, ROLE_TAKER) && incident &&
               (incident->state == INCIDENT_STATE_REVISIT ||
                incident->state == INCIDENT_STATE_TOLD);
    case READ_REASON_TELLING:
        return decision_may(decision, ROLE_TAKER) && incident &&
               incident->state == INCIDENT_STATE_REPLIED;
    case READ_REASON_SUPERVISION:
        return decision_may(decision, ROLE_SUPERVISOR);
    case READ_REASON_AUDIT:
        return decision_may(decision, ROLE_AUDITOR);
    case READ_REASON_HANDOVER:
        return subject->handover && handover_is_for(subject->handover, decision->user);
    case READ_REASON_GRANT:
        return grant_of(decision, subject) != NULL;
    case READ_REASON_NONE:
    case READ_REASON_COUNT:
        break;
    }
    return false;
}

/* In conversation, asked to answer, or in the wrap-up after it. */
static bool has_in_hand(const struct user *user, const struct contact *contact)
{
    return contact && contact_is_with(contact, user) &&
           (contact_is_live(contact) || user->wrap_up_of == contact->id);
}

static enum reader answering_as(const struct decision *decision, const struct subject *subject)
{
    const struct contact *current = decision->user->contact;
    bool in_hand = has_in_hand(decision->user, subject->contact) || subject->fix ||
                   (subject->incident && current && current->incident == subject->incident->id);
    return in_hand ? READER_ANSWERING : READER_WRITER;
}

/* As whom the reason lets somebody read: may_read() found it true. */
static enum reader reader_of(const struct decision *decision, const struct subject *subject,
                             enum read_reason reason)
{
    if (!decision->user)
        return READER_ANSWERING; /* the system itself */
    switch (reason) {
    case READ_REASON_ANSWERING:
        return answering_as(decision, subject);
    case READ_REASON_HANDLING:
        return task_owes_reply(handles(decision, subject->incident)) ? READER_HANDLING
                                                                     : READER_INFORMED;
    case READ_REASON_CALLBACK:
        return READER_CALLING;
    case READ_REASON_REVISIT:
    case READ_REASON_TELLING:
        return READER_WRITER;
    case READ_REASON_SUPERVISION:
        return READER_SUPERVISING;
    case READ_REASON_AUDIT:
        return READER_AUDITING;
    case READ_REASON_HANDOVER:
        return READER_RELIEVING;
    case READ_REASON_GRANT:
        return READER_GRANTED;
    case READ_REASON_NONE:
    case READ_REASON_COUNT:
        break;
    }
    return READER_NONE;
}

static void stand(const struct decision *decision, const struct subject *subject,
                  enum read_reason reason, struct standing *standing)
{
    const struct incident *about = incident_about(decision, subject);
    *standing = (struct standing){ .reader = reader_of(decision, subject, reason) };
    if (about)
        standing->shelter = identity_shelter(about->secrecy, about->anonymous);
    standing->emergency =
        about ? about->emergency : subject->contact && subject->contact->line->row.emergency;
    if (standing->reader == READER_GRANTED)
        standing->emergency |= grant_of(decision, subject)->purpose == READ_PURPOSE_SAFETY;
}

/* Whose a number is, asked by those who look back at anything: what is known of the caller is then read
 * by its blind index. */
static enum refusal look_up(struct decision *decision, enum read_reason reason)
{
    uint64_t caller = decision->command->caller;
    if (reason != READ_REASON_AUDIT && reason != READ_REASON_SUPERVISION)
        return REFUSAL_NOT_ALLOWED;
    if (!may_read(decision, &(struct subject){ 0 }, reason))
        return REFUSAL_NOT_ALLOWED;
    struct event *event = decision_event(decision, EVENT_PERSONAL_WAS_READ);
    event->personal_was_read.reason = reason;
    event->personal_was_read.caller = caller;
    event->personal_was_read.fields = 1U << PERSONAL_FIELD_NUMBER;
    event->personal_was_read.purpose = decision->command->personal_read.purpose;
    decision->verdict->caller = caller;
    return REFUSAL_NONE;
}

enum refusal decide_personal_read(struct decision *decision)
{
    const struct personal_read *asked = &decision->command->personal_read;
    const struct subject subject = { core_contact(decision->core, asked->subject),
                                     core_incident(decision->core, asked->subject),
                                     core_fix(decision->core, asked->subject),
                                     core_handover(decision->core, asked->subject) };
    if (asked->reason == READ_REASON_NONE)
        return REFUSAL_REASON_MISSING;
    if (asked->subject == 0 && decision->command->caller != 0)
        return look_up(decision, asked->reason);
    /* What left memory long ago is still in the vault for those who may look back. */
    if (asked->subject == 0 || asked->subject >= decision->core->next_id)
        return REFUSAL_NO_SUCH_INCIDENT;
    if (!may_read(decision, &subject, asked->reason))
        return REFUSAL_NOT_ALLOWED;
    struct standing standing;
    uint32_t given, masked;
    stand(decision, &subject, asked->reason, &standing);
    enum refusal refusal =
        identity_judge(&standing, asked->fields, asked->purpose, &given, &masked);
    if (refusal)
        return refusal;
    struct event *event = decision_event(decision, EVENT_PERSONAL_WAS_READ);
    event->contact = subject.contact ? asked->subject : 0;
    event->incident = subject.incident ? asked->subject : 0;
    event->personal_was_read.subject = asked->subject;
    event->personal_was_read.reason = asked->reason;
    event->personal_was_read.seq = asked->seq;
    event->personal_was_read.fields = given;
    event->personal_was_read.masked = masked;
    event->personal_was_read.purpose = asked->purpose;
    decision->verdict->contact = event->contact;
    decision->verdict->incident = event->incident;
    return REFUSAL_NONE;
}

enum refusal decide_session_open(struct decision *decision)
{
    const struct session_open *asked = &decision->command->session_open;
    const struct user *user = core_user(decision->core, asked->user);
    if (!user || user->row.retired)
        return REFUSAL_NO_SUCH_USER;
    struct event *event = decision_event(decision, EVENT_SESSION_OPENED);
    event->session_opened.user = asked->user;
    event->session_opened.spare = asked->spare;
    memcpy(event->session_opened.via, asked->via, sizeof asked->via);
    return REFUSAL_NONE;
}

enum refusal decide_session_close(struct decision *decision)
{
    uint32_t user = decision->command->session_close.user;
    if (!core_user(decision->core, user))
        return REFUSAL_NO_SUCH_USER;
    bool is_other = decision->user && decision->user->row.user != user;
    bool is_security = decision->user && (decision->user->row.roles & (1U << ROLE_SECURITY));
    if (is_other && !is_security) /* who may, after a stolen laptop */
        return REFUSAL_NOT_YOURS;
    decision_event(decision, EVENT_SESSION_CLOSED)->session_closed.user = user;
    return REFUSAL_NONE;
}

enum refusal decide_session_refuse(struct decision *decision)
{
    const struct session_refuse *asked = &decision->command->session_refuse;
    struct event *event = decision_event(decision, EVENT_SESSION_REFUSED);
    event->session_refused.user = asked->user;
    event->session_refused.again = asked->again;
    memcpy(event->session_refused.via, asked->via, sizeof asked->via);
    return REFUSAL_NONE;
}

enum refusal decide_session_prove(struct decision *decision)
{
    const struct session_prove *asked = &decision->command->session_prove;
    const struct user *user = core_user(decision->core, asked->user);
    if (!user || user->row.retired)
        return REFUSAL_NO_SUCH_USER;
    struct event *event = decision_event(decision, EVENT_SESSION_PROVED);
    event->session_proved.user = asked->user;
    event->session_proved.spare = asked->spare;
    memcpy(event->session_proved.via, asked->via, sizeof asked->via);
    return REFUSAL_NONE;
}

enum refusal decide_export_begin(struct decision *decision)
{
    const struct export_begin *asked = &decision->command->export_begin;
    if (asked->kind == EXPORT_KIND_NONE || (asked->fields && !asked->incident))
        return REFUSAL_INCOMPLETE;
    if (asked->kind == EXPORT_KIND_SHEET && asked->reason == READ_REASON_NONE)
        return REFUSAL_REASON_MISSING;
    /* What left memory long ago is exported, too. */
    if (asked->incident >= decision->core->next_id)
        return REFUSAL_NO_SUCH_INCIDENT;
    uint64_t glass = glass_of(decision->core, decision->actor, GLASS_RIGHT_EXPORT);
    if (decision->user && !glass &&
        asked->rows > core_parameter(decision->core, PARAMETER_EXPORT_ROWS))
        return REFUSAL_SECOND_WANTED;
    struct event *event = decision_event(decision, EVENT_EXPORT_BEGUN);
    event->glass = glass;
    event->incident = asked->incident;
    event->export_begun.kind = asked->kind;
    event->export_begun.first = asked->first;
    event->export_begun.last = asked->last;
    event->export_begun.rows = asked->rows;
    event->export_begun.reason = asked->reason;
    event->export_begun.fields = asked->fields;
    memcpy(event->export_begun.digest, asked->digest, sizeof asked->digest);
    event->export_begun.algorithm = asked->algorithm;
    return REFUSAL_NONE;
}

enum refusal decide_words_search(struct decision *decision)
{
    const struct words_search *asked = &decision->command->words_search;
    if (asked->reason == READ_REASON_NONE)
        return REFUSAL_REASON_MISSING;
    if (asked->words == 0)
        return REFUSAL_INCOMPLETE;
    if (asked->reason != READ_REASON_AUDIT && asked->reason != READ_REASON_SUPERVISION)
        return REFUSAL_NOT_ALLOWED;
    if (!may_read(decision, &(struct subject){ 0 }, asked->reason))
        return REFUSAL_NOT_ALLOWED;
    struct event *event = decision_event(decision, EVENT_WORDS_SEARCHED);
    event->words_searched.reason = asked->reason;
    event->words_searched.line = asked->line;
    event->words_searched.department = asked->department;
    event->words_searched.words = asked->words;
    return REFUSAL_NONE;
}

enum refusal decide_history_doubt(struct decision *decision)
{
    const struct history_doubt *asked = &decision->command->history_doubt;
    if (decision->gateway && decision->gateway->row.kind != GATEWAY_KIND_WITNESS &&
        decision->gateway->row.kind != GATEWAY_KIND_CONSOLE)
        return REFUSAL_NOT_ALLOWED;
    if (asked->reason == DOUBT_REASON_NONE)
        return REFUSAL_REASON_MISSING;
    struct event *event = decision_event(decision, EVENT_HISTORY_DOUBTED);
    event->history_doubted.seq = asked->seq;
    event->history_doubted.shown = asked->shown;
    event->history_doubted.reason = asked->reason;
    return REFUSAL_NONE;
}
