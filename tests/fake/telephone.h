/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * telephone: a working RTP end for tests: says a tone, keeps what it hears. Plain UDP sockets of its
 * own on 127.0.0.1, no library in common with the media plane. Telephones of one test are driven by
 * telephones_talk(), which keeps the real time of 20 ms a frame. */
#ifndef TESTS_FAKE_TELEPHONE_H
#define TESTS_FAKE_TELEPHONE_H

#include <stdbool.h>
#include <stdint.h>

#include "gateways/trunk/media.h"

enum {
    TELEPHONE_HEARD_MAX = 8 * 8000,
    TELEPHONE_EVENT = 101
};

struct telephone {
    int rtp;
    int rtcp;
    uint16_t port;
    uint16_t peer_port; /* where it sends to; 0: it is silent */
    enum media_law law;
    double hertz;
    uint16_t sequence;
    uint32_t ts;
    uint32_t ssrc;
    uint32_t samples_said;

    int16_t heard[TELEPHONE_HEARD_MAX];
    uint32_t heard_count; /* the last call to telephone_forget() on */
    uint32_t packets;
    uint32_t reports; /* RTCP */
    uint32_t events;  /* telephone-event packets */
    uint32_t presses; /* … with another time stamp than the one before */
    uint32_t event_ts;
    uint8_t event_code;
    uint8_t wrong_law; /* voice packets in the other law */
};

/* Binds an even port of its own. Asserts that it works. */
void telephone_open(struct telephone *telephone, enum media_law law, double hertz);
void telephone_close(struct telephone *telephone);
void telephone_forget(struct telephone *telephone);

/* All say and hear for so many frames of 20 ms of real time. */
void telephones_talk(struct telephone *const *telephones, unsigned count, unsigned frames);

/* Sends one key press as RFC 4733 has it: `frames` packets and three with the end bit, at once. */
void telephone_press(struct telephone *telephone, uint8_t code, unsigned frames);

/* The share of this tone in what was heard, 0 … 1 (Goertzel), leaving out the first skip_ms. */
double telephone_hears(const struct telephone *telephone, double hertz, unsigned skip_ms);
double tone_share(const int16_t *samples, uint32_t count, double hertz);

#endif
