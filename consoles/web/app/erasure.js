// SPDX-License-Identifier: GPL-3.0-or-later
// What is to be erased and what was: an operator asks and runs, an auditor approves. A case is named by its
// order number, a person by the telephone number, which goes to the dispatcher and nowhere else.
import { html, signal } from './ui.js';
import { Act } from './pick.js';
import { LiveTable, ask_rows, has_role, me } from './store.js';
import { complete } from './row.js';
import { query } from './socket.js';
import { use_keys } from './keys.js';
import { day_and_time, day_number } from './clock.js';
import { user_name } from './marks.js';
import { said, t } from './words.js';
import { notify, told } from './notice.js';
import { send } from './outbox.js';
import { words } from './schema.js';

/** @typedef {import('./schema.js').ErasureRow} ErasureRow */

const REASON_BYTES = 300;
const blank = { order: '', phone: '', basis: 'request', why: '' };
const wanted = signal(blank);
const ruling = signal('');

/** @type {LiveTable<ErasureRow[]>} */
export const erasures = new LiveTable(() => ask_rows({ erasures: {} }, 'erasures', 'ErasureRow', 'erasure', 8),
    (kind) => kind.startsWith('erasure_') || kind === 'erased', []);

const newest_first = () => [...erasures.rows.value].reverse();
const to_rule = () => has_role('auditor') ? erasures.rows.value.find((row) => row.state === 'asked' && row.asked_by !== me.value?.user) : undefined;
const to_run = () => has_role('operator') ? erasures.rows.value.find((row) => row.state === 'approved' && row.ruled_by !== me.value?.user) : undefined;

async function ask() {
    const { order, phone, basis, why } = wanted.value;
    let incident = '0';
    if (order.trim()) {
        const answer = await query({ incident: { number: order.trim() } });
        if (!answer || answer.refusal) return notify('bad', t('refusal.no_such_incident'));
        incident = complete('IncidentDetail', answer.incident_detail).row.incident;
    }
    const outcome = await send({ erasure_ask: { ...(incident === '0' ? {} : { incident }), basis, words: why.trim() } },
        incident === '0' ? { number: phone.trim() } : undefined);
    if (!told(outcome)) return undefined;
    wanted.value = blank;
    return notify('good', t('erasure.asked'));
}

/** @param {boolean} agree */
async function rule(agree) {
    const row = to_rule();
    if (row && told(await send({ erasure_rule: { erasure: row.erasure, agree, words: ruling.value.trim() } }))) ruling.value = '';
}

async function run() {
    const row = to_run();
    if (row) told(await send({ erasure_run: { erasure: row.erasure } }));
}

function Form() {
    const set = (/** @type {'order' | 'phone' | 'basis' | 'why'} */ id) => (/** @type {any} */ e) => { wanted.value = { ...wanted.value, [id]: e.currentTarget.value }; };
    return html`<form class="erasure-ask" aria-label=${t('erasure.ask')} onSubmit=${(/** @type {Event} */ e) => { e.preventDefault(); void ask(); }}>
        <div class="field"><label for="erasure-order">${t('erasure.order')}</label>
            <input id="erasure-order" type="text" inputmode="numeric" maxlength="20" autocomplete="off" value=${wanted.value.order} onInput=${set('order')} /></div>
        <div class="field"><label for="erasure-phone">${t('erasure.phone')}</label>
            <input id="erasure-phone" type="tel" maxlength="20" autocomplete="off" value=${wanted.value.phone} onInput=${set('phone')} /></div>
        <div class="field"><label for="erasure-basis">${t('erasure.basis')}</label>
            <select id="erasure-basis" value=${wanted.value.basis} onChange=${set('basis')}>${words.erasure_basis.filter((one) => one !== 'none').map((one) => html`<option key=${one} value=${one}>${said('erasure_basis', one)}</option>`)}</select></div>
        <div class="field"><label for="erasure-why">${t('erasure.why')}</label>
            <input id="erasure-why" type="text" maxlength=${REASON_BYTES / 3} autocomplete="off" value=${wanted.value.why} onInput=${set('why')} /></div>
        <button type="submit" class="act">${t('erasure.ask')} <kbd>Enter</kbd></button></form>`;
}

/** How long things are kept, and what of it is due: asked part after part, for a city keeps years. */
/** @type {LiveTable<import('./schema.js').RetentionRow[]>} */
export const rules = new LiveTable(() => ask_rows({ city: { table: 'retention' } }, 'retention_rules', 'RetentionRow', 'rule', 1),
    (kind) => kind === 'retention_defined', []);
/** @type {import('../vendor/signals.js').Signal<Map<number, { due: number, preserved: number, open: number, oldest_ms: number }> | 'asking' | null>} */
const due = signal(/** @type {any} */ (null));

async function try_rules() {
    const sums = new Map();
    due.value = 'asking';
    for (let after = '0'; ;) {
        const answer = await query({ retention: { after } });
        if (!answer || answer.refusal) return void (due.value = null);
        for (const wire of answer.retention_due?.rows ?? []) {
            const row = complete('RetentionDueRow', wire);
            const sum = sums.get(row.rule) ?? { due: 0, preserved: 0, open: 0, oldest_ms: 0 };
            const oldest = Number(row.oldest_ms);
            sums.set(row.rule, { due: sum.due + Number(row.due), preserved: sum.preserved + Number(row.preserved), open: sum.open + Number(row.open),
                oldest_ms: oldest && (!sum.oldest_ms || oldest < sum.oldest_ms) ? oldest : sum.oldest_ms });
        }
        if (!answer.more) return void (due.value = sums);
        after = String(answer.next);
    }
}

async function begin_retention() {
    if (told(await send({ retention_run: {} }))) notify('good', t('retention.begun'));
}

function Retention() {
    const kept = rules.rows.value.filter((row) => !row.retired);
    const sums = due.value instanceof Map ? due.value : null;
    return html`<h3>${t('retention.title')}</h3>
        ${kept.length ? html`<div class="acts"><${Act} keys="T" onClick=${try_rules}>${t(due.value === 'asking' ? 'retention.asking' : 'retention.try')}<//>
            ${has_role('operator') && sums ? html`<${Act} keys="Shift+R" onClick=${begin_retention}>${t('retention.run')}<//>` : ''}</div>
        <table><thead><tr>${['rule', 'of', 'days', 'basis', 'due', 'oldest', 'preserved', 'open'].map((one) => html`<th scope="col" key=${one}>${t(`retention.${one}`)}</th>`)}</tr></thead>
            <tbody>${kept.map((row) => html`<tr key=${row.rule}><td class="digits">${row.rule}</td>
                <td>${said('retention_thing', row.thing)} <span class="digits">${row.line || ''} ${row.category || ''}</span></td><td class="digits">${row.days}</td><td>${row.basis}</td>
                <td class="digits">${sums ? sums.get(row.rule)?.due ?? 0 : ''}</td><td class="digits">${sums?.get(row.rule)?.oldest_ms ? day_number(sums.get(row.rule)?.oldest_ms ?? 0) : ''}</td>
                <td class="digits">${sums ? sums.get(row.rule)?.preserved ?? 0 : ''}</td><td class="digits">${sums ? sums.get(row.rule)?.open ?? 0 : ''}</td></tr>`)}</tbody></table>`
        : html`<p class="quiet">${t('retention.none')}</p>`}`;
}

export function Erasures() {
    const within = () => document.getElementById('erasures');
    const waits = to_rule();
    const ready = to_run();
    use_keys([
        { key: 'KeyY', words: 'erasure.approve', act: () => void rule(true), within, when: () => Boolean(to_rule()) },
        { key: 'KeyN', words: 'erasure.refuse', act: () => void rule(false), within, when: () => Boolean(to_rule()) },
        { key: 'KeyT', words: 'retention.try', act: () => void try_rules(), within },
        { key: 'Shift+KeyR', words: 'retention.run', act: () => void begin_retention(), within, when: () => has_role('operator') && due.value instanceof Map },
        { key: 'KeyR', words: 'erasure.run', act: () => void run(), within, when: () => Boolean(to_run()) },
    ]);
    const rows = newest_first();
    return html`<div id="erasures" class="erasures" tabindex="0" role="group" aria-label=${t('erasure.title')}><h3>${t('erasure.title')}</h3>
        ${has_role('operator') || has_role('supervisor') || has_role('director') ? html`<${Form} />` : ''}
        ${waits ? html`<div class="acts"><span class="field inline"><label for="erasure-ruling">${t('erasure.why')}</label>
            <input id="erasure-ruling" type="text" maxlength=${REASON_BYTES / 3} autocomplete="off" value=${ruling.value} onInput=${(/** @type {any} */ e) => { ruling.value = e.currentTarget.value; }} /></span>
            <${Act} keys="Y" onClick=${() => rule(true)}>${t('erasure.approve')} ${waits.erasure}<//><${Act} keys="N" onClick=${() => rule(false)}>${t('erasure.refuse')}<//></div>` : ''}
        ${ready ? html`<div class="acts"><${Act} keys="R" tone="main" onClick=${run}>${t('erasure.run')} ${ready.erasure}<//></div>` : ''}
        ${rows.length ? html`<table><thead><tr>${['number', 'state', 'what', 'basis', 'asked_by', 'ruled_by', 'done', 'keys'].map((one) => html`<th scope="col" key=${one}>${t(`erasure.${one}`)}</th>`)}</tr></thead>
            <tbody>${rows.map((row) => html`<tr key=${row.erasure}><td class="digits">${row.erasure}</td><td>${said('erasure_state', row.state)}</td>
                <td>${row.incident === '0' ? t('erasure.person') : html`<span class="digits">${row.incident}</span>`}<br /><span class="quiet">${row.words}</span></td>
                <td>${said('erasure_basis', row.basis)}</td><td>${user_name(row.asked_by)}<br /><span class="digits quiet">${day_and_time(row.asked_ms)}</span></td>
                <td>${row.ruled_by ? user_name(row.ruled_by) : ''}</td><td class="digits">${row.done_ms ? day_and_time(row.done_ms) : ''} ${row.run_by ? user_name(row.run_by) : ''}</td>
                <td class="digits">${row.subjects}${Number(row.preserved) ? ` (${t('erasure.kept', { n: row.preserved })})` : ''}</td></tr>`)}</tbody></table>`
        : html`<p class="quiet">${t('erasure.none')}</p>`}<${Retention} /></div>`;
}
