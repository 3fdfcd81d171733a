// SPDX-License-Identifier: GPL-3.0-or-later
// The supervisor's page: the room at a glance, what is late, what waits for a ruling; and the wall,
// the same figures without controls (?wall=1).
import { computed, html, signal, useEffect, useRef } from './ui.js';
import { Bar } from './bar.js';
import { Countdown, LineMark, PriorityMark, Since, category_name, department_name, user_name } from './marks.js';
import { List, next_zone } from './list.js';
import { Act } from './pick.js';
import { Finder, IncidentPanel, open_incident } from './incident.js';
import { Queue, QueueFigures } from './queue.js';
import { city, contacts, open_incidents, open_tasks, status, takers } from './store.js';
import { now, order_number, span, time_of_day } from './clock.js';
import { age_ms, freshness } from './socket.js';
import { language, said, t } from './words.js';
import { notify, told } from './notice.js';
import { play } from './sound.js';
import { send } from './outbox.js';
import { use_keys } from './keys.js';
import { words } from './schema.js';

/** @typedef {import('./schema.js').LineStatus} LineStatus */

const seat = signal('');
const ruling = signal('');
const late = signal('');
const all_open = signal(false);
const why = signal('');

/** Part of a whole in percent, '–' of nothing. @param {number} part @param {number} whole */
export function percent(part, whole) {
    return whole ? `${(100 * part / whole).toFixed(part === whole ? 0 : 1)}%` : '–';
}

const totals = computed(() => {
    const sum = { arrived: 0, answered: 0, answered_in_time: 0, abandoned: 0, oldest_ms: 0 };
    for (const row of status.rows.value.lines) {
        sum.arrived += row.arrived;
        sum.answered += row.answered;
        sum.answered_in_time += row.answered_in_time;
        sum.abandoned += row.abandoned;
        if (row.oldest_ms && (!sum.oldest_ms || row.oldest_ms < sum.oldest_ms)) sum.oldest_ms = row.oldest_ms;
    }
    return sum;
});

const order = ['offered', 'talking', 'wrap_up', 'ready', 'away', 'signed_off'];
const seats = computed(() => takers.rows.value.filter((row) => row.state !== 'signed_off')
    .sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.since_ms - b.since_ms));
const returns = computed(() => open_tasks.rows.value.filter((row) => row.state === 'return_asked')
    .sort((a, b) => (a.due_ms || Infinity) - (b.due_ms || Infinity)));
/** Open incidents by the clock that runs out first: their own or one of their tasks'. */
const by_clock = computed(() => {
    const rows = new Map(open_incidents.rows.value.map((row) => [row.incident, { ...row, department: row.lead }]));
    for (const task of open_tasks.rows.value) {
        const row = rows.get(task.incident);
        if (row && task.due_ms && (!row.due_ms || task.due_ms < row.due_ms))
            Object.assign(row, { due_ms: task.due_ms, clock: task.clock, department: task.department,
                overdue: row.overdue || task.overdue });
    }
    return [...rows.values()].sort((a, b) => (a.due_ms || Infinity) - (b.due_ms || Infinity));
});
/** @param {{ overdue: boolean, due_ms: number }} row */
const is_late = (row) => row.overdue || (row.due_ms > 0 && row.due_ms < now.value);
const overdue = computed(() => by_clock.value.filter(is_late));

/** @param {any} command @param {string} done */
async function ask_seat(command, done) {
    if (told(await send(command))) notify('good', t(done, { name: user_name(Number(seat.value)) }));
}
const make_ready = () => seat.value ? ask_seat({ taker_ready: { taker: Number(seat.value) } }, 'super.made_ready') : undefined;
const make_away = () => seat.value
    ? ask_seat({ taker_away: { taker: Number(seat.value), reason: 'supervisor' } }, 'super.made_away') : undefined;

/** @param {boolean} accept */
async function rule(accept) {
    const row = returns.value.find((one) => one.task === ruling.value);
    if (!row) return;
    const text = why.value.trim();
    if (told(await send({ task_rule_return: { task: row.task, accept } }, text ? { text } : undefined))) {
        notify('good', t(accept ? 'super.accepted' : 'super.refused', { number: order_number(row.number) }));
        why.value = '';
    }
}

/** @param {{ label: string, tone?: string, children?: any }} props */
function Figure({ label, tone = '', children }) {
    return html`<div class=${`figure ${tone}`}><dt>${label}</dt><dd class="digits">${children}</dd></div>`;
}

/** The figures both the page and the wall show. */
export function Figures() {
    const s = status.rows.value;
    const sum = totals.value;
    const level = sum.answered ? sum.answered_in_time / sum.answered : 1;
    return html`<dl class="kpi" aria-label=${t('super.figures')}>
        <${Figure} label=${t('super.waiting')} tone=${s.waiting ? 'warn' : ''}>${s.waiting}<//>
        <${Figure} label=${t('super.oldest')} tone=${sum.oldest_ms ? 'warn' : ''}>${sum.oldest_ms ? span(now.value - sum.oldest_ms) : '–'}<//>
        <${Figure} label=${t('super.level')} tone=${level < 0.9 ? 'bad' : 'good'}>${percent(sum.answered_in_time, sum.answered)}<//>
        <${Figure} label=${t('super.abandoned')}>${percent(sum.abandoned, sum.arrived)}<//>
        <${Figure} label=${t('super.on_seat')}>${s.ready}<small> / ${s.talking} / ${s.signed_on}</small><//>
        <${Figure} label=${t('super.open')}>${s.open_incidents}<//>
        <${Figure} label=${t('super.overdue')} tone=${s.overdue ? 'bad' : ''}>${s.overdue}<//>
        <${Figure} label=${t('super.callbacks')}>${s.callbacks}<//></dl>`;
}

export function Lines() {
    const rows = status.rows.value.lines;
    return html`<table><caption class="sr">${t('super.lines')}</caption><thead><tr><th scope="col">${t('queue.line')}</th>
        <th scope="col" class="n">${t('super.waiting')}</th><th scope="col" class="n">${t('super.oldest')}</th>
        <th scope="col" class="n">${t('super.level')}</th><th scope="col" class="n">${t('super.arrived')}</th>
        <th scope="col" class="n">${t('super.abandoned')}</th></tr></thead>
        <tbody>${rows.map((row) => html`<tr key=${row.line} class=${row.oldest_ms && now.value - row.oldest_ms > target(row.line) ? 'over' : ''}>
            <th scope="row"><${LineMark} line=${row.line} named /></th><td class="n">${row.waiting}</td>
            <td class="n">${row.oldest_ms ? span(now.value - row.oldest_ms) : '–'}</td>
            <td class="n">${percent(row.answered_in_time, row.answered)}</td><td class="n">${row.arrived}</td>
            <td class="n">${percent(row.abandoned, row.arrived)}</td></tr>`)}</tbody></table>`;
}

/** @param {number} line @returns {number} the answer target in milliseconds */
function target(line) {
    return city.rows.value.lines.find((row) => row.line === line)?.answer_target_ms || Infinity;
}

function Seats() {
    return html`<section class="zone seats" data-zone="seats" aria-labelledby="seats-title">
        <h2 id="seats-title">${t('super.seats')} <span class="count">${seats.value.length}</span>
            ${words.taker_state.slice(2).map((word) => html`<span class="quiet" key=${word}>${said('taker_state', word)}${' '}
                ${seats.value.filter((row) => row.state === word).length}</span>`)}</h2>
        <${List} id="seats-list" label=${t('super.seats')} rows=${seats.value} by=${(/** @type {any} */ row) => String(row.taker)}
            chosen=${seat.value} onChoose=${(/** @type {string} */ key) => { seat.value = key; }} empty=${t('super.no_seats')}
            show=${(/** @type {any} */ row) => html`<div class="line-1"><b>${user_name(row.taker)}</b>
                <span class="right"><${Since} since_ms=${row.since_ms} /></span></div>
                <div class="line-2"><span class=${`state ${row.state}`}>${said('taker_state', row.state)}</span>
                ${row.state === 'away' ? said('away_reason', row.reason) : ''}
                ${line_at(row.contact)}<span class="right quiet">${t('super.served', { n: row.served })}</span></div>`} />
        <p class="acts"><${Act} keys="G" disabled=${!seat.value} onClick=${make_ready}>${t('super.make_ready')}<//>
            <${Act} keys="B" disabled=${!seat.value} onClick=${make_away}>${t('super.make_away')}<//></p>
    </section>`;
}

/** @param {string} contact */
function line_at(contact) {
    const row = contacts.rows.value.find((one) => one.contact === contact);
    return row ? html`<${LineMark} line=${row.line} />` : '';
}

function Rulings() {
    return html`<section class="zone rulings" data-zone="rulings" aria-labelledby="rulings-title">
        <h2 id="rulings-title">${t('super.rulings')} <span class="count">${returns.value.length}</span></h2>
        <${List} id="rulings-list" label=${t('super.rulings')} rows=${returns.value} by=${(/** @type {any} */ row) => row.task}
            chosen=${ruling.value} onChoose=${(/** @type {string} */ key) => { ruling.value = key; }} empty=${t('super.no_rulings')}
            onOpen=${(/** @type {any} */ row) => open_incident(row.incident)}
            show=${(/** @type {any} */ row) => html`<div class="line-1"><${PriorityMark} priority=${row.priority} />
                <span class="digits">${order_number(row.number)}</span> <span class="tag warn">${said('return_reason', row.reason)}</span>
                <span class="right"><${Countdown} due_ms=${row.due_ms} /></span></div>
                <div class="line-2">${category_name(row.category)} · ${department_name(row.department)} ${said('task_kind', row.kind)}</div>`} />
        ${returns.value.some((one) => one.task === ruling.value) ? html`<div class="field"><label for="ruling-why">${t('super.why')}</label>
            <input id="ruling-why" type="text" maxlength="500" value=${why.value}
                onInput=${(/** @type {any} */ e) => { why.value = e.currentTarget.value; }} /></div>
        <p class="acts"><${Act} keys="Y" onClick=${() => rule(true)}>${t('super.accept')}<//>
            <${Act} keys="N" onClick=${() => rule(false)}>${t('super.refuse')}<//></p>` : ''}
    </section>`;
}

function Late() {
    const rows = all_open.value ? by_clock.value : overdue.value;
    const title = t(all_open.value ? 'super.all_open' : 'super.late');
    return html`<section class="zone late" data-zone="late" aria-labelledby="late-title">
        <h2 id="late-title">${title} <span class="count">${rows.length}</span>
            <label class="right small"><input type="checkbox" checked=${all_open.value}
                onChange=${(/** @type {any} */ e) => { all_open.value = e.currentTarget.checked; }} /> ${t('super.show_all')}</label></h2>
        <${List} id="late-list" label=${title} rows=${rows} by=${(/** @type {any} */ row) => row.incident}
            chosen=${late.value} onChoose=${(/** @type {string} */ key) => { late.value = key; }}
            empty=${t(all_open.value ? 'nearby.none' : 'super.none_late')}
            onOpen=${(/** @type {any} */ row) => open_incident(row.incident)} tone=${(/** @type {any} */ row) => is_late(row) ? 'over' : ''}
            show=${(/** @type {any} */ row) => html`<div class="line-1"><${PriorityMark} priority=${row.priority} /><${LineMark} line=${row.line} />
                <span class="digits">${order_number(row.number)}</span><span class="right"><${Countdown} due_ms=${row.due_ms} /></span></div>
                <div class="line-2">${category_name(row.category)} · ${row.department ? department_name(row.department) : said('incident_state', row.state)}
                <span class="right quiet">${said('clock_kind', row.clock)}</span></div>`} />
        <div class="acts"><${Act} keys="Enter" disabled=${!rows.some((row) => row.incident === late.value)}
            onClick=${() => open_incident(late.value)}>${t('incident.open')}<//><${Finder} /></div>
    </section>`;
}

export function Gateways() {
    return html`<ul class="gateways" aria-label=${t('super.gateways')}>${status.rows.value.gateways
        .filter((row) => row.kind === 'trunk' || row.kind === 'sms').map((row) => html`<li key=${row.gateway}
        class=${`tag ${row.up ? 'good' : 'bad'}`}>${row.up ? '●' : '✖'} ${row.name} ${t(row.up ? 'super.up' : 'super.down')}</li>`)}</ul>`;
}

function Wall() {
    const counts = words.taker_state.slice(2).map((word) => ({ word, n: takers.rows.value.filter((row) => row.state === word).length }));
    const s = status.rows.value;
    return html`<main class="wall-page" aria-label=${t('super.wall')}>
        <header><span class="brand" lang="zh-CN">一号</span> <h1>${language.value === 'zh' ? s.city_zh : s.city_en} ${t('sign_in.title')}</h1>
            <span class=${`link ${freshness.value}`}>${t(`link.${freshness.value}`)} ${t('super.age', { age: span(age_ms.value) })}</span>
            <time class="digits right">${time_of_day(now.value)}</time></header>
        <${Figures} />
        <div class="wall-rows"><section class="zone" aria-label=${t('super.lines')}><${Lines} /></section>
            <section class="zone" aria-label=${t('super.seats')}><h2>${t('super.seats')}</h2>
                <dl class="wall-seats">${counts.map(({ word, n }) => html`<div key=${word} class=${`state ${word}`}>
                    <dt>${said('taker_state', word)}</dt><dd class="digits">${n}</dd></div>`)}</dl>
                <h2>${t('super.late')}</h2><ul class="wall-late">${overdue.value.slice(0, 5).map((row) => html`<li key=${row.incident}>
                    <${PriorityMark} priority=${row.priority} /> ${order_number(row.number)} ${category_name(row.category)}
                    ${row.department ? html` · ${department_name(row.department)}` : ''} <${Countdown} due_ms=${row.due_ms} /></li>`)}</ul>
                ${overdue.value.length ? '' : html`<p class="quiet">${t('super.none_late')}</p>`}<${Gateways} /></section></div>
    </main>`;
}

function Desk() {
    const within = (/** @type {string} */ id) => () => document.getElementById(id);
    use_keys([
        { key: 'KeyG', words: 'key.make_ready', act: () => void make_ready(), within: within('seats-list') },
        { key: 'KeyB', words: 'key.make_away', act: () => void make_away(), within: within('seats-list') },
        { key: 'KeyY', words: 'key.accept', act: () => void rule(true), within: within('rulings-list') },
        { key: 'KeyN', words: 'key.refuse', act: () => void rule(false), within: within('rulings-list') },
        { key: 'F4', words: 'key.next_late', act: () => document.getElementById('late-list')?.focus() },
        { key: 'KeyA', words: 'super.show_all', act: () => { all_open.value = !all_open.value; }, within: within('late-list') },
        { key: 'F6', words: 'key.zone', act: () => next_zone(1) },
        { key: 'Shift+F6', words: 'key.zone_back', act: () => next_zone(-1) },
    ]);
    return html`<main class="zones"><${Figures} />
        <section class="zone lines" data-zone="lines" aria-labelledby="lines-title"><h2 id="lines-title">${t('super.lines')} <${Gateways} /></h2>
            <div class="scroll" tabindex="0" role="region" aria-labelledby="lines-title"><${Lines} /></div></section>
        <${Queue} /><${Seats} /><${Late} /><${Rulings} /><${IncidentPanel} supervising /></main>`;
}

/** @param {{ onSignOut: () => Promise<void> }} props */
export function SupervisorPage({ onSignOut }) {
    useEffect(() => {
        const stops = [contacts, takers, open_incidents, open_tasks].map((table) => table.start());
        const beat = setInterval(() => status.refresh(), 5000);
        return () => { clearInterval(beat); stops.forEach((stop) => stop()); };
    }, []);
    const late_count = overdue.value.length;
    const heard = useRef(0);
    useEffect(() => {
        if (late_count > heard.current) play('overdue');
        heard.current = late_count;
    }, [late_count]);
    if (new URLSearchParams(location.search).has('wall')) return html`<${Wall} />`;
    return html`<div class="page supervisor"><${Bar} page="supervisor" onSignOut=${onSignOut}><${QueueFigures} />
        <a class="plain" href="?wall=1#supervisor" target="_blank">${t('super.wall')}</a><//><${Desk} /></div>`;
}
