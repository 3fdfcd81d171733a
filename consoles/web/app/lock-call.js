// SPDX-License-Identifier: GPL-3.0-or-later
// A taker's telephone in front of the lock: the call that rings and the one in hand, without a word of
// what is known of them.
import { html } from './ui.js';
import { LineMark, Since } from './marks.js';
import { Act } from './pick.js';
import { answer, decline, hang_up, ringing, talking } from './seat.js';
import { use_keys } from './keys.js';
import { t } from './words.js';

export function LockCall() {
    const call = ringing.value;
    const talk = talking.value;
    use_keys([
        { key: 'F2', words: 'key.answer', act: answer, when: () => Boolean(ringing.value), at_lock: true },
        { key: 'Shift+F2', words: 'key.hang_up', act: hang_up, when: () => Boolean(talking.value), at_lock: true },
    ]);
    return html`<section class=${`ring ${call ? 'on' : ''}`} data-zone="ring" aria-label=${t('ring.title')} aria-live="assertive"><div class="ring-main">
        ${call ? html`<strong class="incoming">${t(call.channel === 'sms' ? 'ring.text' : 'ring.incoming')}</strong> <${LineMark} line=${call.line} named />
            <${Since} since_ms=${call.arrived_ms} /> <${Act} keys="F2" tone="answer" onClick=${answer}>${t('ring.answer')}<//><${Act} keys="" onClick=${decline}>${t('ring.decline')}<//>` : ''}
        ${talk ? html`<strong>${t('ring.in_call')}</strong> <${LineMark} line=${talk.line} named /> <${Since} since_ms=${talk.connected_ms} />
            <${Act} keys="Shift+F2" tone="danger" onClick=${hang_up}>${t('key.hang_up')}<//>` : ''}</div></section>`;
}
