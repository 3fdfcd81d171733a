/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * media: the sound of all calls. A channel is one RTP endpoint on a port pair of its own; channels
 * play announcements, speak with each other in rooms, and are recorded. Sound runs on threads of its own in
 * turns of 20 ms, which allocate nothing and share no lock with signalling: calls below put a request
 * into a ring, what happened comes back as events.
 *
 * Voice is G.711 A-law or µ-law, G.722 or Opus, and RFC 4733 telephone-event. Sockets are connected to the peer of
 * the SDP answer, so that a stranger's packets are neither played nor answered (RTP bleed). */
#ifndef GATEWAYS_TRUNK_MEDIA_H
#define GATEWAYS_TRUNK_MEDIA_H

#include <stdbool.h>
#include <stdint.h>

#include "gateways/trunk/crypto.h"
#include "proto/suite.h"

enum {
    MEDIA_CHANNELS_MAX = 2000,
    MEDIA_TEXT_BYTES = 64,
    MEDIA_WORDS_BYTES = 3000,
    MEDIA_PROMPTS_MAX = 250, /* an index of one byte names one */
    MEDIA_ROOM_MAX = 8,      /* voices in one conversation */
    MEDIA_LOST_MS = 30000,   /* no packet for so long while connected: MEDIA_LOST */
    MEDIA_STRETCH_MS = 5000, /* over which a way's loss is judged */
    MEDIA_STILL_MS =
        10000 /* in a room, and nothing loud for so long from the beginning on: MEDIA_STILL */
};

struct media;

struct media_settings {
    const char *address; /* the local IPv4 or IPv6 address of all RTP sockets */
    uint16_t port_low;   /* even; port_low … port_high, RTP even, RTCP odd */
    uint16_t port_high;
    const char *prompts;       /* folder of announcements: NAME.wav, 8 kHz mono, PCM16 or A-law */
    const char *recordings;    /* folder; files go to recordings/YYYYMMDD/… */
    const struct suite *suite; /* of the recordings' digests; NULL: the default */
    bool resumes; /* recordings that a crash left are gone on with until media_settle() */
};

/* What a listener knows a stream of packets by. A later process that goes on with it by wall clock is, to
 * the listener, the same source after a loss. */
struct media_clock {
    uint32_t ssrc;
    uint32_t stamp;    /* in samples */
    uint16_t sequence; /* of packets */
    uint16_t step;     /* of the stamp, a turn; 0: G.711's */
    uint64_t at_ms;    /* wall clock: when these held */
};

enum media_law {
    MEDIA_PCMA = 8,
    MEDIA_PCMU = 0
};

/* What a stream of packets carries. All but G.711 is made A-law at the edge. */
enum media_codec {
    MEDIA_G711,
    MEDIA_G722,
    MEDIA_OPUS
};

/* Of a secured stream: what we send by, what they send by. */
struct media_keys {
    struct crypto own, theirs;
};

/* How a channel and its peer speak. */
struct media_speech {
    enum media_codec codec;
    enum media_law law;            /* of G.711; else PCMA */
    uint8_t payload;               /* type of the others in the SDP */
    uint8_t event_payload;         /* type of telephone-event; 0: none */
    const struct media_keys *keys; /* NULL: in the clear, or not known yet */
    const char *
        print; /* keys are agreed on with whom this fingerprint names (handshake.h); NULL: they are not */
    bool client; /* we begin that */
    bool mux;    /* reports come and go by the sound's own port (RFC 5761) */
};

enum media_event_kind {
    MEDIA_DIGIT,    /* digit */
    MEDIA_LOST,     /* no packet from the peer for MEDIA_LOST_MS */
    MEDIA_BACK,     /* and again one */
    MEDIA_TYPED,    /* text: by a text telephone, as it comes; fifty: at 50 bit/s */
    MEDIA_TONE,     /* the tone of tone.h was heard; once, after media_channel_listen() */
    MEDIA_SECURED,  /* keys were agreed on */
    MEDIA_STILL,    /* nobody has spoken there since it came into a room; once a room */
    MEDIA_RECORDED, /* the recording is complete and durable: file, digest, size, duration_ms */
    MEDIA_RECORD_FAILED
};

struct media_event {
    enum media_event_kind kind;
    uint64_t owner; /* as given to media_channel_open() or media_record() */
    char digit;
    char text[MEDIA_TEXT_BYTES];
    bool fifty;
    bool t140;              /* no tones: real-time text, UTF-8 with \b */
    struct media_keys keys; /* MEDIA_SECURED */
    bool sounded;           /* MEDIA_LOST: there were packets before */
    char file[128];
    uint8_t digest[32]; /* of the whole file, … */
    uint32_t algorithm; /* … by this suite (proto/suite.h) */
    uint8_t key[32];    /* opens it (proto/tape.h) */
    uint64_t size;
    uint64_t duration_ms;
};

/* Reads the announcements and starts the threads; without announcements there is a warning, and
 * silence in their place. Returns 0 or a negative errno. media_close() finishes open recordings and accepts NULL. */
int media_open(struct media **media, const struct media_settings *settings);
void media_close(struct media *media);

/* Readable when media_next() has an event. */
int media_fd(const struct media *media);
bool media_next(struct media *media, struct media_event *event);
/* What the recorder says, apart, as nobody waits for it: told together, several recordings are one turn of the journal,
 * and no caller's arrival stands behind a turn for each. */
bool media_has_recorded(const struct media *media);
bool media_next_recorded(struct media *media, struct media_event *event);

/* Binds a port pair. Returns the channel's number (> 0, never used again in this process) and
 * *port, or -EADDRINUSE when all ports are taken, -ENFILE at MEDIA_CHANNELS_MAX. */
int64_t media_channel_open(struct media *media, uint64_t owner, uint16_t *port);
void media_channel_close(struct media *media, int64_t channel);

/* The channel's clock as it was opened, at wall_ms. */
void media_channel_clock(const struct media *media, int64_t channel, uint64_t wall_ms,
                         struct media_clock *clock);

/* Opens a channel of a former process again, on its port and with its clock moved on to wall_ms. Returns
 * as media_channel_open(). */
int64_t media_channel_resume(struct media *media, uint64_t owner, uint16_t port,
                             const struct media_clock *clock, uint64_t wall_ms);

/* Sends to and accepts from this peer alone, from now on. With keys nothing leaves in the clear and nothing is heard that
 * their key does not prove; with a fingerprint and no keys yet nothing leaves or is heard until there are some
 * (MEDIA_SECURED), and a handshake that runs with the same goes on. May be called again after a re-INVITE. Returns 0 or a negative errno, the channel then
 * being as it was. */
int media_channel_connect(struct media *media, int64_t channel, const char *ip, uint16_t port,
                          const struct media_speech *speech);

/* The fingerprint of our certificate, as SDP has it; empty: there is none. */
const char *media_print(void);
/* Handshakes say again what was lost; ten times a second. */
void media_tick(struct media *media);

/* Plays the announcements in order, `rounds` times (0: for ever), instead of what was playing.
 * Names that do not exist are left out; with none left the channel hears silence. names is
 * NULL-terminated. An empty list stops playing. */
void media_channel_play(struct media *media, int64_t channel, const char *const *names,
                        unsigned rounds);

/* Presses telephone keys (0–9 * # A–D) towards the channel's peer, 200 ms a key, in place of what it hears
 * (keying.h). What is more than its limit is left out. */
void media_channel_press(struct media *media, int64_t channel, const char *keys);

/* Somebody waits for the peer's keys, or no longer. Who took telephone events is heard by them alone; of anybody else the
 * two tones of ITU-T Q.23 are MEDIA_DIGIT too while somebody waits, at some cost. */
void media_channel_heed(struct media *media, int64_t channel, bool on);

/* Reads from now on what a text telephone types in the peer's sound (teletype.h). */
void media_channel_read(struct media *media, int64_t channel);
/* Types these words to it, in place of what it hears, at its speed; at 50 bit/s when `fifty` and it has not typed to this
 * process. Nothing when it is not read. */
void media_channel_type(struct media *media, int64_t channel, const char *words, bool fifty);

/* Where real-time text goes (RFC 4103). */
struct media_text {
    const char *ip;
    uint16_t port;
    uint8_t payload, red; /* payload types; red 0: they do not know it */
};
/* Opens real-time text beside the channel, on *port or, where that is 0, on one that it names there; again after a
 * re-INVITE. It ends with the channel. Returns 0 or a negative errno. */
int media_text_connect(struct media *media, int64_t channel, uint16_t *port,
                       const struct media_text *text);
/* Nothing when there is none. */
void media_text_say(struct media *media, int64_t channel, const char *words);

/* Tells MEDIA_TONE when the channel's peer has been heard with that tone. */
void media_channel_listen(struct media *media, int64_t channel);

/* One voice of a room. Bit i of `hears`: it hears seat i. */
struct media_seat {
    int64_t channel;
    uint8_t hears;
};

/* From now on these channels, at most MEDIA_ROOM_MAX, hear each other so; whoever was in the room of the
 * first and is not named any more hears nobody. One seat alone, or none, ends the room. The
 * announcement of a channel that comes into a room stops; one that is played later is heard by its own
 * side alone, over the others' voices. Bit i of `recorded`: seat i is on the right of the first one's
 * recording. The numbers of channels that are closed are left out. */
void media_room(struct media *media, const struct media_seat *seats, unsigned count,
                uint8_t recorded);

/* Is there an announcement of this name? */
bool media_knows(const struct media *media, const char *name);

/* Records what `caller` says on the left and, on the right, the recorded seats of its room, or else what
 * it hears, from now until the channel closes, as recordings/DAY/NAME.tape (proto/tape.h), day = yyyymmdd. The end comes as
 * MEDIA_RECORDED with this owner. */
void media_record(struct media *media, int64_t caller, uint64_t owner, uint32_t day,
                  const char *name);

/* Goes on with a recording of a former process that began at begun_ms (wall clock); what is missing until
 * now is silence. */
void media_record_on(struct media *media, int64_t caller, uint64_t owner, uint32_t day,
                     const char *name, uint64_t begun_ms);

/* The dispatcher holds the recording and its key (media_event.file): its key goes from this disk. */
void media_recording_taken(struct media *media, const char *file);

/* With media_settings.resumes: all that go on do so; the recorder finishes what else a crash left. */
void media_settle(struct media *media);

/* How a channel's peer is heard and hears, a fifth of a second ago at the most. */
struct media_quality {
    uint32_t packets;       /* that came */
    uint32_t lost;          /* that never came, or came too late to be heard */
    uint32_t recent_lost;   /* thousandths, of the last MEDIA_STRETCH_MS */
    uint32_t jitter_ms;     /* of their coming (RFC 3550 §6.4.1) */
    uint32_t round_trip_ms; /* 0: the peer sends no reports */
    uint32_t sent_lost;     /* thousandths of ours, by the peer's last report */
};
void media_channel_quality(const struct media *media, int64_t channel,
                           struct media_quality *quality);

struct media_counts {
    uint64_t packets_in, packets_out, packets_foreign, packets_bad, late_turns;
    uint32_t channels, recordings;
};
void media_count(const struct media *media, struct media_counts *counts);

#endif
