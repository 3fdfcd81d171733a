/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/identity.h"

#include <string.h>

enum {
    S = EXPOSURE_SEALED,
    R = EXPOSURE_REVEALED,
    O = EXPOSURE_OPEN,
    MASKED_DIGITS = 4, /* of a long number, before as many that stay readable */
    SHORT_NUMBER = 7
};

#define BIT(field) (1U << PERSONAL_FIELD_##field)

/* Columns: number, name, address, text, position, recording, attachment. */
/* clang-format off */
static const uint8_t ordinary[READER_COUNT][PERSONAL_FIELD_COUNT - 1] = {
    [READER_ANSWERING]   = { O, O, O, O, O, O, O },
    [READER_WRITER]      = { R, O, O, O, R, O, O },
    [READER_CALLING]     = { O, O, O, O, R, O, O },
    [READER_HANDLING]    = { R, S, O, O, S, S, O },
    [READER_INFORMED]    = { S, S, O, O, S, S, O },
    [READER_SUPERVISING] = { R, R, O, O, R, O, O },
    [READER_AUDITING]    = { R, R, O, O, R, O, O },
    [READER_RELIEVING]   = { S, S, S, O, S, S, S },
    [READER_GRANTED]     = { R, R, O, O, R, O, O },
};
/* Whoever goes there finds the place, and may have to call. */
static const uint8_t emergency[READER_COUNT][PERSONAL_FIELD_COUNT - 1] = {
    [READER_ANSWERING]   = { O, O, O, O, O, O, O },
    [READER_WRITER]      = { R, O, O, O, O, O, O },
    [READER_CALLING]     = { O, O, O, O, O, O, O },
    [READER_HANDLING]    = { R, S, O, O, O, S, O },
    [READER_INFORMED]    = { S, S, O, O, S, S, O },
    [READER_SUPERVISING] = { R, R, O, O, O, O, O },
    [READER_AUDITING]    = { R, R, O, O, R, O, O },
    [READER_RELIEVING]   = { S, S, S, O, S, S, S },
    [READER_GRANTED]     = { R, R, O, O, R, O, O },
};
/* clang-format on */

static bool is_of_department(enum reader reader)
{
    return reader == READER_HANDLING || reader == READER_INFORMED;
}

/* The most a field is exposed when so much of the citizen must stay hidden. Who speaks with the citizen, or
 * has promised to call, knows already. */
static enum exposure ceiling(const struct standing *standing, enum personal_field field)
{
    uint32_t who = BIT(NUMBER) | BIT(NAME);
    uint32_t where = standing->emergency ? 0 : BIT(POSITION);
    uint32_t of = 1U << field;
    if (standing->reader == READER_ANSWERING || standing->reader == READER_CALLING)
        return EXPOSURE_OPEN;
    switch (standing->shelter) {
    case SHELTER_ANONYMOUS:
        if (standing->reader == READER_GRANTED && standing->emergency)
            return EXPOSURE_OPEN; /* somebody's life: two persons' word, and both in the trail */
        return of & (who | where) ? EXPOSURE_SEALED : EXPOSURE_OPEN;
    case SHELTER_IDENTITY:
        if (of & (who | where))
            return is_of_department(standing->reader) ? EXPOSURE_SEALED : EXPOSURE_REVEALED;
        return EXPOSURE_OPEN;
    case SHELTER_CONTACT:
        return of == BIT(NUMBER) && is_of_department(standing->reader) ? EXPOSURE_SEALED
                                                                       : EXPOSURE_OPEN;
    case SHELTER_NONE:
    case SHELTER_COUNT:
        break;
    }
    return EXPOSURE_OPEN;
}

enum shelter identity_shelter(enum secrecy secrecy, bool anonymous)
{
    if (anonymous)
        return SHELTER_ANONYMOUS;
    if (secrecy >= SECRECY_IDENTITY_HIDDEN)
        return SHELTER_IDENTITY;
    return secrecy == SECRECY_CONTACT_HIDDEN ? SHELTER_CONTACT : SHELTER_NONE;
}

enum exposure identity_exposure(const struct standing *standing, enum personal_field field)
{
    if ((unsigned)standing->reader >= READER_COUNT || field <= PERSONAL_FIELD_NONE ||
        field >= PERSONAL_FIELD_COUNT)
        return EXPOSURE_SEALED;
    enum exposure cell = (standing->emergency ? emergency : ordinary)[standing->reader][field - 1];
    enum exposure most = ceiling(standing, field);
    return cell < most ? cell : most;
}

/* A recording or an attachment is a read of its own: it never comes along with words. */
static uint32_t exposed(const struct standing *standing, enum exposure exposure)
{
    uint32_t fields = 0;
    for (enum personal_field field = PERSONAL_FIELD_NUMBER; field < PERSONAL_FIELD_RECORDING;
         field++)
        if (identity_exposure(standing, field) == exposure)
            fields |= 1U << field;
    return fields;
}

enum refusal identity_judge(const struct standing *standing, uint32_t asked,
                            enum read_purpose purpose, uint32_t *given, uint32_t *masked)
{
    *given = asked ? asked : exposed(standing, EXPOSURE_OPEN);
    *masked = 0;
    if (!asked) {
        *masked = exposed(standing, EXPOSURE_REVEALED) & (BIT(NUMBER) | BIT(NAME));
        return *given ? REFUSAL_NONE : REFUSAL_NOT_ALLOWED;
    }
    for (enum personal_field field = PERSONAL_FIELD_NONE; asked >> field; field++) {
        if (!(asked >> field & 1U))
            continue;
        enum exposure exposure = identity_exposure(standing, field);
        if (exposure == EXPOSURE_SEALED)
            return REFUSAL_NOT_ALLOWED;
        if (exposure == EXPOSURE_REVEALED && purpose == READ_PURPOSE_NONE)
            return REFUSAL_REASON_MISSING;
    }
    return REFUSAL_NONE;
}

/* A short number, an office's extension, shows its last two digits at most. */
static void mask_number(char *number)
{
    size_t length = strlen(number);
    size_t shown = length > SHORT_NUMBER ? MASKED_DIGITS : length > MASKED_DIGITS ? 2 : 0;
    size_t first = length > SHORT_NUMBER ? length - shown - MASKED_DIGITS : 0;
    for (size_t i = first; i + shown < length; i++)
        number[i] = '*';
}

/* The first character, and two stars whatever follows. */
static void mask_name(char *name, size_t size)
{
    static const char stars[] = "**";
    size_t length = 1;
    if (!name[0])
        return;
    while (((unsigned char)name[length] & 0xC0U) == 0x80U)
        length++;
    memset(name + length, 0, size - length);
    if (length + sizeof stars <= size)
        memcpy(name + length, stars, sizeof stars);
}

/* And what its signer's digest was made with. */
static void forget_text(struct personal *personal)
{
    memset(personal->text, 0, sizeof personal->text);
    memset(personal->blind, 0, sizeof personal->blind);
    personal->blind_size = 0;
}

void identity_show(struct personal *personal, uint32_t given, uint32_t masked)
{
    if (!(given & BIT(NUMBER)) && masked & BIT(NUMBER))
        mask_number(personal->number);
    else if (!(given & BIT(NUMBER)))
        memset(personal->number, 0, sizeof personal->number);
    if (!(given & BIT(NAME)) && masked & BIT(NAME))
        mask_name(personal->name, sizeof personal->name);
    else if (!(given & BIT(NAME)))
        memset(personal->name, 0, sizeof personal->name);
    if (!(given & BIT(ADDRESS)))
        memset(personal->address, 0, sizeof personal->address);
    if (!(given & BIT(TEXT)))
        forget_text(personal);
    if (!(given & BIT(POSITION)))
        memset(personal->position, 0, sizeof personal->position);
    if (!(given & BIT(RECORDING)))
        memset(personal->tape_key, 0, sizeof personal->tape_key);
    if (!(given & BIT(ATTACHMENT)))
        memset(personal->file_key, 0, sizeof personal->file_key);
}
