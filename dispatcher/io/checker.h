/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * checker: checks passwords away from the loop. argon2id takes some 30 ms and 19 MiB on purpose, so
 * two threads check at most two passwords at a time and CHECKER_WAITING_MAX wait. Wrong passwords of
 * one login make it wait: 1 s after the third, doubling up to a minute. Whose password it is the city's
 * directory says (dispatcher/provider), or the city's own hashes, which stand in for named roles while the
 * directory is away; who comes from the city's sign-in provider, that one says. Behind that comes the second
 * factor of who has one (second_factor.h). */
#ifndef DISPATCHER_IO_CHECKER_H
#define DISPATCHER_IO_CHECKER_H

#include <stdbool.h>
#include <stdint.h>

#include "dispatcher/io/bus.h"
#include "dispatcher/io/token.h"
#include "dispatcher/provider/provider.h"
#include "proto/message.h"

enum {
    CHECKER_THREADS = 2,
    CHECKER_WAITING_MAX = 64,
    CHECKER_LOGINS_MAX = 1024, /* remembered for their wrong passwords; the oldest is forgotten */
    CHECKER_FREE_TRIES = 3,
    CHECKER_PAUSE_MS_MAX = 60000
};

struct checker;

/* What came out; the password is gone. */
struct checked {
    struct bus_sender sender;
    uint64_t id;
    uint64_t asked_ms; /* monotonic */
    char login[33];
    bool again;                   /* within a session, which is … */
    struct token token;           /* … this one */
    struct identified identified; /* by the directory or sign-in provider, where the city has one */
    bool spare;           /* the own password stood in for it: it was away, or leaves it to them */
    bool right;           /* password, and code where the login has one */
    bool has_factor;      /* the login has a second factor */
    bool asked_without;   /* … and the code was left out */
    enum refusal refusal; /* why not right */
};

/* Whose password it is. */
struct checker_who {
    bool again;         /* somebody's who is signed in by … */
    struct token token; /* … this */
    bool may_spare;     /* while the directory is away the own password counts */
    bool may_own;       /* … and always, beside a sign-in provider */
};

/* outside: the directory or sign-in provider, NULL for none; copied, its owner outlives the checker. Returns 0 and *checker, or a
 * negative errno. */
int checker_open(struct checker **checker, const char *home, const struct provider *outside);
void checker_close(struct checker *checker);

/* Readable when checker_take() has something. */
int checker_fd(const struct checker *checker);

/* Overwrites what only the checker is to know. */
void checker_wipe(struct sign_in *sign_in);

/* Takes a sign-in to be checked; wipes it. Returns NONE, TOO_MANY_TRIES while the login must wait, BUSY when too many
 * wait. */
enum refusal checker_ask(struct checker *checker, const struct bus_sender *sender,
                         struct sign_in *sign_in, const struct checker_who *who, uint64_t mono_ms);

/* Returns false when nothing is ready. Where there is a directory, a wrong password is not ready sooner than another
 * one (refusals.h). */
bool checker_take(struct checker *checker, struct checked *checked, uint64_t mono_ms);

/* Until checker_take() has something that checker_fd() does not tell; UINT64_MAX: nothing. */
uint64_t checker_wait_ms(struct checker *checker, uint64_t mono_ms);

#endif
