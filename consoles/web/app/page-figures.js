// SPDX-License-Identifier: GPL-3.0-or-later
// The figures a city is judged by, of some days and a line, a department or the city: each with what stands
// above and below its line, its interval, its formula, and the version of its definition (docs/kpi.md).
import { html, signal, useEffect } from './ui.js';
import { Bar } from './bar.js';
import { Act, plain } from './pick.js';
import { next_zone } from './list.js';
import { city, has_role } from './store.js';
import { day_number, now, span } from './clock.js';
import { language, name_of, t } from './words.js';
import { notify } from './notice.js';
import { take_table } from './export.js';
import { use_keys } from './keys.js';

/**
 * @typedef {{ id: string, zh: string, en: string, unit: string, formula: string }} Formula
 * @typedef {{ id: string, over?: number, under?: number, low?: number, high?: number, p50_ms?: number | null, p90_ms?: number | null, p99_ms?: number | null }} Reckoned
 */

const FEW = 20; // below it a share is not ranked
const wanted = signal({ from: '', to: '', scope: 'line', line: 0, department: 0 });
/** What came, and what was asked for it. */
const got = signal(/** @type {{ version: number, formulas: Formula[], figures: Reckoned[], query: any } | null} */ (null));

/** @param {string} text @param {number} otherwise yyyymmdd */
const day = (text, otherwise) => Number(plain(text).replace(/\D/g, '')) || otherwise;

function asked() {
    const { from, to, scope, line, department } = wanted.value;
    const today = day_number(now.peek());
    const number = scope === 'line' ? line || city.rows.value.lines[0]?.line : scope === 'department' ? department || city.rows.value.departments[0]?.department : 0;
    return { from: day(from, today), to: day(to, Math.max(day(from, today), today)), scope, ...(number ? { number } : {}) };
}

async function ask() {
    const query = asked();
    const reply = await fetch('/api/v1/figures', { method: 'POST', headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(query) }).catch(() => null);
    const answer = reply ? await reply.json().catch(() => ({ refusal: 'busy' })) : { refusal: 'no_server' };
    if (answer.refusal) return notify('bad', t(`refusal.${answer.refusal}`));
    got.value = { version: answer.version, formulas: answer.formulas, figures: answer.rows[0]?.figures ?? [], query };
    return undefined;
}

/** @param {number | null | undefined} ms */
const within = (ms) => ms === null ? t('figures.longer') : ms ? span(ms) : '–';

/** @param {Formula} formula @param {Reckoned} one */
function value_of(formula, one) {
    const over = one.over ?? 0;
    const under = one.under ?? 0;
    switch (formula.unit) {
    case 'share': return `${(100 * over / under).toFixed(2)} %`;
    case 'mean_ms': return span(over / under);
    case 'longest_ms': return span(over);
    case 'rates': return `${(100 * over / under).toFixed(2)} %`;
    case 'per_100k': return (100000 * over / under).toFixed(2);
    case 'quantiles_ms': return [one.p50_ms, one.p90_ms, one.p99_ms].map(within).join(' / ');
    default: return (over / under).toFixed(2);
    }
}

/** @param {{ formula: Formula, one: Reckoned }} props */
function Row({ formula, one }) {
    const few = formula.unit === 'share' && (one.under ?? 0) < FEW;
    const times = formula.unit === 'mean_ms' || formula.unit === 'longest_ms';
    return html`<tr><td class="digits">${one.id}</td><th scope="row">${language.value === 'zh' ? formula.zh : formula.en}
            <div class="quiet small"><code lang="en">${formula.formula}</code></div></th>
        <td class="n"><b>${value_of(formula, one)}</b></td>
        <td class="n">${one.under === undefined ? '' : times ? `${span(one.over ?? 0)} / ${one.under}` : `${one.over} / ${one.under}`}</td>
        <td class="n">${one.low === undefined ? '' : `${(one.low / 10).toFixed(1)}–${((one.high ?? 0) / 10).toFixed(1)} %`} ${few ? html`<span class="tag warn">${t('figures.few')}</span>` : ''}</td></tr>`;
}

const may_take = () => has_role('supervisor') || has_role('auditor') || has_role('operator');
const take = () => take_table('figures', { kpi: got.peek()?.query });

function Asked() {
    const set = (/** @type {string} */ id) => (/** @type {any} */ e) => { wanted.value = { ...wanted.value, [id]: e.currentTarget.value }; };
    const pick = (/** @type {string} */ id) => (/** @type {any} */ e) => { wanted.value = { ...wanted.value, [id]: Number(e.currentTarget.value) }; };
    const { scope } = wanted.value;
    const today = day_number(now.value);
    return html`<form class="zone search" data-zone="search" role="search" aria-label=${t('figures.asked')} onSubmit=${(/** @type {Event} */ e) => { e.preventDefault(); void ask(); }}>
        ${['from', 'to'].map((id) => html`<div class="field" key=${id}><label for=${`figures-${id}`}>${t(`figures.${id}`)}</label>
            <input id=${`figures-${id}`} type="text" inputmode="numeric" maxlength="10" autocomplete="off" placeholder=${today} value=${/** @type {any} */ (wanted.value)[id]} onInput=${set(id)} /></div>`)}
        <div class="field"><label for="figures-scope">${t('figures.scope')}</label><select id="figures-scope" value=${scope} onChange=${set('scope')}>
            ${['line', 'city', 'department'].map((word) => html`<option key=${word} value=${word}>${t(`figures.of_${word}`)}</option>`)}</select></div>
        ${scope === 'line' ? html`<div class="field"><label for="figures-line">${t('queue.line')}</label><select id="figures-line" value=${asked().number ?? 0} onChange=${pick('line')}>
            ${city.rows.value.lines.filter((row) => !row.retired).map((row) => html`<option key=${row.line} value=${row.line}>${row.line} ${name_of(row)}</option>`)}</select></div>`
        : scope === 'department' ? html`<div class="field"><label for="figures-department">${t('audit.department')}</label><select id="figures-department" value=${asked().number ?? 0} onChange=${pick('department')}>
            ${city.rows.value.departments.filter((row) => !row.retired).map((row) => html`<option key=${row.department} value=${row.department}>${name_of(row)}</option>`)}</select></div>` : ''}
        <button type="submit" class="act main">${t('figures.go')} <kbd>Enter</kbd></button></form>`;
}

function Table() {
    const answer = got.value;
    if (!answer) return html`<p class="quiet none">${t('figures.hint')}</p>`;
    const formulas = new Map(answer.formulas.map((one) => [one.id, one]));
    if (!answer.figures.length) return html`<p class="quiet none">${t('figures.none')}</p>`;
    return html`<div class="scroll" tabindex="0" role="group" aria-labelledby="figures-title"><table><thead><tr><th scope="col">${t('figures.id')}</th><th scope="col">${t('figures.figure')}</th>
        <th scope="col" class="n">${t('figures.value')}</th><th scope="col" class="n">${t('figures.parts')}</th><th scope="col" class="n">${t('figures.interval')}</th></tr></thead>
        <tbody>${answer.figures.map((one) => html`<${Row} key=${one.id} formula=${formulas.get(one.id)} one=${one} />`)}</tbody></table></div>`;
}

/** @param {{ onSignOut: () => Promise<void> }} props */
export function FiguresPage({ onSignOut }) {
    useEffect(() => { if (city.rows.value.lines.length && !got.peek()) void ask(); }, [city.rows.value.lines.length > 0]);
    use_keys([
        { key: 'Slash', words: 'key.search', act: () => document.getElementById('figures-from')?.focus() },
        { key: 'Ctrl+Enter', words: 'figures.go', act: () => void ask() },
        { key: 'KeyC', words: 'audit.csv', act: () => void take(), when: () => got.value !== null && may_take() },
        { key: 'F6', words: 'key.zone', act: () => next_zone(1) },
        { key: 'Shift+F6', words: 'key.zone_back', act: () => next_zone(-1) },
    ]);
    return html`<div class="page judged"><${Bar} page="figures" onSignOut=${onSignOut} />
        <main class="zones"><${Asked} />
            <section class="zone sheet" data-zone="sheet" aria-labelledby="figures-title">
                <h2 id="figures-title">${t('page.figures')} ${got.value ? html`<span class="tag">${t('figures.version', { n: got.value.version })}</span>
                    <span class="quiet digits">${got.value.query.from} – ${got.value.query.to}</span>` : ''}
                    ${may_take() ? html`<span class="right"><${Act} keys="C" disabled=${!got.value} onClick=${take}>${t('audit.csv')}<//></span>` : ''}</h2>
                <${Table} /></section></main></div>`;
}
