// SPDX-License-Identifier: GPL-3.0-or-later
// The words people read, in Chinese and English; the tables of a language are loaded when it is first
// spoken. Both languages hold the same keys (a test).
import { effect, signal } from './ui.js';

/** @typedef {'zh' | 'en'} Language */

/** @type {import('../vendor/signals.js').Signal<Partial<Record<Language, Record<string, string>>>>} */
const tables = signal({});
const parts = ['', '-panels', '-events', '-states'];

/** @param {Language} one */
export async function load_words(one) {
    if (tables.peek()[one]) return;
    const loaded = await Promise.all(parts.map((part) => import(`./words-${one}${part}.js`)));
    tables.value = { ...tables.peek(), [one]: Object.assign({}, ...loaded.map((module) => module.default)) };
}

/** The words of pages that no seat opens, from now on in every language that is spoken. */
export async function load_office_words() {
    if (parts.includes('-office')) return;
    parts.push('-office');
    const spoken = /** @type {Language[]} */ (Object.keys(tables.peek()));
    for (const one of spoken) {
        const office = (await import(`./words-${one}-office.js`)).default;
        tables.value = { ...tables.peek(), [one]: { ...tables.peek()[one], ...office } };
    }
}
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
