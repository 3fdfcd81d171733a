/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/minder.h"
#include "base/require.h"
#include "base/signals.h"
#include "dispatcher/io/amendment.h"
#include "dispatcher/io/claim.h"
#include "dispatcher/io/dispatcher.h"
#include "dispatcher/io/understudy.h"
#include "proto/keys.h"

enum {
    WAIT_MS_MAX =
        200 /* liveness and heartbeats are looked at this often; calls never wait for it */
};

/* ---- the turn ------------------------------------------------------------------------------ */

static void take_frame(struct dispatcher *dispatcher, const struct bus_sender *sender, size_t size)
{
    if (codec_unpack(dispatcher->codec, SCHEMA_FRAME, dispatcher->bytes, size, &dispatcher->in) < 0)
        intake_object(dispatcher, sender, CAUSE_UNREADABLE, REFUSAL_MALFORMED, "not readable");
    else
        intake_take(dispatcher, sender);
}

static bool is_full(const struct dispatcher *dispatcher)
{
    return speech_is_full(dispatcher) || dispatcher->row_count > TURN_ROWS_FULL;
}

static void take_frames(struct dispatcher *dispatcher)
{
    struct bus_sender sender;
    for (unsigned i = 0; i < TURN_FRAMES_MAX && !is_full(dispatcher); i++) {
        int size =
            bus_receive(dispatcher->bus, &sender, dispatcher->bytes, sizeof dispatcher->bytes);
        if (size == -EAGAIN)
            return;
        if (size >= 0)
            take_frame(dispatcher, &sender, (size_t)size);
    }
}

static void take_checked(struct dispatcher *dispatcher)
{
    struct checked checked;
    while (checker_take(dispatcher->checker, &checked, dispatcher->mono_ms))
        session_checked(dispatcher, &checked);
}

static void take_ticks(struct dispatcher *dispatcher)
{
    static struct command command;
    for (unsigned i = 0; i < TURN_TICKS_MAX && !is_full(dispatcher) &&
                         core_next_deadline_ms(dispatcher->core) <= dispatcher->now_ms;
         i++) {
        schema_clear(SCHEMA_COMMAND, &command);
        command.kind = COMMAND_TICK;
        turn_system(dispatcher, &command);
    }
}

static void take_signals(struct dispatcher *dispatcher)
{
    for (int number; (number = signals_take(dispatcher->signals)) != 0;) {
        if (number == SIGHUP)
            dispatcher->reload = true;
        else
            dispatcher->stopping = true;
    }
}

static int watch(struct dispatcher *dispatcher, int fd)
{
    struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };
    return epoll_ctl(dispatcher->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

/* Once a second. A bus that cannot be bound any more ends the process: it is started anew. */
static void look_at_keys(struct dispatcher *dispatcher, bool anyway)
{
    if (!anyway && dispatcher->mono_ms - dispatcher->keys_ms < KEYS_MS)
        return;
    dispatcher->keys_ms = dispatcher->mono_ms;
    int status = bus_look_at_keys(dispatcher->bus, anyway);
    if (status < 0)
        log_error("cannot take up the keys error=%s", strerror(-status));
    if (status == -EADDRINUSE)
        dispatcher->stopping = true;
    if (status == 1 && watch(dispatcher, bus_fd(dispatcher->bus)) < 0)
        dispatcher->stopping = true;
}

static void reload(struct dispatcher *dispatcher)
{
    dispatcher->reload = false;
    look_at_keys(dispatcher, true);
    if (recovery_load_city(dispatcher) < 0)
        log_error("the city stays as it was: its tables do not hold together");
}

static void tell_lines(struct dispatcher *dispatcher)
{
    if (dispatcher->setup_version == dispatcher->roster.lines_version)
        return;
    dispatcher->setup_version = dispatcher->roster.lines_version;
    for (uint32_t i = 0; i < dispatcher->peers.count; i++)
        speech_setup(dispatcher, &dispatcher->peers.peers[i]);
}

/* Orders that gateways missed; read from the journal, so between two turns. */
static void send_orders_again(struct dispatcher *dispatcher)
{
    for (uint32_t i = 0; i < dispatcher->peers.count; i++)
        speech_orders_again(dispatcher, &dispatcher->peers.peers[i]);
    speech_flush(dispatcher);
}

static void doubt_history(struct dispatcher *dispatcher)
{
    static struct command command;
    struct sealing_figures figures;
    sealing_measure(dispatcher->sealing, dispatcher->journal, dispatcher->now_ms, &figures);
    log_error("the sealer does not sign reason=%s signed=%llu shown=%llu",
              doubt_reason_name(figures.doubt), (unsigned long long)figures.first,
              (unsigned long long)figures.shown);
    schema_clear(SCHEMA_COMMAND, &command);
    command.kind = COMMAND_HISTORY_DOUBT;
    command.history_doubt = (struct history_doubt){ figures.first, figures.shown, figures.doubt };
    turn_system(dispatcher, &command);
}

/* Once: from then on the metric counts. */
static void tell_damage(struct dispatcher *dispatcher)
{
    static struct command command;
    if (dispatcher->damage_told || journal_damage(dispatcher->journal) == 0)
        return;
    dispatcher->damage_told = true;
    schema_clear(SCHEMA_COMMAND, &command);
    command.kind = COMMAND_HISTORY_DOUBT;
    command.history_doubt.seq = journal_seq(dispatcher->journal);
    command.history_doubt.reason = DOUBT_REASON_DAMAGED;
    turn_system(dispatcher, &command);
}

/* What the sealer said is kept with this turn, or with one of its own when there is none for long; a
 * journal that signs for itself wants a turn in time. */
static void keep_signatures(struct dispatcher *dispatcher)
{
    if (!dispatcher->sealing) {
        if (journal_checkpoint_due_ms(dispatcher->journal) <= dispatcher->now_ms)
            turn_open(dispatcher);
        return;
    }
    if (sealing_hear(dispatcher->sealing, dispatcher->mono_ms, dispatcher->open)) {
        turn_open(dispatcher);
        turn_check(sealing_keep(dispatcher->sealing, dispatcher->journal), "seal");
    }
    if (sealing_doubts_anew(dispatcher->sealing))
        doubt_history(dispatcher);
    question_manifests(dispatcher);
}

bool dispatcher_turn(struct dispatcher *dispatcher)
{
    dispatcher->mono_ms = clock_mono_ms();
    dispatcher->now_ms = wall_read(&dispatcher->wall, clock_wall_ms(), dispatcher->mono_ms);
    uint64_t begun_ns = clock_mono_ns();
    take_frames(dispatcher);
    take_checked(dispatcher);
    take_ticks(dispatcher);
    liveness_check(dispatcher);
    watchdog_look(dispatcher);
    erasure_turn(dispatcher);
    retention_turn(dispatcher);
    search_turn(dispatcher);
    turn_settle(dispatcher);
    tell_lines(dispatcher);
    keep_signatures(dispatcher);
    tell_damage(dispatcher);
    intake_forget_done(dispatcher);
    turn_commit(dispatcher);
    amendment_keep(dispatcher);
    speech_flush(dispatcher);
    if (dispatcher->sealing)
        sealing_ask(dispatcher->sealing, dispatcher->journal, dispatcher->now_ms,
                    dispatcher->mono_ms);
    turns_serve(dispatcher->turns, dispatcher->mono_ms);
    annalist_serve(dispatcher->annalist, dispatcher->mono_ms);
    if (turns_are_over(dispatcher->turns))
        turn_may_speak(dispatcher);
    send_orders_again(dispatcher);
    speech_heartbeat(dispatcher);
    recovery_keep(dispatcher);
    turn_settle_journal(dispatcher);
    if (dispatcher->mono_ms - dispatcher->tend_ms >= TEND_MS) {
        dispatcher->tend_ms = dispatcher->mono_ms;
        journal_tend(dispatcher->journal);
    }
    resign_when_told(dispatcher);
    dispatcher->figures.turns++;
    uint64_t took_us = (clock_mono_ns() - begun_ns) / 1000;
    if (took_us > dispatcher->figures.turn_us_max)
        dispatcher->figures.turn_us_max = took_us;
    return bus_waits(dispatcher->bus);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

int dispatcher_wait_ms(const struct dispatcher *dispatcher)
{
    uint64_t now_ms = clock_wall_ms();
    const struct sealing *sealing = dispatcher->sealing;
    uint64_t due_ms = earlier(core_next_deadline_ms(dispatcher->core),
                              sealing ? sealing_due_ms(sealing, dispatcher->journal)
                                      : journal_checkpoint_due_ms(dispatcher->journal));
    if (due_ms <= now_ms)
        return 0;
    return (int)earlier(earlier(due_ms - now_ms, earlier(erasure_wait_ms(dispatcher),
                                                         retention_wait_ms(dispatcher))),
                        earlier(earlier(search_wait_ms(dispatcher), WAIT_MS_MAX),
                                checker_wait_ms(dispatcher->checker, clock_mono_ms())));
}

bool dispatcher_resigned(const struct dispatcher *dispatcher)
{
    return dispatcher->resigned;
}

void dispatcher_run(struct dispatcher *dispatcher)
{
    bool more = true;
    minder_ready();
    while (!dispatcher->stopping) {
        minder_alive(clock_mono_ms());
        struct epoll_event events[8];
        int count =
            epoll_wait(dispatcher->epoll, events, 8, more ? 0 : dispatcher_wait_ms(dispatcher));
        for (int i = 0; i < count; i++)
            if (events[i].data.fd == metrics_fd(dispatcher->metrics))
                metrics_turn(dispatcher->metrics);
        take_signals(dispatcher);
        if (dispatcher->reload)
            reload(dispatcher);
        look_at_keys(dispatcher, false);
        more = dispatcher_turn(dispatcher);
    }
    minder_stopping();
    if (!dispatcher->resigned)
        recovery_finish(dispatcher);
    log_info("stopping seq=%llu", (unsigned long long)journal_seq(dispatcher->journal));
}

/* ---- life ---------------------------------------------------------------------------------- */

static void prepare_signatures(struct dispatcher *dispatcher, const uint8_t key[32])
{
    const struct dispatcher_settings *mine = &dispatcher->settings->dispatcher;
    struct signature_city *city = &dispatcher->signatures;
    memcpy(city->key, key, sizeof city->key);
    if (mine->authenticator_party[0])
        (void)text_copy(dispatcher->party, sizeof dispatcher->party, mine->authenticator_party);
    else
        signature_host(mine->authenticator_origin, dispatcher->party);
    city->authenticators = (struct authenticator_policy){
        .origin = mine->authenticator_origin,
        .party = dispatcher->party,
        .verified = strcmp(mine->authenticator_verified, "yes") == 0,
    };
}

static int open_journal(struct dispatcher *dispatcher, const struct dispatcher_start *start)
{
    char folder[SETTINGS_PATH_BYTES + 16];
    const char *home = dispatcher->settings->home;
    struct journal_settings settings = { .folder = folder,
                                         .map_gib = dispatcher->settings->dispatcher.map_gib,
                                         .suite = suite_named(dispatcher->settings->suite),
                                         .takes_over = start->takes_over };
    (void)snprintf(folder, sizeof folder, "%s/journal", home);
    settings.sealed_elsewhere = settings_sealer(dispatcher->settings) != NULL;
    if (start->understudy)
        understudy_give(start->understudy, &settings.store, &dispatcher->mind, &dispatcher->roster);
    int status = journal_read_keys(&settings, home);
    if (status == 0)
        status = keys_read_bytes(home, "blind.key", dispatcher->blind_key, 32);
    if (status < 0) {
        log_error("cannot read the keys of home=%s error=%s", home, strerror(-status));
        store_close(settings.store);
        return status;
    }
    prepare_signatures(dispatcher, settings.sign_public);
    token_key(settings.orders_key, dispatcher->token_key);
    code_key(dispatcher->blind_key, dispatcher->code_key);
    exam_key(dispatcher->blind_key, dispatcher->exam_key);
    if (!start->understudy)
        status = mind_open(&dispatcher->mind, dispatcher->settings, &dispatcher->roster,
                           settings.orders_key);
    if (status == 0 && dispatcher->settings->dispatcher.turns[0]) {
        dispatcher->turns = turns_open();
        settings.tell = turns_tell;
        settings.owner = dispatcher->turns;
        status = dispatcher->turns ? 0 : -ENOMEM;
    }
    if (start->annalist) {
        settings.assure = annalist_assure;
        settings.assurer = dispatcher->annalist;
    }
    if (status < 0)
        store_close(settings.store);
    else
        status = journal_open(&dispatcher->journal, &settings);
    sodium_memzero(&settings, sizeof settings);
    if (status == 0 && start->takes_over)
        status = claim_make(home);
    if (status < 0)
        log_error("cannot open the journal folder=%s error=%s", folder, strerror(-status));
    return status;
}

static int open_core(struct dispatcher *dispatcher)
{
    int status = recovery_replay(dispatcher);
    if (status < 0) {
        log_error("cannot replay the journal error=%s", strerror(-status));
        return status;
    }
    wall_begin(&dispatcher->wall, dispatcher->roster.at_ms, clock_mono_ms());
    if (dispatcher->roster.line_count > 0)
        amendment_recover(dispatcher);
    status = recovery_load_city(dispatcher);
    if (status < 0 && dispatcher->roster.line_count > 0) {
        log_error("the city stays as it was: its tables do not hold together");
        status = 0;
    }
    dispatcher->setup_version = dispatcher->roster.lines_version;
    return status;
}

/* Gateways and witnesses have no business with what people do. */
static bool hears_events(const void *owner, const char *name)
{
    const struct settings *settings = owner;
    return !settings_trunk(settings, name) && !settings_sms(settings, name) &&
           !settings_witness(settings, name);
}

static int open_bus(struct dispatcher *dispatcher)
{
    const struct dispatcher_settings *mine = &dispatcher->settings->dispatcher;
    struct bus_settings settings = { .home = dispatcher->settings->home,
                                     .name = dispatcher->name,
                                     .commands = mine->commands,
                                     .events = mine->events,
                                     .hears = hears_events,
                                     .owner = dispatcher->settings };
    int status = keys_read_curve(settings.home, dispatcher->name, &settings.keys);
    if (status == 0)
        status = bus_open(&dispatcher->bus, &settings);
    if (status == 0 && dispatcher->turns)
        status = turns_bind(dispatcher->turns, settings.home, mine->turns, &settings.keys);
    if (status == 0 && dispatcher->turns && mine->arbiter[0])
        status = turns_obey(dispatcher->turns, settings.home, mine->arbiter, &settings.keys,
                            mine->turns, journal_epoch(dispatcher->journal));
    sodium_memzero(&settings.keys, sizeof settings.keys);
    if (status < 0)
        log_error("cannot open the bus commands=%s events=%s error=%s", mine->commands,
                  mine->events, strerror(-status));
    return status;
}

static int open_sealing(struct dispatcher *dispatcher)
{
    const struct sealing_settings *settings = settings_sealer(dispatcher->settings);
    char socket[SETTINGS_SOCKET_BYTES];
    if (!settings)
        return 0;
    int status = settings_sealer_socket(dispatcher->settings, socket);
    if (status < 0) {
        log_error("the sealer's socket has too long a path; name one in settings.conf");
        return status;
    }
    dispatcher->sealing =
        sealing_open(socket, (uint64_t)settings->silent_s * 1000, dispatcher->epoll);
    return dispatcher->sealing ? 0 : -ENOMEM;
}

static int open_descriptors(struct dispatcher *dispatcher)
{
    static const int heard[] = { SIGTERM, SIGINT, SIGHUP, 0 };
    dispatcher->signals = signals_open(heard);
    if (dispatcher->signals < 0)
        return dispatcher->signals;
    dispatcher->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (dispatcher->epoll < 0)
        return -errno;
    int status = metrics_open(&dispatcher->metrics, dispatcher->settings->dispatcher.metrics_port,
                              figures_write, dispatcher);
    if (status < 0) {
        log_error("cannot listen for metrics port=%u error=%s",
                  dispatcher->settings->dispatcher.metrics_port, strerror(-status));
        return status;
    }
    const int fds[] = { dispatcher->signals, bus_fd(dispatcher->bus),
                        checker_fd(dispatcher->checker), metrics_fd(dispatcher->metrics) };
    for (unsigned i = 0; status == 0 && i < sizeof fds / sizeof fds[0]; i++)
        status = watch(dispatcher, fds[i]);
    return status;
}

/* Who says who somebody is: the directory or the sign-in provider where the city has one, else its own
 * hashes. */
static int open_checker(struct dispatcher *dispatcher)
{
    const struct settings *settings = dispatcher->settings;
    struct provider outside = { .owner = NULL };
    int status = directory_open(&dispatcher->directory, settings->home, &settings->directory);
    if (status == 0)
        status = oidc_open(&dispatcher->oidc, settings->home, &settings->oidc);
    if (status < 0)
        return status;
    if (dispatcher->directory && dispatcher->oidc) {
        log_error("settings.conf: directory and oidc both say who people are; keep one of them");
        return -EINVAL;
    }
    if (dispatcher->directory) {
        outside = directory_provider(dispatcher->directory);
        (void)directory_roles(settings->directory.spare, &dispatcher->spare_roles);
    } else if (dispatcher->oidc) {
        outside = oidc_provider(dispatcher->oidc);
        (void)directory_roles(settings->oidc.spare, &dispatcher->spare_roles);
        (void)directory_roles(settings->oidc.own, &dispatcher->own_roles);
    }
    return checker_open(&dispatcher->checker, settings->home, &outside);
}

int dispatcher_open(struct dispatcher **dispatcher, const struct settings *settings,
                    const char *name, const struct dispatcher_start *start)
{
    struct dispatcher *fresh = sodium_init() < 0 ? NULL : calloc(1, sizeof *fresh);
    if (!fresh) {
        understudy_close(start->understudy);
        annalist_close(start->annalist);
        return -ENOMEM;
    }
    fresh->annalist = start->annalist;
    fresh->settings = settings;
    fresh->name = name;
    fresh->epoll = fresh->signals = -1;
    fresh->started_ms = clock_wall_ms();
    fresh->started_mono_ms = clock_mono_ms();
    fresh->codec = codec_open();
    int status = open_journal(fresh, start);
    if (status == 0 && !fresh->codec)
        status = -ENOMEM;
    if (status == 0)
        status = open_checker(fresh);
    if (status == 0)
        status = open_bus(fresh);
    if (status == 0)
        status = open_core(fresh);
    if (status == 0)
        status = open_descriptors(fresh);
    if (status == 0)
        status = open_sealing(fresh);
    if (status < 0) {
        dispatcher_close(fresh);
        return status;
    }
    turn_may_speak(fresh); /* what a former life left unspoken, too */
    log_info("ready seq=%llu epoch=%llu commands=%s in_ms=%llu",
             (unsigned long long)journal_seq(fresh->journal),
             (unsigned long long)journal_epoch(fresh->journal), settings->dispatcher.commands,
             (unsigned long long)(clock_mono_ms() - fresh->started_mono_ms));
    *dispatcher = fresh;
    return 0;
}

void dispatcher_close(struct dispatcher *dispatcher)
{
    if (!dispatcher)
        return;
    metrics_close(dispatcher->metrics);
    bus_close(dispatcher->bus);
    checker_close(dispatcher->checker);
    directory_close(dispatcher->directory);
    oidc_close(dispatcher->oidc);
    mind_close(&dispatcher->mind);
    named_close(&dispatcher->named);
    sealing_close(dispatcher->sealing);
    search_close(dispatcher);
    journal_close(dispatcher->journal);
    turns_close(dispatcher->turns);
    annalist_close(dispatcher->annalist);
    codec_close(dispatcher->codec);
    if (dispatcher->signals >= 0)
        (void)close(dispatcher->signals);
    if (dispatcher->epoll >= 0)
        (void)close(dispatcher->epoll);
    sodium_memzero(dispatcher->token_key, sizeof dispatcher->token_key);
    sodium_memzero(dispatcher->blind_key, sizeof dispatcher->blind_key);
    sodium_memzero(dispatcher->code_key, sizeof dispatcher->code_key);
    free(dispatcher);
}
