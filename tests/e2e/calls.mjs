// SPDX-License-Identifier: GPL-3.0-or-later
//
// Calls through the whole chain: gateways, dispatcher, console server, over real SIP and RTP. Each
// test is a thing that happens to callers, and says what the city must make of it.
//     node tests/e2e/calls.mjs
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Person } from './lib/console.mjs';
import { Home, ownPorts, pause, until } from './lib/home.mjs';
import { Citizen, closeCitizens, hangUpAll, Line, Phones, request, sdp } from './lib/sip.mjs';

const SEATS = [1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008];
const TRUNKS = ['trunk-1', 'trunk-2'];
const LINES = [110, 119, 120, 122, 12345, 96001, 96002];
const TRYING_MS = 100; /* the median: the machine does other things, too */

const home = Home.make(ownPorts);
let takers;
let supervisor;
let phones;
let port; /* of trunk-1 */

before(async () => {
  home.parameter('wrap_up_ms', '1s');
  home.parameter('offer_lease_ms', '3s');
  home.parameter('unanswered_away', '1');
  home.withoutReserve();
  home.start('dispatcher', 'trunk-1', 'trunk-2', 'console');
  port = home.sipPort('trunk-1');
  phones = await Phones.open(home.phonePort);
  supervisor = await Person.signIn(home, '2001');
  takers = await Person.signOn(home, SEATS);
});

after(() => {
  closeCitizens();
  phones?.close();
  home.remove();
});

/* ---- what the city knows ------------------------------------------------------------------------ */

const numbers = new Map(); /* contact → number */

/** All contacts of a number, live and ended. */
async function contactsOf(number) {
  const rows = [...await supervisor.asksAll('contacts'), ...await supervisor.asksAll('contacts', { ended: true })];
  for (const { contact } of rows)
    if (!numbers.has(contact)) {
      const { personal } = await supervisor.does('personal_read', { subject: contact, reason: 'supervision', fields: 2, purpose: 'verify' });
      numbers.set(contact, personal?.number);
    }
  return rows.filter(({ contact }) => numbers.get(contact) === number);
}

const contactOf = ({ number }) =>
  until(`${number} is a contact`, async () => (await contactsOf(number)).at(-1), 15);

/** The contact of a citizen when it is in this state. */
const contactIn = (citizen, state) => until(`${citizen.number} is ${state}`, async () => {
  const row = (await contactsOf(citizen.number)).at(-1);
  return row?.state === state && row;
}, 20);

const takerIsAway = (seat, reason) => until(`${seat} is away: ${reason}`, async () => {
  const row = (await supervisor.asksAll('takers')).find(({ taker }) => taker === seat);
  return row.state === 'away' && row.reason === reason;
});

/** Nobody calls any more; these seats are ready, in this order, and no others. */
async function onDuty(...seats) {
  phones.manners = {};
  phones.fallback = 'answer';
  for (const seat of SEATS) await takers[seat].tries('taker_away', { reason: 'break' });
  hangUpAll();
  await until('nobody calls', async () => (await supervisor.asksAll('contacts')).length === 0);
  for (const seat of seats) {
    await takers[seat].tries('wrap_up_finish');
    await takers[seat].does('taker_ready');
    await pause(5); /* the longest idle comes first */
  }
}

const metric = async (name, trunk = 'trunk-1') => (await home.metrics(trunk))[name] ?? 0;
const metricIs = (name, least) => until(`${name} ≥ ${least}`, async () => (await metric(name)) >= least);

/* ---- calls that go well --------------------------------------------------------------------------- */

test('every line answers at both gateways, over UDP and TCP', async () => {
  await onDuty(...SEATS);
  const trying = [];
  for (const trunk of TRUNKS)
    for (const tcp of [false, true]) {
      const spooled = await metric('yihao_link_spooled_total', trunk);
      const calls = await Promise.all(LINES.map((line) => Citizen.call(home.sipPort(trunk), line, { tcp })));
      for (const call of calls) {
        const first = await call.heard(100);
        const kept = await call.accepted();
        await call.answered();
        assert.ok(call.answers.indexOf(first) < call.answers.indexOf(kept), '100 comes first');
        trying.push(first.at - call.begun);
      }
      for (const [i, call] of calls.entries()) {
        const row = await contactIn(call, 'connected');
        assert.equal(row.line, LINES[i], `${trunk} ${tcp ? 'TCP' : 'UDP'}`);
        const arrived = (await supervisor.trailOf(row.contact)).find(({ kind }) => kind === 'contact_arrived');
        const late = arrived.at_ms - (await call.accepted()).at;
        assert.ok(late <= 0 || (await metric('yihao_link_spooled_total', trunk)) > spooled, `durable before it is said: ${late} ms late`);
        await call.bye();
        assert.equal((await contactIn(call, 'ended')).cause, 'caller');
        call.close();
      }
      await Promise.all(SEATS.map((seat) => takers[seat].tries('wrap_up_finish')));
    }
  trying.sort((a, b) => a - b);
  const median = trying[trying.length >> 1];
  console.log(`# 100 Trying: median ${median} ms, longest ${trying.at(-1)} ms of ${trying.length}`);
  assert.ok(median < TRYING_MS, `median ${median} ms`);
});

test('a recording is sealed stereo A-law, and its digest is the event’s', async () => {
  await onDuty(1001);
  const [CITIZEN, TAKER] = [0x31, 0x64];
  const call = await Citizen.call(port, 119);
  await call.answered();
  const row = await contactIn(call, 'connected');
  const phone = await until('the phone talks', () => phones.of(1001));
  call.sound.say(call.theirs, CITIZEN);
  phone.sound.say(phone.theirs, TAKER);
  await until('both hear each other', () => call.sound.last?.at(-1) === TAKER && phone.sound.last?.at(-1) === CITIZEN);
  await pause(1500);
  await call.bye();
  const recorded = await until('the recording is stored', async () => (await supervisor.asks('recordings', { contact: row.contact })).at(-1));
  const file = path.join(home.folder, 'trunk-1', 'recordings', recorded.file);
  assert.equal(execFileSync('b2sum', ['-l', '256', file], { encoding: 'utf8' }).split(' ')[0], recorded.digest);
  assert.equal(String(statSync(file).size), recorded.size);

  const hear = async (query) => Buffer.from(await (await fetch(`${home.consoleUrl}/api/v1/recordings/${row.contact}?reason=supervision${query}`, { headers: { cookie: supervisor.cookie } })).arrayBuffer());
  const sealed = readFileSync(file);
  assert.equal(sealed.toString('latin1', 0, 12), 'yihao-tape-1');
  assert.deepEqual(await hear('&sealed=1'), sealed);
  await until('its key lies with the dispatcher alone', () => !existsSync(`${file}.key`));
  const wav = await hear('');
  assert.equal(wav.toString('latin1', 0, 4) + wav.toString('latin1', 8, 16), 'RIFFWAVEfmt ');
  assert.deepEqual([wav.readUInt16LE(20), wav.readUInt16LE(22), wav.readUInt32LE(24)], [6, 2, 8000], 'A-law, stereo, 8 kHz');
  const both = new Map();
  for (let i = wav.indexOf('data') + 8; i + 1 < wav.length; i += 2)
    both.set(wav.readUInt16BE(i), (both.get(wav.readUInt16BE(i)) ?? 0) + 1);
  const together = both.get((CITIZEN << 8) | TAKER) ?? 0;
  assert.ok(together > 8000, `a second of both, each on its own side: ${together} samples`);
  assert.equal(sealed.indexOf(Buffer.alloc(16, Buffer.from([CITIZEN, TAKER]))), -1, 'no sound in the file');
  const part = await fetch(`${home.consoleUrl}/api/v1/recordings/${row.contact}?reason=supervision`, { headers: { cookie: supervisor.cookie, range: 'bytes=9000-20000' } });
  assert.deepEqual([part.status, part.headers.get('content-range')], [206, `bytes 9000-20000/${wav.length}`]);
  assert.deepEqual(Buffer.from(await part.arrayBuffer()), wav.subarray(9000, 20001));
});

test('a person is erased: nothing of it can be heard or read, and the trail says who did it', async () => {
  const [auditor, operator] = [await Person.signIn(home, '3001'), await Person.signIn(home, '4001')];
  await onDuty(1001);
  const call = await Citizen.call(port, 119);
  await call.answered();
  const { contact } = await contactIn(call, 'connected');
  await call.bye();
  await until('the recording is stored', async () => (await supervisor.asks('recordings', { contact })).at(-1));
  const number = call.number;
  const hear = () => fetch(`${home.consoleUrl}/api/v1/recordings/${contact}?reason=supervision`, { headers: { cookie: supervisor.cookie } });
  assert.equal((await hear()).status, 200);
  const { erasure } = await supervisor.does('erasure_ask', { basis: 'request', words: 'a letter' }, { number });
  await auditor.does('erasure_rule', { erasure, agree: true });
  await operator.does('erasure_run', { erasure });
  const row = await until('it is erased', async () => (await auditor.asks('erasures')).find((one) => one.erasure === erasure && one.state === 'done'), 20);
  assert.ok(Number(row.subjects) >= 1);
  assert.equal((await hear()).status, 410);
  const { personal, erased } = await supervisor.does('personal_read', { subject: contact, reason: 'supervision' });
  assert.deepEqual([personal?.number ?? '', erased], ['', true]);
  assert.ok((await supervisor.trailOf(contact)).some(({ kind }) => kind === 'erased'));
});

test('the taker’s phone hangs up', async () => {
  await onDuty(1001);
  const call = await Citizen.call(port, 110);
  await call.answered();
  await contactIn(call, 'connected');
  phones.hangUp(1001);
  await call.dropped();
  assert.equal((await contactIn(call, 'ended')).cause, 'taker');
});

test('the taker finishes from the console', async () => {
  await onDuty(1001);
  const call = await Citizen.call(port, 122, { tcp: true });
  await call.answered();
  const { contact } = await contactIn(call, 'connected');
  await takers[1001].does('contact_finish', { contact });
  await call.dropped();
  await until('the phone is free', () => !phones.of(1001));
  assert.equal((await contactIn(call, 'ended')).cause, 'taker');
});

test('the taker presses Answer in the console: the ringing phone answers by itself', async () => {
  await onDuty(1001);
  phones.manners[1001] = 'ring';
  const call = await Citizen.call(port, 120);
  const { offer } = await contactIn(call, 'offered');
  const rang = await until('the phone rings', () => phones.calls.find(({ at }) => at >= call.begun));
  await takers[1001].does('offer_accept', { offer });
  await call.answered();
  assert.ok(rang.cancelled, 'the ringing INVITE is cancelled');
  assert.ok(phones.of(1001).byItself, 'the next one asks to be answered');
  await contactIn(call, 'connected');
  await call.bye();
  await contactIn(call, 'ended');
});

/* ---- waiting ---------------------------------------------------------------------------------------- */

test('nobody is on duty: an emergency call waits, is a callback when it gives up, none when it comes again', async () => {
  await onDuty();
  const call = await Citizen.call(port, 110);
  const { status } = await call.accepted();
  assert.equal(status, 183);
  await until('the announcement plays', () => call.sound.packets > 10);
  const row = await contactIn(call, 'waiting');
  call.cancel();
  await call.heard(487);
  assert.ok(call.line.heard.some((message) => message.status === 200 && message.method === 'CANCEL'));
  assert.equal((await contactIn(call, 'abandoned')).cause, 'cancelled');
  const callback = await until('a callback waits', async () => (await supervisor.asksAll('callbacks')).find(({ contact }) => contact === row.contact));

  const again = await Citizen.call(home.sipPort('trunk-2'), 119, { number: call.number });
  await again.accepted();
  await until('the callback is done', async () => !(await supervisor.asksAll('callbacks')).some((one) => one.callback === callback.callback));
  await takers[1002].does('taker_ready');
  await again.answered();
  await again.bye();
});

test('an ordinary caller who gives up is no callback', async () => {
  await onDuty();
  const call = await Citizen.call(port, 12345);
  await call.accepted();
  call.cancel();
  await call.heard(487);
  const row = await contactIn(call, 'abandoned');
  assert.ok(!(await supervisor.asksAll('callbacks')).some(({ contact }) => contact === row.contact));
});

for (const [manner, words, reason] of [['busy', 'busy', 'phone_failed'], ['dead', 'silent', 'unanswered']])
  test(`a ${words} phone: the contact keeps its place, the next taker gets it, the taker is away`, async () => {
    await onDuty();
    const first = await Citizen.call(port, 110);
    await contactIn(first, 'waiting');
    const second = await Citizen.call(port, 110);
    await contactIn(second, 'waiting');
    phones.manners[1003] = manner;
    await takers[1003].does('taker_ready');
    await takerIsAway(1003, reason);
    await takers[1004].does('taker_ready');
    await first.answered();
    assert.equal((await contactIn(first, 'connected')).taker, 1004);
    const [mine, other] = [await supervisor.trailOf((await contactOf(first)).contact), await supervisor.trailOf((await contactOf(second)).contact)];
    assert.deepEqual(mine.filter(({ kind }) => kind === 'offer_made').map(({ taker }) => taker), [1003, 1004]);
    assert.ok(!other.some(({ kind }) => kind === 'contact_connected'), 'who came later waits');
    await first.bye();
    await second.answered(); /* an emergency cuts the wrap-up short */
    await second.bye();
  });

/* ---- other ways to talk ------------------------------------------------------------------------------ */

async function talk(line, how) {
  await onDuty(1005);
  const call = await Citizen.call(port, line, how);
  const answer = await call.answered();
  await contactIn(call, 'connected');
  return { call, answer, phone: phones.of(1005) };
}

test('a caller who speaks µ-law only', async () => {
  const { call, answer, phone } = await talk(110, { codecs: '0' });
  assert.match(answer.body, /m=audio \d+ RTP\/AVP 0/);
  phone.sound.say(phone.theirs, 0xd5); /* silence in A-law */
  await until('µ-law arrives', () => call.sound.last && (call.sound.last[1] & 0x7f) === 0 && call.sound.last.at(-1) >= 0xfe);
  await call.bye();
});

test('an INVITE without a description: 180, an offer in 200, the answer in ACK', async () => {
  await onDuty(1005);
  const call = await Citizen.call(port, 110, { silent: true });
  assert.equal((await call.accepted()).status, 180);
  assert.match((await call.answered()).body, /m=audio/);
  await contactIn(call, 'connected');
  const phone = phones.of(1005);
  phone.sound.say(phone.theirs, 0x64);
  await until('the caller hears the taker', () => call.sound.last?.at(-1) === 0x64);
  await call.bye();
});

test('keys and silence: the call lives', async () => {
  const { call, phone } = await talk(12345);
  const bad = await metric('yihao_media_packets_bad_total');
  for (const key of [1, 9, 11]) call.sound.digit(call.theirs, key);
  await pause(1500); /* and no sound at all */
  assert.equal(await metric('yihao_media_packets_bad_total'), bad);
  assert.ok(!call.gone && phones.of(1005) === phone);
  await call.bye();
});

test('the caller holds and comes back', async () => {
  const { call } = await talk(110);
  assert.match((await call.reinvite('sendonly')).body, /a=recvonly/);
  assert.match((await call.reinvite('inactive')).body, /a=inactive/);
  const back = await call.reinvite('sendrecv');
  assert.equal(back.status, 200);
  assert.doesNotMatch(back.body, /a=(inactive|recvonly|sendonly)/);
  assert.equal((await contactOf(call)).state, 'connected');
  await call.bye();
});

test('a description nobody can use: an emergency call is taken all the same, an ordinary one gets 488', async () => {
  await onDuty();
  const ordinary = await Citizen.call(port, 12345, { codecs: '18' });
  await ordinary.heard(488);
  const emergency = await Citizen.call(port, 110, { codecs: '18' });
  await emergency.accepted();
  emergency.cancel();
  await emergency.heard(487);
});

/* ---- repetition and loss ------------------------------------------------------------------------------- */

for (const cookie of [true, false])
  test(`an INVITE that comes again, ${cookie ? 'with' : 'without'} a branch of RFC 3261, is one contact`, async () => {
    await onDuty(1006);
    phones.delay = 300;
    const call = await Citizen.call(port, 119, { cookie, once: true });
    call.again();
    await call.accepted();
    call.again();
    await call.answered();
    phones.delay = 0;
    call.again();
    await contactIn(call, 'connected');
    await pause(300);
    assert.equal((await contactsOf(call.number)).length, 1);
    await call.bye();
  });

test('the dispatcher hangs: 100 at once, 183 only when the spool has the call, one contact afterwards', async () => {
  await onDuty();
  const spool = path.join(home.folder, 'trunk-1', 'spool');
  const empty = statSync(spool).size;
  process.kill(home.pid('dispatcher'), 'SIGSTOP');
  const call = await Citizen.call(port, 110);
  try {
    await call.heard(100);
    await call.accepted();
    assert.ok(statSync(spool).size > empty, 'the spool holds the call');
  } finally {
    process.kill(home.pid('dispatcher'), 'SIGCONT');
  }
  await contactIn(call, 'waiting');
  assert.equal((await contactsOf(call.number)).length, 1);
  call.cancel();
  await call.heard(487);
  await contactIn(call, 'abandoned');
});

/* ---- what is no call -------------------------------------------------------------------------------------- */

test('numbers that are no line get 404', async () => {
  const before = await metric('yihao_trunk_denied_total{cause="unknown_line"}');
  for (const called of ['99999', 'anna', '0011442079460000', '1', '11'])
    await (await Citizen.call(port, called)).heard(404);
  assert.equal(await metric('yihao_trunk_denied_total{cause="unknown_line"}'), before + 5);
});

/** The heads of a scanner's request. */
const scan = (line, method, more = []) => [`Via: SIP/2.0/UDP 127.0.0.1:${line.port};branch=z9hG4bK${method}${Math.random()};rport`,
  'From: "friendly-scanner" <sip:100@1.1.1.1>;tag=6434', 'To: <sip:100@1.1.1.1>', `Call-ID: ${Math.random()}@scan`, `CSeq: 1 ${method}`, ...more];

test('scanners learn little', async () => {
  const line = await Line.open();
  const ask = async (method, status, more) => {
    line.heard.length = 0;
    line.say(request(method, 'sip:100@127.0.0.1', scan(line, method, more)), port);
    await line.answer(status);
    assert.doesNotMatch(line.heard[0].header('server') + line.heard[0].header('user-agent'), /\d/, 'no version');
  };
  await ask('OPTIONS', 200);
  await ask('REGISTER', 404, ['Contact: <sip:100@1.1.1.1>', 'Expires: 3600']);
  await ask('SUBSCRIBE', 405, ['Event: presence']);
  await ask('FROBNICATE', 501);
  await ask('BYE', 481);
  line.close();
});

test('garbage on an ordinary line is counted by cause, refused at most, and harms nobody', async () => {
  const line = await Line.open();
  const good = request('INVITE', 'sip:12345@127.0.0.1', scan(line, 'INVITE', [`Contact: <sip:1@127.0.0.1:${line.port}>`]), sdp(9));
  const rows = good.split('\r\n');
  const cases = {
    too_long: good + 'x'.repeat(9000),
    start_line: good.replace('INVITE sip:12345@127.0.0.1 SIP/2.0', 'HELLO CITY'),
    cut: good.slice(0, 120),
    missing: rows.filter((row) => !row.startsWith('Call-ID')).join('\r\n'),
    repeated: [rows[0], 'CSeq: 2 INVITE', ...rows.slice(1)].join('\r\n'),
    bad_length: good.replace(/Content-Length: \d+/, 'Content-Length: 4294967299'),
    long_line: good.replace('Max', `X-Long: ${'y'.repeat(2000)}\r\nMax`).replace('Contact:', `X-Long: ${'y'.repeat(2000)}\r\nContact:`),
    many_lines: [rows[0], ...Array(80).fill('X-More: 1'), ...rows.slice(1)].join('\r\n'),
    many_vias: [rows[0], ...Array(20).fill('Via: SIP/2.0/UDP 10.0.0.1'), ...rows.slice(1)].join('\r\n'),
    control_byte: Buffer.from(Array.from({ length: 400 }, (_, i) => (i * 37 + 11) & 0xff)),
    bad_line: [rows[0], 'no colon here', ...rows.slice(1)].join('\r\n'),
  };
  const calls = await metric('yihao_trunk_calls_total');
  for (const [cause, bytes] of Object.entries(cases)) {
    const name = `yihao_sip_refused_total{cause="${cause}"}`;
    const before = await metric(name);
    line.say(bytes, port);
    await metricIs(name, before + 1).catch((error) => { throw new Error(`${cause}: ${error.message}`); });
  }
  for (const { start } of line.heard) assert.match(start, /^SIP\/2\.0 (400|513) /);
  assert.equal(await metric('yihao_trunk_calls_total'), calls);

  const stream = await Line.open({ tcp: port });
  stream.say('GET / HTTP/1.1\r\nHost: city\r\n\r\n');
  await until('a stream of garbage is closed', () => stream.closed);
  line.close();

  await onDuty(1007);
  const call = await Citizen.call(port, 110);
  await call.answered();
  await call.bye();
});

test('at the end no call is left over, and nothing was lost on the way', async () => {
  await onDuty();
  for (const trunk of TRUNKS) {
    const figures = await home.metrics(trunk);
    assert.equal(figures.yihao_trunk_calls, 0, trunk);
    assert.equal(figures.yihao_trunk_phones, 0, trunk);
    assert.equal(figures.yihao_media_channels, 0, trunk);
    assert.equal(figures.yihao_trunk_reports_lost_total, 0, trunk);
    assert.equal(figures.yihao_trunk_recordings_failed_total, 0, trunk);
  }
  home.stop();
  const verified = await home.yihao('trail', 'verify', path.join(home.folder, 'journal'));
  assert.equal(verified.code, 0, verified.err);
});
