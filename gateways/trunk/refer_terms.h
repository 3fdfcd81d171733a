/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * refer_terms: what Refer-To (RFC 3515 §2.1), Replaces (RFC 3891 §6.1) and a message/sipfrag (RFC 3420) say.
 * Pure; whatever is too long, doubled or half written is no such word at all. */
#ifndef GATEWAYS_TRUNK_REFER_TERMS_H
#define GATEWAYS_TRUNK_REFER_TERMS_H

#include <stdbool.h>
#include <stddef.h>

enum {
    REFER_CALL_ID_BYTES = 256,
    REFER_TAG_BYTES = 128,
    REFER_USER_BYTES = 64,
    REFERRED_BY_BYTES = 161
};

/* The dialog that is meant, as its receiver has it: to_tag is the receiver's own. */
struct replaces {
    char call_id[REFER_CALL_ID_BYTES]; /* empty: none was named */
    char to_tag[REFER_TAG_BYTES];
    char from_tag[REFER_TAG_BYTES];
    bool early_only;
};

struct refer_to {
    char scheme[8];
    char user[REFER_USER_BYTES]; /* for tel: the number; without its parameters */
    struct replaces replaces;
};

/* The value of a Replaces header. */
bool replaces_read(struct replaces *replaces, const char *value);

/* The value of a Refer-To header: a sip:, sips: or tel: URI, in <> or not, that is to be INVITEd. What is asked to be
 * put into that INVITE is heeded for Replaces alone. */
bool refer_to_read(struct refer_to *refer_to, const char *value);

/* The status of the response that a fragment begins with; 0: it does not. */
int sipfrag_read(const char *body, size_t length);

#endif
