/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * text_centre: a message centre for benches, nothing but a socket and the octets of SMPP 3.4: it
 * delivers citizens' texts, answers what it is sent and gives receipts. And the home its gateway runs in. */
#ifndef TESTS_BENCH_TEXT_CENTRE_H
#define TESTS_BENCH_TEXT_CENTRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/fake/home.h"

struct text_centre {
    int listener;
    uint16_t port;
    int fd; /* of the gateway's connection */
    uint8_t in[1 << 20];
    size_t in_count;
    uint8_t out[1 << 22];
    size_t out_count;
    uint32_t sequence;
    bool holds;    /* takes texts and does not answer them … */
    bool receipts; /* … or answers and gives a receipt for each */
    struct {
        uint32_t sequence;
        char number[24];
    } held[256];
    uint32_t held_count;
    uint64_t answered, refused; /* of what was delivered: citizens' texts and receipts */
    uint64_t submitted;
};

void text_centre_open(struct text_centre *centre);
/* Waits for the gateway's connection. */
void text_centre_accept(struct text_centre *centre);

/* Forty characters from the citizen, never twice the same; they leave with the next turn or flush. */
void text_centre_deliver(struct text_centre *centre, const char *dest, uint64_t citizen,
                         uint64_t number);
void text_centre_flush(struct text_centre *centre);
/* Reads and answers what there is, without waiting. */
void text_centre_turn(struct text_centre *centre);
/* Answers what it held. */
void text_centre_release(struct text_centre *centre);

/* A gateway sms-1 of this home bound to the centre with this window, `takers` more users who take
 * contacts of all lines (logins from TEXT_TAKERS_FIRST), and no pauses between contacts. Before the
 * dispatcher starts. */
enum {
    TEXT_TAKERS_FIRST = 10001
};
void text_home(const struct home *home, const struct text_centre *centre, unsigned window,
               unsigned takers);
pid_t text_gateway_start(const struct home *home, const char *program);
double text_cpu_s(pid_t process); /* that it used so far, all its threads */
double text_resident_mib(pid_t process);

#endif
