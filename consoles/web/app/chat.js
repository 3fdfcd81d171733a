// SPDX-License-Identifier: GPL-3.0-or-later
// A conversation by text, both sides in order with how far each line came; also beside a call, for
// somebody who cannot hear or speak. Every citizen's line is opened once, and the trail says so.
import { html, signal, useEffect, useRef } from './ui.js';
import { Act } from './pick.js';
import { user_name } from './marks.js';
import { ask_rows, me } from './store.js';
import { is_set } from './row.js';
import { on_event, on_welcome } from './socket.js';
import { is_composing } from './keys.js';
import { time_of_day } from './clock.js';
import { said, t } from './words.js';
import { play } from './sound.js';
import { told } from './notice.js';
import { send } from './outbox.js';

/** @typedef {import('./schema.js').TextRow} TextRow */
const PAGES_MAX = 8;
/** @type {import('../vendor/signals.js').Signal<TextRow[]>} */
const lines = signal(/** @type {any[]} */ ([]));
/** Words by the event they lie beside, as long as the page stands. @type {import('../vendor/signals.js').Signal<Record<string, string>>} */
const words = signal(/** @type {Record<string, string>} */ ({}));
const written = signal('');
const busy = signal(false);
/** What is being opened right now. */
const opening = new Set();

const place = (/** @type {string} */ contact) => `yihao.chat.${me.peek()?.user}.${contact}`;
/** @param {string} contact @param {string} text */
function write(contact, text) {
    written.value = text;
    if (text) localStorage.setItem(place(contact), text);
    else localStorage.removeItem(place(contact));
}

/** @param {string} contact @param {TextRow[]} rows */
async function open_words(contact, rows) {
    for (const { seq } of rows) {
        if (!is_set(seq) || seq in words.peek() || opening.has(seq)) continue;
        opening.add(seq);
        const outcome = await send({ personal_read: { subject: contact, reason: 'answering', seq } });
        opening.delete(seq);
        if (outcome.ok) words.value = { ...words.value, [seq]: outcome.personal?.text ?? '' };
    }
}

/** @param {string} contact */
function use_lines(contact) {
    useEffect(() => {
        lines.value = [];
        written.value = localStorage.getItem(place(contact)) ?? '';
        let alive = true;
        const load = async () => {
            const rows = await ask_rows({ texts: { contact } }, 'texts', 'TextRow', 'text', PAGES_MAX);
            if (!alive || !rows) return;
            if (rows.filter((row) => row.received).length > lines.peek().filter((row) => row.received).length && lines.peek().length) play('text');
            lines.value = rows;
            await open_words(contact, rows);
        };
        const stops = [on_event(({ event }) => { if (event.contact === contact && Object.keys(event).some((kind) => kind.startsWith('text_'))) void load(); }), on_welcome(() => void load())];
        void load();
        return () => { alive = false; stops.forEach((stop) => stop()); };
    }, [contact]);
}

/** Does the caller type inside the call? @param {{ typing?: string }} row */
export const is_typed = ({ typing }) => Boolean(typing && typing !== 'none');
/** One at a time types on a text telephone: whose turn it is stands at the end. @param {string | undefined} typing */
const takes_turns = (typing) => Boolean(typing?.startsWith('baudot'));

/** @param {string} contact @param {string} turn what ends it, unless the taker wrote so: GA, SK, or nothing */
async function submit(contact, turn) {
    let text = written.value.trim();
    if ((!text && turn !== 'SK') || busy.value) return;
    if (turn && !/(^|\s)(GA|SK)$/i.test(text)) text = `${text} ${turn}`.trim();
    busy.value = true;
    const done = told(await send({ contact_write: { contact } }, { text }));
    busy.value = false;
    if (done) write(contact, '');
}

const receipts = /** @type {Record<string, string>} */ ({ ordered: '…', sent: '✓', delivered: '✓✓', failed: '✖' });

/** @param {{ row: TextRow }} props */
function Line({ row }) {
    const text = is_set(row.seq) ? words.value[row.seq] ?? '…' : said('template', row.template);
    return html`<li class=${row.received ? 'theirs' : 'ours'}><blockquote class="text">${text}</blockquote>
        <span class="quiet digits">${row.received ? t('chat.citizen') : row.taker ? user_name(row.taker) : t('chat.by_rule')} ${time_of_day(row.ordered_ms)}</span>
        ${row.received ? '' : html`<span class=${`receipt ${row.state === 'failed' ? 'bad' : row.state === 'delivered' ? 'good' : ''}`}><span aria-hidden="true">${receipts[row.state] ?? ''}</span> ${said('text_state', row.state)}</span>`}</li>`;
}

/** @param {{ contact: string, call: boolean, typing?: string }} props call: beside a conversation by voice */
export function Chat({ contact, call, typing }) {
    const turn = takes_turns(typing) ? 'GA' : '';
    const list = useRef(/** @type {HTMLElement | null} */ (null));
    use_lines(contact);
    const count = lines.value.length;
    useEffect(() => { if (list.current) list.current.scrollTop = list.current.scrollHeight; }, [count]);
    const keydown = (/** @type {KeyboardEvent} */ event) => {
        if (is_composing(event) || event.key !== 'Enter' || event.shiftKey || event.ctrlKey || event.altKey) return;
        event.preventDefault();
        void submit(contact, turn);
    };
    return html`<div class="chat">${count || !call ? html`<ol class="chat-lines" ref=${list} tabindex="0" aria-live="polite" aria-label=${t('chat.title')}>
            ${lines.value.map((row) => html`<${Line} key=${row.text || row.seq} row=${row} />`)}</ol>` : ''}
        <div class="field"><label for="chat-words">${t(turn ? 'chat.turns' : is_typed({ typing }) ? 'chat.typed' : call ? 'chat.beside_call' : 'chat.write')}</label>
            <textarea id="chat-words" rows="2" maxlength="1000" value=${written.value} onKeyDown=${keydown}
                onInput=${(/** @type {any} */ e) => write(contact, e.currentTarget.value)}></textarea></div>
        <p class="acts"><${Act} keys="Enter" tone="main" disabled=${busy.value || !written.value.trim()} onClick=${() => submit(contact, turn)}>${t('chat.send')}<//>
            ${turn ? html`<${Act} disabled=${busy.value} onClick=${() => submit(contact, 'SK')}>${t('chat.stop')}<//>` : ''}
            <span class="quiet digits">${t('chat.length', { n: [...written.value].length })}</span></p></div>`;
}
