// SPDX-License-Identifier: GPL-3.0-or-later
// Alarms stand in a strip under the bar and cannot scroll away: each as long as its cause stands. Three or
// more of one kind stand as one, so that a flood of them hides no other; danger to people always stands alone.
// Acknowledging stills the sound and the strong colour, never the line.
import { computed, html, signal, useEffect, useRef } from './ui.js';
import { Act } from './pick.js';
import { LineMark, PriorityMark, Since, category_name, department_name, district_name, kind_name, user_name } from './marks.js';
import { LiveTable, ask_rows, callbacks, contacts, open_incidents, open_tasks, status, unit_of } from './store.js';
import { glasses } from './glass.js';
import { freshness } from './socket.js';
import { complete, is_parked } from './row.js';
import { query } from './socket.js';
import { use_keys } from './keys.js';
import { now, order_number } from './clock.js';
import { name_of, said, t } from './words.js';
import { play } from './sound.js';

const SHOWN_MAX = 5;
const WALL_SHOWN_MAX = 3;
const LINKS_KEPT = 400;
const GROUP_LEAST = 3;

/** @typedef {{ key: string, level: 0 | 1 | 2, since_ms: number, words: any }} Alarm */

/** @type {LiveTable<import('./schema.js').StormBoard>} */
export const storm = new LiveTable(async () => {
    const answer = await query({ storm: {} });
    return answer && !answer.refusal ? complete('StormBoard', answer.storm_board) : null;
}, (kind) => /^(storm_|cluster_)/.test(kind), complete('StormBoard', {}));
/** @type {LiveTable<import('./schema.js').CoverageStatus[]>} */
export const coverage = new LiveTable(() => ask_rows({ coverage: { low: true } }, 'coverage_board', 'CoverageStatus', 'coverage', 1), (kind) => kind.startsWith('coverage_'), []);
/** @type {LiveTable<import('./schema.js').UnitStatus[]>} */
export const all_units = new LiveTable(() => ask_rows({ units: {} }, 'unit_board', 'UnitStatus', 'unit', 4), (kind) => /^(unit_|plan_|mayday_|check)/.test(kind), []);
export const alarm_tables = [storm, coverage, all_units, glasses];

/** The day is today's or does not matter in a strip. @param {string} number */
const serial = (number) => `#${order_number(number).slice(-6)}`;
const late = (/** @type {{ overdue: boolean, due_ms: number }} */ row) => row.overdue || (row.due_ms > 0 && row.due_ms < now.value);

/** What is wrong now, the gravest and oldest first. */
export const alarms = computed(() => {
    /** @type {Alarm[]} */
    const list = [];
    const add = (/** @type {string} */ key, /** @type {0 | 1 | 2} */ level, /** @type {number} */ since_ms, /** @type {any} */ words) => list.push({ key, level, since_ms, words });
    for (const row of all_units.rows.value) {
        const name = name_of(unit_of.value.get(row.unit));
        if (row.mayday) add(`mayday.${row.unit}`, 0, row.since_ms, html`${t('alarm.mayday')} <b>${name}</b>`);
        else if (row.check_in_missed) add(`check.${row.unit}`, 1, row.check_in_due_ms, html`${t('alarm.check_in')} <b>${name}</b>`);
        else if (row.unanswered) add(`unit.${row.unit}`, 2, row.since_ms, html`${t('alarm.unanswered')} <b>${name}</b>`);
    }
    for (const row of contacts.rows.value) {
        if (row.bounced && row.state === 'connected') add(`bounced.${row.contact}`, 1, row.connected_ms, html`<${LineMark} line=${row.line} /> ${t('alarm.bounced')}`);
        if (['duress', 'confirmed', 'checklist'].includes(row.silence)) add(`silence.${row.contact}.${row.silence}`, row.silence === 'duress' ? 0 : 1, row.arrived_ms, html`<${LineMark} line=${row.line} /> ${t('call.silence')} <b>${said('silence_state', row.silence)}</b>`);
        if (row.state === 'waiting' && !is_parked(row) && row.band !== 'ordinary' && row.due_ms && row.due_ms < now.value) add(`waits.${row.contact}`, 1, row.arrived_ms, html`<${LineMark} line=${row.line} /> ${t('alarm.waits')}`);
    }
    if (storm.rows.value.cause !== 'none') add(`storm.${storm.rows.value.since_ms}`, 2, storm.rows.value.since_ms, html`<b>${t('storm.on')}</b> ${said('storm_cause', storm.rows.value.cause)}`);
    for (const row of status.rows.value.gateways)
        if (!row.up && (row.kind === 'trunk' || row.kind === 'sms')) add(`gateway.${row.gateway}.${row.since_ms}`, 1, row.since_ms, html`<b>${row.name}</b> ${t('super.down')}`);
    for (const row of status.rows.value.gateways)
        if (row.silent_trunk) add(`trunk.${row.gateway}.${row.test_ms}`, 0, row.test_ms, html`<b>${row.name}</b> ${row.silent_trunk} ${t('alarm.silent_trunk')}`);
    for (const row of coverage.rows.value)
        if (row.low) add(`coverage.${row.coverage}.${row.since_ms}`, 2, row.since_ms, html`${t('alarm.coverage')} <b>${kind_name(row.kind)}</b> ${district_name(row.district)} ${row.available}/${row.minimum}`);
    for (const row of open_incidents.rows.value)
        if (row.emergency && late(row)) add(`late.${row.incident}.${row.clock}`, 1, row.due_ms, html`<${PriorityMark} priority=${row.priority} /> <span class="digits">${serial(row.number)}</span> ${category_name(row.category)} ${said('clock_kind', row.clock)} <b>${t('time.over')}</b>`);
    const tasks = open_tasks.rows.value.filter((row) => row.demand_due_ms > 0 && row.demand_due_ms < now.value);
    for (const row of tasks) add(`demand.${row.task}.${row.demand_due_ms}`, 2, row.demand_due_ms, html`<span class="digits">${serial(row.number)}</span> ${department_name(row.department)} ${t('alarm.demand')}`);
    for (const row of callbacks.rows.value)
        if (row.tries && !row.next_ms) add(`callback.${row.callback}`, 2, row.opened_ms, html`<${LineMark} line=${row.line} /> ${t('alarm.callback')}`);
    for (const row of glasses.rows.value) {
        const what = html`${said('glass_right', row.right)} <b>${user_name(row.asked_by)}</b>`;
        if (row.state === 'asked') add(`glass.${row.glass}.asked`, 1, row.asked_ms, html`${t('alarm.glass')} ${what} ${said('glass_state', row.state)}`);
        if (row.state === 'open') add(`glass.${row.glass}.open`, 0, row.opened_ms, html`<b>${t('alarm.glass')}</b> ${what}`);
        if (row.state === 'ended') add(`glass.${row.glass}.ended`, 2, row.ended_ms, html`${t('alarm.glass_review')} ${what}`);
    }
    return list.sort((a, b) => a.level - b.level || a.since_ms - b.since_ms);
});

const kept = /** @type {string[]} */ (JSON.parse(localStorage.getItem('yihao.acknowledged') ?? '[]'));
/** Alarms that somebody at this seat has seen. */
const seen = signal(new Set(kept));
export const loud = computed(() => alarms.value.filter((one) => !seen.value.has(one.key)));

const is_seen = (/** @type {Alarm} */ one) => seen.value.has(one.key);

/** @typedef {{ key: string, level: 0 | 1 | 2, since_ms: number, words: any, members: Alarm[], seen: boolean }} Group */
/** @param {Alarm[]} members @returns {Group[]} */
function groups_of(members) {
    const kind = members[0]?.key.split('.')[0] ?? '';
    const [first] = members;
    if (!first) return [];
    if (members.length < GROUP_LEAST || first.level === 0) return members.map((one) => ({ ...one, members: [one], seen: is_seen(one) }));
    const unseen = members.filter((one) => !is_seen(one)).length;
    return [{ key: `group.${kind}`, level: first.level, since_ms: Math.min(...members.map((one) => one.since_ms)), members, seen: unseen === 0,
        words: html`<b class="digits">${members.length} ×</b> ${t(`alarm_kind.${kind}`)}${unseen && unseen < members.length ? html` <span class="digits">(${t('alarm.new', { n: unseen })})</span>` : ''}` }];
}

/** What the strip shows: what nobody has seen first, the gravest of them, then the oldest. */
export const groups = computed(() => {
    /** @type {Map<string, Alarm[]>} */
    const kinds = new Map();
    for (const one of alarms.value) {
        const kind = `${one.key.split('.')[0]}.${one.level === 0}`;
        kinds.set(kind, [...(kinds.get(kind) ?? []), one]);
    }
    return [...kinds.values()].flatMap(groups_of)
        .sort((a, b) => Number(a.seen) - Number(b.seen) || a.level - b.level || a.since_ms - b.since_ms);
});
/** Every alarm by itself is looked at. */
const all_shown = signal(false);

/** @param {Alarm[]} list */
function acknowledge(list) {
    seen.value = new Set([...[...seen.value].slice(-LINKS_KEPT), ...list.map((one) => one.key)]);
    localStorage.setItem('yihao.acknowledged', JSON.stringify([...seen.value]));
}

/** @param {{ one: { level: number, words: any, since_ms: number }, seen: boolean }} props */
function Line({ one, seen: known }) {
    return html`<li class=${`alarm level-${one.level} ${known ? 'seen' : ''}`}>
        <span aria-hidden="true">${known ? '✓' : '⚠'}</span> ${one.words} <${Since} since_ms=${one.since_ms} /></li>`;
}

/** @param {{ wall?: boolean }} props wall: without keys */
export function Alarms({ wall = false }) {
    const count = loud.value.length;
    const heard = useRef(0);
    useEffect(() => {
        if (count > heard.current) play('overdue');
        heard.current = count;
    }, [count]);
    useEffect(() => {
        if (wall) return undefined;
        const again = setInterval(() => { if (loud.value.some((one) => one.level < 2)) play('overdue'); }, 30000);
        return () => clearInterval(again);
    }, [wall]);
    const first = groups.value.slice(0, wall ? WALL_SHOWN_MAX : SHOWN_MAX);
    const left = alarms.value.length - first.reduce((sum, one) => sum + one.members.length, 0);
    const acknowledge_first = () => acknowledge(groups.value[0]?.members ?? []);
    const turn = () => { all_shown.value = !all_shown.value; };
    use_keys(wall ? [] : [{ key: 'F2', words: 'alarm.acknowledge', act: acknowledge_first, when: () => loud.value.length > 0 },
        { key: 'Shift+F2', words: 'alarm.all', act: turn },
        { key: 'Alt+Digit0', words: 'alarm.acknowledge_all', act: () => acknowledge(loud.value) }]);
    return html`<section class=${`alarms ${count ? 'loud' : ''}`} aria-label=${t('alarm.title')}>
        <strong>${t('alarm.title')} <span class="count">${alarms.value.length}</span></strong>
        <ul aria-live="assertive">${first.map((one) => html`<${Line} key=${one.key} one=${one} seen=${one.seen} />`)}</ul>
        ${left ? html`<span class="quiet">+${left}</span>` : ''}
        ${alarms.value.length ? '' : html`<span class="quiet">${t(freshness.value === 'red' ? 'stale.unknown' : 'alarm.none')}</span>`}
        ${alarms.value.length > 1 && !wall ? html`<${Act} keys="Shift+F2" onClick=${turn}>${t('alarm.all')}<//>` : ''}
        ${count && !wall ? html`<${Act} keys="F2" tone="danger" onClick=${acknowledge_first}>${t('alarm.acknowledge')}<//>` : ''}
    </section>
    ${all_shown.value && !wall ? html`<section class="alarms-all" tabindex="0" aria-label=${t('alarm.all')}><ul>${alarms.value.map((one) => html`<${Line}
        key=${one.key} one=${one} seen=${is_seen(one)} />`)}</ul></section>` : ''}`;
}
