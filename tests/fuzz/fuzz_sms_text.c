/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a run of citizens' parts and as a receipt. Each record is: octet count, coding,
 * esm_class, then the octets. Whatever comes out is text fit for every store, nothing is kept past
 * its time, and what can be split again is whole again. */
#include <stdint.h>
#include <string.h>

#include "base/require.h"
#include "base/utf8.h"
#include "gateways/sms/assembly.h"
#include "gateways/sms/receipt.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static char words[ASSEMBLY_WORDS_MAX];
static char again[ASSEMBLY_WORDS_MAX];

static void split_check(void)
{
    static struct parts_out out;
    static struct part parts[PARTS_OUT_MAX];
    struct text text = text_into(again, sizeof again);

    if (parts_split(&out, words, strlen(words), PARTS_HEADER_16, 7) != 0)
        return;
    for (uint8_t i = 0; i < out.total; i++) {
        struct piece_out piece = { 0 };

        parts_dress(&out, (uint8_t)(i + 1), &piece);
        struct piece_in in = { .coding = piece.coding,
                               .has_header = piece.has_header,
                               .text = piece.text };
        part_read(&parts[i], &in);
    }
    parts_words(parts, out.total, &text);
    REQUIRE(strcmp(words, again) == 0);
}

static void leave(struct assembly *assembly, uint64_t now_ms)
{
    struct assembled assembled;

    for (uint64_t id; (id = assembly_next(assembly, now_ms)) != 0;) {
        struct text text = text_into(words, sizeof words);

        REQUIRE(assembly_take(assembly, id, &assembled, &text));
        REQUIRE(utf8_is_text(words, strlen(words)));
    }
}

static void one(struct assembly *assembly, const struct smpp_pdu *pdu, uint64_t id)
{
    struct piece_in in = { .coding = pdu->data_coding,
                           .has_header = pdu->esm_class & SMPP_ESM_UDHI,
                           .text = pdu->short_message };
    struct assembly_part part = { .id = id, .arrived_ms = id };
    struct text text = text_into(words, sizeof words);
    struct receipt receipt;

    (void)receipt_read(&receipt, pdu);
    part_read(&part.part, &in);
    parts_words(&part.part, 1, &text);
    REQUIRE(utf8_is_text(words, strlen(words)));
    split_check();
    if (part.part.total > 1)
        while (assembly_add(assembly, &part) > ASSEMBLY_KNOWN)
            leave(assembly, id);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct assembly *assembly;
    uint64_t id = 1;

    if (!assembly)
        assembly = assembly_create();
    REQUIRE(assembly);
    for (size_t at = 0; at + 3 <= size; id++) {
        size_t count = bytes[at] < size - at - 3 ? bytes[at] : size - at - 3;
        struct smpp_pdu pdu = { .data_coding = bytes[at + 1], .esm_class = bytes[at + 2] };

        pdu.short_message = (struct octets){ bytes + at + 3, count };
        one(assembly, &pdu, id);
        at += 3 + count;
    }
    leave(assembly, id + ASSEMBLY_WAIT_MS);
    REQUIRE(assembly_texts(assembly) == 0 && assembly_parts(assembly) == 0);
    return 0;
}
