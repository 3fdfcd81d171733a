// SPDX-License-Identifier: GPL-3.0-or-later
// The city's map, drawn from the city's own shapes (/api/v1/map): no tiles, no other host. Loaded when
// somebody opens it. Walked by keys: arrows, + and −, Home; Enter takes the place in the middle.
import { effect, html, signal, useEffect, useRef } from './ui.js';
import { style } from './later.js';
import { theme } from './bar.js';
import { status } from './store.js';
import { district_name } from './marks.js';
import { is_composing } from './keys.js';
import { Act } from './pick.js';
import { language, name_of, t } from './words.js';

const METRES_PER_DEGREE = 111320; // of latitude, as dispatcher/io/position.c reckons
const CELL_METRES = 250;
const CELLS_MAX = 4000;
const STEP_PX = 80;
const NAMES_FROM_ZOOM = 14;
const WIDTHS = { river: 9, trunk: 4, main: 3, street: 1.5 };

/**
 * @typedef {{ east: number, north: number }} Cell
 * @typedef {[number, number]} Point latitude and longitude, WGS 84
 * @typedef {object} Mark
 * @property {Point} at
 * @property {string} kind 'unit', 'incident'
 * @property {string} tone a class: the state or the priority
 * @property {string} sign a letter or two
 * @property {string} name shown when near
 * @typedef {object} Circle where a telephone says it is
 * @property {Point} at
 * @property {number} radius_m
 * @property {boolean} old
 * @property {string} name
 */

/** The corner from which cells are counted; null: the city did not say it. */
function corner() {
    const { south, west } = status.rows.value;
    return south && west ? { south: Number(south), west: Number(west) } : null;
}
const per_east = (/** @type {number} */ south) => METRES_PER_DEGREE * Math.cos(south * Math.PI / 180);

/** The middle of a cell. @param {Cell} cell @returns {Point | null} */
export function middle_of({ east, north }) {
    const from = corner();
    if (!from || !east || !north) return null;
    return [from.south + (north - 0.5) * CELL_METRES / METRES_PER_DEGREE,
        from.west + (east - 0.5) * CELL_METRES / per_east(from.south)];
}
/** @param {Point} point @returns {Cell | null} */
export function cell_at([lat, lng]) {
    const from = corner();
    if (!from) return null;
    const north = Math.floor((lat - from.south) * METRES_PER_DEGREE / CELL_METRES) + 1;
    const east = Math.floor((lng - from.west) * per_east(from.south) / CELL_METRES) + 1;
    return north >= 1 && east >= 1 && north <= CELLS_MAX && east <= CELLS_MAX ? { east, north } : null;
}

/** @type {import('../vendor/signals.js').Signal<any[]>} */
const shapes = signal(/** @type {any[]} */ ([]));
/** @type {Promise<any> | null} */
let loading = null;

/** Leaflet and the city's shapes, once. @returns {Promise<any>} */
function load() {
    loading ??= (async () => {
        const [reply] = await Promise.all([fetch('/api/v1/map').catch(() => null), import('../vendor/leaflet.js'), style('/vendor/leaflet.css')]);
        if (reply?.ok) shapes.value = (await reply.json()).features ?? [];
        return window.L;
    })();
    return loading;
}

/** @param {number[][]} ring @param {Point} point */
function is_inside(ring, [lat, lng]) {
    let inside = false;
    for (let i = 1; i < ring.length; i++) {
        const [x0 = 0, y0 = 0] = ring[i - 1] ?? [];
        const [x1 = 0, y1 = 0] = ring[i] ?? [];
        if ((y0 > lat) !== (y1 > lat) && lng < (x1 - x0) * (lat - y0) / (y1 - y0) + x0) inside = !inside;
    }
    return inside;
}
/** The district whose shape holds the point, 0: none does. @param {Point} point @returns {number} */
function district_of_point(point) {
    for (const { properties, geometry } of shapes.value) {
        if (properties?.kind !== 'district') continue;
        const parts = geometry.type === 'MultiPolygon' ? geometry.coordinates : [geometry.coordinates];
        if (parts.some((/** @type {number[][][]} */ [ring]) => ring && is_inside(ring, point))) return Number(properties.district) || 0;
    }
    return 0;
}

const colour = (/** @type {string} */ name) => getComputedStyle(document.documentElement).getPropertyValue(`--map-${name}`).trim();

/** How a shape of the ground is drawn. @param {any} feature */
function ground_style({ properties: { kind, class: rank } }) {
    if (kind === 'district') return { color: colour('border'), weight: 1.5, fillColor: colour('land'), fillOpacity: 1, dashArray: '6 4' };
    if (kind === 'water' || kind === 'green') return { stroke: false, fillColor: colour(kind), fillOpacity: 1 };
    if (kind === 'river') return { color: colour('water'), weight: WIDTHS.river };
    return { color: colour('road'), weight: WIDTHS[/** @type {keyof typeof WIDTHS} */ (rank)] ?? WIDTHS.street };
}

/** A small sign on the map; words only as text. @param {any} L @param {string} tone @param {string} sign @param {string} [name] */
function label(L, tone, sign, name = '') {
    const box = document.createElement('span');
    box.className = `map-mark ${tone}`;
    box.append(Object.assign(document.createElement('b'), { textContent: sign }));
    if (name) box.append(Object.assign(document.createElement('span'), { className: 'map-name', textContent: name }));
    return L.divIcon({ className: 'map-icon', html: box, iconSize: [0, 0] });
}

/** Marks of one place stand as one, with their number. @param {Mark[]} marks */
function together(marks) {
    /** @type {Map<string, Mark[]>} */
    const places = new Map();
    for (const mark of marks) {
        const key = `${mark.kind} ${mark.at}`;
        places.set(key, [...(places.get(key) ?? []), mark]);
    }
    return [...places.values()].map((all) => {
        const first = /** @type {Mark} */ (all[0]);
        const more = all.length - 1;
        return { ...first, sign: more ? `${first.sign}+${more}` : first.sign, name: all.map((one) => one.name).join(' · ') };
    });
}

/** The map itself; every part is drawn anew when what it shows changes. @param {any} L @param {HTMLElement} box */
function make_map(L, box) {
    const map = L.map(box, { keyboard: false, zoomControl: false, attributionControl: false, doubleClickZoom: false,
        zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, inertia: false, minZoom: 8, maxZoom: 18, zoomSnap: 0.5 });
    map.createPane('ground').style.zIndex = '300';
    const canvas = L.canvas({ pane: 'ground', padding: 0.3 });
    const layers = { ground: L.layerGroup().addTo(map), names: L.layerGroup().addTo(map), circles: L.layerGroup().addTo(map),
        place: L.layerGroup().addTo(map), marks: L.layerGroup().addTo(map) };
    const near = () => box.classList.toggle('near', map.getZoom() >= NAMES_FROM_ZOOM);
    map.on('zoomend', near);

    const ground = () => {
        layers.ground.clearLayers();
        layers.names.clearLayers();
        const lines = shapes.value.filter((one) => one.geometry.type !== 'Point');
        layers.ground.addLayer(L.geoJSON(lines, { style: ground_style, renderer: canvas, interactive: false }));
        for (const feature of shapes.value) {
            const { kind } = feature.properties;
            if (kind !== 'district' && kind !== 'place') continue;
            const at = kind === 'place' ? L.latLng(feature.geometry.coordinates[1], feature.geometry.coordinates[0])
                : L.geoJSON(feature).getBounds().getCenter();
            layers.names.addLayer(L.marker(at, { icon: label(L, `of-${kind}`, name_of(feature.properties)), interactive: false, keyboard: false }));
        }
    };
    /** @param {Cell | null} cell */
    const place = (cell) => {
        layers.place.clearLayers();
        const at = cell && middle_of(cell);
        if (!at) return;
        const half = CELL_METRES / 2 / METRES_PER_DEGREE;
        const wide = CELL_METRES / 2 / per_east(corner()?.south ?? 0);
        layers.place.addLayer(L.rectangle([[at[0] - half, at[1] - wide], [at[0] + half, at[1] + wide]], { className: 'map-place', interactive: false }));
    };
    /** @param {Mark[]} list */
    const marks = (list) => {
        layers.marks.clearLayers();
        for (const { at, kind, tone, sign, name } of together(list))
            layers.marks.addLayer(L.marker(at, { icon: label(L, `${kind} ${tone}`, sign, name), interactive: false, keyboard: false, zIndexOffset: kind === 'incident' ? 500 : 0 }));
    };
    /** @param {Circle[]} list */
    const circles = (list) => {
        layers.circles.clearLayers();
        for (const { at, radius_m, old, name } of list) {
            layers.circles.addLayer(L.circle(at, { radius: radius_m, className: `map-fix ${old ? 'old' : ''}`, interactive: false }));
            layers.circles.addLayer(L.marker(at, { icon: label(L, `fix ${old ? 'old' : ''}`, '◎', name), interactive: false, keyboard: false }));
        }
    };
    /** Everything of the city in sight. */
    const whole = () => {
        const bounds = L.geoJSON(shapes.value.filter((one) => one.properties.kind === 'district')).getBounds();
        if (bounds.isValid()) map.fitBounds(bounds);
        else map.setView(middle_of({ east: 100, north: 100 }) ?? [0, 0], 12);
        near();
    };
    return { map, ground, place, marks, circles, whole };
}

/**
 * @param {{ id: string, words: string, marks: Mark[], circles?: Circle[], place?: Cell | null, see?: Point[],
 *           onTake?: (cell: Cell, district: number) => void, taking?: string }} props
 *           see: what is to be in sight, again whenever it changes; taking: what Enter does, in words
 */
export function CityMap({ id, words, marks, circles = [], place = null, see = [], onTake, taking }) {
    const box = useRef(/** @type {HTMLElement | null} */ (null));
    const made = useRef(/** @type {any} */ (null));
    const latest = useRef({ onTake });
    latest.current = { onTake };
    const middle = useRef(signal(/** @type {Point | null} */ (null)));
    const stands = useRef(signal(false));

    useEffect(() => {
        let alive = true;
        /** @type {(() => void)[]} */
        const ends = [];
        void load().then((L) => {
            if (!alive || !box.current) return;
            const one = make_map(L, box.current);
            made.current = one;
            one.whole();
            const moved = () => { const { lat, lng } = one.map.getCenter(); middle.current.value = [lat, lng]; };
            one.map.on('moveend', moved);
            one.map.on('click', (/** @type {any} */ { latlng }) => take([latlng.lat, latlng.lng]));
            const size = new ResizeObserver(() => one.map.invalidateSize());
            size.observe(box.current);
            ends.push(effect(() => {
                theme.value;
                language.value;
                shapes.value;
                requestAnimationFrame(() => { if (alive) one.ground(); }); // by then the theme's colours stand
            }), () => size.disconnect(), () => one.map.remove());
            moved();
            stands.current.value = true;
        });
        return () => { alive = false; ends.forEach((end) => end()); };
    }, []);

    /** @param {Point} point */
    function take(point) {
        const cell = cell_at(point);
        if (cell) latest.current.onTake?.(cell, district_of_point(point));
    }
    const up = stands.current.value;
    useEffect(() => { made.current?.marks(marks); }, [up, JSON.stringify(marks)]);
    useEffect(() => { made.current?.circles(circles); }, [up, JSON.stringify(circles)]);
    useEffect(() => { made.current?.place(place); }, [up, place?.east, place?.north]);
    useEffect(() => {
        if (!made.current || !see.length) return;
        if (see.length === 1) made.current.map.setView(see[0], Math.max(made.current.map.getZoom(), NAMES_FROM_ZOOM));
        else made.current.map.fitBounds(see, { padding: [40, 40], maxZoom: NAMES_FROM_ZOOM });
    }, [up, JSON.stringify(see)]);

    const zoom = (/** @type {number} */ by) => made.current?.map.setZoom(made.current.map.getZoom() + by);
    const keydown = (/** @type {KeyboardEvent} */ event) => {
        const { map } = made.current ?? {};
        if (!map || is_composing(event) || event.ctrlKey || event.altKey) return;
        const step = event.shiftKey ? 3 * STEP_PX : STEP_PX;
        const pan = { ArrowUp: [0, -step], ArrowDown: [0, step], ArrowLeft: [-step, 0], ArrowRight: [step, 0] }[event.code];
        if (pan) map.panBy(pan, { animate: false });
        else if (['Equal', 'NumpadAdd'].includes(event.code)) zoom(1);
        else if (['Minus', 'NumpadSubtract'].includes(event.code)) zoom(-1);
        else if (event.code === 'Home') made.current.whole();
        else if (event.key === 'Enter' && onTake && middle.current.value) take(middle.current.value);
        else return;
        event.preventDefault();
        event.stopPropagation();
    };
    const at = middle.current.value;
    const cell = at && cell_at(at);
    const district = at ? district_of_point(at) : 0;
    return html`<div class="map-box">
        <div class="map-frame"><div id=${id} class="map" ref=${box} role="application" tabindex="0" aria-label=${words} aria-describedby=${`${id}-says`} onKeyDown=${keydown}></div>
            <span class="map-cross" aria-hidden="true">＋</span></div>
        <p id=${`${id}-says`} class="map-says" role="status">${!corner() ? t('map.no_corner') : cell ? `${t('map.middle')} ${cell.east},${cell.north} ${district_name(district)}` : ''}</p>
        <p class="acts map-acts"><${Act} keys="+" onClick=${() => zoom(1)}>${t('map.nearer')}<//><${Act} keys="−" onClick=${() => zoom(-1)}>${t('map.farther')}<//>
            <${Act} keys="Home" onClick=${() => made.current?.whole()}>${t('map.whole')}<//>
            ${onTake ? html`<${Act} keys="Enter" tone="main" onClick=${() => { if (middle.current.value) take(middle.current.value); }}>${taking}<//>` : ''}</p>
    </div>`;
}
