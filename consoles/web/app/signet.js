// SPDX-License-Identifier: GPL-3.0-or-later
// A person's own key, with which a department that signs acknowledges: made in this browser, where it
// stays (it cannot be read out), enrolled once, and used for every signing for, send-back and reply. What is
// signed: docs/trail-format.md.
import { html, signal, useEffect, useRef, useState } from './ui.js';
import { send, sign_with } from './outbox.js';
import { query } from './socket.js';
import { city, me, own_tasks } from './store.js';
import { day_and_time, now } from './clock.js';
import { notify, told } from './notice.js';
import { said, t } from './words.js';
import { words } from './schema.js';

/** @typedef {import('./schema.js').SignetRow} SignetRow */

const ALGORITHM = { name: 'Ed25519' };
const BLIND_BYTES = 16;
/** Whoever waits for the dialog; null: it is shut. @type {import('../vendor/signals.js').Signal<((done: boolean) => void) | null>} */
const asked = signal(/** @type {any} */ (null));

// ---- bytes ----------------------------------------------------------------------------------------------

const ascii = (/** @type {string} */ letters) => new TextEncoder().encode(letters);
const hex = (/** @type {Uint8Array} */ bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const bytes_of = (/** @type {string} */ digits) => Uint8Array.from(digits.match(/../g) ?? [], (two) => parseInt(two, 16));
/** @param {(Uint8Array | number | string)[]} parts numbers become eight bytes, the most significant first */
function joined(parts) {
    return Uint8Array.from(parts.flatMap((part) => {
        if (part instanceof Uint8Array) return [...part];
        const eight = new Uint8Array(8);
        new DataView(eight.buffer).setBigUint64(0, BigInt(part));
        return [...eight];
    }));
}

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

/** The city's key and one's own signets. @returns {Promise<{ city: string, rows: SignetRow[] } | null>} */
async function fetch_own() {
    return (await query({ signets: { user: me.peek()?.user ?? 0 } }))?.signets ?? null;
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
    return outcome;
}

// ---- signing --------------------------------------------------------------------------------------------

const steps = /** @type {const} */ ({ task_sign: 'sign', task_send_back: 'send_back', task_reply: 'reply' });

/** Does this department sign what it acknowledges? @param {number} department */
export const signs = (department) => city.rows.value.departments.find((row) => row.department === department)?.signs === true;

/** This browser's pair and its signet, when it is valid. */
async function ready_pair() {
    const [pair, own] = [await pair_here(), await fetch_own()];
    if (!pair || !own) return null;
    const key = await public_half(pair);
    const row = own.rows.find((one) => one.key === hex(key) && one.state === 'valid');
    return row ? { pair, key, signet: row.signet, city: bytes_of(own.city) } : null;
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
    const held = await ready_pair() ?? (await ask_key() ? await ready_pair() : null);
    if (!held) return null;
    const blind = personal?.text ? crypto.getRandomValues(new Uint8Array(BLIND_BYTES)) : null;
    const digest = blind ? new Uint8Array(await crypto.subtle.digest('SHA-256', joined([blind, ascii(personal.text)]))) : new Uint8Array(32);
    const at_ms = Math.round(now.peek());
    const number = (/** @type {string[]} */ list, /** @type {string | undefined} */ word) => Math.max(0, list.indexOf(word ?? ''));
    const statement = joined([ascii('yihao acknowledgement 1'), 1, held.signet, me.peek()?.user ?? 0, task.incident, task.task, task.version,
        number(words.task_step, steps[kind]), number(words.return_reason, said_of_it.reason), said_of_it.suggest ?? 0,
        number(words.degree, said_of_it.solved), at_ms, digest, held.city, held.key]);
    const acknowledgement = { algorithm: 1, signet: held.signet, key: hex(held.key), incident: task.incident, version: task.version,
        at_ms: String(at_ms), ...(blind ? { words: hex(digest) } : {}), signature: await signature(held.pair, statement) };
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
    const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
    const label = useRef(/** @type {HTMLInputElement | null} */ (null));
    const [rows, set_rows] = useState(/** @type {SignetRow[]} */ ([]));
    const [busy, set_busy] = useState(false);
    const open = asked.value !== null;
    const look = async () => set_rows((await fetch_own())?.rows ?? []);
    useEffect(() => {
        if (!open) return void dialog.current?.close();
        dialog.current?.showModal();
        label.current?.focus();
        void look();
    }, [open]);
    const make = async (/** @type {SubmitEvent} */ event) => {
        event.preventDefault();
        set_busy(true);
        const outcome = await enrol(label.current?.value.trim() || t('signet.here')).catch(() => null);
        set_busy(false);
        if (!outcome) return notify('bad', t('signet.unable'));
        if (!told(outcome)) return undefined;
        const good = await ready_pair() !== null;
        notify(good ? 'good' : 'bad', t(good ? 'signet.enrolled' : 'signet.waits'));
        return shut(good);
    };
    return html`<dialog ref=${dialog} class="prove" aria-labelledby="signet-title" onClose=${() => shut(false)}>
        ${open ? html`<h2 id="signet-title">${t('signet.title')}</h2><p class="quiet">${t('signet.why')}</p>
        <${Own} rows=${rows} onRevoked=${look} />
        <form onSubmit=${make}><div class="field"><label for="signet-label">${t('signet.label')}</label>
            <input id="signet-label" ref=${label} maxlength="16" value=${t('signet.here')} /></div>
            <button type="submit" class="act main" disabled=${busy}>${t('signet.make')} <kbd>Enter</kbd></button></form>
        <button type="button" class="plain" onClick=${() => dialog.current?.close()}>${t('form.back')} <kbd>Esc</kbd></button>` : ''}</dialog>`;
}
