/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bytes that call themselves an authenticator's: authenticatorData with a COSE key, clientDataJSON, CBOR. What is
 * read lies inside of what came; and no stranger's bytes are a touch of the key of RFC 8037, appendix A. */
#include <stdint.h>
#include <string.h>

#include "base/require.h"
#include "proto/authenticator.h"
#include "proto/cbor.h"

static const struct authenticator_key key = {
    .algorithm = AUTHENTICATOR_ED25519,
    .key = { 0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe,
             0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6,
             0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a }
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct authenticator_words words;
    struct client_words client;
    struct cbor cbor = { .at = bytes, .left = size };
    struct touch touch = { .client_size = 0 };
    struct statement statement = statement_of("fuzz");
    if (authenticator_read(bytes, size, &words) && words.credential) {
        REQUIRE(words.credential > bytes && words.credential_size < size);
        REQUIRE(words.key.algorithm == AUTHENTICATOR_ES256 ||
                words.key.algorithm == AUTHENTICATOR_ED25519);
    }
    if (client_read(bytes, size, &client))
        REQUIRE(client.origin + client.origin_size < (const char *)bytes + size);
    if (cbor_skip(&cbor))
        REQUIRE(cbor.left < size && cbor.at + cbor.left == bytes + size);
    if (size < 65 + 37)
        return 0;
    touch.authenticator_size = 37;
    memcpy(touch.authenticator, bytes + 64, 37);
    size_t rest = size - 64 - 37;
    touch.client_size = (uint32_t)(rest < sizeof touch.client ? rest : sizeof touch.client);
    memcpy(touch.client, bytes + 64 + 37, touch.client_size);
    REQUIRE(!authenticator_signed(&key, &touch, bytes, &statement, NULL));
    return 0;
}
