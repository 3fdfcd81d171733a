// SPDX-License-Identifier: GPL-3.0-or-later
//
// Notices to many through dispatcher, gateway and centre, by the command line: two persons, the night,
// who is not texted, nobody twice, rate, progress, pause and stop.
//     node tests/e2e/notices.mjs             some hundreds of recipients
//     node tests/e2e/notices.mjs 100000      the longer proof: so many at 1000 a second to a centre that takes half of that, kill -9
//                                            of the gateway in the middle, emergency texts meanwhile; the figures
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Centre } from './lib/centre.mjs';
import { Person } from './lib/console.mjs';
import { Home, ownPorts, pause, root, until } from './lib/home.mjs';

const many = Number(process.argv[2] ?? 0);
const home = Home.make(ownPorts);
const centre = new Centre(ownPorts + 50, ownPorts + 51);
const WRITER = '2001';
const SECOND = '2002';

/** One command of a person; its answer as JSON. */
async function yihao(login, ...words) {
  const { code, out, err } = await home.yihao({ as: login }, '-o', 'json', ...words.map(String));
  assert.equal(code, 0, `${words.join(' ')}: ${err}${out}`);
  return out.trim() ? JSON.parse(out) : {};
}

async function refused(login, words, why) {
  const { code, out, err } = await home.yihao({ as: login }, ...words.map(String));
  assert.notEqual(code, 0, words.join(' '));
  assert.match(out + err, why);
}

const COUNTS = { ordered: 0, sent: 0, delivered: 0, failed: 0, excused: 0 }; // JSON leaves out what is none
let supervisor;
const show = async (notice) => ({ ...COUNTS, ...(await supervisor.asks('notices', { notice }))[0] });
const numbers = (first, count) => Array.from({ length: count }, (_, i) => String(first + i));

/** What the centre got of these words: { number: how often }. */
async function got(words) {
  const counts = new Map();
  for (const { to, text } of await centre.texts()) if (text === words) counts.set(to, (counts.get(to) ?? 0) + 1);
  return counts;
}

async function write(words, lists, ...more) {
  const { notice } = await yihao(WRITER, 'notice', 'create', '--text', words, ...more);
  for (const list of lists) {
    const file = path.join(home.folder, 'numbers.txt');
    writeFileSync(file, `${list.join('\n')}\n`);
    await yihao(WRITER, 'notice', 'add', notice, '--file', file);
  }
  return notice;
}

/** What the running gateway kept of a text: the PDU that went out, its answer, its receipt, and the digest of all so far, which the trail has. */
async function kept(notice) {
  const { text } = await show(notice);
  const program = path.join(process.env.YIHAO_BIN ?? path.join(root, 'build/release/bin'), 'yihao-sms');
  const rows = execFileSync(program, ['--home', home.folder, '--name', 'sms-1', '--original', String(text)], { encoding: 'utf8' }).trim().split('\n');
  assert.equal(rows.length, 12, 'three PDUs of four rows');
  assert.match(rows[0], /^sent part 1 /);
  assert.match(rows[1], /^[0-9a-f]{8}00000004/, 'a submit_sm');
  assert.match(rows[4], /^answer to part 1 /);
  assert.match(rows[5], /^[0-9a-f]{8}80000004/, 'a submit_sm_resp');
  assert.match(rows[8], /^receipt of part 1 /);
  assert.match(rows[9], /^[0-9a-f]{8}00000005/, 'a deliver_sm');
  const digests = rows.filter((row) => row.startsWith('original ')).map((row) => row.slice(9)).slice(1); // SENT is told when it is answered
  const { out } = await home.yihao({ as: WRITER }, 'events', '--since', '1h');
  const trail = out.split('\n').filter((row) => row.includes('notice_reported') && row.includes(`text=${text} `));
  assert.deepEqual(trail.map((row) => row.match(/original=([0-9a-f]+)/)?.[1]), digests, out.split('\n').filter((row) => row.includes('notice_reported'))[0]);
}

/** The hours around now are quiet, or none. */
function quiet(on) {
  const minute = Math.floor(Date.now() / 60000 + 8 * 60) % 1440;
  home.parameter('text_quiet_begin_min', String(on ? (minute + 1380) % 1440 : 0));
  home.parameter('text_quiet_end_min', String(on ? (minute + 60) % 1440 : 0));
}

/* ---- some hundreds ------------------------------------------------------------------------------- */

async function byNight() {
  const list = numbers(13700000000, 200);
  const spelled = ['+8613700000000', '8613700000001', 'nobody', '', '110110110110110110110110110'];
  const notice = await write('今晚停水', [[...list, ...list.slice(0, 20), ...spelled], [...list.slice(50, 90), ...numbers(13700000200, 40)]]);
  await yihao(WRITER, 'number', 'unsubscribe', '13700000007');
  assert.equal((await show(notice)).total, 240, 'each citizen is named once, however often and however spelled');
  await refused(WRITER, ['notice', 'start', notice], /second person|same_person/i);
  await yihao(SECOND, 'notice', 'start', notice);
  const urgent = await write('堤坝险情，请立即转移', [numbers(13600000000, 30)], '--reason', 'dam breaks');
  await yihao(SECOND, 'notice', 'start', urgent);
  await until('what cannot wait goes out by night', async () => (await show(urgent)).delivered === 30);
  const { state, ordered, next_ms: next } = await show(notice);
  assert.deepEqual([state, ordered], ['running', 0]);
  assert.ok(next > Date.now() + 1800_000, 'the other one sleeps until morning');
  return notice;
}

/** It is day now, and the dispatcher was killed while the notice slept. */
async function byDay(notice) {
  home.kill('dispatcher');
  quiet(false);
  home.start('dispatcher');
  await yihao(WRITER, 'notice', 'pause', notice);
  const begun = Date.now();
  await yihao(WRITER, 'notice', 'go-on', notice);
  await until('some are out', async () => (await show(notice)).ordered >= 40);
  await yihao(WRITER, 'notice', 'pause', notice);
  const { ordered } = await show(notice);
  const most = 10 + (Date.now() - begun) / 10;
  assert.ok(ordered < 240 && ordered <= most, `${ordered} ordered, ${most} allowed at 100 a second`);
  await pause(300);
  assert.equal((await show(notice)).ordered, ordered, 'nothing goes out while it pauses');
  await yihao(WRITER, 'notice', 'go-on', notice);
  await until('all are delivered', async () => (await show(notice)).delivered === 239);
  assert.equal((await yihao(WRITER, 'notice', 'show', notice)).rows[0].delivered, 239);
  const { state, sent, failed, excused } = await show(notice);
  assert.deepEqual([state, sent, failed, excused], ['done', 239, 0, 1]);
  assert.ok(Date.now() - begun >= 2300, 'not faster than its rate');
  const counts = await got('今晚停水');
  assert.equal(counts.size, 239);
  assert.ok([...counts.values()].every((count) => count === 1));
  assert.ok(!counts.has('13700000007'), 'who unsubscribed is not texted');
  await kept(notice);
}

async function stopped() {
  const notice = await write('停止前的通知', [numbers(13500000000, 300)]);
  await yihao(SECOND, 'notice', 'start', notice);
  await until('some are out', async () => (await got('停止前的通知')).size >= 20);
  await yihao(WRITER, 'notice', 'stop', notice);
  const { state, ordered } = await show(notice);
  assert.equal(state, 'stopped');
  await pause(300);
  const { size } = await got('停止前的通知');
  assert.ok(size < 300 && size <= ordered, `${size} went out, ${ordered} were ordered`);
  await refused(WRITER, ['notice', 'go-on', notice], /state/i);
}

/** The centre takes many numbers in one PDU, but two of them: those go on alone. */
async function inBundles() {
  home.shell('stop_program "$HOME_DIR" sms-1');
  const settings = path.join(home.folder, 'settings.conf');
  writeFileSync(settings, readFileSync(settings, 'utf8').replace(/^sms "sms-1" \{[^]*?^\}/m, `sms "sms-1" {
    metrics_port = ${home.metricsPort('sms-1')}
    centre "centre" {
        port = ${ownPorts + 50}
        account = "yihao-1"
        submit_multi = "yes"
    }
}`));
  home.start('sms-1');
  await centre.bound(1);
  const list = numbers(13400000000, 300);
  await centre.ask('POST', 'refuse', { numbers: [list[0], list[299]] });
  const before = await centre.ask('GET', 'state');
  const notice = await write('成批的通知', [list], '--reason', 'water');
  await yihao(SECOND, 'notice', 'start', notice);
  await until('all are delivered', async () => (await show(notice)).delivered === 300, 60);
  const counts = await got('成批的通知');
  assert.ok(counts.size === 300 && [...counts.values()].every((count) => count === 1), 'each once');
  const { multis, submits } = await centre.ask('GET', 'state');
  assert.ok(multis > 0 && submits - before.submits >= 2, `${multis} PDUs, ${submits - before.submits} texts by themselves`);
}

async function hundreds() {
  quiet(true);
  home.start('dispatcher', 'console', 'sms-1');
  supervisor = await Person.signIn(home, WRITER);
  await centre.bound(1);
  await centre.ask('POST', 'receipts', { delay: 20 });
  const sleeping = await byNight();
  await byDay(sleeping);
  await stopped();
  await inBundles();
}

/* ---- very many ------------------------------------------------------------------------------------ */

const PER_SECOND = 1000; // asked for
const ANSWER_MS = 20; // with a window of 10: 500 a second by the one connection

/** MiB of its own; the journal's mapped pages are the system's. */
const rss = (program) => Number(readFileSync(`/proc/${home.pid(program)}/status`, 'utf8').match(/RssAnon:\s+(\d+)/)[1]) / 1024;

function size(folder) {
  const whole = path.join(home.folder, folder);
  return readdirSync(whole, { recursive: true }).reduce((sum, name) => sum + statSync(path.join(whole, name)).blocks * 512, 0) / 2 ** 20;
}

let citizens = 0;

/** One who is in danger writes: { begun, ms } to the answer. */
async function emergency() {
  const from = String(15900000000 + citizens++);
  const begun = Date.now();
  const { answers } = await centre.deliver(from, '12110', '有人砸门，我不敢出声', { coding: 'ucs2' });
  assert.equal(answers[0].command_status, 0, JSON.stringify(answers));
  await until(`an answer to ${from}`, async () => (await centre.ask('GET', `texts?to=${from}`)).length > 0, 30);
  return { begun, ms: Date.now() - begun };
}

/** Emergency texts while the notice goes out. */
async function emergencies(isOver) {
  const took = [];
  while (!isOver()) {
    took.push(await emergency());
    await pause(2000);
  }
  return took;
}

const CLOSE_MS = 25; // between texts around the kill -9: one of them is at the gateway when it dies

/** kill -9 of a gateway amid emergency texts; it stays away for longer than `gateway_lost_ms`. */
async function death(one) {
  const took = [];
  for (let i = 0; i < 60; i++) {
    if (i === 20) home.kill(one);
    took.push(emergency());
    await pause(CLOSE_MS);
  }
  const all = await Promise.all(took);
  await pause(8000);
  await home.startAside(one);
  return all;
}

const spread = (took) => {
  const times = took.map(({ ms }) => ms).sort((a, b) => a - b);
  return `${times.length}, answered after ${times[times.length >> 1]} ms (median), ${times.at(-1)} ms (the longest), ${times.filter((ms) => ms > 3000).length} after more than 3 s`;
};

async function thousands() {
  quiet(false);
  home.parameter('notice_rate', String(PER_SECOND));
  home.start('dispatcher', 'console', 'sms-1', 'sms-2');
  supervisor = await Person.signIn(home, WRITER);
  await centre.bound(2);
  await centre.ask('POST', 'receipts', { delay: 100 });
  await centre.ask('POST', 'answers', { status: 0, count: 1e9, delay: ANSWER_MS });
  const before = size('journal');
  const writing = Date.now();
  const notice = await write('明日八时至十八时停水检修', [numbers(13700000000, many)], '--rate', PER_SECOND);
  const written = size('journal');
  console.log(`${many} recipients written in ${((Date.now() - writing) / 1000).toFixed(1)} s, journal ${before.toFixed(0)} → ${written.toFixed(0)} MiB`);
  const begun = Date.now();
  await yihao(SECOND, 'notice', 'start', notice);
  let over = false;
  let killed = 0;
  let around = [];
  let most = { dispatcher: 0, gateway: 0, ahead: 0 };
  const answers = emergencies(() => over);
  for (;;) {
    const row = await show(notice);
    most = { dispatcher: Math.max(most.dispatcher, rss('dispatcher')),
      gateway: Math.max(most.gateway, rss('sms-1'), rss('sms-2')),
      ahead: Math.max(most.ahead, row.ordered - row.sent) };
    if (row.ordered > many / 2 && !killed) {
      killed = Date.now();
      const one = (await home.metrics('sms-1')).yihao_sms_out_ordered_total > 1000 ? 'sms-1' : 'sms-2'; // the one that sends it
      around = await death(one);
    }
    process.stdout.write(`\r${((Date.now() - begun) / 1000).toFixed(0)} s: ${row.ordered} ordered, ${row.sent} sent, ${row.delivered} delivered  `);
    if (row.delivered + row.failed === many) break;
    assert.ok(Date.now() - begun < 3600_000, 'an hour');
    await pause(1000);
  }
  over = true;
  const seconds = (Date.now() - begun) / 1000;
  const took = await answers;
  const counts = await got('明日八时至十八时停水检修');
  const doubled = [...counts.values()].filter((count) => count > 1).length;
  console.log(`\nall delivered after ${seconds.toFixed(0)} s, ${(many / seconds).toFixed(0)} a second with the kill -9; at most ${most.ahead} ahead of the centre\n` +
    `${many - counts.size} lost, ${doubled} doubled\n` +
    `memory of their own at most: dispatcher ${most.dispatcher.toFixed(0)} MiB, gateway ${most.gateway.toFixed(0)} MiB\n` +
    `journal ${written.toFixed(0)} → ${size('journal').toFixed(0)} MiB\n` +
    `emergency texts meanwhile: ${spread(took)}\nemergency texts around the kill -9: ${spread(around)}`);
  assert.equal(counts.size, many);
  assert.equal(doubled, 0);
}

await until('the centre listens', () => centre.ask('GET', 'state').catch(() => null));
await (many ? thousands() : hundreds());
centre.stop();
if (process.env.KEEP) home.stop();
else home.remove();
process.exit(0);
