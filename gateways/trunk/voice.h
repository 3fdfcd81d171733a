/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * voice: one side's RTP as the turn of 20 ms sees it: a frame heard, a frame said, telephone events
 * in between. It checks every packet before oRTP sees it, reads a socket with one system call a turn,
 * and leaves jitter buffer, sequence numbers and RTCP to oRTP. One thread, after voice_open(). */
#ifndef GATEWAYS_TRUNK_VOICE_H
#define GATEWAYS_TRUNK_VOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateways/trunk/g711.h"
#include "gateways/trunk/media.h"
#include "gateways/trunk/shield.h"
#include "gateways/trunk/transcoder.h"

enum {
    VOICE_INBOX = 16,     /* packets of one voice taken in one turn */
    VOICE_JITTER_MS = 40, /* the jitter buffer's depth at rest */
    VOICE_QUEUE_PACKETS =
        25, /* in it at most; the oldest go first: what is later than half a second is of no use */
    VOICE_CONCEAL_TURNS = 25, /* for which Opus is asked what it would have said */
    VOICE_BACKLOG_MS = 80     /* sound kept for later turns; what is older is dropped */
};

struct voice;

/* RFC 4733 §2.3. */
struct voice_event {
    uint8_t code; /* 0 … 15: 0–9 * # A–D */
    uint8_t flags_volume;
    uint16_t duration; /* in samples */
    bool first;        /* of its key press */
};

/* What one turn brought. frame is in the voice's law; where nothing came it is made up (concealment.h). */
struct voice_heard {
    uint8_t frame[G711_FRAME];
    bool made; /* nothing came */
    struct voice_event events[VOICE_INBOX];
    unsigned event_count;
    struct {
        const uint8_t *bytes; /* good until the next voice is heard */
        size_t size;
    } handshakes[VOICE_INBOX]; /* datagrams of DTLS */
    unsigned handshake_count;
    unsigned packets;
    unsigned bad;
};

/* Once before the first voice; -ENOMEM. Not while one is open. */
int voice_library_open(void);

/* The descriptors stay the caller's. Returns 0 or -ENOMEM. */
int voice_open(struct voice **voice, int rtp_fd, int rtcp_fd);
void voice_close(struct voice *voice);

uint32_t voice_source(const struct voice *voice); /* SSRC of what it says; any thread */
/* Its source and clock, now; and, before anything was said, the one to go on with. */
void voice_clock(const struct voice *voice, struct media_clock *clock);
void voice_resume(struct voice *voice, const struct media_clock *clock);

/* From now on so; telephone-event has a payload type of 96 … 127, else there is none. Takes the transcoder over, which
 * all but G.711 needs. Forgets the peer before. The sockets are connected and drained. */
void voice_connect(struct voice *voice, const struct media_speech *speech,
                   struct transcoder *transcoder);
/* From now on what is said and heard is shielded so; NULL leaves a way as it is. Takes both over. */
void voice_shield(struct voice *voice, struct shield *out, struct shield *in);
/* From now on nothing is heard or said, until voice_shield() has both ways. */
void voice_await(struct voice *voice);
/* From now on both ways are in the clear. */
void voice_unshield(struct voice *voice);
/* Of the frames below; A-law where a transcoder makes them. */
enum media_law voice_law(const struct voice *voice);

/* Takes what waits and moves the clock on by one frame. rtcp: the RTCP socket is readable. */
void voice_hear(struct voice *voice, bool rtcp, struct voice_heard *heard);

/* A stretch of MEDIA_STRETCH_MS is over; and all that is known of the way. */
void voice_turn_quality(struct voice *voice);
void voice_quality(struct voice *voice, struct media_quality *quality);

/* Sends a frame in the voice's law and moves the sending clock on. While a key press is being passed
 * on it takes the frame's place. Returns the packets sent: 0 or 1. */
unsigned voice_say(struct voice *voice, const uint8_t frame[G711_FRAME]);

/* Did the peer offer telephone events? */
bool voice_takes_events(const struct voice *voice);

/* Passes a key press on; nothing when the peer did not offer telephone events. Returns 0 or 1. */
unsigned voice_say_event(struct voice *voice, const struct voice_event *event);

/* What shares the port, by the first two octets (RFC 7983 §7, RFC 5761 §4). */
enum voice_kind {
    VOICE_OTHER,
    VOICE_RTP,
    VOICE_RTCP,
    VOICE_DTLS
};
enum voice_kind voice_kind(const uint8_t *packet, size_t size);

/* Is this an RTP packet that a call may hear? The gate in front of oRTP, for the fuzzer too: version
 * 2, header, extension and padding inside the packet. Cuts padding off (*size) and returns the
 * offset of the payload, 0 for a bad packet. */
size_t voice_packet_check(uint8_t *packet, size_t *size);

#endif
