// SPDX-License-Identifier: GPL-3.0-or-later
// The supervisor's page: alarms, the room at a glance, reserve and storm, what is late, what waits for a
// ruling; and the wall,
// the same figures without controls (?wall=1).
import { computed, html, signal, useEffect } from './ui.js';
import { Bar } from './bar.js';
import { Countdown, LineMark, PriorityMark, Since, category_name, department_name, user_name } from './marks.js';
import { sounds_poor } from './hearing.js';
import { List, next_zone } from './list.js';
import { Act } from './pick.js';
import { Finder, IncidentPanel, open_incident } from './incident.js';
import { Queue, QueueFigures } from './queue.js';
import { callbacks, contacts, handovers, open_incidents, open_tasks, status, takers } from './store.js';
import { Alarms, alarm_tables } from './alarms.js';
import { Figures, Lines } from './figures.js';
import { Rulings, ruling_tables } from './rulings.js';
import { Bands, Storm } from './storm.js';
import { now, order_number, span, time_of_day } from './clock.js';
import { age_ms, freshness } from './socket.js';
import { shown_key } from './own-keys.js';
import { language, said, t } from './words.js';
import { notify, told } from './notice.js';
import { send } from './outbox.js';
import { use_keys } from './keys.js';
import { later, style } from './later.js';
import { Listening, listen_asks } from './listening.js';
import { words } from './schema.js';

const Curves = later(() => import('./curves.js'), 'Curves');
const CityNotices = later(() => import('./notice-city.js'), 'CityNotices');
const WholeMap = later(() => import('./map-city.js'), 'WholeMap', '/style/map.css');
const SUPERVISE_MAX = 3;
const WALL_LATE_MAX = 4;

const seat = signal('');
const late = signal('');
const all_open = signal(false);
const map_shown = signal(false);
const notices_shown = signal(false);

const order = ['offered', 'talking', 'wrap_up', 'ready', 'away', 'signed_off'];
const seats = computed(() => takers.rows.value.filter((row) => row.state !== 'signed_off')
    .sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.since_ms - b.since_ms));
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

const chosen_seat = () => seats.value.find((row) => String(row.taker) === seat.value);
const talks = () => chosen_seat()?.state === 'talking';
const make_off = () => seat.value ? ask_seat({ taker_sign_off: { taker: Number(seat.value) } }, 'super.made_off') : undefined;
const end_wrap_up = () => seat.value ? ask_seat({ wrap_up_finish: { taker: Number(seat.value) } }, 'super.wrap_up_ended') : undefined;

const chosen_late = () => by_clock.value.find((row) => row.incident === late.value);
async function urge() {
    const row = chosen_late();
    if (row && told(await send({ incident_urge: { incident: row.incident } }))) notify('good', t('super.urged', { number: order_number(row.number) }));
}
async function supervise() {
    const row = chosen_late();
    const level = (row?.supervise ?? 0) + 1;
    if (row && level <= SUPERVISE_MAX && told(await send({ incident_supervise: { incident: row.incident, level } })))
        notify('good', t('super.supervised', { number: order_number(row.number), n: level }));
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
                ${line_at(row.contact)}${parties_of(row.contact) ? html` <span class="tag">⦿ ${t('super.parties', { n: parties_of(row.contact) })}</span>` : ''}${sounds_poor(contact_at(row.contact)) ? html` <span class="tag bad">${t('super.poor_sound')}</span>` : ''}<span class="right quiet">${t('super.served', { n: row.served })}</span></div>`} />
        <${Listening} talk=${talks() ? chosen_seat()?.contact ?? '' : ''} />
        <p class="acts"><${Act} keys="G" disabled=${!seat.value} onClick=${make_ready}>${t('super.make_ready')}<//>
            <${Act} keys=${talks() ? 'Shift+B' : 'B'} disabled=${!seat.value} onClick=${make_away}>${t('super.make_away')}<//>
            ${chosen_seat()?.state === 'wrap_up' ? html`<${Act} keys="W" onClick=${end_wrap_up}>${t('super.end_wrap_up')}<//>` : ''}
            <${Act} keys="O" tone="danger" disabled=${!seat.value} onClick=${make_off}>${t('super.sign_off')}<//></p>
    </section>`;
}

/** @param {string} contact */
const contact_at = (contact) => contacts.rows.value.find((one) => one.contact === contact);

/** @param {string} contact */
function line_at(contact) {
    const row = contact_at(contact);
    return row ? html`<${LineMark} line=${row.line} />` : '';
}

/** @param {string} contact who take part beside citizen and taker */
const parties_of = (contact) => contact_at(contact)?.parties ?? 0;

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
                <span class="digits">${order_number(row.number)}</span>${row.supervise ? html`<span class="tag bad">${t('dept.supervised', { n: row.supervise })}</span>` : ''}<span class="right"><${Countdown} due_ms=${row.due_ms} /></span></div>
                <div class="line-2">${category_name(row.category)} · ${row.department ? department_name(row.department) : said('incident_state', row.state)}
                <span class="right quiet">${said('clock_kind', row.clock)}</span></div>`} />
        <div class="acts"><${Act} keys="Enter" disabled=${!rows.some((row) => row.incident === late.value)}
            onClick=${() => open_incident(late.value)}>${t('incident.open')}<//>
            <${Act} keys="U" disabled=${!chosen_late()} onClick=${urge}>${t('doing.urge')}<//><${Act} keys="P" disabled=${!chosen_late()} onClick=${supervise}>${t('doing.supervise')}<//><${Finder} /></div>
    </section>`;
}

/** Those through which citizens come. */
const outer_gateways = () => status.rows.value.gateways.filter((row) => row.kind === 'trunk' || row.kind === 'sms');

function Gateways() {
    return html`<ul class="gateways" aria-label=${t('super.gateways')}>${outer_gateways().map((row) => html`<li key=${row.gateway}
        class=${`tag ${row.up ? 'good' : 'bad'}`}>${row.up ? '●' : '✖'} ${row.name} ${t(row.up ? 'super.up' : 'super.down')}</li>`)}</ul>`;
}

await style('/style/wall.css');

function Wall() {
    const gates = outer_gateways();
    const counts = words.taker_state.slice(2).map((word) => ({ word, n: takers.rows.value.filter((row) => row.state === word).length }));
    const s = status.rows.value;
    return html`<main class="wall-page" aria-label=${t('super.wall')}>
        <header><span class="brand" lang="zh-CN">一号</span> <h1>${language.value === 'zh' ? s.city_zh : s.city_en} ${t('sign_in.title')}</h1>
            <span class=${`link ${freshness.value}`}>${t(`link.${freshness.value}`)} ${t('super.age', { age: span(age_ms.value) })}</span>
            <span class=${`right ${gates.every((row) => row.up) ? '' : 'bad'}`}>${t('super.gateways')} <span class="digits">${gates.filter((row) => row.up).length}/${gates.length}</span></span>
            <time class="digits">${time_of_day(now.value)}</time></header>
        <${Alarms} wall />
        <${Figures} />
        <${Bands} />
        <div class="wall-rows"><section class="zone" aria-label=${t('super.lines')}><${Lines} /></section>
            <section class="zone" aria-label=${t('super.seats')}><h2>${t('super.seats')}</h2>
                <dl class="wall-seats">${counts.map(({ word, n }) => html`<div key=${word} class=${`state ${word}`}>
                    <dt>${said('taker_state', word)}</dt><dd class="digits">${n}</dd></div>`)}</dl>
                <h2>${t('super.late')} <span class="digits">${overdue.value.length}</span></h2><ul class="wall-late">${overdue.value.slice(0, WALL_LATE_MAX).map((row) => html`<li key=${row.incident}>
                    <${PriorityMark} priority=${row.priority} /> <span class="digits">#${order_number(row.number).slice(-6)}</span> <span class="cut">${category_name(row.category)}</span>
                    <${Countdown} due_ms=${row.due_ms} /></li>`)}</ul>
                ${overdue.value.length ? '' : html`<p class="quiet">${t('super.none_late')}</p>`}</section></div>
    </main>`;
}

function close_map() {
    map_shown.value = false;
    document.getElementById('seats-list')?.focus();
}

function close_notices() {
    notices_shown.value = false;
    document.getElementById('seats-list')?.focus();
}

function Desk() {
    const within = (/** @type {string} */ id) => () => document.getElementById(id);
    use_keys([
        { key: 'KeyG', words: 'key.make_ready', act: () => void make_ready(), within: within('seats-list') },
        { key: 'KeyB', words: 'key.make_away', act: () => void make_away(), within: within('seats-list'), when: () => !talks() },
        { key: 'Shift+KeyB', words: 'key.make_away', act: () => void make_away(), within: within('seats-list') },
        { key: 'KeyO', words: 'super.sign_off', act: () => void make_off(), within: within('seats-list') },
        { key: 'KeyW', words: 'super.end_wrap_up', act: () => void end_wrap_up(), within: within('seats-list'), when: () => chosen_seat()?.state === 'wrap_up' },
        ...listen_asks.keys(() => document.querySelector('.seats')),
        { key: 'KeyU', words: 'doing.urge', act: () => void urge(), within: within('late-list') },
        { key: 'KeyP', words: 'doing.supervise', act: () => void supervise(), within: within('late-list') },
        { key: 'F4', words: 'key.next_late', act: () => document.getElementById('late-list')?.focus() },
        { key: 'KeyA', words: 'super.show_all', act: () => { all_open.value = !all_open.value; }, within: within('late-list') },
        { key: 'KeyM', words: 'key.map', act: () => { if (map_shown.value) close_map(); else map_shown.value = true; } },
        { key: 'Shift+KeyM', words: 'notices.title', act: () => { if (notices_shown.value) close_notices(); else notices_shown.value = true; } },
        { key: 'Escape', words: 'key.back', act: close_map, within: () => document.querySelector('.map-panel') },
        { key: 'F6', words: 'key.zone', act: () => next_zone(1) },
        { key: 'Shift+F6', words: 'key.zone_back', act: () => next_zone(-1) },
    ]);
    return html`<${Alarms} /><main class="zones"><${Figures} />
        <section class="zone lines" data-zone="lines" aria-labelledby="lines-title"><h2 id="lines-title">${t('super.lines')} <${Gateways} /></h2>
            <div class="scroll" tabindex="0" role="region" aria-labelledby="lines-title"><${Lines} /></div></section>
        <${Storm} /><${Queue} /><${Seats} /><section class="zone curves" data-zone="curves" aria-labelledby="curves-title"><${Curves} /></section><${Late} /><${Rulings} />${map_shown.value ? html`<section class="zone panel map-panel" data-zone="map" aria-labelledby="map-title">
            <h2 id="map-title">${t('map.city')} <span class="right"><${Act} keys="Esc" onClick=${close_map}>${t('form.back')}<//></span></h2><${WholeMap} /></section>` : ''}
        ${notices_shown.value ? html`<section class="zone panel notice-panel" data-zone="notices" aria-labelledby="notices-title">
            <h2 id="notices-title">${t('notices.title')} <span class="right"><${Act} keys="Esc" onClick=${close_notices}>${t('help.close')}<//></span></h2>
            <${CityNotices} onClose=${close_notices} /></section>` : ''}
        <${IncidentPanel} supervising /></main>`;
}

/** @param {{ onSignOut: () => Promise<void> }} props */
export function SupervisorPage({ onSignOut }) {
    useEffect(() => {
        const stops = [contacts, takers, open_incidents, open_tasks, callbacks, handovers, ...alarm_tables, ...ruling_tables].map((table) => table.start());
        const beat = setInterval(() => status.refresh(), 5000);
        return () => { clearInterval(beat); stops.forEach((stop) => stop()); };
    }, []);
    if (new URLSearchParams(location.search).has('wall')) return html`<${Wall} />`;
    return html`<div class="page supervisor"><${Bar} page="supervisor" onSignOut=${onSignOut}><${QueueFigures} />
        <button type="button" class="plain" onClick=${() => { map_shown.value = true; }}>${t('map.show')} <kbd>${shown_key('M')}</kbd></button>
        <button type="button" class="plain" onClick=${() => { notices_shown.value = true; }}>${t('notices.title')} <kbd>${shown_key('Shift+M')}</kbd></button>
        <a class="plain" href="?wall=1#supervisor" target="_blank">${t('super.wall')}</a><//><${Desk} /></div>`;
}
