// SPDX-License-Identifier: GPL-3.0-or-later
// The small signs that all pages share: lines, priorities, states, countdowns. Never colour alone:
// each line has its shape, each priority its digit.
import { html } from './ui.js';
import { now, span } from './clock.js';
import { category_of, city, department_of, district_of, line_of, user_of } from './store.js';
import { has_words, name_of, said, t } from './words.js';

const shapes = { 110: '◆', 119: '▲', 120: '✚', 122: '■' };

/** @param {{ line: number, named?: boolean }} props */
export function LineMark({ line, named }) {
    const shape = /** @type {Record<number, string>} */ (shapes)[line] ?? '●';
    const name = named ? ` ${name_of(line_of.value.get(line))}` : '';
    return html`<span class=${`line line-${line in shapes ? line : 'other'}`}>
        <span aria-hidden="true">${shape}</span> ${line}${name}</span>`;
}

/** @param {{ priority: string }} props */
export function PriorityMark({ priority }) {
    if (priority === 'none') return '';
    return html`<span class=${`priority ${priority}`} title=${said('priority', priority)}>
        ${priority.toUpperCase()}</span>`;
}

/** Time left until `due_ms`, or how long it is over. @param {{ due_ms: number }} props */
export function Countdown({ due_ms }) {
    if (!due_ms) return html`<span class="quiet">–</span>`;
    const left = due_ms - now.value;
    const tone = left < 0 ? 'over' : left < 60000 ? 'near' : '';
    return html`<span class=${`countdown ${tone}`}>${left < 0 ? t('time.over') + ' ' : ''}${span(left)}</span>`;
}

/** @param {{ since_ms: number }} props */
export function Since({ since_ms }) {
    return html`<span class="digits">${since_ms ? span(now.value - since_ms) : '–'}</span>`;
}

/** @param {number} category */
export function category_name(category) {
    return name_of(category_of.value.get(category)) || (category ? String(category) : '');
}
/** @param {number} department */
export function department_name(department) {
    return name_of(department_of.value.get(department)) || (department ? String(department) : '');
}
/** @param {number} district */
export function district_name(district) {
    return name_of(district_of.value.get(district)) || (district ? String(district) : '');
}
/** @param {number} disposition */
export function disposition_name(disposition) {
    const row = city.rows.value.dispositions.find((one) => one.disposition === disposition);
    return name_of(row) || (disposition ? String(disposition) : '');
}
/** @param {number} user */
export function user_name(user) {
    const row = user_of.value.get(user);
    return row ? `${user} ${name_of(row)}` : user ? String(user) : '';
}
/** A kind of unit as people say it; a city's own kind as it stands in its table. @param {string} kind */
export function kind_name(kind) {
    return has_words(`unit_kind.${kind}`) ? t(`unit_kind.${kind}`) : kind;
}
