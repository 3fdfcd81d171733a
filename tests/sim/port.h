/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * port: a program's side of the bus: commands go in, outcomes and orders come out, both late, in
 * order, and sometimes after a silence. In a whole simulation it is the real gateways/link over
 * simulated wires; in a bare one a queue that delays. A process may die and come back. */
#ifndef TESTS_SIM_PORT_H
#define TESTS_SIM_PORT_H

#include "proto/message.h"
#include "tests/sim/kernel.h"

struct sim;
struct link;

enum {
    PORTS_MAX = 8,
    PORT_ORDERS_MAX = 4096, /* undelivered ones; a bare port keeps them for its process */
    PORT_SESSIONS_MAX = 512
};

/* Any may be NULL. The ticket is what port_submit() returned; 0: of an earlier life. */
struct port_handlers {
    /* Before its outcome, and also of an earlier life. */
    void (*refused)(void *owner, const struct command *said, uint32_t citizen,
                    enum refusal refusal);
    void (*outcome)(void *owner, uint64_t ticket, const struct outcome *outcome);
    void (*spooled)(void *owner, uint64_t ticket);
    void (*order)(void *owner, const struct order *order);
    void (*setup)(void *owner, const struct setup *setup);
    void (*up)(void *owner); /* a dispatcher answers again */
};

enum {
    ASKED_MAX = 1024 /* submissions whose beginning is remembered */
};

enum port_way {
    PORT_BOTH_WAYS,
    PORT_TO_DISPATCHER,
    PORT_FROM_DISPATCHER
};

/* A user's sign-in through a port of a whole simulation. */
struct port_session {
    uint32_t user;
    uint32_t token_size;
    uint8_t token[32];
    uint64_t asked; /* id of the sign-in on its way, 0: none */
    uint64_t asked_ms, opened_ms;
    struct parcel *waiting; /* commands until the token comes */
};

/* Who asks several dispatchers: the number of the question, the same when it is asked again, and the newest epoch that the
 * program has heard of: nobody of an older one is asked. */
struct asker {
    uint64_t serial, epoch;
};

/* What was submitted, and which event was the newest then. */
struct port_asked {
    uint64_t ticket, seq;
    uint32_t user; /* 0: the program itself */
};

struct port {
    struct sim *sim;
    uint32_t gateway; /* its row's number */
    char name[16];
    struct port_handlers handlers;
    void *owner;
    bool alive;
    bool keeps; /* its owner names what it kept of its former life */
    bool alone; /* its owner did without a dispatcher */
    uint64_t epoch;
    uint64_t cut_until_ms; /* nothing passes until then */
    enum port_way cut_way; /* or only in the other direction; of a whole one */
    uint64_t tickets;

    /* bare */
    struct parcel *first, *last; /* submissions on their way: none overtakes another */
    uint64_t arrives_ms;         /* when the last of them arrives */
    uint64_t orders_ms;
    uint64_t heard_ms; /* the dispatcher's last word, as far as anybody asked */
    bool fallen;       /* the dispatcher counts it as dead */
    uint64_t silent;   /* how often it fell silent; odd: it is */
    struct order *orders;
    uint32_t order_count;
    uint64_t order_seq;

    struct asker asker;

    /* whole */
    struct link *link;
    uint64_t wake_ms; /* when link_turn() is planned */
    struct port_session *sessions;
    uint32_t session_count;
    uint64_t followed;                  /* the last event the console has seen */
    struct port_asked asked[ASKED_MAX]; /* a ring */
    uint64_t reused_ticket;             /* of a submission under another one's key */
    char last_key[41];
    enum command_kind last_kind;
};

void port_open(struct port *port, struct sim *sim, uint32_t gateway, const char *name,
               const struct port_handlers *handlers, void *owner);
void port_close(struct port *port);

/* The process dies, or comes back as a new one. */
void port_die(struct port *port);
void port_rise(struct port *port);

/* Nothing passes between it and the dispatcher for so long; in a bare one, whichever way is meant. */
void port_cut(struct port *port, uint64_t for_ms, enum port_way way);

/* Submits for the gateway itself (user 0) or a user. citizen: who speaks, 0: nobody. */
uint64_t port_submit(struct port *port, const struct command *command, uint32_t user,
                     uint32_t citizen, const char *words);

/* How long it has heard nothing of a dispatcher; is there one now? */
uint64_t port_silent_ms(struct port *port);
bool port_is_up(const struct port *port);

/* The next hello says that its owner did without. */
void port_was_alone(struct port *port, bool alone);

/* The order and all before it are done. */
void port_done(struct port *port, uint64_t seq);

/* For port.c and wire.c: the owner hears of what was not taken. */
void port_refused(struct port *port, const struct command *said, uint32_t citizen,
                  const struct outcome *outcome);

/* ---- for the node of a bare simulation ------------------------------------------------------- */

void port_deliver(struct port *port, const struct order *order);

/* A submission on its way (or, in a whole simulation, waiting for its user's token). */
struct parcel {
    struct port *port;
    uint64_t ticket;
    uint64_t asked_seq; /* the newest durable event when it was asked for */
    uint32_t user;
    uint64_t epoch;
    struct command command;
    struct outcome outcome; /* on the way back */
    uint64_t serial;        /* of all questions there ever were */
    struct parcel *next;
};

#endif
