// SPDX-License-Identifier: GPL-3.0-or-later
// The record in hand. Every keystroke is kept in this seat's storage until the dispatcher has the
// record: a crash, a reload or a lost line takes no word away.
import { computed, signal } from './ui.js';
import { on_settled } from './outbox.js';
import { is_set } from './row.js';

/**
 * @typedef {object} Draft
 * @property {string} contact '0': written without a contact
 * @property {number} category
 * @property {string} priority
 * @property {number} district
 * @property {number} east where it is, in cells; 0: not said
 * @property {number} north
 * @property {string} address
 * @property {string} text
 * @property {string} name
 * @property {string} number
 * @property {number} lead
 * @property {boolean} lead_chosen a person chose it: no suggestion replaces it
 * @property {number[]} assists
 * @property {string} secrecy
 * @property {boolean} anonymous
 * @property {boolean} text_unsafe
 * @property {string} answer what the citizen was told (direct answer)
 * @property {string} register_key the key under which it was sent, '' before
 * @property {string[]} links incidents that it will be linked to
 * @property {string} incident '0' until the dispatcher has it
 * @property {string} order the order number
 */

/** @param {string} contact @returns {Draft} */
function blank(contact) {
    return { contact, category: 0, priority: 'none', district: 0, east: 0, north: 0, address: '', text: '', name: '',
        number: '', lead: 0, lead_chosen: false, assists: [], secrecy: 'open', anonymous: false,
        text_unsafe: false, answer: '', links: [], register_key: '', incident: '0', order: '' };
}

let place = '';
/** @type {import('../vendor/signals.js').Signal<Record<string, Draft>>} */
const drafts = signal(/** @type {Record<string, Draft>} */ ({}));
export const current = signal('0');
/** What an earlier page kept may lack a newer field. */
export const draft = computed(() => ({ ...blank(current.value), ...drafts.value[current.value] }));
/** @param {string} contact */
export function draft_of(contact) {
    return { ...blank(contact), ...drafts.value[contact] };
}
/** Others that still wait to be finished. */
export const other_drafts = computed(() =>
    Object.values(drafts.value).filter((one) => one.contact !== current.value && !is_empty(one)));

/** @param {Draft} one */
export function is_empty(one) {
    return !one.category && !one.address && !one.text && !one.name && !is_set(one.incident);
}

function keep() {
    if (place) localStorage.setItem(place, JSON.stringify({ current: current.value, drafts: drafts.value }));
}

/** @param {number} user */
export function open_drafts(user) {
    place = `yihao.drafts.${user}`;
    const kept = JSON.parse(localStorage.getItem(place) ?? 'null');
    drafts.value = kept?.drafts ?? {};
    current.value = kept?.current ?? '0';
}

/** @param {Partial<Draft>} changes @param {string} [contact] of another draft than the current one */
export function write(changes, contact = current.value) {
    drafts.value = { ...drafts.value,
        [contact]: { ...(drafts.value[contact] ?? blank(contact)), ...changes } };
    keep();
}

/** Brings a contact's record to the front; an untouched one behind it is dropped.
 * @param {string} contact */
export function turn_to(contact) {
    const before = drafts.value[current.value];
    if (before && before.contact !== contact && is_empty(before)) forget(before.contact);
    current.value = contact;
    keep();
}

/** @param {string} contact */
export function forget(contact) {
    const { [contact]: _, ...rest } = drafts.value;
    drafts.value = rest;
    keep();
}

// The answer to a registration may arrive after a reload: the draft knows its key.
on_settled((key, outcome) => {
    for (const one of Object.values(drafts.value)) {
        if (one.register_key !== key) continue;
        if (outcome.ok) write({ incident: outcome.incident ?? '0', order: outcome.number ?? '' }, one.contact);
        else write({ register_key: '' }, one.contact);
    }
});
