/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "consoles/server/console.h"

static void on_command(void *owner, struct screen *screen, const char *name, const json_t *body)
{
    struct viewer *viewer = owner;
    api_screen_command(viewer->console, screen, name, body);
}

static void on_query(void *owner, struct screen *screen, const char *name, const json_t *body)
{
    struct viewer *viewer = owner;
    api_screen_query(viewer->console, screen, name, body);
}

static void on_wake(void *owner, struct screen *screen)
{
    struct viewer *viewer = owner;
    (void)screen;
    peer_wake(viewer->peer);
}

const struct screen_handlers viewer_screen_handlers = { on_command, on_query, on_wake };

struct screen *viewer_open(struct console *console, struct peer *peer,
                           const struct request *request, enum screen_close *code)
{
    uint64_t now = clock_mono_ms();
    struct session *session = sessions_find(console->sessions, request->secret, now);
    *code = SCREEN_CLOSE_NOT_SIGNED_IN;
    if (!session)
        return NULL;
    *code = SCREEN_CLOSE_COME_AGAIN;
    if (console->draining)
        return NULL;
    *code = SCREEN_CLOSE_POLICY;
    if (session->screens >= SESSION_SCREENS_MAX)
        return NULL;
    for (uint32_t i = 0; i < HTTP_SOCKETS_MAX; i++) {
        struct viewer *viewer = &console->viewers[i];
        if (viewer->screen)
            continue;
        *viewer = (struct viewer){ .console = console, .peer = peer, .session = session };
        viewer->screen = screen_open(&viewer_screen_handlers, viewer,
                                     replica_feed(console->replica), &session->user, now);
        if (viewer->screen) {
            session->screens++;
            screen_lock(viewer->screen, session->locked);
        }
        return viewer->screen;
    }
    return NULL;
}

void viewer_close(struct console *console, struct screen *screen)
{
    struct viewer *viewer = screen_owner(screen);
    waiting_forget(&console->waiting, NULL, screen);
    console->counts.malformed += screen_malformed(screen);
    console->counts.slow += screen_ended(screen) == SCREEN_CLOSE_COME_AGAIN && !console->draining;
    if (viewer->session)
        viewer->session->screens--;
    screen_close(screen);
    *viewer = (struct viewer){ 0 };
}

void viewer_lock_all(struct console *console, const struct session *session)
{
    for (uint32_t i = 0; i < HTTP_SOCKETS_MAX; i++) {
        struct viewer *viewer = &console->viewers[i];
        if (viewer->screen && viewer->session == session)
            screen_lock(viewer->screen, session->locked);
    }
}

void viewer_notice_all(struct console *console, bool beat)
{
    uint64_t now = clock_mono_ms();
    for (uint32_t i = 0; i < HTTP_SOCKETS_MAX; i++) {
        struct viewer *viewer = &console->viewers[i];
        if (!viewer->screen)
            continue;
        if (viewer->session && session_is_over(viewer->session, now))
            console_drop_session(console, viewer->session, SCREEN_CLOSE_NOT_SIGNED_IN);
        screen_notice(viewer->screen, now, beat);
    }
}

void viewer_end_all(struct console *console, const struct session *session, enum screen_close code)
{
    for (uint32_t i = 0; i < HTTP_SOCKETS_MAX; i++) {
        struct viewer *viewer = &console->viewers[i];
        if (!viewer->screen || (session && viewer->session != session))
            continue;
        if (viewer->session)
            viewer->session->screens--;
        viewer->session = NULL;
        screen_end(viewer->screen, code);
    }
}
