/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * call: the memory of the exchange, known only to its own files. A call is the caller's leg; the leg to
 * a phone has a place of its own, because a leg that is being taken back may outlive the next offer, or
 * the call, and because several phones may speak in one call. Only caller_step() and phone_step() change a state. */
#ifndef GATEWAYS_TRUNK_CALL_H
#define GATEWAYS_TRUNK_CALL_H

#include "base/log.h"
#include "base/text.h"
#include "gateways/trunk/codecs.h"
#include "gateways/trunk/dialog.h"
#include "gateways/trunk/exchange.h"
#include "gateways/trunk/gone.h"
#include "gateways/trunk/kept.h"
#include "gateways/trunk/leg.h"
#include "gateways/trunk/plan_turn.h"
#include "gateways/trunk/refer_terms.h"
#include "gateways/trunk/referral.h"
#include "gateways/trunk/registrar.h"
#include "gateways/trunk/room.h"
#include "gateways/trunk/synthetic.h"
#include "gateways/trunk/turned_away.h"
#include "proto/aml.h"

/* What came with the call about where the caller is, and who. */
struct call_place {
    bool located; /* `fix` is worth a report of its own */
    struct aml fix;
    char position[48];
    char address[384];
    char words[1024]; /* Additional Data, and where more can be asked, as lines */
};

/* With whom the line's plan put the caller through, as it was told last. */
struct call_talk {
    uint32_t user;
    uint64_t answered_ms; /* UTC; 0: with nobody */
    char phone[161];
};

/* A provisional response that waits for its PRACK. */
struct call_early {
    bool wanted;       /* the caller can acknowledge one */
    bool acknowledged; /* its PRACK is here */
    bool settled;      /* both descriptions are exchanged: the 200 has none */
    int status;
    uint32_t rseq; /* 0: none is out */
    uint32_t cseq; /* of the INVITE */
    uint64_t again_ms, step_ms, until_ms;
    uint64_t held_ms; /* the 200 waits until then; 0: it does not */
    char body[CODECS_ANSWER_BYTES];
};

enum {
    SESSION_MIN_S = 90, /* RFC 4028 §5 */
    TYPING_WORDS_BYTES = 400
};

/* What we may be asked inside a dialog. */
#define SESSION_ALLOW                                                                              \
    "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, PRACK, UPDATE, INFO, REFER, NOTIFY\r\n"   \
    "Supported: 100rel, timer, replaces, norefersub, resource-priority\r\n"

/* How long a dialog holds without a refresh (RFC 4028). */
struct session {
    uint32_t expires_s; /* 0: for ever */
    bool ours;          /* we refresh it */
    bool timer;         /* they know of session timers */
    bool updates;       /* they take UPDATE */
    bool asked;         /* our refresh is on its way */
    uint64_t due_ms;    /* monotonic: of the refresh, or of its absence */
};

/* One side's sound. */
struct leg_media {
    int64_t channel; /* 0: none */
    uint16_t port;
    uint64_t session;
    uint64_t version;
    struct media_clock clock; /* as it was opened */
    bool secured;             /* we offer nothing in the clear, and take no such answer */
    struct crypto own;        /* of what we send; no suite: in the clear so far */
    bool texts;               /* real-time text is taken, too */
    uint16_t text_port;       /* of it; 0: none */
    bool dtls;                /* what we offer is secured by a handshake */
    bool client;              /* we begin, or began, that */
};

enum {
    LIFE_EVERY_MS = 35000, /* between two questions to a leg without sound */
    LIFE_ANSWER_MS = 8000, /* five times sent, by then */
    LIFE_FAILURES = 2      /* unanswered, for a leg of which nothing but answers was heard */
};

/* What is known of the other end of a leg. */
struct leg_life {
    bool quiet;    /* no sound for MEDIA_LOST_MS */
    bool sounded;  /* there was some before */
    bool asked;    /* an OPTIONS is on its way */
    bool answered; /* one was answered */
    uint8_t failures;
    uint64_t asked_ms; /* monotonic */
    uint64_t ask_ms;   /* not before */
};

/* What the dispatcher knows of a leg's sound. */
struct leg_hearing {
    bool told;
    bool poor;
    uint64_t call;    /* of whom it is part, while it talks and after */
    uint64_t next_ms; /* monotonic: looked at then; 0: it does not talk yet */
};

/* How a key press reached us. */
enum key_way {
    KEY_NONE,
    KEY_FROM_SOUND, /* telephone events or tones */
    KEY_FROM_INFO
};

/* What a caller with a text telephone types, until it is a piece worth telling. */
struct call_typing {
    enum typing way;   /* NONE: nothing was typed yet */
    uint64_t flush_ms; /* monotonic: told then at the latest; 0: there is nothing */
    uint16_t length;
    char words[TYPING_WORDS_BYTES];
};

struct call {
    uint64_t token;          /* 0: free place */
    struct carrier *carrier; /* NULL: of none */
    uint64_t number;
    enum caller_state state;
    struct line line;
    struct dialog dialog;
    uint64_t invite; /* the server transaction */
    bool has_offer;  /* the INVITE carried a description */
    struct codecs theirs;
    struct leg_media media;
    struct leg_life life;
    struct leg_hearing hearing;
    bool recording;
    uint32_t recorded_part; /* generation of the twin that it goes on after; 0: the first */
    uint64_t recorded_ms;   /* UTC: since when, 0: not yet */
    bool test;              /* a synthetic call: nobody is behind it */
    bool stranger;          /* of no listed source: nothing it says of itself is believed */
    bool asked;             /* an announcement asked for a key */
    char key;               /* pressed last, … */
    enum key_way key_way;   /* … and how it came */
    uint64_t key_ms;        /* monotonic: when */
    uint64_t resume_ms;     /* monotonic: after an announcement what all hear who wait; 0: none */
    uint64_t leave_ms;      /* monotonic: the last words are said then; 0: none */
    struct phone *phone;    /* that has the caller, or the first of at most two that ring */
    bool transferring;      /* to be handed over: if the phone hangs up, the caller waits */
    bool held;              /* the caller hears an announcement and is heard by nobody */
    bool hears_hold;        /* and it plays */
    bool parked;      /* who had the caller let go of them: they hear what who is held hears */
    bool muted;       /* the caller does not hear who has the call */
    bool in_room;     /* with somebody */
    bool sender_gone; /* hung up, and the dispatcher knew of no transfer */
    bool phone_lost;  /* the phone that has the caller is gone without a word */
    enum language language; /* that the caller needs, as far as is known */
    uint32_t plan_step;     /* of the line's plan: the next one */
    uint64_t plan_ms;       /* monotonic: not before */
    uint64_t phone_offer;   /* of `phone`, for the record alone */
    bool taken_up;          /* from a former process, and the dispatcher does not know yet */
    uint64_t keep_ticket;   /* of ContactKeep; 0: none is on its way */
    uint64_t finish_ticket; /* of TransferFinish; 0: none is on its way */
    uint32_t refer_cseq;    /* of our last REFER, which names its subscription; 0: there was none */
    bool refer_runs;        /* and what comes of it is to be told */
    enum end_cause cause;
    int deny_status;
    uint64_t ticket; /* of ContactArrive; 0: not submitted */
    uint32_t tries;
    uint64_t retry_ms;   /* monotonic; 0: none */
    uint64_t refresh_ms; /* monotonic */
    uint64_t arrived_ms; /* UTC */
    char trunk[33];
    char called[33];
    char caller[33];
    struct call_place place;
    struct call_talk talk;
    struct call_early early;
    struct session session;
    struct call_typing typing;
};

/* The hand-over that a telephone asked for by REFER, and what it is told of it. */
struct phone_referral {
    enum referral_state state;
    uint32_t event;           /* the REFER's CSeq: names the subscription */
    bool silent;              /* there is none: it wants no NOTIFY (RFC 4488) */
    uint32_t taker;           /* whose telephone has the dialog that is replaced … */
    struct replaces replaces; /* … with our INVITE to it */
    uint64_t transaction;     /* of the REFER, until it has its answer */
    uint64_t ticket;          /* of ContactTransfer; 0: none is on its way */
    uint64_t late_ms; /* monotonic: the answer's last moment; after a kill, the dispatcher's */
    int status;       /* of the end that is being told … */
    const char *why;  /* … and in a word */
};

struct phone {
    uint64_t token; /* 0: free place */
    uint64_t offer; /* or the party: what orders call it by; with PLAN_OFFER nobody ordered it */
    uint32_t user;  /* whose it is, 0: nobody's, or not known */
    uint64_t answered_ms; /* UTC */
    enum phone_state state;
    enum room_role role; /* TAKER: a queue's offer */
    bool holds;          /* by its own key */
    struct call *call;   /* NULL: being taken back, nobody waits for it */
    struct dialog dialog;
    uint64_t invite; /* the client transaction */
    char branch[STACK_BRANCH_BYTES];
    uint32_t invite_cseq;
    uint64_t call_number; /* of `call`, for the record alone */
    uint32_t line;
    bool auto_answer;
    bool reported; /* OfferFail is out */
    struct codecs theirs;
    struct leg_media media;
    struct leg_life life;
    struct leg_hearing hearing;
    enum offer_end fail_cause;
    uint64_t give_up_ms; /* monotonic */
    struct session session;
    uint32_t rseq;       /* of the last reliable provisional response; 0: none */
    bool answered_early; /* `theirs` came in one */
    bool elsewhere;      /* another phone has the call */
    struct phone_referral referral;
    char early_tag[SIP_TAG_BYTES]; /* of the last provisional response */
    char uri[161];
};

/* A number that is called once a minute (synthetic.h). */
struct synthetic {
    uint64_t token; /* of the call that is under way; 0: none */
    char uri[50];
    struct dialog dialog;
    uint64_t invite; /* the client transaction */
    struct leg_media media;
    struct codecs theirs;
    bool answered;
    bool failed;       /* the last one */
    uint64_t begun_ms; /* all monotonic */
    uint64_t next_ms;  /* 0: before the first turn */
    uint64_t good_ms;  /* the last good one's end, or the start */
    uint32_t answer_ms, sound_ms;
    uint64_t results[SYNTHETIC_RESULTS];
};

/* A REGISTER whose answer waits until the dispatcher, or the spool, has it. */
struct waiting_register {
    uint64_t ticket; /* 0: free place */
    uint64_t transaction;
    char headers[REGISTRAR_HEADERS_BYTES];
};

/* A token says which leg is meant: serial, kind, place. Our dialog tags begin with the place too, so that
 * a request finds its leg at once. */
enum {
    TOKEN_PHONE = 0x8000,
    TOKEN_PLACE = 0x7fff
};

#define PLAN_OFFER (1ULL << 63) /* a leg that the line's plan began, without a dispatcher */

enum {
    EXCHANGE_REGISTERS_MAX = 128,
    TOUCH_WORDS = EXCHANGE_PHONES_MAX / 64
};

_Static_assert(EXCHANGE_PHONES_MAX % 64 == 0 && EXCHANGE_CALLS_MAX <= EXCHANGE_PHONES_MAX,
               "every place has its bit");

struct exchange {
    struct stack *stack;
    struct link *link;
    struct media *media;
    char address[46];
    const char *lines_path;
    struct sources sources;
    struct dial_plan plan;
    struct registrar *registrar;
    uint32_t synthetic_count;
    struct synthetic synthetics[SETTINGS_SOURCES_MAX];
    uint32_t carrier_count;
    struct carrier carriers[SETTINGS_CARRIERS_MAX];
    const char *drained_path;
    bool phones_secured;
    bool phones_dtls;
    int64_t drained_ns; /* when the file changed last; 0: it is not there */
    uint64_t drained_look_ms;
    bool draining;
    uint64_t mono_ms;
    uint64_t wall_ms;
    uint64_t next_tick_ms;
    bool alone;            /* no dispatcher: callers are put through by their lines' plans */
    bool was_up;           /* this process has heard of one */
    uint64_t silent_ms;    /* UTC: the last word before it was alone, 0: there was none */
    uint64_t strangers_ms; /* since when those below came */
    uint32_t strangers;
    uint64_t next_number;
    uint64_t serial;
    struct kept *kept;         /* NULL: nothing outlives the process */
    struct kept_origin origin; /* while taking up: of the records */
    uint64_t former_ms;        /* UTC: when the former process was last alive, 0: there was none */
    uint64_t named_epoch;      /* the link's, when the dispatcher was told what was taken up */
    uint64_t touched[2][TOUCH_WORDS]; /* calls and phones whose record may have changed */
    uint32_t call_count;
    uint32_t phone_count;
    struct exchange_counts counts;
    struct log_limit deny_lines;
    struct turned_away turned_away;
    struct waiting_register registers[EXCHANGE_REGISTERS_MAX];
    struct gone gone[GONE_MAX];
    struct call calls[EXCHANGE_CALLS_MAX];
    struct phone phones[EXCHANGE_PHONES_MAX];
};

static inline void call_touch(struct exchange *exchange, const struct call *call)
{
    uint64_t place = call->token & TOKEN_PLACE;
    exchange->touched[0][place / 64] |= 1ULL << place % 64;
}

static inline void phone_touch(struct exchange *exchange, const struct phone *phone)
{
    uint64_t place = phone->token & TOKEN_PLACE;
    exchange->touched[1][place / 64] |= 1ULL << place % 64;
}

/* Nobody in danger, and nobody who talks. */
static inline bool call_may_be_refused(const struct call *call)
{
    return !call->line.emergency && call->state != CALLER_ANSWERED && call->state != CALLER_TALKING;
}

void caller_step(struct exchange *exchange, struct call *call, enum caller_step step);
void phone_step(struct exchange *exchange, struct phone *phone, enum phone_step step);

/* What the dispatcher is told of the caller's arrival. */
void caller_describe(const struct call *call, struct command *command, struct personal *personal);
/* Reports the arrival once more, and who talks already; repeats the 18x of a long wait. */
void caller_report_again(struct exchange *exchange, struct call *call);
void caller_refresh(struct exchange *exchange, struct call *call);

/* A call of a former process goes on where it was. */
void caller_resume(struct exchange *exchange, struct call *call);
void phone_resume(struct exchange *exchange, struct phone *phone);
/* Calls the telephone for this call and reports nothing yet; NULL: no place, or no address. */
struct phone *phone_ring(struct exchange *exchange, struct call *call, uint64_t offer,
                         const char *uri);
/* Says once more what the dispatcher may not have heard of it. */
void phone_report_again(struct exchange *exchange, const struct phone *phone);
/* The dispatcher counts the call as over, and the caller is still there: a new contact, which waits. */
void caller_begin_anew(struct exchange *exchange, struct call *call);

/* take_up.c: the head of the INVITE; nothing of the place any more. */
void keep_invite(struct exchange *exchange, const struct call *call);
void keep_nothing(struct exchange *exchange, enum kept_kind kind, uint64_t token);
/* Tells the dispatcher which calls go on: those it cannot know of, or all. */
void exchange_name_kept(struct exchange *exchange, bool all);
void exchange_hear_kept(struct exchange *exchange, struct call *call, enum refusal refusal);

struct call *call_of_number(struct exchange *exchange, uint64_t number);

/* A request inside the caller's or the phone's dialog, BYE excepted. */
void caller_hear_invite(struct exchange *exchange, struct call *call, uint64_t transaction,
                        const struct sip_message *invite);
void phone_hear_invite(struct exchange *exchange, struct phone *phone, uint64_t transaction,
                       const struct sip_message *invite);
/* The description in an ACK (late offer). */
void leg_hear_answer(struct exchange *exchange, struct leg_media *media, struct codecs *theirs,
                     const struct sip_message *message);

/* refer.c: a REFER of the caller (call) or of a telephone; the dispatcher's word on it, false: it is about something
 * else; somebody else has the caller; nobody took them; the leg is gone; time. */
void refer_hear(struct exchange *exchange, struct call *call, struct phone *phone,
                uint64_t transaction, const struct sip_message *request);
bool refer_hear_outcome(struct exchange *exchange, uint64_t ticket, enum refusal refusal);
void refer_reached(struct exchange *exchange, struct phone *phone);
void refer_missed(struct exchange *exchange, struct phone *phone, enum transfer_outcome outcome);
void refer_gone(struct exchange *exchange, struct phone *phone);
/* What the INVITE to a transfer's receiver says of the REFER that it comes from. */
void refer_describe(const struct phone *receiver, struct text *headers);
void refer_tick(struct exchange *exchange, struct phone *phone);
/* A former process took the REFER. */
void refer_resume(const struct exchange *exchange, struct phone *phone);

/* refer_out.c: asks the caller's carrier to put them through to this number; the dispatcher waits no longer; what the
 * carrier answers; what it tells of it. */
void refer_out(struct exchange *exchange, struct call *call, const char *phone);
void refer_out_leave(struct exchange *exchange, struct call *call);
void refer_out_hear(struct exchange *exchange, struct call *call, int status);
void refer_out_hear_notice(struct exchange *exchange, struct call *call, uint64_t transaction,
                           const struct sip_message *notice);

/* replaces.c: an INVITE with Replaces. */
void replaces_hear(struct exchange *exchange, uint64_t transaction,
                   const struct sip_message *invite);

/* registers.c: a REGISTER; what the dispatcher, or the spool, says of it, false: it is about something else. */
void registers_hear(struct exchange *exchange, uint64_t transaction,
                    const struct sip_message *request);
bool registers_settle(struct exchange *exchange, uint64_t ticket, enum refusal refusal);

void phone_hear_response(struct exchange *exchange, struct phone *phone,
                         const struct sip_message *response);

/* strangers.c: the stack's word for the INVITE of a stranger on an emergency line (stack_handlers.stranger). */
int strangers_hear(struct exchange *exchange, const struct sip_message *invite);
/* Nobody vouches for the number: the taker is told it, and nothing is looked up or ended by it. */
void strangers_doubt(struct call *call);

/* place.c: keeps what the INVITE says of the caller's place; reports it when the call is durable. */
void call_take_place(struct call *call, const struct sip_message *invite);
void call_report_place(struct exchange *exchange, const struct call *call);

enum {
    CARRIERS_TOKEN = 0x7f00,  /* places of tokens that are no call's: questions … */
    CARRIERS_ENROL = 0x7f80,  /* … and registrations */
    SYNTHETIC_TOKEN = 0x7fb0, /* … and synthetic calls */
    CARRIERS_LOOK_MS = 1000   /* how often the file of those drained is looked at */
};

/* carriers.c: whose call it is, NULL: nobody's; the answer to a question, 0: none came. */
struct carrier *carriers_find(struct exchange *exchange, const struct wire_peer *source);
/* Is whoever we call at this address, a carrier or a seat's phone, called with secured sound alone? */
bool carriers_secure(const struct exchange *exchange, const char *ip);
/* And is that secured by a handshake? */
bool carriers_agree(const struct exchange *exchange, const char *ip);
void carriers_hear(struct exchange *exchange, uint64_t token, int status);
void carriers_tick(struct exchange *exchange);
/* A call that a former process left counts among its carrier's again. */
void carriers_take_up(struct exchange *exchange, struct call *call);
void carriers_open(struct carrier *carrier, const struct carrier_settings *settings,
                   const char *passwords_path);
/* NULL: no answer came. */
void carriers_hear_register(struct exchange *exchange, uint64_t token,
                            const struct sip_message *response);
void carriers_enrol(struct exchange *exchange, uint32_t place); /* when it is due */

/* early.c: says 180 or 183 as the caller can take it; whether the 200 has to wait; the PRACK; ours. */
void early_say(struct exchange *exchange, struct call *call, int status, const char *body);
bool early_holds(struct exchange *exchange, struct call *call);
void early_tick(struct exchange *exchange, struct call *call);
void early_hear_prack(struct exchange *exchange, struct call *call, uint64_t transaction,
                      const struct sip_message *prack);
void early_acknowledge(struct exchange *exchange, struct phone *phone,
                       const struct sip_message *response);

/* session.c: what they ask for, what they answered, the lines of our 2xx, our refresh's answer. */
bool session_is_short(const struct sip_message *request);
void session_hear_request(struct exchange *exchange, struct session *session,
                          const struct sip_message *request);
void session_hear_answer(struct exchange *exchange, struct session *session,
                         const struct sip_message *answer);
const char *session_headers(const struct session *session, char *headers, size_t size);
void session_hear_refreshed(struct exchange *exchange, struct call *call, struct phone *phone,
                            const struct sip_message *response);
/* Our own re-INVITE is on its way: theirs has to wait. */
bool session_crosses(const struct session *session);
void session_tick(struct exchange *exchange, struct call *call, struct phone *phone);

/* caller.c: a response to the INVITE; its 200; what the caller hears while waiting. */
void caller_reply(struct exchange *exchange, struct call *call, int status, const char *body,
                  const char *headers);
void caller_connect(struct exchange *exchange, struct call *call);
void caller_play(struct exchange *exchange, struct call *call);

enum {
    CALL_PROMPT_BYTES = 64
};

/* The recording of these words for this call: the one for its line and language, else for its language,
 * else for its line, as far as the city has them; else the one for everybody. */
void call_prompt(const struct exchange *exchange, const struct call *call, const char *words,
                 char name[CALL_PROMPT_BYTES]);
/* What who waits on the call's line hears. */
void call_waiting_prompt(const struct exchange *exchange, const struct call *call,
                         char name[CALL_PROMPT_BYTES]);

/* announce.c: says it once; says it and ends the leg; answers a synthetic call and ends it; a key. */
void call_announce(struct exchange *exchange, struct call *call, enum announcement announcement,
                   uint32_t minutes);
void call_farewell(struct exchange *exchange, struct call *call, enum announcement last);
void call_answer_test(struct exchange *exchange, struct call *call);
void call_hear_digit(struct exchange *exchange, struct call *call, char digit, enum key_way way);
/* INFO inside a dialog: call NULL: a phone's, whose keys nobody waits for. Answers it. */
void call_hear_info(struct exchange *exchange, struct call *call, uint64_t transaction,
                    const struct sip_message *info);
void call_hear_still(struct exchange *exchange, const struct call *call);
void call_tick_sound(struct exchange *exchange, struct call *call);

struct call *call_take(struct exchange *exchange);
struct phone *phone_take(struct exchange *exchange);
void phone_give(struct exchange *exchange, struct phone *phone);
void call_give(struct exchange *exchange, struct call *call);

/* Another phone of the call that has, or may get, the caller: one of two that ring; NULL: none. */
struct phone *call_other_phone(struct exchange *exchange, const struct call *call,
                               const struct phone *phone);
/* The first phone of the call, whatever it is there; NULL: none. */
struct phone *call_any_phone(struct exchange *exchange, const struct call *call);

/* conversation.c: seats all who talk as the table of room.h says; the caller is held, or no longer;
 * the caller does not hear who has the call, or does again. */
void call_arrange(struct exchange *exchange, struct call *call);
/* What those hear who are held, or parked: then music. */
void call_play_hold(struct exchange *exchange, const struct call *call);
void call_hold(struct exchange *exchange, struct call *call, bool on);
void call_mute(struct exchange *exchange, struct call *call, bool on);
/* The phone has the caller from now on; who had them is released. */
void call_hand_over(struct exchange *exchange, struct call *call, struct phone *phone);
/* A phone that talked is gone, by its own will or because it is dead. */
void call_left(struct exchange *exchange, struct call *call, const struct phone *phone,
               bool had_caller);
/* The phone that had the caller was taken away: they wait again. */
void call_park(struct exchange *exchange, struct call *call);
/* The dispatcher knows of no transfer: the taker simply hung up. */
void call_refuse_finish(struct exchange *exchange, struct call *call);

/* alone.c: what happens without a dispatcher. */
bool phone_is_planned(const struct phone *phone);
void alone_tick(struct exchange *exchange);
/* There is one again: it hears of all who are here. */
void alone_over(struct exchange *exchange);
/* What the phone's display says of a call that no console shows. */
void alone_display(const struct phone *phone, char *words, size_t size);
void alone_report(struct exchange *exchange, const struct phone *phone);
/* The dispatcher wants this telephone: what the plan makes it ring for waits for another. Returns the leg that
 * rings for this very call already, NULL: none. */
struct phone *alone_yield(struct exchange *exchange, const struct call *call, const char *uri);

/* synthetic.c: response NULL: none came. True: it was one's, or of one that is over. */
void synthetic_open(struct exchange *exchange, const struct exchange_settings *settings);
bool synthetic_hear(struct exchange *exchange, uint64_t token, const struct sip_message *response);
bool synthetic_hear_bye(struct exchange *exchange, const struct sip_message *request);
void synthetic_hear_tone(struct exchange *exchange, uint64_t token);
void synthetic_tick(struct exchange *exchange);

/* hearing.c: how a leg sounds; phone NULL: the caller's. At its end, while it has its channel. */
void hearing_tick(struct exchange *exchange, struct call *call, struct phone *phone);
void hearing_end(struct exchange *exchange, struct call *call, struct phone *phone);
/* A recording is complete: the dispatcher is told. */
void hearing_recorded(struct exchange *exchange, const struct media_event *event);

/* typing.c: reads the text telephone of who calls an emergency line; tells what was typed; the taker's words. */
void typing_begin(struct exchange *exchange, struct call *call);
void typing_hear(struct exchange *exchange, struct call *call, const struct media_event *event);
/* All that is left, at the call's end. */
void typing_end(struct exchange *exchange, struct call *call);
void typing_tick(struct exchange *exchange, struct call *call);
void typing_say(struct exchange *exchange, const struct order_type *order);

/* life.c: is anybody still there? phone NULL: the caller's leg. */
void life_hear_quiet(struct call *call, struct phone *phone, bool quiet, bool sounded);
void life_hear_answer(struct exchange *exchange, struct call *call, struct phone *phone,
                      int status);
/* The leg is gone without a word. */
void life_lose(struct exchange *exchange, struct call *call, struct phone *phone);
void life_tick(struct exchange *exchange, struct call *call, struct phone *phone);

void exchange_reply(struct exchange *exchange, uint64_t transaction, int status,
                    const char *headers);

/* What the other side described can be spoken: an address, a codec, a key where we demand one. */
bool leg_agrees(const struct leg_media *media, const struct codecs *theirs);
/* Their new description takes the place of the former one; the keys of a handshake stay while it is the same one. */
void leg_take_theirs(struct leg_media *media, struct codecs *theirs, const struct codecs *fresh);
/* The keys were agreed on. */
void leg_hear_secured(struct exchange *exchange, const struct media_event *event);
/* Opens the leg's channel when it has none. False when no port is left. */
bool leg_open_media(struct exchange *exchange, struct leg_media *media, uint64_t token);
/* The channel of a former process again, on its port. */
void leg_resume_media(struct exchange *exchange, struct leg_media *media,
                      const struct codecs *theirs, uint64_t token);
void leg_close_media(struct exchange *exchange, struct leg_media *media);
/* Points the channel at what the other side described, when that has an address. */
void leg_connect_media(struct exchange *exchange, struct leg_media *media,
                       const struct codecs *theirs);
/* Our description: the answer to `theirs`, or an offer when theirs is NULL. */
void leg_describe(const struct exchange *exchange, struct leg_media *media,
                  const struct codecs *theirs, char body[CODECS_ANSWER_BYTES]);
/* A re-INVITE, UPDATE or PRACK: 488 when a leg that must be secured is to go on in the clear. Asked before anything is
 * taken from it: what is refused changes neither target nor timer nor sound (RFC 6141 §3.4, §4.3). */
bool leg_refuses(struct exchange *exchange, const struct leg_media *media, uint64_t transaction,
                 const struct sip_message *invite);
/* Answers it, unrefused, with a description and moves the sound. */
void leg_renegotiate(struct exchange *exchange, struct leg_media *media, struct codecs *theirs,
                     uint64_t transaction, const struct sip_message *invite, const char *headers);

/* Submits a report; what cannot be taken is counted and logged as an error. 0, or the link's word. */
int exchange_report(struct exchange *exchange, const struct command *command,
                    const struct personal *personal, uint64_t *ticket);

#endif
