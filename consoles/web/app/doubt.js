// SPDX-License-Identifier: GPL-3.0-or-later
// The strip that says that history was rewritten. It stands over every page, the locked one too, and goes only when
// a person looked into it: at the server's disk for the server's doubt, here for this browser's own. A seat that only
// takes calls has the server's eye alone: it loads nothing that it does not need.
import { html, signal, useEffect } from './ui.js';
import { own_pages } from './bar.js';
import { locked } from './lock.js';
import { server_doubts, server_name } from './socket.js';
import { has_role } from './store.js';
import { said, t } from './words.js';

/** @type {import('../vendor/signals.js').Signal<typeof import('./history.js') | null>} */
const eye = signal(/** @type {typeof import('./history.js') | null} */ (null));

function watch() {
    let stop = () => {};
    let over = false;
    if (own_pages().some((page) => page !== 'taker'))
        void import('./history.js').then((part) => {
            if (over) return;
            eye.value = part;
            stop = part.watch_history();
        });
    return () => { over = true; stop(); };
}

export function Doubt() {
    useEffect(watch, []);
    const own = eye.value?.history.value?.doubt;
    if (!own && !server_doubts.value) return '';
    return html`<div class="stale doubt" role="alert">
        ${server_doubts.value ? html`<strong>⚠ ${t('doubt.server', { server: server_name.value })}</strong>` : ''}
        ${own ? html`<strong>⚠ ${t('doubt.browser', { seq: own.seq, shown: own.shown.seq })} ${said('doubt_reason', own.reason)}</strong>` : ''}
        <span>${t('doubt.do')}</span>
        ${own && has_role('auditor') && !locked.value ? html`<button type="button" class="act" onClick=${eye.value?.believe_anew}>${t('doubt.anew')}</button>` : ''}</div>`;
}
