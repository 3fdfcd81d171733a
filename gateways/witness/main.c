/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * yihao-witness --home DIR --name NAME [--check]: keeps an eye on the trail, from another machine and
 * under another administrator than the dispatcher's. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/arguments.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/signals.h"
#include "base/text.h"
#include "gateways/link/link.h"
#include "gateways/witness/witness.h"
#include "proto/keys.h"
#include "proto/schema.h"
#include "proto/settings.h"

enum {
    LOOK_MS = 1000, /* as often as the dispatcher signs */
    POLLED = 3
};

static struct {
    struct settings settings;
    char folder[SETTINGS_PATH_BYTES + 64];
    char spool[SETTINGS_PATH_BYTES + 96];
    struct witness *witness;
    struct link *link;
    struct metrics *metrics;
    int signals;
    uint64_t asked;    /* the newest question; older answers are not listened to */
    uint64_t look_ms;  /* the next look is due */
    uint64_t heard_ms; /* wall clock of the last checkpoint shown */
    uint64_t unproved; /* the dispatcher gave no path */
} program;

static const char usage[] =
    "yihao-witness --home DIR --name NAME [--check]\n"
    "  --home DIR   the installation's folder (settings.conf, keys/ …)\n"
    "  --name NAME  the witness section of settings.conf and the name on the bus\n"
    "  --check      check settings, then end\n";

static void complain(void *owner, const char *sentence)
{
    (void)owner;
    (void)fprintf(stderr, "%s\n", sentence);
}

/* ---- what is seen ----------------------------------------------------------------------------- */

static void tell_doubt(const struct witness_word *word)
{
    static struct command command;
    uint64_t ticket;
    schema_clear(SCHEMA_COMMAND, &command);
    command.kind = COMMAND_HISTORY_DOUBT;
    command.history_doubt =
        (struct history_doubt){ word->seen.first, word->seen.seq, word->seen.reason };
    int status = link_submit(program.link, &command, NULL, NULL, 0, &ticket);
    if (status < 0)
        log_error("the doubt cannot be told: %s", strerror(-status));
}

static void act(const struct witness_word *word)
{
    struct query query = { .kind = QUERY_CONSISTENCY,
                           .consistency = { word->seen.first, word->seen.seq } };
    struct query line = { .kind = QUERY_SUCCESSIONS, .successions = { word->seen.first } };
    switch (word->seen.step) {
    case ONLOOKER_STEP_LINE:
        (void)link_ask(program.link, &line, NULL, 0, &program.asked);
        return;
    case ONLOOKER_STEP_PROVE:
        (void)link_ask(program.link, &query, NULL, 0, &program.asked);
        return;
    case ONLOOKER_STEP_BELIEVE:
        (void)link_cosign(program.link, word->seen.seq, &word->cosignature);
        return;
    case ONLOOKER_STEP_DOUBT:
        tell_doubt(word);
        return;
    case ONLOOKER_STEP_WAIT:
        return;
    }
}

static void on_reply(void *owner, uint64_t id, const struct answer *answer)
{
    (void)owner;
    struct witness_word word = { .seen = { .step = ONLOOKER_STEP_WAIT } };
    if (id != program.asked)
        return;
    if (answer->refusal != REFUSAL_NONE)
        program.unproved++;
    else if (answer->kind == ANSWER_CHECKPOINT) {
        program.heard_ms = clock_wall_ms();
        word = witness_see(program.witness, &answer->checkpoint, clock_wall_ms());
    } else if (answer->kind == ANSWER_SUCCESSIONS)
        word = witness_follow(program.witness, &answer->successions, clock_wall_ms());
    else if (answer->kind == ANSWER_CONSISTENCY)
        word = witness_prove(program.witness, &answer->consistency, clock_wall_ms());
    act(&word);
}

static void look(uint64_t mono_ms)
{
    struct query query = { .kind = QUERY_CHECKPOINT };
    if (mono_ms < program.look_ms || !link_is_up(program.link))
        return;
    program.look_ms = mono_ms + LOOK_MS;
    (void)link_ask(program.link, &query, NULL, 0, &program.asked);
}

static void figures(void *owner, struct text *text)
{
    (void)owner;
    struct witness_counts counts = witness_count(program.witness);
    uint64_t now_ms = clock_wall_ms();
    metrics_gauge(text, "yihao_witness_doubts", "1: history was rewritten; look at once", NULL,
                  counts.doubts);
    metrics_gauge(text, "yihao_witness_seq", "Last event of the last checkpoint believed", NULL,
                  counts.seq);
    metrics_gauge(text, "yihao_witness_unseen_seconds", "Since a checkpoint was last shown", NULL,
                  program.heard_ms ? (now_ms - program.heard_ms) / 1000 : UINT32_MAX);
    metrics_counter(text, "yihao_witness_signed_total", "Checkpoints signed", NULL,
                    counts.signed_count);
    metrics_counter(text, "yihao_witness_unanswered_total",
                    "Questions the dispatcher did not answer", NULL, program.unproved);
    metrics_gauge(text, "yihao_link_up", "1 while the dispatcher answers", NULL,
                  link_is_up(program.link));
}

/* ---- running ---------------------------------------------------------------------------------- */

static int link_begin(const char *home, const char *name)
{
    static const struct link_handlers handlers = { .reply = on_reply };
    struct link_settings link = { .name = name,
                                  .endpoint = program.settings.dispatcher.commands,
                                  .home = home,
                                  .spool_path = program.spool };
    struct curve_keys keys;
    int status = keys_read_curve(home, name, &keys);
    if (status == 0)
        status = keys_read_public(home, "dispatcher", link.server_public);
    if (status != 0)
        return status;
    (void)text_copy(link.public_key, sizeof link.public_key, keys.public_key);
    (void)text_copy(link.secret_key, sizeof link.secret_key, keys.secret_key);
    return link_open(&program.link, &link, &handlers, NULL);
}

static int begin(const char *home, const struct witness_settings *settings)
{
    uint8_t city_key[32];
    char digits[65];
    struct text folder = text_into(program.folder, sizeof program.folder);
    struct text spool = text_into(program.spool, sizeof program.spool);
    text_print(&folder, "%s/%s", home, settings->name);
    text_print(&spool, "%s/spool", program.folder);
    if (mkdir(program.folder, 0700) < 0 && errno != EEXIST)
        return -errno;
    int status = keys_read_bytes(home, "sign.public", city_key, sizeof city_key);
    if (status == 0)
        status = witness_open(&program.witness, program.folder, city_key,
                              suite_named(program.settings.suite));
    if (status == 0)
        program.signals = signals_open(signals_ends);
    if (status == 0 && program.signals < 0)
        status = program.signals;
    if (status == 0)
        status = link_begin(home, settings->name);
    if (status == 0)
        status = metrics_open(&program.metrics, settings->metrics_port, figures, NULL);
    if (status == 0) {
        hex_write(witness_key(program.witness), 32, digits);
        log_info("witness key=%s seq=%" PRIu64 "%s", digits, witness_count(program.witness).seq,
                 witness_count(program.witness).doubts ? " in doubt" : "");
    }
    return status;
}

static void serve(void)
{
    struct pollfd polled[POLLED] = { { .fd = program.signals, .events = POLLIN },
                                     { .fd = link_fd(program.link), .events = POLLIN },
                                     { .fd = metrics_fd(program.metrics), .events = POLLIN } };
    while (!(polled[0].revents & POLLIN)) {
        uint64_t mono_ms = clock_mono_ms();
        look(mono_ms);
        int wait_ms = link_turn(program.link, mono_ms);
        if (wait_ms > LOOK_MS / 4)
            wait_ms = LOOK_MS / 4;
        if (poll(polled, POLLED, wait_ms) < 0 && errno != EINTR)
            return;
        if (polled[2].revents)
            metrics_turn(program.metrics);
    }
}

int main(int argc, char **argv)
{
    struct arguments arguments;
    int code;
    if (!arguments_read(&arguments, argc, argv, NULL, usage, &code))
        return code;
    const char *home = arguments.home, *name = arguments.name;
    log_open(name, LOG_INFO);
    if (sodium_init() < 0 || settings_read(&program.settings, home, complain, NULL) != 0) {
        log_error("%s/settings.conf cannot be used", home);
        return 1;
    }
    const struct witness_settings *settings = settings_witness(&program.settings, name);
    if (!settings || arguments.check) {
        if (!settings)
            log_error("%s/settings.conf has no section witness \"%s\"", home, name);
        return settings ? 0 : 1;
    }
    int status = begin(home, settings);
    if (status == 0)
        serve();
    else
        log_error("cannot start: %s", strerror(-status));
    metrics_close(program.metrics);
    if (program.link)
        link_close(program.link);
    witness_close(program.witness);
    return status == 0 ? 0 : 1;
}
