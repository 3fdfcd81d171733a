/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "dispatcher/io/dispatcher.h"

/* Overheads of a row inside a batch, generously. */
enum {
    ROW_HEAD_BYTES = 64,
    BATCH_ROWS_MAX = 64
};

/* A user who works for a department and not for the centre sees that department's work alone. */
static uint32_t confined_to(const struct roster_user *user)
{
    bool centre = roster_has_role(user, ROLE_TAKER) || roster_has_role(user, ROLE_SUPERVISOR) ||
                  roster_has_role(user, ROLE_AUDITOR) || roster_has_role(user, ROLE_OPERATOR);
    return centre ? 0 : user->row.department;
}

static bool is_public(enum query_kind kind)
{
    return kind == QUERY_STATUS || kind == QUERY_CITY;
}

/* Narrows what a department asks to its own; refuses what is not a department's business. */
static enum refusal confine(const struct roster_user *user, struct query *query)
{
    if (is_public(query->kind))
        return REFUSAL_NONE;
    if (!user)
        return REFUSAL_NOT_SIGNED_IN;
    uint32_t department = confined_to(user);
    if (!department)
        return user->row.roles ? REFUSAL_NONE : REFUSAL_NOT_ALLOWED;
    if (query->kind == QUERY_INCIDENTS)
        query->incidents.department = department;
    else if (query->kind == QUERY_TASKS)
        query->tasks.department = department;
    else if (query->kind != QUERY_INCIDENT)
        return REFUSAL_NOT_ALLOWED;
    return REFUSAL_NONE;
}

/* An incident is a department's business when one of its tasks is the department's. */
static bool is_theirs(const struct answer *answer, uint32_t department)
{
    if (!department || answer->kind != ANSWER_INCIDENT_DETAIL)
        return true;
    for (uint32_t i = 0; i < answer->incident_detail.tasks_count; i++)
        if (answer->incident_detail.tasks[i].department == department)
            return true;
    return false;
}

/* What only the running core knows is its own answer; the rest is in the views. */
static void answer_it(struct dispatcher *dispatcher, const struct query *query,
                      struct answer *answer)
{
    if (query->kind == QUERY_EXPLAIN) {
        answer->kind = ANSWER_EXPLANATION;
        answer->seq = core_seq(dispatcher->core);
        if (!core_explain(dispatcher->core, query->explain.contact, dispatcher->now_ms,
                          &answer->explanation))
            answer->refusal = REFUSAL_NO_SUCH_CONTACT;
        return;
    }
    journal_query(dispatcher->journal, query, dispatcher->now_ms, answer);
    if (answer->kind != ANSWER_STATUS)
        return;
    answer->status.has_reserve = true;
    core_reserve(dispatcher->core, dispatcher->now_ms, &answer->status.reserve);
}

void question_take(struct dispatcher *dispatcher, const struct peer *peer, const struct ask *ask)
{
    static struct query query;
    const struct roster_user *user =
        ask->token_size ? session_user(dispatcher, ask->token, ask->token_size) : NULL;
    query = ask->query;
    enum refusal refusal = ask->has_query ? confine(user, &query) : REFUSAL_MALFORMED;
    uint64_t id = ask->id;
    dispatcher->figures.asks++;
    speech_begin(dispatcher, FRAME_REPLY);
    struct reply *reply = &dispatcher->out.reply;
    reply->id = id;
    reply->has_answer = true;
    schema_clear(SCHEMA_ANSWER, &reply->answer);
    if (refusal == REFUSAL_NONE) {
        answer_it(dispatcher, &query, &reply->answer);
        if (user && !is_theirs(&reply->answer, confined_to(user)))
            refusal = REFUSAL_NOT_YOURS;
    }
    if (refusal == REFUSAL_NONE)
        refusal = reply->answer.refusal;
    if (refusal != REFUSAL_NONE) {
        schema_clear(SCHEMA_ANSWER, &reply->answer);
        reply->answer.refusal = refusal;
    }
    speech_say(dispatcher, peer->sender.route);
}

void question_fetch(struct dispatcher *dispatcher, struct peer *peer, uint64_t after)
{
    dispatcher->figures.fetches++;
    speech_begin(dispatcher, FRAME_BATCH);
    struct batch *batch = &dispatcher->out.batch;
    batch->epoch = journal_epoch(dispatcher->journal);
    batch->seq = journal_seq(dispatcher->journal);
    int count = journal_read(dispatcher->journal, after, batch->rows, BATCH_ROWS_MAX);
    size_t size = 0;
    for (int i = 0; i < count; i++) {
        size += batch->rows[i].record_size + ROW_HEAD_BYTES;
        if (size > BATCH_BYTES_MAX)
            break;
        batch->rows_count++;
    }
    if (count < 0)
        log_error("cannot read the journal after=%llu error=%s", (unsigned long long)after,
                  strerror(-count));
    else
        speech_say(dispatcher, peer->sender.route);
}
