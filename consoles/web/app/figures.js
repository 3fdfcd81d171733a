// SPDX-License-Identifier: GPL-3.0-or-later
// The room in figures: what page and wall both show.
import { computed, html } from './ui.js';
import { LineMark } from './marks.js';
import { city, status } from './store.js';
import { now, span } from './clock.js';
import { t } from './words.js';

/** Part of a whole in percent, '–' of nothing. @param {number} part @param {number} whole */
export function percent(part, whole) {
    return whole ? `${(100 * part / whole).toFixed(part === whole ? 0 : 1)}%` : '–';
}

const totals = computed(() => {
    const sum = { arrived: 0, answered: 0, answered_in_time: 0, abandoned: 0, oldest_ms: 0 };
    for (const row of status.rows.value.lines) {
        sum.arrived += row.arrived;
        sum.answered += row.answered;
        sum.answered_in_time += row.answered_in_time;
        sum.abandoned += row.abandoned;
        if (row.oldest_ms && (!sum.oldest_ms || row.oldest_ms < sum.oldest_ms)) sum.oldest_ms = row.oldest_ms;
    }
    return sum;
});

/** @param {{ label: string, tone?: string, children?: any }} props */
function Figure({ label, tone = '', children }) {
    return html`<div class=${`figure ${tone}`}><dt>${label}</dt><dd class="digits">${children}</dd></div>`;
}

/** The figures both the page and the wall show. */
export function Figures() {
    const s = status.rows.value;
    const sum = totals.value;
    const level = sum.answered ? sum.answered_in_time / sum.answered : 1;
    return html`<dl class="kpi" aria-label=${t('super.figures')}>
        <${Figure} label=${t('super.waiting')} tone=${s.waiting ? 'warn' : ''}>${s.waiting}<//>
        <${Figure} label=${t('super.oldest')} tone=${sum.oldest_ms ? 'warn' : ''}>${sum.oldest_ms ? span(now.value - sum.oldest_ms) : '–'}<//>
        <${Figure} label=${t('super.level')} tone=${level < 0.9 ? 'bad' : 'good'}>${percent(sum.answered_in_time, sum.answered)}<//>
        <${Figure} label=${t('super.abandoned')}>${percent(sum.abandoned, sum.arrived)}<//>
        <${Figure} label=${t('super.on_seat')}>${s.ready}<small> / ${s.talking} / ${s.signed_on}</small><//>
        <${Figure} label=${t('super.open')}>${s.open_incidents}<//>
        <${Figure} label=${t('super.overdue')} tone=${s.overdue ? 'bad' : ''}>${s.overdue}<//>
        <${Figure} label=${t('super.callbacks')}>${s.callbacks}<//></dl>`;
}

export function Lines() {
    const rows = status.rows.value.lines;
    return html`<table><caption class="sr">${t('super.lines')}</caption><thead><tr><th scope="col">${t('queue.line')}</th>
        <th scope="col" class="n">${t('super.waiting')}</th><th scope="col" class="n">${t('super.oldest')}</th>
        <th scope="col" class="n">${t('super.level')}</th><th scope="col" class="n">${t('super.arrived')}</th>
        <th scope="col" class="n">${t('super.abandoned')}</th></tr></thead>
        <tbody>${rows.map((row) => html`<tr key=${row.line} class=${row.oldest_ms && now.value - row.oldest_ms > target(row.line) ? 'over' : ''}>
            <th scope="row"><${LineMark} line=${row.line} named /></th><td class="n">${row.waiting}</td>
            <td class="n">${row.oldest_ms ? span(now.value - row.oldest_ms) : '–'}</td>
            <td class="n">${percent(row.answered_in_time, row.answered)}</td><td class="n">${row.arrived}</td>
            <td class="n">${percent(row.abandoned, row.arrived)}</td></tr>`)}</tbody></table>`;
}

/** @param {number} line @returns {number} the answer target in milliseconds */
function target(line) {
    return city.rows.value.lines.find((row) => row.line === line)?.answer_target_ms || Infinity;
}
