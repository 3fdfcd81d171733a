/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/store/probe.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "dispatcher/store/guard.h"

enum {
    PAGE = 4096,
    PAGE_LEAST = 512,
    PAGE_MOST = 65536,
    PAGE_HEAD = 16,
    NODE_HEAD = 8,
    PAGE_BRANCH = 0x01,
    PAGE_LEAF = 0x02,
    PAGE_OVERFLOW = 0x04,
    PAGE_KINDS = 0x2f, /* the other flags are of pages in memory */
    NODE_BIG = 0x01,   /* the value lies on pages of its own */
    NODE_TABLE = 0x02, /* the value is a table's head */
    META_MAGIC_AT = PAGE_HEAD,
    META_TABLES_AT = PAGE_HEAD + 24,
    META_LAST_AT = META_TABLES_AT + 2 * 48,
    META_TXN_AT = META_LAST_AT + 8,
    TABLE_DEPTH_AT = 6,
    TABLE_ROOT_AT = 40,
    TABLE_BYTES = 48,
    PAGES_BETWEEN_CLOCKS = 64
};

#define META_MAGIC 0xbeefc0deU
#define NO_PAGE    UINT64_MAX

struct walk {
    struct probe *probe;
    const uint8_t *file;
    uint64_t page_count; /* as far as the newest root goes */
    const char *append_only;
    uint64_t until_ms;
};

static uint16_t u16_at(const uint8_t *bytes)
{
    uint16_t number;
    memcpy(&number, bytes, sizeof number);
    return number;
}

static uint64_t u64_at(const uint8_t *bytes)
{
    uint64_t number;
    memcpy(&number, bytes, sizeof number);
    return number;
}

/* Where in the tree a page lies. */
struct place {
    uint64_t page;
    uint32_t depth; /* above the leaves */
    bool is_edge;   /* the rightmost of its level */
    bool is_root_tree;
};

static int damaged(const struct walk *walk, const struct place *place)
{
    struct probe *probe = walk->probe;
    probe->damaged = true;
    probe->page = place->page;
    probe->written = place->is_edge || strcmp(probe->table, walk->append_only) != 0;
    return -EBADMSG;
}

static bool is_late(const struct walk *walk)
{
    return walk->probe->pages % PAGES_BETWEEN_CLOCKS == 0 && clock_mono_ms() >= walk->until_ms;
}

/* Its head fits its place and itself. */
static bool head_holds(const uint8_t *page, const struct place *place)
{
    uint16_t flags = u16_at(page + 10), lower = u16_at(page + 12), upper = u16_at(page + 14);
    return u64_at(page) == place->page &&
           (flags & PAGE_KINDS) == (place->depth > 0 ? PAGE_BRANCH : PAGE_LEAF) && lower % 2 == 0 &&
           lower > PAGE_HEAD && lower <= upper && upper <= PAGE;
}

struct node {
    const uint8_t *key;
    uint16_t key_size;
    uint16_t flags;
    uint64_t child; /* of a branch */
    const uint8_t *value;
    uint64_t value_size;
};

/* Returns false when it does not lie within the page. */
static bool node_take(const uint8_t *page, uint32_t number, bool branch, struct node *node)
{
    uint16_t at = u16_at(page + PAGE_HEAD + 2 * number);
    if (at < u16_at(page + 14) || at % 2 || at + NODE_HEAD > PAGE)
        return false;
    const uint8_t *bytes = page + at;
    uint64_t low = u16_at(bytes) | (uint64_t)u16_at(bytes + 2) << 16;
    node->flags = u16_at(bytes + 4);
    node->key_size = u16_at(bytes + 6);
    node->key = bytes + NODE_HEAD;
    node->value = node->key + node->key_size;
    node->child = low | (uint64_t)node->flags << 32;
    node->value_size = branch ? 0 : low;
    uint64_t here = !branch && node->flags & NODE_BIG ? sizeof(uint64_t) : node->value_size;
    return (uint64_t)at + NODE_HEAD + node->key_size + here <= PAGE;
}

static bool big_value_holds(const struct walk *walk, const struct node *node)
{
    uint64_t first = u64_at(node->value);
    if (first < 2 || first >= walk->page_count)
        return false;
    const uint8_t *page = walk->file + first * PAGE;
    uint64_t pages = u16_at(page + 12) | (uint64_t)u16_at(page + 14) << 16;
    return u64_at(page) == first && (u16_at(page + 10) & PAGE_KINDS) == PAGE_OVERFLOW &&
           pages > 0 && pages <= walk->page_count - first &&
           node->value_size <= pages * PAGE - PAGE_HEAD;
}

static int tree_walk(struct walk *walk, const struct place *place);

static int table_walk(struct walk *walk, const uint8_t head[TABLE_BYTES], bool is_root_tree)
{
    uint16_t depth = u16_at(head + TABLE_DEPTH_AT);
    struct place root = { .page = u64_at(head + TABLE_ROOT_AT),
                          .depth = depth - 1U,
                          .is_edge = true,
                          .is_root_tree = is_root_tree };
    if (root.page == NO_PAGE)
        return 0;
    return depth == 0 || depth > PROBE_DEPTH_MAX ? damaged(walk, &root) : tree_walk(walk, &root);
}

static int leaf_node_walk(struct walk *walk, const struct place *place, const struct node *node)
{
    struct probe *probe = walk->probe;
    if (node->flags & NODE_BIG)
        return big_value_holds(walk, node) ? 0 : damaged(walk, place);
    if (!place->is_root_tree)
        return node->flags == 0 ? 0 : damaged(walk, place);
    if (node->flags != NODE_TABLE || node->value_size != TABLE_BYTES)
        return damaged(walk, place);
    (void)snprintf(probe->table, sizeof probe->table, "%.*s", (int)node->key_size,
                   (const char *)node->key);
    int status = table_walk(walk, node->value, false);
    if (status == 0)
        probe->table[0] = 0;
    return status;
}

static int tree_walk(struct walk *walk, const struct place *place)
{
    if (is_late(walk))
        return -ETIME;
    if (place->page < 2 || place->page >= walk->page_count)
        return damaged(walk, place);
    const uint8_t *page = walk->file + place->page * PAGE;
    bool branch = place->depth > 0;
    if (!head_holds(page, place))
        return damaged(walk, place);
    walk->probe->pages++;
    uint32_t count = (u16_at(page + 12) - PAGE_HEAD) / 2U;
    for (uint32_t i = count; i-- > 0;) {
        struct node node;
        struct place child = *place;
        if (!node_take(page, i, branch, &node))
            return damaged(walk, place);
        child.page = node.child;
        child.depth = place->depth - 1;
        child.is_edge = place->is_edge && i + 1 == count;
        int status = branch ? tree_walk(walk, &child) : leaf_node_walk(walk, place, &node);
        if (status < 0)
            return status;
    }
    return 0;
}

static int file_walk(void *owner)
{
    struct walk *walk = owner;
    const uint8_t *metas[2] = { walk->file, walk->file + PAGE };
    const uint8_t *meta = metas[u64_at(metas[1] + META_TXN_AT) > u64_at(metas[0] + META_TXN_AT)];
    uint32_t magic;
    memcpy(&magic, meta + META_MAGIC_AT, sizeof magic);
    if (magic != META_MAGIC || u16_at(meta + META_TABLES_AT) != PAGE || htole16(1) != 1)
        return -ENOTSUP; /* LMDB says what it is */
    uint64_t last = u64_at(meta + META_LAST_AT);
    if (last >= walk->page_count)
        return -ENOTSUP;
    walk->page_count = last + 1;
    int status = table_walk(walk, meta + META_TABLES_AT + TABLE_BYTES, true);
    if (status == 0) { /* what is free, too: it is written with every commit */
        (void)snprintf(walk->probe->table, sizeof walk->probe->table, "free");
        status = table_walk(walk, meta + META_TABLES_AT, false);
    }
    walk->probe->whole = status == 0;
    return status;
}

int probe_file(struct probe *probe, const char *folder, const char *append_only,
               uint32_t at_most_ms)
{
    char path[PATH_MAX];
    struct stat facts;
    *probe = (struct probe){ .pages = 0 };
    int length = snprintf(path, sizeof path, "%s/data.mdb", folder);
    if (length < 0 || (size_t)length >= sizeof path)
        return -ENAMETOOLONG;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int status = fstat(fd, &facts) < 0 ? -errno : facts.st_size < 2 * PAGE ? -ENOTSUP : 0;
    void *file =
        status < 0 ? MAP_FAILED : mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (status == 0 && file == MAP_FAILED)
        status = -errno;
    (void)close(fd);
    if (status < 0)
        return status;
    struct walk walk = { .probe = probe,
                         .file = file,
                         .page_count = (uint64_t)facts.st_size / PAGE,
                         .append_only = append_only,
                         .until_ms = clock_mono_ms() + at_most_ms };
    guard_prepare();
    status = guard_call(file_walk, &walk, -EIO); /* a page that the disk does not give */
    (void)munmap(file, (size_t)facts.st_size);
    if (status == -EIO)
        probe->damaged = probe->written = true;
    return status == -ETIME || status == -EBADMSG || status == -EIO || status == -ENOTSUP ? 0
                                                                                          : status;
}

/* The second head stands one page behind the first. */
static int head_read(int fd, off_t *at)
{
    uint8_t head[META_TABLES_AT + 4];
    uint32_t magic, page;
    ssize_t got = pread(fd, head, sizeof head, *at);
    if (got < 0)
        return -errno;
    memcpy(&magic, head + META_MAGIC_AT, sizeof magic);
    memcpy(&page, head + META_TABLES_AT, sizeof page);
    if (got < (ssize_t)sizeof head || magic != META_MAGIC)
        return 0; /* LMDB says what it is */
    *at += page;
    return page >= PAGE_LEAST && page <= PAGE_MOST && (page & (page - 1)) == 0 ? 0 : -EBADMSG;
}

int probe_heads(const char *folder)
{
    char path[PATH_MAX];
    off_t at = 0;
    int length = snprintf(path, sizeof path, "%s/data.mdb", folder);
    if (length < 0 || (size_t)length >= sizeof path)
        return -ENAMETOOLONG;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : -errno;
    int status = head_read(fd, &at);
    if (status == 0 && at > 0)
        status = head_read(fd, &at);
    (void)close(fd);
    return status;
}
