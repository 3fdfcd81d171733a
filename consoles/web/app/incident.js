// SPDX-License-Identifier: GPL-3.0-or-later
// Which incident is looked at. Its sheet comes behind the page that may show it: a seat draws without.
import { html, signal, useEffect, useRef } from './ui.js';
import { incident_by_number } from './lookup.js';
import { is_set } from './row.js';
import { shown_key } from './own-keys.js';
import { load_event_words, t } from './words.js';
import { use_keys } from './keys.js';

export const looked_at = signal('0');
const sheet = signal(/** @type {any} */ (null));
async function load_sheet() {
    if (sheet.peek()) return;
    const [part] = await Promise.all([import('./incident-sheet.js'), load_event_words()]);
    sheet.value = part.Sheet;
}
/** @type {HTMLElement | null} */
let came_from = null;

/** @param {string} incident */
export function open_incident(incident) {
    came_from = /** @type {HTMLElement | null} */ (document.activeElement);
    looked_at.value = incident;
}

export function close_incident() {
    if (!is_set(looked_at.value)) return;
    looked_at.value = '0';
    came_from?.focus();
}

/** @param {string} text */
async function find_incident(text) {
    const row = await incident_by_number(text);
    if (row) open_incident(row.incident);
}

/** Any incident by its number, closed ones too. */
export function Finder() {
    const input = useRef(/** @type {HTMLInputElement | null} */ (null));
    use_keys([{ key: 'Slash', words: 'key.find', act: () => input.current?.focus() }]);
    return html`<form class="finder" role="search" onSubmit=${(/** @type {Event} */ e) => { e.preventDefault(); void find_incident(input.current?.value ?? ''); }}>
        <label class="sr" for="incident-find">${t('incident.find')}</label>
        <input id="incident-find" ref=${input} type="text" inputmode="numeric" maxlength="20" autocomplete="off" placeholder=${t('incident.find')} />
        <kbd aria-hidden="true">${shown_key('/')}</kbd></form>`;
}

/** @param {{ supervising?: boolean }} props */
export function IncidentPanel({ supervising = false }) {
    const shown = is_set(looked_at.value);
    useEffect(() => { load_sheet().catch(() => {}); }, [shown]); // without the server: asked for again when it is wanted
    const Sheet = sheet.value;
    return !shown ? '' : Sheet ? html`<${Sheet} supervising=${supervising} />` : html`<p class="quiet" role="status">${t('page.loading')}</p>`;
}
