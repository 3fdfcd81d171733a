/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/aml_post.h"

#include <string.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/text.h"
#include "consoles/server/console.h"
#include "proto/aml.h"
#include "proto/schema.h"

static struct log_limit refused_limit;

static void answer(struct exchange *exchange, unsigned status)
{
    exchange_answer(exchange, &(struct response){ .status = status });
}

/* In the clear it goes over the loopback alone: from a proxy that ends TLS. */
static bool is_private(const struct request *request)
{
    return request->secure || strcmp(request->address, "127.0.0.1") == 0 ||
           strcmp(request->address, "::1") == 0 ||
           strcmp(request->address, "::ffff:127.0.0.1") == 0;
}

static bool is_too_much(struct console *console)
{
    struct aml_pace *pace = &console->aml_pace;
    uint64_t second = clock_mono_ms() / 1000;
    uint32_t waiting = 0;
    if (pace->second != second)
        *pace = (struct aml_pace){ .second = second };
    for (uint32_t i = 0; i < console->waiting.count; i++)
        waiting += console->waiting.waiters[i].wait == WAIT_AML;
    return ++pace->count > AML_A_SECOND || waiting >= AML_WAITING_MAX;
}

/* The command of a form that is signed; the status that refuses it otherwise. */
static unsigned form_take(const struct console *console, const struct request *request,
                          struct command *command, struct personal *personal)
{
    struct aml aml;
    char number[32];
    uint8_t digest[16];
    size_t length;
    const char *signature;
    if (request->body_size == 0 || request->body_size > AML_BODY_MAX ||
        aml_read_form(&aml, request->body, request->body_size, number, &length, &signature) != 0)
        return 400;
    const char *end = request->body + request->body_size;
    size_t size = signature ? (size_t)(end - signature) : 0;
    const char *rest = signature ? memchr(signature, '&', size) : NULL;
    if (!signature || !aml_signer(&console->aml_senders, request->body, length, signature,
                                  rest ? (size_t)(rest - signature) : size))
        return 401;
    aml_command(&aml, FIX_MEANS_WEB, command, personal);
    (void)text_copy(personal->number, sizeof personal->number, number);
    (void)crypto_generichash(digest, sizeof digest, (const uint8_t *)request->body, length, NULL,
                             0);
    (void)text_copy(command->key, sizeof command->key, "aml-");
    hex_write(digest, sizeof digest, command->key + 4);
    return 200;
}

static void refuse(struct console *console, struct exchange *exchange, const char *address,
                   unsigned status)
{
    console->counts.aml_refused++;
    if (log_allowed(&refused_limit))
        log_warn("aml form refused status=%u from=%s", status, address);
    answer(exchange, status);
}

void aml_post(struct console *console, struct exchange *exchange, const struct request *request)
{
    struct waiter waiter = { .wait = WAIT_AML,
                             .exchange = exchange,
                             .until_ms = clock_mono_ms() + WAITING_MS };
    struct command command;
    struct personal personal;
    unsigned status = 503;
    schema_clear(SCHEMA_COMMAND, &command);
    schema_clear(SCHEMA_PERSONAL, &personal);
    if (console->aml_senders.count == 0)
        status = 404;
    else if (!is_private(request))
        status = 403;
    else if (!is_too_much(console))
        status = form_take(console, request, &command, &personal);
    if (status == 200 && (waiting_is_full(&console->waiting) || !console_is_up(console) ||
                          link_submit(console->link, &command, &personal, NULL, 0, &waiter.id) < 0))
        status = 503;
    sodium_memzero(&personal, sizeof personal);
    if (status != 200) {
        refuse(console, exchange, request->address, status);
        return;
    }
    console->counts.aml++;
    waiting_add(&console->waiting, &waiter);
}

void aml_outcome(struct console *console, const struct waiter *waiter,
                 const struct outcome *outcome)
{
    bool taken = outcome->refusal == REFUSAL_NONE;
    console->counts.aml_refused += !taken;
    answer(waiter->exchange, taken ? 200 : outcome->refusal == REFUSAL_MALFORMED ? 400 : 503);
}
