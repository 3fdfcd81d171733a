// SPDX-License-Identifier: GPL-3.0-or-later
// What the dispatcher opened of a citizen, and the way to reveal what came masked: by name, for a purpose
// picked from a list, an event of its own (proto/identity.h).
import { html } from './ui.js';
import { words_of } from './ask-field.js';
import { shown_key } from './own-keys.js';
import { said, t } from './words.js';
import { told } from './notice.js';
import { send } from './outbox.js';
import { words } from './schema.js';

/** @typedef {{ number?: string, name?: string, address?: string, text?: string, position?: string, masked: number }} Person */

/** The set of fields of the wire. @param {string[]} names */
export function fields_of(names) {
    return names.reduce((sum, name) => sum + 2 ** words.personal_field.findIndex((word) => word === name), 0);
}

/**
 * Opens what is sealed of a subject; null: refused, and the reader was told why.
 * @param {string} subject @param {string} reason @param {{ seq?: string, fields?: number, purpose?: string }} [more]
 * @returns {Promise<Person | null>}
 */
export async function open_person(subject, reason, more = {}) {
    const outcome = await send({ personal_read: { subject, reason, ...more } });
    if (!told(outcome)) return null;
    return outcome.erased ? { text: t('erasure.gone'), masked: 0 } : { ...outcome.personal, masked: outcome.masked ?? 0 };
}

/**
 * Everything of a citizen that may be revealed, at once: for who is about to call.
 * @param {string} subject @param {string} reason @param {string} purpose
 */
export async function open_whole(subject, reason, purpose) {
    const person = await open_person(subject, reason);
    if (!person?.masked) return person;
    const revealed = await open_person(subject, reason, { fields: person.masked, purpose });
    return revealed ? { ...person, ...revealed, masked: 0 } : person;
}

const choice = () => /** @type {HTMLElement | null} */ (document.querySelector('.panel .reveal select, .reveal select'));
/** The key that brings the choice of purposes to the front. */
export const reveal_key = { key: 'Shift+KeyU', words: 'key.reveal', act: () => choice()?.focus(), when: () => Boolean(choice()) };

/**
 * @param {{ person: Person, subject: string, reason: string, seq?: string, onShown: (person: Person) => void }} props
 */
export function Reveal({ person, subject, reason, seq, onShown }) {
    if (!person.masked) return '';
    const reveal = async (/** @type {string} */ purpose) => {
        const shown = purpose && await open_person(subject, reason, { fields: person.masked, purpose, ...(seq ? { seq } : {}) });
        if (shown) onShown({ ...person, ...shown, masked: 0 });
    };
    return html`<label class="field inline reveal">${t('person.reveal', { fields: words_of('personal_field', person.masked).map((word) => said('personal_field', word)).join(' ') })}
        <kbd aria-hidden="true">${shown_key('Shift+U')}</kbd> <select value="" onChange=${(/** @type {any} */ e) => { void reveal(e.currentTarget.value); }}>
        <option value="">${t('person.purpose')}</option>
        ${words.read_purpose.slice(1).map((word) => html`<option key=${word} value=${word}>${said('read_purpose', word)}</option>`)}</select></label>`;
}
