// SPDX-License-Identifier: GPL-3.0-or-later
// What waits for a person: callers to ring back, results to tell, citizens to ask whether it is good.
import { computed, html, signal } from './ui.js';
import { Countdown, LineMark, PriorityMark, category_name } from './marks.js';
import { List } from './list.js';
import { Act } from './pick.js';
import { Survey, is_answered, unanswered } from './survey.js';
import { open_incident } from './incident.js';
import { callbacks, open_incidents, owed_texts } from './store.js';
import { order_number } from './clock.js';
import { said, t } from './words.js';
import { notify, told } from './notice.js';
import { open_whole } from './person.js';
import { send } from './outbox.js';
import { words } from './schema.js';

/** @typedef {{ kind: 'callback' | 'tell' | 'revisit' | 'phone', key: string, subject: string, row: any }} Errand */

const chosen = signal('');
/** @type {import('../vendor/signals.js').Signal<Record<string, any>>} */
const opened = signal(/** @type {Record<string, any>} */ ({}));
const answers = signal(unanswered);

export const errands = computed(() => {
    /** @type {Errand[]} */
    const list = callbacks.rows.value.map((row) => ({ kind: 'callback', key: `c${row.callback}`,
        subject: row.contact, row }));
    for (const row of open_incidents.rows.value) {
        if (row.state === 'replied') list.push({ kind: 'tell', key: `t${row.incident}`, subject: row.incident, row });
        if (row.revisit) list.push({ kind: 'revisit', key: `r${row.incident}`, subject: row.incident, row });
    }
    for (const row of owed_texts.rows.value) {
        const { line, number, category } = open_incidents.rows.value.find((one) => one.incident === row.incident) ?? {};
        list.push({ kind: 'phone', key: `p${row.text}`, subject: row.incident, row: { ...row, line, number, category } });
    }
    return list.sort((a, b) => (a.row.due_ms || Infinity) - (b.row.due_ms || Infinity));
});

const reasons = { callback: 'callback', tell: 'telling', revisit: 'revisit', phone: 'telling' };

/** @param {Errand} errand */
async function reveal(errand) {
    const person = await open_whole(errand.subject, reasons[errand.kind], 'call_back');
    if (!person) return;
    opened.value = { ...opened.value, [errand.key]: person };
    requestAnimationFrame(() => /** @type {HTMLElement | null} */ (document.querySelector('.follow-form :is(button, input)'))?.focus());
}

/** @param {Errand} errand @param {any} command */
async function settle(errand, command) {
    if (!told(await send(command))) return;
    notify('good', t('follow.done'));
    chosen.value = '';
    document.getElementById('follow-list')?.focus();
    answers.value = unanswered;
    const { [errand.key]: _, ...rest } = opened.value;
    opened.value = rest;
}

/** @param {{ errand: Errand }} props */
function Revisit({ errand }) {
    const incident = errand.row.incident;
    return html`<${Survey} id="follow" answers=${answers.value} onPick=${(/** @type {any} */ all) => { answers.value = all; }} />
        <p class="acts"><${Act} keys="" tone="main" disabled=${!is_answered(answers.value)} onClick=${() => settle(errand,
            { revisit_finish: { incident, reached: true, ...answers.value } })}>${t('follow.finish')}<//>
        <${Act} keys="" onClick=${() => settle(errand, { revisit_finish: { incident, reached: false } })}>
            ${t('follow.not_reached')}<//></p>`;
}

/** @param {{ errand: Errand }} props */
function Tell({ errand }) {
    const incident = errand.row.incident;
    return html`<p class="acts"><${Act} keys="" tone="main" onClick=${() => settle(errand,
            { incident_tell: { incident, means: 'phone' } })}>${t('follow.told_by_phone')}<//>
        ${words.excuse_reason.slice(1).map((excuse) => html`<${Act} key=${excuse} keys="" onClick=${() => settle(errand,
            { incident_tell: { incident, means: 'excused', excuse } })}>${said('excuse_reason', excuse)}<//>`)}</p>`;
}

/** What could not be written: which step of the incident, and why not.
 * @param {{ errand: Errand }} props */
function Phone({ errand }) {
    const { incident, text, template, excuse, state } = errand.row;
    return html`<p>${said('template', template)} <span class="tag warn">${excuse ? said('text_excuse', excuse) : said('text_state', state)}</span></p>
        <p class="acts"><${Act} keys="" tone="main" onClick=${() => settle(errand, { text_phone: { incident, text } })}>
            ${t('follow.told_by_phone')}<//></p>`;
}

/** A try is recorded; a further one follows by itself until there were enough.
 * @param {{ errand: Errand }} props */
function Callback({ errand }) {
    const { callback, tries, result, next_ms, undiallable, quiet } = errand.row;
    return html`<p class="quiet">${t('follow.tries', { n: tries })} ${said('try_result', result)}
            ${tries && !next_ms ? html`<span class="tag bad">${t('follow.decide')}</span>` : ''}
            ${undiallable ? html`<span class="tag warn">${t('follow.undiallable')}</span>` : ''} ${quiet ? html`<span class="tag bad">${t('follow.quiet')}</span>` : ''}</p>
        <p class="acts">${words.try_result.slice(1).map((word) => html`<${Act} key=${word} keys="" tone=${word === 'reached' ? 'main' : ''}
            onClick=${() => settle(errand, { callback_try: { callback, result: word } })}>${said('try_result', word)}<//>`)}
        ${words.callback_end.slice(3).map((end) => html`<${Act} key=${end} keys=""
            onClick=${() => settle(errand, { callback_finish: { callback, end } })}>${t('follow.end')} · ${said('callback_end', end)}<//>`)}</p>`;
}

const forms = { callback: Callback, tell: Tell, revisit: Revisit, phone: Phone };

export function Errands() {
    const list = errands.value;
    const errand = list.find((one) => one.key === chosen.value);
    const person = errand ? opened.value[errand.key] : undefined;
    return html`<${List} id="follow-list" label=${t('follow.title')} rows=${list} by=${(/** @type {Errand} */ one) => one.key}
            chosen=${chosen.value} onChoose=${(/** @type {string} */ key) => { chosen.value = key; }} empty=${t('follow.none')}
            onOpen=${(/** @type {Errand} */ one) => { if (one.kind !== 'callback') open_incident(one.subject); }}
            show=${(/** @type {Errand} */ one) => html`<div class="line-1"><span class=${`tag ${one.kind}`}>${t(`follow.${one.kind}`)}</span>
                ${one.row.line ? html`<${LineMark} line=${one.row.line} />` : ''} ${one.row.number ? html`<span class="digits">${order_number(one.row.number)}</span>` : ''}
                ${one.row.priority ? html`<${PriorityMark} priority=${one.row.priority} />` : ''}
                <span class="right"><${Countdown} due_ms=${one.row.due_ms} /></span></div>
                ${one.row.category ? html`<div class="line-2">${category_name(one.row.category)}</div>` : ''}`} />
        ${errand ? html`<div class="follow-form">
            ${person ? html`<p class="number digits">${person.number || t('caller.number_hidden')} ${person.name ?? ''}</p>
                ${person.text ? html`<p class="quiet">${person.text}</p>` : ''}`
            : html`<${Act} keys="" onClick=${() => reveal(errand)}>${t('follow.reveal')}<//>`}
            <${forms[errand.kind]} errand=${errand} /></div>` : ''}`;
}
