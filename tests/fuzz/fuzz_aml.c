/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a telephone's text and as its form about its place: a place that is read lies on the
 * earth, and its command can be printed. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "proto/aml.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(const struct aml *aml)
{
    static struct command command;
    static struct personal personal;

    REQUIRE(llabs(aml->latitude_e7) <= 900000000 && llabs(aml->longitude_e7) <= 1800000000);
    REQUIRE(aml->confidence <= 100 && (aml->placed || aml->source == FIX_SOURCE_NONE));
    aml_command(aml, FIX_MEANS_TEXT, &command, &personal);
    REQUIRE((strchr(personal.position, ',') != NULL) == aml->placed);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *words = malloc(size + 1);
    struct aml aml;
    char number[32];
    size_t length;
    const char *signature;

    REQUIRE(words);
    memcpy(words, bytes, size);
    words[size] = '\0';
    if (aml_read(&aml, words) == 0)
        check(&aml);
    if (aml_read_form(&aml, words, size, number, &length, &signature) == 0) {
        REQUIRE(length <= size && (!signature || (size_t)(signature - words) <= size));
        check(&aml);
    }
    free(words);
    return 0;
}
