/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * media_state: the memory of the media plane and what its two threads tell each other. Known to media.c and
 * media_ask.c alone. */
#ifndef GATEWAYS_TRUNK_MEDIA_STATE_H
#define GATEWAYS_TRUNK_MEDIA_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "gateways/trunk/channel.h"
#include "gateways/trunk/ports.h"
#include "gateways/trunk/ring.h"

enum {
    MEDIA_SLOT_BITS = 11,
    MEDIA_SLOTS = 1 << MEDIA_SLOT_BITS
};

_Static_assert((int)MEDIA_CHANNELS_MAX <= (int)MEDIA_SLOTS, "every channel has a slot");

enum request_kind {
    REQUEST_OPEN,
    REQUEST_CONNECT,
    REQUEST_PLAY,
    REQUEST_ROOM,
    REQUEST_RECORD,
    REQUEST_LISTEN,
    REQUEST_PRESS,
    REQUEST_SHIELD,
    REQUEST_HEED,
    REQUEST_READ,
    REQUEST_TYPE,
    REQUEST_CLOSE
};

/* A packet of DTLS that came by a channel's port. */
struct datagram {
    int64_t channel;
    size_t size;
    uint8_t bytes[HANDSHAKE_DATAGRAM_BYTES];
};

struct request {
    enum request_kind kind;
    struct channel *channel;
    struct room room;
    struct recording *recording;
    struct play play;
    struct media_speech speech; /* whose keys are signalling's */
    struct transcoder *transcoder;
    struct shield *out, *in; /* NULL: as before */
    char keys[KEYING_KEYS_MAX + 1];
    struct keypad *keypad; /* NULL: there is one */
    bool on;
    struct teletype *teletype;
};

struct media {
    char address[46];
    struct ports ports;
    struct prompts prompts;
    struct recorder *recorder;
    struct ring requests;
    struct ring datagrams; /* of handshakes, from the media thread */
    struct ring gone;
    struct ring sound_events;
    struct ring record_events;
    struct ring own_events; /* what signalling learns at once */
    int event_fd;
    int timer_fd;
    int ready_fd; /* epoll of RTCP sockets and catchers, which are mostly silent */
    pthread_t thread;
    bool thread_runs;
    _Atomic bool closing;

    struct channel *slots[MEDIA_SLOTS]; /* signalling's */
    uint32_t slot_count;
    uint32_t next_slot;
    int64_t generation;

    struct channel *live[MEDIA_CHANNELS_MAX]; /* the media thread's */
    uint32_t live_count;
    struct media_counts turn_counts;
    uint64_t turn;

    _Atomic uint64_t packets_in, packets_out, packets_foreign, packets_bad, late_turns;
    _Atomic uint32_t channels;
};

/* media_secure.c: begins, or goes on with, what the speech asks for, or ends it; hears what came for handshakes. */
int media_agree(struct channel *channel, const struct media_speech *speech);
void media_hear_handshakes(struct media *media);

/* media_text.c: a channel's real-time text; says and hears what there is, and ends. */
void media_text_tick(struct media *media, struct channel *channel);
void media_text_close(struct media *media, struct channel *channel);
void media_wake(struct media *media);

/* Signalling's thread: puts a request before the media thread's next turn; waits for room, at most a turn. */
void media_ask(struct media *media, const struct request *request);
/* The channel of this number, NULL: closed. */
struct channel *media_find(const struct media *media, int64_t number);

#endif
