// SPDX-License-Identifier: GPL-3.0-or-later
// Notes for whoever takes over: those meant for this person stand here until somebody takes them; Enter
// opens one's words (an event), T takes it. N leaves one; what is typed is kept at this seat until sent.
import { computed, html, signal } from './ui.js';
import { List } from './list.js';
import { make_asks } from './ask.js';
import { Act } from './pick.js';
import { incident_by_number } from './lookup.js';
import { LineMark, Since, user_name } from './marks.js';
import { open_incident } from './incident.js';
import { handovers, has_role, me } from './store.js';
import { is_set } from './row.js';
import { t } from './words.js';
import { told } from './notice.js';
import { send } from './outbox.js';
import { use_keys } from './keys.js';

/** @typedef {import('./schema.js').HandoverRow} HandoverRow */

const chosen = signal('');
/** Words that were opened, by note. */
const opened = signal(/** @type {Record<string, string>} */ ({}));

/** @param {HandoverRow} row */
const is_mine = (row) => has_role('supervisor') || row.from_taker === me.value?.user || row.to_taker === me.value?.user
    || (row.to_line > 0 && Boolean(me.value?.skills?.some((/** @type {any} */ skill) => skill.line === row.to_line)));
export const own_handovers = computed(() => handovers.rows.value.filter(is_mine));
const note = () => own_handovers.value.find((row) => row.handover === chosen.value);

/** @param {HandoverRow} row */
async function reveal(row) {
    if (opened.value[row.handover] !== undefined) return;
    const reason = has_role('supervisor') ? 'supervision' : 'handover';
    const outcome = await send({ personal_read: { subject: row.handover, reason, seq: row.seq } });
    if (told(outcome)) opened.value = { ...opened.value, [row.handover]: outcome.personal?.text ?? '' };
}

/** @param {any} values */
async function command({ to, taker, line, number }) {
    const incident = number ? (await incident_by_number(String(number)))?.incident : '0';
    if (!incident) return null;
    return { handover_leave: { ...(to === 'taker' ? { taker } : {}), ...(to === 'line' ? { line } : {}),
        ...(is_set(incident) ? { incident } : {}) } };
}

const note_asks = make_asks({ id: 'note', words: 'handover', subject: () => 'shift', home: 'handover-box', table: {
    leave: { key: 'KeyN', may: () => true, fields: (values) => [
        { name: 'text', kind: 'words', label: 'handover.words', must: true },
        { name: 'to', kind: 'select', label: 'handover.to', must: true, value: 'supervisor',
            options: ['supervisor', 'line', 'taker'].map((word) => ({ word, label: t(`handover.to_${word}`) })) },
        ...(values.to === 'taker' ? [{ name: 'taker', kind: 'colleague', label: 'handover.to_taker', must: true }] : []),
        ...(values.to === 'line' ? [{ name: 'line', kind: 'line', label: 'handover.to_line', must: true }] : []),
        { name: 'number', kind: 'order', label: 'handover.about' }],
    command },
    take: { key: 'KeyT', tone: 'main', may: () => Boolean(note()), command: () => ({ handover_take: { handover: chosen.value } }) },
} });

export function leave_note() {
    note_asks.open('leave');
}

export function Handovers() {
    const rows = own_handovers.value;
    const words = opened.value[chosen.value];
    use_keys(note_asks.keys(() => document.getElementById('handover-box')));
    return html`<div id="handover-box" class="handovers" tabindex="0" role="group" aria-label=${t('handover.title')}>
        <h3>${t('handover.title')} <span class=${`count ${rows.length ? 'some' : ''}`}>${rows.length}</span></h3>
        ${rows.length ? html`<${List} id="handover-list" label=${t('handover.title')} rows=${rows} by=${(/** @type {HandoverRow} */ row) => row.handover}
            chosen=${chosen.value} onChoose=${(/** @type {string} */ key) => { chosen.value = key; }} onOpen=${reveal} empty=""
            show=${(/** @type {HandoverRow} */ row) => html`<div class="line-1"><b>${user_name(row.from_taker)}</b> →
                ${row.to_line ? html`<${LineMark} line=${row.to_line} />` : row.to_taker ? user_name(row.to_taker) : t('handover.to_supervisor')}
                <span class="right"><${Since} since_ms=${row.left_ms} /></span></div>`} />` : ''}
        ${words !== undefined && note() ? html`<p class="said">${words || '–'}</p>
            ${is_set(note()?.incident) ? html`<button type="button" class="plain" onClick=${() => open_incident(note()?.incident ?? '')}>${t('incident.open')}</button>` : ''}` : ''}
        ${note() && words === undefined ? html`<${Act} keys="Enter" onClick=${() => note() && reveal(/** @type {HandoverRow} */ (note()))}>${t('dept.open')}<//>` : ''}
        <${note_asks.View} /></div>`;
}
