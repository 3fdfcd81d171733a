// SPDX-License-Identifier: GPL-3.0-or-later
// A console server with a small city in memory, for tests of single pages: speaks the API of
// docs/console-api.md over HTTP and WebSocket. Decides loosely; the real rules live in the dispatcher.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomBytes } from 'node:crypto';
import { City, silence } from './city.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const web = join(here, '..', '..', 'consoles', 'web');
const { WebSocketServer } = createRequire(join(web, 'package.json'))('ws');

const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    + "media-src 'self' blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; "
    + "worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/** The sample city's shapes, with the districts of the city in memory. */
const map = readFileSync(join(web, '..', '..', 'ops', 'city', 'map.geojson'), 'utf8')
    .replaceAll('"district":320901', '"district":340104').replaceAll('"district":320902', '"district":340102');
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css',
    '.svg': 'image/svg+xml' };

/** Leaves zeros out, as the real mapping does. */
export function lean(value) {
    if (Array.isArray(value)) return value.map(lean);
    if (value === null || typeof value !== 'object') return value;
    const out = {};
    for (const [name, one] of Object.entries(value)) {
        if (one === 0 || one === '0' || one === '' || one === false || one === 'none' || one == null
            || (Array.isArray(one) && !one.length)) continue;
        out[name] = lean(one);
    }
    return out;
}

export function serve(city = new City()) {
    const sessions = new Map();
    const sockets = new Set();
    const state = { beats: true, up: true, skip: false, stale: false };
    city.hellos = [];
    city.close_sockets = (code) => { for (const one of sockets) one.ws.close(code); };

    const session_of = (request) => sessions.get(/yihao_sid=(\w+)/.exec(request.headers.cookie ?? '')?.[1]);
    /** What a locked screen may do, and what wants a fresh proof (proto/access.c). */
    const at_lock = ['offer_accept', 'offer_decline', 'contact_finish', 'contact_hold', 'contact_resume', 'contact_mute', 'contact_unmute', 'taker_away', 'status', 'city', 'contacts', 'takers'];
    const stopped = (session, body, what) => {
        const kind = Object.keys(body).find((name) => name !== 'key' && name !== 'personal');
        if (session.locked && !at_lock.includes(kind)) return 'locked';
        const listens = ['listener', 'coach', 'barge'].includes(body[kind]?.role);
        return what === 'command' && !session.proved && (kind === 'export_begin' || listens) ? 'proof_wanted' : '';
    };
    const lock = (session, locked) => {
        session.locked = locked;
        for (const one of sockets) if (one.session === session) one.ws.send(JSON.stringify({ locked }));
    };
    const say = (response, code, body, headers = {}) => {
        response.writeHead(code, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers });
        response.end(JSON.stringify(body));
    };
    const file = (response, path) => {
        try {
            const name = normalize(path === '/' ? '/index.html' : path);
            const bytes = readFileSync(join(web, name));
            response.writeHead(200, { 'Content-Type': types[extname(name)] ?? 'application/octet-stream',
                'Content-Security-Policy': CSP, 'Cache-Control': 'no-cache' });
            response.end(bytes);
        } catch {
            response.writeHead(404).end();
        }
    };
    const tests = (path, body, response) => {
        if (path === '/test/call') city.arrive({ channel: 'voice', ...body });
        else if (path === '/test/text') city.arrive({ channel: 'sms', ...body });
        else if (path === '/test/drop') for (const one of sockets) one.ws.terminate();
        else if (path === '/test/state') Object.assign(state, body);
        else if (path === '/test/late') city.make_late();
        say(response, 200, {});
    };

    const server = createServer(async (request, response) => {
        const { pathname, searchParams } = new URL(request.url, 'http://x');
        const parts = [];
        for await (const part of request) parts.push(part);
        const raw = Buffer.concat(parts);
        const body = raw.length && request.headers['content-type'] === 'application/json' || pathname.startsWith('/test/') && raw.length ? JSON.parse(raw) : {};
        const session = session_of(request);
        const user = session?.user;
        if (pathname.startsWith('/test/')) return tests(pathname, body, response);
        if (pathname === '/api/v1/health') return say(response, 200, { up: true, provider: Boolean(state.provider) });
        /* The city's provider, all of whose people are `state.provider`. */
        if (pathname === '/oidc/start') return response.writeHead(303, { Location: `/oidc/back?code=of%20${state.provider}&state=s&iss=x` }).end();
        if (pathname === '/oidc/back') return file(response, '/');
        if (body.grant && body.grant !== `of ${state.provider}`) return say(response, 401, { refusal: 'provider_refused' });
        if (body.grant && body.code !== '123456') return say(response, 401, { refusal: 'code_wanted' });
        if (body.grant) Object.assign(body, { login: state.provider, password: 'secret' });
        if (pathname === '/api/v1/sign-in') {
            const found = city.users.find((one) => one.login === body.login);
            if (!found || body.password !== 'secret') return say(response, 401, { refusal: 'bad_password' });
            const sid = randomBytes(16).toString('hex');
            sessions.set(sid, { user: found, locked: false, proved: !state.stale });
            return say(response, 200, { user: lean(found) },
                { 'Set-Cookie': `yihao_sid=${sid}; HttpOnly; SameSite=Strict; Path=/` });
        }
        if (!pathname.startsWith('/api/')) return file(response, pathname);
        if (!user) return say(response, 401, { refusal: 'not_signed_in' });
        if (pathname === '/api/v1/prove') {
            if (body.password !== 'secret') return say(response, 401, { refusal: 'bad_password' });
            session.proved = true;
            lock(session, false);
            return say(response, 200, {});
        }
        if (pathname === '/api/v1/lock') {
            lock(session, true);
            return say(response, 200, {});
        }
        if (pathname === '/api/v1/active') return say(response, session.locked ? 423 : 200, session.locked ? { refusal: 'locked' } : {});
        if (pathname === '/api/v1/me') return say(response, 200, { user: lean(user), locked: session.locked, server: 'console', ms: Date.now() });
        if (pathname === '/api/v1/sign-out') return say(response, 200, {});
        if (pathname === '/api/v1/command') return say(response, 200, city.command(user, body));
        if (pathname === '/api/v1/query') return say(response, 200, lean(city.query(user, body)));
        if (pathname === '/api/v1/figures') return say(response, 200, city.figures(body));
        if (pathname === '/api/v1/export') {
            if (!session.proved) return say(response, 403, { refusal: 'proof_wanted' });
            const paper = body.paper ?? (body.form === 'pdf' ? body : null);
            if (paper) {
                if (!paper.reason) return say(response, 409, { refusal: 'reason_missing' });
                if (paper.open) city.command(user, { key: randomBytes(8).toString('hex'), personal_read: { subject: paper.incident, reason: paper.reason } });
                city.command(user, { key: randomBytes(8).toString('hex'), export_begin: { kind: 'sheet', incident: paper.incident, rows: 1 } });
                return say(response, 200, { event_seq: String(city.seq), digest: '00', rows: 1, more: false, pdf: Buffer.from('%PDF-1.5').toString('base64') });
            }
            const answers = (body.cases?.map((incident) => ({ incident: { incident } })) ?? [body.query]).map((query) => city.query(user, query));
            const rows = answers.flatMap((answer) => answer.incident_detail ? [answer.incident_detail.row] : Object.values(answer).find((one) => one?.rows)?.rows ?? []);
            const csv = `\ufeff${body.language}\r\n${rows.map((row) => JSON.stringify(row)).join('\r\n')}`;
            city.command(user, { key: randomBytes(8).toString('hex'), export_begin: { kind: 'table', rows: rows.length } });
            return say(response, 200, { event_seq: String(city.seq), digest: '00', rows: rows.length, more: false, csv });
        }
        if (pathname === '/api/v1/map') {
            response.writeHead(200, { 'Content-Type': 'application/geo+json' });
            return response.end(map);
        }
        const trail = /^\/api\/v1\/trail\/(\d+)$/.exec(pathname);
        if (trail) return say(response, 200, { incident: trail[1], more: false,
            rows: city.trail(trail[1], Number(searchParams.get('after') ?? 0)) });
        const attach = /^\/api\/v1\/attach\/(\d+)$/.exec(pathname);
        if (attach) return say(response, 200, city.command(user, { key: randomBytes(8).toString('hex'), attachment_store: { task: attach[1], kind: 'png', size: raw.length } }));
        if (/^\/api\/v1\/attachments\/\d+$/.test(pathname)) {
            response.writeHead(200, { 'Content-Type': 'image/png' });
            return response.end(Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64'));
        }
        const recording = /^\/api\/v1\/recordings\/(\d+)$/.exec(pathname);
        if (recording) {
            city.command(user, { key: randomBytes(8).toString('hex'),
                personal_read: { subject: recording[1], reason: searchParams.get('reason') ?? 'audit' } });
            response.writeHead(200, { 'Content-Type': 'audio/wav' });
            return response.end(silence());
        }
        return say(response, 404, { refusal: 'malformed' });
    });

    const socket_server = new WebSocketServer({ server, path: '/ws', handleProtocols: () => 'yihao.v1+json' });
    socket_server.on('connection', (ws, request) => {
        const session = session_of(request);
        if (!session) return ws.close(4001);
        const { user } = session;
        const one = { ws, user, session, at: 0, ready: false };
        sockets.add(one);
        ws.on('close', () => sockets.delete(one));
        ws.on('message', (data) => {
            const frame = JSON.parse(data);
            if (frame.hello) {
                const { epoch, last } = frame.hello;
                city.hellos.push(frame.hello);
                const resume = epoch === city.epoch && last !== undefined && last <= city.seq;
                one.at = resume ? last : city.seq;
                one.ready = true;
                ws.send(JSON.stringify({ welcome: { epoch: city.epoch, seq: city.seq, resume, up: state.up, locked: session.locked,
                    ms: Date.now(), user: lean(user), server: 'console' } }));
                forward(one);
            } else if (frame.command) {
                const refusal = stopped(session, frame.command, 'command');
                const outcome = refusal ? { ok: false, refusal } : state.up ? city.command(user, frame.command) : { ok: false, refusal: 'busy' };
                ws.send(JSON.stringify({ ack: frame.cid, ...lean(outcome), ok: outcome.ok }));
            } else if (frame.query) {
                const refusal = stopped(session, frame.query, 'query');
                ws.send(JSON.stringify({ answer: frame.qid, ...(refusal ? { refusal } : lean(city.query(user, frame.query))) }));
            }
        });
        return undefined;
    });
    const forward = (one) => {
        if (!one.ready) return;
        for (const row of city.events.filter((event) => event.seq > one.at && city.may_see(one.user, event))) {
            if (state.skip) {
                state.skip = false; // as if this one was lost on the way
                one.at = row.seq;
                continue;
            }
            one.ws.send(JSON.stringify({ seq: row.seq, prev: one.at, at_ms: row.at_ms, event: lean(row.event) }));
            one.at = row.seq;
        }
    };
    city.on_change = () => { for (const one of sockets) forward(one); };
    const beat = setInterval(() => {
        city.tick();
        if (!state.beats) return;
        for (const one of sockets) if (one.ready) one.ws.send(JSON.stringify({ beat: {
            epoch: city.epoch, seq: city.seq, ms: Date.now(), up: state.up, age_ms: state.up ? 40 : 6000 } }));
    }, 1000);

    return {
        city,
        listen: (port = 0) => new Promise((resolve) => server.listen(port, '127.0.0.1',
            () => resolve(`http://127.0.0.1:${server.address().port}`))),
        close: () => {
            clearInterval(beat);
            for (const one of sockets) one.ws.terminate();
            server.close();
        },
    };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const url = await serve().listen(Number(process.argv[2] ?? 8110));
    console.log(`${url}  users 1001 1002 (takers), 2001 (fire), 3001 (supervisor), 4001 (auditor), password "secret"`);
}
