// SPDX-License-Identifier: GPL-3.0-or-later
//
// A day of Linjiang in two minutes, over the real protocols: SIPp calls as citizens and answers as
// seats' phones, a message centre carries texts, takers and departments work through the console's API
// (docs/console-api.md), the auditor exports and verifies. Everything it tells has happened.
//     node ops/demo/day.mjs HOME
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Centre } from '../../tests/e2e/lib/centre.mjs';
import { Person } from '../../tests/e2e/lib/console.mjs';
import { Home, pause, until } from '../../tests/e2e/lib/home.mjs';
import { ports, Sipp } from '../../tests/e2e/lib/sipp.mjs';

const home = new Home(path.resolve(process.argv[2]));
const begun = Date.now();
const running = [];

function tell(zh, en) {
  const seconds = ((Date.now() - begun) / 1000).toFixed(1).padStart(6);
  console.log(`[${seconds} s] ${zh}\n           ${en}`);
}

/* ---- the people ------------------------------------------------------------------------------ */

const takers = [];
for (let seat = 1001; seat <= 1008; seat++) takers.push(await Person.signIn(home, String(seat)));
const supervisor = await Person.signIn(home, '2001');
const auditor = await Person.signIn(home, '3001');
const departments = Object.fromEntries((await supervisor.asksAll('city', { table: 'departments' })).map((row) => [row.code, row.department]));
const desks = {};
const desk = async (code) => (desks[code] ??= await Person.signIn(home, code.toLowerCase()));

/* ---- the outside ----------------------------------------------------------------------------- */

const centrePort = Number(home.setting('sms-1', 'centre_port'));
const centre = new Centre(centrePort, centrePort + 1);
running.push(() => centre.stop());
const phone = new Sipp('seat_phone.xml', ['-p', '15080', '-d', '600', '-aa']);
running.push(() => phone.stop());

let nextCitizen = 0;

/** A citizen calls a line; the call lasts `talk` ms after it was answered. Returns the number and SIPp. */
function call(line, talk, { number, gateway } = {}) {
  nextCitizen += 1;
  number ??= `138${String((Math.floor(begun / 1000) * 97 + nextCitizen) % 1e8).padStart(8, '0')}`;
  const trunk = gateway ?? (nextCitizen % 2 ? 'trunk-1' : 'trunk-2');
  const sipp = new Sipp('citizen_counted.xml', ['-s', String(line), `127.0.0.1:${home.sipPort(trunk)}`, '-m', '1',
    '-d', String(talk), '-inf', 'numbers.csv', '-timeout', '100', ...ports()],
  (folder) => writeNumbers(folder, number));
  return { number, sipp, line };
}

function writeNumbers(folder, number) {
  writeFileSync(path.join(folder, 'numbers.csv'), `SEQUENTIAL\n${number}\n`);
}

/** Whoever is in wrap-up is done with the record soon. */
const wrapUps = setInterval(async () => {
  for (const row of await supervisor.asks('takers').catch(() => []))
    if (row.state === 'wrap_up')
      await takers.find((person) => person.user.user === row.taker)?.tries('wrap_up_finish');
}, 1000);
running.push(() => clearInterval(wrapUps));

/** The contact of a taker that is connected now; its taker reads the caller's number. */
async function connectedTo(number, seconds = 20) {
  return until(`a taker is connected to ${number}`, async () => {
    for (const row of await supervisor.asks('contacts')) {
      if (row.state !== 'connected' || known.has(row.contact)) continue;
      const taker = takers.find((person) => person.user.user === row.taker);
      if (!taker) continue;
      const { personal } = await taker.does('personal_read', { subject: row.contact, reason: 'answering' });
      if (personal.number !== number) continue;
      known.add(row.contact);
      return { contact: row.contact, taker };
    }
    return null;
  }, seconds);
}
const known = new Set();

async function stateOf(incident, ...wanted) {
  return until(`incident ${incident} is ${wanted}`, async () => {
    const detail = await supervisor.asks('incident', { incident });
    return wanted.includes(detail.row.state) && detail;
  }, 30);
}

async function taskOf(incident, code) {
  return until(`${code} has its task`, async () =>
    (await (await desk(code)).asks('tasks', { department: departments[code], open: true }))
      .filter((task) => task.incident === incident).at(-1), 15);
}

async function begin(incident, code, { steps = true } = {}) {
  const own = await desk(code);
  const { task } = await taskOf(incident, code);
  await own.does('task_sign', { task });
  if (!steps) return;
  await own.does('task_progress', { task, step: 'roll' });
  await own.does('task_progress', { task, step: 'arrive' });
}

/* Run cards call departments that the day's script does not name; the lead waits for all of them. */
async function othersFinish(incident) {
  const { tasks } = await supervisor.asks('incident', { incident });
  for (const { kind, state, department } of tasks)
    if (kind === 'assist' && !['replied', 'returned', 'recalled'].includes(state))
      await work(incident, Object.keys(departments).find((code) => departments[code] === department), '已到场配合处置');
}

async function reply(incident, code, words) {
  const { task, kind } = await taskOf(incident, code);
  if (kind === 'lead') await othersFinish(incident);
  const own = await desk(code);
  const refusal = await own.tries('task_reply', { task, solved: 'yes' }, { text: words });
  if (refusal === 'none') return;
  if (refusal !== 'late_reason_missing') throw new Error(`${own.login} task_reply: ${refusal}`);
  await own.does('demand_answer', { task, reason: 'other_call' }, { text: '车组正在处置另一警情' });
  tell(`${code} 签收或到场超时，先说明原因再反馈`, `${code} was late: it says why before it replies`);
  await own.does('task_reply', { task, solved: 'yes' }, { text: words });
}

async function work(incident, code, words, options) {
  await begin(incident, code, options);
  await reply(incident, code, words);
}

/* ---- the day ----------------------------------------------------------------------------------- */

async function morning() {
  tell('早班：八位话务员签入并就绪', 'Morning shift: eight call takers sign on and are ready');
  for (const taker of takers) {
    for (const step of ['taker_sign_on', 'taker_ready']) {
      const refusal = await taker.tries(step); // on a second day the seat may be on duty still
      if (!['none', 'already'].includes(refusal)) throw new Error(`${taker.login} ${step}: ${refusal}`);
    }
  }
}

async function fire() {
  tell('119：三楼厨房起火，四位市民先后来电', '119: a kitchen burns on the third floor; four citizens call');
  const calls = [call(119, 9000), call(119, 7000), call(119, 7000), call(110, 7000)];
  const first = await connectedTo(calls[0].number);
  const { incident, number } = await first.taker.does('incident_register',
    { contact: first.contact, category: 150100, district: 320901 },
    { number: calls[0].number, name: '王先生', address: '望江区人民路88号3栋', text: '三楼厨房着火，有老人' });
  await first.taker.does('incident_dispatch', { incident, lead: departments.XJ, assists: [departments.GA, departments.JZ] });
  tell(`受理 ${number}，派消防主办，公安、急救协办`, `Registered as ${number}; fire brigade leads, police and ambulance assist`);
  for (const other of calls.slice(1)) {
    const found = await connectedTo(other.number);
    await found.taker.does('incident_attach', { incident, contact: found.contact });
  }
  tell('其余三个来电并入同一警情', 'The other three calls are attached to the same incident');
  await begin(incident, 'XJ');
  await work(incident, 'GA', '现场秩序已恢复');
  tell('急救中心迟迟未签收……', 'The ambulance centre has not signed …');
  return { incident, number, citizen: calls[0].number };
}

async function everyLine() {
  tell('120、122、12345 与并入的水务、燃气号线同时来电', 'Calls on 120, 122, 12345 and the merged water and gas lines');
  const matters = [
    [120, 170200, 'JZ', '胸痛，出冷汗', '已送医，病情稳定'],
    [122, 140200, 'JJ', '两车追尾，无人受伤', '已快速处理，道路恢复'],
    [12345, 220200, 'HW', '小区垃圾两天未清运', '已清运并增加班次'],
    [96001, 240200, 'SG', '路面冒水，疑似爆管', '已关阀抢修，恢复供水'],
    [96002, 160100, 'XJ', '楼道有燃气味', '已排查，接口渗漏已更换'],
  ];
  const calls = matters.map(([line]) => call(line, 8000));
  const incidents = [];
  for (const [i, [, category, code, words, result]] of matters.entries()) {
    const { contact, taker } = await connectedTo(calls[i].number);
    const { incident } = await taker.does('incident_register', { contact, category, district: 320902 },
      { number: calls[i].number, text: words });
    await taker.does('incident_dispatch', { incident, lead: departments[code] });
    incidents.push({ incident, code, result, citizen: calls[i].number });
  }
  for (const { incident, code, result } of incidents) await work(incident, code, result, { steps: false });
  tell(`五件均已派单、签收、反馈`, 'All five were dispatched, signed for and replied to');
  return incidents;
}

async function textMessage() {
  const number = '13900012110';
  await centre.bound(2); // a gateway that found no centre before tries again within a minute
  tell('12110：一位不便说话的市民发来短信', '12110: a citizen who cannot speak sends a text');
  // The centre of an earlier day went away with its answers unheard; the same words from the same number
  // would rightly count as sent again. People write the hour.
  const hour = new Date().toTimeString().slice(0, 8);
  await centre.deliver(number, '12110', `有人跟踪我，在南湖公园东门，不方便打电话 ${hour}`);
  const row = await until('the text is offered', async () =>
    (await supervisor.asks('contacts')).find((contact) => contact.channel === 'sms' && contact.state === 'offered'), 15);
  const taker = takers.find((person) => person.user.user === row.taker);
  await taker.does('offer_accept', { offer: row.offer });
  known.add(row.contact);
  const { incident, number: order } = await taker.does('incident_register',
    { contact: row.contact, category: 120300, district: 320902, text_unsafe: false },
    { number, address: '南湖公园东门', text: '女性被跟踪，不便通话' });
  await taker.does('incident_dispatch', { incident, lead: departments.GA });
  await taker.does('contact_finish', { contact: row.contact });
  await work(incident, 'GA', '民警到场，当事人安全');
  tell(`短信警情 ${order}：民警已到场`, `Text incident ${order}: officers are with her`);
}

async function givenUp() {
  const number = '13800001111'; // the scenario's own
  const before = new Set((await supervisor.asks('callbacks')).map((row) => row.callback));
  const quick = new Sipp('citizen_cancel.xml', ['-s', '120', `127.0.0.1:${home.sipPort('trunk-2')}`, '-m', '1', '-d', '250',
    '-timeout', '30', ...ports()]);
  await quick.ended;
  const { callback } = await until('a callback is open', async () =>
    (await supervisor.asks('callbacks')).find((row) => !before.has(row.callback)), 15);
  tell('120：一位来电人在接通前挂断，系统立即生成回拨任务', '120: a caller hangs up before the answer; a callback is opened at once');
  const again = call(120, 3000, { number });
  await connectedTo(again.number);
  await until('the callback is gone', async () =>
    !(await supervisor.asks('callbacks')).some((row) => row.callback === callback), 15);
  tell('他再次拨入并接通，回拨任务自动清除', 'He calls again and is connected; the callback clears itself');
}

async function wrongLine() {
  tell('110：路灯不亮，一键转为 12345 事项', '110: a street light is out; the call is moved to 12345 with one key');
  const light = call(110, 8000);
  const { contact, taker } = await connectedTo(light.number);
  await taker.does('contact_reline', { contact, line: 12345 });
  const { incident, number } = await taker.does('incident_register', { contact, category: 230300, district: 320905 },
    { number: light.number, name: '李女士', address: '东浦区滨河路12号', text: '路灯三天不亮' });
  await taker.does('incident_dispatch', { incident, lead: departments.ZM });
  const zm = await desk('ZM');
  const { task } = await taskOf(incident, 'ZM');
  await zm.does('task_send_back', { task, reason: 'ownership' }, { text: '该路段路灯未移交' });
  await taker.does('task_rule_return', { task, accept: true });
  tell(`${number}：路灯所退单（权属不清），中心同意，改派住建局`, `${number}: sent back (ownership unclear), accepted, dispatched to housing & construction`);
  await taker.does('incident_dispatch', { incident, lead: departments.ZJ });
  await work(incident, 'ZJ', '已更换灯具', { steps: false });
  return { incident, number, citizen: light.number };
}

async function unsatisfied({ incident, number, citizen }) {
  await centre.textTo(citizen, /三位数|digits/);
  tell(`${citizen.slice(0, 3)}****${citizen.slice(-4)} 收到结果与评价短信，回复 133：没解决`, 'The citizen gets result and survey by text and answers 133: not solved');
  await centre.deliver(citizen, '12345', '133');
  await stateOf(incident, 'redo');
  tell(`${number} 进入第二轮，重办`, `${number} begins a second round`);
  await supervisor.does('incident_dispatch', { incident, lead: departments.ZJ });
  await work(incident, 'ZJ', '线路故障已排除，现场确认路灯已亮', { steps: false });
  await until('a second survey', async () =>
    (await centre.texts()).filter((text) => text.to === citizen && /三位数|digits/.test(text.text)).length >= 2, 20);
  await centre.deliver(citizen, '12345', '１１１');
  await stateOf(incident, 'closed');
  tell(`${number}：市民回复 111，已解决、满意，办结`, `${number}: the citizen answers 111, solved and satisfied: closed`);
}

async function lateDepartment({ incident, number, citizen }) {
  await until('the overdue event', async () => {
    const detail = await supervisor.asks('incident', { incident });
    return detail.tasks.some((task) => task.overdue);
  }, 60);
  tell('急救中心签收超时，系统记录并提醒一次', 'The ambulance centre is overdue; recorded and reported once');
  await work(incident, 'JZ', '现场处置完毕，无人需送医');
  await reply(incident, 'XJ', '火已扑灭，一名老人获救，无伤亡'); // the lead reports when all have
  await centre.textTo(citizen, /三位数|digits/);
  await centre.deliver(citizen, '12119', '111');
  await stateOf(incident, 'closed');
  tell(`${number}：结果已告知，市民满意，办结`, `${number}: told, satisfied, closed`);
}

async function audit({ incident, number }) {
  const bundle = path.join(home.folder, `trail-${number}-${Date.now()}.jsonl`);
  const exported = await home.yihao({ as: '3001' }, 'trail', 'export', incident, '--to', bundle);
  if (exported.code !== 0 || !existsSync(bundle)) throw new Error(`export failed: ${exported.err}`);
  const verified = await home.yihao('trail', 'verify', bundle);
  tell(`审计：导出 ${number} 的轨迹并离线验证（退出码 ${verified.code}）`, `Audit: the trail of ${number} is exported and verified offline (exit ${verified.code})`);
  console.log(verified.out.trim().split('\n').map((row) => `           ${row}`).join('\n'));
  if (verified.code !== 0) throw new Error('the trail does not verify');
}

try {
  await morning();
  const burning = await fire();
  await givenUp();
  const others = await everyLine();
  await textMessage();
  const light = await wrongLine();
  await unsatisfied(light);
  for (const { incident, citizen } of others) {
    if (!(await centre.textTo(citizen, /三位数|digits/, 20).catch(() => null))) continue;
    await centre.deliver(citizen, '12345', '111');
    await stateOf(incident, 'closed').catch(() => null);
  }
  await lateDepartment(burning);
  await audit(light);
  const rows = await auditor.asks('incidents');
  const closed = rows.filter((row) => row.state === 'closed').length;
  tell(`一天结束：${rows.length} 件警情与工单，${closed} 件办结`, `The day ends: ${rows.length} incidents, ${closed} closed`);
} catch (error) {
  console.error(`the day broke off: ${error.message}`);
  process.exitCode = 1;
} finally {
  for (const end of running) end();
}
console.log(`\nconsoles stay open at ${home.consoleUrl} · 控制台保持打开；ops/stop --home ${home.folder} 停止`);
