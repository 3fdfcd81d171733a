// SPDX-License-Identifier: GPL-3.0-or-later
// The sheet of one incident, laid over the zones from any list by Enter: facts, tasks, texts, trail,
// and what may be done. Never over the banner of calls; Esc goes back to where it was opened.
import { html, signal, useEffect, useRef } from './ui.js';
import { Countdown, LineMark, PriorityMark, category_name, department_name, district_name, user_name } from './marks.js';
import { chosen_task, detail, doing_asks } from './doings.js';
import { Petitions, use_petitions } from './petitions.js';
import { Plan } from './plan.js';
import { List } from './list.js';
import { close_incident, looked_at } from './incident.js';
import { Act } from './pick.js';
import { Trail, use_trail } from './trail.js';
import { use_detail } from './detail.js';
import { kind_of } from './row.js';
import { day_and_time, order_number } from './clock.js';
import { said, t } from './words.js';
import { Reveal, open_person, reveal_key } from './person.js';
import { use_keys } from './keys.js';

/** @type {import('../vendor/signals.js').Signal<import('./schema.js').TextRow[]>} */
const texts = signal(/** @type {any[]} */ ([]));
/** What was opened in this session: the registration's words, and the newest of each field.
 * @type {import('../vendor/signals.js').Signal<Record<string, { first: any, newest: any }>>} */
const opened = signal(/** @type {Record<string, any>} */ ({}));

/** @param {import('./trail.js').TrailRow[]} rows @param {string} reason */
async function open_words(rows, reason) {
    const incident = looked_at.value;
    const registered = rows.find(({ event }) => kind_of(event) === 'incident_registered' && event.incident === incident);
    const first = await open_person(incident, reason, registered ? { seq: String(registered.seq) } : {});
    const newest = first && await open_person(incident, reason);
    if (first && newest) opened.value = { ...opened.value, [incident]: { first, newest } };
}

/** @param {{ onOpen: () => void, reason: string }} props */
function Citizen({ onOpen, reason }) {
    const words = opened.value[looked_at.value];
    if (!words) return html`<p class="acts"><${Act} keys="C" onClick=${onOpen}>${t('dept.open')}<//>
        <span class="quiet">${t('dept.open_hint')}</span></p>`;
    const { first, newest } = words;
    return html`<dl class="facts">
        <div class="whole"><dt>${t('form.text')}</dt><dd class="said">${first.text || '–'}</dd></div>
        ${newest.text && newest.text !== first.text ? html`<div class="whole"><dt>${t('incident.newest')}</dt><dd class="said">${newest.text}</dd></div>` : ''}
        <div class="half"><dt>${t('form.address')}</dt><dd>${newest.address || first.address || '–'}</dd></div>
        <div><dt>${t('form.name')}</dt><dd>${newest.name || first.name || '–'}</dd></div>
        <div><dt>${t('form.number')}</dt><dd class="digits">${newest.number || first.number || '–'}</dd></div></dl>
        <${Reveal} person=${newest} subject=${looked_at.value} reason=${reason} onShown=${(/** @type {any} */ person) => {
            opened.value = { ...opened.value, [looked_at.value]: { first, newest: person } };
        }} />`;
}

/** @param {{ one: import('./schema.js').IncidentDetail }} props */
function Facts({ one: { row, contacts } }) {
    return html`<dl class="facts"><div><dt>${t('queue.line')}</dt><dd><${LineMark} line=${row.line} named /></dd></div>
        <div><dt>${t('form.district')}</dt><dd>${district_name(row.district) || '–'}</dd></div>
        <div><dt>${t('dept.registered_by')}</dt><dd>${user_name(row.taker) || '–'}</dd></div>
        <div><dt>${t('incident.registered')}</dt><dd class="digits">${day_and_time(row.registered_ms)}</dd></div>
        <div><dt>${said('clock_kind', row.clock) || t('incident.clock')}</dt><dd><${Countdown} due_ms=${row.due_ms} /></dd></div>
        <div><dt>${t('incident.contacts')}</dt><dd class="digits">${contacts.length || row.contacts}</dd></div>
        <div><dt>${t('incident.round')}</dt><dd class="digits">${row.round}</dd></div>
        <div><dt>${t('incident.told')}</dt><dd>${said('tell_means', row.told) || '–'}</dd></div></dl>`;
}

function Tasks() {
    const rows = detail.value?.tasks ?? [];
    return html`<h3 id="panel-tasks-title">${t('incident.tasks')} <span class="count">${rows.length}</span></h3>
        <${List} id="panel-tasks" label=${t('incident.tasks')} rows=${rows} by=${(/** @type {any} */ row) => row.task} autofocus
            chosen=${chosen_task.value} onChoose=${(/** @type {string} */ key) => { chosen_task.value = key; }} empty=${t('incident.no_tasks')}
            tone=${(/** @type {any} */ row) => row.overdue ? 'over' : ''}
            show=${(/** @type {any} */ row) => html`<div class="line-1"><span class="tag">${said('task_kind', row.kind)}</span>
                <b>${department_name(row.department)}</b> <span class="tag state">${said('task_state', row.state)}</span>
                ${row.round > 1 ? html`<span class="quiet">${t('dept.round', { n: row.round })}</span>` : ''}
                <span class="right">${row.due_ms && !['replied', 'returned', 'recalled'].includes(row.state)
                    ? html`<${Countdown} due_ms=${row.due_ms} />` : html`<span class="quiet digits">${day_and_time(row.moved_ms)}</span>`}</span></div>`} />`;
}

function Texts() {
    return html`<h3>${t('audit.texts')}</h3>${texts.value.length ? html`<ul class="texts">${texts.value.map((row) => html`<li key=${row.text}>
        <span class="digits quiet">${day_and_time(row.ordered_ms)}</span> ${said('template', row.template)}
        <span class=${`right tag ${row.state === 'failed' ? 'bad' : row.state === 'delivered' ? 'good' : ''}`}>${said('text_state', row.state)}</span></li>`)}</ul>`
        : html`<p class="quiet">${t('audit.no_texts')}</p>`}`;
}

/** Why a call taker reads: to tell, to ask whether it is good, else as whoever answered.
 * @param {string} state */
function taker_reason(state) {
    return state === 'replied' ? 'telling' : state === 'told' || state === 'revisit' ? 'revisit' : 'answering';
}

/** @param {{ supervising: boolean }} props */
export function Sheet({ supervising }) {
    const sheet = useRef(/** @type {HTMLElement | null} */ (null));
    const incident = looked_at.value;
    use_detail(incident, detail, texts);
    use_petitions(incident);
    const trail = use_trail(incident);
    useEffect(() => { chosen_task.value = ''; sheet.current?.focus(); return doing_asks.close; }, [incident]);
    const within = () => sheet.current;
    const reason = supervising ? 'supervision' : taker_reason(detail.value?.row.state ?? '');
    const open = () => void open_words(trail.value, reason);
    use_keys([...doing_asks.keys(within),
        { key: 'KeyC', words: 'dept.open', act: open, within, when: () => !opened.value[incident] },
        { ...reveal_key, within },
        { key: 'Escape', words: 'key.close', within, act: () => {
            if (!doing_asks.form.value) return close_incident();
            doing_asks.close();
            return document.getElementById('panel-tasks')?.focus();
        } },
    ]);
    const one = detail.value;
    const row = one?.row;
    return html`<section class="zone panel" data-zone="incident" role="dialog" aria-labelledby="incident-title" ref=${sheet} tabindex="-1">
        <h2 id="incident-title">${row ? html`<${PriorityMark} priority=${row.priority} /> <span class="digits">${order_number(row.number)}</span>
            ${category_name(row.category)} <span class="tag state">${said('incident_state', row.state)}</span>
            ${row.overdue ? html`<span class="tag bad">${t('time.over')}</span>` : ''}` : t('form.loading')}
            <span class="right"><${Act} keys="Esc" onClick=${close_incident}>${t('help.close')}<//></span></h2>
        <div class="panel-columns"><div class="scroll panel-left">
            ${one ? html`<${doing_asks.View} /><${Facts} one=${one} /><${Citizen} onOpen=${open} reason=${reason} /><${Tasks} /><${Petitions} />${row?.emergency ? html`<h3>${t('plan.title')}</h3><${Plan} incident=${incident} />` : ''}<${Texts} />` : ''}</div>
        <div class="scroll" tabindex="0" role="region" aria-label=${t('trail.title')}><h3>${t('trail.title')}</h3>
            <${Trail} rows=${trail.value} reason=${reason} /></div></div>
    </section>`;
}
