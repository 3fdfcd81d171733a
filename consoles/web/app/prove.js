// SPDX-License-Identifier: GPL-3.0-or-later
// Step-up: some steps want to know once more who sits there. The server's refusal names it, this dialog
// asks for the password (and the one-time code), and what was asked goes on.
import { html, signal, useEffect, useRef, useState, use_dialog } from './ui.js';
import { t } from './words.js';
import { ProviderButton } from './provider.js';

/** Whoever waits for the answer. @type {import('../vendor/signals.js').Signal<((proved: boolean) => void)[]>} */
const waiting = signal(/** @type {any[]} */ ([]));

/** @param {string} path @param {object} body @returns {Promise<{ status: number, refusal: string }>} refusal '': done */
export async function post(path, body) {
    const reply = await fetch(`/api/v1/${path}`, { method: 'POST', headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body) }).catch(() => null);
    if (!reply) return { status: 0, refusal: 'no_server' };
    const answer = await reply.json().catch(() => ({}));
    return { status: reply.status, refusal: reply.ok ? '' : answer.refusal ?? 'busy' };
}

/** Asks the person at the screen; false: they would not. @returns {Promise<boolean>} */
export function prove() {
    return new Promise((resolve) => { waiting.value = [...waiting.value, resolve]; });
}

/** @param {boolean} proved */
function done(proved) {
    const all = waiting.value;
    waiting.value = [];
    for (const resolve of all) resolve(proved);
}

/** The same as fetch, and once more after a proof that was wanted. @param {string} url @param {RequestInit} [init] */
export async function fetch_proved(url, init) {
    const reply = await fetch(url, init).catch(() => null);
    if (reply?.status !== 403) return reply;
    const { refusal } = await reply.clone().json().catch(() => ({ refusal: '' }));
    return refusal === 'proof_wanted' && await prove() ? fetch(url, init).catch(() => null) : reply;
}

/**
 * Password, and the code when it is wanted.
 * @param {{ id: string, go: string, take: (password: string, code: string) => Promise<string> }} props take answers the refusal, '' for none
 */
export function PasswordFields({ id, go, take }) {
    const [refusal, setRefusal] = useState('');
    const [coded, setCoded] = useState(false);
    const [busy, setBusy] = useState(false);
    const password = useRef(/** @type {HTMLInputElement | null} */ (null));
    const code = useRef(/** @type {HTMLInputElement | null} */ (null));
    useEffect(() => password.current?.focus(), []);
    useEffect(() => code.current?.focus(), [coded]);
    const submit = async (/** @type {SubmitEvent} */ event) => {
        event.preventDefault();
        setBusy(true);
        const why = await take(password.current?.value ?? '', code.current?.value.trim() ?? '');
        setBusy(false);
        setRefusal(why);
        if (why === 'code_wanted') setCoded(true);
        else if (why && password.current) {
            password.current.value = '';
            password.current.focus();
        }
    };
    return html`<form onSubmit=${submit}>
        <div class="field"><label for=${id}>${t('sign_in.password')}</label>
            <input id=${id} ref=${password} type="password" autocomplete="current-password" required maxlength="128" /></div>
        ${coded ? html`<div class="field"><label for=${`${id}-code`}>${t('sign_in.code')}</label>
            <input id=${`${id}-code`} ref=${code} autocomplete="one-time-code" required maxlength="16" /></div>` : ''}
        ${refusal ? html`<p class="error" role="alert">${t(`refusal.${refusal}`)}</p>` : ''}
        <button type="submit" class="act main" disabled=${busy}>${go} <kbd>Enter</kbd></button></form>`;
}

/** @param {string} password @param {string} code */
export async function prove_with(password, code) {
    return (await post('prove', { password, ...(code ? { code } : {}) })).refusal;
}

export function Prove() {
    const asked = waiting.value.length > 0;
    const dialog = use_dialog(asked);
    const take = async (/** @type {string} */ password, /** @type {string} */ code) => {
        const refusal = await prove_with(password, code);
        if (!refusal) done(true);
        return refusal;
    };
    return html`<dialog ref=${dialog} class="prove" aria-labelledby="prove-title" onClose=${() => done(false)}>
        ${asked ? html`<h2 id="prove-title">${t('prove.title')}</h2><p class="quiet">${t('prove.why')}</p>
        <${PasswordFields} id="prove-password" go=${t('prove.go')} take=${take} />
        <${ProviderButton} words=${t('provider.go')} onDone=${() => done(true)} />
        <button type="button" class="plain" onClick=${() => dialog.current?.close()}>${t('form.back')} <kbd>Esc</kbd></button>` : ''}</dialog>`;
}
