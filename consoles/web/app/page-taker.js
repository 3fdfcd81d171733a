// SPDX-License-Identifier: GPL-3.0-or-later
// The call taker's page: banner, conversation, record, like incidents, errands, queue. The zones
// never move.
import { html, useEffect } from './ui.js';
import { Bar } from './bar.js';
import { Caller } from './caller.js';
import { Muted, call_keys, use_transfer } from './call.js';
import { focus_disposition, may_dispose } from './disposition.js';
import { begin_or_focus, use_guide } from './guide.js';
import { Handovers, leave_note } from './handover.js';
import { Side, turn_side, turn_to_map } from './side.js';
import { IncidentPanel, close_incident } from './incident.js';
import { Nearby, attach, mark_link, nearby_focused } from './nearby.js';
import { Queue, QueueFigures } from './queue.js';
import { Record, finished, record_pending, register_and_dispatch, register_and_propose, side } from './record.js';
import { Ring } from './ring.js';
import { Since } from './marks.js';
import { Act } from './pick.js';
import { answer, away, finish_wrap_up, hang_up, known_people, read_person, ready, ringing, seat_state,
    parked, sign_on, talking, unpark } from './seat.js';
import { callbacks, contacts, handovers, line_of, me, my_seat, open_incidents, owed_texts, precedents, takers } from './store.js';
import { is_set } from './row.js';
import { current, draft, is_empty, open_drafts, turn_to, write } from './draft.js';
import { line_state } from './socket.js';
import { next_zone } from './list.js';
import { notify } from './notice.js';
import { said, t } from './words.js';
import { send } from './outbox.js';
import { use_keys } from './keys.js';

const away_reasons = ['break', 'meal', 'training', 'record'];

function Seat() {
    const seat = my_seat.value;
    const state = seat_state.value;
    return html`<div class="seat"><span class=${`state ${state}`}>● ${said('taker_state', state)}
        ${seat?.reason && seat.reason !== 'none' && state === 'away' ? html` · ${said('away_reason', seat.reason)}` : ''}
        ${seat ? html` <${Since} since_ms=${seat.since_ms} />` : ''}</span>
        ${state === 'away' || state === 'signed_off'
            ? html`<${Act} keys="F9" tone="main" onClick=${toggle_ready}>${t('seat.ready')}<//>`
            : html`<label class="sr" for="seat-away">${t('seat.away')}</label>
                <select id="seat-away" value="" onChange=${(/** @type {any} */ e) => { void away(e.currentTarget.value); e.currentTarget.value = ''; }}>
                <option value="">${t('seat.away')} F9</option>
                ${away_reasons.map((word) => html`<option value=${word}>${said('away_reason', word)}</option>`)}</select>`}
    </div>`;
}

async function toggle_ready() {
    if (seat_state.value === 'signed_off') await sign_on();
    if (seat_state.value === 'away' || seat_state.value === 'signed_off') await ready();
    else await away('break');
}

/** Ctrl+Enter: what stands in the form goes out; with nothing in it the wrap-up ends. */
async function go() {
    if (record_pending()) await register_and_dispatch();
    else await finish_wrap_up();
}

/** Follows the conversation: its record comes to the front, its number is read once. */
function use_conversation() {
    const contact = talking.value?.contact ?? '';
    useEffect(() => {
        if (!contact) return;
        finished.value = null;
        close_incident();
        side.value = 'guide';
        turn_to(contact);
        void read_person(contact);
        document.getElementById('form-category')?.focus();
    }, [contact]);
    const done = seat_state.value === 'ready' && is_empty(draft.value);
    useEffect(() => { if (done) turn_to('0'); }, [done]);
    useEffect(() => { if (finished.value?.how === 'dispatched') side.value = 'plan'; }, [finished.value]);
    const idle = seat_state.value === 'ready' || seat_state.value === 'away';
    useEffect(() => { if (idle && !is_set(current.value)) side.value = 'errands'; }, [idle, current.value]);
    const person = known_people.value[current.value];
    useEffect(() => {
        if (person?.number && is_empty(draft.value) && !draft.value.number) write({ number: person.number });
    }, [person, current.value, draft.value.number]);
}

/** @param {{ onSignOut: () => Promise<void> }} props */
export function TakerPage({ onSignOut }) {
    useEffect(() => {
        open_drafts(me.value?.user ?? 0);
        const stops = [contacts, takers, callbacks, open_incidents, owed_texts, precedents, handovers].map((table) => table.start());
        return () => stops.forEach((stop) => stop());
    }, []);
    const up = line_state.value === 'open';
    useEffect(() => { if (up) void sign_on(); }, [up]);
    use_conversation();
    const contact = talking.value?.contact ?? draft.value.contact;
    use_guide(contact);
    use_transfer(talking.value?.contact ?? '');
    use_keys([
        { key: 'F2', words: 'key.answer', act: answer, when: () => Boolean(ringing.value) },
        { key: 'Shift+F2', words: 'key.hang_up', act: hang_up, when: () => Boolean(talking.value) },
        { key: 'F9', words: 'key.ready', act: toggle_ready },
        { key: 'Shift+F8', words: 'disposition.title', act: focus_disposition, when: may_dispose },
        { key: 'Shift+F9', words: 'handover.leave', act: leave_note, when: () => !talking.value },
        { key: 'Ctrl+Enter', words: 'key.go', act: go },
        { key: 'Ctrl+Shift+Enter', words: 'form.propose', act: () => void register_and_propose(), when: record_pending },
        { key: 'F3', words: 'key.side', act: turn_side },
        { key: 'Shift+F3', words: 'key.map', act: turn_to_map },
        { key: 'F8', words: 'key.chat', act: () => document.getElementById('chat-words')?.focus(), when: () => Boolean(document.getElementById('chat-words')) },
        { key: 'F4', words: 'key.questions', act: () => { side.value = 'guide'; begin_or_focus(contact); } },
        { key: 'Ctrl+KeyS', words: 'key.save', act: () => notify('good', t('form.kept')) },
        { key: 'KeyL', words: 'key.attach', act: attach, when: nearby_focused },
        { key: 'KeyG', words: 'nearby.link', act: mark_link, when: nearby_focused },
        { key: 'F6', words: 'key.zone', act: () => next_zone(1) },
        { key: 'Shift+F6', words: 'key.zone_back', act: () => next_zone(-1) },
        ...call_keys(),
        { key: 'Ctrl+KeyK', words: 'call.unpark', act: () => unpark(parked.value[0]?.contact), when: () => !talking.value && parked.value.length > 0 },
    ]);
    const row = contacts.rows.value.find((one) => one.contact === draft.value.contact) ?? talking.value;
    const leave = async () => {
        await send({ taker_sign_off: {} });
        await onSignOut();
    };
    return html`<div class="page taker">
        <${Bar} page="taker" onSignOut=${leave}><${Muted} /><${Seat} /><${QueueFigures} /><//>
        <${Ring} />
        <main class="zones">
            <${Caller}><${Handovers} /><//>
            <${Record} line=${row && line_of.value.has(row.line) ? row.line : 0} />
            <div class="side"><${Side} contact=${contact} incident=${is_set(draft.value.incident) ? draft.value.incident : finished.value?.incident ?? '0'} /><${Nearby} /></div>
            <${Queue} />
            <${IncidentPanel} />
        </main>
    </div>`;
}
