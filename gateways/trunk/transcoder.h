/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * transcoder: speech of a side that knows no G.711: G.722 (by spandsp) or Opus (RFC 6716, by libopus), made A-law
 * of 8 kHz and back. What the telephone network of the other side cannot carry is left out.
 *
 * One thread at a time, after transcoder_open(). */
#ifndef GATEWAYS_TRUNK_TRANSCODER_H
#define GATEWAYS_TRUNK_TRANSCODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateways/trunk/g711.h"

enum {
    TRANSCODER_PACKET_BYTES = 256, /* of 20 ms */
    TRANSCODER_SOUND_MAX = 960     /* samples of the longest packet, 120 ms */
};

struct transcoder;

/* codec: not MEDIA_G711. Returns 0 or -ENOMEM. */
int transcoder_open(struct transcoder **transcoder, enum media_codec codec);
void transcoder_close(struct transcoder *transcoder);

/* A packet's payload as A-law; returns the samples, 0 for what is broken or longer than the longest. */
size_t transcoder_hear(struct transcoder *transcoder, const uint8_t *payload, size_t size,
                       uint8_t sound[TRANSCODER_SOUND_MAX]);

/* 20 ms of A-law in place of a packet that was lost, by what the codec knows and, where it has come, by what the
 * packet behind it repeats (next of size octets; 0: none). False: this codec knows nothing. */
bool transcoder_conceal(struct transcoder *transcoder, const uint8_t *next, size_t size,
                        uint8_t frame[G711_FRAME]);

/* 20 ms of A-law as a packet's payload; returns its octets, 0: nothing can be sent. */
size_t transcoder_say(struct transcoder *transcoder, const uint8_t frame[G711_FRAME],
                      uint8_t payload[TRANSCODER_PACKET_BYTES]);

#endif
