/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * aml: a telephone tells where it is while its owner calls for help (Advanced Mobile Location, ETSI TS
 * 103 625; as a text in versions 1 and 2, and as an HTTPS form). Reading is lenient where telephones are
 * careless (the length field lies, signs and keys are missing, unknown keys come along) and strict where
 * it counts: a place outside the earth is none. Pure. */
#ifndef PROTO_AML_H
#define PROTO_AML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/message.h"

struct aml {
    uint32_t version;
    bool placed; /* otherwise the telephone does not know where it is */
    int32_t latitude_e7;
    int32_t longitude_e7;
    uint32_t uncertainty_m; /* 0: not said */
    uint32_t confidence;    /* percent, 0: not said */
    uint64_t measured_ms;   /* UTC, by the telephone's clock; 0: not said */
    enum fix_source source;
};

/* Is this text a telephone's and not a person's? */
bool aml_is(const char *words);

/* Reads such a text. Returns 0, or -EBADMSG when it says neither a place nor that there is none. */
int aml_read(struct aml *aml, const char *words);

/* Reads the body of an HTTPS form; number becomes the telephone's. *signed_length is how much of the body
 * its signature covers and *signature where its hexadecimal digits stand, NULL when it has none. Returns 0
 * or -EBADMSG. */
int aml_read_form(struct aml *aml, const char *body, size_t length, char number[32],
                  size_t *signed_length, const char **signature);

/* The command it becomes, and what of it is personal. The caller adds key, number and words. */
void aml_command(const struct aml *aml, enum fix_means means, struct command *command,
                 struct personal *personal);

#endif
