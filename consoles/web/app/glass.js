// SPDX-License-Identifier: GPL-3.0-or-later
// Break-glass (Ctrl+F9): a narrow right that two persons open for the first of them. Whoever is asked agrees
// here, whoever is alarmed ends it here, and an auditor says here what was found.
import { html, signal, useEffect, use_dialog } from './ui.js';
import { LiveTable, ask_rows, me } from './store.js';
import { day_and_time } from './clock.js';
import { user_name } from './marks.js';
import { said, t } from './words.js';
import { notify, told } from './notice.js';
import { send } from './outbox.js';
import { words } from './schema.js';

/** @typedef {import('./schema.js').GlassRow} GlassRow */

const WHY_LETTERS = 100; // 300 bytes
const SHOWN_MAX = 12;
const shown = signal(false);
const why = signal('');
const right = signal('storm');

/** @type {LiveTable<GlassRow[]>} */
export const glasses = new LiveTable(() => ask_rows({ glasses: {} }, 'glasses', 'GlassRow', 'glass', 8), (kind) => kind.startsWith('glass_'), []);

export function open_glass() {
    if (me.peek()) shown.value = true;
}

/** @param {any} command */
async function give(command) {
    if (!told(await send(command))) return;
    if (command.glass_ask) notify('good', t('glass.asked'));
    why.value = '';
}

/** The dispatcher says who may; here stands what fits the row. @param {GlassRow} row */
function acts(row) {
    const own = row.asked_by === me.value?.user;
    const act = (/** @type {string} */ label, /** @type {any} */ command) => html`<button type="button" class="act" onClick=${() => give(command)}>${t(label)}</button>`;
    const { glass } = row;
    if (row.state === 'asked' && !own) return html`${act('glass.agree', { glass_agree: { glass, agree: true } })}${act('glass.refuse', { glass_agree: { glass, words: why.value.trim() } })}`;
    if (row.state === 'open') return act('glass.end', { glass_end: { glass } });
    if (row.state === 'ended' && !own) return html`${act('glass.sound', { glass_review: { glass, sound: true, words: why.value.trim() } })}${act('glass.unsound', { glass_review: { glass, words: why.value.trim() } })}`;
    return '';
}

/** @param {GlassRow} row */
const Row = (row) => html`<tr key=${row.glass} class=${row.state === 'open' ? 'loud' : ''}><td class="digits">${row.glass}</td><td><b>${said('glass_state', row.state)}</b></td>
    <td>${said('glass_right', row.right)}<br /><span class="quiet">${row.words}</span></td>
    <td>${user_name(row.asked_by)}<br /><span class="quiet">${row.ruled_by ? user_name(row.ruled_by) : ''}</span></td>
    <td class="digits">${t('glass.until')} ${day_and_time(row.ended_ms || row.until_ms)}<br /><span class="quiet">${t('glass.acts', { n: row.acts })}</span></td>
    <td>${row.finding} ${row.reviewed_by ? user_name(row.reviewed_by) : ''}</td><td>${acts(row)}</td></tr>`;

/** What is open, or waits for the auditor, above everything else of the page. */
export function GlassAlarm() {
    const rows = glasses.rows.value.filter((row) => row.state === 'open' || row.state === 'ended');
    if (!rows.length) return '';
    return html`<section class="alarms loud" role="alert" aria-label=${t('glass.title')}><ul>${rows.map((row) => html`<li key=${row.glass} class=${`alarm level-${row.state === 'open' ? 0 : 2}`}>
        <b>${t(row.state === 'open' ? 'alarm.glass' : 'alarm.glass_review')}</b> ${said('glass_right', row.right)} <b>${user_name(row.asked_by)}</b></li>`)}</ul>
        <button type="button" class="act" onClick=${open_glass}>${t('glass.title')} <kbd>Ctrl+F9</kbd></button></section>`;
}

export function Glass() {
    const dialog = use_dialog(shown.value);
    useEffect(() => (shown.value ? glasses.start() : undefined), [shown.value]);
    if (!shown.value) return html`<dialog ref=${dialog} class="glass"></dialog>`;
    const rows = [...glasses.rows.value].reverse().slice(0, SHOWN_MAX);
    return html`<dialog ref=${dialog} class="glass" aria-labelledby="glass-title" onClose=${() => { shown.value = false; }}>
        <h2 id="glass-title">${t('glass.title')}</h2><p class="quiet">${t('glass.hint')}</p>
        <form onSubmit=${(/** @type {Event} */ e) => { e.preventDefault(); void give({ glass_ask: { right: right.value, words: why.value.trim() } }); }}>
            <div class="field"><label for="glass-right">${t('glass.right')}</label><select id="glass-right" value=${right.value} onChange=${(/** @type {any} */ e) => { right.value = e.currentTarget.value; }}>
                ${words.glass_right.filter((one) => one !== 'none').map((one) => html`<option key=${one} value=${one}>${said('glass_right', one)}</option>`)}</select></div>
            <div class="field"><label for="glass-why">${t('glass.why')}</label><input id="glass-why" type="text" maxlength=${WHY_LETTERS} autocomplete="off" value=${why.value} onInput=${(/** @type {any} */ e) => { why.value = e.currentTarget.value; }} /></div>
            <button type="submit" class="act">${t('glass.ask')} <kbd>Enter</kbd></button></form>
        ${rows.length ? html`<table><tbody>${rows.map(Row)}</tbody></table>` : html`<p class="quiet">${t('glass.none')}</p>`}
        <button type="button" class="plain" onClick=${() => { shown.value = false; }}>${t('form.back')} <kbd>Esc</kbd></button></dialog>`;
}
