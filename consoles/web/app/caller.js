// SPDX-License-Identifier: GPL-3.0-or-later
// The conversation in hand: who, how long, what an SMS says, changing the line; and what the same
// caller asked before.
import { html, signal, useEffect } from './ui.js';
import { LineMark, Since, category_name } from './marks.js';
import { Act } from './pick.js';
import { Call } from './call.js';
import { Chat } from './chat.js';
import { List } from './list.js';
import { open_incident } from './incident.js';
import { change_line, hang_up, known_people, seat_state, talking } from './seat.js';
import { ask_rows, city, contacts, my_seat } from './store.js';
import { current } from './draft.js';
import { is_set } from './row.js';
import { name_of, said, t } from './words.js';
import { day_and_time, now, span } from './clock.js';

/** @type {import('../vendor/signals.js').Signal<import('./schema.js').IncidentRow[]>} */
const history = signal(/** @type {any[]} */ ([]));
const HISTORY_MAX = 6;
const remembered = signal('');

/** @param {{ caller: string }} props */
function History({ caller }) {
    useEffect(() => {
        history.value = [];
        if (is_set(caller)) void ask_rows({ incidents: { caller } }, 'incidents', 'IncidentRow',
            'incident', 1).then((rows) => { history.value = (rows ?? []).slice(0, HISTORY_MAX); });
    }, [caller]);
    return html`<h3>${t('caller.history')}</h3>
        <${List} id="history-list" label=${t('caller.history')} rows=${history.value} by=${(/** @type {any} */ row) => row.incident}
            chosen=${remembered.value} onChoose=${(/** @type {string} */ key) => { remembered.value = key; }}
            onOpen=${(/** @type {any} */ row) => open_incident(row.incident)} empty=${t('caller.no_history')}
            show=${(/** @type {any} */ row) => html`<span class="digits">${day_and_time(row.registered_ms).slice(0, 5)}</span>
                ${category_name(row.category)} <span class="quiet">${said('incident_state', row.state)}</span>`} />`;
}

function Wrap() {
    const seat = my_seat.value;
    if (seat?.state !== 'wrap_up') return '';
    const left = seat.until_ms - now.value;
    return html`<p class="wrap"><span class="tag warn">${said('taker_state', 'wrap_up')}</span>
        <span class="digits big">${span(left)}</span> <span class="quiet">${t('caller.wrap_hint')}</span></p>`;
}

/** @param {{ onLine: (line: number) => void, line: number }} props */
function Reline({ onLine, line }) {
    return html`<div class="field inline"><label for="caller-line">${t('caller.reline')}</label>
        <select id="caller-line" value=${line} onChange=${(/** @type {any} */ e) => onLine(Number(e.currentTarget.value))}>
            ${city.rows.value.lines.filter((row) => !row.retired).map((row) => html`<option key=${row.line} value=${row.line}>
                ${row.line} ${name_of(row)}</option>`)}</select></div>`;
}

export function Caller() {
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
            ${call.channel === 'sms' || !['none', 'heard', 'ruled'].includes(call.silence) ? html`<${Chat} key=${call.contact} contact=${call.contact} call=${call.channel !== 'sms'} />` : ''}
            ${is_set(call.same) ? html`<p class="tag warn">${t('caller.same', { contact: call.same })}</p>` : ''}
            <${Reline} line=${call.line} onLine=${change_line} />`
        : html`<${Wrap} />
            ${seat_state.value === 'wrap_up' ? '' : html`<p class="quiet">${t('caller.none')}</p>`}
            ${person?.number ? html`<p class="number digits">${person.number}</p>` : ''}`}
        <${History} caller=${row?.caller ?? '0'} />
    </section>`;
}
