// SPDX-License-Identifier: GPL-3.0-or-later
// Commands on their way. What must not be lost (a registration, a dispatch, a reply) is kept in this
// seat's storage until the dispatcher answered, and sent again under the same key: done once at most.
// What only means something now (answer this call) is refused at once when the line is down.
import { computed, signal } from './ui.js';
import { on_welcome, submit } from './socket.js';
import { now } from './clock.js';
import { prove } from './prove.js';

/**
 * @typedef {object} Letter
 * @property {string} key
 * @property {any} body the command: one member named by its kind
 * @property {any} [personal]
 * @property {number} at_ms
 * @typedef {{ ok: boolean, refusal?: string, words?: string, incident?: string, number?: string,
 *             contact?: string, task?: string, caller?: string, personal?: any, fields?: number, masked?: number, erased?: boolean, found?: string[], found_more?: boolean,
 *             found_partly?: boolean }} Outcome
 */

const perishable = ['offer_accept', 'offer_decline', 'contact_finish', 'taker_ready', 'taker_away',
    'taker_sign_on', 'taker_sign_off', 'wrap_up_finish', 'personal_read', 'contact_reline', 'contact_transfer',
    'transfer_cancel', 'transfer_finish', 'contact_need', 'contact_silent', 'contact_speak', 'callback_offer', 'callback_queue', 'contact_park', 'contact_unpark',
    'guide_begin', 'guide_answer', 'guide_undo', 'export_begin', 'party_invite', 'party_change', 'contact_press'];
const AGAIN_MS = 3000;

let place = '';
/** @type {import('../vendor/signals.js').Signal<Letter[]>} */
const letters = signal(/** @type {Letter[]} */ ([]));
/** Keys that wait for an answer right now. */
const under_way = new Set();
/** @type {Map<string, (outcome: Outcome) => void>} */
const waiting = new Map();
/** @type {Set<(key: string, outcome: Outcome, letter: Letter) => void>} */
const settled = new Set();

/** Letters that found no answer for more than two seconds: shown as 未送达. */
export const unsent = computed(() => letters.value.filter((l) => now.value - l.at_ms > 2000).length);

/** Signs what a department acknowledges (signet.js); null: it is not to be sent.
 * @type {(body: any, personal: any) => Promise<{ body: any, personal: any } | null>} */
let sign = async (body, personal) => ({ body, personal });
/** @param {typeof sign} act */
export function sign_with(act) {
    sign = act;
}

/** @param {(key: string, outcome: Outcome, letter: Letter) => void} act */
export function on_settled(act) {
    settled.add(act);
    return () => settled.delete(act);
}

function keep() {
    if (!place) return;
    if (letters.value.length) localStorage.setItem(place, JSON.stringify(letters.value));
    else localStorage.removeItem(place);
}

/** Takes up what an earlier page of this user left behind. @param {number} user */
export function open_outbox(user) {
    place = `yihao.unsent.${user}`;
    letters.value = JSON.parse(localStorage.getItem(place) ?? '[]');
}

/** A step that wants a fresh proof asks for it and goes on, under the same key. @param {any} command */
async function submit_proved(command) {
    const outcome = await submit(command);
    return outcome?.refusal === 'proof_wanted' && await prove() ? submit(command) : outcome;
}

/** @param {Letter} letter */
async function try_letter(letter) {
    if (under_way.has(letter.key)) return;
    under_way.add(letter.key);
    const outcome = await submit_proved({ key: letter.key, ...letter.body,
        ...(letter.personal ? { personal: letter.personal } : {}) });
    under_way.delete(letter.key);
    if (!outcome || outcome.refusal === 'busy' || outcome.refusal === 'locked') return;
    letters.value = letters.value.filter((l) => l.key !== letter.key);
    keep();
    waiting.get(letter.key)?.(outcome);
    waiting.delete(letter.key);
    for (const act of settled) act(letter.key, outcome, letter);
}

function try_all() {
    for (const letter of letters.value) void try_letter(letter);
}
on_welcome(try_all);
setInterval(try_all, AGAIN_MS);

/**
 * Sends a command. A lasting one resolves when it is answered, however long that takes.
 * @param {any} body e.g. { task_sign: { task: '7' } }
 * @param {any} [personal]
 * @param {string} [key] to send under a key already noted in a draft
 * @returns {Promise<Outcome>}
 */
export async function send(body, personal, key = crypto.randomUUID()) {
    const kind = Object.keys(body)[0] ?? '';
    if (perishable.includes(kind)) {
        const outcome = await submit_proved({ key, ...body, ...(personal ? { personal } : {}) });
        return outcome ?? { ok: false, refusal: 'busy' };
    }
    const signed = await sign(body, personal);
    if (!signed) return { ok: false, refusal: 'signature_wanted' };
    return new Promise((resolve) => {
        const letter = { key, ...signed, at_ms: now.peek() };
        waiting.set(key, resolve);
        letters.value = [...letters.value.filter((l) => l.key !== key), letter];
        keep();
        void try_letter(letter);
    });
}
