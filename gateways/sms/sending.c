/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/sending.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "gateways/sms/parts.h"
#include "gateways/sms/questions.h"
#include "gateways/sms/smpp_pdu.h"

enum {
    POSTPONE_MS = 1000 /* a text that no centre takes now */
};

/* ------------------------------------------------------------------------------- what centres take */

/* How this centre wants to be told which piece of a long text one is. */
static enum parts_means means_of(const struct centre_settings *centre)
{
    if (strcmp(centre->long_with, "sar") == 0 && strcmp(centre->protocol, "smpp") == 0)
        return PARTS_SAR;
    return strcmp(centre->long_with, "header16") == 0 ? PARTS_HEADER_16 : PARTS_HEADER_8;
}

/* The national table that every centre takes: words are cut before it is known by which one they go. */
static enum letters national_of(const struct centres *centres)
{
    static const struct {
        const char *name;
        enum letters letters;
    } rows[] = { { "turkish", LETTERS_TURKISH },
                 { "spanish", LETTERS_SPANISH },
                 { "portuguese", LETTERS_PORTUGUESE } };
    const char *first = centres_centre(centres, 0)->national;

    for (uint32_t i = 1; i < centres_count(centres); i++)
        if (strcmp(centres_centre(centres, i)->national, first) != 0)
            return LETTERS_NONE;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name, first) == 0)
            return rows[i].letters;
    return LETTERS_NONE;
}

static bool all_lock(const struct centres *centres)
{
    uint32_t i = 0;

    while (i < centres_count(centres) &&
           strcmp(centres_centre(centres, i)->national_shift, "locking") == 0)
        i++;
    return i == centres_count(centres);
}

void sending_init(struct sending *sending, struct outbox *outbox, struct centres *centres,
                  struct evidence *evidence)
{
    *sending = (struct sending){ .outbox = outbox, .centres = centres, .evidence = evidence };
    for (uint32_t i = 0; i < centres_count(centres); i++) {
        const struct centre_settings *centre = centres_centre(centres, i);

        if (strcmp(centre->protocol, "smpp") != 0)
            outbox_avoid_gsm7(outbox);
        if (means_of(centre) == PARTS_HEADER_16)
            outbox_leave_room(outbox);
    }
    if (centres_count(centres) > 0)
        outbox_take_national(outbox, national_of(centres), all_lock(centres));
}

/* ------------------------------------------------------------------------------------- answers */

static void refusal_log(struct sending *sending, const struct piece_answer *answer)
{
    if (log_allowed(&sending->refusal_limit))
        log_warn("text %" PRIu64 " part %" PRIu32 " refused by %s: %s (0x%" PRIx32 ")",
                 answer->parcel.text, answer->parcel.part + 1,
                 centres_centre(sending->centres, answer->centre)->name,
                 centres_status_name(sending->centres, answer->centre, answer->status),
                 answer->status);
}

static void piece_answered(struct sending *sending, const struct piece_answer *answer,
                           uint64_t wall_ms)
{
    struct piece_answer noted = *answer;

    if (answer->verdict == PIECE_ELSEWHERE)
        noted.verdict =
            routes_refuse(&sending->routes, sending->centres, answer->parcel.text, answer->centre);
    outbox_note_answer(sending->outbox, &noted, wall_ms);
    if (answer->verdict != PIECE_TAKEN)
        refusal_log(sending, answer);
}

/* What the centre says of a text alone counts: a refusal in a bundle, or of the whole one, is none for ever. */
static void bundle_answered(struct sending *sending, struct bundle *bundle,
                            const struct piece_answer *answer, uint64_t wall_ms)
{
    for (uint32_t i = 0; i < bundle->count; i++) {
        struct piece_answer one = *answer;

        one.parcel = bundle->parcels[i];
        bool taken = answer->verdict == PIECE_TAKEN;
        bool failed = taken && bundle_failed(answer->failures, bundle->numbers[i], &one.status);
        if (failed || (!taken && answer->verdict != PIECE_FULL))
            one.verdict = PIECE_LATER;
        piece_answered(sending, &one, wall_ms);
    }
    evidence_bundle_answer(sending->evidence, bundle, answer, wall_ms);
    bundle->count = 0;
}

void sending_answered(struct sending *sending, const struct piece_answer *answer, uint64_t wall_ms)
{
    struct bundle *bundle = bundle_of(&sending->bundles, answer->parcel);

    if (bundle) {
        bundle_answered(sending, bundle, answer, wall_ms);
        return;
    }
    piece_answered(sending, answer, wall_ms);
    evidence_answer(sending->evidence, answer, wall_ms);
}

void sending_unknown(struct sending *sending, struct parcel parcel)
{
    struct bundle *bundle = bundle_of(&sending->bundles, parcel);

    if (!bundle) {
        outbox_note_unknown(sending->outbox, parcel);
        return;
    }
    for (uint32_t i = 0; i < bundle->count; i++)
        outbox_note_unknown(sending->outbox, bundle->parcels[i]);
    bundle->count = 0;
}

/* ------------------------------------------------------------------------------------- sending */

/* Centres whose parked texts may be looked at: there is room, or they are down and others may do. */
static uint32_t open_centres(const struct sending *sending, bool urgent)
{
    uint32_t open = 0;

    for (uint32_t i = 0; i < centres_count(sending->centres); i++)
        if (!centres_is_up(sending->centres, i) || centres_room(sending->centres, i, urgent))
            open |= 1U << i;
    return open;
}

/* When a piece that waits can go out. */
static uint64_t sending_due(const struct sending *sending, bool urgent)
{
    uint64_t due = UINT64_MAX;

    for (uint32_t i = 0; i < centres_count(sending->centres); i++) {
        uint64_t one = centres_room_due(sending->centres, i, urgent);

        if (one < due)
            due = one;
    }
    return due;
}

/* The protocol cannot carry it: nobody else will say so. */
static void piece_refused(struct sending *sending, const struct piece_out *piece, uint8_t centre)
{
    struct piece_answer answer = { .parcel = piece->parcel,
                                   .verdict = PIECE_REFUSED,
                                   .status = SMPP_RINVMSGLEN,
                                   .centre = centre };

    sending_answered(sending, &answer, sending->wall_ms);
}

/* Those of the bundle that go by another centre stay. */
static void bundle_sort(struct sending *sending, struct bundle *bundle,
                        const struct piece_out *piece, uint8_t centre)
{
    struct piece_out other = *piece;
    uint32_t kept = 1;

    for (uint32_t i = 1; i < bundle->count; i++) {
        other.parcel = bundle->parcels[i];
        memcpy(other.dest, bundle->numbers[i], sizeof other.dest);
        if (routes_pick(&sending->routes, sending->centres, &other) != centre)
            continue;
        bundle->parcels[kept] = bundle->parcels[i];
        memcpy(bundle->numbers[kept++], other.dest, sizeof other.dest);
    }
    bundle->count = bundle->count > 1 && kept > 1 ? kept : 0;
}

/* The piece and what can go with it in one PDU; NULL: it goes alone. */
static struct bundle *bundle_gather(struct sending *sending, const struct piece_out *piece,
                                    uint8_t centre)
{
    uint32_t room = centres_bundle_room(sending->centres, centre);
    struct bundle *bundle = room > 1 ? bundles_free(&sending->bundles) : NULL;

    if (!bundle)
        return NULL;
    outbox_gather(sending->outbox, piece->parcel, centre, room, sending->wall_ms, bundle);
    bundle_sort(sending, bundle, piece, centre);
    return bundle->count > 0 ? bundle : NULL;
}

/* Hands the piece to its centre. Returns false when no more should be tried now. */
static bool piece_send(struct sending *sending, struct piece_out *piece, uint8_t centre)
{
    uint8_t octets[PARTS_PIECE_BYTES];
    char own_id[PIECE_ID_BYTES] = "";

    parts_redress(piece, means_of(centres_centre(sending->centres, centre)), octets);
    piece->bundle = bundle_gather(sending, piece, centre);
    if (piece->bundle) {
        outbox_note_bundle(sending->outbox, piece->bundle, sending->wall_ms);
        evidence_of_bundle(sending->evidence, piece->bundle);
        piece->parcel = bundle_parcel(&sending->bundles, piece->bundle);
        sending->bundled += piece->bundle->count;
    } else {
        outbox_note_sending(sending->outbox, piece->parcel, sending->wall_ms);
        evidence_of(sending->evidence, piece->parcel);
    }
    int status = centres_submit(sending->centres, centre, piece, own_id);
    evidence_of(sending->evidence, (struct parcel){ 0 });
    if (status == 0 && own_id[0] != '\0')
        outbox_note_own_id(sending->outbox, piece->parcel, own_id);
    if (status == -EINVAL)
        piece_refused(sending, piece, centre);
    else if (status != 0)
        sending_unknown(sending, piece->parcel);
    return status == 0 || status == -EINVAL;
}

void sending_replaced(struct sending *sending, const struct piece_answer *answer, uint64_t wall_ms)
{
    outbox_note_corrected(sending->outbox, answer->parcel, answer->verdict, wall_ms);
    if (answer->verdict == PIECE_TAKEN)
        sending->replaced++;
    else if (answer->verdict != PIECE_NONE)
        refusal_log(sending, answer);
    evidence_answer(sending->evidence, answer, wall_ms);
}

/* Other words for what a centre has. Returns false when no more should be tried now. */
static bool replace_next(struct sending *sending)
{
    struct outbox_correcting next;

    if (!outbox_next_correction(sending->outbox, sending->wall_ms, &next))
        return false;
    if (next.centre >= centres_count(sending->centres) ||
        !centres_is_up(sending->centres, next.centre)) {
        outbox_note_corrected(sending->outbox, next.piece.parcel, PIECE_LATER, sending->wall_ms);
        return true; /* the others' centres may stand */
    }
    if (!centres_room(sending->centres, next.centre, false))
        return false; /* the next turn tries again */
    outbox_note_correcting(sending->outbox, next.piece.parcel);
    evidence_of(sending->evidence, next.piece.parcel);
    int status = centres_replace(sending->centres, next.centre, next.message_id, &next.piece);
    evidence_of(sending->evidence, (struct parcel){ 0 });
    if (status == 0)
        return true;
    bool later = status == -EAGAIN || status == -ENOTCONN;
    outbox_note_corrected(sending->outbox, next.piece.parcel, later ? PIECE_LATER : PIECE_REFUSED,
                          sending->wall_ms);
    return true;
}

static bool send_next(struct sending *sending, bool urgent)
{
    struct piece_out piece;

    if (sending_due(sending, urgent) > sending->mono_ms ||
        !outbox_next(sending->outbox, open_centres(sending, urgent), sending->wall_ms, &piece))
        return false;
    uint8_t centre = routes_pick(&sending->routes, sending->centres, &piece);
    if (centre == PIECE_CENTRES_MAX) {
        outbox_postpone(sending->outbox, piece.parcel, sending->wall_ms,
                        sending->wall_ms + POSTPONE_MS);
        return true;
    }
    if (!centres_room(sending->centres, centre, piece.urgent)) {
        outbox_park(sending->outbox, piece.parcel, centre);
        return true;
    }
    return piece_send(sending, &piece, centre);
}

/* Who is in danger is answered before anything is asked, and both before all others. */
void sending_turn(struct sending *sending, uint64_t mono_ms, uint64_t wall_ms)
{
    sending->mono_ms = mono_ms;
    sending->wall_ms = wall_ms;
    while (outbox_urgent_is_due(sending->outbox, open_centres(sending, true), sending->wall_ms) &&
           send_next(sending, true))
        ;
    questions_put(sending->outbox, sending->centres, sending->wall_ms);
    while (replace_next(sending))
        ;
    while (send_next(sending, false))
        ;
}

/* Until a piece may go out by the time alone. */
static uint64_t wait_of(const struct sending *sending, bool urgent, uint64_t mono_ms,
                        uint64_t wall_ms)
{
    uint32_t open = open_centres(sending, urgent);
    uint64_t wait = UINT64_MAX;
    uint64_t allowed = sending_due(sending, urgent);
    uint64_t due = outbox_due(sending->outbox, urgent, open);

    if (allowed != UINT64_MAX && due != UINT64_MAX) {
        wait = sending_until(due, wall_ms, UINT64_MAX);
        allowed = sending_until(allowed, mono_ms, UINT64_MAX);
        if (allowed > wait)
            wait = allowed;
    }
    for (uint32_t i = 0; i < centres_count(sending->centres); i++) {
        uint64_t room = open >> i & 1 ? UINT64_MAX : centres_room_due(sending->centres, i, urgent);

        if (room != UINT64_MAX && outbox_is_parked(sending->outbox, urgent, (uint8_t)i))
            wait = sending_until(room, mono_ms, wait);
    }
    return wait;
}

uint64_t sending_wait(const struct sending *sending, uint64_t mono_ms, uint64_t wall_ms)
{
    uint64_t urgent = wait_of(sending, true, mono_ms, wall_ms);
    uint64_t others = wait_of(sending, false, mono_ms, wall_ms);

    uint64_t replacing = sending_until(outbox_correction_due(sending->outbox), wall_ms, UINT64_MAX);

    if (replacing < others)
        others = replacing;
    return urgent < others ? urgent : others;
}
