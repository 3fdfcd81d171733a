/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "dispatcher/kpi/stamps.h"
#include "dispatcher/views/row.h"

static struct key contact_key(uint64_t contact)
{
    return key_of1(VIEW_CONTACT, contact);
}

static bool stands_in_queue(const struct contact_row *row)
{
    return row->state == CONTACT_STATE_WAITING || row->state == CONTACT_STATE_OFFERED;
}

/* Puts the row into the lists of its state, or takes it out of them. */
static int contact_file(const struct change *change, const struct contact_row *row, bool in)
{
    int (*file)(const struct change *, struct key) = in ? mark_put : mark_remove;
    int step = in ? 1 : -1, status = 0;
    if (stands_in_queue(row)) {
        status = file(change, key_of3(VIEW_QUEUE, row->band, row->due_ms, row->contact));
        if (status == 0)
            status =
                file(change, key_of3(VIEW_LINE_QUEUE, row->line, row->arrived_ms, row->contact));
        if (status == 0)
            status = number_add(change, key_of2(VIEW_COUNT, COUNT_WAITING, row->line), step);
    } else if (row->state == CONTACT_STATE_CONNECTED) {
        status = file(change, key_of1(VIEW_TALKING, row->contact));
        if (status == 0)
            status = number_add(change, key_of2(VIEW_COUNT, COUNT_TALKING, 0), step);
    } else if (row->state != CONTACT_STATE_NONE)
        status = file(change, key_of2(VIEW_ENDED, row->ended_ms, row->contact));
    return status;
}

static int disposition_file(const struct change *change, const struct contact_row *before,
                            const struct contact_row *row)
{
    int status = 0;
    if (before->disposition == row->disposition)
        return 0;
    if (before->disposition)
        status = mark_remove(change, key_of2(VIEW_DISPOSED, before->disposition, row->contact));
    return status < 0 ? status
                      : mark_put(change, key_of2(VIEW_DISPOSED, row->disposition, row->contact));
}

static int contact_save(const struct change *change, const struct contact_row *before,
                        const struct contact_row *row)
{
    int status = 0;
    if (before->state != row->state || before->band != row->band || before->line != row->line ||
        before->due_ms != row->due_ms) {
        status = contact_file(change, before, false);
        if (status == 0)
            status = contact_file(change, row, true);
    }
    if (status == 0)
        status = disposition_file(change, before, row);
    return status < 0 ? status
                      : row_put(change, contact_key(row->contact), SCHEMA_CONTACT_ROW, row);
}

static int day_count(const struct change *change, uint32_t line,
                     void (*count)(struct line_status *, const struct change *,
                                   const struct contact_row *),
                     const struct contact_row *row)
{
    struct line_status before, today;
    struct key key = key_of2(VIEW_DAY, day_of(change->views, change->event->at_ms), line);
    int status = row_take(change, key, SCHEMA_LINE_STATUS, &today);
    if (status == -ENOENT) {
        today = (struct line_status){ .line = line };
        status = 0;
    }
    if (status < 0)
        return status;
    before = today;
    count(&today, change, row);
    status = row_put(change, key, SCHEMA_LINE_STATUS, &today);
    return status < 0 ? status : load_count(change, row, &before, &today);
}

static void count_arrived(struct line_status *today, const struct change *change,
                          const struct contact_row *row)
{
    (void)row;
    if (change->event->contact_arrived.test)
        today->tests++;
    else
        today->arrived++;
}

static void count_answered(struct line_status *today, const struct change *change,
                           const struct contact_row *row)
{
    today->answered++;
    if (change->event->at_ms <= row->due_ms)
        today->answered_in_time++;
}

static void count_abandoned(struct line_status *today, const struct change *change,
                            const struct contact_row *row)
{
    (void)row;
    today->abandoned++;
    today->brief += change->event->contact_ended.brief;
}

/* Whoever was live when its number came once more knows it, too. */
static int same_number(const struct change *change, uint64_t contact, uint64_t newer)
{
    struct contact_row row;
    int status = row_take(change, contact_key(contact), SCHEMA_CONTACT_ROW, &row);
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    row.same = newer;
    return row_put(change, contact_key(contact), SCHEMA_CONTACT_ROW, &row);
}

static int contact_arrived(const struct change *change)
{
    const struct event *event = change->event;
    const struct contact_arrived *arrived = &event->contact_arrived;
    struct contact_row before = { .contact = event->contact };
    struct contact_row row = { .contact = event->contact,
                               .line = event->line,
                               .channel = arrived->channel,
                               .band = arrived->band,
                               .state = CONTACT_STATE_WAITING,
                               .arrived_ms = arrived->arrived_ms,
                               .due_ms = arrived->due_ms,
                               .incident = event->incident,
                               .gateway = arrived->gateway,
                               .caller = arrived->caller,
                               .call = arrived->call,
                               .first_line = event->line,
                               .marks = arrived->marks,
                               .same = arrived->same,
                               .likely = arrived->about,
                               .texts = arrived->channel == CHANNEL_SMS };
    int status = contact_save(change, &before, &row);
    if (status == 0)
        status = day_count(change, row.line, count_arrived, &row);
    return status < 0 || !row.same ? status : same_number(change, row.same, row.contact);
}

static void offer_clear(struct contact_row *row)
{
    row->offer = row->offer_until_ms = 0;
    row->other_offer = row->other_until_ms = row->other_taker = 0;
    row->ringing = row->auto_answer = false;
}

static bool offer_make(const struct event *event, struct contact_row *row)
{
    if (event->offer_made.kind == OFFER_KIND_TRANSFER)
        return false; /* its sender has it */
    if (event->offer_made.kind == OFFER_KIND_PARALLEL) {
        row->other_offer = event->offer;
        row->other_taker = event->taker;
        row->other_until_ms = event->offer_made.until_ms;
        return true;
    }
    row->state = CONTACT_STATE_OFFERED;
    row->offer = event->offer;
    row->taker = event->taker;
    row->auto_answer = event->offer_made.auto_answer;
    row->offer_until_ms = event->offer_made.until_ms;
    return true;
}

static bool offer_end(const struct event *event, struct contact_row *row)
{
    if (event->offer_ended.cause == OFFER_END_CONNECTED ||
        (event->offer != row->offer && event->offer != row->other_offer))
        return false;
    uint64_t left = event->offer == row->offer ? row->other_offer : row->offer;
    uint32_t taker = event->offer == row->offer ? row->other_taker : row->taker;
    uint64_t until_ms = event->offer == row->offer ? row->other_until_ms : row->offer_until_ms;
    offer_clear(row);
    row->state = left ? CONTACT_STATE_OFFERED : CONTACT_STATE_WAITING;
    row->offer = left;
    row->taker = left ? taker : 0;
    row->offer_until_ms = left ? until_ms : 0;
    return true;
}

static bool transfer_end(const struct event *event, struct contact_row *row)
{
    const struct transfer_ended *ended = &event->transfer_ended;
    row->transfer = TRANSFER_KIND_NONE;
    row->receiver = 0;
    if (ended->outcome != TRANSFER_OUTCOME_TAKEN && ended->outcome != TRANSFER_OUTCOME_SENDER_LEFT)
        return true;
    row->taker = event->taker;
    row->line = ended->to_line;
    row->band = ended->band;
    if (ended->outcome == TRANSFER_OUTCOME_SENDER_LEFT)
        row->state = CONTACT_STATE_WAITING;
    return true;
}

/* Who else takes part, and whether the citizen hears it; false: nothing of that. */
static bool conversation_change(const struct event *event, struct contact_row *row)
{
    switch (event->kind) {
    case EVENT_CONTACT_HELD:
        row->held_ms = event->at_ms;
        return true;
    case EVENT_CONTACT_RESUMED:
        row->held_ms = 0;
        return true;
    case EVENT_CONTACT_MUTED:
        row->muted_ms = event->at_ms;
        return true;
    case EVENT_CONTACT_UNMUTED:
        row->muted_ms = 0;
        return true;
    case EVENT_CONTACT_PARKED:
        row->taker = 0;
        row->state = CONTACT_STATE_WAITING;
        row->parked_ms = event->at_ms;
        row->parked_by = event->contact_parked.from_taker;
        row->parked_until_ms = event->contact_parked.until_ms;
        return true;
    case EVENT_CONTACT_UNPARKED:
        row->parked_ms = row->parked_until_ms = 0;
        return true;
    case EVENT_TRANSFER_BOUNCED:
        row->bounced = true;
        return true;
    case EVENT_TRANSFER_ASKED:
        row->transfer = event->transfer_asked.kind;
        return true;
    case EVENT_TRANSFER_ANSWERED:
        row->receiver = event->taker;
        return true;
    case EVENT_PARTY_INVITED:
        row->parties++;
        return true;
    case EVENT_PARTY_LEFT:
        row->parties -= row->parties > 0;
        return true;
    case EVENT_CONTACT_TAKEN_OVER:
        row->taker = event->taker;
        return true;
    case EVENT_CONTACT_REQUEUED:
        row->taker = 0;
        row->state = CONTACT_STATE_WAITING;
        return true;
    default: /* the many kinds that say nothing of a conversation */
        return false;
    }
}

/* The most certain candidate stands in the row. */
static bool located(const struct contact_located *located, struct contact_row *row)
{
    bool placed = located->east_cell && located->north_cell && located->uncertainty_m;
    row->fixes++;
    if (placed && (!row->place_m || located->uncertainty_m <= row->place_m)) {
        row->east_cell = located->east_cell;
        row->north_cell = located->north_cell;
        row->place_m = located->uncertainty_m;
    }
    return true;
}

enum {
    PERMILLE = 1000
};

static uint32_t lost_permille(const struct sound_reported *sound)
{
    uint64_t all = (uint64_t)sound->packets + sound->lost;
    return all == 0 ? 0 : (uint32_t)((uint64_t)sound->lost * PERMILLE / all);
}

/* The citizen's leg and the taker's stand in the row; of the last leg when the taker changes. */
static bool sounds(const struct sound_reported *sound, struct contact_row *row)
{
    if (sound->side == SOUND_SIDE_CITIZEN) {
        row->citizen_sound = sound->state;
        row->citizen_lost = lost_permille(sound);
        row->citizen_jitter_ms = sound->jitter_ms;
        row->citizen_round_trip_ms = sound->round_trip_ms;
        return true;
    }
    if (sound->side != SOUND_SIDE_TAKER || sound->user != row->taker)
        return false;
    row->taker_sound = sound->state;
    row->taker_lost = lost_permille(sound);
    row->taker_jitter_ms = sound->jitter_ms;
    row->taker_round_trip_ms = sound->round_trip_ms;
    return true;
}

/* What is told to the citizen, or found out about them; false: nothing. */
static bool caller_change(const struct event *event, struct contact_row *row)
{
    switch (event->kind) {
    case EVENT_WAIT_ESTIMATED:
        row->estimated_ms =
            event->wait_estimated.wait_ms ? event->at_ms + event->wait_estimated.wait_ms : 0;
        if (event->wait_estimated.minutes)
            row->minutes = event->wait_estimated.minutes;
        return true;
    case EVENT_CALLBACK_QUEUED:
        row->dial = true;
        return true;
    case EVENT_SILENCE_MOVED:
        row->silence = event->silence_moved.to;
        return true;
    case EVENT_CONTACT_LIKELY:
        row->likely = event->incident;
        return true;
    case EVENT_CONTACT_LOCATED:
        return located(&event->contact_located, row);
    case EVENT_SOUND_REPORTED:
        return sounds(&event->sound_reported, row);
    case EVENT_TEXT_RECEIVED:
        row->texts = event->text_received.texts;
        row->text_ms = event->text_received.arrived_ms;
        row->typing = event->text_received.typing;
        return true;
    case EVENT_TYPING_OPENED:
        row->typing = event->typing_opened.typing;
        return true;
    case EVENT_TEXT_TYPED:
        row->wrote_ms = event->at_ms;
        return true;
    case EVENT_TEXT_ORDERED:
        if (event->text_ordered.template != TEMPLATE_WORDS)
            return false;
        row->wrote_ms = event->at_ms;
        return true;
    default:
        return conversation_change(event, row);
    }
}

/* What the event changes in the row; false: nothing. */
static bool row_change(const struct event *event, struct contact_row *row)
{
    switch (event->kind) {
    case EVENT_CONTACT_RELINED:
        row->line = event->contact_relined.to;
        row->band = event->contact_relined.band;
        if (event->contact_relined.due_ms)
            row->due_ms = event->contact_relined.due_ms;
        return true;
    case EVENT_CONTACT_RAISED:
        row->band = event->contact_raised.band;
        return true;
    case EVENT_ERASED: /* nobody finds it by the citizen's number any more */
        if (event->erased.subject != row->contact)
            return false;
        row->caller = 0;
        row->erased_ms = event->at_ms;
        return true;
    case EVENT_CONTACT_DISPOSED:
        row->disposition = event->contact_disposed.disposition;
        return true;
    case EVENT_CONTACT_ATTACHED:
        row->incident = event->incident;
        return true;
    case EVENT_OFFER_MADE:
        return offer_make(event, row);
    case EVENT_OFFER_RANG:
        row->ringing = true;
        return true;
    case EVENT_TRANSFER_ENDED:
        return transfer_end(event, row);
    case EVENT_OFFER_ACCEPTED:
        if (event->offer == row->other_offer)
            row->other_until_ms = event->offer_accepted.until_ms;
        else if (event->offer == row->offer && event->offer_accepted.until_ms)
            row->offer_until_ms = event->offer_accepted.until_ms;
        return true;
    case EVENT_OFFER_ENDED:
        return offer_end(event, row);
    case EVENT_CONTACT_CONNECTED:
        row->state = CONTACT_STATE_CONNECTED;
        if (!row->connected_ms) /* a transfer connects once more */
            row->connected_ms = contact_answered_ms(event);
        row->taker = event->taker;
        row->parked_ms = row->parked_until_ms = row->parked_by = 0;
        offer_clear(row);
        return true;
    case EVENT_CONTACT_ENDED:
        row->state = event->contact_ended.abandoned ? CONTACT_STATE_ABANDONED : CONTACT_STATE_ENDED;
        row->ended_ms = event->at_ms;
        row->cause = event->contact_ended.cause;
        row->held_ms = row->muted_ms = row->parked_ms = row->parked_until_ms = 0;
        offer_clear(row);
        return true;
    default:
        return caller_change(event, row);
    }
}

static int contact_changed(const struct change *change)
{
    const struct event *event = change->event;
    struct contact_row before, row;
    if (!event->contact)
        return 0;
    int status = row_take(change, contact_key(event->contact), SCHEMA_CONTACT_ROW, &before);
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    row = before;
    if (!row_change(event, &row))
        return 0;
    status = contact_save(change, &before, &row);
    if (status == 0 && event->kind == EVENT_CONTACT_CONNECTED && !before.connected_ms)
        status = day_count(change, row.line, count_answered, &row);
    if (status == 0 && event->kind == EVENT_CONTACT_ENDED && event->contact_ended.abandoned)
        status = day_count(change, row.line, count_abandoned, &row);
    return status;
}

static int callback_opened(const struct change *change)
{
    const struct event *event = change->event;
    struct callback_row row = { .callback = event->callback_opened.callback,
                                .contact = event->contact,
                                .line = event->line,
                                .opened_ms = event->at_ms,
                                .due_ms = event->callback_opened.due_ms,
                                .caller = event->callback_opened.caller,
                                .undiallable = event->callback_opened.undiallable,
                                .quiet = event->callback_opened.quiet };
    int status = row_put(change, key_of1(VIEW_CALLBACK, row.callback), SCHEMA_CALLBACK_ROW, &row);
    return status < 0 ? status : number_add(change, key_of2(VIEW_COUNT, COUNT_CALLBACKS, 0), 1);
}

static int callback_ended(const struct change *change)
{
    int status = row_remove(change, key_of1(VIEW_CALLBACK, change->event->callback_ended.callback));
    return status < 0 ? status : number_add(change, key_of2(VIEW_COUNT, COUNT_CALLBACKS, 0), -1);
}

static int callback_moved(const struct change *change, uint64_t callback)
{
    const struct event *event = change->event;
    struct callback_row row;
    int status = row_take(change, key_of1(VIEW_CALLBACK, callback), SCHEMA_CALLBACK_ROW, &row);
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    bool tried = event->kind == EVENT_CALLBACK_TRIED;
    row.tries = tried ? event->callback_tried.tries : row.tries;
    row.result = tried ? event->callback_tried.result : TRY_RESULT_NONE;
    row.next_ms = tried ? event->callback_tried.next_ms : 0;
    return row_put(change, key_of1(VIEW_CALLBACK, callback), SCHEMA_CALLBACK_ROW, &row);
}

static int recording_stored(const struct change *change)
{
    const struct recording_stored *stored = &change->event->recording_stored;
    struct recording_row row = { .contact = change->event->contact,
                                 .gateway = stored->gateway,
                                 .size = stored->size,
                                 .duration_ms = stored->duration_ms,
                                 .algorithm = stored->algorithm };
    memcpy(row.file, stored->file, sizeof row.file);
    memcpy(row.digest, stored->digest, sizeof row.digest);
    return row_put(change, key_of2(VIEW_RECORDING, row.contact, change->event->seq),
                   SCHEMA_RECORDING_ROW, &row);
}

int apply_to_contacts(const struct change *change)
{
    switch (change->event->kind) {
    case EVENT_CONTACT_ARRIVED:
        return contact_arrived(change);
    case EVENT_CALLBACK_OPENED:
        return callback_opened(change);
    case EVENT_CALLBACK_ENDED:
        return callback_ended(change);
    case EVENT_CALLBACK_TRIED:
        return callback_moved(change, change->event->callback_tried.callback);
    case EVENT_CALLBACK_FELL:
        return callback_moved(change, change->event->callback_fell.callback);
    case EVENT_RECORDING_STORED:
        return recording_stored(change);
    default: /* the rest is in row_change() */
        return contact_changed(change);
    }
}

int views_contact_of(struct views *views, uint64_t caller, uint64_t *after, int max,
                     uint64_t *contact)
{
    struct transaction *read;
    struct key prefix = key_of(VIEW_CONTACT);
    int status = store_begin_read(views->store, &read);
    *contact = 0;
    for (int i = 0; status == 0 && i < max && !*contact; i++) {
        struct contact_row row;
        struct key from = contact_key(*after + 1);
        struct slice value;
        status = view_next(read, &prefix, &from, after, &value);
        if (status == 0)
            status = codec_unpack(views->codec, SCHEMA_CONTACT_ROW, value.data, value.size, &row);
        if (status == 0 && row.caller == caller)
            *contact = row.contact;
    }
    transaction_end(read);
    return status;
}
