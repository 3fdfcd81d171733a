/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a peer may send: input is a row of packets, each a byte (bit 0: RTCP, bit 1: a turn ends behind it) and a length (2 bytes,
 * little endian) before it. They reach a voice without a socket: what it asks the kernel is answered here
 * (--wrap). */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "base/require.h"
#include "gateways/trunk/voice.h"

enum {
    RTP_FD = 1000, /* nobody opens them */
    RTCP_FD = 1001,
    PACKETS_MAX = 64,
    EVENT_PAYLOAD = 101
};

static struct voice *voice;

/* Packets on their way. */
struct packet {
    const uint8_t *bytes;
    size_t size;
};
static struct packet sounds[VOICE_INBOX];
static unsigned sound_count;
static struct packet report; /* bytes NULL: none */

int __wrap_recvmmsg(int fd, struct mmsghdr *heads, unsigned count, int flags,
                    struct timespec *wait);
ssize_t __wrap_recv(int fd, void *bytes, size_t room, int flags);
ssize_t __wrap_send(int fd, const void *bytes, size_t size, int flags);

int __wrap_recvmmsg(int fd, struct mmsghdr *heads, unsigned count, int flags, struct timespec *wait)
{
    (void)flags, (void)wait;
    REQUIRE(fd == RTP_FD && count >= sound_count);
    for (unsigned i = 0; i < sound_count; i++) {
        struct msghdr *head = &heads[i].msg_hdr;
        size_t room = head->msg_iov->iov_len, size = sounds[i].size;
        head->msg_flags = size > room ? MSG_TRUNC : 0;
        head->msg_controllen = 0; /* the kernel said no time */
        heads[i].msg_len = (unsigned)(size < room ? size : room);
        memcpy(head->msg_iov->iov_base, sounds[i].bytes, heads[i].msg_len);
    }
    int taken = (int)sound_count;
    sound_count = 0;
    return taken;
}

ssize_t __wrap_recv(int fd, void *bytes, size_t room, int flags)
{
    (void)flags;
    REQUIRE(fd == RTCP_FD);
    if (!report.bytes) {
        errno = EAGAIN;
        return -1;
    }
    size_t size = report.size < room ? report.size : room;
    memcpy(bytes, report.bytes, size);
    report.bytes = NULL;
    return (ssize_t)size;
}

ssize_t __wrap_send(int fd, const void *bytes, size_t size, int flags)
{
    static uint8_t sum; /* each octet that leaves is looked at, as the kernel would */
    (void)flags;
    REQUIRE(fd == RTP_FD || fd == RTCP_FD);
    for (size_t i = 0; i < size; i++)
        sum ^= ((const uint8_t *)bytes)[i];
    __asm__ volatile("" : : "r"(sum));
    return (ssize_t)size;
}

static void open_once(void)
{
    if (voice)
        return;
    REQUIRE(voice_library_open() == 0);
    REQUIRE(voice_open(&voice, RTP_FD, RTCP_FD) == 0);
}

static void hear(void)
{
    struct voice_heard heard;
    voice_hear(voice, report.bytes != NULL, &heard);
    REQUIRE(heard.handshake_count <= VOICE_INBOX);
    REQUIRE(heard.event_count <= VOICE_INBOX && heard.packets <= VOICE_INBOX);
    for (unsigned i = 0; i < heard.event_count; i++)
        (void)voice_say_event(voice, &heard.events[i]);
    report.bytes = NULL; /* one that was not asked for */
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const uint8_t quiet[G711_FRAME];
    open_once();
    static const struct media_speech speeches[] = {
        { .codec = MEDIA_G711, .law = MEDIA_PCMA, .payload = 8, .event_payload = EVENT_PAYLOAD },
        { .codec = MEDIA_G711, .law = MEDIA_PCMU, .payload = 0, .event_payload = EVENT_PAYLOAD },
        { .codec = MEDIA_G722, .law = MEDIA_PCMA, .payload = 9, .event_payload = EVENT_PAYLOAD },
        { .codec = MEDIA_OPUS, .law = MEDIA_PCMA, .payload = 107 },
        { .codec = MEDIA_G711, .law = MEDIA_PCMA, .payload = 8, .print = "a", .mux = true },
    };
    /* G.711, which costs least, for most. */
    const struct media_speech *speech = &speeches[size % 64 < 5 ? size % 64 : size % 2 * 4];
    struct transcoder *transcoder = NULL;
    REQUIRE(speech->codec == MEDIA_G711 || transcoder_open(&transcoder, speech->codec) == 0);
    voice_unshield(voice);
    if (speech->print && size % 2)
        voice_await(voice);
    voice_connect(voice, speech, transcoder);
    for (unsigned i = 0; i < PACKETS_MAX && size >= 3; i++) {
        bool rtcp = bytes[0] & 1, ends = bytes[0] & 3;
        size_t length = (size_t)(bytes[1] | bytes[2] << 8);
        bytes += 3;
        size -= 3;
        if (length > size)
            length = size;
        if (rtcp)
            report = (struct packet){ bytes, length };
        else
            sounds[sound_count++] = (struct packet){ bytes, length };
        bytes += length;
        size -= length;
        if (ends || sound_count == VOICE_INBOX)
            hear();
    }
    hear();
    (void)voice_say(voice, quiet);
    return 0;
}
