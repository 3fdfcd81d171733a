/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `yihao export check`: is this file the table that a console's server made and the trail knows? */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "consoles/ctl/field.h"
#include "consoles/ctl/rows.h"
#include "consoles/ctl/session.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"
#include "proto/codec.h"
#include "proto/suite.h"

enum {
    PIECE_BYTES = 65536,
    TABLE_DIGEST_BYTES = 32
};

static int digest_of(const char *path, uint64_t algorithm, uint8_t digest[TABLE_DIGEST_BYTES])
{
    static uint8_t piece[PIECE_BYTES];
    struct digesting digesting;
    const struct suite *suite = suite_of_digest(algorithm);
    if (!suite) {
        complain(words("its digest is by algorithm %" PRIu64
                       ", which this program does not know; update it",
                       "摘要算法 %" PRIu64 " 为本程序所不识,请升级"),
                 algorithm);
        return EXIT_FAILED;
    }
    FILE *file = fopen(path, "rb");
    if (!file) {
        complain(words("cannot read %s: %s", "无法读取 %s: %s"), path, strerror(errno));
        return EXIT_FAILED;
    }
    suite_begin(suite, &digesting);
    for (size_t size; (size = fread(piece, 1, sizeof piece, file)) > 0;)
        suite_add(&digesting, piece, size);
    int status = ferror(file);
    (void)fclose(file);
    suite_end(&digesting, digest);
    return status ? EXIT_FAILED : EXIT_DONE;
}

/* The event's number as the page names its file: incidents-4711.csv, also "incidents-4711 (1).csv". */
static bool number_in(const char *path, uint64_t *seq)
{
    const char *name = strrchr(path, '/');
    const char *dash = strrchr(name ? name : path, '-');
    char *end = NULL;
    *seq = dash ? strtoull(dash + 1, &end, 10) : 0;
    return *seq != 0 && end > dash + 1;
}

static int read_event(struct session *session, uint64_t seq, struct record *record)
{
    const struct answer *answer;
    struct query query = { .kind = QUERY_EVENTS, .events = { .after = seq - 1 } };
    int code = session_ask(session, &query, &answer);
    if (code != EXIT_DONE)
        return code;
    struct codec *codec = codec_open();
    bool found = answer->kind == ANSWER_EVENTS && answer->events.rows_count > 0 &&
                 answer->events.rows[0].seq == seq && codec &&
                 codec_unpack(codec, SCHEMA_RECORD, answer->events.rows[0].record,
                              answer->events.rows[0].record_size, record) >= 0 &&
                 record->event.kind == EVENT_EXPORT_BEGUN;
    codec_close(codec);
    if (found)
        return EXIT_DONE;
    complain(words("event %" PRIu64 " is no export", "事件 %" PRIu64 " 不是导出"), seq);
    return EXIT_NOT_FOUND;
}

static int tell(const char *path, uint64_t seq, const struct event *event,
                const uint8_t digest[TABLE_DIGEST_BYTES])
{
    char at[TIME_BYTES];
    if (sodium_memcmp(event->export_begun.digest, digest, TABLE_DIGEST_BYTES) != 0) {
        complain(words("%s is not what event %" PRIu64 " names: changed, or another file",
                       "%s 与事件 %" PRIu64 " 所记不符:已被改动或并非该文件"),
                 path, seq);
        return EXIT_TAMPERED;
    }
    time_write(at, event->at_ms);
    if (event->export_begun.kind == EXPORT_KIND_SHEET && event->export_begun.rows == 0) {
        (void)printf(words("%s is the paper of event %" PRIu64 ", taken by %u at %s\n",
                           "%s 即事件 %" PRIu64 " 打印的文书,由 %u 于 %s 导出\n"),
                     path, seq, event->actor, at);
        return EXIT_DONE;
    }
    (void)printf(words("%s is the table of event %" PRIu64 ": %u rows, taken by %u at %s\n",
                       "%s 即事件 %" PRIu64 " 导出的表:%u 行,由 %u 于 %s 导出\n"),
                 path, seq, event->export_begun.rows, event->actor, at);
    return EXIT_DONE;
}

int run_export_check(struct request *request)
{
    static struct record record;
    struct session *session = NULL;
    uint8_t digest[TABLE_DIGEST_BYTES];
    const char *path = request_argument(request, 0), *said = request_argument(request, 1);
    uint64_t seq = 0;
    char login[33] = "";
    if (said ? !number_read(said, &seq) || seq == 0 : !number_in(path, &seq)) {
        complain(words("the number of the event is wanted: yihao export check FILE EVENT",
                       "请给出事件序号:yihao export check 文件 事件"));
        return EXIT_USAGE;
    }
    if (!request->as)
        login_of_role(request->home, ROLE_AUDITOR, login);
    int code = session_open(&session, request, login);
    if (code == EXIT_DONE)
        code = read_event(session, seq, &record);
    if (code == EXIT_DONE)
        code = digest_of(path, record.event.export_begun.algorithm, digest);
    if (code == EXIT_DONE)
        code = tell(path, seq, &record.event, digest);
    session_close(session);
    return code;
}
