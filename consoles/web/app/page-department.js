// SPDX-License-Identifier: GPL-3.0-or-later
// A department's page: its tasks in the order of their clocks, the one in hand and what may be done with
// it, its units, what was done.
import { computed, html, signal, useEffect } from './ui.js';
import { Attach, Attachments } from './attachment.js';
import { Bar } from './bar.js';
import { Countdown, LineMark, PriorityMark, category_name, department_name, district_name, user_name } from './marks.js';
import { List, next_zone } from './list.js';
import { Act, Radios } from './pick.js';
import { Reveal, open_person, reveal_key } from './person.js';
import { Trail, fetch_trail, use_trail } from './trail.js';
import { use_detail } from './detail.js';
import { kind_of } from './row.js';
import { me, own_tasks } from './store.js';
import { make_task_asks } from './task-doings.js';
import { Petitions, use_petitions } from './petitions.js';
import { ReplyPreview } from './reply-preview.js';
import { Units } from './units.js';
import { day_and_time, order_number } from './clock.js';
import { notify, told } from './notice.js';
import { play } from './sound.js';
import { said, t } from './words.js';
import { send } from './outbox.js';
import { use_keys } from './keys.js';
import { Signets, show_signets, signs } from './signet.js';
import { words } from './schema.js';

/** @typedef {import('./schema.js').TaskRow} TaskRow */

const chosen = signal('');
const shown = signal('open');
/** @type {import('../vendor/signals.js').Signal<Record<string, any>>} */
const opened = signal(/** @type {Record<string, any>} */ ({}));
/** @type {import('../vendor/signals.js').Signal<import('./schema.js').IncidentDetail | null>} */
const detail = signal(/** @type {any} */ (null));
/** @type {import('../vendor/signals.js').Signal<Record<string, { text: string, solved: string, kind: string }>>} */
const replies = signal(/** @type {any} */ ({}));

const ended = ['returned', 'replied', 'recalled'];
const open_of = (/** @type {TaskRow} */ row) => !ended.includes(row.state);

/** Which tasks the inbox shows. */
const shows = { open: open_of, late: (/** @type {TaskRow} */ row) => open_of(row) && row.overdue,
    demanded: (/** @type {TaskRow} */ row) => open_of(row) && (row.demand_due_ms > 0 || row.owes_reason || row.level !== 'none'), all: () => true };

const rows = computed(() => own_tasks.rows.value
    .filter(shows[/** @type {keyof typeof shows} */ (shown.value)] ?? shows.open)
    .sort((a, b) => Number(open_of(b)) - Number(open_of(a))
        || (a.due_ms || Infinity) - (b.due_ms || Infinity) || b.sent_ms - a.sent_ms));
const task = computed(() => own_tasks.rows.value.find((row) => row.task === chosen.value));
const blank = { text: '', solved: 'yes', kind: 'result' };
const reply = computed(() => replies.value[chosen.value] ?? blank);

function place() {
    return `yihao.replies.${me.peek()?.user}`;
}
/** @param {Partial<typeof blank>} changes every keystroke is kept */
function write_reply(changes) {
    replies.value = { ...replies.value, [chosen.value]: { ...reply.value, ...changes } };
    localStorage.setItem(place(), JSON.stringify(replies.value));
}
function forget_reply(/** @type {string} */ key) {
    const { [key]: _, ...rest } = replies.value;
    replies.value = rest;
    localStorage.setItem(place(), JSON.stringify(rest));
}

/** Opening a task reads the citizen's words: once in a session, and the trail says so. Asked is what
 * lies beside the registration: newer words are the departments' own. */
async function open_task() {
    const row = task.value;
    if (!row || opened.value[row.incident]) return;
    const trail = await fetch_trail(`/api/v1/trail/${row.incident}`);
    const registered = trail?.find(({ event }) => kind_of(event) === 'incident_registered');
    const person = await open_person(row.incident, 'handling', registered ? { seq: String(registered.seq) } : {});
    if (person) opened.value = { ...opened.value, [row.incident]: person };
}

/** @param {any} command @param {string} done @param {any} [personal] */
async function act(command, done, personal) {
    const row = task.value;
    if (!row) return false;
    if (!told(await send(command(row.task), personal))) return false;
    notify('good', t(done, { number: order_number(row.number) }));
    return true;
}
const sign = async () => {
    if (await act((/** @type {string} */ id) => ({ task_sign: { task: id } }), 'dept.signed')) await open_task();
};
const progress = (/** @type {string} */ step) =>
    act((/** @type {string} */ id) => ({ task_progress: { task: id, step } }), `dept.${step}_done`);
/** What the words are: a note while it goes on, that the citizen was spoken with, or the result. */
const feedback = {
    progress: (/** @type {string} */ id) => ({ incident_note: { incident: own_tasks.rows.peek().find((row) => row.task === id)?.incident } }),
    spoken: (/** @type {string} */ id) => ({ task_progress: { task: id, step: 'contact' } }),
    result: (/** @type {string} */ id) => ({ task_reply: { task: id, solved: reply.peek().solved } }),
};
async function reply_now() {
    const { task: id = '' } = task.value ?? {};
    const { text } = reply.value;
    const kind = /** @type {keyof typeof feedback} */ (reply.value.kind in feedback ? reply.value.kind : 'result');
    if (!text.trim()) {
        document.getElementById('dept-reply')?.focus();
        return notify('bad', t('dept.text_wanted'));
    }
    if (await act(feedback[kind], kind === 'result' ? 'dept.replied' : `dept.${kind}_done`, { text })) forget_reply(id);
    return undefined;
}

const can = {
    sign: () => task.value?.state === 'sent',
    roll: () => task.value?.state === 'signed',
    arrive: () => task.value?.state === 'signed' || task.value?.state === 'rolling',
    send_back: () => ['sent', 'signed'].includes(task.value?.state ?? '') && task.value?.returnable === true,
    contact: () => ['signed', 'rolling', 'arrived'].includes(task.value?.state ?? ''),
    reply: () => ['signed', 'rolling', 'arrived', 'contacted'].includes(task.value?.state ?? ''),
};

const task_asks = make_task_asks(task, detail);

/** Assisting tasks that must end before the lead may reply. */
const assists_open = computed(() => task.value?.kind !== 'lead' ? 0
    : detail.value?.tasks.filter((one) => one.kind === 'assist' && open_of(one)).length ?? 0);

function Inbox() {
    const late = rows.value.filter((row) => row.overdue).length;
    return html`<section class="zone inbox" data-zone="inbox" aria-labelledby="inbox-title">
        <h2 id="inbox-title">${t('dept.inbox')} <span class="count">${rows.value.length}</span>
            ${late ? html`<span class="tag bad">${t('dept.late', { n: late })}</span>` : ''}
            <label class="sr" for="inbox-shows">${t('dept.shows')}</label><select id="inbox-shows" class="right small" value=${shown.value}
                onChange=${(/** @type {any} */ e) => { shown.value = e.currentTarget.value; }}>${Object.keys(shows).map((word) => html`<option key=${word} value=${word}>${t(`dept.shows_${word}`)}</option>`)}</select></h2>
        <${List} id="inbox-list" label=${t('dept.inbox')} rows=${rows.value} by=${(/** @type {TaskRow} */ row) => row.task}
            chosen=${chosen.value} onChoose=${(/** @type {string} */ key) => { chosen.value = key; task_asks.close(); }}
            onOpen=${open_task} empty=${t('dept.none')} autofocus
            tone=${(/** @type {TaskRow} */ row) => `${row.overdue ? 'over' : ''} ${row.state}`}
            show=${(/** @type {TaskRow} */ row) => html`<div class="line-1"><${PriorityMark} priority=${row.priority} />
                <span class="digits">${order_number(row.number)}</span>
                ${row.demand_due_ms ? html`<span class="tag bad">${t('dept.demanded')}</span>` : ''}${row.owes_reason ? html`<span class="tag bad">${t('dept.owes_reason')}</span>` : ''}${row.extension_asked ? html`<span class="tag warn">${said('petition_kind', 'extension')}</span>` : ''}
                <span class="right">${open_of(row) ? html`<${Countdown} due_ms=${row.demand_due_ms && row.demand_due_ms < row.due_ms ? row.demand_due_ms : row.due_ms} />` : ''}</span></div>
                <div class="line-2"><b>${category_name(row.category)}</b> ${district_name(row.district)}
                <span class="right quiet">${said('task_kind', row.kind)} · ${said('task_state', row.state)}</span></div>`} />
    </section>`;
}

function Actions() {
    return html`${task_asks.form.value ? '' : html`<p class="acts">
        <${Act} keys="A" tone=${can.sign() ? 'main' : ''} disabled=${!can.sign()} onClick=${sign}>${t('dept.sign')}<//>
        <${Act} keys="1" disabled=${!can.roll()} onClick=${() => progress('roll')}>${t('dept.roll')}<//>
        <${Act} keys="2" disabled=${!can.arrive()} onClick=${() => progress('arrive')}>${t('dept.arrive')}<//>
        <${Act} keys="3" disabled=${!can.contact()} onClick=${() => progress('contact')}>${t('dept.contact')}<//></p>`}<${task_asks.View} />`;
}

/** @param {{ rows: import('./trail.js').TrailRow[] }} props */
function Reply({ rows: trail }) {
    if (!can.reply() || task_asks.form.value) return html`<${Attachments} rows=${trail} reason="handling" />`;
    const kind = reply.value.kind in feedback ? reply.value.kind : 'result';
    return html`<div class="reply"><h3>${t('dept.reply')}</h3>
        <${Radios} id="dept-kind" label=${t('dept.kind')} value=${kind} options=${Object.keys(feedback).map((word) => ({ word, label: t(`dept.kind_${word}`) }))}
            onPick=${(/** @type {string} */ word) => write_reply({ kind: word })} />
        ${kind === 'result' ? html`<${Radios} id="dept-solved" label=${t('dept.solved')} value=${reply.value.solved}
            options=${words.degree.slice(1).map((word) => ({ word, label: said('degree', word) }))}
            onPick=${(/** @type {string} */ solved) => write_reply({ solved })} />` : ''}
        <div class="field"><label for="dept-reply">${t('dept.reply_text')}</label>
            <textarea id="dept-reply" rows="4" maxlength="1000" value=${reply.value.text}
                onInput=${(/** @type {any} */ e) => write_reply({ text: e.currentTarget.value })}></textarea></div>
        ${kind === 'result' && task.value ? html`<${ReplyPreview} incident=${task.value.incident} text=${reply.value.text} lead=${task.value.kind === 'lead'} />` : ''}
        <p class="acts"><${Act} keys="Ctrl+Enter" tone="main" onClick=${reply_now}>${t('dept.reply_go')}<//>
        ${assists_open.value ? html`<span class="tag warn">${t('dept.assists_open', { n: assists_open.value })}</span>` : ''}</p>
        <${Attach} task=${task.value?.task ?? '0'} /><${Attachments} rows=${trail} reason="handling" /></div>`;
}

/** @param {{ incident: string }} props */
function Citizen({ incident }) {
    const person = opened.value[incident];
    if (!person) return html`<p class="acts"><${Act} keys="Enter" onClick=${open_task}>${t('dept.open')}<//>
        <span class="quiet">${t('dept.open_hint')}</span></p>`;
    return html`<dl class="facts">
        <div class="whole"><dt>${t('form.text')}</dt><dd class="said">${person.text || '–'}</dd></div>
        <div class="whole"><dt>${t('form.address')}</dt><dd>${person.address || '–'}</dd></div>
        ${person.name || person.number ? html`<div><dt>${t('form.name')}</dt><dd>${person.name || '–'}</dd></div>
            <div><dt>${t('form.number')}</dt><dd class="digits">${person.number || '–'}</dd></div>`
        : html`<div class="whole"><dd class="quiet">${t('dept.identity_kept')}</dd></div>`}</dl>
        <${Reveal} person=${person} subject=${incident} reason="handling" onShown=${(/** @type {any} */ one) => {
            opened.value = { ...opened.value, [incident]: one };
        }} />`;
}

/** What an urge or a supervision order wants. @param {{ row: TaskRow }} props */
function Demand({ row }) {
    const supervised = detail.value?.row.supervise ?? 0;
    if (row.owes_reason) return html`<p class="demand"><span class="tag bad">${t('dept.owes_reason')}</span> ${t('refusal.late_reason_missing')}</p>`;
    if (!row.demand_due_ms && !supervised && row.level === 'none') return '';
    return html`<p class="demand"><span class="tag bad">${row.level !== 'none' ? said('ladder_level', row.level) : t('dept.supervised', { n: supervised })}</span>
        ${row.demand_due_ms ? html`${t('dept.answer_due')} <span class="big"><${Countdown} due_ms=${row.demand_due_ms} /></span>` : ''}</p>`;
}

/** @param {{ row: TaskRow, trail: import('./trail.js').TrailRow[] }} props */
function Task({ row, trail }) {
    const incident = detail.value?.row;
    return html`<h2 id="task-title"><${PriorityMark} priority=${row.priority} /> <span class="digits">${order_number(row.number)}</span>
            ${category_name(row.category)} <span class="tag">${said('task_kind', row.kind)}</span>
            <span class="tag state">${said('task_state', row.state)}</span></h2>
        <p class="clock-line">${said('clock_kind', row.clock)} <span class="big"><${Countdown} due_ms=${open_of(row) ? row.due_ms : 0} /></span>
            ${incident ? html`<${LineMark} line=${incident.line} named />` : ''} <span class="quiet">${t('dept.sent_at')} ${day_and_time(row.sent_ms)}
            ${row.round > 1 ? t('dept.round', { n: row.round }) : ''}</span></p>
        <${Actions} />
        <dl class="facts"><div><dt>${t('form.district')}</dt><dd>${district_name(row.district) || '–'}</dd></div>
            <div><dt>${t('dept.registered_by')}</dt><dd>${incident ? user_name(incident.taker) : '–'}</dd></div>
            <div><dt>${t('dept.incident_state')}</dt><dd>${incident ? said('incident_state', incident.state) : '–'}</dd></div>
            <div><dt>${t('dept.others')}</dt><dd>${detail.value?.tasks.filter((one) => one.task !== row.task).map((one) =>
                html`<span class="chip-line" key=${one.task}>${department_name(one.department)} ${said('task_state', one.state)} </span>`)}</dd></div></dl>
        <${Demand} row=${row} />
        <${Citizen} incident=${row.incident} />
        <${Reply} rows=${trail} />
        <${Petitions} />`;
}

function use_new_tasks() {
    const waiting = rows.value.filter((row) => row.state === 'sent').map((row) => row.task).join();
    useEffect(() => { if (waiting) play('text'); }, [waiting]);
}

/** @param {{ onSignOut: () => Promise<void> }} props */
export function DepartmentPage({ onSignOut }) {
    useEffect(() => {
        replies.value = JSON.parse(localStorage.getItem(place()) ?? '{}');
        return own_tasks.start();
    }, []);
    const incident = task.value?.incident ?? '0';
    use_detail(incident, detail);
    const trail = use_trail(incident);
    use_petitions(incident);
    use_new_tasks();
    use_keys([
        { key: 'F2', words: 'key.sign_top', act: () => {
            const top = rows.value.find((row) => row.state === 'sent');
            if (top) { chosen.value = top.task; void sign(); }
        } },
        { key: 'F4', words: 'key.next_late', act: () => {
            const late = rows.value.filter((row) => row.overdue);
            const at = late.findIndex((row) => row.task === chosen.value);
            const next = late[(at + 1) % late.length];
            if (next) chosen.value = next.task;
        } },
        { key: 'KeyA', words: 'key.sign', act: sign, when: can.sign },
        { key: 'Digit1', words: 'key.roll', act: () => void progress('roll'), when: () => can.roll() && !task_asks.form.value },
        { key: 'Digit2', words: 'key.arrive', act: () => void progress('arrive'), when: () => can.arrive() && !task_asks.form.value },
        { key: 'Digit3', words: 'dept.contact', act: () => void progress('contact'), when: () => can.contact() && !task_asks.form.value },
        { key: 'KeyE', words: 'key.reply', act: () => document.getElementById('dept-reply')?.focus(), when: () => can.reply() && !task_asks.form.value },
        { key: 'KeyL', words: 'attach.add', act: () => document.getElementById('attach-file')?.click(), when: () => can.reply() && !task_asks.form.value },
        { key: 'Ctrl+Enter', words: 'key.submit', act: () => void reply_now(), when: () => can.reply() && !task_asks.form.value },
        reveal_key,
        ...task_asks.keys(),
        { key: 'F6', words: 'key.zone', act: () => next_zone(1) },
        { key: 'Shift+F6', words: 'key.zone_back', act: () => next_zone(-1) },
    ]);
    const row = task.value;
    return html`<div class="page department">
        <${Bar} page="department" onSignOut=${onSignOut}><strong>${department_name(me.value?.department ?? 0)}</strong>
            <span>${t('dept.to_sign')} <b class="digits">${rows.value.filter((one) => one.state === 'sent').length}</b></span>
            <span>${t('dept.supervised_n')} <b class="digits">${rows.value.filter((one) => one.demand_due_ms).length}</b></span>
            <span>${t('dept.in_hand')} <b class="digits">${rows.value.filter((one) => open_of(one) && one.state !== 'sent').length}</b></span>
            ${signs(me.value?.department ?? 0) ? html`<button type="button" class="plain" onClick=${show_signets}>${t('signet.open')}</button>` : ''}<//>
        <main class="zones">
            <${Inbox} />
            <section class="zone task" data-zone="task" aria-labelledby=${row ? 'task-title' : undefined} aria-label=${row ? undefined : t('dept.inbox')}>
                ${row ? html`<${Task} row=${row} trail=${trail.value} />` : html`<p class="quiet none">${t('dept.choose')}</p>`}</section>
            <div class="stack"><${Units} incident=${row ? detail.value?.row : undefined} /><section class="zone timeline" data-zone="timeline" aria-labelledby="timeline-title" tabindex="0">
                <h2 id="timeline-title">${t('trail.title')}</h2><${Trail} rows=${trail.value} /></section></div>
        </main><${Signets} />
    </div>`;
}
