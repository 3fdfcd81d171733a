// SPDX-License-Identifier: GPL-3.0-or-later
// The wrap-up, and what became of the contact it follows: digits say it while the box has the focus.
// Where the line wants one, it is asked for until it was said, also when the wrap-up's time is over.
import { html, signal, useEffect } from './ui.js';
import { Radios } from './pick.js';
import { city, my_seat } from './store.js';
import { complete, is_set, kind_of } from './row.js';
import { now, span } from './clock.js';
import { shown_key } from './own-keys.js';
import { name_of, said, t } from './words.js';
import { on_event, query } from './socket.js';
import { told } from './notice.js';
import { send } from './outbox.js';

/** The contact in question, null: none. */
const last = signal(/** @type {import('./schema.js').ContactRow | null} */ (null));

/** @param {string} contact */
async function load(contact) {
    const answer = await query({ contacts: { contact } });
    const wire = answer && !answer.refusal ? answer.contacts?.rows?.[0] : null;
    if (my_seat.peek()?.last_contact === contact) last.value = wire ? complete('ContactRow', wire) : null;
}

/** What may be said of the contact. @param {number} line */
const choices = (line) => city.rows.value.dispositions.filter((row) => !row.retired && (!row.line || row.line === line));
/** @param {number} line */
const is_required = (line) => city.rows.value.lines.find((row) => row.line === line)?.disposition_required === true;

export function focus_disposition() {
    /** @type {HTMLElement | null} */ (document.querySelector('#wrap-box input:checked, #wrap-box input'))?.focus();
}
export const may_dispose = () => Boolean(document.getElementById('wrap-box'));

/** @param {string} word */
async function dispose(word) {
    if (last.value) told(await send({ contact_dispose: { contact: last.value.contact, disposition: Number(word) } }));
}

/** @param {string} contact '': the seat wrapped nothing up yet */
function use_last(contact) {
    useEffect(() => {
        last.value = null;
        if (!is_set(contact)) return undefined;
        void load(contact);
        return on_event(({ event }) => { if (kind_of(event) === 'contact_disposed' && event.contact === contact) void load(contact); });
    }, [contact]);
}

export function Wrap() {
    const seat = my_seat.value;
    const wraps = seat?.state === 'wrap_up';
    const contact = last.value;
    use_last(seat?.last_contact ?? '');
    useEffect(() => { if (wraps && contact && document.activeElement === document.body) focus_disposition(); }, [wraps, contact?.contact]);
    const owes = Boolean(contact && is_required(contact.line) && !contact.disposition);
    if (!wraps && !owes) return '';
    const rows = contact ? choices(contact.line) : [];
    return html`${wraps ? html`<p class="wrap"><span class="tag warn">${said('taker_state', 'wrap_up')}</span>
            <span class="digits big">${span((seat?.until_ms ?? 0) - now.value)}</span> <span class="quiet">${t('caller.wrap_hint')}</span></p>` : ''}
        ${rows.length ? html`<div id="wrap-box"><${Radios} id="disposition" value=${String(contact?.disposition ?? '')} onPick=${dispose}
            label=${html`${t('disposition.title')} <kbd>${shown_key('Shift+F8')}</kbd>${owes ? html` <span class="tag bad">${t('disposition.owed')}</span>` : ''}`}
            options=${rows.map((row) => ({ word: String(row.disposition), label: name_of(row) }))} /></div>` : ''}`;
}
