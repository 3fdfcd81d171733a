/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any octets as a run of citizens' parts of long texts, from two numbers, the clock going on between them. Each
 * record is: octet count, coding, what it says (see below), then the octets. Nothing is kept past its time or
 * twice, no more than there is room for, and whatever leaves is text fit for every store. */
#include <stdint.h>
#include <string.h>

#include "base/require.h"
#include "base/utf8.h"
#include "gateways/sms/assembly.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum {
    RECORDS_MAX = 64,
    RECORD_HEAD = 3,
    IS_OTHER_NUMBER = 1, /* bits of the third octet */
    IS_LATER = 2
};

static char words[ASSEMBLY_WORDS_MAX];

static void leave(struct assembly *assembly, uint64_t now_ms)
{
    struct assembled assembled;

    for (uint64_t id; (id = assembly_next(assembly, now_ms)) != 0;) {
        struct text text = text_into(words, sizeof words);
        uint32_t texts = assembly_texts(assembly);

        REQUIRE(assembly_take(assembly, id, &assembled, &text));
        REQUIRE(assembled.id == id && assembly_texts(assembly) == texts - 1 && !text.cut);
        REQUIRE(utf8_is_text(words, strlen(words)));
    }
}

static void one(struct assembly *assembly, const uint8_t *head, size_t count, uint64_t id,
                uint64_t now_ms)
{
    struct piece_in in = { .coding = head[1],
                           .has_header = true,
                           .text = { head + RECORD_HEAD, count } };
    struct assembly_part part = { .id = id, .arrived_ms = now_ms };

    part_read(&part.part, &in);
    part.source[0] = head[2] & IS_OTHER_NUMBER ? 'a' : 'b';
    if (part.part.total < 2 || part.part.octets.count > ASSEMBLY_PART_BYTES)
        return;
    while (assembly_add(assembly, &part) > ASSEMBLY_KNOWN)
        leave(assembly, now_ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct assembly *assembly;
    uint64_t now_ms = 1;
    uint64_t id = 1;

    if (!assembly)
        assembly = assembly_create();
    REQUIRE(assembly);
    for (size_t at = 0; at + RECORD_HEAD <= size && id <= RECORDS_MAX; id++) {
        size_t left = size - at - RECORD_HEAD;
        size_t count = bytes[at] < left ? bytes[at] : left;

        now_ms += bytes[at + 2] & IS_LATER ? ASSEMBLY_WAIT_MS / 2 : 1;
        one(assembly, bytes + at, count, id, now_ms);
        leave(assembly, now_ms);
        at += RECORD_HEAD + count;
    }
    leave(assembly, now_ms + ASSEMBLY_WAIT_MS);
    REQUIRE(assembly_texts(assembly) == 0 && assembly_parts(assembly) == 0);
    return 0;
}
