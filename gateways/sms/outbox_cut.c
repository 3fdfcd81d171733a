/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * In which letters a text goes out, and so in how many pieces: decided once, before it is known by which centre. */
#include <string.h>

#include "gateways/sms/alphabet.h"
#include "gateways/sms/outbox_texts.h"

void outbox_avoid_gsm7(struct outbox *outbox)
{
    outbox->without_gsm7 = true;
}

void outbox_leave_room(struct outbox *outbox)
{
    outbox->roomy = true;
}

void outbox_take_national(struct outbox *outbox, enum letters letters, bool locking)
{
    outbox->national = letters;
    outbox->locking = locking;
}

/* Letters that are neither ASCII nor only to be had in UCS-2: "é", "ñ", "€". */
static bool needs_gsm7(const char *words)
{
    size_t at = 0;

    while (words[at] != '\0' && (unsigned char)words[at] < 0x80)
        at++;
    return words[at] != '\0' && letters_choose(words, strlen(words)) == LETTERS_GSM7;
}

/* How many pieces the operator counts for the words cut so; UINT32_MAX: they have letters it has not. */
static uint32_t price_of(struct outbox *outbox, const char *words, unsigned cut)
{
    size_t length = strlen(words);
    uint8_t table = (uint8_t)(cut / CUT_NATIONAL & CUT_TABLES);
    enum letters letters = letters_national(cut & CUT_LOCKING ? table : ALPHABET_DEFAULT,
                                            cut & CUT_UNSHIFTED ? ALPHABET_DEFAULT : table);

    if (letters == LETTERS_NONE || !letters_have(letters, words, length) ||
        outbox_split(outbox, words, 0, (uint8_t)cut) != 0)
        return UINT32_MAX;
    return outbox->split.total;
}

/* How the national table spares the words UCS-2, in bits of enum outbox_cut; 0: it does not, or they need none. Of
 * what costs the same, a single shift: more telephones have it. */
static unsigned national_of(struct outbox *outbox, const char *words, unsigned room)
{
    static const unsigned ways[] = { 0, CUT_LOCKING | CUT_UNSHIFTED, CUT_LOCKING };
    unsigned best = 0;
    uint32_t least = UINT32_MAX;

    if (outbox->national == LETTERS_NONE || outbox->without_gsm7 ||
        letters_choose(words, strlen(words)) == LETTERS_GSM7)
        return 0;
    for (size_t i = 0; i < (outbox->locking ? sizeof ways / sizeof *ways : 1); i++) {
        unsigned cut = letters_single(outbox->national) * (unsigned)CUT_NATIONAL | ways[i] | room;
        uint32_t price = price_of(outbox, words, cut);

        if (price >= least)
            continue;
        least = price;
        best = cut;
    }
    return best;
}

uint8_t outbox_cut(struct outbox *outbox, const char *words)
{
    unsigned room = outbox->roomy ? CUT_ROOMY : 0U;
    unsigned wide = outbox->without_gsm7 && needs_gsm7(words) ? CUT_WIDE : 0U;

    return (uint8_t)(wide | room | national_of(outbox, words, room));
}
