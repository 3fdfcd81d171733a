/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <sodium.h>

#include "base/text.h"
#include "dispatcher/io/dispatcher.h"
#include "proto/access.h"
#include "proto/program.h"

const struct roster_user *session_user(const struct dispatcher *dispatcher, const uint8_t *bytes,
                                       uint32_t size, struct token *token)
{
    bool ours = token_read(dispatcher->token_key, bytes, size, dispatcher->now_ms, token);
    const struct roster_user *user = ours ? roster_user(&dispatcher->roster, token->user) : NULL;
    bool valid = user && !user->row.retired && token->opened_ms > user->closed_ms;
    return valid ? user : NULL;
}

bool session_is_proved(const struct dispatcher *dispatcher, const struct token *token)
{
    return dispatcher->now_ms <=
           token->proved_ms + core_parameter(dispatcher->core, PARAMETER_PROOF_MS);
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

bool session_is_by(const struct peer *peer, const char *login)
{
    const char *person = program_person(peer->sender.name);
    return !person || strcmp(person, login) == 0;
}

void session_ask(struct dispatcher *dispatcher, struct peer *peer, struct sign_in *sign_in)
{
    struct checker_who who = { .again = sign_in->token_size > 0 };
    enum refusal refusal = REFUSAL_NONE;
    const struct roster_user *user =
        who.again ? session_user(dispatcher, sign_in->token, sign_in->token_size, &who.token)
                  : roster_user_of_login(&dispatcher->roster, sign_in->login);
    if (who.again && user)
        (void)text_copy(sign_in->login, sizeof sign_in->login, user->row.login);
    else if (who.again)
        refusal = REFUSAL_NOT_SIGNED_IN;
    if (!session_is_by(peer, sign_in->login))
        refusal = REFUSAL_NOT_ALLOWED; /* another's key: the password is not even looked at */
    who.may_spare = user && (user->row.roles & dispatcher->spare_roles);
    who.may_own = user && (user->row.roles & dispatcher->own_roles);
    if (refusal == REFUSAL_NONE)
        refusal =
            checker_ask(dispatcher->checker, &peer->sender, sign_in, &who, dispatcher->mono_ms);
    checker_wipe(sign_in);
    if (refusal != REFUSAL_NONE)
        say_signed_in(dispatcher, &peer->sender, sign_in->id, refusal);
}

/* A code that was left out is asked for; only a wrong answer is an event. A login that does not exist
 * is one, too: the answer comes behind the same commit. */
static void refuse(struct dispatcher *dispatcher, const struct checked *checked,
                   const struct roster_user *user, enum refusal refusal)
{
    static struct command command;
    if (!checked->asked_without) {
        schema_clear(SCHEMA_COMMAND, &command);
        command.kind = COMMAND_SESSION_REFUSE;
        command.session_refuse.user = user ? user->row.user : 0;
        command.session_refuse.again = checked->again;
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

/* The event that lets them in, or tells that they proved themselves once more. */
static enum refusal decide(struct dispatcher *dispatcher, const struct checked *checked,
                           const struct roster_user *user)
{
    static struct command command;
    schema_clear(SCHEMA_COMMAND, &command);
    command.kind = checked->again ? COMMAND_SESSION_PROVE : COMMAND_SESSION_OPEN;
    if (checked->again) {
        command.session_prove.user = user->row.user;
        command.session_prove.spare = checked->spare;
        (void)text_copy(command.session_prove.via, sizeof command.session_prove.via,
                        checked->sender.name);
    } else {
        command.session_open.user = user->row.user;
        command.session_open.spare = checked->spare;
        (void)text_copy(command.session_open.via, sizeof command.session_open.via,
                        checked->sender.name);
    }
    turn_system(dispatcher, &command);
    return dispatcher->verdict.refusal;
}

/* A session that proved itself lives no longer for it. A new one never opens within the same millisecond
 * as a sign-out before it. */
static struct token token_for(const struct dispatcher *dispatcher, const struct checked *checked,
                              const struct roster_user *user)
{
    uint64_t now_ms = dispatcher->now_ms;
    struct token token = checked->token;
    if (!checked->again)
        token =
            (struct token){ .user = user->row.user,
                            .opened_ms = now_ms > user->closed_ms ? now_ms : user->closed_ms + 1 };
    token.proved_ms = now_ms;
    return token;
}

void session_checked(struct dispatcher *dispatcher, const struct checked *checked)
{
    const struct roster_user *user = roster_user_of_login(&dispatcher->roster, checked->login);
    if (!checked->right || !user) {
        refuse(dispatcher, checked, user,
               !checked->right                ? checked->refusal
               : checked->identified.login[0] ? REFUSAL_PROVIDER_REFUSED
                                              : REFUSAL_BAD_PASSWORD);
        return;
    }
    const struct identified *identified = &checked->identified;
    if (!checked->spare && (user->row.roles & identified->asked & ~identified->confirmed)) {
        refuse(dispatcher, checked, user, REFUSAL_ROLE_UNCONFIRMED);
        return;
    }
    if (lacks_factor(dispatcher, checked, user)) {
        refuse(dispatcher, checked, user, REFUSAL_CODE_WANTED);
        return;
    }
    enum refusal refusal = decide(dispatcher, checked, user);
    if (refusal != REFUSAL_NONE) {
        say_signed_in(dispatcher, &checked->sender, checked->id, refusal);
        return;
    }
    struct token token = token_for(dispatcher, checked, user);
    dispatcher->figures.sign_ins++;
    speech_begin(dispatcher, FRAME_SIGNED_IN);
    struct signed_in *answer = &dispatcher->out.signed_in;
    answer->id = checked->id;
    answer->token_size = TOKEN_BYTES;
    token_make(dispatcher->token_key, &token, answer->token);
    answer->has_user = true;
    answer->user = user->row;
    answer->opened_ms = token.opened_ms;
    speech_say(dispatcher, checked->sender.route);
}

void session_close(struct dispatcher *dispatcher, const struct sign_out *sign_out)
{
    static struct command command;
    struct token token;
    const struct roster_user *user =
        session_user(dispatcher, sign_out->token, sign_out->token_size, &token);
    if (!user)
        return;
    schema_clear(SCHEMA_COMMAND, &command);
    command.kind = COMMAND_SESSION_CLOSE;
    command.actor_kind = ACTOR_KIND_USER;
    command.actor = user->row.user;
    command.session_close.user = user->row.user;
    turn_step(dispatcher, &command, NULL);
}
