/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * state: what the core holds, private to dispatcher/core. Only apply_… functions write it; the
 * compiler keeps decide_… functions out by `const`. Everything lives in the one block that
 * core_init() was given; pointers between objects never leave it (events carry numbers). */
#ifndef DISPATCHER_CORE_STATE_H
#define DISPATCHER_CORE_STATE_H

#include "base/heap.h"
#include "base/pile.h"
#include "dispatcher/core/core.h"
#include "dispatcher/core/exam_register.h"
#include "dispatcher/core/index.h"
#include "dispatcher/core/kept.h"
#include "dispatcher/core/list.h"
#include "dispatcher/core/place.h"
#include "dispatcher/core/pool.h"
#include "dispatcher/core/rank.h"
#include "dispatcher/core/reading_register.h"

enum {
    SKILLS_MAX = sizeof(((struct user_row *)0)->skills) / sizeof(struct skill),
    CLOCKS_MAX = CLOCK_KIND_COUNT,
    CALENDAR_DAYS = 36525, /* 2000 … 2099 */
    RINGS_MAX = sizeof(((struct line_row *)0)->rings) / sizeof(struct ring),
    LEVEL_MAX = 9,                  /* of a skill; a contact's 0: all */
    SPOKEN_MAX = 4,                 /* languages of a taker beside the common one */
    OFFERS_MAX = 2,                 /* of one contact at a time */
    PARTIES_MAX = 5,                /* beside citizen, taker and receiver: eight voices */
    NEEDS = 2 * LANGUAGE_COUNT - 1, /* none; each language demanded, each preferred */
    LANES = 2 * (LEVEL_MAX + 1) * NEEDS,
    LANE_WORDS = (LANES + 63) / 64,
    UNIT_STACK_MAX = sizeof(((struct unit_status *)0)->stack) / sizeof(uint64_t),
    PLAN_PICKS_MAX = sizeof(((struct plan_activated *)0)->picks) / sizeof(struct plan_pick),
    PLAN_HOLES_MAX = sizeof(((struct plan_activated *)0)->holes) / sizeof(struct plan_hole),
    SCENE_PICKED_MAX = 2 * PLAN_PICKS_MAX,
    WEEKDAYS = 7,
    HALF_HOURS = 48,
    RATE_MINUTES = 5, /* over which a line's rate is told */
    SIGHTINGS_MAX = 64,
    CLUSTERS_MAX = 32
};

#define NEVER UINT64_MAX

/* Something that will happen by itself. Every owner has one: its earliest. */
enum deadline_kind {
    DEADLINE_NONE,
    DEADLINE_CONTACT,
    DEADLINE_TAKER,
    DEADLINE_GATEWAY,
    DEADLINE_CALLBACK,
    DEADLINE_INCIDENT,
    DEADLINE_TASK,
    DEADLINE_PETITION,
    DEADLINE_UNIT,
    DEADLINE_COVERAGE,
    DEADLINE_MARK,
    DEADLINE_TEST,
    DEADLINE_STORM,
    DEADLINE_CLUSTER,
    DEADLINE_TEXT,
    DEADLINE_GATEWAY_TEXTS,
    DEADLINE_NOTICE,
    DEADLINE_GRANT,
    DEADLINE_GLASS,
    DEADLINE_SITTING
};
struct deadline {
    struct heap_node node;
    enum deadline_kind kind;
    void *owner;
};

/* A due time that is reported once when it is broken (promise.h); old journals' have measure NONE. */
struct promise {
    uint64_t due_ms; /* 0: not running; while paused: since when it is */
    uint64_t start_ms : 44;
    uint64_t calendar : 16; /* version */
    uint64_t length_ms : 40;
    uint64_t measure : 2;
    uint64_t sla : 4;
    uint64_t reported : 1;
    uint64_t provisional : 1; /* due in a year whose holidays were not known */
    uint64_t paused : 1;
    uint64_t climbed : 13; /* rungs of the ladder: bits (1 << level) */
};

/* The sums of a clock's pauses, as each measure counts them. */
struct pauses {
    uint64_t wall_ms;
    uint64_t hours_ms;
    uint64_t days_ms;
};

/* Working days, and what was published of them (calendar.h). */
struct calendar {
    uint32_t version;   /* 0: none loaded */
    uint32_t published; /* yyyymmdd, the last day of the last year that is known */
    uint32_t begin_min;
    uint32_t end_min;
    uint32_t due_min;
    uint32_t reckoned;    /* slots of tasks, then incidents, whose clocks know this version */
    uint64_t fingerprint; /* of all listed days */
    uint16_t worked[CALENDAR_DAYS + 1]; /* working days before this one */
    uint16_t nth[CALENDAR_DAYS];        /* the day of the n-th working day */
};

/* What a line has lived through of late: what estimates of waits rest on (estimate.c). */
struct experience {
    uint64_t
        handled; /* contacts that taught the mean; it stops counting where the mean begins to glide */
    uint64_t handling; /* of one contact, wrap-up included: mean, 1/256 ms */
    uint64_t given_up; /* contacts that gave up, 1/2^20, fading */
    uint64_t waited;   /* ms that all waited who gave up or were answered, fading alike */
    uint64_t arrivals; /* 1/2^20, fading with time */
    uint64_t slot;     /* up to which they have faded */
};

/* A line's arrivals against its forecast (storm.c). */
struct surge {
    uint64_t excess; /* calls above what may be, 1/2^20 */
    uint64_t at_ms;  /* when it stood there */
    uint64_t minute;
    uint32_t calls[RATE_MINUTES]; /* by minute modulo RATE_MINUTES */
};

struct line {
    struct line_row row;
    struct forecast_row forecasts[WEEKDAYS]; /* Monday first; line 0: none */
    struct experience experience;
    struct surge surge;
    /* Places of waiting contacts. In one lane stand those whom exactly the same takers may take, so
     * that its first speaks for all. */
    struct pile lanes[LANES];
    uint64_t lanes_open[LANE_WORDS]; /* bits: lanes that are not empty */
    /* Seats of idle takers, by language (none: all of them), with a phone or (SMS) without one, and
     * whether the taker has the skill of an emergency line. */
    struct rank idle[LANGUAGE_COUNT][CHANNEL_COUNT][2];
    struct list standing; /* who stands in its lanes, in the order of coming */
};

struct department {
    struct department_row row;
};

struct category {
    struct category_row row;
};

struct day {
    struct day_row row;
};

struct district {
    uint32_t district;
    bool far;
    uint64_t fingerprint;
};

/* What a department sends. Its real state is its own: whatever waits for it stands in the stack. */
struct unit {
    struct unit_row row;
    enum unit_state state;
    enum unable_reason reason; /* of the last UNABLE, while out of service */
    bool unanswered;           /* did not sign in time */
    bool mayday;
    bool crew_said;
    uint32_t crew; /* aboard */
    uint32_t stack_count;
    uint64_t since_ms;
    uint64_t idle_ms;               /* when its last run ended, 0: none yet */
    uint64_t incident;              /* it works on, 0: none */
    uint64_t picked;                /* the incident that a plan alerts it for next, 0: none */
    uint64_t stack[UNIT_STACK_MAX]; /* incidents that wait for it, first come first */
    struct cell cell;
    uint64_t measured_ms; /* when it was there */
    uint64_t placed_ms;   /* when that was recorded */
    struct promise sign;
    uint64_t check_in_ms; /* its crew checks in until then; 0: need not */
    bool check_in_missed;
    struct link of_scene;
    struct deadline deadline;
};

/* One alarm level of a response plan. */
struct run_card {
    struct run_card_row row;
};

/* A wanted minimum of available units. */
struct coverage {
    struct coverage_row row;
    uint32_t available;
    bool low;           /* as it was last told */
    uint64_t turned_ms; /* since when it is otherwise, 0: it is not */
    struct deadline deadline;
};

/* Where units work: what an incident has beside its tasks. It stays until the last one left, which
 * may be after the incident's end: an ambulance still has its patient. */
struct scene {
    uint64_t incident;
    uint32_t card; /* of the plan that was activated, 0: none */
    uint32_t level;
    uint64_t check_in_ms;
    bool automatic;
    bool plan_due; /* dispatched; its run card has not been read yet */
    uint32_t stacked;
    uint32_t picked_count;
    uint32_t picked[SCENE_PICKED_MAX]; /* units still to be alerted */
    struct list units;
    struct link unsettled;
};

struct gateway {
    struct gateway_row row;
    uint64_t epoch;
    uint64_t fell_ms;     /* 0: not fallen */
    bool unable;          /* alive, but its message centres are out of reach */
    uint64_t keep_ms;     /* it names the calls of its former life that go on by then; 0: it has */
    uint64_t hold_ms;     /* it tells by then whom it connected without us; 0: it has */
    struct list contacts; /* live ones, those of former lives first */
    struct deadline deadline;
    struct list texts;   /* leased to it and not being sent yet */
    struct list sending; /* it may have sent them */
    uint32_t text_count; /* of both */
    struct deadline text_deadline;
};

/* A person who signs in. As a call taker the state is derived (taker_state), never stored. */
struct user {
    struct user_row row;
    char phone[sizeof(((struct phone_registered *)0)->phone)]; /* registered by the seat's phone */
    bool signed_on;
    enum away_reason away;   /* NONE: wants contacts */
    uint64_t idle_ms;        /* longest idle first: since when */
    uint64_t wrap_up_ms;     /* end of wrap-up, 0: none */
    uint64_t wrap_up_of;     /* the contact it follows */
    uint64_t rest_ms;        /* no offer before, 0: at any time */
    bool ordinary_rest;      /* an emergency does not wait for that */
    struct contact *contact; /* offered, in conversation, or being handed over */
    uint32_t unanswered;     /* offers in a row */
    bool seated;             /* may stand among the idle of some line */
    bool emergency;          /* has the skill of an emergency line */
    bool counted_on;         /* counted in emergency_on */
    bool counted_ready;      /* counted in emergency_ready */
    bool recall;             /* is to be asked back: a storm came */
    uint64_t guest_of;       /* the contact in whose conversation they take part, 0: none */
    uint64_t busy_ms;        /* began the conversation whose handling goes on; 0: none */
    uint32_t busy_line;
    struct line *lines[SKILLS_MAX]; /* NULL: the skill's line is not defined yet */
    struct seat seats[1 + SPOKEN_MAX][SKILLS_MAX];
    struct deadline deadline;
};

/* Where a contact stands in the queue. */
struct place {
    struct pile_node node;
    struct contact *contact;
    struct line *line; /* of the lane */
    struct link of_line;
    uint32_t lane;
};

/* A taker is being asked. id 0: none. */
struct lease {
    uint64_t id;
    uint64_t until_ms;
    uint64_t made_ms;
    struct user *taker;
    enum offer_kind kind;
    bool rang;
    bool accepted;
};

/* A contact in conversation is being handed over. kind NONE: it is not. */
struct transfer {
    enum transfer_kind kind;
    uint32_t named;        /* the taker who is asked, 0: whoever is next */
    struct line *line;     /* whose takers are asked, or the contact's own when one is named */
    struct user *receiver; /* who has answered; the sender has not left yet (warm) */
    uint64_t offer;        /* that was answered */
    uint64_t until_ms;     /* somebody has answered by then */
    uint64_t asked_ms;
    uint64_t answered_ms;
};

/* Somebody more in a conversation. id 0: none. */
struct party {
    uint64_t id;
    struct user *user;   /* NULL: the department's telephone */
    uint32_t department; /* 0: a user */
    enum party_role role;
    uint64_t joined_ms; /* 0: is being rung */
    bool paused;        /* was ready; is so again when the part is over */
};

struct contact {
    uint64_t id;
    uint64_t call;
    uint64_t caller;
    uint64_t due_ms;
    uint64_t arrived_ms;
    uint64_t incident; /* the last one attached */
    struct gateway *gateway;
    uint64_t epoch; /* the gateway's when it arrived */
    struct line *line;
    struct user *taker; /* in conversation, or the last one */
    struct lease leases[OFFERS_MAX];
    struct transfer transfer;
    struct party parties[PARTIES_MAX]; /* first things first */
    uint64_t held_ms, muted_ms;        /* since when the citizen is held, hears no taker */
    uint64_t parked_ms, park_until_ms; /* since when it waits for nobody's turn, 0: does not */
    struct user *parker;               /* who parked it last: it was answered; NULL: nobody ever */
    enum channel channel;
    enum band band;
    enum contact_state state;
    bool rang, accepted; /* the last offer */
    bool late;           /* the answer target passed and was reported */
    bool any_language;   /* the language is preferred, no longer demanded */
    bool bounced;        /* was handed back to a line it came from */
    enum language language;
    uint32_t level;                    /* takers up to this level are asked, 0: all */
    uint32_t unanswered;               /* offers nobody answered */
    uint32_t came_from;                /* the line that handed it over last, 0: none did */
    uint64_t needed_ms;                /* since when the language is demanded */
    uint64_t widen_ms;                 /* when more takers are asked, 0: never */
    uint8_t ended_by[OFFER_END_COUNT]; /* offers, for the explanation alone; 255: or more */
    struct cell cell;
    bool undiallable, test;
    bool dial;                   /* it has no leg: who takes it calls the citizen */
    uint32_t marks;              /* bits (1 << mark kind) of the number when it arrived */
    uint64_t likely;             /* the incident it is likely about */
    uint64_t tell_ms;            /* when the wait is estimated next, 0: never */
    uint64_t estimated_ms;       /* when the wait was estimated last, 0: never */
    uint32_t minutes;            /* the wait the citizen was told last, 0: none */
    enum announcement announced; /* the last one that asked for a key */
    uint32_t tries;              /* to reach the citizen by telephone */
    uint64_t next_ms;            /* dial: not before, 0: at once */
    uint64_t lapse_ms;           /* dial: no longer */
    enum silence_state silence;
    uint64_t silence_ms; /* PROMPTED: until when a reaction is waited for */
    uint32_t checks;     /* bits (1 << silence check item) that were done */
    bool five;           /* the last key of the silent caller was 5 */
    bool quiet;          /* nothing may ring there */
    uint32_t dialled;    /* the line it came to */
    uint32_t texts;      /* of the citizen, behind the first */
    enum typing typing;  /* how the citizen types inside the call; NONE: not at all */
    uint64_t stale_ms;   /* a conversation by text ends then unless the citizen writes, 0: never */
    uint64_t ended_ms, survived_ms; /* answered without us; of no digest: older journals have it */
    uint32_t cell_m; /* how uncertain the cell is, 0: the trunk told it, or it is unknown */
    struct contact *same_older, *same_newer; /* other live contacts of the number (number.h) */
    struct guide *guide;                     /* the questions asked on it, NULL: none */
    uint32_t disposition;                    /* what its taker says became of it, 0: not said */
    bool invalid;                            /* and it counts as nobody's matter */
    struct place place;
    struct link of_gateway;
    struct link ended; /* stays until its slot is needed: records are finished after the call */
    struct deadline deadline;
};

/* Who has the ball, since when, and what was booked to whom. It follows from the events under the
 * table of proto/owner.h, so it is no part of the digest. */
struct ledger {
    uint64_t since_ms;
    uint64_t booked_ms[OWNER_COUNT];
    enum owner owner;
};

struct incident {
    uint64_t id;
    uint64_t number;
    uint64_t caller;
    uint64_t started_ms;
    uint64_t closed_ms;
    uint64_t result; /* the text that carries the result, while it may tell the citizen */
    uint64_t survey; /* the text that asks for a rating */
    uint64_t texted; /* bits (1 << template) of the round, out or to be; not digested */
    uint32_t line;
    uint32_t category;
    uint32_t district;
    uint32_t taker; /* who registered it */
    uint32_t round;
    uint32_t returns;
    uint32_t callers; /* contacts about it */
    struct ledger ledger;
    uint32_t tries;
    enum priority priority;
    enum sla_class sla;
    enum secrecy secrecy;
    enum incident_state state;
    uint32_t risks; /* bits (1 << risk) */
    bool emergency;
    bool text_unsafe;
    bool anonymous;
    bool told;           /* this round's result, or the reason why not is recorded */
    uint32_t plan_flags; /* bits (1 << enum plan_flag) */
    struct cell cell;
    enum clock_kind clock;
    struct promise promise;
    uint8_t info_pauses; /* of departments' work, for the citizen's facts */
    uint8_t supervise;   /* level */
    bool bounced;        /* another line or city sent it back */
    uint8_t tried_days;  /* while it waits for a revisit: on so many days … */
    uint8_t tried_parts; /* … and in these parts of the day (RevisitTried) */
    uint32_t tried_on;   /* yyyymmdd, the last of them */
    uint32_t urges;
    uint32_t returned_by;       /* the last department whose return was accepted */
    uint32_t handler;           /* who worked on it last, as the department said */
    struct petition *petitions; /* open ones, the newest first */
    uint64_t parent;            /* whom it follows or was called by, 0: nobody */
    uint64_t answer_of;         /* whose reply its citizen is told, 0: its own */
    uint64_t handed_on;         /* the work order that goes on with it, 0: none */
    uint32_t merged_by;         /* user */
    struct family *family;      /* those who follow it, NULL: none */
    struct link sibling;        /* among those who follow the same parent */
    struct tie *ties;           /* what it says of others, the newest first */
    struct list tasks;          /* of this round */
    struct link closed;
    struct incident *told_older; /* others of the same caller that wait for a rating */
    struct incident *told_newer;
    struct deadline deadline;
};

struct task {
    uint64_t id;
    struct incident *incident;
    uint32_t department;
    uint32_t round;
    uint64_t version; /* seq of its last step; not in the digest */
    enum task_kind kind;
    enum task_state state;
    bool final;                 /* a send-back was refused: no other */
    struct promise step;        /* the next acknowledgement */
    enum clock_kind step_clock; /* SIGN, then CONTACT or ARRIVE, then FEEDBACK */
    struct promise reply;
    struct pauses pauses;          /* of the reply clock */
    uint64_t demand_due_ms;        /* of the newest rung's demand, 0: none waits for an answer */
    uint8_t demanded, attachments; /* the rung; pictures and documents added */
    uint8_t missed, late;          /* the last rung nobody answered in time; owes it a reason? */
    struct promise rule;
    uint64_t return_until_ms; /* may be sent back until then, 0: no such window */
    uint32_t handler;         /* who works on it inside the department, 0: not said */
    uint32_t suggest;         /* the department it was asked to be sent back to */
    enum degree solved;       /* as its reply said */
    uint8_t extensions;
    bool contacted; /* the department spoke with the citizen */
    struct link of_incident;
    struct deadline deadline;
};

/* What is asked for against the ordinary course, while it waits for a word. */
struct petition {
    uint64_t id;
    struct incident *incident;
    uint64_t task; /* 0: about the incident */
    struct petition_asked asked;
    uint64_t due_ms; /* of this stage */
    uint32_t department;
    uint32_t roles;      /* who may answer this stage: bits (1 << role) */
    uint32_t stage;      /* from 1 */
    uint32_t persons[2]; /* who asked, and who agreed */
    bool late;
    struct petition *next; /* of the incident */
    struct deadline deadline;
};

/* A ruling that decides like cases. */
struct precedent {
    uint32_t category;
    uint32_t district;
    uint32_t department;
};

struct callback {
    uint64_t id;
    uint64_t contact;
    uint64_t caller;
    uint32_t line;
    struct promise promise;
    uint32_t tries;
    enum try_result result; /* of the last try */
    uint64_t next_ms;       /* of the next, 0: none; after a try: a supervisor decides */
    bool undiallable;
    bool quiet;
    struct deadline deadline;
};

/* What is known of a number (mark.c). */
struct mark {
    uint64_t id;
    uint64_t caller;
    enum mark_kind kind;
    uint32_t asked_by;
    uint32_t days;
    bool set;          /* false: waits for a second person */
    uint64_t until_ms; /* 0: until somebody ends it */
    struct deadline deadline;
};

/* A trunk that has had test calls (test_call.c). */
struct tested_trunk {
    uint32_t gateway;
    char trunk[sizeof(((struct contact_arrive *)0)->trunk)];
    uint64_t last_ms;
    bool missed; /* and reported */
    struct deadline deadline;
};

/* What a taker may say of a contact that is over. */
struct disposition {
    struct disposition_row row;
};

/* A person may see a secret incident until then (secret.c). */
struct grant {
    uint64_t id; /* the seq of its event */
    uint64_t incident;
    uint32_t user;
    enum read_purpose purpose;
    uint64_t until_ms;
    struct deadline deadline;
};

/* A note for whoever takes over (handover.c). to and line NULL: the supervisors. */
struct handover {
    uint64_t id;
    const struct user *from;
    const struct user *to;
    const struct line *line;
};

/* Where a citizen's telephone was (fix.c). */
struct fix {
    uint64_t id;
    uint64_t seq; /* of its event */
    uint64_t caller;
    uint64_t heard_ms;
    uint64_t measured_ms;
    struct cell cell;
    uint32_t uncertainty_m;
    uint32_t confidence;
    enum fix_source source;
    enum fix_means means;
    struct fix *older; /* of the same number */
    struct fix *newer;
    struct link by_age;
};

/* Calls about one place in a short time (cluster.c). */
struct sighting {
    uint64_t at_ms;
    uint64_t incident;
    uint64_t caller;
    uint32_t line;
    struct cell cell;
};
struct cluster {
    uint64_t id; /* 0: free place */
    uint64_t incident;
    uint32_t line;
    uint32_t calls;
    uint64_t grew_ms;
    struct cell cell;
    bool announced;
    struct deadline deadline;
};

struct storm {
    enum storm_cause cause; /* NONE: there is none */
    uint64_t since_ms;
    uint64_t stirred_ms; /* the last sign of it */
    uint32_t recalls;    /* takers still to be asked back */
    struct deadline deadline;
};

/* A text to a citizen whose final report is still out. */
struct citizen_text {
    uint64_t id;
    uint64_t incident;
    uint64_t contact;
    enum template template;
    enum text_state state;
    bool doubtful;           /* a gateway that is gone may have sent it */
    bool recalled;           /* what it says holds no longer */
    uint64_t seq;            /* of the event that ordered it: a taker's own words lie beside it */
    uint64_t until_ms;       /* HELD: until then */
    uint64_t answer_of;      /* whose reply it tells, when not the incident's own */
    struct gateway *gateway; /* it is leased to, NULL: none, or it is out */
    struct link of_gateway;
    struct link link;
    struct deadline deadline;
};

/* A number that wants no surveys and notices. */
struct subscription {
    uint64_t caller;
    struct link link;
};

/* Recipients of a notice that came together; two bits say which words each has (enum notice_has). */
enum {
    NOTICE_AGAINS_MAX = 8,
    NOTICE_HAS_WORDS = 24 /* 768: more numbers than fit into one command's personal data */
};
struct notice_chunk {
    uint64_t seq; /* of the event that sealed them */
    uint32_t count;
    struct notice_chunk *next;
    uint64_t has[NOTICE_HAS_WORDS];
};

/* One text to many (notice.h). */
struct notice {
    uint64_t id;
    enum notice_state state;
    uint32_t rate; /* texts a second */
    bool urgent;   /* keeps no quiet hours */
    uint32_t line;
    uint32_t created_by;
    uint64_t words; /* seq of the event that sealed them */
    uint64_t text;  /* the first recipient's, 0: not started */
    uint32_t total;
    uint32_t ordered;
    uint32_t gateway;           /* that took the last ones */
    uint32_t ahead;             /* of them, not yet with the message centre */
    struct notice_chunk *chunk; /* the next recipient is in */
    struct notice_chunk *last_chunk;
    uint32_t offset;                       /* in it */
    struct notice_chunk *first, *reported; /* of all; that the last report was about … */
    uint32_t reported_from;                /* … and the place of the first recipient in it */
    uint32_t edition, again_edition, corrected_by, agains_count;
    uint64_t correction; /* seq of words that wait for a second person, 0: none */
    uint64_t agains
        [NOTICE_AGAINS_MAX]; /* as `text`, of who had other words; the last one may be under way: */
    bool goes_again;
    uint64_t next_ms;
    struct deadline deadline;
};

/* An article of the knowledge base: whose draft it is, and what is out. Its words are in the events alone. */
enum {
    ARTICLES_MAX = 131072,
    ARTICLE_PARAGRAPHS_MAX = 12,
    ARTICLE_MARK_MAX = 5
};
struct article {
    uint32_t number;
    uint32_t editions;        /* ever begun */
    uint32_t published;       /* edition, 0: none */
    uint32_t draft;           /* edition, 0: none */
    uint32_t author;          /* of the draft */
    enum article_state state; /* of the draft */
    uint32_t written;         /* bits (1 << paragraph) of the draft */
};

/* An amendment of the city's tables that has not ended. */
enum {
    AMENDMENTS_OPEN_MAX = 32,
    AMENDMENT_ROWS_MAX = 4000
};
struct amendment {
    uint32_t number; /* 0: no amendment lies here */
    uint32_t author;
    uint32_t rows;
    enum amendment_state state;
    bool grave; /* it waits for a second person */
};

/* How many idle takers of emergency lines ordinary contacts leave alone. */
enum {
    RESERVE_MINUTES = 5 /* of the service level that moves it */
};
struct reserve {
    uint32_t takers;
    uint32_t extra; /* of them, by the service level */
    uint64_t since_ms;
    uint64_t stepped_ms;  /* when the service level last moved it */
    uint64_t late_minute; /* in which an emergency was last answered late */
    struct {
        uint64_t minute;
        uint32_t answered;
        uint32_t in_time;
    } window[RESERVE_MINUTES];
};

struct core {
    struct core_limits limits;
    uint64_t seq;
    uint64_t at_ms;
    uint64_t next_id;
    bool unsettled; /* consequences are left for the next tick */

    uint64_t parameters[PARAMETER_COUNT];
    struct limit_row sla_limits[SLA_CLASS_COUNT];
    uint64_t templates[TEMPLATE_COUNT];  /* fingerprints */
    uint64_t wishes[CITIZEN_WISH_COUNT]; /* the same */
    struct calendar calendar;
    uint8_t city_digest[32];
    uint64_t number_day; /* yyyymmdd of the last order number */
    uint64_t number_count;

    struct index index;
    struct heap soon; /* deadlines that come and go with every call */
    struct heap late; /* those of work, which stand for days and in great number */
    struct pool lines;
    struct pool departments;
    struct pool users;
    struct pool categories;
    struct pool days;
    struct pool districts;
    struct pool units;
    struct pool run_cards;
    struct pool coverages;
    struct pool scenes;
    struct pool gateways;
    struct pool contacts;
    struct pool incidents;
    struct pool tasks;
    struct pool callbacks;
    struct pool texts;
    struct pool subscriptions;
    struct pool notices, notice_chunks;
    struct pool articles; /* number n lies in slot n - 1: none is ever given back */
    struct pool families, ties;
    struct pool marks;
    struct pool tested_trunks;
    struct pool fixes;
    struct pool dispositions, handovers;
    struct pool signets; /* in order; none is ever given back */
    struct pool grants;
    struct pool erasures;
    struct pool glasses;
    struct pool preservations;
    struct pool retention_rules;
    struct pool petitions;
    struct pool precedents;
    struct pool trees, editions, tree_questions, tree_answers;
    struct pool guides;
    struct pool sittings;

    struct list ended_contacts;    /* oldest first */
    struct list closed_incidents;  /* oldest first */
    struct list sent_texts;        /* all texts, oldest first */
    struct list subscriptions_off; /* oldest first */
    struct list fixes_by_age;      /* oldest first */
    struct list calling;           /* families whose parent was told or ended */
    struct list unsettled_scenes;  /* something follows there without anybody's word */

    uint32_t contacts_in[CONTACT_STATE_COUNT];
    uint32_t incidents_in[INCIDENT_STATE_COUNT];
    uint32_t tasks_in[TASK_STATE_COUNT];
    uint32_t emergency_on;    /* signed-on takers with an emergency skill */
    uint32_t emergency_ready; /* of them, ready now */
    uint32_t queued;          /* contacts that stand in a lane */
    bool weighted;            /* some line has a weight */
    struct reserve reserve;

    struct amendment amendments[AMENDMENTS_OPEN_MAX];
    uint32_t amendment_count; /* ever drafted */

    struct reading_register reading_lists;
    struct exam_register exams;
    struct retention retention;
    struct storm storm;
    struct cluster clusters[CLUSTERS_MAX];
    struct sighting sightings[SIGHTINGS_MAX]; /* a ring */
    uint32_t sighting_count;                  /* ever: the newest is the one before */

    uint64_t refused[REFUSAL_COUNT]; /* a counter for metrics; no part of the state's digest */
};

struct line *core_line(const struct core *core, uint32_t number);
struct department *core_department(const struct core *core, uint32_t number);
struct user *core_user(const struct core *core, uint32_t number);
struct category *core_category(const struct core *core, uint32_t number);
struct gateway *core_gateway(const struct core *core, uint32_t number);
struct contact *core_contact(const struct core *core, uint64_t id);
struct contact *core_call(const struct core *core, uint32_t gateway, uint64_t call);
struct contact *core_offer(const struct core *core, uint64_t id);
struct contact *core_party(const struct core *core, uint64_t id);
struct incident *core_incident(const struct core *core, uint64_t id);
struct task *core_task(const struct core *core, uint64_t id);
struct unit *core_unit(const struct core *core, uint32_t number);
struct scene *core_scene(const struct core *core, uint64_t incident);
struct callback *core_callback(const struct core *core, uint64_t id);
struct citizen_text *core_text(const struct core *core, uint64_t id);

/* Sets the owner's deadline; NEVER takes it out. */
void deadline_set(struct core *core, struct deadline *deadline, uint64_t due_ms, uint64_t order);

/* A hint that the owner's deadline is set soon. */
void deadline_foresee(const struct core *core, const struct deadline *deadline);

/* Ids rise with every object for ever; apply asserts it. */
void core_id_used(struct core *core, uint64_t id);

#endif
