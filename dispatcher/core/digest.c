/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The state as one number, the same for ever for the same history (tests/golden/README.md).
 *
 * The number is a sum over things, each of them a sum over its facts. A fact is a name and a value; one
 * at its default (0, or what a city starts with) counts nothing. So a field that somebody adds
 * changes no old journal's digest as long as old events leave it at its default, and neither the order
 * of lines here nor the slot a thing lies in matters. A name, once landed, keeps its meaning.
 *
 * Only what events established is in. What follows from it under the present rules (places in heaps,
 * deadlines, counters) is core_check()'s: rules may get better, histories may not. */
#include "dispatcher/core/city.h"
#include "dispatcher/core/clock.h"
#include "dispatcher/core/erasure.h"
#include "dispatcher/core/exam.h"
#include "dispatcher/core/glass.h"
#include "dispatcher/core/guide.h"
#include "dispatcher/core/merge.h"
#include "dispatcher/core/rows.h"
#include "dispatcher/core/signet.h"
#include "dispatcher/core/state.h"
#include "dispatcher/core/tie.h"

static uint64_t fact(const char *name, uint64_t value)
{
    return value ? stir(stir(stir_text(0, name), value), 0) : 0;
}

/* One of several: by number, from 0 or 1 up as the caller counts them. */
static uint64_t fact_of(const char *name, uint64_t number, uint64_t value)
{
    return value ? stir(stir(stir(stir_text(0, name), number), value), 0) : 0;
}

static uint64_t thing(const char *kind, uint64_t facts)
{
    return stir(stir(stir_text(0, kind), facts), 0);
}

static uint64_t promise(const char *name, const struct promise *promise)
{
    return fact_of(name, 0, promise->due_ms) + fact_of(name, 1, promise->reported) +
           fact_of(name, 2, promise->start_ms) + fact_of(name, 3, promise->length_ms) +
           fact_of(name, 4, promise->measure) + fact_of(name, 5, promise->sla) +
           fact_of(name, 6, promise->calendar) + fact_of(name, 7, promise->provisional) +
           fact_of(name, 8, promise->paused) + fact_of(name, 9, promise->climbed);
}

static uint64_t digest_user(const struct user *user)
{
    return thing("user", fact("row", user_fingerprint(&user->row)) +
                             fact("phone", user->phone[0] ? stir_text(0, user->phone) : 0) +
                             fact("signed on", user->signed_on) + fact("away", user->away) +
                             fact("idle", user->idle_ms) + fact("wrap-up", user->wrap_up_ms) +
                             fact("rest", user->rest_ms) +
                             fact("ordinary rest", user->ordinary_rest) +
                             fact("contact", user->contact ? user->contact->id : 0) +
                             fact("unanswered", user->unanswered));
}

/* What is told to, asked of and known about the citizen behind the contact. */
static uint64_t digest_caller(const struct contact *contact)
{
    return fact("undiallable", contact->undiallable) + fact("test", contact->test) +
           fact("dial", contact->dial) + fact("marks", contact->marks) +
           fact("likely", contact->likely) + fact("estimated", contact->estimated_ms) +
           fact("minutes", contact->minutes) + fact("announced", contact->announced) +
           fact("tries", contact->tries) + fact("next", contact->next_ms) +
           fact("lapse", contact->lapse_ms) + fact("silence", contact->silence) +
           fact("silence until", contact->silence_ms) + fact("checks", contact->checks) +
           fact("five", contact->five) + fact("quiet", contact->quiet) +
           fact("texts", contact->texts) + fact("typing", contact->typing) +
           fact("stale", contact->stale_ms) + fact("place m", contact->cell_m) +
           fact("disposition", contact->disposition) + fact("invalid", contact->invalid);
}

/* The first offer's facts have no number. */
static uint64_t digest_offers(const struct contact *contact)
{
    const struct lease *first = &contact->leases[0];
    const struct lease *second = &contact->leases[1];
    const struct user *taker = contact->taker ? contact->taker : first->taker;
    return fact("offer", first->id) + fact("offer until", first->until_ms) +
           fact("rang", contact->rang) + fact("accepted", contact->accepted) +
           fact("taker", taker ? taker->row.user : 0) + fact("offer kind", first->kind) +
           fact_of("rang", 1, second->id && first->rang) +
           fact_of("accepted", 1, second->id && first->accepted) + fact_of("offer", 2, second->id) +
           fact_of("offer until", 2, second->until_ms) + fact_of("rang", 2, second->rang) +
           fact_of("accepted", 2, second->accepted) +
           fact_of("taker", 2, second->taker ? second->taker->row.user : 0);
}

static uint64_t digest_transfer(const struct transfer *transfer)
{
    return fact("transfer", transfer->kind) + fact("transfer named", transfer->named) +
           fact("transfer line", transfer->line ? transfer->line->row.line : 0) +
           fact("transfer to", transfer->receiver ? transfer->receiver->row.user : 0) +
           fact("transfer offer", transfer->offer) + fact("transfer until", transfer->until_ms) +
           fact("transfer asked", transfer->asked_ms) +
           fact("transfer answered", transfer->answered_ms);
}

/* Who else speaks there, and whether the citizen hears it. */
static uint64_t digest_parties(const struct contact *contact)
{
    uint64_t facts = fact("held", contact->held_ms) + fact("muted", contact->muted_ms) +
                     fact("parked", contact->parked_ms) +
                     fact("park until", contact->park_until_ms) +
                     fact("parker", contact->parker ? contact->parker->row.user : 0);
    for (uint32_t i = 0; i < PARTIES_MAX; i++) {
        const struct party *party = &contact->parties[i];
        facts += fact_of("party", i, party->id) + fact_of("party role", i, party->role) +
                 fact_of("party user", i, party->user ? party->user->row.user : 0) +
                 fact_of("party department", i, party->department) +
                 fact_of("party joined", i, party->joined_ms) +
                 fact_of("party paused", i, party->paused);
    }
    return facts;
}

static uint64_t digest_reserve(const struct reserve *reserve)
{
    uint64_t facts = fact("takers", reserve->takers) + fact("extra", reserve->extra) +
                     fact("since", reserve->since_ms) + fact("stepped", reserve->stepped_ms);
    for (uint32_t i = 0; i < RESERVE_MINUTES; i++)
        if (reserve->window[i].answered)
            facts += fact_of("minute", i, reserve->window[i].minute) +
                     fact_of("answered", i, reserve->window[i].answered) +
                     fact_of("in time", i, reserve->window[i].in_time);
    return facts ? thing("reserve", facts) : 0;
}

static uint64_t digest_contact(const struct contact *contact)
{
    return thing(
        "contact",
        fact("id", contact->id) + fact("call", contact->call) + fact("caller", contact->caller) +
            fact("due", contact->due_ms) + fact("arrived", contact->arrived_ms) +
            fact("incident", contact->incident) + fact("gateway", contact->gateway->row.gateway) +
            fact("epoch", contact->epoch) + fact("line", contact->line->row.line) +
            fact("channel", contact->channel) + fact("band", contact->band) +
            fact("state", contact->state) + fact("late", contact->late) +
            fact("language", contact->language) + fact("any language", contact->any_language) +
            fact("bounced", contact->bounced) + fact("level", contact->level) +
            fact("unanswered", contact->unanswered) + fact("came from", contact->came_from) +
            fact("widen", contact->widen_ms) + digest_offers(contact) +
            digest_transfer(&contact->transfer) + digest_parties(contact) +
            fact("east", contact->cell.east) + fact("north", contact->cell.north) +
            digest_caller(contact));
}

static uint64_t digest_ties(const struct incident *incident)
{
    uint64_t facts = 0;
    for (const struct tie *tie = incident->ties; tie; tie = tie->next)
        facts += fact_of("tie", tie->relation, tie->other);
    return facts;
}

static uint64_t digest_family(const struct family *family)
{
    return thing("family", fact("parent", family->parent) + fact("height", family->height) +
                               fact("calling", link_held(&family->calling)) +
                               fact("told", family->told) + fact("answer of", family->answer_of));
}

static uint64_t digest_incident(const struct incident *incident)
{
    return thing(
        "incident",
        fact("id", incident->id) + fact("number", incident->number) +
            fact("caller", incident->caller) + fact("started", incident->started_ms) +
            fact("closed", incident->closed_ms) + fact("result", incident->result) +
            fact("survey", incident->survey) + fact("line", incident->line) +
            fact("category", incident->category) + fact("district", incident->district) +
            fact("taker", incident->taker) + fact("round", incident->round) +
            fact("returns", incident->returns) + fact("tries", incident->tries) +
            fact("priority", incident->priority) + fact("sla", incident->sla) +
            fact("secrecy", incident->secrecy) + fact("state", incident->state) +
            fact("emergency", incident->emergency) + fact("text unsafe", incident->text_unsafe) +
            fact("anonymous", incident->anonymous) + fact("told", incident->told) +
            fact("tried days", incident->tried_days) + fact("tried parts", incident->tried_parts) +
            fact("tried on", incident->tried_on) + fact("info pauses", incident->info_pauses) +
            fact("supervise", incident->supervise) + fact("bounced", incident->bounced) +
            fact("urges", incident->urges) + fact("returned by", incident->returned_by) +
            fact("handler", incident->handler) + fact("risks", incident->risks) +
            fact("parent", incident->parent) + fact("follows", link_held(&incident->sibling)) +
            fact("answer of", incident->answer_of) + fact("handed on", incident->handed_on) +
            fact("merged by", incident->merged_by) + digest_ties(incident) +
            fact("clock", incident->clock) + promise("promise", &incident->promise) +
            fact("told older", incident->told_older ? incident->told_older->id : 0) +
            fact("east", incident->cell.east) + fact("north", incident->cell.north) +
            fact("plan flags", incident->plan_flags));
}

static uint64_t digest_task(const struct task *task)
{
    return thing(
        "task",
        fact("id", task->id) + fact("incident", task->incident->id) +
            fact("department", task->department) + fact("round", task->round) +
            fact("kind", task->kind) + fact("state", task->state) + fact("final", task->final) +
            promise("sign", &task->step) + promise("reply", &task->reply) +
            promise("rule", &task->rule) + fact("return until", task->return_until_ms) +
            fact("handler", task->handler) + fact("suggest", task->suggest) +
            fact("extensions", task->extensions) + fact("contacted", task->contacted) +
            fact("step", task->step_clock == CLOCK_KIND_SIGN ? CLOCK_KIND_NONE : task->step_clock) +
            fact("demand", task->demand_due_ms) + fact("demanded", task->demanded) +
            fact("missed", task->missed) + fact("late", task->late) +
            fact("attachments", task->attachments) +
            fact_of("paused", MEASURE_WALL, task->pauses.wall_ms) +
            fact_of("paused", MEASURE_WORKING_HOUR, task->pauses.hours_ms) +
            fact_of("paused", MEASURE_WORKING_DAY, task->pauses.days_ms));
}

static uint64_t digest_petition(const struct petition *petition)
{
    const struct petition_asked *asked = &petition->asked;
    return thing(
        "petition",
        fact("id", petition->id) + fact("incident", petition->incident->id) +
            fact("task", petition->task) + fact("kind", asked->kind) +
            fact("due", petition->due_ms) + fact("roles", petition->roles) +
            fact("stage", petition->stage) + fact("late", petition->late) +
            fact("department", petition->department) + fact_of("person", 0, petition->persons[0]) +
            fact_of("person", 1, petition->persons[1]) + fact("until", asked->until_ms) +
            fact("extraordinary", asked->extraordinary) + fact("disputed", asked->disputed) +
            fact("extension", asked->extension) + fact("suspension", asked->suspension) +
            fact("not accepted", asked->not_accepted) + fact("means", asked->means) +
            fact("excuse", asked->excuse) + fact("nuisance", asked->nuisance) +
            fact("secrecy", asked->secrecy) + fact("priority", asked->priority) +
            fact("line", asked->line) + fact("close", asked->close));
}

static uint64_t digest_precedent(const struct precedent *precedent)
{
    return thing("precedent", fact("category", precedent->category) +
                                  fact("district", precedent->district) +
                                  fact("department", precedent->department));
}

static uint64_t digest_callback(const struct callback *callback)
{
    return thing("callback", fact("id", callback->id) + fact("contact", callback->contact) +
                                 fact("caller", callback->caller) + fact("line", callback->line) +
                                 promise("promise", &callback->promise) +
                                 fact("tries", callback->tries) + fact("result", callback->result) +
                                 fact("next", callback->next_ms) +
                                 fact("undiallable", callback->undiallable && callback->caller) +
                                 fact("quiet", callback->quiet));
}

static uint64_t digest_citizen_text(const struct citizen_text *text)
{
    return thing("text", fact("id", text->id) + fact("incident", text->incident) +
                             fact("contact", text->contact) + fact("template", text->template) +
                             fact("state", text->state) + fact("until", text->until_ms) +
                             fact("doubtful", text->doubtful) + fact("recalled", text->recalled) +
                             fact("gateway", text->gateway ? text->gateway->row.gateway : 0));
}

static uint64_t digest_subscription(const struct subscription *subscription)
{
    return thing("subscription", fact("off", subscription->caller));
}

static uint64_t digest_amendments(const struct core *core)
{
    uint64_t digest = fact("amendments", core->amendment_count);
    for (uint32_t i = 0; i < AMENDMENTS_OPEN_MAX; i++) {
        const struct amendment *amendment = &core->amendments[i];
        if (amendment->number)
            digest += thing("amendment",
                            fact("number", amendment->number) + fact("author", amendment->author) +
                                fact("rows", amendment->rows) + fact("state", amendment->state) +
                                fact("grave", amendment->grave));
    }
    return digest;
}

/* Nothing while there is none, as of a pool. */
static uint64_t digest_reading_lists(const struct reading_register *lists)
{
    uint64_t digest = 0;
    for (uint32_t i = 0; i < lists->count; i++)
        digest += thing("reading list", fact("list", i + 1) + fact("ended", lists->ended[i]));
    return digest;
}

static uint64_t digest_exams(const struct exam_register *exams)
{
    uint64_t digest = 0;
    for (uint32_t i = 0; i < exams->count; i++) {
        const struct exam *exam = &exams->all[i];
        digest +=
            thing("exam", fact("exam", i + 1) + fact("edition", exam->edition) +
                              fact("state", exam->state) + fact("role", exam->role) +
                              fact("department", exam->department) + fact("line", exam->line) +
                              fact("pass", exam->pass) + fact("attempts", exam->attempts) +
                              fact("minutes", exam->minutes) + fact("from", exam->from_ms) +
                              fact("due", exam->due_ms) + fact("open", exam->open));
        for (uint32_t k = 0; k < EXAM_QUESTIONS_MAX; k++)
            if (exam->questions[k].time)
                digest += thing("question", fact("exam", i + 1) + fact("question", k + 1) +
                                                fact("right", exam->questions[k].right) +
                                                fact("article", exam->questions[k].article) +
                                                fact("time", exam->questions[k].time));
    }
    return digest;
}

static uint64_t digest_sitting(const struct sitting *sitting)
{
    uint64_t facts = 0;
    for (uint32_t i = 0; i < EXAM_QUESTIONS_MAX; i++)
        facts += fact_of("chosen", i, sitting->chosen[i]);
    return thing("sitting", facts + fact("attempt", sitting->attempt) +
                                fact("exam", sitting->exam) + fact("user", sitting->user) +
                                fact("used", sitting->used) + fact("passed", sitting->passed) +
                                fact("until", sitting->until_ms));
}

static uint64_t digest_article(const struct article *article)
{
    return thing("article", fact("number", article->number) + fact("editions", article->editions) +
                                fact("published", article->published) +
                                fact("draft", article->draft) + fact("author", article->author) +
                                fact("state", article->state) + fact("written", article->written));
}

/* Nothing of one that was never corrected, as before it could be. */
static uint64_t notice_words_of(const struct notice *notice)
{
    uint64_t sum = 0;
    if (notice->edition <= 1 && !notice->correction)
        return 0;
    for (uint32_t i = 0; i < notice->agains_count; i++)
        sum += fact("again", notice->agains[i]);
    for (const struct notice_chunk *chunk = notice->first; chunk; chunk = chunk->next)
        for (uint32_t i = 0; i < NOTICE_HAS_WORDS; i++)
            sum += fact("has", chunk->has[i] ^ chunk->seq << 8 ^ i);
    return sum + fact("edition", notice->edition) + fact("correction", notice->correction) +
           fact("corrector", notice->corrected_by) + fact("again of", notice->again_edition) +
           fact("goes again", notice->goes_again);
}

static uint64_t digest_notice(const struct notice *notice)
{
    return thing("notice", fact("id", notice->id) + fact("state", notice->state) +
                               fact("rate", notice->rate) + fact("urgent", notice->urgent) +
                               fact("line", notice->line) + fact("by", notice->created_by) +
                               fact("words", notice->words) + fact("text", notice->text) +
                               fact("total", notice->total) + fact("ordered", notice->ordered) +
                               fact("gateway", notice->gateway) + fact("ahead", notice->ahead) +
                               fact("next", notice->next_ms) + notice_words_of(notice));
}

static uint64_t digest_gateway(const struct gateway *gateway)
{
    return thing("gateway", fact("row", gateway_fingerprint(&gateway->row)) +
                                fact("epoch", gateway->epoch) + fact("fell", gateway->fell_ms) +
                                fact("keep", gateway->keep_ms) + fact("hold", gateway->hold_ms));
}

/* A unit that never did anything counts as its row alone. */
static uint64_t digest_unit(const struct unit *unit)
{
    uint64_t facts = fact("row", unit_fingerprint(&unit->row)) +
                     fact("state", unit->state == UNIT_STATE_AVAILABLE ? 0 : unit->state) +
                     fact("reason", unit->reason) + fact("unanswered", unit->unanswered) +
                     fact("mayday", unit->mayday) + fact("crew said", unit->crew_said) +
                     fact("crew", unit->crew) + fact("since", unit->since_ms) +
                     fact("idle", unit->idle_ms) + fact("incident", unit->incident) +
                     fact("picked", unit->picked) + fact("east", unit->cell.east) +
                     fact("north", unit->cell.north) + fact("measured", unit->measured_ms) +
                     fact("placed", unit->placed_ms) + promise("sign", &unit->sign) +
                     fact("check-in", unit->check_in_ms) +
                     fact("check-in missed", unit->check_in_missed);
    for (uint32_t i = 0; i < unit->stack_count; i++)
        facts += fact_of("stack", i, unit->stack[i]);
    return thing("unit", facts);
}

static uint64_t digest_scene(const struct scene *scene)
{
    uint64_t facts = fact("incident", scene->incident) + fact("card", scene->card) +
                     fact("level", scene->level) + fact("check-in", scene->check_in_ms) +
                     fact("automatic", scene->automatic) + fact("plan due", scene->plan_due) +
                     fact("stacked", scene->stacked);
    for (uint32_t i = 0; i < scene->picked_count; i++)
        facts += fact_of("picked", i, scene->picked[i]);
    return thing("scene", facts);
}

static uint64_t digest_tree(const struct tree *tree)
{
    return thing("tree", fact("number", tree->tree) + fact("version", tree->version) +
                             fact("retired", tree->retired) + fact("row", tree->fingerprint) +
                             fact("current", tree->current ? tree->current->version : 0));
}

static uint64_t digest_edition(const struct edition *edition)
{
    uint64_t facts = fact("tree", edition->tree) + fact("version", edition->version) +
                     fact("shelved", edition->shelved);
    for (const struct tree_question *question = edition->questions; question;
         question = question->following) {
        facts += fact_of("question", question->question, question->fingerprint);
        for (const struct tree_answer *answer = question->answers; answer;
             answer = answer->following)
            facts += fact_of("answer", question->question, answer->fingerprint);
    }
    return thing("edition", facts);
}

static uint64_t digest_guide(const struct guide *guide)
{
    uint64_t facts = fact("contact", guide->contact) + fact("tree", guide->edition->tree) +
                     fact("version", guide->edition->version) + fact("asked", guide->asked) +
                     fact("priority", guide->brought.priority) +
                     fact("secrecy", guide->brought.secrecy) + fact("risks", guide->brought.risks);
    for (uint32_t i = 0; i < guide->count; i++)
        facts += fact_of("question", i, guide->given[i].question) +
                 fact_of("answer", i, guide->given[i].answer) +
                 fact_of("value", i, guide->given[i].value);
    return thing("guide", facts);
}

/* Rows that lie in their pools as they came, and are never given back. */
static uint64_t digest_rows(const struct core *core)
{
    uint64_t digest = 0;
    for (uint32_t i = 0; i < core->lines.reached; i++) {
        const struct line *line = pool_at(&core->lines, i);
        uint64_t facts = fact("row", line_fingerprint(&line->row));
        for (uint32_t k = 0; k < WEEKDAYS; k++)
            if (line->forecasts[k].line)
                facts += fact_of("forecast", k, forecast_fingerprint(&line->forecasts[k]));
        digest += thing("line", facts);
    }
    for (uint32_t i = 0; i < core->departments.reached; i++) {
        const struct department *department = pool_at(&core->departments, i);
        digest += thing("department", fact("row", department_fingerprint(&department->row)));
    }
    for (uint32_t i = 0; i < core->categories.reached; i++) {
        const struct category *category = pool_at(&core->categories, i);
        digest += thing("category", fact("row", category_fingerprint(&category->row)));
    }
    for (uint32_t i = 0; i < core->days.reached; i++) {
        const struct day *day = pool_at(&core->days, i);
        digest += thing("day", fact("row", day_fingerprint(&day->row)));
    }
    for (uint32_t i = 0; i < core->districts.reached; i++) {
        const struct district *district = pool_at(&core->districts, i);
        digest += thing("district", fact("row", district->fingerprint));
    }
    for (uint32_t i = 0; i < core->units.reached; i++) {
        const struct unit *unit = pool_at(&core->units, i);
        digest += digest_unit(unit);
    }
    for (uint32_t i = 0; i < core->run_cards.reached; i++) {
        const struct run_card *card = pool_at(&core->run_cards, i);
        digest += thing("run card", fact("row", run_card_fingerprint(&card->row)));
    }
    for (uint32_t i = 0; i < core->coverages.reached; i++) {
        const struct coverage *coverage = pool_at(&core->coverages, i);
        digest += thing("coverage", fact("row", coverage_fingerprint(&coverage->row)) +
                                        fact("low", coverage->low));
    }
    return digest;
}

static uint64_t digest_mark(const struct mark *mark)
{
    return thing("mark", fact("id", mark->id) + fact("caller", mark->caller) +
                             fact("kind", mark->kind) + fact("asked by", mark->asked_by) +
                             fact("days", mark->days) + fact("set", mark->set) +
                             fact("until", mark->until_ms));
}

static uint64_t digest_storms(const struct core *core)
{
    uint64_t facts = fact("cause", core->storm.cause) + fact("since", core->storm.since_ms) +
                     fact("recalls", core->storm.recalls);
    uint64_t digest = facts ? thing("storm", facts) : 0;
    for (uint32_t i = 0; i < CLUSTERS_MAX; i++) {
        const struct cluster *cluster = &core->clusters[i];
        if (cluster->id)
            digest +=
                thing("cluster",
                      fact("id", cluster->id) + fact("line", cluster->line) +
                          fact("incident", cluster->incident) + fact("calls", cluster->calls) +
                          fact("grew", cluster->grew_ms) + fact("announced", cluster->announced) +
                          fact("east", cluster->cell.east) + fact("north", cluster->cell.north));
    }
    for (uint32_t i = 0; i < core->tested_trunks.reached; i++) {
        const struct tested_trunk *trunk = pool_at(&core->tested_trunks, i);
        digest += thing("tested trunk",
                        fact("gateway", trunk->gateway) + fact("name", stir_text(0, trunk->trunk)) +
                            fact("last", trunk->last_ms) + fact("missed", trunk->missed));
    }
    return digest;
}

/* Parameters and limits differ from those a city starts with, or count nothing. */
static uint64_t digest_settings(const struct core *core)
{
    uint64_t facts = 0;
    struct limit_row initial[SLA_CLASS_COUNT];
    clock_limits_default(initial);
    for (enum parameter i = 0; i < PARAMETER_COUNT; i++)
        if (core->parameters[i] != parameter_rule(i)->initial)
            facts += fact_of("parameter", i, core->parameters[i] + 1);
    for (uint32_t i = 0; i < SLA_CLASS_COUNT; i++)
        if (limit_fingerprint(&core->sla_limits[i]) != limit_fingerprint(&initial[i]))
            facts += fact_of("limit", i, limit_fingerprint(&core->sla_limits[i]));
    facts += fact("calendar", core->calendar.version) +
             fact("published", core->calendar.published) +
             fact("workday begin", core->calendar.begin_min) +
             fact("workday end", core->calendar.end_min) +
             fact("due time", core->calendar.due_min) + fact("days", core->calendar.fingerprint);
    for (uint32_t i = 0; i < TEMPLATE_COUNT; i++)
        facts += fact_of("template", i, core->templates[i]);
    for (uint32_t i = 0; i < CITIZEN_WISH_COUNT; i++)
        facts += fact_of("wish", i, core->wishes[i]);
    for (uint32_t i = 0; i < sizeof core->city_digest; i++)
        facts += fact_of("city", i, core->city_digest[i]);
    return thing("settings", facts);
}

/* A free slot is all zero. */
#define DIGEST_POOL(digest, core, pool, type, id)                                                  \
    for (uint32_t i = 0; i < (core)->pool.reached; i++) {                                          \
        const struct type *it = pool_at(&(core)->pool, i);                                         \
        if (it->id)                                                                                \
            (digest) += digest_##type(it);                                                         \
    }

static uint64_t digest_fix(const struct fix *fix)
{
    return thing("fix", fact("id", fix->id) + fact("seq", fix->seq) + fact("caller", fix->caller) +
                            fact("heard", fix->heard_ms) + fact("measured", fix->measured_ms) +
                            fact("east", fix->cell.east) + fact("north", fix->cell.north) +
                            fact("uncertainty", fix->uncertainty_m) +
                            fact("confidence", fix->confidence) + fact("source", fix->source) +
                            fact("means", fix->means));
}

static uint64_t digest_disposition(const struct disposition *disposition)
{
    return thing("disposition", fact("row", disposition_fingerprint(&disposition->row)));
}

static uint64_t digest_handover(const struct handover *handover)
{
    return thing("handover", fact("id", handover->id) + fact("from", handover->from->row.user) +
                                 fact("to", handover->to ? handover->to->row.user : 0) +
                                 fact("line", handover->line ? handover->line->row.line : 0));
}

static uint64_t digest_signet(const struct signet *signet)
{
    return thing("signet", fact("row", row_fingerprint(SCHEMA_SIGNET_ROW, &signet->row)));
}

static uint64_t digest_grant(const struct grant *grant)
{
    return thing("grant", fact("incident", grant->incident) + fact("user", grant->user) +
                              fact("purpose", grant->purpose) + fact("until", grant->until_ms));
}

static uint64_t digest_erasure(const struct erasure *erasure)
{
    return thing("erasure", fact("id", erasure->id) + fact("incident", erasure->incident) +
                                fact("caller", erasure->caller) + fact("state", erasure->state) +
                                fact("asked_by", erasure->asked_by) +
                                fact("ruled_by", erasure->ruled_by) +
                                fact("subjects", erasure->subjects) +
                                fact("contact", erasure->contact) + fact("rule", erasure->rule));
}

static uint64_t digest_glass(const struct glass *glass)
{
    return thing("glass", fact("id", glass->id) + fact("right", glass->right) +
                              fact("state", glass->state) + fact("user", glass->user) +
                              fact("agreed_by", glass->agreed_by));
}

static uint64_t digest_preservation(const struct preservation *preservation)
{
    return thing("preservation", fact("id", preservation->id) +
                                     fact("incident", preservation->incident) +
                                     fact("caller", preservation->caller));
}

static uint64_t digest_retention_rule(const struct retention_rule *rule)
{
    return thing("retention rule", fact("row", retention_fingerprint(&rule->row)));
}

static uint64_t digest_retention(const struct retention *retention)
{
    uint64_t facts = fact("run", retention->run) + fact("begun", retention->begun_ms) +
                     fact("erased", retention->erased);
    return facts ? thing("retention", facts) : 0;
}

static uint64_t digest_calls(const struct core *core)
{
    uint64_t digest = 0;
    DIGEST_POOL(digest, core, fixes, fix, id)
    DIGEST_POOL(digest, core, marks, mark, id)
    DIGEST_POOL(digest, core, gateways, gateway, row.gateway)
    DIGEST_POOL(digest, core, users, user, row.user)
    DIGEST_POOL(digest, core, contacts, contact, id)
    DIGEST_POOL(digest, core, callbacks, callback, id)
    return digest;
}

/* What somebody may for a while, and what must stay or go. */
static uint64_t digest_rights(const struct core *core)
{
    uint64_t digest = 0;
    DIGEST_POOL(digest, core, grants, grant, id)
    DIGEST_POOL(digest, core, signets, signet, row.signet)
    DIGEST_POOL(digest, core, erasures, erasure, id)
    DIGEST_POOL(digest, core, preservations, preservation, id)
    DIGEST_POOL(digest, core, glasses, glass, id)
    DIGEST_POOL(digest, core, retention_rules, retention_rule, row.rule)
    return digest + digest_retention(&core->retention);
}

/* What is said when a contact, or a shift, is over. */
static uint64_t digest_endings(const struct core *core)
{
    uint64_t digest = 0;
    DIGEST_POOL(digest, core, dispositions, disposition, row.disposition)
    DIGEST_POOL(digest, core, handovers, handover, id)
    return digest;
}

static uint64_t digest_orders(const struct core *core)
{
    uint64_t digest = 0;
    DIGEST_POOL(digest, core, incidents, incident, id)
    DIGEST_POOL(digest, core, tasks, task, id)
    DIGEST_POOL(digest, core, texts, citizen_text, id)
    DIGEST_POOL(digest, core, subscriptions, subscription, caller)
    DIGEST_POOL(digest, core, notices, notice, id)
    DIGEST_POOL(digest, core, petitions, petition, id)
    DIGEST_POOL(digest, core, precedents, precedent, category)
    return digest;
}

static uint64_t digest_rest(const struct core *core)
{
    uint64_t digest = 0;
    DIGEST_POOL(digest, core, scenes, scene, incident)
    DIGEST_POOL(digest, core, families, family, parent)
    DIGEST_POOL(digest, core, trees, tree, tree)
    DIGEST_POOL(digest, core, editions, edition, tree)
    DIGEST_POOL(digest, core, guides, guide, contact)
    DIGEST_POOL(digest, core, articles, article, number)
    DIGEST_POOL(digest, core, sittings, sitting, attempt)
    return digest + digest_amendments(core) + digest_reading_lists(&core->reading_lists) +
           digest_exams(&core->exams);
}

uint64_t core_digest(const struct core *core)
{
    uint64_t digest =
        thing("core", fact("seq", core->seq) + fact("at", core->at_ms) +
                          fact("next id", core->next_id) + fact("number day", core->number_day) +
                          fact("number count", core->number_count));
    digest += digest_settings(core) + digest_rows(core) + digest_storms(core);
    digest += digest_reserve(&core->reserve);
    return digest + digest_calls(core) + digest_endings(core) + digest_rights(core) +
           digest_orders(core) + digest_rest(core);
}
