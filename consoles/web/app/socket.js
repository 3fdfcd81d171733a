// SPDX-License-Identifier: GPL-3.0-or-later
// The line to the console server: hello, resume without a gap, beats, commands and queries
// (docs/console-api.md §5). Comes back by itself; says honestly how old the page's knowledge is.
import { computed, signal } from './ui.js';
import { now, set_clock } from './clock.js';

const AMBER_MS = 5000;
const RED_MS = 15000;
const RETRY_MIN_MS = 250;
const RETRY_MAX_MS = 8000;
const ASK_LIMIT_MS = 10000;

/** @typedef {{ seq: number, prev: number, at_ms: number, event: any }} Arrival */

/** 'closed' | 'connecting' | 'open' | 'elsewhere' | 'ended' */
export const line_state = signal('closed');
/** False while the console server has lost the dispatcher. */
export const dispatcher_up = signal(true);
export const server_name = signal('');
/** The console server was shown a history that does not go on from the one it knew. */
export const server_doubts = signal(false);
const heard_ms = signal(0);
const behind_ms = signal(0);

/** How old the page's knowledge is, in milliseconds. */
export const age_ms = computed(() => {
    if (!heard_ms.value) return 0;
    now.value;
    const silent = performance.now() - heard_ms.value;
    return dispatcher_up.value ? silent : silent + behind_ms.value;
});
/** 'fresh' | 'amber' | 'red' */
export const freshness = computed(() => !heard_ms.value ? 'fresh'
    : age_ms.value >= RED_MS ? 'red'
    : age_ms.value >= AMBER_MS || !dispatcher_up.value || line_state.value !== 'open' ? 'amber'
    : 'fresh');

/** @type {WebSocket | null} */
let socket = null;
let epoch = '';
let last = 0;
let expected = 0;
let retry_ms = RETRY_MIN_MS;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let retry_timer;
let next_id = 1;
/** @type {Map<string, { done: (answer: any) => void, timer: ReturnType<typeof setTimeout> }>} */
const asked = new Map();

/** @type {{ event: Set<(arrival: Arrival) => void>, welcome: Set<(resumed: boolean) => void>, lost: Set<(code: number) => void>, locked: Set<(on: boolean, greeting: boolean) => void> }} */
const listeners = { event: new Set(), welcome: new Set(), lost: new Set(), locked: new Set() };

/** @param {(arrival: Arrival) => void} act */
export function on_event(act) {
    listeners.event.add(act);
    return () => listeners.event.delete(act);
}
/** Called at every (re)connection; `resumed` false means that everything must be asked anew.
 * @param {(resumed: boolean) => void} act */
export function on_welcome(act) {
    listeners.welcome.add(act);
    return () => listeners.welcome.delete(act);
}
/** The server ended the session for good. @param {(code: number) => void} act */
export function on_lost(act) {
    listeners.lost.add(act);
    return () => listeners.lost.delete(act);
}

/** The server locked the screen, or opened it again; greeting: how it stands at a (re)connection.
 * @param {(on: boolean, greeting: boolean) => void} act */
export function on_locked(act) {
    listeners.locked.add(act);
    return () => listeners.locked.delete(act);
}

/** @param {object} message @param {'cid' | 'qid'} tag */
function ask(message, tag) {
    return new Promise((resolve) => {
        if (!socket || socket.readyState !== WebSocket.OPEN || line_state.value !== 'open') {
            resolve(null);
            return;
        }
        const id = `${tag[0]}${next_id++}`;
        const timer = setTimeout(() => settle(id, null), ASK_LIMIT_MS);
        asked.set(id, { done: resolve, timer });
        socket.send(JSON.stringify({ [tag]: id, ...message }));
    });
}

/** @param {string} id @param {any} answer */
function settle(id, answer) {
    const entry = asked.get(id);
    if (!entry) return;
    asked.delete(id);
    clearTimeout(entry.timer);
    entry.done(answer);
}

/** @param {object} query @returns {Promise<any>} the Answer, or null when the line is down */
export function query(query) {
    return ask({ query }, 'qid');
}

/** @param {object} command @returns {Promise<any>} the outcome, or null: not known whether it arrived */
export function submit(command) {
    return ask({ command }, 'cid');
}

/** @param {any} welcome */
function welcomed(welcome) {
    const resumed = welcome.resume === true && welcome.epoch === epoch;
    epoch = welcome.epoch;
    if (!resumed) last = welcome.seq;
    expected = last;
    server_name.value = welcome.server ?? '';
    dispatcher_up.value = welcome.up === true;
    server_doubts.value = welcome.doubted === true;
    heard_ms.value = performance.now();
    behind_ms.value = 0;
    set_clock(welcome.ms);
    retry_ms = RETRY_MIN_MS;
    line_state.value = 'open';
    for (const act of listeners.locked) act(welcome.locked === true, true);
    for (const act of listeners.welcome) act(resumed);
}

/** @param {Arrival} arrival */
function arrived(arrival) {
    if (arrival.prev !== expected) {
        last = expected; // a beat may have gone past what is missing
        socket?.close(4000, 'gap');
        return;
    }
    expected = arrival.seq;
    last = Math.max(last, arrival.seq);
    for (const act of listeners.event) act(arrival);
}

/** @param {any} beat */
function beaten(beat) {
    heard_ms.value = performance.now();
    behind_ms.value = beat.age_ms ?? 0;
    dispatcher_up.value = beat.up === true;
    server_doubts.value = beat.doubted === true;
    set_clock(beat.ms);
    if (beat.epoch === epoch) last = Math.max(last, beat.seq);
}

/** @param {MessageEvent} message */
function received(message) {
    const frame = JSON.parse(message.data);
    if (frame.event) arrived(frame);
    else if (frame.beat) beaten(frame.beat);
    else if (frame.ack) settle(frame.ack, frame);
    else if (frame.answer) settle(frame.answer, frame);
    else if (frame.welcome) welcomed(frame.welcome);
    else if (typeof frame.locked === 'boolean') for (const act of listeners.locked) act(frame.locked, false);
    else if (frame.malformed) console.error('yihao: the server could not read a frame:', frame.malformed);
}

/** @param {CloseEvent} event */
function closed(event) {
    socket = null;
    for (const id of [...asked.keys()]) settle(id, null);
    if (line_state.value === 'ended') return;
    if (event.code === 4001 || event.code === 4003) {
        line_state.value = 'ended';
        for (const act of listeners.lost) act(event.code);
        return;
    }
    if (event.code === 4008) {
        line_state.value = 'elsewhere';
        for (const act of listeners.lost) act(event.code);
        return;
    }
    line_state.value = 'connecting';
    const wait = event.code === 4000 ? 0
        : event.code === 4009 ? Math.random() * 2000 : retry_ms * (0.5 + Math.random());
    retry_ms = Math.min(RETRY_MAX_MS, retry_ms * 2);
    clearTimeout(retry_timer);
    retry_timer = setTimeout(connect, wait);
}

export function connect() {
    clearTimeout(retry_timer);
    if (socket) return;
    line_state.value = 'connecting';
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const made = new WebSocket(`${scheme}://${location.host}/ws`, 'yihao.v1+json');
    socket = made;
    made.onopen = () => made.send(JSON.stringify({ hello: epoch ? { epoch, last } : {} }));
    made.onmessage = (message) => { if (socket === made) received(message); };
    made.onclose = (event) => { if (socket === made) closed(event); };
}

/** Events were missed on purpose: comes back, and everything is asked anew. */
export function anew() {
    epoch = '';
    socket?.close(4000, 'anew');
}

/** Leaves for good: at sign-out. */
export function disconnect() {
    line_state.value = 'ended';
    clearTimeout(retry_timer);
    socket?.close(1000);
    socket = null;
    epoch = '';
    last = 0;
    heard_ms.value = 0;
}

function hurry() {
    if (line_state.value === 'connecting' && !socket) {
        retry_ms = RETRY_MIN_MS;
        connect();
    }
}
addEventListener('online', hurry);
document.addEventListener('visibilitychange', () => { if (!document.hidden) hurry(); });
