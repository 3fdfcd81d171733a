/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/http.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <libwebsockets.h>
#include <sodium.h>

#include "base/log.h"
#include "base/require.h"
#include "base/text.h"
#include "proto/tape.h"

enum {
    CHUNK_BYTES = 16384,
    HEADER_BYTES = 2048,
    KEEPALIVE_S = 30,
    CLOSE_S = 5 /* a peer that does not even take its close frame is cut off */
};
_Static_assert(PARCEL_HEADROOM >= LWS_PRE, "the transport writes its header in front");

#define COOKIE_NAME    "yihao_sid"
#define VISIT_COOKIE   "yihao_q"
#define PASSAGE_COOKIE "yihao_go"

struct exchange {
    struct http *http;
    struct lws *wsi;
    struct request request;
    bool handed_up; /* the owner knows it */
    bool answered;
    bool headers_sent;
    bool hang_up; /* the body was not read to its end */
    bool upload;  /* one of HTTP_UPLOADS_MAX */
    char *body;
    size_t body_size, body_room;
    struct response response;
    char etag[80];
    char cookie[SESSION_SECRET_BYTES], visit[SESSION_SECRET_BYTES], passage[SESSION_SECRET_BYTES];
    char location[HTTP_LOCATION_BYTES];
    size_t sent;
};

/* libwebsockets gives one of these to each connection, zeroed, and frees it. */
struct http_slot {
    struct exchange *exchange;
};

struct peer {
    struct http *http;
    struct lws *wsi;
    struct screen *screen;
    enum screen_close code;  /* without a screen: why */
    bool closing;            /* the close frame is on its way */
    struct request *request; /* until it is established */
    char *frame;             /* the client's, while its pieces come in */
    size_t frame_size;
};

struct http {
    struct lws_context *context;
    const struct http_handlers *handlers;
    void *owner;
    bool secure;
    struct http_counts counts;
    unsigned uploads;
    char scratch[PARCEL_HEADROOM + SCREEN_EVENT_ROOM];
    char chunk[LWS_PRE + CHUNK_BYTES];
};

/* ---------------------------------------------------------------------------------- requests */

static void copy_header(struct lws *wsi, enum lws_token_indexes token, char *to, size_t room)
{
    if (lws_hdr_copy(wsi, to, (int)room, token) < 0)
        to[0] = 0;
}

/* The library keeps "a=1&b=2" as pieces; put together again, or empty when too long. */
static void copy_arguments(struct lws *wsi, char *to, size_t room)
{
    struct text text = text_into(to, room);
    char piece[HTTP_PATH_BYTES];
    for (int i = 0; lws_hdr_copy_fragment(wsi, piece, sizeof piece, WSI_TOKEN_HTTP_URI_ARGS, i) > 0;
         i++) {
        if (i > 0)
            text_add_char(&text, '&');
        text_add(&text, piece);
    }
    if (text.cut)
        to[0] = 0;
}

/* Finds our cookie's value among "a=b; yihao_sid=…; c=d"; name: with its "=". */
static void read_cookie(struct lws *wsi, const char *name, char secret[SESSION_SECRET_BYTES])
{
    char cookies[1024];
    copy_header(wsi, WSI_TOKEN_HTTP_COOKIE, cookies, sizeof cookies);
    secret[0] = 0;
    for (const char *at = cookies; (at = strstr(at, name)); at += strlen(name)) {
        const char *value = at + strlen(name);
        size_t length = strcspn(value, "; \t");
        bool whole = at == cookies || at[-1] == ' ' || at[-1] == ';';
        if (whole && length == SESSION_SECRET_BYTES - 1) {
            memcpy(secret, value, length);
            secret[length] = 0;
            return;
        }
    }
}

/* A browser always names its page's origin on POST and on WebSockets; a script need not on POST. */
static bool is_own_origin(struct lws *wsi, bool wanted)
{
    char origin[256], host[256];
    copy_header(wsi, WSI_TOKEN_ORIGIN, origin, sizeof origin);
    if (lws_hdr_total_length(wsi, WSI_TOKEN_ORIGIN) <= 0)
        return !wanted;
    copy_header(wsi, WSI_TOKEN_HOST, host, sizeof host);
    const char *authority = strstr(origin, "://");
    return authority && host[0] && strcasecmp(authority + 3, host) == 0;
}

static bool is_type(const char *said, const char *type)
{
    size_t length = strlen(type);
    return strncasecmp(said, type, length) == 0 &&
           (said[length] == 0 || said[length] == ';' || said[length] == ' ');
}

/* Only who is on this machine, as a proxy is, may name another address: the last one it added. */
static void read_address(struct lws *wsi, char address[46])
{
    char named[256];
    (void)lws_get_peer_simple(wsi, address, 46);
    copy_header(wsi, WSI_TOKEN_X_FORWARDED_FOR, named, sizeof named);
    const char *last = strrchr(named, ',');
    last = last ? last + 1 : named;
    last += strspn(last, " ");
    if ((strcmp(address, "127.0.0.1") == 0 || strcmp(address, "::1") == 0) && *last)
        (void)text_copy(address, 46, last);
}

static void read_request(struct lws *wsi, struct request *request, const char *path)
{
    char type[64];
    char *uri = NULL;
    int uri_length = 0;
    *request = (struct request){ .method = METHOD_NONE };
    switch (lws_http_get_uri_and_method(wsi, &uri, &uri_length)) {
    case LWSHUMETH_GET:
        request->method = METHOD_GET;
        break;
    case LWSHUMETH_POST:
        request->method = METHOD_POST;
        break;
    default:
        break;
    }
    request->secure = lws_is_ssl(wsi);
    if (!text_copy(request->path, sizeof request->path, path))
        request->path[0] = 0;
    copy_arguments(wsi, request->arguments, sizeof request->arguments);
    copy_header(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH, request->match, sizeof request->match);
    copy_header(wsi, WSI_TOKEN_HTTP_RANGE, request->range, sizeof request->range);
    copy_header(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE, type, sizeof type);
    request->json = is_type(type, "application/json");
    request->form = is_type(type, "application/x-www-form-urlencoded");
    read_cookie(wsi, COOKIE_NAME "=", request->secret);
    read_cookie(wsi, VISIT_COOKIE "=", request->visit);
    read_cookie(wsi, PASSAGE_COOKIE "=", request->passage);
    copy_header(wsi, WSI_TOKEN_HTTP_ACCEPT_LANGUAGE, request->languages, sizeof request->languages);
    request->own_origin = is_own_origin(wsi, false);
    read_address(wsi, request->address);
}

/* ----------------------------------------------------------------------------------- answers */

static void response_close(struct response *response)
{
    parcel_close(response->parcel);
    if (response->file_size > 0)
        (void)close(response->file);
    sodium_memzero(response, sizeof *response);
}

static void exchange_close(struct exchange *exchange)
{
    if (!exchange)
        return;
    if (exchange->handed_up && !exchange->answered)
        exchange->http->handlers->gone(exchange->http->owner, exchange);
    response_close(&exchange->response);
    exchange->http->uploads -= exchange->upload;
    free(exchange->body);
    free(exchange);
}

void exchange_answer(struct exchange *exchange, const struct response *response)
{
    REQUIRE(!exchange->answered);
    exchange->answered = true;
    exchange->response = *response;
    if (response->etag) {
        (void)text_copy(exchange->etag, sizeof exchange->etag, response->etag);
        exchange->response.etag = exchange->etag;
    }
    if (response->session_secret) {
        (void)text_copy(exchange->cookie, sizeof exchange->cookie, response->session_secret);
        exchange->response.session_secret = exchange->cookie;
    }
    if (response->visit_secret) {
        (void)text_copy(exchange->visit, sizeof exchange->visit, response->visit_secret);
        exchange->response.visit_secret = exchange->visit;
    }
    if (response->passage_secret) {
        (void)text_copy(exchange->passage, sizeof exchange->passage, response->passage_secret);
        exchange->response.passage_secret = exchange->passage;
    }
    if (response->location) {
        (void)text_copy(exchange->location, sizeof exchange->location, response->location);
        exchange->response.location = exchange->location;
    }
    if (response->status >= 400)
        exchange->http->counts.refused++;
    lws_callback_on_writable(exchange->wsi);
}

const struct request *exchange_request(const struct exchange *exchange)
{
    return &exchange->request;
}

/* What every answer carries. No inline script or style anywhere; nobody frames us. */
static const char *const fixed_headers[][2] = {
    { "content-security-policy:",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
      "media-src 'self' blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; "
      "worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'" },
    { "x-content-type-options:", "nosniff" },
    { "x-frame-options:", "DENY" },
    /* "no-referrer" would take the origin from a form's POST, by which we know our own. */
    { "referrer-policy:", "same-origin" },
    { "cross-origin-opener-policy:", "same-origin" },
    { "cross-origin-resource-policy:", "same-origin" },
    { "permissions-policy:", "camera=(), geolocation=(), microphone=(self)" },
};

struct header_room {
    struct lws *wsi;
    unsigned char *at, *end;
    bool full;
};

static void add_header(struct header_room *room, const char *name, const char *value)
{
    if (lws_add_http_header_by_name(room->wsi, (const unsigned char *)name,
                                    (const unsigned char *)value, (int)strlen(value), &room->at,
                                    room->end) != 0)
        room->full = true;
}

static uint64_t body_size(const struct response *response)
{
    if (response->parcel)
        return response->parcel->size;
    return response->page ? response->page_size : response->file_size;
}

static void add_cookie(struct header_room *room, const struct exchange *exchange, const char *name,
                       const char *path, const char *secret)
{
    char cookie[256];
    (void)snprintf(cookie, sizeof cookie, "%s=%s; HttpOnly; SameSite=Strict; Path=%s%s%s", name,
                   secret, path, exchange->request.secure ? "; Secure" : "",
                   secret[0] ? "" : "; Max-Age=0");
    add_header(room, "set-cookie:", cookie);
}

static void add_range(struct header_room *room, const struct response *response)
{
    char range[96];
    add_header(room, "accept-ranges:", "bytes");
    if (response->status != 206)
        return;
    (void)snprintf(range, sizeof range, "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64,
                   response->file_offset, response->file_offset + response->file_size - 1,
                   response->file_whole);
    add_header(room, "content-range:", range);
}

static bool send_headers(struct exchange *exchange)
{
    unsigned char buffer[LWS_PRE + HEADER_BYTES];
    unsigned char *start = buffer + LWS_PRE;
    const struct response *response = &exchange->response;
    struct header_room room = { exchange->wsi, start, buffer + sizeof buffer, false };
    if (lws_add_http_header_status(exchange->wsi, response->status, &room.at, room.end) != 0 ||
        lws_add_http_header_content_length(exchange->wsi, body_size(response), &room.at,
                                           room.end) != 0)
        return false;
    for (size_t i = 0; i < sizeof fixed_headers / sizeof fixed_headers[0]; i++)
        add_header(&room, fixed_headers[i][0], fixed_headers[i][1]);
    if (response->type)
        add_header(&room, "content-type:", response->type);
    add_header(&room, "cache-control:", response->etag ? "no-cache" : "no-store");
    if (response->etag)
        add_header(&room, "etag:", response->etag);
    if (response->session_secret)
        add_cookie(&room, exchange, COOKIE_NAME, "/", response->session_secret);
    if (response->visit_secret)
        add_cookie(&room, exchange, VISIT_COOKIE, "/q", response->visit_secret);
    if (response->passage_secret)
        add_cookie(&room, exchange, PASSAGE_COOKIE, "/api/v1/", response->passage_secret);
    if (response->location)
        add_header(&room, "location:", response->location);
    if (response->file_size > 0)
        add_range(&room, response);
    if (exchange->hang_up)
        add_header(&room, "connection:", "close");
    return !room.full &&
           lws_finalize_write_http_header(exchange->wsi, start, &room.at, room.end) == 0;
}

/* Copies the next piece of the body into the chunk. Returns its size, 0 when it cannot be read. */
static size_t read_piece(struct http *http, const struct response *response, size_t sent)
{
    char *to = http->chunk + LWS_PRE;
    uint64_t left = body_size(response) - sent;
    size_t size = left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;
    if (response->parcel) {
        memcpy(to, response->parcel->bytes + sent, size);
    } else if (response->page) {
        memcpy(to, response->page + sent, size);
    } else if (response->tape) {
        if (tape_read(response->file, response->tape_key, response->file_offset + sent,
                      (uint8_t *)to, size) < 0)
            return 0;
    } else {
        ssize_t got = pread(response->file, to, size, (off_t)(response->file_offset + sent));
        if (got != (ssize_t)size)
            return 0;
    }
    return size;
}

/* One frame per callback. Returns -1 to close the connection. */
static int write_exchange(struct http_slot *slot)
{
    struct exchange *exchange = slot->exchange;
    if (!exchange || !exchange->answered)
        return 0;
    uint64_t whole = body_size(&exchange->response);
    if (!exchange->headers_sent) {
        exchange->headers_sent = true;
        if (!send_headers(exchange))
            return -1;
    } else {
        size_t size = read_piece(exchange->http, &exchange->response, exchange->sent);
        bool last = exchange->sent + size == whole;
        if (size == 0 || lws_write(exchange->wsi, (unsigned char *)exchange->http->chunk + LWS_PRE,
                                   size, last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < 0)
            return -1;
        exchange->sent += size;
    }
    if (exchange->sent < whole) {
        lws_callback_on_writable(exchange->wsi);
        return 0;
    }
    struct lws *wsi = exchange->wsi;
    bool hang_up = exchange->hang_up;
    slot->exchange = NULL;
    exchange_close(exchange);
    return hang_up || lws_http_transaction_completed(wsi) != 0 ? -1 : 0;
}

static void refuse(struct exchange *exchange, unsigned status)
{
    struct response response = { .status = status };
    exchange->hang_up = true;
    exchange_answer(exchange, &response);
}

static void hand_up(struct exchange *exchange)
{
    struct http *http = exchange->http;
    exchange->handed_up = true;
    exchange->request.body = exchange->body ? exchange->body : "";
    exchange->request.body_size = exchange->body_size;
    http->handlers->request(http->owner, exchange, &exchange->request);
}

/* Is a body of this length read at all? 0, or the status that refuses it. */
static unsigned judge_length(struct exchange *exchange, unsigned long length)
{
    struct http *http = exchange->http;
    if (length <= HTTP_BODY_MAX)
        return 0;
    unsigned status = http->handlers->admits(http->owner, &exchange->request);
    if (status == 0 && http->uploads == HTTP_UPLOADS_MAX)
        return 503;
    exchange->upload = status == 0;
    http->uploads += exchange->upload;
    return status;
}

static int begin_exchange(struct http *http, struct lws *wsi, struct http_slot *slot,
                          const char *path)
{
    char length_said[24];
    unsigned status;
    exchange_close(slot->exchange);
    struct exchange *exchange = slot->exchange = calloc(1, sizeof *exchange);
    if (!exchange)
        return -1;
    exchange->http = http;
    exchange->wsi = wsi;
    http->counts.requests++;
    read_request(wsi, &exchange->request, path);
    copy_header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, length_said, sizeof length_said);
    unsigned long length = strtoul(length_said, NULL, 10);
    if (exchange->request.method == METHOD_NONE || exchange->request.path[0] == 0) {
        refuse(exchange, 405);
    } else if (length > HTTP_UPLOAD_MAX) {
        http->counts.too_big++;
        refuse(exchange, 413);
    } else if (!exchange->request.own_origin) {
        http->counts.foreign_origin++;
        refuse(exchange, 403);
    } else if ((status = judge_length(exchange, length)) != 0) {
        http->counts.too_big++;
        refuse(exchange, status);
    } else if (length == 0) {
        hand_up(exchange);
    } else if (!(exchange->body = malloc(length + 1))) {
        return -1;
    } else {
        exchange->body_room = length;
    }
    return 0;
}

static int take_body(struct http_slot *slot, const char *bytes, size_t size)
{
    struct exchange *exchange = slot->exchange;
    if (!exchange || exchange->answered || exchange->handed_up)
        return 0;
    if (size > exchange->body_room - exchange->body_size)
        return -1;
    memcpy(exchange->body + exchange->body_size, bytes, size);
    exchange->body_size += size;
    exchange->body[exchange->body_size] = 0;
    return 0;
}

static struct http *http_of(struct lws *wsi)
{
    return lws_context_user(lws_get_context(wsi));
}

/* An upgrade is refused before it happens: another origin, another path, too many. */
static int confirm_upgrade(struct http *http, struct lws *wsi)
{
    char path[16];
    unsigned status = 0;
    copy_header(wsi, WSI_TOKEN_GET_URI, path, sizeof path);
    if (strcmp(path, "/ws") != 0) {
        status = 404;
    } else if (!is_own_origin(wsi, true)) {
        http->counts.foreign_origin++;
        status = 403;
    } else if (http->counts.sockets >= HTTP_SOCKETS_MAX) {
        status = 503;
    }
    if (status == 0)
        return 0;
    http->counts.refused++;
    return lws_return_http_status(wsi, status, NULL) < 0 ? -1 : 1;
}

static int on_http(struct lws *wsi, enum lws_callback_reasons reason, void *slot_given, void *in,
                   size_t size)
{
    struct http_slot *slot = slot_given;
    switch ((int)reason) {
    case LWS_CALLBACK_HTTP:
        return begin_exchange(http_of(wsi), wsi, slot, in);
    case LWS_CALLBACK_HTTP_BODY:
        return take_body(slot, in, size);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        if (slot->exchange && !slot->exchange->answered && !slot->exchange->handed_up)
            hand_up(slot->exchange);
        return 0;
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return write_exchange(slot);
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return confirm_upgrade(http_of(wsi), wsi);
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return -1; /* a WebSocket without our subprotocol */
    case LWS_CALLBACK_CLOSED_HTTP:
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
        if (slot) {
            exchange_close(slot->exchange);
            slot->exchange = NULL;
        }
        return 0;
    default:
        return 0;
    }
}

/* --------------------------------------------------------------------------------- WebSocket */

void peer_wake(struct peer *peer)
{
    if (peer->closing)
        return;
    lws_callback_on_writable(peer->wsi);
    if (peer->screen && screen_ended(peer->screen) != SCREEN_CLOSE_NONE)
        lws_set_timeout(peer->wsi, PENDING_TIMEOUT_USER_REASON_BASE, CLOSE_S);
}

static int filter_socket(struct http *http, struct lws *wsi, struct peer *peer)
{
    *peer = (struct peer){ .http = http, .wsi = wsi, .request = malloc(sizeof(struct request)) };
    if (!peer->request)
        return -1;
    read_request(wsi, peer->request, "/ws");
    return 0;
}

static int open_socket(struct peer *peer)
{
    struct http *http = peer->http;
    http->counts.sockets++;
    http->counts.sockets_opened++;
    peer->screen = http->handlers->opened(http->owner, peer, peer->request, &peer->code);
    free(peer->request);
    peer->request = NULL;
    if (!peer->screen)
        lws_callback_on_writable(peer->wsi);
    return 0;
}

static void close_socket(struct peer *peer)
{
    if (!peer->http || peer->request) { /* never established */
        free(peer->request);
        peer->request = NULL;
        return;
    }
    peer->http->counts.sockets--;
    if (peer->screen)
        peer->http->handlers->closed(peer->http->owner, peer->screen);
    free(peer->frame);
    *peer = (struct peer){ 0 };
}

static int say_close(struct peer *peer, enum screen_close code)
{
    lws_close_reason(peer->wsi, (enum lws_close_status)code, NULL, 0);
    return -1;
}

/* libwebsockets 4.1 takes -1 from a writable callback for a dead socket and sends no close frame;
 * this way it does, and waits for the peer's. */
static int say_close_writing(struct peer *peer, enum screen_close code)
{
    (void)say_close(peer, code);
    peer->closing = true;
    lws_set_timeout(peer->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC);
    return 0;
}

static int write_socket(struct peer *peer)
{
    struct http *http = peer->http;
    struct standing standing;
    size_t size = 0;
    if (peer->closing)
        return 0;
    if (!peer->screen)
        return say_close_writing(peer, peer->code);
    http->handlers->stand(http->owner, &standing);
    char *frame = screen_next(peer->screen, &standing, http->scratch + PARCEL_HEADROOM, &size);
    if (screen_ended(peer->screen) != SCREEN_CLOSE_NONE)
        return say_close_writing(peer, screen_ended(peer->screen));
    if (!frame)
        return 0;
    if (lws_write(peer->wsi, (unsigned char *)frame, size, LWS_WRITE_TEXT) < (int)size)
        return -1;
    http->counts.frames_sent++;
    lws_callback_on_writable(peer->wsi);
    return 0;
}

static int take_piece(struct peer *peer, const char *bytes, size_t size)
{
    struct http *http = peer->http;
    struct standing standing;
    if (!peer->screen || screen_ended(peer->screen) != SCREEN_CLOSE_NONE)
        return 0;
    if (lws_frame_is_binary(peer->wsi))
        return say_close(peer, SCREEN_CLOSE_POLICY);
    if (peer->frame_size + size > SCREEN_FRAME_MAX) {
        http->counts.too_big++;
        return say_close(peer, SCREEN_CLOSE_TOO_BIG);
    }
    char *frame = realloc(peer->frame, peer->frame_size + size + 1);
    if (!frame)
        return -1;
    peer->frame = frame;
    memcpy(frame + peer->frame_size, bytes, size);
    peer->frame_size += size;
    if (!lws_is_final_fragment(peer->wsi) || lws_remaining_packet_payload(peer->wsi) > 0)
        return 0;
    http->counts.frames_taken++;
    http->handlers->stand(http->owner, &standing);
    screen_take(peer->screen, &standing, frame, peer->frame_size);
    free(frame);
    peer->frame = NULL;
    peer->frame_size = 0;
    return 0;
}

static int on_socket(struct lws *wsi, enum lws_callback_reasons reason, void *peer_given, void *in,
                     size_t size)
{
    struct peer *peer = peer_given;
    switch ((int)reason) {
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return confirm_upgrade(http_of(wsi), wsi);
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return filter_socket(http_of(wsi), wsi, peer);
    case LWS_CALLBACK_ESTABLISHED:
        return open_socket(peer);
    case LWS_CALLBACK_RECEIVE:
        return take_piece(peer, in, size);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return write_socket(peer);
    case LWS_CALLBACK_CLOSED:
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
        if (peer)
            close_socket(peer);
        return 0;
    default:
        return 0;
    }
}

/* ---------------------------------------------------------------------------------- listener */

static const struct lws_protocols protocols[] = {
    { .name = "http", .callback = on_http, .per_session_data_size = sizeof(struct http_slot) },
    { .name = "yihao.v1+json",
      .callback = on_socket,
      .per_session_data_size = sizeof(struct peer),
      .rx_buffer_size = 4096 },
    { 0 },
};

static const lws_retry_bo_t liveness = { .secs_since_valid_ping = HTTP_PING_S,
                                         .secs_since_valid_hangup = HTTP_SILENT_S };

/* The library's own lines: errors and warnings only, one form for all. */
static void on_library_line(int level, const char *line)
{
    static struct log_limit limit;
    if (log_allowed(&limit))
        log_line(level == LLL_ERR ? LOG_WARN : LOG_DEBUG, "websockets: %.*s",
                 (int)strcspn(line, "\n"), line);
}

int http_open(struct http **http, const struct http_settings *settings,
              const struct http_handlers *handlers, void *owner)
{
    struct http *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->handlers = handlers;
    fresh->owner = owner;
    fresh->secure = settings->certificate != NULL;
    lws_set_log_level(LLL_ERR | LLL_WARN, on_library_line);
    void *loops[1] = { settings->loop };
    struct lws_context_creation_info info = {
        .port = settings->port,
        .iface = settings->address,
        .protocols = protocols,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND |
                   (fresh->secure ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0U),
        .foreign_loops = loops,
        .keepalive_timeout = KEEPALIVE_S,
        .retry_and_idle_policy = &liveness,
        .ssl_cert_filepath = settings->certificate,
        .ssl_private_key_filepath = settings->key,
        .server_string = "yihao",
        .user = fresh,
    };
    fresh->context = lws_create_context(&info);
    if (!fresh->context || !lws_create_vhost(fresh->context, &info)) {
        if (fresh->context)
            lws_context_destroy(fresh->context);
        free(fresh);
        return -EADDRINUSE;
    }
    *http = fresh;
    return 0;
}

void http_close(struct http *http)
{
    if (!http)
        return;
    lws_context_destroy(http->context);
    free(http);
}

void http_count(const struct http *http, struct http_counts *counts)
{
    *counts = http->counts;
}
