// SPDX-License-Identifier: GPL-3.0-or-later
//
// A whole cluster on this machine (ops/start --cluster), and its database's primary struck under calls: killed as by a
// power cut, then hung. Citizens call 110 at both gateways all the while and are accepted; Patroni promotes the
// synchronous standby; afterwards nothing accepted is lost or doubled, and the standby has every turn. Some two minutes.
//     ops/install --cluster, then: node tests/e2e/failover.mjs [PORT_BASE]      it takes N … N+80 and N+1000 … N+2999
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Cluster, nodes } from './lib/cluster.mjs';
import { Person } from './lib/console.mjs';
import { pause, until } from './lib/home.mjs';
import { Citizen, closeCitizens, Phones } from './lib/sip.mjs';

const BASE = Number(process.argv[2] ?? 12000);
const EVERY_MS = 400;
const TALKS_MS = 900;
const ACCEPTED_MS = 4000; /* the link's silence of 2 s, the plan, and a machine that does other things */
const PROMOTED_S = 90;

let cluster;
let phones;
let calls = 0;
const gateways = []; /* their ports */
const accepted = [];

before(async () => {
  cluster = await Cluster.make(BASE);
  for (const home of [cluster.a, cluster.b])
    home.rewrite('lines.csv', (text) => text.replace(/^(110,.*),[^,]*$/m, '$1,1001&1002&1003 1004&1005&1006'));
  cluster.a.start('dispatcher', 'trunk-1', 'console');
  cluster.shell('start_program "$C/b" dispatcher');
  cluster.b.start('trunk-2');
  gateways.push(cluster.a.sipPort('trunk-1'), cluster.b.sipPort('trunk-2'));
  phones = await Phones.open(BASE + 70);
  await Person.signOn(cluster.a, [1001, 1002, 1003, 1004, 1005, 1006]); /* on duty, and away: callers wait in the queue */
});

after(() => {
  closeCitizens();
  phones?.close();
  if (process.env.YIHAO_LOG) for (const home of [cluster.a, cluster.b]) process.stdout.write(home.log('dispatcher'));
  cluster?.remove();
});

/** One citizen, accepted and gone again. */
async function calls110() {
  const port = gateways[calls % 2];
  const number = `139${String(++calls).padStart(8, '0')}`;
  const citizen = await Citizen.call(port, 110, { number });
  const { at } = await citizen.accepted(20);
  accepted.push({ number, ms: at - citizen.begun, at });
  await pause(TALKS_MS);
  citizen.cancel();
  await until('the call has its last answer', () => citizen.answers.some(({ status }) => status >= 200), 10);
  if (citizen.answers.some(({ status }) => status === 200)) await citizen.bye().catch(() => 0);
}

/** Citizens call until told otherwise; resolves when the last one hung up. */
function stream() {
  let on = true;
  const under = [];
  const loop = (async () => {
    while (on) {
      under.push(calls110());
      await pause(EVERY_MS);
    }
    for (const one of await Promise.allSettled(under)) if (one.reason) throw one.reason;
  })();
  return () => { on = false; return loop; };
}

/** A dispatcher that waits for the annals answers nobody: that counts as no. */
const answers = async () => (await Promise.all([cluster.a, cluster.b].map((home) =>
  Promise.race([home.metrics('dispatcher').catch(() => ({})), pause(1500).then(() => ({}))])))).some((figures) => figures.yihao_annals_answer === 1);

/** Strikes the primary under calls; returns { primary, standby, promoted, back, slowest }. */
async function strikePrimary(signal, t) {
  const primary = await cluster.nodeOf('leader');
  const standby = await cluster.nodeOf('sync_standby');
  const end = stream();
  await until('calls are accepted', () => accepted.length >= 4);
  const before = accepted.length;
  const struck = Date.now();
  const pids = cluster.strike(primary, signal);
  const port = BASE + 62 + nodes.indexOf(primary);
  const doctor = cluster.a.yihao('doctor').then(({ out }) => out);
  const promoted = await until('another node writes', async () => {
    const leader = await cluster.nodeOf('leader');
    return leader && leader !== primary && leader;
  }, PROMOTED_S);
  const promoted_ms = Date.now() - struck;
  await until('the dispatcher goes on', async () => (await answers()) && (await cluster.a.yihao('status')).code === 0, 60);
  const back_ms = Date.now() - struck;
  await pause(3000);
  await end();
  const during = accepted.slice(before);
  const slowest = Math.max(...during.map(({ ms }) => ms));
  t.diagnostic(`${signal}: ${promoted} writes after ${promoted_ms} ms, the dispatcher goes on after ${back_ms} ms; ` +
    `${during.length} calls to 110 meanwhile, the slowest accepted after ${slowest} ms`);
  assert.match(await doctor, new RegExp(`annals +127\\.0\\.0\\.1 port ${port} ${signal === 'SIGSTOP' ? 'takes connections and says nothing' : 'cannot be reached'}`));
  assert.equal(promoted, standby, 'only who has every turn is promoted');
  assert.ok(during.length >= 10 && slowest < ACCEPTED_MS, `the slowest call was accepted after ${slowest} ms`);
  return { primary, pids };
}

/** Each accepted call is one contact, and every contact has an end. */
async function audit(t) {
  const supervisor = await Person.signIn(cluster.a, '2001');
  await until('nobody waits any more', async () => (await supervisor.asksAll('contacts')).length === 0, 60);
  const contacts = await supervisor.asksAll('contacts', { ended: true });
  const numbers = [];
  for (const { contact } of contacts)
    numbers.push((await supervisor.does('personal_read', { subject: contact, reason: 'supervision', fields: 2, purpose: 'verify' })).personal.number);
  const lost = accepted.filter(({ number }) => !numbers.includes(number));
  const doubled = numbers.filter((number, i) => numbers.indexOf(number) !== i);
  t.diagnostic(`${accepted.length} calls accepted, ${contacts.length} contacts`);
  assert.deepEqual(lost, [], 'no accepted call is lost');
  assert.deepEqual(doubled, [], 'no call is two contacts');
}

/** Every turn stands once, from the first to the last, at the primary and at the standby that must have it. */
async function turnsStand(t) {
  const [row] = await cluster.ask(`select begin_turn, last_turn, (select count(distinct turn) from annals_turn),
    (select count(*) from (select turn from annals_turn group by turn, piece having count(*) > 1) twice),
    (select count(*) from annals_turn_other) from annals_head`);
  const [begin, last, count, twice, other] = row.split('|').map(Number);
  t.diagnostic(`turns ${begin + 1} to ${last}: ${count} stand in the annals`);
  assert.equal(count, last - begin, 'no turn is missing');
  assert.equal(twice, 0, 'none stands twice');
  assert.equal(other, 0, 'each stands in its month');
}

test('the database is spoken with over TLS, by certificate, and adds turns only', async () => {
  const node = await cluster.nodeOf('leader');
  const port = BASE + 62 + nodes.indexOf(node);
  const keys = path.join(cluster.a.folder, 'keys');
  const good = `sslmode=verify-full sslrootcert=${keys}/annals-ca.pem sslcert=${keys}/annals.crt sslkey=${keys}/annals.key`;
  const tries = (words, statement = 'select 1') => {
    try {
      return execFileSync('psql', ['-XAt', '-c', statement, `port=${port} user=yihao dbname=annals ${words}`], { encoding: 'utf8', stdio: 'pipe', cwd: '/' }).trim();
    } catch ({ stderr }) { return stderr; }
  };
  assert.equal(tries(`host=127.0.0.1 ${good}`), '1');
  assert.match(tries('host=127.0.0.1 sslmode=disable'), /no pg_hba\.conf entry.*no encryption/);
  assert.match(tries(`host=127.0.0.1 sslmode=require sslcert=/nowhere sslkey=/nowhere`), /certificate/);
  assert.match(tries(`host=db.example hostaddr=127.0.0.1 ${good}`), /does not match host name/);
  assert.match(tries(`host=127.0.0.1 ${good.replace(/sslrootcert=\S+/, 'sslrootcert=/etc/ssl/certs/ca-certificates.crt')}`), /certificate verify failed/);
  for (const statement of ['update annals_turn set bytes = null', 'delete from annals_turn', 'truncate annals_turn', 'drop table annals_turn'])
    assert.match(tries(`host=127.0.0.1 ${good}`, statement), /permission denied|must be owner/, statement);
});

test('the primary is killed under calls: its standby has everything', async (t) => {
  const { primary } = await strikePrimary('SIGKILL', t);
  cluster.begin(primary);
  await cluster.replicated();
  await audit(t);
  await turnsStand(t);
});

test('the primary hangs under calls, and wakes as one that writes no more', async (t) => {
  const { primary, pids } = await strikePrimary('SIGSTOP', t);
  for (const pid of pids) {
    try { process.kill(pid, 'SIGCONT'); } catch { /* gone */ }
  }
  await cluster.replicated();
  assert.notEqual(await cluster.nodeOf('leader'), primary);
  await audit(t);
  await turnsStand(t);
});

test('standbys are killed: with the last one nothing counts as written, and calls go by plan', async (t) => {
  const [first, last] = [await cluster.nodeOf('sync_standby'), await cluster.nodeOf('replica')];
  const begun = Date.now();
  const end = stream();
  cluster.strike(first, 'SIGKILL');
  await until('the other standby confirms', async () => (await cluster.nodeOf('sync_standby')) === last && (await answers()), 60);
  t.diagnostic(`${last} confirms after ${Date.now() - begun} ms`);
  await pause(2000);
  assert.ok(await answers(), 'one of the two is enough');
  cluster.strike(last, 'SIGKILL');
  await until('nobody confirms', async () => !(await answers()), 30);
  const before = accepted.length;
  await until('calls are accepted by plan', () => accepted.length >= before + 10);
  assert.ok(!(await answers()), 'still nobody confirms');
  cluster.begin(first);
  cluster.begin(last);
  await cluster.replicated();
  await until('the dispatcher goes on', answers, 60);
  await pause(2000);
  await end();
  const slowest = Math.max(...accepted.slice(before).map(({ ms }) => ms));
  t.diagnostic(`the slowest call was accepted after ${slowest} ms`);
  assert.ok(slowest < ACCEPTED_MS);
  await audit(t);
  await turnsStand(t);
});

test('what is in the annals is what is in the journal', async (t) => {
  cluster.a.stop();
  cluster.b.stop();
  await turnsStand(t);
  for (const home of [cluster.a, cluster.b]) {
    const verified = await home.yihao('trail', 'verify', path.join(home.folder, 'journal'));
    assert.equal(verified.code, 0, verified.out + verified.err);
    t.diagnostic((verified.out + verified.err).trim().split('\n').pop());
  }
});
