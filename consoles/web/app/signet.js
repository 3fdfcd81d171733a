// SPDX-License-Identifier: GPL-3.0-or-later
// A person's own key, with which a department that signs acknowledges: made in this browser, where it
// stays (it cannot be read out), or in a security key that its person touches; enrolled once, and used for every
// signing for, send-back and reply. What is signed: docs/trail-format.md.
import { html, signal, useEffect, useRef, useState, use_dialog } from './ui.js';
import { send, sign_with } from './outbox.js';
import { query } from './socket.js';
import { city, me, own_tasks } from './store.js';
import { day_and_time, now } from './clock.js';
import { notify, told } from './notice.js';
import { complete } from './row.js';
import { said, t } from './words.js';
import { words } from './schema.js';
import { ascii, bytes_of, hex, joined } from './bytes.js';
import { make as make_key, possible, touched, which } from './authenticator.js';

/** @typedef {import('./schema.js').SignetRow} SignetRow */
/** @typedef {{ city: string, party?: string, verified?: boolean, rows: SignetRow[] }} Own */
/** What signs now. @typedef {{ algorithm: number, signet: string, key: string, ordinate: string, city: Uint8Array, sign: (statement: Uint8Array<ArrayBuffer>) => Promise<{ signature: string, touch?: any }> }} Held */

const ALGORITHM = { name: 'Ed25519' };
const BLIND_BYTES = 16;
/** Whoever waits for the dialog; null: it is shut. @type {import('../vendor/signals.js').Signal<((done: boolean) => void) | null>} */
const asked = signal(/** @type {any} */ (null));

// ---- where the key lies ---------------------------------------------------------------------------------

/** @template T @param {(store: IDBObjectStore) => IDBRequest<T>} act @returns {Promise<T>} */
function with_store(act) {
    return new Promise((resolve, reject) => {
        const opening = indexedDB.open('yihao.signets', 1);
        opening.onupgradeneeded = () => opening.result.createObjectStore('pairs');
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
            const request = act(opening.result.transaction('pairs', 'readwrite').objectStore('pairs'));
            request.onsuccess = () => { opening.result.close(); resolve(request.result); };
            request.onerror = () => { opening.result.close(); reject(request.error); };
        };
    });
}
/** @returns {Promise<CryptoKeyPair | undefined>} this user's at this browser */
const pair_here = () => with_store((store) => store.get(me.peek()?.user ?? 0));
const public_half = async (/** @type {CryptoKeyPair} */ pair) => new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
const signature = async (/** @type {CryptoKeyPair} */ pair, /** @type {Uint8Array<ArrayBuffer>} */ statement) =>
    hex(new Uint8Array(await crypto.subtle.sign(ALGORITHM, pair.privateKey, statement)));

/** The city's key and one's own signets. @returns {Promise<Own | null>} */
async function fetch_own() {
    const own = (await query({ signets: { user: me.peek()?.user ?? 0 } }))?.signets;
    return own ? { ...own, rows: (own.rows ?? []).map((/** @type {any} */ row) => complete('SignetRow', row)) } : null;
}

/** Makes a pair, proves and enrols it, and keeps it here. @param {string} label */
async function enrol(label) {
    const own = await fetch_own();
    if (!own) return null;
    const pair = /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']));
    const key = await public_half(pair);
    const proof = await signature(pair, joined([ascii('yihao signet 1'), 1, me.peek()?.user ?? 0, bytes_of(own.city), key]));
    const outcome = await send({ signet_enrol: { algorithm: 1, key: hex(key), proof, label } });
    if (outcome.ok) await with_store((store) => store.put(pair, me.peek()?.user ?? 0));
    return { outcome, key: hex(key) };
}

const user_now = () => me.peek()?.user ?? 0;
/** The credential that this person last used at this browser. */
const last_place = () => `yihao.authenticator.${user_now()}`;

/** Makes a key in an authenticator, proves it by a second touch, and enrols it. @param {string} label */
async function enrol_authenticator(label) {
    const own = await fetch_own();
    if (!own?.party) return null;
    const wish = { party: own.party, verified: own.verified === true };
    const made = await make_key({ ...wish, user: user_now(), name: String(user_now()),
        taken: own.rows.filter((row) => row.credential && row.state !== 'revoked').map((row) => row.credential) });
    const statement = joined([ascii('yihao signet 1'), made.algorithm, user_now(), bytes_of(own.city), bytes_of(made.key),
        bytes_of(made.ordinate ?? '00'.repeat(32))]);
    const { signature: proof, touch } = await touched({ ...wish, credential: made.credential, algorithm: made.algorithm, statement });
    const outcome = await send({ signet_enrol: { ...made, proof, touch, label } });
    if (outcome.ok) localStorage.setItem(last_place(), made.credential);
    return { outcome, key: made.key };
}

// ---- signing --------------------------------------------------------------------------------------------

const steps = /** @type {const} */ ({ task_sign: 'sign', task_send_back: 'send_back', task_reply: 'reply' });

/** Does this department sign what it acknowledges? @param {number} department */
export const signs = (department) => city.rows.value.departments.find((row) => row.department === department)?.signs === true;

/** This browser's pair and its signet, when it is valid. @param {Own} own @returns {Promise<Held | null>} */
async function pair_of_browser(own) {
    const pair = await pair_here();
    if (!pair) return null;
    const key = hex(await public_half(pair));
    const row = own.rows.find((one) => one.key === key && one.state === 'valid');
    return row ? { algorithm: 1, signet: row.signet, key, ordinate: '', city: bytes_of(own.city),
        sign: async (statement) => ({ signature: await signature(pair, statement) }) } : null;
}
/** One's own authenticator, when one is enrolled and at hand. @param {Own} own @returns {Promise<Held | null>} */
async function authenticator_at_hand(own) {
    const valid = own.rows.filter((row) => row.credential && row.state === 'valid');
    if (!own.party || !valid.length || !possible()) return null;
    const wish = { party: own.party, verified: own.verified === true };
    const last = valid.find((row) => row.credential === localStorage.getItem(last_place()))?.credential;
    const credential = last ?? await which(wish, valid.map((row) => row.credential)).catch(() => '');
    const row = valid.find((one) => one.credential === credential);
    if (!row) return null;
    const sign = (/** @type {Uint8Array<ArrayBuffer>} */ statement) => touched({ ...wish, credential, algorithm: row.algorithm, statement });
    localStorage.setItem(last_place(), credential);
    return { algorithm: row.algorithm, signet: row.signet, key: row.key, ordinate: row.ordinate || '00'.repeat(32), city: bytes_of(own.city), sign };
}
/** @returns {Promise<Held | null>} */
async function ready_key() {
    const own = await fetch_own();
    return own && (await pair_of_browser(own) ?? await authenticator_at_hand(own));
}
/** The signature, or null when nobody touched the key. @param {Held} held @param {Uint8Array<ArrayBuffer>} statement */
async function signed_by(held, statement) {
    try {
        const { signature, touch } = await held.sign(statement);
        return { signature, ...(touch ? { touch } : {}), ...(held.algorithm === 7 ? { ordinate: held.ordinate } : {}) };
    } catch {
        localStorage.removeItem(last_place()); // another one may be at hand
        notify('bad', t('signet.untouched'));
        return null;
    }
}

/** Asks the person for a key; false: there is none now. @returns {Promise<boolean>} */
const ask_key = () => new Promise((resolve) => { asked.value = resolve; });

/**
 * A command as it goes out: with the acknowledgement where the department signs; null: nothing is to be sent.
 * @param {Record<string, any>} body @param {any} personal
 */
async function acknowledge(body, personal) {
    const [kind, said_of_it] = /** @type {[keyof typeof steps, any]} */ (Object.entries(body)[0]);
    const task = kind in steps && own_tasks.rows.peek().find((one) => one.task === said_of_it.task);
    if (!task || !signs(task.department)) return { body, personal };
    const held = await ready_key() ?? (await ask_key() ? await ready_key() : null);
    if (!held) return null;
    const blind = personal?.text ? crypto.getRandomValues(new Uint8Array(BLIND_BYTES)) : null;
    const digest = blind ? new Uint8Array(await crypto.subtle.digest('SHA-256', joined([blind, ascii(personal.text)]))) : new Uint8Array(32);
    const at_ms = Math.round(now.peek());
    const number = (/** @type {string[]} */ list, /** @type {string | undefined} */ word) => Math.max(0, list.indexOf(word ?? ''));
    const statement = joined([ascii('yihao acknowledgement 1'), held.algorithm, held.signet, me.peek()?.user ?? 0, task.incident, task.task, task.version,
        number(words.task_step, steps[kind]), number(words.return_reason, said_of_it.reason), said_of_it.suggest ?? 0,
        number(words.degree, said_of_it.solved), at_ms, digest, held.city, bytes_of(held.key), bytes_of(held.ordinate)]);
    const proved = await signed_by(held, statement);
    if (!proved) return null;
    const acknowledgement = { algorithm: held.algorithm, signet: held.signet, key: held.key, incident: task.incident, version: task.version,
        at_ms: String(at_ms), ...(blind ? { words: hex(digest) } : {}), ...proved };
    return { body: { [kind]: { ...said_of_it, acknowledgement } }, personal: blind ? { ...personal, blind: hex(blind) } : personal };
}
sign_with(acknowledge);

// ---- the dialog -----------------------------------------------------------------------------------------

/** Opens it to look. */
export function show_signets() {
    asked.value = () => {};
}
/** @param {boolean} good */
function shut(good) {
    asked.peek()?.(good);
    asked.value = null;
}

/** @param {{ rows: SignetRow[], onRevoked: () => void }} props */
function Own({ rows, onRevoked }) {
    const revoke = async (/** @type {SignetRow} */ row) => {
        if (told(await send({ signet_revoke: { signet: row.signet, reason: 'lost' } }))) onRevoked();
    };
    return html`<ul class="signets">${rows.map((row) => html`<li key=${row.signet}>${row.label} <span class="quiet">${day_and_time(row.enrolled_ms)}</span>
        <span class=${`tag ${row.state === 'valid' ? 'good' : 'warn'}`}>${said('signet_state', row.state)}</span>
        ${row.state === 'revoked' ? html`<span class="quiet">${said('signet_reason', row.reason)}</span>`
        : html`<button type="button" class="plain" onClick=${() => revoke(row)}>${t('signet.lost')}</button>`}</li>`)}</ul>`;
}

export function Signets() {
    const label = useRef(/** @type {HTMLInputElement | null} */ (null));
    const [rows, set_rows] = useState(/** @type {SignetRow[]} */ ([]));
    const [party, set_party] = useState('');
    const [busy, set_busy] = useState(false);
    const open = asked.value !== null;
    const dialog = use_dialog(open);
    const look = async () => {
        const own = await fetch_own();
        set_rows(own?.rows ?? []);
        set_party(own?.party ?? '');
    };
    useEffect(() => {
        if (!open) return;
        label.current?.focus();
        void look();
    }, [open]);
    const bring = async (/** @type {typeof enrol} */ by, /** @type {string} */ where) => {
        set_busy(true);
        const given = label.current?.value.trim();
        const brought = await by(given && given !== t('signet.here') ? given : where).catch(() => null);
        set_busy(false);
        if (!brought) return notify('bad', t(by === enrol ? 'signet.unable' : 'signet.untouched'));
        if (!told(brought.outcome)) return undefined;
        const good = (await fetch_own())?.rows.some((row) => row.key === brought.key && row.state === 'valid') === true;
        notify(good ? 'good' : 'bad', t(good ? 'signet.enrolled' : 'signet.waits'));
        return shut(good);
    };
    const make = (/** @type {SubmitEvent} */ event) => {
        event.preventDefault();
        void bring(enrol, t('signet.here'));
    };
    return html`<dialog ref=${dialog} class="prove" aria-labelledby="signet-title" onClose=${() => shut(false)}>
        ${open ? html`<h2 id="signet-title">${t('signet.title')}</h2><p class="quiet">${t('signet.why')}</p>
        <${Own} rows=${rows} onRevoked=${look} />
        <form onSubmit=${make}><div class="field"><label for="signet-label">${t('signet.label')}</label>
            <input id="signet-label" ref=${label} maxlength="16" value=${t('signet.here')} /></div>
            <button type="submit" class="act main" disabled=${busy}>${t('signet.make')} <kbd>Enter</kbd></button>
            ${party && possible() ? html`<button type="button" class="act" id="signet-touch" disabled=${busy} onClick=${() => bring(enrol_authenticator, t('signet.touch_here'))}>${t('signet.touch')}</button>` : ''}</form>
        <button type="button" class="plain" onClick=${() => dialog.current?.close()}>${t('form.back')} <kbd>Esc</kbd></button>` : ''}</dialog>`;
}
