/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as an SMPP PDU: refused, or written again into bytes that read back the same. */
#include <stdint.h>
#include <string.h>

#include "base/require.h"
#include "gateways/sms/smpp_pdu.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static uint8_t first[SMPP_PDU_MAX + 1024];
    static uint8_t second[SMPP_PDU_MAX + 1024];
    struct smpp_pdu pdu;
    struct smpp_pdu again;
    size_t length = 0;
    size_t length_again = 0;

    (void)smpp_pdu_measure(bytes, size);
    if (size < SMPP_HEADER_BYTES || size > SMPP_PDU_MAX || smpp_pdu_read(&pdu, bytes, size) != 0)
        return 0;
    REQUIRE(smpp_pdu_write(&pdu, first, sizeof first, &length) == 0);
    REQUIRE(length <= size);
    REQUIRE(smpp_pdu_read(&again, first, length) == 0);
    REQUIRE(smpp_pdu_write(&again, second, sizeof second, &length_again) == 0);
    REQUIRE(length == length_again && memcmp(first, second, length) == 0);
    return 0;
}
