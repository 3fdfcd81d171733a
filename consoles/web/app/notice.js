// SPDX-License-Identifier: GPL-3.0-or-later
// Short messages at the foot of the page: what was done, and why something was not.
import { html, signal } from './ui.js';
import { t } from './words.js';

const LIFE_MS = 7000;
const SHOWN_MAX = 4;
let next = 1;

/** @type {import('../vendor/signals.js').Signal<{ id: number, tone: 'good' | 'bad', text: string }[]>} */
const notices = signal(/** @type {any[]} */ ([]));

/** @param {'good' | 'bad'} tone @param {string} text */
export function notify(tone, text) {
    const id = next++;
    notices.value = [...notices.value, { id, tone, text }].slice(-SHOWN_MAX);
    setTimeout(() => { notices.value = notices.value.filter((one) => one.id !== id); }, LIFE_MS);
}

/** Says why a command was refused; nothing when it was done.
 * @param {import('./outbox.js').Outcome} outcome @returns {boolean} it was done */
export function told(outcome) {
    if (outcome.ok) return true;
    notify('bad', t(`refusal.${outcome.refusal ?? 'malformed'}`)
        + (outcome.words ? ` (${outcome.words})` : ''));
    return false;
}

export function Notices() {
    return html`<div class="notices" role="status" aria-live="polite">
        ${notices.value.map((one) => html`<p key=${one.id} class=${`notice ${one.tone}`}>
            <span aria-hidden="true">${one.tone === 'good' ? '✔' : '✖'}</span> ${one.text}</p>`)}
    </div>`;
}
