/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a citizen's command: what is read is a known wish with a number of digits alone. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "dispatcher/io/wish.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const struct wish_row rows[CITIZEN_WISH_COUNT] = {
        [CITIZEN_WISH_STATUS] = { CITIZEN_WISH_STATUS, 2, { "查询", "status" } },
        [CITIZEN_WISH_URGE] = { CITIZEN_WISH_URGE, 2, { "催办", "urge" } },
    };
    char *words = malloc(size + 1);
    char digits[WISH_DIGITS_BYTES];
    enum citizen_wish wish;
    REQUIRE(words);
    memcpy(words, bytes, size);
    words[size] = '\0';
    if (wish_parse(rows, words, &wish, digits)) {
        REQUIRE(wish > CITIZEN_WISH_NONE && wish < CITIZEN_WISH_COUNT);
        REQUIRE(strspn(digits, "0123456789") == strlen(digits));
        (void)wish_names(digits, 20261121000123);
    }
    free(words);
    return 0;
}
