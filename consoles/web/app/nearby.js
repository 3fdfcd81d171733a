// SPDX-License-Identifier: GPL-3.0-or-later
// Open incidents that may be the same matter: one key joins the contact to one of them.
import { computed, html, signal } from './ui.js';
import { LineMark, PriorityMark, category_name, department_name, district_name } from './marks.js';
import { List } from './list.js';
import { Act } from './pick.js';
import { open_incidents } from './store.js';
import { draft, forget } from './draft.js';
import { finished } from './record.js';
import { Finder, open_incident } from './incident.js';
import { talking } from './seat.js';
import { is_set } from './row.js';
import { now, order_number, span } from './clock.js';
import { said, t } from './words.js';
import { notify, told } from './notice.js';
import { send } from './outbox.js';

const SHOWN_MAX = 12;
const chosen = signal('');

/** How like the record in hand an incident is: higher is nearer.
 * @param {import('./schema.js').IncidentRow} row @param {import('./draft.js').Draft} one
 * @param {string} caller */
export function likeness(row, one, caller) {
    let score = 0;
    if (is_set(caller) && row.caller === caller) score += 8;
    if (one.category && row.category === one.category) score += 4;
    else if (one.category && Math.floor(row.category / 10000) === Math.floor(one.category / 10000)) score += 1;
    if (one.district && row.district === one.district) score += 3;
    return score;
}

export const candidates = computed(() => {
    const caller = talking.value?.caller ?? '0';
    const joined = talking.value?.incident ?? '0';
    return open_incidents.rows.value
        .filter((row) => row.incident !== joined)
        .map((row) => ({ row, score: likeness(row, draft.value, caller) }))
        .sort((a, b) => b.score - a.score || b.row.registered_ms - a.row.registered_ms)
        .slice(0, SHOWN_MAX);
});

/** The contact that a join would join: the one talked with, or the record's. */
function contact_in_hand() {
    return talking.value?.contact ?? (is_set(draft.value.contact) ? draft.value.contact : '');
}

export async function attach() {
    const row = open_incidents.rows.value.find((one) => one.incident === chosen.value);
    const contact = contact_in_hand();
    if (!row || !contact) return notify('bad', t(row ? 'nearby.no_contact' : 'nearby.choose'));
    const outcome = await send({ incident_attach: { incident: row.incident, contact } },
        { text: draft.value.text, name: draft.value.name, number: draft.value.number, address: draft.value.address });
    if (!told(outcome)) return undefined;
    notify('good', t('nearby.attached', { number: order_number(row.number) }));
    finished.value = { order: row.number, lead: row.lead, how: 'attached' };
    forget(contact);
    return undefined;
}

export function Nearby() {
    const rows = candidates.value;
    const like = rows.filter((one) => one.score >= 4).length;
    return html`<section class="zone nearby" data-zone="nearby" aria-labelledby="nearby-title">
        <h2 id="nearby-title">${t('nearby.title')}
            ${like ? html`<span class="tag warn">⚠ ${t('nearby.like', { n: like })}</span>` : ''}</h2>
        <${List} id="nearby-list" label=${t('nearby.title')} rows=${rows} by=${(/** @type {any} */ one) => one.row.incident}
            chosen=${chosen.value} onChoose=${(/** @type {string} */ key) => { chosen.value = key; }} empty=${t('nearby.none')}
            onOpen=${(/** @type {any} */ one) => open_incident(one.row.incident)}
            tone=${(/** @type {any} */ one) => one.score >= 4 ? 'like' : ''}
            show=${(/** @type {any} */ { row }) => html`<div class="line-1"><${LineMark} line=${row.line} />
                <span class="digits">${order_number(row.number)}</span> <${PriorityMark} priority=${row.priority} />
                <span class="right quiet">${span(now.value - row.registered_ms)}</span></div>
                <div class="line-2">${category_name(row.category)} · ${district_name(row.district) || '–'}
                <span class="quiet">${said('incident_state', row.state)} ${row.lead ? department_name(row.lead) : ''}</span></div>`} />
        <div class="acts"><${Act} keys="L" onClick=${attach} disabled=${!chosen.value}>${t('nearby.attach')}<//>
            <${Finder} /></div>
    </section>`;
}

export function nearby_focused() {
    return document.getElementById('nearby-list')?.contains(document.activeElement) === true;
}
