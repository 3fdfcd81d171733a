/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A journal whose signing key is elsewhere: what is to be signed goes out, what was signed comes back
 * and is kept beside the records, and so are the successions of the keys. */
#include <errno.h>
#include <string.h>

#include "base/require.h"
#include "dispatcher/journal/state.h"
#include "dispatcher/store/events.h"

enum {
    SUCCESSION_BYTES_MAX = 512
};

/* ---- successions ---------------------------------------------------------------------------- */

int journal_succession_from(struct transaction *transaction, struct codec *codec, uint64_t number,
                            struct succession *succession)
{
    struct key from = key_of1(TREE_SUCCESSION, number), kind = key_of(TREE_SUCCESSION);
    struct slice key, value;
    int status = transaction_from(transaction, TABLE_TREE, key_slice(&from), &key, &value);
    if (status < 0)
        return status;
    if (!slice_starts_with(key, &kind))
        return -ENOENT;
    return codec_unpack(codec, SCHEMA_SUCCESSION, value.data, value.size, succession);
}

/* The newest checkpoint must be of the line, too, unless there never was a succession: a city's older
 * journal may have known another key. */
int journal_lineage_read(struct journal *journal, struct transaction *transaction)
{
    struct succession *latest = &journal->succession, next;
    const struct checkpoint *newest = &journal->checkpoint;
    struct lineage *lineage = &journal->lineage;
    bool taken = newest->seq == 0;
    int status;
    while ((status = journal_succession_from(transaction, journal->codec, lineage->number + 1,
                                             &next)) == 0) {
        if (!taken && memcmp(newest->key, lineage->key, sizeof newest->key) == 0)
            taken = lineage_take(lineage, newest);
        if (!lineage_follow(lineage, &next))
            return -EBADMSG;
        *latest = next;
    }
    if (status != -ENOENT)
        return status;
    taken = taken || lineage_take(lineage, newest);
    return taken || lineage->number == 0 ? 0 : -EBADMSG;
}

/* The tree's root over the first `size` records, also of the open turn. */
static int root_of(struct journal *journal, uint64_t size, uint8_t root[TREE_HASH_BYTES])
{
    struct tree tree = { .suite = journal->signer.suite };
    struct nodes nodes = { journal->turn, journal->signer.suite };
    int status = tree_load(&tree, size, journal_node, &nodes);
    if (status < 0)
        return status == -ENOENT ? -EBADMSG : status;
    tree_root(&tree, root);
    return 0;
}

/* Errors of the journal are final, what came from outside is only refused. */
static int refused(struct journal *journal, int status)
{
    return status == -EBADMSG ? status : journal_fail(journal, status);
}

int journal_succeed(struct journal *journal, const struct succession *succession)
{
    uint8_t bytes[SUCCESSION_BYTES_MAX], root[TREE_HASH_BYTES];
    REQUIRE(journal->turn);
    if (journal->error)
        return journal->error;
    if (succession->size > journal->appended)
        return -EBADMSG;
    int status = journal_gather(journal);
    if (status == 0)
        status = root_of(journal, succession->size, root);
    if (status < 0)
        return refused(journal, status);
    if (memcmp(root, succession->root, sizeof root) != 0 ||
        !lineage_follow(&journal->lineage, succession))
        return -EBADMSG;
    journal->succession = *succession;
    int size = codec_pack(journal->codec, SCHEMA_SUCCESSION, succession, bytes, sizeof bytes);
    if (size < 0)
        return journal_fail(journal, size);
    struct key key = key_of1(TREE_SUCCESSION, succession->number);
    return journal_fail(journal, transaction_put(journal->turn, TABLE_TREE, key_slice(&key),
                                                 (struct slice){ bytes, (size_t)size }));
}

const struct succession *journal_succession(const struct journal *journal)
{
    return &journal->succession;
}

/* ---- checkpoints ---------------------------------------------------------------------------- */

bool journal_is_sealed_elsewhere(const struct journal *journal)
{
    return journal->sealed_elsewhere;
}

const struct checkpoint *journal_checkpoint(const struct journal *journal)
{
    return &journal->checkpoint;
}

uint64_t journal_uncovered_ms(const struct journal *journal)
{
    return journal->appended == journal->checkpoint.seq ? 0 : journal->uncovered_ms;
}

void journal_state(struct journal *journal, uint64_t at_ms, struct checkpoint *statement)
{
    const struct lineage *lineage = &journal->lineage;
    REQUIRE(!journal->turn);
    memset(statement, 0, sizeof *statement);
    statement->epoch = journal->epoch;
    statement->seq = journal->chain.seq;
    statement->at_ms = at_ms > lineage->seen_ms ? at_ms : lineage->seen_ms;
    memcpy(statement->link, journal->chain.link, LINK_BYTES);
    tree_root(&journal->tree, statement->root);
    journal->stated_seq = statement->seq;
    journal->unstated_ms = 0;
}

int journal_prove(struct journal *journal, uint64_t first, uint64_t second,
                  struct consistency *proof)
{
    struct transaction *read;
    int status = store_begin_read(journal->store, &read);
    if (status < 0)
        return status;
    status = journal_consistency(journal, read, first, second, proof);
    transaction_end(read);
    return status;
}

int journal_seal(struct journal *journal, const struct checkpoint *checkpoint, bool holds)
{
    REQUIRE(journal->turn);
    if (journal->error)
        return journal->error;
    if (!holds || checkpoint->seq <= journal->checkpoint.seq || checkpoint->seq > journal->appended)
        return -EBADMSG;
    uint8_t link[LINK_BYTES], root[TREE_HASH_BYTES];
    int status = journal_gather(journal);
    if (status == 0)
        status = events_link(journal->turn, checkpoint->seq, link);
    if (status == 0)
        status = root_of(journal, checkpoint->seq, root);
    if (status < 0)
        return refused(journal, status);
    if (memcmp(link, checkpoint->link, sizeof link) != 0 ||
        memcmp(root, checkpoint->root, sizeof root) != 0 ||
        !lineage_take_held(&journal->lineage, checkpoint))
        return -EBADMSG;
    journal->checkpoint = *checkpoint;
    journal->checkpoint.witnesses_count = 0;
    if (checkpoint->seq == journal->stated_seq)
        journal->uncovered_ms = journal->unstated_ms;
    return journal_fail(journal, journal_checkpoint_put(journal, &journal->checkpoint));
}

/* ---- questions ------------------------------------------------------------------------------ */

int journal_successions(struct journal *journal, struct transaction *read, uint64_t after,
                        struct answer *answer)
{
    enum {
        ROWS_MAX = sizeof answer->successions.rows / sizeof answer->successions.rows[0]
    };
    struct successions *successions = &answer->successions;
    int status = 0;
    answer->kind = ANSWER_SUCCESSIONS;
    successions->rows_count = 0;
    memcpy(successions->first_key, journal->signer.public_key, sizeof successions->first_key);
    while (status == 0 && successions->rows_count < ROWS_MAX) {
        status = journal_succession_from(read, journal->codec, after + 1,
                                         &successions->rows[successions->rows_count]);
        if (status == 0)
            after = successions->rows[successions->rows_count++].number;
    }
    answer->more = status == 0;
    answer->next = after;
    return status == -ENOENT ? 0 : status;
}
