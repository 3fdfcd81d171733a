/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * assertion: what a sign-in provider says of a person, an ID token (OpenID Connect Core 1.0 §2, JWS compact
 * form of RFC 7515). It counts when every one of these holds: an algorithm of keyset.h and a signature of a
 * key of its set, the issuer, this client as audience, not expired, not from the future, the nonce of this
 * very sign-in, a recent proof where one is wanted, and a login. Pure. */
#ifndef DISPATCHER_PROVIDER_ASSERTION_H
#define DISPATCHER_PROVIDER_ASSERTION_H

#include <stdint.h>

#include "dispatcher/provider/keyset.h"

enum {
    ASSERTION_BYTES_MAX = 16384,
    ASSERTION_LOGIN_BYTES = 33
};

enum assertion_fault {
    ASSERTION_HOLDS,
    ASSERTION_NO_TOKEN,  /* not three parts of base64url, or no JSON in them */
    ASSERTION_ALGORITHM, /* none, symmetric, or one that we do not know */
    ASSERTION_CRITICAL,  /* it wants something understood that we do not (RFC 7515 §4.1.11) */
    ASSERTION_KEY,       /* no key of that name: the set may be old */
    ASSERTION_SIGNATURE,
    ASSERTION_ISSUER,
    ASSERTION_AUDIENCE,
    ASSERTION_EXPIRED,
    ASSERTION_EARLY, /* not yet, or made in the future */
    ASSERTION_NONCE,
    ASSERTION_STALE, /* the person showed who they are before they were asked */
    ASSERTION_LOGIN, /* no such claim, or no login */
    ASSERTION_FAULT_COUNT
};
const char *assertion_fault_name(enum assertion_fault fault);

struct expectation {
    const char *issuer, *client, *nonce;
    const char *login;  /* the claim that names the login */
    const char *groups; /* the claim that holds groups … */
    const char *group;  /* … and how a role's is called, with {role} */
    uint32_t confirm;   /* which roles are asked for, as in user_row.roles */
    uint64_t now_s, skew_s;
    uint64_t since_s; /* auth_time is not before this; 0: not asked */
};

struct assertion {
    char login[ASSERTION_LOGIN_BYTES];
    uint32_t confirmed; /* of expectation.confirm */
};

/* *assertion is set only when it holds. */
enum assertion_fault assertion_read(const char *token, const struct keyset *keyset,
                                    const struct expectation *expected,
                                    struct assertion *assertion);

#endif
