// SPDX-License-Identifier: GPL-3.0-or-later
//
// The same texts by yihao-sms and by Kannel's bearerbox and smsbox, a gateway of another make, to the same centre: what
// carries the letters, octet by octet, is the same. The centre below knows of SMPP what tests/fake/operator_pdus.mjs
// lays down from the tables. Where Kannel is not installed (apt install kannel) nothing is compared, and 77 says so.
//     node tests/e2e/kannel.mjs
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readPdu, writePdu } from '../fake/operator_pdus.mjs';
import { Person } from './lib/console.mjs';
import { Home, ownPorts, until } from './lib/home.mjs';

const BEARERBOX = '/usr/sbin/bearerbox';
const SMSBOX = '/usr/sbin/smsbox';
if (![BEARERBOX, SMSBOX].every(existsSync)) {
  console.log('skipped: Kannel is not installed (apt install kannel)');
  process.exit(77);
}

const TEXTS = {
  'GSM-7': 'Help at gate 5, please: 24 hours!',
  'GSM-7 with its extension': 'Gate {5} [east] ~ 10 €',
  'GSM-7 of 160 letters': 'x'.repeat(160),
  'GSM-7 in parts': 'The lights of the river road are out between the bridge and the school. '.repeat(5),
  'UCS-2': '您的诉求已受理，请留意短信。',
  'UCS-2 of 70 letters': '灯'.repeat(70),
  'UCS-2 in parts': '滨江路十二号至十四号路段的路灯全部熄灭，请尽快派人检修。'.repeat(5),
  'UTF-16, two units a letter': '有人落水👮',
};
const centrePort = ownPorts + 50;
const [ADMIN, BOX, SEND] = [51, 52, 53].map((more) => ownPorts + more);
const RESPONSE = 0x80000000;

/* ---- the centre: takes everything, and remembers who sent it ------------------------------------- */

const submits = []; // { gateway, to, coding, header, letters }
const gateways = new Set();

/** The header without its reference, which each gateway numbers as it likes. */
function headerOf(text) {
  const [length, id, size] = text;
  assert.deepEqual([length, id, size], [5, 0, 3], 'a header of eight bits, alone');
  return `${text[4]}/${text[5]}`;
}

function take(socket, pdu) {
  if (pdu.command >= RESPONSE) return;
  if (pdu.is === 'bind') {
    socket.gateway = pdu.account;
    gateways.add(pdu.account);
  }
  if (pdu.is === 'submit') {
    const hasHeader = pdu.udhi & 0x40;
    submits.push({ gateway: socket.gateway, to: pdu.to, coding: pdu.format, header: hasHeader ? headerOf(pdu.text) : '1/1',
      letters: pdu.text.subarray(hasHeader ? 6 : 0).toString('hex') });
  }
  socket.write(writePdu('smpp', { ...pdu, command: pdu.command + RESPONSE, status: 0, id: String(submits.length), account: 'centre', options: {} }));
}

const centre = net.createServer((socket) => {
  let bytes = Buffer.alloc(0);
  socket.on('error', () => {});
  socket.on('data', (piece) => {
    bytes = Buffer.concat([bytes, piece]);
    while (bytes.length >= 4 && bytes.length >= bytes.readUInt32BE(0)) {
      const length = bytes.readUInt32BE(0);
      take(socket, readPdu('smpp', bytes.subarray(0, length)));
      bytes = bytes.subarray(length);
    }
  });
});
await new Promise((done) => centre.listen(centrePort, '127.0.0.1', done));

/** What carried the words to this number, in the order of its parts. */
const carried = (gateway, to) => submits.filter((one) => one.gateway === gateway && one.to.endsWith(to))
  .map(({ coding, header, letters }) => ({ coding, header, letters })).sort((a, b) => Number(a.header.split('/')[1]) - Number(b.header.split('/')[1]));
const isWhole = (parts) => parts.length > 0 && parts.length === Number(parts[0].header.split('/')[0]);

/* ---- the other gateway ----------------------------------------------------------------------------- */

const folder = mkdtempSync(path.join(tmpdir(), 'yihao-kannel-'));
writeFileSync(path.join(folder, 'kannel.conf'), `
group = core
admin-port = ${ADMIN}
admin-password = test
smsbox-port = ${BOX}
log-level = 4
box-allow-ip = 127.0.0.1

group = smsc
smsc = smpp
smsc-id = centre
host = 127.0.0.1
port = ${centrePort}
transceiver-mode = 1
smsc-username = kannel
smsc-password = kannel
system-type = ""

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = ${BOX}
sendsms-port = ${SEND}
log-level = 4

group = sendsms-user
username = test
password = test
concatenation = true
max-messages = 10

group = sms-service
keyword = default
max-messages = 0
text = ""
`);
const children = [];
function start(program) {
  children.push(spawn(program, ['-v', '4', path.join(folder, 'kannel.conf')], { cwd: folder, stdio: 'ignore' }));
}

function tell(to, text, isWide) {
  const words = new URLSearchParams({ username: 'test', password: 'test', from: '12345', to, text, coding: isWide ? '2' : '0', charset: 'UTF-8' });
  return fetch(`http://127.0.0.1:${SEND}/cgi-bin/sendsms?${words}`).then((answer) => answer.ok);
}

/* ---- both ------------------------------------------------------------------------------------------- */

const home = Home.make(ownPorts);
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

start(BEARERBOX);
home.start('dispatcher', 'console', 'sms-1');
const [writer, second] = [await Person.signIn(home, '2001'), await Person.signIn(home, '2002')];
await until('the box listens', () => new Promise((done, fail) => net.connect(BOX, '127.0.0.1').on('connect', function stop() { this.destroy(); done(true); }).on('error', fail)));
start(SMSBOX);
await until('both gateways are bound', async () => gateways.size === 2, 30);
let wrong = 0;
for (const [place, [name, text]] of Object.entries(TEXTS).entries()) {
  const to = String(13700000000 + place);
  const { notice } = await writer.does('notice_create', { line: 12345, reason: 'comparison' }, { text });
  await writer.does('notice_add', { notice }, { text: to });
  await second.does('notice_start', { notice });
  const ours = () => carried([...gateways].find((one) => one !== 'kannel'), to);
  const theirs = () => carried('kannel', to);
  await until(`Kannel takes "${name}"`, () => tell(to, text, /UCS|UTF/.test(name)));
  await until(`both have sent "${name}"`, async () => isWhole(ours()) && isWhole(theirs()));
  const same = JSON.stringify(ours()) === JSON.stringify(theirs());
  wrong += !same;
  console.log(`${same ? 'ok  ' : 'FAIL'} ${name}: ${ours().length} PDU, data_coding ${ours()[0].coding}`);
  if (!same) console.log('ours  ', ours(), '\ntheirs', theirs());
}
home.remove();
process.exit(wrong ? 1 : 0);
