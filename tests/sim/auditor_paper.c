/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The auditor's books on what the office decides beside its cases: who may look into a secret and for how long
 * (I39), and what becomes of amendments, articles, erasures, broken glasses, notices and signets: each step from
 * where it stood, and by somebody else where it takes two (I21). */
#include "tests/sim/kernel.h"
#include "tests/sim/ledger.h"

enum {
    GRANT_MS_MAX = 72 * HOUR_MS,
    AS_BEFORE = 0 /* the step needs nobody else */
};

/* ---- grants ------------------------------------------------------------------------------------- */

static struct seen_grant *running(const struct auditor *auditor, uint64_t incident, uint32_t user)
{
    uint32_t place = ledger_find(auditor, LEDGER_GRANT, incident, user);
    return place && !auditor->grants[place - 1].ended ? &auditor->grants[place - 1] : NULL;
}

static void see_grant(struct auditor *auditor, const struct event *event)
{
    const struct grant_given *given = &event->grant_given;
    uint32_t place = auditor->grant_count;
    PROMISE("I39", ledger_incident(auditor, event->incident), "a grant to look at nothing");
    PROMISE("I39", event->actor_kind == ACTOR_KIND_USER && given->purpose,
            "a grant by nobody, or for nothing");
    PROMISE("I39", auditor_taker(auditor, given->user)->row.user != event->actor,
            "somebody grants themselves a look");
    PROMISE("I39", given->until_ms > event->at_ms && given->until_ms <= event->at_ms + GRANT_MS_MAX,
            "a grant for ever, or for no time");
    PROMISE("I39", !running(auditor, event->incident, given->user), "a grant upon a grant");
    *LEDGER_ADD(auditor, grant) = (struct seen_grant){ .incident = event->incident,
                                                       .user = given->user,
                                                       .until_ms = given->until_ms };
    ledger_put(auditor, LEDGER_GRANT, event->incident, given->user, place);
}

static void see_grant_end(struct auditor *auditor, const struct event *event)
{
    const struct grant_ended *ended = &event->grant_ended;
    struct seen_grant *grant = running(auditor, event->incident, ended->user);
    PROMISE("I39", grant, "a grant ends that nobody gave");
    PROMISE("I39", ended->expired == (event->actor_kind != ACTOR_KIND_USER),
            "a grant runs out by a person's word, or is taken back by nobody");
    PROMISE("I39", !ended->expired || event->at_ms >= grant->until_ms, "a grant is cut short");
    grant->ended = true;
}

void auditor_rest_of_grants(const struct auditor *auditor, uint64_t now_ms)
{
    for (uint32_t i = 0; i < auditor->grant_count; i++)
        PROMISE("I39", auditor->grants[i].ended || auditor->grants[i].until_ms > now_ms,
                "somebody looks into a secret after their time");
}

/* ---- papers ------------------------------------------------------------------------------------- */

static void put(struct auditor *auditor, enum paper paper, uint64_t number,
                const struct event *event, uint32_t state)
{
    uint32_t place = ledger_find(auditor, LEDGER_PAPER, number, paper);
    uint32_t by = event->actor_kind == ACTOR_KIND_USER ? event->actor : 0;
    if (!place) {
        place = auditor->paper_count + 1;
        (void)LEDGER_ADD(auditor, paper);
        ledger_put(auditor, LEDGER_PAPER, number, paper, place - 1);
    }
    auditor->papers[place - 1] = (struct seen_paper){ .state = state, .by = by };
}

static struct seen_paper *known(const struct auditor *auditor, enum paper paper, uint64_t number)
{
    uint32_t place = ledger_find(auditor, LEDGER_PAPER, number, paper);
    PROMISE("I17", place, "what moves was never begun");
    return &auditor->papers[place - 1];
}

struct step {
    uint32_t from, to;
    uint32_t
        seconded; /* a step to this state is another person's than the one before; AS_BEFORE: none */
    bool stays;   /* whoever began it stays the one that others must differ from */
};

static void move(struct auditor *auditor, enum paper paper, uint64_t number,
                 const struct event *event, struct step step)
{
    struct seen_paper *seen = known(auditor, paper, number);
    uint32_t by = event->actor_kind == ACTOR_KIND_USER ? event->actor : 0;
    PROMISE("I17", seen->state == step.from, "it stood elsewhere");
    PROMISE("I21", step.seconded != step.to || !by || seen->by != by,
            "one person decides what takes two");
    seen->state = step.to;
    if (!step.stays)
        seen->by = by;
}

static void see_signet(struct auditor *auditor, const struct event *event)
{
    const struct signet_moved *moved = &event->signet_moved;
    struct seen_paper *signet = known(auditor, PAPER_SIGNET, moved->signet);
    PROMISE("I17", signet->state == moved->from, "it stood elsewhere");
    PROMISE("I21",
            moved->to != SIGNET_STATE_VALID || event->actor_kind != ACTOR_KIND_USER ||
                event->actor != moved->user,
            "one's own key is let in by oneself");
    signet->state = moved->to;
}

static void see_erased(struct auditor *auditor, const struct event *event)
{
    const struct seen_paper *erasure = known(auditor, PAPER_ERASURE, event->erased.erasure);
    PROMISE("I21", erasure->state == ERASURE_STATE_RUNNING, "erased before two agreed");
    PROMISE("I17", !ledger_find(auditor, LEDGER_ERASED, event->erased.subject, 0), "erased twice");
    ledger_put(auditor, LEDGER_ERASED, event->erased.subject, 0, 0);
}

/* A list begins, or is another from now on; none comes back, and nobody must read what is not published. */
static void see_assigned(struct auditor *auditor, const struct event *event)
{
    const struct reading_assigned *said = &event->reading_assigned;
    uint32_t place = ledger_find(auditor, LEDGER_PAPER, said->list, PAPER_READING_LIST);
    PROMISE("I17", !place || auditor->papers[place - 1].state == 1, "a list that ended goes on");
    PROMISE("I21", said->articles_count > 0 && said->due_ms > event->at_ms,
            "nothing to read, or too late already");
    put(auditor, PAPER_READING_LIST, said->list, event, 1);
}

/* What one person wrote anew another lets out, as it was written. */
static void see_replaced(struct auditor *auditor, const struct event *event)
{
    const struct seen_paper *words = known(auditor, PAPER_WORDS, event->notice_replaced.words);
    PROMISE("I21", words->state == event->notice_replaced.edition, "other words than were agreed");
    PROMISE("I21", event->actor_kind != ACTOR_KIND_USER || words->by != event->actor,
            "one person decides what takes two");
}

static uint64_t edition(uint32_t article, uint32_t number)
{
    return (uint64_t)article << 32 | number;
}

static bool see_move(struct auditor *auditor, const struct event *event)
{
    switch ((uint32_t)event->kind) {
    case EVENT_AMENDMENT_MOVED:
        move(auditor, PAPER_AMENDMENT, event->amendment_moved.amendment, event,
             (struct step){ event->amendment_moved.from, event->amendment_moved.to,
                            AMENDMENT_STATE_APPLIED, true });
        return true;
    case EVENT_ARTICLE_MOVED:
        move(auditor, PAPER_ARTICLE,
             edition(event->article_moved.article, event->article_moved.edition), event,
             (struct step){ event->article_moved.from, event->article_moved.to,
                            ARTICLE_STATE_REVIEWED, true });
        return true;
    case EVENT_ERASURE_MOVED: /* asked, agreed, run: nobody does two in a row */
        move(auditor, PAPER_ERASURE, event->erasure_moved.erasure, event,
             (struct step){ event->erasure_moved.from, event->erasure_moved.to,
                            event->erasure_moved.from == ERASURE_STATE_ASKED
                                ? ERASURE_STATE_APPROVED
                                : ERASURE_STATE_RUNNING,
                            false });
        return true;
    case EVENT_GLASS_MOVED:
        move(auditor, PAPER_GLASS, event->glass_moved.glass, event,
             (struct step){ event->glass_moved.from, event->glass_moved.to,
                            event->glass_moved.to == GLASS_STATE_REVIEWED ? GLASS_STATE_REVIEWED
                                                                          : GLASS_STATE_OPEN,
                            true });
        return true;
    case EVENT_NOTICE_MOVED:
        move(auditor, PAPER_NOTICE, event->notice, event,
             (struct step){ event->notice_moved.from, event->notice_moved.to,
                            event->notice_moved.from == NOTICE_STATE_DRAFTED ? NOTICE_STATE_RUNNING
                                                                             : AS_BEFORE,
                            true });
        return true;
    case EVENT_SIGNET_MOVED:
        see_signet(auditor, event);
        return true;
    default:
        return false;
    }
}

static bool see_begin(struct auditor *auditor, const struct event *event)
{
    switch ((uint32_t)event->kind) {
    case EVENT_AMENDMENT_DRAFTED:
        put(auditor, PAPER_AMENDMENT, event->amendment_drafted.amendment, event,
            AMENDMENT_STATE_DRAFT);
        return true;
    case EVENT_ARTICLE_DRAFTED:
        put(auditor, PAPER_ARTICLE,
            edition(event->article_drafted.article, event->article_drafted.edition), event,
            ARTICLE_STATE_DRAFT);
        return true;
    case EVENT_ERASURE_ASKED:
        put(auditor, PAPER_ERASURE, event->erasure_asked.erasure, event, ERASURE_STATE_ASKED);
        return true;
    case EVENT_GLASS_ASKED:
        put(auditor, PAPER_GLASS, event->glass_asked.glass, event, GLASS_STATE_ASKED);
        return true;
    case EVENT_NOTICE_CREATED:
        put(auditor, PAPER_NOTICE, event->notice, event, NOTICE_STATE_DRAFTED);
        known(auditor, PAPER_NOTICE, event->notice)->urgent = event->notice_created.reason[0];
        return true;
    case EVENT_SIGNET_ENROLLED:
        put(auditor, PAPER_SIGNET, event->seq, event, event->signet_enrolled.state);
        return true;
    case EVENT_PRESERVATION_BEGUN:
        put(auditor, PAPER_PRESERVATION, event->preservation_begun.preservation, event, 1);
        return true;
    case EVENT_READING_ASSIGNED: /* as it is from now on: begun, or changed */
        see_assigned(auditor, event);
        return true;
    case EVENT_RETENTION_BEGUN:
        put(auditor, PAPER_RETENTION, event->retention_begun.retention, event, 1);
        return true;
    default:
        return false;
    }
}

static void see_confirmed(struct auditor *auditor, const struct event *event)
{
    const struct reading_confirmed *said = &event->reading_confirmed;
    const struct seen_paper *read =
        known(auditor, PAPER_ARTICLE, edition(said->article, said->edition));
    PROMISE("I21", event->actor_kind == ACTOR_KIND_USER && read->state == ARTICLE_STATE_PUBLISHED,
            "somebody read what is not published");
}

/* What hangs on something that was begun, and is not over. */
static bool see_part(struct auditor *auditor, const struct event *event)
{
    switch ((uint32_t)event->kind) {
    case EVENT_AMENDMENT_WRITTEN:
        PROMISE("I21",
                known(auditor, PAPER_AMENDMENT, event->amendment_written.amendment)->state ==
                    AMENDMENT_STATE_DRAFT,
                "written into after it was handed in");
        return true;
    case EVENT_ARTICLE_WRITTEN:
        PROMISE("I21",
                known(auditor, PAPER_ARTICLE,
                      edition(event->article_written.article, event->article_written.edition))
                        ->state == ARTICLE_STATE_DRAFT,
                "written into after it was read");
        return true;
    case EVENT_NOTICE_ADDED:
        PROMISE("I21", known(auditor, PAPER_NOTICE, event->notice)->state == NOTICE_STATE_DRAFTED,
                "somebody more is written to than was agreed");
        return true;
    case EVENT_NOTICE_STEPPED:
        PROMISE("I21", known(auditor, PAPER_NOTICE, event->notice)->state == NOTICE_STATE_RUNNING,
                "a notice goes out that nobody started");
        auditor_see_step(auditor, event, known(auditor, PAPER_NOTICE, event->notice)->urgent);
        return true;
    case EVENT_NOTICE_CORRECTED:
        (void)known(auditor, PAPER_NOTICE, event->notice);
        put(auditor, PAPER_WORDS, event->seq, event, event->notice_corrected.edition);
        return true;
    case EVENT_NOTICE_REPLACED:
        see_replaced(auditor, event);
        return true;
    case EVENT_ERASED:
        see_erased(auditor, event);
        return true;
    case EVENT_PRESERVATION_LIFTED:
        move(auditor, PAPER_PRESERVATION, event->preservation_lifted.preservation, event,
             (struct step){ 1, 2, AS_BEFORE, true });
        return true;
    case EVENT_READING_ENDED:
        move(auditor, PAPER_READING_LIST, event->reading_ended.list, event,
             (struct step){ 1, 2, AS_BEFORE, false });
        return true;
    case EVENT_READING_CONFIRMED:
        see_confirmed(auditor, event);
        return true;
    case EVENT_RETENTION_ENDED:
        move(auditor, PAPER_RETENTION, event->retention_ended.retention, event,
             (struct step){ 1, 2, AS_BEFORE, true });
        return true;
    case EVENT_ARTICLE_RATED:
    case EVENT_ARTICLE_CORRECTED:
    case EVENT_NOTICE_REPORTED:
    case EVENT_HISTORY_DOUBTED:
        return true;
    case EVENT_ATTACHMENT_STORED:
    case EVENT_CITIZEN_VISITED:
        PROMISE("I8",
                !event->incident || ledger_incident(auditor, event->incident) ||
                    ledger_contact(auditor, event->contact),
                "a deed about nothing");
        return true;
    case EVENT_KEYS_PRESSED:
        PROMISE("I37", ledger_contact(auditor, event->contact), "keys are pressed for nobody");
        return true;
    default:
        return false;
    }
}

bool auditor_see_paper(struct auditor *auditor, const struct event *event)
{
    switch ((uint32_t)event->kind) {
    case EVENT_GRANT_GIVEN:
        see_grant(auditor, event);
        return true;
    case EVENT_GRANT_ENDED:
        see_grant_end(auditor, event);
        return true;
    default:
        return see_begin(auditor, event) || see_move(auditor, event) || see_part(auditor, event);
    }
}
