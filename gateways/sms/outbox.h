/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * outbox: the texts the dispatcher ordered, from the order until their last report is certain. All
 * of it lies in a ledger, so that no text is lost by the end of the process.
 *
 * Once: a text that is fenced goes out only with the dispatcher's leave (outbox_next_asks()); without it
 * the text is dropped: another gateway sends it. A part that the centre answered is never sent again. A
 * part whose answer is unknown (the connection or this process ended before it came) waits, from when it
 * could go out again, for OUTBOX_DOUBT_MS whether a receipt proves that the centre has it: by the part's
 * mark, by an id that is ours (SGIP), or by the citizen's number (doubts.h). Else it is sent again, because
 * an unsent text is worse than a doubled one, counted and with the same mark, by which a centre may
 * recognise it. Urgent texts do not wait. A text order that was held before, even one finished long ago (the
 * last OUTBOX_FINISHED_MAX), is not taken twice.
 *
 * Reports: SENT when every part was taken by the centre, DELIVERED when every part has its receipt,
 * FAILED at the first part that cannot be delivered, with the cause. When a receipt does not come, the
 * centre is asked what became of the text (outbox_next_question()), first after the centre's own time, then
 * at twice the age each time; when none has come for as long as the centre keeps texts, it is FAILED with
 * OUTBOX_NO_RECEIPT: nobody knows more, and a person must. Of a centre that gives no receipts it stays SENT.
 * A text that is valid only for a while is given to the centre for as long; not out by then it is FAILED with
 * OUTBOX_TOO_LATE, without receipt OUTBOX_LAST_WORD_MS later with OUTBOX_NO_RECEIPT.
 *
 * Recalled: a text of which nothing is out is not sent (EXCUSED); what the centres have is cancelled there,
 * and the receipt, or the answer to a question, says what came of that.
 *
 * Times are UTC milliseconds: they must mean something after a restart. */
#ifndef GATEWAYS_SMS_OUTBOX_H
#define GATEWAYS_SMS_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "gateways/sms/bundle.h"
#include "gateways/sms/letters.h"
#include "gateways/sms/piece.h"
#include "gateways/sms/receipt.h"
#include "gateways/sms/unsynced.h"
#include "proto/message.h"

enum {
    OUTBOX_TEXTS_MAX = 131072,
    OUTBOX_LANES = 1 + PIECE_CENTRES_MAX,
    OUTBOX_READY_MAX = 8192,     /* texts with leave that wait; more do not ask for it */
    OUTBOX_ASKS_MAX = 64,        /* texts of one question for leave */
    OUTBOX_AWAY_MAX = 32,        /* texts for the twin at once */
    OUTBOX_AWAY_KEPT_MAX = 4096, /* of them that are remembered */
    OUTBOX_DOUBT_MS = 30 * 1000, /* as long as an answer may take */
    OUTBOX_REFUSED_MAX = 1024,
    OUTBOX_FINISHED_MAX = 4096,
    OUTBOX_GIVE_UP_MS = 24 * 3600 * 1000,  /* refused "later" for so long: FAILED */
    OUTBOX_NO_RECEIPT = 0x7FFFFFFE,        /* the cause of a failure that nobody told */
    OUTBOX_TOO_LATE = 0x7FFFFFFD,          /* its time was over before any centre had all of it */
    OUTBOX_VALIDITY_LEAST_S = 60,          /* what a centre is told at least */
    OUTBOX_LAST_WORD_MS = 2 * 3600 * 1000, /* for the receipt that its time is over */
    OUTBOX_RECALLED_MS = 30 * 1000,        /* between questions about what was cancelled */
    OUTBOX_RETRY_FIRST_MS = 2000,
    OUTBOX_RETRY_URGENT_MS =
        1000, /* each time: as long as a centre that was too busy is left alone */
    OUTBOX_RETRY_LAST_MS = 60000,
    OUTBOX_KEPT_BYTES = 32,
    OUTBOX_REWRITE_BYTES = 8 * 1024 * 1024
};

struct outbox;

struct outbox_counts {
    uint64_t ordered, repeated, parts_taken, possible_duplicates, delivered, failed, forgotten;
    uint64_t stray_receipts;
    uint64_t dropped;    /* without leave: another gateway sends them */
    uint64_t cleared_up; /* unknown parts that a receipt proved */
    uint64_t recalled;
    uint64_t questions;
    uint32_t held;    /* texts in the box */
    uint32_t waiting; /* of them with a part to send */
    uint32_t fenced;  /* of them without leave yet */
};

/* What the dispatcher is to be told of a text. */
struct outbox_report {
    uint64_t text;
    enum text_state state;
    uint32_t cause;
    char reference[PIECE_ID_BYTES];
    uint8_t kept[OUTBOX_KEPT_BYTES];
    uint32_t edition; /* of its words when it was delivered, 0: nobody knows of which */
};

/* Other words for a piece that a centre has. Pointers are borrowed until the next call. */
struct outbox_correcting {
    uint8_t centre;
    const char *message_id;
    struct piece_out piece;
};

/* A question about a part that a centre took. Pointers are borrowed until the next call. */
struct outbox_question {
    uint8_t centre;
    bool cancel; /* take it back; else: what became of it? */
    const char *message_id;
    const char *from;
    const char *number;
};

/* How long texts wait for their receipts at a centre. */
struct outbox_patience {
    uint64_t ask_ms;  /* then the centre is asked; 0: never */
    uint64_t wait_ms; /* then nobody knows; 0: the centre gives no receipts */
};

/* Opens the box in its file and remembers all. Parts on their way at the end of the last process
 * count as unknown. Returns 0 or a negative errno. */
int outbox_open(struct outbox **outbox, const char *path);
void outbox_close(struct outbox *outbox);

/* One of the centres has no GSM-7: what needs it goes out in UCS-2 from now on, by whichever centre, so that
 * no letter is lost when the pieces are cut. */
void outbox_avoid_gsm7(struct outbox *outbox);

/* One of the centres wants references of 16 bits: pieces of long texts leave room for them from now on, whichever
 * centre they go by. */
void outbox_leave_room(struct outbox *outbox);

/* All centres take GSM-7 with this national table, in a single shift, or in a locking one, too: a text that needs it
 * goes out so, not in UCS-2, from now on, in the way that makes the fewest pieces. */
void outbox_take_national(struct outbox *outbox, enum letters letters, bool locking);

/* The twin has the same account with a centre: its receipts may come here, so that none proves by the
 * citizen's number alone that the centre has a text of ours. */
void outbox_share_account(struct outbox *outbox);

/* Takes an order. Returns 0; -EEXIST when it has or had this text; -ENOBUFS when it is full, or
 * -E2BIG or -EINVAL when the words cannot be sent as a text: these three the caller reports as
 * FAILED. */
int outbox_put(struct outbox *outbox, const struct order_text *order, uint64_t now_ms);

/* Takes an order that outbox_put() could not: it is FAILED with this cause, and the dispatcher will
 * hear so. Only OUTBOX_REFUSED_MAX of them at once; more are not reported. */
void outbox_refuse(struct outbox *outbox, const struct order_text *order, uint32_t cause,
                   uint64_t now_ms);

/* Texts that want leave, oldest first, at most OUTBOX_ASKS_MAX; returns how many. They are not told again
 * until outbox_leave() or outbox_ask_again(). */
uint32_t outbox_next_asks(struct outbox *outbox, uint64_t texts[OUTBOX_ASKS_MAX]);
void outbox_leave(struct outbox *outbox, uint64_t id, bool given, uint64_t now_ms);
/* The question could not be put, or was refused as a whole: alone, each is asked for by itself. */
void outbox_ask_again(struct outbox *outbox, uint64_t id, bool alone);

/* The next part to send; its octets are borrowed until the next call. Returns false when none is
 * due. open: bit c is set unless what is parked for centre c shall stay so. */
bool outbox_next(struct outbox *outbox, uint32_t open, uint64_t now_ms, struct piece_out *piece);
/* The next one answers somebody in danger. */
bool outbox_urgent_is_due(const struct outbox *outbox, uint32_t open, uint64_t now_ms);
/* When the next one is due, of those who are in danger or of all others; UINT64_MAX for never. */
uint64_t outbox_due(const struct outbox *outbox, bool urgent, uint32_t open);
/* Somebody in danger has no answer yet: it waits for leave, or for a way out. */
bool outbox_urgent_waits(const struct outbox *outbox);

/* The piece waits for this centre, and others go before it. */
void outbox_park(struct outbox *outbox, struct parcel parcel, uint8_t centre);
bool outbox_is_parked(const struct outbox *outbox, bool urgent, uint8_t centre); /* does any? */
/* Nobody takes it now: not before then. */
void outbox_postpone(struct outbox *outbox, struct parcel parcel, uint64_t now_ms,
                     uint64_t until_ms);

/* Must be noted before the piece goes out. */
void outbox_note_sending(struct outbox *outbox, struct parcel parcel, uint64_t now_ms);
/* The bundle's texts, as outbox_note_sending() each. */
void outbox_note_bundle(struct outbox *outbox, const struct bundle *bundle, uint64_t now_ms);
/* Adds to the bundle the texts that are due and could go in one PDU with the first one, the first one before them, at
 * most `most` in all. None is added when the first one cannot, or is alone. centre: whose parked ones, too. */
void outbox_gather(const struct outbox *outbox, struct parcel first, uint8_t centre, uint32_t most,
                   uint64_t now_ms, struct bundle *bundle);
/* And before its octets leave the process: receipts will call it so, whether or not an answer comes. */
void outbox_note_own_id(struct outbox *outbox, struct parcel parcel, const char *id);
void outbox_note_answer(struct outbox *outbox, const struct piece_answer *answer, uint64_t now_ms);
void outbox_note_unknown(struct outbox *outbox, struct parcel parcel);
void outbox_note_receipt(struct outbox *outbox, const struct receipt *receipt, uint64_t now_ms);

/* The digest of the text's PDUs so far (evidence.h), which its reports bear. outbox_kept(): false when it is
 * not held. outbox_parcel_of(): the piece that a receipt is of; text 0: nobody's. */
bool outbox_kept(const struct outbox *outbox, uint64_t text, uint8_t digest[OUTBOX_KEPT_BYTES]);
void outbox_note_kept(struct outbox *outbox, uint64_t text,
                      const uint8_t digest[OUTBOX_KEPT_BYTES]);
struct parcel outbox_parcel_of(const struct outbox *outbox, const struct receipt *receipt);

/* The next report that waits; false when none does. outbox_report_is_out() says that it is on its
 * way to the dispatcher, outbox_reported() that the dispatcher or the spool has it for certain. Each
 * text's reports come in order, one at a time. */
bool outbox_next_report(const struct outbox *outbox, struct outbox_report *report);
void outbox_report_is_out(struct outbox *outbox);
void outbox_reported(struct outbox *outbox, uint64_t text, enum text_state state);

/* Does not send these texts any more and takes back what the centres have of them. */
void outbox_recall(struct outbox *outbox, uint64_t first, uint32_t count);

/* Gives these texts other words (a notice was corrected): what is not out goes out with them; what a centre has, as one
 * piece, is replaced there (outbox_next_correction()) as far as the new words are one piece in the same letters. An
 * edition that is not newer than the text's is the order again. */
void outbox_correct(struct outbox *outbox, const struct order_correct *order, uint64_t now_ms);
/* The next of them; false when none is due. The same piece comes until outbox_note_correcting(), which must be noted
 * before it goes out, and outbox_note_corrected(), what became of it: PIECE_LATER: again after a while, PIECE_NONE: so,
 * too, but nobody knows which words the centre has; PIECE_REFUSED: the old ones. Replaced twice by the same words does
 * no harm. */
bool outbox_next_correction(struct outbox *outbox, uint64_t now_ms, struct outbox_correcting *next);
uint64_t outbox_correction_due(const struct outbox *outbox); /* UINT64_MAX: never */
void outbox_note_correcting(struct outbox *outbox, struct parcel parcel);
void outbox_note_corrected(struct outbox *outbox, struct parcel parcel, enum piece_verdict verdict,
                           uint64_t now_ms);

/* Forgets these texts, whose citizen is to be forgotten: nothing of them is sent or reported any more. What the file says
 * of them, and of all that is over, ends with outbox_rewrite(). */
void outbox_erase(struct outbox *outbox, const uint64_t *texts, uint32_t count, uint64_t now_ms);
/* Nobody syncs the file meanwhile. */
void outbox_rewrite(struct outbox *outbox);

/* The next question; false when there is none. outbox_question_done(): it was put, or cannot be. */
bool outbox_next_question(struct outbox *outbox, struct outbox_question *question);
void outbox_question_done(struct outbox *outbox, uint64_t now_ms);

/* Up to OUTBOX_ASKS_MAX texts with leave of which nothing went out; none of them goes out until it has
 * leave again (outbox_ask_again(), outbox_leave()). */
uint32_t outbox_give_back(struct outbox *outbox, uint64_t texts[OUTBOX_ASKS_MAX]);

/* As outbox_give_back(), of texts that no centre takes since then (outbox_postpone()) and that were not given
 * away before in this process's life; at most OUTBOX_AWAY_MAX. urgent_since_ms: of answers to who is in danger. */
uint32_t outbox_give_away(struct outbox *outbox, uint64_t since_ms, uint64_t urgent_since_ms,
                          uint64_t texts[OUTBOX_ASKS_MAX]);

/* It was not taken: it may be given away again. */
void outbox_keep(struct outbox *outbox, uint64_t id);

/* Gives up what is too old, finds what to ask the centres; rewrites the file when it has grown, while nobody
 * syncs it. Call every minute or so. patience: of PIECE_CENTRES_MAX centres, and one more for what no centre is known of. */
void outbox_tidy(struct outbox *outbox, const struct outbox_patience *patience, uint64_t now_ms);

/* All of the above survives the end of this process: before anything of it is said to the dispatcher. */
void outbox_flush(struct outbox *outbox);
/* As ledger_unsynced(): all of the above is durable when this file is synced; only then the order is done, a
 * piece may leave, and the centre's receipt is answered. An error is final for the process. */
int outbox_unsynced(struct outbox *outbox, struct unsynced *file);

void outbox_count(const struct outbox *outbox, struct outbox_counts *counts);

#endif
