/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * codecs: what two sides agree to speak: SDP (RFC 4566) read and written for the offer/answer model
 * (RFC 3264), bounded, for one audio stream of G.711, else G.722, else Opus (RFC 7587), with telephone-event (RFC 4733), in the clear or
 * secured (RTP/SAVP with a=crypto, RFC 4568; with a=fingerprint, RFC 5763). Unknown lines are skipped, because carriers send many. libosip2's own SDP parser reads past the end of hostile
 * bodies and is not used.
 *
 * Pure. */
#ifndef GATEWAYS_TRUNK_CODECS_H
#define GATEWAYS_TRUNK_CODECS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateways/trunk/crypto.h"

enum {
    CODECS_BODY_BYTES = 8192,
    CODECS_MEDIA_MAX = 8,       /* m= lines of one description */
    CODECS_ANSWER_BYTES = 1408, /* eight streams, text, and a key or a fingerprint fit */
    CODECS_PRINT_CHARS = 96,    /* of SHA-256: AA:BB:… with its end */
    CODECS_NONE = 255
};

/* Who begins the handshake of DTLS (RFC 4145 §4), as the describing side sees itself. */
enum codecs_setup {
    CODECS_SETUP_NONE,
    CODECS_ACTPASS,
    CODECS_ACTIVE,
    CODECS_PASSIVE
};

enum codecs_way { /* as the describing side sees it */
    CODECS_BOTH,
    CODECS_SENDS,
    CODECS_HEARS,
    CODECS_SILENT
};

/* What the other side described. */
struct codecs {
    char ip[46];   /* numeric; empty: none that can be used */
    uint16_t port; /* 0: the stream is refused */
    bool ipv6;
    uint8_t a_law;     /* payload type of PCMA, CODECS_NONE: not there */
    uint8_t mu_law;    /* of PCMU */
    uint8_t g722;      /* of G.722, for who knows neither law */
    uint8_t opus;      /* of Opus, for who knows none of these */
    uint8_t events;    /* of telephone-event of 8 kHz */
    uint16_t ptime_ms; /* 0: not said */
    bool secured;      /* RTP/SAVP */
    bool dtls;         /* by keys that are agreed on with whom `print` names */
    bool mux;          /* reports by the sound's port (RFC 5761) */
    uint8_t setup;     /* enum codecs_setup */
    char print[CODECS_PRINT_CHARS];
    struct crypto crypto; /* the first of theirs that we take; in an answer: the one they took */
    uint8_t text_at;      /* which stream is real-time text (RFC 4103); CODECS_NONE: none */
    uint16_t text_port;   /* 0: none */
    char text_ip[46];     /* empty: that of the session */
    uint8_t t140, red;    /* its payload types; CODECS_NONE: not there */
    enum codecs_way way;
    uint8_t media_count; /* m= lines there were; the answer must have as many (RFC 3264 §6) */
    uint8_t audio_at;    /* which one is ours; media_count: none */
    char media[CODECS_MEDIA_MAX][40]; /* "audio", "video" … and transport of each, to refuse it */
};

/* Reads a description. Returns 0, or -EBADMSG when it is none at all or has too many streams. A
 * description without audio, codec or address we know is read; the fields above tell. */
int codecs_read(struct codecs *codecs, const char *body, size_t length);

/* What both sides will speak: the first of A-law, µ-law, G.722 and Opus that they described, A-law when none. */
enum codecs_choice {
    CODECS_A_LAW,
    CODECS_MU_LAW,
    CODECS_G722,
    CODECS_OPUS
};
enum codecs_choice codecs_choose(const struct codecs *codecs);

/* An address, a common codec and, where secured, a key: the two sides can talk. */
bool codecs_match(const struct codecs *codecs);

/* Real-time text can be exchanged. */
bool codecs_texts(const struct codecs *codecs);

struct codecs_own {
    const char *ip;
    uint16_t port;
    uint64_t session;            /* the same for the life of a dialog */
    uint64_t version;            /* one more with every description sent */
    uint16_t text_port;          /* an answer: of real-time text; 0: it is refused */
    const struct crypto *crypto; /* of what we send; NULL: in the clear */
    const char *print;           /* our fingerprint, where keys are agreed on; NULL: they are not */
    bool client;                 /* an answer: we begin that */
};

/* Writes our offer: PCMA, PCMU, G.722, Opus 107, telephone-event 101, 20 ms, secured when there is a key. Returns its length. */
size_t codecs_write_offer(char *body, size_t size, const struct codecs_own *own);

/* Writes the answer to what was read. Without a common codec it names PCMA all the same: an
 * emergency call is never refused for its media. A secured offer needs own->crypto under the tag and the suite of
 * offer->crypto. Returns its length. */
size_t codecs_write_answer(char *body, size_t size, const struct codecs_own *own,
                           const struct codecs *offer);

#endif
