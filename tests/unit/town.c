/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/town.h"

#include <stdio.h>
#include <string.h>

#include "base/require.h"

enum {
    STEP_MS_MAX = 400,
    DEPARTMENT = 7,
    FIRST_ORDER_STAGE = 8 /* the call is over */
};

static const uint32_t lines[] = { 110, 119, 12345 };

void town_init(struct town *town, uint64_t seed)
{
    memset(town, 0, sizeof *town);
    prng_seed(&town->prng, seed);
    town->at_ms = 1786579200000; /* 2026-08-13 00:00 UTC */
    town->next_id = 1;
    town->step_ms_max = STEP_MS_MAX;
}

static void set_up(struct town *town, struct event *event)
{
    uint32_t step = town->opened++;
    event->actor_kind = ACTOR_KIND_SYSTEM;
    if (step < 3) {
        event->kind = EVENT_LINE_DEFINED;
        memset(&event->line_defined, 0, sizeof event->line_defined);
        struct line_row *row = &event->line_defined.row;
        event->line_defined.has_row = true;
        row->line = lines[step];
        (void)snprintf(row->name_zh, sizeof row->name_zh, "%u 热线", lines[step]);
        row->emergency = lines[step] < 1000;
        row->band = row->emergency ? BAND_EMERGENCY : BAND_ORDINARY;
        row->answer_target_ms = 10000;
        return;
    }
    if (step == 3) {
        event->kind = EVENT_GATEWAY_DEFINED;
        memset(&event->gateway_defined, 0, sizeof event->gateway_defined);
        event->gateway_defined.has_row = true;
        event->gateway_defined.row.gateway = 1;
        strcpy(event->gateway_defined.row.name, "trunk-1");
        event->gateway_defined.row.kind = GATEWAY_KIND_TRUNK;
        return;
    }
    if (step == 4) {
        event->kind = EVENT_GATEWAY_ROSE;
        event->gateway_rose = (struct gateway_rose){ .gateway = 1, .epoch = 5 };
        return;
    }
    event->taker = 1001 + (step - 5) / 2;
    event->kind = (step - 5) % 2 == 0 ? EVENT_TAKER_SIGNED_ON : EVENT_TAKER_BECAME_READY;
}

static const struct personal *said(struct town *town)
{
    static struct personal personal;
    memset(&personal, 0, sizeof personal);
    (void)snprintf(personal.number, sizeof personal.number, "1380000%04u",
                   (unsigned)prng_below(&town->prng, 10000));
    strcpy(personal.name, "王秀英");
    (void)snprintf(personal.address, sizeof personal.address, "解放路 %u 号",
                   (unsigned)prng_below(&town->prng, 500));
    strcpy(personal.text, "楼下施工噪音,晚上不能睡觉。");
    return &personal;
}

static bool taker_take(struct town *town, struct town_call *call)
{
    for (uint32_t i = 0; i < TOWN_TAKERS; i++)
        if (!town->busy[i]) {
            town->busy[i] = true;
            call->taker = 1001 + i;
            return true;
        }
    return false;
}

static void taker_give(struct town *town, struct town_call *call)
{
    town->busy[call->taker - 1001] = false;
}

static void about(struct event *event, const struct town_call *call, enum event_kind kind)
{
    event->kind = kind;
    event->contact = call->contact;
    event->incident = call->incident;
    event->line = call->line;
}

static void arrive(struct town *town, struct town_call *call, struct event *event)
{
    *call =
        (struct town_call){ .contact = town->next_id++, .line = lines[prng_below(&town->prng, 3)] };
    about(event, call, EVENT_CONTACT_ARRIVED);
    event->actor_kind = ACTOR_KIND_GATEWAY;
    event->actor = 1;
    event->has_personal = true;
    event->contact_arrived = (struct contact_arrived){
        .gateway = 1,
        .call = call->contact + 1000,
        .channel = CHANNEL_VOICE,
        .band = call->line < 1000 ? BAND_EMERGENCY : BAND_ORDINARY,
        .due_ms = event->at_ms + 10000,
        .caller = 1 + prng_below(&town->prng, 50),
        .trunk = "north",
        .called = "12345",
        .arrived_ms = event->at_ms,
    };
}

static void offer(struct town *town, struct town_call *call, struct event *event)
{
    call->offer = town->next_id++;
    about(event, call, EVENT_OFFER_MADE);
    event->offer = call->offer;
    event->taker = call->taker;
    event->offer_made = (struct offer_made){ .gateway = 1,
                                             .call = call->contact + 1000,
                                             .phone = "sip:1001@127.0.0.1",
                                             .until_ms = event->at_ms + 15000 };
}

static void register_incident(struct town *town, struct town_call *call, struct event *event)
{
    call->incident = town->next_id++;
    about(event, call, EVENT_INCIDENT_REGISTERED);
    event->taker = call->taker;
    event->actor_kind = ACTOR_KIND_USER;
    event->actor = call->taker;
    event->has_personal = true;
    event->incident_registered = (struct incident_registered){
        .number = 20260813000000 + ++town->numbers,
        .category = 120300,
        .priority = PRIORITY_P3,
        .sla = SLA_CLASS_C,
        .district = 330101,
        .secrecy = SECRECY_OPEN,
        .caller = 9,
        .started_ms = event->at_ms - 60000,
    };
}

static void move(struct town_call *call, struct event *event, enum incident_step step,
                 enum incident_state from, enum incident_state to)
{
    about(event, call, EVENT_INCIDENT_MOVED);
    event->incident_moved =
        (struct incident_moved){ .step = step, .from = from, .to = to, .round = 1 };
}

static void open_task(struct town *town, struct town_call *call, struct event *event)
{
    call->task = town->next_id++;
    about(event, call, EVENT_TASK_OPENED);
    event->task = call->task;
    event->department = DEPARTMENT + (uint32_t)prng_below(&town->prng, 3);
    event->task_opened = (struct task_opened){ .kind = TASK_KIND_LEAD,
                                               .sign_due_ms = event->at_ms + 3600000,
                                               .reply_due_ms = event->at_ms + 7200000,
                                               .round = 1 };
}

static void move_task(struct town_call *call, struct event *event, enum task_step step,
                      enum task_state from, enum task_state to)
{
    about(event, call, EVENT_TASK_MOVED);
    event->task = call->task;
    event->task_moved =
        (struct task_moved){ .step = step, .from = from, .to = to, .kind = TASK_KIND_LEAD };
}

static void end(struct town *town, struct town_call *call, struct event *event)
{
    about(event, call, EVENT_CONTACT_ENDED);
    event->taker = call->taker;
    event->contact_ended = (struct contact_ended){ .cause = END_CAUSE_CALLER,
                                                   .from = CONTACT_STATE_CONNECTED,
                                                   .gateway = 1,
                                                   .call = call->contact + 1000 };
    taker_give(town, call);
}

static void record(struct town_call *call, struct event *event)
{
    about(event, call, EVENT_RECORDING_STORED);
    event->recording_stored =
        (struct recording_stored){ .gateway = 1, .size = 480044, .duration_ms = 30000 };
    (void)snprintf(event->recording_stored.file, sizeof event->recording_stored.file,
                   "2026-08-13/%u.wav", (unsigned)call->contact);
    memset(event->recording_stored.digest, (int)(1 + call->contact % 250),
           sizeof event->recording_stored.digest);
}

static void abandon(struct town_call *call, struct event *event)
{
    about(event, call, EVENT_CONTACT_ENDED);
    event->contact_ended = (struct contact_ended){ .cause = END_CAUSE_CANCELLED,
                                                   .from = CONTACT_STATE_WAITING,
                                                   .abandoned = true,
                                                   .gateway = 1,
                                                   .call = call->contact + 1000 };
    call->stage = 0;
}

/* The call itself; false: it has to wait. */
static bool talk_step(struct town *town, struct town_call *call, struct event *event,
                      const struct personal **personal)
{
    switch (call->stage++) {
    case 0:
        arrive(town, call, event);
        *personal = said(town);
        call->stage = 1;
        return true;
    case 1:
        if (taker_take(town, call)) {
            offer(town, call, event);
            return true;
        }
        call->stage = 1;
        if (prng_below(&town->prng, 8) > 0)
            return false;
        abandon(call, event);
        return true;
    case 2:
        about(event, call, EVENT_CONTACT_CONNECTED);
        event->offer = call->offer;
        event->taker = call->taker;
        event->contact_connected.waited_ms = 1500;
        return true;
    case 3:
        register_incident(town, call, event);
        *personal = said(town);
        return true;
    case 4:
        about(event, call, EVENT_CONTACT_ATTACHED);
        event->contact_attached.first = true;
        return true;
    case 5:
        about(event, call, EVENT_CLOCK_STARTED);
        event->clock_started =
            (struct clock_started){ .clock = CLOCK_KIND_DISPATCH, .due_ms = event->at_ms + 900000 };
        return true;
    case 6:
        end(town, call, event);
        return true;
    default:
        record(call, event);
        return true;
    }
}

/* What became of it. */
static void order_step(struct town *town, struct town_call *call, struct event *event)
{
    switch (call->stage++) {
    case 8:
        move(call, event, INCIDENT_STEP_DISPATCH, INCIDENT_STATE_REGISTERED,
             INCIDENT_STATE_DISPATCHED);
        break;
    case 9:
        open_task(town, call, event);
        break;
    case 10:
        move_task(call, event, TASK_STEP_SIGN, TASK_STATE_SENT, TASK_STATE_SIGNED);
        break;
    case 11:
        move(call, event, INCIDENT_STEP_SIGN, INCIDENT_STATE_DISPATCHED, INCIDENT_STATE_HANDLING);
        break;
    case 12:
        move_task(call, event, TASK_STEP_REPLY, TASK_STATE_SIGNED, TASK_STATE_REPLIED);
        break;
    case 13:
        move(call, event, INCIDENT_STEP_REPLY, INCIDENT_STATE_HANDLING, INCIDENT_STATE_REPLIED);
        break;
    case 14:
        about(event, call, EVENT_CITIZEN_TOLD);
        event->citizen_told = (struct citizen_told){ .means = TELL_MEANS_PHONE };
        break;
    default:
        move(call, event, INCIDENT_STEP_SATISFIED, INCIDENT_STATE_TOLD, INCIDENT_STATE_CLOSED);
        call->stage = 0;
        break;
    }
}

/* One step further; false: this call has to wait. */
static bool call_step(struct town *town, struct town_call *call, struct event *event,
                      const struct personal **personal)
{
    if (call->stage < FIRST_ORDER_STAGE)
        return talk_step(town, call, event, personal);
    order_step(town, call, event);
    return true;
}

void town_next(struct town *town, struct event *event, const struct personal **personal)
{
    memset(event, 0, sizeof *event);
    *personal = NULL;
    town->at_ms += prng_below(&town->prng, town->step_ms_max);
    event->seq = ++town->seq;
    event->at_ms = town->at_ms;
    event->actor_kind = ACTOR_KIND_SYSTEM;
    if (town->opened < 5 + 2 * TOWN_TAKERS) {
        set_up(town, event);
        return;
    }
    while (!call_step(town, &town->calls[prng_below(&town->prng, TOWN_CALLS)], event, personal))
        continue;
}
