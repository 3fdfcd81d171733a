// SPDX-License-Identifier: GPL-3.0-or-later
// The conversation in hand: who, how long, what an SMS says, changing the line; and what was asked before
// by this caller and at this place.
import { html, signal, useEffect, useRef } from './ui.js';
import { LineMark, Since, category_name } from './marks.js';
import { Act } from './pick.js';
import { Call } from './call.js';
import { Wrap } from './disposition.js';
import { Chat, is_typed } from './chat.js';
import { List } from './list.js';
import { open_incident } from './incident.js';
import { change_line, hang_up, known_people, seat_state, talking } from './seat.js';
import { ask_rows, city, contacts } from './store.js';
import { current, draft } from './draft.js';
import { is_set } from './row.js';
import { name_of, said, t } from './words.js';
import { day_and_time } from './clock.js';

/** @typedef {import('./schema.js').IncidentRow} IncidentRow */
const HISTORY_MAX = 6;

/**
 * What was asked before, the newest first: by this caller, at this place.
 * @param {{ id: string, title: string, empty: string, question: any }} props question: null, nothing is known
 */
function History({ id, title, empty, question }) {
    const rows = useRef(signal(/** @type {IncidentRow[]} */ ([]))).current;
    const chosen = useRef(signal('')).current;
    const key = JSON.stringify(question);
    useEffect(() => {
        let alive = true;
        rows.value = [];
        if (question) void ask_rows({ incidents: question }, 'incidents', 'IncidentRow', 'incident', 1)
            .then((found) => { if (alive) rows.value = (found ?? []).slice(0, HISTORY_MAX); });
        return () => { alive = false; };
    }, [key]);
    return html`<h3>${title}</h3>
        <${List} id=${id} label=${title} rows=${rows.value} by=${(/** @type {IncidentRow} */ row) => row.incident}
            chosen=${chosen.value} onChoose=${(/** @type {string} */ row) => { chosen.value = row; }}
            onOpen=${(/** @type {IncidentRow} */ row) => open_incident(row.incident)} empty=${empty}
            show=${(/** @type {IncidentRow} */ row) => html`<span class="digits">${day_and_time(row.registered_ms).slice(0, 5)}</span>
                ${category_name(row.category)} <span class="quiet">${said('incident_state', row.state)}</span>`} />`;
}

/** @param {{ onLine: (line: number) => void, line: number }} props */
function Reline({ onLine, line }) {
    return html`<div class="field inline"><label for="caller-line">${t('caller.reline')}</label>
        <select id="caller-line" value=${line} onChange=${(/** @type {any} */ e) => onLine(Number(e.currentTarget.value))}>
            ${city.rows.value.lines.filter((row) => !row.retired).map((row) => html`<option key=${row.line} value=${row.line}>
                ${row.line} ${name_of(row)}</option>`)}</select></div>`;
}

/** @param {{ children?: any }} props what stands there while nobody calls */
export function Caller({ children }) {
    const call = talking.value;
    const shown = call?.contact ?? current.value;
    const person = known_people.value[shown];
    const row = call ?? contacts.rows.value.find((one) => one.contact === shown);
    return html`<section class="zone caller" data-zone="caller" aria-labelledby="caller-title">
        <h2 id="caller-title">${t('caller.title')}</h2>
        ${call ? html`
            <p class="talk"><span class="tag live">● ${t(call.channel === 'sms' ? 'caller.text' : 'caller.talking')}</span>
                <span class="digits big"><${Since} since_ms=${call.connected_ms} /></span></p>
            <p><${LineMark} line=${call.line} named /></p>
            <p class="number digits">${person?.number || t('caller.number_hidden')}</p>
            <p class="acts"><${Act} keys="Shift+F2" tone="danger" onClick=${hang_up}>
                ${t(call.channel === 'sms' ? 'caller.text_done' : 'caller.hang_up')}<//></p>
            <${Call} />
            ${call.channel === 'sms' || is_typed(call) || !['none', 'heard', 'ruled'].includes(call.silence) ? html`<${Chat} key=${call.contact} contact=${call.contact} call=${call.channel !== 'sms'} typing=${call.typing} />` : ''}
            ${is_set(call.same) ? html`<p class="tag warn">${t('caller.same', { contact: call.same })}</p>` : ''}
            <${Reline} line=${call.line} onLine=${change_line} />`
        : html`<${Wrap} />
            ${seat_state.value === 'wrap_up' ? '' : html`<p class="quiet">${t('caller.none')}</p>`}
            ${person?.number ? html`<p class="number digits">${person.number}</p>` : ''}${children}`}
        <${History} id="history-list" title=${t('caller.history')} empty=${t('caller.no_history')} question=${is_set(row?.caller) ? { caller: row?.caller } : null} />
        ${draft.value.east && draft.value.north ? html`<${History} id="place-history-list" title=${t('caller.place_history', { east: draft.value.east, north: draft.value.north })} empty=${t('caller.no_place_history')}
            question=${{ east_cell: draft.value.east, north_cell: draft.value.north }} />` : ''}
    </section>`;
}
