/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * switchboard: the exchange between a fake stack, a fake bus and fake sound, the clock turned by hand:
 * the world of the stories of calls. */
#ifndef TESTS_STORY_SWITCHBOARD_H
#define TESTS_STORY_SWITCHBOARD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateways/trunk/exchange.h"
#include "tests/fake/fake_link.h"
#include "tests/fake/fake_media.h"
#include "tests/fake/fake_stack.h"
#include "tests/fake/transcript.h"

enum {
    FIRST_CALL = 1000,
    WALL_MS = 1000000
};

struct world {
    struct exchange *exchange;
    struct registrar *registrar;
    struct stack *stack;
    struct link *link;
    struct media *media;
    uint64_t now_ms;
    uint64_t invite; /* the last caller's transaction */
    int callers;
};

extern const char sdp[];

int set_up(void **state);
/* The same with an exchange of other settings; address, lines and numbers are the switchboard's. What
 * happened in the first tick is still to be taken. */
int set_up_with(void **state, const struct exchange_settings *own);

/* Nothing may be left behind when the calls are over. */
int tear_down(void **state);
void expect(const char *story);
void wait_for(struct world *w, uint64_t ms);
struct sip_message message_of(struct world *w, enum sip_method method, const char *user);
void call_in(struct world *w, const char *user, const char *description);

/* A request of the caller inside the dialog. */
void inside(struct world *w, enum sip_method method, const char *tag, uint32_t cseq,
            const char *description);
void acknowledge(struct world *w, const char *description);
void caller_waits(struct world *w, const char *line);
void offer(struct world *w, uint64_t number);
void both_talk(struct world *w);

#endif
