// SPDX-License-Identifier: GPL-3.0-or-later
// Sign-in. The click or key press also unlocks sound, so that the first call is heard.
import { html, useState } from './ui.js';
import { language, t } from './words.js';
import { unlock_sound } from './sound.js';

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
        try {
            const reply = await fetch('/api/v1/sign-in', {
                method: 'POST',
                headers: { 'Content-Type': 'application/json' },
                body: JSON.stringify({ login: form.get('login'), password: form.get('password') }),
            });
            const body = await reply.json();
            if (reply.ok) onUser(body.user);
            else setRefusal(body.refusal ?? 'busy');
        } catch {
            setRefusal('no_server');
        }
        setBusy(false);
    };
    return html`<main class="sign-in">
        <form onSubmit=${submit} aria-labelledby="sign-in-title">
            <h1 id="sign-in-title"><span class="brand" lang="zh-CN">一号</span> ${t('sign_in.title')}</h1>
            <p class="lines-strip" aria-hidden="true"><span class="line line-110">◆ 110</span><span class="line line-119">▲ 119</span>
                <span class="line line-120">✚ 120</span><span class="line line-122">■ 122</span><span class="line line-other">● 12345</span></p>
            ${note ? html`<p class="note" role="status">${note}</p>` : ''}
            <div class="field"><label for="login">${t('sign_in.login')}</label>
                <input id="login" name="login" autocomplete="username" required autofocus maxlength="32" /></div>
            <div class="field"><label for="password">${t('sign_in.password')}</label>
                <input id="password" name="password" type="password" autocomplete="current-password" required maxlength="128" /></div>
            ${refusal ? html`<p class="error" role="alert">${t(`refusal.${refusal}`)}</p>` : ''}
            <button type="submit" class="act main" disabled=${busy}>${t('sign_in.go')} <kbd>Enter</kbd></button>
            <button type="button" class="plain" lang=${language.value === 'zh' ? 'en' : 'zh-CN'}
                onClick=${() => { language.value = language.value === 'zh' ? 'en' : 'zh'; }}>
                ${language.value === 'zh' ? 'English' : '中文'}</button>
        </form>
    </main>`;
}
