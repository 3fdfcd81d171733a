/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/signet.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/core.h"
#include "proto/access.h"

/* Who may revoke another's. */
enum {
    REVOKERS = ROLES_SECURITY | ROLES_SUPERVISOR,
    COUNTER_PLACE = 33 /* in authenticatorData: behind the party's hash and the flags */
};

static struct signet *find(const struct core *core, uint64_t id)
{
    return index_find(&core->index, ENTRY_SIGNET, id, 0);
}

static bool is_same_key(const uint8_t *one, const uint8_t *other)
{
    return memcmp(one, other, sizeof((struct signet_row *)NULL)->key) == 0;
}

/* What its authenticator counted when this was signed (WebAuthn §6.1); 0: it counts nothing. */
static uint32_t counter_of(const struct touch *touch)
{
    const uint8_t *at = touch->authenticator + COUNTER_PLACE;
    if (touch->authenticator_size < COUNTER_PLACE + 4)
        return 0;
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* WebAuthn §7.2, step 21: who counts goes on counting. */
static bool goes_on(const struct signet *signet, const struct acknowledgement *acknowledgement)
{
    uint32_t before = signet->row.counter, now = counter_of(&acknowledgement->touch);
    return !acknowledgement->has_touch || (before == 0 && now == 0) || now > before;
}

static bool is_near(uint64_t one_ms, uint64_t other_ms, uint64_t ms)
{
    return one_ms > other_ms ? one_ms - other_ms <= ms : other_ms - one_ms <= ms;
}

static enum refusal judge_signet(const struct decision *decision,
                                 const struct acknowledgement *acknowledgement)
{
    const struct signet *signet = find(decision->core, acknowledgement->signet);
    if (!signet)
        return REFUSAL_NO_SUCH_SIGNET;
    if (!decision->user || signet->row.user != decision->user->row.user)
        return REFUSAL_NOT_YOURS;
    if (!is_same_key(signet->row.key, acknowledgement->key) ||
        signet->row.algorithm != acknowledgement->algorithm ||
        !is_same_key(signet->row.ordinate, acknowledgement->ordinate))
        return REFUSAL_SIGNATURE_WRONG;
    if (signet->row.state == SIGNET_STATE_REVOKED)
        return REFUSAL_SIGNET_REVOKED;
    if (signet->row.state != SIGNET_STATE_VALID)
        return REFUSAL_WRONG_STATE;
    return goes_on(signet, acknowledgement) ? REFUSAL_NONE : REFUSAL_SIGNATURE_COPIED;
}

enum refusal signet_judge(const struct decision *decision, const struct task *task,
                          const struct acknowledgement *acknowledgement)
{
    const struct core *core = decision->core;
    const struct department *department = core_department(core, task->department);
    if (!acknowledgement) {
        bool wanted = department && department->row.signs && decision->user;
        return wanted ? REFUSAL_SIGNATURE_WANTED : REFUSAL_NONE;
    }
    enum refusal refusal = judge_signet(decision, acknowledgement);
    if (refusal)
        return refusal;
    if (acknowledgement->incident != task->incident->id)
        return REFUSAL_SIGNATURE_WRONG;
    return acknowledgement->version == task->version &&
                   is_near(acknowledgement->at_ms, decision->at_ms,
                           core->parameters[PARAMETER_SIGNATURE_MS])
               ? REFUSAL_NONE
               : REFUSAL_SIGNATURE_STALE;
}

void signet_keep(struct event *event, const struct acknowledgement *acknowledgement)
{
    if (!acknowledgement)
        return;
    event->task_moved.has_acknowledgement = true;
    event->task_moved.acknowledgement = *acknowledgement;
}

/* How many of the user's are not revoked; *known: somebody brought this key before. */
static uint32_t count_of(const struct core *core, uint32_t user, const uint8_t *key, bool *known)
{
    uint32_t count = 0;
    *known = false;
    for (uint32_t i = 0; i < core->signets.reached; i++) {
        const struct signet *signet = pool_at(&core->signets, i);
        count += signet->row.user == user && signet->row.state != SIGNET_STATE_REVOKED;
        *known = *known || is_same_key(signet->row.key, key);
    }
    return count;
}

enum refusal decide_signet_enrol(struct decision *decision)
{
    const struct core *core = decision->core;
    const struct signet_enrol *asked = &decision->command->signet_enrol;
    bool known;
    if (!decision->user)
        return REFUSAL_NO_SUCH_USER;
    if (!asked->label[0])
        return REFUSAL_INCOMPLETE;
    uint32_t count = count_of(core, decision->user->row.user, asked->key, &known);
    if (known)
        return REFUSAL_ALREADY;
    if (count >= SIGNETS_OF_PERSON_MAX || pool_room(&core->signets) == 0)
        return REFUSAL_LIMIT;
    bool seconded = decision->user->row.roles & ROLES_SECONDED;
    struct event *event = decision_event(decision, EVENT_SIGNET_ENROLLED);
    struct signet_enrolled *enrolled = &event->signet_enrolled;
    enrolled->user = decision->user->row.user;
    enrolled->algorithm = asked->algorithm;
    enrolled->state = seconded ? SIGNET_STATE_WAITING : SIGNET_STATE_VALID;
    memcpy(enrolled->key, asked->key, sizeof enrolled->key);
    memcpy(enrolled->proof, asked->proof, sizeof enrolled->proof);
    memcpy(enrolled->label, asked->label, sizeof enrolled->label);
    memcpy(enrolled->ordinate, asked->ordinate, sizeof enrolled->ordinate);
    enrolled->credential_size = asked->credential_size;
    memcpy(enrolled->credential, asked->credential, asked->credential_size);
    enrolled->attested_size = asked->attested_size;
    memcpy(enrolled->attested, asked->attested, asked->attested_size);
    enrolled->has_touch = asked->has_touch;
    enrolled->touch = asked->touch;
    return REFUSAL_NONE;
}

static void move(struct decision *decision, const struct signet *signet, enum signet_state to,
                 enum signet_reason reason)
{
    struct event *event = decision_event(decision, EVENT_SIGNET_MOVED);
    event->signet_moved = (struct signet_moved){ .signet = signet->row.signet,
                                                 .user = signet->row.user,
                                                 .from = signet->row.state,
                                                 .to = to,
                                                 .reason = reason };
}

enum refusal decide_signet_rule(struct decision *decision)
{
    const struct signet_rule *asked = &decision->command->signet_rule;
    const struct signet *signet = find(decision->core, asked->signet);
    if (!signet)
        return REFUSAL_NO_SUCH_SIGNET;
    if (signet->row.state != SIGNET_STATE_WAITING)
        return REFUSAL_WRONG_STATE;
    if (decision->user && decision->user->row.user == signet->row.user)
        return REFUSAL_SAME_PERSON;
    if (asked->agree)
        move(decision, signet, SIGNET_STATE_VALID, SIGNET_REASON_NONE);
    else
        move(decision, signet, SIGNET_STATE_REVOKED, SIGNET_REASON_REFUSED);
    return REFUSAL_NONE;
}

enum refusal decide_signet_revoke(struct decision *decision)
{
    const struct signet_revoke *asked = &decision->command->signet_revoke;
    const struct signet *signet = find(decision->core, asked->signet);
    if (!signet)
        return REFUSAL_NO_SUCH_SIGNET;
    bool own = decision->user && decision->user->row.user == signet->row.user;
    if (decision->user && !own && !(decision->user->row.roles & REVOKERS))
        return REFUSAL_NOT_YOURS;
    if (signet->row.state == SIGNET_STATE_REVOKED)
        return REFUSAL_ALREADY;
    if (asked->reason == SIGNET_REASON_NONE)
        return REFUSAL_REASON_MISSING;
    move(decision, signet, SIGNET_STATE_REVOKED, asked->reason);
    return REFUSAL_NONE;
}

void apply_signet_enrolled(struct core *core, const struct event *event)
{
    const struct signet_enrolled *enrolled = &event->signet_enrolled;
    struct signet *signet = pool_take(&core->signets);
    signet->row = (struct signet_row){ .signet = event->seq,
                                       .user = enrolled->user,
                                       .state = enrolled->state,
                                       .algorithm = enrolled->algorithm,
                                       .enrolled_ms = event->at_ms };
    memcpy(signet->row.key, enrolled->key, sizeof enrolled->key);
    memcpy(signet->row.label, enrolled->label, sizeof enrolled->label);
    memcpy(signet->row.ordinate, enrolled->ordinate, sizeof enrolled->ordinate);
    signet->row.credential_size = enrolled->credential_size;
    memcpy(signet->row.credential, enrolled->credential, enrolled->credential_size);
    signet->row.counter = enrolled->has_touch ? counter_of(&enrolled->touch) : 0;
    index_put(&core->index, ENTRY_SIGNET, event->seq, 0, signet);
}

void signet_used(struct core *core, const struct acknowledgement *acknowledgement)
{
    struct signet *signet = find(core, acknowledgement->signet);
    REQUIRE(signet && goes_on(signet, acknowledgement));
    if (acknowledgement->has_touch)
        signet->row.counter = counter_of(&acknowledgement->touch);
}

void apply_signet_moved(struct core *core, const struct event *event)
{
    const struct signet_moved *moved = &event->signet_moved;
    struct signet *signet = find(core, moved->signet);
    REQUIRE(signet && signet->row.state == moved->from);
    signet->row.state = moved->to;
    signet->row.moved_ms = event->at_ms;
    signet->row.moved_by = event->actor;
    signet->row.reason = moved->reason;
}

uint64_t core_signets(const struct core *core, const struct signets_query *asked,
                      struct signets *answer)
{
    answer->rows_count = 0;
    for (uint32_t i = 0; i < core->signets.reached; i++) {
        const struct signet *signet = pool_at(&core->signets, i);
        if (signet->row.signet <= asked->after || (asked->user && signet->row.user != asked->user))
            continue;
        if (answer->rows_count == sizeof answer->rows / sizeof answer->rows[0])
            return answer->rows[answer->rows_count - 1].signet;
        answer->rows[answer->rows_count++] = signet->row;
    }
    return 0;
}
