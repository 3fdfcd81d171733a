/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/paper/dossier.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/hex.h"
#include "base/text.h"
#include "proto/schema.h"

enum {
    CELL_BYTES = 1200,
    LINK_SHOWN = 8, /* bytes of a record's chain value that a row shows */
    LINK_BYTES = 32,
    MS_IN_MINUTE = 60000
};

/* From here on a number of milliseconds is a moment, not a duration: September 2001. */
#define MOMENT_MS UINT64_C(1000000000000)

__attribute__((format_arg(2), format_arg(3))) static const char *
either(const struct dossier *dossier, const char *english, const char *chinese)
{
    return dossier->words->english ? english : chinese;
}

static const char *say(const struct dossier *dossier, const char *group, const char *word)
{
    return dossier->words->say(dossier->words->owner, group, word);
}

static const char *name(const struct dossier *dossier, enum city_table table, uint32_t number)
{
    return dossier->words->name(dossier->words->owner, table, number);
}

void dossier_time(uint64_t at_ms, uint64_t offset_min, char words[32])
{
    struct tm civil;
    time_t seconds = (time_t)((at_ms + offset_min * MS_IN_MINUTE) / 1000);
    if (at_ms == 0 || !gmtime_r(&seconds, &civil) ||
        strftime(words, 32, "%Y-%m-%d %H:%M:%S", &civil) == 0)
        words[0] = '\0';
}

/* ---- an event in words --------------------------------------------------------------------------- */

/* Fields that hold a number of one of the city's tables. */
static const struct {
    const char *field;
    enum city_table table;
} numbered[] = {
    { "department", CITY_TABLE_DEPARTMENTS },
    { "lead", CITY_TABLE_DEPARTMENTS },
    { "category", CITY_TABLE_CATEGORIES },
    { "district", CITY_TABLE_DISTRICTS },
    { "user", CITY_TABLE_USERS },
    { "taker", CITY_TABLE_USERS },
    { "disposition", CITY_TABLE_DISPOSITIONS },
};

static void part(struct text *text, const char *words)
{
    if (*words == '\0')
        return;
    if (text->length > 0)
        text_add(text, " · ");
    text_add(text, words);
}

static void word_part(const struct dossier *dossier, struct text *text, const struct field *field,
                      uint32_t value)
{
    const char *word = value < field->words->count ? field->words->words[value] : NULL;
    if (value == 0 || !word || strcmp(field->name, "from") == 0)
        return;
    char named[CELL_BYTES];
    struct text both = text_into(named, sizeof named);
    const char *asked = say(dossier, "field", field->name); /* solved, satisfied, contacted */
    if (asked)
        text_print(&both, "%s ", asked);
    const char *said = say(dossier, field->words->name, word);
    if (!said)
        return;
    text_add(&both, strcmp(field->name, "to") == 0 ? "→ " : "");
    text_add(&both, said);
    part(text, named);
}

static void small_part(const struct dossier *dossier, struct text *text, const struct field *field,
                       uint32_t value)
{
    for (size_t i = 0; value != 0 && i < sizeof numbered / sizeof numbered[0]; i++)
        if (strcmp(numbered[i].field, field->name) == 0)
            part(text, name(dossier, numbered[i].table, value));
}

static void large_part(const struct dossier *dossier, struct text *text, const struct field *field,
                       uint64_t value)
{
    char words[64] = "";
    size_t length = strlen(field->name);
    bool in_ms = length > 3 && strcmp(field->name + length - 3, "_ms") == 0;
    if (value == 0)
        return;
    if (strcmp(field->name, "number") == 0)
        (void)snprintf(words, sizeof words, "%" PRIu64, value);
    else if (in_ms && value >= MOMENT_MS)
        dossier_time(value, dossier->words->offset_min, words);
    else if (in_ms)
        (void)snprintf(words, sizeof words, "%" PRIu64 ":%02u", value / MS_IN_MINUTE,
                       (unsigned)(value / 1000 % 60));
    part(text, words);
}

static void field_part(const struct dossier *dossier, struct text *text, const struct field *field,
                       const char *message)
{
    uint32_t small = 0;
    uint64_t large = 0;
    const char *at = message + field->offset;
    if (field->maximum > 0)
        return;
    switch (field->type) {
    case FIELD_ENUM:
        memcpy(&small, at, sizeof small);
        word_part(dossier, text, field, small);
        return;
    case FIELD_UINT32:
        memcpy(&small, at, sizeof small);
        small_part(dossier, text, field, small);
        return;
    case FIELD_UINT64:
        memcpy(&large, at, sizeof large);
        large_part(dossier, text, field, large);
        return;
    case FIELD_TEXT:
        part(text, at);
        return;
    case FIELD_BOOL:
    case FIELD_BYTES:
    case FIELD_DIGEST:
    case FIELD_MESSAGE:
        return;
    }
}

static void details(const struct dossier *dossier, const struct event *event, struct text *text)
{
    const struct field *body = schema_body(&schemas[SCHEMA_EVENT], event->kind);
    char line[12];
    if (event->kind == EVENT_CONTACT_ARRIVED) {
        (void)snprintf(line, sizeof line, "%u", event->line);
        part(text, line);
    }
    if (event->department)
        part(text, name(dossier, CITY_TABLE_DEPARTMENTS, event->department));
    if (event->taker)
        part(text, name(dossier, CITY_TABLE_USERS, event->taker));
    if (!body || body->type != FIELD_MESSAGE)
        return;
    const struct schema *schema = &schemas[body->message];
    for (uint32_t i = 0; i < schema->field_count; i++)
        field_part(dossier, text, &schema->fields[i], (const char *)event + body->offset);
}

static void actor(const struct dossier *dossier, const struct event *event, char words[256])
{
    static const char *const kinds[ACTOR_KIND_COUNT] = {
        [ACTOR_KIND_GATEWAY] = "gateway", [ACTOR_KIND_SYSTEM] = "system", [ACTOR_KIND_USER] = "user"
    };
    const char *kind = event->actor_kind < ACTOR_KIND_COUNT ? kinds[event->actor_kind] : NULL;
    const char *said = kind ? say(dossier, "actor_kind", kind) : NULL;
    const char *person =
        event->actor_kind == ACTOR_KIND_USER ? name(dossier, CITY_TABLE_USERS, event->actor) : "";
    if (*person)
        said = person;
    (void)snprintf(words, 256, event->actor ? "%s %u" : "%s",
                   said   ? said
                   : kind ? kind
                          : "",
                   event->actor);
}

/* ---- the parts ----------------------------------------------------------------------------------- */

void dossier_begin(struct dossier *dossier, const struct dossier_words *words)
{
    *dossier = (struct dossier){ .words = words };
    paper_begin(&dossier->body);
    paper_begin(&dossier->opened);
    crypto_generichash_init(&dossier->hash, NULL, 0, DOSSIER_DIGEST);
}

void dossier_done(struct dossier *dossier)
{
    paper_done(&dossier->body);
    paper_done(&dossier->opened);
    sodium_memzero(&dossier->own, sizeof dossier->own);
}

void dossier_event(struct dossier *dossier, const struct stored_event *row,
                   const struct event *event, bool sealed)
{
    char digits[24], at[32], link[2 * LINK_SHOWN + 1], who[256], words[CELL_BYTES];
    const struct field *body = schema_body(&schemas[SCHEMA_EVENT], event->kind);
    const char *kind = body ? say(dossier, "event", body->name) : NULL;
    struct text text = text_into(words, sizeof words);
    char said[CELL_BYTES];
    struct text what = text_into(said, sizeof said);
    text_add(&what, kind ? kind : body ? body->name : "?");
    if (sealed)
        text_add(&what, either(dossier, " (sealed words)", "(内容封存)"));
    details(dossier, event, &text);
    actor(dossier, event, who);
    (void)snprintf(digits, sizeof digits, "%" PRIu64, row->seq);
    dossier_time(event->at_ms, dossier->words->offset_min, at);
    hex_write(row->link, LINK_SHOWN, link);
    crypto_generichash_update(&dossier->hash, row->link, LINK_BYTES);
    dossier->first = dossier->events++ == 0 ? row->seq : dossier->first;
    dossier->last = row->seq;
    paper_line(&dossier->body, PAPER_ROW);
    paper_cell(&dossier->body, digits);
    paper_cell(&dossier->body, at);
    paper_cell(&dossier->body, said);
    paper_cell(&dossier->body, who);
    paper_cell(&dossier->body, words);
    paper_cell(&dossier->body, link);
    paper_end(&dossier->body);
}

/* Each field of `personal` that is there. With `seq`: of that event, and only what the case's own does not say. */
static void opened_fields(struct dossier *dossier, uint64_t seq, const struct personal *personal,
                          unsigned *same)
{
    const struct personal *own = &dossier->own;
    const struct {
        const char *field, *value, *own;
    } fields[] = { { "number", personal->number, own->number },
                   { "name", personal->name, own->name },
                   { "address", personal->address, own->address },
                   { "position", personal->position, own->position },
                   { "text", personal->text, own->text } };
    char head[128];
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const char *said = say(dossier, "personal_field", fields[i].field);
        if (*fields[i].value == '\0')
            continue;
        if (seq && strcmp(fields[i].value, fields[i].own) == 0) {
            (*same)++;
            continue;
        }
        if (seq)
            (void)snprintf(head, sizeof head, "#%" PRIu64 " %s", seq,
                           said ? said : fields[i].field);
        else
            (void)snprintf(head, sizeof head, "%s", said ? said : fields[i].field);
        paper_say(&dossier->opened, PAPER_FIELD, head, fields[i].value);
    }
}

void dossier_opened(struct dossier *dossier, uint64_t seq, const struct personal *personal)
{
    unsigned same = 0;
    char head[32];
    opened_fields(dossier, seq, personal, &same);
    if (seq == 0)
        dossier->own = *personal;
    if (same == 0)
        return;
    (void)snprintf(head, sizeof head, "#%" PRIu64, seq);
    paper_say(&dossier->opened, PAPER_FIELD, head,
              either(dossier, "for the rest as above", "其余同上"));
}

/* ---- the whole ----------------------------------------------------------------------------------- */

static void field(struct paper *paper, const char *head, const char *value)
{
    if (value && *value)
        paper_say(paper, PAPER_FIELD, head, value);
}

/* A word of an enumeration, by the field of the row that holds it. */
static const char *row_word(const struct dossier *dossier, const struct incident_row *row,
                            const char *named)
{
    const struct schema *schema = &schemas[SCHEMA_INCIDENT_ROW];
    for (uint32_t i = 0; i < schema->field_count; i++) {
        const struct field *at = &schema->fields[i];
        uint32_t value = 0;
        if (at->type != FIELD_ENUM || strcmp(at->name, named) != 0)
            continue;
        memcpy(&value, (const char *)row + at->offset, sizeof value);
        const char *word = value < at->words->count ? at->words->words[value] : NULL;
        const char *said = value && word ? say(dossier, at->words->name, word) : NULL;
        return said ? said : value && word ? word : "";
    }
    return "";
}

static void number_words(uint64_t number, char words[32])
{
    (void)snprintf(words, 32, "%" PRIu64 "-%06" PRIu64, number / 1000000, number % 1000000);
}

static void write_row(const struct dossier *dossier, const struct incident_detail *detail,
                      struct paper *paper)
{
    const struct incident_row *row = &detail->row;
    char words[64];
    number_words(row->number, words);
    field(paper, either(dossier, "Number", "单号"), words);
    (void)snprintf(words, sizeof words, "%u", row->line);
    field(paper, either(dossier, "Line", "号线"), words);
    field(paper, either(dossier, "Category", "事项类别"),
          name(dossier, CITY_TABLE_CATEGORIES, row->category));
    field(paper, either(dossier, "Priority", "级别"), row_word(dossier, row, "priority"));
    field(paper, either(dossier, "State", "状态"), row_word(dossier, row, "state"));
    field(paper, either(dossier, "District", "区县"),
          name(dossier, CITY_TABLE_DISTRICTS, row->district));
    field(paper, either(dossier, "Lead department", "主办单位"),
          name(dossier, CITY_TABLE_DEPARTMENTS, row->lead));
    field(paper, either(dossier, "Registered by", "受理人"),
          name(dossier, CITY_TABLE_USERS, row->taker));
    dossier_time(row->registered_ms, dossier->words->offset_min, words);
    field(paper, either(dossier, "Registered", "受理时间"), words);
    dossier_time(row->due_ms, dossier->words->offset_min, words);
    field(paper, either(dossier, "Due", "时限"), words);
    field(paper, either(dossier, "Solved", "是否解决"), row_word(dossier, row, "solved"));
    field(paper, either(dossier, "Satisfied", "是否满意"), row_word(dossier, row, "satisfied"));
    field(paper, either(dossier, "Closed as", "办结方式"), row_word(dossier, row, "close"));
    dossier_time(row->erased_ms, dossier->words->offset_min, words);
    field(paper, either(dossier, "Citizen's data destroyed", "个人信息已销毁"), words);
}

static void write_wish(const struct dossier *dossier, const struct dossier_wish *wish,
                       struct paper *paper)
{
    static const char *const reasons[READ_REASON_COUNT] = {
        [READ_REASON_SUPERVISION] = "supervision", [READ_REASON_AUDIT] = "audit"
    };
    char at[32], words[320];
    const char *reason = wish->reason < READ_REASON_COUNT ? reasons[wish->reason] : NULL;
    const char *said = reason ? say(dossier, "read_reason", reason) : NULL;
    dossier_time(wish->at_ms, dossier->words->offset_min, at);
    (void)snprintf(words, sizeof words, "%s %u · %s%s%s",
                   name(dossier, CITY_TABLE_USERS, wish->user), wish->user, at, said ? " · " : "",
                   said ? said : "");
    field(paper, either(dossier, "Printed by", "打印"), words);
    field(paper, either(dossier, "Citizen's data", "个人信息"),
          wish->fields ? either(dossier, "opened for this paper; each reading is in the trail",
                                "为本件开启,每次读取均入轨迹")
                       : either(dossier, "not in this paper", "已脱敏,不在本件中"));
}

static void write_proof(const struct dossier *dossier, const struct dossier_wish *wish,
                        const char *digest, struct paper *paper)
{
    const struct checkpoint *checkpoint = wish->checkpoint;
    char words[640], root[2 * LINK_BYTES + 1], key[2 * LINK_BYTES + 1], at[32];
    paper_say(paper, PAPER_HEADING, either(dossier, "How to check it", "如何核验"), NULL);
    (void)snprintf(words, sizeof words,
                   either(dossier, "%s over the chain values of %u events, %" PRIu64 " to %" PRIu64,
                          "%s:%u 条事件(序号 %" PRIu64 " 至 %" PRIu64 ")链值的摘要"),
                   digest, dossier->events, dossier->first, dossier->last);
    field(paper, either(dossier, "Digest (BLAKE2b-256)", "摘要(BLAKE2b-256)"), words);
    if (checkpoint && checkpoint->seq) {
        hex_write(checkpoint->root, LINK_BYTES, root);
        hex_write(checkpoint->key, LINK_BYTES, key);
        dossier_time(checkpoint->at_ms, dossier->words->offset_min, at);
        (void)snprintf(
            words, sizeof words,
            either(dossier,
                   "covers events to %" PRIu64 ", epoch %" PRIu64 ", %s\nroot %s\nsigned by %s",
                   "覆盖至事件 %" PRIu64 ",第 %" PRIu64 " 次启动,%s\n根 %s\n签名公钥 %s"),
            checkpoint->seq, checkpoint->epoch, at, root, key);
        field(paper, either(dossier, "Checkpoint", "检查点"), words);
    }
    paper_say(
        paper, PAPER_PARAGRAPH,
        either(dossier,
               "A paper proves nothing by itself: yihao trail export writes the same events with "
               "their proofs, yihao-verify checks them anywhere, and yihao export check compares "
               "this file with the event by which it left.",
               "纸面本身不是证明:yihao trail export 导出同一轨迹及证明,yihao-verify 可在任何地方"
               "核验;yihao export check 可核对本文件与其导出事件。"),
        NULL);
}

static void write_events(const struct dossier *dossier, struct paper *paper)
{
    static const char *const heads[][2] = {
        { "4 Event", "4 序号" }, { "7 Time", "7 时间" },    { "8 What", "8 事件" },
        { "7 Who", "7 操作人" }, { "15 Words", "15 内容" }, { "6 Chain", "6 链值" },
    };
    paper_say(paper, PAPER_HEADING, either(dossier, "Trail", "轨迹"), NULL);
    paper_line(paper, PAPER_COLUMNS);
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
        paper_cell(paper, either(dossier, heads[i][0], heads[i][1]));
    paper_end(paper);
    paper_append(paper, &dossier->body);
}

void dossier_write(struct dossier *dossier, const struct incident_detail *detail,
                   const struct dossier_wish *wish, struct paper *paper)
{
    uint8_t digest[DOSSIER_DIGEST];
    char digits[2 * DOSSIER_DIGEST + 1], number[32], title[96], foot[192];
    crypto_generichash_state hash = dossier->hash;
    crypto_generichash_final(&hash, digest, sizeof digest);
    hex_write(digest, sizeof digest, digits);
    number_words(detail->row.number, number);
    (void)snprintf(title, sizeof title, either(dossier, "Trail of %s", "工单轨迹 %s"), number);
    (void)snprintf(foot, sizeof foot, "%s · %s %s", number, either(dossier, "digest", "摘要"),
                   digits);
    paper_begin(paper);
    paper_line(paper, PAPER_TITLE);
    paper_cell(paper, title);
    paper_cell(paper, foot);
    paper_cell(paper, dossier->words->english ? "en" : "zh");
    paper_cell(paper, "high");
    paper_end(paper);
    write_row(dossier, detail, paper);
    write_wish(dossier, wish, paper);
    if (dossier->opened.size > 0)
        paper_say(paper, PAPER_HEADING, either(dossier, "What the citizen said", "市民所述"), NULL);
    paper_append(paper, &dossier->opened);
    write_proof(dossier, wish, digits, paper);
    write_events(dossier, paper);
}
