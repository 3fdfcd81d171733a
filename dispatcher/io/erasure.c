/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs what was approved and begun: finds, from the trail and the views, every subject under which something of the case or person
 * was ever sealed, and has the core erase one at a time, whenever nobody else waits. Where a restart interrupts it, it
 * begins anew: what is erased is passed over. */
#include "dispatcher/io/erasure.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "dispatcher/io/dispatcher.h"
#include "dispatcher/journal/vault.h"
#include "dispatcher/views/views.h"
#include "proto/schema.h"

enum {
    LOOK_MS = 1000,       /* for one that was begun */
    BITE_MS = 20,         /* between two bites */
    CONTACTS_LOOK = 2000, /* rows of contacts looked at in a bite */
    ERASE_MOST = sizeof((struct order_erase *)0)->calls / sizeof(uint64_t)
};

static const struct answer *ask(struct dispatcher *dispatcher, const struct query *query)
{
    static struct answer answer;
    journal_query(dispatcher->journal, query, dispatcher->now_ms, &answer);
    return answer.refusal == REFUSAL_NONE ? &answer : NULL;
}

/* ---- what the message gateways kept ------------------------------------------------------------ */

/* A gateway that is away is told when it is back. */
static void tell(struct dispatcher *dispatcher, struct order *order)
{
    const struct roster *roster = &dispatcher->roster;
    if (order->erase.calls_count == 0 && order->erase.texts_count == 0)
        return;
    turn_open(dispatcher);
    for (uint32_t i = 0; i < roster->gateway_count; i++) {
        const struct gateway_row *gateway = &roster->gateways[i].row;
        if (gateway->kind == GATEWAY_KIND_SMS && !gateway->retired)
            turn_order(dispatcher, gateway->gateway, order);
    }
    order->erase = (struct order_erase){ 0 };
}

/* PDUs that brought a contact's words, and those of texts to its citizen or a case's. */
static void tell_of(struct dispatcher *dispatcher, const struct event *event, uint64_t subject,
                    struct order *order)
{
    struct order_erase *kept = &order->erase;
    uint64_t whose = event->incident ? event->incident : event->contact;
    if (event->kind == EVENT_CONTACT_ARRIVED && event->contact == subject &&
        event->contact_arrived.channel == CHANNEL_SMS)
        kept->calls[kept->calls_count++] = event->contact_arrived.call;
    else if (event->kind == EVENT_TEXT_RECEIVED && event->contact == subject &&
             !event->text_received.typing) /* what was typed is kept nowhere else */
        kept->calls[kept->calls_count++] = event->text_received.call;
    else if (event->kind == EVENT_TEXT_ORDERED && whose == subject)
        kept->texts[kept->texts_count++] = event->text_ordered.text;
    if (kept->calls_count == ERASE_MOST || kept->texts_count == ERASE_MOST)
        tell(dispatcher, order);
}

/* In the same turn as the key goes, so that a crash takes both or neither. */
static void tell_gateways(struct dispatcher *dispatcher, uint64_t subject, uint64_t contact,
                          uint64_t incident)
{
    static struct order order;
    static struct record record;
    static struct events events;
    struct query query = { .kind = QUERY_EVENTS };
    if (subject != contact && subject != incident)
        return;
    query.events.contact = subject == contact ? contact : 0;
    query.events.incident = subject == contact ? 0 : incident;
    schema_clear(SCHEMA_ORDER, &order);
    order.kind = ORDER_ERASE;
    order.erase = (struct order_erase){ 0 };
    for (;;) {
        const struct answer *answer = ask(dispatcher, &query);
        if (!answer || answer->events.rows_count == 0)
            break;
        events = answer->events;
        query.events.after = events.rows[events.rows_count - 1].seq;
        for (uint32_t i = 0; i < events.rows_count; i++)
            if (journal_unpack(dispatcher->journal, &events.rows[i], &record) == 0)
                tell_of(dispatcher, &record.event, subject, &order);
    }
    tell(dispatcher, &order);
}

/* ---- one subject ----------------------------------------------------------------------------- */

/* Whose a contact is; 0: nobody's, or erased. */
static uint64_t caller_of(struct dispatcher *dispatcher, uint64_t contact)
{
    struct query query = { .kind = QUERY_CONTACTS, .contacts = { .contact = contact } };
    const struct answer *answer = ask(dispatcher, &query);
    return answer && answer->contacts.rows_count > 0 ? answer->contacts.rows[0].caller : 0;
}

/* True: it took the bite. */
static bool erase(struct dispatcher *dispatcher, struct erasing *erasing, uint64_t subject,
                  uint64_t contact, uint64_t caller)
{
    static struct command command;
    if (subject == erasing->kept || journal_is_erased(dispatcher->journal, subject))
        return false;
    schema_clear(SCHEMA_COMMAND, &command);
    command.kind = COMMAND_ERASURE_STEP;
    command.erasure_step = (struct erasure_step){ .erasure = erasing->erasure,
                                                  .subject = subject,
                                                  .contact = contact,
                                                  .incident = erasing->incident,
                                                  .caller = caller };
    turn_system(dispatcher, &command);
    if (dispatcher->verdict.refusal != REFUSAL_NONE) {
        erasing->kept = subject;
        erasing->preserved++;
    } else {
        tell_gateways(dispatcher, subject, contact, erasing->incident);
    }
    return true;
}

/* What this event sealed, if it is to go. A whole case goes with everybody in it; a person takes nobody else along. */
static bool erase_of(struct dispatcher *dispatcher, struct erasing *erasing,
                     const struct stored_event *row)
{
    static struct record record;
    if (journal_unpack(dispatcher->journal, row, &record) < 0)
        return false;
    const struct event *event = &record.event;
    uint64_t subject = record.sealed_size > 0 ? record.subject : 0;
    if (event->kind == EVENT_CONTACT_LOCATED)
        subject = event->contact_located.fix;
    if (subject == 0 || subject == event->notice || (erasing->sound && !vault_is_sound(subject)))
        return false;
    uint64_t caller = event->contact ? caller_of(dispatcher, event->contact) : 0;
    bool of_contact =
        vault_subject_of(subject) == event->contact || event->kind == EVENT_CONTACT_LOCATED;
    if (of_contact && erasing->caller && caller && caller != erasing->caller)
        return false;
    if (!of_contact && (erasing->incident == 0 || event->incident != erasing->incident))
        return false; /* of another case, in which one of these contacts is, too */
    return erase(dispatcher, erasing, subject, event->contact, caller);
}

/* ---- a trail, from its beginning ------------------------------------------------------------- */

/* True: it took the bite; false: it is at its end, and the case or contact itself goes. */
static bool trail_bite(struct dispatcher *dispatcher, struct erasing *erasing)
{
    struct query query = { .kind = QUERY_EVENTS,
                           .events = { .incident = erasing->incident,
                                       .contact = erasing->contact,
                                       .after = erasing->seq } };
    static struct events events;
    const struct answer *answer = ask(dispatcher, &query);
    if (!answer || answer->events.rows_count == 0)
        return false;
    events = answer->events;
    for (uint32_t i = 0; i < events.rows_count; i++) {
        erasing->seq = events.rows[i].seq;
        if (erase_of(dispatcher, erasing, &events.rows[i]))
            break;
    }
    return true;
}

static void begin_trail(struct erasing *erasing, uint64_t incident, uint64_t contact)
{
    erasing->incident = incident;
    erasing->contact = contact;
    erasing->seq = 0;
}

/* ---- what belongs to a person ---------------------------------------------------------------- */

/* The next of the person's own cases, newest first. */
static bool next_case(struct dispatcher *dispatcher, struct erasing *erasing)
{
    struct query query = { .kind = QUERY_INCIDENTS,
                           .incidents = { .caller = erasing->caller,
                                          .before = erasing->last_incident } };
    const struct answer *answer = erasing->cases_done ? NULL : ask(dispatcher, &query);
    if (!answer || answer->incidents.rows_count == 0) {
        erasing->cases_done = true;
        return false;
    }
    erasing->last_incident = answer->incidents.rows[0].incident;
    begin_trail(erasing, erasing->last_incident, 0);
    return true;
}

/* The next of the person's contacts; true also while more are to be looked at. */
static bool next_contact(struct dispatcher *dispatcher, struct erasing *erasing)
{
    uint64_t contact = 0;
    int status = views_contact_of(journal_views(dispatcher->journal), erasing->caller,
                                  &erasing->last_contact, CONTACTS_LOOK, &contact);
    if (contact)
        begin_trail(erasing, 0, contact);
    return status == 0;
}

static void finish(struct dispatcher *dispatcher, const struct erasing *erasing)
{
    static struct command command;
    schema_clear(SCHEMA_COMMAND, &command);
    command.kind = COMMAND_ERASURE_STEP;
    command.erasure_step.erasure = erasing->erasure;
    command.erasure_step.preserved = erasing->preserved;
    turn_system(dispatcher, &command);
    log_info("erasure=%" PRIu64 " done preserved=%" PRIu64, erasing->erasure, erasing->preserved);
}

static void bite(struct dispatcher *dispatcher)
{
    struct erasing *erasing = &dispatcher->erasing;
    if (erasing->incident || erasing->contact) {
        if (trail_bite(dispatcher, erasing))
            return;
        uint64_t subject = erasing->incident ? erasing->incident : erasing->contact;
        if (erasing->sound) /* says that it is done, too, where nothing was attached */
            subject = vault_sound_of(subject);
        uint64_t caller = erasing->caller || !erasing->contact
                              ? erasing->caller
                              : caller_of(dispatcher, erasing->contact);
        (void)erase(dispatcher, erasing, subject, erasing->contact, caller);
        begin_trail(erasing, 0, 0);
        return;
    }
    if (erasing->caller && (next_case(dispatcher, erasing) || next_contact(dispatcher, erasing)))
        return;
    finish(dispatcher, erasing);
    *erasing = (struct erasing){ .erasure = 0 }; /* looks at once for one that a person began */
}

void erasure_begin(struct dispatcher *dispatcher, uint64_t erasure,
                   const struct retention_step *what)
{
    struct erasing *erasing = &dispatcher->erasing;
    *erasing = (struct erasing){ .erasure = erasure,
                                 .sound = what->sound,
                                 .looked_ms = dispatcher->mono_ms };
    begin_trail(erasing, what->incident, what->contact);
}

static void look(struct dispatcher *dispatcher)
{
    struct query query = { .kind = QUERY_ERASURES, .erasures = { .open = true } };
    struct erasing *erasing = &dispatcher->erasing;
    const struct answer *answer = ask(dispatcher, &query);
    erasing->looked_ms = dispatcher->mono_ms;
    for (uint32_t i = 0; answer && i < answer->erasures.rows_count; i++) {
        const struct erasure_row *row = &answer->erasures.rows[i];
        if (row->state != ERASURE_STATE_RUNNING)
            continue;
        erasing->erasure = row->erasure;
        erasing->caller = row->caller;
        erasing->sound = row->sound;
        begin_trail(erasing, row->incident, row->contact);
        return;
    }
}

void erasure_turn(struct dispatcher *dispatcher)
{
    struct erasing *erasing = &dispatcher->erasing;
    uint64_t since_ms = dispatcher->mono_ms - erasing->looked_ms;
    if (since_ms < (erasing->erasure ? BITE_MS : LOOK_MS) || bus_waits(dispatcher->bus))
        return;
    if (!erasing->erasure) {
        look(dispatcher);
        return;
    }
    erasing->looked_ms = dispatcher->mono_ms;
    bite(dispatcher);
}

uint64_t erasure_wait_ms(const struct dispatcher *dispatcher)
{
    return dispatcher->erasing.erasure ? BITE_MS : UINT64_MAX;
}
