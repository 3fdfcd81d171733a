// SPDX-License-Identifier: GPL-3.0-or-later
// An incident's trail: every event about it and its contacts, in words a person reads, or as the
// record's own line with its place in the chain.
import { html, signal, useEffect, useRef } from './ui.js';
import { department_name, disposition_name, user_name } from './marks.js';
import { on_event, on_welcome, query } from './socket.js';
import { kind_of, is_set } from './row.js';
import { day_and_time, order_number, span } from './clock.js';
import { event_words } from './schema.js';
import { has_words, said, t } from './words.js';
import { Reveal, open_person } from './person.js';
import { Attached } from './attachment.js';
import { changed_words, changes_of, told_by } from './changes.js';

/** @typedef {{ seq: number, at_ms: number, event: any, line: string, link: string, sealed?: boolean }} TrailRow */

const PAGES_MAX = 8;
/** What the auditor opened in this session, by the event's number.
 * @type {import('../vendor/signals.js').Signal<Record<string, any>>} */
const opened = signal(/** @type {Record<string, any>} */ ({}));

/** @param {string} path of the rows, without `after` @returns {Promise<TrailRow[] | null>} */
export async function fetch_trail(path) {
    /** @type {TrailRow[]} */
    const rows = [];
    for (let page = 0; page < PAGES_MAX; page++) {
        const at = rows.length ? rows[rows.length - 1]?.seq : 0;
        const reply = await fetch(at ? `${path}?after=${at}` : path).catch(() => null);
        if (!reply?.ok) return rows.length ? rows : null;
        const body = await reply.json();
        rows.push(...(body.rows ?? []));
        if (!body.more || !body.rows?.length) break;
    }
    return rows;
}

/** What a person wants to know of an event, beside its kind. @param {any} event @param {string} kind @param {string[]} [told] members that are said elsewhere */
export function details(event, kind, told = /** @type {string[]} */ ([])) {
    const body = event[kind] ?? {};
    const parts = [];
    if (is_set(body.number)) parts.push(order_number(body.number));
    if (event.line && kind.startsWith('contact_arr')) parts.push(String(event.line));
    if (event.department) parts.push(department_name(event.department));
    if (event.taker) parts.push(user_name(event.taker));
    for (const [field, value] of Object.entries(body)) {
        const enumeration = event_words[kind]?.[field];
        if (field === 'from' || told.includes(field) || !enumeration || !has_words(`${enumeration}.${value}`)) continue;
        const word = said(enumeration, value);
        if ( !(field === 'to' && parts.includes(word))) parts.push(field === 'to' ? `→ ${word}` : ['solved', 'satisfied', 'contacted'].includes(field)
            ? `${t(`field.${field}`)} ${word}` : word);
    }
    if (body.keys) parts.push(body.keys);
    if (body.disposition && kind === 'contact_disposed') parts.push(disposition_name(body.disposition));
    if (body.waited_ms) parts.push(`${t('ring.waited')} ${span(Number(body.waited_ms))}`);
    if (body.duration_ms) parts.push(span(Number(body.duration_ms)));
    return parts.join(' · ');
}

/** @param {any} event */
export function actor(event) {
    if (event.actor_kind === 'user') return user_name(event.actor);
    return said('actor_kind', event.actor_kind ?? 'none') + (event.actor ? ` ${event.actor}` : '');
}

/** A contact's own records: of one that led to no incident. @param {string} contact */
async function fetch_contact(contact) {
    /** @type {TrailRow[]} */
    const rows = [];
    for (let page = 0; page < PAGES_MAX; page++) {
        const answer = await query({ events: { contact, after: String(rows[rows.length - 1]?.seq ?? 0) } });
        rows.push(...(answer?.events?.rows ?? []));
        if (!answer?.more) break;
    }
    return rows;
}

/** The trail of one incident, or of one contact, kept current. @param {string} incident @param {string} [contact] */
export function use_trail(incident, contact = '') {
    const held = useRef(signal(/** @type {TrailRow[]} */ ([])));
    const rows = held.current;
    useEffect(() => {
        rows.value = [];
        if (!is_set(incident) && !contact) return undefined;
        let alive = true;
        /** @type {ReturnType<typeof setTimeout> | undefined} */
        let timer;
        const load = async () => {
            const got = contact ? await fetch_contact(contact) : await fetch_trail(`/api/v1/trail/${incident}`);
            if (alive && got) rows.value = got;
        };
        const soon = () => { clearTimeout(timer); timer = setTimeout(load, 100); };
        const stops = [on_event(({ event }) => { if (contact ? event.contact === contact : event.incident === incident) soon(); }), on_welcome(soon)];
        void load();
        return () => { alive = false; clearTimeout(timer); stops.forEach((stop) => stop()); };
    }, [incident, contact]);
    return rows;
}

/** Whose key sealed what lies beside an event: its incident, or the contact before there was one.
 * @param {any} event */
function sealed_under(event) {
    if (kind_of(event) === 'handover_left') return event.handover_left.handover;
    return event.incident && !kind_of(event).startsWith('contact_') ? event.incident : event.contact;
}

/** Opens what one event sealed. @param {TrailRow} row @param {string} reason */
async function open_words({ seq, event }, reason) {
    const person = await open_person(sealed_under(event), reason, { seq: String(seq) });
    if (person) opened.value = { ...opened.value, [seq]: person };
}

/** @param {{ changes: import('./changes.js').Change[] }} props */
function Changes({ changes }) {
    return html`<div class="changes">${changes.map(({ label, before, after }) => html`<p key=${label}><span class="quiet">${label}</span>
        ${before === null ? '' : html`<del><span class="sr">${t('change.before')}</span>${before || t('change.none')}</del>`}<span aria-hidden="true">→</span>
        <ins><span class="sr">${t('change.after')}</span>${after || t('change.none')}</ins></p>`)}</div>`;
}

/** The newest words about the same that were opened, of those before this row. @param {TrailRow[]} rows @param {any} row */
const opened_before = (rows, row) => opened.value[rows.findLast((one) => one.seq < row.seq && opened.value[one.seq] && sealed_under(one.event) === sealed_under(row.event))?.seq ?? 0];

/** @param {{ row: any, reason: string, rows: TrailRow[] }} props */
function Words({ row, reason, rows }) {
    const person = opened.value[row.seq];
    if (!person) return html`<button type="button" class="chip" onClick=${() => open_words(row, reason)}>${t('trail.open')}</button>`;
    return html`<p class="said">${[person.text, person.address, person.name, person.number].filter(Boolean).join('\n') || '–'}</p>
        <${Changes} changes=${changed_words(opened_before(rows, row), person)} />
        <${Reveal} person=${person} subject=${sealed_under(row.event)} reason=${reason} seq=${String(row.seq)} onShown=${(/** @type {any} */ shown) => {
            opened.value = { ...opened.value, [row.seq]: shown };
        }} />`;
}

/** @param {{ rows: TrailRow[], chain?: boolean, reason?: string, mark?: number }} props reason: why sealed words would be opened here;
 *  mark: the record that stands out */
export function Trail({ rows, chain, reason = chain ? 'audit' : '', mark = 0 }) {
    useEffect(() => { if (mark) document.querySelector('.trail .marked')?.scrollIntoView({ block: 'nearest' }); }, [mark]);
    const changes = changes_of(rows);
    return html`<ol class="trail">${rows.map(({ seq, at_ms, event, line, link, sealed }) => {
        const kind = kind_of(event);
        return html`<li key=${seq} class=${`event ${kind} ${seq === mark ? 'marked' : ''}`} aria-current=${seq === mark ? 'true' : undefined}>
            <div class="line-1">${chain ? html`<span class="seq digits">#${seq}</span>` : ''}
                <time class="digits">${day_and_time(at_ms)}</time> <strong>${t(`event.${kind}`)}</strong>
                ${sealed ? html`<span class="tag sealed">${t('trail.sealed')}</span>` : ''}
                <span class="right quiet">${actor(event)}</span></div>
            <div class="line-2">${details(event, kind, told_by(kind))}</div>
            ${changes.has(seq) ? html`<${Changes} changes=${changes.get(seq) ?? []} />` : ''}
            ${kind === 'attachment_stored' ? reason ? html`<${Attached} row=${{ seq, at_ms, event }} reason=${reason} />` : ''
            : reason && sealed && !kind.startsWith('personal_') ? html`<${Words} row=${{ seq, event }} reason=${reason} rows=${rows} />` : ''}
            ${chain ? html`<code class="record">${line}</code><code class="chain" title=${link}>${t('trail.link')} ${link.slice(0, 16)}…${link.slice(-8)}</code>` : ''}</li>`;
    })}</ol>`;
}
