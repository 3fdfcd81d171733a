/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/reel.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/require.h"

_Static_assert(REELS_MAX <= UINT16_MAX + 1, "a number names one");

int reels_open(struct reels *reels)
{
    *reels = (struct reels){ 0 };
    void *all = mmap(NULL, REELS_MAX * sizeof(struct reel), PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (all == MAP_FAILED)
        return -ENOMEM;
    reels->all = all;
    /* A huge page would be resident for the sake of one reel. */
    (void)madvise(all, REELS_MAX * sizeof(struct reel), MADV_NOHUGEPAGE);
    reels->idle = calloc(REELS_MAX, sizeof *reels->idle);
    int status = reels->idle ? ring_init(&reels->full, sizeof(uint16_t), REELS_MAX) : -ENOMEM;
    if (status == 0)
        status = ring_init(&reels->empty, sizeof(uint16_t), REELS_MAX);
    if (status < 0)
        reels_close(reels);
    return status;
}

void reels_close(struct reels *reels)
{
    if (reels->all)
        (void)munmap(reels->all, REELS_MAX * sizeof(struct reel));
    free(reels->idle);
    ring_free(&reels->full);
    ring_free(&reels->empty);
    *reels = (struct reels){ 0 };
}

struct reel *reels_take(struct reels *reels)
{
    while (ring_take(&reels->empty, &reels->idle[reels->idle_count]))
        reels->idle_count++;
    uint32_t number = REELS_MAX;
    if (reels->idle_count > 0)
        number = reels->idle[--reels->idle_count];
    else if (reels->used < REELS_MAX)
        number = reels->used++;
    return number < REELS_MAX ? &reels->all[number] : NULL;
}

static uint16_t number_of(const struct reels *reels, const struct reel *reel)
{
    return (uint16_t)(reel - reels->all);
}

void reels_fill(struct reels *reels, const struct reel *reel)
{
    uint16_t number = number_of(reels, reel);
    REQUIRE(ring_put(&reels->full, &number)); /* there are no more reels than places */
}

uint32_t reels_full(const struct reels *reels)
{
    return ring_count(&reels->full);
}

struct reel *reels_unwind(struct reels *reels)
{
    uint16_t number;
    return ring_take(&reels->full, &number) ? &reels->all[number] : NULL;
}

void reels_give(struct reels *reels, struct reel *reel, bool dry)
{
    if (dry)
        (void)madvise(reel, sizeof *reel, MADV_DONTNEED);
    uint16_t number = number_of(reels, reel);
    REQUIRE(ring_put(&reels->empty, &number));
}
