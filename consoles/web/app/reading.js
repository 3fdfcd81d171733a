// SPDX-License-Identifier: GPL-3.0-or-later
// What must be read (Ctrl+F8): one's own articles, opened and said to be read by key; for supervisors and reviewers the
// lists, whom each concerns, and who has not read what, the overdue first.
import { html, signal, useEffect, useRef, use_dialog } from './ui.js';
import { List } from './list.js';
import { Act } from './pick.js';
import { ask_rows, has_role, me } from './store.js';
import { complete } from './row.js';
import { on_event, query } from './socket.js';
import { day_and_time, now } from './clock.js';
import { department_name, user_name } from './marks.js';
import { due, is_late } from './due.js';
import { language, name_of, said, t } from './words.js';
import { notify, told } from './notice.js';
import { send } from './outbox.js';
import { take_table } from './export.js';
import { is_composing, use_keys } from './keys.js';
import { words } from './schema.js';

/**
 * @typedef {import('./schema.js').ReadingRow} ReadingRow
 * @typedef {import('./schema.js').ReadingListRow} ReadingListRow
 * @typedef {import('./schema.js').ReadingProgressRow} ReadingProgressRow
 * @typedef {import('./schema.js').ArticleDetail} ArticleDetail
 */
const DAY_MS = 24 * 3600 * 1000;
const NAME_LETTERS = 30; // 96 bytes
const PROGRESS_PAGES = 100;
const shown = signal(false);
/** 'own' | 'lists' */
const face = signal('own');
const chosen = signal('');
/** @type {import('../vendor/signals.js').Signal<ArticleDetail | null>} */
const open = signal(/** @type {any} */ (null));
/** @type {import('../vendor/signals.js').Signal<ReadingListRow[]>} */
const lists = signal(/** @type {any[]} */ ([]));
const list = signal('');
/** @type {import('../vendor/signals.js').Signal<ReadingProgressRow[]>} */
const progress = signal(/** @type {any[]} */ ([]));
const wanted = signal({ name: '', role: 'taker', days: '30', articles: '' });

const gives = () => has_role('supervisor') || has_role('reviewer');
const title_of = (/** @type {{ title_zh: string, title_en: string }} */ one) => language.value === 'zh' ? one.title_zh : one.title_en || one.title_zh;
const id_of = (/** @type {ReadingRow} */ row) => `${row.list}-${row.article}`;
const focus = (/** @type {string} */ id) => requestAnimationFrame(() => document.getElementById(id)?.focus());

/* A call goes first: the dialog steps aside. */
on_event(({ event }) => { if ('offer_made' in event && event.taker === me.peek()?.user) shown.value = false; });

export function open_reading() {
    if (me.peek()) shown.value = true;
}

/** @param {ReadingRow} row */
async function look(row) {
    const answer = await query({ article: { article: row.article, edition: row.edition } });
    if (!answer || answer.refusal) return notify('bad', t('knowledge.gone'));
    open.value = complete('ArticleDetail', answer.article_detail);
    return focus('reading-article');
}

function back() {
    open.value = null;
    focus('reading-list');
}

async function confirm() {
    const detail = open.value;
    if (!detail || !told(await send({ reading_confirm: { article: detail.row.article, edition: detail.edition.edition } }))) return;
    back();
}

async function load_lists() {
    const rows = await ask_rows({ reading_lists: {} }, 'reading_lists', 'ReadingListRow', 'list');
    if (rows) lists.value = rows.filter((one) => !Number(one.ended_ms)).reverse();
}

/** The overdue first, then what is due next, then who has read all. @param {ReadingProgressRow} one @param {ReadingProgressRow} other */
const by_need = (one, other) => other.overdue - one.overdue || (Number(one.due_ms) || Infinity) - (Number(other.due_ms) || Infinity) || one.user - other.user || 0;

/** @param {ReadingListRow} row */
async function load_progress(row) {
    list.value = String(row.list);
    const rows = await ask_rows({ reading_progress: { list: row.list } }, 'reading_progress', 'ReadingProgressRow', 'user', PROGRESS_PAGES);
    if (rows && list.value === String(row.list)) progress.value = rows.sort(by_need);
}

/** As a file: for those whom the trail lets take one. */
const may_take = () => list.value !== '' && (has_role('supervisor') || has_role('operator'));
const take = () => take_table('reading', { reading_progress: { list: Number(list.peek()) } });

/** @param {any} event */
async function assign(event) {
    event.preventDefault();
    if (is_composing(event)) return; /* Enter was the input method's */
    const { name, role, days, articles } = wanted.value;
    const numbers = articles.split(/[^0-9]+/).filter(Boolean).map(Number);
    if (!told(await send({ reading_assign: { name_zh: name.trim(), name_en: name.trim(), ...(role === 'none' ? {} : { role }),
        due_ms: String(now.peek() + Number(days) * DAY_MS), articles: numbers } }))) return;
    wanted.value = { ...wanted.value, name: '', articles: '' };
    notify('good', t('reading.assigned'));
}

/** @param {keyof typeof wanted.value} name */
const into = (name) => (/** @type {any} */ event) => { wanted.value = { ...wanted.value, [name]: event.currentTarget.value }; };

function Own() {
    const box = useRef(/** @type {HTMLElement | null} */ (null));
    const detail = open.value;
    use_keys([{ key: 'KeyY', words: 'reading.confirm', within: () => box.current, when: () => open.value !== null, act: () => void confirm() },
        { key: 'KeyB', words: 'key.back', within: () => box.current, when: () => open.value !== null, act: back }]);
    return html`<div ref=${box} class="reading-box">
        ${detail ? '' : html`<${List} id="reading-list" label=${t('reading.own')} rows=${due.rows.value} by=${id_of} chosen=${chosen.value} autofocus
            onChoose=${(/** @type {string} */ key) => { chosen.value = key; }} onOpen=${(/** @type {ReadingRow} */ row) => void look(row)} empty=${t('reading.none')}
            show=${(/** @type {ReadingRow} */ row) => html`<div class="line-1"><b>${title_of(row)}</b>
                <span class=${`tag right ${is_late(row) ? 'warn' : ''}`}>${row.list ? `${t(is_late(row) ? 'reading.late' : 'reading.by')} ${day_and_time(Number(row.due_ms))}` : t('reading.answered')}</span></div>
                <div class="line-2 quiet">${row.list ? name_of(row) : t('reading.you_corrected')}${row.read ? ` · ${t('reading.newer', { n: row.read })}` : ''}</div>`} />`}
        ${detail ? html`<article id="reading-article" class="know-article" tabindex="0" aria-labelledby="reading-head">
            <h3 id="reading-head">${title_of(detail.edition.head)}</h3><p class="quiet">${t('knowledge.edition', { n: detail.edition.edition })}</p>
            ${language.value === 'en' && detail.edition.head.summary_en ? html`<p>${detail.edition.head.summary_en}</p>` : ''}
            ${detail.paragraphs.map((one) => html`<p key=${one.paragraph} lang="zh-CN">${one.text}</p>`)}
            <p class="acts"><${Act} keys="Y" tone="main" onClick=${() => void confirm()}>${t('reading.confirm')}<//><${Act} keys="B" onClick=${back}>${t('form.back')}<//></p></article>` : ''}</div>`;
}

/** @param {ReadingProgressRow} row */
const Person = (row) => html`<tr key=${row.user}><th scope="row">${user_name(row.user)}</th><td class="digits">${row.read} / ${row.articles}</td>
    <td>${row.overdue ? html`<b class="tag warn">${t('reading.overdue', { n: row.overdue })}</b>` : ''} ${Number(row.due_ms) ? day_and_time(Number(row.due_ms)) : t('reading.all_read')}</td>
    <td class="digits">${row.owed.join(' ')}</td></tr>`;

function Lists() {
    const box = useRef(/** @type {HTMLElement | null} */ (null));
    use_keys([{ key: 'KeyC', words: 'audit.csv', within: () => box.current, when: may_take, act: () => void take() }]);
    useEffect(() => {
        void load_lists();
        return on_event(({ event }) => {
            const kind = Object.keys(event).find((one) => one.startsWith('reading_'));
            if (!kind) return;
            void load_lists();
            const row = lists.value.find((one) => String(one.list) === list.value);
            if (row) void load_progress(row);
        });
    }, []);
    const who = (/** @type {ReadingListRow} */ row) => [!row.role || row.role === 'none' ? t('reading.everybody') : said('role', row.role), row.department ? department_name(row.department) : '', row.line || ''].filter(Boolean).join(' · ');
    return html`<div ref=${box} class="reading-box"><${List} id="reading-lists" label=${t('reading.lists')} rows=${lists.value} by=${(/** @type {ReadingListRow} */ row) => String(row.list)} chosen=${list.value}
            onChoose=${(/** @type {string} */ key) => { const row = lists.value.find((one) => String(one.list) === key); if (row) void load_progress(row); }} empty=${t('reading.no_list')}
            show=${(/** @type {ReadingListRow} */ row) => html`<div class="line-1"><b>${name_of(row)}</b><span class="tag right">${t('reading.by')} ${day_and_time(Number(row.due_ms))}</span></div>
                <div class="line-2 quiet">${who(row)} · ${t('reading.articles', { n: row.articles.length })}</div>`} />
        ${list.value ? html`<div class="scroll" tabindex="0" role="region" aria-label=${t('reading.progress')}><table><thead><tr><th scope="col">${t('reading.person')}</th><th scope="col">${t('reading.read')}</th>
            <th scope="col">${t('reading.by')}</th><th scope="col">${t('reading.not_read')}</th></tr></thead><tbody>${progress.value.map(Person)}</tbody></table></div>
            ${may_take() ? html`<p class="acts"><${Act} keys="C" onClick=${() => void take()}>${t('audit.csv')}<//></p>` : ''}` : ''}
        <form onSubmit=${assign}><h3>${t('reading.assign')}</h3>
            <div class="field"><label for="reading-name">${t('reading.name')}</label><input id="reading-name" type="text" required maxlength=${NAME_LETTERS} autocomplete="off" value=${wanted.value.name} onInput=${into('name')} /></div>
            <div class="field"><label for="reading-role">${t('reading.role')}</label><select id="reading-role" value=${wanted.value.role} onChange=${into('role')}>
                ${words.role.filter((one) => one && !['auditor', 'operator', 'security'].includes(one)).map((one) => html`<option key=${one} value=${one}>${one === 'none' ? t('reading.everybody') : said('role', one)}</option>`)}</select></div>
            <div class="field"><label for="reading-days">${t('reading.days')}</label><input id="reading-days" type="number" min="1" max="365" required value=${wanted.value.days} onInput=${into('days')} /></div>
            <div class="field"><label for="reading-articles">${t('reading.numbers')}</label><input id="reading-articles" type="text" required pattern="[0-9 ,，、]+" autocomplete="off" value=${wanted.value.articles} onInput=${into('articles')} /></div>
            <button type="submit" class="act">${t('reading.assign')} <kbd>Enter</kbd></button></form></div>`;
}

export function Reading() {
    const dialog = use_dialog(shown.value);
    if (!shown.value) return html`<dialog ref=${dialog} class="glass reading"></dialog>`;
    const turn = () => { face.value = face.value === 'own' ? 'lists' : 'own'; focus(face.value === 'own' ? 'reading-list' : 'reading-lists'); };
    return html`<dialog ref=${dialog} class="glass reading" aria-labelledby="reading-title" onClose=${() => { shown.value = false; open.value = null; }}>
        <h2 id="reading-title">${t(face.value === 'own' ? 'reading.own' : 'reading.lists')}</h2>
        ${face.value === 'lists' && gives() ? html`<${Lists} />` : html`<${Own} />`}
        <p class="acts">${gives() ? html`<button type="button" id="reading-turn" class="act" onClick=${turn}>${t(face.value === 'own' ? 'reading.lists' : 'reading.own')}</button>` : ''}
            <button type="button" class="plain" onClick=${() => { shown.value = false; }}>${t('form.back')} <kbd>Esc</kbd></button></p></dialog>`;
}
