// SPDX-License-Identifier: GPL-3.0-or-later
//
// The operators' message centre (tests/e2e/smsc/centre.mjs) as a child process, driven over HTTP.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { root, until } from './home.mjs';

const folder = path.join(root, 'tests/e2e');

/** Installs the pinned packages of tests/e2e once. */
export function installPackages() {
  if (!existsSync(path.join(folder, 'node_modules/smpp')))
    execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder, stdio: 'inherit' });
}

export class Centre {
  /** @param {number} port SMPP @param {number} control HTTP @param {string[]} program another centre, driven the same way */
  constructor(port, control, program = ['smsc/centre.mjs']) {
    this.control = control;
    installPackages();
    this.child = spawn('node', [...program, '--port', String(port), '--control', String(control)],
      { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
    process.on('exit', () => this.child.kill());
  }

  async ask(method, what, body) {
    const answer = await fetch(`http://127.0.0.1:${this.control}/${what}`, {
      method, body: body && JSON.stringify(body), headers: { 'content-type': 'application/json' },
    });
    return answer.json();
  }

  /** Waits until `count` gateways are bound. */
  bound(count) {
    return until(`${count} SMS gateways are bound`, async () => {
      const state = await this.ask('GET', 'state').catch(() => ({ sessions: [] }));
      return state.sessions.length >= count && state;
    }, 75);
  }

  /** A citizen's text; resolves when the gateway has answered every part. */
  deliver(from, to, text, more = {}) {
    return this.ask('POST', 'deliver', { from, to, text, ...more });
  }

  texts() {
    return this.ask('GET', 'texts');
  }

  /** The first text to this number whose words match. */
  textTo(number, words, seconds = 20) {
    return until(`a text to ${number} with ${words}`, async () =>
      (await this.texts()).find((text) => text.to === number && words.test(text.text)), seconds);
  }

  stop() {
    this.child.kill();
  }
}
