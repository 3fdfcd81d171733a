// SPDX-License-Identifier: GPL-3.0-or-later
//
// A city without a single machine, in a folder of its own: two homes over PostgreSQL under Patroni, made and started by
// the same shell functions as ops/start --cluster uses.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Home, root, until } from './home.mjs';

export const nodes = ['db-1', 'db-2', 'db-3'];

export class Cluster {
  /** Made, its database running with one synchronous standby, and the schema there; no dispatcher yet. */
  static async make(portBase) {
    const cluster = new Cluster();
    cluster.folder = mkdtempSync('/tmp/yihao-cluster-');
    cluster.portBase = portBase;
    process.on('exit', () => existsSync(cluster.folder) && cluster.killAll());
    for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(1));
    cluster.shell('make_cluster "$C" "$BASE" ""');
    cluster.a = new Home(path.join(cluster.folder, 'a'), portBase);
    cluster.b = new Home(path.join(cluster.folder, 'b'), portBase);
    for (const home of [cluster.a, cluster.b]) {
      home.rewrite('users.csv', (text) => text.replaceAll(':15080', `:${portBase + 70}`));
      home.parameter('text_quiet_begin_min', '0');
      home.parameter('text_quiet_end_min', '0');
    }
    for (const program of ['etcd', ...nodes]) cluster.begin(program);
    await cluster.replicated();
    cluster.shell('fill_schema "$C"');
    return cluster;
  }

  /** Words of ops/home.sh; C is the folder, D the database's. */
  shell(words) {
    return execFileSync('bash', ['-c', `set -e; cd "${root}"; source ops/home.sh; ${words}`], {
      encoding: 'utf8',
      env: { ...process.env, C: this.folder, D: this.database, BASE: String(this.portBase) },
    }).trim();
  }

  /** The same, while this process goes on hearing and speaking. */
  aside(words) {
    const child = spawn('bash', ['-c', `set -e; cd "${root}"; source ops/home.sh; ${words}`],
      { env: { ...process.env, C: this.folder, D: this.database, BASE: String(this.portBase) }, stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (piece) => (out += piece));
    return new Promise((done, fail) => child.on('close', (code) => (code ? fail(new Error(`${code} of: ${words}`)) : done(out.trim()))));
  }

  get database() { return path.join(this.folder, 'database'); }

  begin(program) { this.shell(`start_program "$D" ${program}; [ ${program} != etcd ] || wait_healthy "$D" etcd`); }

  /** What Patroni says of each node: name → role, of those that run. */
  async roles() {
    for (const [i] of nodes.entries()) {
      const answer = await fetch(`http://127.0.0.1:${this.portBase + 65 + i}/cluster`, { signal: AbortSignal.timeout(1000) })
        .then((one) => one.json()).catch(() => undefined);
      if (answer) return Object.fromEntries(answer.members.filter(({ state }) => state === 'running').map(({ name, role }) => [name, role]));
    }
    return {};
  }

  async nodeOf(role) {
    return Object.entries(await this.roles()).find(([, one]) => one === role)?.[0];
  }

  /** One writes, one has it all, one more follows. */
  replicated(seconds = 120) {
    return until('three nodes run, one of them the synchronous standby', async () =>
      Object.values(await this.roles()).toSorted().join() === 'leader,replica,sync_standby', seconds);
  }

  /** Every process of a node: Patroni, the server and what serves its connections. */
  pidsOf(node) {
    const file = path.join(this.database, node, 'postmaster.pid');
    const server = existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : 0;
    const patroni = Number(this.shell(`pid_of "$D" ${node}`) || 0);
    const children = readdirSync('/proc').filter((one) => /^\d+$/.test(one)).filter((pid) => {
      try {
        return server && Number(/^\d+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1]) === server;
      } catch { return false; }
    });
    return [patroni, server, ...children.map(Number)].filter(Boolean);
  }

  /** To the whole node at once: SIGKILL as a power cut, SIGSTOP as a machine that hangs. */
  strike(node, signal) {
    const pids = this.pidsOf(node);
    for (const pid of pids) {
      try { process.kill(pid, signal); } catch { /* it was a session that ended */ }
    }
    return pids;
  }

  /** As the database's owner at whichever node writes; the answer's rows. */
  async ask(statement) {
    return (await this.aside(`owner_psql "$C" annals -At -c "${statement}"`)).split('\n');
  }

  killAll() {
    for (const node of nodes) for (const signal of ['SIGCONT', 'SIGKILL']) this.strike(node, signal);
    for (const home of [this.a, this.b]) home?.programs.forEach((program) => home.kill(program));
    this.shell('pid=$(pid_of "$D" etcd); [ -z "$pid" ] || kill -KILL $pid');
  }

  remove() {
    this.killAll();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
