/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `yihao trail export` and `yihao trail verify`: what an auditor takes away and checks elsewhere. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "consoles/ctl/dossier.h"
#include "consoles/ctl/field.h"
#include "consoles/ctl/rows.h"
#include "consoles/ctl/session.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"
#include "dispatcher/journal/bundle.h"
#include "dispatcher/journal/verify.h"
#include "proto/json.h"
#include "proto/keys.h"

enum {
    KEY_BYTES = 32,
    FILE_BYTES = 256,
    SIGNED_TRIES = 6 /* the dispatcher signs at least each second */
};

/* ---- export --------------------------------------------------------------------------------- */

struct asking {
    struct session *session;
    int code;             /* why it ended, when it did */
    enum refusal refusal; /* the last */
};

/* Refusals are the bundle's business: one of them says "not signed yet". */
static int ask(void *owner, const struct query *query, struct answer *answer)
{
    struct asking *asking = owner;
    const struct answer *came = NULL;
    asking->code = session_ask_quietly(asking->session, query, &came);
    if (asking->code != EXIT_DONE)
        return -EIO;
    *answer = *came;
    asking->refusal = came->refusal;
    return 0;
}

static int read_wish(const struct request *request, struct bundle_wish *wish,
                     struct incident_query *named)
{
    const char *incident = request_argument(request, 0);
    const char *first = request_option(request, "first");
    const char *last = request_option(request, "last");
    *wish = (struct bundle_wish){ .first = 1 };
    *named = (struct incident_query){ 0 };
    if (incident)
        return incident_read(incident, named);
    if ((!first || number_read(first, &wish->first)) && (!last || number_read(last, &wish->last)))
        return EXIT_DONE;
    complain(words("--first and --last want numbers of events", "--first 与 --last 要事件序号"));
    return EXIT_USAGE;
}

static int tell_export(const struct asking *asking, const char *file, int status)
{
    if (status == 0) {
        (void)printf(words("written to %s; yihao trail verify %s\n",
                           "已写入 %s;验证: yihao trail verify %s\n"),
                     file, file);
        return EXIT_DONE;
    }
    if (asking->code != EXIT_DONE)
        return asking->code;
    if (status == -EPERM)
        return session_refused(asking->refusal);
    if (status == -ENOENT)
        complain(words("there is nothing to export", "没有可导出的内容"));
    else if (status == -EEXIST)
        complain(words("%s exists; name another with --to", "%s 已存在;请用 --to 另指定"), file);
    else if (status == -EAGAIN)
        complain(words("the newest events are not signed yet; again in a second",
                       "最新事件尚未签名;请稍后再试"));
    else
        complain(words("cannot write %s: %s", "无法写入 %s: %s"), file, strerror(-status));
    return status == -ENOENT ? EXIT_NOT_FOUND : EXIT_FAILED;
}

/* Nothing leaves before the trail says who takes what with them. */
static int begin_export(struct session *session, const struct bundle_wish *wish)
{
    struct command command = { .kind = COMMAND_EXPORT_BEGIN };
    struct outcome outcome = { .refusal = REFUSAL_NONE };
    command.export_begin = (struct export_begin){ .kind = EXPORT_KIND_BUNDLE,
                                                  .incident = wish->incident,
                                                  .first = wish->incident ? 0 : wish->first,
                                                  .last = wish->incident ? 0 : wish->last };
    int code = session_submit(session, &command, NULL, &outcome);
    return code == EXIT_DONE ? session_refused(outcome.refusal) : code;
}

static int export_to(struct session *session, const char *file, const struct bundle_wish *wish)
{
    struct asking asking = { .session = session };
    int status = -EAGAIN;
    for (int i = 0; i < SIGNED_TRIES && status == -EAGAIN; i++) {
        if (i > 0)
            session_wait(session, 500);
        status = bundle_write(file, wish, ask, &asking);
    }
    return tell_export(&asking, file, status);
}

int run_trail_export(struct request *request)
{
    struct session *session = NULL;
    struct bundle_wish wish;
    struct incident_query named;
    char file[FILE_BYTES];
    char login[33] = "";
    int code = read_wish(request, &wish, &named);
    if (code != EXIT_DONE)
        return code;
    if (request_option(request, "pdf"))
        return dossier_export(request, &named);
    if (!request->as)
        login_of_role(request->home, ROLE_AUDITOR, login);
    code = session_open(&session, request, login);
    if (code == EXIT_DONE && (named.incident || named.number))
        code = session_find_incident(session, &named, &wish.incident);
    if (request_option(request, "to"))
        (void)snprintf(file, sizeof file, "%s", request_option(request, "to"));
    else if (wish.incident)
        (void)snprintf(file, sizeof file, "trail-%s.txt", request->arguments[0]);
    else
        (void)snprintf(file, sizeof file, "trail-%" PRIu64 "-%" PRIu64 ".txt", wish.first,
                       wish.last);
    if (code == EXIT_DONE)
        code = begin_export(session, &wish);
    if (code == EXIT_DONE)
        code = export_to(session, file, &wish);
    session_close(session);
    return code;
}

/* ---- verify --------------------------------------------------------------------------------- */

/* --key: hex digits, or a file of them; else the home's own public key when there is a home. */
static int read_key(const struct request *request, uint8_t key[KEY_BYTES], bool *trusted)
{
    const char *named = request_option(request, "key");
    char digits[2 * KEY_BYTES + 2] = "";
    *trusted = true;
    if (named && hex_read(named, key, KEY_BYTES))
        return EXIT_DONE;
    FILE *file = named ? fopen(named, "re") : NULL;
    if (file) {
        bool got = fgets(digits, sizeof digits, file) != NULL;
        (void)fclose(file);
        digits[strcspn(digits, "\r\n")] = '\0';
        if (got && hex_read(digits, key, KEY_BYTES))
            return EXIT_DONE;
    }
    if (named) {
        complain(words("--key wants 64 hex digits, or a file of them",
                       "--key 要 64 位十六进制数或其文件"));
        return EXIT_USAGE;
    }
    *trusted = keys_read_bytes(request->home, "sign.public", key, KEY_BYTES) == 0;
    return EXIT_DONE;
}

static void print_key(const uint8_t key[KEY_BYTES], bool trusted)
{
    char digits[2 * KEY_BYTES + 1];
    hex_write(key, KEY_BYTES, digits);
    if (trusted)
        (void)printf(words("signed by the trusted key %s\n", "由受信密钥签名: %s\n"), digits);
    else
        (void)printf(words("signed by %s: compare it with the city's published key\n",
                           "签名密钥 %s: 请与城市公布的公钥核对\n"),
                     digits);
}

static int tell_tampered(const char *reason, uint64_t record, uint64_t line)
{
    (void)printf(words("TAMPERED at record %" PRIu64 ": %s", "被篡改,记录 %" PRIu64 ": %s"), record,
                 reason);
    if (line > 0)
        (void)printf(words(" (line %" PRIu64 " of the file)", "(文件第 %" PRIu64 " 行)"), line);
    (void)putchar('\n');
    return EXIT_TAMPERED;
}

static void print_report_json(bool ok, uint64_t records, uint64_t record, const char *reason,
                              const uint8_t key[KEY_BYTES])
{
    char digits[2 * KEY_BYTES + 1];
    hex_write(key, KEY_BYTES, digits);
    json_t *report = json_object();
    (void)json_object_set_new(report, "ok", json_boolean(ok));
    (void)json_object_set_new(report, "records", json_from_uint64(records));
    (void)json_object_set_new(report, "key", json_string(digits));
    if (!ok) {
        (void)json_object_set_new(report, "record", json_from_uint64(record));
        (void)json_object_set_new(report, "reason", json_string(reason));
    }
    (void)json_dumpf(report, stdout, JSON_INDENT(2));
    (void)putchar('\n');
    json_decref(report);
}

static int tell_bundle(const struct request *request, const struct bundle_report *report,
                       bool trusted)
{
    char at[TIME_BYTES];
    bool gaps = report->incident == 0 && report->gaps > 0;
    if (request->json)
        print_report_json(report->ok, report->records, report->record, report->reason,
                          report->public_key);
    else if (!report->ok)
        (void)tell_tampered(report->reason, report->record, report->line);
    if (!report->ok)
        return EXIT_TAMPERED;
    if (request->json)
        return gaps ? EXIT_GAPS : EXIT_DONE;
    time_write(at, report->at_ms);
    if (report->incident)
        (void)printf(
            words("the trail of incident %" PRIu64 " is whole\n", "工单 %" PRIu64 " 的轨迹完整\n"),
            report->incident);
    (void)printf(words("%" PRIu64 " records verified, %" PRIu64 " to %" PRIu64
                       ", in a journal of %" PRIu64 " (epoch %" PRIu64 ", %s)\n",
                       "已验证 %" PRIu64 " 条记录,序号 %" PRIu64 " 至 %" PRIu64 ",日志共 %" PRIu64
                       " 条(第 %" PRIu64 " 次启动,%s)\n"),
                 report->records, report->first, report->last, report->size, report->epoch, at);
    if (gaps)
        (void)printf(words("%" PRIu64 " records between them are not in the file\n",
                           "其间 %" PRIu64 " 条记录不在文件中\n"),
                     report->gaps);
    print_key(report->public_key, trusted);
    return gaps ? EXIT_GAPS : EXIT_DONE;
}

static int verify_folder(const struct request *request, const char *path, const uint8_t *key)
{
    static struct verify_report report;
    int status = journal_verify_apart(path, key, &report);
    if (status < 0) {
        complain(words("cannot read the journal %s: %s", "无法读取日志 %s: %s"), path,
                 strerror(-status));
        return EXIT_FAILED;
    }
    if (request->json)
        print_report_json(report.ok, report.records, report.record, report.reason,
                          report.public_key);
    else if (!report.ok)
        (void)tell_tampered(report.reason, report.record, 0);
    if (!report.ok || request->json)
        return report.ok ? EXIT_DONE : EXIT_TAMPERED;
    (void)printf(words("%" PRIu64 " records and %" PRIu64 " checkpoints verified, %" PRIu64
                       " under signature\n",
                       "已验证 %" PRIu64 " 条记录、%" PRIu64 " 个检查点,签名覆盖至 %" PRIu64 "\n"),
                 report.records, report.checkpoints, report.covered);
    print_key(report.public_key, key != NULL);
    return EXIT_DONE;
}

int run_trail_verify(struct request *request)
{
    static struct bundle_report report;
    const char *path = request->arguments[0];
    uint8_t key[KEY_BYTES];
    bool trusted = false;
    struct stat about;
    int code = read_key(request, key, &trusted);
    if (code != EXIT_DONE)
        return code;
    if (stat(path, &about) < 0) {
        complain("%s: %s", path, strerror(errno));
        return EXIT_NOT_FOUND;
    }
    if (S_ISDIR(about.st_mode))
        return verify_folder(request, path, trusted ? key : NULL);
    int status = bundle_verify(path, trusted ? key : NULL, &report);
    if (status < 0) {
        complain(words("cannot read %s: %s", "无法读取 %s: %s"), path, strerror(-status));
        return EXIT_FAILED;
    }
    return tell_bundle(request, &report, trusted);
}
