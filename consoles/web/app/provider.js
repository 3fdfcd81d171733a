// SPDX-License-Identifier: GPL-3.0-or-later
// The city's sign-in provider (OpenID Connect): away to it and back. Whoever works at an open page goes by a
// window of its own, so that no call is left; that window tells the page here what came of it.
import { html, signal, useEffect, useState } from './ui.js';
import { t } from './words.js';

/** Does the city have one? */
export const provider = signal(false);
/** What came back in this window's address, null: nothing. @type {import('../vendor/signals.js').Signal<{ state: string, grant: string, issuer?: string } | null>} */
export const returned = signal(/** @type {any} */ (null));

const between = new BroadcastChannel('yihao-provider');
const WINDOW = 'popup,width=520,height=720';

/** Takes the code out of the address before anybody sees it there. */
export async function look_for_provider() {
    if (location.pathname === '/oidc/back') {
        const said = new URLSearchParams(location.search);
        history.replaceState(null, '', '/');
        returned.value = { state: said.get('state') ?? '', grant: said.get('code') ?? '', ...(said.get('iss') ? { issuer: said.get('iss') ?? '' } : {}) };
    }
    const reply = await fetch('/api/v1/health').catch(() => null);
    provider.value = (await reply?.json().catch(() => null))?.provider === true;
}

/**
 * Signs in, or proves who sits there, in a window of its own.
 * @param {{ words: string, onDone: (user: any) => void }} props user: null after a proof
 */
export function ProviderButton({ words, onDone }) {
    useEffect(() => {
        /** @param {MessageEvent} event */
        const hear = (event) => {
            if (event.data.heard) return;
            between.postMessage({ heard: true });
            onDone(event.data.user ?? null);
        };
        between.addEventListener('message', hear);
        return () => between.removeEventListener('message', hear);
    });
    return provider.value ? html`<button type="button" class="act" onClick=${() => window.open('/oidc/start', 'yihao-provider', WINDOW)}>
        ${words}</button>` : '';
}

/** @param {string} path @param {object} body */
async function show(path, body) {
    const reply = await fetch(`/api/v1/${path}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }).catch(() => null);
    const answer = await reply?.json().catch(() => ({}));
    return { user: answer?.user ?? null, refusal: reply?.ok ? '' : answer?.refusal ?? 'no_server' };
}

/**
 * The window that came back: a proof when somebody is signed in here, a sign-in otherwise.
 * @param {{ proof: boolean, onUser: (user: any) => void }} props
 */
export function Returned({ proof, onUser }) {
    const [refusal, setRefusal] = useState('');
    const [done, setDone] = useState(false);
    const [code, setCode] = useState('');
    const go = async () => {
        const { user, refusal: why } = await show(proof ? 'prove' : 'sign-in', { ...returned.peek(), ...(code ? { code } : {}) });
        setRefusal(why);
        if (why) return;
        const stay = setTimeout(() => { if (proof) setDone(true); else { returned.value = null; onUser(user); } }, 400);
        between.addEventListener('message', (event) => { if (event.data.heard) { clearTimeout(stay); setDone(true); window.close(); } });
        between.postMessage({ proved: proof, user });
    };
    useEffect(() => { void go(); }, []);
    const leave = () => { returned.value = null; };
    return html`<main class="sign-in"><form onSubmit=${(/** @type {SubmitEvent} */ event) => { event.preventDefault(); void go(); }} aria-labelledby="returned-title">
        <h1 id="returned-title"><span class="brand" lang="zh-CN">一号</span> ${t('sign_in.title')}</h1>
        ${done ? html`<p class="note" role="status">${t('provider.close')}</p>` : ''}
        ${refusal ? html`<p class="error" role="alert">${t(`refusal.${refusal}`)}</p>` : ''}
        ${refusal === 'code_wanted' ? html`<div class="field"><label for="returned-code">${t('sign_in.code')}</label>
            <input id="returned-code" autocomplete="one-time-code" required autofocus maxlength="16"
                onInput=${(/** @type {InputEvent} */ event) => setCode(/** @type {HTMLInputElement} */ (event.target).value.trim())} /></div>
            <button type="submit" class="act main">${t('sign_in.go')} <kbd>Enter</kbd></button>` : ''}
        ${refusal && refusal !== 'code_wanted' ? html`<button type="button" class="act" onClick=${leave}>${t('form.back')}</button>` : ''}
    </form></main>`;
}
