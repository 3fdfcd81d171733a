/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/standby.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/minder.h"
#include "base/signals.h"

bool standby_has(const char *address)
{
    struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
    struct sockaddr_in four = { .sin_family = AF_INET };
    bool is_six = inet_pton(AF_INET6, address, &six.sin6_addr) == 1;
    if (!is_six && inet_pton(AF_INET, address, &four.sin_addr) != 1)
        return false;
    int fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    int status = is_six ? bind(fd, (const struct sockaddr *)&six, sizeof six)
                        : bind(fd, (const struct sockaddr *)&four, sizeof four);
    (void)close(fd);
    return status == 0;
}

struct waiting {
    struct mirror *mirror;
    uint64_t now_ms;
};

static void write_figures(void *owner, struct text *text)
{
    const struct waiting *waiting = owner;
    struct mirror_counts counts;
    mirror_count(waiting->mirror, waiting->now_ms, &counts);
    metrics_gauge(text, "yihao_trunk_standby", "1: the twin has the service address.", NULL, 1);
    metrics_gauge(text, "yihao_trunk_twin_whole", "1: every call of the twin is known here.", NULL,
                  counts.whole);
    metrics_gauge(text, "yihao_trunk_twin_silent_ms", "Since the twin's last word.", NULL,
                  counts.silent_ms);
    metrics_counter(text, "yihao_trunk_twin_records_total", "Records that came from the twin.",
                    NULL, counts.records);
    metrics_counter(text, "yihao_trunk_twin_refused_total", "Words of the twin not believed.", NULL,
                    counts.refused);
}

/* Records of calls that went on elsewhere, and that nobody has told us of since. */
static void forget_stale(struct kept *kept, bool followed)
{
    uint64_t former_ms = kept_former(kept), now_ms = clock_wall_ms();
    if (followed || (former_ms != 0 && now_ms < former_ms + MIRROR_STALE_MS))
        return;
    for (int kind = 0; kind < KEPT_KIND_COUNT; kind++)
        for (uint32_t i = 0; i < kept_shape_of(kept, (enum kept_kind)kind)->places; i++)
            kept_clear(kept, (enum kept_kind)kind, i);
}

static int wait(const struct trunk_settings *own, struct waiting *waiting, struct metrics *metrics,
                int signals)
{
    for (;;) {
        struct pollfd fds[] = { { mirror_fd(waiting->mirror), POLLIN, 0 },
                                { signals, POLLIN, 0 },
                                { metrics_fd(metrics), POLLIN, 0 } };
        waiting->now_ms = clock_mono_ms();
        minder_alive(waiting->now_ms);
        mirror_turn(waiting->mirror, waiting->now_ms, 0, 0);
        metrics_turn(metrics);
        if (signals_take(signals))
            return 0;
        if (standby_has(own->sip_address))
            return 1;
        (void)poll(fds, sizeof fds / sizeof fds[0], STANDBY_LOOK_MS);
    }
}

int standby_wait(const struct trunk_settings *own, const struct mirror_settings *settings,
                 int signals)
{
    struct waiting waiting = { .now_ms = clock_mono_ms() };
    struct mirror_counts counts;
    struct metrics *metrics = NULL;
    if (standby_has(own->sip_address)) {
        forget_stale(settings->kept, false);
        return 1;
    }
    int status = mirror_follow(&waiting.mirror, settings);
    if (status == 0)
        status = metrics_open(&metrics, own->metrics_port, write_figures, &waiting);
    if (status < 0) {
        log_error("cannot follow the twin endpoint=%s: %s", settings->endpoint, strerror(-status));
        mirror_close(waiting.mirror);
        return status;
    }
    log_info("stand by address=%s twin=%s", own->sip_address, settings->endpoint);
    minder_ready();
    status = wait(own, &waiting, metrics, signals);
    mirror_count(waiting.mirror, waiting.now_ms, &counts);
    if (status == 1)
        log_info("the service address is here address=%s known=%s silent_ms=%" PRIu64,
                 own->sip_address, counts.whole ? "all" : "in part", counts.silent_ms);
    mirror_close(waiting.mirror);
    metrics_close(metrics);
    kept_adopt(settings->kept);
    if (status == 1)
        forget_stale(settings->kept, counts.snapshots > 0);
    return status;
}
