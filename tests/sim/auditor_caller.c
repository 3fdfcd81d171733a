/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The auditor's books on those who call: who is not heard (I32), what is known of a number (I33), which
 * language they need and how the rings open (I34), who hung up and is called when it is their turn, and
 * emergencies that are called back (I35). */
#include "tests/sim/ledger.h"

#define DAY_MS 86400000ULL

enum {
    HIGHEST_LEVEL = 9 /* a ring of it is everybody */
};

static struct seen_contact *known(struct auditor *auditor, const struct event *event,
                                  const char *promise)
{
    struct seen_contact *contact = ledger_contact(auditor, event->contact);
    PROMISE(promise, contact, "something happens to nobody");
    return contact;
}

static bool is_supervisor(const struct auditor *auditor, const struct event *event)
{
    for (uint32_t i = 0; event->actor_kind == ACTOR_KIND_USER && i < auditor->taker_count; i++)
        if (auditor->takers[i].row.user == event->actor)
            return auditor->takers[i].row.roles & 1U << ROLE_SUPERVISOR;
    return event->actor_kind == ACTOR_KIND_SYSTEM;
}

/* ---- who is not heard (I32) ------------------------------------------------------------------ */

static enum silence_state moves_to(enum silence_state from, enum silence_step step)
{
    bool asked = from == SILENCE_STATE_PROMPTED;
    bool there = from == SILENCE_STATE_CONFIRMED;
    bool list = from == SILENCE_STATE_CHECKLIST;
    switch ((uint32_t)step) {
    case SILENCE_STEP_SUSPECT:
        return from == SILENCE_STATE_NONE || from == SILENCE_STATE_HEARD ? SILENCE_STATE_SUSPECTED
                                                                         : SILENCE_STATE_NONE;
    case SILENCE_STEP_PROMPT:
        return from == SILENCE_STATE_SUSPECTED ? SILENCE_STATE_PROMPTED : SILENCE_STATE_NONE;
    case SILENCE_STEP_KEY:
        return asked || list ? SILENCE_STATE_CONFIRMED : SILENCE_STATE_NONE;
    case SILENCE_STEP_DANGER:
        return asked || there || list ? SILENCE_STATE_DURESS : SILENCE_STATE_NONE;
    case SILENCE_STEP_NO_REACTION:
        return asked ? SILENCE_STATE_CHECKLIST : SILENCE_STATE_NONE;
    case SILENCE_STEP_GONE:
        return asked || there || from == SILENCE_STATE_SUSPECTED ? SILENCE_STATE_CHECKLIST
                                                                 : SILENCE_STATE_NONE;
    case SILENCE_STEP_SPEAK:
        return asked || there || list || from == SILENCE_STATE_SUSPECTED ? SILENCE_STATE_HEARD
                                                                         : SILENCE_STATE_NONE;
    case SILENCE_STEP_RULE:
        return there || list || from == SILENCE_STATE_DURESS ? SILENCE_STATE_RULED
                                                             : SILENCE_STATE_NONE;
    default:
        return SILENCE_STATE_NONE;
    }
}

bool auditor_is_unheard(const struct seen_contact *contact)
{
    return contact->silence != SILENCE_STATE_NONE && contact->silence != SILENCE_STATE_HEARD &&
           contact->silence != SILENCE_STATE_RULED;
}

static void check_silence(const struct auditor *auditor, const struct seen_contact *contact,
                          const struct event *event)
{
    const struct silence_moved *moved = &event->silence_moved;
    PROMISE("I32",
            contact->silence == moved->from && moved->to &&
                moves_to(moved->from, moved->step) == moved->to,
            "a silence moves as it must not");
    switch ((uint32_t)moved->step) {
    case SILENCE_STEP_PROMPT:
        PROMISE("I32", moved->until_ms == event->at_ms + auditor->parameters[PARAMETER_SILENCE_MS],
                "another patience with the silent");
        return;
    case SILENCE_STEP_NO_REACTION:
        PROMISE("I32", event->at_ms >= contact->silence_ms, "given up before the time for a key");
        return;
    case SILENCE_STEP_KEY:
    case SILENCE_STEP_DANGER:
        PROMISE("I32", event->actor_kind == ACTOR_KIND_GATEWAY, "a key that nobody pressed");
        return;
    case SILENCE_STEP_RULE:
        PROMISE("I32", moved->ruling && is_supervisor(auditor, event),
                "who is not heard is given up by no supervisor");
        PROMISE("I32",
                moved->ruling != SILENCE_RULING_ACCIDENT ||
                    (moved->from == SILENCE_STATE_CHECKLIST && contact->checks == 3),
                "an accident before everything was looked at");
        return;
    default:
        return;
    }
}

static void see_silence(struct auditor *auditor, const struct event *event)
{
    const struct silence_moved *moved = &event->silence_moved;
    struct seen_contact *contact = known(auditor, event, "I32");
    check_silence(auditor, contact, event);
    contact->silence = moved->to;
    contact->silence_ms = moved->until_ms;
    if (moved->to == SILENCE_STATE_SUSPECTED)
        contact->checks = 0;
    if (moved->to == SILENCE_STATE_DURESS) {
        contact->quiet = true;
        contact->owes_text = contact->caller && !contact->undiallable;
    }
}

static void see_check(struct auditor *auditor, const struct event *event)
{
    struct seen_contact *contact = known(auditor, event, "I32");
    PROMISE("I32", auditor_is_unheard(contact), "a checklist for nobody");
    PROMISE("I32", event->silence_checked.item != SILENCE_CHECK_ITEM_RECALL || !contact->quiet,
            "it rings where it may kill");
    contact->checks++;
}

/* ---- what is known of a number (I33) ----------------------------------------------------------- */

static struct seen_mark *mark_of(const struct auditor *auditor, enum ledger_kind kind,
                                 uint64_t number, uint64_t owner)
{
    uint32_t place = ledger_find(auditor, kind, number, owner);
    return place ? &auditor->marks[place - 1] : NULL;
}

uint32_t auditor_marks(const struct auditor *auditor, uint64_t caller)
{
    uint32_t bits = 0;
    for (enum mark_kind kind = 1; caller && kind < MARK_KIND_COUNT; kind++) {
        const struct seen_mark *mark = mark_of(auditor, LEDGER_CALLER_MARK, caller, kind);
        bits |= mark && mark->set && !mark->ended ? 1U << kind : 0;
    }
    return bits;
}

static void see_mark_asked(struct auditor *auditor, const struct event *event)
{
    const struct mark_asked *asked = &event->mark_asked;
    const struct seen_mark *other =
        mark_of(auditor, LEDGER_CALLER_MARK, asked->caller, asked->kind);
    uint32_t place = auditor->mark_count;
    PROMISE("I33", asked->caller && (!other || other->ended), "two marks of a kind on one number");
    *LEDGER_ADD(auditor, mark) = (struct seen_mark){ .id = asked->mark,
                                                     .kind = asked->kind,
                                                     .days = asked->days,
                                                     .asker = event->actor,
                                                     .until_ms = asked->until_ms };
    ledger_put(auditor, LEDGER_MARK, asked->mark, 0, place);
    ledger_put(auditor, LEDGER_CALLER_MARK, asked->caller, asked->kind, place);
}

static void see_mark_set(struct auditor *auditor, const struct event *event)
{
    const struct mark_set *set = &event->mark_set;
    struct seen_mark *mark = mark_of(auditor, LEDGER_MARK, set->mark, 0);
    PROMISE("I33", mark && !mark->set && !mark->ended, "a mark that nobody asked for");
    if (mark->kind == MARK_KIND_NUISANCE) {
        PROMISE("I33", event->actor_kind != ACTOR_KIND_USER || event->actor != mark->asker,
                "one person alone marks a number");
        PROMISE("I33", mark->days && set->until_ms == event->at_ms + mark->days * DAY_MS,
                "a mark for another time");
    }
    mark->set = true;
    mark->until_ms = set->until_ms;
}

static void see_mark_ended(struct auditor *auditor, const struct event *event)
{
    const struct mark_ended *ended = &event->mark_ended;
    struct seen_mark *mark = mark_of(auditor, LEDGER_MARK, ended->mark, 0);
    PROMISE("I33", mark && !mark->ended, "the end of no mark");
    bool by_clock =
        ended->reason == MARK_END_REASON_EXPIRED || ended->reason == MARK_END_REASON_NOT_CONFIRMED;
    PROMISE("I33",
            !by_clock || (event->at_ms >= mark->until_ms &&
                          mark->set == (ended->reason == MARK_END_REASON_EXPIRED)),
            "a mark ends before its time");
    mark->ended = true;
}

/* ---- languages and rings (I34) ------------------------------------------------------------------ */

/* Up to which level takers of its line are asked, everybody being 0. */
static uint32_t ring_of(const struct auditor *auditor, const struct seen_contact *contact)
{
    const struct line_row *line = auditor_line(auditor, contact->line);
    uint32_t level = 0;
    for (uint32_t i = 0; i < line->rings_count; i++)
        if (contact->arrived_ms + line->rings[i].after_ms <= auditor->at_ms)
            level = line->rings[i].level;
    return level == HIGHEST_LEVEL ? 0 : level;
}

static bool any_language(const struct auditor *auditor, const struct seen_contact *contact)
{
    enum parameter patience = auditor_line(auditor, contact->line)->emergency
                                  ? PARAMETER_LANGUAGE_WAIT_EMERGENCY_MS
                                  : PARAMETER_LANGUAGE_WAIT_MS;
    return contact->language &&
           auditor->at_ms >= contact->needed_ms + auditor->parameters[patience];
}

void auditor_check_ring(const struct auditor *auditor, const struct seen_contact *contact)
{
    PROMISE("I34", contact->stranger || contact->level == ring_of(auditor, contact),
            "another ring than the wait has opened");
}

static void see_needed(struct auditor *auditor, const struct event *event)
{
    struct seen_contact *contact = known(auditor, event, "I34");
    contact->language = event->contact_needed.language;
    contact->any_language = false;
    contact->needed_ms = event->at_ms;
    contact->widen_ms = event->contact_needed.widen_ms;
    PROMISE("I34", !contact->language || contact->widen_ms, "nobody else may ever take them");
}

static void see_widened(struct auditor *auditor, const struct event *event)
{
    const struct contact_widened *widened = &event->contact_widened;
    struct seen_contact *contact = known(auditor, event, "I34");
    contact->level = widened->level;
    contact->any_language = widened->any_language;
    contact->widen_ms = widened->widen_ms;
    auditor_check_ring(auditor, contact);
    PROMISE("I34", contact->any_language == any_language(auditor, contact),
            "a language is forgotten, or waited for too long");
}

/* ---- called when it is their turn, and called back (I35) ----------------------------------------- */

const struct seen_contact *auditor_queued(const struct auditor *auditor, uint64_t caller)
{
    for (uint32_t i = 0; caller && i < auditor->live_contact_count; i++) {
        const struct seen_contact *contact = &auditor->contacts[auditor->live_contacts[i]];
        if (contact->dial && contact->caller == caller && contact->state != CONTACT_STATE_CONNECTED)
            return contact;
    }
    return NULL;
}

static void see_queued(struct auditor *auditor, const struct event *event)
{
    struct seen_contact *contact = known(auditor, event, "I35");
    PROMISE("I35",
            contact->state == CONTACT_STATE_WAITING && !contact->parked_ms &&
                contact->channel == CHANNEL_VOICE && contact->caller && !contact->undiallable,
            "who cannot be called is to be called");
    PROMISE("I35", !auditor_line(auditor, contact->line)->emergency,
            "an emergency is sent away to be called later");
    PROMISE("I35", !auditor_queued(auditor, contact->caller), "one number waits twice");
    PROMISE("I35",
            event->callback_queued.until_ms ==
                event->at_ms + auditor->parameters[PARAMETER_QUEUED_LAPSE_MS],
            "a promised call lapses at another time");
    contact->dial = true;
    contact->stranded = false;
    contact->lapse_ms = event->callback_queued.until_ms;
}

static void see_dialled(struct auditor *auditor, const struct event *event)
{
    const struct callback_tried *tried = &event->callback_tried;
    struct seen_contact *contact = known(auditor, event, "I35");
    bool reached = tried->result == TRY_RESULT_REACHED;
    bool over = tried->tries >= auditor->parameters[PARAMETER_RETRIES];
    PROMISE("I35",
            contact->dial && contact->state == CONTACT_STATE_OFFERED &&
                contact->offers[0].taker == event->taker && contact->offers[0].accepted,
            "dialled by whom it was not given to");
    PROMISE("I35", tried->tries == contact->tries + 1, "tries are counted one by one");
    PROMISE("I35",
            tried->next_ms ==
                (reached || over ? 0 : event->at_ms + auditor->parameters[PARAMETER_RETRY_MS]),
            "tried again at another time");
    contact->tries = tried->tries;
    contact->next_ms = tried->next_ms;
}

static void see_tried(struct auditor *auditor, const struct event *event)
{
    const struct callback_tried *tried = &event->callback_tried;
    if (!tried->callback) {
        see_dialled(auditor, event);
        return;
    }
    struct seen_callback *callback = ledger_callback(auditor, tried->callback);
    PROMISE("I35", callback && !callback->ended && !callback->undiallable,
            "a number that nobody can dial is dialled");
    PROMISE("I35", !callback->quiet || is_supervisor(auditor, event), "it rings where it may kill");
    PROMISE("I35", tried->tries == callback->tries + 1, "tries are counted one by one");
    PROMISE("I35",
            !tried->next_ms ||
                (tried->result == TRY_RESULT_BUSY &&
                 tried->tries <= auditor->parameters[PARAMETER_RETRIES] &&
                 tried->next_ms == event->at_ms + auditor->parameters[PARAMETER_RETRY_MS]),
            "tried again at another time");
    callback->tries = tried->tries;
    callback->next_ms = tried->next_ms;
}

static void see_fell(struct auditor *auditor, const struct event *event)
{
    struct seen_callback *callback = ledger_callback(auditor, event->callback_fell.callback);
    struct seen_contact *contact = callback ? NULL : known(auditor, event, "I35");
    uint64_t *next_ms = callback ? &callback->next_ms : &contact->next_ms;
    bool by_person = !callback && event->actor_kind == ACTOR_KIND_USER; /* it is an emergency now */
    PROMISE("I35", *next_ms && (by_person || event->at_ms >= *next_ms),
            "a busy number is dialled too soon");
    *next_ms = 0;
}

/* ---- all of it ---------------------------------------------------------------------------------- */

static void see_resumed(struct auditor *auditor, const struct event *event)
{
    struct seen_contact *contact = known(auditor, event, "I26");
    PROMISE("I26",
            contact->held_ms && event->contact_resumed.held_ms == event->at_ms - contact->held_ms,
            "held for another time");
    contact->held_ms = 0;
}

static void see_held(struct auditor *auditor, const struct event *event)
{
    struct seen_contact *contact = known(auditor, event, "I26");
    PROMISE("I26", contact->state == CONTACT_STATE_CONNECTED && !contact->held_ms,
            "held by nobody, or twice");
    contact->held_ms = event->at_ms;
}

/* I26: whom the citizen does not hear has the citizen; the trail says how long. */
static void see_muted(struct auditor *auditor, const struct event *event)
{
    struct seen_contact *contact = known(auditor, event, "I26");
    bool on = event->kind == EVENT_CONTACT_MUTED;
    uint64_t muted_ms = on ? 0 : event->at_ms - contact->muted_ms;
    PROMISE("I26",
            contact->state == CONTACT_STATE_CONNECTED && contact->channel == CHANNEL_VOICE &&
                contact->taker == event->taker && on == !contact->muted_ms,
            "muted by nobody, or twice");
    PROMISE("I26", on || event->contact_unmuted.muted_ms == muted_ms, "muted for another time");
    contact->muted_ms = on ? event->at_ms : 0;
}

bool auditor_see_caller(struct auditor *auditor, const struct event *event)
{
    switch ((uint32_t)event->kind) {
    case EVENT_SILENCE_MOVED:
        see_silence(auditor, event);
        return true;
    case EVENT_SILENCE_CHECKED:
        see_check(auditor, event);
        return true;
    case EVENT_MARK_ASKED:
        see_mark_asked(auditor, event);
        return true;
    case EVENT_MARK_SET:
        see_mark_set(auditor, event);
        return true;
    case EVENT_MARK_ENDED:
        see_mark_ended(auditor, event);
        return true;
    case EVENT_CONTACT_NEEDED:
        see_needed(auditor, event);
        return true;
    case EVENT_CONTACT_WIDENED:
        see_widened(auditor, event);
        return true;
    case EVENT_CALLBACK_QUEUED:
        see_queued(auditor, event);
        return true;
    case EVENT_CALLBACK_TRIED:
        see_tried(auditor, event);
        return true;
    case EVENT_CALLBACK_FELL:
        see_fell(auditor, event);
        return true;
    case EVENT_CONTACT_HELD:
        see_held(auditor, event);
        return true;
    case EVENT_CONTACT_RESUMED:
        see_resumed(auditor, event);
        return true;
    case EVENT_CONTACT_MUTED:
    case EVENT_CONTACT_UNMUTED:
        see_muted(auditor, event);
        return true;
    case EVENT_QUEUE_STALLED: /* nobody's seat was corrupted here */
        auditor_broken("I5", "the watchdog had to see that somebody waits");
    case EVENT_CALLER_LOCATED:
    case EVENT_CONTACT_LOCATED:
    case EVENT_TEST_MISSED:
    case EVENT_WISH_DEFINED:
    case EVENT_DISPOSITION_DEFINED:
    case EVENT_RETENTION_DEFINED:
    case EVENT_CONTACT_DISPOSED:
    case EVENT_HANDOVER_LEFT:
    case EVENT_HANDOVER_TAKEN:
        return true;
    default:
        return false;
    }
}

void auditor_rest_of_caller(const struct seen_contact *contact, uint64_t now_ms)
{
    bool waits = contact->state == CONTACT_STATE_WAITING && !contact->parked_ms;
    PROMISE("I32", !contact->owes_text, "who is in danger gets no word");
    PROMISE("I32",
            contact->silence != SILENCE_STATE_PROMPTED || contact->silence_ms > now_ms ||
                contact->state != CONTACT_STATE_CONNECTED,
            "nobody notices that no key was pressed");
    PROMISE("I34", !waits || !contact->widen_ms || contact->widen_ms > now_ms,
            "nobody else is asked in time");
    PROMISE("I35",
            !contact->dial || !waits ||
                ((!contact->next_ms || contact->next_ms > now_ms) && contact->lapse_ms > now_ms),
            "a promised call is forgotten");
}

void auditor_rest_of_marks(const struct auditor *auditor, uint64_t now_ms)
{
    for (uint32_t i = 0; i < auditor->mark_count; i++)
        PROMISE("I33",
                auditor->marks[i].ended || !auditor->marks[i].until_ms ||
                    auditor->marks[i].until_ms > now_ms,
                "a mark outlives its time");
}
