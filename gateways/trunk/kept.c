/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/kept.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/log.h"
#include "base/require.h"

enum {
    SLOTS = 2,
    BOOT_BYTES = 40 /* the kernel's name for this run of the machine */
};

static const char magic[16] = "yihao-kept-1\n";

struct header {
    char magic[sizeof magic];
    char boot[BOOT_BYTES];
    struct kept_shape shapes[KEPT_KIND_COUNT];
    _Atomic uint64_t wall_ms;
    _Atomic uint64_t generation, link_epoch, skew_ms; /* of kept_origin */
};

struct slot {
    _Atomic uint64_t number; /* rises with every writing of the record; 0: not whole */
    uint8_t checksum[crypto_shorthash_BYTES];
    uint64_t size;
    uint8_t body[];
};

struct kept {
    int fd;
    uint8_t *bytes;
    size_t size;
    size_t begins[KEPT_KIND_COUNT];
    struct kept_shape shapes[KEPT_KIND_COUNT];
    uint64_t former_ms;
    kept_hears *hears;
    void *hearer;
};

_Static_assert(crypto_shorthash_KEYBYTES == 2 * sizeof(uint64_t), "number and place are the key");
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "a number is written with one instruction");

static struct header *header_of(const struct kept *kept)
{
    return (struct header *)(void *)kept->bytes;
}

static size_t slot_bytes(const struct kept_shape *shape)
{
    return (sizeof(struct slot) + shape->bytes + 7) / 8 * 8;
}

static struct slot *slot_of(const struct kept *kept, enum kept_kind kind, uint32_t place,
                            unsigned which)
{
    const struct kept_shape *shape = &kept->shapes[kind];
    REQUIRE(place < shape->places);
    size_t at = kept->begins[kind] + ((size_t)place * SLOTS + which) * slot_bytes(shape);
    return (struct slot *)(void *)(kept->bytes + at);
}

static void checksum(const struct slot *slot, uint64_t number, enum kept_kind kind, uint32_t place,
                     uint8_t sum[crypto_shorthash_BYTES])
{
    const uint64_t words[2] = { number, (uint64_t)kind << 32 | place };
    uint8_t key[sizeof words];
    memcpy(key, words, sizeof key);
    (void)crypto_shorthash(sum, slot->body, slot->size, key);
}

/* The slot's number when it is whole, else 0. */
static uint64_t whole(const struct kept *kept, const struct slot *slot, enum kept_kind kind,
                      uint32_t place)
{
    uint8_t sum[crypto_shorthash_BYTES];
    uint64_t number = atomic_load_explicit(&slot->number, memory_order_acquire);
    if (number == 0 || slot->size == 0 || slot->size > kept->shapes[kind].bytes)
        return 0;
    checksum(slot, number, kind, place, sum);
    return memcmp(sum, slot->checksum, sizeof sum) == 0 ? number : 0;
}

/* The newest whole slot of two, NULL: none. */
static struct slot *newest(const struct kept *kept, enum kept_kind kind, uint32_t place)
{
    struct slot *slots[SLOTS] = { slot_of(kept, kind, place, 0), slot_of(kept, kind, place, 1) };
    uint64_t first = whole(kept, slots[0], kind, place),
             second = whole(kept, slots[1], kind, place);
    if (first == 0 && second == 0)
        return NULL;
    return first > second ? slots[0] : slots[1];
}

static uint64_t number_of(const struct slot *slot)
{
    return atomic_load_explicit(&slot->number, memory_order_relaxed);
}

void kept_write(struct kept *kept, enum kept_kind kind, uint32_t place, const uint8_t *body,
                size_t size)
{
    struct slot *a = slot_of(kept, kind, place, 0), *b = slot_of(kept, kind, place, 1);
    struct slot *last = number_of(a) > number_of(b) ? a : b, *next = last == a ? b : a;
    uint64_t number = number_of(last) + 1;
    REQUIRE(size > 0 && size <= kept->shapes[kind].bytes);
    if (number > 1 && last->size == size && memcmp(last->body, body, size) == 0)
        return;
    atomic_store_explicit(&next->number, 0, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    next->size = size;
    memcpy(next->body, body, size);
    checksum(next, number, kind, place, next->checksum);
    atomic_store_explicit(&next->number, number, memory_order_release);
    if (kept->hears)
        kept->hears(kept->hearer, kind, place, body, size);
}

/* room: of the body; what a damaged file says of its size is not believed. */
static void empty(struct slot *slot, uint32_t room)
{
    uint64_t size = slot->size < room ? slot->size : room;
    if (number_of(slot) == 0 && size == 0)
        return;
    atomic_store_explicit(&slot->number, 0, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    slot->size = 0;
    memset(slot->body, 0, size);
}

/* The older slot first: it must not come to life again when the process dies between the two. */
void kept_clear(struct kept *kept, enum kept_kind kind, uint32_t place)
{
    struct slot *a = slot_of(kept, kind, place, 0), *b = slot_of(kept, kind, place, 1);
    bool a_first = number_of(a) < number_of(b);
    if (kept->hears && (number_of(a) != 0 || number_of(b) != 0))
        kept->hears(kept->hearer, kind, place, (const uint8_t *)"", 0);
    uint32_t room = kept->shapes[kind].bytes;
    empty(a_first ? a : b, room);
    atomic_thread_fence(memory_order_release);
    empty(a_first ? b : a, room);
}

size_t kept_read(const struct kept *kept, enum kept_kind kind, uint32_t place,
                 uint8_t body[KEPT_BODY_MAX])
{
    const struct slot *slot = newest(kept, kind, place);
    if (!slot)
        return 0;
    memcpy(body, slot->body, slot->size);
    return slot->size;
}

/* ---- life -------------------------------------------------------------------------------------- */

void kept_beat(struct kept *kept, uint64_t wall_ms)
{
    atomic_store_explicit(&header_of(kept)->wall_ms, wall_ms, memory_order_relaxed);
}

uint64_t kept_former(const struct kept *kept)
{
    return kept->former_ms;
}

void kept_adopt(struct kept *kept)
{
    kept->former_ms = atomic_load_explicit(&header_of(kept)->wall_ms, memory_order_relaxed);
}

const struct kept_shape *kept_shape_of(const struct kept *kept, enum kept_kind kind)
{
    return &kept->shapes[kind];
}

void kept_watch(struct kept *kept, kept_hears *hears, void *owner)
{
    kept->hears = hears;
    kept->hearer = owner;
}

void kept_note(struct kept *kept, const struct kept_origin *origin)
{
    struct header *header = header_of(kept);
    atomic_store_explicit(&header->generation, origin->generation, memory_order_relaxed);
    atomic_store_explicit(&header->link_epoch, origin->link_epoch, memory_order_relaxed);
    atomic_store_explicit(&header->skew_ms, origin->skew_ms, memory_order_relaxed);
}

void kept_origin_of(const struct kept *kept, struct kept_origin *origin)
{
    struct header *header = header_of(kept);
    *origin = (struct kept_origin){
        .generation = atomic_load_explicit(&header->generation, memory_order_relaxed),
        .link_epoch = atomic_load_explicit(&header->link_epoch, memory_order_relaxed),
        .skew_ms = atomic_load_explicit(&header->skew_ms, memory_order_relaxed),
    };
}

static void read_boot(char boot[BOOT_BYTES])
{
    memset(boot, 0, BOOT_BYTES);
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)!read(fd, boot, BOOT_BYTES - 1);
    (void)close(fd);
}

static size_t plan(struct kept *kept, const struct kept_shape shapes[KEPT_KIND_COUNT])
{
    size_t at = 4096;
    _Static_assert(sizeof(struct header) <= 4096, "the records begin behind the header");
    for (int i = 0; i < KEPT_KIND_COUNT; i++) {
        REQUIRE(shapes[i].bytes > 0 && shapes[i].bytes <= KEPT_BODY_MAX);
        kept->shapes[i] = shapes[i];
        kept->begins[i] = at;
        at += (size_t)shapes[i].places * SLOTS * slot_bytes(&shapes[i]);
    }
    return at;
}

static bool is_ours(const struct kept *kept, const char boot[BOOT_BYTES])
{
    const struct header *header = header_of(kept);
    return memcmp(header->magic, magic, sizeof magic) == 0 &&
           memcmp(header->boot, boot, BOOT_BYTES) == 0 &&
           memcmp(header->shapes, kept->shapes, sizeof header->shapes) == 0;
}

/* Takes over the records of the former process, or begins without any. */
static int begin(struct kept *kept, bool fits, const char *path)
{
    char boot[BOOT_BYTES];
    struct header *header = header_of(kept);
    read_boot(boot);
    if (fits && is_ours(kept, boot)) {
        kept->former_ms = atomic_load_explicit(&header->wall_ms, memory_order_relaxed);
        return 0;
    }
    if (fits && header->magic[0])
        log_warn("drop kept calls file=%s: of another build, or of before the machine's start",
                 path);
    if (fits)
        memset(kept->bytes, 0, kept->size);
    memcpy(header->boot, boot, sizeof boot);
    memcpy(header->shapes, kept->shapes, sizeof header->shapes);
    memcpy(header->magic, magic, sizeof magic);
    return 0;
}

static int map(struct kept *kept, const char *path)
{
    struct stat about;
    if (flock(kept->fd, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK ? -EBUSY : -errno;
    if (fstat(kept->fd, &about) < 0)
        return -errno;
    bool fits = (size_t)about.st_size == kept->size;
    if (!fits && ftruncate(kept->fd, 0) < 0)
        return -errno;
    int status = posix_fallocate(kept->fd, 0, (off_t)kept->size);
    if (status != 0)
        return -status;
    void *bytes = mmap(NULL, kept->size, PROT_READ | PROT_WRITE, MAP_SHARED, kept->fd, 0);
    if (bytes == MAP_FAILED)
        return -errno;
    kept->bytes = bytes;
    return begin(kept, fits, path);
}

int kept_open(struct kept **kept, const char *path, const struct kept_shape shapes[KEPT_KIND_COUNT])
{
    struct kept *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->size = plan(fresh, shapes);
    fresh->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int status = fresh->fd < 0 ? -errno : map(fresh, path);
    if (status < 0) {
        kept_close(fresh);
        return status;
    }
    *kept = fresh;
    return 0;
}

void kept_close(struct kept *kept)
{
    if (!kept)
        return;
    if (kept->bytes)
        (void)munmap(kept->bytes, kept->size);
    if (kept->fd >= 0)
        (void)close(kept->fd);
    free(kept);
}
