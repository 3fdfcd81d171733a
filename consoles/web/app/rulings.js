// SPDX-License-Identifier: GPL-3.0-or-later
// What waits for a word of this person: send-backs, petitions of their stage, silent callers, marks
// on numbers. Y agrees, N does not; whoever asked never answers.
import { computed, html, signal } from './ui.js';
import { Act, Radios } from './pick.js';
import { Handovers } from './handover.js';
import { KnowledgeDesk } from './knowledge.js';
import { List } from './list.js';
import { Countdown, LineMark, PriorityMark, Since, category_name, department_name, user_name } from './marks.js';
import { Grants } from './secret.js';
import { LiveTable, ask_rows, contacts, has_role, me, open_tasks } from './store.js';
import { may_rule, waiting_petitions } from './petitions.js';
import { open_incident } from './incident.js';
import { use_keys } from './keys.js';
import { day_and_time, order_number } from './clock.js';
import { said, t } from './words.js';
import { notify, told } from './notice.js';
import { send } from './outbox.js';
import { words } from './schema.js';

/** @typedef {{ kind: 'return' | 'petition' | 'silence' | 'mark', key: string, due_ms: number, row: any }} Ruling */
/** @type {LiveTable<import('./schema.js').MarkRow[]>} */
export const marks = new LiveTable(() => has_role('supervisor') ? ask_rows({ marks: {} }, 'marks', 'MarkRow', 'mark', 2) : Promise.resolve([]), (kind) => kind.startsWith('mark_'), []);
export const ruling_tables = [marks, waiting_petitions];

const chosen = signal('');
const why = signal('');
const ruling = signal('send');

export const rulings = computed(() => {
    /** @type {Ruling[]} */
    const list = waiting_petitions.rows.value.filter(may_rule).map((row) => ({ kind: 'petition', key: `p${row.petition}`, due_ms: row.due_ms, row }));
    if (has_role('supervisor') || has_role('taker'))
        for (const row of open_tasks.rows.value) if (row.state === 'return_asked') list.push({ kind: 'return', key: `r${row.task}`, due_ms: row.due_ms, row });
    if (has_role('supervisor')) {
        for (const row of contacts.rows.value) if (['confirmed', 'duress', 'checklist'].includes(row.silence)) list.push({ kind: 'silence', key: `s${row.contact}`, due_ms: row.arrived_ms, row });
        for (const row of marks.rows.value) if (!row.confirmed_by && row.asked_by !== me.value?.user) list.push({ kind: 'mark', key: `m${row.mark}`, due_ms: row.asked_ms, row });
    }
    const order = ['silence', 'return', 'petition', 'mark'];
    return list.sort((a, b) => Number(b.kind === 'silence') - Number(a.kind === 'silence') || (a.due_ms || Infinity) - (b.due_ms || Infinity) || order.indexOf(a.kind) - order.indexOf(b.kind));
});

/** @param {Ruling} one @param {boolean} agree */
function command(one, agree) {
    switch (one.kind) {
    case 'petition': return { petition_rule: { petition: one.row.petition, agree } };
    case 'return': return { task_rule_return: { task: one.row.task, accept: agree } };
    case 'mark': return agree ? { mark_confirm: { mark: one.row.mark } } : { mark_end: { mark: one.row.mark, reason: 'refused' } };
    default: return { silence_rule: { contact: one.row.contact, ruling: ruling.value } };
    }
}

/** @param {boolean} agree */
export async function rule(agree) {
    const one = rulings.value.find((row) => row.key === chosen.value);
    if (!one || (one.kind === 'silence' && !agree)) return;
    const text = why.value.trim();
    if (!told(await send(command(one, agree), text ? { text } : undefined))) return;
    notify('good', t(agree ? 'rulings.agreed' : 'rulings.refused', { what: t(`rulings.${one.kind}`) }));
    why.value = '';
    document.getElementById('rulings-list')?.focus();
}

/** @param {Ruling} one */
function show(one) {
    const { row } = one;
    switch (one.kind) {
    case 'petition': return html`<div class="line-1"><span class="tag warn">${said('petition_kind', row.kind)}</span> <span class="digits">${order_number(row.number)}</span>
        <span class="right"><${Countdown} due_ms=${row.due_ms} /></span></div>
        <div class="line-2">${row.department ? department_name(row.department) : user_name(row.user)} ${row.until_ms ? html`<span class="digits">→ ${day_and_time(row.until_ms)}</span>` : ''} ${row.stage > 1 ? t('rulings.stage', { n: row.stage }) : ''}</div>`;
    case 'return': return html`<div class="line-1"><${PriorityMark} priority=${row.priority} /> <span class="digits">${order_number(row.number)}</span> <span class="tag warn">${said('return_reason', row.reason)}</span>
        <span class="right"><${Countdown} due_ms=${row.due_ms} /></span></div>
        <div class="line-2">${category_name(row.category)} · ${department_name(row.department)} ${said('task_kind', row.kind)}</div>`;
    case 'silence': return html`<div class="line-1"><span class="tag bad">${t('call.silence')} ${said('silence_state', row.silence)}</span> <${LineMark} line=${row.line} /> <span class="right"><${Since} since_ms=${row.arrived_ms} /></span></div>`;
    default: return html`<div class="line-1"><span class="tag warn">${t('rulings.mark')}</span> <b>${said('mark_kind', row.kind)}</b> ${row.days ? t('rulings.days', { n: row.days }) : ''} <span class="right quiet">${user_name(row.asked_by)}</span></div>`;
    }
}

export function Rulings() {
    const within = () => /** @type {HTMLElement | null} */ (document.querySelector('.rulings'));
    const one = rulings.value.find((row) => row.key === chosen.value);
    use_keys([
        { key: 'KeyY', words: 'key.accept', act: () => void rule(true), within },
        { key: 'KeyN', words: 'key.refuse', act: () => void rule(false), within },
    ]);
    return html`<section class="zone rulings" data-zone="rulings" aria-labelledby="rulings-title">
        <h2 id="rulings-title">${t('rulings.title')} <span class="count">${rulings.value.length}</span></h2>
        <${List} id="rulings-list" label=${t('rulings.title')} rows=${rulings.value} by=${(/** @type {Ruling} */ row) => row.key}
            chosen=${chosen.value} onChoose=${(/** @type {string} */ key) => { chosen.value = key; }} empty=${t('super.no_rulings')}
            onOpen=${(/** @type {Ruling} */ { row }) => { if (row.incident && row.incident !== '0') open_incident(row.incident); }} show=${show} />
        ${one ? html`${one.kind === 'silence' ? html`<${Radios} id="silence-ruling" label=${t('rulings.silence')} value=${ruling.value} options=${words.silence_ruling.slice(1).map((word) => ({ word, label: said('silence_ruling', word) }))}
                onPick=${(/** @type {string} */ word) => { ruling.value = word; }} />` : html`<div class="field"><label for="ruling-why">${t('super.why')}</label>
            <input id="ruling-why" type="text" maxlength="500" value=${why.value}
                onInput=${(/** @type {any} */ e) => { why.value = e.currentTarget.value; }} /></div>`}
        <p class="acts"><${Act} keys="Y" onClick=${() => rule(true)}>${t('super.accept')}<//>
            ${one.kind === 'silence' ? '' : html`<${Act} keys="N" onClick=${() => rule(false)}>${t('super.refuse')}<//>`}</p>` : ''}
        ${has_role('supervisor') ? html`<${Handovers} />` : ''}
        <${Grants} />
        <${KnowledgeDesk} />
    </section>`;
}
