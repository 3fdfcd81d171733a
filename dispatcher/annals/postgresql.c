/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Annals in PostgreSQL (ops/postgresql/annals.sql), or in what speaks its protocol: prepared statements, one transaction for
 * each call, nothing of one server's own. The only place that knows libpq.
 *
 * The row annals_head serialises everything: an append changes it under its epoch and from its last mark, in the transaction
 * that writes the turns. Whoever asks how it stands changes it, too, without changing anything: so that whatever a lost
 * connection still has under way there has ended before, and so that a wait for a synchronous standby that somebody
 * cancelled is made up for. */
#include <endian.h>
#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "dispatcher/annals/kind.h"

enum {
    CALL_MS = 2500,    /* longer than the server's own limits, so that its words are heard … */
    BYTES_A_MS = 4096, /* … and for what is sent or read, as long as a slow line takes */
    MARK_DIGEST_BYTES = 32,
    VALUES_MAX = 8,
    READ_FIELDS = 6
};

static const char server_limits[] =
    "-c statement_timeout=1500 -c lock_timeout=1500 -c idle_in_transaction_session_timeout=10000 "
    "-c synchronous_commit=on";

struct server {
    char place[ANNALS_PLACE_BYTES];
    PGconn *connection; /* NULL: there is none */
    bool doubtful;      /* a commit was said to be done, but not where it must be */
    struct log_limit log_words;
};

enum statement {
    STATEMENT_STAND,
    STATEMENT_LOOK,
    STATEMENT_RISE,
    STATEMENT_BEAT,
    STATEMENT_HEAD,
    STATEMENT_PIECE,
    STATEMENT_READ,
    STATEMENT_COUNT
};

static const struct {
    const char *name, *text;
} statements[STATEMENT_COUNT] = {
    [STATEMENT_STAND] = { "annals_stand",
                          "update annals_head set beat = beat where id = 1 returning epoch, beat, "
                          "holder, begin_turn, begin_digest, last_turn, last_digest" },
    [STATEMENT_LOOK] = { "annals_look", "select epoch, beat, holder, begin_turn, begin_digest, "
                                        "last_turn, last_digest from annals_head where id = 1" },
    [STATEMENT_RISE] = { "annals_rise",
                         "update annals_head set epoch = epoch + 1, beat = beat + 1, "
                         "holder = $2::text where id = 1 and epoch = $1::bigint "
                         "and beat = $3::bigint and coalesce(last_turn, 0) = $4::bigint" },
    [STATEMENT_BEAT] = { "annals_beat", "update annals_head set beat = beat + 1 "
                                        "where id = 1 and epoch = $1::bigint" },
    [STATEMENT_HEAD] = { "annals_extend",
                         "update annals_head set last_turn = $4::bigint, last_digest = $5::bytea, "
                         "begin_turn = coalesce(begin_turn, $2::bigint), "
                         "begin_digest = coalesce(begin_digest, $3::bytea) "
                         "where id = 1 and epoch = $1::bigint "
                         "and coalesce(last_turn, $2::bigint) = $2::bigint "
                         "and coalesce(last_digest, $3::bytea) = $3::bytea" },
    [STATEMENT_PIECE] = { "annals_piece",
                          "insert into annals_turn "
                          "(turn, piece, at_ms, epoch, digest, size, bytes) "
                          "select $2::bigint, $3::bigint, $4::bigint, epoch, $5::bytea, "
                          "$6::bigint, $7::bytea from annals_head "
                          "where id = 1 and epoch = $1::bigint and last_digest = $8::bytea" },
    [STATEMENT_READ] = { "annals_read",
                         "select turn, piece, at_ms, digest, size, bytes from annals_turn "
                         "where turn >= $1::bigint and turn <= $2::bigint order by turn, piece" },
};

/* ---- the connection ------------------------------------------------------------------------ */

static void drop(struct server *server)
{
    if (server->connection)
        PQfinish(server->connection);
    server->connection = NULL;
}

static void complain(struct server *server, const char *what)
{
    const char *words = server->connection ? PQerrorMessage(server->connection) : "";
    if (log_allowed(&server->log_words))
        log_error("annals: cannot %s: %.*s", what, (int)strcspn(words, "\n"), words);
}

/* A warning of class 01 behind a commit: the wait for the standby was cancelled. */
static void on_notice(void *owner, const PGresult *result)
{
    struct server *server = owner;
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (state && strncmp(state, "01", 2) == 0)
        server->doubtful = true;
}

/* Until the connection may be read, or written when that is wanted. False: in vain. */
static bool await(struct server *server, bool write, uint64_t until_ms)
{
    struct pollfd item = { .fd = PQsocket(server->connection),
                           .events = (short)(POLLIN | (write ? POLLOUT : 0)) };
    uint64_t now_ms = clock_mono_ms();
    return item.fd >= 0 && now_ms < until_ms && poll(&item, 1, (int)(until_ms - now_ms)) > 0;
}

/* The next result of what was sent; NULL: the connection is of no use any more, or (*end) there is none. */
static PGresult *next_result(struct server *server, uint64_t until_ms, bool *end)
{
    int left;
    *end = false;
    while ((left = PQflush(server->connection)) > 0 || PQisBusy(server->connection)) {
        if (!await(server, left > 0, until_ms) || !PQconsumeInput(server->connection))
            return NULL;
    }
    if (left < 0)
        return NULL;
    PGresult *result = PQgetResult(server->connection);
    *end = result == NULL && PQstatus(server->connection) == CONNECTION_OK;
    return result;
}

static int prepare(struct server *server, uint64_t until_ms)
{
    int failed = 0, prepared = 0;
    bool end = false;
    if (!PQenterPipelineMode(server->connection))
        return -EPROTO;
    for (int i = 0; i < STATEMENT_COUNT; i++)
        if (!PQsendPrepare(server->connection, statements[i].name, statements[i].text, 0, NULL))
            return -EPROTO;
    if (!PQpipelineSync(server->connection))
        return -EPROTO;
    for (bool synced = false; !synced;) {
        PGresult *result = next_result(server, until_ms, &end);
        if (!result && !end)
            return -ETIMEDOUT;
        ExecStatusType status = PQresultStatus(result);
        synced = status == PGRES_PIPELINE_SYNC;
        prepared += result && status == PGRES_COMMAND_OK;
        failed += result && !synced && status != PGRES_COMMAND_OK;
        PQclear(result);
    }
    return failed == 0 && prepared == STATEMENT_COUNT ? 0 : -ENOENT;
}

/* What stands in front of the place it may say otherwise, what stands behind it not. */
static int connect_anew(struct server *server)
{
    static const char *const keywords[] = { "sslmode",
                                            "gssencmode",
                                            "application_name",
                                            "dbname",
                                            "connect_timeout",
                                            "target_session_attrs",
                                            "keepalives",
                                            "tcp_user_timeout",
                                            "client_encoding",
                                            "options",
                                            NULL };
    const char *const values[] = { "verify-full", "disable",     "yihao", server->place,
                                   "2",           "read-write",  "1",     "5000",
                                   "UTF8",        server_limits, NULL };
    drop(server);
    server->doubtful = false;
    server->connection = PQconnectdbParams(keywords, values, 1);
    if (!server->connection || PQstatus(server->connection) != CONNECTION_OK) {
        complain(server, "connect");
        drop(server);
        return -ECONNREFUSED;
    }
    (void)PQsetNoticeReceiver(server->connection, on_notice, server);
    int status = PQsetnonblocking(server->connection, 1) < 0
                     ? -EPROTO
                     : prepare(server, clock_mono_ms() + CALL_MS);
    if (status < 0) {
        complain(server, "use the schema (ops/postgresql/annals.sql)");
        drop(server);
    }
    return status;
}

/* ---- calls --------------------------------------------------------------------------------- */

/* A statement's values, in PostgreSQL's binary form. */
struct values {
    uint64_t numbers[VALUES_MAX];
    const char *data[VALUES_MAX];
    int sizes[VALUES_MAX];
    int count;
};

static void add_bytes(struct values *values, const void *data, size_t size)
{
    values->data[values->count] = data;
    values->sizes[values->count++] = (int)size;
}

static void add_number(struct values *values, uint64_t number)
{
    values->numbers[values->count] = htobe64(number);
    add_bytes(values, &values->numbers[values->count], sizeof number);
}

static bool send_one(struct server *server, enum statement statement, const struct values *values)
{
    static const int binary[VALUES_MAX] = { 1, 1, 1, 1, 1, 1, 1, 1 };
    return PQsendQueryPrepared(server->connection, statements[statement].name, values->count,
                               values->data, values->sizes, binary, 1) == 1;
}

struct reply {
    uint64_t rows;   /* of all statements */
    PGresult *found; /* the one result with rows, to be cleared */
};

static int reply_take(struct reply *reply, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    int good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (good)
        reply->rows += strtoull(PQcmdTuples(result), NULL, 10);
    if (status == PGRES_TUPLES_OK && !reply->found)
        reply->found = result;
    else
        PQclear(result);
    return good ? 0 : -EIO;
}

/* Ends what was sent as one transaction. Returns 0; -EIO: the server refused and nothing was done; -ETIMEDOUT: nothing is
 * known, and the connection is gone. */
static int finish(struct server *server, uint64_t bytes, struct reply *reply)
{
    uint64_t until_ms = clock_mono_ms() + CALL_MS + bytes / BYTES_A_MS;
    int status = PQpipelineSync(server->connection) ? 0 : -ETIMEDOUT;
    bool synced = false, end = false;
    *reply = (struct reply){ .rows = 0 };
    server->doubtful = false;
    while (status != -ETIMEDOUT && !synced) {
        PGresult *result = next_result(server, until_ms, &end);
        if (!result && !end)
            status = -ETIMEDOUT;
        if (!result)
            continue;
        synced = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
        if (synced)
            PQclear(result);
        else if (reply_take(reply, result) < 0 && status == 0) {
            status = -EIO;
            complain(server, "do as asked");
        }
    }
    if (status == 0 && server->doubtful)
        status = -ETIMEDOUT;
    if (status < 0) {
        PQclear(reply->found);
        reply->found = NULL;
    }
    if (status == -ETIMEDOUT) {
        complain(server,
                 server->doubtful ? "be sure that a standby has it" : "hear whether it was done");
        drop(server);
    }
    return status;
}

static int call(struct server *server, enum statement statement, const struct values *values,
                struct reply *reply)
{
    if (server->connection && PQstatus(server->connection) != CONNECTION_OK)
        drop(server);
    int status = server->connection ? 0 : connect_anew(server);
    if (status < 0)
        return status;
    if (!send_one(server, statement, values)) {
        drop(server);
        return -ETIMEDOUT;
    }
    return finish(server, 0, reply);
}

/* ---- what annals do ------------------------------------------------------------------------ */

static uint64_t number_of(const PGresult *result, int row, int field)
{
    uint64_t number = 0;
    if (PQgetlength(result, row, field) == (int)sizeof number)
        memcpy(&number, PQgetvalue(result, row, field), sizeof number);
    return be64toh(number);
}

static int mark_of(const PGresult *result, int row, int field, struct store_mark *mark)
{
    *mark = (struct store_mark){ .turn = 0 };
    if (PQgetisnull(result, row, field))
        return 0;
    if (PQgetlength(result, row, field + 1) != MARK_DIGEST_BYTES)
        return -EBADMSG;
    mark->turn = number_of(result, row, field);
    memcpy(mark->digest, PQgetvalue(result, row, field + 1), MARK_DIGEST_BYTES);
    return 0;
}

static int stand_read(struct server *server, enum statement statement, struct annals_stand *stand)
{
    struct values none = { .count = 0 };
    struct reply reply;
    int status = call(server, statement, &none, &reply);
    if (status < 0)
        return status;
    const PGresult *found = reply.found;
    if (!found || PQntuples(found) != 1) {
        PQclear(reply.found);
        return -ENOENT;
    }
    stand->epoch = number_of(found, 0, 0);
    stand->beat = number_of(found, 0, 1);
    (void)snprintf(stand->holder, sizeof stand->holder, "%s", PQgetvalue(found, 0, 2));
    status = mark_of(found, 0, 3, &stand->begin);
    if (status == 0)
        status = mark_of(found, 0, 5, &stand->last);
    PQclear(reply.found);
    return status;
}

static int server_stand(void *own, struct annals_stand *stand)
{
    return stand_read(own, STATEMENT_STAND, stand);
}

static int server_look(void *own, struct annals_stand *stand)
{
    return stand_read(own, STATEMENT_LOOK, stand);
}

/* It waits for the row: whoever holds it is alive, and then the row is another. */
static int server_rise(void *own, const struct annals_stand *stand, const char *holder)
{
    struct values values = { .count = 0 };
    struct reply reply;
    add_number(&values, stand->epoch);
    add_bytes(&values, holder, strlen(holder));
    add_number(&values, stand->beat);
    add_number(&values, stand->last.turn);
    int status = call(own, STATEMENT_RISE, &values, &reply);
    return status < 0 ? status : reply.rows == 1 ? 0 : -ESTALE;
}

static enum annals_outcome server_beat(void *own, uint64_t epoch)
{
    struct values values = { .count = 0 };
    struct reply reply;
    add_number(&values, epoch);
    if (call(own, STATEMENT_BEAT, &values, &reply) < 0)
        return ANNALS_UNKNOWN;
    return reply.rows == 1 ? ANNALS_WRITTEN : ANNALS_DEPOSED;
}

static bool send_head(struct server *server, uint64_t epoch, const struct store_mark *before,
                      const struct store_mark *after)
{
    struct values values = { .count = 0 };
    add_number(&values, epoch);
    add_number(&values, before->turn);
    add_bytes(&values, before->digest, MARK_DIGEST_BYTES);
    add_number(&values, after->turn);
    add_bytes(&values, after->digest, MARK_DIGEST_BYTES);
    return send_one(server, STATEMENT_HEAD, &values);
}

/* Returns how many pieces, 0: they could not be sent. */
static uint32_t send_turn(struct server *server, uint64_t epoch, const struct annals_turn *turn,
                          const struct store_mark *last)
{
    uint32_t count = annals_pieces(turn->changes.size);
    for (uint32_t i = 0; i < count; i++) {
        struct values values = { .count = 0 };
        struct slice bytes = annals_piece(turn->changes, i);
        add_number(&values, epoch);
        add_number(&values, turn->after.turn);
        add_number(&values, i);
        add_number(&values, turn->at_ms);
        add_bytes(&values, turn->after.digest, MARK_DIGEST_BYTES);
        add_number(&values, turn->changes.size);
        add_bytes(&values, bytes.size > 0 ? bytes.data : "", bytes.size);
        add_bytes(&values, last->digest, MARK_DIGEST_BYTES); /* the head was changed before */
        if (!send_one(server, STATEMENT_PIECE, &values))
            return 0;
    }
    return count;
}

/* Nothing was written: because of the epoch, of the place, or of neither? Then it may be tried again. */
static enum annals_outcome why_not(struct server *server, uint64_t epoch,
                                   const struct store_mark *before)
{
    struct annals_stand stand = { .epoch = 0 };
    static const struct store_mark none;
    if (server_stand(server, &stand) < 0)
        return ANNALS_UNKNOWN;
    if (stand.epoch != epoch)
        return ANNALS_DEPOSED;
    return memcmp(&stand.last, before, sizeof *before) == 0 ||
                   memcmp(&stand.begin, &none, sizeof none) == 0
               ? ANNALS_UNKNOWN
               : ANNALS_REFUSED;
}

static enum annals_outcome server_append(void *own, uint64_t epoch, const struct store_mark *before,
                                         const struct annals_turn *turns, uint32_t count)
{
    struct server *server = own;
    struct reply reply;
    uint64_t pieces = 0, bytes = 0;
    if (server->connection && PQstatus(server->connection) != CONNECTION_OK)
        drop(server);
    if (!server->connection && connect_anew(server) < 0)
        return ANNALS_UNKNOWN;
    bool sent = send_head(server, epoch, before, &turns[count - 1].after);
    for (uint32_t i = 0; sent && i < count; i++) {
        uint32_t added = send_turn(server, epoch, &turns[i], &turns[count - 1].after);
        sent = added > 0;
        pieces += added;
        bytes += turns[i].changes.size;
    }
    if (!sent) {
        drop(server); /* the server forgets what was not ended */
        return ANNALS_UNKNOWN;
    }
    int status = finish(server, bytes, &reply);
    PQclear(reply.found);
    if (status == -EIO || (status == 0 && reply.rows == 0))
        return why_not(server, epoch, before);
    if (status < 0)
        return ANNALS_UNKNOWN;
    if (reply.rows == pieces + 1)
        return ANNALS_WRITTEN;
    log_error("annals: %llu rows of %llu were written turn=%llu",
              (unsigned long long)reply.rows - 1, (unsigned long long)pieces,
              (unsigned long long)turns[0].after.turn);
    return ANNALS_UNKNOWN;
}

static int give_row(const PGresult *result, annals_take_piece *take, void *owner)
{
    struct annals_piece piece;
    if (PQnfields(result) != READ_FIELDS || PQgetlength(result, 0, 3) != MARK_DIGEST_BYTES)
        return -EBADMSG;
    piece.after.turn = number_of(result, 0, 0);
    memcpy(piece.after.digest, PQgetvalue(result, 0, 3), MARK_DIGEST_BYTES);
    piece.at_ms = number_of(result, 0, 2);
    piece.size = number_of(result, 0, 4);
    piece.bytes = (struct slice){ PQgetvalue(result, 0, 5), (size_t)PQgetlength(result, 0, 5) };
    return take(owner, &piece);
}

static int server_read(void *own, uint64_t first, uint64_t last, annals_take_piece *take,
                       void *owner)
{
    struct server *server = own;
    struct values values = { .count = 0 };
    uint64_t until_ms = clock_mono_ms() + CALL_MS;
    add_number(&values, first);
    add_number(&values, last);
    if (server->connection && PQstatus(server->connection) != CONNECTION_OK)
        drop(server);
    int status = server->connection ? 0 : connect_anew(server);
    if (status < 0)
        return status;
    bool sent =
        send_one(server, STATEMENT_READ, &values) && PQpipelineSync(server->connection) == 1;
    bool synced = false, end = false, single = false;
    while (sent && !synced && status != -ETIMEDOUT) {
        single = single || PQsetSingleRowMode(server->connection) == 1; /* one at a time */
        PGresult *result = next_result(server, until_ms, &end);
        ExecStatusType kind = PQresultStatus(result);
        if (!result && !end)
            status = -ETIMEDOUT;
        synced = kind == PGRES_PIPELINE_SYNC;
        until_ms = clock_mono_ms() + CALL_MS; /* the owner's own time is not the server's */
        if (kind == PGRES_SINGLE_TUPLE && status == 0)
            status = give_row(result, take, owner);
        else if (result && !synced && kind != PGRES_SINGLE_TUPLE && kind != PGRES_TUPLES_OK)
            status = -EIO;
        PQclear(result);
    }
    if (!sent || status == -ETIMEDOUT)
        drop(server);
    return sent ? status : -ETIMEDOUT;
}

/* ---- life ---------------------------------------------------------------------------------- */

static int server_open(void **own, const char *place)
{
    struct server *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    int length = snprintf(fresh->place, sizeof fresh->place, "%s", place);
    int status = length < 0 || (size_t)length >= sizeof fresh->place ? -ENAMETOOLONG : 0;
    if (status == 0)
        status = connect_anew(fresh);
    if (status < 0)
        free(fresh);
    else
        *own = fresh;
    return status;
}

static void server_close(void *own)
{
    drop(own);
    free(own);
}

const struct annals_kind annals_postgresql = { "postgresql://", server_open,   server_close,
                                               server_stand,    server_look,   server_rise,
                                               server_beat,     server_append, server_read };
