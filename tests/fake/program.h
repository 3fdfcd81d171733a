/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * program: a program on the bus for tests: a link whose answers can be waited for, one at a time. */
#ifndef TESTS_FAKE_PROGRAM_H
#define TESTS_FAKE_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "gateways/link/link.h"
#include "tests/fake/home.h"

enum {
    PROGRAM_WAIT_MS = 20000,
    PROGRAM_ORDERS_MAX = 4096
};

struct program {
    struct link *link;
    struct link_settings settings;
    uint64_t reconnects; /* seen by program_wait_anew() */
    uint64_t ticket;     /* waited for */
    bool has_outcome;
    struct outcome outcome;
    uint64_t id;
    bool has_answer;
    struct answer answer;
    bool has_signed_in;
    struct signed_in signed_in;
    uint32_t order_count;
    struct order orders[PROGRAM_ORDERS_MAX];
    uint64_t event_count, event_gaps, event_last, told_last;
    uint32_t setups;
    uint32_t spooled;
    /* Told of everything when set; before program_run() for the first time. */
    void *owner;
    void (*on_event)(void *owner, const struct stored_event *row, const struct event *event);
    void (*on_outcome)(void *owner, uint64_t ticket, const struct outcome *outcome);
    void (*on_order)(void *owner, const struct order *order);
};

/* Connects under this name; spool_path may be NULL. after is the last event it holds when it
 * subscribes. */
struct program *program_open(const struct home *home, const char *name, const char *spool_path,
                             bool subscribe, uint64_t after);
void program_close(struct program *program);

/* One turn of the link, without waiting. */
void program_turn(struct program *program);

/* Lets the link work for some milliseconds. */
void program_run(struct program *program, uint64_t for_ms);

/* Until the link is up; ends the test after PROGRAM_WAIT_MS, as all that waits here. */
void program_wait_up(struct program *program);

/* Until it was connected anew since the last time, and is up. */
void program_wait_anew(struct program *program);

/* Submits and waits for the outcome. personal and token (32 bytes) may be NULL. */
const struct outcome *program_submit(struct program *program, const struct command *command,
                                     const struct personal *personal, const uint8_t *token);

const struct answer *program_ask(struct program *program, const struct query *query,
                                 const uint8_t *token);

/* token receives 32 bytes. */
enum refusal program_sign_in(struct program *program, const char *login, const char *password,
                             uint8_t token[32]);

/* The session proves itself once more; token becomes the new one. */
enum refusal program_prove(struct program *program, const char *password, uint8_t token[32]);

/* Waits until it has so many orders. */
void program_wait_orders(struct program *program, uint32_t count);

#endif
