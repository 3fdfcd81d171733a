/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/link/pending.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include <sodium.h>

#include "base/log.h"
#include "base/require.h"

struct place {
    _Atomic uint64_t number; /* rises with every record; 0: empty */
    uint64_t size;
    uint8_t checksum[crypto_shorthash_BYTES];
    uint8_t bytes[PENDING_BYTES];
};

struct pending {
    int fd;
    struct place *places; /* mapped: PENDING_PLACES */
    uint64_t last;
    uint32_t free[PENDING_PLACES];
    uint32_t free_count;
};

static const size_t file_bytes = sizeof(struct place) * PENDING_PLACES;

static void checksum(const struct place *place, uint64_t number,
                     uint8_t sum[crypto_shorthash_BYTES])
{
    uint8_t key[crypto_shorthash_KEYBYTES] = { 0 };
    memcpy(key, &number, sizeof number);
    (void)crypto_shorthash(sum, place->bytes, place->size, key);
}

static uint64_t number_of(const struct place *place)
{
    return atomic_load_explicit(&place->number, memory_order_acquire);
}

static uint64_t whole(const struct place *place)
{
    uint8_t sum[crypto_shorthash_BYTES];
    uint64_t number = number_of(place);
    if (number == 0 || place->size == 0 || place->size > PENDING_BYTES)
        return 0;
    checksum(place, number, sum);
    return memcmp(sum, place->checksum, sizeof sum) == 0 ? number : 0;
}

static void wipe(struct place *place)
{
    atomic_store_explicit(&place->number, 0, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    memset(place->bytes, 0, sizeof place->bytes);
    place->size = 0;
}

/* Oldest first, whatever places they lie in; the file is empty afterwards. */
static int visit_all(struct pending *pending, pending_visit *visit, void *owner)
{
    struct place *copy = malloc(file_bytes);
    uint64_t told = 0;
    if (!copy)
        return -ENOMEM;
    memcpy((void *)copy, (const void *)pending->places, file_bytes);
    for (uint32_t i = 0; i < PENDING_PLACES; i++)
        wipe(&pending->places[i]);
    for (uint32_t round = 0; round < PENDING_PLACES; round++) {
        const struct place *next = NULL;
        for (uint32_t i = 0; i < PENDING_PLACES; i++) {
            uint64_t number = number_of(&copy[i]);
            if (number > told && (!next || number < number_of(next)))
                next = &copy[i];
        }
        if (!next)
            break;
        told = number_of(next);
        if (whole(next))
            visit(owner, next->bytes, next->size);
    }
    sodium_memzero(copy, file_bytes);
    free(copy);
    return 0;
}

static int map(struct pending *pending)
{
    if (flock(pending->fd, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK ? -EBUSY : -errno;
    if (ftruncate(pending->fd, (off_t)file_bytes) < 0)
        return -errno;
    int status = posix_fallocate(pending->fd, 0, (off_t)file_bytes);
    if (status != 0)
        return -status;
    void *bytes = mmap(NULL, file_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, pending->fd, 0);
    if (bytes == MAP_FAILED)
        return -errno;
    pending->places = bytes;
    return 0;
}

int pending_open(struct pending **pending, const char *path, pending_visit *visit, void *owner)
{
    struct pending *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int status = fresh->fd < 0 ? -errno : map(fresh);
    if (status < 0) {
        log_error("what is said in the instant of a kill is lost file=%s: %s", path,
                  strerror(-status));
        pending_close(fresh);
        return status == -EBUSY ? status : 0;
    }
    for (uint32_t i = 0; i < PENDING_PLACES; i++)
        fresh->free[fresh->free_count++] = PENDING_PLACES - 1 - i;
    *pending = fresh; /* the visitor puts them again */
    return visit_all(fresh, visit, owner);
}

void pending_close(struct pending *pending)
{
    if (!pending)
        return;
    if (pending->places)
        (void)munmap(pending->places, file_bytes);
    if (pending->fd >= 0)
        (void)close(pending->fd);
    free(pending);
}

uint32_t pending_put(struct pending *pending, const uint8_t *bytes, size_t size)
{
    if (!pending || pending->free_count == 0 || size == 0 || size > PENDING_BYTES)
        return 0;
    uint32_t at = pending->free[--pending->free_count];
    struct place *place = &pending->places[at];
    uint64_t number = ++pending->last;
    memcpy(place->bytes, bytes, size);
    place->size = size;
    checksum(place, number, place->checksum);
    atomic_store_explicit(&place->number, number, memory_order_release);
    return at + 1;
}

void pending_drop(struct pending *pending, uint32_t *place)
{
    if (*place == 0)
        return;
    struct place *dropped = &pending->places[*place - 1];
    REQUIRE(*place <= PENDING_PLACES && number_of(dropped) != 0);
    wipe(dropped);
    pending->free[pending->free_count++] = *place - 1;
    *place = 0;
}
