// SPDX-License-Identifier: GPL-3.0-or-later
// A small city in memory for tests of the pages: contacts, takers, incidents, tasks, events.
import { blake2b } from '../../consoles/web/app/blake2b.js';
import { desk, furnish } from './city_desk.mjs';
import { noticing } from './city_notices.mjs';
import { fields_of, identity_show } from './identity.mjs';
import { first_link, next_link } from './tree.mjs';

const MINUTE = 60000;
const AHEAD_MS = 8 * 60 * MINUTE; // the city's clock before UTC

/** One second of silence as A-law WAV, so that playing can be tried. */
export function silence() {
    const body = Buffer.alloc(16000, 0xd5);
    const head = Buffer.alloc(44);
    head.write('RIFF', 0); head.writeUInt32LE(36 + body.length, 4); head.write('WAVEfmt ', 8);
    head.writeUInt32LE(16, 16); head.writeUInt16LE(6, 20); head.writeUInt16LE(2, 22);
    head.writeUInt32LE(8000, 24); head.writeUInt32LE(16000, 28); head.writeUInt16LE(2, 32);
    head.writeUInt16LE(8, 34); head.write('data', 36); head.writeUInt32LE(body.length, 40);
    return Buffer.concat([head, body]);
}

const lines = [
    [110, '报警', 'Police', true], [119, '火警', 'Fire', true], [120, '急救', 'Ambulance', true],
    [122, '交通事故', 'Traffic', true], [12345, '政务服务', 'City services', false],
].map(([line, name_zh, name_en, emergency]) => ({ line, name_zh, name_en, emergency,
    band: emergency ? 'emergency' : 'ordinary', disposition_required: line === 122, answer_target_ms: String(emergency ? 10000 : 15000) }));

const departments = [
    [1, 'GA', '市公安局', 'Public Security Bureau'], [2, 'XF', '消防救援支队', 'Fire and Rescue'],
    [3, 'JJ', '急救中心', 'Emergency Medical Centre'], [4, 'CG', '城市管理局', 'Urban Management Bureau'],
    [5, 'SW', '水务集团', 'Water Group'], [6, 'DL', '供电公司', 'Power Grid Company'],
    [7, 'ZJ', '住房和城乡建设局', 'Housing Bureau'], [8, 'HB', '生态环境局', 'Environment Bureau'],
].map(([department, code, name_zh, name_en]) => ({ department, code, name_zh, name_en, force: department < 4 }));

const categories = [
    [110100, '居民楼火灾', 'Residential fire', 'jmlhz', 119, 'p0', 'e0', 'XF', ['JJ', 'DL']],
    [110200, '车辆火灾', 'Vehicle fire', 'clhz', 119, 'p1', 'e1', 'XF', []],
    [120100, '突发疾病', 'Sudden illness', 'tfjb', 120, 'p0', 'e0', 'JJ', []],
    [130100, '盗窃', 'Theft', 'dq', 110, 'p1', 'e1', 'GA', []],
    [130200, '噪音扰民', 'Noise', 'zyrm', 0, 'p3', 'g', 'CG', ['HB']],
    [140100, '交通事故', 'Traffic accident', 'jtsg', 122, 'p1', 'e1', 'GA', ['JJ']],
    [210100, '停水', 'Water outage', 'ts', 12345, 'p2', 'u', 'SW', []],
    [210200, '自来水漏水', 'Water leak', 'zlsls', 12345, 'p2', 'u', 'SW', ['CG']],
    [210300, '停电', 'Power outage', 'td', 12345, 'p2', 'u', 'DL', []],
    [220100, '路灯不亮', 'Street light out', 'ldbl', 12345, 'p3', 'g', 'CG', []],
    [230100, '井盖缺失', 'Missing manhole cover', 'jgqs', 12345, 'p2', 'u', 'CG', ['SW']],
    [310100, '政策咨询', 'Policy question', 'zczx', 12345, 'p4', 'q', 'ZJ', []],
].map(([category, name_zh, name_en, initials, line, priority, sla, lead, assists]) =>
    ({ category, name_zh, name_en, initials, line, priority, sla, lead, assists }));

/** How names are read, as the dispatcher tells it beside its tables. */
const read = { 居民楼火灾: 'ju min lou huo zai', 车辆火灾: 'che liang huo zai', 突发疾病: 'tu fa ji bing', 盗窃: 'dao qie', 噪音扰民: 'zao yin rao min',
    交通事故: 'jiao tong shi gu', 停水: 'ting shui', 自来水漏水: 'zi lai shui lou shui', 停电: 'ting dian', 路灯不亮: 'lu deng bu liang',
    井盖缺失: 'jing gai que shi', 政策咨询: 'zheng ce zi xun', 瑶海区: 'yao hai qu', 庐阳区: 'lu yang qu', 蜀山区: 'shu shan qu', 包河区: 'bao he qu',
    城市管理局: 'cheng shi guan li ju', 水务集团: 'shui wu ji tuan' };
const heard = ['categories', 'districts', 'departments'];

const districts = [[340102, '瑶海区', 'Yaohai', 'yhq'], [340103, '庐阳区', 'Luyang', 'lyq'],
    [340104, '蜀山区', 'Shushan', 'ssq'], [340111, '包河区', 'Baohe', 'bhq']]
    .map(([district, name_zh, name_en, initials]) => ({ district, name_zh, name_en, initials }));

const role = { taker: 2, department: 4, supervisor: 8, auditor: 16, operator: 32 };
const users = [
    [1001, '张敏', 'Zhang Min', role.taker, 0], [1002, '李强', 'Li Qiang', role.taker, 0],
    [1003, '周婷', 'Zhou Ting', role.taker, 0], [1004, '吴磊', 'Wu Lei', role.taker, 0],
    [2001, '王强', 'Wang Qiang', role.department, 2], [2002, '冯签', 'Feng Qian', role.department | 512, 4], [2005, '马办', 'Ma Ban', role.department, 4], [2003, '赵医', 'Zhao Yi', role.department, 3],
    [2004, '孙城', 'Sun Cheng', role.department, 4], [3001, '陈班', 'Chen Ban', role.supervisor, 0],
    [5001, '丁主任', 'Ding', 128, 0], [6001, '苏裁', 'Su Cai', 256, 0],
    [3002, '林双', 'Lin Shuang', role.supervisor | role.taker, 0], [4001, '何审', 'He Shen', role.auditor, 0],
].map(([user, name_zh, name_en, roles, department]) =>
    ({ user, login: String(user), name_zh, name_en, roles, department }));

const tasks_open = ['sent', 'signed', 'rolling', 'arrived', 'contacted', 'return_asked'];
const incidents_open = ['registered', 'dispatched', 'handling', 'replied', 'told', 'revisit', 'redo', 'dispute'];
const steps = { roll: 'rolling', arrive: 'arrived', contact: 'contacted' };

export class City {
    constructor() {
        Object.assign(this, { lines, departments, categories, districts, users: structuredClone(users) }); /* a story may rename somebody */
        this.epoch = String(Date.now());
        this.seq = 0;
        this.events = [];
        this.contacts = [];
        this.takers = [];
        this.incidents = [];
        this.tasks = [];
        this.signets = [];
        this.acknowledged = []; // what came signed
        this.enrolments = [];
        this.party = ''; // for which security keys are made
        this.callbacks = [];
        this.texts = [];
        this.recordings = [];
        this.glasses = [];
        this.grants = [{ grant: '5', user: 1002, until_ms: String(Date.now() + 3600000), purpose: 'safety', given_by: 3001, given_ms: String(Date.now()) }];
        this.retention = [{ rule: 1, thing: 'contact', days: 730, basis: '个人信息保护法第十九条' }, { rule: 6, thing: 'case', line: 110, days: 3650, basis: '刑事追诉时效' }];
        this.erasures = [{ erasure: '7', state: 'asked', basis: 'request', words: '来信 2026-03', asked_by: 2001, asked_ms: Date.now() }];
        this.people = new Map();
        this.outcomes = new Map();
        furnish(this);
        this.notices = [];
        this.next = 1;
        this.on_change = () => {};
    }

    id() {
        return String(this.next++);
    }

    say(kind, body, about = {}, actor = { actor_kind: 'system', actor: 0 }) {
        const seq = ++this.seq;
        const event = { seq: String(seq), at_ms: String(Date.now()), ...actor, ...about, [kind]: body };
        const words = [kind, ...Object.entries({ ...about, ...body }).filter(([, v]) => v && typeof v !== 'object')
            .map(([k, v]) => `${k}=${v}`)].join(' ');
        const at_ms = Number(event.at_ms);
        const record = Buffer.from(JSON.stringify(event));
        this.events.push({ seq, at_ms, event, line: words, sealed: about.has_personal === true, record: record.toString('hex'),
            link: next_link(this.events.at(-1)?.link ?? first_link, seq, at_ms, record) });
        this.on_change();
        return seq;
    }

    may_see(user, row) {
        if (user.roles & (role.supervisor | role.auditor | role.taker | 64 | 128 | 256)) return true;
        const { incident } = row.event;
        return !incident || this.tasks.some((one) => one.incident === incident && one.department === user.department);
    }

    arrive({ line, number = '13800138000', text = '', channel }) {
        const row = lines.find((one) => one.line === line);
        if (channel === 'sms' && this.joins(line, number, text)) return;
        const contact = this.id();
        this.contacts.push({ contact, line, channel, band: row.band, state: 'waiting', arrived_ms: String(Date.now()),
            due_ms: String(Date.now() + Number(row.answer_target_ms)), caller: String(1000 + Number(number.slice(-4))),
            call: this.id(), gateway: channel === 'sms' ? 3 : 1 });
        this.people.set(contact, { number, text });
        this.say('contact_arrived', { gateway: 1, channel, band: row.band, trunk: 'a', called: String(line) },
            { contact, line, has_personal: true }, { actor_kind: 'gateway', actor: 1 });
        if (channel === 'sms') this.note_words(contact, { received: true, state: 'delivered' }, text);
        this.distribute();
    }

    distribute() {
        for (const contact of this.contacts.filter((one) => one.state === 'waiting' && (one.parked_ms ?? '0') === '0')) {
            const taker = this.takers.find((one) => one.state === 'ready');
            if (!taker) return;
            this.offer(contact, taker);
        }
    }

    offer(contact, taker) {
        const offer = this.id();
        Object.assign(contact, { state: 'offered', taker: taker.taker, offer, ringing: true, offer_until_ms: String(Date.now() + 20000) });
        this.move_taker(taker, 'offered', { contact: contact.contact, offer });
        this.say('offer_made', { call: contact.call }, { contact: contact.contact, offer, taker: taker.taker, line: contact.line });
    }

    move_taker(taker, state, more = {}) {
        Object.assign(taker, { state, since_ms: String(Date.now()), reason: 'none', contact: '0', offer: '0', until_ms: '0' }, more);
    }

    tick() {
        for (const taker of this.takers)
            if (taker.state === 'wrap_up' && Number(taker.until_ms) < Date.now()) {
                this.move_taker(taker, 'ready');
                this.say('wrap_up_ended', {}, { taker: taker.taker });
                this.distribute();
            }
    }

    make_late() {
        for (const task of this.tasks.filter((one) => tasks_open.includes(one.state)))
            Object.assign(task, { due_ms: String(Date.now() - 12 * MINUTE), overdue: true });
        for (const incident of this.incidents.filter((one) => incidents_open.includes(one.state)))
            Object.assign(incident, { due_ms: String(Date.now() - 12 * MINUTE), overdue: true });
        this.say('clock_overdue', { clock: 'sign' }, { incident: this.incidents[0]?.incident ?? '0' });
    }

    command(user, { key, personal, ...rest }) {
        const known = this.outcomes.get(key);
        if (known) return known;
        const [kind, body] = Object.entries(rest)[0];
        const act = this[`do_${kind}`];
        if (body?.acknowledgement) this.acknowledged.push({ user: user.user, kind, body, personal });
        const outcome = act ? act.call(this, user, body ?? {}, personal ?? {}) : { refusal: 'unknown_kind' };
        const full = { ok: !outcome.refusal, ...outcome };
        this.outcomes.set(key, full);
        return full;
    }

    by(user) {
        return { actor_kind: 'user', actor: user.user };
    }

    do_taker_sign_on(user) {
        if (this.takers.some((one) => one.taker === user.user && one.state !== 'signed_off')) return { refusal: 'already' };
        this.takers = this.takers.filter((one) => one.taker !== user.user);
        this.takers.push({ taker: user.user, served: 0 });
        this.move_taker(this.takers.at(-1), 'away', { reason: 'signed_on' });
        this.say('taker_signed_on', {}, { taker: user.user }, this.by(user));
        return {};
    }
    do_taker_sign_off(user, { taker: other }) {
        const taker = this.takers.find((one) => one.taker === (other || user.user));
        if (taker) this.move_taker(taker, 'signed_off');
        this.say('taker_signed_off', {}, { taker: other || user.user }, this.by(user));
        return {};
    }
    do_taker_ready(user, { taker: other }) {
        const taker = this.takers.find((one) => one.taker === (other || user.user));
        if (!taker) return { refusal: 'no_such_user' };
        this.move_taker(taker, 'ready');
        this.say('taker_became_ready', {}, { taker: taker.taker }, this.by(user));
        this.distribute();
        return {};
    }
    do_taker_away(user, { taker: other, reason }) {
        const taker = this.takers.find((one) => one.taker === (other || user.user));
        if (!taker) return { refusal: 'no_such_user' };
        this.move_taker(taker, 'away', { reason });
        this.say('taker_went_away', { reason }, { taker: taker.taker }, this.by(user));
        return {};
    }
    do_offer_accept(user, { offer }) {
        if (this.transfers?.[offer]) return this.take_transfer(user, offer);
        const contact = this.contacts.find((one) => one.offer === offer && one.state === 'offered');
        if (!contact) return { refusal: 'no_such_offer' };
        Object.assign(contact, { state: 'connected', connected_ms: String(Date.now()), offer: '0', ringing: false, parked_by: 0 });
        this.move_taker(this.takers.find((one) => one.taker === user.user), 'talking', { contact: contact.contact });
        this.say('contact_connected', { waited_ms: String(Date.now() - Number(contact.arrived_ms)) },
            { contact: contact.contact, taker: user.user, line: contact.line }, this.by(user));
        return {};
    }
    do_offer_decline(user, { offer }) {
        const contact = this.contacts.find((one) => one.offer === offer);
        if (!contact) return { refusal: 'no_such_offer' };
        Object.assign(contact, { state: 'waiting', offer: '0', taker: 0, ringing: false });
        this.move_taker(this.takers.find((one) => one.taker === user.user), 'away', { reason: 'unanswered' });
        this.say('offer_ended', { cause: 'declined' }, { contact: contact.contact, taker: user.user }, this.by(user));
        return {};
    }
    do_contact_finish(user, { contact: id }) {
        const contact = this.contacts.find((one) => one.contact === id);
        if (contact?.state !== 'connected') return { refusal: 'wrong_state' };
        Object.assign(contact, { state: 'ended', ended_ms: String(Date.now()), cause: 'taker' });
        const taker = this.takers.find((one) => one.taker === user.user);
        this.move_taker(taker, 'wrap_up', { until_ms: String(Date.now() + 45000), served: taker.served + 1, last_contact: id });
        this.say('contact_ended', { cause: 'taker', from: 'connected' }, { contact: id, taker: user.user }, this.by(user));
        if (contact.channel === 'voice') {
            const duration_ms = String(Date.now() - Number(contact.connected_ms));
            this.recordings.push({ contact: id, gateway: 1, file: `2026/11/21/${id}.wav`, digest: blake2b(silence()), size: '16044', duration_ms });
            this.say('recording_stored', { file: `2026/11/21/${id}.wav`, duration_ms }, { contact: id, incident: contact.incident });
        }
        return {};
    }
    do_contact_reline(user, { contact: id, line }) {
        const contact = this.contacts.find((one) => one.contact === id);
        const from = contact.line;
        contact.line = line;
        this.say('contact_relined', { from, to: line }, { contact: id, line }, this.by(user));
        return {};
    }
    do_wrap_up_finish(user) {
        const taker = this.takers.find((one) => one.taker === user.user);
        if (taker?.state !== 'wrap_up') return { refusal: 'wrong_state' };
        const last = this.contact_of(taker.last_contact);
        if (last && !last.disposition && lines.find((one) => one.line === last.line).disposition_required) return { refusal: 'disposition_missing' };
        this.move_taker(taker, 'ready');
        this.say('wrap_up_ended', {}, { taker: user.user }, this.by(user));
        this.distribute();
        return {};
    }
    do_callback_finish(user, { callback, end }) {
        this.callbacks = this.callbacks.filter((one) => one.callback !== callback);
        this.say('callback_ended', { callback, end }, {}, this.by(user));
        return {};
    }
    do_incident_register(user, body, personal) {
        const category = categories.find((one) => one.category === body.category);
        if (!category) return { refusal: 'no_such_category' };
        const contact = this.contacts.find((one) => one.contact === body.contact);
        const incident = this.id();
        const day = new Date(Date.now() + AHEAD_MS).toISOString().slice(0, 10).replaceAll('-', '');
        const number = day + String(this.incidents.length + 1).padStart(6, '0');
        const line = contact?.line ?? body.line;
        this.incidents.unshift({ incident, number, line, category: body.category, priority: body.priority ?? category.priority,
            sla: category.sla, state: 'registered', district: body.district, east_cell: body.east_cell, north_cell: body.north_cell, secrecy: body.secrecy, round: 1,
            registered_ms: String(Date.now()), moved_ms: String(Date.now()), due_ms: String(Date.now() + 2 * MINUTE),
            clock: 'dispatch', taker: user.user, contacts: contact ? 1 : 0, caller: contact?.caller ?? '0',
            emergency: line !== 12345, started_ms: contact?.arrived_ms ?? '0' });
        this.people.set(incident, personal);
        if (contact) contact.incident = incident;
        for (const row of this.events)
            if (contact && row.event.contact === contact.contact) row.event.incident ??= incident;
        this.say('incident_registered', { number, category: body.category, priority: category.priority },
            { incident, contact: body.contact ?? '0', line, has_personal: true }, this.by(user));
        return { incident, number };
    }
    do_incident_attach(user, { incident, contact }) {
        const row = this.incidents.find((one) => one.incident === incident);
        row.contacts++;
        this.say('contact_attached', {}, { incident, contact }, this.by(user));
        return { incident };
    }
    open_task(user, incident, department, kind) {
        const task = this.id();
        const due_ms = String(Date.now() + (kind === 'lead' ? 60000 : 30 * MINUTE));
        this.tasks.unshift({ task, incident: incident.incident, department, kind, state: 'sent', sent_ms: String(Date.now()),
            moved_ms: String(Date.now()), due_ms, clock: 'sign', returnable: true, round: incident.round,
            number: incident.number, category: incident.category, priority: incident.priority, district: incident.district, version: String(this.seq + 1) });
        this.say('task_opened', { kind, sign_due_ms: due_ms, round: 1 }, { incident: incident.incident, task, department }, this.by(user));
    }
    move_incident(user, incident, step, to, more = {}) {
        const from = incident.state;
        Object.assign(incident, { state: to, moved_ms: String(Date.now()), overdue: false, ...more });
        this.say('incident_moved', { step, from, to, round: 1 }, { incident: incident.incident, line: incident.line }, this.by(user));
    }
    do_incident_dispatch(user, { incident: id, lead, assists = [] }) {
        const incident = this.incidents.find((one) => one.incident === id);
        if (!incident) return { refusal: 'no_such_incident' };
        if (incident.state !== 'registered' && incident.state !== 'redo') return { refusal: 'wrong_state' };
        this.move_incident(user, incident, 'dispatch', 'dispatched', { lead, clock: 'sign', due_ms: String(Date.now() + 60000) });
        this.open_task(user, incident, lead, 'lead');
        for (const department of assists) this.open_task(user, incident, department, 'assist');
        if (incident.emergency) this.draw_up(null, incident, { cause: 'dispatch', alerts: true, level: 1 });
        return {};
    }
    do_incident_answer_directly(user, { incident }) {
        this.move_incident(user, this.incidents.find((one) => one.incident === incident), 'answer_directly', 'direct', { due_ms: '0' });
        return {};
    }
    do_incident_void(user, { incident }) {
        this.move_incident(user, this.incidents.find((one) => one.incident === incident), 'void', 'void', { due_ms: '0' });
        return {};
    }
    do_incident_tell(user, { incident: id, means }) {
        const incident = this.incidents.find((one) => one.incident === id);
        this.move_incident(user, incident, 'tell', 'told', { told: means, clock: 'survey', due_ms: String(Date.now() + 72 * 60 * MINUTE) });
        this.say('citizen_told', { means }, { incident: id }, this.by(user));
        return {};
    }
    do_revisit_finish(user, { incident: id, reached, contacted, solved, satisfied }) {
        const incident = this.incidents.find((one) => one.incident === id);
        if (!reached) return {};
        this.say('survey_answered', { contacted, solved, satisfied, channel: 'voice' }, { incident: id }, this.by(user));
        this.move_incident(user, incident, 'satisfied', 'closed', { revisit: false, due_ms: '0', clock: 'none' });
        return {};
    }
    step_task(user, id, step, to, more = {}) {
        const task = this.tasks.find((one) => one.task === id);
        if (!task) return { refusal: 'no_such_task' };
        const from = task.state;
        Object.assign(task, { state: to, moved_ms: String(Date.now()), version: String(this.seq + 1), overdue: false, ...more });
        this.say('task_moved', { step, from, to, kind: task.kind, reason: more.reason, solved: more.solved },
            { incident: task.incident, task: id, department: task.department, has_personal: step === 'reply' }, this.by(user));
        return {};
    }
    do_task_sign(user, { task: id }) {
        const task = this.tasks.find((one) => one.task === id);
        if (task?.state !== 'sent') return { refusal: 'wrong_state' };
        this.step_task(user, id, 'sign', 'signed', { clock: 'reply', due_ms: String(Date.now() + 30 * MINUTE) });
        if (task.kind === 'lead') this.move_incident(user, this.incidents.find((one) => one.incident === task.incident), 'sign', 'handling',
            { clock: 'reply', due_ms: task.due_ms });
        return {};
    }
    do_signet_enrol(user, { key, label, algorithm, ordinate = '', credential = '', ...proof }) {
        const signet = String(++this.seq);
        this.enrolments.push({ user: user.user, algorithm, key, ordinate, credential, ...proof });
        this.signets.push({ signet, user: user.user, state: 'valid', algorithm, key, ordinate, credential, label, enrolled_ms: String(Date.now()) });
        return {};
    }
    do_signet_revoke(user, { signet, reason }) {
        Object.assign(this.signets.find((one) => one.signet === signet), { state: 'revoked', reason });
        return {};
    }
    do_task_progress(user, { task, step }) {
        return this.step_task(user, task, step, steps[step]);
    }
    do_task_send_back(user, { task, reason }) {
        return this.step_task(user, task, 'send_back', 'return_asked', { reason, clock: 'rule_return' });
    }
    do_task_rule_return(user, { task: id, accept }) {
        const task = this.tasks.find((one) => one.task === id);
        this.step_task(user, id, accept ? 'return_accept' : 'return_refuse', accept ? 'returned' : 'sent', { returnable: false });
        if (accept && task.kind === 'lead') this.move_incident(user, this.incidents.find((one) => one.incident === task.incident), 'return', 'registered', { lead: 0 });
        return {};
    }
    do_task_reply(user, { task: id, solved }, personal) {
        const task = this.tasks.find((one) => one.task === id);
        this.step_task(user, id, 'reply', 'replied', { solved, due_ms: '0' });
        const incident = this.incidents.find((one) => one.incident === task.incident);
        this.people.set(incident.incident, { ...this.people.get(incident.incident), reply: personal.text });
        const open = this.tasks.some((one) => one.incident === task.incident && tasks_open.includes(one.state));
        if (!open) this.move_incident(user, incident, 'reply', 'replied', { clock: 'tell', solved });
        return {};
    }
    do_task_reject_reply(user, { task: id }) {
        const { incident: of } = this.tasks.find((one) => one.task === id);
        const incident = this.incidents.find((one) => one.incident === of);
        if (incident.state === 'replied') this.move_incident(user, incident, 'reject_reply', 'handling', { clock: 'reply' });
        return this.step_task(user, id, 'reject_reply', 'signed');
    }
    do_incident_reopen(user, { incident: id }) {
        const incident = this.incidents.find((one) => one.incident === id);
        if (!['closed', 'direct', 'void'].includes(incident.state)) return { refusal: 'wrong_state' };
        this.move_incident(user, incident, 'reopen', incident.state === 'closed' ? 'redo' : 'registered', { round: incident.round + 1 });
        return {};
    }
    do_survey_answer(user, { incident: id, ...answers }) {
        const incident = this.incidents.find((one) => one.incident === id);
        if (incident.state !== 'told') return { refusal: 'wrong_state' };
        this.say('survey_answered', { ...answers, channel: 'voice' }, { incident: id }, this.by(user));
        this.move_incident(user, incident, 'satisfied', 'closed', { due_ms: '0', clock: 'none' });
        return {};
    }
    do_incident_note(user, { incident }) {
        this.say('incident_noted', {}, { incident, has_personal: true }, this.by(user));
        return {};
    }
    figures({ scope }) {
        const formulas = [{ id: 'C1', zh: '人工接通率', en: 'answered by a person', unit: 'share', formula: '(answered) / (offered)' },
            { id: 'C5', zh: '平均等待', en: 'mean wait of the answered', unit: 'mean_ms', formula: '(wait_ms) / (answered)' },
            { id: 'C5q', zh: '等待分位', en: 'wait of the answered, p50 p90 p99', unit: 'quantiles_ms', formula: 'p50 p90 p99 of wait_to_5s … wait_longer' }];
        const figures = scope === 'line' ? [{ id: 'C1', over: 9, under: 10, low: 596, high: 982 }, { id: 'C5', over: 72000, under: 9 },
            { id: 'C5q', p50_ms: 10000, p90_ms: 15000, p99_ms: null }] : [];
        return { version: 3, formulas, rows: [{ scope, number: 110, figures }] };
    }
    do_attachment_store(user, { task, kind, size }) {
        const row = this.tasks.find((one) => one.task === task);
        this.say('attachment_stored', { kind, size: String(size), server: 'console', file: 'x' }, { incident: row.incident, task, department: row.department, has_personal: true }, this.by(user));
        return {};
    }
    do_export_begin(user, { kind, incident, rows }) {
        this.say('export_begun', { kind, rows }, incident ? { incident } : {}, this.by(user));
        return {};
    }
    do_words_search(user, { reason, line, department }, { text }) {
        const found = this.incidents.filter((one) => this.people.get(one.incident)?.text?.includes(text) &&
            (!line || one.line === line) && (!department || one.lead === department)).map((one) => one.incident);
        this.say('words_searched', { reason, line, department, words: '4711' }, {}, this.by(user));
        return { found };
    }
    do_personal_read(user, { subject, reason, seq, fields = 0, purpose }, { number }) {
        if (!subject && number) {
            const caller = String(1000 + Number(number.slice(-4)));
            this.say('personal_was_read', { reason, caller, fields: fields_of(['number']) }, {}, this.by(user));
            return { caller };
        }
        const personal = this.spoken.get(seq) ?? this.people.get(subject);
        if (!personal) return { refusal: 'no_such_contact' };
        const incident = this.incidents.some((one) => one.incident === subject) ? subject : this.contacts.find((one) => one.contact === subject)?.incident;
        const open = ['answering', 'callback', 'handover'].includes(reason);
        const given = fields || fields_of(open ? ['number', 'name', 'address', 'text', 'position'] : ['address', 'text']);
        const masked = fields || open ? 0 : fields_of(reason === 'handling' ? ['number'] : ['number', 'name']);
        if (fields && !open && !purpose) return { refusal: 'reason_missing' };
        this.say('personal_was_read', { subject, reason, seq, fields: given, masked, purpose },
            incident ? { incident } : { contact: subject }, this.by(user));
        return { personal: identity_show(personal, given, masked), masked };
    }

    status() {
        const waiting = this.contacts.filter((one) => ['waiting', 'offered'].includes(one.state));
        const takers = (state) => this.takers.filter((one) => one.state === state).length;
        const open = this.incidents.filter((one) => incidents_open.includes(one.state));
        return { epoch: this.epoch, started_ms: this.epoch, now_ms: String(Date.now()), waiting: waiting.length,
            talking: takers('talking'), ready: takers('ready'), signed_on: this.takers.filter((one) => one.state !== 'signed_off').length,
            open_incidents: open.length, overdue: open.filter((one) => one.overdue).length, callbacks: this.callbacks.length,
            city_zh: '江州市', city_en: 'Jiangzhou', utc_offset_min: 480, south: '30.0000', west: '115.0000',
            lines: lines.map(({ line }) => {
                const own = this.contacts.filter((one) => one.line === line);
                const queued = own.filter((one) => ['waiting', 'offered'].includes(one.state));
                return { line, waiting: queued.length, oldest_ms: queued[0]?.arrived_ms ?? '0', arrived: own.length,
                    answered: own.filter((one) => one.connected_ms).length, abandoned: own.filter((one) => one.state === 'abandoned').length,
                    answered_in_time: own.filter((one) => one.connected_ms && Number(one.connected_ms) <= Number(one.due_ms)).length };
            }),
            gateways: [[1, 'trunk-1', 'trunk'], [2, 'trunk-2', 'trunk'], [3, 'sms-1', 'sms'], [4, 'sms-2', 'sms']]
                .map(([gateway, name, kind]) => ({ gateway, name, kind, up: gateway !== 4, since_ms: this.epoch })) };
    }

    trail(incident, after) {
        const contacts = new Set(this.contacts.filter((one) => one.incident === incident).map((one) => one.contact));
        return this.events.filter((row) => (row.event.incident === incident || contacts.has(row.event.contact)) && row.seq > after);
    }

    query(user, { ...query }) {
        const [kind, q] = Object.entries(query)[0];
        const all = (rows) => ({ seq: String(this.seq), [kind]: { rows } });
        switch (kind) {
        case 'status': return { seq: String(this.seq), status: this.status() };
        case 'contacts': return all(this.contacts.filter((one) => q.contact ? one.contact === q.contact : q.disposition ? one.disposition === q.disposition && (!q.line || one.line === q.line) && (!q.taker || one.taker === q.taker) : q.ended ? one.ended_ms : !one.ended_ms && one.state !== 'abandoned'));
        case 'takers': return all(this.takers);
        case 'incidents': return all(this.incidents.filter((one) => (!q.open || incidents_open.includes(one.state))
            && (!q.line || one.line === q.line) && (!q.state || one.state === q.state) && (!q.caller || one.caller === q.caller)
            && (!q.east_cell || (one.east_cell === q.east_cell && one.north_cell === q.north_cell))
            && (!q.category || one.category === q.category) && (!q.district || one.district === q.district) && (!q.taker || one.taker === q.taker)
            && (!q.from_day || Number(one.number.slice(0, 8)) >= q.from_day) && (!q.until_day || Number(one.number.slice(0, 8)) <= q.until_day)
            && (!q.day || one.number.startsWith(String(q.day))) && (!q.department || one.lead === q.department)));
        case 'incident': {
            const row = this.incidents.find((one) => one.incident === q.incident || one.number === q.number);
            return row ? { seq: String(this.seq), incident_detail: { row,
                tasks: this.tasks.filter((one) => one.incident === row.incident),
                contacts: this.contacts.filter((one) => one.incident === row.incident).map((one) => one.contact) } }
                : { refusal: 'no_such_incident' };
        }
        case 'tasks': return all(this.tasks.filter((one) => (!q.department || one.department === q.department)
            && (!q.open || tasks_open.includes(one.state))));
        case 'signets': return { signets: { city: 'c1'.repeat(32), now_ms: String(Date.now()), party: this.party, rows: this.signets.filter((one) => one.user === user.user) } };
        case 'callbacks': return all(this.callbacks);
        case 'texts': return all(q.contact ? this.messages.filter((one) => one.contact === q.contact) : this.texts.filter((one) => one.incident === q.incident));
        case 'erasures': return all(this.erasures);
    case 'recordings': return all(this.recordings.filter((one) => one.contact === q.contact));
        case 'events': return all(this.events.filter((row) => row.seq > Number(q.after ?? 0)
            && (!q.incident || row.event.incident === q.incident) && (!q.contact || row.event.contact === q.contact)).slice(0, 16));
        case 'city': return { seq: String(this.seq), [q.table === 'retention' ? 'retention_rules' : q.table]: { rows: this[q.table] ?? [], ...(heard.includes(q.table) ? { sounds: this[q.table].map((row) => read[row.name_zh] ?? '') } : {}) } };
        default: return this[`ask_${kind}`] ? { seq: String(this.seq), ...this[`ask_${kind}`](q, user) } : { refusal: 'unknown_kind' };
        }
    }
}
Object.assign(City.prototype, desk, noticing);
