// SPDX-License-Identifier: GPL-3.0-or-later
//
// Texts through the whole chain by each operator's protocol: tests/fake/operator.mjs is the centre. In
// each: a citizen's text in, an incident, the result and the survey out in parts, receipts, the
// answer, the end; then the same through a centre that is late, throttles, repeats and drops the
// line, and octets no centre should send.
//     node tests/e2e/operators.mjs [--short] [cmpp2 cmpp3 sgip smgp smpp …]
// --short: without the answer under a wrong number, which takes a minute.     PDUS=FILE keeps what the centres heard and said
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Centre } from './lib/centre.mjs';
import { Person } from './lib/console.mjs';
import { Home, ownPorts, pause, root, until } from './lib/home.mjs';

const isShort = process.argv.includes('--short');
const wanted = process.argv.slice(2).filter((word) => word !== '--short');
const PROTOCOLS = wanted.length > 0 ? wanted : ['cmpp2', 'cmpp3', 'sgip', 'smgp', 'smpp'];
// A text whose answer went down with the line is waited for twice 30 s at most, then sent again.
const RECEIPTS_S = 100;
const SURVEY = /三位数|3 digits/;
const RESULT = '已安排抢修人员到现场，更换灯具十二套、电缆三十米，并对沿线设施逐一检查，全部恢复照明，感谢您的监督。';
const LONG = '滨江路十二号至十四号路段的路灯自星期一晚上起全部熄灭，夜间行人和非机动车通行困难，已有老人摔倒，请尽快派人检修，并请告知处理结果，谢谢。'.repeat(2);

const home = Home.make(ownPorts);
const port = ownPorts + 50;
let taker;
let supervisor;
let lighting;
let departments;

/** The operator as a child process, driven as the other centre is. */
class Operator extends Centre {
  constructor(protocol, ...words) {
    const log = process.env.PDUS ? ['--log', `${process.env.PDUS}.${protocol}`] : [];
    super(port, port + 1, ['../fake/operator.mjs', '--protocol', protocol, '--account', 'yihao', '--password', 'secret', ...log, ...words]);
  }
}

/** sms-1 speaks this protocol from its next start on. */
function configure(protocol) {
  const file = path.join(home.folder, 'settings.conf');
  const metrics = home.metricsPort('sms-1');
  const more = protocol === 'sgip'
    ? `node = 3000012345 enterprise = "12345" listen_port = ${port + 2} listen_account = "operator" listen_password = "called"`
    : '';
  const split = protocol === 'smpp' ? 'bind = "split"' : '';
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^sms "sms-1" \{[^]*?^\}/m, `sms "sms-1" {
    metrics_port = ${metrics}
    centre "${protocol}" {
        protocol = "${protocol}"
        port = ${port}
        account = "yihao"
        password = "secret"
        number = "12345"
        binds = 2
        ${split}
        ${more}
    }
}`));
}

before(async () => {
  home.parameter('wrap_up_ms', '1s');
  home.start('dispatcher', 'console');
  supervisor = await Person.signIn(home, '2001');
  taker = await Person.signIn(home, '1001');
  lighting = await Person.signIn(home, 'zj');
  departments = Object.fromEntries((await supervisor.asksAll('city', { table: 'departments' })).map((row) => [row.code, row.department]));
  await taker.does('taker_sign_on');
  await taker.does('taker_ready');
});

after(() => process.env.KEEP ? home.stop() : home.remove());

const detailOf = (incident) => supervisor.asks('incident', { incident });
const incidentIs = (incident, state) => until(`${incident} is ${state}`, async () => (await detailOf(incident)).row.state === state, RECEIPTS_S);

async function take() {
  const row = await until('a text is offered', async () =>
    (await supervisor.asks('contacts')).find(({ channel, state }) => channel === 'sms' && state === 'offered'), 40);
  await taker.does('offer_accept', { offer: row.offer });
  const { personal } = await taker.does('personal_read', { subject: row.contact, reason: 'answering' });
  return { contact: row.contact, ...personal };
}

async function deliver(centre, from, text, more) {
  const { answers } = await centre.deliver(from, '12345', text, more);
  for (const { command_status: status } of answers) assert.equal(status, 0);
}

/** One citizen's matter from the text to the end of it. */
async function matter(centre, from, text) {
  await deliver(centre, from, text, { reverse: true });
  const got = await take();
  assert.equal(got.text, text);
  assert.equal(got.number, from);
  const { incident } = await taker.does('incident_register', { contact: got.contact, category: 230300, district: 320902 }, { number: got.number, text });
  await taker.does('incident_dispatch', { incident, lead: departments.ZJ });
  await taker.does('contact_finish', { contact: got.contact });
  await taker.tries('wrap_up_finish');
  const { task } = await until('the task', async () => (await detailOf(incident)).tasks[0]);
  await lighting.does('task_sign', { task });
  await lighting.does('task_reply', { task, solved: 'yes' }, { text: RESULT });
  await centre.textTo(from, new RegExp(RESULT), RECEIPTS_S);
  await centre.textTo(from, SURVEY, RECEIPTS_S);
  await incidentIs(incident, 'told');
  await deliver(centre, from, '111');
  await incidentIs(incident, 'closed');
  await until('all receipts are there', async () =>
    (await supervisor.asks('texts', { incident })).every(({ state }) => state === 'delivered'), RECEIPTS_S);
}

const figure = async (name) => Object.entries(await home.metrics('sms-1')).filter(([key]) => key.startsWith(name)).reduce((sum, [, value]) => sum + value, 0);

/** Every contact there ever was. */
async function contacts() {
  const both = [...await supervisor.asksAll('contacts', { ended: true }), ...await supervisor.asks('contacts')];
  return new Set(both.map(({ contact }) => contact)).size;
}

for (const [place, protocol] of PROTOCOLS.entries()) {
  const words = protocol === 'sgip' ? ['--call', String(port + 2), '--call-account', 'operator', '--call-password', 'called'] : [];
  let centre;
  let usual; // contacts of one matter
  const bound = () => until(`${protocol}: all binds stand`, async () => (await centre.ask('GET', 'state')).sessions.length >= (protocol === 'sgip' ? 3 : 2), 60);

  test(`${protocol}: text, incident, result, survey, receipts, closed`, async () => {
    configure(protocol);
    centre = new Operator(protocol, ...words);
    await until('the centre listens', () => centre.ask('GET', 'state').catch(() => null));
    home.start('sms-1');
    await bound();
    const before = await contacts();
    await matter(centre, `1370000000${place}`, LONG);
    usual = (await contacts()) - before;
    assert.equal((await centre.ask('GET', 'state')).doubled, 0);
  });

  test(`${protocol}: late, throttling, repeating, and the line dropped every 5 s: nothing is lost`, async () => {
    const before = await contacts();
    await centre.ask('POST', 'faults', { late: 300, throttle: 3, repeat: true });
    await centre.ask('POST', 'drop', { every: 5000 });
    await matter(centre, `1370000001${place}`, LONG);
    await centre.ask('POST', 'drop', { every: 0 });
    await centre.ask('POST', 'faults', {});
    await bound();
    await pause(500);
    assert.equal((await contacts()) - before, usual, 'no contact is doubled');
    assert.ok((await figure('yihao_sms_throttled_total')) > 0);
    // One receipt for two parts without answer says nothing of either: both went out again, and that is counted.
    // SGIP's receipts name the very part.
    const { doubled } = await centre.ask('GET', 'state');
    assert.ok(doubled <= (protocol === 'sgip' ? 0 : await figure('yihao_sms_out_possible_duplicates_total')));
  });

  test(`${protocol}: garbage, 1 MiB, half PDUs, unknown commands and stray answers harm nobody`, async () => {
    for (const kind of ['length', 'huge', 'half', 'cut', 'unknown', 'stray']) {
      await centre.ask('POST', 'bad', { kind });
      await pause(300);
      await bound();
    }
    assert.ok((await figure('yihao_sms_bad_pdus_total')) >= 4);
    await matter(centre, `1370000002${place}`, '路灯不亮');
  });

  if (protocol === PROTOCOLS[0] && !isShort)
    test(`${protocol}: an answer under a wrong number counts as none; the receipt proves the text`, async () => {
      await centre.ask('POST', 'faults', { sequence: 1 });
      const { doubled } = await centre.ask('GET', 'state');
      const strays = await figure('yihao_sms_bad_pdus_total');
      await matter(centre, `1370000003${place}`, '路灯又不亮');
      assert.ok((await figure('yihao_sms_bad_pdus_total')) > strays);
      assert.equal((await centre.ask('GET', 'state')).doubled, doubled);
    });

  test(`${protocol}: stopped`, async () => {
    home.shell(`stop_program "$HOME_DIR" sms-1`);
    centre.stop();
    await pause(200);
  });
}
