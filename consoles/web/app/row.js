// SPDX-License-Identifier: GPL-3.0-or-later
// The wire leaves zeros out; a row here always has all its fields, with times as numbers.
import { event_kinds, zeros } from './schema.js';

/**
 * @param {string} name of the message, e.g. "TaskRow"
 * @param {any} wire what came
 * @returns {any} a complete row
 */
export function complete(name, wire) {
    const row = /** @type {any} */ ({});
    for (const [field, zero] of Object.entries(zeros[name] ?? {})) {
        const came = wire?.[field];
        if (Array.isArray(zero)) {
            const kind = zero[0];
            row[field] = (came ?? []).map((/** @type {any} */ one) => kind ? complete(kind, one) : one);
        } else if (zero !== null && typeof zero === 'object') {
            row[field] = complete(zero[''], came);
        } else {
            row[field] = came === undefined ? zero : typeof zero === 'number' ? Number(came) : came;
        }
    }
    return row;
}

/** The kind of an event: the one member named like a kind. @param {any} event */
export function kind_of(event) {
    return event_kinds.find((kind) => kind in event) ?? '';
}

/** @param {{ parked_ms: number }} row a contact that waits in nobody's turn */
export const is_parked = (row) => row.parked_ms > 0;

/** @param {string | undefined} id a 64-bit number as text */
export function is_set(id) {
    return id !== undefined && id !== '' && id !== '0';
}
