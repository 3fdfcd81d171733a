/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any packets as real-time text: each a length (1 octet) before it. What is read is valid UTF-8 without control
 * characters but two, and what we say of it is read as it was. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "gateways/trunk/t140.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void say_again(const char *text)
{
    struct t140 mouth = { .payload = 98, .red = 100 }, ear = mouth;
    uint8_t packet[T140_PACKET_BYTES];
    char heard[T140_HEARD_BYTES];
    size_t at = 0, left_out = t140_add(&mouth, text), whole = strlen(text) - left_out;
    for (uint64_t now_ms = 0; at < whole; now_ms += T140_STEP_MS) {
        size_t size = t140_say(&mouth, now_ms, packet);
        REQUIRE(size > 0);
        size_t length = t140_hear(&ear, packet, size, heard);
        REQUIRE(length <= whole - at && memcmp(heard, text + at, length) == 0);
        at += length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct t140 t140 = { .payload = 98, .red = 100 };
    char text[T140_HEARD_BYTES];
    while (size > 1) {
        size_t length = bytes[0] < size - 1 ? bytes[0] : size - 1;
        uint8_t *copy = malloc(length + 1); /* its own block, so that a byte too far is seen */
        REQUIRE(copy);
        memcpy(copy, bytes + 1, length);
        size_t read = t140_hear(&t140, copy, length, text);
        REQUIRE(read < T140_HEARD_BYTES && strlen(text) == read);
        for (size_t i = 0; i < read; i++)
            REQUIRE((unsigned char)text[i] >= ' ' || text[i] == '\n' || text[i] == '\b');
        if (read > 0 && read < 64)
            say_again(text);
        free(copy);
        bytes += length + 1;
        size -= length + 1;
    }
    return 0;
}
