/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The auditor's books on storms and clusters, and on what is said to those who wait. A storm begins
 * by a rule that can be read in its event, or by a person's hand, and ends so; it asks back only who
 * paused, shortens no emergency's record, and merges nothing by itself. (I27) */
#include "tests/sim/ledger.h"

static struct seen_cluster *cluster_of(struct auditor *auditor, uint64_t id)
{
    for (uint32_t i = 0; i < SEEN_CLUSTERS_MAX; i++)
        if (id && auditor->clusters[i].id == id)
            return &auditor->clusters[i];
    return NULL;
}

/* ---- storms ---------------------------------------------------------------------------------- */

static bool paused(const struct seen_taker *taker)
{
    return taker->on && taker->away &&
           (taker->reason == AWAY_REASON_BREAK || taker->reason == AWAY_REASON_MEAL ||
            taker->reason == AWAY_REASON_TRAINING || taker->reason == AWAY_REASON_RECORD);
}

static void see_entered(struct auditor *auditor, const struct event *event)
{
    const struct storm_entered *entered = &event->storm_entered;
    struct seen_cluster *cluster = cluster_of(auditor, entered->cluster);
    PROMISE("I27", !auditor->storm.cause, "a storm in a storm");
    switch ((uint32_t)entered->cause) {
    case STORM_CAUSE_RATE:
        PROMISE("I27", entered->forecast && entered->rate, "a storm by a rate nobody expected");
        break;
    case STORM_CAUSE_CLUSTER:
        PROMISE("I27", cluster && cluster->grew_ms == event->at_ms, "a storm by no cluster");
        break;
    default:
        PROMISE("I27", entered->cause == STORM_CAUSE_HAND && event->actor_kind == ACTOR_KIND_USER,
                "a storm that nobody and no rule entered");
        break;
    }
    auditor->storm = (struct seen_storm){ entered->cause, event->at_ms, event->at_ms };
    for (uint32_t i = 0; i < auditor->taker_count; i++)
        auditor->takers[i].recall |= paused(&auditor->takers[i]);
}

static void see_left(struct auditor *auditor, const struct event *event)
{
    const struct storm_left *left = &event->storm_left;
    struct seen_storm *storm = &auditor->storm;
    PROMISE("I27", storm->cause, "the end of no storm");
    PROMISE("I27", left->lasted_ms == event->at_ms - storm->since_ms, "a storm of another length");
    if (left->cause == STORM_CAUSE_QUIET)
        PROMISE("I27",
                storm->cause != STORM_CAUSE_HAND &&
                    event->at_ms >= storm->since_ms + auditor->parameters[PARAMETER_STORM_QUIET_MS],
                "a storm is over before it was quiet");
    else
        PROMISE("I27", event->actor_kind == ACTOR_KIND_USER, "a storm that nobody left");
    *storm = (struct seen_storm){ 0 };
}

static void see_recalled(struct auditor *auditor, const struct event *event)
{
    struct seen_taker *taker = auditor_taker(auditor, event->taker);
    PROMISE("I27", taker->stranger || taker->recall, "somebody is asked back who did not pause");
    taker->recall = false;
}

void auditor_check_wrap_up(const struct auditor *auditor, const struct event *event)
{
    const struct seen_contact *contact = ledger_contact(auditor, event->contact);
    const uint64_t *parameters = auditor->parameters;
    if (!contact || contact->stranger)
        return;
    /* Whoever was handed on is on another line already; the record is about the one before. */
    uint32_t before = contact->taker == event->taker ? contact->line : contact->came_from;
    for (uint32_t i = 0; i < 2; i++) {
        const struct line_row *line = auditor_line(auditor, i || !before ? contact->line : before);
        uint64_t length_ms = line->wrap_up_ms ? line->wrap_up_ms : parameters[PARAMETER_WRAP_UP_MS];
        bool brief = auditor->storm.cause && !line->emergency &&
                     parameters[PARAMETER_STORM_WRAP_UP_MS] < length_ms;
        if (brief)
            length_ms = parameters[PARAMETER_STORM_WRAP_UP_MS];
        if (event->wrap_up_started.until_ms == event->at_ms + length_ms)
            return;
    }
    auditor_broken("I27", "a wrap-up of another length");
}

/* ---- clusters -------------------------------------------------------------------------------- */

static void see_formed(struct auditor *auditor, const struct event *event)
{
    const struct cluster_formed *formed = &event->cluster_formed;
    PROMISE("I27", ledger_incident(auditor, event->incident), "a cluster about nothing");
    PROMISE("I27", formed->calls >= auditor->parameters[PARAMETER_CLUSTER_CALLS],
            "a cluster of too few");
    PROMISE("I27", !cluster_of(auditor, formed->cluster), "a cluster's number comes again");
    auditor->clusters[auditor->cluster_count++ % SEEN_CLUSTERS_MAX] =
        (struct seen_cluster){ .id = formed->cluster,
                               .incident = event->incident,
                               .grew_ms = event->at_ms,
                               .line = event->line,
                               .calls = formed->calls };
    auditor->storm.stirred_ms = event->at_ms;
}

static void see_grew(struct auditor *auditor, const struct event *event)
{
    struct seen_cluster *cluster = cluster_of(auditor, event->cluster_grew.cluster);
    PROMISE("I27", cluster && !cluster->ended, "no cluster grows");
    PROMISE("I27", event->cluster_grew.calls == cluster->calls + 1, "a cluster grows by one");
    cluster->calls = event->cluster_grew.calls;
    cluster->grew_ms = auditor->storm.stirred_ms = event->at_ms;
}

static void see_cluster_end(struct auditor *auditor, const struct event *event)
{
    struct seen_cluster *cluster = cluster_of(auditor, event->cluster_ended.cluster);
    PROMISE("I27", cluster && !cluster->ended, "a cluster ends twice");
    PROMISE("I27",
            event->at_ms >= cluster->grew_ms + auditor->parameters[PARAMETER_CLUSTER_QUIET_MS],
            "a cluster ends before it was quiet");
    cluster->ended = true;
}

/* Noted beside the contact, no more: it stays in its place and belongs to nothing yet. */
static void see_likely(struct auditor *auditor, const struct event *event)
{
    struct seen_contact *contact = ledger_contact(auditor, event->contact);
    const struct seen_cluster *cluster = cluster_of(auditor, event->contact_likely.cluster);
    PROMISE("I27", contact && (contact->stranger || contact->state == CONTACT_STATE_WAITING),
            "somebody who does not wait is likely about a cluster");
    PROMISE("I27",
            cluster && !cluster->ended && cluster->incident == event->incident &&
                (contact->stranger || cluster->line == contact->line),
            "likely about a cluster that is not there");
    contact->likely = event->incident;
}

/* ---- what is said ------------------------------------------------------------------------------ */

static void see_estimate(struct auditor *auditor, const struct event *event)
{
    const struct wait_estimated *told = &event->wait_estimated;
    struct seen_contact *contact = ledger_contact(auditor, event->contact);
    PROMISE("I6", contact, "nobody's wait");
    if (!contact->stranger) {
        PROMISE("I7", !auditor_line(auditor, contact->line)->emergency,
                "an emergency is told to wait");
        PROMISE("I6", !told->minutes || !contact->minutes || told->minutes < contact->minutes,
                "the wait that was said rises");
    }
    if (told->minutes)
        contact->minutes = told->minutes;
}

static void see_announced(const struct auditor *auditor, const struct event *event)
{
    const struct seen_contact *contact = ledger_contact(auditor, event->contact);
    enum announcement announcement = event->contact_announced.announcement;
    PROMISE("I6", contact, "nobody is told");
    PROMISE("I7",
            contact->stranger || !auditor_line(auditor, contact->line)->emergency ||
                announcement == ANNOUNCEMENT_SILENT,
            "an emergency hears what keeps it off");
}

/* A person joins a contact to an incident, or the citizen's own key does. */
static void see_attached(struct auditor *auditor, const struct event *event)
{
    struct seen_contact *contact = ledger_contact(auditor, event->contact);
    PROMISE("I30", contact && ledger_incident(auditor, event->incident),
            "nobody belongs to nothing");
    PROMISE("I27", event->actor_kind != ACTOR_KIND_SYSTEM, "a contact is attached by itself");
    PROMISE("I30",
            contact->stranger || !event->contact_attached.left ||
                contact->incident == event->contact_attached.left,
            "split from what it did not belong to");
    contact->incident = event->incident;
}

static void see_received(struct auditor *auditor, const struct event *event)
{
    struct seen_contact *contact = ledger_contact(auditor, event->contact);
    const struct text_received *received = &event->text_received;
    PROMISE("I30", contact, "a text of nobody's conversation");
    PROMISE("I30", !received->typing || contact->channel == CHANNEL_VOICE, "typed in no call");
    PROMISE("I30", !received->typing || contact->call == received->call, "typed in another call");
    contact->typing = received->typing;
}

static void see_typing_opened(struct auditor *auditor, const struct event *event)
{
    struct seen_contact *contact = ledger_contact(auditor, event->contact);
    PROMISE("I30", contact && !contact->typing && contact->call == event->typing_opened.call,
            "opened twice, or for another call");
    contact->typing = event->typing_opened.typing;
}

static void see_typed(struct auditor *auditor, const struct event *event)
{
    const struct seen_contact *contact = ledger_contact(auditor, event->contact);
    PROMISE("I30", contact && contact->typing, "typed to who never typed");
    PROMISE("I30",
            contact->call == event->text_typed.call &&
                contact->gateway == event->text_typed.gateway,
            "typed in another call");
    PROMISE("I2", contact->state == CONTACT_STATE_CONNECTED, "typed to who is with nobody");
}

bool auditor_see_storm(struct auditor *auditor, const struct event *event)
{
    switch ((uint32_t)event->kind) {
    case EVENT_STORM_ENTERED:
        see_entered(auditor, event);
        return true;
    case EVENT_STORM_LEFT:
        see_left(auditor, event);
        return true;
    case EVENT_TAKER_RECALLED:
        see_recalled(auditor, event);
        return true;
    case EVENT_CLUSTER_FORMED:
        see_formed(auditor, event);
        return true;
    case EVENT_CLUSTER_GREW:
        see_grew(auditor, event);
        return true;
    case EVENT_CLUSTER_ANNOUNCED:
        PROMISE("I7", !auditor_line(auditor, event->line)->emergency,
                "an emergency line announces a cluster");
        return true;
    case EVENT_CLUSTER_ENDED:
        see_cluster_end(auditor, event);
        return true;
    case EVENT_CONTACT_LIKELY:
        see_likely(auditor, event);
        return true;
    case EVENT_WAIT_ESTIMATED:
        see_estimate(auditor, event);
        return true;
    case EVENT_CONTACT_ANNOUNCED:
        see_announced(auditor, event);
        return true;
    case EVENT_CONTACT_ATTACHED:
        see_attached(auditor, event);
        return true;
    case EVENT_TEXT_RECEIVED:
        see_received(auditor, event);
        return true;
    case EVENT_TYPING_OPENED:
        see_typing_opened(auditor, event);
        return true;
    case EVENT_TEXT_TYPED:
        see_typed(auditor, event);
        return true;
    case EVENT_FORECAST_DEFINED:
        return true;
    default:
        return false;
    }
}

/* ---- at rest ----------------------------------------------------------------------------------- */

void auditor_rest_of_storm(const struct auditor *auditor, uint64_t now_ms)
{
    const struct seen_storm *storm = &auditor->storm;
    uint64_t quiet_ms = auditor->parameters[PARAMETER_STORM_QUIET_MS];
    for (uint32_t i = 0; i < auditor->taker_count; i++)
        PROMISE("I27", auditor->takers[i].stranger || !auditor->takers[i].recall,
                "who paused is not asked back");
    /* Nobody called since: what could keep it up? */
    PROMISE("I27",
            !storm->cause || storm->cause == STORM_CAUSE_HAND ||
                storm->stirred_ms + quiet_ms > now_ms,
            "a storm in a silence");
    for (uint32_t i = 0; i < SEEN_CLUSTERS_MAX; i++) {
        const struct seen_cluster *cluster = &auditor->clusters[i];
        PROMISE("I27",
                !cluster->id || cluster->ended ||
                    cluster->grew_ms + auditor->parameters[PARAMETER_CLUSTER_QUIET_MS] > now_ms,
                "a cluster of which nobody tells any more");
    }
}
