/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/store/changes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "dispatcher/store/mark.h"

enum {
    ROOM_START = 1 << 16
};

/* In front of key and value. Most changes are short, and a head of 24 bytes was a third of what is written for them. */
struct short_head {
    uint8_t what; /* SHORT, kind, table */
    uint8_t key_size;
    uint16_t value_size;
};

/* Of a long value; of all changes of earlier builds. Its first byte is a kind. */
struct long_head {
    uint32_t kind;
    uint32_t table;
    size_t key_size;
    size_t value_size;
};

enum {
    SHORT = 0x80,
    KIND_SHIFT = 4,
    TABLE_MASK = (1 << KIND_SHIFT) - 1
};
_Static_assert(STORE_TABLES_MAX - 1 <= TABLE_MASK, "a short head has room for each table");
_Static_assert(CHANGE_KIND_COUNT << KIND_SHIFT <= SHORT, "a kind does not reach its first bit");
_Static_assert(STORE_KEY_BYTES_MAX <= UINT8_MAX, "any key has a short head");

int changes_open(struct changes *changes)
{
    *changes = (struct changes){ .bytes = malloc(ROOM_START), .room = ROOM_START };
    return changes->bytes ? 0 : -ENOMEM;
}

void changes_close(struct changes *changes)
{
    free(changes->bytes);
    *changes = (struct changes){ .bytes = NULL };
}

static uint8_t *lay(uint8_t *at, const void *bytes, size_t size)
{
    if (size > 0)
        memcpy(at, bytes, size);
    return at + size;
}

static bool is_short(const struct change *change)
{
    return change->key.size <= UINT8_MAX && change->value.size <= UINT16_MAX;
}

static size_t size_of(const struct change *change)
{
    size_t head = is_short(change) ? sizeof(struct short_head) : sizeof(struct long_head);
    return head + change->key.size + change->value.size;
}

static uint8_t *lay_head(uint8_t *at, const struct change *change)
{
    if (is_short(change)) {
        struct short_head head = { (uint8_t)(SHORT | change->kind << KIND_SHIFT | change->table),
                                   (uint8_t)change->key.size, (uint16_t)change->value.size };
        return lay(at, &head, sizeof head);
    }
    struct long_head head = { change->kind, change->table, change->key.size, change->value.size };
    return lay(at, &head, sizeof head);
}

bool changes_move(const struct changes *changes, const struct change *change)
{
    return changes->room - changes->size < size_of(change);
}

int changes_note(struct changes *changes, const struct change *change)
{
    size_t size = size_of(change);
    REQUIRE(change->table < STORE_TABLES_MAX);
    while (changes->room - changes->size < size) {
        uint8_t *larger = realloc(changes->bytes, changes->room * 2);
        if (!larger)
            return -ENOMEM;
        changes->bytes = larger;
        changes->room *= 2;
    }
    uint8_t *at = lay_head(changes->bytes + changes->size, change);
    at = lay(at, change->key.data, change->key.size);
    (void)lay(at, change->value.data, change->value.size);
    changes->size += size;
    return 0;
}

struct slice changes_behind(const struct changes *changes, size_t size)
{
    return (struct slice){ changes->bytes + size, changes->size - size };
}

/* Returns the size of the head, 0: there is none. */
static size_t head_take(struct slice rest, struct change *change)
{
    struct short_head brief;
    struct long_head head;
    if (rest.size >= sizeof brief && *(const uint8_t *)rest.data & SHORT) {
        memcpy(&brief, rest.data, sizeof brief);
        change->kind = (enum change_kind)((brief.what & ~SHORT) >> KIND_SHIFT);
        change->table = brief.what & TABLE_MASK;
        change->key.size = brief.key_size;
        change->value.size = brief.value_size;
        return sizeof brief;
    }
    if (rest.size < sizeof head)
        return 0;
    memcpy(&head, rest.data, sizeof head);
    change->kind = head.kind < CHANGE_KIND_COUNT ? (enum change_kind)head.kind : CHANGE_KIND_COUNT;
    change->table = head.table;
    change->key.size = head.key_size;
    change->value.size = head.value_size;
    return sizeof head;
}

int changes_take(struct slice *rest, struct change *change)
{
    struct change next;
    if (rest->size == 0)
        return -ENOENT;
    size_t head = head_take(*rest, &next), room = rest->size - head;
    if (head == 0 || next.kind >= CHANGE_KIND_COUNT || next.table >= STORE_TABLES_MAX ||
        next.key.size == 0 || next.key.size > room || next.value.size > room - next.key.size)
        return -EBADMSG;
    next.key.data = (const uint8_t *)rest->data + head;
    next.value.data = (const uint8_t *)next.key.data + next.key.size;
    size_t taken = head + next.key.size + next.value.size;
    *rest = (struct slice){ (const uint8_t *)rest->data + taken, rest->size - taken };
    *change = next;
    return 0;
}

/* The bytes behind `tail` of the end, when they are a change that is the mark's. */
static bool ends_marked(struct slice changes, size_t tail, struct store_mark *mark)
{
    struct slice key = mark_key();
    struct change last;
    if (changes.size < tail)
        return false;
    struct slice rest = { (const uint8_t *)changes.data + changes.size - tail, tail };
    if (changes_take(&rest, &last) < 0 || rest.size > 0 || last.kind != CHANGE_PUT ||
        last.value.size != MARK_BYTES || last.key.size != key.size ||
        memcmp(last.key.data, key.data, key.size) != 0)
        return false;
    *mark = mark_read(last.value.data);
    return true;
}

/* How many bytes of the changes are the mark; 0: they end with none. What would be a short head is zero in a long one. */
static size_t mark_size(struct slice changes, struct store_mark *mark)
{
    size_t size = mark_key().size + MARK_BYTES;
    if (ends_marked(changes, sizeof(struct short_head) + size, mark))
        return sizeof(struct short_head) + size;
    return ends_marked(changes, sizeof(struct long_head) + size, mark)
               ? sizeof(struct long_head) + size
               : 0;
}

bool changes_marked(struct slice changes, struct store_mark *mark)
{
    return mark_size(changes, mark) > 0;
}

bool store_follows(const struct store_mark *before, struct slice changes,
                   const struct store_mark *after)
{
    struct store_mark said, reckoned;
    size_t marked = mark_size(changes, &said);
    if (marked == 0)
        return false;
    changes.size -= marked;
    reckoned = mark_after(before, changes);
    return said.turn == after->turn && reckoned.turn == after->turn &&
           memcmp(said.digest, after->digest, sizeof said.digest) == 0 &&
           memcmp(reckoned.digest, after->digest, sizeof reckoned.digest) == 0;
}
