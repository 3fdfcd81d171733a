/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a session description, alone and inside a multipart body: read, and answered by a
 * description that we read ourselves. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "gateways/trunk/body.h"
#include "gateways/trunk/codecs.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct codecs_own own = { .ip = "192.0.2.1", .port = 20000 };
    struct codecs codecs, again;
    char answer[CODECS_ANSWER_BYTES];
    char *copy = malloc(size + 1); /* its own block, so that a byte too far is seen */
    REQUIRE(copy);
    memcpy(copy, bytes, size);
    struct body_part part = body_find_sdp("multipart/mixed;boundary=b", copy, size);
    REQUIRE(!part.bytes || (part.bytes >= copy && part.bytes + part.length <= copy + size));
    if (codecs_read(&codecs, copy, size) == 0) {
        bool keyed = codecs.secured && codecs.crypto.suite != CRYPTO_NONE;
        own.crypto = keyed ? &codecs.crypto : NULL;
        REQUIRE(!keyed || !codecs.dtls);
        own.print = codecs.dtls ? codecs.print : NULL;
        own.client = codecs.setup != CODECS_ACTIVE;
        size_t length = codecs_write_answer(answer, sizeof answer, &own, &codecs);
        REQUIRE(codecs_read(&again, answer, length) == 0);
        REQUIRE(codecs.audio_at == CODECS_NONE ||
                codecs_match(&again) == (keyed || codecs.dtls || !codecs.secured));
        REQUIRE(!codecs.dtls ||
                (again.dtls && again.mux == codecs.mux && strcmp(again.print, codecs.print) == 0 &&
                 again.setup == (own.client ? CODECS_ACTIVE : CODECS_PASSIVE)));
        REQUIRE(!keyed || (crypto_same(&again.crypto, &codecs.crypto) &&
                           again.crypto.tag == codecs.crypto.tag));
    }
    free(copy);
    return 0;
}
