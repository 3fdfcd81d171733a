/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Refer-To, Replaces and fragments of SIP from telephones. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "gateways/trunk/refer_terms.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(const struct replaces *replaces, bool good)
{
    REQUIRE(memchr(replaces->call_id, 0, sizeof replaces->call_id));
    REQUIRE(good == (replaces->call_id[0] && replaces->to_tag[0] && replaces->from_tag[0]));
    REQUIRE(!strpbrk(replaces->call_id, "\r\n \t") && !strpbrk(replaces->to_tag, "\r\n \t"));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct refer_to refer_to;
    struct replaces replaces;
    char *words = malloc(size + 1), *body = malloc(size ? size : 1);
    REQUIRE(words && body);
    memcpy(words, bytes, size);
    memcpy(body, bytes, size);
    words[size] = 0;
    check(&replaces, replaces_read(&replaces, words));
    bool good = refer_to_read(&refer_to, words);
    REQUIRE(good == (refer_to.user[0] != 0));
    REQUIRE(!strpbrk(refer_to.user, "\r\n<>\" "));
    check(&refer_to.replaces, refer_to.replaces.call_id[0] != 0);
    int status = sipfrag_read(body, size);
    REQUIRE(status == 0 || (status >= 100 && status < 700));
    free(words);
    free(body);
    return 0;
}
