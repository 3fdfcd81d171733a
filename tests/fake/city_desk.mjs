// SPDX-License-Identifier: GPL-3.0-or-later
// What the small city of the pages' tests knows beyond calls and tasks: units and plans, guided
// questions, likely duplicates, transfers, silence, marks, petitions, storms. Loose, like city.mjs.
import { checkpoint, consistency, proof, successions } from './tree.mjs';

const MINUTE = 60000;

export const units = [
    [301, 2, '望江一中队 1 车', 'Wangjiang Engine 1', 'engine', 340104, 100, 100], [302, 2, '瑶海中队 1 车', 'Yaohai Engine 1', 'engine', 340102, 110, 90],
    [303, 2, '云梯车', 'Ladder 1', 'ladder', 340104, 100, 100], [401, 3, '急救一组', 'Ambulance 1', 'ambulance', 340104, 102, 98],
    [101, 1, '蜀山巡逻一组', 'Shushan Patrol 1', 'patrol', 340104, 99, 97],
].map(([unit, department, name_zh, name_en, kind, district, east_cell, north_cell]) => ({ unit, department, name_zh, name_en, kind, district, east_cell, north_cell }));

export const trees = [{ tree: 1, name_zh: '火灾', name_en: 'Fire', categories: ['1101', '1102'], first: 10, version: 3 },
    { tree: 2, name_zh: '受伤、倒地', name_en: 'Injury or collapse', categories: ['12'], first: 10, version: 1 }];
const questions = [
    { tree: 1, question: 10, kind: 'text', text_zh: '着火的具体位置在哪里？', text_en: 'Where exactly is the fire?', fills: 'address' },
    { tree: 1, question: 20, kind: 'choice', text_zh: '是什么在烧？', text_en: 'What is burning?' },
    { tree: 1, question: 30, kind: 'number', text_zh: '里面还有几个人？', text_en: 'How many are inside?', fills: 'trapped' }];
const answers = [
    { tree: 1, question: 10, answer: 1, text_zh: '已记下', text_en: 'Noted', next: 20 },
    { tree: 1, question: 20, answer: 1, text_zh: '住宅', text_en: 'A dwelling', next: 30, raise: 'p0', category: 110100, instruct_zh: '请先离开，不要坐电梯。', instruct_en: 'Leave now. Do not use the lift.' },
    { tree: 1, question: 20, answer: 2, text_zh: '车辆', text_en: 'A vehicle', next: 30, raise: 'p1', category: 110200 },
    { tree: 1, question: 30, answer: 1, text_zh: '没有', text_en: 'None', least: 0, most: 0 },
    { tree: 1, question: 30, answer: 2, text_zh: '有人', text_en: 'Somebody', least: 1, most: 999, raise: 'p0', risks: ['trapped'] }];
const needs = { 110100: ['engine', 'engine', 'ladder', 'ambulance', 'rescue'], 110200: ['engine'] };
const unit_next = { sign: 'signed', roll: 'rolling', arrive: 'arrived', leave: 'left', return: 'available', take_out: 'out_of_service', put_in: 'available', go_off: 'off_duty', come_on: 'available', deploy: 'deployed', unable: 'out_of_service', stand_down: 'available' };

const dispositions = [[1, '已受理', 'Handled'], [2, '已解答', 'Information given'], [5, '误拨', 'Wrong number', true], [7, '骚扰', 'Nuisance', true]]
    .map(([disposition, name_zh, name_en, invalid]) => ({ disposition, name_zh, name_en, invalid }));

/** Begins empty. */
export function furnish(city) {
    Object.assign(city, { units, trees, dispositions, handovers: [], plans: [], guides: new Map(), petitions: [], marks: [], precedents: [], messages: [], fixes: [], spoken: new Map(),
        storm: { clusters: [] }, board: units.map((row) => ({ unit: row.unit, kind: row.kind, department: row.department, district: row.district, state: 'available',
            since_ms: String(Date.now() - 5 * MINUTE), east_cell: row.east_cell, north_cell: row.north_cell, measured_ms: String(Date.now() - 20000), age_s: 20, crew: 4 })) });
}

const far = (a, b) => Math.round(Math.hypot(a.east_cell - b.east_cell, a.north_cell - b.north_cell) * 250);

export const desk = {
    contact_of(id) {
        return this.contacts.find((one) => one.contact === id);
    },
    incident_of(id) {
        return this.incidents.find((one) => one.incident === id);
    },

    draw_up(user, incident, { cause, alerts, level }) {
        const picked = new Set();
        const picks = [];
        const holes = [];
        for (const kind of needs[incident.category] ?? []) {
            const free = this.board.filter((row) => row.kind === kind && row.state === 'available' && !picked.has(row.unit))
                .sort((a, b) => incident.east_cell ? far(a, incident) - far(b, incident) : 0);
            if (!free.length) {
                holes.push({ kind, missing: 1, reason: incident.east_cell || incident.district ? 'none_of_kind' : 'place_unknown' });
                continue;
            }
            const [row] = free;
            picked.add(row.unit);
            const distance_m = incident.east_cell ? far(row, incident) : 0;
            picks.push({ unit: row.unit, reason: distance_m ? 'nearest_by_distance' : 'own_district', distance_m, travel_s: Math.round(distance_m / 8) });
            if (alerts) Object.assign(row, { state: 'alerted', incident: incident.incident, since_ms: String(Date.now()), sign_due_ms: String(Date.now() + MINUTE) });
        }
        const plan = { card: 10, level, cause, alerts, picks, holes };
        this.say('plan_activated', plan, { incident: incident.incident }, user ? this.by(user) : undefined);
        this.plans.unshift({ seq: String(this.seq), at_ms: String(Date.now()), incident: incident.incident, plan });
    },
    do_plan_activate(user, { incident: id, level = 1, propose }) {
        const incident = this.incident_of(id);
        if (!needs[incident.category]) return { refusal: 'no_plan' };
        this.draw_up(user, incident, { cause: propose ? 'proposed' : 'raised', alerts: !propose, level });
        return {};
    },
    do_unit_alert(user, { unit, incident }) {
        const row = this.board.find((one) => one.unit === unit);
        if (row.state !== 'available') return { refusal: 'unit_busy' };
        Object.assign(row, { state: 'alerted', incident });
        this.say('unit_alerted', { unit }, { incident }, this.by(user));
        return {};
    },
    do_unit_report(user, { unit, step, reason }) {
        const row = this.board.find((one) => one.unit === unit);
        if (step === 'mayday' || step === 'mayday_end') row.mayday = step === 'mayday';
        else Object.assign(row, { state: unit_next[step] ?? row.state, since_ms: String(Date.now()), reason });
        this.say('unit_moved', { unit, step }, { incident: row.incident }, this.by(user));
        return {};
    },
    do_unit_check_in(user, { unit }) {
        this.say('checked_in', { unit }, {}, this.by(user));
        return {};
    },

    do_guide_begin(user, { contact, tree }) {
        const row = trees.find((one) => one.tree === tree);
        if (!row) return { refusal: 'no_such_tree' };
        this.guides.set(contact, { contact, tree, version: row.version, question: row.first, steps: [], risks: 0 });
        this.say('guide_begun', { tree, version: row.version }, { contact }, this.by(user));
        return {};
    },
    do_guide_answer(user, { contact, question, answer, value = 0 }, personal) {
        const guide = this.guides.get(contact);
        if (guide?.question !== question) return { refusal: 'no_such_question' };
        const asked = questions.find((one) => one.question === question);
        const row = answers.find((one) => one.question === question && (asked.kind === 'number' ? value >= one.least && value <= one.most : asked.kind === 'text' || one.answer === answer));
        if (!row) return { refusal: 'no_such_answer' };
        this.people.set(contact, { ...this.people.get(contact), ...personal });
        guide.steps.push({ question, answer: row.answer, value });
        guide.question = row.next ?? 0;
        guide.priority = row.raise ?? guide.priority;
        guide.category = row.category ?? guide.category;
        if (row.risks) guide.risks |= 4;
        this.say('guide_answered', { question, answer: row.answer, value }, { contact, has_personal: Boolean(personal.text ?? personal.address) }, this.by(user));
        return {};
    },
    do_guide_undo(user, { contact }) {
        const guide = this.guides.get(contact);
        guide.question = guide.steps.pop()?.question ?? guide.question;
        this.say('guide_undone', {}, { contact }, this.by(user));
        return {};
    },

    do_contact_transfer(user, { contact: id, taker, line, kind }) {
        const contact = this.contact_of(id);
        if (kind === 'blind' && line !== 12345) return { refusal: 'warm_only' };
        const receiver = this.takers.find((one) => (taker ? one.taker === taker : one.taker !== user.user) && one.state === 'ready');
        if (taker && !receiver) return { refusal: 'taker_busy' };
        this.say('transfer_asked', { to_taker: taker ?? 0, to_line: line ?? contact.line, kind: kind ?? 'warm' }, { contact: id, taker: user.user }, this.by(user));
        if (receiver) {
            const offer = this.id();
            this.move_taker(receiver, 'offered', { contact: id, offer });
            this.transfers = { ...this.transfers, [offer]: { contact: id, from: user.user, line: line ?? contact.line } };
            this.say('offer_made', { kind: 'transfer' }, { contact: id, offer, taker: receiver.taker });
        }
        return {};
    },
    take_transfer(user, offer) {
        const { contact } = this.transfers[offer];
        this.move_taker(this.takers.find((one) => one.taker === user.user), 'talking', { contact });
        this.say('transfer_answered', {}, { contact, offer, taker: user.user }, this.by(user));
        return {};
    },
    do_transfer_finish(user, { contact: id }) {
        const run = Object.values(this.transfers ?? {}).find((one) => one.contact === id);
        const receiver = this.takers.find((one) => one.contact === id && one.taker !== user.user);
        if (!run || !receiver) return { refusal: 'no_transfer' };
        const contact = this.contact_of(id);
        Object.assign(contact, { taker: receiver.taker, line: run.line });
        this.transfers = {};
        this.move_taker(this.takers.find((one) => one.taker === user.user), 'wrap_up', { until_ms: String(Date.now() + 45000) });
        this.say('transfer_ended', { outcome: 'taken', from_taker: user.user, to_taker: receiver.taker }, { contact: id, taker: receiver.taker }, this.by(user));
        return {};
    },
    do_contact_mute(user, { contact: id }) {
        Object.assign(this.contact_of(id), { muted_ms: String(Date.now()) });
        this.say('contact_muted', {}, { contact: id }, this.by(user));
        return {};
    },
    do_contact_unmute(user, { contact: id }) {
        Object.assign(this.contact_of(id), { muted_ms: '0' });
        this.say('contact_unmuted', { muted_ms: '1' }, { contact: id }, this.by(user));
        return {};
    },
    do_contact_park(user, { contact: id }) {
        const urgent = this.contact_of(id).band !== 'ordinary';
        Object.assign(this.contact_of(id), { state: 'waiting', taker: 0, held_ms: '0', muted_ms: '0', parked_ms: String(Date.now()), parked_by: user.user,
            parked_until_ms: String(Date.now() + (urgent ? 20000 : 90000)) });
        this.move_taker(this.takers.find((one) => one.taker === user.user), 'ready');
        this.say('contact_parked', { from_taker: user.user }, { contact: id }, this.by(user));
        this.distribute();
        return {};
    },
    do_contact_unpark(user, { contact: id }) {
        const taker = this.takers.find((one) => one.taker === user.user);
        if (!['ready', 'wrap_up'].includes(taker.state)) return { refusal: 'taker_busy' };
        Object.assign(this.contact_of(id), { parked_ms: '0', parked_until_ms: '0' });
        this.say('contact_unparked', { to_taker: user.user }, { contact: id }, this.by(user));
        this.offer(this.contact_of(id), taker);
        return {};
    },
    do_contact_hold(user, { contact: id }) {
        Object.assign(this.contact_of(id), { held_ms: String(Date.now()) });
        this.say('contact_held', {}, { contact: id }, this.by(user));
        return {};
    },
    do_contact_resume(user, { contact: id }) {
        Object.assign(this.contact_of(id), { held_ms: '0' });
        this.say('contact_resumed', {}, { contact: id }, this.by(user));
        return {};
    },
    do_contact_press(user, { contact: id, user: guest, department, keys }) {
        if (!/^[0-9*#A-D]{1,32}$/.test(keys)) return { refusal: 'malformed' };
        this.say('keys_pressed', { user: guest ?? 0, department: department ?? 0, keys }, { contact: id, taker: user.user }, this.by(user));
        return {};
    },
    /** Whoever is called answers at once. */
    do_party_invite(user, { contact: id, user: guest, department, role = 'guest' }) {
        const contact = this.contact_of(id);
        const party = { party: this.id(), user: guest ?? (department ? 0 : user.user), department: department ?? 0, role };
        contact.parties = (contact.parties ?? 0) + 1;
        this.taking_part = [...(this.taking_part ?? []), { contact: id, ...party }];
        this.say('party_invited', party, { contact: id }, this.by(user));
        this.say('party_joined', party, { contact: id });
        return {};
    },
    part_of(user, id) {
        return this.taking_part?.find((one) => one.contact === id && one.user === user.user);
    },
    do_party_change(user, { contact: id, role }) {
        const part = this.part_of(user, id);
        if (!part) return { refusal: 'no_such_party' };
        this.say('party_changed', { party: part.party, user: user.user, from: part.role, role }, { contact: id }, this.by(user));
        part.role = role;
        return {};
    },
    do_party_drop(user, { contact: id, user: guest, department }) {
        const part = this.taking_part?.find((one) => one.contact === id && (department ? one.department === department : one.user === (guest ?? user.user)));
        if (!part) return { refusal: 'no_such_party' };
        this.taking_part = this.taking_part.filter((one) => one !== part);
        this.contact_of(id).parties--;
        this.say('party_left', { ...part, cause: 'dropped' }, { contact: id }, this.by(user));
        return {};
    },
    do_party_take_over(user, { contact: id }) {
        const contact = this.contact_of(id);
        const part = this.part_of(user, id);
        if (!part) return { refusal: 'no_such_party' };
        this.move_taker(this.takers.find((one) => one.taker === contact.taker), 'wrap_up', { until_ms: String(Date.now() + 45000) });
        contact.taker = user.user;
        this.taking_part = this.taking_part.filter((one) => one !== part);
        this.say('party_left', { ...part, cause: 'took_over' }, { contact: id });
        this.say('contact_taken_over', {}, { contact: id, taker: user.user }, this.by(user));
        return {};
    },
    do_transfer_cancel(user, { contact: id }) {
        const receiver = this.takers.find((one) => one.contact === id && one.taker !== user.user);
        if (receiver) this.move_taker(receiver, 'ready');
        this.transfers = {};
        this.say('transfer_ended', { outcome: 'cancelled', returned: true }, { contact: id, taker: user.user }, this.by(user));
        return {};
    },
    /** A line of a conversation by text, its words beside the newest event. */
    note_words(contact, row, text) {
        const now = String(Date.now());
        this.messages.push({ text: this.id(), contact, seq: String(this.seq), ordered_ms: now, moved_ms: now, ...row });
        this.spoken.set(String(this.seq), { text });
    },
    /** A further text of who is in conversation joins it. */
    joins(line, number, text) {
        const open = this.contacts.find((one) => one.channel === 'sms' && one.line === line && one.state === 'connected' && this.people.get(one.contact)?.number === number);
        if (!open) return false;
        const id = String(this.next);
        this.seq++;
        this.note_words(open.contact, { received: true, state: 'delivered' }, text);
        this.seq--;
        this.say('text_received', { text: id }, { contact: open.contact, has_personal: true }, { actor_kind: 'gateway', actor: 3 });
        return true;
    },
    do_contact_write(user, { contact }, { text }) {
        if (!text) return { refusal: 'incomplete' };
        this.seq++;
        this.note_words(contact, { template: 'words', state: 'ordered', taker: user.user }, text);
        this.seq--;
        this.say('text_ordered', { template: 'words', text: this.messages.at(-1).text }, { contact, has_personal: true }, this.by(user));
        return {};
    },
    /** The message centre's receipt. */
    receipt(state) {
        const row = this.messages.findLast((one) => !one.received);
        row.state = state;
        this.say('text_reported', { text: row.text, state }, { contact: row.contact }, { actor_kind: 'gateway', actor: 3 });
    },
    do_contact_silent(user, { contact: id }) {
        this.contact_of(id).silence = 'prompted';
        this.say('silence_moved', { step: 'prompt', to: 'prompted' }, { contact: id }, this.by(user));
        return {};
    },
    do_contact_speak(user, { contact: id }) {
        this.contact_of(id).silence = 'heard';
        this.say('silence_moved', { step: 'speak', to: 'heard' }, { contact: id }, this.by(user));
        return {};
    },
    do_silence_rule(user, { contact: id, ruling }) {
        this.contact_of(id).silence = 'ruled';
        this.say('silence_moved', { step: 'rule', to: 'ruled', ruling }, { contact: id }, this.by(user));
        return {};
    },
    do_contact_need(user, { contact: id, language }) {
        this.say('contact_needed', { language }, { contact: id }, this.by(user));
        return {};
    },
    do_mark_ask(user, { contact: id, kind, days }) {
        const mark = this.id();
        this.marks.push({ mark, kind, days, caller: this.contact_of(id).caller, asked_by: user.user, asked_ms: String(Date.now()) });
        this.say('mark_asked', { mark, kind }, { contact: id }, this.by(user));
        return {};
    },
    do_mark_confirm(user, { mark }) {
        const row = this.marks.find((one) => one.mark === mark);
        if (row.asked_by === user.user) return { refusal: 'same_person' };
        row.confirmed_by = user.user;
        this.say('mark_confirmed', { mark }, {}, this.by(user));
        return {};
    },
    do_mark_end(user, { mark, reason }) {
        this.marks = this.marks.filter((one) => one.mark !== mark);
        this.say('mark_ended', { mark, reason }, {}, this.by(user));
        return {};
    },
    do_callback_try(user, { callback, result }) {
        const row = this.callbacks.find((one) => one.callback === callback);
        if (result === 'reached') this.callbacks = this.callbacks.filter((one) => one !== row);
        else Object.assign(row, { tries: (row.tries ?? 0) + 1, result, next_ms: String(Date.now() + 2 * MINUTE) });
        this.say('callback_tried', { callback, result }, {}, this.by(user));
        return {};
    },
    do_incident_link(user, { incident, other, relation }) {
        this.say('incident_linked', { other, relation }, { incident }, this.by(user));
        return {};
    },

    do_incident_merge(user, { child, parent, basis }) {
        const one = this.incident_of(child);
        for (const contact of this.contacts.filter((row) => row.incident === child)) contact.incident = parent;
        this.say('incident_merged', { parent, basis }, { incident: child }, this.by(user));
        this.incident_of(parent).contacts += one.contacts;
        this.move_incident(user, one, 'merge', 'merged', { due_ms: '0', clock: 'none' });
        return {};
    },
    do_incident_unmerge(user, { incident: id, reason }) {
        const one = this.incident_of(id);
        if (one.state !== 'merged') return { refusal: 'wrong_state' };
        this.say('incident_unmerged', { reason }, { incident: id }, this.by(user));
        this.move_incident(user, one, 'unmerge', 'registered');
        return {};
    },
    do_incident_split(user, { incident: id, contact, category }) {
        const from = this.incident_of(id);
        const { incident } = this.do_incident_register(user, { line: from.line, category: category ?? from.category, district: from.district, contact }, {});
        this.contact_of(contact).incident = incident;
        from.contacts--;
        this.say('incident_was_split', { child: incident }, { incident: id, contact }, this.by(user));
        return { incident };
    },
    do_incident_dispute(user, { incident: id, parties = [] }) {
        this.say('dispute_opened', { parties }, { incident: id }, this.by(user));
        this.move_incident(user, this.incident_of(id), 'dispute', 'dispute');
        return {};
    },
    do_incident_rule_dispute(user, { incident: id, lead, precedent }) {
        const one = this.incident_of(id);
        if (one.state !== 'dispute') return { refusal: 'wrong_state' };
        for (const task of this.tasks.filter((row) => row.incident === id && row.state === 'sent')) task.state = 'recalled';
        this.say('incident_ruled', { lead, precedent }, { incident: id }, this.by(user));
        this.move_incident(user, one, 'rule', 'dispatched', { lead });
        this.open_task(user, one, lead, 'lead');
        return {};
    },
    do_task_recall(user, { task: id }) {
        const task = this.tasks.find((row) => row.task === id);
        Object.assign(task, { state: 'recalled', moved_ms: String(Date.now()) });
        this.say('task_moved', { task: id, step: 'recall', from: 'sent', to: 'recalled' }, { incident: task.incident, department: task.department }, this.by(user));
        return {};
    },

    do_petition_ask(user, { incident, task, kind, until_ms, extension, suspension }, personal) {
        if (!personal.text) return { refusal: 'reason_missing' };
        const petition = this.id();
        this.petitions.push({ petition, incident, task, kind, number: this.incident_of(incident).number, stage: 1, roles: kind === 'suspension' ? 128 : 8, asked_ms: String(Date.now()),
            due_ms: String(Date.now() + 60 * MINUTE), until_ms, department: user.department, user: user.user });
        const row = this.tasks.find((one) => one.task === task);
        if (row && kind === 'extension') row.extension_asked = true;
        this.say('petition_asked', { petition, kind, until_ms, extension, suspension }, { incident, task, department: user.department, has_personal: true }, this.by(user));
        return { petition };
    },
    do_petition_rule(user, { petition, agree }) {
        const row = this.petitions.find((one) => one.petition === petition);
        if (!row || row.end) return { refusal: 'no_such_petition' };
        if (row.user === user.user) return { refusal: 'same_person' };
        if (!(user.roles & row.roles)) return { refusal: 'not_allowed' };
        row.end = agree ? 'granted' : 'refused';
        const task = this.tasks.find((one) => one.task === row.task);
        if (task) Object.assign(task, { extension_asked: false, ...(agree && row.kind === 'extension' ? { due_ms: row.until_ms, extensions: 1 } : {}) });
        this.say('petition_ended', { petition, end: row.end }, { incident: row.incident }, this.by(user));
        return {};
    },
    do_storm_enter(user) {
        this.storm = { ...this.storm, cause: 'hand', since_ms: String(Date.now()) };
        this.say('storm_entered', { cause: 'hand' }, {}, this.by(user));
        return {};
    },
    do_storm_leave(user) {
        this.storm = { clusters: [] };
        this.say('storm_left', { cause: 'hand' }, {}, this.by(user));
        return {};
    },
    do_task_add(user, { incident: id, department, kind }) {
        this.open_task(user, this.incident_of(id), department, kind ?? 'assist');
        return {};
    },
    do_task_forward(user, { task: id, handler }) {
        const task = this.tasks.find((one) => one.task === id);
        task.handler = handler;
        this.say('task_forwarded', { handler }, { incident: task.incident, task: id, department: task.department }, this.by(user));
        return {};
    },
    do_incident_urge(user, { incident }) {
        for (const task of this.tasks.filter((one) => one.incident === incident)) Object.assign(task, { demand_due_ms: String(Date.now() + 30 * MINUTE), level: 'urge_1' });
        this.say('incident_urged', { urges: 1 }, { incident }, this.by(user));
        return {};
    },
    do_incident_supervise(user, { incident: id, level }) {
        this.incident_of(id).supervise = level;
        this.say('incident_supervised', { level }, { incident: id }, this.by(user));
        return {};
    },
    do_demand_answer(user, { task: id, reason }, { text }) {
        const task = this.tasks.find((one) => one.task === id);
        if (reason) {
            task.owes_reason = false;
            this.say('demand_answered', { reason }, { incident: task.incident, task: id, department: task.department }, this.by(user));
            return {};
        }
        if (!text) return { refusal: 'reason_missing' };
        task.demand_due_ms = '0';
        this.say('demand_answered', {}, { incident: task.incident, task: id, department: task.department, has_personal: true }, this.by(user));
        return {};
    },

    /** A template of the fake's own: the real one is the dispatcher's. */
    ask_text_preview({ incident, text }) {
        const row = this.incidents.find((one) => one.incident === incident);
        const words = `【江州12345】编号${row.number}答复：${text.trim()}`;
        return { text_preview: { words, units: words.length, parts: words.length > 70 ? Math.ceil(words.length / 67) : 1, ...(row.anonymous ? { excuse: 'anonymous' } : {}) } };
    },
    ask_likely({ contact, category, district, caller }) {
        const call = this.contact_of(contact);
        const rows = this.incidents.map((row) => {
            const reasons = [...(category && row.category === category ? ['same_kind'] : []), ...(row.caller !== '0' && row.caller === (caller ?? call?.caller) ? ['same_caller'] : []),
                ...(district && row.district === district ? ['near'] : [])];
            return { incident: row, score: reasons.length * 40, reasons, distance_m: 300, age_ms: '60000' };
        }).filter((row) => row.score).sort((a, b) => b.score - a.score);
        return { likely_incidents: { rows } };
    },
    ask_questions({ tree }) {
        return { questions: { tree: trees.find((one) => one.tree === tree), questions: questions.filter((one) => one.tree === tree), answers: answers.filter((one) => one.tree === tree) } };
    },
    ask_guide({ contact }) {
        const guide = this.guides.get(contact);
        return guide ? { guide_detail: guide } : { refusal: 'no_guide' };
    },
    ask_plans({ incident }) {
        return { plans: { rows: this.plans.filter((row) => row.incident === incident) } };
    },
    ask_units({ incident, department }) {
        return { unit_board: { rows: this.board.filter((row) => (!incident || row.incident === incident) && (!department || row.department === department)), stale_ms: '60000' } };
    },
    /** A telephone tells where it is. */
    locate(contact, { source, uncertainty_m, east_cell, north_cell, position, age_s = 0 }) {
        const fix = this.id();
        const at_ms = String(Date.now() - age_s * 1000);
        const seq = this.say('contact_located', { fix, source, uncertainty_m, east_cell, north_cell }, { contact });
        this.spoken.set(String(seq), { position });
        this.fixes.push({ fix, contact, source, uncertainty_m, east_cell, north_cell, measured_ms: at_ms, heard_ms: at_ms, seq: String(seq) });
    },
    ask_fixes({ contact }) {
        return { fixes: { rows: this.fixes.filter((row) => row.contact === contact) } };
    },
    ask_load() {
        const begun = Date.now() - Date.now() % 300000;
        return { load: { slot_ms: '300000', rows: Array.from({ length: 200 }, (_, i) => ({ from_ms: String(begun - (199 - i) * 300000),
            arrived: 6 + Math.round(5 * Math.sin(i / 20)), answered: 5 + Math.round(5 * Math.sin(i / 20)), answered_in_time: 5 + Math.round(4 * Math.sin(i / 20)), abandoned: i % 7 === 0 ? 1 : 0, longest_ms: '9000' })) } };
    },
    ask_checkpoint() {
        return this.events.length ? { checkpoint: checkpoint(this.epoch, this.events) } : { refusal: 'no_such_event' };
    },
    ask_successions() {
        return { successions };
    },
    /** Two parts, as a city of some years has them. */
    ask_retention({ after }) {
        const second = after === '401';
        return { more: !second, next: second ? undefined : '401', retention_due: { looked: '200', rows: [{ rule: 1, due: second ? '5' : '37', oldest_ms: second ? '1700000000000' : '1690000000000', preserved: '1', preservation: '9' }] } };
    },
    ask_consistency({ first, second }) {
        return { consistency: consistency(this.events, Number(first), Number(second)) };
    },
    ask_proof({ size, seqs }) {
        return { proofs: { size, rows: seqs.map((seq) => proof(this.events, Number(size), Number(seq))) } };
    },
    do_contact_dispose(user, { contact: id, disposition }) {
        const contact = this.contact_of(id);
        if (contact?.state !== 'ended') return { refusal: 'wrong_state' };
        const before = contact.disposition;
        contact.disposition = disposition;
        this.say('contact_disposed', { disposition, before }, { contact: id, taker: user.user, line: contact.line }, this.by(user));
        return { contact: id };
    },
    do_handover_leave(user, { taker, line, incident }, personal) {
        if (!personal.text) return { refusal: 'incomplete' };
        const handover = this.id();
        const seq = this.say('handover_left', { handover, to_taker: taker, to_line: line }, { taker: user.user, incident, has_personal: true }, this.by(user));
        this.people.set(handover, { text: personal.text });
        this.handovers.push({ handover, from_taker: user.user, to_taker: taker, to_line: line, incident, left_ms: String(Date.now()), seq: String(seq) });
        return {};
    },
    do_handover_take(user, { handover }) {
        if (!this.handovers.some((one) => one.handover === handover)) return { refusal: 'no_such_handover' };
        this.handovers = this.handovers.filter((one) => one.handover !== handover);
        this.say('handover_taken', { handover }, { taker: user.user }, this.by(user));
        return {};
    },
    do_glass_ask(user, { right, words }) {
        if (!words) return { refusal: 'reason_missing' };
        const glass = this.id();
        this.glasses.push({ glass, state: 'asked', right, words, asked_by: user.user, asked_ms: String(Date.now()), until_ms: String(Date.now() + 30 * MINUTE), acts: 0 });
        this.say('glass_asked', { glass, right, words }, {}, this.by(user));
        return { glass };
    },
    move_glass(user, glass, from, change, same) {
        const row = this.glasses.find((one) => one.glass === glass && one.state === from);
        if (!row) return { refusal: 'no_such_glass' };
        if (same && (row.asked_by === user.user || row.ruled_by === user.user)) return { refusal: 'same_person' };
        Object.assign(row, change);
        this.say('glass_moved', { glass, from, to: row.state, right: row.right, user: row.asked_by }, {}, this.by(user));
        return { glass };
    },
    do_glass_agree(user, { glass, agree, words }) {
        const now_ms = Date.now();
        return this.move_glass(user, glass, 'asked', agree ? { state: 'open', ruled_by: user.user, opened_ms: String(now_ms), until_ms: String(now_ms + 240 * MINUTE) }
            : { state: 'refused', ruled_by: user.user, finding: words }, true);
    },
    do_glass_end(user, { glass }) {
        return this.move_glass(user, glass, 'open', { state: 'ended', ended_ms: String(Date.now()), ended_by: user.user });
    },
    do_glass_review(user, { glass, sound, words }) {
        if (!words) return { refusal: 'reason_missing' };
        return this.move_glass(user, glass, 'ended', { state: 'reviewed', reviewed_by: user.user, reviewed_ms: String(Date.now()), sound, finding: words }, true);
    },
    ask_glasses() {
        return { glasses: { rows: this.glasses } };
    },
    ask_grants() {
        return { grants: { rows: this.grants } };
    },
    ask_handovers() {
        return { handovers: { rows: this.handovers } };
    },
    ask_coverage() {
        return { coverage_board: { rows: [{ coverage: 1, kind: 'engine', district: 340103, minimum: 1, low: true, since_ms: String(Date.now() - MINUTE) }] } };
    },
    ask_precedents() {
        return { precedents: { rows: this.precedents } };
    },
    ask_marks() {
        return { marks: { rows: this.marks } };
    },
    ask_petitions({ incident }) {
        return { petitions: { rows: this.petitions.filter((row) => (incident ? row.incident === incident : !row.end)) } };
    },
    ask_storm() {
        return { storm_board: this.storm };
    },
    ask_explain({ contact: id }) {
        const queued = this.contacts.filter((one) => ['waiting', 'offered'].includes(one.state));
        const at = queued.findIndex((one) => one.contact === id);
        if (at < 0) return { refusal: 'no_such_contact' };
        const contact = queued[at];
        return { explanation: { contact: id, state: contact.state, line: contact.line, band: contact.band, channel: contact.channel, arrived_ms: contact.arrived_ms, due_ms: contact.due_ms,
            place: at + 1, waiting: queued.length, reason: 'all_busy', weight: 1, able: { signed_on: 4, talking: 3, away: 1 }, reserve: 1,
            ahead: queued.slice(0, at).map((one) => ({ contact: one.contact, line: one.line, band: one.band, due_ms: one.due_ms, rule: 'band' })) } };
    },
};
