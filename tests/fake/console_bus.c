/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A bus and views that live in this process, under the real console server. What the "dispatcher"
 * does comes line by line over standard input, so that a test turns it by hand:
 *     event N    N incident_noted events about incident 5 (a task of department 7)
 *     hidden N   N personal_was_read events (auditors and supervisors only)
 *     arrived N  N contact_arrived events
 *     roles U R  user U's roles become R
 *     down, up   the dispatcher falls silent, comes back
 *     mute, loud outcomes are held back, and come
 *     stale      who signs in from here on is taken to have done so long ago
 *     idle N     screens that nobody touched for N ms are locked
 *     closed U   user U signed out elsewhere; opened U: sat down elsewhere
 *     ahead N    who signs in from here on does so N ms later than now by the dispatcher's clock
 *     forget     the dispatcher forgets its sessions: every command is refused not_signed_in
 * People: login taker, taker2, fire, police, auditor, supervisor; password "right". */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "dispatcher/views/views.h"
#include "gateways/link/link.h"
#include "proto/access.h"
#include "proto/codec.h"

enum {
    ROWS_MAX = 200000,
    HELD_MAX = 256,
    EPOCH = 7,
    PROVED = 42, /* a token's third byte */
    STALE = 0
};

/* ------------------------------------------------------------------------------------- views */

struct views {
    uint64_t seq;
    struct stored_event *rows;
};

static struct views views;

int views_open(struct views **out, const char *folder)
{
    (void)folder;
    views.rows = calloc(ROWS_MAX, sizeof *views.rows);
    *out = &views;
    return views.rows ? 0 : -ENOMEM;
}

void views_close(struct views *closed)
{
    if (closed)
        free(closed->rows);
}

uint64_t views_seq(const struct views *asked)
{
    return asked->seq;
}

int views_apply_rows(struct views *to, uint64_t epoch, const struct stored_event *rows,
                     uint32_t count)
{
    (void)epoch;
    for (uint32_t i = 0; i < count; i++) {
        if (rows[i].seq != to->seq + 1 || to->seq == ROWS_MAX)
            return -EBADMSG;
        to->rows[to->seq++] = rows[i];
    }
    return 0;
}

int views_rows(struct views *from, uint64_t after, struct stored_event *rows, int max)
{
    int count = 0;
    for (uint64_t seq = after; seq < from->seq && count < max; seq++)
        rows[count++] = from->rows[seq];
    return count;
}

void views_query(struct views *from, const struct query *query, uint64_t now_ms,
                 struct answer *answer)
{
    (void)now_ms;
    schema_clear(SCHEMA_ANSWER, answer);
    answer->seq = from->seq;
    if (query->kind == QUERY_STATUS) {
        answer->kind = ANSWER_STATUS;
        schema_clear(SCHEMA_STATUS, &answer->status);
        answer->status.epoch = EPOCH;
    } else if (query->kind == QUERY_INCIDENT) {
        struct incident_detail *detail = &answer->incident_detail;
        if (query->incident.incident != 5 && query->incident.number != 20261121000005) {
            answer->refusal = REFUSAL_NO_SUCH_INCIDENT;
            return;
        }
        answer->kind = ANSWER_INCIDENT_DETAIL;
        schema_clear(SCHEMA_INCIDENT_DETAIL, detail);
        detail->has_row = true;
        detail->row =
            (struct incident_row){ .incident = 5, .number = 20261121000005, .caller = 77 };
        detail->tasks_count = 1;
        detail->tasks[0] = (struct task_row){ .task = 6, .incident = 5, .department = 7 };
    } else if (query->kind == QUERY_EVENTS) {
        answer->kind = ANSWER_EVENTS;
        answer->events.rows_count =
            (uint32_t)views_rows(from, query->events.after, answer->events.rows, 16);
        answer->more = query->events.after + 16 < from->seq;
    } else if (query->kind == QUERY_RECORDINGS && query->recordings.contact <= 10) {
        answer->kind = ANSWER_RECORDINGS;
        answer->recordings.rows_count = 1;
        answer->recordings.rows[0] =
            (struct recording_row){ .contact = 9, .gateway = 1, .file = "20261121/9.wav" };
        if (query->recordings.contact == 10) /* a gateway gone mad */
            (void)text_copy(answer->recordings.rows[0].file, 129, "../../secret");
    } else if (query->kind == QUERY_CITY && query->city.table == CITY_TABLE_GATEWAYS) {
        answer->kind = ANSWER_GATEWAYS;
        answer->gateways.rows_count = 1;
        answer->gateways.rows[0] = (struct gateway_row){ .gateway = 1, .name = "trunk-1" };
    } else if (query->kind == QUERY_CITY && query->city.table == CITY_TABLE_CATEGORIES) {
        answer->kind = ANSWER_CATEGORIES;
        answer->categories.rows_count = 1;
        answer->categories.rows[0] =
            (struct category_row){ .category = 220100, .name_zh = "路灯, 不亮", .name_en = "lamp" };
    } else if (query->kind == QUERY_INCIDENTS) {
        answer->kind = ANSWER_INCIDENTS;
        answer->incidents.rows_count = 1;
        answer->incidents.rows[0] = (struct incident_row){ .incident = 5,
                                                           .number = 20261121000005,
                                                           .line = 12345,
                                                           .category = 220100,
                                                           .state = INCIDENT_STATE_TOLD };
    } else if (query->kind == QUERY_KPI) {
        answer->kind = ANSWER_KPI;
        answer->kpi.version = 3;
        answer->kpi.rows_count = 1;
        answer->kpi.rows[0] = (struct kpi_row){ .scope = KPI_SCOPE_LINE, .number = 110 };
        answer->kpi.rows[0].counts_count = KPI_COUNT_ANSWERED + 1;
        answer->kpi.rows[0].counts[KPI_COUNT_OFFERED] = 10;
        answer->kpi.rows[0].counts[KPI_COUNT_ANSWERED] = 9;
    } else if (query->kind == QUERY_TASKS) {
        answer->kind = ANSWER_TASKS;
        answer->tasks.rows_count = 1;
        answer->tasks.rows[0] =
            (struct task_row){ .task = 6, .incident = 5, .department = query->tasks.department };
    }
}

/* Nothing is secret in the fake city. */
void views_conceal(struct views *from, const struct user_row *user, const struct query *query,
                   struct answer *answer)
{
    (void)from, (void)user, (void)query, (void)answer;
}

bool views_circle(struct views *from, uint64_t incident, struct circle *circle)
{
    (void)from, (void)incident, (void)circle;
    return false;
}

int views_digest(struct views *of, uint8_t digest[32])
{
    (void)of;
    memset(digest, 0, 32);
    return 0;
}

/* -------------------------------------------------------------------------------------- link */

struct held {
    uint64_t ticket;
    struct outcome outcome;
};

struct link {
    const struct link_handlers *handlers;
    void *owner;
    struct codec *codec;
    uint64_t seq;
    uint64_t next_id;
    bool up, told_up, mute, forgetful, stale;
    uint64_t ahead_ms;
    uint64_t beat_ms;
    uint32_t held_count;
    struct held held[HELD_MAX];
    uint32_t sign_in_count;
    struct signed_in sign_ins[32];
    uint64_t asked; /* the question that waits for its answer, 0: none */
    uint64_t explained;
    char input[256];
    size_t input_size;
};

static const struct user_row people[] = {
    { .user = 1001, .login = "taker", .name_zh = "张敏", .roles = ROLES_TAKER },
    { .user = 1002, .login = "taker2", .name_zh = "李强", .roles = ROLES_TAKER },
    { .user = 3001, .login = "fire", .roles = ROLES_DEPARTMENT, .department = 7 },
    { .user = 3002, .login = "police", .roles = ROLES_DEPARTMENT, .department = 8 },
    { .user = 4001, .login = "auditor", .roles = ROLES_AUDITOR },
    { .user = 2001, .login = "supervisor", .roles = ROLES_SUPERVISOR },
    { .user = 5001, .login = "operator", .roles = ROLES_OPERATOR },
    { .user = 5002, .login = "reviewer", .roles = ROLES_REVIEWER },
    { .user = 5003, .login = "director", .roles = ROLES_DIRECTOR },
    { .user = 5004, .login = "adjudicator", .roles = ROLES_ADJUDICATOR },
    { .user = 5005, .login = "head", .roles = 1U << ROLE_DEPARTMENT_HEAD, .department = 7 },
    { .user = 5006, .login = "security", .roles = ROLES_SECURITY },
};

int link_open(struct link **link, const struct link_settings *settings,
              const struct link_handlers *handlers, void *owner)
{
    (void)settings;
    struct link *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->handlers = handlers;
    fresh->owner = owner;
    fresh->codec = codec_open();
    fresh->up = true;
    (void)fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
    *link = fresh;
    return 0;
}

void link_close(struct link *link)
{
    if (!link)
        return;
    codec_close(link->codec);
    free(link);
}

int link_fd(const struct link *link)
{
    (void)link;
    return STDIN_FILENO;
}

bool link_is_up(const struct link *link)
{
    return link->up;
}

static void publish(struct link *link, struct event *event)
{
    static struct record record;
    static struct stored_event row;
    event->seq = ++link->seq;
    event->at_ms = clock_wall_ms();
    record = (struct record){ .has_event = true, .event = *event };
    int size = codec_pack(link->codec, SCHEMA_RECORD, &record, row.record, sizeof row.record);
    row.seq = event->seq;
    row.record_size = (uint32_t)size;
    memset(row.link, (int)(event->seq & 0xFF), sizeof row.link);
    link->handlers->event(link->owner, EPOCH, link->seq, &row);
}

static void take_line(struct link *link, const char *line)
{
    unsigned user = 0, roles = 0;
    int count = 0;
    char word[16] = "";
    (void)sscanf(line, "%15s %d", word, &count);
    struct event event = { .kind = EVENT_NONE };
    if (strcmp(word, "event") == 0)
        event = (struct event){ .kind = EVENT_INCIDENT_NOTED, .incident = 5 };
    else if (strcmp(word, "hidden") == 0)
        event = (struct event){ .kind = EVENT_PERSONAL_WAS_READ, .incident = 5 };
    else if (strcmp(word, "arrived") == 0)
        event = (struct event){ .kind = EVENT_CONTACT_ARRIVED, .contact = 9, .line = 110 };
    for (int i = 0; event.kind != EVENT_NONE && i < count; i++)
        publish(link, &event);
    if (sscanf(line, "roles %u %u", &user, &roles) == 2) {
        event = (struct event){ .kind = EVENT_USER_DEFINED };
        event.user_defined.has_row = true;
        event.user_defined.row = (struct user_row){ .user = user, .roles = roles };
        publish(link, &event);
    }
    if (sscanf(line, "closed %u", &user) == 1) {
        event = (struct event){ .kind = EVENT_SESSION_CLOSED, .session_closed = { user } };
        publish(link, &event);
    }
    if (sscanf(line, "opened %u", &user) == 1) {
        event = (struct event){ .kind = EVENT_SESSION_OPENED, .session_opened = { .user = user } };
        publish(link, &event);
    }
    link->up = strcmp(word, "down") == 0 ? false : strcmp(word, "up") == 0 ? true : link->up;
    link->mute = strcmp(word, "mute") == 0 ? true : strcmp(word, "loud") == 0 ? false : link->mute;
    link->forgetful |= strcmp(word, "forget") == 0;
    link->stale = strcmp(word, "stale") == 0;
    if (strcmp(word, "ahead") == 0)
        link->ahead_ms = (uint64_t)count;
    if (strcmp(word, "idle") == 0) {
        event = (struct event){ .kind = EVENT_PARAMETER_CHANGED };
        event.parameter_changed.parameter = PARAMETER_LOCK_IDLE_MS;
        event.parameter_changed.value = (uint64_t)count;
        publish(link, &event);
    }
}

static void read_input(struct link *link)
{
    for (;;) {
        char c;
        ssize_t got = read(STDIN_FILENO, &c, 1);
        if (got == 0) /* the test is gone */
            (void)raise(SIGKILL);
        if (got <= 0)
            return;
        if (c != '\n' && link->input_size < sizeof link->input - 1) {
            link->input[link->input_size++] = c;
            continue;
        }
        link->input[link->input_size] = 0;
        link->input_size = 0;
        take_line(link, link->input);
        log_info("take %s", link->input);
    }
}

/* Contact 9 stands third of four. */
int link_ask(struct link *link, const struct query *query, const uint8_t *token, size_t token_size,
             uint64_t *id)
{
    if (!link->up || link->asked || token_size != 32 || token[0] != 42)
        return -ENOTCONN;
    *id = link->asked = ++link->next_id;
    link->explained = query->kind == QUERY_EXPLAIN ? query->explain.contact : 0;
    return 0;
}

static void reply(struct link *link)
{
    static struct answer answer;
    answer = (struct answer){ .kind = ANSWER_EXPLANATION, .seq = link->seq };
    schema_clear(SCHEMA_EXPLANATION, &answer.explanation);
    answer.explanation.contact = link->explained;
    answer.explanation.place = 3;
    answer.explanation.waiting = 4;
    if (link->explained != 9)
        answer.refusal = REFUSAL_NO_SUCH_CONTACT;
    uint64_t id = link->asked;
    link->asked = 0;
    link->handlers->reply(link->owner, id, &answer);
}

int link_turn(struct link *link, uint64_t mono_ms)
{
    read_input(link);
    if (link->up && !link->told_up)
        link->handlers->up(link->owner, &(struct welcome){ .epoch = EPOCH, .seq = link->seq });
    if (!link->up && link->told_up)
        link->handlers->down(link->owner);
    link->told_up = link->up;
    if (link->up && mono_ms - link->beat_ms >= 1000) {
        link->beat_ms = mono_ms;
        link->handlers->event(link->owner, EPOCH, link->seq, NULL);
    }
    for (uint32_t i = 0; i < link->sign_in_count; i++)
        link->handlers->signed_in(link->owner, &link->sign_ins[i]);
    link->sign_in_count = 0;
    if (link->asked && !link->mute)
        reply(link);
    uint32_t held = link->mute || !link->up ? 0 : link->held_count;
    for (uint32_t i = 0; i < held; i++)
        link->handlers->outcome(link->owner, link->held[i].ticket, &link->held[i].outcome);
    link->held_count -= held;
    return link->held_count > held || link->sign_in_count > 0 ? 1 : 200;
}

/* The key of the last file that was stored comes back to whoever may look. */
static uint8_t file_key[32];

static void store(struct link *link, const struct attachment_store *asked,
                  const struct personal *personal)
{
    struct event event = { .kind = EVENT_ATTACHMENT_STORED, .incident = 5, .task = asked->task };
    event.attachment_stored =
        (struct attachment_stored){ .kind = asked->kind, .size = asked->size };
    memcpy(event.attachment_stored.server, asked->server, sizeof asked->server);
    memcpy(event.attachment_stored.file, asked->file, sizeof asked->file);
    memcpy(event.attachment_stored.digest, asked->digest, sizeof asked->digest);
    memcpy(file_key, personal->file_key, sizeof file_key);
    publish(link, &event);
}

int link_submit(struct link *link, const struct command *command, const struct personal *personal,
                const uint8_t *token, size_t token_size, uint64_t *ticket)
{
    if (link->held_count == HELD_MAX)
        return -ENOBUFS;
    struct held *held = &link->held[link->held_count++];
    *held = (struct held){ .ticket = ++link->next_id };
    held->outcome.event_seq = link->seq;
    (void)text_copy(held->outcome.key, sizeof held->outcome.key, command->key);
    if (command->kind == COMMAND_CALLER_LOCATE && token_size == 0)
        held->outcome.refusal = personal && strcmp(personal->number, "+8613800138000") == 0 &&
                                        strcmp(personal->position, "30.2500000,120.1600000") == 0
                                    ? REFUSAL_NONE
                                    : REFUSAL_MALFORMED;
    else if (link->forgetful || token_size != 32 || token[0] != 42)
        held->outcome.refusal = REFUSAL_NOT_SIGNED_IN;
    else if (token[2] == STALE && access_wants_proof(command))
        held->outcome.refusal = REFUSAL_PROOF_WANTED;
    else if (command->kind == COMMAND_OFFER_ACCEPT)
        held->outcome.refusal = REFUSAL_NO_SUCH_OFFER;
    else if (command->kind == COMMAND_INCIDENT_REGISTER)
        held->outcome.incident = personal ? 5 : 6;
    else if (command->kind == COMMAND_PERSONAL_READ) {
        held->outcome.has_personal = true;
        (void)text_copy(held->outcome.personal.number, 33, "13800138000");
        if (command->personal_read.fields == 1U << PERSONAL_FIELD_ATTACHMENT)
            memcpy(held->outcome.personal.file_key, file_key, sizeof file_key);
    } else if (command->kind == COMMAND_ATTACHMENT_STORE && command->attachment_store.task != 6) {
        held->outcome.refusal = REFUSAL_NO_SUCH_TASK;
    } else if (command->kind == COMMAND_ATTACHMENT_STORE && personal) {
        store(link, &command->attachment_store, personal);
        held->outcome.event_seq = link->seq;
    }
    *ticket = held->ticket;
    return 0;
}

int link_sign_in(struct link *link, const char *login, const char *password, const char *code,
                 uint64_t *id)
{
    (void)code;
    if (link->sign_in_count == 32)
        return -ENOBUFS;
    struct signed_in *answer = &link->sign_ins[link->sign_in_count++];
    *answer = (struct signed_in){ .id = ++link->next_id, .refusal = REFUSAL_BAD_PASSWORD };
    *id = answer->id;
    for (size_t i = 0; i < sizeof people / sizeof people[0]; i++)
        if (strcmp(people[i].login, login) == 0 && strcmp(password, "right") == 0) {
            answer->refusal = REFUSAL_NONE;
            answer->has_user = true;
            answer->user = people[i];
            answer->opened_ms = clock_wall_ms() + link->ahead_ms;
            answer->token_size = 32;
            memset(answer->token, 42, 32);
            answer->token[1] = (uint8_t)i;
            answer->token[2] = link->stale ? STALE : PROVED;
        }
    return 0;
}

/* The grant says who it is: "of LOGIN". */
int link_grant(struct link *link, const struct link_grant *grant, const uint8_t *token,
               size_t token_size, const char *code, uint64_t *id)
{
    const char *login = strncmp(grant->grant, "of ", 3) == 0 ? grant->grant + 3 : "nobody";
    bool wanted = strcmp(login, "supervisor") == 0 && code[0] == '\0';
    int status = token ? link_prove(link, token, token_size, "right", code, id)
                       : link_sign_in(link, login, "right", code, id);
    struct signed_in *answer = status == 0 ? &link->sign_ins[link->sign_in_count - 1] : NULL;
    if (answer && (wanted || answer->refusal != REFUSAL_NONE))
        answer->refusal = wanted ? REFUSAL_CODE_WANTED : REFUSAL_PROVIDER_REFUSED;
    return status;
}

int link_prove(struct link *link, const uint8_t *token, size_t token_size, const char *password,
               const char *code, uint64_t *id)
{
    (void)code;
    if (link->sign_in_count == 32)
        return -ENOBUFS;
    struct signed_in *answer = &link->sign_ins[link->sign_in_count++];
    *answer = (struct signed_in){ .id = ++link->next_id, .refusal = REFUSAL_BAD_PASSWORD };
    *id = answer->id;
    if (link->forgetful || token_size != 32 || token[0] != 42) {
        answer->refusal = REFUSAL_NOT_SIGNED_IN;
    } else if (strcmp(password, "right") == 0) {
        answer->refusal = REFUSAL_NONE;
        answer->has_user = true;
        answer->user = people[token[1]];
        answer->token_size = 32;
        memcpy(answer->token, token, 32);
        answer->token[2] = PROVED;
    }
    return 0;
}

int link_sign_out(struct link *link, const uint8_t *token, size_t token_size)
{
    (void)link, (void)token, (void)token_size;
    return 0;
}
