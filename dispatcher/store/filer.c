/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/store/filer.h"

#include <errno.h>
#include <stdlib.h>

#include "dispatcher/store/mate.h"

enum {
    FILER_LEAST = 32 << 10, /* fewer bytes are filed sooner by the caller: some 30 events */
    FILER_STEP = 4 << 10
};

struct filer {
    filer_do *file;
    const struct changes *changes;
    struct mate *mate;
    struct transaction *transaction;
    size_t given; /* of the changes: up to where the mate has them */
    bool at_work;
    int status; /* the mate's until filer_finish() */
    /* What was given before this turn, and where in the changes that is. */
    uint64_t given_before;
    size_t begun;
};

static uint64_t step(void *owner, uint64_t done, uint64_t given)
{
    struct filer *filer = owner;
    const uint8_t *bytes = filer->changes->bytes + filer->begun + (done - filer->given_before);
    if (filer->status == 0)
        filer->status = filer->file(filer->transaction, (struct slice){ bytes, given - done });
    return given;
}

int filer_open(struct filer **filer, filer_do *file, const struct changes *changes)
{
    struct filer *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->file = file;
    fresh->changes = changes;
    int status = mate_open(&fresh->mate, step, fresh);
    if (status < 0) {
        free(fresh);
        return status;
    }
    *filer = fresh;
    return 0;
}

void filer_close(struct filer *filer)
{
    if (!filer)
        return;
    mate_close(filer->mate);
    free(filer);
}

void filer_begin(struct filer *filer, struct transaction *transaction)
{
    filer->transaction = transaction;
    filer->begun = filer->given = filer->changes->size;
    filer->given_before = mate_given(filer->mate);
    filer->at_work = false;
    filer->status = 0;
}

void filer_pause(struct filer *filer, const struct change *next)
{
    if (filer->at_work && changes_move(filer->changes, next))
        mate_wait(filer->mate, 0);
}

static void give(struct filer *filer)
{
    size_t size = filer->changes->size;
    mate_give(filer->mate, size - filer->given);
    filer->given = size;
}

void filer_follow(struct filer *filer)
{
    size_t behind = filer->changes->size - filer->given;
    if (behind < (filer->at_work ? FILER_STEP : FILER_LEAST))
        return;
    if (!filer->at_work && !mate_is_there(filer->mate))
        return;
    filer->at_work = true;
    give(filer);
}

bool filer_end(struct filer *filer)
{
    if (filer->at_work && filer->changes->size > filer->given)
        give(filer);
    return filer->at_work;
}

int filer_finish(struct filer *filer, size_t *done)
{
    mate_wait(filer->mate, 0);
    *done = filer->given;
    filer->at_work = false;
    return filer->status;
}
