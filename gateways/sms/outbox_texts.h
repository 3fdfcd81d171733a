/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * outbox_texts: the outbox's texts in memory and what each record of its file does to them. The same
 * outbox_apply_…() run when something happens and when the file is read again after a restart, so
 * that both come to the same state. Private to the outbox. */
#ifndef GATEWAYS_SMS_OUTBOX_TEXTS_H
#define GATEWAYS_SMS_OUTBOX_TEXTS_H

#include "base/heap.h"
#include "gateways/sms/doubts.h"
#include "gateways/sms/ledger.h"
#include "gateways/sms/outbox.h"
#include "gateways/sms/parts.h"

enum {
    OUTBOX_BUCKETS = 65536 /* a power of two */
};

enum part_state {
    PART_WAITING,
    PART_SENDING,
    PART_TAKEN,
    PART_DELIVERED
};

/* How a text's words are cut into pieces: bits. */
enum outbox_cut {
    CUT_WIDE = 1,  /* in UCS-2, though GSM-7 has its letters */
    CUT_ROOMY = 2, /* with room for a reference of 16 bits */
    CUT_NATIONAL =
        4, /* and 8: times the national table of GSM-7 it needs (alphabet.h), as a single shift, … */
    CUT_LOCKING = 16,   /* … as a locking shift, too, … */
    CUT_UNSHIFTED = 32, /* … as that alone */
    CUT_TABLES = 3      /* the most that CUT_NATIONAL is taken times */
};

enum leave_state {
    LEAVE_GIVEN,
    LEAVE_WANTED,
    LEAVE_ASKED
};

struct outbox_part {
    uint8_t state; /* enum part_state */
    bool doubtful; /* sent before, its answer unknown */
    bool
        bundled; /* was sent in a bundle once: others may have the same message id, so numbers count */
    uint8_t centre;  /* that took it; PIECE_CENTRES_MAX: not known */
    uint32_t sent_s; /* UTC seconds; 0: never, or nobody wrote it down */
    uint64_t own_id; /* doubts_id() of the name we gave it; 0: the centre names it */
    char *message_id;
    struct outbox_part *next; /* with the same hash of the id */
    struct outbox_text *text;
};

enum correction_state {
    CORRECTION_WAITS,  /* the text's answer is out, or it is in several pieces */
    CORRECTION_WANTED, /* in the queue */
    CORRECTION_OUT,
    CORRECTION_DONE,
    CORRECTION_REFUSED
};

/* Other words for a text of which something is out (outbox_correction.c). */
struct outbox_correction {
    struct outbox_text *text;
    struct outbox_correction *before, *behind; /* in the queue */
    uint64_t due_ms;
    uint32_t edition;
    uint8_t state; /* enum correction_state */
    uint8_t cut;
    bool doubtful; /* was out, and no answer came */
    char words[];
};

struct outbox_text {
    struct heap_node node; /* first: the heap's elements are texts with a part to send */
    uint8_t lane;          /* it has a place in, when it has one */
    struct outbox_text *next;
    struct outbox_text *next_report;
    uint64_t text;
    uint64_t order;
    uint64_t ordered_ms;
    uint64_t until_ms; /* valid; 0: as long as a centre tries */
    struct outbox_text *next_ask;
    struct outbox_text *next_question;
    uint64_t asked_ms;       /* when the centre was asked last what became of it */
    uint64_t stuck_ms;       /* since then no centre takes it; 0: one did, or was not asked */
    uint64_t doubt_until_ms; /* its doubtful parts wait; 0: not since the last of them became so */
    char *words;             /* behind them the two numbers, in the same block */
    char *number;            /* the citizen's */
    char *from;
    uint8_t leave; /* enum leave_state */
    bool alone;    /* asked for by itself */
    bool in_asks;
    bool fenced;
    bool urgent;
    bool doubtful; /* another gateway may have sent it */
    bool receipt;
    uint8_t cut; /* bits of enum outbox_cut */
    bool was_sent;
    bool recalled; /* not to be sent, or to be taken back */
    bool single;   /* was refused in a bundle: goes alone */
    bool in_questions;
    bool in_reports;
    bool report_is_out; /* one at a time */
    uint8_t reached;    /* enum text_state */
    uint8_t reported;   /* enum text_state */
    uint32_t cause;
    uint32_t retry_ms;
    uint8_t kept[OUTBOX_KEPT_BYTES];
    uint32_t edition; /* of `words`, from 1 */
    bool unsure;      /* words before the last ones may have been replaced */
    struct outbox_correction *correction;
    uint8_t total;
    struct outbox_part parts[];
};

struct outbox {
    struct ledger *ledger;
    uint64_t rewritten_bytes; /* the file's size when it was rewritten last */
    /* Of what waits for a centre, the first for any; those of texts to people in danger behind them. */
    struct heap lanes[2 * OUTBOX_LANES];
    struct heap_place places[2 * OUTBOX_LANES][OUTBOX_TEXTS_MAX + OUTBOX_REFUSED_MAX];
    struct outbox_text *texts[OUTBOX_BUCKETS];
    struct outbox_part *ids[OUTBOX_BUCKETS];
    struct outbox_text *first_report;
    struct outbox_text *last_report;
    struct outbox_text *first_ask;
    struct outbox_text *last_ask;
    struct outbox_text *first_question; /* about what the centres have */
    struct outbox_text *last_question;
    uint8_t question_part; /* of the first */
    struct outbox_correction *first_correction;
    struct outbox_correction *last_correction;
    struct doubts doubts;
    uint64_t next_order;
    uint64_t finished[OUTBOX_FINISHED_MAX];
    uint32_t finished_next;
    uint64_t aways[OUTBOX_AWAY_KEPT_MAX]; /* texts given away */
    uint32_t aways_next;
    bool without_gsm7;      /* one of the centres has no such alphabet */
    bool roomy;             /* one of them wants references of 16 bits */
    enum letters national;  /* that all of them take; LETTERS_NONE: none */
    bool locking;           /* as a locking shift, too */
    bool shares_account;    /* with its twin */
    struct parts_out split; /* of the text sent last */
    struct entry entry;
    struct outbox_counts counts;
};

static inline struct heap *outbox_lane_of(struct outbox *outbox, const struct outbox_text *text)
{
    return &outbox->lanes[text->lane + (text->urgent ? OUTBOX_LANES : 0)];
}

/* NULL when it is not held. */
struct outbox_text *outbox_text_find(const struct outbox *outbox, uint64_t text);
struct outbox_part *outbox_part_find(const struct outbox *outbox, struct parcel parcel);

/* What happened. A text or part that is not held any more is no error: the file may be older. */
int outbox_apply_text(struct outbox *outbox, const struct order_text *order, uint8_t cut,
                      uint64_t now_ms);
void outbox_apply_sending(struct outbox *outbox, struct outbox_part *part, uint64_t now_ms);
void outbox_apply_answer(struct outbox *outbox, const struct piece_answer *answer, uint64_t now_ms);
void outbox_apply_unknown(struct outbox *outbox, struct outbox_part *part);
void outbox_apply_bundled(struct outbox_part *part);
void outbox_apply_dropped(struct outbox *outbox, uint64_t id);

/* How these words are cut, in bits of enum outbox_cut. */
uint8_t outbox_cut(struct outbox *outbox, const char *words);
/* The words' pieces, into outbox->split. Returns as parts_split(). */
int outbox_split(struct outbox *outbox, const char *words, uint64_t text, uint8_t cut);

/* What identifies a part at the centre, never 0. */
uint16_t outbox_mark(struct parcel parcel);

void outbox_ask_queue(struct outbox *outbox, struct outbox_text *text);
void outbox_schedule(struct outbox *outbox, struct outbox_text *text, uint64_t due_ms);
void outbox_lane_change(struct outbox *outbox, struct outbox_text *text, uint8_t lane);
void outbox_apply_receipt(struct outbox *outbox, const struct receipt *receipt, uint64_t now_ms);
void outbox_apply_reported(struct outbox *outbox, uint64_t id, enum text_state state);
void outbox_apply_given_up(struct outbox *outbox, uint64_t id, uint32_t cause);
void outbox_apply_forgotten(struct outbox *outbox, uint64_t id);
void outbox_apply_recalled(struct outbox *outbox, uint64_t id);

/* Whether receipts may still prove that the centre has the part; the text is scheduled then. The wait begins
 * when the part could go out again, and no loss of another connection prolongs it. A receipt that comes late
 * in it may belong to a part whose answer is on its way: it is given the time for that. */
bool outbox_doubt_waits(struct outbox *outbox, struct outbox_text *text, uint8_t part,
                        uint64_t now_ms);
/* Takes what is proved as answered; false when the part is to go out. */
bool outbox_doubt_ends(struct outbox *outbox, const struct outbox_text *text, uint8_t part,
                       uint64_t now_ms);
/* Takes a part that the receipt names, by its mark or by an id that is ours, as answered. */
void outbox_doubt_clear_up(struct outbox *outbox, const struct receipt *receipt, uint64_t now_ms);

/* Something of it is with a centre, or may be. */
bool outbox_text_is_out(const struct outbox_text *text);
void outbox_replay_correction(struct outbox *outbox, struct entry *entry);
void outbox_apply_correction(struct outbox *outbox, uint64_t id, uint32_t edition, uint8_t cut,
                             const char *words);
void outbox_apply_correcting(struct outbox *outbox, uint64_t id);
void outbox_apply_corrected(struct outbox *outbox, uint64_t id, enum piece_verdict verdict,
                            uint64_t now_ms);
/* The process ended before the answer to a correction came. */
void outbox_correction_lost(struct outbox *outbox, struct outbox_text *text);
/* The text's answer came: its centre can replace the words now. */
void outbox_correction_ready(struct outbox *outbox, struct outbox_text *text);
/* Nothing of it is out any more: it gets its new words. Returns false when it has none, else the text is another one. */
bool outbox_correction_takes(struct outbox *outbox, const struct outbox_text *text);
void outbox_correction_drop(struct outbox *outbox, struct outbox_text *text);
/* The records that bring a text's correction to where it stands. */
void outbox_correction_emit(struct outbox *outbox, struct ledger *ledger,
                            const struct outbox_text *text);
/* Of the words a telephone that confirmed the text has; 0: nobody knows. */
uint32_t outbox_edition_of(const struct outbox_text *text);

/* Records of outbox_correction.c; numbers are for ever (outbox.c has the others). */
enum {
    RECORD_CORRECTION = 14,
    RECORD_CORRECTING = 15,
    RECORD_CORRECTED = 16
};

/* Its centres shall be asked about its parts. */
void outbox_question_queue(struct outbox *outbox, struct outbox_text *text);
void outbox_question_unqueue(struct outbox *outbox, struct outbox_text *text);

/* The state the dispatcher is to hear next; TEXT_STATE_NONE when it knows all. */
enum text_state outbox_report_due(const struct outbox_text *text);

void outbox_report_unqueue(struct outbox *outbox, struct outbox_text *text);
void outbox_text_remove(struct outbox *outbox, struct outbox_text *text);
/* The split text's piece, from 0, as it goes out for this one. */
void outbox_piece(struct outbox *outbox, const struct outbox_text *text, uint8_t part,
                  uint64_t now_ms, struct piece_out *piece);
void outbox_text_free(struct outbox_text *text);

#endif
