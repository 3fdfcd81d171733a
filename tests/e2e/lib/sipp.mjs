// SPDX-License-Identifier: GPL-3.0-or-later
//
// Citizens and seats' phones as SIPp plays them.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from './home.mjs';

const scenarios = path.join(root, 'tests/e2e/sipp');

/** A running SIPp. `ended` gives { code, words } when it is over. */
export class Sipp {
  /**
   * @param {string} scenario file below tests/e2e/sipp
   * @param {string[]} options
   * @param {(folder: string) => void} [prepare] puts files into SIPp's own folder before it starts
   */
  constructor(scenario, options, prepare) {
    this.folder = mkdtempSync(path.join(tmpdir(), 'yihao-sipp-'));
    prepare?.(this.folder);
    this.child = spawn('sipp', ['-sf', path.join(scenarios, scenario), '-i', '127.0.0.1', '-nostdin', '-aa',
      '-trace_err', '-error_file', path.join(this.folder, 'errors.log'), ...options],
    { stdio: ['ignore', 'pipe', 'pipe'], cwd: this.folder });
    let words = '';
    const keep = (piece) => { words = (words + piece).slice(-8000); };
    this.child.stdout.on('data', keep);
    this.child.stderr.on('data', keep);
    this.ended = new Promise((done) => this.child.on('close', (code) => done({ code, words })));
    alive.add(this);
  }

  end() {
    if (this.child.exitCode === null) this.child.kill('SIGUSR1');
    return this.ended;
  }

  stop() {
    if (this.child.exitCode === null) this.child.kill('SIGKILL');
    return this.ended;
  }
}

/** None outlives the test. */
const alive = new Set();
process.on('exit', () => {
  for (const sipp of alive) {
    sipp.child.kill('SIGKILL');
    rmSync(sipp.folder, { recursive: true, force: true });
  }
});

let nextPort = 40000 + (process.pid % 1000) * 10;

/** A local port pair for one SIPp; spread so that several tests can run at once. */
export function ports() {
  nextPort = nextPort > 58000 ? 40000 : nextPort + 10; // SIPp takes -mp and the five behind it
  return ['-p', String(nextPort), '-mp', String(nextPort + 2)];
}
