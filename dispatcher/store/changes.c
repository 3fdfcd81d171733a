/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/store/changes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dispatcher/store/mark.h"

enum {
    ROOM_START = 1 << 16
};

/* In front of key and value. */
struct head {
    uint32_t kind;
    uint32_t table;
    size_t key_size;
    size_t value_size;
};

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

static size_t size_of(const struct change *change)
{
    return sizeof(struct head) + change->key.size + change->value.size;
}

bool changes_move(const struct changes *changes, const struct change *change)
{
    return changes->room - changes->size < size_of(change);
}

int changes_note(struct changes *changes, const struct change *change)
{
    struct head head = { change->kind, change->table, change->key.size, change->value.size };
    size_t size = size_of(change);
    while (changes->room - changes->size < size) {
        uint8_t *larger = realloc(changes->bytes, changes->room * 2);
        if (!larger)
            return -ENOMEM;
        changes->bytes = larger;
        changes->room *= 2;
    }
    uint8_t *at = lay(changes->bytes + changes->size, &head, sizeof head);
    at = lay(at, change->key.data, change->key.size);
    (void)lay(at, change->value.data, change->value.size);
    changes->size += size;
    return 0;
}

struct slice changes_behind(const struct changes *changes, size_t size)
{
    return (struct slice){ changes->bytes + size, changes->size - size };
}

int changes_take(struct slice *rest, struct change *change)
{
    const uint8_t *bytes = rest->data;
    struct head head;
    if (rest->size == 0)
        return -ENOENT;
    if (rest->size < sizeof head)
        return -EBADMSG;
    memcpy(&head, bytes, sizeof head);
    size_t room = rest->size - sizeof head;
    if (head.kind >= CHANGE_KIND_COUNT || head.key_size == 0 || head.key_size > room ||
        head.value_size > room - head.key_size)
        return -EBADMSG;
    change->kind = (enum change_kind)head.kind;
    change->table = head.table;
    change->key = (struct slice){ bytes + sizeof head, head.key_size };
    change->value = (struct slice){ bytes + sizeof head + head.key_size, head.value_size };
    size_t taken = sizeof head + head.key_size + head.value_size;
    *rest = (struct slice){ bytes + taken, rest->size - taken };
    return 0;
}

bool changes_marked(struct slice changes, struct store_mark *mark)
{
    struct slice key = mark_key();
    size_t tail = sizeof(struct head) + key.size + MARK_BYTES;
    struct change last;
    if (changes.size < tail)
        return false;
    struct slice rest = { (const uint8_t *)changes.data + changes.size - tail, tail };
    if (changes_take(&rest, &last) < 0 || last.kind != CHANGE_PUT ||
        last.value.size != MARK_BYTES || last.key.size != key.size ||
        memcmp(last.key.data, key.data, key.size) != 0)
        return false;
    *mark = mark_read(last.value.data);
    return true;
}

bool store_follows(const struct store_mark *before, struct slice changes,
                   const struct store_mark *after)
{
    struct store_mark said, reckoned;
    if (!changes_marked(changes, &said))
        return false;
    changes.size -= sizeof(struct head) + mark_key().size + MARK_BYTES;
    reckoned = mark_after(before, changes);
    return said.turn == after->turn && reckoned.turn == after->turn &&
           memcmp(said.digest, after->digest, sizeof said.digest) == 0 &&
           memcmp(reckoned.digest, after->digest, sizeof reckoned.digest) == 0;
}
