/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * digest: the hashes of HTTP digest access authentication (RFC 7616): words joined by ":" and hashed
 * to lower-case hex. MD5 is there because desk phones know nothing else (RFC 8760 §2). Pure. */
#ifndef GATEWAYS_TRUNK_DIGEST_H
#define GATEWAYS_TRUNK_DIGEST_H

#include <stddef.h>

enum digest_kind {
    DIGEST_MD5,
    DIGEST_SHA256
};

enum {
    DIGEST_HEX_BYTES = 65 /* of the longer one, with its terminator */
};

/* words is NULL-terminated; together at most 1,024 bytes, a longer text gives the hash of nothing
 * that anybody sent. */
void digest_join(enum digest_kind kind, const char *const *words, char hex[DIGEST_HEX_BYTES]);

/* A parameter of a digest header: name="value" or name=value. Empty when it is not there. */
void digest_parameter(const char *header, const char *name, char *value, size_t size);

#endif
