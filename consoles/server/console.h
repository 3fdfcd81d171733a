/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * console: the server as a whole: bus on one side, browsers on the other, the replica between. One
 * thread, one loop. console.c follows the bus, viewer.c serves the sockets, api.c the requests. */
#ifndef CONSOLES_SERVER_CONSOLE_H
#define CONSOLES_SERVER_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "base/metrics.h"
#include "consoles/server/aml_post.h"
#include "consoles/server/attach.h"
#include "consoles/server/citizen.h"
#include "consoles/server/dictionary.h"
#include "consoles/server/export.h"
#include "consoles/server/history.h"
#include "consoles/server/http.h"
#include "consoles/server/pages.h"
#include "consoles/server/passage.h"
#include "consoles/server/print.h"
#include "consoles/server/replica.h"
#include "consoles/server/session.h"
#include "consoles/server/throttle.h"
#include "consoles/server/waiting.h"
#include "gateways/link/link.h"
#include "proto/settings.h"
#include "proto/suite.h"

enum {
    CONSOLE_SIGN_INS_MAX = 16, /* on their way: each costs the dispatcher an Argon2id */
    CONSOLE_LEAVINGS = 20,     /* of one address to the sign-in provider; one comes back a second */
    CONSOLE_LEAVING_REGAIN_MS = 1000,
    CONSOLE_BEAT_MS = 1000,
    CONSOLE_IDLE_MS = 15 * 60 * 1000, /* until the city says otherwise */
    CONSOLE_DRAIN_MS = 2000,
    CONSOLE_DRAIN_STEP_MS = 50,
    CONSOLE_PATH_BYTES = 512
};

struct console_options {
    const char *home;
    const char *name;
    const char *web; /* folder of the pages */
    const char *address;
    uint16_t port;
    uint16_t metrics_port;   /* 0: none */
    const char *certificate; /* NULL: no TLS */
    const char *key;
    struct link_settings link;
    const struct suite *suite;        /* of the digests that are made here; NULL: the default */
    const struct oidc_settings *oidc; /* the city's sign-in provider, NULL: none */
};

/* A socket of a signed-in user. */
struct viewer {
    struct console *console;
    struct screen *screen; /* NULL: free */
    struct peer *peer;
    struct session *session; /* NULL: it ended, the socket is closing */
};

struct console_counts {
    uint64_t commands, queries, refused, sign_ins, sign_ins_refused, malformed, slow;
    uint64_t aml, aml_refused;
};

/* Telephones' forms of the running second. */
struct aml_pace {
    uint64_t second;
    uint32_t count;
};

struct console {
    const char *name;
    const char *home;
    uv_loop_t loop;
    uv_poll_t link_poll;
    uv_prepare_t link_prepare;
    uv_timer_t link_timer;
    uv_timer_t beat_timer;
    uv_signal_t signals[2];
    uv_timer_t drain_timer;
    uv_poll_t metrics_poll;
    struct metrics *metrics;
    struct link *link;
    struct replica *replica;
    struct sessions *sessions;
    struct pages *pages;
    struct page map; /* the city's own, from HOME/city/map.geojson; no bytes: there is none */
    struct dictionary *dictionary;
    struct citizens *citizens;
    struct history *history;
    struct http *http;
    struct waiting waiting;
    const struct suite *suite;        /* of the digests that are made here */
    const struct oidc_settings *oidc; /* NULL: none */
    struct passages passages;
    struct throttle leavings;
    struct exports exports;
    struct prints prints;
    struct attachings attachings;
    struct viewer viewers[HTTP_SOCKETS_MAX];
    struct console_counts counts;
    struct aml_senders aml_senders;
    struct aml_pace aml_pace;
    uint64_t heard_ms; /* monotonic; the dispatcher's last sign of life */
    uint64_t epoch;
    uint64_t idle_ms; /* PARAMETER_LOCK_IDLE_MS */
    bool draining;
    uint64_t drain_until_ms;
    int status; /* of the replica: not 0 stops the program */
    struct answer answer;
};

/* Opens everything and listens; *console is the caller's memory. Returns 0 or a negative errno after
 * a log line that says what to do. */
int console_open(struct console *console, const struct console_options *options);

/* Runs until SIGTERM or SIGINT was answered and the sockets are gone. Returns 0, or what made the
 * replica unusable. */
int console_run(struct console *console);
void console_close(struct console *console);

/* ---- between the parts */

void console_stand(const struct console *console, struct standing *standing);
bool console_is_up(const struct console *console);

/* Ends a session here: its screens close with this code, its token is wiped. Its person's others go on. */
void console_drop_session(struct console *console, struct session *session, enum screen_close code);

/* figures.c: for Prometheus. */
void figures_write(const struct console *console, struct text *text);

/* api.c: HTTP requests, and what a screen asks. */
void api_request(struct console *console, struct exchange *exchange, const struct request *request);
void api_screen_command(struct console *console, struct screen *screen, const char *name,
                        const json_t *body);
void api_screen_query(struct console *console, struct screen *screen, const char *name,
                      const json_t *body);

/* api.c: what the dispatcher answered, or that it did not in time. */
void api_outcome(struct console *console, const struct waiter *waiter,
                 const struct outcome *outcome);
void api_reply(struct console *console, const struct waiter *waiter, const struct answer *answer);
void api_late(struct console *console, const struct waiter *waiter);

/* api.c: answers into console->answer, as far as the user may see it; sends a command to the dispatcher, and the
 * waiter hears the outcome; false: it was refused, and the waiter heard that already. */
enum refusal api_ask_replica(struct console *console, const struct user_row *user,
                             struct query *query);
bool api_submit(struct console *console, const struct session *session, struct waiter *waiter,
                const struct command *command, const struct personal *personal);

/* api.c: an answer, which takes over the object; a refusal (words may be NULL); whose request it is, NULL
 * when that session is over. */
void api_answer(struct exchange *exchange, unsigned status, json_t *object);
void api_refuse(struct exchange *exchange, enum refusal refusal, const char *words);
struct session *api_session(struct console *console, const struct waiter *waiter);

/* sign_in.c: who sits there: signs in, proves it once more, is away from the screen. */
void sign_in_take(struct console *console, struct exchange *exchange, const json_t *body);
void sign_in_prove(struct console *console, const struct session *session,
                   struct exchange *exchange, const json_t *body);
void sign_in_answered(struct console *console, const struct waiter *waiter,
                      const struct signed_in *signed_in);
void sign_in_out(struct console *console, struct session *session, struct exchange *exchange);
void sign_in_tell(const struct console *console, const struct session *session,
                  struct exchange *exchange);
void sign_in_lock(struct console *console, struct session *session, struct exchange *exchange);
void sign_in_lock_idle(struct console *console);
bool sign_in_is_crowded(const struct console *console);

/* sign_in_oidc.c: to the city's sign-in provider; back from it, with a session to prove it once more; what
 * came of it. */
void sign_in_leave(struct console *console, struct exchange *exchange,
                   const struct request *request);
void sign_in_return(struct console *console, const struct session *session,
                    struct exchange *exchange, const json_t *body);
void sign_in_passed(struct console *console, const struct exchange *exchange, enum refusal refusal);

/* recording.c: a recording's bytes, as the request's range says: as a WAV, opened in memory with the key that the
 * dispatcher granted, or, asked for with "sealed=1", as they lie on disk. Each listener is in the trail first:
 * recording_must_ask() tells whether this request still needs its event; recording_seq(), which event's key
 * it is about (0: there is no recording). */
bool recording_must_ask(const struct session *session, const struct request *request,
                        uint64_t contact);
uint64_t recording_seq(struct console *console, uint64_t contact);
void recording_answer(struct console *console, struct exchange *exchange,
                      const struct heard *heard);

/* viewer.c: sockets. */
extern const struct screen_handlers viewer_screen_handlers;
struct screen *viewer_open(struct console *console, struct peer *peer,
                           const struct request *request, enum screen_close *code);
void viewer_close(struct console *console, struct screen *screen);
void viewer_lock_all(struct console *console, const struct session *session);
void viewer_notice_all(struct console *console, bool beat);
void viewer_end_all(struct console *console, const struct session *session, enum screen_close code);

#endif
