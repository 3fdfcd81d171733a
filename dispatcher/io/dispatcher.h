/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * dispatcher: the program's one state and the parts of a turn (loop.c): take what waits (intake.c),
 * decide and journal it (turn.c), and only when the journal's commit is durable, speak (speech.c).
 * Private to dispatcher/io. */
#ifndef DISPATCHER_IO_DISPATCHER_H
#define DISPATCHER_IO_DISPATCHER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "base/metrics.h"
#include "dispatcher/city/city.h"
#include "dispatcher/core/core.h"
#include "dispatcher/io/annalist.h"
#include "dispatcher/io/bus.h"
#include "dispatcher/io/checker.h"
#include "dispatcher/io/code.h"
#include "dispatcher/io/erasure.h"
#include "dispatcher/io/exam.h"
#include "dispatcher/io/mind.h"
#include "dispatcher/io/named.h"
#include "dispatcher/io/peer.h"
#include "dispatcher/io/retention.h"
#include "dispatcher/io/roster.h"
#include "dispatcher/io/sealing.h"
#include "dispatcher/io/search.h"
#include "dispatcher/io/signature.h"
#include "dispatcher/io/token.h"
#include "dispatcher/io/turns.h"
#include "dispatcher/io/wall.h"
#include "dispatcher/journal/journal.h"
#include "dispatcher/provider/directory.h"
#include "dispatcher/provider/oidc.h"
#include "proto/codec.h"
#include "proto/settings.h"

enum {
    TURN_FRAMES_MAX = 256, /* frames taken in one turn */
    TURN_TICKS_MAX = 64,   /* due deadlines handled in one turn; the rest waits for the next */
    /* Events of one turn: the largest city is loaded in one. Above TURN_ROWS_FULL no frame is taken. */
    TURN_ROWS_MAX = JOURNAL_TURN_EVENTS_MAX,
    TURN_ROWS_FULL = 4096,
    SPEECH_BYTES = 4 * 1024 * 1024, /* frames of one turn */
    SPEECH_FULL = SPEECH_BYTES / 2, /* above this nothing more is taken in the turn */
    HEARTBEAT_MS = 1000,
    TEND_MS = 10000,
    TOLD_MS = 500,             /* how soon a word to hand over is seen */
    RESIGN_PATIENCE_MS = 3000, /* a word to hand over stands: the standby's answer, the arbiter's */
    KEYS_MS = 1000,
    SETTLE_MS = 1000,
    ORDERS_AGAIN_MS = 1000, /* an order not done is sent again after this */
    ORDERS_AGAIN_MAX = 64,
    BATCH_BYTES_MAX = 60000,
    ORDERS_RETRY_MS = 200, /* after an order could not be sent */
    ORDERS_DONE_MS = 500,  /* how long a done order may wait for a turn to be forgotten with */
    FAILED_TEXTS_MAX = 4096
};

/* Why a frame was not taken. */
enum objection_cause {
    CAUSE_UNREADABLE,
    CAUSE_NO_HELLO,
    CAUSE_WRONG_NAME,
    CAUSE_NOT_FOR_US,
    CAUSE_GAP,
    CAUSE_REPEATED,
    CAUSE_PEERS_FULL,
    CAUSE_NOT_ITS_OWN, /* such a program does not send that */
    CAUSE_COUNT
};

struct figures {
    uint64_t turns, commits, commands, events, outcomes, orders, orders_repeated, fetches, asks,
        stalls;
    uint64_t sign_ins, sign_ins_refused, lost_answers;
    uint64_t objections[CAUSE_COUNT];
    uint64_t commit_us_sum, commit_us_max, turn_us_max;
    uint64_t returned, returned_us_max; /* closed incidents brought back */
};

struct dispatcher {
    const struct settings *settings;
    const char *name;
    struct bus *bus;
    struct codec *codec;
    struct journal *journal;
    struct annalist *annalist; /* NULL: a turn is durable here alone */
    struct turns *turns;       /* for the standby; NULL: there is no twin */
    struct sealing *sealing;   /* NULL: the journal signs for itself */
    struct core *core;         /* the mind's */
    struct roster roster;
    struct mind mind;
    struct named named; /* of drafts of notices */
    struct wall wall;
    struct checker *checker;
    struct directory *directory; /* NULL: passwords are the city's own */
    struct oidc *oidc;           /* NULL: the city has no sign-in provider */
    uint32_t spare_roles;        /* sign in by their own password while either is away */
    uint32_t own_roles;          /* … and beside the sign-in provider always */
    struct metrics *metrics;
    struct peer_table peers;
    uint8_t blind_key[32];
    uint8_t token_key[TOKEN_KEY_BYTES];
    uint8_t code_key[CODE_KEY_BYTES]; /* of the codes citizens name */
    uint8_t exam_key[EXAM_KEY_BYTES]; /* of what is right in tests */
    struct signature_city signatures; /* what they are judged by; its key is public */
    char party[AUTHENTICATOR_PARTY_BYTES];
    uint64_t started_ms; /* wall */
    uint64_t started_mono_ms;
    bool stopping, resigned;
    bool reload; /* SIGHUP: read keys and city anew */
    int epoll, timer, signals;

    /* The turn. */
    uint64_t now_ms; /* wall */
    uint64_t mono_ms;
    bool open; /* a journal turn has begun */
    uint32_t row_count;
    const struct stored_event *rows[TURN_ROWS_MAX];
    uint32_t failed_text_count; /* texts that cannot be sent: the core is told within the turn */
    struct {
        uint64_t text;
        enum text_state state; /* FAILED, or EXCUSED */
    } failed_texts[FAILED_TEXTS_MAX];
    struct amended *amended; /* tables that come into force with the turn; NULL: none */
    struct city *amended_city;
    uint64_t amending_seq;  /* of the last event about an amendment */
    uint32_t setup_version; /* of the lines last sent to all */
    uint64_t heartbeat_ms, tend_ms, keys_ms, settled_ms, told_ms, resign_until_ms;
    uint64_t look_ms; /* the watchdog's last, and what it saw then */
    uint64_t stalled_contact, stalled_since_ms;
    uint32_t stalled_taker;

    struct erasing erasing;
    struct retaining retaining;
    struct searching searching;

    struct verdict verdict;
    struct frame in, out;
    struct record record;
    uint8_t bytes[FRAME_MAX_BYTES];
    uint8_t speech[SPEECH_BYTES];
    size_t speech_used;

    struct figures figures;
    bool damage_told;
    struct log_limit log_objections[CAUSE_COUNT], log_refusals, log_texts;
};

/* ---- turn.c: decide and journal ------------------------------------------------------------ */

/* Any error of the journal ends the process: what is its last word. */
void turn_check(int status, const char *step);

/* Opens the journal's turn when it is not open yet. Any error of the journal ends the process. */
void turn_open(struct dispatcher *dispatcher);

/* Stamps the command, lets the core decide it, and stores what happened, with the orders that follow
 * from it. personal may be NULL. The verdict is in dispatcher->verdict until the next step. */
void turn_step(struct dispatcher *dispatcher, struct command *command,
               const struct personal *personal);

/* Keeps an order for the gateway in the journal, and says it after the commit. */
void turn_order(struct dispatcher *dispatcher, uint32_t number, struct order *order);

/* Ends what the turn's steps left open: texts that nobody can send. */
void turn_settle(struct dispatcher *dispatcher);

/* Commits what the turn stored, if anything. */
void turn_commit(struct dispatcher *dispatcher);

/* Hands the lead to the standby when `yihao cluster hand-over` asked for it; call it when nothing is unspoken. */
void resign_when_told(struct dispatcher *dispatcher);

/* Returns when what is durable may be spoken; ends the process when the twin leads (turns.h). */
void turn_may_speak(struct dispatcher *dispatcher);

/* Now and then, when no frame waits: lets the journal settle. */
void turn_settle_journal(struct dispatcher *dispatcher);

/* The system's own commands. */
void turn_system(struct dispatcher *dispatcher, struct command *command);

/* ---- returning.c ------------------------------------------------------------------------------ */

/* Gives back to the core what the command names and the core let go. */
void returning_before(struct dispatcher *dispatcher, const struct command *command);

/* ---- intake.c, submission.c, question.c: frames from programs --------------------------------- */

/* Takes dispatcher->in, which came from sender. */
void intake_take(struct dispatcher *dispatcher, const struct bus_sender *sender);

/* What kind of program this is, by the city's gateways or as a person's client; NONE: unknown to both. */
enum gateway_kind intake_kind(const struct dispatcher *dispatcher, const struct peer *peer);

/* Forgets the orders that were done: with a turn that is open anyway, for that needs no commit of its
 * own, which a call could have to wait for. Who says hello says anew what it has done. */
void intake_forget_done(struct dispatcher *dispatcher);

/* The frame was not taken: counts, logs at a limited rate, and tells the sender. */
void intake_object(struct dispatcher *dispatcher, const struct bus_sender *sender,
                   enum objection_cause cause, enum refusal refusal, const char *words);

void submission_take(struct dispatcher *dispatcher, struct peer *peer, struct submit *submit);

/* The signed-in user of a token, which is read into *token; NULL for none. */
const struct roster_user *session_user(const struct dispatcher *dispatcher, const uint8_t *bytes,
                                       uint32_t size, struct token *token);
/* Whether the session proved itself lately enough for what access_wants_proof() names. */
bool session_is_proved(const struct dispatcher *dispatcher, const struct token *token);
/* May this login be served by that program? A person's own client serves its person alone. */
bool session_is_by(const struct peer *peer, const char *login);
void session_ask(struct dispatcher *dispatcher, struct peer *peer, struct sign_in *sign_in);
void session_checked(struct dispatcher *dispatcher, const struct checked *checked);
void session_close(struct dispatcher *dispatcher, const struct sign_out *sign_out);

void question_take(struct dispatcher *dispatcher, const struct peer *peer, const struct ask *ask);
/* Answers those who waited for a manifest to be signed. */
void question_manifests(struct dispatcher *dispatcher);
void question_fetch(struct dispatcher *dispatcher, struct peer *peer, uint64_t after);

/* ---- speech.c: frames to programs ------------------------------------------------------------ */

/* Begins dispatcher->out as a frame of this kind with an empty body. */
void speech_begin(struct dispatcher *dispatcher, enum frame_kind kind);

/* Keeps dispatcher->out for the route until the commit is done. */
void speech_say(struct dispatcher *dispatcher, const uint8_t route[BUS_ROUTE_BYTES]);

bool speech_is_full(const struct dispatcher *dispatcher);

/* After the commit: publishes the rows and sends what was said. */
void speech_flush(struct dispatcher *dispatcher);

/* The last word of a dispatcher that handed on the lead: every program is to ask the twin. */
void speech_farewell(struct dispatcher *dispatcher);

void speech_heartbeat(struct dispatcher *dispatcher);
void speech_setup(struct dispatcher *dispatcher, const struct peer *peer);

/* An order that the turn just stored for the gateway. */
void speech_order(struct dispatcher *dispatcher, const char *gateway, const struct order *order);

/* Orders of the journal that the peer has not got, or not done for ORDERS_AGAIN_MS. */
void speech_orders_again(struct dispatcher *dispatcher, struct peer *peer);

/* ---- text.c ---------------------------------------------------------------------------------- */

/* Makes the order for a TextOrdered event; said: what came with the command, for a taker's own words.
 * Returns the gateway's number, 0 when the text cannot be sent (no number, no gateway, no words): then
 * the core is told that it failed. */
/* The order to type these words inside the call; returns the gateway, 0: there are none. */
uint32_t text_type(const struct event *event, const struct personal *said, struct order *order);
uint32_t text_order(struct dispatcher *dispatcher, const struct event *event,
                    const struct personal *said, struct order *order);

/* The line's own short number, or any line's: the citizen can answer it either way. */
const char *text_short_number(const struct roster *roster, uint32_t line);

/* This text will not be sent: the core hears of it before the turn ends. */
void text_fails(struct dispatcher *dispatcher, uint64_t text, enum text_state state);

/* What the citizen would be sent for this reply, made as text_order makes it. */
void text_preview(struct dispatcher *dispatcher, const struct text_preview_query *asked,
                  struct answer *answer);

/* Whose number the incident's texts go to; false: nobody's. */
bool text_number_of(struct dispatcher *dispatcher, uint64_t incident, char *number, size_t size);

/* Fills what is missing from the incidents it grew out of (split, upgraded, downgraded). */
bool text_inherit(struct dispatcher *dispatcher, uint64_t incident, struct personal *personal);

/* ---- notice.c -------------------------------------------------------------------------------- */

/* The recipients a NoticeAdd brings, as they are to be sealed: one sound number a line, nobody whom the
 * notice names already, their count in the command. With incidents: the numbers of those who told of them and may be texted. */
const struct personal *notice_recipients(struct dispatcher *dispatcher,
                                         const struct personal *personal, struct command *command);
/* What was decided of that NoticeAdd. */
void notice_added(struct dispatcher *dispatcher, uint64_t notice, enum refusal refusal);

/* Orders the texts of a NoticeStepped. */
void notice_order(struct dispatcher *dispatcher, const struct event *event);

/* A notice that moves is no draft; of one that was stopped, or for the text of a TextRecalled:
 * orders every message gateway to take back the text of a TextRecalled, or those of a notice that was
 * stopped; who has none of them does nothing. */
void notice_recall(struct dispatcher *dispatcher, const struct event *event);
/* Orders every message gateway to replace the words of a NoticeReplaced's texts. */
void notice_correct(struct dispatcher *dispatcher, const struct event *event);

/* ---- recovery.c ------------------------------------------------------------------------------ */

/* Brings the mind to where the journal stands: a live one, which followed another dispatcher, from where it is, any other
 * from the snapshot, if it fits, or from nothing. Returns 0 or a negative errno. */
int recovery_replay(struct dispatcher *dispatcher);

/* Between two turns: lets a copy of the process write a snapshot when enough has happened. */
void recovery_keep(struct dispatcher *dispatcher);

/* At a clean end: writes the last snapshot. */
void recovery_finish(struct dispatcher *dispatcher);

/* Applies the city's tables when they changed. Returns 0, or -EINVAL (complaints are logged and the
 * city stays as it was). */
int recovery_load_city(struct dispatcher *dispatcher);

/* Within the open turn: makes every row of it the core's, and retires what it lacks. Returns how many
 * rows were refused. */
uint32_t recovery_apply_city(struct dispatcher *dispatcher, const struct city *city);

/* ---- retirement.c ------------------------------------------------------------------------------ */

/* Within the turn that loads a city: what stands in the views and no longer in its tables comes once
 * more as retired. Returns how many rows were retired, or -EBUSY when the views could not be read. */
int retire_vanished(struct dispatcher *dispatcher, const struct city *city);

/* ---- watchdog.c -------------------------------------------------------------------------------- */

/* Now and then: nobody waits beside an idle able taker. */
void watchdog_look(struct dispatcher *dispatcher);

/* ---- liveness.c -------------------------------------------------------------------------------- */

/* Gateways that fell silent. */
void liveness_check(struct dispatcher *dispatcher);

/* A gateway said hello. */
void liveness_rise(struct dispatcher *dispatcher, const struct peer *peer);

/* ---- figures.c --------------------------------------------------------------------------------- */

void figures_write(void *owner, struct text *text);

#endif
