/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/text.h"
#include "dispatcher/io/amendment.h"
#include "dispatcher/io/dispatcher.h"
#include "dispatcher/io/exam.h"
#include "proto/access.h"

/* Overheads of a row inside a batch, generously. */
enum {
    ROW_HEAD_BYTES = 64,
    BATCH_ROWS_MAX = 64
};

/* Any program of the bus may ask these: a witness has no login. */
static bool is_public(enum query_kind kind)
{
    return kind == QUERY_STATUS || kind == QUERY_CITY || kind == QUERY_CHECKPOINT ||
           kind == QUERY_CONSISTENCY || kind == QUERY_SUCCESSIONS;
}

/* Whether the asker may; *owned: only when the incident is their department's (proto/access.h). */
static enum refusal check(const struct peer *peer, const struct roster_user *user,
                          struct query *query, bool *owned)
{
    *owned = false;
    if (is_public(query->kind))
        return REFUSAL_NONE;
    if (!user)
        return REFUSAL_NOT_SIGNED_IN;
    if (!session_is_by(peer, user->row.login))
        return REFUSAL_NOT_ALLOWED;
    enum refusal refusal = access_query(&user->row, query, owned);
    /* Records are given as they were hashed, with the citizen's blind index in them; a console takes it
     * out for a department. */
    if (refusal == REFUSAL_NONE && query->kind == QUERY_EVENTS && access_is_bound(&user->row))
        return REFUSAL_NOT_ALLOWED;
    return refusal;
}

/* An incident named by its order number is judged by the answer. */
static enum refusal check_owned(struct dispatcher *dispatcher, const struct roster_user *user,
                                const struct query *query)
{
    static struct answer answer;
    static struct query about;
    uint64_t incident = access_subject(query);
    if (incident == 0 || query->kind == QUERY_INCIDENT)
        return REFUSAL_NONE;
    schema_clear(SCHEMA_QUERY, &about);
    about.kind = QUERY_INCIDENT;
    about.incident.incident = incident;
    journal_query(dispatcher->journal, &about, dispatcher->now_ms, &answer);
    if (answer.refusal != REFUSAL_NONE)
        return answer.refusal;
    return access_owns(&user->row, &answer.incident_detail) ? REFUSAL_NONE : REFUSAL_NOT_YOURS;
}

/* The whole chain is exported whole or not at all: an auditor gets its records as they were hashed, a secret
 * incident's steps among them, and no personal data in any. */
static bool is_whole_chain(const struct roster_user *user, const struct query *query)
{
    return roster_has_role(user, ROLE_AUDITOR) && query->kind == QUERY_EVENTS &&
           query->events.incident == 0 && query->events.contact == 0;
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
    if (query->kind == QUERY_SIGNETS) {
        answer->kind = ANSWER_SIGNETS;
        answer->seq = core_seq(dispatcher->core);
        answer->signets.now_ms = dispatcher->now_ms;
        memcpy(answer->signets.city, dispatcher->signatures.key, sizeof answer->signets.city);
        answer->signets.verified = dispatcher->signatures.authenticators.verified;
        (void)text_copy(answer->signets.party, sizeof answer->signets.party, dispatcher->party);
        answer->next = core_signets(dispatcher->core, &query->signets, &answer->signets);
        answer->more = answer->next != 0;
        return;
    }
    if (query->kind == QUERY_TABLE_PAGE || query->kind == QUERY_AMENDMENT_CHECK) {
        amendment_answer(dispatcher, query, answer);
        return;
    }
    if (query->kind == QUERY_RETENTION) {
        retention_answer(dispatcher, &query->retention, answer);
        return;
    }
    if (query->kind == QUERY_TEXT_PREVIEW) {
        text_preview(dispatcher, &query->text_preview, answer);
        return;
    }
    if (query->kind == QUERY_EXAM_MARKS) {
        exam_answer_marks(dispatcher->exam_key, dispatcher->core, &query->exam_marks, answer);
        return;
    }
    journal_query(dispatcher->journal, query, dispatcher->now_ms, answer);
    if (answer->kind != ANSWER_STATUS)
        return;
    answer->status.has_reserve = true;
    core_reserve(dispatcher->core, dispatcher->now_ms, &answer->status.reserve);
}

/* A manifest goes to the sealer first, where there is one. Returns false when it can be said at once. */
static bool goes_to_sealer(struct dispatcher *dispatcher, const struct peer *peer,
                           struct reply *reply)
{
    struct sealing_asker asker = { .id = reply->id };
    if (!dispatcher->sealing || reply->answer.kind != ANSWER_MANIFEST)
        return false;
    memcpy(asker.route, peer->sender.route, sizeof asker.route);
    if (sealing_manifest(dispatcher->sealing, &asker, &reply->answer.manifest, dispatcher->mono_ms))
        return true;
    reply->answer.refusal = REFUSAL_BUSY;
    return false;
}

void question_manifests(struct dispatcher *dispatcher)
{
    struct sealing_asker asker;
    struct manifest manifest;
    bool is_signed;
    while (sealing_take_manifest(dispatcher->sealing, dispatcher->mono_ms, &asker, &manifest,
                                 &is_signed)) {
        speech_begin(dispatcher, FRAME_REPLY);
        struct reply *reply = &dispatcher->out.reply;
        reply->id = asker.id;
        reply->has_answer = true;
        schema_clear(SCHEMA_ANSWER, &reply->answer);
        if (is_signed) {
            reply->answer.kind = ANSWER_MANIFEST;
            reply->answer.manifest = manifest;
            reply->answer.seq = journal_seq(dispatcher->journal);
        } else
            reply->answer.refusal = REFUSAL_BUSY;
        speech_say(dispatcher, asker.route);
    }
}

void question_take(struct dispatcher *dispatcher, const struct peer *peer, const struct ask *ask)
{
    static struct query query;
    struct token token;
    const struct roster_user *user =
        ask->token_size ? session_user(dispatcher, ask->token, ask->token_size, &token) : NULL;
    query = ask->query;
    bool owned = false;
    enum refusal refusal = ask->has_query ? check(peer, user, &query, &owned) : REFUSAL_MALFORMED;
    if (refusal == REFUSAL_NONE && query.kind == QUERY_VIEWINGS && query.viewings.number[0])
        refusal = REFUSAL_REASON_MISSING; /* a number is searched by personal_read, an event */
    if (refusal == REFUSAL_NONE && user && access_query_proof(query.kind) != ACCESS_PROOF_NONE &&
        !session_is_proved(dispatcher, &token))
        refusal = REFUSAL_PROOF_WANTED;
    if (refusal == REFUSAL_NONE && owned)
        refusal = check_owned(dispatcher, user, &query);
    uint64_t id = ask->id;
    dispatcher->figures.asks++;
    speech_begin(dispatcher, FRAME_REPLY);
    struct reply *reply = &dispatcher->out.reply;
    reply->id = id;
    reply->has_answer = true;
    schema_clear(SCHEMA_ANSWER, &reply->answer);
    if (refusal == REFUSAL_NONE) {
        answer_it(dispatcher, &query, &reply->answer);
        if (owned && reply->answer.kind == ANSWER_INCIDENT_DETAIL &&
            !access_owns(&user->row, &reply->answer.incident_detail))
            refusal = REFUSAL_NOT_YOURS;
        else if (user && !is_whole_chain(user, &query))
            journal_conceal(dispatcher->journal, &user->row, &query, &reply->answer);
        if (user)
            access_redact(&user->row, &reply->answer);
        if (goes_to_sealer(dispatcher, peer, reply))
            return;
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
