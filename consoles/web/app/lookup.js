// SPDX-License-Identifier: GPL-3.0-or-later
// Finds an incident by what a person says of it: its order number, or the serial of one of today.
import { plain } from './pick.js';
import { query } from './socket.js';
import { day_number, now } from './clock.js';
import { complete } from './row.js';
import { notify } from './notice.js';
import { t } from './words.js';

const SERIAL_DIGITS = 6;

/** The whole order number of what a person typed of it, '': no digits. @param {string} text */
export function incident_digits(text) {
    const digits = plain(text).replace(/\D/g, '');
    return !digits || digits.length > SERIAL_DIGITS ? digits : `${day_number(now.peek())}${digits.padStart(SERIAL_DIGITS, '0')}`;
}

/** Says why when there is none. @param {string} text
 * @returns {Promise<import('./schema.js').IncidentRow | null>} */
export async function incident_by_number(text) {
    const number = incident_digits(text);
    if (!number) return null;
    const answer = await query({ incident: { number } });
    if (answer && !answer.refusal) return complete('IncidentRow', answer.incident_detail.row);
    notify('bad', t(`refusal.${answer?.refusal ?? 'busy'}`));
    return null;
}
