/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/history.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "dispatcher/journal/onlooker.h"
#include "gateways/link/link.h"
#include "proto/keys.h"
#include "proto/schema.h"

enum {
    FOLDER_BYTES = 480
};

struct history {
    struct onlooker *onlooker; /* NULL: nothing is watched */
    uint64_t asked;            /* the newest question; older answers are not listened to */
    uint64_t look_ms;          /* the next look is due */
    uint64_t unanswered;
};

static int watch(struct history *history, const char *home, const char *name)
{
    char folder[FOLDER_BYTES];
    uint8_t city_key[32];
    int status = keys_read_bytes(home, "sign.public", city_key, sizeof city_key);
    if (status == -ENOENT || status == -EACCES) {
        log_warn("history is not watched: copy the city's sign.public to %s/keys", home);
        return 0;
    }
    if (status == 0 && snprintf(folder, sizeof folder, "%s/%s", home, name) >= FOLDER_BYTES)
        status = -ENAMETOOLONG;
    if (status == 0 && mkdir(folder, 0700) < 0 && errno != EEXIST)
        status = -errno;
    if (status == 0)
        status = onlooker_open(&history->onlooker, folder, city_key);
    return status;
}

int history_open(struct history **history, const char *home, const char *name)
{
    struct history *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    int status = watch(fresh, home, name);
    if (status < 0) {
        log_error("read what was believed failed folder=%s/%s error=%s", home, name,
                  strerror(-status));
        history_close(fresh);
        return status;
    }
    if (fresh->onlooker && onlooker_doubted(fresh->onlooker))
        log_error("history is still doubted; look, then remove %s/%s/doubt", home, name);
    *history = fresh;
    return 0;
}

void history_close(struct history *history)
{
    if (!history)
        return;
    onlooker_close(history->onlooker);
    free(history);
}

void history_turn(struct history *history, struct link *link, uint64_t mono_ms)
{
    struct query newest = { .kind = QUERY_CHECKPOINT };
    if (!history->onlooker || mono_ms < history->look_ms || onlooker_doubted(history->onlooker))
        return;
    history->look_ms = mono_ms + HISTORY_LOOK_MS;
    (void)link_ask(link, &newest, NULL, 0, &history->asked);
}

static void tell_doubt(struct link *link, const struct onlooker_word *word)
{
    static struct command command;
    uint64_t ticket;
    schema_clear(SCHEMA_COMMAND, &command);
    command.kind = COMMAND_HISTORY_DOUBT;
    command.history_doubt = (struct history_doubt){ word->first, word->seq, word->reason };
    int status = link_submit(link, &command, NULL, NULL, 0, &ticket);
    if (status < 0)
        log_error("the doubt cannot be told: %s", strerror(-status));
}

static void act(struct history *history, struct link *link, const struct onlooker_word *word)
{
    struct query proof = { .kind = QUERY_CONSISTENCY, .consistency = { word->first, word->seq } };
    struct query line = { .kind = QUERY_SUCCESSIONS, .successions = { word->first } };
    switch (word->step) {
    case ONLOOKER_STEP_LINE:
        (void)link_ask(link, &line, NULL, 0, &history->asked);
        return;
    case ONLOOKER_STEP_PROVE:
        (void)link_ask(link, &proof, NULL, 0, &history->asked);
        return;
    case ONLOOKER_STEP_DOUBT:
        tell_doubt(link, word);
        return;
    case ONLOOKER_STEP_BELIEVE:
    case ONLOOKER_STEP_WAIT:
        return;
    }
}

bool history_take(struct history *history, struct link *link, uint64_t id,
                  const struct answer *answer)
{
    struct onlooker_word word = { .step = ONLOOKER_STEP_WAIT };
    if (!history->onlooker || history->asked == 0 || id != history->asked)
        return false;
    history->asked = 0;
    if (answer->refusal != REFUSAL_NONE)
        history->unanswered++;
    else if (answer->kind == ANSWER_CHECKPOINT)
        word = onlooker_see(history->onlooker, &answer->checkpoint);
    else if (answer->kind == ANSWER_SUCCESSIONS)
        word = onlooker_follow(history->onlooker, &answer->successions);
    else if (answer->kind == ANSWER_CONSISTENCY)
        word = onlooker_prove(history->onlooker, &answer->consistency);
    act(history, link, &word);
    return true;
}

void history_stand(const struct history *history, struct history_standing *standing)
{
    *standing = (struct history_standing){ .unanswered = history->unanswered };
    if (!history->onlooker)
        return;
    const struct checkpoint *doubted = onlooker_doubted(history->onlooker);
    standing->watched = true;
    standing->believed = onlooker_last(history->onlooker)->seq;
    standing->doubted = doubted ? doubted->seq ? doubted->seq : 1 : 0;
}

const struct checkpoint *history_last(const struct history *history)
{
    return history->onlooker ? onlooker_last(history->onlooker) : NULL;
}
