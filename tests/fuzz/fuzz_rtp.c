/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a peer may send: input is a row of packets, each a byte (bit 0: RTCP) and a length (2 bytes,
 * little endian) before it. They reach a voice through real sockets, as in a call. */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/require.h"
#include "gateways/trunk/voice.h"

enum {
    PACKETS_MAX = 64,
    EVENT_PAYLOAD = 101
};

static int pairs[2][2]; /* RTP, RTCP: ours and the peer's */
static struct voice *voice;

static void open_once(void)
{
    if (voice)
        return;
    for (int i = 0; i < 2; i++)
        REQUIRE(socketpair(AF_UNIX, SOCK_DGRAM, 0, pairs[i]) == 0);
    REQUIRE(voice_library_open() == 0);
    REQUIRE(voice_open(&voice, pairs[0][0], pairs[1][0]) == 0);
}

static void hear(bool rtcp)
{
    static const uint8_t quiet[G711_FRAME];
    struct voice_heard heard;
    uint8_t said[2048];
    voice_hear(voice, rtcp, &heard);
    REQUIRE(heard.handshake_count <= VOICE_INBOX);
    REQUIRE(heard.event_count <= VOICE_INBOX && heard.packets <= VOICE_INBOX);
    for (unsigned i = 0; i < heard.event_count; i++)
        (void)voice_say_event(voice, &heard.events[i]);
    (void)voice_say(voice, quiet);
    for (int i = 0; i < 2; i++)
        while (recv(pairs[i][1], said, sizeof said, MSG_DONTWAIT) > 0)
            continue;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    open_once();
    static const struct media_speech speeches[] = {
        { .codec = MEDIA_G711, .law = MEDIA_PCMA, .payload = 8, .event_payload = EVENT_PAYLOAD },
        { .codec = MEDIA_G711, .law = MEDIA_PCMU, .payload = 0, .event_payload = EVENT_PAYLOAD },
        { .codec = MEDIA_G722, .law = MEDIA_PCMA, .payload = 9, .event_payload = EVENT_PAYLOAD },
        { .codec = MEDIA_OPUS, .law = MEDIA_PCMA, .payload = 107 },
        { .codec = MEDIA_G711, .law = MEDIA_PCMA, .payload = 8, .print = "a", .mux = true },
    };
    const struct media_speech *speech = &speeches[size % 5];
    struct transcoder *transcoder = NULL;
    REQUIRE(speech->codec == MEDIA_G711 || transcoder_open(&transcoder, speech->codec) == 0);
    voice_unshield(voice);
    if (speech->print && size % 2)
        voice_await(voice);
    voice_connect(voice, speech, transcoder);
    for (unsigned i = 0; i < PACKETS_MAX && size >= 3; i++) {
        bool rtcp = bytes[0] & 1;
        size_t length = (size_t)(bytes[1] | bytes[2] << 8);
        bytes += 3;
        size -= 3;
        if (length > size)
            length = size;
        (void)send(pairs[rtcp][1], bytes, length, MSG_DONTWAIT);
        bytes += length;
        size -= length;
        hear(rtcp);
    }
    hear(false);
    return 0;
}
