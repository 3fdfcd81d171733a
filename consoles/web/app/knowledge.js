// SPDX-License-Identifier: GPL-3.0-or-later
// The knowledge base beside the form: what fits the record as it fills, a search by Chinese words, pinyin or English, one
// article to read aloud, and what may be done with it: rate, correct, write; review and publish what others wrote.
import { computed, html, signal, useEffect, useRef } from './ui.js';
import { List } from './list.js';
import { Act } from './pick.js';
import { make_asks } from './ask.js';
import { category_name, department_name, user_name } from './marks.js';
import { draft } from './draft.js';
import { has_role, me } from './store.js';
import { complete } from './row.js';
import { on_event, query } from './socket.js';
import { use_keys } from './keys.js';
import { language, said, t } from './words.js';
import { notify, told } from './notice.js';
import { send } from './outbox.js';

/**
 * @typedef {import('./schema.js').ArticleRow} ArticleRow
 * @typedef {import('./schema.js').ArticleDetail} ArticleDetail
 */
const ASK_MS = 300;
const ASKS_MAX = 20; // while the server still gathers the words
const WORDS_BYTES = 600;
const PARAGRAPH_BYTES = 1000;
const PARAGRAPHS_MAX = 12;
const marks = /** @type {const} */ (['useful', 'correct', 'clear', 'current']);

/** What is typed into the search; empty: what the record says. */
const words = signal('');
/** 'find' | 'work': the second lists what waits for a reviewer. */
const list = signal('find');
/** @type {import('../vendor/signals.js').Signal<ArticleRow[]>} */
const found = signal(/** @type {any[]} */ ([]));
const chosen = signal('');
/** @type {import('../vendor/signals.js').Signal<ArticleDetail | null>} */
const open = signal(/** @type {any} */ (null));

const reviews = () => has_role('reviewer') || has_role('supervisor');
const row = computed(() => open.value?.row);
const edition = computed(() => open.value?.edition);
const title_of = (/** @type {{ title_zh: string, title_en: string }} */ one) => language.value === 'zh' ? one.title_zh : one.title_en || one.title_zh;
const is_out = () => row.value !== undefined && row.value.published !== 0 && row.value.published === edition.value?.edition;
const is_draft = () => row.value !== undefined && row.value.drafted !== 0 && row.value.drafted === edition.value?.edition;
const of_others = () => is_draft() && edition.value?.author !== me.value?.user;

/** At most so many bytes of UTF-8, cut between characters. @param {string} text @param {number} bytes */
function cut(text, bytes) {
    let size = 0;
    let end = 0;
    for (const letter of text) {
        size += new TextEncoder().encode(letter).length;
        if (size > bytes) break;
        end += letter.length;
    }
    return text.slice(0, end);
}

/** The question that stands: typed words, else the record's. */
const question = computed(() => {
    if (list.value === 'work') return JSON.stringify({ work: true });
    const said_so_far = words.value.trim() || `${category_name(draft.value.category)} ${draft.value.text}`.trim();
    return JSON.stringify({ words: cut(said_so_far, WORDS_BYTES), ...(draft.value.category ? { category: draft.value.category } : {}) });
});

/** @param {any} asked @returns {Promise<ArticleRow[] | null>} */
async function ask_articles(asked) {
    for (let i = 0; i < ASKS_MAX; i++) {
        const answer = await query({ articles: asked });
        if (!answer || answer.refusal) return null;
        if (!asked.words || !answer.more) return complete('Articles', answer.articles).rows;
    }
    return null;
}

async function ask_work() {
    const drafts = await ask_articles({ state: 'draft' });
    const reviewed = await ask_articles({ state: 'reviewed' });
    return drafts && reviewed ? [...reviewed, ...drafts] : null;
}

/** @param {number} article @param {number} [number] */
async function look(article, number = 0) {
    const answer = await query({ article: { article, ...(number ? { edition: number } : {}) } });
    if (!answer || answer.refusal) return notify('bad', t('knowledge.gone'));
    open.value = complete('ArticleDetail', answer.article_detail);
    requestAnimationFrame(() => document.getElementById('know-article')?.focus());
    return undefined;
}

/** Asks a beat after the last change of the words, and after events about articles. */
function use_found() {
    const asked = question.value;
    useEffect(() => {
        let alive = true;
        const load = async () => {
            const one = JSON.parse(asked);
            const rows = one.work ? await ask_work() : one.words ? await ask_articles(one) : [];
            if (alive && rows) found.value = rows;
        };
        const timer = setTimeout(load, ASK_MS);
        const stop = on_event(({ event }) => {
            if (!Object.keys(event).some((kind) => kind.startsWith('article_'))) return;
            void load();
            if (open.value) void look(open.value.row.article, open.value.edition.edition);
        });
        return () => { alive = false; clearTimeout(timer); stop(); };
    }, [asked]);
}

const grades = ['5', '4', '3', '2', '1'].map((word) => ({ word, label: word }));
/** @type {(name: string, must?: boolean) => import('./ask-field.js').Field} */
const words_field = (name, must = true) => ({ name, kind: 'words', label: `knowledge.${name}`, must });
const named = () => ({ article: row.value?.article ?? 0 });

/** Writes the paragraphs of a draft one by one. @param {number} article @param {string} text */
async function write_text(article, text) {
    const paragraphs = text.split(/\n\s*\n/).map((one) => one.trim()).filter(Boolean);
    if (paragraphs.length > PARAGRAPHS_MAX || paragraphs.some((one) => cut(one, PARAGRAPH_BYTES) !== one))
        return notify('bad', t('knowledge.too_long'));
    for (const [i, one] of paragraphs.entries())
        if (!told(await send({ article_write: { article, paragraph: i + 1, text: one } }))) return undefined;
    await see_written(article, paragraphs.length);
    return look(article);
}

/** The server's copy may be a moment behind what was just written. @param {number} article @param {number} count */
async function see_written(article, count) {
    for (let tries = 0; tries < 10; tries++) {
        const answer = await query({ article: { article } });
        if ((answer?.article_detail?.paragraphs?.length ?? 0) >= count) return;
        await new Promise((done) => setTimeout(done, 200));
    }
}

/** What the draft's form said, for its paragraphs behind the head. */
let draft_text = '';

const asks = make_asks({ id: 'know', words: 'knowledge', subject: () => String(row.value?.article ?? 0), home: 'know-article', table: {
    rate: { key: 'KeyG', may: is_out,
        fields: marks.map((name) => ({ name, kind: 'select', label: `knowledge.${name}`, must: true, options: grades })),
        command: (values) => ({ article_rate: { ...named(), edition: edition.value?.edition,
            ...Object.fromEntries(marks.map((name) => [name, Number(values[name])])) } }) },
    correct_it: { key: 'KeyC', may: is_out, fields: [words_field('what')],
        command: (values) => ({ article_correct: { ...named(), edition: edition.value?.edition, words: cut(values.what.trim(), 600) } }) },
    pass: { key: 'KeyP', tone: 'main', may: () => reviews() && of_others() && edition.value?.state === 'draft',
        command: () => ({ article_review: { ...named(), agree: true } }) },
    back: { key: 'KeyR', may: () => reviews() && of_others(), fields: [words_field('why')],
        command: (values) => ({ article_review: { ...named(), words: cut(values.why.trim(), 300) } }) },
    publish: { key: 'KeyU', tone: 'main', may: () => reviews() && of_others() && edition.value?.state === 'reviewed',
        command: () => ({ article_publish: named() }) },
    archive: { key: 'KeyX', tone: 'danger', may: () => reviews() && (is_out() || is_draft()), fields: [words_field('why')],
        command: (values) => ({ article_archive: { ...named(), ...(is_draft() ? { draft: true } : {}), words: cut(values.why.trim(), 300) } }) },
} });

const add_asks = make_asks({ id: 'know-add', words: 'knowledge', subject: () => 'new', home: 'know-words', table: {
    add: { key: 'KeyN', may: () => true,
        fields: [words_field('title'), { name: 'category', kind: 'category', label: 'form.category', value: () => draft.value.category }, words_field('body'), words_field('found_by', false)],
        command: (values) => {
            draft_text = values.body;
            return { article_draft: { head: { title_zh: cut(values.title.trim(), 120), words: cut(values.found_by.trim(), 240),
                ...(values.category ? { category: values.category } : {}) } } };
        },
        after: (outcome) => void write_text(Number(/** @type {any} */ (outcome).article ?? 0), draft_text) },
} });

function Article() {
    const detail = open.value;
    const box = useRef(/** @type {HTMLElement | null} */ (null));
    const within = () => box.current;
    use_keys([...asks.keys(within), { key: 'Escape', words: 'key.back', within, when: () => !asks.form.value,
        act: () => { open.value = null; requestAnimationFrame(() => document.getElementById('know-list')?.focus()); } }]);
    if (!detail) return '';
    const head = detail.edition.head;
    const count = detail.row.ratings;
    return html`<article id="know-article" class="know-article" ref=${box} tabindex="0" aria-labelledby="know-title">
        <h3 id="know-title">${title_of(head)}</h3>
        <p class="quiet">${t('knowledge.edition', { n: detail.edition.edition })} · ${said('article_state', detail.edition.state)}
            ${head.category ? ` · ${category_name(head.category)}` : ''} ${head.department ? ` · ${department_name(head.department)}` : ''}
            ${count ? ` · ★ ${(detail.row.useful / count).toFixed(1)} (${count})` : ''}
            ${detail.row.corrections ? html` <span class="tag warn">${t('knowledge.corrections', { n: detail.row.corrections })}</span>` : ''}</p>
        ${language.value === 'en' && head.summary_en ? html`<p>${head.summary_en}</p>` : ''}
        ${detail.paragraphs.map((one) => html`<p key=${one.paragraph} lang="zh-CN">${one.text}</p>`)}
        ${reviews() ? detail.corrections.map((one) => html`<p key=${one.at_ms} class="quiet">${user_name(one.user)}：${one.words}</p>`) : ''}
        <${asks.View} /></article>`;
}

export function Knowledge() {
    const box = useRef(/** @type {HTMLElement | null} */ (null));
    use_found();
    const within = () => box.current;
    const turn = () => { list.value = list.value === 'find' ? 'work' : 'find'; open.value = null; };
    use_keys([...add_asks.keys(within), { key: 'KeyW', words: 'knowledge.work', within, act: turn, when: reviews }]);
    return html`<div id="know-box" class="know-box" ref=${box}>
        <div class="field"><label for="know-words">${t('knowledge.find')}</label>
            <input id="know-words" type="search" autocomplete="off" maxlength="100" value=${words.value} placeholder=${t('knowledge.hint')}
                onInput=${(/** @type {any} */ e) => { words.value = e.currentTarget.value; list.value = 'find'; }} /></div>
        ${add_asks.form.value ? '' : html`<${List} id="know-list" label=${t(list.value === 'find' ? 'knowledge.found' : 'knowledge.work')} rows=${found.value}
            by=${(/** @type {ArticleRow} */ one) => String(one.article)} chosen=${chosen.value} onChoose=${(/** @type {string} */ key) => { chosen.value = key; }}
            onOpen=${(/** @type {ArticleRow} */ one) => void look(one.article, list.value === 'work' ? one.drafted : 0)} empty=${t('knowledge.none')}
            show=${(/** @type {ArticleRow} */ one) => html`<div class="line-1"><b>${title_of(one)}</b>
                ${list.value === 'work' ? html`<span class="tag right">${said('article_state', one.state)}</span>` : ''}</div>
                <div class="line-2 quiet">${list.value === 'work' ? user_name(one.author) : one.excerpt}</div>`} />`}
        <${Article} />
        ${reviews() && !add_asks.form.value ? html`<p class="acts"><${Act} keys="W" onClick=${turn}>${t(list.value === 'find' ? 'knowledge.work' : 'knowledge.found')}<//></p>` : ''}
        <${add_asks.View} /></div>`;
}

const desk = signal(false);

/** The same for who sits at no form: a panel that F3 opens and closes. */
export function KnowledgeDesk() {
    const turn = () => {
        desk.value = !desk.value;
        requestAnimationFrame(() => document.getElementById('know-words')?.focus());
    };
    use_keys([{ key: 'F3', words: 'side.knowledge', act: turn }]);
    if (!desk.value) return html`<span class="right"><${Act} keys="F3" onClick=${turn}>${t('side.knowledge')}<//></span>`;
    return html`<section class="zone know-desk" data-zone="knowledge" aria-labelledby="know-desk-title">
        <h2 id="know-desk-title">${t('side.knowledge')} <span class="right"><${Act} keys="F3" onClick=${turn}>${t('form.back')}<//></span></h2>
        <div class="scroll" tabindex="-1"><${Knowledge} /></div></section>`;
}
