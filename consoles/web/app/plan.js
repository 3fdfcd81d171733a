// SPDX-License-Identifier: GPL-3.0-or-later
// Which units go, and why these: the run card's proposal and what was alerted, with a reason for every
// pick and every hole; and any one unit by hand.
import { computed, html, signal, useEffect, useRef } from './ui.js';
import { Act, Pick } from './pick.js';
import { department_name, district_name, kind_name } from './marks.js';
import { ask_rows, city, unit_of } from './store.js';
import { is_set } from './row.js';
import { on_event, on_welcome } from './socket.js';
import { use_keys } from './keys.js';
import { day_and_time } from './clock.js';
import { lower } from './choices.js';
import { name_of, said, t } from './words.js';
import { notify, told } from './notice.js';
import { send } from './outbox.js';

/** @typedef {import('./schema.js').PlanRow} PlanRow */
/** @type {import('../vendor/signals.js').Signal<PlanRow[]>} */
const plans = signal(/** @type {any[]} */ ([]));
/** @type {import('../vendor/signals.js').Signal<import('./schema.js').UnitStatus[]>} */
const board = signal(/** @type {any[]} */ ([]));
const LEVELS_MAX = 9;

const km = (/** @type {number} */ metres) => metres < 1000 ? `${metres} m` : `${(metres / 1000).toFixed(1)} km`;
const minutes = (/** @type {number} */ seconds) => t('plan.minutes', { n: Math.max(1, Math.round(seconds / 60)) });

/** The alarm level that stands: the highest that was alerted. */
const level = computed(() => Math.max(0, ...plans.value.filter((row) => row.plan?.alerts && row.plan.card).map((row) => row.plan.level)));
/** The newest proposal that nothing was alerted by since. */
const proposed = computed(() => plans.value[0] && !plans.value[0].plan.alerts ? plans.value[0] : undefined);

/** Keeps the plans of an incident. @param {string} incident '0': none */
function use_plans(incident) {
    useEffect(() => {
        plans.value = [];
        board.value = [];
        if (!is_set(incident)) return undefined;
        let alive = true;
        const load = async () => {
            const rows = await ask_rows({ plans: { incident } }, 'plans', 'PlanRow', 'seq', 1);
            const units = await ask_rows({ units: { incident } }, 'unit_board', 'UnitStatus', 'unit', 1);
            if (alive && rows) plans.value = rows;
            if (alive && units) board.value = units;
        };
        const stops = [on_event(({ event }) => { if (event.incident === incident) void load(); }), on_welcome(() => void load())];
        void load();
        return () => { alive = false; stops.forEach((stop) => stop()); };
    }, [incident]);
}

/** Asks what would go, without alerting anybody. @param {string} incident */
export async function propose(incident) {
    const outcome = await send({ plan_activate: { incident, propose: true, level: Math.max(1, level.value) } });
    if (outcome.refusal !== 'no_plan') told(outcome);
}
/** The next alarm level, alerted. @param {string} incident */
async function raise(incident) {
    const wanted = level.value + 1;
    if (wanted <= LEVELS_MAX && told(await send({ plan_activate: { incident, level: wanted } }))) notify('good', t('plan.raised', { n: wanted }));
}
/** @param {string} incident @param {number} unit */
async function alert(incident, unit) {
    if (told(await send({ unit_alert: { incident, unit } }))) notify('good', t('plan.alerted', { name: name_of(unit_of.value.get(unit)) }));
}

const unit_choices = computed(() => city.rows.value.units.filter((row) => !row.retired).map((row) => ({ key: row.unit, code: kind_name(row.kind), label: name_of(row),
    hint: district_name(row.district), search: lower(row.unit, row.kind, kind_name(row.kind), row.name_zh, row.name_en, department_name(row.department)) })));

/** @param {{ pick: import('./schema.js').PlanPick }} props */
function PickRow({ pick }) {
    const unit = unit_of.value.get(pick.unit);
    const now = board.value.find((row) => row.unit === pick.unit);
    return html`<li><div class="line-1"><span class="tag">${kind_name(unit?.kind ?? '')}</span> <b>${name_of(unit) || pick.unit}</b>
            <span class="right digits">${pick.distance_m ? km(pick.distance_m) : ''} ${pick.travel_s ? minutes(pick.travel_s) : ''}</span></div>
        <div class="line-2"><span>${said('pick_reason', pick.reason)}</span><span class="quiet">${department_name(unit?.department ?? 0)}
            ${pick.age_s ? t('plan.position_age', { n: pick.age_s }) : ''}</span>
            ${now ? html`<span class="right tag state">${said('unit_state', now.state)}</span>` : ''}</div></li>`;
}

const counts = /** @type {const} */ (['busy', 'far', 'stale', 'unstaffed', 'resting', 'out', 'unplaced']);
/** @param {{ hole: import('./schema.js').PlanHole }} props */
function HoleRow({ hole }) {
    return html`<li class="over"><div class="line-1"><span class="tag bad">${t('plan.missing', { n: hole.missing })}</span> <b>${kind_name(hole.kind)}</b>
        <span>${said('hole_reason', hole.reason)}</span></div>
        <div class="line-2 quiet">${counts.filter((word) => hole[word]).map((word) => t(`plan.${word}`, { n: hole[word] })).join(' · ')}</div></li>`;
}

/** @param {{ row: PlanRow, newest: boolean }} props */
function PlanView({ row: { at_ms, plan }, newest }) {
    return html`<li class=${`plan ${newest ? 'newest' : ''}`}><div class="line-1"><span class=${`tag ${plan.alerts ? 'good' : 'warn'}`}>${t(plan.alerts ? 'plan.alerts' : 'plan.proposal')}</span>
            ${plan.card ? html`<span>${t('plan.card', { card: plan.card, level: plan.level })}</span>` : ''} <span class="quiet">${said('plan_cause', plan.cause)}</span>
            <time class="right quiet digits">${day_and_time(at_ms)}</time></div>
        <ul class="picks">${plan.picks.map((pick) => html`<${PickRow} key=${pick.unit} pick=${pick} />`)}${plan.holes.map((hole) => html`<${HoleRow} key=${hole.kind} hole=${hole} />`)}</ul></li>`;
}

/** @param {{ incident: string }} props */
export function Plan({ incident }) {
    const box = useRef(/** @type {HTMLElement | null} */ (null));
    use_plans(incident);
    const within = () => box.current;
    use_keys([
        { key: 'KeyP', words: 'plan.propose', within, act: () => void propose(incident), when: () => is_set(incident) },
        { key: 'KeyY', words: 'plan.raise', within, act: () => void raise(incident), when: () => is_set(incident) },
    ]);
    if (!is_set(incident)) return html`<p class="quiet none">${t('plan.no_incident')}</p>`;
    return html`<div id="plan-box" class="plan-box" ref=${box} tabindex="0" role="group" aria-label=${t('plan.title')}>
        <p class="acts"><${Act} keys="P" onClick=${() => propose(incident)}>${t('plan.propose')}<//>
            <${Act} keys="Y" tone=${proposed.value ? 'main' : ''} onClick=${() => raise(incident)}>${t('plan.raise_to', { n: level.value + 1 })}<//></p>
        ${plans.value.length ? html`<ul class="plans">${plans.value.slice(0, 4).map((row, i) => html`<${PlanView} key=${row.seq} row=${row} newest=${i === 0} />`)}</ul>`
            : html`<p class="quiet">${t('plan.none')}</p>`}
        <${Pick} id="plan-unit" label=${t('plan.by_hand')} clearOnPick value=${0} choices=${unit_choices.value} onPick=${(/** @type {number} */ unit) => void alert(incident, unit)} /></div>`;
}
