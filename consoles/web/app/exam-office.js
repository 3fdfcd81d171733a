// SPDX-License-Identifier: GPL-3.0-or-later
// Tests, for those who write them: all of them, the form of a new one, its questions while it is a draft; and for
// supervisors how everybody stands, as a table and as a file.
import { html, signal, useEffect } from './ui.js';
import { List } from './list.js';
import { Act } from './pick.js';
import { ask_rows, has_role } from './store.js';
import { is_composing } from './keys.js';
import { on_event } from './socket.js';
import { day_and_time, now } from './clock.js';
import { department_name, user_name } from './marks.js';
import { said, t } from './words.js';
import { take_table } from './export.js';
import { notify, told } from './notice.js';
import { send } from './outbox.js';
import { words } from './schema.js';
import { title_of } from './exam.js';

/**
 * @typedef {import('./schema.js').ExamRow} ExamRow
 * @typedef {import('./schema.js').ExamResult} ExamResult
 */
const DAY_MS = 24 * 3600 * 1000;
const TITLE_LETTERS = 30; // 96 bytes
const TEXT_LETTERS = 160; // 500 bytes
const OPTIONS_LETTERS = 190; // 600 bytes
const RESULT_PAGES = 100;
/** @type {import('../vendor/signals.js').Signal<ExamRow[]>} */
const rows = signal(/** @type {any[]} */ ([]));
const chosen = signal('');
/** @type {import('../vendor/signals.js').Signal<ExamResult[]>} */
const results = signal(/** @type {any[]} */ ([]));
const head = signal({ title: '', role: 'taker', pass: '80', attempts: '2', minutes: '60', days: '30' });
const blank = { kind: 'single', text: '', options: '', right: '', article: '' };
const question = signal(blank);
const why = signal('');

const current = () => rows.value.find((one) => String(one.exam) === chosen.value);

async function load() {
    const all = await ask_rows({ exam_list: {} }, 'exam_list', 'ExamRow', 'exam');
    if (all) rows.value = all.filter((one) => one.state !== 'ended').reverse();
}

async function load_results() {
    const row = current();
    if (!row || !has_role('supervisor')) return;
    const all = await ask_rows({ exam_results: { exam: row.exam } }, 'exam_results', 'ExamResult', 'user', RESULT_PAGES);
    if (all && chosen.value === String(row.exam)) results.value = all.sort((one, other) => Number(other.overdue) - Number(one.overdue) || one.user - other.user);
}

/** @param {any} event */
async function draft(event) {
    event.preventDefault();
    if (is_composing(event)) return;
    const { title, role, pass, attempts, minutes, days } = head.value;
    if (!told(await send({ exam_draft: { title_zh: title.trim(), title_en: title.trim(), ...(role === 'none' ? {} : { role }), pass: Number(pass),
        attempts: Number(attempts), minutes: Number(minutes), due_ms: String(now.peek() + Number(days) * DAY_MS) } }))) return;
    head.value = { ...head.value, title: '' };
    notify('good', t('exam.drafted'));
}

/** @param {any} event */
async function write(event) {
    event.preventDefault();
    const row = current();
    const { kind, text, options, right, article } = question.value;
    if (!row || is_composing(event)) return;
    const number = row.questions + 1;
    if (!told(await send({ exam_write: { exam: row.exam, question: number, kind, text: text.trim(),
        ...(kind === 'true_false' ? {} : { options: options.split('\n').map((one) => one.trim()).filter(Boolean).join('\n') }),
        right: right.split(/[^0-9]+/).filter(Boolean).map(Number), ...(Number(article) ? { article: Number(article) } : {}) } }))) return;
    question.value = { ...blank, kind };
    notify('good', t('exam.written', { n: number }));
    document.getElementById('exam-text')?.focus();
}

const step = async (/** @type {any} */ command) => {
    if (told(await send(command))) why.value = '';
};

/** @param {any} of @param {string} name */
const into = (of, name) => (/** @type {any} */ event) => { of.value = { ...of.value, [name]: event.currentTarget.value }; };
const Field = (/** @type {any} */ { of, name, label, ...more }) => html`<div class="field"><label for=${`exam-${name}`}>${label}</label>
    <input id=${`exam-${name}`} type="text" autocomplete="off" ...${more} value=${of.value[name]} onInput=${into(of, name)} /></div>`;

function Head() {
    return html`<form onSubmit=${draft}><h3>${t('exam.new')}</h3>
        <${Field} of=${head} name="title" label=${t('exam.title')} required maxlength=${TITLE_LETTERS} />
        <div class="field"><label for="exam-role">${t('exam.role')}</label><select id="exam-role" value=${head.value.role} onChange=${into(head, 'role')}>
            ${words.role.filter((one) => one && !['auditor', 'operator', 'security'].includes(one)).map((one) => html`<option key=${one} value=${one}>${one === 'none' ? t('reading.everybody') : said('role', one)}</option>`)}</select></div>
        <${Field} of=${head} name="pass" label=${t('exam.pass')} type="number" min="1" max="100" required />
        <${Field} of=${head} name="attempts" label=${t('exam.attempts')} type="number" min="1" max="10" required />
        <${Field} of=${head} name="minutes" label=${t('exam.minutes')} type="number" min="1" max="480" required />
        <${Field} of=${head} name="days" label=${t('exam.days')} type="number" min="1" max="365" required />
        <button type="submit" class="act">${t('exam.new')} <kbd>Enter</kbd></button></form>`;
}

/** @param {{ row: ExamRow }} props */
function Write({ row }) {
    const plain = question.value.kind === 'true_false';
    return html`<form onSubmit=${write}><h3>${t('exam.question', { n: row.questions + 1 })}</h3>
        <div class="field"><label for="exam-kind">${t('exam.kind')}</label><select id="exam-kind" value=${question.value.kind} onChange=${into(question, 'kind')}>
            ${['single', 'multiple', 'true_false'].map((one) => html`<option key=${one} value=${one}>${t(`exam.${one}`)}</option>`)}</select></div>
        <${Field} of=${question} name="text" label=${t('exam.text')} required maxlength=${TEXT_LETTERS} />
        ${plain ? '' : html`<div class="field"><label for="exam-options">${t('exam.options')}</label><textarea id="exam-options" rows="4" required maxlength=${OPTIONS_LETTERS} value=${question.value.options} onInput=${into(question, 'options')}></textarea></div>`}
        <${Field} of=${question} name="right" label=${t(plain ? 'exam.right_of_two' : 'exam.right_numbers')} required pattern="[0-9 ,，、]+" />
        <${Field} of=${question} name="article" label=${t('exam.article')} pattern="[0-9]*" />
        <p class="acts"><button type="submit" class="act">${t('exam.write')} <kbd>Enter</kbd></button>
            <button type="button" id="exam-open" class="act" disabled=${!row.questions} onClick=${() => void step({ exam_open: { exam: row.exam } })}>${t('exam.open')}</button></p></form>`;
}

/** @param {ExamResult} one @param {ExamRow} row */
const Person = (one, row) => html`<tr key=${one.user}><th scope="row">${user_name(one.user)}</th><td>${department_name(one.department)}</td><td class="digits">${one.used} / ${row.attempts}</td>
    <td class="digits">${one.used || Number(one.last_ms) ? `${one.best} / ${one.questions}` : ''}</td>
    <td>${Number(one.passed_ms) ? `${t('exam.passed')} ${day_and_time(Number(one.passed_ms))}` : one.open ? t('exam.runs') : one.overdue ? html`<b class="tag warn">${t('exam.overdue')}</b>` : ''}</td>
    <td>${one.used && !Number(one.passed_ms) && !one.open ? html`<button type="button" class="plain" disabled=${!why.value.trim()}
        onClick=${() => void step({ exam_strike: { exam: row.exam, user: one.user, words: why.value.trim() } })}>${t('exam.strike')}</button>` : ''}</td></tr>`;

/** @param {{ row: ExamRow }} props */
function Standings({ row }) {
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${t('exam.results')}><table><thead><tr><th scope="col">${t('reading.person')}</th><th scope="col">${t('exam.department')}</th>
            <th scope="col">${t('exam.attempts')}</th><th scope="col">${t('exam.best')}</th><th scope="col">${t('exam.state')}</th><th scope="col">${t('exam.strike')}</th></tr></thead>
        <tbody>${results.value.map((one) => Person(one, row))}</tbody></table></div>
        <p class="acts"><${Act} onClick=${() => void take_table(`exam-${row.exam}`, { exam_results: { exam: row.exam } })}>CSV<//></p>`;
}

export function ExamOffice() {
    useEffect(() => {
        void load();
        return on_event(({ event }) => {
            if (!Object.keys(event).some((one) => one.startsWith('exam_'))) return;
            void load();
            void load_results();
        });
    }, []);
    const row = current();
    return html`<div class="reading-box"><${List} id="exams" label=${t('exam.all')} rows=${rows.value} by=${(/** @type {ExamRow} */ one) => String(one.exam)} chosen=${chosen.value}
            onChoose=${(/** @type {string} */ key) => { chosen.value = key; results.value = []; void load_results(); }} empty=${t('exam.no_test')}
            show=${(/** @type {ExamRow} */ one) => html`<div class="line-1"><b>${title_of(one)}</b><span class="tag right">${said('exam_state', one.state)}</span></div>
                <div class="line-2 quiet">${one.role && one.role !== 'none' ? said('role', one.role) : t('reading.everybody')} · ${t('exam.terms', { n: one.questions, pass: one.pass, minutes: one.minutes, left: one.attempts })} · ${t('reading.by')} ${day_and_time(Number(one.due_ms))}</div>`} />
        ${row?.state === 'draft' ? html`<${Write} row=${row} />` : ''}${row?.state === 'open' && has_role('supervisor') ? html`<${Standings} row=${row} />` : ''}
        ${row ? html`<div class="field"><label for="exam-why">${t('exam.why')}</label><input id="exam-why" type="text" autocomplete="off" maxlength="90" value=${why.value} onInput=${(/** @type {any} */ event) => { why.value = event.currentTarget.value; }} /></div>
            <p class="acts"><button type="button" id="exam-end" class="act" disabled=${!why.value.trim()} onClick=${() => void step({ exam_end: { exam: row.exam, words: why.value.trim() } })}>${t('exam.end')}</button></p>` : ''}
        <${Head} /></div>`;
}
