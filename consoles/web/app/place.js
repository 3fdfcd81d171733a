// SPDX-License-Identifier: GPL-3.0-or-later
// Where it is, in cells of 250 m (docs/decisions/0009-places-in-cells.md): by a station, by an open
// incident, or by two numbers. What stands nearest says the district.
import { computed, html } from './ui.js';
import { Pick, plain } from './pick.js';
import { district_name } from './marks.js';
import { city, open_incidents } from './store.js';
import { order_number } from './clock.js';
import { lower } from './choices.js';
import { name_of, t } from './words.js';

const CELL_METRES = 250;
const CELLS_MAX = 4000;
const NAMES_MAX = 3;

/** @typedef {{ east: number, north: number }} Cell */
/** @typedef {Cell & { names: string[], words: string[], district: number, units: number, incidents: number }} Landmark */

const code = (/** @type {number} */ east, /** @type {number} */ north) => east * 10000 + north;
/** @param {number} key @returns {Cell} */
export const cell_of = (key) => ({ east: Math.floor(key / 10000), north: key % 10000 });

/** What the city knows the place of: where units stand, and what is going on. */
export const landmarks = computed(() => {
    /** @type {Map<number, Landmark>} */
    const found = new Map();
    const at = (/** @type {number} */ east, /** @type {number} */ north, /** @type {number} */ district) => {
        const key = code(east, north);
        if (!found.has(key)) found.set(key, { east, north, names: [], words: [], district, units: 0, incidents: 0 });
        return /** @type {Landmark} */ (found.get(key));
    };
    for (const unit of city.rows.value.units) {
        if (!unit.east_cell || unit.retired) continue;
        const mark = at(unit.east_cell, unit.north_cell, unit.district);
        mark.units++;
        mark.names.push(name_of(unit));
        mark.words.push(unit.name_zh, unit.name_en, unit.kind);
    }
    for (const row of open_incidents.rows.value) {
        if (!row.east_cell) continue;
        const mark = at(row.east_cell, row.north_cell, row.district);
        mark.incidents++;
        mark.names.push(`#${order_number(row.number).slice(-6)}`);
        mark.words.push(row.number, order_number(row.number));
    }
    return found;
});

/** @param {Cell} a @param {Cell} b metres between the middles */
export function metres(a, b) {
    return Math.round(Math.hypot(a.east - b.east, a.north - b.north) * CELL_METRES);
}

/** The district of the station that stands nearest, 0: nothing is known. @param {Cell} cell */
export function district_at(cell) {
    let best = 0;
    let nearest = Infinity;
    for (const mark of landmarks.value.values()) {
        const far = metres(mark, cell);
        if (mark.district && far < nearest) {
            nearest = far;
            best = mark.district;
        }
    }
    return best;
}

const choices = computed(() => [...landmarks.value.entries()].map(([key, mark]) => ({ key, code: `${mark.east},${mark.north}`,
    label: mark.names.slice(0, NAMES_MAX).join(' · ') + (mark.names.length > NAMES_MAX ? ' …' : ''), hint: district_name(mark.district),
    search: lower(`${mark.east},${mark.north}`, district_name(mark.district), ...mark.words) })));

/** "100,88", "100 88", "１００，８８". @param {string} text @returns {import('./pick.js').Choice | null} */
export function read_cell(text) {
    const found = /^(\d{1,4})\s*[,\s、/]\s*(\d{1,4})$/.exec(plain(text));
    const [east, north] = [Number(found?.[1]), Number(found?.[2])];
    if (!found || !east || !north || east > CELLS_MAX || north > CELLS_MAX) return null;
    return { key: code(east, north), code: `${east},${north}`, label: t('place.cell'), hint: district_name(district_at({ east, north })), search: '' };
}

/** @param {{ id: string, east: number, north: number, error?: string, onPick: (cell: Cell) => void }} props */
export function PlacePick({ id, east, north, error, onPick }) {
    const key = east && north ? code(east, north) : 0;
    const known = choices.value.some((one) => one.key === key);
    const all = key && !known ? [.../** @type {any} */ ([read_cell(`${east},${north}`)]), ...choices.value] : choices.value;
    return html`<${Pick} id=${id} label=${t('place.label')} choices=${all} value=${key} read=${read_cell} error=${error} placeholder=${t('place.hint')}
        onPick=${(/** @type {number} */ picked) => onPick(cell_of(picked))} />`;
}
