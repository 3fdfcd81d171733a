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

/** "20:41:07" in the seat's own time zone. @param {number} ms */
export function time_of_day(ms) {
    const d = new Date(ms);
    return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

/** "11-21 20:41:07". @param {number} ms */
export function day_and_time(ms) {
    const d = new Date(ms);
    return `${two(d.getMonth() + 1)}-${two(d.getDate())} ${time_of_day(ms)}`;
}

/** 20261121: the day as the queries write it. @param {number} ms */
export function day_number(ms) {
    const d = new Date(ms);
    return d.getFullYear() * 10000 + (d.getMonth() + 1) * 100 + d.getDate();
}

/** "20261121000123" → "20261121-000123". @param {string} number */
export function order_number(number) {
    return number.length === 14 ? `${number.slice(0, 8)}-${number.slice(8)}` : number;
}
