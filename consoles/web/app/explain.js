// SPDX-License-Identifier: GPL-3.0-or-later
// Why a contact stands where it stands in the one queue: asked of the dispatcher itself at the press of
// a key, and again each two seconds while it is looked at.
import { html, signal, useEffect } from './ui.js';
import { Act } from './pick.js';
import { Countdown, LineMark, Since, user_name } from './marks.js';
import { complete } from './row.js';
import { query } from './socket.js';
import { day_and_time } from './clock.js';
import { said, t } from './words.js';

const AGAIN_MS = 2000;
/** The contact that is explained, '': none. */
export const explained = signal('');
/** @type {import('../vendor/signals.js').Signal<{ one?: import('./schema.js').Explanation, refusal?: string }>} */
const answer = signal(/** @type {any} */ ({}));

export function close_explanation() {
    explained.value = '';
    setTimeout(() => document.getElementById('queue-list')?.focus(), 30);
}

function use_explanation() {
    const contact = explained.value;
    useEffect(() => {
        answer.value = {};
        document.getElementById('queue-explained')?.focus();
        if (!contact) return undefined;
        let alive = true;
        const ask = async () => {
            const got = await query({ explain: { contact } });
            if (alive) answer.value = got && !got.refusal ? { one: complete('Explanation', got.explanation) } : { refusal: got?.refusal ?? 'busy' };
        };
        void ask();
        const timer = setInterval(() => void ask(), AGAIN_MS);
        return () => { alive = false; clearInterval(timer); };
    }, [contact]);
}

const takers = /** @type {const} */ (['ready', 'talking', 'offered', 'wrap_up', 'away', 'held', 'outside_ring', 'other_language', 'resting']);

export function Explain() {
    use_explanation();
    const { one, refusal } = answer.value;
    if (refusal) return html`<p class="quiet none">${t(`refusal.${refusal}`)}</p>`;
    if (!one) return html`<p class="quiet none">…</p>`;
    return html`<div class="explain" role="status"><p class="line-1"><${LineMark} line=${one.line} named /> <b class="big">${one.place ? t('explain.place', { place: one.place, waiting: one.waiting }) : said('contact_state', one.state)}</b>
            ${one.reason !== 'none' ? html`<span class="tag warn">${said('wait_reason', one.reason)}</span>` : ''}
            <span class="right"><${Act} keys="Esc" onClick=${close_explanation}>${t('form.back')}<//></span></p>
        <p>${t('ring.waited')} <${Since} since_ms=${one.arrived_ms} /> · ${t('queue.due')} <${Countdown} due_ms=${one.due_ms} /> · ${said('band', one.band)}
            ${one.level ? ` · ${t('explain.level', { level: one.level })}` : ''} ${one.widen_ms ? t('explain.widens', { time: day_and_time(one.widen_ms) }) : ''}
            ${one.language !== 'none' ? ` · ${said('language', one.language)}` : ''}</p>
        <p>${t('explain.able', { n: one.able.signed_on })}: ${takers.filter((word) => one.able[word]).map((word) => html`<span class="chip-line" key=${word}>${t(`explain.${word}`)} <b class="digits">${one.able[word]}</b></span>`)}
            ${one.reserve ? t('explain.reserve', { n: one.reserve, ready: one.emergency_ready }) : ''}</p>
        ${one.offers.length ? html`<p>${one.offers.map((offer) => html`<span class="chip-line" key=${offer.offer}>${t('explain.asked')} ${user_name(offer.taker)} <${Countdown} due_ms=${offer.until_ms} /></span>`)}</p>` : ''}
        ${one.ahead.length ? html`<h3>${t('explain.ahead')}</h3><ol class="chips">${one.ahead.map((row) => html`<li class="chip-line" key=${row.contact}><${LineMark} line=${row.line} /> ${said('band', row.band)} <b>${said('ahead_rule', row.rule)}</b></li>`)}</ol>` : ''}
        ${one.ended.length ? html`<p class="quiet">${t('explain.ended')}: ${one.ended.map((row) => `${said('offer_end', row.cause)} ${row.count}`).join(' · ')}</p>` : ''}</div>`;
}
