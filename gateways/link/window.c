/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/link/window.h"

#include "base/require.h"
#include "gateways/link/link.h"

void window_begin(struct window *window, uint64_t epoch)
{
    uint64_t resent = window->resent;
    *window = (struct window){
        .epoch = epoch, .base = 1, .next = 1, .pause_ms = LINK_RESEND_MS, .resent = resent
    };
}

uint64_t window_add(struct window *window)
{
    return ++window->last;
}

uint64_t window_waiting(const struct window *window)
{
    return window->last + 1 - window->base;
}

uint64_t window_due(struct window *window, uint64_t now_ms)
{
    if (window->next > window->base && now_ms >= window->resend_at_ms) {
        window->next = window->base;
        window->pause_ms = window->pause_ms * 2 < WINDOW_RESEND_MS_MAX ? window->pause_ms * 2
                                                                       : WINDOW_RESEND_MS_MAX;
        window->resend_at_ms = now_ms + window->pause_ms;
    }
    if (window->next > window->last || window->next >= window->base + LINK_WINDOW)
        return 0;
    return window->next;
}

void window_sent(struct window *window, uint64_t now_ms)
{
    REQUIRE(window->next >= window->base && window->next <= window->last);
    if (window->next == window->base)
        window->resend_at_ms = now_ms + window->pause_ms;
    if (window->next <= window->sent_last)
        window->resent++;
    else
        window->sent_last = window->next;
    window->next++;
}

bool window_resume(struct window *window, uint64_t committed, uint64_t now_ms)
{
    if (committed + 1 < window->base || committed > window->sent_last)
        return false;
    window->next = window->base;
    window->pause_ms = LINK_RESEND_MS;
    window->resend_at_ms = now_ms;
    return true;
}

bool window_answer(struct window *window, uint64_t epoch, uint64_t seq, uint64_t now_ms)
{
    if (epoch != window->epoch || seq < window->base || seq >= window->next)
        return false;
    if (seq > window->base) {
        window->next = window->base;
        return false;
    }
    window->base++;
    window->pause_ms = LINK_RESEND_MS;
    window->resend_at_ms = now_ms + window->pause_ms;
    return true;
}

uint64_t window_wakes_ms(const struct window *window)
{
    return window->next > window->base ? window->resend_at_ms : UINT64_MAX;
}
