// SPDX-License-Identifier: GPL-3.0-or-later
// What the page knows: the signed-in user, the city's tables, and live tables that are asked again
// whenever an event says that they changed.
import { computed, effect, signal } from './ui.js';
import { on_event, on_welcome, query } from './socket.js';
import { complete, kind_of } from './row.js';
import { set_city_offset } from './clock.js';

/** @typedef {import('./schema.js').UserRow} UserRow */

const PAGES_MAX = 8;
const GAP_MS = 150;

/** @type {import('../vendor/signals.js').Signal<UserRow | null>} */
export const me = signal(/** @type {UserRow | null} */ (null));

const role_bits = { taker: 2, department: 4, supervisor: 8, auditor: 16, operator: 32, reviewer: 64, director: 128,
    adjudicator: 256, department_head: 512, security: 1024 };
/** @param {keyof typeof role_bits} role */
export function has_role(role) {
    return ((me.value?.roles ?? 0) & role_bits[role]) !== 0;
}

/**
 * Asks page after page.
 * @param {any} question @param {string} member of the answer
 * @param {string} row message name @param {string} id field to continue behind
 * @param {number} [pages]
 * @returns {Promise<any[] | null>} null: not answered
 */
export async function ask_rows(question, member, row, id, pages = PAGES_MAX) {
    const kind = Object.keys(question)[0] ?? '';
    const behind = kind === 'incidents' || kind === 'tasks' || kind === 'amendments' || kind === 'notices' ? 'before' : 'after';
    const rows = [];
    let more = true;
    let at;
    for (let page = 0; more && page < pages; page++) {
        const answer = await query({ [kind]: { ...question[kind], ...(at ? { [behind]: at } : {}) } });
        if (!answer || answer.refusal) return null;
        const { rows: came = [], sounds } = answer[member] ?? {};
        for (const [i, wire] of came.entries()) rows.push(sounds ? { ...complete(row, wire), sound: sounds[i] } : complete(row, wire));
        more = answer.more === true;
        at = answer.next ?? (rows.length ? rows[rows.length - 1][id] : undefined);
    }
    return rows;
}

/**
 * A table kept current. It is asked at `start`, after each gap in the line, and after each event
 * that `wants` says concerns it, at most every 150 ms.
 * @template T
 */
export class LiveTable {
    /**
     * @param {() => Promise<T | null>} ask
     * @param {(kind: string, event: any) => boolean} wants
     * @param {T} empty
     */
    constructor(ask, wants, empty) {
        this.rows = signal(empty);
        this.known = signal(false);
        this.ask = ask;
        this.wants = wants;
        this.wanted = false;
        this.busy = false;
        /** @type {(() => void)[]} */
        this.unbind = [];
    }
    start() {
        this.unbind = [
            on_event(({ event }) => { if (this.wants(kind_of(event), event)) this.refresh(); }),
            on_welcome(() => this.refresh()),
        ];
        this.refresh();
        return () => this.stop();
    }
    stop() {
        for (const act of this.unbind) act();
        this.unbind = [];
    }
    refresh() {
        this.wanted = true;
        if (!this.busy) void this.run();
    }
    async run() {
        this.busy = true;
        while (this.wanted) {
            this.wanted = false;
            const rows = await this.ask();
            if (rows !== null) {
                this.rows.value = rows;
                this.known.value = true;
            }
            if (this.wanted) await new Promise((resolve) => setTimeout(resolve, GAP_MS));
        }
        this.busy = false;
    }
}

const starts = (/** @type {string[]} */ ...words) => (/** @type {string} */ kind) =>
    words.some((word) => kind.startsWith(word));
const about_queue = starts('contact_', 'offer_', 'gateway_', 'recording_', 'callback_', 'silence_',
    'transfer_', 'mark_', 'party_', 'sound_');
const about_takers = starts('taker_', 'offer_', 'wrap_up_', 'contact_connected', 'contact_ended',
    'contact_taken_over', 'contact_parked', 'phone_registered', 'user_defined', 'transfer_');
const about_incidents = starts('incident_', 'task_', 'clock_', 'citizen_', 'survey_', 'revisit_',
    'contact_attached', 'text_', 'petition_', 'ladder_', 'demand_', 'unit_moved');

/** @param {any} question @param {string} member @param {string} row @param {string} id
 *  @param {(kind: string, event: any) => boolean} wants @param {number} [pages] */
function live(question, member, row, id, wants, pages) {
    return new LiveTable(() => ask_rows(question, member, row, id, pages), wants,
        /** @type {any[]} */ ([]));
}

/** @type {LiveTable<import('./schema.js').ContactRow[]>} */
export const contacts = live({ contacts: {} }, 'contacts', 'ContactRow', 'contact', about_queue);
/** @type {LiveTable<import('./schema.js').TakerRow[]>} */
export const takers = live({ takers: {} }, 'takers', 'TakerRow', 'taker', about_takers);
/** @type {LiveTable<import('./schema.js').IncidentRow[]>} */
export const open_incidents = live({ incidents: { open: true } }, 'incidents', 'IncidentRow',
    'incident', about_incidents, 3);
/** @type {LiveTable<import('./schema.js').CallbackRow[]>} */
export const callbacks = live({ callbacks: {} }, 'callbacks', 'CallbackRow', 'callback',
    starts('callback_'));
/** @type {LiveTable<import('./schema.js').HandoverRow[]>} */
export const handovers = live({ handovers: {} }, 'handovers', 'HandoverRow', 'handover', starts('handover_'));
/** @type {LiveTable<import('./schema.js').TextRow[]>} */
export const owed_texts = live({ texts: { owed: true } }, 'texts', 'TextRow', 'text', starts('text_'));
/** @type {LiveTable<import('./schema.js').TaskRow[]>} */
export const own_tasks = new LiveTable(
    () => ask_rows({ tasks: { department: me.peek()?.department ?? 0 } }, 'tasks', 'TaskRow', 'task', 2),
    about_incidents, []);
/** @type {LiveTable<import('./schema.js').TaskRow[]>} */
export const open_tasks = live({ tasks: { open: true } }, 'tasks', 'TaskRow', 'task',
    about_incidents, 4);
/** @type {LiveTable<import('./schema.js').Status>} */
export const status = new LiveTable(async () => {
    const answer = await query({ status: {} });
    return answer && !answer.refusal ? complete('Status', answer.status) : null;
}, (kind) => about_queue(kind) || about_takers(kind) || about_incidents(kind) || kind === 'test_missed', complete('Status', {}));

effect(() => { if (status.known.value) set_city_offset(status.rows.value.utc_offset_min); });

/** Rulings that decide like cases: who has such matters there. @type {LiveTable<import('./schema.js').PrecedentRow[]>} */
export const precedents = live({ precedents: {} }, 'precedents', 'PrecedentRow', 'category',
    starts('incident_ruled', 'incident_moved'), 1);

/** My own row among the takers. */
export const my_seat = computed(() => takers.rows.value.find((row) => row.taker === me.value?.user));

/**
 * @typedef {object} City
 * @property {import('./schema.js').LineRow[]} lines
 * @property {import('./schema.js').DepartmentRow[]} departments
 * @property {import('./schema.js').UserRow[]} users
 * @property {import('./schema.js').CategoryRow[]} categories
 * @property {import('./schema.js').DistrictRow[]} districts
 * @property {import('./schema.js').UnitRow[]} units
 * @property {import('./schema.js').TreeRow[]} trees
 * @property {import('./schema.js').DispositionRow[]} dispositions
 */
/** @type {City} */
const no_city = { lines: [], departments: [], users: [], categories: [], districts: [], units: [], trees: [], dispositions: [] };

export const city = new LiveTable(async () => {
    const tables = /** @type {[keyof City, string, string][]} */ ([['lines', 'LineRow', 'line'],
        ['departments', 'DepartmentRow', 'department'], ['users', 'UserRow', 'user'],
        ['categories', 'CategoryRow', 'category'], ['districts', 'DistrictRow', 'district'],
        ['units', 'UnitRow', 'unit'], ['trees', 'TreeRow', 'tree'], ['dispositions', 'DispositionRow', 'disposition']]);
    const made = /** @type {any} */ ({});
    for (const [table, row, id] of tables) {
        const rows = await ask_rows({ city: { table } }, table, row, id, 64);
        if (!rows) return null;
        made[table] = rows;
    }
    return /** @type {City} */ (made);
}, (kind) => /^(line|department|user|category|district|unit|tree|answer|disposition)_defined$/.test(kind) || kind === 'city_loaded',
no_city);

/** @template T @param {keyof City} table @param {string} id */
function index(table, id) {
    return computed(() => new Map(city.rows.value[table].map(
        (row) => [/** @type {any} */ (row)[id], /** @type {T} */ (row)])));
}
/** @type {{ readonly value: Map<number, import('./schema.js').LineRow> }} */
export const line_of = index('lines', 'line');
/** @type {{ readonly value: Map<number, import('./schema.js').DepartmentRow> }} */
export const department_of = index('departments', 'department');
/** @type {{ readonly value: Map<number, import('./schema.js').UserRow> }} */
export const user_of = index('users', 'user');
/** @type {{ readonly value: Map<number, import('./schema.js').CategoryRow> }} */
export const category_of = index('categories', 'category');
/** @type {{ readonly value: Map<number, import('./schema.js').DistrictRow> }} */
export const district_of = index('districts', 'district');
/** @type {{ readonly value: Map<number, import('./schema.js').UnitRow> }} */
export const unit_of = index('units', 'unit');
