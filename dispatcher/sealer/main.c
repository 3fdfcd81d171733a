/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * yihao-sealer --home DIR --name NAME [--spare FILE] [--check]: signs the trail for the dispatcher of the
 * same machine, under a user of its own and without a network. One packed message each way over a
 * socket of the file system; whoever may open it may ask. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <sodium.h>

#include "base/arguments.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/minder.h"
#include "base/signals.h"
#include "base/text.h"
#include "dispatcher/sealer/sealer.h"
#include "proto/codec.h"
#include "proto/settings.h"

enum {
    CALLERS_MAX = 4, /* the dispatcher, and one that starts while it ends */
    TICK_MS = 1000,
    HOUR_MS = 3600 * 1000,
    PATH_BYTES = SETTINGS_PATH_BYTES + 64
};

static struct {
    struct settings settings;
    char socket[SETTINGS_SOCKET_BYTES];
    struct sealer *sealer;
    struct codec *codec;
    int signals;
    int listener;
    int callers[CALLERS_MAX]; /* -1: none */
    struct sealer_call call;
    struct sealer_word word;
    uint8_t bytes[FRAME_MAX_BYTES];
    struct log_limit log_calls;
} program;

static const char usage[] =
    "yihao-sealer --home DIR --name NAME [--spare FILE] [--check]\n"
    "  --home DIR    its folder (settings.conf, NAME/)\n"
    "  --name NAME   the sealer section of settings.conf\n"
    "  --spare FILE  go on with the spare key: the memory was lost, or a person put an\n"
    "                older journal back\n"
    "  --check       check settings, then end\n";

static void complain(void *owner, const char *sentence)
{
    (void)owner;
    (void)fprintf(stderr, "%s\n", sentence);
}

/* ---- calls ----------------------------------------------------------------------------------- */

static void forget(int *caller)
{
    (void)close(*caller);
    *caller = -1;
}

static void take_caller(void)
{
    int fd = accept4(program.listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    for (int i = 0; i < CALLERS_MAX; i++)
        if (program.callers[i] < 0) {
            program.callers[i] = fd;
            return;
        }
    (void)close(fd);
}

/* Returns a negative errno when the disk failed. */
static int serve_caller(int *caller)
{
    ssize_t size = recv(*caller, program.bytes, sizeof program.bytes, MSG_TRUNC);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (size <= 0 || (size_t)size > sizeof program.bytes ||
        codec_unpack(program.codec, SCHEMA_SEALER_CALL, program.bytes, (size_t)size,
                     &program.call) < 0) {
        if (size > 0 && log_allowed(&program.log_calls))
            log_warn("a call is not readable");
        forget(caller);
        return 0;
    }
    int status = sealer_answer(program.sealer, &program.call, clock_wall_ms(), &program.word);
    if (status < 0)
        return status;
    int packed = codec_pack(program.codec, SCHEMA_SEALER_WORD, &program.word, program.bytes,
                            sizeof program.bytes);
    if (packed < 0 || send(*caller, program.bytes, (size_t)packed, MSG_NOSIGNAL) != packed)
        forget(caller);
    return 0;
}

static int serve(void)
{
    int status = 0;
    minder_ready();
    while (status == 0) {
        struct pollfd polled[2 + CALLERS_MAX] = { { .fd = program.signals, .events = POLLIN },
                                                  { .fd = program.listener, .events = POLLIN } };
        for (int i = 0; i < CALLERS_MAX; i++)
            polled[2 + i] = (struct pollfd){ .fd = program.callers[i], .events = POLLIN };
        if (poll(polled, 2 + CALLERS_MAX, TICK_MS) < 0 && errno != EINTR)
            return -errno;
        minder_alive(clock_mono_ms());
        if (polled[0].revents & POLLIN)
            return 0;
        for (int i = 0; status == 0 && i < CALLERS_MAX; i++)
            if (program.callers[i] >= 0 && polled[2 + i].revents)
                status = serve_caller(&program.callers[i]);
        if (polled[1].revents & POLLIN)
            take_caller();
        if (status == 0)
            status = sealer_tick(program.sealer, clock_wall_ms());
    }
    return status;
}

/* ---- life ------------------------------------------------------------------------------------ */

/* Who may is decided by the folder's and the socket's rights: the user and the group. */
static int listener_open(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    _Static_assert(sizeof address.sun_path == SETTINGS_SOCKET_BYTES, "a path fits");
    memcpy(address.sun_path, program.socket, sizeof address.sun_path);
    program.listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (program.listener < 0)
        return -errno;
    (void)unlink(program.socket);
    mode_t before = umask(0117);
    int done = bind(program.listener, (const struct sockaddr *)&address, sizeof address);
    int error = errno;
    (void)umask(before);
    if (done < 0)
        return -error;
    return listen(program.listener, CALLERS_MAX) < 0 ? -errno : 0;
}

static int begin(const struct sealing_settings *settings, const char *spare)
{
    char folder[PATH_BYTES], first[PATH_BYTES];
    struct sealer_settings sealer = { .suite = suite_named(program.settings.suite),
                                      .folder = folder,
                                      .first_secret = first,
                                      .period_ms = (uint64_t)settings->period_h * HOUR_MS,
                                      .spare_secret = spare };
    (void)snprintf(folder, sizeof folder, "%s/%s", program.settings.home, settings->name);
    (void)snprintf(first, sizeof first, "%s/keys/sign.secret", program.settings.home);
    program.signals = signals_open(signals_ends);
    int status = program.signals < 0 ? program.signals
                                     : settings_sealer_socket(&program.settings, program.socket);
    program.codec = codec_open();
    if (status == 0)
        status = program.codec ? sealer_open(&program.sealer, &sealer, clock_wall_ms()) : -ENOMEM;
    if (status == 0)
        status = listener_open();
    if (status == 0)
        log_info("ready socket=%s number=%" PRIu64 " seq=%" PRIu64 "%s", program.socket,
                 sealer_number(program.sealer), sealer_seq(program.sealer),
                 sealer_waits(program.sealer) ? " waits for the journal" : "");
    return status;
}

static void end(void)
{
    for (int i = 0; i < CALLERS_MAX; i++)
        if (program.callers[i] >= 0)
            forget(&program.callers[i]);
    if (program.listener >= 0) {
        (void)unlink(program.socket);
        (void)close(program.listener);
    }
    sealer_close(program.sealer);
    codec_close(program.codec);
}

int main(int argc, char **argv)
{
    const struct rlimit none = { 0 };
    struct arguments arguments;
    int code;
    if (!arguments_read(&arguments, argc, argv, "spare", usage, &code))
        return code;
    const char *home = arguments.home, *name = arguments.name;
    log_open(name, LOG_INFO);
    for (int i = 0; i < CALLERS_MAX; i++)
        program.callers[i] = -1;
    program.listener = program.signals = -1;
    if (sodium_init() < 0 || settings_read(&program.settings, home, complain, NULL) != 0) {
        log_error("%s/settings.conf cannot be used", home);
        return 1;
    }
    const struct sealing_settings *settings = settings_sealer(&program.settings);
    if (!settings || strcmp(settings->name, name) != 0) {
        log_error("%s/settings.conf has no section sealer \"%s\"", home, name);
        return 1;
    }
    if (arguments.check)
        return 0;
    (void)setrlimit(RLIMIT_CORE, &none); /* the key is in memory */
    int status = begin(settings, arguments.own);
    if (status < 0)
        log_error("cannot start: %s", strerror(-status));
    else if ((status = serve()) < 0)
        log_error("the disk refused, nothing was signed: %s", strerror(-status));
    end();
    return status == 0 ? 0 : 1;
}
