// SPDX-License-Identifier: GPL-3.0-or-later
// What may be done with the contact in hand: hand it over, say which language it needs, go through the
// procedure for a caller who is not heard, mark the number, record how a call back went.
import { computed, html, signal } from './ui.js';
import { make_asks } from './ask.js';
import { words_of } from './ask-field.js';
import { Countdown, user_name } from './marks.js';
import { line_of, me } from './store.js';
import { Sound } from './hearing.js';
import { plain } from './pick.js';
import { Parties, parties, party_name, use_parties } from './parties.js';
import { use_contact_events } from './contact-events.js';
import { is_emergency, parked, talking } from './seat.js';
import { shown_key } from './own-keys.js';
import { kind_of, is_set } from './row.js';
import { said, t } from './words.js';
import { words } from './schema.js';

/** @typedef {{ contact: string, by: number, to: number, line: number, kind: string, answered: boolean }} Transfer */
/** The transfer that runs on the contact in hand, null: none. */
export const transfer = signal(/** @type {Transfer | null} */ (null));

/** @param {any} event */
function follow(event) {
    const body = event[kind_of(event)];
    switch (kind_of(event)) {
    case 'transfer_asked':
        transfer.value = { contact: event.contact, by: event.taker ?? 0, to: body.to_taker ?? 0, line: body.to_line ?? 0, kind: body.kind ?? 'warm', answered: false };
        break;
    case 'transfer_answered':
        if (transfer.value) transfer.value = { ...transfer.value, to: event.taker ?? 0, answered: true };
        break;
    case 'transfer_ended':
        transfer.value = null;
        break;
    default:
    }
}

/** @param {string} contact '': none */
export function use_transfer(contact) {
    use_contact_events(contact, () => { transfer.value = null; }, follow);
    use_parties(contact);
}

const contact = () => talking.value?.contact ?? '0';
const speaks = () => talking.value?.channel === 'voice' && !talking.value.dial;
const silence = computed(() => talking.value?.silence ?? 'none');
const mine = () => talking.value?.taker === me.value?.user;
const runs = () => transfer.value !== null;
const held = () => is_set(String(talking.value?.held_ms ?? 0));
const muted = () => mine() && is_set(String(talking.value?.muted_ms ?? 0));
const guests = () => parties.value.filter((one) => one.role === 'guest');
/** @param {string} way who is called or taken out: a user or a department */
const who = (way) => { const [kind, id] = way.split('.'); return { [kind ?? '']: Number(id) }; };
const guest_options = () => guests().map((one) => ({ word: one.user ? `user.${one.user}` : `department.${one.department}`, label: party_name(one) }));
/** The telephone keys in what was typed, '': it holds something else. @param {string} typed */
const telephone_keys = (typed) => {
    const keys = plain(typed).toUpperCase().replace(/[\s,，-]/g, '');
    return /^[0-9*#A-D]{1,32}$/.test(keys) ? keys : '';
};

export const call_asks = make_asks({ id: 'call', words: 'call', subject: contact, home: 'call-box', table: {
    transfer: { key: 'F10', may: () => Boolean(talking.value) && mine() && !runs() && !talking.value?.dial, fields: (values) => [
        { name: 'way', kind: 'select', label: 'call.way', must: true, value: 'line', options: ['line', 'taker', 'department'].map((word) => ({ word, label: t(`call.to_${word}`) })) },
        { name: values.way ?? 'line', kind: values.way ?? 'line', label: `call.to_${values.way ?? 'line'}`, must: true },
        ...(values.way === 'department' || is_emergency(talking.value?.line ?? 0) || is_emergency(values.line) ? []
            : [{ name: 'kind', kind: 'one', label: 'call.kind', among: ['warm', 'blind'], of: 'transfer_kind', value: 'warm' }])],
    hint: () => t('call.transfer_hint'),
    command: ({ way, kind, ...to }) => ({ contact_transfer: { contact: contact(), [way]: to[way], ...(kind && kind !== 'none' && way !== 'department' ? { kind } : {}) } }) },
    hand_over: { key: 'KeyO', tone: 'main', may: () => runs() && transfer.value?.answered === true && mine(), command: () => ({ transfer_finish: { contact: contact() } }) },
    keep: { key: 'KeyX', may: runs, command: () => ({ transfer_cancel: { contact: contact() } }) },
    hold: { key: 'KeyH', may: () => speaks() && mine() && !held() && ['none', 'heard', 'ruled'].includes(silence.value), command: () => ({ contact_hold: { contact: contact() } }) },
    resume: { key: 'KeyH', tone: 'main', may: held, command: () => ({ contact_resume: { contact: contact() } }) },
    mute: { key: 'Ctrl+KeyM', may: () => speaks() && mine() && !muted(), command: () => ({ contact_mute: { contact: contact() } }) },
    unmute: { key: 'Ctrl+KeyM', tone: 'main', may: muted, command: () => ({ contact_unmute: { contact: contact() } }) },
    park: { key: 'Ctrl+KeyK', may: () => speaks() && mine() && !runs() && ['none', 'heard', 'ruled'].includes(silence.value), command: () => ({ contact_park: { contact: contact() } }) },
    press: { key: 'KeyD', may: () => speaks() && mine(), fields: () => [
        ...(guests().length ? [{ name: 'who', kind: 'select', label: 'call.press_who', must: true, value: 'citizen',
            options: [{ word: 'citizen', label: t('chat.citizen') }, ...guest_options()] }] : []),
        { name: 'keys', kind: 'keys', label: 'call.press_keys', must: true }],
    hint: () => t('call.press_hint'),
    command: ({ who: way, keys }) => {
        const pressed = telephone_keys(keys);
        return pressed ? { contact_press: { contact: contact(), ...(way && way !== 'citizen' ? who(way) : {}), keys: pressed } } : null;
    } },
    third: { key: 'KeyI', may: () => speaks() && mine(), fields: (values) => [
        { name: 'way', kind: 'select', label: 'call.third_way', must: true, value: 'department', options: ['department', 'user'].map((word) => ({ word, label: t(`call.to_${word}`) })) },
        { name: values.way ?? 'department', kind: values.way === 'user' ? 'taker' : 'department', label: `call.to_${values.way ?? 'department'}`, must: true }],
    command: ({ way, ...to }) => ({ party_invite: { contact: contact(), [way]: to[way] } }) },
    third_out: { key: 'KeyP', may: () => mine() && guests().length > 0, fields: () => [{ name: 'who', kind: 'select', label: 'call.third_who', must: true,
        value: guests().length === 1 ? guest_options()[0]?.word ?? '' : '', options: guest_options() }],
    command: (values) => ({ party_drop: { contact: contact(), ...who(values.who) } }) },
    need: { key: 'KeyN', may: () => Boolean(talking.value) && speaks(), fields: [{ name: 'language', kind: 'one', label: 'call.language', of: 'language', must: true }],
        command: ({ language }) => ({ contact_need: { contact: contact(), language } }) },
    silent: { key: 'KeyS', may: () => speaks() && ['none', 'heard'].includes(silence.value), command: () => ({ contact_silent: { contact: contact() } }) },
    speaks: { key: 'KeyH', tone: 'main', may: () => ['suspected', 'prompted', 'confirmed', 'checklist'].includes(silence.value), command: () => ({ contact_speak: { contact: contact() } }) },
    check: { key: 'KeyC', may: () => silence.value === 'checklist', fields: [
        { name: 'item', kind: 'one', label: 'call.check_item', of: 'silence_check_item', must: true }, { name: 'found', kind: 'flag', label: 'call.found' }],
    command: ({ item, found }) => ({ silence_check: { contact: contact(), item, found } }) },
    mark: { key: 'KeyM', may: () => is_set(talking.value?.caller), fields: (values) => [
        { name: 'kind', kind: 'one', label: 'call.mark_kind', of: 'mark_kind', must: true },
        ...(values.kind === 'nuisance' ? [{ name: 'days', kind: 'select', label: 'call.mark_days', must: true, options: ['7', '30', '90'].map((word) => ({ word, label: word })) }] : []),
        ...(values.kind === 'language' ? [{ name: 'language', kind: 'select', label: 'call.language', must: true,
            options: words.language.slice(1).map((word) => ({ word: word.slice(0, 8), label: said('language', word) })) }] : [])],
    hint: () => t('call.mark_hint'),
    command: ({ kind, days, language }) => ({ mark_ask: { contact: contact(), kind, ...(kind === 'nuisance' ? { days: Number(days) } : {}), ...(kind === 'language' ? { language } : {}) } }) },
    reached: { key: 'Digit1', tone: 'main', may: () => talking.value?.dial === true, command: () => ({ callback_try: { contact: contact(), result: 'reached' } }) },
    busy: { key: 'Digit2', may: () => talking.value?.dial === true, command: () => ({ callback_try: { contact: contact(), result: 'busy' } }) },
    no_answer: { key: 'Digit3', may: () => talking.value?.dial === true, command: () => ({ callback_try: { contact: contact(), result: 'no_answer' } }) },
} });

/** Keys of the zone, F10, Ctrl+M and Ctrl+K from everywhere. @returns {import('./keys.js').Binding[]} */
export function call_keys() {
    const within = () => document.getElementById('call-box');
    return call_asks.keys(within).map((binding) => /^(F10|Ctrl)/.test(binding.key) ? { ...binding, within: undefined } : binding);
}

/** Whom the caller does not hear is told so in the bar, wherever they look. */
export const Muted = () => (muted() ? html`<strong id="muted" class="muted" role="alert"><span aria-hidden="true">✕</span> ${t('call.muted')} <kbd>${shown_key('Ctrl+KeyM')}</kbd></strong>` : '');

/** Whom this seat parked, and how long until the first comes back. */
export const Parked = () => (parked.value.length ? html`<strong id="parked" class="tag warn" role="status"><span aria-hidden="true">‖</span> ${t('call.parked', { n: parked.value.length })} <${Countdown} due_ms=${parked.value[0]?.parked_until_ms} /> <kbd>${shown_key('Ctrl+KeyK')}</kbd></strong>` : '');

/** Keys, the transfer that runs, what is known of the number. */
export function Call() {
    const call = talking.value;
    const run = transfer.value;
    if (!call) return '';
    return html`<div id="call-box" class="call-box" tabindex="0" role="group" aria-label=${t('call.title')}>
        ${call.dial ? html`<p class="tag warn">${t('call.dial')}</p>` : ''}
        ${words_of('mark_kind', call.marks).map((word) => html`<span class="tag warn" key=${word}>⚑ ${said('mark_kind', word)}</span> `)}
        ${silence.value !== 'none' ? html`<p><span class=${`tag ${['duress', 'confirmed'].includes(silence.value) ? 'bad' : 'warn'}`} role="status">${t('call.silence')} ${said('silence_state', silence.value)}</span>
            ${silence.value === 'duress' ? html`<b>${t('call.duress')}</b>` : ''}</p>` : ''}
        ${run ? html`<p role="status"><span class="tag live">${said('transfer_kind', run.kind)}</span> ${t(run.answered ? 'call.transfer_answered' : 'call.transfer_asked')}
            <b>${run.to ? user_name(run.to) : `${run.line} ${line_of.value.get(run.line)?.name_zh ?? ''}`}</b></p>` : ''}
        <${Sound} row=${call} />
        ${held() ? html`<p role="status"><span class="tag warn">${t('call.held')}</span></p>` : ''}<${Parties} />
        <${call_asks.View} /></div>`;
}
