// SPDX-License-Identifier: GPL-3.0-or-later
// What the citizen will be sent for a reply, before it goes: the dispatcher makes it as it will make the text itself.
import { html, signal, useEffect } from './ui.js';
import { query } from './socket.js';
import { complete } from './row.js';
import { day_and_time } from './clock.js';
import { said, t } from './words.js';

const PAUSE_MS = 250; // keys that follow each other ask once
/** @type {import('../vendor/signals.js').Signal<{ incident: string, text: string, seen: import('./schema.js').TextPreview } | null>} */
const preview = signal(/** @type {any} */ (null));

/** @param {{ incident: string, text: string, lead: boolean }} props */
export function ReplyPreview({ incident, text, lead }) {
    const words = text.trim();
    useEffect(() => {
        if (!words || !lead) return undefined;
        let alive = true;
        const timer = setTimeout(async () => {
            const answer = await query({ text_preview: { incident, text } });
            if (alive && answer?.text_preview) preview.value = { incident, text, seen: complete('TextPreview', answer.text_preview) };
        }, PAUSE_MS);
        return () => { alive = false; clearTimeout(timer); };
    }, [incident, text, lead]);
    if (!words) return '';
    if (!lead) return html`<p class="preview"><span class="quiet">${t('preview.assists')}</span></p>`;
    const now = preview.value;
    if (now?.incident !== incident) return html`<p class="preview"><span class="quiet">${t('form.loading')}</span></p>`;
    const { seen } = now;
    return html`<div class="preview" id="reply-preview" aria-busy=${String(now.text !== text)}>
        ${seen.excuse !== 'none' ? html`<p><span class="tag warn">${t('preview.excused', { why: said('text_excuse', seen.excuse) })}</span></p>` : ''}
        <p><span class="quiet">${t(seen.excuse === 'none' ? 'dept.preview' : 'preview.would')}</span> ${seen.words}</p>
        <p class="quiet">${t(seen.english ? 'preview.english' : 'preview.chinese')} · <span class="digits">${seen.gsm7 ? 'GSM-7' : 'UCS-2'} ${seen.units}</span> ·
            ${t('notices.pieces', { n: seen.parts })}${seen.until_ms ? ` · ${t('preview.until', { time: day_and_time(seen.until_ms) })}` : ''}
            ${seen.cut ? html` <span class="tag warn">${t('preview.cut')}</span>` : ''}</p></div>`;
}
