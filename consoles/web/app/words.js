// SPDX-License-Identifier: GPL-3.0-or-later
// The words people read, in Chinese and English; the tables of a language are loaded when it is first
// spoken. Both languages hold the same keys (a test).
import { effect, signal } from './ui.js';

/** @typedef {'zh' | 'en'} Language */

/** @type {import('../vendor/signals.js').Signal<Partial<Record<Language, Record<string, string>>>>} */
const tables = signal({});
const parts = ['', '-panels', '-states'];

/** How many of the parts a language holds. @type {Map<Language, number>} */
const held = new Map();
/** @param {Language} one */
export async function load_words(one) {
    if (held.get(one) === parts.length) return;
    const wanted = [...parts];
    const loaded = await Promise.all(wanted.map((part) => import(`./words-${one}${part}.js`)));
    if ((held.get(one) ?? 0) < wanted.length) {
        held.set(one, wanted.length);
        tables.value = { ...tables.peek(), [one]: Object.assign({}, ...loaded.map((module) => module.default)) };
    }
    await load_words(one); // what was wanted meanwhile
}

/** Words that come when they are first wanted, from then on in every language that is spoken. @param {string[]} more */
async function load_more(...more) {
    parts.push(...more.filter((part) => !parts.includes(part)));
    await Promise.all(/** @type {Language[]} */ (Object.keys(tables.peek())).map(load_words));
}

/** What happened, of trails. */
export const load_event_words = () => load_more('-events');
/** The words of pages that no seat opens; each of them may show a trail. */
export const load_office_words = () => load_more('-office', '-events');
/** The words of the language spoken now; until they are there, those of the other. */
const table = () => tables.value[language.value] ?? Object.values(tables.value)[0] ?? {};

const kept = localStorage.getItem('yihao.language');
export const language = signal(
    /** @type {Language} */ (kept === 'en' || kept === 'zh' ? kept
        : navigator.language.startsWith('zh') ? 'zh' : 'en'));

effect(() => {
    void load_words(language.value);
    document.documentElement.lang = language.value === 'zh' ? 'zh-CN' : 'en';
    localStorage.setItem('yihao.language', language.value);
});

await load_words(language.peek());

/**
 * The words for a key; {name} places are filled from `places`.
 * @param {string} key
 * @param {Record<string, string | number>} [places]
 */
export function t(key, places) {
    const text = table()[key] ?? key;
    return places ? text.replace(/\{(\w+)\}/g, (_, name) => String(places[name] ?? '')) : text;
}

/** @param {string} key */
export function has_words(key) {
    return key in table();
}

/**
 * A row's name in the reader's language.
 * @param {{ name_zh: string, name_en: string } | undefined} row
 */
export function name_of(row) {
    if (!row) return '';
    return language.value === 'zh' ? row.name_zh : row.name_en || row.name_zh;
}

/**
 * A word of an enumeration: `said('task_state', 'sent')`.
 * @param {string} enumeration
 * @param {string} word
 */
export function said(enumeration, word) {
    return !word || word === 'none' ? '' : t(`${enumeration}.${word}`);
}
