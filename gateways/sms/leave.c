/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/leave.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

void leave_init(struct leave *leave, struct outbox *outbox, const struct centres *centres,
                uint64_t life, uint64_t mono_ms)
{
    *leave = (struct leave){
        .outbox = outbox, .centres = centres, .able_ms = mono_ms, .look_ms = mono_ms, .life = life
    };
}

/* -------------------------------------------------------------------------------------- asking */

/* Asks for leave to send; a spooled question is answered later. */
static void ask(struct leave *leave)
{
    while (leave->asks_open < LEAVE_ASKS_MAX) {
        struct command command = { .kind = COMMAND_TEXT_SEND };
        uint32_t slot = 0;

        while (leave->asks[slot].ticket != 0)
            slot++;
        uint64_t *texts = leave->asks[slot].texts;
        uint32_t count = outbox_next_asks(leave->outbox, texts);
        if (count == 0)
            return;
        struct text key = text_into(command.key, sizeof command.key);
        text_print(&key, "send-%" PRIx64 "-%" PRIx64, leave->life, ++leave->asked);
        command.text_send.texts_count = count;
        memcpy(command.text_send.texts, texts, count * sizeof *texts);
        if (link_submit(leave->link, &command, NULL, NULL, 0, &leave->asks[slot].ticket) != 0) {
            leave->asks[slot].ticket = 0;
            for (uint32_t i = 0; i < count; i++)
                outbox_ask_again(leave->outbox, texts[i], false);
            return;
        }
        leave->asks[slot].count = count;
        leave->asks_open++;
    }
}

/* A question of several that is refused is put again one by one: the answer does not say which of them is
 * another gateway's. */
static bool ask_settled(struct leave *leave, uint64_t ticket, enum refusal refusal,
                        uint64_t wall_ms)
{
    uint32_t i = 0;

    while (i < LEAVE_ASKS_MAX && (ticket == 0 || leave->asks[i].ticket != ticket))
        i++;
    if (i == LEAVE_ASKS_MAX)
        return false;
    leave->asks[i].ticket = 0;
    leave->asks_open--;
    for (uint32_t j = 0; j < leave->asks[i].count; j++) {
        uint64_t text = leave->asks[i].texts[j];

        if (refusal == REFUSAL_NONE || leave->asks[i].count == 1)
            outbox_leave(leave->outbox, text, refusal == REFUSAL_NONE, wall_ms);
        else
            outbox_ask_again(leave->outbox, text, true);
    }
    return true;
}

/* --------------------------------------------------------------------------------- giving back */

/* They are asked for again: who has them now, says the answer to that. */
static void returns_end(struct leave *leave, bool taken)
{
    leave->able_ticket = 0;
    for (uint32_t i = 0; i < leave->returned; i++) {
        if (!taken)
            outbox_keep(leave->outbox, leave->returns[i]);
        outbox_ask_again(leave->outbox, leave->returns[i], false);
    }
    if (leave->returned > 0 && !taken)
        leave->look_ms += LEAVE_AGAIN_MS;
    leave->returned = 0;
}

static bool return_settled(struct leave *leave, uint64_t ticket, bool taken)
{
    if (ticket == 0 || ticket != leave->able_ticket)
        return false;
    returns_end(leave, taken);
    return true;
}

static bool say_able(struct leave *leave, struct command *command)
{
    struct text_return *told = &command->text_return;
    struct text key = text_into(command->key, sizeof command->key);

    text_print(&key, "able-%" PRIx64 "-%" PRIx64, leave->life, ++leave->asked);
    leave->returned = told->texts_count;
    memcpy(leave->returns, told->texts, told->texts_count * sizeof *told->texts);
    if (link_submit(leave->link, command, NULL, NULL, 0, &leave->able_ticket) == 0)
        return true;
    returns_end(leave, false);
    return false;
}

/* Tells the dispatcher that no centre is within reach and gives back what was not sent; or that one is. */
static void tell_able(struct leave *leave, bool able)
{
    struct command command = { .kind = COMMAND_TEXT_RETURN };
    struct text_return *told = &command.text_return;

    if (leave->able_ticket != 0)
        return;
    told->able = able;
    told->texts_count = able ? 0 : outbox_give_back(leave->outbox, told->texts);
    if (leave->told_unable == !able && told->texts_count == 0)
        return;
    if (say_able(leave, &command))
        leave->told_unable = !able;
}

static void hand_over(struct leave *leave, uint64_t mono_ms, uint64_t wall_ms)
{
    struct command command = { .kind = COMMAND_TEXT_RETURN };
    struct text_return *told = &command.text_return;

    if (leave->able_ticket != 0 || mono_ms < leave->look_ms)
        return;
    leave->look_ms = mono_ms + LEAVE_LOOK_MS;
    told->able = true;
    told->texts_count = outbox_give_away(leave->outbox, wall_ms - LEAVE_UNABLE_MS,
                                         wall_ms - LEAVE_URGENT_MS, told->texts);
    if (told->texts_count > 0)
        (void)say_able(leave, &command);
}

/* Has any text a way out now? */
static bool is_able(const struct leave *leave)
{
    uint32_t i = 0;

    while (i < centres_count(leave->centres) && !centres_is_up(leave->centres, i))
        i++;
    return i < centres_count(leave->centres);
}

/* How long a way out is waited for before the twin shall send. */
static uint64_t patience_ms(const struct leave *leave)
{
    return outbox_urgent_waits(leave->outbox) ? LEAVE_URGENT_MS : LEAVE_UNABLE_MS;
}

/* --------------------------------------------------------------------------------- the owner */

void leave_look_out(struct leave *leave, uint64_t mono_ms, uint64_t wall_ms)
{
    if (is_able(leave)) {
        leave->able_ms = mono_ms;
        tell_able(leave, true);
        hand_over(leave, mono_ms, wall_ms);
        ask(leave);
    } else if (mono_ms - leave->able_ms >= patience_ms(leave)) {
        tell_able(leave, false);
    }
}

uint64_t leave_due(const struct leave *leave)
{
    return leave->told_unable || is_able(leave) ? UINT64_MAX : leave->able_ms + patience_ms(leave);
}

bool leave_settled(struct leave *leave, uint64_t ticket, enum refusal refusal, uint64_t wall_ms)
{
    return ask_settled(leave, ticket, refusal, wall_ms) ||
           return_settled(leave, ticket, refusal == REFUSAL_NONE);
}

bool leave_spooled(struct leave *leave, uint64_t ticket)
{
    return return_settled(leave, ticket, true);
}
