// SPDX-License-Identifier: GPL-3.0-or-later
//
// The real console server on a real socket, over a bus in its own process (tests/fake/console_bus.c)
// that this test turns by hand.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Socket } from './lib/socket.mjs';

const program = process.env.CONSOLE_FAKE ?? 'build/dev/tests/console_fake';
const home = mkdtempSync(join(tmpdir(), 'yihao-console-'));
const web = join(home, 'web'); /* one page of ours, and the citizen's as it is */
cpSync(new URL('../fake/web', import.meta.url).pathname, web, { recursive: true });
cpSync(new URL('../../consoles/web/app/words-zh-states.js', import.meta.url).pathname, join(web, 'app/words-zh-states.js'));
cpSync(new URL('../../consoles/web/citizen', import.meta.url).pathname, join(web, 'citizen'), { recursive: true });
let server, port, ended;

const freePort = () => new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const found = probe.address().port;
    probe.close(() => resolve(found));
  });
});

const url = (path) => `http://127.0.0.1:${port}${path}`;
let asked = 0, taken = 0, heard = [];
/** Turns the bus; resolves when it has turned. */
const bus = (line) => {
  const number = ++asked;
  server.stdin.write(`${line}\n`);
  return new Promise((resolve) => heard.push(() => taken >= number && (resolve(), true)));
};

/** Sends exactly these headers and this path, as fetch() would not. */
const raw = (path, { method = 'GET', headers = {}, body } = {}) => new Promise((resolve, reject) => {
  const asked = request({ host: '127.0.0.1', port, path, method, headers }, (answer) => {
    let text = '';
    answer.setEncoding('utf8').on('data', (piece) => (text += piece));
    answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
  });
  asked.on('error', reject).end(body);
});

const post = async (path, body, headers = {}) => {
  const answer = await fetch(url(path), {
    method: 'POST', headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, cookie: answer.headers.get('set-cookie'), body: text && JSON.parse(text) };
};

const signIn = async (login) => {
  const { status, cookie } = await post('/api/v1/sign-in', { login, password: 'right' });
  assert.equal(status, 200);
  return cookie.split(';')[0];
};

before(async () => {
  mkdirSync(join(home, 'keys'));
  writeFileSync(join(home, 'keys/aml'), '# who may\nmobile:AML\nmaker:other secret\n');
  port = await freePort();
  server = spawn(program, [String(port), web, home], { stdio: ['pipe', 'ignore', 'pipe'] });
  ended = new Promise((resolve) => server.on('exit', (code) => resolve(code)));
  await new Promise((resolve) => server.stderr.on('data', (words) => {
    if (String(words).includes('reach dispatcher')) resolve();
    taken += String(words).split(' console take ').length - 1;
    heard = heard.filter((is) => !is());
  }));
});

after(async () => {
  server.kill('SIGKILL');
  await ended;
  rmSync(home, { recursive: true });
});

const form = 'v=1&device_number=%2B8613800138000&location_latitude=30.25&location_longitude=120.16&location_time=1795000000000&location_accuracy=20&location_source=GPS&location_certainty=83';
const signed = (body, secret, hash = 'sha1') => `${body}&hmac=${createHmac(hash, secret).update(body).digest('hex')}`;
const place = (body) => raw('/aml', { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length } });

test("a telephone's signed form is taken, once or twice; what nobody signed is not", async () => {
  assert.equal((await place(signed(form, 'AML'))).status, 200);
  assert.equal((await place(signed(form, 'AML'))).status, 200);
  assert.equal((await place(signed(form, 'other secret', 'sha256'))).status, 200);
  assert.equal((await place(signed(form, 'AMl'))).status, 401);
  assert.equal((await place(form)).status, 401);
  assert.equal((await place(signed(form, 'AML').replace('30.25', '31.25'))).status, 401);
  assert.equal((await place(signed('v=1&location_latitude=30', 'AML'))).status, 400);
  assert.equal((await place(signed(`${form}&device_imei=${'7'.repeat(5000)}`, 'AML'))).status, 400);
  assert.equal((await raw('/aml')).status, 405);
  const many = await Promise.all(Array.from({ length: 260 }, () => place(form)));
  assert.ok(many.some(({ status }) => status === 503));
});

test('a wrong password opens nothing', async () => {
  const { status, cookie, body } = await post('/api/v1/sign-in', { login: 'taker', password: 'wrong' });
  assert.deepEqual([status, cookie, body.refusal], [401, null, 'bad_password']);
  assert.equal((await fetch(url('/api/v1/me'))).status, 401);
});

test('the cookie is for this browser and this site alone', async () => {
  const { cookie, body } = await post('/api/v1/sign-in', { login: 'taker', password: 'right' });
  assert.match(cookie, /^yihao_sid=[0-9a-f]{64}; HttpOnly; SameSite=Strict; Path=\/$/);
  assert.equal(body.user.user, 1001);
  const headers = { cookie: cookie.split(';')[0] };
  assert.equal((await fetch(url('/api/v1/me'), { headers })).status, 200);
  assert.equal((await fetch(url('/api/v1/me'), { headers: { cookie: `x${headers.cookie}` } })).status, 401);
  assert.equal((await post('/api/v1/sign-out', {}, headers)).status, 200);
  assert.equal((await fetch(url('/api/v1/me'), { headers })).status, 401);
});

test("who comes back from the city's provider is let in by the same browser and state, once", async () => {
  const leave = await raw('/oidc/start?next=https://evil.example');
  assert.equal(leave.status, 303);
  const way = new URL(leave.headers.location);
  assert.equal(way.origin + way.pathname, 'https://sso.city.example/auth');
  assert.equal(way.searchParams.get('redirect_uri'), 'https://console.city.example/oidc/back');
  const [passage] = leave.headers['set-cookie'];
  assert.match(passage, /^yihao_go=[0-9a-f]{64}; HttpOnly; SameSite=Strict; Path=\/api\/v1\/$/);
  const headers = { cookie: passage.split(';')[0] };
  const state = way.searchParams.get('state');
  assert.equal((await raw(`/oidc/back?code=x&state=${state}`)).text, (await raw('/')).text);
  const show = (body, more = headers) => post('/api/v1/sign-in', body, more);
  assert.equal((await show({ state, grant: 'of taker' }, {})).body.refusal, 'provider_refused');
  assert.equal((await show({ state: 'x', grant: 'of taker' })).body.refusal, 'provider_refused');
  for (const body of [{ grant: 'of taker' }, { state, grant: '' }, { state, grant: 'x'.repeat(4000) }, { state, grant: 'of taker', login: '1001' }, { state: 7, grant: 'x' }])
    assert.equal((await show(body)).status, 400);
  assert.equal((await show({ state, grant: 'of supervisor' })).body.refusal, 'code_wanted');
  const { status, cookie } = await show({ state, grant: 'of supervisor', code: '123456' });
  assert.equal(status, 200);
  assert.match(cookie, /^yihao_sid=/);
  assert.equal((await show({ state, grant: 'of supervisor', code: '123456' })).body.refusal, 'provider_refused');
  assert.equal((await raw('/oidc/start', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })).status, 405);
});

test('pages are named by a table, and carry their headers', async () => {
  const page = await raw('/');
  assert.equal(page.status, 200);
  assert.match(page.headers['content-security-policy'], /default-src 'none'/);
  assert.equal(page.headers['x-frame-options'], 'DENY');
  assert.equal((await raw('/', { headers: { 'if-none-match': page.headers.etag } })).status, 304);
  for (const path of ['/../console.cmake', '/%2e%2e/console.cmake', '/..%2fconsole.cmake', '/etc/passwd', '//etc/passwd',
    '/api/v1/', '/api/v2/me', '/ws']) {
    const { status } = await raw(path);
    assert.ok(status === 404 || status === 403, `${path} ${status}`);
  }
});

test('a path with a NUL is not even answered', async () => {
  await assert.rejects(raw('/index.html%00.js'));
});

test('another origin, type, method or size is refused', async () => {
  const cookie = await signIn('supervisor');
  const query = '{"status":{}}';
  const send = (headers, body = query) => raw('/api/v1/query', { method: 'POST', headers: { cookie, ...headers }, body });
  const json = { 'content-type': 'application/json' };
  assert.equal((await send(json)).status, 200);
  assert.equal((await send({ ...json, origin: url('') })).status, 200);
  assert.equal((await send({ ...json, origin: 'http://evil.example' })).status, 403);
  assert.equal((await send({ ...json, origin: 'null' })).status, 403);
  assert.equal((await send({ 'content-type': 'text/plain' })).status, 415);
  assert.equal((await raw('/api/v1/query', { headers: { cookie } })).status, 405);
  assert.equal((await raw('/api/v1/query', { method: 'DELETE', headers: { cookie } })).status, 405);
  assert.equal((await send({ ...json, 'content-length': 70000 }, 'x'.repeat(70000))).status, 413);
  assert.equal((await send(json, 'x'.repeat(60000))).status, 400);
});

/* docs/access.md is printed from the server's table of routes; a new route is walked as soon as it stands there. */
const matrix = readFileSync(new URL('../../docs/access.md', import.meta.url), 'utf8').split('## Paths of the console server')[1]
  .split('\n').filter((row) => row.startsWith('| ')).map((row) => row.split('|').slice(1, -1).map((cell) => cell.trim()));
const [[, ...roles], ...routes] = matrix;
const ask = (route, headers) => {
  const [method, path] = route.split(' ');
  const where = path.endsWith('/') ? `${path}1` : path;
  return raw(where, method === 'POST' ? { method, headers: { 'content-type': 'application/json', 'content-length': 2, ...headers }, body: '{}' } : { headers });
};

test('every path by every role and by none is open where the table says so, and nowhere else', async () => {
  assert.equal(roles.length, 11);
  assert.ok(routes.length >= 15);
  for (const [at, role] of roles.entries()) {
    const nobody = role === 'nobody';
    for (const [route, ...marks] of routes) {
      const cookie = nobody ? {} : { cookie: await signIn(role === 'department' ? 'fire' : role) };
      const { status, text } = await ask(route, cookie);
      const shut = /not_allowed|not_signed_in/.test(text);
      assert.equal(shut, marks[at] !== '●', `${route} by ${role}: ${status} ${text}`);
      if (shut) assert.equal(status, nobody ? 401 : 403);
    }
  }
});

test('no path that changes something is reached from another page', async () => {
  const cookie = await signIn('supervisor');
  for (const [route] of routes.filter(([one]) => one.startsWith('POST')))
    for (const origin of ['https://evil.example', 'null', url('').replace('127.0.0.1', '127.0.0.1.evil.example')])
      assert.equal((await ask(route, { cookie, origin })).status, 403, `${route} from ${origin}`);
});

test('a socket of another origin, path or protocol does not open', async () => {
  const cookie = await signIn('supervisor');
  assert.equal((await Socket.open(port, { cookie, origin: 'http://evil.example' })).status, 403);
  assert.equal((await Socket.open(port, { cookie, origin: null })).status, 403);
  assert.equal((await Socket.open(port, { cookie, path: '/' })).status, 404);
  assert.notEqual((await Socket.open(port, { cookie, protocol: 'chat' })).status, 101);
  assert.notEqual((await Socket.open(port, { cookie, protocol: null })).status, 101);
});

test('a socket without a session is closed with 4001', async () => {
  for (const cookie of [undefined, 'yihao_sid=0', `yihao_sid=${'0'.repeat(64)}`]) {
    const socket = await Socket.open(port, { cookie });
    await socket.until(() => socket.closed);
    assert.equal(socket.closed, 4001);
    assert.equal(socket.frames.length, 0);
  }
});

test('a dropped socket comes back without a gap', async () => {
  const cookie = await signIn('taker');
  const first = await Socket.open(port, { cookie });
  const welcome = await first.hello();
  assert.equal(welcome.resume, false);
  let prev = welcome.seq;
  bus('event 3');
  bus('hidden 2');
  bus('event 1');
  for (const seq of [prev + 1, prev + 2, prev + 3, prev + 6]) {
    const event = await first.next('event');
    assert.deepEqual([event.seq, event.prev], [seq, prev]);
    assert.equal(event.event.seq, String(seq));
    prev = seq;
  }
  first.drop();
  bus('event 200');
  bus('hidden 1');
  const second = await Socket.open(port, { cookie });
  const again = await second.hello({ epoch: welcome.epoch, last: prev });
  assert.equal(again.resume, true);
  for (let i = 0; i < 200; i++) {
    const event = await second.next('event');
    assert.deepEqual([event.seq, event.prev], [prev + 1, prev]);
    prev = event.seq;
  }
  const { beat } = await second.next('beat');
  assert.equal(beat.seq, prev + 1); /* the hidden one is passed, too */
  second.drop();
});

test('departments see their own incidents and no callers', async () => {
  const [fire, police] = [await signIn('fire'), await signIn('police')];
  const [near, far] = await Promise.all([Socket.open(port, { cookie: fire }), Socket.open(port, { cookie: police })]);
  await Promise.all([near.hello(), far.hello()]);
  bus('arrived 1');
  bus('event 1');
  const { event } = await near.next('event');
  assert.ok('incident_noted' in event);
  await far.next('beat');
  await far.next('beat');
  assert.ok(!far.frames.some((frame) => 'event' in frame));
  const ask = (cookie, query) => post('/api/v1/query', query, { cookie });
  const mine = await ask(fire, { incident: { incident: '5' } });
  assert.equal(mine.status, 200);
  assert.equal(mine.body.incident_detail.row.caller, undefined);
  assert.equal((await ask(police, { incident: { incident: '5' } })).status, 403);
  assert.equal((await ask(police, { incident: { number: '20261121000005' } })).status, 403);
  assert.equal((await ask(police, { events: { incident: '5' } })).status, 403);
  assert.equal((await raw('/api/v1/trail/5', { headers: { cookie: police } })).status, 403);
  assert.equal((await ask(fire, { tasks: { department: 8 } })).status, 403);
  assert.equal((await ask(fire, { tasks: {} })).body.tasks.rows[0].department, 7);
  near.drop();
  far.drop();
});

test('commands and queries over the socket are answered by name', async () => {
  const cookie = await signIn('taker');
  const socket = await Socket.open(port, { cookie });
  await socket.hello();
  socket.say({ cid: 'c1', command: { key: 'k1', incident_register: { category: 110100 }, personal: { text: '着火' } } });
  assert.deepEqual(await socket.next('ack').then(({ ack, ok, incident }) => [ack, ok, incident]), ['c1', true, '5']);
  socket.say({ cid: 'c2', command: { key: 'k2', offer_accept: { offer: '9' } } });
  assert.deepEqual(await socket.next('ack').then(({ ack, ok, refusal }) => [ack, ok, refusal]), ['c2', false, 'no_such_offer']);
  socket.say({ cid: 'c3', command: { key: 'k3', erasure_run: { erasure: '6' } } });
  assert.equal((await socket.next('ack')).refusal, 'not_allowed');
  socket.say({ cid: 'c4', command: { key: 'k4', tick: {} } });
  assert.equal((await socket.next('ack')).refusal, 'unknown_kind');
  socket.say({ cid: 'c5', command: { key: 'k5', offer_accept: { ofer: '9' } } });
  assert.equal((await socket.next('ack')).words, 'offer_accept.ofer: no such member');
  socket.say({ cid: 'c6', command: { key: 'k6', personal_read: { subject: '5', reason: 'handling' } } });
  assert.equal((await socket.next('ack')).personal.number, '13800138000');
  socket.say({ qid: 'q1', query: { status: {} } });
  assert.deepEqual(await socket.next('answer').then(({ answer, status }) => [answer, status.epoch]), ['q1', '7']);
  socket.say({ qid: 'q2', query: { explain: { contact: '9' } } }); /* the dispatcher alone knows */
  assert.deepEqual(await socket.next('answer').then(({ answer, explanation }) => [answer, explanation.place, explanation.waiting]), ['q2', 3, 4]);
  assert.equal((await post('/api/v1/query', { explain: { contact: '8' } }, { cookie })).status, 404);
  assert.equal((await post('/api/v1/query', { explain: { contact: '9' } }, { cookie: await signIn('fire') })).status, 403);
  const rest = await post('/api/v1/command', { key: 'k7', personal: { nummer: '1' }, incident_note: { incident: '5' } }, { cookie });
  assert.deepEqual([rest.status, rest.body.words], [400, 'personal.nummer: no such member']);
  for (const key of ['', 'x'.repeat(41), 'a b', 7])
    assert.equal((await post('/api/v1/command', { key, incident_note: { incident: '5' } }, { cookie })).status, 400);
  socket.drop();
});

test('malformed and oversized frames harm nobody else', async () => {
  const cookie = await signIn('auditor');
  const [good, bad, big, binary] = await Promise.all([1, 2, 3, 4].map(() => Socket.open(port, { cookie })));
  const fifth = await Socket.open(port, { cookie });
  await fifth.until(() => fifth.closed);
  assert.equal(fifth.closed, 1008); /* four to a session */
  await good.hello();
  for (let i = 0; i < 32; i++) bad.say('{"hello":');
  await bad.until(() => bad.closed);
  assert.equal(bad.closed, 1008);
  big.sendRaw(1, Buffer.alloc(40000, 32), false);
  big.sendRaw(0, Buffer.alloc(40000, 32));
  await big.until(() => big.closed);
  assert.equal(big.closed, 1009);
  binary.sendRaw(2, Buffer.from('{}'));
  await binary.until(() => binary.closed);
  assert.equal(binary.closed, 1008);
  bus('event 1');
  await good.next('event');
  good.drop();
});

test('a reader that does not read is dropped, the others are served', async () => {
  const [lazy, keen] = await Promise.all(['fire', 'taker2'].map(async (login) => Socket.open(port, { cookie: await signIn(login) })));
  await Promise.all([lazy.hello(), keen.hello()]);
  lazy.tcp.pause();
  for (let i = 0; i < 60; i++) {
    bus('event 1000');
    for (let j = 0; j < 1000; j++) await keen.next('event');
  }
  lazy.tcp.resume();
  await lazy.until(() => lazy.closed);
  assert.ok(lazy.closed === 4009 || lazy.closed === 1006); /* 1006: it did not even take the close */
  keen.drop();
});

test('the dispatcher falls silent: screens are told, commands are refused at once', async () => {
  const cookie = await signIn('taker');
  const socket = await Socket.open(port, { cookie });
  await socket.hello();
  await bus('down');
  for (;;) if (!(await socket.next('beat')).beat.up) break;
  assert.equal((await post('/api/v1/command', { key: 'd1', incident_note: { incident: '5' } }, { cookie })).status, 503);
  assert.equal((await post('/api/v1/sign-in', { login: 'taker2', password: 'right' })).status, 503);
  assert.equal((await fetch(url('/api/v1/health'))).status, 503);
  assert.equal((await post('/api/v1/query', { status: {} }, { cookie })).status, 200); /* the replica answers */
  await bus('up');
  for (;;) if ((await socket.next('beat')).beat.up) break;
  socket.drop();
});

test('an outcome that comes late finds nobody, or somebody', async () => {
  const cookie = await signIn('taker');
  const [leaves, stays] = await Promise.all([1, 2].map(() => Socket.open(port, { cookie })));
  await Promise.all([leaves.hello(), stays.hello()]);
  await bus('mute');
  leaves.say({ cid: 'l', command: { key: 'l1', incident_note: { incident: '5' } } });
  stays.say({ cid: 's', command: { key: 's1', incident_note: { incident: '5' } } });
  await stays.next('beat');
  leaves.drop();
  await stays.next('beat');
  await bus('loud');
  assert.equal((await stays.next('ack')).ack, 's');
  stays.drop();
});

test('a recording is heard only after the trail says why', async () => {
  mkdirSync(join(home, 'trunk-1/recordings/20261121'), { recursive: true });
  const sound = Buffer.alloc(100000, 'RIFF');
  writeFileSync(join(home, 'trunk-1/recordings/20261121/9.wav'), sound);
  writeFileSync(join(home, 'secret'), 'secret');
  const headers = { cookie: await signIn('auditor') };
  const get = (path, more = {}) => fetch(url(`/api/v1/recordings/${path}`), { headers: { ...headers, ...more } });
  assert.equal((await get('9')).status, 409); /* no reason */
  assert.equal((await get('9?reason=curiosity')).status, 409);
  await bus('mute');
  const asked = get('9?x=1&reason=audit');
  assert.equal(await Promise.race([asked, new Promise((go) => setTimeout(go, 500, 'waits'))]), 'waits');
  await bus('loud');
  const whole = await asked;
  assert.deepEqual([whole.status, whole.headers.get('content-type')], [200, 'audio/wav']);
  assert.ok(Buffer.from(await whole.arrayBuffer()).equals(sound));
  await bus('mute'); /* from here no event could be answered: a later piece needs none */
  const part = await get('9?reason=audit', { range: 'bytes=50001-50010' });
  assert.deepEqual([part.status, part.headers.get('content-range')], [206, 'bytes 50001-50010/100000']);
  assert.equal(await part.text(), sound.toString('latin1', 50001, 50011));
  await bus('loud');
  assert.equal((await get('9?reason=audit', { range: 'bytes=100000-' })).status, 416);
  assert.equal((await get('10?reason=audit')).status, 404);
  assert.equal((await get('11?reason=audit')).status, 404);
  headers.cookie = await signIn('fire');
  assert.equal((await get('9?reason=handling')).status, 403);
});

test('a table is made here, and leaves only after the trail has its digest', async () => {
  const cookie = await signIn('auditor');
  const take = (body) => post('/api/v1/export', body, { cookie });
  await bus('mute');
  const asked = take({ query: { incidents: {} }, language: 'zh' });
  assert.equal(await Promise.race([asked, new Promise((go) => setTimeout(go, 500, 'waits'))]), 'waits');
  await bus('loud');
  const { status, body } = await asked;
  assert.equal(status, 200);
  assert.equal(body.rows, 1);
  const [heads, row] = body.csv.split('\r\n');
  assert.match(heads, /^\ufeff单号,号线,事项类别,/);
  assert.match(row, /^20261121000005,12345,"路灯, 不亮",,待评价/, 'names and words as the page has them');
  assert.match(body.digest, /^[0-9a-f]{64}$/);
  const figures = await take({ query: { kpi: { scope: 'line', from: 20261101, to: 20261130 } }, language: 'en' });
  assert.match(figures.body.csv, /\r\nline,110,,20261101,20261130,C1,answered by a person,9,10,\d+,\d+,,,,share,\(answered\) \/ \(offered\),4\r\n/);
  const found = await take({ cases: ['5', '999'], language: 'zh' });
  assert.equal(found.body.rows, 1, 'single cases, those that are there');
  assert.match(found.body.csv, /^\ufeff单号,号线,.*\r\n20261121000005,/);
  for (const cases of [[], '5', ['five'], [0], Array.from({ length: 65 }, () => '5')])
    assert.equal((await take({ cases })).status, 400, JSON.stringify(cases));
  assert.equal((await take({ query: { takers: {} } })).status, 400);
  assert.equal((await take({ language: 'zh' })).status, 400);
  assert.equal((await post('/api/v1/export', { query: { incidents: {} } }, { cookie: await signIn('taker') })).status, 403);
});

test('a case and a list go to paper, opened only where asked, and leave when the trail knows', async () => {
  const cookie = await signIn('auditor');
  const take = (body) => post('/api/v1/export', body, { cookie });
  assert.equal((await take({ paper: { incident: '5' } })).body.refusal, 'reason_missing');
  assert.equal((await take({ paper: { incident: '5', reason: 'idleness' } })).body.refusal, 'reason_missing');
  assert.equal((await take({ paper: { incident: '999', reason: 'audit' } })).status, 404);
  assert.equal((await take({ query: { incidents: {} }, form: 'pdf' })).body.refusal, 'reason_missing');
  for (const what of [{ paper: { incident: '5', reason: 'audit' } }, { paper: { incident: '5', reason: 'audit', open: true, purpose: 'law' }, language: 'en' },
    { query: { incidents: {} }, form: 'pdf', reason: 'audit' }, { cases: ['5'], form: 'pdf', reason: 'audit' }]) {
    const { status, body } = await take(what);
    assert.equal(status, 200, JSON.stringify(body));
    assert.match(Buffer.from(body.pdf, 'base64').toString('latin1'), /^%PDF-/);
    assert.match(body.digest, /^[0-9a-f]{64}$/);
    assert.ok(body.rows >= 1 && Number(body.event_seq) > 0);
  }
  assert.equal((await post('/api/v1/export', { paper: { incident: '5', reason: 'audit' } }, { cookie: await signIn('taker') })).status, 403);
});

test('a picture is sealed, told, and looked at only after the trail says why', async () => {
  const cookie = await signIn('fire');
  const attach = (task, body, as = cookie) => fetch(url(`/api/v1/attach/${task}`), { method: 'POST', headers: { cookie: as }, body });
  const folder = join(home, 'console/attachments');
  const files = () => existsSync(folder) ? readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.sealed')) : [];
  const picture = Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.alloc(300000, 'a lamp that is out ')]);
  const stored = await attach(6, picture);
  assert.equal(stored.status, 200);
  const { event_seq } = await stored.json();
  assert.equal(files().length, 1);
  assert.ok(!readFileSync(join(folder, files()[0])).includes('lamp'), 'it lies sealed');
  assert.equal((await attach(7, picture)).status, 404);
  assert.equal(files().length, 1, 'what is refused does not stay');
  assert.equal((await attach(6, Buffer.from('<html><script>alert(1)</script>'))).status, 415);
  assert.equal((await attach(6, picture, await signIn('taker'))).status, 403);
  assert.equal((await attach(6, picture, 'yihao_sid=0')).status, 401);
  assert.equal((await raw('/api/v1/attach/6', { method: 'POST', headers: { cookie, 'content-length': 9000000 }, body: 'x' })).status, 413);
  const look = (seq, reason = 'handling') => fetch(url(`/api/v1/attachments/${seq}?reason=${reason}`), { headers: { cookie } });
  assert.equal((await look(event_seq, '')).status, 409);
  assert.equal((await look(99999)).status, 404);
  const seen = await look(event_seq);
  assert.deepEqual([seen.status, seen.headers.get('content-type'), seen.headers.get('x-content-type-options')], [200, 'image/jpeg', 'nosniff']);
  assert.ok(Buffer.from(await seen.arrayBuffer()).equals(picture));
});

test('figures come with their formulas', async () => {
  const cookie = await signIn('supervisor');
  const { status, body } = await post('/api/v1/figures', { scope: 'line', number: 110, from: 20261101, to: 20261130 }, { cookie });
  assert.equal(status, 200);
  const formula = body.formulas.find((one) => one.id === 'C1');
  assert.deepEqual([formula.unit, formula.formula], ['share', '(answered) / (offered)']);
  const figure = body.rows[0].figures.find((one) => one.id === 'C1');
  assert.deepEqual([figure.over, figure.under], [9, 10]);
  assert.ok(figure.low < 900 && figure.high > 900);
  assert.equal((await post('/api/v1/figures', { scope: 'line' }, { cookie: await signIn('fire') })).status, 403);
});

test('a supervisor who signed in long ago proves it before a recording is heard', async () => {
  await bus('stale');
  const cookie = await signIn('supervisor');
  await bus('fresh');
  const hear = () => fetch(url('/api/v1/recordings/9?reason=supervision'), { headers: { cookie } });
  const refused = await hear();
  assert.deepEqual([refused.status, (await refused.json()).refusal], [403, 'proof_wanted']);
  const prove = (password, more = {}) => post('/api/v1/prove', { password, ...more }, { cookie });
  assert.deepEqual((await prove('wrong')).body, { refusal: 'bad_password' });
  assert.equal((await prove('')).status, 401);
  assert.equal((await prove('right', { login: 'auditor' })).status, 400);
  assert.equal((await post('/api/v1/prove', { password: 'right' })).status, 401); /* no cookie: nobody */
  assert.equal((await post('/api/v1/prove', { password: 'right' }, { cookie, origin: 'http://evil.example' })).status, 403);
  assert.equal((await hear()).status, 403);
  assert.equal((await prove('right')).status, 200);
  assert.equal((await hear()).status, 200);
});

test('a cookie that somebody else chose opens nothing and is not kept', async () => {
  const chosen = 'yihao_sid=' + '7'.repeat(64);
  const me = (cookie) => fetch(url('/api/v1/me'), { headers: { cookie } });
  assert.equal((await me(chosen)).status, 401);
  const { status, cookie } = await post('/api/v1/sign-in', { login: 'auditor', password: 'right' }, { cookie: chosen });
  assert.equal(status, 200);
  assert.ok(!cookie.startsWith(chosen));
  assert.equal((await me(chosen)).status, 401);
  const own = cookie.split(';')[0];
  assert.equal((await post('/api/v1/sign-out', {}, { cookie: own })).status, 200);
  assert.equal((await me(own)).status, 401);
  assert.equal((await post('/api/v1/prove', { password: 'right' }, { cookie: own })).status, 401);
});

test('a locked screen answers calls, shows nothing and does nothing else', async () => {
  const cookie = await signIn('supervisor');
  const socket = await Socket.open(port, { cookie });
  await socket.hello();
  assert.equal((await post('/api/v1/lock', {}, { cookie, origin: 'http://evil.example' })).status, 403);
  assert.equal((await post('/api/v1/lock', {}, { cookie })).status, 200);
  await socket.until(() => socket.frames.some((frame) => frame.locked === true));
  const command = (body) => post('/api/v1/command', { key: `l${Math.random()}`.replace('.', ''), ...body }, { cookie });
  const query = (body) => post('/api/v1/query', body, { cookie });
  for (const body of [{ incident_note: { incident: '5' } }, { personal_read: { subject: '9', reason: 'supervision' } }, { incident_register: {} }])
    assert.deepEqual([(await command(body)).status, (await command(body)).body.refusal], [423, 'locked']);
  for (const body of [{ incidents: {} }, { incident: { incident: '5' } }, { texts: { incident: '5' } }, { events: { incident: '5' } }, { explain: { contact: '9' } }])
    assert.deepEqual((await query(body)).body, { refusal: 'locked' });
  for (const path of ['/api/v1/trail/5', '/api/v1/recordings/9?reason=supervision'])
    assert.equal((await fetch(url(path), { headers: { cookie } })).status, 423);
  assert.notEqual((await query({ contacts: {} })).status, 423);
  assert.equal((await command({ contact_finish: { contact: '9' } })).status, 200);
  assert.equal((await post('/api/v1/active', {}, { cookie })).status, 423);
  const me = await (await fetch(url('/api/v1/me'), { headers: { cookie } })).json();
  assert.deepEqual([me.locked, me.user.user], [true, 2001]);
  const before = socket.frames.length;
  await bus('event 3');
  await bus('arrived 1');
  await socket.until(() => socket.frames.slice(before).some((frame) => frame.event?.contact_arrived));
  assert.ok(!socket.frames.slice(before).some((frame) => frame.event?.incident_noted));
  const late = await Socket.open(port, { cookie });
  assert.equal((await late.hello()).locked, true);

  assert.equal((await post('/api/v1/prove', { password: 'wrong' }, { cookie })).status, 401);
  assert.equal((await query({ incidents: {} })).status, 423);
  assert.equal((await post('/api/v1/prove', { password: 'right' }, { cookie })).status, 200);
  await socket.until(() => socket.frames.some((frame) => frame.locked === false));
  assert.notEqual((await query({ incidents: {} })).status, 423);
  await bus('event 1');
  await socket.until(() => socket.frames.some((frame) => frame.event?.incident_noted));
});

test('a screen nobody touches is locked, one that somebody touches is not', async () => {
  const left = await signIn('supervisor');
  const used = await signIn('auditor');
  const locked = async (cookie) => (await (await fetch(url('/api/v1/me'), { headers: { cookie } })).json()).locked;
  await bus('idle 1200');
  const until = Date.now() + 2600;
  while (Date.now() < until) {
    assert.notEqual((await post('/api/v1/active', {}, { cookie: used })).status, 423);
    await new Promise((go) => setTimeout(go, 200));
  }
  assert.deepEqual([await locked(left), await locked(used)], [true, false]);
  await bus('idle 900000');
});

test('a call taker sits at one seat', async () => {
  const old = await Socket.open(port, { cookie: await signIn('taker') });
  await old.hello();
  const cookie = await signIn('taker');
  await old.until(() => old.closed);
  assert.equal(old.closed, 4008);
  assert.equal((await fetch(url('/api/v1/me'), { headers: { cookie } })).status, 200);
});

test('who signs out anywhere is signed out everywhere, and who sits down elsewhere sits there alone', async () => {
  const status = async (cookie) => (await fetch(url('/api/v1/me'), { headers: { cookie } })).status;
  const newer = async (login) => {
    await bus('ahead 60000');
    const cookie = await signIn(login);
    await bus('ahead 0');
    return cookie;
  };
  for (const [login, line, code] of [['supervisor', 'closed 2001', 4001], ['taker', 'closed 1001', 4001], ['taker', 'opened 1001', 4008]]) {
    const old = await signIn(login);
    const socket = await Socket.open(port, { cookie: old });
    await socket.hello();
    const other = await signIn('auditor');
    await bus(line);
    await socket.until(() => socket.closed);
    assert.equal(socket.closed, code, line);
    assert.deepEqual([await status(old), await status(other)], [401, 200], line);
    const fresh = await newer(login); /* the answer to it came before the event of what was before it */
    await bus(line);
    await bus('event 1');
    assert.equal(await status(fresh), 200, line);
    await post('/api/v1/sign-out', {}, { cookie: fresh });
  }
  const away = await signIn('supervisor');
  await bus('opened 2001');
  assert.equal(await status(away), 200, 'a supervisor may be at two screens');
});

test('a role that changes ends the session', async () => {
  const cookie = await signIn('police');
  const socket = await Socket.open(port, { cookie });
  await socket.hello();
  await bus('roles 3002 8');
  await socket.until(() => socket.closed);
  assert.equal(socket.closed, 4003);
  assert.equal((await fetch(url('/api/v1/me'), { headers: { cookie } })).status, 401);
});

test('a session the dispatcher forgot ends here, too', async () => {
  const cookie = await signIn('supervisor');
  const socket = await Socket.open(port, { cookie });
  await socket.hello();
  await bus('forget');
  assert.equal((await post('/api/v1/command', { key: 'f1', incident_note: { incident: '5' } }, { cookie })).status, 401);
  await socket.until(() => socket.closed);
  assert.equal(socket.closed, 4001);
});

test('SIGTERM sends everybody away with 4009 and ends cleanly', async () => {
  const socket = await Socket.open(port, { cookie: await signIn('auditor') });
  await socket.hello();
  server.kill('SIGTERM');
  await socket.until(() => socket.closed);
  assert.equal(socket.closed, 4009);
  assert.equal(await ended, 0);
});
