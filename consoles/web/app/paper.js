// SPDX-License-Identifier: GPL-3.0-or-later
// A case or a list on paper, from the auditor's page: what of the citizen stands in it is chosen first. The server makes
// the PDF, opens what is wanted by events of its own, and the trail knows of the file before it is here.
import { html, signal } from './ui.js';
import { Act } from './pick.js';
import { print_case, print_list } from './export.js';
import { said, t } from './words.js';
import { words } from './schema.js';

/** '': nothing of the citizen; 'open': what may be read; else the purpose for which telephone and name are in it, too. */
const content = signal('');

/** @param {import('./schema.js').IncidentRow} row */
export function print_chosen(row) {
    const purpose = content.value && content.value !== 'open' ? { purpose: content.value } : {};
    return print_case(row.number, { incident: row.incident, reason: 'audit', ...(content.value ? { open: true } : {}), ...purpose });
}

/** @param {string} name of the list @param {import('./export.js').Listed} found */
export function print_found(name, found) {
    return print_list(name, found, 'audit');
}

/** @param {{ onPrint: () => void }} props */
export function PrintCase({ onPrint }) {
    return html`<p class="acts"><label class="field inline">${t('paper.content')}
        <select value=${content.value} onChange=${(/** @type {any} */ e) => { content.value = e.currentTarget.value; }}>
        <option value="">${t('paper.redacted')}</option><option value="open">${t('paper.open')}</option>
        ${words.read_purpose.slice(1).map((word) => html`<option key=${word} value=${word}>${t('paper.whole', { purpose: said('read_purpose', word) })}</option>`)}</select></label>
        <${Act} keys="P" onClick=${onPrint}>${t('paper.case')}<//></p>`;
}
