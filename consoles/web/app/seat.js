// SPDX-License-Identifier: GPL-3.0-or-later
// The call taker's seat: the call that rings, the one in conversation, ready and away.
import { computed, signal } from './ui.js';
import { contacts, line_of, me, my_seat, takers } from './store.js';
import { focus_disposition } from './disposition.js';
import { is_parked, is_set } from './row.js';
import { send } from './outbox.js';
import { told } from './notice.js';
import { write, draft } from './draft.js';

/** The contact offered to this seat: as the next, to a second seat at once, or handed over. */
export const ringing = computed(() => {
    const own = me.value?.user;
    const row = contacts.rows.value.find((one) => one.state === 'offered' && (one.taker === own || one.other_taker === own));
    if (row) return row.taker === own ? row : { ...row, offer: row.other_offer, offer_until_ms: row.other_until_ms };
    const seat = my_seat.value;
    const handed = seat?.state === 'offered' && contacts.rows.value.find((one) => one.contact === seat.contact && one.state === 'connected');
    return handed && seat ? { ...handed, offer: seat.offer, offer_until_ms: seat.until_ms } : undefined;
});
/** The contact this seat talks with; in a warm transfer two seats do. */
export const talking = computed(() => contacts.rows.value.find((row) => row.state === 'connected'
    && (row.taker === me.value?.user || (my_seat.value?.state === 'talking' && my_seat.value.contact === row.contact))));
export const waiting = computed(() => contacts.rows.value.filter(
    (row) => row.state === 'waiting' || row.state === 'offered'));
/** Whom this seat parked, the longest first. */
export const parked = computed(() => waiting.value.filter((row) => is_parked(row) && row.parked_by === me.value?.user)
    .sort((a, b) => Number(a.parked_ms) - Number(b.parked_ms)));
export const seat_state = computed(() => my_seat.value?.state ?? 'signed_off');

/** Personal data opened for a contact in this session: asked once, each asking is in the trail. */
export const known_people = signal(/** @type {Record<string, any>} */ ({}));

/** @param {string} contact */
export async function read_person(contact) {
    if (known_people.value[contact]) return;
    const outcome = await send({ personal_read: { subject: contact, reason: 'answering' } });
    if (!outcome.ok) return;
    const person = outcome.personal ?? {};
    known_people.value = { ...known_people.value, [contact]: person };
    if (draft.value.contact !== contact) return;
    const one = draft.value;
    write({ number: one.number || person.number || '', name: one.name || person.name || '',
        text: one.text || person.text || '' });
}

export function is_emergency(/** @type {number} */ line) {
    return line_of.value.get(line)?.emergency === true;
}

/** A telephone that lifts by itself may be quicker than the key: then the call is where it was wanted. */
export async function answer() {
    const call = ringing.value;
    if (!call || !is_set(call.offer)) return;
    const outcome = await send({ offer_accept: { offer: call.offer } });
    if (outcome.refusal === 'no_such_offer') {
        for (const table of /** @type {const} */ ([takers, contacts])) {
            const rows = await table.ask();
            if (rows) table.rows.value = /** @type {any} */ (rows);
        }
        if (talking.value?.contact === call.contact) return;
    }
    told(outcome);
}
export async function decline() {
    const offer = ringing.value?.offer;
    if (is_set(offer)) told(await send({ offer_decline: { offer } }));
}
export async function hang_up() {
    const contact = talking.value?.contact;
    if (contact) told(await send({ contact_finish: { contact } }));
}
/** @param {string | undefined} contact parked, by whomever */
export async function unpark(contact) {
    if (contact) told(await send({ contact_unpark: { contact } }));
}
/** @param {number} line */
export async function change_line(line) {
    const contact = talking.value?.contact;
    if (contact && line) told(await send({ contact_reline: { contact, line } }));
}
export async function finish_wrap_up() {
    if (seat_state.value !== 'wrap_up') return;
    const outcome = await send({ wrap_up_finish: {} });
    told(outcome);
    if (outcome.refusal === 'disposition_missing') focus_disposition();
}
/** Signs the seat on when the page opens; one that is on already stays as it is. */
export async function sign_on() {
    await takers.ask().then((rows) => { if (rows) takers.rows.value = rows; });
    if (my_seat.value && my_seat.value.state !== 'signed_off') return;
    const outcome = await send({ taker_sign_on: {} });
    if (outcome.refusal !== 'already') told(outcome);
}
export async function ready() {
    told(await send({ taker_ready: {} }));
}
/** @param {string} reason */
export async function away(reason) {
    told(await send({ taker_away: { reason } }));
}
