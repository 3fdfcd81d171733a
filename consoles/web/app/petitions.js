// SPDX-License-Identifier: GPL-3.0-or-later
// What is asked for against the ordinary course, and how it stands: one list for whoever asked, one
// for those who answer.
import { html, signal, useEffect } from './ui.js';
import { Countdown, department_name, user_name } from './marks.js';
import { LiveTable, ask_rows, me } from './store.js';
import { is_set } from './row.js';
import { on_event, on_welcome } from './socket.js';
import { day_and_time, now } from './clock.js';
import { said, t } from './words.js';
import { time_ahead, words_of } from './ask-field.js';

/** @typedef {import('./schema.js').PetitionRow} PetitionRow */
/** All that wait for a word. @type {LiveTable<PetitionRow[]>} */
export const waiting_petitions = new LiveTable(() => ask_rows({ petitions: {} }, 'petitions', 'PetitionRow', 'petition', 4),
    (kind) => kind.startsWith('petition_') || kind === 'clock_overdue', []);

/** May this person answer it? Nobody answers their own. @param {PetitionRow} row */
export function may_rule(row) {
    return row.end === 'none' && row.user !== me.value?.user && ((me.value?.roles ?? 0) & row.roles) !== 0;
}

/** Those of the incident looked at. @type {import('../vendor/signals.js').Signal<PetitionRow[]>} */
export const petitions = signal(/** @type {any[]} */ ([]));
/** @param {string} incident '0': none */
export function use_petitions(incident) {
    useEffect(() => {
        petitions.value = [];
        if (!is_set(incident)) return undefined;
        let alive = true;
        const load = async () => {
            const rows = await ask_rows({ petitions: { incident } }, 'petitions', 'PetitionRow', 'petition', 1);
            if (alive && rows) petitions.value = rows;
        };
        const stops = [on_event(({ event }) => { if (event.incident === incident && Object.keys(event).some((kind) => kind.startsWith('petition_'))) void load(); }), on_welcome(() => void load())];
        void load();
        return () => { alive = false; stops.forEach((stop) => stop()); };
    }, [incident]);
}

/** @param {{ row: PetitionRow }} props */
export function PetitionLine({ row }) {
    return html`<div class="line-1"><span class="tag warn">${said('petition_kind', row.kind)}</span>
        ${row.department ? department_name(row.department) : user_name(row.user)}
        ${row.until_ms ? html`<span class="digits">→ ${day_and_time(row.until_ms)}</span>` : ''}
        <span class="right">${row.end === 'none' ? html`${words_of_roles(row.roles)} <${Countdown} due_ms=${row.due_ms} />` : html`<span class=${`tag ${row.end === 'granted' ? 'good' : 'bad'}`}>${said('petition_end', row.end)}</span>`}</span></div>`;
}
/** @param {number} roles */
function words_of_roles(roles) {
    return words_of('role', roles).map((word) => said('role', word)).join('、');
}

export function Petitions() {
    if (!petitions.value.length) return '';
    return html`<h3>${t('petition.title')} <span class="count">${petitions.value.length}</span></h3>
        <ul class="texts">${petitions.value.map((row) => html`<li key=${row.petition} class="petition"><${PetitionLine} row=${row} /></li>`)}</ul>`;
}

/** @typedef {import('./ask-field.js').Field} Field */
/** The fields of each kind that the centre asks for. @type {Record<string, Field[]>} */
const of_kind = {
    not_accepted: [{ name: 'not_accepted', kind: 'one', label: 'petition.why', of: 'not_accepted_reason', must: true },
        { name: 'means', kind: 'one', label: 'doing.means', of: 'tell_means', must: true, value: 'phone' }],
    secrecy: [{ name: 'secrecy', kind: 'one', label: 'form.secrecy', of: 'secrecy', must: true }],
    priority: [{ name: 'priority', kind: 'one', label: 'form.priority', of: 'priority', must: true }],
    transfer: [{ name: 'line', kind: 'line', label: 'petition.line' }],
};
export const centre_kinds = ['withdrawal', 'not_accepted', 'secrecy', 'priority', 'transfer'];

/** @param {any} values @returns {Field[]} */
export function centre_fields(values) {
    return [{ name: 'kind', kind: 'one', label: 'petition.kind', of: 'petition_kind', among: centre_kinds, must: true },
        ...(of_kind[values.kind] ?? []), { name: 'text', kind: 'words', label: 'petition.words', must: true }];
}
/** @param {string} incident @param {any} values */
export function centre_petition(incident, values) {
    const { kind } = values;
    const said_ = Object.fromEntries((of_kind[kind] ?? []).map(({ name }) => [name, values[name]]).filter(([, value]) => value && value !== 'none'));
    return { petition_ask: { incident, kind, ...said_ } };
}

/** What a department asks for its task. @param {'extension' | 'suspension'} kind @returns {Field[]} */
export function task_fields(kind) {
    return [{ name: kind, kind: 'one', label: 'petition.why', of: `${kind}_reason`, must: true },
        { name: 'days', kind: 'days', label: kind === 'extension' ? 'petition.longer' : 'petition.review', must: true },
        { name: 'told', kind: 'flag', label: 'petition.told' }, { name: 'text', kind: 'words', label: 'petition.words', must: true }];
}
/** @param {'extension' | 'suspension'} kind @param {{ incident: string, task: string, due_ms: number }} of @param {any} values */
export function task_petition(kind, of, values) {
    const ahead = time_ahead(values.days);
    const until = kind === 'extension' && ahead ? ahead - now.peek() + Math.max(of.due_ms, now.peek()) : ahead;
    return until ? { petition_ask: { incident: of.incident, task: of.task, kind, [kind]: values[kind], told: values.told, until_ms: String(Math.round(until)) } } : null;
}
