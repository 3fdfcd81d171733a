/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * http: HTTP and WebSocket on the owner's libuv loop; the only includer of libwebsockets. It reads
 * requests into plain structs, refuses what is too big or comes from another origin, adds the
 * headers that every answer carries, and drives each WebSocket's screen. One thread. */
#ifndef CONSOLES_SERVER_HTTP_H
#define CONSOLES_SERVER_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "consoles/server/route.h"
#include "consoles/server/screen.h"
#include "consoles/server/session.h"

enum {
    HTTP_BODY_MAX = 65536,
    HTTP_UPLOAD_MAX = 8 * 1024 * 1024, /* of a file that the owner admits */
    HTTP_UPLOADS_MAX = 4,              /* that come in at once */
    HTTP_SOCKETS_MAX = 1024,
    HTTP_PATH_BYTES = 256,
    HTTP_LOCATION_BYTES = 1024,
    HTTP_PING_S = 5,
    HTTP_SILENT_S = 15
};

struct http;
struct exchange; /* one request on its way to an answer */
struct peer;     /* one WebSocket */

/* Borrowed for the call, except in an exchange, where it lives until the answer. Texts that were
 * absent or too long are empty. */
struct request {
    enum method method;
    bool secure;
    bool own_origin; /* there was no Origin header, or it names this very server */
    bool json;       /* Content-Type says application/json */
    bool form;       /* … or application/x-www-form-urlencoded */
    char path[HTTP_PATH_BYTES];
    char arguments[HTTP_PATH_BYTES];   /* behind the "?" */
    char secret[SESSION_SECRET_BYTES]; /* of the cookie */
    char visit[SESSION_SECRET_BYTES];  /* of the citizen's cookie */
    char passage
        [SESSION_SECRET_BYTES]; /* of the cookie of who comes back from the sign-in provider */
    char languages[64];         /* Accept-Language */
    char match[80];             /* If-None-Match */
    char range[64];             /* Range */
    char address[46];           /* the peer's; behind a proxy on this machine the one it names */
    const char *body;
    size_t body_size;
};

/* Exactly one of parcel (taken over), page (outlives the exchange), file (taken over, read from
 * offset) or none is the body. */
struct response {
    unsigned status;
    const char *type; /* of the body */
    struct parcel *parcel;
    const char *page;
    size_t page_size;
    int file; /* with file_size > 0 */
    bool
        tape; /* it is a recording in sealed frames (proto/tape.h); offset and size are those of its WAV */
    uint8_t tape_key[32];
    uint64_t file_offset, file_size;
    uint64_t file_whole;        /* with status 206: of the whole file */
    const char *etag;           /* NULL: Cache-Control: no-store */
    const char *session_secret; /* sets the cookie; "" ends it; NULL leaves it */
    const char *visit_secret;   /* the same of the citizen's cookie */
    const char *passage_secret; /* and of who leaves for the sign-in provider */
    const char *location;       /* with status 303, below HTTP_LOCATION_BYTES */
};

struct http_handlers {
    /* A whole request; exchange_answer() comes now or later. */
    void (*request)(void *owner, struct exchange *exchange, const struct request *request);
    /* A body above HTTP_BODY_MAX comes, and nothing of it was read: 0, or the status that refuses it. */
    unsigned (*admits)(void *owner, const struct request *request);
    /* The asker left before the answer: exchange is no longer to be used. */
    void (*gone)(void *owner, struct exchange *exchange);
    /* A socket whose request passed the origin's check. NULL: closed at once with *code. */
    struct screen *(*opened)(void *owner, struct peer *peer, const struct request *request,
                             enum screen_close *code);
    void (*closed)(void *owner, struct screen *screen);
    void (*stand)(void *owner, struct standing *standing);
};

struct http_settings {
    const char *address;
    uint16_t port;
    const char *certificate; /* PEM files; NULL: no TLS */
    const char *key;
    uv_loop_t *loop;
};

/* Listens. Returns 0 and *http, or a negative errno (-EADDRINUSE for any refusal to listen). */
int http_open(struct http **http, const struct http_settings *settings,
              const struct http_handlers *handlers, void *owner);

/* Closes everything at once; the loop must run until it is idle afterwards. */
void http_close(struct http *http);

void exchange_answer(struct exchange *exchange, const struct response *response);

/* What was asked; its body is gone once the answer waits. */
const struct request *exchange_request(const struct exchange *exchange);

/* The screen behind this peer has something to send, or was ended. */
void peer_wake(struct peer *peer);

struct http_counts {
    uint64_t requests, refused, sockets_opened, frames_sent, frames_taken, too_big, foreign_origin;
    uint32_t sockets;
};
void http_count(const struct http *http, struct http_counts *counts);

#endif
