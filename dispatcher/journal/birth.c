/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which suite a journal was begun with: its newest checkpoint names it, and without one its first record's
 * link tells. Nothing else is kept of it, so that nothing can say otherwise. */
#include <errno.h>

#include "base/log.h"
#include "dispatcher/journal/state.h"
#include "dispatcher/store/events.h"

static int first_record(struct transaction *transaction, const struct suite **suite)
{
    static struct stored_event row;
    struct chain chain;
    int status = events_get(transaction, 1, &row);
    if (status < 0)
        return status;
    chain_init(&chain, NULL);
    if (chain_follow(&chain, &row) < 0) {
        log_error("the first record hashes by no suite that this program knows");
        return -EBADMSG;
    }
    *suite = chain.suite;
    return 0;
}

int journal_suite_find(struct transaction *transaction, struct codec *codec,
                       const struct suite **suite)
{
    struct checkpoint newest;
    int status = journal_checkpoint_newest(transaction, codec, &newest);
    if (status == -ENOENT)
        return first_record(transaction, suite);
    if (status < 0)
        return status;
    *suite = suite_of(newest.algorithm);
    if (*suite)
        return 0;
    log_error("the journal is made with algorithm %u, which this program does not know",
              newest.algorithm);
    return -EBADMSG;
}

int journal_suite_take(struct journal *journal, struct transaction *transaction,
                       const struct suite *wanted)
{
    const struct suite *suite = wanted ? wanted : suite_default();
    int status = journal_suite_find(transaction, journal->codec, &suite);
    if (status < 0 && status != -ENOENT)
        return status;
    if (wanted && suite != wanted)
        log_warn("the journal keeps the suite it was begun with suite=%s settings=%s", suite->name,
                 wanted->name);
    journal->signer.suite = journal->lineage.suite = suite;
    journal->chain.suite = journal->tree.suite = suite;
    if (journal->sealed_elsewhere ||
        suite_fits(suite, journal->signer.secret, journal->signer.public_key))
        return 0;
    log_error("keys/sign.secret and sign.public are no pair of suite=%s", suite->name);
    return -EKEYREJECTED;
}
