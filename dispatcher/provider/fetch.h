/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fetch: one HTTPS request by libcurl. The certificate must carry the name; no redirect is followed, no proxy
 * asked, no other protocol spoken; nothing waits longer than wait_ms, and what is longer than the room is no
 * answer. May be called by several threads at a time. */
#ifndef DISPATCHER_PROVIDER_FETCH_H
#define DISPATCHER_PROVIDER_FETCH_H

#include <stddef.h>
#include <stdint.h>

struct fetch_terms {
    const char *url;
    const char *form;          /* the body of a POST; NULL: a GET */
    const char *user, *secret; /* by HTTP Basic; NULL: nobody */
    const char *authorities;   /* PEM file; NULL: the machine's own */
    uint32_t wait_ms;
};

/* Once, before there are threads. Returns 0 or a negative errno. */
int fetch_begin(void);

/* Writes the answer with a NUL behind it. Returns its HTTP status, or a negative errno: -EHOSTUNREACH when
 * nobody answered, -EPROTO for a certificate that is not theirs, -EFBIG, -ETIMEDOUT, -ENOMEM. */
int fetch_run(const struct fetch_terms *terms, char *bytes, size_t room);

#endif
