// SPDX-License-Identifier: GPL-3.0-or-later
// Who handles an incident: one lead department and up to eight that assist.
import { computed, html } from './ui.js';
import { Pick } from './pick.js';
import { sound_of } from './choices.js';
import { department_name } from './marks.js';
import { city, precedents } from './store.js';
import { name_of, t } from './words.js';

const ASSISTS_MAX = 8;

export const department_choices = computed(() => city.rows.value.departments
    .filter((row) => !row.retired)
    .map((row) => ({ key: row.department, code: row.code, label: name_of(row), hint: String(row.department), sound: sound_of(row),
        search: [row.code, row.department, row.name_zh, row.name_en].join('\n').toLowerCase() })));

/** @param {string} code of a department type @returns {number} 0: none */
export function department_by_code(code) {
    return city.rows.value.departments.find((row) => row.code === code && !row.retired)?.department ?? 0;
}

/** A ruling about such matters there, while whom it names is there. @param {number} category @param {number} district */
export function precedent_of(category, district) {
    const ruled = precedents.rows.value.find((row) => row.category === category && row.district === district);
    return ruled && city.rows.value.departments.some((row) => row.department === ruled.department && !row.retired) ? ruled : undefined;
}

/** What a category brings; a ruling about such matters in the district goes before its table.
 * @param {import('./schema.js').CategoryRow | undefined} row @param {number} [district] */
export function departments_of(row, district = 0) {
    const ruled = row && precedent_of(row.category, district);
    const lead = ruled ? ruled.department : row ? department_by_code(row.lead) : 0;
    return { lead, assists: (row?.assists ?? []).map(department_by_code).filter((one) => one && one !== lead) };
}

/**
 * @param {{ id: string, lead: number, assists: number[], error?: string,
 *           onPick: (chosen: { lead: number, assists: number[] }) => void }} props
 */
export function Departments({ id, lead, assists, error, onPick }) {
    return html`<div class="pair">
        <${Pick} id=${`${id}-lead`} label=${t('form.lead')} required choices=${department_choices.value} value=${lead} error=${error}
            onPick=${(/** @type {number} */ one) => onPick({ lead: one, assists: assists.filter((a) => a !== one) })} />
        <div class="assists"><${Pick} id=${`${id}-assist`} label=${t('form.assists')} clearOnPick value=${0}
            choices=${department_choices.value.filter((c) => c.key !== lead && !assists.includes(c.key))}
            onPick=${(/** @type {number} */ added) => onPick({ lead, assists: [...assists, added].slice(0, ASSISTS_MAX) })} />
            <ul class="chips" aria-label=${t('form.assists')}>${assists.map((department) => html`<li key=${department}>
                <button type="button" class="chip" aria-label=${t('form.remove', { name: department_name(department) })}
                    onClick=${() => onPick({ lead, assists: assists.filter((a) => a !== department) })}>
                    ${department_name(department)} <span aria-hidden="true">×</span></button></li>`)}</ul>
        </div></div>`;
}
