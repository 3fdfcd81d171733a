// SPDX-License-Identifier: GPL-3.0-or-later
// The lock screen: after idle minutes, or by key, nothing of the work is to be seen, but the call in hand
// and the next one go on. Nobody is signed out: the page behind keeps every word. The server holds the
// lock; this only shows it.
import { effect, html, signal, useEffect, useState } from './ui.js';
import { anew, on_locked } from './socket.js';
import { ask_in } from './page-sign-in.js';
import { PasswordFields, post, prove_with } from './prove.js';
import { keys_locked } from './keys.js';
import { has_role, me, status } from './store.js';
import { ProviderButton } from './provider.js';
import { name_of, t } from './words.js';
import { now } from './clock.js';

const IDLE_MS = 900000; // until the city says otherwise
const TELL_MS = 30000;

export const locked = signal(false);
let touched_ms = Date.now();
let told_ms = 0;

/** @param {boolean} on */
export function show_lock(on) {
    if (locked.peek() === on) return;
    for (const dialog of on ? document.querySelectorAll('dialog[open]') : []) /** @type {HTMLDialogElement} */ (dialog).close();
    locked.value = keys_locked.value = on;
    touched_ms = Date.now();
    if (!on) anew();
}
/** A line that comes back does not open what was locked while it was down. */
on_locked((on, greeting) => {
    if (greeting && !on && locked.peek()) void post('lock', {});
    else show_lock(on);
});

export function lock() {
    if (!me.peek() || locked.peek()) return;
    show_lock(true);
    void post('lock', {});
}

const idle = () => Date.now() - touched_ms >= (status.rows.peek().lock_idle_ms || IDLE_MS);
/** Somebody is there; after too long that is no proof of who. */
function touch() {
    if (locked.peek() || !me.peek()) return;
    if (idle()) return void lock();
    touched_ms = Date.now();
    if (touched_ms - told_ms < TELL_MS) return;
    told_ms = touched_ms;
    void post('active', {}).then(({ refusal }) => { if (refusal === 'locked') show_lock(true); });
    return undefined;
}
for (const kind of ['keydown', 'pointerdown', 'wheel']) addEventListener(kind, touch, { capture: true, passive: true });

/** A wall shows no names and nobody touches it. */
const is_wall = () => document.documentElement.classList.contains('wall');
/** By the wall clock: a laptop that slept wakes up locked. */
effect(() => {
    now.value;
    if (is_wall()) touch();
    else if (idle()) lock();
});

/** @param {{ onUser: (user: any) => void, onSignOut: () => void }} props */
export function Locked({ onUser, onSignOut }) {
    const [LockCall, setLockCall] = useState(/** @type {any} */ (null));
    useEffect(() => { if (has_role('taker')) void import('./lock-call.js').then((part) => setLockCall(() => part.LockCall)); }, []);
    const take = async (/** @type {string} */ password, /** @type {string} */ code) => {
        const refusal = await prove_with(password, code);
        if (refusal !== 'not_signed_in') {
            if (!refusal) show_lock(false);
            return refusal;
        }
        const reply = await ask_in(me.value?.login || String(me.value?.user), password, code); // the session is over
        if (!reply.user) return reply.refusal;
        onUser(reply.user);
        show_lock(false);
        return '';
    };
    const opened = (/** @type {any} */ user) => {
        if (user) onUser(user); // the session was over
        show_lock(false);
    };
    return html`<main class="locked" aria-labelledby="locked-title">
        ${LockCall ? html`<${LockCall} />` : ''}
        <h1 id="locked-title">${t('lock.title')}</h1>
        <p>${me.value?.user} ${name_of(me.value ?? undefined)}</p>
        <${PasswordFields} id="unlock" go=${t('lock.open')} take=${take} />
        <${ProviderButton} words=${t('provider.go')} onDone=${opened} />
        <p class="quiet">${t('lock.why')}</p>
        <button type="button" class="plain" onClick=${onSignOut}>${t('bar.sign_out')}</button></main>`;
}
