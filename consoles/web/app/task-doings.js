// SPDX-License-Identifier: GPL-3.0-or-later
// What a department may do with a task beside signing, moving and replying: send it back, pass it on
// inside, ask for time, for a suspension, for another department, for facts; answer a demand.
import { make_asks } from './ask.js';
import { bits_of } from './ask-field.js';
import { has_role, me, user_of } from './store.js';
import { petitions, task_fields, task_petition } from './petitions.js';
import { name_of, said } from './words.js';

/** @typedef {import('./ask-field.js').Field} Field */

/**
 * @param {{ readonly value: import('./schema.js').TaskRow | undefined }} task
 * @param {{ readonly value: import('./schema.js').IncidentDetail | null }} detail
 */
export function make_task_asks(task, detail) {
    const id = () => task.value?.task ?? '0';
    const incident = () => task.value?.incident ?? '0';
    const is = (/** @type {string[]} */ ...states) => states.includes(task.value?.state ?? '');
    const works = () => is('signed', 'rolling', 'arrived', 'contacted');
    const civil = () => detail.value?.row.emergency === false;
    const late = () => task.value?.owes_reason === true;
    const head = () => has_role('department_head') || has_role('supervisor');
    const waits = (/** @type {string} */ kind) => petitions.value.some((row) => row.kind === kind && row.end === 'none');
    /** @type {(must?: boolean, label?: string) => Field} */
    const text = (must = false, label = 'doing.words') => ({ name: 'text', kind: 'words', label, must });
    const of = () => ({ incident: incident(), task: id(), due_ms: task.value?.due_ms ?? 0 });
    const colleagues = () => [...user_of.value.values()].filter((row) => row.department === me.value?.department && !row.retired && !row.unit)
        .map((row) => ({ word: String(row.user), label: `${row.user} ${name_of(row)}` }));
    return make_asks({ id: 'dept', words: 'task', subject: id, home: 'inbox-list', table: {
        send_back: { key: 'KeyR', tone: 'danger', may: () => is('sent', 'signed') && task.value?.returnable === true, fields: [
            { name: 'reason', kind: 'one', label: 'dept.reason', of: 'return_reason', value: 'territory' },
            { name: 'suggest', kind: 'department', label: 'task.suggest' }, text(false, 'dept.reason_text')],
        command: ({ reason, suggest }) => ({ task_send_back: { task: id(), reason, ...(suggest ? { suggest } : {}) } }) },
        forward: { key: 'KeyF', may: works, fields: () => [{ name: 'handler', kind: 'select', label: 'task.handler', must: true, options: colleagues() }, text()],
            command: ({ handler }) => ({ task_forward: { task: id(), handler: Number(handler) } }) },
        assist: { key: 'KeyS', may: () => works() && task.value?.kind === 'lead', fields: [{ name: 'department', kind: 'department', label: 'audit.department', must: true }, text(true)],
            command: ({ department }) => ({ task_add: { incident: incident(), department, kind: 'assist' } }) },
        extension: { key: 'KeyX', may: () => head() && works() && civil() && !waits('extension'), fields: task_fields('extension'), command: (values) => task_petition('extension', of(), values) },
        suspension: { key: 'KeyH', may: () => head() && works() && civil() && task.value?.kind === 'lead' && !waits('suspension'), fields: task_fields('suspension'),
            command: (values) => task_petition('suspension', of(), values) },
        cancel: { key: 'KeyC', may: () => petitions.value.some((row) => row.end === 'none' && row.user === me.value?.user), fields: () => [{ name: 'petition', kind: 'select', label: 'petition.title', must: true,
            options: petitions.value.filter((row) => row.end === 'none' && row.user === me.value?.user).map((row) => ({ word: row.petition, label: said('petition_kind', row.kind) })) }],
        command: ({ petition }) => ({ petition_cancel: { petition } }) },
        answer: { key: 'KeyU', tone: 'main', may: () => (task.value?.demand_due_ms ?? 0) > 0 || late(), fields: () => late()
            ? [{ name: 'reason', kind: 'one', label: 'dept.late_reason', of: 'late_reason', must: true }, text()] : [text(true, 'task.answer')],
        command: ({ reason }) => ({ demand_answer: { task: id(), ...(reason ? { reason } : {}) } }) },
        ask_info: { key: 'KeyI', may: () => works() && civil(), fields: [{ name: 'missing', kind: 'bits', label: 'doing.missing', of: 'fact', must: true }, text(true)],
            command: ({ missing }) => missing.length ? { incident_ask_info: { incident: incident(), missing: bits_of('fact', missing) } } : null },
        upgrade: { key: 'KeyP', may: () => works() && civil(), fields: [{ name: 'line', kind: 'line', label: 'queue.line', must: true }, { name: 'category', kind: 'category', label: 'form.category', must: true }, text(true)],
            command: ({ line, category }) => ({ incident_upgrade: { incident: incident(), line, category } }) },
        controlled: { key: 'KeyO', may: () => works() && detail.value?.row.emergency === true && ['on_scene', 'handling'].includes(detail.value.row.state), fields: [text()],
            command: () => ({ incident_control: { incident: incident() } }) },
    } });
}
