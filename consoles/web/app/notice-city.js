// SPDX-License-Identifier: GPL-3.0-or-later
// Notices to many citizens: written, started by a second person, paused, stopped; corrected, with what was wrong and a
// look at both words before a second person lets them out; and which words the citizens have.
import { computed, html, signal, useEffect } from './ui.js';
import { make_asks } from './ask.js';
import { List } from './list.js';
import { user_name } from './marks.js';
import { LiveTable, ask_rows, me } from './store.js';
import { open_person } from './person.js';
import { count_pieces } from './pieces.js';
import { Act } from './pick.js';
import { is_set, kind_of } from './row.js';
import { on_event } from './socket.js';
import { use_keys } from './keys.js';
import { day_and_time, time_of_day } from './clock.js';
import { said, t } from './words.js';

/** @typedef {import('./schema.js').NoticeRow} NoticeRow */
const REASON_LETTERS = 32; // of 96 bytes
const NUMBERS_LETTERS = 2900;
const REPORTS_MAX = 50;

/** @type {LiveTable<NoticeRow[]>} */
const notices = new LiveTable(() => ask_rows({ notices: {} }, 'notices', 'NoticeRow', 'notice', 1), (kind) => kind.startsWith('notice_'), []);
const chosen = signal('');
/** Words by the event they lie beside, each opened once. @type {import('../vendor/signals.js').Signal<Record<string, string>>} */
const opened = signal(/** @type {Record<string, string>} */ ({}));
/** What was told of recipients since the page stands, the newest first. @type {import('../vendor/signals.js').Signal<{ seq: string, at_ms: number, notice: string, said: any }[]>} */
const reports = signal(/** @type {any[]} */ ([]));

const row = computed(() => notices.rows.value.find((one) => one.notice === chosen.value));
const is_mine = (/** @type {number | undefined} */ user) => user !== undefined && user === me.value?.user;
const waits = (/** @type {NoticeRow | undefined} */ one) => is_set(one?.waiting);
const stands = (/** @type {string[]} */ ...states) => states.includes(row.value?.state ?? '');

async function open_words() {
    const one = row.value;
    if (!one) return;
    for (const seq of [one.words, one.waiting].filter((at) => is_set(at) && !(at in opened.value))) {
        const person = await open_person(one.notice, 'supervision', { seq });
        if (!person) return;
        opened.value = { ...opened.value, [seq]: person.text ?? '' };
    }
}

/** How long, in how many pieces, and how many those are for everybody. @param {{ text: string }} props */
function Length({ text }) {
    const { gsm7, units, pieces } = count_pieces(text);
    const total = row.value?.total ?? 0;
    return html`<span class="quiet digits">${gsm7 ? 'GSM-7' : 'UCS-2'} ${units} · ${t('notices.pieces', { n: pieces })}${total ? ` · ${t('notices.all_pieces', { n: pieces * total })}` : ''}</span>`;
}

/** What goes out and what shall, beside each other. @param {{ next: string }} props */
function Both({ next }) {
    const one = row.value;
    if (!one) return '';
    const before = opened.value[one.words];
    return html`<dl class="facts notice-both"><div class="whole"><dt>${t('notices.before')}</dt><dd class="said">${before ?? html`<span class="quiet">${t('notices.closed')}</span>`}</dd></div>
        <div class="whole"><dt>${t('notices.after')}</dt><dd class="said">${next || '–'} ${next ? html`<${Length} text=${next} />` : ''}</dd></div>
        ${one.state === 'drafted' ? '' : html`<div class="whole"><dt>${t('notices.whom')}</dt><dd>${t('notices.reach', { has: one.has_last + one.has_other + one.has_either, out: Math.max(0, one.ordered - one.delivered - one.failed - one.excused), none: Math.max(0, one.total - one.ordered) })}</dd></div>`}</dl>`;
}

const reason = { name: 'reason', kind: 'words', label: 'notices.wrong', most: REASON_LETTERS };
/** @type {Record<string, import('./ask.js').Doing>} */
const table = {
    create: { key: 'KeyN', may: () => true, hint: () => t('notices.create_hint'),
        fields: [{ name: 'text', kind: 'words', label: 'notices.words', must: true }, { name: 'night', kind: 'words', label: 'notices.night', most: REASON_LETTERS },
            { name: 'rate', kind: 'number', label: 'notices.rate' }, { name: 'line', kind: 'line', label: 'queue.line' }],
        command: ({ night, rate, line }) => ({ notice_create: { rate: Number(rate) || 0, line: line || 0, reason: (night ?? '').trim() } }),
        preview: ({ text }) => text ? html`<p><${Length} text=${text} /></p>` : '' },
    add: { key: 'KeyA', may: () => stands('drafted'), hint: () => t('notices.add_hint'),
        fields: [{ name: 'text', kind: 'words', label: 'notices.numbers', must: true, most: NUMBERS_LETTERS }], command: () => ({ notice_add: { notice: chosen.value } }) },
    start: { key: 'KeyS', tone: 'danger', may: () => stands('drafted') && !is_mine(row.value?.created_by) && (row.value?.total ?? 0) > 0, fields: [],
        hint: () => t('notices.start_hint', { n: row.value?.total ?? 0 }), command: () => ({ notice_start: { notice: chosen.value } }), preview: () => html`<${Words} />` },
    pause: { key: 'KeyP', may: () => stands('running'), command: () => ({ notice_pause: { notice: chosen.value } }) },
    go_on: { key: 'KeyG', may: () => stands('paused') && !(waits(row.value) && is_mine(row.value?.corrected_by)), fields: [],
        hint: () => waits(row.value) ? t('notices.go_on_hint', { why: row.value?.correction ?? '' }) : '', command: () => ({ notice_go_on: { notice: chosen.value } }),
        preview: () => waits(row.value) ? html`<${Both} next=${opened.value[row.value?.waiting ?? ''] ?? t('notices.closed')} />` : '' },
    correct: { key: 'KeyC', tone: 'danger', may: () => stands('drafted', 'running', 'paused', 'done'), hint: () => t(stands('drafted') ? 'notices.draft_hint' : 'notices.correct_hint'),
        fields: () => [{ name: 'text', kind: 'words', label: 'notices.words', must: true }, { ...reason, must: !stands('drafted') }],
        command: ({ reason: wrong }) => ({ notice_correct: { notice: chosen.value, reason: (wrong ?? '').trim() } }), preview: ({ text }) => html`<${Both} next=${text ?? ''} />` },
    again: { key: 'KeyR', may: () => stands('done') && (row.value?.edition ?? 1) > 1 && (row.value?.has_other ?? 0) + (row.value?.has_either ?? 0) > 0, fields: [],
        hint: () => t('notices.again_hint', { n: (row.value?.has_other ?? 0) + (row.value?.has_either ?? 0) }), command: () => ({ notice_again: { notice: chosen.value } }) },
    stop: { key: 'KeyX', tone: 'danger', may: () => stands('drafted', 'running', 'paused'), fields: [], hint: () => t('notices.stop_hint'), command: () => ({ notice_stop: { notice: chosen.value } }) },
};
const notice_asks = make_asks({ id: 'notice', words: 'notices', table, subject: () => chosen.value, home: 'notice-list' });

function Words() {
    const one = row.value;
    if (!one) return '';
    const wanted = [one.words, one.waiting].some((seq) => is_set(seq) && !(seq in opened.value));
    const line = (/** @type {string} */ label, /** @type {string} */ seq) => html`<div class="whole"><dt>${t(label)}</dt>
        <dd class="said">${opened.value[seq] || '–'} <${Length} text=${opened.value[seq] ?? ''} /></dd></div>`;
    if (wanted) return html`<p class="acts"><${Act} keys="W" onClick=${open_words}>${t('notices.open')}<//> <span class="quiet">${t('dept.open_hint')}</span></p>`;
    return html`<dl class="facts">${is_set(one.words) ? line(waits(one) ? 'notices.before' : 'notices.words', one.words) : ''}${waits(one) ? line('notices.after', one.waiting) : ''}</dl>`;
}

/** @param {{ one: NoticeRow }} props */
function Facts({ one }) {
    const fact = (/** @type {string} */ label, /** @type {any} */ value) => html`<div><dt>${t(label)}</dt><dd class="digits">${value}</dd></div>`;
    return html`<label class="notice-progress">${t('notices.progress', { n: one.ordered, all: one.total })} <progress max=${one.total || 1} value=${one.ordered}></progress></label>
        <dl class="facts">${fact('notices.by', user_name(one.created_by))}${fact('notices.second', one.started_by ? user_name(one.started_by) : '–')}${fact('notices.rate', one.rate)}
            ${fact('notices.delivered', one.delivered)}${fact('notices.failed', one.failed)}${fact('notices.excused', one.excused)}
            ${one.reason ? html`<div class="whole"><dt>${t('notices.night')}</dt><dd>${one.reason}</dd></div>` : ''}
            ${one.correction ? html`<div class="whole"><dt>${t('notices.wrong')}</dt><dd>${one.correction}${one.corrected_by ? ` · ${user_name(one.corrected_by)}` : ''}</dd></div>` : ''}</dl>
        ${one.edition > 1 ? html`<h3>${t('notices.who_has')}</h3><dl class="facts">${['last', 'other', 'either'].map((has) => html`<div key=${has}><dt>${said('notice_has', has)}</dt>
            <dd class="digits">${/** @type {any} */ (one)[`has_${has}`]}</dd></div>`)}${fact('notices.once_more', one.again)}</dl>` : ''}`;
}

/** Each delivery with the words the citizen has by it. */
function Reports() {
    const list = reports.value.filter((one) => one.notice === chosen.value);
    return html`<h3>${t('notices.deliveries')} <span class="count">${list.length}</span></h3>
        ${list.length ? html`<ul class="texts">${list.map((one) => html`<li key=${one.seq}><span class="digits quiet">${time_of_day(one.at_ms)}</span> <span class="digits">#${one.said.text}</span>
            <span class=${`tag ${one.said.state === 'failed' ? 'bad' : one.said.state === 'delivered' ? 'good' : ''}`}>${said('text_state', one.said.state)}</span>
            ${one.said.has ? html`<span class="right">${said('notice_has', one.said.has)}${one.said.had ? html` <span class="quiet">${t('notices.had', { words: said('notice_has', one.said.had) })}</span>` : ''}</span>` : ''}</li>`)}</ul>`
        : html`<p class="quiet">${t('notices.no_deliveries')}</p>`}`;
}

/** @param {{ onClose: () => void }} props */
export function CityNotices({ onClose }) {
    useEffect(() => notices.start(), []);
    useEffect(() => on_event(({ event, seq }) => {
        if (kind_of(event) !== 'notice_reported') return;
        reports.value = [{ seq: String(seq), at_ms: Number(event.at_ms), notice: event.notice, said: event.notice_reported }, ...reports.peek()].slice(0, REPORTS_MAX);
    }), []);
    useEffect(() => notice_asks.close(), [chosen.value]);
    const within = () => document.getElementById('notice-panel');
    use_keys([...notice_asks.keys(within),
        { key: 'KeyW', words: 'notices.open', act: () => void open_words(), within, when: () => Boolean(row.value) },
        { key: 'Escape', words: 'key.close', act: onClose, within, when: () => !notice_asks.form.value },
    ]);
    const one = row.value;
    return html`<div id="notice-panel" class="panel-columns"><div class="scroll panel-left">
            <${List} id="notice-list" label=${t('notices.title')} rows=${notices.rows.value} by=${(/** @type {any} */ at) => at.notice} autofocus chosen=${chosen.value}
                onChoose=${(/** @type {string} */ key) => { chosen.value = key; }} empty=${t('notices.none')} tone=${(/** @type {any} */ at) => waits(at) ? 'over' : ''}
                show=${(/** @type {any} */ at) => html`<div class="line-1"><span class="digits">#${at.notice}</span> <span class="tag state">${said('notice_state', at.state)}</span>
                    ${waits(at) ? html`<span class="tag warn">${t('notices.waits')}</span>` : ''}<span class="right digits">${at.ordered}/${at.total}</span></div>
                    <div class="line-2">${user_name(at.created_by)}<span class="right quiet digits">${day_and_time(at.created_ms)}</span></div>`} />
            <${notice_asks.View} /></div>
        <div class="scroll" tabindex="0" role="region" aria-label=${t('notices.one')}>${one ? html`<${Facts} one=${one} /><${Words} /><${Reports} />` : html`<p class="quiet">${t('notices.hint')}</p>`}</div></div>`;
}
