/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `yihao attachment`: a picture or document is added to a task, or looked at. */
#include "proto/attachment.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "base/text.h"
#include "consoles/ctl/field.h"
#include "consoles/ctl/rows.h"
#include "consoles/ctl/session.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"
#include "proto/codec.h"

static const char folder_name[] = "yihao"; /* HOME/yihao/attachments: what this program added */

/* ---- adding ----------------------------------------------------------------------------------- */

static int file_take(const char *path, uint8_t **bytes, size_t *size)
{
    FILE *file = fopen(path, "rb");
    *bytes = malloc(ATTACHMENT_BYTES_MAX + 1);
    *size = file && *bytes ? fread(*bytes, 1, ATTACHMENT_BYTES_MAX + 1, file) : 0;
    bool failed = !file || !*bytes || ferror(file);
    if (failed)
        complain(words("cannot read %s: %s", "无法读取 %s: %s"), path, strerror(errno));
    if (file)
        (void)fclose(file);
    if (!failed && *size > ATTACHMENT_BYTES_MAX) {
        complain(words("%s is larger than 8 MiB", "%s 超过 8 MiB"), path);
        failed = true;
    }
    return failed ? EXIT_FAILED : EXIT_DONE;
}

static int folder_of(const struct request *request, char folder[PATH_MAX])
{
    (void)snprintf(folder, PATH_MAX, "%s/%s", request->home, folder_name);
    if (mkdir(folder, 0700) < 0 && errno != EEXIST) {
        complain("%s: %s", folder, strerror(errno));
        return EXIT_FAILED;
    }
    (void)snprintf(folder, PATH_MAX, "%s/%s/attachments", request->home, folder_name);
    return EXIT_DONE;
}

static uint32_t today(void)
{
    struct tm civil;
    time_t now = time(NULL);
    if (!localtime_r(&now, &civil))
        return 0;
    return (uint32_t)((civil.tm_year + 1900) * 10000 + (civil.tm_mon + 1) * 100 + civil.tm_mday);
}

static int submit(struct session *session, uint64_t task, enum attachment_kind kind, size_t size,
                  const struct attachment *made)
{
    static struct outcome outcome;
    struct command command = { .kind = COMMAND_ATTACHMENT_STORE };
    struct personal personal;
    schema_clear(SCHEMA_PERSONAL, &personal);
    schema_clear(SCHEMA_ATTACHMENT_STORE, &command.attachment_store);
    command.attachment_store.task = task;
    command.attachment_store.kind = kind;
    command.attachment_store.size = size;
    (void)text_copy(command.attachment_store.server, sizeof command.attachment_store.server,
                    folder_name);
    (void)text_copy(command.attachment_store.file, sizeof command.attachment_store.file,
                    made->file);
    memcpy(command.attachment_store.digest, made->digest, sizeof made->digest);
    command.attachment_store.algorithm = made->algorithm;
    memcpy(personal.file_key, made->key, sizeof made->key);
    int code = session_submit(session, &command, &personal, &outcome);
    sodium_memzero(&personal, sizeof personal);
    if (code == EXIT_DONE)
        code = session_refused(outcome.refusal);
    if (code == EXIT_DONE)
        (void)printf(words("added: yihao attachment save %" PRIu64 " FILE\n",
                           "已添加:yihao attachment save %" PRIu64 " 文件\n"),
                     outcome.event_seq);
    return code;
}

static int add(struct session *session, const char *folder, const struct suite *suite,
               uint64_t task, const uint8_t *bytes, size_t size)
{
    struct attachment made;
    char path[PATH_MAX];
    enum attachment_kind kind = attachment_read_kind(bytes, size);
    if (kind == ATTACHMENT_KIND_NONE) {
        complain(words("JPEG, PNG, WebP or PDF is wanted", "仅限 JPEG、PNG、WebP、PDF"));
        return EXIT_USAGE;
    }
    int status = attachment_write(folder, today(), suite, bytes, size, &made);
    if (status < 0) {
        complain("%s: %s", folder, strerror(-status));
        return EXIT_FAILED;
    }
    int code = submit(session, task, kind, size, &made);
    if (code != EXIT_DONE && snprintf(path, sizeof path, "%s/%s", folder, made.file) < PATH_MAX)
        (void)unlink(path);
    sodium_memzero(&made, sizeof made);
    return code;
}

int run_attachment_add(struct request *request)
{
    struct session *session = NULL;
    char folder[PATH_MAX];
    uint8_t *bytes = NULL;
    size_t size = 0;
    uint64_t task = 0;
    if (!number_read(request->arguments[0], &task)) {
        complain(words("\"%s\" is no task", "“%s”不是任务编号"), request->arguments[0]);
        return EXIT_USAGE;
    }
    int code = file_take(request->arguments[1], &bytes, &size);
    if (code == EXIT_DONE)
        code = folder_of(request, folder);
    if (code == EXIT_DONE)
        code = session_look(&session, request);
    if (code == EXIT_DONE)
        code = add(session, folder, home_suite(request->home), task, bytes, size);
    session_close(session);
    free(bytes);
    return code;
}

/* ---- looking ---------------------------------------------------------------------------------- */

static int event_find(struct session *session, uint64_t seq, struct record *record)
{
    const struct answer *answer;
    struct query query = { .kind = QUERY_EVENTS, .events = { .after = seq - 1 } };
    int code = session_ask(session, &query, &answer);
    if (code != EXIT_DONE)
        return code;
    struct codec *codec = codec_open();
    bool found = codec && answer->events.rows_count > 0 && answer->events.rows[0].seq == seq &&
                 codec_unpack(codec, SCHEMA_RECORD, answer->events.rows[0].record,
                              answer->events.rows[0].record_size, record) >= 0 &&
                 record->event.kind == EVENT_ATTACHMENT_STORED;
    codec_close(codec);
    if (found)
        return EXIT_DONE;
    complain(words("event %" PRIu64 " is no attachment", "事件 %" PRIu64 " 不是附件"), seq);
    return EXIT_NOT_FOUND;
}

static int key_ask(struct session *session, uint64_t seq, const struct event *event,
                   enum read_reason reason, uint8_t key[ATTACHMENT_KEY])
{
    static struct outcome outcome;
    struct command command = { .kind = COMMAND_PERSONAL_READ };
    command.personal_read.subject = event->incident;
    command.personal_read.reason = reason;
    command.personal_read.seq = seq;
    command.personal_read.fields = 1U << PERSONAL_FIELD_ATTACHMENT;
    int code = session_submit(session, &command, NULL, &outcome);
    if (code == EXIT_DONE)
        code = session_refused(outcome.refusal);
    memcpy(key, outcome.personal.file_key, ATTACHMENT_KEY);
    sodium_memzero(&outcome.personal, sizeof outcome.personal);
    if (code == EXIT_DONE && sodium_is_zero(key, ATTACHMENT_KEY)) {
        complain(words("the attachment's key was destroyed", "附件密钥已销毁"));
        return EXIT_NOT_FOUND;
    }
    return code;
}

static int save(const struct request *request, const struct attachment_stored *stored,
                const uint8_t key[ATTACHMENT_KEY], const char *file)
{
    char path[PATH_MAX];
    uint8_t *bytes = NULL;
    size_t size = 0;
    (void)snprintf(path, sizeof path, "%s/%s/attachments/%s", request->home, stored->server,
                   stored->file);
    int status = attachment_read(path, key, &bytes, &size);
    int fd = status < 0 ? -1 : open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (status == 0 && fd < 0)
        status = -errno;
    if (status == 0 && (write(fd, bytes, size) != (ssize_t)size || fsync(fd) < 0))
        status = -EIO;
    if (fd >= 0)
        (void)close(fd);
    free(bytes);
    if (status == 0)
        return EXIT_DONE;
    complain("%s: %s", status == -EBADMSG ? path : file, strerror(-status));
    return status == -EBADMSG ? EXIT_TAMPERED : EXIT_FAILED;
}

int run_attachment_save(struct request *request)
{
    static struct record record;
    struct session *session = NULL;
    enum read_reason reason = READ_REASON_NONE;
    uint8_t key[ATTACHMENT_KEY] = { 0 };
    uint64_t seq = 0;
    if (!number_read(request->arguments[0], &seq) || seq == 0) {
        complain(words("\"%s\" is no event", "“%s”不是事件序号"), request->arguments[0]);
        return EXIT_USAGE;
    }
    int code = reason_read(request, &reason);
    if (code == EXIT_DONE)
        code = session_look(&session, request);
    if (code == EXIT_DONE)
        code = event_find(session, seq, &record);
    if (code == EXIT_DONE)
        code = key_ask(session, seq, &record.event, reason, key);
    session_close(session);
    if (code == EXIT_DONE)
        code = save(request, &record.event.attachment_stored, key, request->arguments[1]);
    sodium_memzero(key, sizeof key);
    return code;
}
