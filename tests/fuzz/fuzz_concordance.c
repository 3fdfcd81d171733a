/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a question to the knowledge base, and as an article's words: scores stay within their bounds, and
 * what is asked in an article's own words is found. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "dispatcher/views/concordance.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct hit hits[CONCORDANCE_HITS_MAX];
    struct concordance *concordance = concordance_open();
    char *words = malloc(size + 1);
    REQUIRE(words && concordance);
    memcpy(words, bytes, size);
    words[size] = '\0';
    const struct passage passages[] = { { words, WEIGHT_TITLE }, { "燃气泄漏 gas", WEIGHT_TEXT } };
    REQUIRE(concordance_put(concordance, 1, 1, passages, 2) == 0);
    uint32_t count = concordance_find(concordance, words, 0, hits);
    REQUIRE(count <= 1);
    for (uint32_t i = 0; i < count; i++)
        REQUIRE(hits[i].article == 1 && hits[i].score <= 100);
    REQUIRE(concordance_find(concordance, "gas", 0, hits) == 1);
    concordance_drop(concordance, 1);
    REQUIRE(concordance_find(concordance, words, 1, hits) == 0);
    free(words);
    concordance_close(concordance);
    return 0;
}
