// SPDX-License-Identifier: GPL-3.0-or-later
// The server's clock as this page knows it, and the words for times and durations.
import { signal } from './ui.js';

let offset_ms = 0;
/** Server time in UTC milliseconds, stepped twice a second. */
export const now = signal(Date.now());

/** @param {number} server_ms */
export function set_clock(server_ms) {
    offset_ms = server_ms - Date.now();
}

setInterval(() => { now.value = Date.now() + offset_ms; }, 500);

const two = (/** @type {number} */ n) => String(n).padStart(2, '0');

/** 75 000 → "1:15", 3 700 000 → "1:01:40", two days → "2d 03h". @param {number} ms */
export function span(ms) {
    const s = Math.max(0, Math.floor(Math.abs(ms) / 1000));
    const h = Math.floor(s / 3600);
    if (h >= 24) return `${Math.floor(h / 24)}d ${two(h % 24)}h`;
    return h ? `${h}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`
        : `${Math.floor(s / 60)}:${two(s % 60)}`;
}

/** The city's civil time, minutes ahead of UTC; until the server told it, the seat's own. */
const city_offset_min = signal(-new Date().getTimezoneOffset());

/** @param {number} minutes */
export function set_city_offset(minutes) {
    city_offset_min.value = minutes;
}

/** A date whose UTC fields are the city's. @param {number} ms */
function civil(ms) {
    return new Date(ms + city_offset_min.value * 60000);
}

/** "20:41:07" in the city. @param {number} ms */
export function time_of_day(ms) {
    const d = civil(ms);
    return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`;
}

/** "11-21 20:41:07". @param {number} ms */
export function day_and_time(ms) {
    const d = civil(ms);
    return `${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())} ${time_of_day(ms)}`;
}

/** 20261121: the city's day as the queries write it. @param {number} ms */
export function day_number(ms) {
    const d = civil(ms);
    return d.getUTCFullYear() * 10000 + (d.getUTCMonth() + 1) * 100 + d.getUTCDate();
}

/** "20261121000123" → "20261121-000123". @param {string} number */
export function order_number(number) {
    return number.length === 14 ? `${number.slice(0, 8)}-${number.slice(8)}` : number;
}
