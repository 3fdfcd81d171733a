/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * channel: one voice as the media thread sees it: what it plays, whose room it is in, what its side
 * hears in a turn of 20 ms. Known to media.c and channel.c alone. */
#ifndef GATEWAYS_TRUNK_CHANNEL_H
#define GATEWAYS_TRUNK_CHANNEL_H

#include <stdatomic.h>

#include "gateways/trunk/endpoint.h"
#include "gateways/trunk/handshake.h"
#include "gateways/trunk/keying.h"
#include "gateways/trunk/keypad.h"
#include "gateways/trunk/mixer.h"
#include "gateways/trunk/prompts.h"
#include "gateways/trunk/recorder.h"
#include "gateways/trunk/teletype.h"
#include "gateways/trunk/voice.h"

enum {
    PLAY_NAMES_MAX = 8
};

/* What signalling reads while the media thread writes: each figure is whole, two may be of two writings. */
struct quality_board {
    _Atomic uint32_t packets, lost, recent_lost, jitter_ms, round_trip_ms, sent_lost;
};

struct play {
    uint8_t prompts[PLAY_NAMES_MAX];
    uint8_t count;
    uint8_t at;
    uint32_t offset;
    uint32_t rounds; /* left; 0 for ever */
};

/* Who sits together; kept by the channel of seat 0. */
struct room {
    struct channel *seats[MEDIA_ROOM_MAX];
    uint8_t hears[MEDIA_ROOM_MAX]; /* bits of seats */
    uint8_t recorded;
    unsigned count; /* 0: no room */
};

struct channel {
    int64_t number;
    uint64_t owner;
    uint16_t port;
    struct endpoint endpoint;
    struct voice *voice;
    struct quality_board board;
    struct media_keys keys;            /* asked for last */
    struct handshake *handshake;       /* NULL: none runs or ran */
    char print[HANDSHAKE_PRINT_CHARS]; /* with whom */
    bool secured;                      /* and it was told to be done */
    int64_t
        turned; /* how often a resumed stream's sequence numbers have gone round; SHIELD_FRESH */

    struct text_way *text; /* NULL: none */
    bool heeded;           /* a keypad was asked for */
    bool reads;            /* a teletype was */

    /* the media thread's from here */
    uint32_t place; /* in live[] */
    bool connected;
    bool rtcp_waits;
    bool catcher_waits;
    uint32_t quiet_turns; /* without a packet */
    bool sounded;         /* there ever was one */
    bool told_lost;
    bool listens;           /* for the tone */
    uint8_t tone_turns;     /* it has been there for */
    uint32_t quality_turns; /* since the board was written first */
    uint32_t still_turns;   /* in a room without a sound from here; 0: heard, or in none */
    struct channel *host;   /* who keeps the room it is in; NULL: none */
    unsigned seat;
    bool is_heard; /* by anybody there */
    struct room room;
    struct limiter limiter;
    struct limiter record_limiter;
    uint32_t noise;       /* the last of a row of numbers */
    uint64_t linear_turn; /* of the samples below */
    int16_t linear[G711_FRAME];
    uint64_t total_turn; /* of the sum below */
    struct mix total;    /* of all who sit in the room it keeps */
    struct play play;
    struct keying keying;
    struct keypad *keypad;     /* NULL: nobody ever waited for a key from here */
    bool heeds;                /* somebody waits for one now */
    struct teletype *teletype; /* NULL: nobody reads what is typed from here */
    struct recording *recording;
    struct voice_heard heard;
};

/* Sits down together; seat 0 is the host. */
void channel_sit(const struct room *wanted);
/* Leaves its room; the host's leaving ends it. */
void channel_leave(struct channel *channel);

/* What the channel's side hears in this turn; returns its law. `turn` is another number each turn. */
enum media_law channel_sound(const struct prompts *prompts, struct channel *channel, uint64_t turn,
                             uint8_t frame[G711_FRAME]);

/* The turn's part of a key press towards the channel's side, while one runs: packets, or tones in the frame.
 * Returns the packets sent, 0 or 1. */
unsigned channel_press(struct channel *channel, uint8_t frame[G711_FRAME], enum media_law *law);

/* A caller who would hear nothing at all hears a line that lives: noise at -63 dBov, in place of the frame. No recording
 * has it. */
void channel_breathe(struct channel *channel, uint8_t frame[G711_FRAME], enum media_law *law);

/* Adds the turn to the channel's recording; frame is what its side hears. */
void channel_record(struct channel *channel, uint64_t turn, const uint8_t frame[G711_FRAME],
                    enum media_law law);

/* Opens the shields that other keys than those asked for last want; NULL: the way's keys stay, and so its
 * shield and the count of its packets. Returns 0 or a negative errno, none being open then. Signalling's thread. */
int channel_shields(const struct channel *channel, const struct media_keys *keys,
                    struct shield **out, struct shield **in);

/* Is a voice, or a tap, in the turn's sound? The hiss of a line lies below. */
bool channel_is_loud(const struct channel *channel);
/* Has the tone of tone.h been in it for as many turns as it takes to believe it? */
bool channel_has_tone(struct channel *channel);

/* The keys heard in the turn's sound, while somebody waits for them and the side has no better way to say them.
 * Returns how many. */
unsigned channel_keys(struct channel *channel, char keys[KEYPAD_KEYS_MAX]);

/* What a text telephone typed in the turn's sound; returns the characters. */
unsigned channel_read(struct channel *channel, char text[TELETYPE_HEARD_MAX]);
/* The turn's part of what is typed towards the channel's side, in place of what it hears. */
void channel_type(struct channel *channel, uint8_t frame[G711_FRAME], enum media_law *law);

/* A turn of a connected channel is over: five times a second the board is written. */
void channel_judge(struct channel *channel);
/* What the board says; any thread. */
void channel_quality(const struct channel *channel, struct media_quality *quality);

#endif
