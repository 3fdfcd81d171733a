/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/log.h"
#include "consoles/server/console.h"
#include "consoles/server/range.h"
#include "consoles/server/route.h"
#include "proto/tape.h"

/* The gateway's name is its folder's below the home. */
static bool gateway_name(struct console *console, uint32_t gateway, char *name, size_t room)
{
    struct query query = { .kind = QUERY_CITY, .city = { .table = CITY_TABLE_GATEWAYS } };
    const struct answer *answer = &console->answer;
    replica_query(console->replica, &query, clock_wall_ms(), &console->answer);
    for (uint32_t i = 0; answer->kind == ANSWER_GATEWAYS && i < answer->gateways.rows_count; i++)
        if (answer->gateways.rows[i].gateway == gateway)
            return snprintf(name, room, "%s", answer->gateways.rows[i].name) < (int)room;
    return false;
}

/* The contact's (last) recording, NULL: there is none. */
static const struct recording_row *find_recording(struct console *console, uint64_t contact)
{
    struct query query = { .kind = QUERY_RECORDINGS, .recordings = { .contact = contact } };
    const struct answer *answer = &console->answer;
    replica_query(console->replica, &query, clock_wall_ms(), &console->answer);
    if (answer->refusal != REFUSAL_NONE || answer->kind != ANSWER_RECORDINGS ||
        answer->recordings.rows_count == 0)
        return NULL;
    return &answer->recordings.rows[answer->recordings.rows_count - 1];
}

uint64_t recording_seq(struct console *console, uint64_t contact)
{
    const struct recording_row *row = find_recording(console, contact);
    return row ? row->seq : 0;
}

/* Returns the descriptor, *size, and whether it is a tape, or a negative errno. */
static int open_recording(struct console *console, uint64_t contact, uint64_t *size, bool *tape)
{
    const struct recording_row *row = find_recording(console, contact);
    char path[CONSOLE_PATH_BYTES], name[33], file[129];
    struct stat stat;
    if (!row)
        return -ENOENT;
    (void)snprintf(file, sizeof file, "%s", row->file);
    *tape = tape_is(file);
    if (!gateway_name(console, row->gateway, name, sizeof name) || !range_path_is_plain(name) ||
        !range_path_is_plain(file))
        return -ENOENT;
    if (snprintf(path, sizeof path, "%s/%s/recordings/%s", console->home, name, file) >=
        (int)sizeof path)
        return -ENAMETOOLONG;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -errno;
    if (fstat(fd, &stat) < 0 || !S_ISREG(stat.st_mode) || stat.st_size == 0) {
        (void)close(fd);
        return -ENOENT;
    }
    *size = (uint64_t)stat.st_size;
    return fd;
}

/* 410: the key was destroyed, and the sound is gone for good. */
static unsigned refused(int fd, const struct heard *heard)
{
    log_info("fetch recording contact=%" PRIu64 ": its key is gone", heard->contact);
    (void)close(fd);
    return 410;
}

void recording_answer(struct console *console, struct exchange *exchange, const struct heard *heard)
{
    uint64_t size = 0;
    bool tape = false;
    struct response response = { .status = 404 };
    int fd = open_recording(console, heard->contact, &size, &tape);
    if (fd < 0) {
        log_warn("fetch recording contact=%" PRIu64 " failed error=%s", heard->contact,
                 strerror(-fd));
        exchange_answer(exchange, &response);
        return;
    }
    char sealed[4];
    route_argument(exchange_request(exchange)->arguments, "sealed", sealed, sizeof sealed);
    if (strcmp(sealed, "1") == 0)
        tape = false;
    if (tape && sodium_is_zero(heard->key, sizeof heard->key)) {
        response.status = refused(fd, heard);
        exchange_answer(exchange, &response);
        return;
    }
    size = tape ? tape_wav_size(size) : size;
    struct range range = range_read(exchange_request(exchange)->range, size);
    if (range.kind == RANGE_UNSATISFIABLE) {
        (void)close(fd);
        response.status = 416;
    } else {
        response = (struct response){ .status = range.kind == RANGE_PART ? 206 : 200,
                                      .type = "audio/wav",
                                      .file = fd,
                                      .tape = tape,
                                      .file_offset = range.offset,
                                      .file_size = range.size,
                                      .file_whole = size };
        memcpy(response.tape_key, heard->key, sizeof response.tape_key);
    }
    exchange_answer(exchange, &response);
    sodium_memzero(&response, sizeof response);
}

bool recording_must_ask(const struct session *session, const struct request *request,
                        uint64_t contact)
{
    struct range range = range_read(request->range, UINT64_MAX);
    return range.kind != RANGE_PART || range.offset == 0 || !session_heard(session, contact);
}
