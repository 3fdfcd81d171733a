/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * window: which submissions are on their way. Pure numbers and times; the bytes lie in backlog.c.
 *
 * Submissions are numbered 1, 2, 3 … under an epoch. At most LINK_WINDOW of them are sent and not
 * answered; they are answered in order. Silence goes back to the oldest unanswered one and sends
 * from there again (go-back-N): the receiver takes numbers in order and answers a repeated one with
 * the stored answer, so nothing is lost and nothing happens twice (docs/decisions/0004-link.md). */
#ifndef GATEWAYS_LINK_WINDOW_H
#define GATEWAYS_LINK_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

enum {
    WINDOW_RESEND_MS_MAX = 2000 /* the pause doubles up to this while nothing is answered */
};

struct window {
    uint64_t epoch;
    uint64_t base; /* oldest unanswered */
    uint64_t next; /* next to send */
    uint64_t last; /* last given out; base - 1 when all is answered */
    uint64_t resend_at_ms;
    uint64_t pause_ms;
    uint64_t resent;    /* how many were sent again */
    uint64_t sent_last; /* highest number ever sent under this epoch */
};

/* Starts empty under an epoch, with number 1 next. */
void window_begin(struct window *window, uint64_t epoch);

/* Gives out the next number. The caller keeps the bytes until window_answer() takes it. */
uint64_t window_add(struct window *window);

uint64_t window_waiting(const struct window *window);

/* The number to send now, 0 when there is none: the window is full or all is on its way. */
uint64_t window_due(struct window *window, uint64_t now_ms);

/* The number window_due() told was handed to the socket. */
void window_sent(struct window *window, uint64_t now_ms);

/* The peer holds everything up to `committed` (it said so at Welcome): sending goes on at the
 * oldest unanswered number, whose stored answer the peer repeats. Returns false when that cannot be:
 * the peer remembers less than it once answered (it lost its memory), or more than was ever sent (the
 * epoch was used before). The caller then renumbers everything under a new epoch. */
bool window_resume(struct window *window, uint64_t committed, uint64_t now_ms);

/* An answer to number seq came. Returns true when it is the oldest one: it leaves the window. An
 * answer further on means that one was lost on the way: the oldest is asked for again at once. Any
 * other is old news. */
bool window_answer(struct window *window, uint64_t epoch, uint64_t seq, uint64_t now_ms);

/* When window_due() may have something because of time alone; UINT64_MAX: never. */
uint64_t window_wakes_ms(const struct window *window);

#endif
