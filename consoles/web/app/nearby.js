// SPDX-License-Identifier: GPL-3.0-or-later
// Incidents that may be the same matter, with why: one key joins the contact to one of them, another
// notes that the new one belongs to it; with neither it is a new one.
import { computed, html, signal, useEffect } from './ui.js';
import { LineMark, PriorityMark, category_name, department_name, district_name } from './marks.js';
import { List } from './list.js';
import { Act } from './pick.js';
import { open_incidents } from './store.js';
import { draft, forget, write } from './draft.js';
import { query } from './socket.js';
import { finished } from './record.js';
import { Finder, open_incident } from './incident.js';
import { talking } from './seat.js';
import { complete, is_set } from './row.js';
import { now, order_number, span } from './clock.js';
import { said, t } from './words.js';
import { notify, told } from './notice.js';
import { send } from './outbox.js';

const SHOWN_MAX = 12;
const LIKE_LEAST = 40;
const ASK_MS = 300;
const chosen = signal('');
/** What the dispatcher's reckoning says, the likeliest first.
 * @type {import('../vendor/signals.js').Signal<import('./schema.js').LikelyRow[]>} */
const likely = signal(/** @type {any[]} */ ([]));

/** @typedef {{ row: import('./schema.js').IncidentRow, score: number, reasons: string[], distance_m: number }} Candidate */

/** The likely ones first, then what else is open, the newest first. */
export const candidates = computed(() => {
    const joined = talking.value?.incident ?? '0';
    const own = new Set([joined, draft.value.incident]);
    /** @type {Candidate[]} */
    const list = likely.value.map((one) => ({ row: one.incident, score: one.score, reasons: one.reasons, distance_m: one.distance_m }));
    const known = new Set(list.map((one) => one.row.incident));
    for (const row of [...open_incidents.rows.value].sort((a, b) => b.registered_ms - a.registered_ms))
        if (!known.has(row.incident)) list.push({ row, score: 0, reasons: [], distance_m: 0 });
    return list.filter((one) => !own.has(one.row.incident)).slice(0, SHOWN_MAX);
});

/** What is known of the matter in hand, as the question about likely ones. */
const known = computed(() => {
    const one = draft.value;
    const call = talking.value;
    const said = { ...(call?.caller && is_set(call.caller) ? { caller: call.caller } : {}), ...(call ? { line: call.line } : {}),
        ...(one.category ? { category: one.category } : {}), ...(one.district ? { district: one.district } : {}),
        ...(one.east && one.north ? { east_cell: one.east, north_cell: one.north } : {}) };
    const contact = is_set(one.contact) && Object.keys(said).length <= 2 ? one.contact : '';
    return JSON.stringify(contact && !one.category ? { contact } : said);
});

/** Asks a beat after the last change of what is known. */
function use_likely() {
    const question = known.value;
    const open = open_incidents.rows.value;
    useEffect(() => {
        if (question === '{}') {
            likely.value = [];
            return undefined;
        }
        let alive = true;
        const timer = setTimeout(async () => {
            const answer = await query({ likely: JSON.parse(question) });
            if (alive && answer) likely.value = answer.refusal ? [] : complete('LikelyIncidents', answer.likely_incidents).rows;
        }, ASK_MS);
        return () => { alive = false; clearTimeout(timer); };
    }, [question, open]);
}

/** The contact that a join would join: the one talked with, or the record's. */
function contact_in_hand() {
    return talking.value?.contact ?? (is_set(draft.value.contact) ? draft.value.contact : '');
}

export async function attach() {
    const row = candidates.value.find((one) => one.row.incident === chosen.value)?.row;
    const contact = contact_in_hand();
    if (!row || !contact) return notify('bad', t(row ? 'nearby.no_contact' : 'nearby.choose'));
    const outcome = await send({ incident_attach: { incident: row.incident, contact } },
        { text: draft.value.text, name: draft.value.name, number: draft.value.number, address: draft.value.address });
    if (!told(outcome)) return undefined;
    /* Somebody else's contact has an order of its own, which follows the chosen one. */
    const order = outcome.number ?? row.number;
    notify('good', t('nearby.attached', { number: order_number(row.number) }));
    finished.value = { order, lead: row.lead, how: 'attached', incident: outcome.incident ?? row.incident };
    forget(contact);
    return undefined;
}

/** Marks the chosen one: what is registered now will be linked to it. */
export function mark_link() {
    if (!chosen.value) return notify('bad', t('nearby.choose'));
    const links = draft.value.links ?? [];
    write({ links: links.includes(chosen.value) ? links.filter((one) => one !== chosen.value) : [...links, chosen.value] });
    return undefined;
}

export function Nearby() {
    use_likely();
    const rows = candidates.value;
    const like = rows.filter((one) => one.score >= LIKE_LEAST).length;
    const links = draft.value.links ?? [];
    return html`<section class="zone nearby" data-zone="nearby" aria-labelledby="nearby-title">
        <h2 id="nearby-title">${t('nearby.title')}
            ${like ? html`<span class="tag warn">⚠ ${t('nearby.like', { n: like })}</span>` : ''}</h2>
        <${List} id="nearby-list" label=${t('nearby.title')} rows=${rows} by=${(/** @type {any} */ one) => one.row.incident}
            chosen=${chosen.value} onChoose=${(/** @type {string} */ key) => { chosen.value = key; }} empty=${t('nearby.none')}
            onOpen=${(/** @type {any} */ one) => open_incident(one.row.incident)}
            tone=${(/** @type {any} */ one) => one.score >= LIKE_LEAST ? 'like' : ''}
            show=${(/** @type {Candidate} */ { row, score, reasons, distance_m }) => html`<div class="line-1"><${LineMark} line=${row.line} />
                <span class="digits">${order_number(row.number)}</span> <${PriorityMark} priority=${row.priority} />
                ${links.includes(row.incident) ? html`<span class="tag live">${t('nearby.to_link')}</span>` : ''}
                <span class="right quiet">${span(now.value - row.registered_ms)}</span></div>
                <div class="line-2">${category_name(row.category)} · ${district_name(row.district) || '–'}
                <span class="quiet">${said('incident_state', row.state)} ${row.lead ? department_name(row.lead) : ''}</span></div>
                ${score ? html`<div class="line-2"><b class="digits">${score}</b> ${reasons.map((word) => said('likeness', word)).join(' · ')}
                    ${reasons.includes('near') && row.east_cell ? html`<span class="quiet digits">${distance_m} m</span>` : ''}</div>` : ''}`} />
        <div class="acts"><${Act} keys="L" onClick=${attach} disabled=${!chosen.value}>${t('nearby.attach')}<//>
            <${Act} keys="G" onClick=${mark_link} disabled=${!chosen.value}>${t('nearby.link')}<//><${Finder} /></div>
    </section>`;
}

export function nearby_focused() {
    return document.getElementById('nearby-list')?.contains(document.activeElement) === true;
}
