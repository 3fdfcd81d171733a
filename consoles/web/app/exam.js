// SPDX-License-Identifier: GPL-3.0-or-later
// Tests (Ctrl+F7): what one has to take, an attempt question by question, and once it is closed what was right and where
// it is said. Nothing of it stands between a person and a call: it is a dialog, and Esc leaves it where it is.
import { html, signal, useEffect, useRef, use_dialog } from './ui.js';
import { List } from './list.js';
import { Act } from './pick.js';
import { ask_rows, has_role, me } from './store.js';
import { complete } from './row.js';
import { on_event, query } from './socket.js';
import { day_and_time, now, span } from './clock.js';
import { exams, left_of } from './due.js';
import { later } from './later.js';
import { language, t } from './words.js';
import { notify, told } from './notice.js';
import { send } from './outbox.js';
import { use_keys } from './keys.js';

/**
 * @typedef {import('./schema.js').ExamStanding} ExamStanding
 * @typedef {import('./schema.js').ExamQuestionRow} ExamQuestionRow
 * @typedef {import('./schema.js').ExamMark} ExamMark
 */
const Office = later(() => import('./exam-office.js'), 'ExamOffice');
const shown = signal(false);
/** 'own' | 'office' */
const face = signal('own');
const chosen = signal('');
const open = signal(0); // the test whose paper is shown
/** @type {import('../vendor/signals.js').Signal<ExamQuestionRow[]>} */
const paper = signal(/** @type {any[]} */ ([]));
/** @type {import('../vendor/signals.js').Signal<ExamMark[]>} */
const marks = signal(/** @type {any[]} */ ([]));
const at = signal(0);
/** @type {import('../vendor/signals.js').Signal<number[]>} */
const ticked = signal(/** @type {number[]} */ ([]));

const gives = () => has_role('supervisor') || has_role('reviewer');
const focus = (/** @type {string} */ id) => requestAnimationFrame(() => document.getElementById(id)?.focus());
export const title_of = (/** @type {{ title_zh: string, title_en: string }} */ one) => language.value === 'zh' ? one.title_zh : one.title_en || one.title_zh;
const standing = () => exams.rows.value.find((one) => one.exam.exam === open.value);
const runs = (/** @type {ExamStanding | undefined} */ one) => !!one && Number(one.sitting.until_ms) > now.value;
const mark_of = (/** @type {number} */ question) => marks.value.find((one) => one.question === question);
const words_of = (/** @type {ExamQuestionRow} */ row, /** @type {number} */ option) =>
    row.kind === 'true_false' ? t(option === 1 ? 'exam.true' : 'exam.false') : row.options.split('\n')[option - 1] ?? '';

/* A call goes first: the dialog steps aside, the attempt goes on. */
on_event(({ event }) => { if ('offer_made' in event && event.taker === me.peek()?.user) shown.value = false; });

export function open_exams() {
    if (me.peek()) shown.value = true;
}

async function load_marks() {
    const answer = await query({ exam_marks: { exam: open.value } });
    if (answer && !answer.refusal) marks.value = (answer.exam_marks?.rows ?? []).map((/** @type {any} */ one) => complete('ExamMark', one));
}

async function load_paper() {
    const rows = await ask_rows({ exam_paper: { exam: open.value, user: me.peek()?.user } }, 'exam_paper', 'ExamQuestionRow', 'question');
    await load_marks();
    if (!rows) return;
    paper.value = rows;
    at.value = Math.max(0, rows.findIndex((one) => !mark_of(one.question)?.chosen.length));
    ticked.value = [];
    focus(runs(standing()) ? 'exam-question' : 'exam-result');
}

/** @param {ExamStanding} row */
function look(row) {
    open.value = row.exam.exam;
    paper.value = [];
    marks.value = [];
    if (!Number(row.sitting.attempt)) focus('exam-door');
}

const begin = async () => told(await send({ exam_begin: { exam: open.value } }));

function back() {
    open.value = 0;
    focus('exam-list');
}

const turn_to = (/** @type {number} */ place) => {
    at.value = Math.min(paper.value.length - 1, Math.max(0, place));
    ticked.value = [];
    focus('exam-question');
};

async function say() {
    const row = paper.value[at.value];
    if (!row || !ticked.value.length || mark_of(row.question)?.chosen.length) return;
    if (!told(await send({ exam_answer: { exam: open.value, question: row.question, chosen: ticked.value } }))) return;
    await load_marks();
    turn_to(at.value + 1);
}

async function hand_in() {
    if (told(await send({ exam_hand_in: { exam: open.value } }))) notify('good', t('exam.handed_in'));
}

/** @param {ExamQuestionRow} row @param {number} option */
function tick(row, option) {
    const had = ticked.value.includes(option);
    if (row.kind !== 'multiple') ticked.value = [option];
    else ticked.value = had ? ticked.value.filter((one) => one !== option) : [...ticked.value, option].sort();
}

function Question() {
    const row = paper.value[at.value];
    const one = standing();
    const said = row ? mark_of(row.question)?.chosen ?? [] : [];
    if (!row || !one) return '';
    const answered = marks.value.filter((mark) => mark.chosen.length).length;
    return html`<form id="exam-question" tabindex="-1" onSubmit=${(/** @type {Event} */ event) => { event.preventDefault(); void say(); }}>
        <p class="quiet">${t('exam.place', { n: at.value + 1, of: paper.value.length })} · ${t('exam.answered', { n: answered })} · <b class="digits">${t('exam.left', { time: span(Math.max(0, Number(one.sitting.until_ms) - now.value)) })}</b></p>
        <fieldset disabled=${said.length > 0}><legend><span lang="zh-CN">${row.text}</span> <span class="quiet">${t(`exam.${row.kind}`)}</span></legend>
            ${row.order.map((option, place) => html`<div key=${option}><label><input type=${row.kind === 'multiple' ? 'checkbox' : 'radio'} name=${`exam-${row.question}`}
                checked=${(said.length ? said : ticked.value).includes(option)} onChange=${() => tick(row, option)} /> <kbd>${place + 1}</kbd> <span lang="zh-CN">${words_of(row, option)}</span></label></div>`)}</fieldset>
        <p class="quiet">${t(said.length ? 'exam.stands' : 'exam.will_stand')}</p>
        <p class="acts"><button type="submit" class="act main" disabled=${said.length > 0}>${t('exam.say')} <kbd>Enter</kbd></button>
            <${Act} keys="P" onClick=${() => turn_to(at.value - 1)}>${t('exam.previous')}<//><${Act} keys="N" onClick=${() => turn_to(at.value + 1)}>${t('exam.next')}<//>
            <${Act} keys="H" onClick=${() => void hand_in()}>${t('exam.hand_in')}<//><${Act} keys="B" onClick=${back}>${t('form.back')}<//></p></form>`;
}

/** @param {{ row: ExamQuestionRow }} props */
function Marked({ row }) {
    const mark = mark_of(row.question);
    const list = (/** @type {number[]} */ options) => options.map((one) => words_of(row, one)).join('；') || t('exam.nothing');
    const good = !!mark && mark.right.length > 0 && mark.right.join() === mark.chosen.join();
    return html`<li><span lang="zh-CN">${row.text}</span> <b class=${good ? 'tag' : 'tag warn'}>${t(good ? 'exam.good' : 'exam.bad')}</b>
        <div class="quiet">${t('exam.chosen')} <span lang="zh-CN">${list(mark?.chosen ?? [])}</span></div>
        ${good || !mark?.right.length ? '' : html`<div>${t('exam.right')} <b lang="zh-CN">${list(mark.right)}</b>${mark.article ? ` · ${t('exam.read_again', { n: mark.article })}` : ''}</div>`}</li>`;
}

function Door() {
    const one = standing();
    if (!one) return '';
    const used = Number(one.sitting.attempt) > 0;
    return html`<article id=${used ? 'exam-result' : 'exam-door'} class="know-article" tabindex="0" aria-labelledby="exam-head"><h3 id="exam-head">${title_of(one.exam)}</h3>
        <p>${t('exam.terms', { n: one.exam.questions, pass: one.exam.pass, minutes: one.exam.minutes, left: left_of(one) })}</p>
        ${used && Number(one.sitting.closed_ms) ? html`<p><b class=${Number(one.sitting.passed_ms) ? 'tag' : 'tag warn'}>${t(Number(one.sitting.passed_ms) ? 'exam.passed' : 'exam.failed')}</b>
            ${t('exam.score', { right: one.sitting.last, of: one.exam.questions })}${one.sitting.expired ? ` · ${t('exam.expired')}` : ''}</p><ol>${paper.value.map((row) => html`<${Marked} key=${row.question} row=${row} />`)}</ol>` : ''}
        <p class="quiet">${t('exam.calls_first')}</p>
        <p class="acts">${left_of(one) ? html`<${Act} keys="Y" tone="main" onClick=${() => void begin()}>${t('exam.begin')}<//>` : ''}<${Act} keys="B" onClick=${back}>${t('form.back')}<//></p></article>`;
}

function Own() {
    const box = useRef(/** @type {HTMLElement | null} */ (null));
    const within = () => box.current;
    const taking = () => open.value !== 0 && runs(standing());
    const last = standing()?.sitting;
    /* Begun or closed, here, elsewhere or by the clock: the paper follows. */
    useEffect(() => { if (open.value && Number(last?.attempt)) void load_paper(); }, [open.value, last?.attempt, last?.closed_ms]);
    use_keys([{ key: 'KeyY', words: 'exam.begin', within, when: () => !taking() && !!standing() && left_of(standing()) > 0, act: () => void begin() },
        { key: 'KeyB', words: 'key.back', within, when: () => open.value !== 0, act: back },
        { key: 'KeyN', words: 'exam.next', within, when: taking, act: () => turn_to(at.value + 1) },
        { key: 'KeyP', words: 'exam.previous', within, when: taking, act: () => turn_to(at.value - 1) },
        { key: 'KeyH', words: 'exam.hand_in', within, when: taking, act: () => void hand_in() },
        ...[1, 2, 3, 4, 5, 6].map((digit) => ({ key: `Digit${digit}`, words: 'exam.tick', within, when: taking, act: () => {
            const row = paper.value[at.value], option = row?.order[digit - 1];
            if (row && option && !mark_of(row.question)?.chosen.length) tick(row, option);
        } }))]);
    return html`<div ref=${box} class="reading-box">${open.value ? (runs(standing()) ? html`<${Question} />` : html`<${Door} />`) : html`<${List} id="exam-list" label=${t('exam.own')} rows=${exams.rows.value} by=${(/** @type {ExamStanding} */ row) => String(row.exam.exam)}
        chosen=${chosen.value} autofocus onChoose=${(/** @type {string} */ key) => { chosen.value = key; }} onOpen=${look} empty=${t('exam.none')}
        show=${(/** @type {ExamStanding} */ row) => html`<div class="line-1"><b>${title_of(row.exam)}</b><span class=${`tag right ${runs(row) ? 'warn' : ''}`}>${runs(row) ? t('exam.runs')
            : Number(row.sitting.passed_ms) ? t('exam.passed') : `${t('reading.by')} ${day_and_time(Number(row.exam.due_ms))}`}</span></div>
            <div class="line-2 quiet">${t('exam.terms', { n: row.exam.questions, pass: row.exam.pass, minutes: row.exam.minutes, left: left_of(row) })}</div>`} />`}</div>`;
}

export function Exam() {
    const dialog = use_dialog(shown.value);
    if (!shown.value) return html`<dialog ref=${dialog} class="glass reading"></dialog>`;
    const turn = () => { face.value = face.value === 'own' ? 'office' : 'own'; focus(face.value === 'own' ? 'exam-list' : 'exams'); };
    return html`<dialog ref=${dialog} class="glass reading exam" aria-labelledby="exam-heading" onClose=${() => { shown.value = false; open.value = 0; }}>
        <h2 id="exam-heading">${t(face.value === 'own' ? 'exam.own' : 'exam.all')}</h2>
        ${face.value === 'office' && gives() ? html`<${Office} />` : html`<${Own} />`}
        <p class="acts">${gives() ? html`<button type="button" id="exam-turn" class="act" onClick=${turn}>${t(face.value === 'own' ? 'exam.all' : 'exam.own')}</button>` : ''}
            <button type="button" class="plain" onClick=${() => { shown.value = false; }}>${t('form.back')} <kbd>Esc</kbd></button></p></dialog>`;
}
