/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/text.h"
#include "dispatcher/io/dispatcher.h"
#include "proto/access.h"

const struct roster_user *session_user(const struct dispatcher *dispatcher, const uint8_t *token,
                                       uint32_t size)
{
    uint64_t opened_ms = 0;
    uint32_t number =
        token_read(dispatcher->token_key, token, size, dispatcher->now_ms, &opened_ms);
    const struct roster_user *user = number ? roster_user(&dispatcher->roster, number) : NULL;
    bool valid = user && !user->row.retired && opened_ms > user->closed_ms;
    return valid ? user : NULL;
}

static void say_signed_in(struct dispatcher *dispatcher, const struct bus_sender *sender,
                          uint64_t id, enum refusal refusal)
{
    speech_begin(dispatcher, FRAME_SIGNED_IN);
    dispatcher->out.signed_in.id = id;
    dispatcher->out.signed_in.refusal = refusal;
    speech_say(dispatcher, sender->route);
    dispatcher->figures.sign_ins_refused++;
}

void session_ask(struct dispatcher *dispatcher, struct peer *peer, struct sign_in *sign_in)
{
    enum refusal refusal =
        checker_ask(dispatcher->checker, &peer->sender, sign_in, dispatcher->mono_ms);
    if (refusal != REFUSAL_NONE)
        say_signed_in(dispatcher, &peer->sender, sign_in->id, refusal);
}

/* A code that was left out is asked for; only a wrong answer is an event. */
static void refuse(struct dispatcher *dispatcher, const struct checked *checked,
                   const struct roster_user *user, enum refusal refusal)
{
    static struct command command;
    if (user && !checked->asked_without) {
        schema_clear(SCHEMA_COMMAND, &command);
        command.kind = COMMAND_SESSION_REFUSE;
        command.session_refuse.user = user->row.user;
        (void)text_copy(command.session_refuse.via, sizeof command.session_refuse.via,
                        checked->sender.name);
        turn_system(dispatcher, &command);
    }
    say_signed_in(dispatcher, &checked->sender, checked->id, refusal);
}

/* Who may see or change more than their own work signs in with two factors, where the city wants it. */
static bool lacks_factor(const struct dispatcher *dispatcher, const struct checked *checked,
                         const struct roster_user *user)
{
    return strcmp(dispatcher->settings->dispatcher.second_factor, "privileged") == 0 &&
           !checked->has_factor && (user->row.roles & ROLES_PRIVILEGED);
}

void session_checked(struct dispatcher *dispatcher, const struct checked *checked)
{
    static struct command command;
    const struct roster_user *user = roster_user_of_login(&dispatcher->roster, checked->login);
    if (!checked->right || !user) {
        refuse(dispatcher, checked, user, user ? checked->refusal : REFUSAL_BAD_PASSWORD);
        return;
    }
    if (lacks_factor(dispatcher, checked, user)) {
        refuse(dispatcher, checked, user, REFUSAL_CODE_WANTED);
        return;
    }
    schema_clear(SCHEMA_COMMAND, &command);
    command.kind = COMMAND_SESSION_OPEN;
    command.session_open.user = user->row.user;
    (void)text_copy(command.session_open.via, sizeof command.session_open.via,
                    checked->sender.name);
    turn_system(dispatcher, &command);
    if (dispatcher->verdict.refusal != REFUSAL_NONE) {
        say_signed_in(dispatcher, &checked->sender, checked->id, dispatcher->verdict.refusal);
        return;
    }
    dispatcher->figures.sign_ins++;
    speech_begin(dispatcher, FRAME_SIGNED_IN);
    struct signed_in *answer = &dispatcher->out.signed_in;
    /* Never within the same millisecond as a sign-out before it. */
    uint64_t opened_ms =
        dispatcher->now_ms > user->closed_ms ? dispatcher->now_ms : user->closed_ms + 1;
    answer->id = checked->id;
    answer->token_size = TOKEN_BYTES;
    token_make(dispatcher->token_key, user->row.user, opened_ms, answer->token);
    answer->has_user = true;
    answer->user = user->row;
    speech_say(dispatcher, checked->sender.route);
}

void session_close(struct dispatcher *dispatcher, const struct sign_out *sign_out)
{
    static struct command command;
    const struct roster_user *user =
        session_user(dispatcher, sign_out->token, sign_out->token_size);
    if (!user)
        return;
    schema_clear(SCHEMA_COMMAND, &command);
    command.kind = COMMAND_SESSION_CLOSE;
    command.actor_kind = ACTOR_KIND_USER;
    command.actor = user->row.user;
    command.session_close.user = user->row.user;
    turn_step(dispatcher, &command, NULL);
}
