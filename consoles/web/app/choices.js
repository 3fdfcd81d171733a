// SPDX-License-Identifier: GPL-3.0-or-later
// What the city's tables offer to be picked: categories and districts.
import { computed } from './ui.js';
import { city } from './store.js';
import { name_of } from './words.js';

export const lower = (/** @type {(string | number)[]} */ ...parts) => parts.join('\n').toLowerCase();

/** How a name is read: comes beside its row (store.js). @param {any} row @returns {string} */
export const sound_of = (row) => row.sound ?? '';

export const category_choices = computed(() => city.rows.value.categories
    .filter((row) => !row.retired)
    .map((row) => ({ key: row.category, code: String(row.category), label: name_of(row),
        hint: row.line ? String(row.line) : '',
        sound: sound_of(row), search: lower(row.category, row.name_zh, row.name_en, row.initials) })));
export const district_choices = computed(() => city.rows.value.districts
    .filter((row) => !row.retired)
    .map((row) => ({ key: row.district, code: String(row.district), label: name_of(row), hint: '',
        sound: sound_of(row), search: lower(row.district, row.name_zh, row.name_en, row.initials) })));
