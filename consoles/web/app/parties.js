// SPDX-License-Identifier: GPL-3.0-or-later
// Who takes part in a conversation beside the citizen and the taker: guests, and supervisors who
// listen, whisper or speak.
import { html, signal } from './ui.js';
import { department_name, user_name } from './marks.js';
import { use_contact_events } from './contact-events.js';
import { kind_of } from './row.js';
import { said, t } from './words.js';

/** @typedef {{ party: string, user: number, department: number, role: string, joined: boolean }} Party */

/** Of the conversation in hand. */
export const parties = signal(/** @type {Party[]} */ ([]));

/** @param {any} event */
function follow(event) {
    const kind = kind_of(event);
    const body = event[kind] ?? {};
    const others = parties.value.filter((one) => one.party !== body.party);
    if (kind === 'party_invited') parties.value = [...others, { party: body.party, user: body.user ?? 0, department: body.department ?? 0, role: body.role ?? 'none', joined: false }];
    else if (kind === 'party_joined' || kind === 'party_changed')
        parties.value = parties.value.map((one) => one.party === body.party ? { ...one, joined: true, role: body.role ?? one.role } : one);
    else if (kind === 'party_left') parties.value = others;
}

/** @param {string} contact '': none */
export function use_parties(contact) {
    use_contact_events(contact, () => { parties.value = []; }, follow);
}

/** @param {Party} one */
export function party_name(one) {
    return one.user ? user_name(one.user) : department_name(one.department);
}

export function Parties() {
    return parties.value.length ? html`<ul class="parties" aria-label=${t('call.parties')}>${parties.value.map((one) => html`<li key=${one.party}
        class=${`tag ${one.joined ? 'live' : 'warn'}`}>${said('party_role', one.role)} ${party_name(one)}${one.joined ? '' : ` · ${t('call.being_called')}`}</li>`)}</ul>` : '';
}
