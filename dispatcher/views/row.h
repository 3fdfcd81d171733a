/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * row: an entry of the views' table: a kind, numbers, and a packed row, a number or nothing. What
 * the files of this folder share. */
#ifndef DISPATCHER_VIEWS_ROW_H
#define DISPATCHER_VIEWS_ROW_H

#include <stdbool.h>

#include "dispatcher/journal/chain.h"
#include "dispatcher/store/key.h"
#include "dispatcher/store/store.h"
#include "dispatcher/store/tables.h"
#include "dispatcher/views/shelf.h"
#include "dispatcher/views/views.h"
#include "proto/codec.h"

/* Raise when the kinds, their keys or values change: views are then built anew from the events. */
enum {
    VIEWS_VERSION = 14
};

enum view {
    VIEW_META = 1,       /* how far the views are; no part of their digest */
    VIEW_CONTACT,        /* contact → ContactRow */
    VIEW_QUEUE,          /* band, due, contact: waiting or offered */
    VIEW_LINE_QUEUE,     /* line, arrived, contact: the same */
    VIEW_TALKING,        /* contact */
    VIEW_ENDED,          /* ended, contact */
    VIEW_TAKER,          /* taker → TakerRow */
    VIEW_SERVED,         /* day, taker → number */
    VIEW_INCIDENT,       /* incident → IncidentRow */
    VIEW_INCIDENT_BY,    /* enum incident_by, value, incident */
    VIEW_INCIDENT_HAS,   /* incident, contact */
    VIEW_TASK,           /* task → TaskRow */
    VIEW_TASK_HAS,       /* incident, task */
    VIEW_TASK_BY,        /* department (0: any), task */
    VIEW_TASK_OPEN,      /* department (0: any), task */
    VIEW_CALLBACK,       /* callback → CallbackRow, while open */
    VIEW_TEXT,           /* text → TextRow */
    VIEW_TEXT_HAS,       /* incident, text */
    VIEW_RECORDING,      /* contact, seq → RecordingRow */
    VIEW_TRAIL,          /* incident, seq */
    VIEW_CONTACT_TRAIL,  /* contact, seq */
    VIEW_CITY,           /* enum city_row, number → its row */
    VIEW_GATEWAY,        /* gateway → GatewayStatus */
    VIEW_DAY,            /* day, line → LineStatus */
    VIEW_COUNT,          /* enum counter, which → number */
    VIEW_PARAMETER,      /* parameter → number */
    VIEW_SAID = 48,      /* contact, text: what both sides wrote, the first words apart */
    VIEW_FIX,            /* contact, fix → FixRow */
    VIEW_LEFT = 50,      /* incident, seq of the event it left memory with, until it comes back */
    VIEW_LOAD,           /* line, slot of the day → LoadRow, overwritten a day later */
    VIEW_KPI = 60,       /* day or KPI_NOW, scope and number, enum kpi_count → number */
    VIEW_STAMPS,         /* incident → IncidentStamps */
    VIEW_LEDGER,         /* incident → IncidentLedger, until it is closed for the first time */
    VIEW_DIRECT,         /* caller, category → the last incident answered directly */
    VIEW_PETITION = 70,  /* petition → PetitionRow */
    VIEW_PETITION_OPEN,  /* petition */
    VIEW_PETITION_HAS,   /* incident, petition */
    VIEW_PRECEDENT,      /* category and district in one number → PrecedentRow */
    VIEW_MARK = 80,      /* mark → MarkRow */
    VIEW_STORM,          /* 0 → StormBoard without clusters, while there is one */
    VIEW_CLUSTER,        /* cluster → ClusterRow */
    VIEW_UNIT = 90,      /* unit → UnitStatus */
    VIEW_PLAN,           /* incident, seq of a PlanActivated */
    VIEW_COVERAGE,       /* coverage → CoverageStatus */
    VIEW_NOTICE = 100,   /* notice → NoticeRow */
    VIEW_PHONE,          /* text: its citizen must be told by telephone */
    VIEW_VIEWING = 110,  /* caller, seq of a PersonalWasRead → Viewing */
    VIEW_FIX_OF,         /* fix → contact */
    VIEW_HANDOVER = 112, /* handover → HandoverRow, until it is taken */
    VIEW_DISPOSED,       /* disposition, contact */
    VIEW_GRANT = 145,    /* incident, user → GrantRow: may see it */
    VIEW_GRANTED         /* grant → GrantRow, the same */
};

/* Of guided questions and of incidents that belong together; the same numbering. */
enum matter_view {
    VIEW_QUESTION = 40,   /* tree, version, question → QuestionRow */
    VIEW_QUESTION_ANSWER, /* tree, version, question and digit → AnswerRow */
    VIEW_RELEASED,        /* tree → the version in force */
    VIEW_GUIDE,           /* contact → GuideDetail */
    VIEW_CHILD,           /* parent, child */
    VIEW_TIE,             /* incident, other, relation */
    VIEW_TIE_BACK         /* the same from the other side */
};

/* The knowledge base; the same numbering. */
enum article_view {
    VIEW_ARTICLE = 120,      /* article → ArticleRow */
    VIEW_ARTICLE_EDITION,    /* article, edition → ArticleEdition */
    VIEW_ARTICLE_TEXT,       /* article, edition, paragraph → ArticleParagraph */
    VIEW_ARTICLE_CORRECTION, /* article, seq → ArticleCorrection */
    VIEW_ARTICLE_RATING      /* article, edition, user → ArticleRating */
};

/* What people must read; the same numbering. */
enum reading_view {
    VIEW_READING_LIST = 160, /* list → ReadingListRow */
    VIEW_READING             /* user, article → ReadingKept */
};

/* Tests; the same numbering. */
enum exam_view {
    VIEW_EXAM = 170,    /* exam → ExamRow */
    VIEW_EXAM_HOLDING,  /* exam: not ended */
    VIEW_EXAM_QUESTION, /* exam, question → ExamQuestionRow, as it is now */
    VIEW_SITTING        /* exam, user → SittingRow */
};

/* Amendments of the city's tables; the same numbering. */
enum amendment_view {
    VIEW_AMENDMENT = 130, /* amendment → AmendmentRow */
    VIEW_AMENDMENT_CHANGE /* amendment, row → AmendmentChange */
};

/* What is erased, and what must not be; the same numbering. */
enum erasure_view {
    VIEW_ERASURE = 140, /* erasure → ErasureRow */
    VIEW_ERASURE_OPEN,  /* erasure */
    VIEW_PRESERVATION   /* preservation → PreservationRow, until it is lifted */
};

/* Break-glass; the same numbering. */
enum glass_view {
    VIEW_GLASS = 150, /* glass → GlassRow */
    VIEW_GLASS_OPEN   /* glass: waits for somebody, or is open */
};

_Static_assert((int)VIEW_GRANT > (int)VIEW_PRESERVATION && (int)VIEW_GRANTED < (int)VIEW_GLASS,
               "no two views have one number");

enum incident_by {
    BY_NUMBER = 1,
    BY_STATE,
    BY_DEPARTMENT,
    BY_LINE,
    BY_DAY,
    BY_CALLER,
    BY_OPEN, /* value 1 */
    BY_CELL, /* cell_value() */
    BY_CATEGORY,
    BY_DISTRICT,
    BY_TAKER,
    BY_SECRET /* value 1: there for its circle alone */
};

/* Beyond enum city_table, what consoles do not list but rules and texts need. */
enum city_row {
    CITY_LIMITS = 100,
    CITY_DAYS,
    CITY_TEMPLATES,
    CITY_ITSELF,
    CITY_WISHES = 110
};

enum counter {
    COUNT_WAITING = 1, /* by line */
    COUNT_TALKING,
    COUNT_SIGNED_ON,
    COUNT_READY,
    COUNT_OPEN,
    COUNT_OVERDUE, /* incidents and tasks */
    COUNT_CALLBACKS
};

/* Articles whose words the concordance does not know yet. */
enum {
    ARTICLE_CHANGES_MAX = 256
};
struct article_changes {
    uint32_t walked; /* articles looked at since the concordance was begun */
    bool complete;   /* all were */
    uint32_t count;
    struct {
        uint32_t article;
        uint64_t seq;
    } rows[ARTICLE_CHANGES_MAX];
};

struct concordance;

/* The civil day last asked for: nearly every event asks for the same. */
struct day {
    uint64_t from_ms;
    uint64_t offset_min;
    uint32_t date; /* 0: none was asked for yet */
};

struct views {
    struct store *store;
    struct codec *codec;
    bool owns_store;
    uint64_t seq;
    uint64_t settled; /* the seq that VIEW_META tells */
    uint64_t epoch;
    struct chain chain; /* of a replica */
    uint64_t offset_min;
    struct day day;
    struct record record;
    struct stored_event row;
    struct shelf shelf;
    struct concordance *concordance; /* NULL until somebody searches */
    struct article_changes articles;
};

/* One event being applied. */
struct change {
    struct views *views;
    struct transaction *write;
    const struct event *event;
};

static inline struct key key_of3(uint8_t kind, uint64_t first, uint64_t second, uint64_t third)
{
    struct key key = key_of2(kind, first, second);
    key_u64(&key, third);
    return key;
}

/* Each returns 0, -ENOENT, or another negative errno. */

/* As a reader sees the row: what was stored. */
int row_get(struct views *views, struct transaction *transaction, struct key key,
            enum schema_id schema, void *row);

/* As the open turn sees it. Puts, numbers and marks become visible to readers, and to view_next(), with
 * rows_store(). */
int row_take(const struct change *change, struct key key, enum schema_id schema, void *row);
int row_put(const struct change *change, struct key key, enum schema_id schema, const void *row);
int row_remove(const struct change *change, struct key key);
int rows_store(struct views *views, struct transaction *write);

/* Keys without a row. */
int mark_put(const struct change *change, struct key key);
int mark_remove(const struct change *change, struct key key);

/* Numbers; an absent one is 0. */
int number_get(struct transaction *transaction, struct key key, uint64_t *number);
int number_take(const struct change *change, struct key key, uint64_t *number); /* as row_take() */
int number_put(const struct change *change, struct key key, uint64_t number);
int number_add(const struct change *change, struct key key, int64_t difference);

/* The next entry that begins with `prefix` at or above `from`; *last is the last number of its key.
 * Returns 0 or -ENOENT. */
int view_next(struct transaction *transaction, const struct key *prefix, const struct key *from,
              uint64_t *last, struct slice *value);

/* The last such entry below `limit`. */
int view_previous(struct transaction *transaction, const struct key *prefix,
                  const struct key *limit, uint64_t *last, struct slice *value);

/* A square of 250 m as one number. */
static inline uint64_t cell_value(uint32_t east, uint32_t north)
{
    return (uint64_t)east << 32 | north;
}

/* The city's civil day, yyyymmdd. */
uint32_t day_of(struct views *views, uint64_t at_ms);

/* The folders' parts of applying an event; each looks at what concerns it. */
int apply_to_contacts(const struct change *change);
int load_count(const struct change *change, const struct contact_row *contact,
               const struct line_status *before, const struct line_status *today);
int apply_to_takers(const struct change *change);
int apply_to_incidents(const struct change *change);
int apply_to_handovers(const struct change *change);
int apply_to_erasures(const struct change *change);
int apply_to_glasses(const struct change *change);
int apply_to_fixes(const struct change *change);
int apply_to_texts(const struct change *change);
int apply_to_petitions(const struct change *change);
int apply_to_outgoing(const struct change *change);
int apply_to_city(const struct change *change);
int apply_to_storms(const struct change *change);
int apply_to_guides(const struct change *change);
int apply_to_families(const struct change *change);
int apply_to_trail(const struct change *change);
int apply_to_grants(const struct change *change);
int apply_to_viewings(const struct change *change);
int apply_to_kpi(const struct change *change);
#define KPI_NOW 0 /* in place of a day: what is counted up and down */
/* A taker's state ends that lasted so long. */
int kpi_taker_time(const struct change *change, enum taker_state state, uint64_t lasted_ms);
int apply_to_units(const struct change *change);
int apply_to_articles(const struct change *change);
int apply_to_readings(const struct change *change);
int apply_to_exams(const struct change *change);
int apply_to_amendments(const struct change *change);

/* The parts of answering; -ENOENT: there is no such thing. */
struct question {
    struct views *views;
    struct transaction *read;
    const struct query *query;
    uint64_t now_ms;
};
int answer_status(const struct question *question, struct answer *answer);
int answer_contacts(const struct question *question, struct answer *answer);
int answer_takers(const struct question *question, struct answer *answer);
int answer_callbacks(const struct question *question, struct answer *answer);
int answer_marks(const struct question *question, struct answer *answer);
int answer_storm(const struct question *question, struct answer *answer);
int answer_load(const struct question *question, struct answer *answer);
int answer_viewings(const struct question *question, struct answer *answer);
int answer_fixes(const struct question *question, struct answer *answer);
int answer_handovers(const struct question *question, struct answer *answer);
int answer_grants(const struct question *question, struct answer *answer);
int answer_glasses(const struct question *question, struct answer *answer);
int answer_erasures(const struct question *question, struct answer *answer);
int answer_preservations(const struct question *question, struct answer *answer);
int answer_texts(const struct question *question, struct answer *answer);
int answer_articles(const struct question *question, struct answer *answer);
int answer_article(const struct question *question, struct answer *answer);
int answer_readings(const struct question *question, struct answer *answer);
int answer_reading_lists(const struct question *question, struct answer *answer);
int answer_reading_progress(const struct question *question, struct answer *answer);
int answer_exams(const struct question *question, struct answer *answer);
int answer_exam_list(const struct question *question, struct answer *answer);
int answer_exam_paper(const struct question *question, struct answer *answer);
int answer_exam_results(const struct question *question, struct answer *answer);
int answer_amendments(const struct question *question, struct answer *answer);
int answer_amendment(const struct question *question, struct answer *answer);
int answer_notices(const struct question *question, struct answer *answer);
int answer_petitions(const struct question *question, struct answer *answer);
int answer_precedents(const struct question *question, struct answer *answer);
int answer_questions(const struct question *question, struct answer *answer);
int answer_guide(const struct question *question, struct answer *answer);
int answer_likely(const struct question *question, struct answer *answer);

/* Adds children and ties to an incident's detail. */
int answer_family(const struct question *question, uint64_t incident, struct answer *answer);
int answer_kpi(const struct question *question, struct answer *answer);
int answer_units(const struct question *question, struct answer *answer);
int answer_plans(const struct question *question, struct answer *answer);
int answer_coverage(const struct question *question, struct answer *answer);

#endif
