/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The state as one number. Walks slots, not the index: replaying the same events fills the same
 * slots. Every field that decides anything is in; pointers go in as numbers. */
#include "dispatcher/core/rows.h"
#include "dispatcher/core/state.h"

static uint64_t stir_promise(uint64_t digest, const struct promise *promise)
{
    return stir(stir(digest, promise->due_ms), promise->reported);
}

static uint64_t stir_node(uint64_t digest, const struct heap_node *node)
{
    return heap_has(node) ? stir(stir(digest, node->key), node->order) : stir(digest, 1);
}

static uint64_t stir_user(uint64_t digest, const struct user *user)
{
    digest = stir(digest, user_fingerprint(&user->row));
    digest = stir_text(digest, user->phone);
    digest = stir(digest, user->signed_on);
    digest = stir(digest, user->away);
    digest = stir(digest, user->idle_ms);
    digest = stir(digest, user->wrap_up_ms);
    digest = stir(digest, user->contact ? user->contact->id : 0);
    digest = stir(digest, user->unanswered);
    for (uint32_t i = 0; i < user->row.skills_count; i++)
        digest = stir_node(stir(digest, user->seats[i].channel), &user->seats[i].node);
    return stir_node(digest, &user->deadline.node);
}

static uint64_t stir_contact(uint64_t digest, const struct contact *contact)
{
    digest = stir(digest, contact->id);
    digest = stir(digest, contact->call);
    digest = stir(digest, contact->caller);
    digest = stir(digest, contact->due_ms);
    digest = stir(digest, contact->arrived_ms);
    digest = stir(digest, contact->offer);
    digest = stir(digest, contact->offer_until_ms);
    digest = stir(digest, contact->incident);
    digest = stir(digest, contact->gateway->row.gateway);
    digest = stir(digest, contact->epoch);
    digest = stir(digest, contact->line->row.line);
    digest = stir(digest, contact->taker ? contact->taker->row.user : 0);
    digest = stir(digest, contact->channel);
    digest = stir(digest, contact->band);
    digest = stir(digest, contact->state);
    digest = stir(digest, contact->rang + 2U * contact->accepted + 4U * contact->late);
    digest = stir_node(digest, &contact->place.node);
    return stir_node(digest, &contact->deadline.node);
}

static uint64_t stir_incident(uint64_t digest, const struct incident *incident)
{
    digest = stir(digest, incident->id);
    digest = stir(digest, incident->number);
    digest = stir(digest, incident->caller);
    digest = stir(digest, incident->started_ms);
    digest = stir(digest, incident->closed_ms);
    digest = stir(digest, incident->result);
    digest = stir(digest, incident->survey);
    digest = stir(digest, incident->line);
    digest = stir(digest, incident->category);
    digest = stir(digest, incident->district);
    digest = stir(digest, incident->taker);
    digest = stir(digest, incident->round);
    digest = stir(digest, incident->returns);
    digest = stir(digest, incident->tries);
    digest = stir(digest, incident->priority);
    digest = stir(digest, incident->sla);
    digest = stir(digest, incident->secrecy);
    digest = stir(digest, incident->state);
    digest = stir(digest, incident->emergency + 2U * incident->text_unsafe +
                              4U * incident->anonymous + 8U * incident->told);
    digest = stir(digest, incident->clock);
    digest = stir_promise(digest, &incident->promise);
    digest = stir(digest, incident->told_older ? incident->told_older->id : 0);
    return stir_node(digest, &incident->deadline.node);
}

static uint64_t stir_task(uint64_t digest, const struct task *task)
{
    digest = stir(digest, task->id);
    digest = stir(digest, task->incident->id);
    digest = stir(digest, task->department);
    digest = stir(digest, task->round);
    digest = stir(digest, task->kind);
    digest = stir(digest, task->state);
    digest = stir(digest, task->final);
    digest = stir_promise(digest, &task->sign);
    digest = stir_promise(digest, &task->reply);
    digest = stir_promise(digest, &task->rule);
    return stir_node(digest, &task->deadline.node);
}

static uint64_t stir_city(uint64_t digest, const struct core *core)
{
    for (uint32_t i = 0; i < pool_used(&core->lines); i++)
        digest = stir(digest, line_fingerprint(&((struct line *)pool_at(&core->lines, i))->row));
    for (uint32_t i = 0; i < pool_used(&core->departments); i++)
        digest = stir(digest, department_fingerprint(
                                  &((struct department *)pool_at(&core->departments, i))->row));
    for (uint32_t i = 0; i < pool_used(&core->categories); i++)
        digest = stir(
            digest, category_fingerprint(&((struct category *)pool_at(&core->categories, i))->row));
    for (uint32_t i = 0; i < pool_used(&core->days); i++)
        digest = stir(digest, day_fingerprint(&((struct day *)pool_at(&core->days, i))->row));
    for (uint32_t i = 0; i < pool_used(&core->districts); i++)
        digest = stir(digest, ((struct district *)pool_at(&core->districts, i))->fingerprint);
    for (uint32_t i = 0; i < pool_used(&core->units); i++)
        digest = stir(digest, ((struct unit *)pool_at(&core->units, i))->fingerprint);
    for (uint32_t i = 0; i < pool_used(&core->gateways); i++) {
        const struct gateway *gateway = pool_at(&core->gateways, i);
        digest = stir(digest, gateway_fingerprint(&gateway->row));
        digest = stir(digest, gateway->epoch);
        digest = stir(digest, gateway->fell_ms);
        digest = stir_node(digest, &gateway->deadline.node);
    }
    for (uint32_t i = 0; i < SLA_CLASS_COUNT; i++)
        digest = stir(digest, limit_fingerprint(&core->sla_limits[i]));
    for (uint32_t i = 0; i < PARAMETER_COUNT; i++)
        digest = stir(digest, core->parameters[i]);
    for (uint32_t i = 0; i < TEMPLATE_COUNT; i++)
        digest = stir(digest, core->templates[i]);
    return stir_bytes(digest, core->city_digest, sizeof core->city_digest);
}

static uint64_t stir_small(uint64_t digest, const struct core *core)
{
    for (uint32_t i = 0; i < core->callbacks.reached; i++) {
        const struct callback *callback = pool_at(&core->callbacks, i);
        if (!callback->id)
            continue;
        digest = stir(stir(digest, callback->id), callback->contact);
        digest = stir(stir(digest, callback->caller), callback->line);
        digest = stir_promise(digest, &callback->promise);
    }
    for (uint32_t i = 0; i < core->texts.reached; i++) {
        const struct citizen_text *text = pool_at(&core->texts, i);
        if (!text->id)
            continue;
        digest = stir(stir(digest, text->id), text->incident);
        digest = stir(stir(digest, text->contact), text->template);
        digest = stir(digest, text->state);
    }
    return digest;
}

uint64_t core_digest(const struct core *core)
{
    uint64_t digest = stir(stir(0, core->seq), core->at_ms);
    digest = stir(digest, core->next_id);
    digest = stir(stir(digest, core->number_day), core->number_count);
    digest = stir(stir(digest, core->emergency_on), core->emergency_ready);
    digest = stir_city(digest, core);
    for (uint32_t i = 0; i < core->users.reached; i++) {
        const struct user *user = pool_at(&core->users, i);
        if (user->row.user)
            digest = stir_user(digest, user);
    }
    for (uint32_t i = 0; i < core->contacts.reached; i++) {
        const struct contact *contact = pool_at(&core->contacts, i);
        if (contact->id)
            digest = stir_contact(digest, contact);
    }
    for (uint32_t i = 0; i < core->incidents.reached; i++) {
        const struct incident *incident = pool_at(&core->incidents, i);
        if (incident->id)
            digest = stir_incident(digest, incident);
    }
    for (uint32_t i = 0; i < core->tasks.reached; i++) {
        const struct task *task = pool_at(&core->tasks, i);
        if (task->id)
            digest = stir_task(digest, task);
    }
    return stir_small(digest, core);
}
