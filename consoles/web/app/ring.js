// SPDX-License-Identifier: GPL-3.0-or-later
// The banner of calls: always at the same place, never a box over the work. The offered call stands
// first; the most urgent waiting ones follow.
import { html, useEffect } from './ui.js';
import { LineMark, Since } from './marks.js';
import { Act } from './pick.js';
import { Parked } from './call.js';
import { answer, decline, is_emergency, ringing, seat_state, talking, waiting } from './seat.js';
import { is_parked } from './row.js';
import { shown_key } from './own-keys.js';
import { said, t } from './words.js';
import { ring, stop_ring } from './sound.js';
import { now } from './clock.js';

const OTHERS_MAX = 4;

export function Ring() {
    const call = ringing.value;
    useEffect(() => {
        if (!call) return undefined;
        ring(call.channel === 'sms' ? 'text' : is_emergency(call.line) ? 'emergency' : 'ordinary');
        const title = document.title;
        document.title = `☎ ${call.line} · ${t('ring.incoming')}`;
        return () => { stop_ring(); document.title = title; };
    }, [call?.offer]);
    const others = waiting.value.filter((row) => row.contact !== call?.contact && !is_parked(row));
    return html`<section class=${`ring ${call ? 'on' : ''} ${call && is_emergency(call.line) ? 'emergency' : ''}`}
        data-zone="ring" aria-label=${t('ring.title')}>
        <div class="ring-main">
            ${call ? html`
                <strong class="incoming">${t(call.channel === 'sms' ? 'ring.text' : call.parked_by ? 'ring.parked' : 'ring.incoming')}</strong>
                <${LineMark} line=${call.line} named /> <span class="band">${said('band', call.band)}</span>
                <span>${t('ring.waited')} <${Since} since_ms=${call.arrived_ms} /></span>
                ${call.offer_until_ms ? html`<span class="quiet">${t('ring.lease')} ${Math.max(0, Math.ceil((call.offer_until_ms - now.value) / 1000))}s</span>` : ''}
                <${Act} keys="F2" tone="answer" onClick=${answer}>${t('ring.answer')}<//>
                <${Act} keys="" onClick=${decline}>${t('ring.decline')}<//>`
            : html`<span class="quiet">${talking.value ? t('ring.in_call') : t(`ring.idle_${seat_state.value}`, { key: shown_key('F9') })}</span>`}
        </div>
        <${Parked} />
        <span class="sr" role="alert">${call ? `${t('ring.incoming')} ${call.line}` : ''}</span>
        <ul class="ring-others" aria-label=${t('ring.waiting')}>
            ${others.slice(0, OTHERS_MAX).map((row) => html`<li key=${row.contact}>
                <${LineMark} line=${row.line} /> ${row.channel === 'sms' ? '✉ ' : ''}<${Since} since_ms=${row.arrived_ms} /></li>`)}
            ${others.length > OTHERS_MAX ? html`<li class="quiet">+${others.length - OTHERS_MAX}</li>` : ''}
        </ul>
    </section>`;
}
