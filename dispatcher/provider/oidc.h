/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * oidc: the city's sign-in provider by OpenID Connect Core 1.0: authorization code flow (RFC 6749 §4.1) with
 * PKCE (RFC 7636), endpoints by discovery, its keys fetched and kept an hour; an unknown key's name has them
 * fetched once more, at most each OIDC_KEYS_PAUSE_MS. The browser brings the code, this side alone redeems it
 * and reads the ID token (assertion.h). It says who somebody is; groups only confirm roles that users.csv
 * gave already.
 *
 * A password is never sent there: asked with one, it says whether it could be asked (PROVIDER_ELSEWHERE) or
 * not (PROVIDER_AWAY). After a failure it counts as away for OIDC_AWAY_MS, so that a hanging provider costs
 * the checker's threads little. */
#ifndef DISPATCHER_PROVIDER_OIDC_H
#define DISPATCHER_PROVIDER_OIDC_H

#include <stdbool.h>
#include <stdint.h>

#include "dispatcher/provider/provider.h"
#include "proto/settings.h"

enum {
    OIDC_SECRET_BYTES = 129,
    OIDC_ANSWER_MAX = 65536,
    OIDC_KEYS_MS = 60 * 60 * 1000,
    OIDC_KEYS_PAUSE_MS = 2 * 1000,
    OIDC_AWAY_MS = 5 * 1000,
    OIDC_SEEN_MS = 30 * 1000 /* so long it counts as there, unasked */
};

struct oidc;

/* Reads HOME/keys/oidc (our secret; none: a public client) and, where it is, HOME/keys/oidc.pem (who signs
 * its certificate; else the machine's own list). Connects to nobody. Returns 0 and *oidc (NULL: the settings
 * name none), or a negative errno after a log line that says what to do. */
int oidc_open(struct oidc **oidc, const char *home, const struct oidc_settings *settings);
void oidc_close(struct oidc *oidc);

/* It lives as long as the oidc. */
struct provider oidc_provider(struct oidc *oidc);

/* Why these settings cannot be used, NULL: they can. */
const char *oidc_complaint(const struct oidc_settings *settings);

/* What its discovery says, for who looks whether all is well. Returns 0; a negative errno of fetch.h;
 * -EBADMSG: it is no discovery of this issuer; -EXDEV: its authorization endpoint is another than the
 * settings', and stands in `authorize`. */
int oidc_look(struct oidc *oidc, char *authorize, size_t room);

#endif
