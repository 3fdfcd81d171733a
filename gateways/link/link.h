/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * link: a program's side of the bus. It keeps what was submitted until the dispatcher answered that
 * the journal holds it, sends it again after silence or reconnection, and passes orders, answers and
 * publications up. One thread, one owner; callbacks run inside link_turn().
 *
 * Certainty (docs/decisions/0004-link.md): a submission is accepted when its outcome arrives, or,
 * when it was not answered for LINK_SILENCE_MS (at once while the link is known to be down), when it
 * lies fsynced in the spool file; the spool is delivered first after reconnection and after a
 * restart. What is neither yet survives the process alone (pending.h). ZeroMQ's own acceptance means nothing.
 *
 * Sockets: DEALER for commands, SUB for events, CURVE on both; no ZMQ_HEARTBEAT_* on a connecting
 * socket (libzmq 4.3.4 may abort); heartbeats are Ping/Pong, 1 s, dead after 3 s. */
#ifndef GATEWAYS_LINK_LINK_H
#define GATEWAYS_LINK_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/message.h"

enum {
    LINK_WINDOW = 256,        /* submissions on their way and not answered */
    LINK_WAITING_MAX = 16384, /* submissions kept behind the window, then -ENOBUFS */
    LINK_PING_MS = 1000,
    LINK_DEAD_MS = 3000,
    LINK_GONE_MS = 300, /* with a twin: nothing heard for so long, and no connection to send by */
    LINK_TRY_MS = 1000, /* with a twin: so long each of the two is asked in turn */
    LINK_KEYS_MS = 200, /* the keys are looked at so often */
    LINK_SILENCE_MS = 500, /* an unanswered submission goes to the spool after this */
    LINK_RESEND_MS = 300
};

struct link;

struct link_settings {
    const char *name;       /* the program's name on the bus and in its key files */
    const char *endpoint;   /* the dispatcher's commands socket, tcp://… */
    const char *twin;       /* the other dispatcher's, which may lead some day; NULL or "": none */
    char server_public[41]; /* z85 */
    char public_key[41];
    char secret_key[41];
    const char *
        home; /* whose keys/ is watched: a renewed key is taken up without a stop; NULL: nobody's */
    const char *spool_path; /* file; NULL: nothing is spooled (consoles, command line) */
    const char
        *pending_path; /* with a spool: file of what a killed process had said; NULL: it is lost */
    uint64_t least_epoch; /* this life is a later one than that, whatever the clock says; 0: any */
    bool keeps;           /* the owner names the calls that its new process took up (ContactKeep) */
    bool subscribe;       /* follow the event stream */
    uint64_t after;       /* with subscribe: the last event the owner holds */
};

/* Any of these may be NULL. Pointers are borrowed for the call. `ticket` is what link_submit()
 * returned; tickets of an earlier process (delivered from the spool) are 0. */
struct link_handlers {
    void (*up)(void *owner, const struct welcome *welcome);
    void (*down)(void *owner);
    void (*outcome)(void *owner, uint64_t ticket, const struct outcome *outcome);
    /* Comes before the outcome of what the dispatcher did not take (ALREADY is taken), whichever process
     * submitted it: the command and what came beside it, until the owner submits or asks again. */
    void (*refused)(void *owner, const struct submit *submit, enum refusal refusal);
    void (*spooled)(void *owner, uint64_t ticket); /* durable here; the outcome comes later */
    void (*order)(void *owner, const struct order *order); /* each seq once, in order */
    void (*setup)(void *owner, const struct setup *setup);
    void (*reply)(void *owner, uint64_t id, const struct answer *answer);
    void (*signed_in)(void *owner, const struct signed_in *answer);
    /* Stored events in order without a gap, from history first, then live; the link fetches what it
     * missed by itself. A heartbeat has row == NULL and tells how far the dispatcher is. */
    void (*event)(void *owner, uint64_t epoch, uint64_t seq, const struct stored_event *row);
};

/* Opens the link and starts connecting; reads the spool. Returns 0 and *link (close with
 * link_close()), or a negative errno: -EINVAL for a bad key or endpoint, the spool's error. */
int link_open(struct link **link, const struct link_settings *settings,
              const struct link_handlers *handlers, void *owner);
void link_close(struct link *link);

/* A descriptor that becomes readable when link_turn() has something to do; for epoll or uv_poll. */
int link_fd(const struct link *link);

/* Does all that waits. Must be called after link_fd() was readable, after every other call of this
 * header, and before the owner sleeps. Returns the milliseconds until it wants to be called again. */
int link_turn(struct link *link, uint64_t mono_ms);

bool link_is_up(const struct link *link);

/* How long nothing was heard of a dispatcher; since the first turn when there was never a word. */
uint64_t link_silent_ms(const struct link *link, uint64_t mono_ms);

/* The owner did without a dispatcher: the next hello says so, and what it did then is told before the
 * dispatcher offers any of its calls to anybody (docs/decisions/0019-survival.md). */
void link_was_alone(struct link *link, bool alone);

/* The life of this process as the dispatcher knows it; another one when the dispatcher lost its past. */
uint64_t link_epoch(const struct link *link);

/* Submits a command (key empty: the link makes one). personal and token may be NULL. Returns 0 and
 * *ticket, or -ENOBUFS when too much waits, or the spool's error. */
int link_submit(struct link *link, const struct command *command, const struct personal *personal,
                const uint8_t *token, size_t token_size, uint64_t *ticket);

/* The order (and all before it) is done for certain; it will not come again. */
void link_order_done(struct link *link, uint64_t seq);

/* Asks; the reply comes by its id. -ENOTCONN while down. */
int link_ask(struct link *link, const struct query *query, const uint8_t *token, size_t token_size,
             uint64_t *id);
/* code: the one-time code of who has one, else "". */
int link_sign_in(struct link *link, const char *login, const char *password, const char *code,
                 uint64_t *id);
/* What came back from the city's sign-in provider: takes over the place of login and password. token: of the
 * session that proves itself once more, NULL: a new one. -EINVAL for what is too long. */
struct link_grant {
    const char *grant, *verifier, *nonce, *issuer; /* issuer: "" when it did not say */
    uint64_t since_ms;                             /* wall; 0: whenever */
};
int link_grant(struct link *link, const struct link_grant *grant, const uint8_t *token,
               size_t token_size, const char *code, uint64_t *id);
/* The session proves itself once more: signed_in brings the token that takes the place of this one. */
int link_prove(struct link *link, const uint8_t *token, size_t token_size, const char *password,
               const char *code, uint64_t *id);
int link_sign_out(struct link *link, const uint8_t *token, size_t token_size);

/* A witness's signature on a checkpoint; nothing comes back. */
int link_cosign(struct link *link, uint64_t seq, const struct cosignature *cosignature);

/* For metrics. */
struct link_counts {
    uint64_t submitted, resent, spooled, outcomes, orders, orders_repeated, objections, reconnects,
        garbage;
    uint32_t waiting;
};
void link_count(const struct link *link, struct link_counts *counts);

#endif
