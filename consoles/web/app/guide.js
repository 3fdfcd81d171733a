// SPDX-License-Identifier: GPL-3.0-or-later
// Guided questions beside the form: the digit chooses, the answer fills the form and makes the matter
// more urgent; what the caller is to be told stands large. The dispatcher keeps every step.
import { html, signal, useEffect, useRef, useState } from './ui.js';
import { Act } from './pick.js';
import { PriorityMark, category_name } from './marks.js';
import { words_of } from './ask-field.js';
import { draft, write } from './draft.js';
import { city } from './store.js';
import { complete, is_set } from './row.js';
import { on_event, on_welcome, query } from './socket.js';
import { is_composing, use_keys } from './keys.js';
import { departments_of } from './departments.js';
import { category_of } from './store.js';
import { language, name_of, said, t } from './words.js';
import { told } from './notice.js';
import { send } from './outbox.js';

/**
 * @typedef {import('./schema.js').GuideDetail} GuideDetail
 * @typedef {{ questions: import('./schema.js').QuestionRow[], answers: import('./schema.js').AnswerRow[] }} Edition
 */
const PAGES_MAX = 8;

/** The guide of the contact in hand, null: none. */
export const guide = signal(/** @type {GuideDetail | null} */ (null));
/** @type {import('../vendor/signals.js').Signal<Record<string, Edition>>} */
const editions = signal(/** @type {Record<string, Edition>} */ ({}));

const edition_key = (/** @type {GuideDetail} */ one) => `${one.tree}.${one.version}`;
const text_of = (/** @type {{ text_zh: string, text_en: string }} */ row) => language.value === 'zh' ? row.text_zh : row.text_en || row.text_zh;

/** The trees that the category suggests, the most particular first; then all others. */
function trees() {
    const category = String(draft.value.category || '');
    const fit = (/** @type {import('./schema.js').TreeRow} */ row) => Math.max(0, ...row.categories.map((start) => category.startsWith(start) ? start.length : 0));
    return city.rows.value.trees.filter((row) => !row.retired).map((row) => ({ row, fit: category ? fit(row) : 0 })).sort((a, b) => b.fit - a.fit);
}

/** @param {GuideDetail} one */
async function fetch_edition(one) {
    if (editions.value[edition_key(one)]) return;
    /** @type {Edition} */
    const made = { questions: [], answers: [] };
    let more = true;
    let after;
    for (let page = 0; more && page < PAGES_MAX; page++) {
        const answer = await query({ questions: { tree: one.tree, version: one.version, ...(after ? { after } : {}) } });
        if (!answer || answer.refusal) return;
        const got = complete('Questions', answer.questions);
        made.questions.push(...got.questions);
        made.answers.push(...got.answers);
        more = answer.more === true;
        after = answer.next;
    }
    editions.value = { ...editions.value, [edition_key(one)]: made };
}

/** @param {string} contact */
async function load(contact) {
    const answer = await query({ guide: { contact } });
    if (!answer) return;
    const made = answer.refusal ? null : /** @type {GuideDetail} */ (complete('GuideDetail', answer.guide_detail));
    guide.value = made && made.tree ? made : null;
    if (guide.value) await fetch_edition(guide.value);
}

/** Keeps `guide` that of the contact. @param {string} contact '0': none */
export function use_guide(contact) {
    useEffect(() => {
        guide.value = null;
        if (!is_set(contact)) return undefined;
        const again = () => void load(contact);
        const stops = [on_event(({ event }) => { if (event.contact === contact && Object.keys(event).some((kind) => kind.startsWith('guide_'))) again(); }), on_welcome(again)];
        again();
        return () => stops.forEach((stop) => stop());
    }, [contact]);
}

/** @param {string} contact @param {number} tree */
async function begin(contact, tree) {
    if (told(await send({ guide_begin: { contact, tree } }))) await load(contact);
    focus_guide();
}
let owes_focus = false; // to a question that is not drawn yet
function focus_now() {
    /** @type {HTMLElement | null} */ (document.querySelector('.guide-input') ?? document.getElementById('guide-box'))?.focus();
}
export function focus_guide() {
    owes_focus = true;
    requestAnimationFrame(focus_now);
}
function focus_drawn() {
    if (owes_focus) focus_now();
    owes_focus = false;
}
/** F4: the questions that fit best begin, or go on. @param {string} contact */
export function begin_or_focus(contact) {
    const best = trees()[0];
    if (!guide.value && is_set(contact) && best?.fit) void begin(contact, best.row.tree);
    else focus_guide();
}

/** What an answer means for the form. @param {import('./schema.js').QuestionRow} question
 * @param {import('./schema.js').AnswerRow} answer @param {string} words */
function fill(question, answer, words) {
    const one = draft.value;
    if (question.fills === 'address') write({ address: one.address || words });
    else if (question.fills === 'name') write({ name: one.name || words });
    else if (words && question.fills === 'description') write({ text: [one.text, words].filter(Boolean).join('；') });
    else if (words && question.fills !== 'none') write({ text: [one.text, `${said('guide_field', question.fills)}${words}`].filter(Boolean).join('；') });
    if (answer.category && answer.category !== one.category) {
        const row = category_of.value.get(answer.category);
        write({ category: answer.category, ...(row && !one.lead_chosen ? departments_of(row) : {}) });
    }
}

/** @param {import('./schema.js').QuestionRow} question @param {Partial<{ answer: number, value: number, words: string }>} said_ */
async function give(question, { answer = 0, value = 0, words = '' }) {
    const one = guide.value;
    if (!one) return;
    const rows = editions.value[edition_key(one)]?.answers.filter((row) => row.question === question.question) ?? [];
    const row = question.kind === 'number' ? rows.find((r) => value >= r.least && value <= r.most)
        : question.kind === 'text' ? rows[0] : rows.find((r) => r.answer === answer);
    const field = question.fills === 'address' || question.fills === 'name' ? question.fills : 'text';
    const outcome = await send({ guide_answer: { contact: one.contact, question: question.question, ...(answer ? { answer } : {}), ...(value ? { value } : {}) } },
        words && question.kind === 'text' ? { [field]: words } : undefined);
    if (!told(outcome)) return;
    if (row) fill(question, row, question.kind === 'number' ? String(value) : words);
    await load(one.contact);
    if (guide.value?.priority && guide.value.priority !== 'none' && (draft.value.priority === 'none' || guide.value.priority < draft.value.priority))
        write({ priority: guide.value.priority });
    focus_guide();
}
async function undo() {
    const contact = guide.value?.contact;
    if (contact && told(await send({ guide_undo: { contact } }))) await load(contact);
    focus_guide();
}

/** @param {{ question: import('./schema.js').QuestionRow }} props a number or words */
function Typed({ question }) {
    const [words, setWords] = useState('');
    useEffect(() => setWords(''), [question.question]);
    const number = question.kind === 'number';
    const go = () => {
        const plain = words.normalize('NFKC').trim();
        if (!plain || (number && !/^\d{1,6}$/.test(plain))) return;
        void give(question, number ? { value: Number(plain) } : { words: words.trim() });
    };
    const keydown = (/** @type {KeyboardEvent} */ event) => {
        if (is_composing(event) || event.key !== 'Enter' || event.ctrlKey || event.altKey) return;
        event.preventDefault();
        go();
    };
    return html`<div class="field"><label class="sr" for="guide-words">${text_of(question)}</label>
        <input id="guide-words" class="guide-input" type="text" autocomplete="off" maxlength=${number ? 6 : 300} inputmode=${number ? 'numeric' : undefined}
            value=${words} onInput=${(/** @type {any} */ e) => setWords(e.currentTarget.value)} onKeyDown=${keydown} />
        <p class="acts"><${Act} keys="Enter" tone="main" onClick=${go}>${t('guide.note')}<//></p></div>`;
}

/** @param {{ one: GuideDetail, edition: Edition }} props */
function Asked({ one, edition }) {
    const box = useRef(/** @type {HTMLElement | null} */ (null));
    const question = edition.questions.find((row) => row.question === one.question);
    const answers = edition.answers.filter((row) => row.question === one.question);
    const step = one.steps[one.steps.length - 1];
    const last = step && edition.answers.find((row) => row.question === step.question && (row.answer === step.answer || (!step.answer && row.least <= step.value && step.value <= row.most)));
    const instruct = last ? (language.value === 'zh' ? last.instruct_zh : last.instruct_en || last.instruct_zh) : '';
    const within = () => box.current;
    const chooses = Boolean(question && (question.kind === 'choice' || question.kind === 'yes_no'));
    useEffect(focus_drawn, [one.tree, one.question, one.steps.length]);
    use_keys([...Array.from({ length: 9 }, (_, i) => ({ key: `Digit${i + 1}`, words: 'guide.answer_key', within,
        act: () => { if (question && answers.some((row) => row.answer === i + 1)) void give(question, { answer: i + 1 }); }, when: () => chooses })),
    { key: 'KeyU', words: 'guide.undo', within, act: () => void undo(), when: () => one.steps.length > 0 }]);
    return html`<div id="guide-box" class="guide-box" ref=${box} tabindex="0" role="group" aria-labelledby="guide-question">
        ${instruct ? html`<p class="instruct" role="status"><b>${t('guide.tell')}</b> ${instruct}</p>` : ''}
        ${question ? html`<p id="guide-question" class="question" aria-live="polite">${text_of(question)}</p>
            ${chooses ? html`<ol class="guide-answers">${answers.map((row) => html`<li key=${row.answer}><button type="button" class="act" onClick=${() => give(question, { answer: row.answer })}>
                <kbd>${row.answer}</kbd> ${text_of(row)}</button></li>`)}</ol>` : html`<${Typed} question=${question} />`}`
        : html`<p id="guide-question" class="question">✔ ${t('guide.finished')}</p>`}
        <p class="acts"><${Act} keys="U" disabled=${!one.steps.length} onClick=${undo}>${t('guide.undo')}<//>
            <span class="quiet">${t('guide.given', { n: one.steps.length })}</span>
            ${one.proposed !== 'none' ? html`<${Act} keys="" onClick=${() => write({ priority: one.proposed })}>${t('guide.lower')} <${PriorityMark} priority=${one.proposed} /><//>` : ''}</p>
    </div>`;
}

/** @param {{ contact: string }} props */
export function Guide({ contact }) {
    const one = guide.value;
    const edition = one && editions.value[edition_key(one)];
    const row = one && city.rows.value.trees.find((tree) => tree.tree === one.tree);
    if (!is_set(contact)) return html`<p class="quiet none">${t('guide.no_contact')}</p>`;
    return html`${one && row ? html`<p class="guide-head"><b>${name_of(row)}</b> <span class="tag" title=${t('guide.version')}>v${one.version}</span>
            <${PriorityMark} priority=${one.priority} /> ${one.category ? html`<span class="quiet">${category_name(one.category)}</span>` : ''}
            ${words_of('risk', one.risks).map((word) => html`<span class="tag bad" key=${word}>⚠ ${said('risk', word)}</span>`)}</p>` : ''}
        ${one && edition ? html`<${Asked} one=${one} edition=${edition} />` : ''}
        ${!one || !one.question ? html`<ul class="chips" aria-label=${t('guide.trees')}>${trees().filter((tree) => tree.row.tree !== one?.tree).map((tree, i) => html`<li key=${tree.row.tree}>
            <button type="button" class=${`chip ${tree.fit ? 'fit' : ''}`} onClick=${() => begin(contact, tree.row.tree)}>${name_of(tree.row)} ${!one && i === 0 && tree.fit ? html`<kbd>F4</kbd>` : ''}</button></li>`)}</ul>` : ''}`;
}
