// SPDX-License-Identifier: GPL-3.0-or-later
// What may be done with the incident looked at: each doing has a key, the states and roles that permit
// it, and a form. The dispatcher has the last word; what it refuses says why.
import { computed, signal } from './ui.js';
import { make_asks } from './ask.js';
import { bits_of, time_ahead } from './ask-field.js';
import { departments_of } from './departments.js';
import { incident_by_number } from './lookup.js';
import { centre_fields, centre_petition } from './petitions.js';
import { is_answered } from './survey.js';
import { department_name } from './marks.js';
import { category_of, has_role } from './store.js';
import { said, t } from './words.js';
import { words } from './schema.js';

/** @type {import('../vendor/signals.js').Signal<import('./schema.js').IncidentDetail | null>} */
export const detail = signal(/** @type {any} */ (null));
export const chosen_task = signal('');

const row = computed(() => detail.value?.row);
const state = computed(() => row.value?.state ?? '');
const incident = () => row.value?.incident ?? '0';
const is = (/** @type {string[]} */ ...states) => states.includes(state.value);
const ended = ['closed', 'direct', 'void', 'withdrawn', 'archived', 'not_accepted', 'merged', 'transferred'];
const open = () => state.value !== '' && !ended.includes(state.value);
const out = () => is('dispatched', 'handling', 'on_scene', 'controlled');
const centre = () => has_role('taker') || has_role('supervisor');
const chief = () => has_role('supervisor');
const task = computed(() => detail.value?.tasks.find((one) => one.task === chosen_task.value));
/** The reply a rejection would meet: the chosen one, else the lead's, else any. */
const replied = computed(() => {
    const round = row.value?.round;
    const rows = (detail.value?.tasks ?? []).filter((one) => one.state === 'replied' && one.round === round);
    return rows.find((one) => one.task === chosen_task.value) ?? rows.find((one) => one.kind === 'lead') ?? rows[0];
});

/** @typedef {import('./ask-field.js').Field} Field */
/** @type {(must?: boolean, label?: string) => Field} */
const text = (must = false, label = 'doing.words') => ({ name: 'text', kind: 'words', label, must });
/** @type {Field} */
const survey = { name: 'survey', kind: 'survey', label: 'doing.survey' };
/** @type {Field} */
const number = { name: 'number', kind: 'order', label: 'audit.number', must: true };

/** @param {any} values @param {(other: string) => any} make */
async function with_other(values, make) {
    const other = await incident_by_number(String(values.number));
    return other ? make(other.incident) : null;
}
function usual_departments() {
    const one = row.value;
    const usual = departments_of(category_of.value.get(one?.category ?? 0), one?.district);
    const lead = one?.lead || usual.lead;
    return { lead, assists: usual.assists.filter((other) => other !== lead) };
}

/** @type {Record<string, import('./ask.js').Doing>} */
const table = {
    dispatch: { key: 'KeyD', tone: 'main', may: () => centre() && is('registered', 'redo', 'pending_dispatch'),
        fields: [{ name: 'who', kind: 'departments', label: 'form.lead', value: usual_departments }],
        command: ({ who }) => who.lead ? { incident_dispatch: { incident: incident(), ...who } } : null },
    review: { key: 'Digit9', tone: 'main', may: () => (has_role('reviewer') || chief()) && is('registered', 'replied'),
        fields: ({ pass }) => [{ name: 'pass', kind: 'flag', label: 'doing.pass', value: true },
            ...(pass === false ? [/** @type {Field} */ ({ name: 'defect', kind: 'one', label: 'doing.defect', of: 'defect', must: true }), text()] : [])],
        command: ({ pass, defect }) => ({ incident_review: { incident: incident(), pass, ...(pass ? {} : { defect }) } }) },
    tell: { key: 'KeyT', tone: 'main', may: () => centre() && is('replied'),
        fields: () => [{ name: 'means', kind: 'select', label: 'doing.means', must: true, value: 'phone', options: [...['phone', 'sms'].map((word) => ({ word, label: said('tell_means', word) })),
            ...words.excuse_reason.slice(1).map((word) => ({ word, label: said('excuse_reason', word) }))] }],
        command: ({ means }) => ({ incident_tell: means === 'phone' || means === 'sms' ? { incident: incident(), means } : { incident: incident(), means: 'excused', excuse: means } }) },
    survey: { key: 'KeyS', tone: 'main', may: () => centre() && is('told', 'revisit'), fields: [survey], hint: () => t('doing.survey_hint'),
        command: (values) => is_answered(values.survey) ? { survey_answer: { incident: incident(), ...values.survey } } : null },
    explain: { key: 'Digit4', may: () => (has_role('reviewer') || chief()) && is('told', 'revisit'),
        fields: [survey, { name: 'close', kind: 'one', label: 'doing.close', of: 'close_code', among: ['not_agreed', 'promised', 'not_verified'], must: true }, text(true)],
        command: (values) => is_answered(values.survey) ? { incident_explain: { incident: incident(), ...values.survey, close: values.close } } : null },
    reject: { key: 'KeyX', tone: 'danger', may: () => (centre() || has_role('reviewer')) && is('replied', 'handling', 'on_scene', 'controlled') && Boolean(replied.value),
        hint: () => t('doing.rejects', { name: department_name(replied.value?.department ?? 0) }),
        fields: [text(true, 'doing.why'), { name: 'defect', kind: 'one', label: 'doing.defect', of: 'defect' }],
        command: ({ defect }) => ({ task_reject_reply: { task: replied.value?.task, ...(defect !== 'none' ? { defect } : {}) } }) },
    add: { key: 'KeyA', may: () => centre() && out(), fields: [{ name: 'department', kind: 'department', label: 'audit.department', must: true },
        { name: 'kind', kind: 'one', label: 'doing.task_kind', of: 'task_kind', among: ['assist', 'inform', 'supervise'], value: 'assist' }, text()],
    command: ({ department, kind }) => ({ task_add: { incident: incident(), department, kind } }) },
    recall: { key: 'KeyR', tone: 'danger', may: () => centre() && Boolean(task.value && ['sent', 'signed', 'rolling', 'arrived', 'contacted'].includes(task.value.state)), fields: [text()],
        hint: () => t('doing.recalls', { name: department_name(task.value?.department ?? 0) }), command: () => ({ task_recall: { task: chosen_task.value } }) },
    urge: { key: 'KeyU', may: () => out(), fields: [{ name: 'citizen', kind: 'flag', label: 'doing.by_citizen' }, text()],
        command: ({ citizen }) => ({ incident_urge: { incident: incident(), citizen } }) },
    supervise: { key: 'KeyP', may: () => (chief() || has_role('director')) && open(), fields: [
        { name: 'level', kind: 'select', label: 'doing.level', must: true, value: () => String(Math.min(3, (row.value?.supervise ?? 0) + 1)), options: ['0', '1', '2', '3'].map((word) => ({ word, label: word })) }, text()],
    command: ({ level }) => ({ incident_supervise: { incident: incident(), level: Number(level) } }) },
    ask_info: { key: 'KeyI', may: () => open() && !is('pending_info', 'suspended'), fields: [{ name: 'missing', kind: 'bits', label: 'doing.missing', of: 'fact', must: true }, text(true)],
        command: ({ missing }) => missing.length ? { incident_ask_info: { incident: incident(), missing: bits_of('fact', missing) } } : null },
    give_info: { key: 'KeyG', tone: 'main', may: () => centre() && is('pending_info'), fields: [text(true)], command: () => ({ incident_give_info: { incident: incident() } }) },
    merge: { key: 'KeyM', may: () => centre() && open(), fields: [number, { name: 'basis', kind: 'one', label: 'doing.basis', of: 'merge_basis', value: 'same_event' }, text()], hint: () => t('doing.merge_hint'),
        command: (values) => with_other(values, (parent) => ({ incident_merge: { child: incident(), parent, basis: values.basis } })) },
    unmerge: { key: 'KeyH', may: () => chief() && is('merged'), fields: [{ name: 'reason', kind: 'one', label: 'petition.why', of: 'unmerge_reason', among: ['other_place', 'other_matter', 'mistake'], must: true }, text()],
        command: ({ reason }) => ({ incident_unmerge: { incident: incident(), reason } }) },
    link: { key: 'KeyL', may: () => centre() && state.value !== '', fields: [number, { name: 'relation', kind: 'one', label: 'doing.relation', of: 'relation', among: ['caused_by', 'same_scene', 'follow_up', 'repeat'], value: 'same_scene' }],
        command: (values) => with_other(values, (other) => ({ incident_link: { incident: incident(), other, relation: values.relation } })) },
    split: { key: 'KeyB', may: () => centre() && open() && (detail.value?.contacts.length ?? 0) > 1, fields: () => [
        { name: 'contact', kind: 'select', label: 'doing.contact', must: true, options: (detail.value?.contacts ?? []).map((word) => ({ word, label: word })) }, { name: 'category', kind: 'category', label: 'form.category' }],
    command: ({ contact, category }) => ({ incident_split: { incident: incident(), contact, ...(category ? { category } : {}) } }) },
    upgrade: { key: 'KeyE', may: () => centre() && open() && row.value?.emergency === false, fields: [{ name: 'line', kind: 'line', label: 'queue.line', must: true }, { name: 'category', kind: 'category', label: 'form.category', must: true }, text()],
        command: ({ line, category }) => ({ incident_upgrade: { incident: incident(), line, category } }) },
    downgrade: { key: 'KeyF', may: () => centre() && open() && row.value?.emergency === true, fields: [{ name: 'line', kind: 'line', label: 'queue.line', must: true }, { name: 'category', kind: 'category', label: 'form.category', must: true }, text()],
        command: ({ line, category }) => ({ incident_downgrade: { incident: incident(), line, category } }) },
    flag: { key: 'Digit1', may: () => centre() && open() && row.value?.emergency === true, fields: [{ name: 'flags', kind: 'bits', label: 'doing.flags', of: 'plan_flag', must: true }],
        command: ({ flags }) => flags.length ? { incident_flag: { incident: incident(), flags } } : null },
    conceal: { key: 'Digit2', may: open, fields: [{ name: 'secrecy', kind: 'one', label: 'form.secrecy', of: 'secrecy', must: true }],
        command: ({ secrecy }) => ({ incident_conceal: { incident: incident(), secrecy } }) },
    prioritize: { key: 'KeyW', may: () => centre() && open(), fields: [{ name: 'priority', kind: 'one', label: 'form.priority', of: 'priority', must: true }],
        command: ({ priority }) => ({ incident_prioritize: { incident: incident(), priority } }) },
    control: { key: 'Digit8', may: () => centre() && is('on_scene', 'handling') && row.value?.emergency === true, fields: [text()], command: () => ({ incident_control: { incident: incident() } }) },
    dispute: { key: 'Digit3', may: () => (chief() || has_role('adjudicator')) && out(), fields: [{ name: 'department', kind: 'department', label: 'doing.party' }, { name: 'days', kind: 'days', label: 'doing.meeting' }, text()],
        command: ({ department, days }) => ({ incident_dispute: { incident: incident(), ...(department ? { parties: [department] } : {}),
            ...(time_ahead(days ?? '') ? { meeting_ms: String(Math.round(time_ahead(days))) } : {}) } }) },
    rule: { key: 'Digit3', tone: 'main', may: () => (has_role('adjudicator') || has_role('director')) && is('dispute'),
        fields: [{ name: 'who', kind: 'departments', label: 'form.lead', value: usual_departments }, { name: 'precedent', kind: 'flag', label: 'doing.precedent' }, text(true)],
        command: ({ who, precedent }) => who.lead ? { incident_rule_dispute: { incident: incident(), ...who, precedent } } : null },
    resume: { key: 'Digit7', may: () => (centre() || has_role('director')) && is('suspended'), fields: [text()], command: () => ({ incident_resume: { incident: incident() } }) },
    object: { key: 'Digit5', may: () => (chief() || has_role('reviewer')) && is('void', 'not_accepted', 'withdrawn'), fields: [text(true)], command: () => ({ incident_object: { incident: incident() } }) },
    bounce: { key: 'Digit6', may: () => centre() && is('transferred'), fields: [text()], command: () => ({ incident_bounce: { incident: incident() } }) },
    petition: { key: 'KeyQ', may: () => centre() && open(), fields: centre_fields, command: (values) => centre_petition(incident(), values) },
    reopen: { key: 'KeyO', may: () => centre() && is('closed', 'direct', 'void', 'withdrawn', 'archived'), hint: () => t('doing.reopen_hint'),
        fields: [{ name: 'new_fact', kind: 'flag', label: 'doing.new_fact' }, text()], command: ({ new_fact }) => ({ incident_reopen: { incident: incident(), new_fact } }) },
    direct: { key: 'KeyZ', may: () => centre() && is('registered', 'pending_dispatch'), fields: [text(true, 'form.answer')], command: () => ({ incident_answer_directly: { incident: incident() } }) },
    void: { key: 'KeyV', tone: 'danger', may: () => centre() && is('registered', 'pending_dispatch'), fields: [{ name: 'reason', kind: 'one', label: 'form.void_reason', of: 'void_reason', value: 'silent' }, text()],
        command: ({ reason }) => ({ incident_void: { incident: incident(), reason } }) },
    note: { key: 'KeyN', may: () => state.value !== '', fields: [text(true, 'doing.note_text')], command: () => ({ incident_note: { incident: incident() } }) },
};

export const doing_asks = make_asks({ id: 'doing', words: 'doing', subject: incident, home: 'panel-tasks', table });
