// SPDX-License-Identifier: GPL-3.0-or-later
// What each event of a trail changed: the value before and after. An event says what stands from then on; what
// stood before is what an earlier event of the same trail said, or what the event itself says it moved from.
import { category_name, department_name, district_name, user_name } from './marks.js';
import { name_of, said, t } from './words.js';
import { words_of } from './ask-field.js';
import { day_and_time } from './clock.js';
import { kind_of } from './row.js';
import { line_of, unit_of } from './store.js';

/** @typedef {{ label: string, before: string | null, after: string }} Change before: null, not known from these rows; '': there was none */
/** @typedef {{ label?: string, of?: string, from?: string, show: (value: any, body: any, event: any) => string | null, begins?: boolean }} Field
 *  show: null, it says nothing of it; label: its word, the name of the field otherwise; of: which of several (a task, a clock); from: the member that holds the value before;
 *  begins: there was none before */

const word = (/** @type {string} */ enumeration) => (/** @type {any} */ value) => said(enumeration, value ?? 'none');
const bits = (/** @type {string} */ enumeration) => (/** @type {any} */ value) => words_of(enumeration, value ?? 0).map((one) => said(enumeration, one)).join('、');
const yes = (/** @type {any} */ value) => t(value ? 'change.yes' : 'change.no');
const number = (/** @type {any} */ value) => String(value ?? 0);
const upper = (/** @type {any} */ value) => !value || value === 'none' ? '' : String(value).toUpperCase();
const time = (/** @type {any} */ value) => Number(value ?? 0) ? day_and_time(Number(value)) : '';
/** Who leads is whose task it is. @param {any} _ @param {any} body @param {any} event */
const leads = (_, body, event) => body.kind === 'lead' ? department_name(event.department) : null;
const cell = (/** @type {any} */ _, /** @type {any} */ body) => body.east_cell || body.north_cell ? `${body.east_cell ?? 0},${body.north_cell ?? 0}` : '';

/** @type {(enumeration: string, label?: string) => Record<string, Field>} */
const moved = (enumeration, label = 'state') => ({ to: { label, from: 'from', show: word(enumeration) } });
/** @type {Record<string, Field>} */
const record = { category: { show: category_name, begins: true }, priority: { show: word('priority'), begins: true }, district: { show: district_name, begins: true },
    secrecy: { show: word('secrecy'), begins: true }, text_unsafe: { show: yes, begins: true }, anonymous: { show: yes, begins: true } };
/** Kind of event → member → how it is shown. @type {Record<string, Record<string, Field>>} */
const table = {
    incident_drafted: record,
    incident_registered: { ...record, sla: { show: upper, begins: true }, east_cell: { label: 'place', show: cell, begins: true } },
    incident_moved: { ...moved('incident_state'), round: { show: number } },
    incident_raised: { priority: { show: word('priority') }, sla: { show: upper }, secrecy: { show: word('secrecy') }, risks: { show: bits('risk') } },
    incident_flagged: { flags: { show: bits('plan_flag') } },
    incident_supervised: { to: { label: 'supervise', from: 'from', show: number } },
    priority_changed: { to: { label: 'priority', from: 'from', show: word('priority') }, sla: { show: upper } },
    secrecy_changed: { to: { label: 'secrecy', from: 'from', show: word('secrecy') } },
    dispute_ruled: { lead: { show: department_name } },
    task_opened: { kind: { of: 'task', show: word('task_kind'), begins: true }, reply_due_ms: { label: 'reply_due', of: 'task', show: time, begins: true }, lead: { show: leads, begins: true } },
    task_moved: moved('task_state', 'task_state'),
    task_forwarded: { handler: { of: 'task', show: user_name, begins: true } },
    clock_started: { due_ms: { label: 'due', of: 'clock', show: time, begins: true } },
    clock_moved: { due_ms: { label: 'due', of: 'clock', from: 'from_ms', show: time } },
    unit_moved: moved('unit_state', 'unit_state'),
    contact_relined: { to: { label: 'line', from: 'from', show: (line) => name_of(line_of.value.get(line)) || number(line) } },
    contact_raised: { band: { show: word('band') } },
};

/** The members of an event that its changes say already. @param {string} kind */
export const told_by = (kind) => Object.keys(table[kind] ?? {});

/** What a field is called, with which clock or unit it is of. @param {string} name @param {any} body */
function label_of(name, body) {
    if (name === 'due') return said('clock_kind', body.clock ?? 'none');
    return name === 'unit_state' ? `${name_of(unit_of.value.get(body.unit))} ${t(`change.${name}`)}` : t(`change.${name}`);
}

/**
 * Walks the trail from its begin.
 * @param {import('./trail.js').TrailRow[]} rows in the order they happened
 * @returns {Map<number, Change[]>} by the event's number
 */
export function changes_of(rows) {
    /** What stands. @type {Map<string, string>} */
    const stands = new Map();
    const found = new Map();
    for (const { seq, event } of rows) {
        const kind = kind_of(event);
        const body = event[kind] ?? {};
        const changes = [];
        for (const [member, field] of Object.entries(table[kind] ?? {})) {
            const name = field.label ?? member;
            const which = field.of === 'clock' ? `${body.clock} ${body.subject ?? event.task ?? ''}` : field.of === 'task' ? event.task : '';
            const key = `${kind.startsWith('contact_') ? event.contact : event.incident} ${name} ${which}`;
            const after = field.show(body[member], body, event);
            if (after === null) continue;
            const before = field.from ? field.show(body[field.from], body, event) : stands.get(key) ?? (field.begins ? '' : null);
            stands.set(key, after);
            if (before !== after && !(before === null && !after) && !(before === '' && after === t('change.no'))) changes.push({ label: label_of(name, body), before, after });
        }
        if (changes.length) found.set(seq, changes);
    }
    return found;
}

const personal = /** @type {const} */ (['text', 'address', 'name', 'number']);
/** What opened words say otherwise than those opened before them. @param {any} before @param {any} after @returns {Change[]} */
export const changed_words = (before, after) => personal.filter((name) => before?.[name] && after[name] && before[name] !== after[name])
    .map((name) => ({ label: t(`form.${name}`), before: before[name], after: after[name] }));
