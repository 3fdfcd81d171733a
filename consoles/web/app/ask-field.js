// SPDX-License-Identifier: GPL-3.0-or-later
// One field of a short form: words, one of an enumeration, a set of them, a department, a line, a
// time from now, the three answers of a citizen.
import { computed, html } from './ui.js';
import { Pick, Radios } from './pick.js';
import { Departments, department_choices } from './departments.js';
import { category_choices } from './choices.js';
import { Survey, unanswered } from './survey.js';
import { city, me, takers } from './store.js';
import { user_name } from './marks.js';
import { day_and_time, now } from './clock.js';
import { name_of, said, t } from './words.js';
import { words } from './schema.js';

/**
 * @typedef {object} Field
 * @property {string} name
 * @property {string} kind
 * @property {string} label
 * @property {string} [of] the enumeration of a 'one' or of 'bits'
 * @property {string[]} [among] only these of it
 * @property {boolean} [must]
 * @property {number} [most] letters of words
 * @property {any} [value] where it starts
 * @property {{ word: string, label: string }[]} [options] of a 'select'
 */

const DAY_MS = 86400000;
const CENTRE_BITS = 2 | 8; // 1 << Role.taker, 1 << Role.supervisor
/** What is picked first when nothing was said. @type {Record<string, any>} */
const blanks = { words: '', one: 'none', bits: [], department: 0, departments: { lead: 0, assists: [] }, line: 0, taker: 0, colleague: 0,
    category: 0, number: '', days: '', flag: false, survey: unanswered, select: '', order: '' };

/** @param {Field} field */
export function start_of(field) {
    const given = typeof field.value === 'function' ? field.value() : field.value;
    return given ?? blanks[field.kind];
}

/** The sum of bits (1 << word) of a set. @param {string} enumeration @param {string[]} set */
export function bits_of(enumeration, set) {
    const list = /** @type {Record<string, readonly string[]>} */ (words)[enumeration] ?? [];
    return set.reduce((sum, word) => sum + 2 ** list.indexOf(word), 0);
}
/** The words of a set of bits. @param {string} enumeration @param {number} bits */
export function words_of(enumeration, bits) {
    const list = /** @type {Record<string, readonly string[]>} */ (words)[enumeration] ?? [];
    return list.filter((word, i) => i > 0 && word && Math.floor(bits / 2 ** i) % 2 === 1);
}

/** Days or hours from now: "5", "5d", "12h". @param {string} text @returns {number} UTC ms, 0: not read */
export function time_ahead(text) {
    const found = /^\s*(\d{1,3})\s*([dhDH天时]?)\s*$/.exec(text.normalize('NFKC'));
    if (!found || !Number(found[1])) return 0;
    const unit = /[hH时]/.test(found[2] ?? '') ? 3600000 : DAY_MS;
    return now.peek() + Number(found[1]) * unit;
}

const taker_choices = computed(() => takers.rows.value.filter((row) => row.state !== 'signed_off').map((row) => ({
    key: row.taker, code: String(row.taker), label: user_name(row.taker).replace(/^\d+ /, ''), hint: said('taker_state', row.state),
    search: `${row.taker}\n${user_name(row.taker)}`.toLowerCase() })));

/** Everybody of the centre, whether they are on duty or not. */
const colleague_choices = computed(() => city.rows.value.users.filter((row) => !row.retired && row.roles & CENTRE_BITS && row.user !== me.value?.user).map((row) => ({
    key: row.user, code: String(row.user), label: name_of(row), search: `${row.user}\n${row.name_zh}\n${row.name_en}`.toLowerCase() })));

/** @param {{ id: string, field: Field, value: any, onWrite: (value: any) => void }} props */
export function AskField({ id, field, value, onWrite }) {
    const at = `${id}-${field.name}`;
    const label = t(field.label);
    const star = field.must ? html`<span class="must" aria-hidden="true">*</span>` : '';
    const typed = (/** @type {any} */ e) => onWrite(e.currentTarget.value);
    switch (field.kind) {
    case 'words': return html`<div class="field"><label for=${at}>${label}${star}</label>
        <textarea id=${at} rows="3" maxlength=${field.most ?? 1000} value=${value ?? ''} onInput=${typed}></textarea></div>`;
    case 'one': return html`<${Radios} id=${at} label=${label} value=${value ?? 'none'} onPick=${onWrite}
        options=${(field.among ?? /** @type {any} */ (words)[field.of ?? '']?.slice(1).filter(Boolean) ?? []).map((/** @type {string} */ word) => ({
            word, label: said(field.of ?? '', word) }))} />`;
    case 'bits': return html`<fieldset class="field"><legend>${label}${star}</legend><div class="flags">
        ${(field.among ?? /** @type {any} */ (words)[field.of ?? '']?.slice(1).filter(Boolean) ?? []).map((/** @type {string} */ word) => html`
            <label class="flag" key=${word}><input type="checkbox" checked=${value?.includes(word)} onChange=${(/** @type {any} */ e) =>
                onWrite(e.currentTarget.checked ? [...(value ?? []), word] : (value ?? []).filter((/** @type {string} */ one) => one !== word))} />
                ${said(field.of ?? '', word)}</label>`)}</div></fieldset>`;
    case 'flag': return html`<label class="flag"><input id=${at} type="checkbox" checked=${value === true}
        onChange=${(/** @type {any} */ e) => onWrite(e.currentTarget.checked)} /> ${label}</label>`;
    case 'department': return html`<${Pick} id=${at} label=${label} required=${field.must} choices=${department_choices.value} value=${value ?? 0} onPick=${onWrite} />`;
    case 'departments': return html`<${Departments} id=${id} lead=${value?.lead ?? 0} assists=${value?.assists ?? []} onPick=${onWrite} />`;
    case 'category': return html`<${Pick} id=${at} label=${label} required=${field.must} choices=${category_choices.value} value=${value ?? 0} onPick=${onWrite} />`;
    case 'taker': return html`<${Pick} id=${at} label=${label} required=${field.must} choices=${taker_choices.value} value=${value ?? 0} onPick=${onWrite} />`;
    case 'colleague': return html`<${Pick} id=${at} label=${label} required=${field.must} choices=${colleague_choices.value} value=${value ?? 0} onPick=${onWrite} />`;
    case 'line': return html`<div class="field"><label for=${at}>${label}${star}</label><select id=${at} value=${value}
        onChange=${(/** @type {any} */ e) => onWrite(Number(e.currentTarget.value))}><option value="0"></option>
        ${city.rows.value.lines.filter((row) => !row.retired).map((row) => html`<option key=${row.line} value=${row.line}>${row.line} ${name_of(row)}</option>`)}</select></div>`;
    case 'select': return html`<div class="field"><label for=${at}>${label}${star}</label><select id=${at} value=${value} onChange=${typed}><option value=""></option>
        ${(field.options ?? []).map((one) => html`<option key=${one.word} value=${one.word}>${one.label}</option>`)}</select></div>`;
    case 'survey': return html`<${Survey} id=${id} answers=${value ?? unanswered} onPick=${onWrite} />`;
    case 'days': return html`<div class="field"><label for=${at}>${label}${star}</label><input id=${at} type="text" inputmode="numeric" maxlength="6"
        autocomplete="off" value=${value ?? ''} placeholder=${t('ask.days_hint')} onInput=${typed} />
        ${time_ahead(value ?? '') ? html`<span class="quiet digits">→ ${day_and_time(time_ahead(value))}</span>` : ''}</div>`;
    default: return html`<div class="field"><label for=${at}>${label}${star}</label><input id=${at} type="text" inputmode="numeric" maxlength="20"
        autocomplete="off" value=${value ?? ''} onInput=${typed} /></div>`;
    }
}
