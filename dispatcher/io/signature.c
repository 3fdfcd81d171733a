/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/signature.h"

#include <stdbool.h>
#include <string.h>

#include "proto/acknowledgement.h"

static bool covers_words(const struct acknowledgement *acknowledgement,
                         const struct personal *personal)
{
    uint8_t digest[sizeof acknowledgement->words];
    acknowledgement_digest(personal, digest);
    return memcmp(digest, acknowledgement->words, sizeof digest) == 0;
}

enum refusal signature_check(const uint8_t city_key[32], const struct command *command,
                             const struct personal *personal)
{
    struct acknowledged acknowledged;
    const struct signet_enrol *enrol = &command->signet_enrol;
    if (command->kind == COMMAND_SIGNET_ENROL)
        return acknowledgement_is_proved(enrol->algorithm, enrol->key, city_key, command->actor,
                                         enrol->proof)
                   ? REFUSAL_NONE
                   : REFUSAL_SIGNATURE_WRONG;
    const struct acknowledgement *acknowledgement =
        acknowledgement_of_command(command, &acknowledged);
    if (!acknowledgement)
        return REFUSAL_NONE;
    memcpy(acknowledged.city, city_key, sizeof acknowledged.city);
    return covers_words(acknowledgement, personal) &&
                   acknowledgement_holds(acknowledgement, &acknowledged)
               ? REFUSAL_NONE
               : REFUSAL_SIGNATURE_WRONG;
}
