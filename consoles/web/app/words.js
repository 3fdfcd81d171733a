// SPDX-License-Identifier: GPL-3.0-or-later
// The words people read, in Chinese and English. Both tables hold the same keys (a test).
import { effect, signal } from './ui.js';
import zh from './words-zh.js';
import en from './words-en.js';
import zh_panels from './words-zh-panels.js';
import en_panels from './words-en-panels.js';
import zh_events from './words-zh-events.js';
import en_events from './words-en-events.js';
import zh_states from './words-zh-states.js';
import en_states from './words-en-states.js';

/** @typedef {'zh' | 'en'} Language */

/** @type {Record<Language, Record<string, string>>} */
const tables = { zh: { ...zh, ...zh_panels, ...zh_events, ...zh_states }, en: { ...en, ...en_panels, ...en_events, ...en_states } };

const kept = localStorage.getItem('yihao.language');
export const language = signal(
    /** @type {Language} */ (kept === 'en' || kept === 'zh' ? kept
        : navigator.language.startsWith('zh') ? 'zh' : 'en'));

effect(() => {
    document.documentElement.lang = language.value === 'zh' ? 'zh-CN' : 'en';
    localStorage.setItem('yihao.language', language.value);
});

/**
 * The words for a key; {name} places are filled from `places`.
 * @param {string} key
 * @param {Record<string, string | number>} [places]
 */
export function t(key, places) {
    const text = tables[language.value][key] ?? key;
    return places ? text.replace(/\{(\w+)\}/g, (_, name) => String(places[name] ?? '')) : text;
}

/** @param {string} key */
export function has_words(key) {
    return key in tables[language.value];
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
