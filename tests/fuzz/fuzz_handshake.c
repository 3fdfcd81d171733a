/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any datagrams for a handshake that has begun: each a length (2 bytes, little endian) before it; an odd input meets
 * a client, an even one a server. Nobody who does not have the certificate ever gets keys. */
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "base/require.h"
#include "gateways/trunk/handshake.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char print[HANDSHAKE_PRINT_CHARS] =
        "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
        "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF";
    static int pair[2];
    uint8_t said[HANDSHAKE_DATAGRAM_BYTES];
    struct handshake *handshake = NULL;
    if (pair[0] == pair[1])
        REQUIRE(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
    if (handshake_open(&handshake, pair[0], size % 2, print) < 0)
        return 0;
    for (unsigned i = 0; i < 16 && size >= 2; i++) {
        size_t length = (size_t)(bytes[0] | bytes[1] << 8) % HANDSHAKE_DATAGRAM_BYTES;
        bytes += 2;
        size -= 2;
        if (length > size)
            length = size;
        REQUIRE(handshake_hear(handshake, bytes, length) != HANDSHAKE_DONE);
        (void)handshake_tick(handshake);
        while (recv(pair[1], said, sizeof said, MSG_DONTWAIT) > 0)
            continue;
        bytes += length;
        size -= length;
    }
    handshake_close(handshake);
    while (recv(pair[1], said, sizeof said, MSG_DONTWAIT) > 0)
        continue;
    return 0;
}
