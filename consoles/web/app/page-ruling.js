// SPDX-License-Identifier: GPL-3.0-or-later
// The page of who reviews, adjudicates or directs and sits at no supervisor's desk: what waits for
// their word, and the cases that only they move on.
import { computed, html, signal, useEffect } from './ui.js';
import { Bar } from './bar.js';
import { Countdown, LineMark, PriorityMark, category_name, department_name } from './marks.js';
import { List, next_zone } from './list.js';
import { Finder, IncidentPanel, open_incident } from './incident.js';
import { Rulings, ruling_tables } from './rulings.js';
import { contacts, has_role, open_incidents, open_tasks } from './store.js';
import { order_number } from './clock.js';
import { said, t } from './words.js';
import { use_keys } from './keys.js';

const chosen = signal('');
/** States that wait for a role's word. */
const waits = { reviewer: ['registered', 'replied', 'told', 'revisit'], adjudicator: ['dispute'], director: ['dispute', 'suspended', 'pending_close'] };
const cases = computed(() => {
    const wanted = new Set(/** @type {const} */ (['reviewer', 'adjudicator', 'director']).flatMap((role) => has_role(role) ? waits[role] : []));
    return open_incidents.rows.value.filter((row) => wanted.has(row.state) || row.petition !== 'none').sort((a, b) => (a.due_ms || Infinity) - (b.due_ms || Infinity));
});

/** @param {{ onSignOut: () => Promise<void> }} props */
export function RulingPage({ onSignOut }) {
    useEffect(() => {
        const stops = [contacts, open_incidents, open_tasks, ...ruling_tables].map((table) => table.start());
        return () => stops.forEach((stop) => stop());
    }, []);
    use_keys([
        { key: 'F6', words: 'key.zone', act: () => next_zone(1) },
        { key: 'Shift+F6', words: 'key.zone_back', act: () => next_zone(-1) },
    ]);
    return html`<div class="page ruling"><${Bar} page="ruling" onSignOut=${onSignOut} />
        <main class="zones"><${Rulings} />
            <section class="zone cases" data-zone="cases" aria-labelledby="cases-title"><h2 id="cases-title">${t('rulings.cases')} <span class="count">${cases.value.length}</span></h2>
                <${List} id="cases-list" label=${t('rulings.cases')} rows=${cases.value} by=${(/** @type {any} */ row) => row.incident} chosen=${chosen.value}
                    onChoose=${(/** @type {string} */ key) => { chosen.value = key; }} empty=${t('nearby.none')} onOpen=${(/** @type {any} */ row) => open_incident(row.incident)}
                    tone=${(/** @type {any} */ row) => row.overdue ? 'over' : ''}
                    show=${(/** @type {any} */ row) => html`<div class="line-1"><${PriorityMark} priority=${row.priority} /><${LineMark} line=${row.line} /> <span class="digits">${order_number(row.number)}</span>
                        <span class="tag state">${said('incident_state', row.state)}</span> ${row.petition !== 'none' ? html`<span class="tag warn">${said('petition_kind', row.petition)}</span>` : ''}
                        <span class="right"><${Countdown} due_ms=${row.due_ms} /></span></div>
                        <div class="line-2">${category_name(row.category)} ${row.lead ? html`· ${department_name(row.lead)}` : ''}</div>`} />
                <div class="acts"><${Finder} /></div></section>
            <${IncidentPanel} supervising /></main></div>`;
}
