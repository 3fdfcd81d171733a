/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The simulated city has one dispatcher: nobody listens to its turns, nor keeps annals of them, and it follows nobody. */
#include <errno.h>

#include "dispatcher/io/annalist.h"
#include "dispatcher/io/turns.h"
#include "dispatcher/io/understudy.h"

struct turns *turns_open(void)
{
    return NULL;
}

void turns_close(struct turns *turns)
{
    (void)turns;
}

int turns_bind(struct turns *turns, const char *home, const char *endpoint,
               const struct curve_keys *keys)
{
    (void)turns, (void)home, (void)endpoint, (void)keys;
    return -ENOTSUP;
}

void turns_tell(void *owner, const struct store_mark *before, const struct store_mark *after,
                struct slice changes)
{
    (void)owner, (void)before, (void)after, (void)changes;
}

void turns_serve(struct turns *turns, uint64_t mono_ms)
{
    (void)turns, (void)mono_ms;
}

enum turns_end turns_wait(struct turns *turns)
{
    (void)turns;
    return TURNS_MAY_SPEAK;
}

bool turns_are_over(const struct turns *turns)
{
    (void)turns;
    return false;
}

bool turns_resign(struct turns *turns)
{
    (void)turns;
    return false;
}

int turns_obey(struct turns *turns, const char *home, const char *endpoint,
               const struct curve_keys *keys, const char *name, uint64_t epoch)
{
    (void)turns, (void)home, (void)endpoint, (void)keys, (void)name, (void)epoch;
    return -ENOTSUP;
}

void turns_measure(const struct turns *turns, struct turns_figures *figures)
{
    (void)turns;
    *figures = (struct turns_figures){ .present = false };
}

void understudy_close(struct understudy *understudy)
{
    (void)understudy;
}

void understudy_give(struct understudy *understudy, struct store **store, struct mind *mind,
                     struct roster *roster)
{
    (void)understudy, (void)store, (void)mind, (void)roster;
}

void annalist_close(struct annalist *annalist)
{
    (void)annalist;
}

int annalist_assure(void *owner, const struct store_mark *before, const struct store_mark *after,
                    struct slice changes)
{
    (void)owner, (void)before, (void)after, (void)changes;
    return -ENOTSUP;
}

bool annalist_resign(struct annalist *annalist)
{
    (void)annalist;
    return false;
}

void annalist_serve(struct annalist *annalist, uint64_t mono_ms)
{
    (void)annalist, (void)mono_ms;
}

void annalist_measure(const struct annalist *annalist, struct annalist_figures *figures)
{
    (void)annalist, (void)figures;
}
