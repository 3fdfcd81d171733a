/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as SIP from a stranger: the whole stack hears them (filter, parser, transactions,
 * exchange), once as a datagram and once as a stream, and answers them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/require.h"
#include "gateways/trunk/exchange.h"
#include "tests/fake/fake_link.h"
#include "tests/fake/fake_media.h"
#include "tests/fake/fake_wire.h"
#include "tests/fake/transcript.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct city {
    struct exchange *exchange;
    struct registrar *registrar;
    struct stack *stack;
    struct link *link;
    struct media *media;
};

static void open_city(struct city *city)
{
    struct exchange_settings settings = { .address = "127.0.0.1",
                                          .lines_path = "/nonexistent/lines",
                                          .first_call = 1 };
    struct stack_settings stack = { .address = "127.0.0.1", .port = 5060, .t1_ms = 1 };
    log_open("fuzz", LOG_ERROR);
    REQUIRE(registrar_open(&city->registrar, "/nonexistent/phones", "city") == 0);
    settings.registrar = city->registrar;
    city->exchange = exchange_create(&settings);
    city->link = fake_link_make(&exchange_link_handlers, city->exchange);
    city->media = fake_media_make();
    REQUIRE(stack_open(&city->stack, &stack, &exchange_stack_handlers, city->exchange) == 0);
    exchange_connect(city->exchange, city->stack, city->link, city->media);
}

static void turn(struct city *city, uint64_t now)
{
    exchange_tick(city->exchange, now, 1000000 + now);
    (void)stack_turn(city->stack, now);
    fake_link_outcome(city->link, REFUSAL_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct city city;
    static uint64_t now = 1000;
    if (!city.exchange)
        open_city(&city);
    fake_wire_hear_datagram((const char *)bytes, size);
    turn(&city, ++now);
    fake_wire_hear_stream((const char *)bytes, size);
    turn(&city, ++now);
    now += EXCHANGE_TICK_MS;
    exchange_release_all(city.exchange);
    turn(&city, now);
    (void)transcript_take();
    return 0;
}
