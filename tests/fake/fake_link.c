/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fake/fake_link.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tests/fake/transcript.h"

enum {
    SUBMITS = 16 /* the last ones, for who hears that one was refused */
};

struct link {
    struct link_handlers handlers;
    struct submit submits[SUBMITS];
    uint64_t epoch;
    void *owner;
    uint64_t ticket;
    uint64_t answered;
    uint64_t order_seq;
    char key[41]; /* of what was submitted last */
    bool full;
    bool down;
    bool alone;
    uint64_t silent_ms;
};

uint64_t fake_link_first_call;

struct link *fake_link_make(const struct link_handlers *handlers, void *owner)
{
    struct link *link = calloc(1, sizeof *link);
    link->handlers = *handlers;
    link->owner = owner;
    return link;
}

void link_close(struct link *link)
{
    free(link);
}

static uint64_t call_number(uint64_t number)
{
    return number - fake_link_first_call;
}

/* Who holds, hands over and joins. */
static void say_of_conversation(const struct command *command, const struct personal *personal)
{
    switch (command->kind) {
    case COMMAND_CONTACT_TYPE:
        transcript_say("report ContactType call=%" PRIu64 " typing=%s words=%s",
                       call_number(command->contact_type.call),
                       typing_name(command->contact_type.typing), personal ? personal->text : "-");
        break;
    case COMMAND_CONTACT_HOLD:
        transcript_say("report ContactHold call=%" PRIu64, call_number(command->contact_hold.call));
        break;
    case COMMAND_CONTACT_RESUME:
        transcript_say("report ContactResume call=%" PRIu64,
                       call_number(command->contact_resume.call));
        break;
    case COMMAND_TRANSFER_FINISH:
        transcript_say("report TransferFinish call=%" PRIu64 "%s",
                       call_number(command->transfer_finish.call),
                       command->transfer_finish.lost ? " lost" : "");
        break;
    case COMMAND_TRANSFER_CANCEL:
        transcript_say("report TransferCancel call=%" PRIu64 " status=%" PRIu32,
                       call_number(command->transfer_cancel.call), command->transfer_cancel.status);
        break;
    case COMMAND_CONTACT_TRANSFER:
        transcript_say("report ContactTransfer call=%" PRIu64 " line=%" PRIu32 " taker=%" PRIu32
                       " by=%s",
                       call_number(command->contact_transfer.call), command->contact_transfer.line,
                       command->contact_transfer.taker, command->contact_transfer.referred_by);
        break;
    case COMMAND_CONTACT_KEEP:
        transcript_say("report ContactKeep call=%" PRIu64 " silent_ms=%" PRIu32,
                       call_number(command->contact_keep.call), command->contact_keep.silent_ms);
        break;
    case COMMAND_CONTACT_SURVIVE:
        transcript_say("report ContactSurvive call=%" PRIu64 " user=%" PRIu32 " phone=%s",
                       call_number(command->contact_survive.call), command->contact_survive.user,
                       command->contact_survive.phone);
        break;
    case COMMAND_GATEWAY_SETTLE:
        transcript_say("report GatewaySettle");
        break;
    case COMMAND_PARTY_JOIN:
        transcript_say("report PartyJoin party=%" PRIu64, command->party_join.party);
        break;
    case COMMAND_PARTY_LEAVE:
        transcript_say("report PartyLeave party=%" PRIu64 " cause=%s", command->party_leave.party,
                       party_out_name(command->party_leave.cause));
        break;
    default:
        transcript_say("report kind=%d", (int)command->kind);
        break;
    }
}

static char arrived_text[sizeof((struct personal *)0)->text];

const char *fake_link_arrived_text(void)
{
    return arrived_text;
}

static void say_command(const struct command *command, const struct personal *personal)
{
    switch (command->kind) {
    case COMMAND_CALLER_LOCATE:
        transcript_say("report CallerLocate number=%s position=%s within=%" PRIu32,
                       personal ? personal->number : "-", personal ? personal->position : "-",
                       command->caller_locate.uncertainty_m);
        break;
    case COMMAND_CONTACT_ARRIVE:
        (void)text_copy(arrived_text, sizeof arrived_text, personal ? personal->text : "");
        transcript_say(
            "report ContactArrive call=%" PRIu64 " line=%" PRIu32 " called=%s number=%s%s%s%s%s",
            call_number(command->contact_arrive.call), command->contact_arrive.line,
            command->contact_arrive.called, personal ? personal->number : "-",
            command->contact_arrive.language ? " language=" : "",
            command->contact_arrive.language ? language_name(command->contact_arrive.language) : "",
            personal && personal->position[0] ? " position=" : "",
            personal ? personal->position : "");
        break;
    case COMMAND_CONTACT_END:
        transcript_say("report ContactEnd call=%" PRIu64 " cause=%s",
                       call_number(command->contact_end.call),
                       end_cause_name(command->contact_end.cause));
        break;
    case COMMAND_CONTACT_SILENT:
        transcript_say("report ContactSilent call=%" PRIu64,
                       call_number(command->contact_silent.call));
        break;
    case COMMAND_CONTACT_DIGITS:
        transcript_say("report ContactDigits call=%" PRIu64 " digits=%s",
                       call_number(command->contact_digits.call), command->contact_digits.digits);
        break;
    case COMMAND_OFFER_RING:
        transcript_say("report OfferRing offer=%" PRIu64, command->offer_ring.offer);
        break;
    case COMMAND_OFFER_ANSWER:
        transcript_say("report OfferAnswer offer=%" PRIu64, command->offer_answer.offer);
        break;
    case COMMAND_OFFER_FAIL:
        transcript_say("report OfferFail offer=%" PRIu64 " cause=%s", command->offer_fail.offer,
                       offer_end_name(command->offer_fail.cause));
        break;
    case COMMAND_RECORDING_STORE:
        transcript_say("report RecordingStore call=%" PRIu64 " file=%s",
                       call_number(command->recording_store.call), command->recording_store.file);
        break;
    case COMMAND_CALLS_TURN_AWAY:
        transcript_say("report CallsTurnAway line=%" PRIu32 " calls=%" PRIu32,
                       command->calls_turn_away.line, command->calls_turn_away.calls);
        break;
    case COMMAND_SOUND_REPORT:
        transcript_say("report SoundReport call=%" PRIu64 " side=%s user=%" PRIu32
                       " state=%s packets=%" PRIu32 " lost=%" PRIu32 "%s",
                       call_number(command->sound_report.call),
                       sound_side_name(command->sound_report.side), command->sound_report.user,
                       sound_state_name(command->sound_report.state), command->sound_report.packets,
                       command->sound_report.lost, command->sound_report.final ? " final" : "");
        break;
    case COMMAND_PHONE_REGISTER:
        transcript_say("report PhoneRegister user=%" PRIu32 " phone=%s",
                       command->phone_register.user, command->phone_register.phone);
        break;
    default:
        say_of_conversation(command, personal);
        break;
    }
}

int link_submit(struct link *link, const struct command *command, const struct personal *personal,
                const uint8_t *token, size_t token_size, uint64_t *ticket)
{
    (void)token, (void)token_size;
    if (link->full)
        return -ENOBUFS;
    say_command(command, personal);
    (void)text_copy(link->key, sizeof link->key, command->key);
    *ticket = ++link->ticket;
    struct submit *kept = &link->submits[*ticket % SUBMITS];
    *kept = (struct submit){ .has_command = true, .command = *command };
    kept->has_personal = personal != NULL;
    if (personal)
        kept->personal = *personal;
    return 0;
}

void link_order_done(struct link *link, uint64_t seq)
{
    (void)link, (void)seq;
}

void fake_link_outcome(struct link *link, enum refusal refusal)
{
    struct outcome outcome = { .refusal = refusal };
    bool taken = refusal == REFUSAL_NONE || refusal == REFUSAL_ALREADY;
    while (link->answered < link->ticket) {
        const struct submit *submit = &link->submits[(link->answered + 1) % SUBMITS];
        if (!taken && submit->has_command && link->handlers.refused)
            link->handlers.refused(link->owner, submit, refusal);
        if (++link->answered == link->ticket)
            memcpy(outcome.key, link->key, sizeof outcome.key);
        link->handlers.outcome(link->owner, link->answered, &outcome);
    }
}

void fake_link_spool(struct link *link)
{
    link->handlers.spooled(link->owner, link->ticket);
}

void fake_link_offer(struct link *link, uint64_t offer, uint64_t call, const char *phone,
                     bool auto_answer)
{
    struct order order = { .seq = ++link->order_seq, .kind = ORDER_OFFER };
    order.offer.offer = offer;
    order.offer.call = fake_link_first_call + call;
    order.offer.auto_answer = auto_answer;
    strncpy(order.offer.phone, phone, sizeof order.offer.phone - 1);
    link->handlers.order(link->owner, &order);
}

void fake_link_offer_beside(struct link *link, uint64_t offer, uint64_t call, const char *phone)
{
    struct order order = { .seq = ++link->order_seq, .kind = ORDER_OFFER };
    order.offer.offer = offer;
    order.offer.call = fake_link_first_call + call;
    order.offer.kind = OFFER_KIND_PARALLEL;
    strncpy(order.offer.phone, phone, sizeof order.offer.phone - 1);
    link->handlers.order(link->owner, &order);
}

void fake_link_offer_transfer(struct link *link, uint64_t offer, uint64_t call, const char *phone)
{
    struct order order = { .seq = ++link->order_seq, .kind = ORDER_OFFER };
    order.offer.offer = offer;
    order.offer.call = fake_link_first_call + call;
    order.offer.kind = OFFER_KIND_TRANSFER;
    order.offer.taker = (uint32_t)strtoul(phone + strcspn(phone, "0123456789"), NULL, 10);
    strncpy(order.offer.phone, phone, sizeof order.offer.phone - 1);
    link->handlers.order(link->owner, &order);
}

void fake_link_hand_over(struct link *link, uint64_t call, uint64_t offer)
{
    struct order order = { .seq = ++link->order_seq, .kind = ORDER_HAND_OVER };
    order.hand_over = (struct order_hand_over){ fake_link_first_call + call, offer };
    link->handlers.order(link->owner, &order);
}

void fake_link_hold(struct link *link, uint64_t call, bool on, enum language language)
{
    struct order order = { .seq = ++link->order_seq, .kind = ORDER_HOLD };
    order.hold = (struct order_hold){ fake_link_first_call + call, on, language };
    link->handlers.order(link->owner, &order);
}

void fake_link_mute(struct link *link, uint64_t call, bool on)
{
    struct order order = { .seq = ++link->order_seq, .kind = ORDER_MUTE };
    order.mute = (struct order_mute){ fake_link_first_call + call, on };
    link->handlers.order(link->owner, &order);
}

void fake_link_park(struct link *link, uint64_t call, enum language language)
{
    struct order order = { .seq = ++link->order_seq, .kind = ORDER_PARK };
    order.park = (struct order_park){ fake_link_first_call + call, language };
    link->handlers.order(link->owner, &order);
}

void fake_link_press(struct link *link, uint64_t call, uint64_t party, const char *keys)
{
    struct order order = { .seq = ++link->order_seq, .kind = ORDER_PRESS };
    order.press = (struct order_press){ .call = fake_link_first_call + call, .party = party };
    strncpy(order.press.keys, keys, sizeof order.press.keys - 1);
    link->handlers.order(link->owner, &order);
}

void fake_link_type(struct link *link, uint64_t call, enum typing typing, const char *words)
{
    struct order order = { .seq = ++link->order_seq, .kind = ORDER_TYPE };
    order.type = (struct order_type){ .call = fake_link_first_call + call, .typing = typing };
    strncpy(order.type.words, words, sizeof order.type.words - 1);
    link->handlers.order(link->owner, &order);
}

void fake_link_party(struct link *link, uint64_t party, uint64_t call, const char *phone,
                     enum party_role role)
{
    struct order order = { .seq = ++link->order_seq, .kind = ORDER_PARTY };
    order.party =
        (struct order_party){ .party = party, .call = fake_link_first_call + call, .role = role };
    strncpy(order.party.phone, phone, sizeof order.party.phone - 1);
    link->handlers.order(link->owner, &order);
}

void fake_link_transfer_over(struct link *link, uint64_t call, enum transfer_outcome outcome)
{
    struct order order = { .seq = ++link->order_seq, .kind = ORDER_TRANSFER };
    order.transfer =
        (struct order_transfer){ .call = fake_link_first_call + call, .outcome = outcome };
    link->handlers.order(link->owner, &order);
}

void fake_link_refer_out(struct link *link, uint64_t call, const char *phone)
{
    struct order order = { .seq = ++link->order_seq, .kind = ORDER_TRANSFER };
    order.transfer.call = fake_link_first_call + call;
    strncpy(order.transfer.phone, phone, sizeof order.transfer.phone - 1);
    link->handlers.order(link->owner, &order);
}

void fake_link_order(struct link *link, enum order_kind kind, uint64_t number)
{
    struct order order = { .seq = ++link->order_seq, .kind = kind };
    if (kind == ORDER_ANSWER)
        order.answer.offer = number;
    else if (kind == ORDER_WITHDRAW)
        order.withdraw.offer = number;
    else if (kind == ORDER_TRANSFER)
        order.transfer.call = fake_link_first_call + number;
    else
        order.release = (struct order_release){ .call = fake_link_first_call + number,
                                                .cause = END_CAUSE_TAKER };
    link->handlers.order(link->owner, &order);
}

void fake_link_announce(struct link *link, uint64_t call, enum announcement announcement,
                        uint32_t minutes)
{
    struct order order = { .seq = ++link->order_seq, .kind = ORDER_ANNOUNCE };
    order.announce = (struct order_announce){ fake_link_first_call + call, announcement, minutes };
    link->handlers.order(link->owner, &order);
}

void fake_link_release(struct link *link, uint64_t call, enum end_cause cause,
                       enum announcement last)
{
    struct order order = { .seq = ++link->order_seq, .kind = ORDER_RELEASE };
    order.release = (struct order_release){ fake_link_first_call + call, cause, last };
    link->handlers.order(link->owner, &order);
}

void fake_link_setup(struct link *link, const struct setup *setup)
{
    link->handlers.setup(link->owner, setup);
}

uint64_t link_epoch(const struct link *link)
{
    return link->epoch;
}

void fake_link_up(struct link *link)
{
    static const struct welcome welcome;
    link->epoch++;
    link->handlers.up(link->owner, &welcome);
}

bool link_is_up(const struct link *link)
{
    return !link->down;
}

uint64_t link_silent_ms(const struct link *link, uint64_t mono_ms)
{
    (void)mono_ms;
    return link->silent_ms;
}

void link_was_alone(struct link *link, bool alone)
{
    link->alone = alone;
}

bool fake_link_was_alone(const struct link *link)
{
    return link->alone;
}

void fake_link_silence(struct link *link, uint64_t silent_ms)
{
    link->silent_ms = silent_ms;
    link->down = silent_ms > 0;
}

void fake_link_sever(struct link *link, bool down)
{
    link->down = down;
}

void fake_link_fill(struct link *link, bool full)
{
    link->full = full;
}
