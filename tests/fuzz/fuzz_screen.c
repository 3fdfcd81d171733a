/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any frames of a browser, one a line, while events come: the screen answers or ends, never more
 * than its bounds, and every event that goes out names the one before it. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "consoles/server/screen.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const struct user_row taker = { .user = 1001, .roles = ROLES_TAKER };
static const struct standing standing = { .server = "console", .epoch = 7, .up = true };

static void hear(void *owner, struct screen *screen, const char *name, const json_t *body)
{
    static struct command command;
    static struct query query;
    char complaint[JSON_COMPLAINT_BYTES];
    (void)owner;
    (void)json_to_message(SCHEMA_COMMAND, body, &command, complaint, sizeof complaint);
    (void)json_to_message(SCHEMA_QUERY, body, &query, complaint, sizeof complaint);
    screen_send(screen, parcel_from_json(json_pack("{s:s}", "ack", name)));
}

static void wake(void *owner, struct screen *screen)
{
    (void)owner, (void)screen;
}

static const struct screen_handlers handlers = { hear, hear, wake };

static void read_out(struct screen *screen, unsigned frames)
{
    static char scratch[PARCEL_HEADROOM + SCREEN_EVENT_ROOM];
    size_t size = 0;
    while (frames-- > 0) {
        const char *frame = screen_next(screen, &standing, scratch + PARCEL_HEADROOM, &size);
        if (!frame)
            return;
        REQUIRE(size > 0 && frame[0] == '{' && frame[size - 1] == '}');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const struct audience everybody = { .roles = ROLES_ALL };
    static const struct audience nobody = { 0 };
    uint64_t seq = 100;
    struct feed *feed = feed_create(seq);
    struct screen *screen = screen_open(&handlers, NULL, feed, &taker, 0);
    REQUIRE(feed && screen);
    for (const char *at = (const char *)bytes, *end = at + size; at < end;) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((line_end ? line_end : end) - at);
        screen_take(screen, &standing, at, length);
        seq++;
        (void)feed_add(feed, seq, length % 3 == 0 ? &nobody : &everybody, "{\"seq\":1", 8);
        screen_notice(screen, seq, length % 5 == 0);
        read_out(screen, length % 4 == 0 ? 100 : 1);
        at += length + 1;
    }
    read_out(screen, 100000);
    screen_close(screen);
    feed_destroy(feed);
    return 0;
}
