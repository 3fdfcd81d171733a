// SPDX-License-Identifier: GPL-3.0-or-later
// The form of an incident: what, where, who, and which departments. One key registers and dispatches.
import { html, signal } from './ui.js';
import { Act, Pick, Radios } from './pick.js';
import { PlacePick, district_at } from './place.js';
import { propose } from './plan.js';
import { Departments, departments_of, precedent_of } from './departments.js';
import { category_choices, district_choices } from './choices.js';
import { category_name, department_name } from './marks.js';
import { category_of, city, contacts, department_of, line_of } from './store.js';
import { draft, draft_of, forget, is_empty, other_drafts, turn_to, write } from './draft.js';
import { is_set } from './row.js';
import { name_of, said, t } from './words.js';
import { notify, told } from './notice.js';
import { send } from './outbox.js';
import { order_number } from './clock.js';
import { words } from './schema.js';

/** Which panel stands beside the form: 'guide' | 'knowledge' | 'plan' | 'errands'. */
export const side = signal('errands');
/** What was finished last, so that its number can be read to the citizen. */
export const finished = signal(/** @type {{ order: string, lead: number, how: string, incident: string } | null} */ (null));
/** @type {import('../vendor/signals.js').Signal<Record<string, string>>} */
const errors = signal(/** @type {Record<string, string>} */ ({}));
/** '' | 'direct' | 'void': which way of closing is being filled in. */
const closing = signal('');
const void_reason = signal('silent');
/** Records on their way: each contact's own, so that one that waits holds up no other. */
const busy = signal(/** @type {string[]} */ ([]));

/** A category brings its priority, lead and assisting departments, unless a person chose already.
 * @param {number} category */
function choose_category(category) {
    const row = category_of.value.get(category);
    /** @type {Partial<import('./draft.js').Draft>} */
    const changes = { category };
    if (row) {
        changes.priority = row.priority;
        if (!draft.value.lead_chosen) Object.assign(changes, departments_of(row, draft.value.district));
    }
    errors.value = {};
    write(changes);
}

/** @param {number} district a ruling may name another lead there */
function choose_district(district) {
    const row = category_of.value.get(draft.value.category);
    write({ district, ...(row && !draft.value.lead_chosen ? departments_of(row, district) : {}) });
}

/** A place brings its district, unless one was said. @param {import('./place.js').Cell} cell @param {number} [district] */
export function choose_place(cell, district = district_at(cell)) {
    errors.value = {};
    write(cell);
    if (!draft.value.district) choose_district(district);
}

/** Why just these departments. */
function Why() {
    const one = draft.value;
    if (!one.lead) return '';
    const ruled = precedent_of(one.category, one.district);
    const words = one.lead_chosen ? t('form.lead_by_hand') : ruled ? t('form.lead_by_ruling', { incident: ruled.incident })
        : t('form.lead_by_category', { name: category_name(one.category) });
    return html`<p class="quiet why">${words}</p>`;
}

/** The line of a record that no contact brought: the first that is not for emergencies. */
function walk_in_line() {
    return city.rows.value.lines.find((row) => !row.emergency && !row.retired)?.line ?? 0;
}

/** Records whose place was asked for once: the second press goes without it. */
const place_asked = new Set();

/** Is it an emergency that nobody could be sent to? @param {import('./draft.js').Draft} one */
function lacks_place(one) {
    const line = contacts.rows.value.find((row) => row.contact === one.contact)?.line ?? category_of.value.get(one.category)?.line ?? 0;
    return line_of.value.get(line)?.emergency === true && !one.district && !(one.east && one.north) && !is_set(one.incident);
}

/** @param {boolean} to_dispatch @returns {string} id of the first wrong field */
function check(to_dispatch) {
    const one = draft.value;
    /** @type {Record<string, string>} */
    const wrong = {};
    if (!one.category) wrong.category = t('form.category_wanted');
    if (!one.text.trim() && !one.address.trim()) wrong.text = t('form.text_wanted');
    if (to_dispatch && !one.lead) wrong.lead = t('form.lead_wanted');
    if (!Object.keys(wrong).length && lacks_place(one) && !place_asked.has(one.contact)) {
        place_asked.add(one.contact);
        wrong.place = t('form.place_wanted');
    }
    errors.value = wrong;
    const first = Object.keys(wrong)[0];
    if (first) document.getElementById(`form-${first}`)?.focus();
    return first ?? '';
}

/** Registers unless done. @param {string} contact @returns {Promise<boolean>} */
async function register(contact) {
    const one = draft_of(contact);
    if (is_set(one.incident)) return true;
    const key = one.register_key || crypto.randomUUID();
    write({ register_key: key }, contact);
    const outcome = await send({ incident_register: {
        ...(is_set(one.contact) ? { contact: one.contact } : { line: walk_in_line() }),
        category: one.category,
        ...(one.priority !== 'none' ? { priority: one.priority } : {}),
        ...(one.district ? { district: one.district } : {}),
        ...(one.east && one.north ? { east_cell: one.east, north_cell: one.north } : {}),
        secrecy: one.secrecy, anonymous: one.anonymous, text_unsafe: one.text_unsafe,
    } }, { number: one.number, name: one.name, address: one.address, text: one.text }, key);
    if (!told(outcome)) return false;
    for (const other of one.links) void send({ incident_link: { incident: outcome.incident ?? draft_of(contact).incident, other, relation: 'same_scene' } });
    return true;
}

/** @param {string} how @param {any} command made for the incident @param {any} [personal] */
async function close_with(how, command, personal) {
    const contact = draft.value.contact;
    if (busy.value.includes(contact)) return;
    busy.value = [...busy.value, contact];
    if (await register(contact)) {
        const { incident, order, lead } = draft_of(contact);
        if (told(await send(command(incident), personal))) {
            finished.value = { order, lead: how === 'dispatched' ? lead : 0, how, incident };
            notify('good', t(`form.${how}`, { number: order_number(order) }));
            forget(contact);
            closing.value = '';
        }
    }
    busy.value = busy.value.filter((one) => one !== contact);
}

/** Registers and dispatches; what is registered already is only dispatched. */
export async function register_and_dispatch() {
    if (check(true)) return;
    const { lead, assists } = draft.value;
    await close_with('dispatched', (/** @type {string} */ incident) => ({
        incident_dispatch: { incident, lead, assists: assists.filter((one) => one !== lead) } }));
}

/** Registers and asks what would be sent, before anybody is. */
export async function register_and_propose() {
    const contact = draft.value.contact;
    if (check(false) || busy.value.includes(contact)) return;
    busy.value = [...busy.value, contact];
    if (await register(contact)) {
        side.value = 'plan';
        await propose(draft_of(contact).incident);
    }
    busy.value = busy.value.filter((one) => one !== contact);
}

async function answer_directly() {
    if (check(false)) return;
    await close_with('answered', (/** @type {string} */ incident) => ({
        incident_answer_directly: { incident } }), { text: draft.value.answer });
}

async function make_void() {
    if (check(false) === 'category') return;
    await close_with('voided', (/** @type {string} */ incident) => ({
        incident_void: { incident, reason: void_reason.value } }));
}

/** Is there something that Ctrl+Enter would register? */
export function record_pending() {
    return !is_empty(draft.value);
}

/** @param {{ id: 'name' | 'number' | 'address', label: string, max: number, type?: string }} props */
function Text({ id, label, max, type = 'text' }) {
    return html`<div class="field"><label for=${`form-${id}`}>${label}</label>
        <input id=${`form-${id}`} type=${type} maxlength=${max} autocomplete="off" value=${draft.value[id]}
            onInput=${(/** @type {any} */ e) => write({ [id]: e.currentTarget.value })} /></div>`;
}

function Closing() {
    if (closing.value === 'direct') return html`<div class="closing">
        <div class="field"><label for="form-answer">${t('form.answer')}</label>
            <textarea id="form-answer" rows="2" maxlength="1000" value=${draft.value.answer}
                onInput=${(/** @type {any} */ e) => write({ answer: e.currentTarget.value })}></textarea></div>
        <${Act} keys="" tone="main" onClick=${answer_directly}>${t('form.answer_go')}<//>
        <${Act} keys="" onClick=${() => { closing.value = ''; }}>${t('form.back')}<//></div>`;
    if (closing.value === 'void') return html`<div class="closing">
        <${Radios} id="form-void" label=${t('form.void_reason')} value=${void_reason.value}
            options=${words.void_reason.slice(1).map((word) => ({ word, label: said('void_reason', word) }))}
            onPick=${(/** @type {string} */ word) => { void_reason.value = word; }} />
        <${Act} keys="" tone="danger" onClick=${make_void}>${t('form.void_go')}<//>
        <${Act} keys="" onClick=${() => { closing.value = ''; }}>${t('form.back')}<//></div>`;
    return '';
}

function Finished() {
    const last = finished.value;
    if (!last) return '';
    return html`<span class="finished right" role="status"><span class="tag good">✔ ${t(`form.state_${last.how}`)}</span>
        <strong class="digits">${order_number(last.order)}</strong>
        ${last.lead ? html`<span>→ ${department_name(last.lead)}</span>` : ''}
        <span class="quiet">${t('form.read_number')}</span></span>`;
}

/** @param {{ id: 'anonymous' | 'text_unsafe', label: string }} props */
function Flag({ id, label }) {
    return html`<label class="flag"><input type="checkbox" checked=${draft.value[id]}
        onChange=${(/** @type {any} */ e) => write({ [id]: e.currentTarget.checked })} /> ${label}</label>`;
}

/** @param {{ line: number }} props the contact's line, 0 without one */
export function Record({ line }) {
    const one = draft.value;
    const named = line ? name_of(line_of.value.get(line)) : '';
    return html`<section class="zone record" data-zone="record" aria-labelledby="record-title">
        <h2 id="record-title">${t('form.title')}
            ${is_set(one.incident) ? html`<span class="digits">${order_number(one.order)}</span>` : ''}
            <span class="quiet">${line ? `${line} ${named}` : t('form.no_contact')}
                ${is_empty(one) ? '' : ` · ${t('form.kept')}`}</span>
            ${other_drafts.value.map((other) => html`<button type="button" class="chip" key=${other.contact}
                onClick=${() => turn_to(other.contact)}>${t('form.other')} ${category_name(other.category) || other.text.slice(0, 8) || other.contact}</button>`)}
            <${Finished} />
        </h2>
        <div class="pair wide-left">
            <${Pick} id="form-category" label=${t('form.category')} required choices=${category_choices.value}
                value=${one.category} error=${errors.value.category} onPick=${choose_category} />
            <${Pick} id="form-district" label=${t('form.district')} choices=${district_choices.value}
                value=${one.district} onPick=${choose_district} />
        </div>
        <${Radios} id="form-priority" label=${t('form.priority')} value=${one.priority} first=${0}
            options=${words.priority.slice(1).map((word) => ({ word, label: said('priority', word) }))}
            onPick=${(/** @type {string} */ priority) => write({ priority })} />
        <div class="pair wide-left"><${Text} id="address" label=${t('form.address')} max=${120} />
            <${PlacePick} id="form-place" east=${one.east} north=${one.north} error=${errors.value.place} onPick=${choose_place} /></div>
        <div class=${`field grow ${errors.value.text ? 'wrong' : ''}`}>
            <label for="form-text">${t('form.text')}<span class="must" aria-hidden="true">*</span></label>
            <textarea id="form-text" maxlength="1000" rows="4" value=${one.text}
                aria-invalid=${errors.value.text ? 'true' : undefined}
                aria-describedby=${errors.value.text ? 'form-text-error' : undefined}
                onInput=${(/** @type {any} */ e) => write({ text: e.currentTarget.value })}></textarea>
            ${errors.value.text ? html`<p class="error" id="form-text-error">${errors.value.text}</p>` : ''}</div>
        <div class="triple">
            <${Text} id="name" label=${t('form.name')} max=${32} />
            <${Text} id="number" label=${t('form.number')} max=${32} type="tel" />
            <div class="field"><label for="form-secrecy">${t('form.secrecy')}</label>
                <select id="form-secrecy" value=${one.secrecy}
                    onChange=${(/** @type {any} */ e) => write({ secrecy: e.currentTarget.value })}>
                    ${words.secrecy.slice(1).map((word) => html`<option value=${word}>${said('secrecy', word)}</option>`)}
                </select></div>
        </div>
        <div class="flags"><${Flag} id="anonymous" label=${t('form.anonymous')} />
            <${Flag} id="text_unsafe" label=${t('form.text_unsafe')} /></div>
        <${Departments} id="form" lead=${one.lead} assists=${one.assists} error=${errors.value.lead}
            onPick=${(/** @type {any} */ chosen) => write({ lead_chosen: true, ...chosen })} />
        <${Why} />
        ${closing.value ? html`<${Closing} />` : html`<div class="acts">
            <${Act} keys="Ctrl+Enter" tone="main" disabled=${busy.value.includes(one.contact)} onClick=${register_and_dispatch}>
                ${t(is_set(one.incident) ? 'form.dispatch' : 'form.go')}<//>
            ${is_set(one.incident) ? '' : html`<${Act} keys="Ctrl+Shift+Enter" disabled=${busy.value.includes(one.contact)} onClick=${register_and_propose}>${t('form.propose')}<//>`}
            <${Act} keys="" onClick=${() => { closing.value = 'direct'; }}>${t('form.direct')}<//>
            <${Act} keys="" onClick=${() => { closing.value = 'void'; }}>${t('form.void')}<//>
            ${department_of.value.size ? '' : html`<span class="quiet">${t('form.loading')}</span>`}
        </div>`}
    </section>`;
}
