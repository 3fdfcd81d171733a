/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/callers.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "gateways/link/tls.h"

struct caller {
    int fd; /* -1: none */
    uint32_t centre;
    struct tls_stream *stream;
    uint64_t due_ms;
};

struct callers {
    const struct sms_settings *settings;
    struct tls *tls[PIECE_CENTRES_MAX]; /* NULL: calls in the clear, or not at all */
    struct log_limit limit;
    struct caller callers[CALLERS_MAX];
};

static bool is_wanted(const struct centre_settings *centre)
{
    return centre->listen_port != 0 && strcmp(centre->listen_tls, "yes") == 0;
}

int callers_open(struct callers **callers, const struct sms_settings *settings, const char *home)
{
    char certificate[PATH_MAX], key[PATH_MAX];
    struct callers *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->settings = settings;
    for (int i = 0; i < CALLERS_MAX; i++)
        fresh->callers[i].fd = -1;
    (void)snprintf(certificate, sizeof certificate, "%s/keys/sms.crt", home);
    (void)snprintf(key, sizeof key, "%s/keys/sms.key", home);
    for (uint32_t i = 0; i < settings->centre_count; i++) {
        const struct centre_settings *centre = &settings->centres[i];
        struct tls_settings wish = { .ca = centre->tls_ca,
                                     .certificate = certificate,
                                     .key = key,
                                     .server = true,
                                     .demand = true };
        int status = is_wanted(centre) ? tls_open(&fresh->tls[i], &wish) : 0;
        if (status != 0)
            log_error("%s is not listened for: %s cannot be used: %s", centre->name,
                      status == -ENOENT ? centre->tls_ca : certificate, strerror(-status));
    }
    *callers = fresh;
    return 0;
}

static void hang_up(struct caller *caller)
{
    tls_end(caller->stream);
    (void)close(caller->fd);
    *caller = (struct caller){ .fd = -1 };
}

void callers_close(struct callers *callers)
{
    if (!callers)
        return;
    for (int i = 0; i < CALLERS_MAX; i++)
        if (callers->callers[i].fd >= 0)
            hang_up(&callers->callers[i]);
    for (uint32_t i = 0; i < PIECE_CENTRES_MAX; i++)
        tls_close(callers->tls[i]);
    free(callers);
}

bool callers_greet(const struct callers *callers, uint32_t centre)
{
    return callers->tls[centre] != NULL;
}

bool callers_refuse(const struct callers *callers, uint32_t centre)
{
    return is_wanted(&callers->settings->centres[centre]) && !callers->tls[centre];
}

void callers_add(struct callers *callers, uint32_t centre, int fd, uint64_t now_ms)
{
    struct caller *place = &callers->callers[0];
    for (int i = 0; i < CALLERS_MAX && place->fd >= 0; i++)
        if (callers->callers[i].fd < 0 || callers->callers[i].due_ms < place->due_ms)
            place = &callers->callers[i];
    if (place->fd >= 0)
        hang_up(place);
    if (tls_renew(callers->tls[centre]) < 0 && log_allowed(&callers->limit))
        log_warn("keys/sms.crt and keys/sms.key cannot be used, the ones before stay");
    *place = (struct caller){ .fd = fd,
                              .centre = centre,
                              .stream = tls_begin(callers->tls[centre], fd, NULL),
                              .due_ms = now_ms + CALLERS_MS };
    if (!place->stream)
        hang_up(place);
}

/* The name that the caller's certificate must carry. */
static const char *name_of(const struct centre_settings *centre)
{
    return centre->tls_name[0] != '\0' ? centre->tls_name : centre->host;
}

enum caller_state callers_turn(struct callers *callers, int fd, uint32_t *centre,
                               struct tls_stream **stream, bool *wants_write)
{
    struct caller *caller = callers->callers;
    while (caller < callers->callers + CALLERS_MAX && caller->fd != fd)
        caller++;
    if (fd < 0 || caller == callers->callers + CALLERS_MAX)
        return CALLER_NONE;
    int status = tls_greet(caller->stream);
    if (status == -EAGAIN) {
        *wants_write = tls_wants_write(caller->stream);
        return CALLER_GREETS;
    }
    const struct centre_settings *settings = &callers->settings->centres[caller->centre];
    bool is_named = status == 0 && tls_proves(caller->stream, name_of(settings));
    if (is_named) {
        *centre = caller->centre;
        *stream = caller->stream;
        *caller = (struct caller){ .fd = -1 };
        return CALLER_PROVED;
    }
    if (log_allowed(&callers->limit))
        log_warn("who called as %s cannot be trusted: %s", settings->name,
                 status == 0 ? "its certificate is for another name"
                             : tls_complaint(caller->stream));
    hang_up(caller);
    return CALLER_GONE;
}

uint64_t callers_tick(struct callers *callers, uint64_t now_ms)
{
    uint64_t due = UINT64_MAX;
    for (int i = 0; i < CALLERS_MAX; i++) {
        struct caller *caller = &callers->callers[i];
        if (caller->fd >= 0 && caller->due_ms <= now_ms)
            hang_up(caller);
        if (caller->fd >= 0 && caller->due_ms < due)
            due = caller->due_ms;
    }
    return due == UINT64_MAX ? due : due - now_ms;
}
