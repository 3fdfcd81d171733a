/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "base/require.h"
#include "dispatcher/core/survey_parse.h"
#include "dispatcher/io/amendment.h"
#include "dispatcher/io/caller.h"
#include "dispatcher/io/code.h"
#include "dispatcher/io/dispatcher.h"
#include "dispatcher/io/exam.h"
#include "dispatcher/io/position.h"
#include "dispatcher/io/signature.h"
#include "dispatcher/io/wish.h"
#include "proto/access.h"
#include "proto/identity.h"
#include "proto/program.h"

/* What only the dispatcher itself may say; a gateway rises by its hello. */
static bool is_inner(enum command_kind kind)
{
    return kind == COMMAND_GATEWAY_RISE ||
           (access_command_roles(kind) == 0 && !access_hears_gateways(kind));
}

/* Everything the asker said, to tell a repeat from a reused key. Who asked is not part of it: a
 * repeat may come under a newer session. */
static void digest_of(struct dispatcher *dispatcher, const struct submit *submit,
                      uint8_t digest[32])
{
    static struct submit said;
    said = *submit;
    said.epoch = said.seq = 0;
    said.token_size = 0;
    if (said.command.kind ==
        COMMAND_CONTACT_ARRIVE) /* the centre's second PDU of a text is another */
        memset(said.command.contact_arrive.original, 0,
               sizeof said.command.contact_arrive.original);
    if (said.command.kind == COMMAND_TEXT_REPORT) /* more of its PDUs may be kept by now */
        memset(said.command.text_report.original, 0, sizeof said.command.text_report.original);
    int size = codec_pack(dispatcher->codec, SCHEMA_SUBMIT, &said, dispatcher->bytes,
                          sizeof dispatcher->bytes);
    REQUIRE(size >= 0);
    (void)crypto_generichash(digest, 32, dispatcher->bytes, (unsigned long long)size, NULL, 0);
    sodium_memzero(&said.personal, sizeof said.personal);
}

/* The incident with this order number, 0: there is none. */
static uint64_t incident_numbered(struct dispatcher *dispatcher, uint64_t number)
{
    static struct answer answer;
    static struct query query;
    schema_clear(SCHEMA_QUERY, &query);
    query.kind = QUERY_INCIDENT;
    query.incident = (struct incident_query){ .number = number };
    journal_query(dispatcher->journal, &query, dispatcher->now_ms, &answer);
    bool found = answer.refusal == REFUSAL_NONE && answer.kind == ANSWER_INCIDENT_DETAIL;
    return found ? answer.incident_detail.row.incident : 0;
}

/* A console passes on what a citizen named. Finds the order of number and code; a wrong code takes as long
 * as a right one. */
static enum refusal read_visit(struct dispatcher *dispatcher, const struct peer *peer,
                               struct command *command)
{
    struct citizen_visit *visit = &command->citizen_visit;
    if (!settings_console(dispatcher->settings, peer->sender.name))
        return REFUSAL_NOT_ALLOWED;
    command->actor_kind = ACTOR_KIND_SYSTEM;
    bool right = code_is(dispatcher->code_key, visit->number, visit->code);
    sodium_memzero(visit->code, sizeof visit->code);
    uint64_t incident = incident_numbered(dispatcher, visit->number);
    visit->incident = right ? incident : 0;
    return visit->incident ? REFUSAL_NONE : REFUSAL_NO_SUCH_INCIDENT;
}

static enum refusal set_actor(struct dispatcher *dispatcher, const struct peer *peer,
                              const struct submit *submit, struct command *command)
{
    enum gateway_kind kind = intake_kind(dispatcher, peer);
    if (command->kind == COMMAND_NONE)
        return REFUSAL_UNKNOWN_KIND;
    if (submit->token_size > 0
            ? !program_brings_persons(kind)
            : access_hears_gateways(command->kind) && !program_may_command(kind, command->kind))
        return REFUSAL_NOT_ALLOWED;
    if (command->kind == COMMAND_CITIZEN_VISIT && submit->token_size == 0)
        return read_visit(dispatcher, peer, command);
    if (is_inner(command->kind))
        return REFUSAL_NOT_ALLOWED;
    if (submit->token_size > 0) {
        struct token token;
        const struct roster_user *user =
            session_user(dispatcher, submit->token, submit->token_size, &token);
        if (!user)
            return REFUSAL_NOT_SIGNED_IN;
        if (!session_is_by(peer, user->row.login))
            return REFUSAL_NOT_ALLOWED;
        bool may = access_command(&user->row, command->kind) == REFUSAL_NONE ||
                   access_glass_may(user->row.roles, command->kind);
        if (may && access_wants_proof(command) && !session_is_proved(dispatcher, &token))
            return REFUSAL_PROOF_WANTED;
        command->actor_kind = ACTOR_KIND_USER;
        command->actor = user->row.user;
        return REFUSAL_NONE; /* what is a gateway's alone the core refuses */
    }
    if (command->kind == COMMAND_CALLER_LOCATE &&
        settings_console(dispatcher->settings, peer->sender.name)) {
        command->actor_kind = ACTOR_KIND_SYSTEM; /* it took a telephone's form */
        return REFUSAL_NONE;
    }
    command->actor_kind = ACTOR_KIND_GATEWAY;
    command->actor = peer->gateway;
    if (!access_hears_gateways(command->kind))
        return REFUSAL_NOT_SIGNED_IN;
    return peer->gateway ? REFUSAL_NONE : REFUSAL_NOT_ALLOWED;
}

/* Whether a wish can be about this incident at all, the newest first. */
static bool wish_fits(enum citizen_wish wish, const struct incident_row *row, bool named)
{
    bool closed = row->state == INCIDENT_STATE_CLOSED || row->state == INCIDENT_STATE_DIRECT;
    if (named || wish == CITIZEN_WISH_STATUS)
        return true;
    return wish == CITIZEN_WISH_REOPEN ? closed : !closed;
}

/* The incident of the number that the citizen means: the one named, else the newest that fits. */
static uint64_t wish_incident(struct dispatcher *dispatcher, uint64_t caller,
                              enum citizen_wish wish, const char *digits)
{
    static struct answer answer;
    static struct query query;
    schema_clear(SCHEMA_QUERY, &query);
    query.kind = QUERY_INCIDENTS;
    query.incidents = (struct incidents_query){ .caller = caller };
    journal_query(dispatcher->journal, &query, dispatcher->now_ms, &answer);
    if (answer.refusal != REFUSAL_NONE || answer.kind != ANSWER_INCIDENTS)
        return 0;
    for (uint32_t i = 0; i < answer.incidents.rows_count; i++) {
        const struct incident_row *row = &answer.incidents.rows[i];
        if ((!digits[0] || wish_names(digits, row->number)) && wish_fits(wish, row, digits[0]))
            return row->incident;
    }
    return 0;
}

static void read_wish(struct dispatcher *dispatcher, const char *text, struct command *command)
{
    struct contact_arrive *arrive = &command->contact_arrive;
    char digits[WISH_DIGITS_BYTES];
    const struct line_row *line = roster_line(&dispatcher->roster, arrive->line);
    if (!command->caller || !line || line->emergency ||
        !wish_parse(dispatcher->roster.wishes, text, &arrive->wish, digits))
        return;
    if (arrive->wish < CITIZEN_WISH_UNSUBSCRIBE)
        arrive->incident = wish_incident(dispatcher, command->caller, arrive->wish, digits);
}

/* Whom a contact that left memory told of: it says how much of the citizen must stay hidden. */
static void read_subject(struct dispatcher *dispatcher, struct personal_read *read)
{
    static struct answer answer;
    static struct query query;
    schema_clear(SCHEMA_QUERY, &query);
    query.kind = QUERY_CONTACTS;
    query.contacts.contact = read->subject;
    journal_query(dispatcher->journal, &query, dispatcher->now_ms, &answer);
    bool found = answer.refusal == REFUSAL_NONE && answer.kind == ANSWER_CONTACTS &&
                 answer.contacts.rows_count > 0;
    read->incident = found ? answer.contacts.rows[0].incident : 0;
}

static void read_caller(struct dispatcher *dispatcher, const struct submit *submit,
                        struct command *command)
{
    struct incident_grant *grant = &command->incident_grant;
    struct incident_revoke *revoke = &command->incident_revoke;
    if (command->kind == COMMAND_PERSONAL_READ)
        read_subject(dispatcher, &command->personal_read);
    if (command->kind == COMMAND_INCIDENT_GRANT && !grant->incident)
        grant->incident = incident_numbered(dispatcher, grant->number);
    if (command->kind == COMMAND_INCIDENT_REVOKE && !revoke->incident && !revoke->grant)
        revoke->incident = incident_numbered(dispatcher, revoke->number);
    const struct personal *personal = submit->has_personal ? &submit->personal : NULL;
    command->caller = personal ? caller_index(dispatcher->blind_key, personal->number) : 0;
    if (command->kind == COMMAND_WORDS_SEARCH)
        command->words_search.words =
            personal ? search_index(dispatcher->blind_key, personal->text) : 0;
    if (command->kind == COMMAND_CALLER_LOCATE)
        position_cell(dispatcher->roster.south, dispatcher->roster.west,
                      personal ? personal->position : "", &command->caller_locate.east_cell,
                      &command->caller_locate.north_cell);
    if (command->kind != COMMAND_CONTACT_ARRIVE)
        return;
    struct contact_arrive *arrive = &command->contact_arrive;
    enum degree degrees[3] = { DEGREE_NONE, DEGREE_NONE, DEGREE_NONE };
    if (personal && personal->position[0])
        position_cell(dispatcher->roster.south, dispatcher->roster.west, personal->position,
                      &arrive->east_cell, &arrive->north_cell);
    arrive->wish = CITIZEN_WISH_NONE;
    arrive->incident = 0;
    if (personal && arrive->channel == CHANNEL_SMS) {
        (void)survey_parse(personal->text, degrees);
        read_wish(dispatcher, personal->text, command);
    }
    arrive->undiallable = command->caller != 0 && !caller_is_diallable(personal->number);
    arrive->contacted = degrees[0];
    arrive->solved = degrees[1];
    arrive->satisfied = degrees[2];
}

/* The outcome says what the core let be given; a repeat says it, too. */
static void attach_personal(struct dispatcher *dispatcher, const struct command *command,
                            struct outcome *outcome)
{
    const struct personal_read *read = &command->personal_read;
    int status =
        read->seq
            ? journal_personal_at(dispatcher->journal, read->subject, read->seq, &outcome->personal)
            : journal_personal(dispatcher->journal, read->subject, &outcome->personal);
    outcome->has_personal = status == 0;
    outcome->erased =
        status == -EKEYREVOKED || journal_is_erased(dispatcher->journal, read->subject);
    if (!read->seq && text_inherit(dispatcher, read->subject, &outcome->personal))
        outcome->has_personal = true;
    if (outcome->has_personal)
        identity_show(&outcome->personal, outcome->fields, outcome->masked);
}

static void say_outcome(struct dispatcher *dispatcher, const struct peer *peer,
                        const struct submit *submit, const struct command *command,
                        const struct outcome *outcome)
{
    speech_begin(dispatcher, FRAME_OUTCOME);
    dispatcher->out.outcome = *outcome;
    dispatcher->out.outcome.has_personal = false;
    if (command->kind == COMMAND_PERSONAL_READ && command->personal_read.subject != 0 &&
        outcome->refusal == REFUSAL_NONE)
        attach_personal(dispatcher, command, &dispatcher->out.outcome);
    if (command->kind == COMMAND_WORDS_SEARCH && outcome->refusal == REFUSAL_NONE &&
        submit->has_personal)
        search_answer(dispatcher, command, submit->personal.text, &dispatcher->out.outcome);
    speech_say(dispatcher, peer->sender.route);
    sodium_memzero(&dispatcher->out.outcome.personal, sizeof dispatcher->out.outcome.personal);
    dispatcher->figures.outcomes++;
}

/* The first time this key is seen. */
static void decide(struct dispatcher *dispatcher, const struct submit *submit,
                   struct command *command, enum refusal refusal, struct outcome *outcome)
{
    if (refusal == REFUSAL_NONE)
        refusal = signature_check(&dispatcher->signatures, command,
                                  submit->has_personal ? &submit->personal : NULL);
    if (refusal == REFUSAL_NONE)
        refusal = amendment_before(dispatcher, command);
    if (refusal == REFUSAL_NONE)
        refusal = exam_blind(dispatcher->exam_key, dispatcher->core, command);
    if (refusal == REFUSAL_NONE) {
        const struct personal *personal = submit->has_personal ? &submit->personal : NULL;
        read_caller(dispatcher, submit, command);
        if (command->kind == COMMAND_WORDS_SEARCH)
            personal = NULL; /* what is looked for is nobody's to keep */
        if (command->kind == COMMAND_NOTICE_ADD)
            personal = notice_recipients(dispatcher, personal, command);
        turn_step(dispatcher, command, personal);
        const struct verdict *verdict = &dispatcher->verdict;
        if (command->kind == COMMAND_NOTICE_ADD)
            notice_added(dispatcher, command->notice_add.notice, verdict->refusal);
        outcome->refusal = verdict->refusal;
        outcome->contact = verdict->contact;
        outcome->incident = verdict->incident;
        outcome->number = verdict->number;
        outcome->task = verdict->task;
        outcome->petition = verdict->petition;
        outcome->notice = verdict->notice;
        outcome->caller = verdict->caller;
        outcome->article = verdict->article;
        outcome->amendment = verdict->amendment;
        outcome->reading_list = verdict->reading_list;
        outcome->exam = verdict->exam;
        if (command->kind == COMMAND_PERSONAL_READ && verdict->count > 0) {
            outcome->fields = verdict->events[0].personal_was_read.fields;
            outcome->masked = verdict->events[0].personal_was_read.masked;
        }
        outcome->erasure = verdict->erasure;
        outcome->glass = verdict->glass;
        if (verdict->count > 0)
            outcome->event_seq = verdict->events[verdict->count - 1].seq;
        amendment_after(dispatcher, command, outcome);
    } else {
        outcome->refusal = refusal;
        if (log_allowed(&dispatcher->log_refusals))
            log_info("refuse command=%s refusal=%s", command_kind_name(command->kind),
                     refusal_name(refusal));
    }
}

/* A number that was taken before: its outcome once more, when it is still known. */
static void repeat(struct dispatcher *dispatcher, const struct peer *peer,
                   const struct submit *submit, const struct command *command)
{
    static struct outcome outcome;
    uint8_t digest[32];
    dispatcher->figures.objections[CAUSE_REPEATED]++;
    digest_of(dispatcher, submit, digest);
    int status =
        journal_find_answer(dispatcher->journal, peer->sender.name, command->key, digest, &outcome);
    if (status == -EKEYREJECTED) {
        schema_clear(SCHEMA_OUTCOME, &outcome);
        memcpy(outcome.key, command->key, sizeof outcome.key);
        outcome.refusal = REFUSAL_KEY_REUSED;
    } else if (status < 0) { /* it carried no key, or is older than answers are kept */
        schema_clear(SCHEMA_OUTCOME, &outcome);
        memcpy(outcome.key, command->key, sizeof outcome.key);
        outcome.refusal = REFUSAL_ALREADY;
    }
    outcome.epoch = submit->epoch;
    outcome.seq = submit->seq;
    say_outcome(dispatcher, peer, submit, command, &outcome);
}

static void take_next(struct dispatcher *dispatcher, struct peer *peer, const struct submit *submit,
                      struct command *command)
{
    static struct outcome outcome;
    uint8_t digest[32];
    enum refusal refusal = set_actor(dispatcher, peer, submit, command);
    if (!command->key[0])
        refusal = REFUSAL_MALFORMED;
    digest_of(dispatcher, submit, digest);
    int status = command->key[0] ? journal_find_answer(dispatcher->journal, peer->sender.name,
                                                       command->key, digest, &outcome)
                                 : -ENOENT;
    if (status == -EBADMSG) /* a call is worth more than that nothing is ever done twice */
        status = -ENOENT;
    turn_open(dispatcher);
    bool keep = status == -ENOENT;
    if (status != 0) {
        schema_clear(SCHEMA_OUTCOME, &outcome);
        memcpy(outcome.key, command->key, sizeof outcome.key);
    }
    outcome.epoch = submit->epoch;
    outcome.seq = submit->seq;
    if (status == -ENOENT)
        decide(dispatcher, submit, command, refusal, &outcome);
    else if (status == -EKEYREJECTED)
        outcome.refusal = REFUSAL_KEY_REUSED;
    else if (status < 0)
        log_error("cannot look up an answer error=%s", strerror(-status));
    if (status < 0 && status != -ENOENT && status != -EKEYREJECTED)
        return; /* not taken: it comes again */
    struct outcome kept = outcome;
    /* An expired session, a proof that is wanted, or "later", is no answer for ever: the same key may
     * come again. */
    if (!keep || outcome.refusal == REFUSAL_NOT_SIGNED_IN ||
        outcome.refusal == REFUSAL_PROOF_WANTED || outcome.refusal == REFUSAL_BUSY)
        kept.key[0] = 0;
    (void)journal_answer(dispatcher->journal, peer->sender.name, digest, &kept);
    peer->taken = submit->seq;
    say_outcome(dispatcher, peer, submit, command, &outcome);
}

/* What a taker writes lies under the citizen's contact, what a citizen writes on the page under the order:
 * it must not become the citizen's number. */
static void keep_words(struct personal *personal)
{
    memset(personal->number, 0, sizeof personal->number);
    memset(personal->name, 0, sizeof personal->name);
    memset(personal->address, 0, sizeof personal->address);
    memset(personal->position, 0, sizeof personal->position);
}

void submission_take(struct dispatcher *dispatcher, struct peer *peer, struct submit *submit)
{
    if (submit->epoch != peer->epoch) {
        intake_object(dispatcher, &peer->sender, CAUSE_NO_HELLO, REFUSAL_WRONG_STATE,
                      "say hello first");
        return;
    }
    if (!submit->has_command)
        schema_clear(SCHEMA_COMMAND, &submit->command);
    /* What the dispatcher alone decides is not even read. */
    static struct command command;
    submit->command.at_ms = 0;
    submit->command.actor_kind = ACTOR_KIND_NONE;
    submit->command.actor = 0;
    submit->command.caller = 0;
    submit->command.has_personal = false;
    command = submit->command;
    if (command.kind == COMMAND_CONTACT_WRITE || command.kind == COMMAND_CITIZEN_VISIT)
        keep_words(&submit->personal);
    if (submit->seq <= peer->taken)
        repeat(dispatcher, peer, submit, &command);
    else if (submit->seq > peer->taken + 1)
        dispatcher->figures.objections[CAUSE_GAP]++; /* the sender goes back to the oldest */
    else
        take_next(dispatcher, peer, submit, &command);
    sodium_memzero(&submit->personal, sizeof submit->personal);
}
