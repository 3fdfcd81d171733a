/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The seats' telephones register: the answer waits until the dispatcher, or the spool, knows where they are. */
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "gateways/trunk/call.h"

/* A plan's telephone is rung where it is now, with or without a dispatcher. */
static void learn_phone(struct exchange *exchange, const struct registration *registration)
{
    if (!dial_plan_learn(&exchange->plan, registration->user, registration->contact))
        return;
    int status = dial_plan_write(&exchange->plan, exchange->lines_path);
    if (status < 0)
        log_error("cannot write lines file=%s: %s", exchange->lines_path, strerror(-status));
}

void registers_hear(struct exchange *exchange, uint64_t transaction,
                    const struct sip_message *request)
{
    struct registration registration;
    struct waiting_register *waiting = NULL;
    struct command command = { .kind = COMMAND_PHONE_REGISTER };
    exchange->counts.registers++;
    registrar_hear(exchange->registrar, request, exchange->wall_ms, &registration);
    for (int i = 0; i < EXCHANGE_REGISTERS_MAX && !waiting; i++)
        if (exchange->registers[i].ticket == 0)
            waiting = &exchange->registers[i];
    if (registration.status != 200 || registration.query || !waiting) {
        int status = registration.status == 200 && !registration.query ? 503 : registration.status;
        exchange_reply(exchange, transaction, status, registration.headers);
        return;
    }
    command.phone_register.user = registration.user;
    (void)text_copy(command.phone_register.phone, sizeof command.phone_register.phone,
                    registration.contact);
    command.phone_register.until_ms =
        registration.expires ? exchange->wall_ms + registration.expires * 1000ULL : 0;
    if (exchange_report(exchange, &command, NULL, &waiting->ticket) < 0) {
        waiting->ticket = 0;
        exchange_reply(exchange, transaction, 503, NULL);
        return;
    }
    waiting->transaction = transaction;
    memcpy(waiting->headers, registration.headers, sizeof waiting->headers);
    if (registration.contact[0])
        learn_phone(exchange, &registration);
    if (registration.contact[0])
        stack_reuse(exchange->stack, &request->source, registration.contact);
}

bool registers_settle(struct exchange *exchange, uint64_t ticket, enum refusal refusal)
{
    for (int i = 0; i < EXCHANGE_REGISTERS_MAX; i++) {
        struct waiting_register *waiting = &exchange->registers[i];
        if (waiting->ticket != ticket)
            continue;
        int status = refusal == REFUSAL_NONE ? 200 : refusal == REFUSAL_NO_SUCH_USER ? 404 : 503;
        exchange_reply(exchange, waiting->transaction, status,
                       status == 200 ? waiting->headers : NULL);
        waiting->ticket = 0;
        return true;
    }
    return false;
}
