/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * route: the table of what can be asked over HTTP: method, path, whether one must be signed in, and
 * which roles may. A path that ends in "/" takes one decimal number behind it. */
#ifndef CONSOLES_SERVER_ROUTE_H
#define CONSOLES_SERVER_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum method {
    METHOD_NONE,
    METHOD_GET,
    METHOD_POST
};

enum endpoint {
    ENDPOINT_NONE, /* no API path: perhaps a page */
    ENDPOINT_SIGN_IN,
    ENDPOINT_SIGN_OUT,
    ENDPOINT_PROVE,  /* password and code once more; unlocks */
    ENDPOINT_LOCK,   /* by key, before the idle minutes are over */
    ENDPOINT_ACTIVE, /* somebody sits there */
    ENDPOINT_ME,
    ENDPOINT_QUERY,
    ENDPOINT_COMMAND,
    ENDPOINT_TRAIL,
    ENDPOINT_RECORDING,
    ENDPOINT_FIGURES, /* the city's, reckoned, with their formulas */
    ENDPOINT_EXPORT,
    ENDPOINT_ATTACH,     /* a department's picture or document */
    ENDPOINT_ATTACHMENT, /* … is looked at */
    ENDPOINT_HEALTH,
    ENDPOINT_MAP,
    ENDPOINT_AML,
    ENDPOINT_LEAVE, /* to the city's sign-in provider */
    ENDPOINT_BACK,  /* … and back: the page takes what it brought */
    ENDPOINT_COUNT
};

struct route {
    enum endpoint endpoint;
    enum method method;
    const char *path;
    bool signed_in;
    uint32_t roles; /* who may, when signed_in */
    bool locked;    /* … behind a locked screen, too */
};

/* The rows in order, NULL behind the last. */
const struct route *route_at(size_t place);

/* The row of the path, NULL when there is none. *number is what stands behind a path that ends in
 * "/" (0 elsewhere). */
const struct route *route_find(const char *path, uint64_t *number);

/* Copies what stands behind "name=" in a path's arguments, "a=1&name=x". Empty when it is not there or too long. */
void route_argument(const char *arguments, const char *name, char *value, size_t room);

#endif
