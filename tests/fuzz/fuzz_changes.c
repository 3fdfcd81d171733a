/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a standby is given, and what the redo file gives after a power cut: whatever the octets say, each change lies inside
 * them, and what was taken is what is noted and taken again. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "dispatcher/store/changes.h"
#include "dispatcher/store/mark.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static bool same(struct slice a, struct slice b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static bool is_inside(struct slice part, const uint8_t *bytes, size_t size)
{
    const uint8_t *from = part.data;
    return from >= bytes && from + part.size <= bytes + size;
}

static void take_again(struct slice noted, const struct change *change)
{
    struct change again;
    REQUIRE(changes_take(&noted, &again) == 0 && noted.size == 0);
    REQUIRE(again.kind == change->kind && again.table == change->table &&
            same(again.key, change->key) && same(again.value, change->value));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    uint8_t *exact = malloc(size ? size : 1); /* so that a read behind its end is seen */
    struct changes noted;
    struct change change;
    struct store_mark mark = { 0 }, before = { 0 };
    REQUIRE(exact && changes_open(&noted) == 0);
    memcpy(exact, bytes, size);
    struct slice rest = { exact, size };
    int status;
    while ((status = changes_take(&rest, &change)) == 0) {
        REQUIRE(change.kind < CHANGE_KIND_COUNT && change.table < STORE_TABLES_MAX);
        REQUIRE(is_inside(change.key, exact, size) && is_inside(change.value, exact, size));
        size_t behind = noted.size;
        REQUIRE(changes_note(&noted, &change) == 0);
        take_again(changes_behind(&noted, behind), &change);
    }
    REQUIRE((status == -ENOENT) == (rest.size == 0) && (status == -ENOENT || status == -EBADMSG));
    struct slice all = { exact, size };
    bool marked = changes_marked(all, &mark);
    REQUIRE(marked || !store_follows(&before, all, &mark));
    changes_close(&noted);
    free(exact);
    return 0;
}
