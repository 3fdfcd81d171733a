/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/store/filer.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "dispatcher/store/mate.h"
#include "dispatcher/store/redo.h"

enum {
    FILER_LEAST = 16 << 10, /* of fewer bytes the caller has done sooner: some 60 events */
    FILER_STEP = 8 << 10
};

/* What the mate is given: a piece for each byte, then one to end the entry and one to file. */
struct filer {
    filer_do *file;
    const struct changes *changes;
    struct mate *mate;
    struct transaction *transaction;
    struct redo *redo;
    size_t turn_at; /* of the changes: where the entry begins */
    size_t file_at; /* … and what is to be filed */
    uint64_t given_before;
    bool works;
    bool ended;
    atomic_size_t end; /* where the entry ends; SIZE_MAX: not known */
    int written;       /* the mate's until filer_write() */
    int filed;         /* … until filer_finish() */
};

static size_t piece_write(struct filer *filer, size_t from, size_t end)
{
    const uint8_t *bytes = filer->changes->bytes;
    if (from == filer->turn_at)
        redo_begin(filer->redo);
    if (filer->written == 0)
        filer->written = redo_add(filer->redo, (struct slice){ bytes + from, end - from });
    return end;
}

static uint64_t step(void *owner, uint64_t done, uint64_t given)
{
    struct filer *filer = owner;
    size_t at = filer->turn_at + (done - filer->given_before);
    size_t to = filer->turn_at + (given - filer->given_before);
    size_t end = atomic_load(&filer->end); /* known before the last two are given */
    if (at < end)
        return done + (piece_write(filer, at, to < end ? to : end) - at);
    if (at == end && filer->written == 0)
        filer->written = redo_end(filer->redo);
    if (at > end && filer->written == 0)
        filer->filed =
            filer->file(filer->transaction, (struct slice){ filer->changes->bytes + filer->file_at,
                                                            end - filer->file_at });
    return done + 1;
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

void filer_begin(struct filer *filer, struct transaction *transaction, struct redo *redo,
                 size_t turn_at)
{
    filer->transaction = transaction;
    filer->redo = redo;
    filer->turn_at = turn_at;
    filer->file_at = filer->changes->size;
    filer->given_before = mate_given(filer->mate);
    filer->works = filer->ended = false;
    atomic_store(&filer->end, SIZE_MAX);
    filer->written = filer->filed = 0;
}

void filer_pause(struct filer *filer, const struct change *next)
{
    if (filer->works && changes_move(filer->changes, next))
        mate_wait(filer->mate, 0);
}

static size_t not_given(const struct filer *filer)
{
    return filer->changes->size - filer->turn_at -
           (size_t)(mate_given(filer->mate) - filer->given_before);
}

void filer_follow(struct filer *filer)
{
    size_t noted = filer->works ? not_given(filer) : filer->changes->size - filer->file_at;
    if (noted < (filer->works ? FILER_STEP : FILER_LEAST))
        return;
    if (!filer->works && (!filer->redo || !mate_is_there(filer->mate)))
        return;
    filer->works = true;
    mate_give(filer->mate, not_given(filer));
}

bool filer_works(const struct filer *filer)
{
    return filer->works;
}

int filer_write(struct filer *filer)
{
    filer->ended = true;
    atomic_store(&filer->end, filer->changes->size);
    mate_give(filer->mate, not_given(filer) + 2);
    mate_wait(filer->mate, 1);
    return filer->written;
}

int filer_finish(struct filer *filer, size_t *done)
{
    mate_wait(filer->mate, 0);
    *done = filer->ended ? filer->changes->size : filer->file_at;
    filer->works = false;
    return filer->filed;
}
