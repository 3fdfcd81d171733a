// SPDX-License-Identifier: GPL-3.0-or-later
//
// A person at a console, without the browser: docs/console-api.md over HTTP.
import { randomUUID } from 'node:crypto';

export class Person {
  /** @param {import('./home.mjs').Home} home @param {string} login */
  constructor(home, login) {
    this.home = home;
    this.login = login;
    this.cookie = '';
  }

  static async signIn(home, login) {
    const person = new Person(home, login);
    const { status, body } = await person.post('sign-in', { login, password: home.passwords[login] });
    if (status !== 200) throw new Error(`${login} cannot sign in: ${status} ${JSON.stringify(body)}`);
    person.user = body.user;
    return person;
  }

  async post(path, body) {
    const answer = await fetch(`${this.home.consoleUrl}/api/v1/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: this.cookie },
      body: JSON.stringify(body),
    });
    const cookie = answer.headers.get('set-cookie');
    if (cookie) this.cookie = cookie.split(';')[0];
    return { status: answer.status, body: await answer.json() };
  }

  /** Does one thing; a refusal throws with its word. */
  async does(kind, fields = {}, personal) {
    const { body } = await this.post('command', { key: randomUUID(), [kind]: fields, ...(personal && { personal }) });
    if (!body.ok) throw new Error(`${this.login} ${kind}: ${body.refusal} ${body.words ?? ''}`);
    return body;
  }

  /** Tries one thing and returns the refusal's word, or 'none'. */
  async tries(kind, fields = {}, personal) {
    const { body } = await this.post('command', { key: randomUUID(), [kind]: fields, ...(personal && { personal }) });
    return body.ok ? 'none' : body.refusal;
  }

  /** Asks; returns the answer's own member (rows where there are rows). */
  async asks(kind, fields = {}) {
    const { status, body } = await this.post('query', { [kind]: fields });
    if (body.refusal) throw new Error(`${this.login} ${kind}: ${status} ${body.refusal}`);
    const member = Object.entries(body).find(([name]) => !['seq', 'more', 'refusal'].includes(name));
    return member ? (member[1].rows ?? member[1]) : [];
  }

  /** All rows of a paged query; `next` gives the fields that continue behind the last row. */
  async asksAll(kind, fields, next) {
    const rows = [];
    for (;;) {
      const { body } = await this.post('query', { [kind]: fields });
      if (body.refusal) throw new Error(`${this.login} ${kind}: ${body.refusal}`);
      const member = Object.entries(body).find(([name]) => !['seq', 'more', 'refusal'].includes(name));
      const page = member?.[1].rows ?? [];
      rows.push(...page);
      if (!body.more || page.length === 0) return rows;
      fields = { ...fields, ...next(page[page.length - 1]) };
    }
  }
}
