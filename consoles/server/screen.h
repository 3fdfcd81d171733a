/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * screen: one browser window that follows the stream: the protocol of docs/console-api.md §5 behind
 * one WebSocket, without the socket. It reads the client's frames, hands commands and queries up,
 * and says which frame goes out next: answers first, then events in order, then the beat. */
#ifndef CONSOLES_SERVER_SCREEN_H
#define CONSOLES_SERVER_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "consoles/server/feed.h"
#include "consoles/server/parcel.h"

enum {
    SCREEN_FRAME_MAX = 65536,                  /* of the client's */
    SCREEN_EVENT_ROOM = FEED_EVENT_BYTES + 64, /* an event's frame */
    SCREEN_HELLO_MS = 5000,
    SCREEN_MALFORMED_MAX = 32,
    SCREEN_WAITING_MAX = 64, /* commands without an outcome */
    SCREEN_PARCELS_MAX = 256,
    SCREEN_PARCEL_BYTES_MAX = 4 * 1024 * 1024,
    SCREEN_NAME_BYTES = 65 /* the client's name for a command or query */
};

enum screen_close {
    SCREEN_CLOSE_NONE = 0,
    SCREEN_CLOSE_POLICY = 1008,
    SCREEN_CLOSE_TOO_BIG = 1009,
    SCREEN_CLOSE_NOT_SIGNED_IN = 4001,
    SCREEN_CLOSE_FORBIDDEN = 4003,
    SCREEN_CLOSE_TAKEN_OVER = 4008,
    SCREEN_CLOSE_COME_AGAIN = 4009
};

/* What the server knows of itself at this moment. */
struct standing {
    const char *server;
    uint64_t epoch;  /* the dispatcher's incarnation */
    bool up;         /* the dispatcher answers */
    uint64_t age_ms; /* since it was last heard */
    uint64_t wall_ms;
    uint64_t mono_ms;
    bool doubted; /* a history was shown that does not go on from the one this server knows */
};

struct screen;

struct screen_handlers {
    /* Bodies are borrowed; the answer comes through screen_send(), now or later. */
    void (*command)(void *owner, struct screen *screen, const char *name, const json_t *body);
    void (*query)(void *owner, struct screen *screen, const char *name, const json_t *body);
    void (*wake)(void *owner, struct screen *screen); /* there is a frame to send, or a close */
};

/* A screen of this user (borrowed, the session's row) over this feed. NULL when memory is short. */
struct screen *screen_open(const struct screen_handlers *handlers, void *owner,
                           const struct feed *feed, const struct user_row *user, uint64_t mono_ms);
void screen_close(struct screen *screen);

void *screen_owner(const struct screen *screen);

/* A whole text frame of the client. */
void screen_take(struct screen *screen, const struct standing *standing, const char *bytes,
                 size_t size);

/* Takes over the parcel and queues it; a NULL one (no memory) or a full queue ends the screen. */
void screen_send(struct screen *screen, struct parcel *parcel);

/* New events are in the feed, or a second passed (beat): wakes the screen when that concerns it,
 * ends it when it is too slow or never said hello. */
void screen_notice(struct screen *screen, uint64_t mono_ms, bool beat);

/* The next frame, NULL when there is none. It lies in scratch (SCREEN_EVENT_ROOM bytes) or in the
 * screen's own memory until the next call; PARCEL_HEADROOM bytes in front of it may be written. */
char *screen_next(struct screen *screen, const struct standing *standing, char *scratch,
                  size_t *size);

/* Ends it with a close code, once; later codes do not count. Nothing more is sent. */
void screen_end(struct screen *screen, enum screen_close code);
enum screen_close screen_ended(const struct screen *screen);

/* From here on only what goes on behind a locked screen; the page is told {"locked":…}. */
void screen_lock(struct screen *screen, bool locked);

/* Commands on their way; the owner counts them up and down. */
uint32_t *screen_waiting(struct screen *screen);

uint32_t screen_malformed(const struct screen *screen);

#endif
