// SPDX-License-Identifier: GPL-3.0-or-later
//
// A person at a console, without the browser: docs/console-api.md over HTTP.
import { randomUUID } from 'node:crypto';
import { until } from './home.mjs';

export class Person {
  /** @param {import('./home.mjs').Home} home @param {string} login */
  constructor(home, login) {
    this.home = home;
    this.login = login;
    this.cookie = '';
  }

  static async signIn(home, login) {
    const person = new Person(home, login);
    const asks = () => person.post('sign-in', { login, password: home.passwords[login] });
    let { status, body } = await asks();
    /* A console that started a moment ago says "later" until it has seen the dispatcher: so ask later, as a person does. */
    for (const until = Date.now() + 20000; status === 503 && Date.now() < until; ({ status, body } = await asks()))
      await new Promise((resolve) => setTimeout(resolve, 200));
    if (status !== 200) throw new Error(`${login} cannot sign in: ${status} ${JSON.stringify(body)}`);
    person.user = body.user;
    return person;
  }

  /** Takers at their seats, signed on and not yet ready: seat → person. @param {number[]} seats */
  static async signOn(home, seats) {
    const takers = {};
    for (const seat of seats) {
      takers[seat] = await Person.signIn(home, String(seat));
      await takers[seat].does('taker_sign_on');
    }
    return takers;
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

  /** Asks one page; returns { rows or the answer's own member, next }. */
  async page(kind, fields) {
    const { status, body } = await this.post('query', { [kind]: fields });
    if (body.refusal) throw new Error(`${this.login} ${kind}: ${status} ${body.refusal}`);
    const { seq, more, next, ...members } = body;
    const [name, value] = Object.entries(members)[0] ?? [];
    const whole = ['status', 'incident_detail'].includes(name);
    return { value: whole ? value : (value?.rows ?? []), next: more ? next : undefined };
  }

  /** Asks; returns the answer's own member (its rows where there are rows), the first page of it. */
  async asks(kind, fields = {}) {
    return (await this.page(kind, fields)).value;
  }

  /** All rows of a question, page after page. */
  async asksAll(kind, fields = {}) {
    const cursor = ['incidents', 'tasks'].includes(kind) ? 'before' : 'after';
    const rows = [];
    for (let next; ;) {
      const page = await this.page(kind, next ? { ...fields, [cursor]: next } : fields);
      rows.push(...page.value);
      next = page.next;
      if (!next) return rows;
    }
  }

  /** A contact's events as { kind, body, taker, at_ms }, in order. */
  async trailOf(contact) {
    const rows = await this.asksAll('events', { contact });
    return rows.map(({ event }) => {
      const kind = Object.keys(event).find((name) => typeof event[name] === 'object');
      return { kind, body: event[kind], taker: event.taker, at_ms: event.at_ms };
    });
  }

  /** The last event of this kind, as soon as there is one. */
  eventOf(contact, kind) {
    return until(`${kind} of ${contact}`, async () => (await this.trailOf(contact)).findLast((one) => one.kind === kind));
  }
}
