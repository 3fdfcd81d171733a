/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/require.h"
#include "dispatcher/journal/state.h"
#include "dispatcher/store/events.h"

enum {
    PATH_MAX_HASHES = 40
};
_Static_assert(PATH_MAX_HASHES *TREE_HASH_BYTES == sizeof((struct proof *)0)->path, "whole path");

static int answer_checkpoint(struct journal *journal, struct transaction *read,
                             const struct checkpoint_query *query, struct answer *answer)
{
    answer->kind = ANSWER_CHECKPOINT;
    if (query->witnessed)
        return journal_witnessed_from(read, journal->codec, query->seq, &answer->checkpoint);
    if (query->seq == 0 && journal->checkpoint.seq > 0)
        return journal_checkpoint_from(read, journal->codec, journal->checkpoint.seq,
                                       &answer->checkpoint);
    return journal_checkpoint_from(read, journal->codec, query->seq, &answer->checkpoint);
}

static int proof_make(const struct nodes *nodes, uint64_t seq, uint64_t size, struct proof *proof)
{
    uint8_t path[2 * TREE_LEVELS_MAX][TREE_HASH_BYTES];
    struct nodes source = *nodes;
    struct chain start;
    proof->seq = seq;
    chain_init(&start, nodes->suite);
    memcpy(proof->before, start.link, LINK_BYTES);
    int status = seq > 1 ? events_link(nodes->transaction, seq - 1, proof->before) : 0;
    if (status < 0)
        return status;
    int count = tree_path(nodes->suite, seq - 1, size, journal_node, &source, path);
    if (count < 0)
        return count;
    REQUIRE(count <= PATH_MAX_HASHES);
    proof->path_size = (uint32_t)count * TREE_HASH_BYTES;
    memcpy(proof->path, path, proof->path_size);
    return 0;
}

static int answer_proofs(struct journal *journal, struct transaction *read,
                         const struct proof_query *query, struct answer *answer)
{
    struct proofs *proofs = &answer->proofs;
    answer->kind = ANSWER_PROOFS;
    const struct nodes nodes = { read, journal->signer.suite };
    proofs->size = query->size;
    proofs->rows_count = 0;
    if (query->size > journal->durable)
        return -ENOENT;
    for (uint32_t i = 0; i < query->seqs_count; i++) {
        if (query->seqs[i] == 0 || query->seqs[i] > query->size)
            return -ENOENT;
        int status =
            proof_make(&nodes, query->seqs[i], query->size, &proofs->rows[proofs->rows_count++]);
        if (status < 0)
            return status;
    }
    return 0;
}

int journal_consistency(struct journal *journal, struct transaction *read, uint64_t first,
                        uint64_t second, struct consistency *consistency)
{
    uint8_t path[2 * TREE_LEVELS_MAX][TREE_HASH_BYTES];
    if (first == 0 || first > second || second > journal->durable)
        return -ENOENT;
    struct nodes nodes = { read, journal->signer.suite };
    int count = tree_consistency(nodes.suite, first, second, journal_node, &nodes, path);
    if (count < 0)
        return count;
    *consistency = (struct consistency){ .first = first, .second = second };
    consistency->path_size = (uint32_t)count * TREE_HASH_BYTES;
    REQUIRE(consistency->path_size <= sizeof consistency->path);
    memcpy(consistency->path, path, consistency->path_size);
    return 0;
}

static int answer_manifest(struct journal *journal, struct transaction *read,
                           const struct manifest_query *query, struct answer *answer)
{
    struct manifest *manifest = &answer->manifest;
    struct seq_list list;
    uint64_t last = query->last < query->size ? query->last : query->size;
    if (query->size == 0 || query->size > journal->durable)
        return -ENOENT;
    answer->kind = ANSWER_MANIFEST;
    *manifest = (struct manifest){ .incident = query->incident,
                                   .first = query->incident ? 0 : query->first,
                                   .last = query->incident ? 0 : last,
                                   .size = query->size };
    seq_list_init(&list, journal->signer.suite);
    if (query->incident) {
        uint64_t seq = 0;
        while (views_trail_next(journal->views, read, query->incident, seq, &seq) == 0 &&
               seq <= query->size)
            seq_list_add(&list, seq);
    } else
        for (uint64_t seq = query->first; seq > 0 && seq <= last; seq++)
            seq_list_add(&list, seq);
    seq_list_done(&list, manifest->digest);
    if (list.count == 0)
        return -ENOENT;
    manifest->count = list.count;
    if (!journal->sealed_elsewhere)
        manifest_sign(manifest, &journal->signer);
    return 0;
}

static int answer_here(struct journal *journal, struct transaction *read, const struct query *query,
                       struct answer *answer)
{
    if (query->kind == QUERY_CHECKPOINT)
        return answer_checkpoint(journal, read, &query->checkpoint, answer);
    if (query->kind == QUERY_PROOF)
        return answer_proofs(journal, read, &query->proof, answer);
    if (query->kind == QUERY_SUCCESSIONS)
        return journal_successions(journal, read, query->successions.after, answer);
    if (query->kind == QUERY_CONSISTENCY) {
        answer->kind = ANSWER_CONSISTENCY;
        return journal_consistency(journal, read, query->consistency.first,
                                   query->consistency.second, &answer->consistency);
    }
    return answer_manifest(journal, read, &query->manifest, answer);
}

void journal_conceal(struct journal *journal, const struct user_row *user,
                     const struct query *query, struct answer *answer)
{
    views_conceal(journal->views, user, query, answer);
}

void journal_query(struct journal *journal, const struct query *query, uint64_t now_ms,
                   struct answer *answer)
{
    if (journal->turn)
        (void)journal_gather(journal); /* an error is the commit's */
    if (query->kind != QUERY_CHECKPOINT && query->kind != QUERY_PROOF &&
        query->kind != QUERY_MANIFEST && query->kind != QUERY_CONSISTENCY &&
        query->kind != QUERY_SUCCESSIONS) {
        views_query(journal->views, query, now_ms, answer);
        if (answer->kind == ANSWER_STATUS)
            answer->status.started_ms = journal->opened_ms;
        return;
    }
    struct transaction *read;
    answer->refusal = REFUSAL_NONE;
    answer->seq = journal->durable;
    answer->more = false;
    answer->next = 0;
    int status = store_begin_read(journal->store, &read);
    if (status == 0) {
        status = answer_here(journal, read, query, answer);
        transaction_end(read);
    }
    if (status < 0) {
        answer->kind = ANSWER_NONE;
        answer->refusal = status == -ENOENT ? REFUSAL_NO_SUCH_EVENT : REFUSAL_BUSY;
    }
}
