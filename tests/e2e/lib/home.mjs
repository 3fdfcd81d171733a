// SPDX-License-Identifier: GPL-3.0-or-later
//
// A home of its own for a test or the demonstration: made, started, killed in part, and ended by the
// same shell functions as ops/start uses.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const bin = process.env.YIHAO_BIN ?? path.join(root, 'build/release/bin');

const TESTS_AT_ONCE_MAX = 270; // 10000 to 28900, sound to 31900

/** Ports for a home and its phones that no other running test has: two tests with the same ones sign in to each other's city. */
function take_ports() {
  for (let i = 0; i < TESTS_AT_ONCE_MAX; i++) {
    const base = 10000 + ((process.pid + i) % TESTS_AT_ONCE_MAX) * 70;
    const mark = path.join(tmpdir(), `yihao-ports-${base}`);
    try {
      if (existsSync(mark) && !existsSync(`/proc/${readFileSync(mark, 'utf8')}`)) rmSync(mark); // whoever had them died
      writeFileSync(mark, String(process.pid), { flag: 'wx' });
      process.on('exit', () => rmSync(mark, { force: true }));
      return base;
    } catch { /* taken */ }
  }
  throw new Error(`${TESTS_AT_ONCE_MAX} tests at once?`);
}

/** Where a test's ports begin, below those that the system gives away. */
export const ownPorts = Number(process.env.YIHAO_PORT ?? take_ports());

/** Waits until ask() gives something true and returns it; says `what`, and why ask() failed last, when it never does. */
export async function until(what, ask, seconds = 15) {
  const end = Date.now() + seconds * 1000;
  for (let cause; ; ) {
    const answer = await Promise.resolve().then(ask).catch((error) => { cause = error; });
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`, { cause });
    await pause(50);
  }
}

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export class Home {
  /** @param {string} folder @param {number} [portBase] */
  constructor(folder, portBase) {
    this.folder = folder;
    this.portBase = portBase;
  }

  /** A fresh home below /tmp whose ports begin at portBase; the seats' phones are at portBase + 60. suite: of its trail. */
  static make(portBase, suite = '') {
    const home = new Home(mkdtempSync(path.join(tmpdir(), 'yihao-home-')), portBase);
    home.shell(`make_home "$HOME_DIR" "${portBase}" ${suite}`);
    home.rewrite('users.csv', (text) => text.replaceAll(':15080', `:${home.phonePort}`));
    home.parameter('text_quiet_begin_min', '0'); /* a test run at night waits for no morning */
    home.parameter('text_quiet_end_min', '0');
    process.on('exit', () => existsSync(home.folder) && home.programs.forEach((program) => {
      home.shell(`keeper=$(keeper_of "$HOME_DIR" ${program}); [ -z "$keeper" ] || kill -KILL "$keeper"`);
      home.kill(program);
    }));
    for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(1));
    return home;
  }

  get phonePort() {
    return this.portBase ? this.portBase + 60 : 15080;
  }

  /** Changes a table of the city; a running dispatcher reads it at its next start. */
  rewrite(table, change) {
    const file = path.join(this.folder, 'city', table);
    writeFileSync(file, change(readFileSync(file, 'utf8')));
  }

  /** One parameter, in the words of parameters.csv. */
  parameter(name, value) {
    const row = new RegExp(`^${name},.*$`, 'm');
    this.rewrite('parameters.csv', (text) => (row.test(text) ? text.replace(row, `${name},${value}`) : `${text.trimEnd()}\n${name},${value}\n`));
  }

  /** Keeps no taker back for emergencies: one alone on duty takes ordinary calls, too. */
  withoutReserve() {
    this.parameter('reserve_least', '0');
    this.parameter('reserve_permille', '0');
  }

  /** Runs words of ops/home.sh. */
  shell(words) {
    return execFileSync('bash', ['-c', `set -e; cd "${root}"; source ops/home.sh; ${words}`], {
      encoding: 'utf8',
      env: { ...process.env, HOME_DIR: this.folder },
    });
  }

  get programs() {
    return this.shell('programs_of "$HOME_DIR"').trim().split('\n');
  }

  setting(program, name) {
    return this.shell(`setting_of "$HOME_DIR" "${program}" "${name}"`).trim();
  }

  sipPort(trunk) {
    return Number(this.setting(trunk, 'sip_port'));
  }

  get consoleUrl() {
    return `http://127.0.0.1:${this.setting('console', 'port')}`;
  }

  metricsPort(program) {
    return Number(this.shell(`metrics_port_of "$HOME_DIR" "${program}"`).trim());
  }

  /** Starts the named programs (default: all) and waits until each is healthy; who signs goes with the dispatcher. */
  start(...programs) {
    const named = programs.flatMap((program) => (program === 'dispatcher' ? ['sealer', program] : [program]));
    for (const program of named.length ? named : this.programs)
      this.shell(`start_program "$HOME_DIR" ${program}; wait_healthy "$HOME_DIR" ${program} ||
                  { tail -n 20 "$HOME_DIR/log/${program}.log" >&2; exit 1; }`);
  }

  /** Starts one program while this one goes on hearing and speaking; resolves when it is healthy. */
  startAside(program) {
    const child = spawn('bash', ['-c', `cd "${root}"; source ops/home.sh; start_program "$HOME_DIR" ${program}; wait_healthy "$HOME_DIR" ${program}`],
      { env: { ...process.env, HOME_DIR: this.folder }, stdio: 'ignore' });
    return new Promise((done, fail) => child.on('close', (code) => (code ? fail(new Error(`${program} does not start`)) : done())));
  }

  stop() {
    for (const program of this.programs.reverse()) this.shell(`stop_program "$HOME_DIR" ${program}`);
  }

  pid(program) {
    return Number(this.shell(`pid_of "$HOME_DIR" ${program}`).trim() || 0);
  }

  /** kill -9, as a power cut would. */
  kill(program) {
    const pid = this.pid(program);
    if (pid) process.kill(pid, 'SIGKILL');
  }

  /** The words of a program's log. */
  log(program) {
    const file = path.join(this.folder, 'log', `${program}.log`);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  /** Every secret of the home's keys, and `more`, that stands in a running program's arguments, environment or log: "PLACE: FILE". */
  leaks(more = []) {
    const keys = path.join(this.folder, 'keys');
    const files = readdirSync(keys).filter((file) => !/\.(public|crt|pem)$/.test(file) && file !== 'city.id');
    const secrets = files.flatMap((file) => {
      const bytes = readFileSync(path.join(keys, file));
      const words = bytes.toString('latin1').split(/[\s:,]+/).filter((word) => /^[\x21-\x7e]{10,}$/.test(word));
      return [...words, bytes.toString('hex')].filter((word) => word.length >= 10).map((word) => ({ file, word }));
    });
    for (const word of more) secrets.push({ file: 'the test', word });
    const places = this.programs.filter((program) => this.pid(program)).flatMap((program) => {
      const pid = this.pid(program);
      return [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`, path.join(this.folder, 'log', `${program}.log`)];
    });
    return places.filter((place) => existsSync(place)).flatMap((place) => {
      const words = readFileSync(place, 'latin1');
      return secrets.filter(({ word }) => words.includes(word)).map(({ file }) => `${place}: ${file}`);
    });
  }

  /** { login: password } of the first passwords. */
  get passwords() {
    const rows = readFileSync(path.join(this.folder, 'keys', 'sign-in'), 'utf8').trim().split('\n');
    return Object.fromEntries(rows.filter((row) => !row.startsWith('#')).map((row) => row.split(/\s+/)));
  }

  /** { name: number } of a program's metrics (labels stay part of the name). */
  async metrics(program) {
    const text = await (await fetch(`http://127.0.0.1:${this.metricsPort(program)}/metrics`)).text();
    return Object.fromEntries(
      text.split('\n').filter((row) => row && !row.startsWith('#')).map((row) => {
        const at = row.lastIndexOf(' ');
        return [row.slice(0, at), Number(row.slice(at + 1))];
      }),
    );
  }

  /** Where a program of the city lies. */
  program(name) {
    return path.join(bin, name);
  }

  /** Runs the command line; returns { code, out, err }. */
  yihao(...words) {
    const login = typeof words[0] === 'object' ? words.shift().as : undefined;
    const all = ['--home', this.folder, ...(login ? ['--as', login] : []), ...words];
    return new Promise((done) => {
      const child = spawn(path.join(bin, 'yihao'), all, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, LANG: 'C.UTF-8' } });
      let out = '';
      let err = '';
      child.stdout.on('data', (piece) => (out += piece));
      child.stderr.on('data', (piece) => (err += piece));
      child.on('close', (code) => done({ code, out, err }));
    });
  }

  /** Ends everything and removes the folder. */
  remove() {
    this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
