/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * enrol: what we say to a carrier that wants to be registered with: the answer to its challenge (RFC 3261
 * §22, RFC 7616, RFC 8760: SHA-256 before MD5, qop auth or none). Pure but for one random word. */
#ifndef GATEWAYS_TRUNK_ENROL_H
#define GATEWAYS_TRUNK_ENROL_H

#include <stddef.h>
#include <stdint.h>

enum {
    ENROL_HEADER_BYTES = 768,
    ENROL_PASSWORD_BYTES = 64
};

struct enrol_answer {
    const char *user, *password, *method, *uri;
    const char *cnonce; /* NULL: a random one */
    uint32_t count;     /* how often this nonce was used, this time included */
};

/* Writes "Authorization: Digest …\r\n" for the challenge, a WWW-Authenticate header's value. Returns 0, or
 * -ENOTSUP for a scheme, an algorithm or a qop that is not spoken here, -EMSGSIZE. */
int enrol_authorize(const char *challenge, const struct enrol_answer *answer,
                    char header[ENROL_HEADER_BYTES]);

/* The password of the carrier `name` in a file of lines NAME:PASSWORD. Returns 0, -ENOENT when it is not
 * there, or another negative errno. */
int enrol_read_password(const char *path, const char *name, char password[ENROL_PASSWORD_BYTES]);

#endif
