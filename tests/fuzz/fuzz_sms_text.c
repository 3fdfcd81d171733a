/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any octets as a citizen's piece and as a receipt: the first two are coding and esm_class, the others the text.
 * Whatever comes out is text fit for every store, and what can be split again is whole again. Pieces that wait
 * for each other: fuzz_assembly.c. */
#include <stdint.h>
#include <string.h>

#include "base/require.h"
#include "base/utf8.h"
#include "gateways/sms/alphabet.h"
#include "gateways/sms/assembly.h"
#include "gateways/sms/receipt.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum {
    PIECE_MAX = 254 /* octets of a short_message */
};

static char words[ASSEMBLY_WORDS_MAX];
static char again[ASSEMBLY_WORDS_MAX];

/* marked: by which means the centre wants the pieces marked, in the end. */
static void split_check(enum parts_means means, enum parts_means marked, enum letters national)
{
    static struct parts_out out;
    static struct part parts[PARTS_OUT_MAX];
    static uint8_t octets[PARTS_OUT_MAX][PARTS_PIECE_BYTES];
    struct text text = text_into(again, sizeof again);

    enum letters letters = letters_choose(words, strlen(words));
    if (letters == LETTERS_UCS2 && letters_have(national, words, strlen(words)))
        letters = national;
    if (parts_split_in(&out, letters, words, strlen(words), means, 7) != 0)
        return;
    for (uint8_t i = 0; i < out.total; i++) {
        struct piece_out piece = { 0 };

        parts_dress(&out, (uint8_t)(i + 1), &piece);
        parts_redress(&piece, marked, octets[i]);
        REQUIRE(piece.text.count <= (size_t)PARTS_PIECE_BYTES);
        struct piece_in in = { .coding = piece.coding,
                               .has_header = piece.has_header,
                               .text = piece.text,
                               .reference = piece.reference,
                               .total = piece.beside ? piece.total : 0,
                               .index = piece.index };
        part_read(&parts[i], &in);
        REQUIRE(parts[i].index == i + 1 && parts[i].total == out.total);
    }
    parts_words(parts, out.total, &text);
    REQUIRE(strcmp(words, again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const enum parts_means means[] = { PARTS_HEADER_8, PARTS_HEADER_16, PARTS_SAR };
    struct smpp_pdu pdu = { 0 };
    struct text text = text_into(words, sizeof words);
    struct receipt receipt;
    struct part part;

    if (size < 2)
        return 0;
    pdu.data_coding = bytes[0];
    pdu.esm_class = bytes[1];
    pdu.short_message =
        (struct octets){ bytes + 2, size - 2 < PIECE_MAX ? size - 2 : (size_t)PIECE_MAX };
    struct piece_in in = { .coding = pdu.data_coding,
                           .has_header = pdu.esm_class & SMPP_ESM_UDHI,
                           .text = pdu.short_message };
    (void)receipt_read(&receipt, &pdu);
    part_read(&part, &in);
    parts_words(&part, 1, &text);
    REQUIRE(utf8_is_text(words, strlen(words)));
    split_check(means[size % 3], means[(size / 3) % 3],
                (enum letters)(LETTERS_TURKISH + bytes[0] % 7));
    return 0;
}
