// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures and documents of a department's task. One is looked at when its button is pressed: the trail then
// says who looked. Pictures stand in the page, a document is saved.
import { html, signal, useRef } from './ui.js';
import { day_and_time } from './clock.js';
import { user_name } from './marks.js';
import { Act } from './pick.js';
import { kind_of } from './row.js';
import { notify } from './notice.js';
import { fetch_proved } from './prove.js';
import { said, t } from './words.js';

const BYTES_MAX = 8 * 1024 * 1024;
/** Which are shown, by the number of their event. */
const shown = signal(/** @type {Record<number, boolean>} */ ({}));
const sending = signal(false);
const size_of = (/** @type {number} */ bytes) => bytes < 1048576 ? `${Math.ceil(bytes / 1024)} kB` : `${(bytes / 1048576).toFixed(1)} MB`;

/** @param {string} task @param {File} file */
async function send_one(task, file) {
    if (file.size > BYTES_MAX) return notify('bad', t('attach.too_big', { name: file.name }));
    const reply = await fetch_proved(`/api/v1/attach/${task}`, { method: 'POST', body: file });
    const answer = reply ? await reply.json().catch(() => ({})) : { refusal: 'no_server' };
    if (reply?.ok) return notify('good', t('attach.done', { name: file.name }));
    return notify('bad', reply?.status === 415 ? t('attach.kinds', { name: file.name }) : t(`refusal.${answer.refusal ?? 'busy'}`));
}

/** @param {string} task @param {HTMLInputElement} input */
async function send_all(task, input) {
    if (sending.value) return;
    sending.value = true;
    for (const file of input.files ?? []) await send_one(task, file);
    input.value = '';
    sending.value = false;
}

/** The field to choose files with. @param {{ task: string }} props */
export function Attach({ task }) {
    const input = useRef(/** @type {HTMLInputElement | null} */ (null));
    return html`<p class="acts"><${Act} keys="L" disabled=${sending.value} onClick=${() => input.current?.click()}>${t('attach.add')}<//>
        <input id="attach-file" class="sr" ref=${input} type="file" multiple tabindex="-1" aria-label=${t('attach.add')} accept="image/jpeg,image/png,image/webp,application/pdf"
            onChange=${(/** @type {any} */ e) => { void send_all(task, e.currentTarget); }} />
        <span class="quiet small" role="status">${t(sending.value ? 'attach.sending' : 'attach.hint')}</span></p>`;
}

/** One record of the trail. @param {{ row: import('./trail.js').TrailRow, reason: string }} props */
export function Attached({ row, reason }) {
    const body = row.event.attachment_stored ?? {};
    const url = `/api/v1/attachments/${row.seq}?reason=${reason}`;
    const name = `${row.seq}.${body.kind}`;
    if (body.kind === 'pdf') return html`<a class="chip" href=${url} download=${name}>${t('attach.save')} ${size_of(Number(body.size))}</a>`;
    if (!shown.value[row.seq]) return html`<button type="button" class="chip" onClick=${() => { shown.value = { ...shown.value, [row.seq]: true }; }}>
        ${t('attach.look')} ${size_of(Number(body.size))}</button>`;
    const gone = () => { shown.value = { ...shown.value, [row.seq]: false }; notify('bad', t('attach.gone')); };
    return html`<img class="attached" src=${url} alt=${t('attach.alt', { who: user_name(row.event.actor), at: day_and_time(row.at_ms) })} onError=${gone} />`;
}

/** Those of a trail, the newest first. @param {{ rows: import('./trail.js').TrailRow[], reason: string }} props */
export function Attachments({ rows, reason }) {
    const own = rows.filter((row) => kind_of(row.event) === 'attachment_stored').reverse();
    if (!own.length) return '';
    return html`<h3>${t('attach.title')} <span class="count">${own.length}</span></h3><ul class="texts">${own.map((row) => html`<li key=${row.seq}>
        <span class="digits quiet">${day_and_time(row.at_ms)}</span> ${said('attachment_kind', row.event.attachment_stored.kind)} <${Attached} row=${row} reason=${reason} /></li>`)}</ul>`;
}
