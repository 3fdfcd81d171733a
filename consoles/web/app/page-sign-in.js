// SPDX-License-Identifier: GPL-3.0-or-later
// Sign-in. The click or key press also unlocks sound, so that the first call is heard.
import { html, useEffect, useRef, useState } from './ui.js';
import { shown_key } from './own-keys.js';
import { language, t } from './words.js';
import { unlock_sound } from './sound.js';
import { use_keys } from './keys.js';
import { ProviderButton, provider } from './provider.js';

/** @param {string} login @param {string} password @param {string} code one-time code, "" for none @returns {Promise<any>} { user } or { refusal } */
export async function ask_in(login, password, code) {
    try {
        const reply = await fetch('/api/v1/sign-in', { method: 'POST', headers: { 'Content-Type': 'application/json' },
            body: JSON.stringify({ login, password, ...(code ? { code } : {}) }) });
        const body = await reply.json();
        return reply.ok ? body : { refusal: body.refusal ?? 'busy' };
    } catch {
        return { refusal: 'no_server' };
    }
}

/**
 * @param {{ note: string, onUser: (user: any) => void }} props
 */
export function SignIn({ note, onUser }) {
    const [refusal, setRefusal] = useState('');
    const [busy, setBusy] = useState(false);
    const submit = async (/** @type {SubmitEvent} */ event) => {
        event.preventDefault();
        unlock_sound();
        const form = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
        setBusy(true);
        const { user, refusal: why } = await ask_in(String(form.get('login')), String(form.get('password')),
            String(form.get('code') ?? '').trim());
        if (user) onUser(user);
        else setRefusal(why);
        setBusy(false);
    };
    return html`<main class="sign-in">
        <form onSubmit=${submit} aria-labelledby="sign-in-title">
            <h1 id="sign-in-title"><span class="brand" lang="zh-CN">一号</span> ${t('sign_in.title')}</h1>
            <p class="lines-strip" aria-hidden="true"><span class="line line-110">◆ 110</span><span class="line line-119">▲ 119</span>
                <span class="line line-120">✚ 120</span><span class="line line-122">■ 122</span><span class="line line-other">● 12345</span></p>
            ${note ? html`<p class="note" role="status">${note}</p>` : ''}
            ${provider.value ? html`<button type="button" class="act main" onClick=${() => { unlock_sound(); location.assign('/oidc/start'); }}>${t('provider.go')}</button>
            <p class="quiet">${t('provider.own')}</p>` : ''}
            <div class="field"><label for="login">${t('sign_in.login')}</label>
                <input id="login" name="login" autocomplete="username" required autofocus maxlength="32" /></div>
            <div class="field"><label for="password">${t('sign_in.password')}</label>
                <input id="password" name="password" type="password" autocomplete="current-password" required maxlength="128" /></div>
            ${refusal === 'code_wanted' ? html`<div class="field"><label for="code">${t('sign_in.code')}</label>
                <input id="code" name="code" autocomplete="one-time-code" required maxlength="16" autofocus /></div>` : ''}
            ${refusal ? html`<p class="error" role="alert">${t(`refusal.${refusal}`)}</p>` : ''}
            <button type="submit" class="act main" disabled=${busy}>${t('sign_in.go')} <kbd>Enter</kbd></button>
            <button type="button" class="plain" lang=${language.value === 'zh' ? 'en' : 'zh-CN'}
                onClick=${() => { language.value = language.value === 'zh' ? 'en' : 'zh'; }}>
                ${language.value === 'zh' ? 'English' : '中文'}</button>
        </form>
    </main>`;
}

/**
 * The session ended below an open page (the console server began anew, or twelve hours are over): the
 * page stays as it stands, every word in it; the password brings it back to where it was.
 * @param {{ login: string, onUser: (user: any) => void }} props
 */
export function SignInAgain({ login, onUser }) {
    const [refusal, setRefusal] = useState('');
    const password = useRef(/** @type {HTMLInputElement | null} */ (null));
    const code = useRef(/** @type {HTMLInputElement | null} */ (null));
    use_keys([{ key: 'F8', words: 'sign_in.again', act: () => password.current?.focus() }]);
    useEffect(() => { if (document.activeElement === document.body) password.current?.focus(); }, []);
    const submit = async (/** @type {SubmitEvent} */ event) => {
        event.preventDefault();
        const { user, refusal: why } = await ask_in(login, password.current?.value ?? '', code.current?.value.trim() ?? '');
        if (user) onUser(user);
        else setRefusal(why);
    };
    return html`<form class="stale amber again" onSubmit=${submit} aria-label=${t('sign_in.again')}>
        <strong role="alert">⚠ ${t('sign_in.lapsed')}</strong>
        <label for="again">${login} ${t('sign_in.password')}</label>
        <input id="again" ref=${password} type="password" autocomplete="current-password" required maxlength="128" />
        ${refusal === 'code_wanted' ? html`<label for="again-code">${t('sign_in.code')}</label>
            <input id="again-code" ref=${code} autocomplete="one-time-code" required maxlength="16" />` : ''}
        <button type="submit" class="act">${t('sign_in.again')}</button> <kbd>${shown_key('F8')}</kbd>
        <${ProviderButton} words=${t('provider.go')} onDone=${onUser} />
        ${refusal ? html`<span role="alert">${t(`refusal.${refusal}`)}</span>` : ''}</form>`;
}
