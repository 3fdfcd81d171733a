/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A contact's recording as a WAV, for who may hear it: the dispatcher grants the key, which is an event. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "consoles/ctl/field.h"
#include "consoles/ctl/rows.h"
#include "consoles/ctl/session.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"
#include "proto/tape.h"

enum {
    PIECE_BYTES = 65536
};

/* The contact's last recording, and where its gateway keeps it below the home. */
static int recording_find(struct session *session, const struct request *request, uint64_t contact,
                          struct recording_row *row, char path[PATH_MAX])
{
    struct query query = { .kind = QUERY_RECORDINGS, .recordings = { .contact = contact } };
    const struct answer *answer = NULL;
    int code = session_ask(session, &query, &answer);
    if (code != EXIT_DONE)
        return code;
    if (answer->recordings.rows_count == 0) {
        complain(words("contact %" PRIu64 " has no recording", "来电 %" PRIu64 " 没有录音"),
                 contact);
        return EXIT_NOT_FOUND;
    }
    *row = answer->recordings.rows[answer->recordings.rows_count - 1];
    query = (struct query){ .kind = QUERY_CITY, .city = { .table = CITY_TABLE_GATEWAYS } };
    code = session_ask(session, &query, &answer);
    if (code != EXIT_DONE)
        return code;
    const char *name = "";
    for (uint32_t i = 0; i < answer->gateways.rows_count; i++)
        if (answer->gateways.rows[i].gateway == row->gateway)
            name = answer->gateways.rows[i].name;
    (void)snprintf(path, PATH_MAX, "%s/%s/recordings/%s", request->home, name, row->file);
    return EXIT_DONE;
}

/* Asks for the key; zeros: it was destroyed, or there is none. */
static int key_ask(struct session *session, const struct recording_row *row,
                   enum read_reason reason, uint8_t key[TAPE_KEY])
{
    static struct outcome outcome;
    struct command command = { .kind = COMMAND_PERSONAL_READ };
    command.personal_read.subject = row->contact;
    command.personal_read.reason = reason;
    command.personal_read.seq = row->seq;
    command.personal_read.fields = 1U << PERSONAL_FIELD_RECORDING;
    int code = session_submit(session, &command, NULL, &outcome);
    if (code == EXIT_DONE)
        code = session_refused(outcome.refusal);
    memcpy(key, outcome.personal.tape_key, TAPE_KEY);
    sodium_memzero(&outcome.personal, sizeof outcome.personal);
    if (code == EXIT_DONE && tape_is(row->file) && sodium_is_zero(key, TAPE_KEY)) {
        complain(words("the recording's key was destroyed", "录音密钥已销毁"));
        return EXIT_NOT_FOUND;
    }
    return code;
}

static int piece_read(int fd, const uint8_t *key, uint64_t offset, uint8_t *bytes, size_t size)
{
    if (key)
        return tape_read(fd, key, offset, bytes, size);
    ssize_t got = pread(fd, bytes, size, (off_t)offset);
    return got == (ssize_t)size ? 0 : got < 0 ? -errno : -ENODATA;
}

static int copy(int from, int to, const uint8_t *key)
{
    uint8_t bytes[PIECE_BYTES];
    struct stat about;
    int status = fstat(from, &about) < 0 ? -errno : 0;
    uint64_t whole = status < 0 ? 0 : (uint64_t)about.st_size;
    if (key && status == 0)
        whole = tape_wav_size(whole);
    for (uint64_t at = 0; status == 0 && at < whole;) {
        size_t size = whole - at < sizeof bytes ? (size_t)(whole - at) : sizeof bytes;
        status = piece_read(from, key, at, bytes, size);
        if (status == 0 && write(to, bytes, size) != (ssize_t)size)
            status = -EIO;
        at += size;
    }
    sodium_memzero(bytes, sizeof bytes);
    return status == 0 && fsync(to) < 0 ? -errno : status;
}

static int save(const char *path, const char *file, const uint8_t *key)
{
    int from = open(path, O_RDONLY | O_CLOEXEC);
    if (from < 0) {
        complain("%s: %s", path, strerror(errno));
        return EXIT_NOT_FOUND;
    }
    int to = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int status = to < 0 ? -errno : copy(from, to, key);
    if (to >= 0 && close(to) < 0 && status == 0)
        status = -errno;
    if (to >= 0 && status < 0)
        (void)unlink(file);
    (void)close(from);
    if (status == 0)
        return EXIT_DONE;
    if (status == -EBADMSG)
        complain(
            words("%s: the key does not open it: it was changed", "%s：密钥打不开，文件被改动"),
            path);
    else
        complain("%s: %s", file, strerror(-status));
    return status == -EBADMSG ? EXIT_TAMPERED : EXIT_FAILED;
}

int run_recording_save(struct request *request)
{
    struct session *session = NULL;
    struct recording_row row;
    enum read_reason reason = READ_REASON_NONE;
    char path[PATH_MAX];
    uint8_t key[TAPE_KEY] = { 0 };
    uint64_t contact = 0;
    int code = contact_read(request->arguments[0], &contact);
    if (code == EXIT_DONE)
        code = reason_read(request, &reason);
    if (code == EXIT_DONE)
        code = session_look(&session, request);
    if (code == EXIT_DONE)
        code = recording_find(session, request, contact, &row, path);
    if (code == EXIT_DONE)
        code = key_ask(session, &row, reason, key);
    session_close(session);
    const char *tape = request_option(request, "tape");
    if (code == EXIT_DONE)
        code = save(tape ? tape : path, request->arguments[1], tape_is(row.file) ? key : NULL);
    sodium_memzero(key, sizeof key);
    return code;
}
