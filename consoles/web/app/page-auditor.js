// SPDX-License-Identifier: GPL-3.0-or-later
// The auditor's page: find an incident, read its trail record by record with its place in the chain,
// hear its recordings, see who read the citizen's data. Reading here is itself an event.
import { computed, html, signal, useEffect } from './ui.js';
import { Bar } from './bar.js';
import { LineMark, PriorityMark, category_name, department_name, disposition_name, user_name } from './marks.js';
import { List, next_zone } from './list.js';
import { Act, Pick, plain } from './pick.js';
import { Sound, sounding } from './audit-sound.js';
import { GlassAlarm, glasses } from './glass.js';
import { Erasures, erasures, rules } from './erasure.js';
import { verify_trail } from './verify.js';
import { category_choices } from './choices.js';
import { PlacePick } from './place.js';
import { save_file } from './file.js';
import { take_list } from './export.js';
import { PrintCase, print_chosen, print_found } from './paper.js';
import { Reveal, open_person, reveal_key } from './person.js';
import { Trail, actor, use_trail } from './trail.js';
import { ask_rows, city } from './store.js';
import { complete, kind_of } from './row.js';
import { on_event, query } from './socket.js';
import { day_and_time, day_number, now, order_number } from './clock.js';
import { name_of, said, t } from './words.js';
import { notify, told } from './notice.js';
import { send } from './outbox.js';
import { use_keys } from './keys.js';
import { shown_key } from './own-keys.js';
import { words_of } from './ask-field.js';
import { words } from './schema.js';

/** @typedef {import('./schema.js').IncidentRow} IncidentRow */

/** @typedef {import('./schema.js').ContactRow} ContactRow */

const wanted = signal({ number: '', phone: '', text: '', day: '', until: '', state: '', line: '', department: '', district: '', category: 0, taker: '', disposition: '',
    east: 0, north: 0 });
/** Incidents; contacts where a disposition was asked for.
 * @type {import('../vendor/signals.js').Signal<IncidentRow[]>} */
const results = signal(/** @type {any[]} */ ([]));
/** @type {import('../vendor/signals.js').Signal<ContactRow[]>} */
const calls = signal(/** @type {any[]} */ ([]));
const searched = signal(false);
const more = signal(false);
const chosen = signal('');
const tab = signal('trail');
/** @type {import('../vendor/signals.js').Signal<import('./schema.js').IncidentDetail | null>} */
const detail = signal(/** @type {any} */ (null));
/** @type {import('../vendor/signals.js').Signal<import('./schema.js').RecordingRow[]>} */
const recordings = signal(/** @type {any[]} */ ([]));
/** @type {import('../vendor/signals.js').Signal<import('./schema.js').TextRow[]>} */
const texts = signal(/** @type {any[]} */ ([]));
/** @type {import('../vendor/signals.js').Signal<Record<string, any>>} */
const opened = signal(/** @type {Record<string, any>} */ ({}));
const stream = signal(/** @type {import('./trail.js').TrailRow[]} */ ([]));

/** A contact that led to no incident, '': an incident is looked at. */
const chosen_call = signal('');

const PAGES = 16;
const PAGE_ROWS = 64;
const CALL_ROWS = 128;
const STREAM_MAX = 160;
const TAKER_BIT = 2; // 1 << Role.taker

/** The caller whose number this is: asked of the dispatcher, and the trail says who asked. null: not answered.
 * @param {string} phone */
async function caller_of(phone) {
    const outcome = await send({ personal_read: { reason: 'audit' } }, { number: phone });
    return told(outcome) ? outcome.caller ?? '' : null;
}

const day_of = (/** @type {string} */ text) => Number(plain(text).replace(/\D/g, ''));
/** One day, or from one to the other. */
function days() {
    const [from_day, until_day] = [day_of(wanted.value.day), day_of(wanted.value.until)];
    return from_day && !until_day ? { day: from_day } : { ...(from_day ? { from_day } : {}), ...(until_day ? { until_day } : {}) };
}

/** Contacts that ended so, the newest first; null: not answered. @returns {Promise<ContactRow[] | null>} */
async function find_calls() {
    const { disposition, line, taker } = wanted.value;
    const { day, from_day = day, until_day = day } = /** @type {{ day?: number, from_day?: number, until_day?: number }} */ (days());
    found_by = { query: { contacts: { disposition: Number(disposition), ...(line ? { line: Number(line) } : {}), ...(taker ? { taker: Number(taker) } : {}),
        ...(from_day ? { from_day } : {}), ...(until_day ? { until_day } : {}) } } };
    const rows = await ask_rows(found_by.query, 'contacts', 'ContactRow', 'contact', PAGES);
    more.value = (rows?.length ?? 0) >= PAGES * CALL_ROWS;
    return rows;
}

/** Cases in which this was said, looked up where the words may be opened; the trail says who looked. @returns {Promise<IncidentRow[] | null>} */
async function find_words() {
    const { text, line, department } = wanted.value;
    const outcome = await send({ words_search: { reason: 'audit', ...(line ? { line: Number(line) } : {}), ...(department ? { department: Number(department) } : {}) } },
        { text: text.trim() });
    if (!told(outcome)) return null;
    found_by = { cases: outcome.found ?? [] }; // no question that the server could ask again without the words
    const rows = [];
    for (const incident of outcome.found ?? []) {
        const answer = await query({ incident: { incident } });
        if (answer?.incident_detail) rows.push(complete('IncidentDetail', answer.incident_detail).row);
    }
    more.value = Boolean(outcome.found_more);
    if (outcome.found_partly) notify('bad', t('audit.partly'));
    return rows;
}

/** Everything that fits, the newest first; null: not answered. @returns {Promise<IncidentRow[] | null>} */
async function find_rows() {
    const { number, phone, state, line, department, district, category, taker, east, north } = wanted.value;
    const digits = plain(number).replace(/\D/g, '');
    if (digits) {
        found_by = { query: { incident: { number: digits } } };
        const answer = await query(found_by.query);
        return answer ? answer.refusal ? [] : [complete('IncidentDetail', answer.incident_detail).row] : null;
    }
    if (wanted.value.text.trim()) return find_words();
    const caller = plain(phone) ? await caller_of(plain(phone).replace(/[^\d+]/g, '')) : '';
    if (caller === null) return null;
    found_by = { query: { incidents: { ...(caller ? { caller } : {}),
        ...days(), ...(state ? { state } : {}), ...(category ? { category } : {}), ...(district ? { district: Number(district) } : {}),
        ...(line ? { line: Number(line) } : {}), ...(department ? { department: Number(department) } : {}),
        ...(taker ? { taker: Number(taker) } : {}), ...(east ? { east_cell: east, north_cell: north } : {}),
    } } };
    const rows = await ask_rows(found_by.query, 'incidents', 'IncidentRow', 'incident', PAGES);
    if (!rows) notify('bad', t('refusal.busy'));
    more.value = (rows?.length ?? 0) >= PAGES * PAGE_ROWS;
    return rows;
}

async function search() {
    more.value = false;
    const by_end = wanted.value.disposition !== '';
    const found = by_end ? await find_calls() : null;
    const rows = by_end ? [] : await find_rows();
    if (!rows || (by_end && !found)) return;
    results.value = rows;
    calls.value = found ?? [];
    searched.value = true;
    chosen.value = rows[0]?.incident ?? '';
    chosen_call.value = found?.[0]?.contact ?? '';
    if (!rows[0] && !found?.[0]) return;
    requestAnimationFrame(() => document.getElementById('audit-results')?.focus());
}

/** Nothing leaves before the trail says who takes what with them. @param {any} what */
async function begins(what) {
    return told(await send({ export_begin: what }));
}
/** What the list was asked for, as the server asks it again for the file. */
let found_by = /** @type {any} */ (null);
const list_name = () => (calls.value.length ? 'contacts' : 'incidents');
async function save_results() {
    if (found_by) await take_list(list_name(), found_by);
}
const print_results = () => (found_by ? print_found(list_name(), found_by) : undefined);
const print_detail = () => (detail.value ? print_chosen(detail.value.row) : undefined);
/** The chosen incident with its trail as it stands, each record with its chain value. @param {import('./trail.js').TrailRow[]} rows */
async function save_trail(rows) {
    if (!detail.value || !await begins({ kind: 'trail', incident: detail.value.row.incident })) return;
    save_file(`${detail.value.row.number}.json`, JSON.stringify({ incident: detail.value, recordings: recordings.value, trail: rows }, null, 2), 'application/json');
}

/** @param {string} contact */
async function load_call(contact) {
    detail.value = null;
    finding.value = null;
    texts.value = [];
    recordings.value = await ask_rows({ recordings: { contact } }, 'recordings', 'RecordingRow', 'contact', 1) ?? [];
}

async function load_detail(/** @type {string} */ incident) {
    detail.value = null;
    finding.value = null;
    recordings.value = [];
    texts.value = [];
    const answer = await query({ incident: { incident } });
    if (!answer || answer.refusal || chosen.value !== incident) return;
    detail.value = complete('IncidentDetail', answer.incident_detail);
    const heard = [];
    for (const contact of detail.value?.contacts ?? [])
        heard.push(...(await ask_rows({ recordings: { contact } }, 'recordings', 'RecordingRow', 'contact', 1) ?? []));
    const sent = await ask_rows({ texts: { incident } }, 'texts', 'TextRow', 'text', 1);
    if (chosen.value !== incident) return;
    recordings.value = heard;
    texts.value = sent ?? [];
}

/** The newest records of everything, oldest first. */
async function load_stream() {
    const newest = await query({ status: {} });
    let after = Math.max(0, Number(newest?.seq ?? 0) - STREAM_MAX);
    /** @type {import('./trail.js').TrailRow[]} */
    const rows = [];
    for (let page = 0; page < STREAM_MAX / 16; page++) {
        const answer = await query({ events: { after: String(after) } });
        const got = answer?.events?.rows ?? [];
        rows.push(...got);
        if (!got.length || !answer.more) break;
        after = got[got.length - 1].seq;
    }
    stream.value = rows.reverse();
}

async function reveal() {
    const incident = chosen.value;
    const person = await open_person(incident, 'audit');
    if (person) opened.value = { ...opened.value, [incident]: person };
}

/** @param {{ id: 'state' | 'line' | 'department' | 'district' | 'taker' | 'disposition', options: [string | number, string][] }} props */
function Choice({ id, options }) {
    return html`<div class="field"><label for=${`audit-${id}`}>${t(`audit.${id}`)}</label>
        <select id=${`audit-${id}`} value=${wanted.value[id]} onChange=${(/** @type {any} */ e) => { wanted.value = { ...wanted.value, [id]: e.currentTarget.value }; }}>
        <option value="">${t('audit.any')}</option>${options.map(([value, label]) => html`<option key=${value} value=${value}>${label}</option>`)}</select></div>`;
}

function Search() {
    const set = (/** @type {string} */ id) => (/** @type {any} */ e) => { wanted.value = { ...wanted.value, [id]: e.currentTarget.value }; };
    return html`<form class="zone search" data-zone="search" role="search" aria-label=${t('audit.search')}
        onSubmit=${(/** @type {Event} */ e) => { e.preventDefault(); void search(); }}>
        <div class="field"><label for="audit-number">${t('audit.number')}</label>
            <input id="audit-number" type="text" inputmode="numeric" maxlength="20" autocomplete="off" value=${wanted.value.number} onInput=${set('number')} /></div>
        <div class="field"><label for="audit-phone">${t('audit.phone')}</label>
            <input id="audit-phone" type="tel" maxlength="20" autocomplete="off" value=${wanted.value.phone} onInput=${set('phone')} /></div>
        <div class="field"><label for="audit-words">${t('audit.said')}</label>
            <input id="audit-words" type="search" maxlength="200" autocomplete="off" value=${wanted.value.text} onInput=${set('text')} /></div>
        <div class="field"><label for="audit-day">${t('audit.day')}</label>
            <input id="audit-day" type="text" inputmode="numeric" maxlength="10" autocomplete="off" placeholder=${day_number(now.value)} value=${wanted.value.day} onInput=${set('day')} /></div>
        <div class="field"><label for="audit-until">${t('audit.until')}</label>
            <input id="audit-until" type="text" inputmode="numeric" maxlength="10" autocomplete="off" value=${wanted.value.until} onInput=${set('until')} /></div>
        <${Choice} id="state" options=${words.incident_state.slice(1).map((word) => [word, said('incident_state', word)])} />
        <${Choice} id="line" options=${city.rows.value.lines.map((row) => [row.line, `${row.line} ${name_of(row)}`])} />
        <${Choice} id="department" options=${city.rows.value.departments.map((row) => [row.department, name_of(row)])} />
        <${Pick} id="audit-category" label=${t('form.category')} choices=${category_choices.value} value=${wanted.value.category}
            onPick=${(/** @type {number} */ category) => { wanted.value = { ...wanted.value, category }; }} />
        <${Choice} id="district" options=${city.rows.value.districts.map((row) => [row.district, name_of(row)])} />
        <${PlacePick} id="audit-place" east=${wanted.value.east} north=${wanted.value.north}
            onPick=${(/** @type {import('./place.js').Cell} */ cell) => { wanted.value = { ...wanted.value, ...cell }; }} />
        <${Choice} id="disposition" options=${city.rows.value.dispositions.map((row) => [row.disposition, name_of(row)])} />
        <${Choice} id="taker" options=${city.rows.value.users.filter((row) => row.roles & TAKER_BIT).map((row) => [row.user, user_name(row.user)])} />
        <button type="submit" class="act main">${t('audit.go')} <kbd>Enter</kbd></button></form>`;
}

function Calls() {
    return html`<${List} id="audit-results" label=${t('audit.results')} rows=${calls.value} by=${(/** @type {ContactRow} */ row) => row.contact}
        chosen=${chosen_call.value} onChoose=${(/** @type {string} */ key) => { chosen_call.value = key; chosen.value = ''; }} empty=${t('audit.none')}
        show=${(/** @type {ContactRow} */ row) => html`<div class="line-1"><${LineMark} line=${row.line} /><b>${disposition_name(row.disposition)}</b>
            <span class="right">${user_name(row.taker)}</span></div>
            <div class="line-2"><span class="digits">${day_and_time(row.arrived_ms)}</span></div>`} />`;
}

function Results() {
    const count = results.value.length + calls.value.length;
    return html`<section class="zone results" data-zone="results" aria-labelledby="results-title">
        <h2 id="results-title">${t('audit.results')} <span class="count">${count}${more.value ? '+' : ''}</span>
            <span class="right"><${Act} keys="C" disabled=${!count} onClick=${save_results}>${t('audit.csv')}<//>
                <${Act} keys="Shift+P" disabled=${!count} onClick=${print_results}>${t('paper.list')}<//></span></h2>
        ${calls.value.length ? html`<${Calls} />` : html`<${List} id="audit-results" label=${t('audit.results')} rows=${results.value} by=${(/** @type {IncidentRow} */ row) => row.incident}
            chosen=${chosen.value} onChoose=${(/** @type {string} */ key) => { chosen.value = key; }}
            empty=${t(searched.value ? 'audit.none' : 'audit.hint')} tone=${(/** @type {IncidentRow} */ row) => row.overdue ? 'over' : ''}
            show=${(/** @type {IncidentRow} */ row) => html`<div class="line-1"><${LineMark} line=${row.line} /><span class="digits">${order_number(row.number)}</span>
                <${PriorityMark} priority=${row.priority} /><span class="right">${said('incident_state', row.state)}</span></div>
                <div class="line-2">${category_name(row.category)} <span class="right quiet digits">${day_and_time(row.registered_ms)}</span></div>`} />`}
    </section>`;
}

/** What the check of the chosen incident's trail found; null: not asked.
 * @type {import('../vendor/signals.js').Signal<import('./verify.js').Finding | 'checking' | null>} */
const finding = signal(/** @type {any} */ (null));
async function check_trail() {
    const incident = chosen.value;
    finding.value = 'checking';
    const found = await verify_trail(incident);
    if (chosen.value === incident) finding.value = found;
}

function Found() {
    const one = finding.value;
    if (!one) return '';
    if (one === 'checking') return html`<span class="tag" role="status">${t('audit.check_checking')}</span>`;
    return html`<span class=${`tag ${one.state === 'good' ? 'good' : 'bad'}`} role="status">${t(`audit.found_${one.state}`, { n: one.checked, later: one.later, seq: one.broken })}</span>
        ${one.key ? html`<code class="quiet">Ed25519 ${one.key.slice(0, 16)}…</code>` : ''}`;
}

/** @param {{ onSave: () => void }} props */
function Facts({ onSave }) {
    const one = detail.value;
    if (!one) return '';
    const person = opened.value[chosen.value];
    return html`<h2 id="audit-title"><${PriorityMark} priority=${one.row.priority} /> <span class="digits">${order_number(one.row.number)}</span>
            ${category_name(one.row.category)} <span class="tag state">${said('incident_state', one.row.state)}</span>
            ${one.row.overdue ? html`<span class="tag bad">${t('time.over')}</span>` : ''}</h2>
        <dl class="facts"><div><dt>${t('queue.line')}</dt><dd><${LineMark} line=${one.row.line} named /></dd></div>
            <div><dt>${t('dept.registered_by')}</dt><dd>${user_name(one.row.taker)}</dd></div>
            <div><dt>${t('form.lead')}</dt><dd>${department_name(one.row.lead) || '–'}</dd></div>
            <div><dt>${t('audit.contacts')}</dt><dd class="digits">${one.row.contacts} · ${t('dept.round', { n: one.row.round })}</dd></div>
            ${person ? html`<div class="whole"><dt>${t('audit.words')}</dt><dd class="said">${person.text || '–'}</dd></div>
                <div><dt>${t('form.name')}</dt><dd>${person.name || '–'}</dd></div><div><dt>${t('form.number')}</dt><dd class="digits">${person.number || '–'}</dd></div>
                <div><dt>${t('form.address')}</dt><dd>${person.address || '–'}</dd></div>
                <div class="whole"><${Reveal} person=${person} subject=${chosen.value} reason="audit" onShown=${(/** @type {any} */ shown) => {
                    opened.value = { ...opened.value, [chosen.value]: shown };
                }} /></div>` : ''}</dl>
        <p class="acts">${person ? '' : html`<${Act} keys="" onClick=${reveal}>${t('dept.open')}<//>`}<${Act} keys="S" onClick=${onSave}>${t('audit.json')}<//><${Act} keys="Shift+V" onClick=${check_trail}>${t('audit.check_trail')}<//><${Found} /></p>
        <${PrintCase} onPrint=${print_detail} />`;
}

/** @param {{ rows: import('./trail.js').TrailRow[] }} props */
function Reads({ rows }) {
    const reads = rows.filter((row) => kind_of(row.event) === 'personal_was_read');
    if (!reads.length) return html`<p class="quiet">${t('audit.no_reads')}</p>`;
    return html`<table><thead><tr><th scope="col">${t('audit.when')}</th><th scope="col">${t('audit.who')}</th>
        <th scope="col">${t('audit.why')}</th><th scope="col">${t('audit.what')}</th><th scope="col">${t('audit.record')}</th></tr></thead>
        <tbody>${reads.map((row) => html`<tr key=${row.seq}><td class="digits">${day_and_time(row.at_ms)}</td><td>${actor(row.event)}</td>
            <td>${said('read_reason', row.event.personal_was_read.reason)}${row.event.personal_was_read.purpose ? html` · ${said('read_purpose', row.event.personal_was_read.purpose)}` : ''}</td>
            <td>${words_of('personal_field', row.event.personal_was_read.fields ?? 0).map((word) => said('personal_field', word)).join(' ')}</td><td class="digits">#${row.seq}</td></tr>`)}</tbody></table>`;
}

function Texts() {
    return html`${recordings.value.length ? '' : html`<p class="quiet">${t('audit.no_recordings')}</p>`}
        <h3>${t('audit.texts')}</h3>${texts.value.length ? html`<table><thead><tr><th scope="col">${t('audit.when')}</th><th scope="col">${t('audit.text')}</th>
            <th scope="col">${t('queue.state')}</th></tr></thead><tbody>${texts.value.map((row) => html`<tr key=${row.text}>
            <td class="digits">${day_and_time(row.ordered_ms)}</td><td>${said('template', row.template)}</td><td>${said('text_state', row.state)}</td></tr>`)}</tbody></table>`
        : html`<p class="quiet">${t('audit.no_texts')}</p>`}`;
}

const tabs = ['trail', 'reads', 'recordings', 'stream', 'erasures'];

/** @param {{ rows: import('./trail.js').TrailRow[] }} props */
function Sheet({ rows }) {
    const first = rows[0];
    const last = rows[rows.length - 1];
    return html`<div class="tabs" role="tablist" aria-label=${t('audit.tabs')}>${tabs.map((one, i) => html`<button type="button" key=${one} role="tab"
            id=${`audit-tab-${one}`} aria-selected=${String(tab.value === one)} aria-controls="audit-sheet" class="plain"
            onClick=${() => { tab.value = one; }}>${t(`audit.${one}`)} <kbd>${shown_key(String(i + 1))}</kbd></button>`)}
            ${tab.value === 'trail' && first && last ? html`<span class="right quiet digits">${t('audit.chain', { n: rows.length, first: first.seq, last: last.seq })}</span>` : ''}</div>
        ${tab.value === 'trail' || tab.value === 'recordings' ? html`<${Sound} recordings=${recordings.value} rows=${rows} />` : ''}
        <div id="audit-sheet" class="scroll" role="tabpanel" tabindex="0" aria-labelledby=${`audit-tab-${tab.value}`}>
            ${tab.value === 'trail' ? html`<${Trail} rows=${rows} chain mark=${sounding(rows)} />` : tab.value === 'reads' ? html`<${Reads} rows=${rows} />`
            : tab.value === 'recordings' ? html`<${Texts} />` : tab.value === 'erasures' ? html`<${Erasures} />` : html`<${Trail} rows=${stream.value} chain />`}
        </div>`;
}

const shown = computed(() => chosen.value || '0');

/** @param {{ onSignOut: () => Promise<void> }} props */
export function AuditorPage({ onSignOut }) {
    const trail = use_trail(shown.value, chosen_call.value);
    useEffect(() => { if (chosen.value) void load_detail(chosen.value); }, [chosen.value]);
    useEffect(() => { if (chosen_call.value) void load_call(chosen_call.value); }, [chosen_call.value]);
    useEffect(() => {
        if (tab.value !== 'stream') return undefined;
        void load_stream();
        return on_event(() => void load_stream());
    }, [tab.value]);
    useEffect(() => erasures.start(), []);
    useEffect(() => glasses.start(), []);
    useEffect(() => rules.start(), []);
    use_keys([
        { key: 'Slash', words: 'key.search', act: () => document.getElementById('audit-number')?.focus() },
        { key: 'Ctrl+Enter', words: 'key.search_go', act: () => void search() },
        { key: 'KeyC', words: 'audit.csv', act: save_results, when: () => results.value.length + calls.value.length > 0 },
        reveal_key,
        { key: 'Shift+KeyV', words: 'audit.check_trail', act: () => void check_trail(), when: () => detail.value !== null },
        { key: 'KeyS', words: 'audit.json', act: () => void save_trail(trail.value), when: () => detail.value !== null },
        { key: 'KeyP', words: 'paper.case', act: () => void print_detail(), when: () => detail.value !== null },
        { key: 'Shift+KeyP', words: 'paper.list', act: () => void print_results(), when: () => results.value.length + calls.value.length > 0 },
        ...tabs.map((one, i) => ({ key: `Digit${i + 1}`, words: `audit.${one}`, act: () => { tab.value = one; } })),
        { key: 'F6', words: 'key.zone', act: () => next_zone(1) },
        { key: 'Shift+F6', words: 'key.zone_back', act: () => next_zone(-1) },
    ]);
    return html`<div class="page auditor"><${Bar} page="auditor" onSignOut=${onSignOut} /><${GlassAlarm} />
        <main class="zones"><${Search} /><${Results} />
            <section class="zone sheet" data-zone="sheet" aria-label=${t('trail.title')}>
                ${detail.value ? html`<${Facts} onSave=${() => save_trail(trail.value)} />` : tab.value === 'stream' || tab.value === 'erasures' ? '' : html`<p class="quiet none">${t('audit.hint')}</p>`}
                <${Sheet} rows=${trail.value} /></section></main></div>`;
}
