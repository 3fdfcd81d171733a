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

enum refusal signature_check(const struct signature_city *city, const struct command *command,
                             const struct personal *personal)
{
    struct acknowledged acknowledged;
    if (command->kind == COMMAND_SIGNET_ENROL)
        return acknowledgement_is_proved(&command->signet_enrol, city->key, command->actor,
                                         &city->authenticators)
                   ? REFUSAL_NONE
                   : REFUSAL_SIGNATURE_WRONG;
    const struct acknowledgement *acknowledgement =
        acknowledgement_of_command(command, &acknowledged);
    if (!acknowledgement)
        return REFUSAL_NONE;
    memcpy(acknowledged.city, city->key, sizeof acknowledged.city);
    return covers_words(acknowledgement, personal) &&
                   acknowledgement_holds(acknowledgement, &acknowledged, &city->authenticators)
               ? REFUSAL_NONE
               : REFUSAL_SIGNATURE_WRONG;
}

void signature_host(const char *origin, char host[AUTHENTICATOR_PARTY_BYTES])
{
    const char *at = strstr(origin, "://");
    at = at ? at + strlen("://") : "";
    size_t size = strcspn(at, ":/");
    if (size >= AUTHENTICATOR_PARTY_BYTES)
        size = 0;
    memcpy(host, at, size);
    host[size] = '\0';
}
