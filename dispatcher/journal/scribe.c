/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/journal/scribe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/require.h"
#include "dispatcher/store/mate.h"
#include "proto/codec.h"

_Static_assert((SCRIBE_AHEAD & (SCRIBE_AHEAD - 1)) == 0, "sheets go round");

struct scribe {
    struct codec *codec;
    struct chain *chain;
    struct tree *tree;
    struct mate *mate;
    uint32_t turn;  /* sheets given in this turn */
    uint32_t alone; /* how many of it are written as they come */
    int error;      /* who writes; the giver's when all is written */
    uint32_t node_count;
    struct scribe_node nodes[SCRIBE_NODES_MAX];
    struct sheet sheets[SCRIBE_AHEAD];
};

/* ---- writing ------------------------------------------------------------------------------- */

static int node_note(void *owner, uint32_t level, uint64_t index,
                     const uint8_t hash[TREE_HASH_BYTES])
{
    struct scribe *scribe = owner;
    if (level < SCRIBE_LEVEL)
        return 0;
    REQUIRE(scribe->node_count < SCRIBE_NODES_MAX);
    struct scribe_node *node = &scribe->nodes[scribe->node_count++];
    node->level = level;
    node->index = index;
    memcpy(node->hash, hash, TREE_HASH_BYTES);
    return 0;
}

static int sheet_write(struct scribe *scribe, struct sheet *sheet)
{
    struct record *record = &sheet->record;
    struct stored_event *row = sheet->row;
    int status = 0;
    record->has_event = true;
    record->sealed_size = 0;
    if (record->subject) {
        status = vault_seal(sheet->key, scribe->codec, &sheet->personal, record);
        sodium_memzero(sheet->key, sizeof sheet->key);
        sodium_memzero(&sheet->personal, sizeof sheet->personal);
    }
    int size = status < 0 ? status
                          : codec_pack(scribe->codec, SCHEMA_RECORD, record, row->record,
                                       sizeof row->record);
    if (size < 0)
        return size;
    row->record_size = (uint32_t)size;
    status = chain_add(scribe->chain, row->record, row->record_size, row->link);
    return status < 0 ? status : tree_add(scribe->tree, row->link, node_note, scribe);
}

static struct sheet *sheet_at(struct scribe *scribe, uint64_t number)
{
    return &scribe->sheets[number & (SCRIBE_AHEAD - 1)];
}

/* Behind an error nothing is written any more. */
static uint64_t next_write(void *owner, uint64_t done, uint64_t given)
{
    struct scribe *scribe = owner;
    (void)given;
    if (scribe->error == 0)
        scribe->error = sheet_write(scribe, sheet_at(scribe, done));
    return done + 1;
}

/* ---- giving -------------------------------------------------------------------------------- */

int scribe_open(struct scribe **scribe, struct chain *chain, struct tree *tree)
{
    struct scribe *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->chain = chain;
    fresh->tree = tree;
    fresh->codec = codec_open();
    int status = fresh->codec ? mate_open(&fresh->mate, next_write, fresh) : -ENOMEM;
    if (status < 0) {
        scribe_close(fresh);
        return status;
    }
    *scribe = fresh;
    return 0;
}

void scribe_close(struct scribe *scribe)
{
    if (!scribe)
        return;
    mate_close(scribe->mate);
    codec_close(scribe->codec);
    sodium_memzero(scribe->sheets, sizeof scribe->sheets);
    free(scribe);
}

void scribe_begin(struct scribe *scribe)
{
    REQUIRE(mate_waits_at_most(scribe->mate, 0));
    scribe->alone = scribe->turn > SCRIBE_ALONE ? 0 : SCRIBE_ALONE; /* storms last */
    scribe->turn = 0;
    scribe->error = 0;
    scribe->node_count = 0;
}

struct sheet *scribe_sheet(struct scribe *scribe)
{
    if (!mate_waits_at_most(scribe->mate, SCRIBE_AHEAD - 1))
        mate_wait(scribe->mate, SCRIBE_AHEAD / 2); /* one sleep for many */
    return sheet_at(scribe, mate_given(scribe->mate));
}

int scribe_give(struct scribe *scribe)
{
    bool alone = scribe->turn++ < scribe->alone || !mate_is_there(scribe->mate);
    if (alone) { /* all that was given is written: nobody else looks at the sheets */
        if (scribe->error == 0)
            scribe->error = sheet_write(scribe, scribe_sheet(scribe));
        return scribe->error;
    }
    mate_give(scribe->mate, 1);
    return 0;
}

int scribe_finish(struct scribe *scribe, const struct scribe_node **nodes, uint32_t *count)
{
    mate_wait(scribe->mate, 0);
    *nodes = scribe->nodes;
    *count = scribe->node_count;
    scribe->node_count = 0;
    return scribe->error;
}
