/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * provider: somebody who can say who a person is: the city's own hashes (local.h) or a directory over LDAP
 * (directory.h) of a login and a password, a sign-in provider by OpenID Connect (oidc.h) of what it sent
 * back by the browser. Asked on a checker's thread, never on the loop, by up to CHECKER_THREADS at a time;
 * it may take seconds. What it says is who somebody is, never what they may do: rights come from users.csv
 * alone. */
#ifndef DISPATCHER_PROVIDER_PROVIDER_H
#define DISPATCHER_PROVIDER_PROVIDER_H

#include <stdint.h>

#include "proto/message.h"

enum provider_verdict {
    PROVIDER_WRONG, /* no such login, another password, or they may not sign in there */
    PROVIDER_RIGHT,
    PROVIDER_AWAY,     /* it could not be asked */
    PROVIDER_ELSEWHERE /* it is there, and takes no password from us */
};

struct identified {
    enum provider_verdict verdict;
    char login[33];     /* of a grant: whom it names */
    uint32_t asked;     /* roles it was asked to confirm, as in user_row.roles … */
    uint32_t confirmed; /* … and those it does */
};

struct provider {
    void *owner;
    struct identified (*identify)(void *owner, const struct sign_in *asked);
};

#endif
