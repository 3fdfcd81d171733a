// SPDX-License-Identifier: GPL-3.0-or-later
// A supervisor in somebody's conversation: listens, whispers to the taker, speaks to all, takes it over.
// The supervisor's own phone is called; each step is an event. To speak and to take over ask once more.
import { computed, html, signal } from './ui.js';
import { make_asks } from './ask.js';
import { Parties, parties, use_parties } from './parties.js';
import { me } from './store.js';
import { is_set } from './row.js';
import { said, t } from './words.js';

/** The conversation of the chosen seat, '': none. */
const contact = signal('');
const own = computed(() => parties.value.find((one) => one.user === me.value?.user));

/** @param {string} role */
const as = (role) => ({ [own.value ? 'party_change' : 'party_invite']: { contact: contact.value, role } });
/** @param {string} role */
const may = (role) => is_set(contact.value) && own.value?.role !== role && (!own.value || own.value.joined);

export const listen_asks = make_asks({ id: 'listen', words: 'listen', subject: () => contact.value, home: 'seats-list', table: {
    listen: { key: 'KeyL', may: () => may('listener'), command: () => as('listener') },
    whisper: { key: 'KeyW', may: () => may('coach'), command: () => as('coach') },
    barge: { key: 'KeyB', may: () => may('barge'), fields: [], hint: () => t('listen.barge_hint'), command: () => as('barge') },
    take_over: { key: 'KeyT', tone: 'danger', may: () => own.value?.joined === true, fields: [], hint: () => t('listen.take_over_hint'),
        command: () => ({ party_take_over: { contact: contact.value } }) },
    leave: { key: 'KeyQ', may: () => own.value !== undefined, command: () => ({ party_drop: { contact: contact.value } }) },
} });

/** @param {{ talk: string }} props the contact that the chosen seat talks with, '': none */
export function Listening({ talk }) {
    contact.value = talk;
    use_parties(talk);
    if (!is_set(talk)) return '';
    return html`<div class="listening">${own.value ? html`<p role="status"><span class=${`tag ${own.value.joined ? 'live' : 'warn'}`}>● ${said('party_role', own.value.role)}</span>
        ${t(own.value.joined ? `listen.as_${own.value.role}` : 'call.being_called')}</p>` : html`<${Parties} />`}<${listen_asks.View} /></div>`;
}
