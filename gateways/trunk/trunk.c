/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/trunk.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/minder.h"
#include "base/signals.h"
#include "base/text.h"
#include "gateways/link/tls.h"
#include "gateways/trunk/exchange.h"
#include "gateways/trunk/figures.h"
#include "gateways/trunk/kept.h"
#include "gateways/trunk/mirror.h"
#include "gateways/trunk/standby.h"
#include "proto/keys.h"
#include "proto/suite.h"

enum {
    /* Call numbers: seconds at the start << 20, counted up from there. They stay below 2^53 until
     * 2242, and never repeat while fewer than a million calls a second come. */
    NUMBER_SHIFT = 20
};

struct paths {
    char folder[SETTINGS_PATH_BYTES + 64];
    char epoch[SETTINGS_PATH_BYTES + 96];
    char lines[SETTINGS_PATH_BYTES + 96];
    char drained[SETTINGS_PATH_BYTES + 96];
    char carriers[SETTINGS_PATH_BYTES + 96];
    char spool[SETTINGS_PATH_BYTES + 96];
    char recordings[SETTINGS_PATH_BYTES + 96];
    char pending[SETTINGS_PATH_BYTES + 96];
    char kept[SETTINGS_PATH_BYTES + 96];
    char phones[SETTINGS_PATH_BYTES + 96];
    char prompts[SETTINGS_PATH_BYTES + 96];
    char certificate[SETTINGS_PATH_BYTES + 96];
    char key[SETTINGS_PATH_BYTES + 96];
    char authorities[SETTINGS_PATH_BYTES + 96];
};

struct trunk {
    const struct settings *settings;
    const struct trunk_settings *own;
    struct paths paths;
    struct exchange *exchange;
    struct registrar *registrar;
    struct stack *stack;
    struct link *link;
    struct media *media;
    struct kept *kept;     /* NULL: calls die with the process */
    struct mirror *mirror; /* NULL: there is no twin */
    struct kept_origin origin;
    uint64_t generation;
    uint64_t looked_ms;   /* whether the service address is still here */
    uint64_t recorded_ms; /* when the recordings that wait are told, 0: none waits */
    struct tls *server;   /* NULL: no TLS is spoken */
    struct tls *client;
    struct metrics *metrics;
    int epoll;
    int signals;
    bool draining;
    uint64_t drain_until_ms; /* then the calls are hung up; 0: they were */
    uint64_t end_ms;         /* the program ends; 0: not yet known */
    unsigned settled_turns;  /* in a row without recording or unanswered report */
};

static void make_paths(struct paths *paths, const char *home, const char *name)
{
    (void)snprintf(paths->folder, sizeof paths->folder, "%s/%s", home, name);
    (void)snprintf(paths->epoch, sizeof paths->epoch, "%s/epoch", paths->folder);
    (void)snprintf(paths->lines, sizeof paths->lines, "%s/lines", paths->folder);
    (void)snprintf(paths->carriers, sizeof paths->carriers, "%s/keys/carriers", home);
    (void)snprintf(paths->drained, sizeof paths->drained, "%s/drained", paths->folder);
    (void)snprintf(paths->spool, sizeof paths->spool, "%s/spool", paths->folder);
    (void)snprintf(paths->recordings, sizeof paths->recordings, "%s/recordings", paths->folder);
    (void)snprintf(paths->pending, sizeof paths->pending, "%s/pending", paths->folder);
    (void)snprintf(paths->kept, sizeof paths->kept, "%s/calls", paths->folder);
    (void)snprintf(paths->phones, sizeof paths->phones, "%s/keys/phones", home);
    (void)snprintf(paths->prompts, sizeof paths->prompts, "%s/prompts", home);
    (void)snprintf(paths->certificate, sizeof paths->certificate, "%s/keys/sip.crt", home);
    (void)snprintf(paths->key, sizeof paths->key, "%s/keys/sip.key", home);
    (void)snprintf(paths->authorities, sizeof paths->authorities, "%s/keys/sip-ca.pem", home);
}

static int make_folder(const char *path)
{
    if (mkdir(path, 0750) < 0 && errno != EEXIST) {
        log_error("cannot make folder path=%s: %s", path, strerror(errno));
        return -errno;
    }
    return 0;
}

/* The start's second, above every one used before, here and by the twin, even when the clock went back. Durable
 * before the first call. */
static int next_epoch(const char *path, uint64_t least, uint64_t *epoch)
{
    char fresh[SETTINGS_PATH_BYTES + 112], words[32];
    uint64_t last = 0;
    FILE *file = fopen(path, "re");
    if (file) {
        if (fscanf(file, "%" SCNu64, &last) != 1)
            last = 0;
        (void)fclose(file);
    }
    if (last < least)
        last = least;
    *epoch = clock_wall_ms() / 1000;
    if (*epoch <= last)
        *epoch = last + 1;
    (void)snprintf(fresh, sizeof fresh, "%s.new", path);
    int length = snprintf(words, sizeof words, "%" PRIu64 "\n", *epoch);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd < 0)
        return -errno;
    int status = write(fd, words, (size_t)length) == length && fsync(fd) == 0 ? 0 : -EIO;
    (void)close(fd);
    if (status == 0 && rename(fresh, path) < 0)
        status = -errno;
    return status;
}

/* ---- opening ----------------------------------------------------------------------------------- */

static int open_registrar(struct trunk *trunk)
{
    int status = registrar_open(&trunk->registrar, trunk->paths.phones, trunk->own->realm);
    if (status < 0)
        log_error("cannot read phones file=%s: %s", trunk->paths.phones, strerror(-status));
    return status;
}

/* Returns how many of the settings' networks cannot be read. */
static unsigned add_sources(const struct trunk *trunk, struct sources *sources)
{
    unsigned wrong = 0;
    for (uint32_t i = 0; i < trunk->own->source_count; i++)
        if (!sources_add(sources, trunk->own->sources[i])) {
            log_error("no network source=%s; write address/bits", trunk->own->sources[i]);
            wrong++;
        }
    if (sources->count + trunk->own->carrier_count == 0)
        log_warn("no sources are set: everybody who reaches this port may call in");
    return wrong;
}

static int open_exchange(struct trunk *trunk)
{
    struct exchange_settings settings = { .address = trunk->own->sip_address,
                                          .lines_path = trunk->paths.lines };
    uint64_t epoch;
    int status = next_epoch(trunk->paths.epoch, trunk->origin.generation, &epoch);
    if (status < 0) {
        log_error("cannot write epoch file=%s: %s", trunk->paths.epoch, strerror(-status));
        return status;
    }
    status = open_registrar(trunk);
    if (status < 0)
        return status;
    (void)add_sources(trunk, &settings.sources);
    settings.registrar = trunk->registrar;
    settings.carrier_count = trunk->own->carrier_count;
    settings.carriers = trunk->own->carriers;
    settings.drained_path = trunk->paths.drained;
    settings.passwords_path = trunk->paths.carriers;
    settings.phones_dtls = strcmp(trunk->own->phone_srtp, "dtls") == 0;
    settings.phones_secured = strcmp(trunk->own->phone_srtp, "must") == 0;
    settings.synthetic_count = trunk->own->synthetic_count;
    settings.synthetic = trunk->own->synthetic;
    trunk->generation = epoch;
    settings.first_call = epoch << NUMBER_SHIFT;
    trunk->exchange = exchange_create(&settings);
    return trunk->exchange ? 0 : -ENOMEM;
}

static int read_keys(const struct trunk *trunk, struct link_settings *settings)
{
    struct curve_keys keys;
    int status = keys_read_curve(trunk->settings->home, trunk->own->name, &keys);
    if (status == 0)
        status = keys_read_public(trunk->settings->home, "dispatcher", settings->server_public);
    if (status < 0) {
        log_error("cannot read keys home=%s name=%s: %s", trunk->settings->home, trunk->own->name,
                  strerror(-status));
        return status;
    }
    (void)text_copy(settings->public_key, sizeof settings->public_key, keys.public_key);
    (void)text_copy(settings->secret_key, sizeof settings->secret_key, keys.secret_key);
    memset(&keys, 0, sizeof keys);
    return 0;
}

static int open_link(struct trunk *trunk)
{
    struct link_settings settings = { .name = trunk->own->name,
                                      .endpoint = trunk->settings->dispatcher.commands,
                                      .twin = trunk->settings->dispatcher.twin_commands,
                                      .home = trunk->settings->home,
                                      .spool_path = trunk->paths.spool,
                                      .pending_path = trunk->paths.pending,
                                      .least_epoch = trunk->origin.link_epoch,
                                      .keeps = trunk->kept != NULL };
    int status = read_keys(trunk, &settings);
    if (status < 0)
        return status;
    status = link_open(&trunk->link, &settings, &exchange_link_handlers, trunk->exchange);
    memset(&settings, 0, sizeof settings);
    if (status < 0)
        log_error("cannot open link endpoint=%s: %s", trunk->settings->dispatcher.commands,
                  strerror(-status));
    return status;
}

/* A home without a file of authorities believes those of the system. */
static void describe_tls(const struct trunk *trunk, struct tls_settings *settings)
{
    bool own = access(trunk->paths.authorities, R_OK) == 0;
    *settings = (struct tls_settings){ .ca = own ? trunk->paths.authorities : "",
                                       .certificate = trunk->paths.certificate,
                                       .key = trunk->paths.key,
                                       .demand = strcmp(trunk->own->tls_demand, "yes") == 0 };
}

/* What is wrong with the certificate is said; true when nobody could connect with it. */
static bool examine_tls(const struct trunk *trunk)
{
    struct tls_settings settings;
    int days;
    if (trunk->own->tls_port == 0)
        return false;
    describe_tls(trunk, &settings);
    const char *name = trunk->own->tls_name[0] ? trunk->own->tls_name : trunk->own->sip_address;
    enum tls_finding finding = tls_examine(&settings, name, &days);
    const char *words = tls_finding_words(finding, false);
    if (finding == TLS_WELL)
        return false;
    if (finding >= TLS_ENDS_SOON) {
        log_warn("certificate=%s name=%s days=%d: %s", settings.certificate, name, days, words);
        return false;
    }
    log_error("certificate=%s name=%s days=%d: %s", settings.certificate, name, days, words);
    return true;
}

/* A certificate that is gone must not keep those out who call in the clear. */
static void open_tls(struct trunk *trunk)
{
    struct tls_settings settings;
    if (trunk->own->tls_port == 0)
        return;
    (void)examine_tls(trunk);
    describe_tls(trunk, &settings);
    int status = tls_open(&trunk->client, &settings);
    settings.server = true;
    if (status == 0)
        status = tls_open(&trunk->server, &settings);
    if (status < 0)
        log_error("cannot speak TLS, calls come in the clear only certificate=%s: %s",
                  settings.certificate, strerror(-status));
}

static int open_stack(struct trunk *trunk)
{
    open_tls(trunk);
    struct stack_settings settings = { .address = trunk->own->sip_address,
                                       .port = trunk->own->sip_port,
                                       .tls_port = trunk->own->tls_port,
                                       .server = trunk->server,
                                       .client = trunk->client,
                                       .name_of = exchange_carrier_name };
    int status = stack_open(&trunk->stack, &settings, &exchange_stack_handlers, trunk->exchange);
    if (status < 0)
        log_error("cannot open SIP address=%s port=%u: %s", settings.address,
                  (unsigned)settings.port, strerror(-status));
    return status;
}

/* Without room for it calls are taken all the same. Another process that has it is one too many. */
static int open_kept(struct trunk *trunk)
{
    if (trunk->kept)
        return 0;
    int status = exchange_open_kept(&trunk->kept, trunk->paths.kept);
    if (status < 0)
        log_error("calls will not outlive this process file=%s: %s", trunk->paths.kept,
                  strerror(-status));
    return status == -EBUSY ? status : 0;
}

static int open_media(struct trunk *trunk)
{
    struct media_settings settings = { .address = trunk->own->sip_address,
                                       .port_low = trunk->own->rtp_low,
                                       .port_high = trunk->own->rtp_high,
                                       .prompts = trunk->paths.prompts,
                                       .recordings = trunk->paths.recordings,
                                       .suite = suite_named(trunk->settings->suite),
                                       .resumes = trunk->kept != NULL };
    int status = media_open(&trunk->media, &settings);
    if (status < 0)
        log_error("cannot open media prompts=%s: %s", settings.prompts, strerror(-status));
    return status;
}

/* Reads the pair of keys that both twins have. */
static int mirror_of(struct trunk *trunk, const char *endpoint, struct curve_keys *keys,
                     struct mirror_settings *settings)
{
    int status = keys_read_curve(trunk->settings->home, trunk->own->name, keys);
    if (status < 0)
        log_error("cannot read keys home=%s name=%s: %s", trunk->settings->home, trunk->own->name,
                  strerror(-status));
    *settings =
        (struct mirror_settings){ endpoint, keys->public_key, keys->secret_key, trunk->kept };
    return status;
}

/* Without the way to the twin calls are taken all the same. */
static void open_mirror(struct trunk *trunk)
{
    struct curve_keys keys;
    struct mirror_settings settings;
    if (!trunk->own->mirror[0] || !trunk->kept ||
        mirror_of(trunk, trunk->own->mirror, &keys, &settings) < 0)
        return;
    int status = mirror_lead(&trunk->mirror, &settings, trunk->generation);
    memset(&keys, 0, sizeof keys);
    if (status < 0)
        log_error("the twin cannot follow endpoint=%s: %s", trunk->own->mirror, strerror(-status));
}

/* 1: this machine has the service address, or there is no twin; 0: the program is to end. */
static int stand_by(struct trunk *trunk)
{
    struct curve_keys keys;
    struct mirror_settings settings;
    if (!trunk->own->twin[0])
        return 1;
    int status = open_kept(trunk);
    if (status < 0 || !trunk->kept)
        return status < 0 ? status : -ENOSPC;
    status = mirror_of(trunk, trunk->own->twin, &keys, &settings);
    if (status == 0)
        status = standby_wait(trunk->own, &settings, trunk->signals);
    memset(&keys, 0, sizeof keys);
    kept_origin_of(trunk->kept, &trunk->origin);
    return status;
}

static void write_figures(void *owner, struct text *text)
{
    const struct trunk *trunk = owner;
    figures_write(text, trunk->exchange, trunk->stack, trunk->link, trunk->media);
}

static int open_metrics(struct trunk *trunk)
{
    int status = metrics_open(&trunk->metrics, trunk->own->metrics_port, write_figures, trunk);
    if (status < 0)
        log_error("cannot open metrics port=%u: %s", (unsigned)trunk->own->metrics_port,
                  strerror(-status));
    return status;
}

static int watch(const struct trunk *trunk, int fd)
{
    struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };
    return epoll_ctl(trunk->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static int open_signals(struct trunk *trunk)
{
    trunk->signals = signals_open(signals_ends);
    return trunk->signals < 0 ? trunk->signals : 0;
}

static int open_all(struct trunk *trunk)
{
    int status = make_folder(trunk->paths.folder);
    if (status == 0)
        status = make_folder(trunk->paths.recordings);
    if (status == 0)
        status = open_signals(trunk); /* before media's threads, which inherit the mask */
    if (status == 0) {
        status = stand_by(trunk);
        if (status == 0)
            return -ECANCELED;
        status = status < 0 ? status : 0;
    }
    if (status == 0)
        status = open_exchange(trunk);
    if (status == 0)
        status = open_kept(trunk);
    if (status == 0)
        status = open_media(trunk);
    if (status == 0)
        status = open_link(trunk);
    if (status == 0)
        status = open_stack(trunk);
    if (status == 0)
        status = open_metrics(trunk);
    if (status < 0)
        return status;
    exchange_connect(trunk->exchange, trunk->stack, trunk->link, trunk->media);
    if (trunk->kept)
        exchange_take_up(trunk->exchange, trunk->kept, clock_mono_ms(), clock_wall_ms());
    open_mirror(trunk);
    trunk->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (trunk->epoll < 0)
        return -errno;
    const int fds[] = { stack_fd(trunk->stack), link_fd(trunk->link), media_fd(trunk->media),
                        trunk->signals, metrics_fd(trunk->metrics) };
    for (size_t i = 0; i < sizeof fds / sizeof fds[0] && status == 0; i++)
        status = watch(trunk, fds[i]);
    return status;
}

static void close_all(struct trunk *trunk)
{
    mirror_close(trunk->mirror);
    metrics_close(trunk->metrics);
    stack_close(trunk->stack);
    tls_close(trunk->server);
    tls_close(trunk->client);
    link_close(trunk->link);
    media_close(trunk->media);
    exchange_destroy(trunk->exchange);
    kept_close(trunk->kept);
    registrar_close(trunk->registrar);
    if (trunk->epoll >= 0)
        (void)close(trunk->epoll);
    if (trunk->signals >= 0)
        (void)close(trunk->signals);
}

/* ---- running ----------------------------------------------------------------------------------- */

static void hear_media(struct trunk *trunk)
{
    struct media_event event;
    while (media_next(trunk->media, &event))
        exchange_hear_media(trunk->exchange, &event);
}

/* Returns how long nobody has to look again, milliseconds. */
static int hear_recorded(struct trunk *trunk, uint64_t now_ms)
{
    struct media_event event;
    if (!media_has_recorded(trunk->media))
        return INT_MAX;
    if (trunk->recorded_ms == 0)
        trunk->recorded_ms = now_ms + TRUNK_RECORDED_MS;
    if (now_ms < trunk->recorded_ms && !trunk->draining)
        return (int)(trunk->recorded_ms - now_ms);
    trunk->recorded_ms = 0;
    while (media_next_recorded(trunk->media, &event))
        exchange_hear_media(trunk->exchange, &event);
    return INT_MAX;
}

static void hear_signals(struct trunk *trunk, uint64_t now_ms)
{
    while (signals_take(trunk->signals)) {
        if (!trunk->draining) {
            log_info("drain calls=%u", (unsigned)exchange_calls(trunk->exchange));
            trunk->draining = true;
            trunk->drain_until_ms = now_ms + TRUNK_DRAIN_MS;
            exchange_drain(trunk->exchange);
        } else {
            trunk->drain_until_ms = now_ms;
        }
    }
}

/* Returns true when the program may end. */
static bool drain(struct trunk *trunk, uint64_t now_ms)
{
    struct link_counts counts;
    if (!trunk->draining)
        return false;
    if (trunk->end_ms == 0) {
        if (exchange_calls(trunk->exchange) > 0 && now_ms < trunk->drain_until_ms)
            return false;
        exchange_release_all(trunk->exchange);
        trunk->end_ms = now_ms + TRUNK_FLUSH_MS;
    }
    struct media_counts media;
    link_count(trunk->link, &counts);
    media_count(trunk->media, &media);
    /* A recording that has just ended is reported in the next turn. */
    bool settled = counts.waiting == 0 && media.recordings == 0;
    trunk->settled_turns = settled ? trunk->settled_turns + 1 : 0;
    return trunk->settled_turns >= TRUNK_SETTLED_TURNS || now_ms >= trunk->end_ms;
}

/* The address was moved away: the twin has the calls, and a word from here would disturb them. */
static bool has_lost(struct trunk *trunk, uint64_t now_ms)
{
    if (!trunk->own->twin[0] || now_ms - trunk->looked_ms < STANDBY_GONE_MS)
        return false;
    trunk->looked_ms = now_ms;
    return !standby_has(trunk->own->sip_address);
}

static void run(struct trunk *trunk)
{
    minder_ready();
    for (;;) {
        struct epoll_event events[8];
        uint64_t now = clock_mono_ms();
        minder_alive(now);
        if (has_lost(trunk, now)) {
            log_warn("the service address is gone address=%s calls=%u: the twin has them",
                     trunk->own->sip_address, (unsigned)exchange_calls(trunk->exchange));
            return;
        }
        exchange_tick(trunk->exchange, now, clock_wall_ms());
        hear_media(trunk);
        int recorded_wait = hear_recorded(trunk, now);
        int wait = stack_turn(trunk->stack, now);
        exchange_keep(trunk->exchange);
        int link_wait = link_turn(trunk->link, now);
        exchange_keep(trunk->exchange);
        if (trunk->mirror)
            mirror_turn(trunk->mirror, now, clock_wall_ms(), link_epoch(trunk->link));
        if (link_wait < wait)
            wait = link_wait;
        if (recorded_wait < wait)
            wait = recorded_wait;
        if (trunk->mirror && wait > EXCHANGE_TICK_MS)
            wait = EXCHANGE_TICK_MS;
        if (exchange_calls(trunk->exchange) > 0 || trunk->draining)
            wait = wait < EXCHANGE_TICK_MS ? wait : EXCHANGE_TICK_MS;
        metrics_turn(trunk->metrics);
        hear_signals(trunk, now);
        if (drain(trunk, now))
            return;
        (void)epoll_wait(trunk->epoll, events, 8, wait < 0 ? 0 : wait);
    }
}

int trunk_check(const struct settings *settings, const struct trunk_settings *own)
{
    struct trunk trunk = { .settings = settings, .own = own, .epoll = -1, .signals = -1 };
    struct sources sources = { .count = 0 };
    struct link_settings keys = { .name = own->name };
    make_paths(&trunk.paths, settings->home, own->name);
    unsigned wrong = add_sources(&trunk, &sources);
    wrong += open_registrar(&trunk) < 0;
    wrong += read_keys(&trunk, &keys) < 0;
    wrong += examine_tls(&trunk);
    if (access(trunk.paths.prompts, R_OK | X_OK) < 0)
        log_warn("no announcements folder=%s: %s; callers who wait will hear silence",
                 trunk.paths.prompts, strerror(errno));
    memset(&keys, 0, sizeof keys);
    close_all(&trunk);
    return wrong == 0 ? 0 : -EINVAL;
}

int trunk_run(const struct settings *settings, const struct trunk_settings *own)
{
    struct trunk trunk = { .settings = settings, .own = own, .epoll = -1, .signals = -1 };
    make_paths(&trunk.paths, settings->home, own->name);
    int status = open_all(&trunk);
    if (status == 0) {
        log_info("ready sip=%s:%u lines_file=%s", own->sip_address, (unsigned)own->sip_port,
                 trunk.paths.lines);
        run(&trunk);
        log_info("end");
    }
    close_all(&trunk);
    return status == -ECANCELED ? 0 : status; /* asked to end while it stood by */
}
