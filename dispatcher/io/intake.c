/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "dispatcher/io/dispatcher.h"
#include "proto/program.h"

enum {
    LINK_VERSION = 1
};

static const char *const cause_words[CAUSE_COUNT] = {
    [CAUSE_UNREADABLE] = "unreadable",
    [CAUSE_NO_HELLO] = "no_hello",
    [CAUSE_WRONG_NAME] = "wrong_name",
    [CAUSE_NOT_FOR_US] = "not_for_us",
    [CAUSE_GAP] = "gap",
    [CAUSE_REPEATED] = "repeated",
    [CAUSE_PEERS_FULL] = "peers_full",
    [CAUSE_NOT_ITS_OWN] = "not_its_own",
};

void intake_object(struct dispatcher *dispatcher, const struct bus_sender *sender,
                   enum objection_cause cause, enum refusal refusal, const char *words)
{
    dispatcher->figures.objections[cause]++;
    if (cause != CAUSE_NO_HELLO && log_allowed(&dispatcher->log_objections[cause]))
        log_warn("object to frame of=%s cause=%s refusal=%s", sender->name, cause_words[cause],
                 refusal_name(refusal));
    speech_begin(dispatcher, FRAME_OBJECTION);
    dispatcher->out.objection.refusal = refusal;
    (void)text_copy(dispatcher->out.objection.words, sizeof dispatcher->out.objection.words, words);
    speech_say(dispatcher, sender->route);
}

static void welcome(struct dispatcher *dispatcher, const struct peer *peer)
{
    speech_begin(dispatcher, FRAME_WELCOME);
    struct welcome *welcome = &dispatcher->out.welcome;
    welcome->epoch = journal_epoch(dispatcher->journal);
    welcome->committed = peer->taken;
    welcome->seq = journal_seq(dispatcher->journal);
    (void)text_copy(welcome->endpoint, sizeof welcome->endpoint,
                    dispatcher->settings->dispatcher.events);
    speech_say(dispatcher, peer->sender.route);
    speech_setup(dispatcher, peer);
}

static void note_done(struct dispatcher *dispatcher, struct peer *peer, uint64_t seq)
{
    if (!peer->gateway || seq <= peer->order_done)
        return;
    if (!peer->done_ms)
        peer->done_ms = dispatcher->mono_ms;
    peer->order_done = seq;
    if (peer->order_sent < seq)
        peer->order_sent = seq;
}

static void take_hello(struct dispatcher *dispatcher, const struct bus_sender *sender,
                       const struct hello *hello)
{
    if (strcmp(hello->name, sender->name) != 0) {
        intake_object(dispatcher, sender, CAUSE_WRONG_NAME, REFUSAL_NOT_ALLOWED,
                      "the name is not the key's");
        return;
    }
    if (hello->version != LINK_VERSION) {
        intake_object(dispatcher, sender, CAUSE_NOT_FOR_US, REFUSAL_UNKNOWN_KIND,
                      "unknown version of the link");
        return;
    }
    /* A gateway that keeps calls may stand on two machines: one of them has the calls (decision 0034). */
    if (hello->keeps && peer_is_late(&dispatcher->peers, sender->name, hello->epoch)) {
        intake_object(dispatcher, sender, CAUSE_NOT_ITS_OWN, REFUSAL_WRONG_STATE,
                      "a later process of this gateway speaks");
        return;
    }
    uint64_t taken = peer_taken(&dispatcher->peers, sender->name, hello->epoch);
    uint64_t journaled = journal_taken(dispatcher->journal, sender->name, hello->epoch);
    if (hello->keeps)
        peer_succeed(&dispatcher->peers, sender->name, hello->epoch);
    struct peer *peer = peer_of(&dispatcher->peers, sender);
    if (!peer)
        peer = peer_add(&dispatcher->peers, sender);
    if (!peer) {
        intake_object(dispatcher, sender, CAUSE_PEERS_FULL, REFUSAL_LIMIT, "too many programs");
        return;
    }
    const struct roster_gateway *gateway = roster_gateway_named(&dispatcher->roster, sender->name);
    *peer = (struct peer){
        .sender = *sender,
        .epoch = hello->epoch,
        .keeps = hello->keeps,
        .alone = hello->alone,
        .taken = taken > journaled ? taken : journaled,
        .gateway = gateway ? gateway->row.gateway : 0,
        .heard_ms = dispatcher->mono_ms,
        .orders_behind = true,
    };
    note_done(dispatcher, peer, hello->order_seq);
    welcome(dispatcher, peer);
    liveness_rise(dispatcher, peer);
}

static void pong(struct dispatcher *dispatcher, const struct peer *peer, uint64_t at_ms)
{
    speech_begin(dispatcher, FRAME_PONG);
    dispatcher->out.pong.at_ms = at_ms;
    dispatcher->out.pong.seq = journal_seq(dispatcher->journal);
    speech_say(dispatcher, peer->sender.route);
}

/* A witness may be late or wrong: then its signature is not kept, and it is told. */
static void take_cosign(struct dispatcher *dispatcher, const struct peer *peer,
                        const struct cosign *cosign)
{
    const struct roster_gateway *gateway = roster_gateway(&dispatcher->roster, peer->gateway);
    int status = -EPERM;
    if (gateway && gateway->row.kind == GATEWAY_KIND_WITNESS && cosign->has_cosignature) {
        turn_open(dispatcher);
        status = journal_cosign(dispatcher->journal, cosign->seq, &cosign->cosignature);
    }
    if (status < 0)
        intake_object(dispatcher, &peer->sender, CAUSE_NOT_FOR_US, REFUSAL_NOT_ALLOWED,
                      "no witness's signature on a checkpoint of ours");
}

enum gateway_kind intake_kind(const struct dispatcher *dispatcher, const struct peer *peer)
{
    if (program_person(peer->sender.name))
        return GATEWAY_KIND_PERSON;
    const struct roster_gateway *gateway = roster_gateway(&dispatcher->roster, peer->gateway);
    return gateway && !gateway->row.retired ? gateway->row.kind : GATEWAY_KIND_NONE;
}

static void take_of_peer(struct dispatcher *dispatcher, struct peer *peer, struct frame *frame)
{
    switch (frame->kind) {
    case FRAME_SUBMIT:
        submission_take(dispatcher, peer, &frame->submit);
        return;
    case FRAME_PING:
        pong(dispatcher, peer, frame->ping.at_ms);
        return;
    case FRAME_ORDER_DONE:
        note_done(dispatcher, peer, frame->order_done.seq);
        return;
    case FRAME_ASK:
        question_take(dispatcher, peer, &frame->ask);
        return;
    case FRAME_FETCH:
        question_fetch(dispatcher, peer, frame->fetch.after);
        return;
    case FRAME_SIGN_IN:
        session_ask(dispatcher, peer, &frame->sign_in);
        return;
    case FRAME_COSIGN:
        take_cosign(dispatcher, peer, &frame->cosign);
        return;
    case FRAME_SIGN_OUT:
        session_close(dispatcher, &frame->sign_out);
        return;
    case FRAME_NONE:
    case FRAME_HELLO:
    case FRAME_WELCOME:
    case FRAME_OUTCOME:
    case FRAME_PONG:
    case FRAME_ORDER:
    case FRAME_REPLY:
    case FRAME_BATCH:
    case FRAME_SETUP:
    case FRAME_SIGNED_IN:
    case FRAME_OBJECTION:
    case FRAME_PUBLICATION:
    case FRAME_KIND_COUNT:
        intake_object(dispatcher, &peer->sender, CAUSE_NOT_FOR_US, REFUSAL_UNKNOWN_KIND,
                      "not a frame for the dispatcher");
        return;
    }
}

void intake_take(struct dispatcher *dispatcher, const struct bus_sender *sender)
{
    struct frame *frame = &dispatcher->in;
    if (frame->kind == FRAME_HELLO) {
        take_hello(dispatcher, sender, &frame->hello);
        return;
    }
    struct peer *peer = peer_of(&dispatcher->peers, sender);
    if (!peer) {
        intake_object(dispatcher, sender, CAUSE_NO_HELLO, REFUSAL_WRONG_STATE, "say hello first");
        return;
    }
    peer->heard_ms = dispatcher->mono_ms;
    if (program_sends(frame->kind) &&
        !program_may_send(intake_kind(dispatcher, peer), frame->kind)) {
        intake_object(dispatcher, sender, CAUSE_NOT_ITS_OWN, REFUSAL_NOT_ALLOWED,
                      "such a program does not send that");
        return;
    }
    take_of_peer(dispatcher, peer, frame);
}

void intake_forget_done(struct dispatcher *dispatcher)
{
    for (uint32_t i = 0; i < dispatcher->peers.count; i++) {
        struct peer *peer = &dispatcher->peers.peers[i];
        if (!peer->done_ms ||
            (!dispatcher->open && dispatcher->mono_ms - peer->done_ms < ORDERS_DONE_MS))
            continue;
        turn_open(dispatcher);
        (void)journal_order_done(dispatcher->journal, peer->sender.name, peer->order_done);
        peer->done_ms = 0;
    }
}
