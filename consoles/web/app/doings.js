// SPDX-License-Identifier: GPL-3.0-or-later
// What may be done with the incident looked at: each doing has a key, the states that permit it, and a
// form. Words typed are kept at this seat until they are sent.
import { computed, html, signal } from './ui.js';
import { Act, Radios } from './pick.js';
import { Departments, departments_of } from './departments.js';
import { Survey, is_answered, unanswered } from './survey.js';
import { department_name } from './marks.js';
import { category_of, me } from './store.js';
import { order_number } from './clock.js';
import { said, t } from './words.js';
import { notify, told } from './notice.js';
import { send } from './outbox.js';
import { words } from './schema.js';

/** @typedef {'dispatch' | 'tell' | 'survey' | 'reject' | 'reopen' | 'direct' | 'void' | 'note'} Doing */

/** @type {import('../vendor/signals.js').Signal<import('./schema.js').IncidentDetail | null>} */
export const detail = signal(/** @type {any} */ (null));
export const chosen_task = signal('');
/** The doing whose form stands open. */
export const form = signal(/** @type {Doing | ''} */ (''));
const answers = signal(unanswered);
const means = signal('phone');
const void_reason = signal('silent');
const departments = signal({ lead: 0, assists: /** @type {number[]} */ ([]) });
const kept = signal(/** @type {Record<string, string>} */ ({}));
const busy = signal(false);

const state = computed(() => detail.value?.row.state ?? '');
/** The reply a rejection would meet: the chosen one, else the lead's, else any. */
const replied = computed(() => {
    const round = detail.value?.row.round;
    const rows = (detail.value?.tasks ?? []).filter((one) => one.state === 'replied' && one.round === round);
    return rows.find((one) => one.task === chosen_task.value) ?? rows.find((one) => one.kind === 'lead') ?? rows[0];
});

/** @type {Record<Doing, { key: string, may: () => boolean, tone?: string }>} */
const doings = {
    dispatch: { key: 'KeyD', may: () => ['registered', 'redo'].includes(state.value), tone: 'main' },
    tell: { key: 'KeyT', may: () => state.value === 'replied', tone: 'main' },
    survey: { key: 'KeyS', may: () => ['told', 'revisit'].includes(state.value), tone: 'main' },
    reject: { key: 'KeyX', may: () => ['replied', 'handling'].includes(state.value) && Boolean(replied.value) },
    reopen: { key: 'KeyO', may: () => ['closed', 'direct', 'void', 'withdrawn'].includes(state.value) },
    direct: { key: 'KeyZ', may: () => state.value === 'registered' },
    void: { key: 'KeyV', may: () => state.value === 'registered' },
    note: { key: 'KeyN', may: () => state.value !== '' },
};
const names = /** @type {Doing[]} */ (Object.keys(doings));

function place() {
    return `yihao.doings.${me.peek()?.user}`;
}
function slot() {
    return `${detail.value?.row.incident}.${form.value}`;
}
/** @param {string} text every keystroke is kept; '' forgets */
function write(text) {
    const { [slot()]: _, ...rest } = kept.value;
    kept.value = text ? { ...rest, [slot()]: text } : rest;
    localStorage.setItem(place(), JSON.stringify(kept.value));
}
const written = computed(() => kept.value[slot()] ?? '');

/** @param {Doing} name */
function open_form(name) {
    kept.value = JSON.parse(localStorage.getItem(place()) ?? '{}');
    answers.value = unanswered;
    means.value = 'phone';
    const row = detail.value?.row;
    const usual = departments_of(category_of.value.get(row?.category ?? 0));
    departments.value = { lead: row?.lead || usual.lead, assists: usual.assists.filter((one) => one !== row?.lead) };
    form.value = name;
    requestAnimationFrame(() => /** @type {HTMLElement | null} */ (document.querySelector(
        '.doing-form textarea, .doing-form input, .doing-form button'))?.focus());
}

export function close_form() {
    form.value = '';
}

const wordy = ['reject', 'direct', 'note'];

/** The command that the open form asks for; null: something is missing, said in `words`. */
function asked() {
    const incident = detail.value?.row.incident ?? '0';
    const { lead, assists } = departments.value;
    switch (form.value) {
    case 'dispatch': return lead ? { incident_dispatch: { incident, lead, assists } } : null;
    case 'tell': return { incident_tell: means.value === 'phone' || means.value === 'sms' ? { incident, means: means.value }
        : { incident, means: 'excused', excuse: means.value } };
    case 'survey': return is_answered(answers.value) ? { survey_answer: { incident, ...answers.value } } : null;
    case 'reject': return replied.value ? { task_reject_reply: { task: replied.value.task } } : null;
    case 'reopen': return { incident_reopen: { incident } };
    case 'direct': return { incident_answer_directly: { incident } };
    case 'void': return { incident_void: { incident, reason: void_reason.value } };
    case 'note': return { incident_note: { incident } };
    default: return null;
    }
}

async function submit() {
    const name = form.value;
    const number = order_number(detail.value?.row.number ?? '');
    const text = written.value.trim();
    const command = asked();
    if (!name || busy.value) return undefined;
    if (!command || (wordy.includes(name) && !text)) return notify('bad', t(`doing.${name}_wanted`));
    busy.value = true;
    const done = told(await send(command, wordy.includes(name) ? { text } : undefined));
    busy.value = false;
    if (!done) return undefined;
    write('');
    close_form();
    document.getElementById('panel-tasks')?.focus();
    return notify('good', t(`doing.${name}_done`, { number }));
}

/** @param {() => HTMLElement | null} within @returns {import('./keys.js').Binding[]} */
export function form_keys(within) {
    return [
        ...names.map((name) => ({ key: doings[name].key, words: `doing.${name}`, within, act: () => open_form(name),
            when: () => !form.value && doings[name].may() })),
        { key: 'Ctrl+Enter', words: 'key.submit', within, act: () => void submit(), when: () => form.value !== '' },
    ];
}

/** @param {{ label: string }} props */
function Words({ label }) {
    return html`<div class="field"><label for="doing-text">${label}<span class="must" aria-hidden="true">*</span></label>
        <textarea id="doing-text" rows="3" maxlength="1000" value=${written.value}
            onInput=${(/** @type {any} */ e) => write(e.currentTarget.value)}></textarea></div>`;
}

function Fields() {
    const pick = (/** @type {import('../vendor/signals.js').Signal<string>} */ into) => (/** @type {string} */ word) => { into.value = word; };
    switch (form.value) {
    case 'dispatch': return html`<${Departments} id="doing" ...${departments.value}
        onPick=${(/** @type {any} */ chosen) => { departments.value = chosen; }} />`;
    case 'tell': return html`<${Radios} id="doing-means" label=${t('doing.means')} value=${means.value} onPick=${pick(means)}
        options=${[...['phone', 'sms'].map((word) => ({ word, label: said('tell_means', word) })),
            ...words.excuse_reason.slice(1).map((word) => ({ word, label: said('excuse_reason', word) }))]} />`;
    case 'survey': return html`<p class="quiet">${t('doing.survey_hint')}</p><${Survey} id="doing" answers=${answers.value}
        onPick=${(/** @type {any} */ all) => { answers.value = all; }} />`;
    case 'reject': return html`<p>${t('doing.rejects', { name: department_name(replied.value?.department ?? 0) })}</p>
        <${Words} label=${t('doing.why')} />`;
    case 'reopen': return html`<p>${t('doing.reopen_hint')}</p>`;
    case 'direct': return html`<${Words} label=${t('form.answer')} />`;
    case 'void': return html`<${Radios} id="doing-void" label=${t('form.void_reason')} value=${void_reason.value} onPick=${pick(void_reason)}
        options=${words.void_reason.slice(1).map((word) => ({ word, label: said('void_reason', word) }))} />`;
    default: return html`<${Words} label=${t('doing.note_text')} />`;
    }
}

export function Doings() {
    if (form.value) return html`<div class="closing doing-form"><h3>${t(`doing.${form.value}`)}</h3><${Fields} />
        <p class="acts"><${Act} keys="Ctrl+Enter" tone=${['void', 'reject'].includes(form.value) ? 'danger' : 'main'}
            disabled=${busy.value} onClick=${submit}>${t(`doing.${form.value}_go`)}<//>
        <${Act} keys="Esc" onClick=${close_form}>${t('form.back')}<//></p></div>`;
    return html`<p class="acts">${names.filter((name) => doings[name].may()).map((name) => html`<${Act} key=${name}
        keys=${doings[name].key.slice(3)} tone=${doings[name].tone ?? ''} onClick=${() => open_form(name)}>${t(`doing.${name}`)}<//>`)}</p>`;
}
